//! Breakers at work: what each scope keeps apart and what it shares, and the order of the layers around a call.

use brownout::Simulation;
use brownout::fault::{FaultKind, FaultSpec, Trigger, VariantSpec, Victims};
use brownout::ids::Id;
use brownout::model::{
    BreakerScope, BreakerSpec, BulkheadSpec, Capacity, DependencySpec, ErrorKind, Layer, RateLimitSpec, Step,
};
use brownout::traffic::{Arrivals, MixEntry, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, ms};

/// Opens when half of ten calls failed, for a minute.
fn breaker(scope: BreakerScope) -> Layer {
    let spec = BreakerSpec { sliding_window_size: 10, minimum_number_of_calls: 10, ..BreakerSpec::default() };
    Layer::Breaker { spec, scope }
}

fn constant_rate(rate: f64) -> Arrivals {
    Arrivals::Constant(Profile::constant(rate))
}

fn errors(simulation: &Simulation, dependency: Id<DependencySpec>, kind: ErrorKind) -> u64 {
    simulation.recording().totals.dependencies[dependency.index()].errors[kind as usize]
}

fn succeeded(simulation: &Simulation, population: usize, from: usize, to: usize) -> u32 {
    let seconds = &simulation.recording().seconds[from..to];
    seconds.iter().map(|second| second.populations[population].flow.succeeded).sum()
}

/// Two instances in turn, a hundred calls a second. From 10 s on the second one is dead, which nobody notices.
fn one_dead(layers: Vec<Layer>) -> (Simulation, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let spec = &mut builder.system.services[service];
    (spec.instances, spec.crash_detection) = (2, SimDuration::from_secs(3_600));
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(1.0))]);
    let ask = builder.dependency(None, service, layers);
    builder.population(constant_rate(100.0), call(ask, serve));
    let crash = FaultSpec {
        name: "crash".to_owned(),
        kind: FaultKind::Crash { service, victims: Victims::Only(1) },
        start: Trigger::At(at(10.0)),
        changes: Vec::new(),
        heal: None,
    };
    let name = "crash".to_owned();
    builder.variant = Some(VariantSpec { name, weight: 1.0, faults: vec![crash], deploys: Vec::new() });
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(20.0));
    (simulation, ask)
}

/// The dead instance's breaker opens at its fifth failure in ten calls; the other one's stays closed, and half of all
/// calls go on succeeding.
#[test]
fn the_breaker_of_an_instance_isolates_that_instance() {
    let (simulation, ask) = one_dead(vec![breaker(BreakerScope::Instance)]);
    assert_eq!(errors(&simulation, ask, ErrorKind::ConnectionRefused), 5);
    assert!(succeeded(&simulation, 0, 10, 20).abs_diff(500) <= 1);
    let refused = errors(&simulation, ask, ErrorKind::BreakerOpen);
    assert!(refused.abs_diff(495) <= 1, "{refused} refused");
}

/// With a retry around it, every call finds the living instance in the end.
#[test]
fn a_retry_around_the_breakers_of_instances_finds_another_instance() {
    let (simulation, ask) = one_dead(vec![Layer::Retry(at_once(2)), breaker(BreakerScope::Instance)]);
    assert!(succeeded(&simulation, 0, 10, 20).abs_diff(1_000) <= 1);
    assert_eq!(simulation.recording().totals.dependencies[ask.index()].failed(), 0);
    let retries = simulation.recording().totals.dependencies[ask.index()].retries;
    assert!(retries > 400, "{retries} retries");
}

/// One breaker for the service opens once five of ten calls have failed, and then nobody gets through to either instance.
#[test]
fn the_breaker_of_a_service_opens_for_all_its_instances() {
    let (simulation, ask) = one_dead(vec![breaker(BreakerScope::Service)]);
    assert_eq!(errors(&simulation, ask, ErrorKind::ConnectionRefused), 5);
    assert_eq!(succeeded(&simulation, 0, 11, 20), 0);
}

/// Two endpoints, one of which always fails; fifty calls a second to each.
fn one_broken_endpoint(scope: BreakerScope) -> (u64, u64) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let good = builder.endpoint(service, "good", &[Step::Work(constant(1.0))]);
    let bad = builder.endpoint(service, "bad", &[Step::Fail(ErrorKind::Internal)]);
    let ask = builder.dependency(None, service, vec![breaker(scope)]);
    let population = builder.population(constant_rate(100.0), call(ask, good));
    builder.populations[population].mix.push(MixEntry { weight: 1.0, call: call(ask, bad) });
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(40.0));
    let totals = &simulation.recording().totals;
    assert_eq!(totals.endpoints[bad.index()].succeeded, 0);
    (totals.endpoints[good.index()].offered, totals.endpoints[bad.index()].offered)
}

/// The bad endpoint's breaker opens after ten calls. 4000 x 1/2 calls to the good one, give or take 4 x 32, all go through.
#[test]
fn the_breaker_of_an_endpoint_leaves_the_others_alone() {
    let (good, bad) = one_broken_endpoint(BreakerScope::Endpoint);
    assert_eq!(bad, 10);
    assert!(good.abs_diff(2_000) < 130, "{good} calls");
    // One breaker for both: it opens at five failures among the last ten calls, and the good one is lost as well.
    let (good, bad) = one_broken_endpoint(BreakerScope::Service);
    assert!(good < 100 && bad < 100, "{good} and {bad}");
}

