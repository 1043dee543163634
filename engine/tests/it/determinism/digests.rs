//! Digests: twice, alone and in a batch, across forks and snapshots, and golden ones for every build.

use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    BreakerScope, BreakerSpec, Capacity, Change, Effect, ErrorKind, Layer, LinkSpec, OnLoss, PoolSpec, Step, Verb,
    VersionSpec,
};
use brownout::rng::Distribution;
use brownout::scenario::Scenario;
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, exponential, ms};
use crate::theory::replicate;

/// Two services with every kind of layer, a lossy network, a pool of the real kind, and a version that fails.
pub(super) fn busy() -> Scenario {
    let mut builder = Builder::default();
    let api = builder.service("api", Capacity::Workers(16));
    let db = builder.service("db", Capacity::ProcessorSharing { cores: 4 });
    builder.system.services[api].instances = 2;
    builder.system.services[db].connect_time = exponential(5.0);
    let change = Change::Errors { ratio: 0.4, kind: ErrorKind::Internal };
    let effects = vec![Effect { name: "bug".to_owned(), endpoint: None, change }];
    builder.system.services[api].versions.push(VersionSpec { name: "v2".to_owned(), effects });
    let rollout = &mut builder.system.services[api].rollout;
    (rollout.preparation, rollout.pause) = (exponential(4_000.0), ms(500.0));
    let query = builder.endpoint(db, "query", &[Step::Work(Distribution::lognormal(8e6, 1.5).expect("valid"))]);
    let layers = vec![
        Layer::Retry(at_once(3)),
        Layer::Breaker { spec: BreakerSpec::default(), scope: BreakerScope::Service },
        Layer::Timeout(ms(200.0)),
        Layer::Pool(PoolSpec { maximum_pool_size: 8, ..PoolSpec::hikaricp() }),
    ];
    let to_db = builder.dependency(Some(api), db, layers);
    let link = &mut builder.system.dependencies[to_db].link;
    *link = LinkSpec { latency: exponential(0.5), loss: 0.01, on_loss: OnLoss::Retransmit { timeout: ms(200.0) } };
    let steps = [Step::Work(exponential(3.0)), Step::Parallel(vec![vec![Step::Call(call(to_db, query))]; 2])];
    let get = builder.endpoint(api, "get", &steps);
    let to_api = builder.dependency(None, api, vec![Layer::Retry(at_once(3)), Layer::Timeout(ms(500.0))]);
    builder.poisson(200.0, call(to_api, get));
    builder.scenario()
}

/// The orders that every run here gets: a restart, a deploy's roll back, more instances.
const ORDERS: [(f64, fn() -> Verb); 3] = [
    (5.25, || Verb::Restart { service: Id::from_usize(0), instance: None }),
    (11.0, || Verb::ScaleOut { service: Id::from_usize(0), add: 1 }),
    (14.5, || Verb::Restart { service: Id::from_usize(1), instance: None }),
];

fn play(simulation: &mut Simulation, from: f64, to: f64) {
    for (time, verb) in ORDERS.into_iter().filter(|(time, _)| (from..to).contains(time)) {
        simulation.run_until(at(time));
        simulation.order(verb()).expect("a sensible order");
    }
    simulation.run_until(at(to));
}

fn run(scenario: &Arc<Scenario>, seed: u64) -> String {
    let mut simulation = Simulation::with_variant(Arc::clone(scenario), seed, 0);
    play(&mut simulation, 0.0, 20.0);
    simulation.digest().to_string()
}

#[test]
fn runs_are_equal_twice_alone_and_in_a_batch() {
    let scenario = Arc::new(busy());
    let alone: Vec<String> = (0..6).map(|seed| run(&scenario, seed)).collect();
    assert_eq!(replicate(6, |seed| run(&scenario, seed)), alone);
    let mut distinct = alone.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), alone.len(), "different seeds are different runs");
}

#[test]
fn forks_and_snapshots_change_nothing() {
    let scenario = Arc::new(busy());
    let mut original = Simulation::with_variant(Arc::clone(&scenario), 3, 0);
    play(&mut original, 0.0, 8.3);
    let before = original.digest();
    let mut forks = [original.fork(), original.fork(), original.fork_with_luck(0)];
    let bytes = original.snapshot();
    let mut loaded = Simulation::from_snapshot(Arc::clone(&scenario), &bytes).expect("its own snapshot");
    assert_eq!(original.digest(), before, "forking and saving leave the run as it was");
    assert_eq!(loaded.digest(), before);
    assert_eq!(loaded.orders(), original.orders());
    play(&mut original, 8.3, 20.0);
    play(&mut loaded, 8.3, 20.0);
    forks.iter_mut().for_each(|fork| play(fork, 8.3, 20.0));
    assert_eq!(original.digest().to_string(), run(&scenario, 3));
    assert_eq!(loaded.digest(), original.digest());
    assert!(forks.iter().all(|fork| fork.digest() == original.digest()));
}

/// One order more makes another run; the digest sees it.
#[test]
fn a_branch_with_another_order_goes_another_way() {
    let scenario = Arc::new(busy());
    let mut original = Simulation::with_variant(scenario, 3, 0);
    original.run_until(at(8.0));
    let mut branch = original.fork();
    branch.order(Verb::Restart { service: Id::from_usize(1), instance: None }).expect("a sensible order");
    assert_ne!(branch.digest(), original.digest());
}

/// M/M/1, the smallest run of all.
fn small() -> Scenario {
    let mut builder = Builder::default();
    let service = builder.service("queue", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(10.0))]);
    let ask = builder.dependency(None, service, Vec::new());
    builder.poisson(80.0, call(ask, serve));
    builder.scenario()
}

/// A pool whose connections live and die while constant work comes and goes.
fn pooled() -> Scenario {
    let mut builder = Builder::default();
    let api = builder.service("api", Capacity::Unlimited);
    let db = builder.service("db", Capacity::Workers(4));
    builder.system.services[db].max_connections = Some(6);
    let query = builder.endpoint(db, "query", &[Step::Work(constant(20.0))]);
    let pool = PoolSpec { max_lifetime: SimDuration::from_secs(30), ..PoolSpec::hikaricp_after_6_0() };
    let to_db = builder.dependency(Some(api), db, vec![Layer::Pool(pool)]);
    let get = builder.endpoint(api, "get", &[Step::Call(call(to_db, query))]);
    let to_api = builder.dependency(None, api, vec![Layer::Timeout(ms(300.0))]);
    builder.poisson(150.0, call(to_api, get));
    builder.scenario()
}

/// Debug and release builds, and every machine, must arrive at these. They change when the engine's behaviour or the layout
/// of its state does, and then on purpose: the test prints the new ones.
#[test]
fn golden_digests() {
    let golden =
        ["15f84ef9daa895fc01efe968e9799c83", "22fc693777386c9c229654d7cb97cc01", "eec135374bfd3242e3941d59b066556e"];
    let digests = [busy(), small(), pooled()].map(|scenario| {
        let mut simulation = Simulation::with_variant(Arc::new(scenario), 1, 0);
        simulation.run_until(at(30.0));
        simulation.digest().to_string()
    });
    assert_eq!(digests, golden, "if that is meant to be, these are the new ones: {digests:?}");
}
