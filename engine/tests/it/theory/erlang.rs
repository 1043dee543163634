//! M/M/1 and M/M/c: the mean wait in the queue (Erlang C).

use brownout::model::{Capacity, Step};

use super::closed_forms::{birth_death, birth_death_variance, mmc_wait};
use super::{Family, REPLICATIONS, replicate, seconds_each};
use crate::systems::{Builder, Window, call, exponential};

/// One M/M/c queue and how precisely its mean wait is to be known.
#[derive(Clone, Copy)]
struct Queue {
    servers: u32,
    rho: f64,
    precision: f64,
}

impl Queue {
    /// The service rate of one server, a second: a thousand for all of them, so that all cells have like rates.
    fn service(self) -> f64 {
        1e3 / f64::from(self.servers)
    }

    fn arrival(self) -> f64 {
        self.rho * 1e3
    }

    /// The asymptotic variance of the time-averaged queue length over its squared mean, in seconds.
    fn relative_variance(self) -> f64 {
        let (c, states) =
            (self.servers as usize, self.servers as usize + libm::ceil(-40.0 / libm::log(self.rho)) as usize);
        let births = vec![self.arrival(); states];
        let deaths: Vec<f64> = (1..=states).map(|n| n.min(c) as f64 * self.service()).collect();
        let p = birth_death(&births, &deaths);
        let waiting = |n: usize| n.saturating_sub(c) as f64;
        let mean: f64 = p.iter().enumerate().map(|(n, p)| waiting(n) * p).sum();
        birth_death_variance(&births, &p, waiting) / mean / mean
    }

    /// The simulated mean waits in seconds, one for each replication, with services that take `slower` times as long.
    fn simulate(self, slower: f64) -> Vec<f64> {
        let measured = seconds_each(self.relative_variance(), self.precision);
        // Ten relaxation times of the busy queue, 1 / (c mu (1 - sqrt(rho))^2), and ten services.
        let root = 1.0 - self.rho.sqrt();
        let warm_up = 10.0 / 1e3 / (root * root) + 10.0 / self.service();
        replicate(REPLICATIONS, |seed| {
            let mut builder = Builder::default();
            let service = builder.service("queue", Capacity::Workers(self.servers));
            let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(1e3 / self.service() * slower))]);
            let ask = builder.dependency(None, service, Vec::new());
            builder.poisson(self.arrival(), call(ask, serve));
            let window = Window::over(&mut builder.simulate(seed), warm_up, measured);
            window.waiting(service) / window.arrived(service)
        })
    }
}

fn family(name: &'static str, queues: impl Iterator<Item = Queue>, slower: f64) -> Family {
    let mut family = Family::new(name);
    for queue in queues {
        let expected = mmc_wait(queue.servers, queue.arrival(), queue.service());
        let label = format!("M/M/{} at rho {}", queue.servers, queue.rho);
        family.check(label, expected, queue.precision, queue.simulate(slower));
    }
    family
}

/// From light to heavy load; the largest c at a load where waits are common enough to be measured.
fn grid() -> Vec<Queue> {
    let queue = |servers, precision| move |rho| Queue { servers, rho, precision };
    let mut grid: Vec<Queue> = [0.5, 0.6, 0.7, 0.8, 0.9].map(queue(1, 0.02)).into();
    grid.extend([4, 10].into_iter().flat_map(|servers| [0.5, 0.7, 0.9].map(queue(servers, 0.02))));
    grid.extend([50, 100].map(|servers| queue(servers, 0.05)(0.92)));
    grid
}

#[test]
fn mean_waits_are_erlangs() {
    family("Erlang C", grid().into_iter(), 1.0).verify();
}

/// What the ordinary grid leaves out. Waits are rare at c = 100 and rho = 0.8, so this takes ten times as long.
#[test]
#[ignore = "takes some ten minutes of processor time"]
fn mean_waits_are_erlangs_on_the_full_grid() {
    let queue = |servers| move |rho| Queue { servers, rho, precision: 0.02 };
    let small = [4, 10].into_iter().flat_map(|servers| [0.6, 0.8].map(queue(servers)));
    let large = [50, 100].into_iter().flat_map(|servers| [0.8, 0.9].map(queue(servers)));
    family("Erlang C, the rest", small.chain(large), 1.0).verify();
}

#[test]
fn a_service_rate_wrong_by_a_tenth_is_noticed() {
    let queues = [1, 4].into_iter().flat_map(|servers| [0.5, 0.8].map(|rho| Queue { servers, rho, precision: 0.06 }));
    family("Erlang C", queues, 1.0 / 1.1).must_fail();
}
