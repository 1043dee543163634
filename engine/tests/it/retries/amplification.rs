//! Success and amplification under independent failures, budgets, and retries in several layers.

use brownout::Simulation;
use brownout::model::{Capacity, Layer, MilliTokens, RetryBudgetSpec, RetrySpec, Step};

use crate::systems::{Builder, at, at_once, call, constant};
use crate::theory::{Family, replicate};

/// The rate of requests, a second.
const RATE: f64 = 1_000.0;

/// How many independent runs each check has, and how long each is in seconds.
const RUNS: u64 = 32;
const SECONDS: f64 = 20.0;

/// A service of which a share of requests fails, asked with these retries.
fn failing(ratio: f64, retry: RetrySpec, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("flaky", Capacity::Unlimited);
    let endpoint = builder.endpoint(service, "ask", &[Step::Work(constant(0.0))]);
    builder.failing(service, ratio);
    let ask = builder.dependency(None, service, vec![Layer::Retry(retry)]);
    builder.poisson(RATE, call(ask, endpoint));
    let mut simulation = builder.simulate(seed);
    simulation.run_until(at(SECONDS));
    simulation
}

/// Success 1 - f^(N+1) and amplification (1 - f^(N+1)) / (1 - f), where a share `actual` of requests fails.
fn independent_failures(error: f64) -> Family {
    let mut family = Family::new("independent failures");
    for (f, retries) in [(0.1, 1), (0.5, 1), (0.5, 3), (0.9, 2), (0.9, 9)] {
        let runs = replicate(RUNS, |seed| {
            let simulation = failing(f * error, at_once(retries + 1), seed);
            let flow = &simulation.recording().totals.populations[0];
            (flow.succeeded as f64 / flow.offered as f64, flow.amplification())
        });
        let (successes, amplifications) = runs.into_iter().unzip();
        let lost = libm::pow(f, f64::from(retries + 1));
        family.check(format!("success at f {f}, {retries} retries"), 1.0 - lost, 0.02, successes);
        let expected = (1.0 - lost) / (1.0 - f);
        family.check(format!("amplification at f {f}, {retries} retries"), expected, 0.02, amplifications);
    }
    family
}

#[test]
fn success_and_amplification_under_independent_failures() {
    independent_failures(1.0).verify();
}

#[test]
fn a_failure_rate_off_by_a_tenth_is_noticed() {
    independent_failures(1.1).must_fail();
}

/// A bucket to which each first try adds a tenth of a token lets through a tenth as many retries, however many are wanted.
#[test]
fn a_ratio_budget_saturates_amplification() {
    for (f, attempts) in [(1.0, 4), (0.5, 4), (0.9, 10)] {
        let budget = RetryBudgetSpec::Ratio {
            per_first_try: MilliTokens::new(100),
            capacity: MilliTokens::whole(10),
            initial: MilliTokens::new(0),
        };
        let simulation = failing(f, RetrySpec { budget: Some(budget), ..at_once(attempts) }, 1);
        let flow = &simulation.recording().totals.populations[0];
        let granted = flow.offered / 10;
        assert!(flow.retries <= granted, "{} retries of {} requests at f {f}", flow.retries, flow.offered);
        assert!(flow.retries + 10 >= granted, "{} retries of {} requests at f {f}", flow.retries, flow.offered);
        assert!((flow.amplification() - 1.1).abs() < 1e-3, "{} at f {f}", flow.amplification());
    }
}

/// Three services in a row, of which the last one fails; each calls the next with up to three attempts.
fn layered(f: f64, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let layers = || vec![Layer::Retry(at_once(3))];
    let [top, middle, bottom] = ["top", "middle", "bottom"].map(|name| builder.service(name, Capacity::Unlimited));
    builder.failing(bottom, f);
    let work = builder.endpoint(bottom, "work", &[Step::Work(constant(0.0))]);
    let to_bottom = builder.dependency(Some(middle), bottom, layers());
    let pass = builder.endpoint(middle, "pass", &[Step::Call(call(to_bottom, work))]);
    let to_middle = builder.dependency(Some(top), middle, layers());
    let enter = builder.endpoint(top, "enter", &[Step::Call(call(to_middle, pass))]);
    let to_top = builder.dependency(None, top, layers());
    builder.poisson(RATE, call(to_top, enter));
    let mut simulation = builder.simulate(seed);
    simulation.run_until(at(SECONDS));
    simulation
}

/// With total failure three layers of three attempts make 27 of one; with partial failure f each layer multiplies by its
/// own amplification A(f) A(f^3) A(f^9), A(f) = 1 + f + f^2.
#[test]
fn layered_retries_multiply() {
    let down = layered(1.0, 1);
    let totals = &down.recording().totals;
    let [top, middle, bottom] = [0, 1, 2].map(|service| totals.services[service].offered);
    let users = totals.populations[0].offered;
    assert_eq!([top, middle, bottom], [3 * users, 9 * users, 27 * users]);

    let f = 0.8;
    let amplification = |f: f64| 1.0 + f + f * f;
    let third = f * f * f;
    let expected = amplification(f) * amplification(third) * amplification(third * third * third);
    let mut family = Family::new("layered retries");
    let measured = replicate(RUNS, |seed| {
        let simulation = layered(f, seed);
        let totals = &simulation.recording().totals;
        totals.services[2].offered as f64 / totals.populations[0].offered as f64
    });
    family.check("attempts at the bottom for each user request".to_owned(), expected, 0.02, measured);
    family.verify();
}
