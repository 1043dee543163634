//! What becomes of calls that are given up, at a breaker and on a network that loses, and of those that wait in line.

use brownout::Simulation;
use brownout::model::{
    BreakerScope, BreakerSpec, BulkheadSpec, Capacity, ErrorKind, Layer, LinkSpec, OnLoss, PoolSpec, Step,
};
use brownout::traffic::{Arrivals, Beyond, InFlightLimit, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, call, constant, ms};

fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect())
}

#[track_caller]
fn assert_balanced(simulation: &mut Simulation) {
    let audit = simulation.audit();
    assert!(audit.is_empty(), "{audit:?}");
}

/// Five results judge; half of them slow, or half of them failures, are too many.
fn breaker() -> Layer {
    let spec = BreakerSpec {
        sliding_window_size: 10,
        minimum_number_of_calls: 5,
        slow_call_duration_threshold: ms(500.0),
        slow_call_rate_threshold: 50.0,
        ..BreakerSpec::default()
    };
    Layer::Breaker { spec, scope: BreakerScope::Service }
}

/// A call every 50 ms from 50 ms on, each of which would take 3 s, is given up after 1 s. The interrupted calls are
/// recorded at 1.05 s, 1.1 s and so on; the fifth, at 1.25 s, opens the breaker (resilience4j, `TimeLimiter` with
/// `cancelRunningFuture` around the breaker).
#[test]
fn a_time_limit_outside_a_breaker_opens_it() {
    let mut builder = Builder::default();
    let service = builder.service("slow", Capacity::Unlimited);
    let work = builder.endpoint(service, "work", &[Step::Work(constant(3_000.0))]);
    let ask = builder.dependency(None, service, vec![Layer::Timeout(ms(1_000.0)), breaker()]);
    builder.population(Arrivals::Constant(Profile::constant(20.0)), call(ask, work));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(1.24));
    assert_eq!(simulation.inspect(|model| model.breaker_gauges(ask)).open, 0, "four results are too few");
    simulation.run_until(at(1.26));
    assert_eq!(simulation.inspect(|model| model.breaker_gauges(ask)).open, 1);
    simulation.run_until(at(4.0));
    assert!(simulation.recording().totals.dependencies[ask.index()].errors[ErrorKind::BreakerOpen as usize] > 50);
    assert_balanced(&mut simulation);
}

/// Whoever is told that nobody wants the answer any more hands the permit back (`releasePermission`): that says nothing
/// about the service called.
#[test]
fn a_cancelled_call_is_no_result_for_the_breaker() {
    let mut builder = Builder::default();
    let app = builder.service("app", Capacity::Unlimited);
    let slow = builder.service("slow", Capacity::Unlimited);
    let work = builder.endpoint(slow, "work", &[Step::Work(constant(3_000.0))]);
    let inner = builder.dependency(Some(app), slow, vec![breaker()]);
    let page = builder.endpoint(app, "page", &[Step::Call(call(inner, work))]);
    let ask = builder.dependency(None, app, vec![Layer::Timeout(ms(1_000.0))]);
    builder.system.dependencies[ask].cancels = true;
    builder.population(Arrivals::Constant(Profile::constant(20.0)), call(ask, page));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(10.0));
    let gauges = simulation.inspect(|model| model.breaker_gauges(inner));
    assert_eq!((gauges.closed, gauges.opened), (1, 0));
    assert!(simulation.recording().totals.dependencies[inner.index()].errors[ErrorKind::Cancelled as usize] > 100);
}

/// Linux gives up 924.6 s after the first transmission when nothing ever arrives (`tcp_retries2`). The caller, without any
/// limit of its own, learns it then, and its pool replaces the connection. (It is one that tests no connection first: the
/// test would be lost too.)
#[test]
fn a_connection_that_loses_everything_is_lost_in_the_end() {
    let mut builder = Builder::default();
    let service = builder.service("far", Capacity::Unlimited);
    let work = builder.endpoint(service, "work", &[Step::Work(constant(1.0))]);
    let pool = PoolSpec::fixed(1, SimDuration::from_secs(30));
    let ask = builder.dependency(None, service, vec![Layer::Pool(pool)]);
    builder.system.dependencies[ask].link = LinkSpec {
        latency: constant(0.0),
        loss: 0.999_999_9,
        on_loss: OnLoss::Retransmit { timeout: SimDuration::from_millis(200) },
    };
    builder.population(trace(&[1.0]), call(ask, work));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(925.5));
    assert_eq!(simulation.under_way(), 1, "the call still waits");
    assert_balanced(&mut simulation);
    simulation.run_until(at(926.0));
    assert_eq!(simulation.under_way(), 0);
    let lost = simulation.recording().totals.dependencies[ask.index()].errors[ErrorKind::ConnectionLost as usize];
    let pool = simulation.inspect(|model| model.pool_gauges(ask));
    assert_eq!((lost, pool.active, pool.total), (1, 0, 1));
    assert_balanced(&mut simulation);
}

/// Four requests at 1 s of 1 s each, one at a time. At 2.5 s the others have waited for 1 s, 1.5 s and 1.5 s; in the end for
/// 1 s, 2 s and 3 s.
#[track_caller]
fn assert_waits_are_in_the_books(simulation: &mut Simulation) {
    for (time, waited) in [(2.5, 4_000_000_000), (10.0, 6_000_000_000)] {
        simulation.run_until(at(time));
        let law = simulation.littles_law();
        assert!(law.contains(&(waited, waited)), "at {time} s: {law:?}");
        assert_balanced(simulation);
    }
}

#[test]
fn the_line_of_a_bulkhead_keeps_littles_law() {
    let mut builder = Builder::default();
    let service = builder.service("s", Capacity::Unlimited);
    let work = builder.endpoint(service, "work", &[Step::Work(constant(1_000.0))]);
    let one = BulkheadSpec { max_concurrent_calls: 1, max_wait_duration: SimDuration::from_secs(60) };
    let ask = builder.dependency(None, service, vec![Layer::Bulkhead(one)]);
    builder.population(trace(&[1.0; 4]), call(ask, work));
    assert_waits_are_in_the_books(&mut builder.simulate(1));
}

#[test]
fn requests_held_back_keep_littles_law() {
    let mut builder = Builder::default();
    let service = builder.service("s", Capacity::Unlimited);
    let work = builder.endpoint(service, "work", &[Step::Work(constant(1_000.0))]);
    let ask = builder.dependency(None, service, Vec::new());
    let population = builder.population(trace(&[1.0; 4]), call(ask, work));
    builder.populations[population].max_in_flight = Some(InFlightLimit { limit: 1, beyond: Beyond::Wait });
    assert_waits_are_in_the_books(&mut builder.simulate(1));
}
