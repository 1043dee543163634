//! M/M/1 and M/M/c: the mean wait in the queue (Erlang C), as one family of checks in a part for each number of servers.
//!
//! How many arrivals a run happens to have explains up to a quarter of how its mean wait varies. Their expected number is
//! known, so that part is taken out, with a coefficient from theory and not from the runs: the mean stays what it was, for any
//! service rate. That arrivals come at the rate they should is checked besides, and far more precisely.

use brownout::model::{Capacity, Step};

use super::closed_forms::{birth_death, birth_death_variance, mmc_wait};
use super::{Family, REPLICATIONS, replicate, seconds_altogether};
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

    /// By how many per cent the mean queue grows with each per cent of arrivals more.
    fn elasticity(self) -> f64 {
        let mean_queue = |rate: f64| rate * mmc_wait(self.servers, rate, self.service());
        let (less, more) = (0.9999 * self.arrival(), 1.0001 * self.arrival());
        libm::log(mean_queue(more) / mean_queue(less)) / libm::log(more / less)
    }

    /// The asymptotic variance of the mean wait over its squared mean, in seconds, less what the number of arrivals explains:
    /// the covariance of a time average with the number of Poisson arrivals is the derivative of its mean by their rate.
    fn relative_variance(self) -> f64 {
        self.relative_variance_of_queue() - self.elasticity() * self.elasticity() / self.arrival()
    }

    /// The asymptotic variance of the time-averaged queue length over its squared mean, in seconds.
    fn relative_variance_of_queue(self) -> f64 {
        let (c, states) =
            (self.servers as usize, self.servers as usize + libm::ceil(-40.0 / libm::log(self.rho)) as usize);
        let births = vec![self.arrival(); states];
        let deaths: Vec<f64> = (1..=states).map(|n| n.min(c) as f64 * self.service()).collect();
        let p = birth_death(&births, &deaths);
        let waiting = |n: usize| n.saturating_sub(c) as f64;
        let mean: f64 = p.iter().enumerate().map(|(n, p)| waiting(n) * p).sum();
        birth_death_variance(&births, &p, waiting) / mean / mean
    }

    /// Ten relaxation times of the busy queue, 1 / (c mu (1 - sqrt(rho))^2), and ten services, in seconds.
    fn warm_up(self) -> f64 {
        let root = 1.0 - self.rho.sqrt();
        10.0 / 1e3 / (root * root) + 10.0 / self.service()
    }

    /// How many replications, and how many seconds each of them measures: at least twenty times the warm-up where that leaves
    /// enough of them. The more there are, the better is their deviation known, and the less must be measured to be sure of it.
    fn lengths(self) -> (u64, f64) {
        let seconds = |count| seconds_altogether(self.relative_variance(), self.precision, FAMILY, count);
        let count = (seconds(REPLICATIONS) / 20.0 / libm::ceil(self.warm_up())) as u64;
        let count = count.clamp(REPLICATIONS, 8 * REPLICATIONS);
        (count, seconds(count) / count as f64)
    }

    /// What each replication measured, with services that take `slower` times as long.
    fn simulate(self, slower: f64) -> Vec<Measured> {
        let (count, measured) = self.lengths();
        let expected_wait = mmc_wait(self.servers, self.arrival(), self.service());
        replicate(count, |seed| {
            let mut builder = Builder::default();
            let service = builder.service("queue", Capacity::Workers(self.servers));
            let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(1e3 / self.service() * slower))]);
            let ask = builder.dependency(None, service, Vec::new());
            builder.poisson(self.arrival(), call(ask, serve));
            let window = Window::over(&mut builder.simulate(seed), self.warm_up(), measured);
            let expected_arrivals = self.arrival() * window.seconds();
            let arrivals = window.arrived(service) / expected_arrivals;
            let explained = expected_wait * self.elasticity() * (arrivals - 1.0);
            Measured { wait: window.waiting(service) / expected_arrivals - explained, arrivals }
        })
    }
}

/// What one replication measured.
struct Measured {
    /// The mean wait in seconds, for as many arrivals as there should have been.
    wait: f64,
    /// The arrivals, 1 being as many as there should have been.
    arrivals: f64,
}

/// How many queues are checked, in all parts.
const FAMILY: usize = 21;

/// The loads of the queues with so many servers: from light to heavy, and where there are many servers, those at which
/// waits are common enough to be measured.
const fn loads(servers: u32) -> &'static [f64] {
    if servers <= 10 { &[0.5, 0.6, 0.7, 0.8, 0.9] } else { &[0.8, 0.9, 0.92] }
}

/// The waits in the queues with so many servers, and the arrivals there.
fn part(servers: u32, slower: f64, precision: impl Fn(f64) -> f64) -> [Family; 2] {
    let mut waits = Family::part("Erlang C", FAMILY);
    let mut arrivals = Family::part("Poisson arrivals", FAMILY);
    for rho in loads(servers) {
        let queue = Queue { servers, rho: *rho, precision: precision(*rho) };
        let expected = mmc_wait(servers, queue.arrival(), queue.service());
        let label = format!("M/M/{servers} at rho {rho}");
        let (wait, arrived) = queue.simulate(slower).into_iter().map(|one| (one.wait, one.arrivals)).unzip();
        waits.check(label.clone(), expected, queue.precision, wait);
        arrivals.check(label, 1.0, queue.precision / 5.0, arrived);
    }
    [waits, arrivals]
}

#[track_caller]
fn verify(servers: u32) {
    part(servers, 1.0, |rho| if rho > 0.9 { 0.05 } else { 0.02 }).iter().for_each(Family::verify);
}

/// A tenth more service shortens waits by a fifth and more, so that a wider interval is enough to notice.
#[track_caller]
fn must_notice(servers: u32) {
    let [waits, arrivals] = part(servers, 1.0 / 1.1, |_| if servers <= 10 { 0.08 } else { 0.2 });
    waits.must_fail();
    arrivals.verify();
}

#[test]
fn mean_waits_for_1_server_are_erlangs() {
    verify(1);
}

#[test]
fn mean_waits_for_4_servers_are_erlangs() {
    verify(4);
}

#[test]
fn mean_waits_for_10_servers_are_erlangs() {
    verify(10);
}

#[test]
fn mean_waits_for_50_servers_are_erlangs() {
    verify(50);
}

#[test]
fn mean_waits_for_100_servers_are_erlangs() {
    verify(100);
}

#[test]
fn a_service_rate_wrong_by_a_tenth_is_noticed_on_the_whole_grid() {
    const SERVERS: [u32; 5] = [1, 4, 10, 50, 100];
    assert_eq!(SERVERS.into_iter().map(|servers| loads(servers).len()).sum::<usize>(), FAMILY);
    SERVERS.into_iter().for_each(must_notice);
}
