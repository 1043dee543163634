//! Metastable collapse: an unbounded FIFO queue, immediate retries after a timeout, work that is not cancelled.
//!
//! While the backlog is longer than the timeout allows, every attempt times out, and each request makes all its 1 + R
//! attempts. The backlog then grows by lambda (1 + R) - mu a second: it persists if and only if that is positive
//! (Bronson, Aghayev, Charapko, Zhu: Metastable Failures in Distributed Systems, HotOS 2021, for the mechanism).

use brownout::Simulation;
use brownout::fault::{FaultKind, FaultSpec, Trigger, VariantSpec};
use brownout::ids::Id;
use brownout::model::{Capacity, Layer, Step};

use crate::systems::{Builder, assert_littles_law, at, at_once, call, exponential, ms};
use crate::theory::{Family, replicate};

/// The service rate, a second.
const MU: f64 = 1_000.0;
/// Retries after the first attempt.
const RETRIES: u32 = 3;
const TIMEOUT_MS: f64 = 1_000.0;
/// The server stands still from the start until then, seconds: a backlog of three times what the timeout allows.
const OUTAGE: f64 = 4.0;
const RUNS: u64 = 32;

/// A server that gets `load` times its rate when every request makes all its attempts.
fn system(load: f64, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(1e3 / MU))]);
    let layers = vec![Layer::Retry(at_once(RETRIES + 1)), Layer::Timeout(ms(TIMEOUT_MS))];
    let ask = builder.dependency(None, service, layers);
    builder.poisson(load * MU / f64::from(1 + RETRIES), call(ask, serve));
    let outage = FaultSpec {
        name: "outage".to_owned(),
        kind: FaultKind::LostCapacity { service, ratio: 1.0 },
        start: Trigger::At(at(0.0)),
        changes: Vec::new(),
        heal: Some(Trigger::At(at(OUTAGE))),
    };
    let name = "outage".to_owned();
    builder.variant = Some(VariantSpec { name, weight: 1.0, faults: vec![outage], deploys: Vec::new() });
    builder.simulate(seed)
}

fn queue(simulation: &mut Simulation) -> f64 {
    f64::from(simulation.inspect(|model| model.queue_length(Id::from_usize(0))))
}

/// How many succeeded in the last so many seconds, a second.
fn goodput(simulation: &Simulation, seconds: usize) -> f64 {
    let last = simulation.recording().seconds.iter().rev().take(seconds);
    last.map(|second| f64::from(second.populations[0].flow.succeeded)).sum::<f64>() / seconds as f64
}

/// The queue's growth a second between 20 s, when the number of attempts under way has settled, and 120 s.
fn growth(load: f64, seed: u64) -> f64 {
    let mut simulation = system(load, seed);
    simulation.run_until(at(20.0));
    let before = queue(&mut simulation);
    simulation.run_until(at(120.0));
    assert!(
        goodput(&simulation, 100) < 0.5,
        "seed {seed}: collapsed, yet {} a second in time",
        goodput(&simulation, 100)
    );
    assert_littles_law(&mut simulation);
    (queue(&mut simulation) - before) / 100.0
}

/// 5 % above the limit nothing ever succeeds again, and the queue grows by lambda (1 + R) - mu: by 50 a second, known to 7.
/// (The deviation of a run is 7.2 a second, from 4 lambda (1 + R) + mu a second of variance over 100 s.)
#[test]
fn above_the_limit_collapse_persists_and_the_queue_grows() {
    let mut family = Family::new("growth");
    family.check("5 % above".to_owned(), 0.05 * MU, 0.14, replicate(RUNS, |seed| growth(1.05, seed)));
    family.verify();
    let mut wrong = Family::new("growth");
    wrong.check("7 % above".to_owned(), 0.05 * MU, 0.14, replicate(RUNS, |seed| growth(1.07, seed)));
    wrong.must_fail();
}

/// 5 % below it the same backlog drains, and then everything succeeds at the first attempt.
#[test]
fn below_the_limit_the_backlog_drains() {
    for recovered in replicate(RUNS, |seed| {
        let mut simulation = system(0.95, seed);
        simulation.run_until(at(OUTAGE));
        assert!(queue(&mut simulation) > 2.0 * MU * TIMEOUT_MS / 1e3, "the backlog is longer than the timeout allows");
        simulation.run_until(at(300.0));
        assert_littles_law(&mut simulation);
        (goodput(&simulation, 60), queue(&mut simulation))
    }) {
        let offered = 0.95 * MU / f64::from(1 + RETRIES);
        let (goodput, queue) = recovered;
        assert!((goodput - offered).abs() < 6.0 * (offered / 60.0).sqrt(), "{goodput} of {offered} a second");
        assert!(queue < 20.0, "{queue} wait at a load of a quarter");
    }
}
