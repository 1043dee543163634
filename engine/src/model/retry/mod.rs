//! Retries: whether a failed attempt is made again, and after what delay.
//!
//! Pure arithmetic on the spec, the call's [`RetryProgress`] and one uniform number a retry. It knows neither deadlines
//! nor timers nor whether repeating is safe; the shared limit on retries is [`super::RetryBudget`]. Formulas: M. Brooker,
//! "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015) for full, equal and decorrelated jitter; the products
//! named at each preset for the rest. Delays are rounded to the nanosecond, where some products round to milliseconds.

mod presets;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::retry_budget::RetryBudgetSpec;
use super::spec_issue::{SpecIssue, require};
use super::{ErrorKind, ErrorSet};
use crate::units::SimDuration;

/// How the delay grows from retry to retry, before jitter. Retry numbers `n` start at 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Backoff {
    /// At once.
    None,
    /// Always the same.
    Fixed {
        /// The delay.
        delay: SimDuration,
    },
    /// min(`cap`, `base` n).
    Linear {
        /// The first delay, and the increment.
        base: SimDuration,
        /// The longest delay.
        cap: SimDuration,
    },
    /// min(`cap`, `base` `multiplier`^(n-1)).
    Exponential {
        /// The first delay.
        base: SimDuration,
        /// The growth a retry.
        multiplier: f64,
        /// The longest delay.
        cap: SimDuration,
    },
}

/// How chance changes the delay `d` that the backoff asks for. `U(a, b)` is uniform from `a` to `b`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Jitter {
    /// `d`.
    None,
    /// `U(0, d)`.
    Full,
    /// `d/2 + U(0, d/2)`.
    Equal,
    /// `min(cap, U(base, 3 previous))`, the first previous delay being `base`; of the backoff only base and cap count.
    Decorrelated,
    /// Polly v8's exponential jitter: increments of `2^t tanh(sqrt(4 t)) base / 1.4` with `t = n - 1 + U(0, 1)`.
    ///
    /// The sum of the delays follows that curve; each delay is capped. Only base and cap of the backoff count.
    DecorrelatedV2,
    /// `d U(1 - ratio, 1 + ratio)`: chance comes after the cap and can exceed it; 0.2 in gRPC.
    Proportional {
        /// The largest relative deviation, 0 to 1.
        ratio: f64,
    },
    /// `min(cap, d U(1 - ratio, 1 + ratio))`, `d` being the delay before its cap: the cap comes last. 0.5 in resilience4j
    /// (`IntervalFunction.ofExponentialRandomBackoff`), 0.25 in Polly v8 (constant and linear, `MaxDelay`).
    ProportionalThenCap {
        /// The largest relative deviation, 0 to 1.
        ratio: f64,
    },
}

/// How one dependency retries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetrySpec {
    /// Attempts, the first included; at least 1.
    pub max_attempts: u32,
    /// The delay before jitter.
    pub backoff: Backoff,
    /// The delay before jitter after being rate limited, where that differs (AWS 2026).
    pub throttling_backoff: Option<Backoff>,
    /// How chance changes the delay.
    pub jitter: Jitter,
    /// The errors that are retried at all.
    pub retry_on: ErrorSet,
    /// The shared limit on retries, if any.
    pub budget: Option<RetryBudgetSpec>,
}

/// How far one call has got with its retries. Small and `Copy`: it lives in the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RetryProgress {
    /// Retries for which a delay was drawn.
    pub retries: u32,
    /// The latest delay.
    pub previous: SimDuration,
    /// The point reached on the curve of [`Jitter::DecorrelatedV2`], in base delays times 1.4.
    curve: f64,
}

impl RetryProgress {
    /// No retry so far.
    pub(crate) const NONE: Self = Self { retries: 0, previous: SimDuration::ZERO, curve: 0.0 };
}

impl RetrySpec {
    /// Whether the failed attempt, the call's `progress.retries + 1`-th, may be followed by another. A budget, if there
    /// is one, must be asked besides.
    #[must_use]
    pub fn allows(&self, progress: &RetryProgress, error: ErrorKind) -> bool {
        progress.retries + 1 < self.max_attempts && self.retry_on.contains(error)
    }

    /// The delay before the next retry, after an attempt that ended in `error`; `uniform` is in [0, 1). Counts the retry
    /// into `progress`.
    pub fn next_delay(&self, progress: &mut RetryProgress, error: ErrorKind, uniform: f64) -> SimDuration {
        progress.retries += 1;
        let delay = self.backoff_after(error).with_jitter(self.jitter, progress, uniform);
        progress.previous = delay;
        delay
    }

