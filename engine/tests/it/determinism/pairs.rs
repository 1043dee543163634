//! Common random numbers: what they make of a comparison of two ways to act.

use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::{DeploySpec, VariantSpec};
use brownout::ids::Id;
use brownout::model::{Capacity, Change, Effect, ErrorKind, Layer, Step, Verb, VersionSpec};
use brownout::scenario::Scenario;

use crate::systems::{Builder, at, at_once, call, exponential, ms};
use crate::theory::replicate;

/// A deploy at 20 s makes half of all requests fail; the roll back takes some time to be prepared.
fn deploy() -> Arc<Scenario> {
    let mut builder = Builder::default();
    let api = builder.service("api", Capacity::Workers(8));
    let change = Change::Errors { ratio: 0.5, kind: ErrorKind::Internal };
    let effects = vec![Effect { name: "bug".to_owned(), endpoint: None, change }];
    builder.system.services[api].versions.push(VersionSpec { name: "v2".to_owned(), effects });
    builder.system.services[api].instances = 2;
    builder.system.services[api].rollout.preparation = exponential(20_000.0);
    let get = builder.endpoint(api, "get", &[Step::Work(exponential(80.0))]);
    let ask = builder.dependency(None, api, vec![Layer::Retry(at_once(2)), Layer::Timeout(ms(500.0))]);
    builder.poisson(50.0, call(ask, get));
    let deploys = vec![DeploySpec { at: at(20.0), service: api, version: 1 }];
    builder.variant = Some(VariantSpec { name: "only".to_owned(), weight: 1.0, faults: Vec::new(), deploys });
    Arc::new(builder.scenario())
}

/// Failed requests by 300 s when the roll back is ordered so many seconds after everything runs the new version.
fn failed(scenario: &Arc<Scenario>, seed: u64, later: f64) -> f64 {
    let mut run = Simulation::with_variant(Arc::clone(scenario), seed, 0);
    run.run_until(at(130.0 + later));
    run.order(Verb::RollBack { service: Id::from_usize(0) }).expect("there is a version to roll back to");
    run.run_until(at(300.0));
    run.recording().totals.populations[0].failed() as f64
}

fn variance(samples: &[f64]) -> f64 {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)
}

/// The difference in failed requests between acting and acting 30 s later varies at least five times less between pairs of
/// runs with the same seed than between runs with seeds of their own.
#[test]
fn pairs_with_common_luck_vary_less() {
    let scenario = deploy();
    let runs = 120;
    let paired = replicate(runs, |seed| failed(&scenario, seed, 30.0) - failed(&scenario, seed, 0.0));
    let apart = replicate(runs, |seed| failed(&scenario, seed, 30.0) - failed(&scenario, seed + runs, 0.0));
    let ratio = variance(&apart) / variance(&paired);
    assert!(ratio >= 5.0, "the variance shrinks by {ratio} only");
    let mean = paired.iter().sum::<f64>() / runs as f64;
    // 50 requests a second, of which a quarter fails twice, for 30 s more.
    assert!((mean - 375.0).abs() < 4.0 * (variance(&paired) / runs as f64).sqrt() + 10.0, "{mean} more fail");
}
