//! Random stacks of layers with random settings.

use brownout::model::{
    AfterHalfOpenWait, Backoff, BreakerScope, BreakerSpec, BulkheadSpec, ErrorKind, ErrorSet, Establishment,
    IdleChoice, Jitter, LateResults, Layer, MilliTokens, OpenGrowth, PoolSpec, RateLimitSpec, Rejection,
    RetryBudgetSpec, RetrySpec, Shrink, SlidingWindowType,
};
use brownout::units::SimDuration;

use super::dice::Dice;

/// A stack in random order. Every call ends: there is always a limit for the attempt, and every wait has its own.
pub(super) fn stack(dice: &mut Dice, shared_breakers: u32) -> Vec<Layer> {
    let mut layers = vec![Layer::Timeout(dice.span(20.0, 3_000.0))];
    layers.extend(dice.maybe(0.3, |dice| Layer::Deadline(dice.span(50.0, 5_000.0))));
    layers.extend(dice.maybe(0.5, |dice| Layer::Retry(retry(dice))));
    layers.extend(dice.maybe(0.3, |dice| Layer::Breaker { spec: breaker(dice), scope: scope(dice, shared_breakers) }));
    layers.extend(dice.maybe(0.2, |dice| Layer::RateLimit(rate_limit(dice))));
    layers.extend(dice.maybe(0.3, |dice| Layer::Bulkhead(bulkhead(dice))));
    layers.extend(dice.maybe(0.5, |dice| Layer::Pool(pool(dice))));
    dice.shuffle(&mut layers);
    layers
}

pub(super) fn retry(dice: &mut Dice) -> RetrySpec {
    let (base, cap) = (dice.span(1.0, 100.0), dice.span(100.0, 1_000.0));
    let backoffs = [
        Backoff::None,
        Backoff::Fixed { delay: base },
        Backoff::Linear { base, cap },
        Backoff::Exponential { base, multiplier: 2.0, cap },
    ];
    let jitters = [
        Jitter::None,
        Jitter::Full,
        Jitter::Equal,
        Jitter::Decorrelated,
        Jitter::DecorrelatedV2,
        Jitter::Proportional { ratio: 0.2 },
        Jitter::ProportionalThenCap { ratio: 0.5 },
    ];
    RetrySpec {
        max_attempts: dice.range(1, 4),
        backoff: dice.one_of(&backoffs),
        throttling_backoff: dice.maybe(0.2, |dice| dice.one_of(&backoffs)),
        jitter: dice.one_of(&jitters),
        retry_on: errors(dice),
        budget: dice.maybe(0.5, budget),
    }
}

fn budget(dice: &mut Dice) -> RetryBudgetSpec {
    let ratio = RetryBudgetSpec::Ratio {
        per_first_try: MilliTokens::new(100),
        capacity: MilliTokens::whole(10),
        initial: MilliTokens::whole(5),
    };
    let grpc =
        RetryBudgetSpec::GrpcThrottling { max_tokens: MilliTokens::whole(10), token_ratio: MilliTokens::new(100) };
    let all = [RetryBudgetSpec::aws_legacy(), RetryBudgetSpec::aws_2026(), RetryBudgetSpec::finagle(), ratio, grpc];
    dice.one_of(&all)
}

fn errors(dice: &mut Dice) -> ErrorSet {
    if dice.chance(0.6) {
        return ErrorSet::ALL;
    }
    ErrorKind::ALL.into_iter().filter(|_| dice.chance(0.6)).collect()
}

