//! Connection pools at work: validation, time limits, held and leaked connections, and the limit at the server.
//!
//! Every request comes at an instant of its own choosing (a trace), so that each expectation can be counted by hand.

use brownout::Simulation;
use brownout::fault::{FaultKind, FaultSpec, Trigger, VariantSpec};
use brownout::ids::Id;
use brownout::model::{
    Backoff, Balancing, Capacity, Change, DependencySpec, Effect, ErrorKind, ErrorSet, Jitter, Layer, OnLoss,
    Partition, PoolGauges, PoolSpec, RetryBudget, RetryBudgetSpec, RetrySpec, ServiceSpec, Setting, Step, Verb,
};
use brownout::traffic::{Arrivals, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, exponential, ms};

/// A population that asks a database through layers, each query taking so many milliseconds.
fn database(builder: &mut Builder, work_ms: f64, layers: Vec<Layer>, times: &[f64]) -> Id<DependencySpec> {
    let service = builder.service("db", Capacity::Unlimited);
    let query = builder.endpoint(service, "query", &[Step::Work(constant(work_ms))]);
    let dependency = builder.dependency(None, service, layers);
    // Unanswered attempts are counted with a balancing that compares them; the audit wants to see them all.
    builder.system.dependencies[dependency].balancing = Balancing::LeastRequests;
    builder.population(trace(times), call(dependency, query));
    dependency
}

/// A population that asks an application, which asks a database through a pool. The database's queries take no time.
fn application(builder: &mut Builder, pool: PoolSpec, times: &[f64]) -> (Id<ServiceSpec>, Id<DependencySpec>) {
    let app = builder.service("app", Capacity::Unlimited);
    let db = builder.service("db", Capacity::Unlimited);
    let query = builder.endpoint(db, "query", &[]);
    let dependency = builder.dependency(Some(app), db, vec![Layer::Pool(pool)]);
    let page = builder.endpoint(app, "page", &[Step::Call(call(dependency, query))]);
    let front = builder.dependency(None, app, Vec::new());
    builder.population(trace(times), call(front, page));
    (app, dependency)
}

fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect())
}

/// `HikariCP` with so many connections.
fn hikari(size: u32) -> PoolSpec {
    PoolSpec { maximum_pool_size: size, ..PoolSpec::hikaricp() }
}

/// One fault between two instants.
fn fault(kind: FaultKind, from: f64, to: f64) -> VariantSpec {
    let fault = FaultSpec {
        name: "fault".to_owned(),
        kind,
        start: Trigger::At(at(from)),
        changes: Vec::new(),
        heal: Some(Trigger::At(at(to))),
    };
    VariantSpec { name: "only".to_owned(), weight: 1.0, faults: vec![fault], deploys: Vec::new() }
}

fn gauges(simulation: &mut Simulation, dependency: Id<DependencySpec>) -> PoolGauges {
    simulation.inspect(|model| model.pool_gauges(dependency))
}

fn succeeded(simulation: &Simulation, dependency: Id<DependencySpec>) -> u64 {
    simulation.recording().totals.dependencies[dependency.index()].succeeded
}

fn errors(simulation: &Simulation, dependency: Id<DependencySpec>, kind: ErrorKind) -> u64 {
    simulation.recording().totals.dependencies[dependency.index()].errors[kind as usize]
}

#[track_caller]
fn assert_balanced(simulation: &mut Simulation) {
    let audit = simulation.audit();
    assert!(audit.is_empty(), "{audit:?}");
}

/// The first instant after now, in steps of 10 ms, at which the pool has so many connections.
fn when_total_is(simulation: &mut Simulation, dependency: Id<DependencySpec>, total: u32) -> u64 {
    for _ in 0..20_000 {
        let next = simulation.now() + ms(10.0);
        simulation.run_until(next);
        if gauges(simulation, dependency).total == total {
            return next.as_nanos();
        }
    }
    panic!("the pool never had {total} connections");
}

