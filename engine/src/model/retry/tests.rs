//! Formulas against their bounds and means, presets against the products' documented defaults.

use super::*;
use crate::model::MilliTokens;

const ERROR: ErrorKind = ErrorKind::Internal;

fn millis(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

fn doubling(base: u64, cap: u64) -> Backoff {
    Backoff::Exponential { base: millis(base), multiplier: 2.0, cap: millis(cap) }
}

fn with(backoff: Backoff, jitter: Jitter) -> RetrySpec {
    let all = ErrorSet::ALL;
    RetrySpec { max_attempts: 10, backoff, throttling_backoff: None, jitter, retry_on: all, budget: None }
}

/// The delays of one call whose every uniform number is the same.
fn delays(spec: &RetrySpec, error: ErrorKind, uniform: f64, count: usize) -> Vec<f64> {
    let mut progress = RetryProgress::default();
    (0..count).map(|_| spec.next_delay(&mut progress, error, uniform).as_millis_f64()).collect()
}

/// The mean of the `retry`-th delay over an even grid of uniform numbers, the earlier ones being all at their middle.
fn mean(spec: &RetrySpec, retry: usize) -> f64 {
    const GRID: u32 = 1_000;
    let mut before = RetryProgress::default();
    for _ in 1..retry {
        spec.next_delay(&mut before, ERROR, 0.5);
    }
    let one = |i: u32| {
        let mut progress = before;
        spec.next_delay(&mut progress, ERROR, (f64::from(i) + 0.5) / f64::from(GRID)).as_millis_f64()
    };
    (0..GRID).map(one).sum::<f64>() / f64::from(GRID)
}

#[test]
fn backoff_without_jitter() {
    let cases = [
        (Backoff::None, [0, 0, 0, 0]),
        (Backoff::Fixed { delay: millis(500) }, [500, 500, 500, 500]),
        (Backoff::Linear { base: millis(100), cap: millis(250) }, [100, 200, 250, 250]),
        (doubling(100, 500), [100, 200, 400, 500]),
        (Backoff::Exponential { base: millis(500), multiplier: 1.5, cap: SimDuration::MAX }, [500, 750, 1125, 1687]),
    ];
    for (backoff, expected) in cases {
        let whole: Vec<u64> = delays(&with(backoff, Jitter::None), ERROR, 0.3, 4).iter().map(|ms| *ms as u64).collect();
        assert_eq!(whole, expected, "{backoff:?}");
    }
    assert_eq!(doubling(100, 500).delay(5_000), millis(500), "far past the range of a double");
}

/// Lower bound, mean and upper bound of the third delay, 400 ms before jitter (decorrelated: previous 200 ms).
#[test]
fn jitter_bounds_and_means() {
    let cases = [
        (Jitter::Full, 0.0, 200.0, 400.0),
        (Jitter::Equal, 200.0, 300.0, 400.0),
        (Jitter::Proportional { ratio: 0.2 }, 320.0, 400.0, 480.0),
        (Jitter::Proportional { ratio: 0.5 }, 200.0, 400.0, 600.0),
        // Up to 500 ms as it is, above that 500 ms: (200 + 500) / 2 of three quarters, 500 of the last.
        (Jitter::ProportionalThenCap { ratio: 0.5 }, 200.0, 387.5, 500.0),
    ];
    for (jitter, low, middle, high) in cases {
        let spec = with(doubling(100, 500), jitter);
        assert_eq!(delays(&spec, ERROR, 0.0, 3)[2], low, "{jitter:?}");
        assert!((mean(&spec, 3) - middle).abs() < 1e-3, "{jitter:?}: {}", mean(&spec, 3));
        let top = delays(&spec, ERROR, 1.0 - f64::EPSILON, 3)[2];
        assert!(top <= high && top > high - 1e-3, "{jitter:?}: {top}");
    }
}

#[test]
fn decorrelated_goes_from_the_base_to_three_times_the_previous_delay() {
    let spec = with(doubling(100, 5_000), Jitter::Decorrelated);
    assert_eq!(delays(&spec, ERROR, 0.0, 4), [100.0; 4]);
    assert_eq!(delays(&spec, ERROR, 0.5, 3), [200.0, 350.0, 575.0], "(base + 3 previous) / 2");
    assert!((mean(&spec, 2) - 350.0).abs() < 1e-3, "{}", mean(&spec, 2));
    let top = delays(&spec, ERROR, 1.0 - f64::EPSILON, 5);
    assert!((top[0] - 300.0).abs() < 1e-3 && (top[1] - 900.0).abs() < 1e-3, "{top:?}");
    assert_eq!(top[4], 5_000.0, "capped");
}

/// Polly v8 (`RetryHelper.DecorrelatedJitterBackoffV2`): medians near base 2^n, bounds as its documentation gives them.
#[test]
fn polly_exponential_jitter_follows_its_curve() {
    let spec = RetrySpec::polly_exponential_jitter();
    let curve = |t: f64| libm::exp2(t) * libm::tanh(libm::sqrt(4.0 * t)) / 1.4 * 2_000.0;
    let sums: Vec<f64> = delays(&spec, ERROR, 0.5, 4)
        .iter()
        .scan(0.0, |sum, delay| {
            *sum += delay;
            Some(*sum)
        })
        .collect();
    for (index, sum) in sums.iter().enumerate() {
        assert!((sum - curve(index as f64 + 0.5)).abs() < 1e-3, "{sums:?}");
    }
    let middle = delays(&spec, ERROR, 0.5, 4);
    for (delay, target) in middle.iter().zip([2_000.0, 2_000.0, 4_000.0, 8_000.0]) {
        assert!((delay / target - 1.0).abs() < 0.12, "{middle:?}");
    }
    assert_eq!(delays(&spec, ERROR, 0.0, 1), [0.0]);
    let capped = RetrySpec { backoff: doubling(2_000, 3_000), ..spec };
    assert_eq!(delays(&capped, ERROR, 0.5, 4)[3], 3_000.0);
}

/// AWS SDKs (botocore 1.43.67, `ExponentialBackoff.delay_amount`), largest delays of the first retries.
#[test]
fn aws_backoff_of_both_generations() {
    let top = 1.0 - f64::EPSILON;
    let cases = [
        (RetrySpec::aws_standard_legacy(), ERROR, 1_000.0),
        (RetrySpec::aws_standard_legacy(), ErrorKind::RateLimited, 1_000.0),
        (RetrySpec::aws_standard_2026(), ERROR, 50.0),
        (RetrySpec::aws_standard_2026(), ErrorKind::RateLimited, 1_000.0),
        (RetrySpec::aws_standard_2026_dynamodb(), ERROR, 25.0),
        (RetrySpec::aws_standard_2026_dynamodb(), ErrorKind::RateLimited, 1_000.0),
    ];
    for (spec, error, base) in cases {
        assert_eq!(delays(&spec, error, 0.0, 3), [0.0; 3], "full jitter");
        for (delay, expected) in delays(&spec, error, top, 3).into_iter().zip([base, 2.0 * base, 4.0 * base]) {
            assert!((delay - expected).abs() < 1e-3, "{error:?}: {delay} is not {expected}");
        }
        let capped = delays(&spec, error, top, 12)[11];
        assert!((capped - 20_000.0).abs() < 1e-3, "20 s at most, not {capped}");
    }
}

#[test]
fn products_attempts_and_errors() {
    let unavailable = ErrorSet::EMPTY.with(ErrorKind::ConnectionRefused);
    let grpc = |attempts| RetrySpec::grpc(attempts, millis(100), millis(1_000), 2.0, unavailable);
    let cases = [
        (RetrySpec::none(), 1),
        (RetrySpec::aws_standard_legacy(), 3),
        (RetrySpec::aws_standard_2026(), 3),
        (RetrySpec::aws_standard_2026_dynamodb(), 4),
        (grpc(4), 4),
        (grpc(9), 5),
        (RetrySpec::resilience4j(), 3),
        (RetrySpec::polly(), 4),
        (RetrySpec::polly_exponential_jitter(), 4),
        (RetrySpec::envoy(unavailable), 2),
        (RetrySpec::failsafe_go(), 3),
    ];
    for (spec, attempts) in cases {
        assert_eq!(spec.validate(), []);
        let mut progress = RetryProgress::default();
        while spec.allows(&progress, ErrorKind::ConnectionRefused) {
            spec.next_delay(&mut progress, ErrorKind::ConnectionRefused, 0.5);
        }
        assert_eq!(progress.retries + 1, attempts, "{spec:?}");
    }
    let fresh = RetryProgress::default();
    assert!(!grpc(4).allows(&fresh, ErrorKind::Internal), "not among the retryable status codes");
    assert!(RetrySpec::resilience4j().allows(&fresh, ErrorKind::BreakerOpen));
    assert!(!RetrySpec::polly().allows(&fresh, ErrorKind::Cancelled));
    assert!(!RetrySpec::aws_standard_2026().allows(&fresh, ErrorKind::BreakerOpen));
}

#[test]
fn products_delays() {
    let envoy = RetrySpec { max_attempts: 9, ..RetrySpec::envoy(ErrorSet::ALL) };
    assert_eq!(delays(&envoy, ERROR, 0.5, 5), [12.5, 25.0, 50.0, 100.0, 125.0], "means of 25 ms doubling to 250 ms");
    let grpc = RetrySpec::grpc(5, millis(100), millis(300), 2.0, ErrorSet::ALL);
    assert_eq!(delays(&grpc, ERROR, 0.0, 3), [80.0, 160.0, 240.0], "proposal A6: 0.8 of 100, 200 and 300 ms");
    assert_eq!(delays(&RetrySpec::resilience4j(), ERROR, 0.9, 2), [500.0, 500.0]);
    assert_eq!(delays(&RetrySpec::polly(), ERROR, 0.9, 3), [2_000.0; 3]);
    assert_eq!(delays(&RetrySpec::failsafe_go(), ERROR, 0.9, 2), [0.0; 2]);
}

#[test]
fn nonsense_is_named() {
    let fields = |spec: RetrySpec| spec.validate().into_iter().map(|issue| issue.field).collect::<Vec<_>>();
    let zero = RetrySpec { max_attempts: 0, ..RetrySpec::none() };
    assert_eq!(fields(zero), ["max_attempts"]);
    let vanishing = Backoff::Exponential { base: millis(2), multiplier: 0.0, cap: millis(1) };
    assert_eq!(fields(with(vanishing, Jitter::Proportional { ratio: 1.5 })), ["multiplier", "ratio"]);
    let empty =
        RetryBudgetSpec::GrpcThrottling { max_tokens: MilliTokens::whole(0), token_ratio: MilliTokens::new(100) };
    assert_eq!(fields(RetrySpec { budget: Some(empty), ..RetrySpec::none() }), ["max_tokens"]);
}