pub(super) fn breaker(dice: &mut Dice) -> BreakerSpec {
    BreakerSpec {
        sliding_window_type: dice.one_of(&[SlidingWindowType::CountBased, SlidingWindowType::TimeBased]),
        sliding_window_size: dice.range(2, 30),
        minimum_number_of_calls: dice.range(1, 20),
        failure_rate_threshold: dice.real(5.0, 100.0),
        slow_call_rate_threshold: dice.real(20.0, 100.0),
        slow_call_duration_threshold: dice.span(10.0, 500.0),
        wait_duration_in_open_state: dice.span(50.0, 5_000.0),
        open_growth: dice.maybe(0.3, |dice| OpenGrowth { multiplier: 2.0, cap: dice.span(5_000.0, 20_000.0) }),
        permitted_number_of_calls_in_half_open_state: dice.range(1, 8),
        max_wait_duration_in_half_open_state: if dice.chance(0.5) {
            SimDuration::ZERO
        } else {
            dice.span(10.0, 2_000.0)
        },
        transition_to_state_after_wait_duration: dice.one_of(&[AfterHalfOpenWait::Open, AfterHalfOpenWait::Closed]),
        automatic_transition_from_open_to_half_open_enabled: dice.chance(0.5),
        recorded: errors(dice),
        ignored: if dice.chance(0.3) { ErrorSet::EMPTY.with(ErrorKind::Shed) } else { ErrorSet::EMPTY },
        late_results: dice.one_of(&[LateResults::Count, LateResults::Ignore]),
    }
}

fn scope(dice: &mut Dice, shared: u32) -> BreakerScope {
    match dice.range(0, 3) {
        0 => BreakerScope::Service,
        1 => BreakerScope::Endpoint,
        2 => BreakerScope::Instance,
        _ => BreakerScope::Shared { key: dice.range(0, shared - 1) as u16 },
    }
}

pub(super) fn rate_limit(dice: &mut Dice) -> RateLimitSpec {
    let wait = if dice.chance(0.5) { SimDuration::ZERO } else { dice.span(1.0, 500.0) };
    if dice.chance(0.5) {
        let (permits, burst) = (u64::from(dice.range(5, 200)), u64::from(dice.range(1, 50)));
        RateLimitSpec::TokenBucket { permits, period: SimDuration::SECOND, burst, max_wait: wait }
    } else {
        RateLimitSpec::Cycles {
            limit_for_period: u64::from(dice.range(1, 50)),
            limit_refresh_period: dice.span(10.0, 1_000.0),
            timeout_duration: wait,
            rejection: dice.one_of(&[Rejection::AtOnce, Rejection::AfterTimeout]),
        }
    }
}

fn bulkhead(dice: &mut Dice) -> BulkheadSpec {
    let max_wait_duration = if dice.chance(0.4) { SimDuration::ZERO } else { dice.span(1.0, 1_000.0) };
    BulkheadSpec { max_concurrent_calls: dice.range(1, 20), max_wait_duration }
}

pub(super) fn pool(dice: &mut Dice) -> PoolSpec {
    let idle_choice = dice.one_of(&[IdleChoice::MostRecentlyUsed, IdleChoice::LeastRecentlyUsed]);
    let maximum_pool_size = dice.range(1, 12);
    let maximum_waiters = dice.maybe(0.2, |dice| dice.range(0, 10));
    if dice.chance(0.4) {
        let fixed = PoolSpec::fixed(maximum_pool_size, dice.span(10.0, 2_000.0));
        return PoolSpec { idle_choice, maximum_waiters, ..fixed };
    }
    let base = if dice.chance(0.5) { PoolSpec::hikaricp() } else { PoolSpec::hikaricp_after_6_0() };
    PoolSpec {
        maximum_pool_size,
        minimum_idle: dice.maybe(0.5, |dice| dice.range(0, maximum_pool_size)),
        connection_timeout: dice.span(250.0, 3_000.0),
        validation_timeout: dice.span(250.0, 2_000.0),
        idle_timeout: SimDuration::from_secs(10),
        max_lifetime: SimDuration::from_secs(u64::from(dice.range(30, 60))),
        keepalive_time: SimDuration::from_secs(if dice.chance(0.5) { 0 } else { 30 }),
        leak_detection_threshold: SimDuration::from_secs(if dice.chance(0.5) { 0 } else { 2 }),
        alive_bypass_window: dice.span(0.0, 500.0),
        housekeeping_period: dice.span(500.0, 30_000.0),
        maximum_waiters,
        idle_choice,
        establishment: Establishment::OneAtATime,
        shrink: dice.one_of(&[Shrink::ByAttrition, Shrink::AtOnce]),
        ..base
    }
}
