//! Retry budgets: what keeps a client's retries from multiplying the load on a callee that fails.
//!
//! One budget is shared by every call of one client object or channel, as the products share theirs. Four families:
//! the AWS SDKs' retry quota, gRPC's retry throttling, a plain ratio bucket, and Finagle's `RetryBudget`. A budget never
//! delays anything: it grants a retry or refuses it. It does not know which errors are retried at all: the caller asks
//! only about errors of its [`super::RetrySpec::retry_on`], and reports only those with [`RetryBudget::on_failure`].
//!
//! All amounts are integers in thousandths of a token, so nothing drifts.

mod finagle;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use finagle::LeakyWindow;

use super::ErrorKind;
use super::spec_issue::{SpecIssue, require};
use crate::units::{SimDuration, SimTime};

/// An amount of tokens, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MilliTokens(u64);

impl MilliTokens {
    /// So many thousandths of a token.
    #[must_use]
    pub const fn new(thousandths: u64) -> Self {
        Self(thousandths)
    }

    /// So many whole tokens.
    #[must_use]
    pub const fn whole(tokens: u32) -> Self {
        Self(tokens as u64 * 1_000)
    }

    /// The amount in thousandths of a token.
    #[must_use]
    pub const fn thousandths(self) -> u64 {
        self.0
    }

    fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    fn plus_up_to(self, other: Self, most: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(most.0))
    }
}

/// Which budget, with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RetryBudgetSpec {
    /// The retry quota of the AWS SDKs' standard mode (botocore 1.43.67, `RetryQuota`, `RetryQuotaChecker`).
    ///
    /// A retry takes its cost or is refused. A success hands back the cost of the call's *last* retry, or
    /// `success_refund` when there was none; a call that fails in the end hands back nothing.
    AwsTokenBucket {
        /// Tokens in the full bucket, with which it starts; 500.
        capacity: MilliTokens,
        /// Cost of a retry after any error that is neither of the next two; 5, since 2026 14.
        cost_transient: MilliTokens,
        /// Cost of a retry after a time-out of the attempt; 10, since 2026 14.
        cost_timeout: MilliTokens,
        /// Cost of a retry after being throttled; 5.
        cost_throttling: MilliTokens,
        /// What a success without a retry adds; 1.
        success_refund: MilliTokens,
    },
    /// `retryThrottling` of gRPC (proposal A6, Throttling Retry Attempts and Hedged RPCs). It has no default.
    ///
    /// Starts full. Every failure takes 1 token, every success adds `token_ratio`; retries are granted while more than
    /// half of `max_tokens` is left.
    GrpcThrottling {
        /// `maxTokens`: above 0, at most 1000.
        max_tokens: MilliTokens,
        /// `tokenRatio`, of which gRPC keeps three decimals.
        token_ratio: MilliTokens,
    },
    /// A bucket filled by first tries: retries are at most the initial amount plus this share of the first tries.
    Ratio {
        /// What a first try adds; 0.1 saturates amplification at 1.1.
        per_first_try: MilliTokens,
        /// The most the bucket holds.
        capacity: MilliTokens,
        /// What it holds at the start.
        initial: MilliTokens,
    },
    /// `RetryBudget` of Finagle (commit 4feb34c, 2024-10; `TokenBucket.newLeakyBucket` over `WindowedAdder`).
    ///
    /// Deposits of 1 a request, withdrawals of 1/`percent_can_retry` a retry, both forgotten after about `ttl`; besides
    /// them a standing reserve of `min_retries_per_sec` x `ttl` withdrawals.
    Finagle {
        /// Retries per request, 0 to 1000; 0.2. (The product's name; it is a fraction.)
        percent_can_retry: f64,
        /// The reserve, in retries a second; 10.
        min_retries_per_sec: u32,
        /// How long deposits and withdrawals count, whole seconds from 1 to 60; 10 s.
        ttl: SimDuration,
    },
}

impl RetryBudgetSpec {
    /// The quota of the AWS SDKs' standard mode before 2026 (botocore 1.43.67 without `AWS_NEW_RETRIES_2026`).
    #[must_use]
    pub const fn aws_legacy() -> Self {
        Self::aws(5, 10, 5)
    }

    /// The quota of the AWS SDKs' standard mode of 2026, the default since 2026-11-10 (botocore 1.44.0).
    #[must_use]
    pub const fn aws_2026() -> Self {
        Self::aws(14, 14, 5)
    }

