//! Bulkheads and rate limits inside a call: whom they let through, whom they let wait, whom they turn away.

use brownout::Simulation;
use brownout::model::{BulkheadSpec, Capacity, ErrorKind, Layer, RateLimitSpec, Rejection, Step};
use brownout::rng::Distribution;
use brownout::traffic::{Arrivals, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, exponential, ms};
use crate::theory::closed_forms::{erlang_b, mg1_wait, mmc_wait};
use crate::theory::{Family, replicate};

const RUNS: u64 = 48;

/// A service without limits behind the layers of its caller.
fn behind(layers: Vec<Layer>, work: Distribution, arrivals: Arrivals, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Work(work)]);
    let ask = builder.dependency(None, service, layers);
    builder.population(arrivals, call(ask, serve));
    builder.simulate(seed)
}

fn bulkhead(max_concurrent_calls: u32, max_wait_duration: SimDuration) -> Vec<Layer> {
    vec![Layer::Bulkhead(BulkheadSpec { max_concurrent_calls, max_wait_duration })]
}

fn constant_rate(rate: f64) -> Arrivals {
    Arrivals::Constant(Profile::constant(rate))
}

/// Runs it from a warm-up of 2 s to 42 s; shares of what came afterwards: refused with `kind`, and the mean latency of
/// what succeeded, in milliseconds.
fn measure(mut simulation: Simulation, kind: ErrorKind) -> (f64, f64) {
    simulation.run_until(at(42.0));
    assert!(simulation.audit().is_empty());
    let seconds = simulation.recording().seconds.iter().skip(2).map(|second| &second.populations[0].flow);
    let (mut refused, mut finished, mut succeeded, mut sum) = (0.0, 0.0, 0.0, 0.0);
    for flow in seconds {
        let here = f64::from(flow.errors[kind as usize]);
        assert_eq!(flow.failed(), flow.errors[kind as usize], "nothing else goes wrong");
        refused += here;
        finished += here + f64::from(flow.succeeded);
        succeeded += f64::from(flow.succeeded);
        sum += flow.mean.as_secs_f64() * 1e3 * f64::from(flow.succeeded);
    }
    (refused / finished, sum / succeeded)
}

/// A bulkhead of c permits without waiting is M/M/c/c, and one with endless patience M/M/c. A bucket of one permit, with
/// endless patience, is the server of M/D/1: whoever has waited goes on when the permit is whole again.
fn bulkheads(faster: f64) -> Family {
    let work_ms = 10.0;
    let mut family = Family::new("bulkhead");
    let runs = replicate(RUNS, |seed| {
        let arrivals = Arrivals::Poisson(Profile::constant(400.0));
        let work = exponential(work_ms / faster);
        measure(behind(bulkhead(5, SimDuration::ZERO), work, arrivals, seed), ErrorKind::BulkheadFull).0
    });
    family.check("refused".to_owned(), erlang_b(5, 4.0), 0.03, runs);
    let runs = replicate(RUNS, |seed| {
        let arrivals = Arrivals::Poisson(Profile::constant(300.0));
        let work = exponential(work_ms / faster);
        let layers = bulkhead(4, SimDuration::from_secs(1_000));
        measure(behind(layers, work, arrivals, seed), ErrorKind::BulkheadFull).1
    });
    family.check("latency".to_owned(), mmc_wait(4, 300.0, 100.0) * 1e3 + work_ms, 0.03, runs);
    let runs = replicate(RUNS, |seed| {
        let permits = libm::round(400.0 * faster) as u64;
        let period = SimDuration::SECOND;
        let max_wait = SimDuration::from_secs(1_000);
        let limit = RateLimitSpec::TokenBucket { permits, period, burst: 1, max_wait };
        let arrivals = Arrivals::Poisson(Profile::constant(280.0));
        measure(behind(vec![Layer::RateLimit(limit)], constant(0.0), arrivals, seed), ErrorKind::RateLimited).1
    });
    family.check("wait for a permit".to_owned(), mg1_wait(280.0, 1.0 / 400.0, 0.0) * 1e3, 0.04, runs);
    family
}

#[test]
fn a_bulkhead_blocks_as_erlang_b_and_waits_as_erlang_c() {
    bulkheads(1.0).verify();
}

#[test]
fn a_bulkhead_in_front_of_a_faster_service_is_noticed() {
    bulkheads(1.1).must_fail();
}

/// One permit, 100 ms of work, 50 ms of patience: A comes at 0 and goes at 100 ms; B comes at 10 ms and is refused at
/// 60 ms; C comes at 60 ms, waits for 40 ms and ends at 200 ms.
#[test]
fn a_bulkhead_lets_wait_as_long_as_it_says() {
    let times = [0.0, 0.010, 0.060];
    let arrivals = Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect());
    let mut simulation = behind(bulkhead(1, ms(50.0)), constant(100.0), arrivals, 1);
    simulation.run_until(at(1.0));
    let totals = &simulation.recording().totals;
    let flow = &totals.populations[0];
    assert_eq!((flow.succeeded, flow.errors[ErrorKind::BulkheadFull as usize]), (2, 1));
    assert_eq!((flow.latency.max(), flow.latency.mean()), (ms(140.0), ms(120.0)));
    assert_eq!(flow.attempts, 2, "what is refused is not sent");
}