/// The query begun at 11.5 s gets an idle connection, whose test is lost in the partition and would end after
/// `validationTimeout`, at 16.5 s. The attempt ends at 14.5 s, and its retry has the connection, used just now, at once.
#[test]
fn the_end_of_a_validation_given_up_does_not_touch_the_retry() {
    let mut builder = Builder::default();
    let retry = RetrySpec {
        max_attempts: 2,
        backoff: Backoff::None,
        throttling_backoff: None,
        jitter: Jitter::None,
        retry_on: ErrorSet::ALL,
        budget: None,
    };
    let layers = vec![Layer::Retry(retry), Layer::Timeout(SimDuration::from_secs(3)), Layer::Pool(hikari(1))];
    let dependency = database(&mut builder, 2_900.0, layers, &[11.5]);
    builder.variant =
        Some(fault(FaultKind::Partition { dependency, instance: None, partition: Partition::Drop }, 11.0, 12.0));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(17.0));
    assert_eq!(gauges(&mut simulation, dependency).active, 1, "the retry still has its connection");
    assert_balanced(&mut simulation);
    simulation.run_until(at(18.0));
    assert_eq!(succeeded(&simulation, dependency), 1);
    assert_eq!(simulation.recording().totals.dependencies[dependency.index()].retries, 1);
    assert_balanced(&mut simulation);
}

/// `HikariPool` reads `connectionTimeout` when the housekeeper runs: at 0.1 s, 30.1 s and so on. Whoever comes at 6 s, after
/// a change at 5 s from 30 s to 1 s, still waits for 30 s.
#[test]
fn a_waiter_times_out_by_the_connection_timeout_in_force() {
    let mut builder = Builder::default();
    let spec = hikari(1);
    let dependency = database(&mut builder, 100_000.0, vec![Layer::Pool(spec.clone())], &[1.0, 6.0]);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(5.0));
    let new = PoolSpec {
        connection_timeout: SimDuration::from_secs(1),
        validation_timeout: SimDuration::from_millis(500),
        ..spec
    };
    simulation.order(Verb::Set { dependency, setting: Setting::Pool(new) }).expect("a valid setting");
    simulation.run_until(at(36.0));
    assert_eq!(errors(&simulation, dependency, ErrorKind::PoolTimeout), 0);
    simulation.run_until(at(37.0));
    assert_eq!(errors(&simulation, dependency, ErrorKind::PoolTimeout), 1);
    assert_balanced(&mut simulation);
}

/// `HikariConfigMXBean` goes through the setters alone: a maximum below `minimumIdle`, which a start would put right, is taken;
/// a `connectionTimeout` below 250 ms is not, and the refusal says so.
#[test]
fn a_pool_order_is_judged_by_the_setters() {
    let mut builder = Builder::default();
    let spec = PoolSpec { minimum_idle: Some(10), ..hikari(10) };
    let dependency = database(&mut builder, 1.0, vec![Layer::Pool(spec.clone())], &[8.0]);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(5.0));
    let mut order = |new: PoolSpec| simulation.order(Verb::Set { dependency, setting: Setting::Pool(new) });
    order(PoolSpec { maximum_pool_size: 5, ..spec.clone() }).expect("the setter takes it");
    let refused = order(PoolSpec { connection_timeout: SimDuration::from_millis(100), ..spec });
    let said = refused.expect_err("below the floor").to_string();
    assert!(said.starts_with("connectionTimeout: ") && said.contains("250ms"), "{said}");
    simulation.run_until(at(9.0));
    assert_eq!(succeeded(&simulation, dependency), 1);
    assert_balanced(&mut simulation);
}

/// The connection of 1 s, held for 20 s, dies with its process at 5 s. The one of 10 s is held until 30 s.
#[test]
fn a_held_connection_of_a_dead_process_releases_nothing_in_the_next() {
    let mut builder = Builder::default();
    let pool = PoolSpec::fixed(1, SimDuration::ZERO);
    let (app, dependency) = application(&mut builder, pool, &[1.0, 10.0]);
    let change = Change::ConnectionHold { dependency, hold: constant(20_000.0) };
    let effect = Effect { name: "open transactions".to_owned(), endpoint: None, change };
    builder.system.services[app].versions[0].effects.push(effect);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(5.0));
    simulation.order(Verb::Restart { service: app, instance: None }).expect("nothing else is under way");
    simulation.run_until(at(25.0));
    assert_eq!(gauges(&mut simulation, dependency).active, 1, "held until 30 s");
    simulation.run_until(at(31.0));
    assert_eq!(gauges(&mut simulation, dependency).active, 0);
    assert_balanced(&mut simulation);
}

