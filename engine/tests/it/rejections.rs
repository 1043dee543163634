//! What turns calls away, and when their callers learn of it.
//!
//! Every request comes at an instant of its own choosing (a trace), so that each expectation can be counted by hand.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    BulkheadSpec, Capacity, DependencySpec, ErrorKind, Layer, PoolSpec, RateLimitSpec, Rejection, Step,
};
use brownout::traffic::{Arrivals, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, call, constant, ms};

/// A population that asks a service, which takes 1 ms, through layers.
fn asked(layers: Vec<Layer>, times: &[f64]) -> (Simulation, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let service = builder.service("api", Capacity::Unlimited);
    let get = builder.endpoint(service, "get", &[Step::Work(constant(1.0))]);
    let dependency = builder.dependency(None, service, layers);
    let trace = times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect();
    builder.population(Arrivals::Trace(trace), call(dependency, get));
    (builder.simulate(1), dependency)
}

/// Successes and errors of a kind up to an instant.
fn ended(simulation: &mut Simulation, dependency: Id<DependencySpec>, until: f64, kind: ErrorKind) -> (u64, u64) {
    simulation.run_until(at(until));
    assert!(simulation.audit().is_empty(), "{:?}", simulation.audit());
    let flow = &simulation.recording().totals.dependencies[dependency.index()];
    (flow.succeeded, flow.errors[kind as usize])
}

/// One permit each 10 s, and nobody waits for more than 2 s.
fn cycles(rejection: Rejection) -> Layer {
    Layer::RateLimit(RateLimitSpec::Cycles {
        limit_for_period: 1,
        limit_refresh_period: SimDuration::from_secs(10),
        timeout_duration: SimDuration::from_secs(2),
        rejection,
    })
}

/// resilience4j 2.4.0, `AtomicRateLimiter`: `acquirePermission` parks whoever cannot have a permit in time for the whole
/// `timeoutDuration`, `reservePermission` says so at once. The call of 8.5 s waits for the permit of 10 s either way.
#[test]
fn a_blocking_rate_limit_holds_whom_it_rejects() {
    let times = [1.0, 3.5, 8.5];
    let (mut blocking, dependency) = asked(vec![cycles(Rejection::AfterTimeout)], &times);
    assert_eq!(ended(&mut blocking, dependency, 5.0, ErrorKind::RateLimited), (1, 0), "held until 5.5 s");
    assert_eq!(ended(&mut blocking, dependency, 6.0, ErrorKind::RateLimited), (1, 1));
    assert_eq!(ended(&mut blocking, dependency, 11.0, ErrorKind::RateLimited), (2, 1));
    let (mut reactive, dependency) = asked(vec![cycles(Rejection::AtOnce)], &times);
    assert_eq!(ended(&mut reactive, dependency, 4.0, ErrorKind::RateLimited), (1, 1));
    assert_eq!(ended(&mut reactive, dependency, 11.0, ErrorKind::RateLimited), (2, 1));
}

/// The time limit around it ends the wait of the rejected, and what was begun for them comes to nothing.
#[test]
fn a_time_limit_ends_the_wait_of_the_rejected() {
    let layers = vec![Layer::Timeout(SimDuration::SECOND), cycles(Rejection::AfterTimeout)];
    let (mut simulation, dependency) = asked(layers, &[1.0, 3.5]);
    assert_eq!(ended(&mut simulation, dependency, 5.0, ErrorKind::Timeout), (1, 1));
    assert_eq!(ended(&mut simulation, dependency, 9.0, ErrorKind::RateLimited), (1, 0));
}

/// `BulkheadConfig` allows a bulkhead of no calls (maxConcurrentCalls >= 0): every one is refused when its wait is over.
#[test]
fn a_bulkhead_of_nobody_refuses_everybody() {
    let bulkhead = |wait: f64| Layer::Bulkhead(BulkheadSpec { max_concurrent_calls: 0, max_wait_duration: ms(wait) });
    let (mut simulation, dependency) = asked(vec![bulkhead(0.0)], &[1.0, 1.5]);
    assert_eq!(ended(&mut simulation, dependency, 2.0, ErrorKind::BulkheadFull), (0, 2));
    let (mut simulation, dependency) = asked(vec![bulkhead(2_000.0)], &[1.5, 1.75]);
    assert_eq!(ended(&mut simulation, dependency, 3.0, ErrorKind::BulkheadFull), (0, 0));
    assert_eq!(ended(&mut simulation, dependency, 4.0, ErrorKind::BulkheadFull), (0, 2));
}

/// The only call under way ends at this instant with an error of this kind, and what it holds of a pool comes back.
#[track_caller]
fn ends_at(simulation: &mut Simulation, dependency: Id<DependencySpec>, end: f64, kind: ErrorKind) {
    let mut held = |until| {
        simulation.run_until(until);
        assert!(simulation.audit().is_empty(), "{:?}", simulation.audit());
        simulation.inspect(|model| (model.calls_under_way(dependency), model.pool_gauges(dependency).active))
    };
    assert_eq!(held(at(end)), (1, 1), "still inside at {end} s");
    assert_eq!(held(at(end) + SimDuration::from_nanos(1)), (0, 0), "over after {end} s");
    assert_eq!(ended(simulation, dependency, libm::ceil(end), kind).1, 1);
}

/// Whoever has a connection already waits for a permit no longer than anybody else: from 3.5 s to 5.5 s.
#[test]
fn a_rate_limit_inside_a_pool_lets_go_of_whom_it_rejects() {
    for pool in [PoolSpec::fixed(2, SimDuration::SECOND), PoolSpec::hikaricp()] {
        let layers = vec![Layer::Pool(pool), cycles(Rejection::AfterTimeout)];
        let (mut simulation, dependency) = asked(layers, &[1.0, 3.5]);
        ends_at(&mut simulation, dependency, 5.5, ErrorKind::RateLimited);
    }
}

/// `maxWaitDuration` of 2 s, from 1.5 s on.
#[test]
fn a_wait_for_a_bulkhead_inside_a_pool_ends_in_time() {
    for pool in [PoolSpec::fixed(2, SimDuration::SECOND), PoolSpec::hikaricp()] {
        let nobody = BulkheadSpec { max_concurrent_calls: 0, max_wait_duration: ms(2_000.0) };
        let (mut simulation, dependency) = asked(vec![Layer::Pool(pool), Layer::Bulkhead(nobody)], &[1.5]);
        ends_at(&mut simulation, dependency, 3.5, ErrorKind::BulkheadFull);
    }
}