    /// Finagle's default budget (commit 4feb34c): 20 %, at least 10 a second, 10 s.
    #[must_use]
    pub const fn finagle() -> Self {
        Self::Finagle { percent_can_retry: 0.2, min_retries_per_sec: 10, ttl: SimDuration::from_secs(10) }
    }

    const fn aws(transient: u32, timeout: u32, throttling: u32) -> Self {
        Self::AwsTokenBucket {
            capacity: MilliTokens::whole(500),
            cost_transient: MilliTokens::whole(transient),
            cost_timeout: MilliTokens::whole(timeout),
            cost_throttling: MilliTokens::whole(throttling),
            success_refund: MilliTokens::whole(1),
        }
    }

    /// Everything in this spec that the product would refuse, or that makes the budget meaningless.
    #[must_use]
    pub fn validate(&self) -> Vec<SpecIssue> {
        let mut issues = Vec::new();
        match self {
            Self::AwsTokenBucket { capacity, .. } => check_positive(&mut issues, "capacity", *capacity),
            Self::GrpcThrottling { max_tokens, token_ratio } => check_grpc(&mut issues, *max_tokens, *token_ratio),
            Self::Ratio { capacity, initial, .. } => check_ratio(&mut issues, *capacity, *initial),
            Self::Finagle { percent_can_retry, ttl, .. } => check_finagle(&mut issues, *percent_can_retry, *ttl),
        }
        issues
    }

    fn aws_cost(&self, error: ErrorKind) -> MilliTokens {
        match (self, error) {
            (Self::AwsTokenBucket { cost_timeout, .. }, ErrorKind::Timeout) => *cost_timeout,
            (Self::AwsTokenBucket { cost_throttling, .. }, ErrorKind::RateLimited) => *cost_throttling,
            (Self::AwsTokenBucket { cost_transient, .. }, _) => *cost_transient,
            _ => MilliTokens::default(),
        }
    }

    fn capacity(&self) -> MilliTokens {
        match self {
            Self::AwsTokenBucket { capacity, .. } | Self::Ratio { capacity, .. } => *capacity,
            Self::GrpcThrottling { max_tokens, .. } => *max_tokens,
            Self::Finagle { .. } => MilliTokens::default(),
        }
    }
}

fn check_positive(issues: &mut Vec<SpecIssue>, field: &'static str, amount: MilliTokens) {
    require(issues, amount.0 > 0, field, || "an empty bucket never grants a retry".into(), "more than 0 tokens");
}

fn check_grpc(issues: &mut Vec<SpecIssue>, max_tokens: MilliTokens, token_ratio: MilliTokens) {
    let valid = max_tokens.0 > 0 && max_tokens <= MilliTokens::whole(1000);
    require(issues, valid, "max_tokens", || format!("{} is out of range", show(max_tokens)), "above 0, at most 1000");
    check_positive(issues, "token_ratio", token_ratio);
}

fn check_ratio(issues: &mut Vec<SpecIssue>, capacity: MilliTokens, initial: MilliTokens) {
    require(
        issues,
        capacity >= MilliTokens::whole(1),
        "capacity",
        || format!("{} tokens can never pay for a retry, which costs 1", show(capacity)),
        "at least 1 token",
    );
    require(
        issues,
        initial <= capacity,
        "initial",
        || format!("{} is more than the capacity, {}", show(initial), show(capacity)),
        "at most the capacity",
    );
}

fn check_finagle(issues: &mut Vec<SpecIssue>, percent: f64, ttl: SimDuration) {
    let valid = (0.0..=1000.0).contains(&percent);
    require(
        issues,
        valid,
        "percent_can_retry",
        || format!("{percent} is out of range"),
        "0 to 1000; 0.2 is one in five",
    );
    let valid = (SimDuration::SECOND..=SimDuration::MINUTE).contains(&ttl);
    require(issues, valid, "ttl", || format!("{} s is out of range", ttl.as_secs_f64()), "1 s to 60 s");
}

fn show(amount: MilliTokens) -> f64 {
    amount.0 as f64 / 1e3
}

/// The proof that a retry was granted: keep the latest one of each call for [`RetryBudget::on_success`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryToken {
    cost: MilliTokens,
}

/// The state of one budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryBudget {
    level: Level,
    refused: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Level {
    Tokens(MilliTokens),
    Leaky(LeakyWindow),
}