#[test]
fn the_first_fill_stops_at_the_servers_limit() {
    let mut builder = Builder::default();
    let dependency = database(&mut builder, 1.0, vec![Layer::Pool(hikari(10))], &[]);
    builder.system.services[Id::from_usize(0)].max_connections = Some(3);
    let mut simulation = builder.simulate(1);
    assert_eq!(gauges(&mut simulation, dependency).total, 3);
    simulation.run_until(at(60.0));
    assert_eq!(gauges(&mut simulation, dependency).total, 3, "the adder is refused for as long as the server is full");
    assert_balanced(&mut simulation);
}

/// Of ten queries at one instant three find a connection that the server accepted; later ones use those again.
#[test]
fn a_fixed_pool_cannot_exceed_the_servers_limit() {
    let mut builder = Builder::default();
    let mut times = vec![1.0; 10];
    times.push(5.0);
    let layers = vec![Layer::Pool(PoolSpec::fixed(10, SimDuration::ZERO))];
    let dependency = database(&mut builder, 1_000.0, layers, &times);
    builder.system.services[Id::from_usize(0)].max_connections = Some(3);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(3.0));
    assert_eq!(succeeded(&simulation, dependency), 3);
    assert_eq!(errors(&simulation, dependency, ErrorKind::ConnectionRefused), 7);
    simulation.run_until(at(7.0));
    assert_eq!(succeeded(&simulation, dependency), 4);
    assert_balanced(&mut simulation);
}

/// The reserve is 2^32 - 1 retries a second for 60 s, each worth 1000 / 0.00001: 2.6e19, beyond 64 bits.
#[test]
fn the_largest_reserve_of_a_finagle_budget_is_no_overflow() {
    let spec = RetryBudgetSpec::Finagle {
        percent_can_retry: 0.000_01,
        min_retries_per_sec: u32::MAX,
        ttl: SimDuration::from_secs(60),
    };
    let mut budget = RetryBudget::new(&spec, at(0.0));
    budget.on_first_try(&spec, at(1.0));
    assert!(budget.try_withdraw(&spec, at(1.0), ErrorKind::Timeout).is_some());
}

/// Forty connections come back with no acquisition in between, and each leaks with probability 1/2 by itself: that 5 or
/// fewer, or 35 or more, do has a probability of 1e-6 (binomial).
#[test]
fn connections_that_come_back_together_leak_each_by_itself() {
    let mut builder = Builder::default();
    let layers = vec![Layer::Pool(PoolSpec::fixed(40, SimDuration::ZERO))];
    let dependency = database(&mut builder, 1_000.0, layers, &[1.0; 40]);
    builder.variant = Some(fault(FaultKind::ConnectionLeak { dependency, ratio: 0.5 }, 0.5, 100.0));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(3.0));
    let leaked = gauges(&mut simulation, dependency).leaked;
    assert!((6..=34).contains(&leaked), "{leaked} of 40 leaked");
    assert_balanced(&mut simulation);
}

/// A process that starts again draws new connect times, not those of its life before.
#[test]
fn every_life_of_a_channel_has_its_own_connect_times() {
    let mut builder = Builder::default();
    let (app, dependency) = application(&mut builder, hikari(10), &[]);
    let db = Id::from_usize(1);
    builder.system.services[db].connect_time = exponential(100.0);
    let mut simulation = builder.simulate(1);
    let mut after_restart = |from: f64| {
        simulation.run_until(at(from));
        simulation.order(Verb::Restart { service: app, instance: None }).expect("nothing else is under way");
        when_total_is(&mut simulation, dependency, 0);
        when_total_is(&mut simulation, dependency, 1) - at(from).as_nanos()
    };
    assert_ne!(after_restart(100.0), after_restart(200.0));
}

