//! Token bucket: exact rate and burst. Cycles: documented behaviour of resilience4j 2.4.0 `RateLimiter`.

use super::*;

fn at(nanos: u64) -> SimTime {
    SimTime::from_nanos(nanos)
}

fn bucket(permits: u64, period: u64, burst: u64, max_wait: u64) -> RateLimitSpec {
    let (period, max_wait) = (SimDuration::from_nanos(period), SimDuration::from_nanos(max_wait));
    let spec = RateLimitSpec::TokenBucket { permits, period, burst, max_wait };
    assert_eq!(spec.validate(), []);
    spec
}

fn cycles(limit: u64, period: u64, timeout: u64) -> RateLimitSpec {
    let spec = RateLimitSpec::Cycles {
        limit_for_period: limit,
        limit_refresh_period: SimDuration::from_nanos(period),
        timeout_duration: SimDuration::from_nanos(timeout),
        rejection: Rejection::AtOnce,
    };
    assert_eq!(spec.validate(), []);
    spec
}

/// The answers to askers at given nanoseconds.
fn answers(spec: &RateLimitSpec, times: &[u64]) -> Vec<Decision> {
    let mut limiter = RateLimiter::new(spec, SimTime::ZERO);
    times.iter().map(|nanos| limiter.try_acquire(spec, at(*nanos))).collect()
}

use Decision::{Granted, Rejected, WaitUntil};

#[test]
fn a_bucket_grants_its_burst_and_then_one_each_interval() {
    let times = [0, 0, 0, 9, 10, 19, 20];
    let expected = [Granted, Granted, Rejected, Rejected, Granted, Rejected, Granted];
    assert_eq!(answers(&bucket(1, 10, 2, 0), &times), expected);
}

#[test]
fn waits_are_reservations_in_order_of_asking() {
    let spec = bucket(1, 10, 1, 25);
    let expected = [Granted, WaitUntil(at(10)), WaitUntil(at(20)), Rejected, WaitUntil(at(30)), Rejected];
    assert_eq!(answers(&spec, &[0, 0, 0, 0, 5, 5]), expected);
    let mut limiter = RateLimiter::new(&spec, SimTime::ZERO);
    (0..4).for_each(|_| _ = limiter.try_acquire(&spec, SimTime::ZERO));
    assert_eq!((limiter.available(&spec, SimTime::ZERO), limiter.rejected()), (-2, 1));
}

/// 3 permits in 10 ns: instants are rounded up to the nanosecond, the level is not rounded at all.
#[test]
fn uneven_rates_do_not_drift() {
    let spec = bucket(3, 10, 1, u64::MAX);
    let mut limiter = RateLimiter::new(&spec, SimTime::ZERO);
    assert_eq!(limiter.try_acquire(&spec, SimTime::ZERO), Granted);
    for asked in 1..=300_000_u64 {
        let due = (asked * 10).div_ceil(3);
        assert_eq!(limiter.try_acquire(&spec, SimTime::ZERO), WaitUntil(at(due)), "permit {asked}");
    }
}

/// Irregular askers, far more than the limit: any window [s, t] sees at most burst + rate (t - s) grants, and the
/// whole run exactly that, to the permit.
#[test]
fn the_long_run_rate_is_exact_and_the_burst_a_bound() {
    const SECOND: u64 = 1_000_000_000;
    let (rate, burst) = (997_u64, 13_u64);
    let spec = RateLimitSpec::per_second(rate, burst);
    let mut limiter = RateLimiter::new(&spec, SimTime::ZERO);
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let (mut now, mut last, mut granted) = (0_u64, 0_u64, 0_u64);
    // The largest of rate x s - granted(s) so far, in parts: a grant must not exceed it by more than the burst.
    let mut highest = 0_i128;
    while now < 100 * SECOND {
        let before = i128::from(rate) * i128::from(now) - i128::from(granted) * i128::from(SECOND);
        highest = highest.max(before);
        last = now;
        if limiter.try_acquire(&spec, at(now)) == Granted {
            granted += 1;
            let after = before - i128::from(SECOND);
            assert!(highest - after <= i128::from(burst * SECOND), "too many grants by {now} ns");
        }
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        now += bits >> 46;
    }
    assert_eq!(granted, burst + last * rate / SECOND);
}