/// Two populations, one service each, of which the first fails. What reaches the second in 40 s.
fn two_callers(scope: BreakerScope) -> u64 {
    let mut builder = Builder::default();
    if let BreakerScope::Shared { .. } = scope {
        builder.system.shared_breakers.push("both".to_owned());
    }
    let services = ["broken", "sound"].map(|name| builder.service(name, Capacity::Unlimited));
    for (service, step) in services.iter().zip([Step::Fail(ErrorKind::Internal), Step::Work(constant(1.0))]) {
        let serve = builder.endpoint(*service, "serve", &[step]);
        let ask = builder.dependency(None, *service, vec![breaker(scope)]);
        builder.population(constant_rate(100.0), call(ask, serve));
    }
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(40.0));
    simulation.recording().totals.services[services[1].index()].offered
}

/// Calls alternate, so that five of the first ten fail: after that nobody passes the breaker they share.
#[test]
fn a_shared_breaker_opens_for_everybody() {
    assert!(two_callers(BreakerScope::Shared { key: 0 }) <= 6);
    assert!(two_callers(BreakerScope::Service).abs_diff(4_000) <= 1);
}

/// A service that always fails, and requests at these instants through these layers: (attempts sent, refused by the
/// breaker at the end of a call).
fn failing(layers: Vec<Layer>, requests: u32) -> (u64, u64) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Fail(ErrorKind::Internal)]);
    let ask = builder.dependency(None, service, layers);
    let times = (1..=requests).map(|number| TraceEntry { at: at(f64::from(number)), entry: None });
    builder.population(Arrivals::Trace(times.collect()), call(ask, serve));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(f64::from(requests + 2)));
    let flow = &simulation.recording().totals.dependencies[ask.index()];
    (flow.attempts, flow.errors[ErrorKind::BreakerOpen as usize])
}

/// resilience4j puts the retry outermost: Retry(CircuitBreaker(..)). Each attempt counts, so the breaker opens with the
/// first attempt of the fourth request, whose retries it then refuses. With the breaker outside, a request with all its
/// attempts counts once, and it takes ten requests of three attempts.
#[test]
fn with_the_retry_outside_each_attempt_counts_in_the_breaker() {
    let (retry, inner) = (Layer::Retry(at_once(3)), breaker(BreakerScope::Service));
    assert_eq!(failing(vec![retry.clone(), inner.clone()], 3), (9, 0));
    assert_eq!(failing(vec![retry.clone(), inner.clone()], 4), (10, 1));
    assert_eq!(failing(vec![retry.clone(), inner.clone()], 20), (10, 17));
    assert_eq!(failing(vec![inner.clone(), retry.clone()], 10), (30, 0));
    assert_eq!(failing(vec![inner, retry], 20), (30, 10));
}

/// A sound service that takes 100 ms, and twenty calls a second through these layers for 20 s.
fn sound(layers: Vec<Layer>) -> (Simulation, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(100.0))]);
    let ask = builder.dependency(None, service, layers);
    builder.population(constant_rate(20.0), call(ask, serve));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(20.0));
    assert!(simulation.audit().is_empty());
    (simulation, ask)
}

/// CircuitBreaker(RateLimiter(..)): what the limiter turns away counts as a failure in the breaker, which opens though
/// the service is sound. The other way round it does not.
#[test]
fn what_an_inner_rate_limit_turns_away_counts_in_the_breaker() {
    let limit = Layer::RateLimit(RateLimitSpec::per_second(5, 1));
    let outer = breaker(BreakerScope::Service);
    let (simulation, ask) = sound(vec![outer.clone(), limit.clone()]);
    assert_eq!(succeeded(&simulation, 0, 2, 20), 0);
    assert!(errors(&simulation, ask, ErrorKind::BreakerOpen) > 350);
    let (simulation, ask) = sound(vec![limit, outer]);
    assert_eq!(errors(&simulation, ask, ErrorKind::BreakerOpen), 0);
    assert!(succeeded(&simulation, 0, 2, 20).abs_diff(90) <= 1);
}

/// TimeLimiter(Bulkhead(..)): the wait for a permit counts. One permit and 100 ms of work serve ten calls a second, and
/// the others give up after 150 ms in the line. With the bulkhead outside, the time limit starts with the permit, nobody
/// times out, and the line grows for as long as it may.
#[test]
fn a_time_limit_outside_a_bulkhead_includes_the_wait() {
    let line = Layer::Bulkhead(BulkheadSpec { max_concurrent_calls: 1, max_wait_duration: SimDuration::from_secs(60) });
    let limit = Layer::Timeout(ms(150.0));
    let (simulation, ask) = sound(vec![limit.clone(), line.clone()]);
    let late = errors(&simulation, ask, ErrorKind::Timeout);
    assert!(late > 150, "{late} time out");
    let longest = simulation.recording().totals.populations[0].latency.max();
    assert!(longest <= ms(150.0), "{longest:?}");
    let (simulation, ask) = sound(vec![line, limit]);
    assert_eq!(errors(&simulation, ask, ErrorKind::Timeout), 0);
    assert!(succeeded(&simulation, 0, 1, 20).abs_diff(190) <= 1);
    assert!(simulation.recording().totals.populations[0].latency.max() > SimDuration::from_secs(9));
}