/// The test of the connection, begun at 11.5 s, waits for the heal at 13 s with everything else, and then succeeds.
#[test]
fn a_validation_waits_for_a_delaying_partition_to_heal() {
    let mut builder = Builder::default();
    let dependency = database(&mut builder, 100.0, vec![Layer::Pool(hikari(1))], &[11.5]);
    builder.variant =
        Some(fault(FaultKind::Partition { dependency, instance: None, partition: Partition::Delay }, 11.0, 13.0));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(12.5));
    let during = gauges(&mut simulation, dependency);
    assert_eq!(during.active, 1);
    let sent = simulation.under_way();
    assert_eq!(sent, 1, "the call waits, and no execution is on its way");
    simulation.run_until(at(14.0));
    assert_eq!(succeeded(&simulation, dependency), 1);
    assert_eq!(gauges(&mut simulation, dependency).total, 1);
    simulation.run_until(at(20.0));
    assert_eq!(gauges(&mut simulation, dependency).total, 1, "the driver's limit, at 16.5 s, came too late");
    assert_balanced(&mut simulation);
}

/// The test of the connection fails at 16.5 s, by `validationTimeout`. The attempt to open another completes when the
/// partition heals, at 20 s, not when the driver would have given up, at 46.5 s.
#[test]
fn a_delayed_attempt_to_connect_completes_when_the_partition_heals() {
    let mut builder = Builder::default();
    let dependency = database(&mut builder, 100.0, vec![Layer::Pool(hikari(1))], &[11.5]);
    builder.variant =
        Some(fault(FaultKind::Partition { dependency, instance: None, partition: Partition::Delay }, 11.0, 20.0));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(17.0));
    assert_eq!(gauges(&mut simulation, dependency).total, 0, "the connection under test was given up");
    simulation.run_until(at(21.0));
    assert_eq!(gauges(&mut simulation, dependency).total, 1);
    assert_eq!(succeeded(&simulation, dependency), 1);
    simulation.run_until(at(60.0));
    assert_eq!(gauges(&mut simulation, dependency).total, 1);
    assert_balanced(&mut simulation);
}

/// The test, or with an empty pool the attempt to connect, is sent into the cut at 11.5 s, and again after 0.2, 0.6, 1.4 and
/// 3.0 s: at 14.5 s it has healed. The query of 100 ms follows; nothing was given up on the way.
#[test]
fn on_a_network_that_sends_again_a_cut_delays_tests_and_connects() {
    for minimum_idle in [1, 0] {
        let mut builder = Builder::default();
        let spec = PoolSpec { minimum_idle: Some(minimum_idle), ..hikari(1) };
        let dependency = database(&mut builder, 100.0, vec![Layer::Pool(spec)], &[11.5]);
        builder.system.dependencies[dependency].link.on_loss = OnLoss::Retransmit { timeout: ms(200.0) };
        builder.variant =
            Some(fault(FaultKind::Partition { dependency, instance: None, partition: Partition::Drop }, 11.0, 13.0));
        let mut simulation = builder.simulate(1);
        simulation.run_until(at(60.0));
        let flow = &simulation.recording().totals.dependencies[dependency.index()];
        assert_eq!((flow.succeeded, flow.latency.max()), (1, ms(3_100.0)), "{minimum_idle} idle");
        assert_eq!(gauges(&mut simulation, dependency).total, 1);
        assert_balanced(&mut simulation);
    }
}

/// The first connection lives as it was drawn; how long the next one lives is new luck.
#[test]
fn fresh_luck_draws_the_lifetimes_of_new_connections_anew() {
    let mut builder = Builder::default();
    let spec = PoolSpec {
        max_lifetime: SimDuration::from_secs(30),
        idle_timeout: SimDuration::ZERO,
        life_time_variance_factor: 2,
        ..hikari(1)
    };
    let dependency = database(&mut builder, 1.0, vec![Layer::Pool(spec)], &[]);
    builder.system.services[Id::from_usize(0)].connect_time = constant(2_000.0);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(1.0));
    let ends = |mut branch: Simulation| {
        let first = when_total_is(&mut branch, dependency, 0);
        when_total_is(&mut branch, dependency, 1);
        (first, when_total_is(&mut branch, dependency, 0))
    };
    let usual = ends(simulation.fork());
    for luck in 1..4 {
        let other = ends(simulation.fork_with_luck(luck));
        assert_eq!(usual.0, other.0, "its life was drawn before the fork");
        assert_ne!(usual.1, other.1, "luck {luck}");
    }
}