#[test]
fn a_quiet_time_saves_up_no_more_than_the_burst() {
    let spec = bucket(1, 10, 3, 0);
    let mut limiter = RateLimiter::new(&spec, SimTime::ZERO);
    let late = at(u64::MAX / 2);
    assert_eq!((0..10).filter(|_| limiter.try_acquire(&spec, late) == Granted).count(), 3);
}

/// resilience4j 2.4.0 `AtomicRateLimiter`: the cycle's edge lets twice the limit through.
#[test]
fn cycles_top_up_at_their_edges() {
    let spec = cycles(2, 100, 0);
    let times = [99, 99, 99, 100, 100, 100, 450, 450, 450];
    let expected = [Granted, Granted, Rejected, Granted, Granted, Rejected, Granted, Granted, Rejected];
    assert_eq!(answers(&spec, &times), expected, "and unused cycles are not saved up");
}

/// resilience4j 2.4.0 `reservePermissions`: only a wait that fits the time-out takes a permit of a later cycle.
#[test]
fn cycles_reserve_permits_of_later_cycles() {
    let spec = cycles(2, 100, 150);
    let cases = [
        (50, Granted),
        (50, Granted),
        (50, WaitUntil(at(100))),
        (50, WaitUntil(at(100))),
        (50, WaitUntil(at(200))),
        (50, WaitUntil(at(200))),
        // The next one would be due at 300, after 250 and, in the next cycle, after 200 ns.
        (50, Rejected),
        (100, Rejected),
        (200, WaitUntil(at(300))),
    ];
    let (times, expected): (Vec<u64>, Vec<Decision>) = cases.into_iter().unzip();
    assert_eq!(answers(&spec, &times), expected);
}

/// resilience4j 2.4.0 defaults: 50 permits each 500 ns, that is 100 million a second.
#[test]
fn the_products_default_limits_next_to_nothing() {
    let spec = RateLimitSpec::resilience4j();
    let mut limiter = RateLimiter::new(&spec, SimTime::ZERO);
    for micros in 0..10_000 {
        assert!((0..50).all(|_| limiter.try_acquire(&spec, at(micros * 1_000)) == Granted));
    }
    assert_eq!(spec.rejection_delay(), SimDuration::from_secs(5));
}

#[test]
fn a_new_rate_keeps_what_is_reserved() {
    let (old, new) = (bucket(1, 10, 2, 100), bucket(1, 7, 5, 100));
    let mut limiter = RateLimiter::new(&old, SimTime::ZERO);
    (0..4).for_each(|_| _ = limiter.try_acquire(&old, SimTime::ZERO));
    limiter.reconfigure(&old, &new, SimTime::ZERO);
    assert_eq!(limiter.available(&new, SimTime::ZERO), -2);
    assert_eq!(limiter.try_acquire(&new, SimTime::ZERO), WaitUntil(at(21)), "three permits at 7 ns each");

    let mut limiter = RateLimiter::new(&new, SimTime::ZERO);
    limiter.reconfigure(&new, &old, SimTime::ZERO);
    assert_eq!(limiter.available(&old, SimTime::ZERO), 2, "no more than the new burst");
}

/// resilience4j 2.4.0 `changeLimitForPeriod`: the new limit shows from the next cycle on.
#[test]
fn a_new_limit_waits_for_the_next_cycle() {
    let (old, new) = (cycles(2, 100, 0), cycles(5, 100, 0));
    let mut limiter = RateLimiter::new(&old, SimTime::ZERO);
    limiter.reconfigure(&old, &new, at(10));
    assert_eq!((limiter.available(&new, at(99)), limiter.available(&new, at(100))), (2, 5));
    let slower = cycles(5, 1_000, 0);
    limiter.reconfigure(&new, &slower, at(150));
    assert_eq!((0..9).filter(|_| limiter.try_acquire(&slower, at(150)) == Granted).count(), 5);
    assert_eq!(limiter.try_acquire(&slower, at(1_149)), Rejected);
    assert_eq!(limiter.try_acquire(&slower, at(1_150)), Granted);
}

#[test]
fn limits_that_stop_everything_are_named() {
    let fields: Vec<&str> = RateLimitSpec::TokenBucket {
        permits: 0,
        period: SimDuration::ZERO,
        burst: MAX_PERMITS + 1,
        max_wait: SimDuration::ZERO,
    }
    .validate()
    .into_iter()
    .map(|issue| issue.field)
    .collect();
    assert_eq!(fields, ["permits", "burst", "period"]);
}