impl Level {
    fn new(spec: &RetryBudgetSpec, now: SimTime) -> Self {
        match spec {
            RetryBudgetSpec::Ratio { initial, .. } => Self::Tokens(*initial),
            RetryBudgetSpec::Finagle { .. } => Self::Leaky(LeakyWindow::new(now)),
            _ => Self::Tokens(spec.capacity()),
        }
    }
}

impl RetryBudget {
    /// The budget as it stands at the start.
    #[must_use]
    pub fn new(spec: &RetryBudgetSpec, now: SimTime) -> Self {
        Self { level: Level::new(spec, now), refused: 0 }
    }

    /// A call makes its first attempt.
    pub fn on_first_try(&mut self, spec: &RetryBudgetSpec, now: SimTime) {
        match (&mut self.level, spec) {
            (Level::Tokens(level), RetryBudgetSpec::Ratio { per_first_try, capacity, .. }) => {
                *level = level.plus_up_to(*per_first_try, *capacity);
            }
            (Level::Leaky(window), RetryBudgetSpec::Finagle { percent_can_retry, ttl, .. }) => {
                window.deposit(now, *percent_can_retry, *ttl);
            }
            _ => {}
        }
    }

    /// Asks for a retry after an error; `None` means that the call fails with that error.
    pub fn try_withdraw(&mut self, spec: &RetryBudgetSpec, now: SimTime, error: ErrorKind) -> Option<RetryToken> {
        let token = match &mut self.level {
            Level::Tokens(level) => withdraw(level, spec, error),
            Level::Leaky(window) => window.withdraw(spec, now),
        };
        self.refused += u64::from(token.is_none());
        token
    }

    /// A call succeeded, its latest retry having had this token (`None`: at the first attempt).
    pub fn on_success(&mut self, spec: &RetryBudgetSpec, token: Option<RetryToken>) {
        let refund = match spec {
            RetryBudgetSpec::AwsTokenBucket { success_refund, .. } => token.map_or(*success_refund, |token| token.cost),
            RetryBudgetSpec::GrpcThrottling { token_ratio, .. } => *token_ratio,
            RetryBudgetSpec::Ratio { .. } | RetryBudgetSpec::Finagle { .. } => return,
        };
        if let Level::Tokens(level) = &mut self.level {
            *level = level.plus_up_to(refund, spec.capacity());
        }
    }

    /// An attempt failed with an error that is retried on. Call it before asking for the retry: gRPC counts the failure
    /// first.
    pub fn on_failure(&mut self, spec: &RetryBudgetSpec, _error: ErrorKind) {
        if let (Level::Tokens(level), RetryBudgetSpec::GrpcThrottling { .. }) = (&mut self.level, spec) {
            *level = level.minus(MilliTokens::whole(1)).unwrap_or_default();
        }
    }

    /// Takes over new settings: a bucket of the same family keeps its level, up to the new capacity; another family
    /// starts as new.
    pub fn reconfigure(&mut self, old: &RetryBudgetSpec, new: &RetryBudgetSpec, now: SimTime) {
        if std::mem::discriminant(old) != std::mem::discriminant(new) {
            self.level = Level::new(new, now);
        } else if let Level::Tokens(level) = &mut self.level {
            *level = (*level).min(new.capacity());
        }
    }

    /// What is left: tokens of a bucket, or Finagle's balance (deposits, withdrawals and reserve) in its own units.
    #[must_use]
    pub fn balance(&self, spec: &RetryBudgetSpec, now: SimTime) -> MilliTokens {
        match (&self.level, spec) {
            (Level::Tokens(level), _) => *level,
            (Level::Leaky(window), RetryBudgetSpec::Finagle { ttl, .. }) => {
                MilliTokens(window.balance(spec, now, *ttl))
            }
            (Level::Leaky(_), _) => MilliTokens::default(),
        }
    }

    /// Retries refused so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

fn withdraw(level: &mut MilliTokens, spec: &RetryBudgetSpec, error: ErrorKind) -> Option<RetryToken> {
    let cost = match spec {
        RetryBudgetSpec::AwsTokenBucket { .. } => spec.aws_cost(error),
        RetryBudgetSpec::Ratio { .. } => MilliTokens::whole(1),
        RetryBudgetSpec::GrpcThrottling { max_tokens, .. } => {
            return (level.0 * 2 > max_tokens.0).then(RetryToken::free);
        }
        RetryBudgetSpec::Finagle { .. } => return None,
    };
    *level = level.minus(cost)?;
    Some(RetryToken { cost })
}

impl RetryToken {
    fn free() -> Self {
        Self { cost: MilliTokens::default() }
    }
}