/// The most queries that ran at one instant, looked at every 10 ms for a minute. Each takes 10 s and is given up after
/// 100 ms; twenty begin a second.
fn most_queries_at_once(layers: Vec<Layer>) -> u32 {
    let mut builder = Builder::default();
    let db = builder.service("db", Capacity::Unlimited);
    builder.system.services[db].max_connections = Some(5);
    let query = builder.endpoint(db, "query", &[Step::Work(constant(10_000.0))]);
    let dependency = builder.dependency(None, db, layers);
    builder.system.dependencies[dependency].balancing = Balancing::LeastRequests;
    builder.population(Arrivals::Constant(Profile::constant(20.0)), call(dependency, query));
    let mut simulation = builder.simulate(1);
    let mut most = 0;
    while simulation.now() < at(60.0) {
        simulation.run_until(simulation.now() + ms(10.0));
        most = most.max(simulation.inspect(|model| model.running(db)));
    }
    assert_balanced(&mut simulation);
    most
}

/// A connection whose query was given up is closed, and its side at the server is free only when the query ends
/// (`HikariCP` 6.0.0 evicts on an `SQLTimeoutException`): never more queries than `max_connections`, here 5.
#[test]
fn queries_given_up_inside_the_pool_keep_their_connections_at_the_server() {
    let (limit, again) = (|| Layer::Timeout(ms(100.0)), || Layer::Retry(at_once(3)));
    let stacks = |pool: PoolSpec| {
        let pool = || Layer::Pool(pool.clone());
        let deadline = Layer::Deadline(ms(100.0));
        [vec![pool(), limit()], vec![pool(), again(), limit()], vec![pool(), deadline], vec![limit(), pool()]]
    };
    for layers in stacks(hikari(5)) {
        assert_eq!(most_queries_at_once(layers.clone()), 5, "{layers:?}");
    }
    // A full pool replaces the connection at once by one that leads nowhere, and lends that first.
    for layers in stacks(PoolSpec::fixed(5, SimDuration::from_secs(30))) {
        assert!((1..=5).contains(&most_queries_at_once(layers.clone())), "{layers:?}");
    }
}

/// The query of 1 s ends at 2 s with an answer that nobody reads; the connection it came on was closed at 1.1 s, and the one
/// that the adder opened in its place serves the query of 1.5 s.
#[test]
fn a_time_limit_inside_the_pool_replaces_the_connection() {
    let mut builder = Builder::default();
    let db = builder.service("db", Capacity::Unlimited);
    let slow = builder.endpoint(db, "slow", &[Step::Work(constant(1_000.0))]);
    let fast = builder.endpoint(db, "fast", &[Step::Work(constant(1.0))]);
    let dependency = builder.dependency(None, db, vec![Layer::Pool(hikari(1)), Layer::Timeout(ms(100.0))]);
    builder.population(trace(&[1.0]), call(dependency, slow));
    builder.population(trace(&[1.5]), call(dependency, fast));
    builder.system.services[db].connect_time = constant(50.0);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(1.12));
    assert_eq!(gauges(&mut simulation, dependency).total, 0, "closed, and the next not yet open");
    simulation.run_until(at(1.2));
    assert_eq!(gauges(&mut simulation, dependency).total, 1);
    simulation.run_until(at(3.0));
    assert_eq!(succeeded(&simulation, dependency), 1);
    assert_eq!(errors(&simulation, dependency, ErrorKind::Timeout), 1);
    assert_balanced(&mut simulation);
}