/// By second: what was sent, and what was refused with `rate_limited`.
fn sent_and_refused(layers: Vec<Layer>, rate: f64, seconds: f64) -> Vec<(u32, u32)> {
    let mut simulation = behind(layers, constant(1.0), constant_rate(rate), 1);
    simulation.run_until(at(seconds));
    let flows = simulation.recording().seconds.iter().map(|second| &second.populations[0].flow);
    flows.map(|flow| (flow.attempts, flow.errors[ErrorKind::RateLimited as usize])).collect()
}

/// resilience4j: 50 permits each second, whatever is asked for.
#[test]
fn a_cycle_limiter_lets_its_limit_through_each_period() {
    let limit = RateLimitSpec::Cycles {
        limit_for_period: 50,
        limit_refresh_period: SimDuration::SECOND,
        timeout_duration: SimDuration::ZERO,
        rejection: Rejection::AfterTimeout,
    };
    let seen = sent_and_refused(vec![Layer::RateLimit(limit)], 200.0, 20.0);
    assert!(seen[1..].iter().all(|second| *second == (50, 150)), "{seen:?}");
}

/// A bucket of 20, full at the start, and 100 permits a second.
#[test]
fn a_token_bucket_lets_its_burst_and_then_its_rate_through() {
    let seen = sent_and_refused(vec![Layer::RateLimit(RateLimitSpec::per_second(100, 20))], 400.0, 10.0);
    // The first request comes after 2.5 ms, and the last permit may not be whole by the end.
    assert!(seen[0].0.abs_diff(120) <= 1, "{seen:?}");
    assert!(seen[1..].iter().all(|second| second.0.abs_diff(100) <= 1), "{seen:?}");
    let sent: u32 = seen.iter().map(|second| second.0).sum();
    assert!(sent.abs_diff(1_020) <= 1, "{sent} in all");
}

/// Ten permits a second for twenty callers, who wait for up to half a second: once five are waiting, every second one
/// finds that its permit would come too late.
#[test]
fn a_rate_limit_lets_wait_as_long_as_it_says() {
    let limit = RateLimitSpec::TokenBucket { permits: 10, period: SimDuration::SECOND, burst: 1, max_wait: ms(500.0) };
    let mut simulation = behind(vec![Layer::RateLimit(limit)], constant(1.0), constant_rate(20.0), 1);
    simulation.run_until(at(30.0));
    for second in &simulation.recording().seconds[5..] {
        let flow = &second.populations[0].flow;
        assert_eq!((flow.attempts, flow.errors[ErrorKind::RateLimited as usize]), (10, 10));
        assert!(flow.max <= ms(501.0) && flow.max >= ms(401.0), "the longest wait is {:?}", flow.max);
    }
}

/// A bulkhead that lets nobody in, and three attempts: each call makes three, and none is sent. One that lets one in at a
/// time, for 100 ms, sends every tenth first attempt or one of its retries.
#[test]
fn attempts_that_are_refused_are_counted_apart_from_those_that_are_sent() {
    let run = |permits: u32| {
        let layers = [vec![Layer::Retry(at_once(3))], bulkhead(permits, SimDuration::ZERO)].concat();
        let mut simulation = behind(layers, constant(100.0), constant_rate(100.0), 1);
        simulation.run_until(at(30.0));
        simulation.recording().totals.populations[0].clone()
    };
    let none = run(0);
    assert_eq!((none.attempts, none.retries, none.refused), (0, 0, 3 * none.offered));
    let one = run(1);
    let failed = one.errors[ErrorKind::BulkheadFull as usize];
    // Retries are made at once: whose first attempt is refused finds no permit later either.
    assert_eq!((one.retries, one.refused), (0, 3 * failed));
    assert_eq!(one.attempts + failed, one.offered);
    assert!(one.amplification() < 0.11);
}

/// Whoever waits in vain has not been sent.
#[test]
fn an_attempt_that_waited_in_vain_is_refused() {
    let times = [0.0, 0.010];
    let arrivals = || Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect());
    let patient = bulkhead(1, ms(50.0));
    let hurried = [vec![Layer::Timeout(ms(30.0))], bulkhead(0, ms(50.0))].concat();
    for (layers, sent_and_refused) in [(patient, (1, 1)), (hurried, (0, 2))] {
        let mut simulation = behind(layers, constant(100.0), arrivals(), 1);
        simulation.run_until(at(1.0));
        let flow = &simulation.recording().totals.populations[0];
        assert_eq!((flow.attempts, flow.refused), sent_and_refused);
    }
}
