//! Queues with little or no room: blocking in M/M/c/c (Erlang B) and in M/M/1/K, and the wait of those let in.

use brownout::model::{Capacity, Discipline, ErrorKind, QueueSpec, Step};

use super::closed_forms::{birth_death, birth_death_variance, erlang_b, mm1k};
use super::{Family, REPLICATIONS, replicate, seconds_each};
use crate::systems::{Builder, Window, call, exponential};

/// c servers, room for some to wait, and an offered load in erlangs.
#[derive(Clone, Copy)]
struct Finite {
    servers: u32,
    room: u32,
    offered: f64,
    precision: f64,
}

/// What one replication measured.
struct Measured {
    blocked: f64,
    /// The mean wait of those let in, seconds.
    wait: f64,
}

impl Finite {
    /// The service rate of one server, a second: a thousand for all of them.
    fn service(self) -> f64 {
        1e3 / f64::from(self.servers)
    }

    fn arrival(self) -> f64 {
        self.offered * self.service()
    }

    fn simulate(self, slower: f64) -> Vec<Measured> {
        let measured = seconds_each(self.relative_variance(), self.precision);
        replicate(REPLICATIONS, |seed| {
            let mut builder = Builder::default();
            let service = builder.service("queue", Capacity::Workers(self.servers));
            builder.system.services[service].queue =
                QueueSpec { capacity: Some(self.room), discipline: Discipline::Fifo };
            let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(1e3 / self.service() * slower))]);
            let ask = builder.dependency(None, service, Vec::new());
            builder.poisson(self.arrival(), call(ask, serve));
            let window = Window::over(&mut builder.simulate(seed), 1.0, measured);
            let (arrived, refused) = (window.arrived(service), window.errors(service, ErrorKind::QueueFull));
            Measured { blocked: refused / arrived, wait: window.waiting(service) / (arrived - refused) }
        })
    }

    /// Of the share of time at the brim, and of the number of arrivals that find it so.
    fn relative_variance(self) -> f64 {
        let (places, arrival) = (self.servers + self.room, self.arrival());
        let births = vec![arrival; places as usize];
        let deaths: Vec<f64> = (1..=places).map(|n| f64::from(n.min(self.servers)) * self.service()).collect();
        let p = birth_death(&births, &deaths);
        let full = p[places as usize];
        let of_time = birth_death_variance(&births, &p, |n| f64::from(u8::from(n == places as usize)));
        of_time / full / full + 1.0 / (arrival * full)
    }
}

fn loss_systems(precision: f64) -> [Finite; 4] {
    [(1, 0.5), (4, 2.0), (10, 10.0), (100, 100.0)].map(|(servers, offered)| Finite {
        servers,
        room: 0,
        offered,
        precision,
    })
}

fn erlang_b_family(precision: f64, slower: f64) -> Family {
    let mut family = Family::new("Erlang B");
    for system in loss_systems(precision) {
        let expected = erlang_b(system.servers, system.offered);
        let label = format!("M/M/{0}/{0} at {1} erlangs", system.servers, system.offered);
        let blocked = system.simulate(slower).into_iter().map(|one| one.blocked).collect();
        family.check(label, expected, precision, blocked);
    }
    family
}

fn mm1k_family(precision: f64, slower: f64) -> Family {
    let mut family = Family::new("M/M/1/K");
    for (places, offered) in [(3, 0.7), (8, 1.0), (5, 1.5)] {
        let system = Finite { servers: 1, room: places - 1, offered, precision };
        let measured = system.simulate(slower);
        let p = mm1k(places, offered);
        let waiting: f64 = (1_u32..).zip(&p[2..]).map(|(n, p)| f64::from(n) * p).sum();
        let wait = waiting / (system.arrival() * (1.0 - p[places as usize]));
        let label = format!("M/M/1/{places} at rho {offered}");
        let (blocked, waits) = measured.into_iter().map(|one| (one.blocked, one.wait)).unzip();
        family.check(format!("{label}, blocking"), p[places as usize], precision, blocked);
        family.check(format!("{label}, wait"), wait, precision, waits);
    }
    family
}

#[test]
fn blocking_is_erlangs() {
    erlang_b_family(0.02, 1.0).verify();
}

#[test]
fn blocking_notices_a_service_rate_wrong_by_a_tenth() {
    erlang_b_family(0.04, 1.0 / 1.1).must_fail();
}

#[test]
fn finite_queues_block_and_delay_as_computed() {
    mm1k_family(0.02, 1.0).verify();
}

#[test]
fn finite_queues_notice_a_service_rate_wrong_by_a_tenth() {
    mm1k_family(0.04, 1.0 / 1.1).must_fail();
}