    /// Everything in this spec that makes no sense.
    #[must_use]
    pub fn validate(&self) -> Vec<SpecIssue> {
        let mut issues = Vec::new();
        let message = || "not even the first attempt would be made".into();
        require(&mut issues, self.max_attempts >= 1, "max_attempts", message, "at least 1; 1 means no retries");
        self.backoff.check(&mut issues);
        if let Some(backoff) = &self.throttling_backoff {
            backoff.check(&mut issues);
        }
        if let Jitter::Proportional { ratio } | Jitter::ProportionalThenCap { ratio } = self.jitter {
            let valid = (0.0..=1.0).contains(&ratio);
            require(&mut issues, valid, "ratio", || format!("{ratio} is out of range"), "0 to 1");
        }
        issues.extend(self.budget.iter().flat_map(RetryBudgetSpec::validate));
        issues
    }

    fn backoff_after(&self, error: ErrorKind) -> &Backoff {
        match &self.throttling_backoff {
            Some(backoff) if error == ErrorKind::RateLimited => backoff,
            _ => &self.backoff,
        }
    }
}

impl Backoff {
    /// The delay before the `retry`-th retry (from 1), without jitter.
    #[must_use]
    pub fn delay(&self, retry: u32) -> SimDuration {
        self.uncapped(retry).min(self.base_and_cap().1)
    }

    fn uncapped(&self, retry: u32) -> SimDuration {
        match *self {
            Self::None => SimDuration::ZERO,
            Self::Fixed { delay } => delay,
            Self::Linear { base, .. } => base.mul_f64(f64::from(retry)),
            Self::Exponential { base, multiplier, .. } => {
                base.mul_f64(libm::pow(multiplier, f64::from(retry.saturating_sub(1))))
            }
        }
    }

    fn with_jitter(&self, jitter: Jitter, progress: &mut RetryProgress, uniform: f64) -> SimDuration {
        let delay = self.delay(progress.retries);
        match jitter {
            Jitter::None => delay,
            Jitter::Full => delay.mul_f64(uniform),
            Jitter::Equal => delay.mul_f64(0.5 + 0.5 * uniform),
            Jitter::Proportional { ratio } => delay.mul_f64(1.0 - ratio + 2.0 * ratio * uniform),
            Jitter::ProportionalThenCap { ratio } => {
                let varied = self.uncapped(progress.retries).mul_f64(1.0 - ratio + 2.0 * ratio * uniform);
                varied.min(self.base_and_cap().1)
            }
            Jitter::Decorrelated => self.decorrelated(progress.previous, uniform),
            Jitter::DecorrelatedV2 => self.decorrelated_v2(progress, uniform),
        }
    }

    fn decorrelated(&self, previous: SimDuration, uniform: f64) -> SimDuration {
        let (base, cap) = self.base_and_cap();
        let span = previous.max(base).mul_f64(3.0).saturating_sub(base);
        base.saturating_add(span.mul_f64(uniform)).min(cap)
    }

    // The factor 4 and the divisor 1.4 are Polly's: they make the medians fall near base, 2 base, 4 base.
    fn decorrelated_v2(&self, progress: &mut RetryProgress, uniform: f64) -> SimDuration {
        let (base, cap) = self.base_and_cap();
        let t = f64::from(progress.retries - 1) + uniform;
        let reached = libm::exp2(t) * libm::tanh(libm::sqrt(4.0 * t));
        let increment = reached - progress.curve;
        progress.curve = reached;
        base.mul_f64(increment / 1.4).min(cap)
    }

    fn base_and_cap(&self) -> (SimDuration, SimDuration) {
        match *self {
            Self::None => (SimDuration::ZERO, SimDuration::ZERO),
            Self::Fixed { delay } => (delay, SimDuration::MAX),
            Self::Linear { base, cap } | Self::Exponential { base, cap, .. } => (base, cap),
        }
    }

    fn check(&self, issues: &mut Vec<SpecIssue>) {
        if let Self::Exponential { multiplier, .. } = *self {
            let valid = multiplier > 0.0 && multiplier <= 1_000.0;
            require(issues, valid, "multiplier", || format!("{multiplier} is out of range"), "above 0, at most 1000");
        }
    }
}