/// `HikariPool` opens one connection when it is made, here in 50 ms, and from 100 ms on the housekeeper has the adder fill
/// it, one each 80 ms. A process that takes 5 s to start serves with a full pool.
#[test]
fn a_pool_fills_while_its_process_starts() {
    let mut builder = Builder::default();
    let (app, dependency) = application(&mut builder, hikari(10), &[]);
    builder.system.services[Id::from_usize(1)].connect_time = constant(50.0);
    builder.system.services[app].start_time = constant(5_000.0);
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(10.0));
    simulation.order(Verb::Restart { service: app, instance: None }).expect("nothing else is under way");
    for (time, total) in [(10.04, 0), (10.06, 1), (10.14, 1), (10.16, 2), (10.7, 8), (14.9, 10)] {
        simulation.run_until(at(time));
        assert_eq!(gauges(&mut simulation, dependency).total, total, "at {time} s");
        assert_eq!(simulation.inspect(|model| model.instances_up(app)), 0, "it still starts");
    }
    assert_balanced(&mut simulation);
}

/// `PoolBase.setLoginTimeout`: (connectionTimeout + 500) / 1000 in whole seconds, one at least. A server that takes 3 s to
/// accept is beyond a login timeout of 1 s, and within one of 4 s.
#[test]
fn an_attempt_to_connect_ends_with_the_login_timeout() {
    let run = |wait: f64| {
        let mut builder = Builder::default();
        let spec = PoolSpec { minimum_idle: Some(0), connection_timeout: ms(wait), ..hikari(5) };
        let times: Vec<f64> = (1..40).map(f64::from).collect();
        let dependency = database(&mut builder, 2.0, vec![Layer::Pool(spec)], &times);
        builder.system.services[Id::from_usize(0)].connect_time = constant(3_000.0);
        let mut simulation = builder.simulate(1);
        simulation.run_until(at(60.0));
        assert_balanced(&mut simulation);
        (succeeded(&simulation, dependency), errors(&simulation, dependency, ErrorKind::PoolTimeout))
    };
    assert_eq!(run(1_000.0), (0, 39), "no connection ever comes to be");
    assert_eq!(run(3_500.0), (39, 0));
}

/// `PoolBase.isConnectionDead`: a liveness check may take validationTimeout in whole seconds. Here the round trip takes 8 s:
/// with 1 s the idle connection is given up at 61 s and another opened, which needs 8 s, and the query 8 s and 100 ms more.
#[test]
fn a_validation_ends_with_its_timeout() {
    let run = |validation: f64| {
        let mut builder = Builder::default();
        let spec = PoolSpec { validation_timeout: ms(validation), ..hikari(1) };
        let dependency = database(&mut builder, 100.0, vec![Layer::Pool(spec)], &[60.0]);
        builder.system.dependencies[dependency].link.latency = constant(4_000.0);
        let mut simulation = builder.simulate(1);
        simulation.run_until(at(61.5));
        let total = gauges(&mut simulation, dependency).total;
        simulation.run_until(at(90.0));
        assert_eq!(succeeded(&simulation, dependency), 1);
        let latency = simulation.recording().totals.dependencies[dependency.index()].latency.max();
        assert_balanced(&mut simulation);
        (total, latency)
    };
    assert_eq!(run(1_000.0), (0, ms(17_100.0)));
    assert_eq!(run(8_000.0), (1, ms(16_100.0)), "8 s of test and 8.1 s of query");
}

/// A ping is such a check: keepaliveTime of 30 s less up to a tenth, and the limit of 1 s.
#[test]
fn a_keepalive_ping_ends_with_the_validation_timeout() {
    let mut builder = Builder::default();
    let secs = SimDuration::from_secs;
    let spec = PoolSpec { keepalive_time: secs(30), validation_timeout: secs(1), ..hikari(1) };
    let dependency = database(&mut builder, 100.0, vec![Layer::Pool(spec)], &[]);
    builder.system.dependencies[dependency].link.latency = constant(4_000.0);
    let mut simulation = builder.simulate(1);
    let dead = when_total_is(&mut simulation, dependency, 0);
    assert!((28_000_000_000..=31_010_000_000).contains(&dead), "{dead} ns");
    let again = when_total_is(&mut simulation, dependency, 1) - dead;
    assert!((7_980_000_000..=8_020_000_000).contains(&again), "a round trip of 8 s, not {again} ns");
    assert_balanced(&mut simulation);
}
