//! One server, any service distribution: Pollaczek and Khinchine for FIFO, insensitivity for processor sharing.

use brownout::model::{Capacity, Step};
use brownout::rng::Distribution;

use super::closed_forms::{mg1_ps_sojourn, mg1_wait};
use super::{Family, REPLICATIONS, replicate, seconds_each};
use crate::systems::{Builder, Window, call};

/// The mean service, seconds.
const SERVICE: f64 = 1e-3;

/// A service distribution with its squared coefficient of variation, its mean divided by `faster`.
fn service(cv2: f64, faster: f64) -> Distribution {
    let mean = SERVICE * 1e9 / faster;
    let made = if cv2 == 0.0 {
        Distribution::constant(mean)
    } else if cv2 == 0.25 {
        Distribution::erlang(4, mean)
    } else if cv2 == 1.0 {
        Distribution::exponential(mean)
    } else {
        Distribution::hyperexponential_by_cv(mean, cv2.sqrt())
    };
    made.expect("a valid distribution")
}

/// The windows of all replications of one server with Poisson arrivals, and the service they are about: the integrals of
/// waiting and of all present jobs, each over the number of arrivals.
fn simulate(capacity: Capacity, rho: f64, cv2: f64, faster: f64, seconds: f64) -> Vec<(f64, f64)> {
    // At 40 relaxation times of M/M/1 the longest tails of these distributions have settled too.
    let root = 1.0 - rho.sqrt();
    let warm_up = 40.0 * SERVICE / (root * root);
    replicate(REPLICATIONS, |seed| {
        let mut builder = Builder::default();
        let id = builder.service("queue", capacity);
        let serve = builder.endpoint(id, "serve", &[Step::Work(service(cv2, faster))]);
        let ask = builder.dependency(None, id, Vec::new());
        builder.poisson(rho / SERVICE, call(ask, serve));
        let window = Window::over(&mut builder.simulate(seed), warm_up, seconds);
        let (arrived, waiting) = (window.arrived(id), window.waiting(id));
        (waiting / arrived, (waiting + window.running(id)) / arrived)
    })
}

/// The relative variance of M/M/1's mean wait, a second: (2 + 5 rho - 4 rho^2 + rho^3) / (rho (1 - rho)^2) a customer
/// (Daley, 1968), which in heavy traffic grows with (1 + cv^2) / 2 (Whitt, 1989); half as much again for the third moments.
fn relative_variance(rho: f64, cv2: f64) -> f64 {
    let daley = (2.0 + 5.0 * rho - 4.0 * rho * rho + rho * rho * rho) / (rho * (1.0 - rho) * (1.0 - rho));
    1.5 * daley * (1.0 + cv2) / 2.0 * SERVICE / rho
}

fn fifo(precision: f64, faster: f64) -> Family {
    let mut family = Family::new("Pollaczek-Khinchine");
    for (rho, cv2) in [(0.5, 0.0), (0.7, 0.0), (0.7, 0.25), (0.7, 1.0), (0.5, 4.0), (0.7, 4.0)] {
        let seconds = seconds_each(relative_variance(rho, cv2), precision);
        let samples = simulate(Capacity::Workers(1), rho, cv2, faster, seconds);
        let waits = samples.into_iter().map(|(wait, _)| wait).collect();
        family.check(
            format!("M/G/1 at rho {rho}, cv^2 {cv2}"),
            mg1_wait(rho / SERVICE, SERVICE, cv2),
            precision,
            waits,
        );
    }
    family
}

fn sharing(precision: f64, faster: f64) -> Family {
    let mut family = Family::new("processor sharing");
    for (rho, cv2) in [(0.5, 0.0), (0.5, 1.0), (0.5, 4.0), (0.7, 0.0), (0.7, 1.0), (0.7, 4.0)] {
        let seconds = seconds_each(relative_variance(rho, cv2), precision);
        let samples = simulate(Capacity::ProcessorSharing { cores: 1 }, rho, cv2, faster, seconds);
        let sojourns = samples.into_iter().map(|(_, sojourn)| sojourn).collect();
        family.check(
            format!("PS at rho {rho}, cv^2 {cv2}"),
            mg1_ps_sojourn(rho / SERVICE, SERVICE),
            precision,
            sojourns,
        );
    }
    family
}

#[test]
fn mean_waits_are_pollaczek_and_khinchines() {
    fifo(0.02, 1.0).verify();
}

#[test]
fn waits_notice_a_service_rate_wrong_by_a_tenth() {
    fifo(0.06, 1.1).must_fail();
}

#[test]
fn sojourns_under_processor_sharing_depend_on_the_mean_service_alone() {
    sharing(0.02, 1.0).verify();
}

#[test]
fn sojourns_notice_a_service_rate_wrong_by_a_tenth() {
    sharing(0.06, 1.1).must_fail();
}
