//! Retry settings of named products, by their documented defaults.
//!
//! Error kinds stand for the products' own classes: HTTP 500/502/503/504 are `Internal`, `QueueFull` and `Shed`; 429 and
//! throttling codes are `RateLimited`; connection errors are `ConnectionRefused` and `ConnectionLost`.

use super::{Backoff, Jitter, RetrySpec};
use crate::model::retry_budget::RetryBudgetSpec;
use crate::model::{ErrorKind, ErrorSet};
use crate::units::SimDuration;

/// gRPC clients treat a higher `maxAttempts` as this (proposal A6, Limits on Retries and Hedges).
const GRPC_MOST_ATTEMPTS: u32 = 5;

/// What the AWS SDKs' standard mode retries: transient errors and throttling (botocore 1.43.67).
const AWS_RETRYABLE: ErrorSet = ErrorSet::EMPTY
    .with(ErrorKind::Timeout)
    .with(ErrorKind::Internal)
    .with(ErrorKind::QueueFull)
    .with(ErrorKind::Shed)
    .with(ErrorKind::RateLimited)
    .with(ErrorKind::ConnectionRefused)
    .with(ErrorKind::ConnectionLost);

impl RetrySpec {
    /// One attempt and no more: the default of Envoy without `retry_on`, of gRPC without a policy, of most HTTP clients.
    #[must_use]
    pub fn none() -> Self {
        Self::plain(1, Backoff::None, ErrorSet::EMPTY)
    }

    /// AWS SDKs, standard mode before 2026 (botocore 1.43.67): 3 attempts, full jitter on 1 s doubling to 20 s.
    #[must_use]
    pub fn aws_standard_legacy() -> Self {
        Self::aws(3, SimDuration::SECOND, None, RetryBudgetSpec::aws_legacy())
    }

    /// AWS SDKs, standard mode of 2026 (default since 2026-11-10, botocore 1.44.0): 3 attempts, full jitter on 50 ms
    /// doubling to 20 s, 1 s when throttled.
    #[must_use]
    pub fn aws_standard_2026() -> Self {
        Self::aws_2026(3, SimDuration::from_millis(50))
    }

    /// The same for DynamoDB and DynamoDB Streams: 4 attempts, from 25 ms.
    #[must_use]
    pub fn aws_standard_2026_dynamodb() -> Self {
        Self::aws_2026(4, SimDuration::from_millis(25))
    }

    /// gRPC `retryPolicy` (proposal A6 at 1fd061a): every field is mandatory there; at most 5 attempts; jitter 20 %.
    /// Throttling is separate: set [`RetrySpec::budget`] to [`RetryBudgetSpec::GrpcThrottling`].
    #[must_use]
    pub fn grpc(
        max_attempts: u32,
        initial_backoff: SimDuration,
        max_backoff: SimDuration,
        backoff_multiplier: f64,
        retryable: ErrorSet,
    ) -> Self {
        let backoff = Backoff::Exponential { base: initial_backoff, multiplier: backoff_multiplier, cap: max_backoff };
        let spec = Self::plain(max_attempts.min(GRPC_MOST_ATTEMPTS), backoff, retryable);
        Self { jitter: Jitter::Proportional { ratio: 0.2 }, ..spec }
    }

    /// resilience4j 2.4.0 `Retry`: 3 attempts, 500 ms apart, on every exception (its own open breaker's included).
    #[must_use]
    pub fn resilience4j() -> Self {
        Self::plain(3, Backoff::Fixed { delay: SimDuration::from_millis(500) }, ErrorSet::ALL)
    }

    /// Polly v8 (commit 173d6d1): 3 retries, 2 s apart, on every exception but cancellation.
    #[must_use]
    pub fn polly() -> Self {
        let all = ErrorSet::ALL.without(ErrorKind::Cancelled);
        Self::plain(4, Backoff::Fixed { delay: SimDuration::from_secs(2) }, all)
    }

    /// Polly v8 with `BackoffType` exponential and `UseJitter`: the decorrelated curve from 2 s, without a cap.
    #[must_use]
    pub fn polly_exponential_jitter() -> Self {
        let base = SimDuration::from_secs(2);
        let backoff = Backoff::Exponential { base, multiplier: 2.0, cap: SimDuration::MAX };
        Self { backoff, jitter: Jitter::DecorrelatedV2, ..Self::polly() }
    }

    /// Envoy with `retry_on` set: 1 retry, full jitter on 25 ms doubling to 250 ms.
    ///
    /// After the source (`JitteredExponentialBackOffStrategy`), in which the interval doubles: 25, 50, 100 ms; the
    /// documentation of the router filter gives 25, 75, 175 ms, which an older source did.
    #[must_use]
    pub fn envoy(retry_on: ErrorSet) -> Self {
        let (base, cap) = (SimDuration::from_millis(25), SimDuration::from_millis(250));
        let spec = Self::plain(2, Backoff::Exponential { base, multiplier: 2.0, cap }, retry_on);
        Self { jitter: Jitter::Full, ..spec }
    }

    /// failsafe-go (commit 5759a5e): 2 retries at once, on every error.
    #[must_use]
    pub fn failsafe_go() -> Self {
        Self::plain(3, Backoff::None, ErrorSet::ALL)
    }

    fn plain(max_attempts: u32, backoff: Backoff, retry_on: ErrorSet) -> Self {
        Self { max_attempts, backoff, throttling_backoff: None, jitter: Jitter::None, retry_on, budget: None }
    }

    fn aws(max_attempts: u32, base: SimDuration, throttled: Option<SimDuration>, budget: RetryBudgetSpec) -> Self {
        let doubling = |base| Backoff::Exponential { base, multiplier: 2.0, cap: SimDuration::from_secs(20) };
        Self {
            max_attempts,
            backoff: doubling(base),
            throttling_backoff: throttled.map(doubling),
            jitter: Jitter::Full,
            retry_on: AWS_RETRYABLE,
            budget: Some(budget),
        }
    }

    fn aws_2026(max_attempts: u32, base: SimDuration) -> Self {
        Self::aws(max_attempts, base, Some(SimDuration::SECOND), RetryBudgetSpec::aws_2026())
    }
}
