//! Client-side or server-side rate limits: who may go on at once, who waits until when, who is turned away.
//!
//! Two algorithms. A token bucket refills continuously; a cycle limiter (resilience4j 2.4.0, `AtomicRateLimiter`) tops up
//! at fixed instants, which lets through up to twice the limit around a cycle's edge. Both reserve: who is told to wait
//! owns a permit at that instant and does not ask again, and a reservation that is not used is lost. Neither knows who
//! asks, nor holds a queue: the order of asking is the order of permits.
//!
//! All arithmetic is on integers: nothing drifts, and the long-run rate is exactly the spec's.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::spec_issue::{SpecIssue, require};
use crate::units::{SimDuration, SimTime};

/// The most permits a period, and the largest burst; a bound of this model that keeps its arithmetic exact.
pub const MAX_PERMITS: u64 = 1_000_000_000_000;

/// The longest period; a bound of this model: a day.
const LONGEST_PERIOD: SimDuration = SimDuration::from_secs(86_400);

/// Which limit, with its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RateLimitSpec {
    /// A bucket of `burst` permits, full at the start, refilled continuously.
    TokenBucket {
        /// Permits added each `period`; 1 to [`MAX_PERMITS`].
        permits: u64,
        /// The period of the rate, usually 1 s; above 0, at most a day.
        period: SimDuration,
        /// Permits the bucket holds; 1 to [`MAX_PERMITS`].
        burst: u64,
        /// The longest wait for a permit; 0 turns everybody away who cannot go on at once.
        max_wait: SimDuration,
    },
    /// resilience4j 2.4.0 `RateLimiter`: cycles counted from the limiter's start; a new one tops the permits up to the
    /// limit, never above; reservations make them negative.
    Cycles {
        /// `limitForPeriod`: 1 to [`MAX_PERMITS`]; default 50.
        limit_for_period: u64,
        /// `limitRefreshPeriod`: above 0, at most a day; default 500 ns, which limits next to nothing.
        limit_refresh_period: SimDuration,
        /// `timeoutDuration`: the longest wait for a permit; default 5 s.
        timeout_duration: SimDuration,
        /// When a caller learns that there will be no permit in that time.
        rejection: Rejection,
    },
}

/// When a caller that is turned away by a cycle limiter learns of it. The answer itself is known at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rejection {
    /// At once: resilience4j's `reservePermission`, of its reactive operators.
    AtOnce,
    /// After the whole `timeoutDuration`: its `acquirePermission`, of decorators and annotations, which parks the caller
    /// for as long (`AtomicRateLimiter.waitForPermissionIfNecessary`).
    AfterTimeout,
}

impl RateLimitSpec {
    /// A token bucket that never makes anybody wait.
    #[must_use]
    pub const fn per_second(rate: u64, burst: u64) -> Self {
        Self::TokenBucket { permits: rate, period: SimDuration::SECOND, burst, max_wait: SimDuration::ZERO }
    }

    /// The defaults of resilience4j 2.4.0: 50 permits each 500 ns, waits up to 5 s.
    #[must_use]
    pub const fn resilience4j() -> Self {
        Self::Cycles {
            limit_for_period: 50,
            limit_refresh_period: SimDuration::from_nanos(500),
            timeout_duration: SimDuration::from_secs(5),
            rejection: Rejection::AfterTimeout,
        }
    }

    /// The same limit, which turns everybody away who cannot go on at once.
    #[must_use]
    pub(crate) fn without_wait(&self) -> Self {
        let mut spec = self.clone();
        match &mut spec {
            Self::TokenBucket { max_wait, .. } => *max_wait = SimDuration::ZERO,
            Self::Cycles { timeout_duration, .. } => *timeout_duration = SimDuration::ZERO,
        }
        spec
    }

    /// How long a caller is held before it learns that it was turned away. A service that limits what comes in answers at
    /// once all the same.
    #[must_use]
    pub const fn rejection_delay(&self) -> SimDuration {
        match self {
            Self::Cycles { timeout_duration, rejection: Rejection::AfterTimeout, .. } => *timeout_duration,
            Self::TokenBucket { .. } | Self::Cycles { .. } => SimDuration::ZERO,
        }
    }

    /// Everything in this spec that the product would refuse or that is out of this model's bounds.
    #[must_use]
    pub fn validate(&self) -> Vec<SpecIssue> {
        let mut issues = Vec::new();
        match self {
            Self::TokenBucket { permits, period, burst, .. } => {
                check_permits(&mut issues, "permits", *permits);
                check_permits(&mut issues, "burst", *burst);
                check_period(&mut issues, "period", *period);
            }
            Self::Cycles { limit_for_period, limit_refresh_period, .. } => {
                check_permits(&mut issues, "limit_for_period", *limit_for_period);
                check_period(&mut issues, "limit_refresh_period", *limit_refresh_period);
            }
        }
        issues
    }
}

fn check_permits(issues: &mut Vec<SpecIssue>, field: &'static str, permits: u64) {
    let valid = (1..=MAX_PERMITS).contains(&permits);
    require(
        issues,
        valid,
        field,
        || format!("{permits} is out of range"),
        "1 to 1000000000000; to stop all, shed instead",
    );
}

fn check_period(issues: &mut Vec<SpecIssue>, field: &'static str, period: SimDuration) {
    let valid = !period.is_zero() && period <= LONGEST_PERIOD;
    require(issues, valid, field, || format!("{} s is out of range", period.as_secs_f64()), "1 ns to 1 day");
}

/// The answer to one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Granted,
    /// Go on at that instant, without asking again: the permit is reserved.
    WaitUntil(SimTime),
    /// Turned away; nothing was taken.
    Rejected,
}

/// The state of one rate limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimiter {
    level: Level,
    rejected: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Level {
    /// `parts` is the level in parts of a permit: a permit is as many parts as its period has nanoseconds, so that each
    /// nanosecond adds exactly the period's number of permits in parts. Negative when permits are reserved.
    Bucket { parts: i128, at: SimTime },
    /// Cycles are numbered from `start`; `permits` is what the cycle has left, negative when permits are reserved.
    Cycles { start: SimTime, cycle: u64, permits: i128 },
}

impl Level {
    fn new(spec: &RateLimitSpec, now: SimTime) -> Self {
        match spec {
            RateLimitSpec::TokenBucket { period, burst, .. } => {
                Self::Bucket { parts: in_parts(*burst, *period), at: now }
            }
            RateLimitSpec::Cycles { limit_for_period, .. } => {
                Self::Cycles { start: now, cycle: 0, permits: i128::from(*limit_for_period) }
            }
        }
    }
}

impl RateLimiter {
    /// A full limit, whose cycles, if it has any, begin now.
    #[must_use]
    pub fn new(spec: &RateLimitSpec, now: SimTime) -> Self {
        Self { level: Level::new(spec, now), rejected: 0 }
    }

    /// Asks for one permit.
    pub fn try_acquire(&mut self, spec: &RateLimitSpec, now: SimTime) -> Decision {
        self.refill(spec, now);
        let decision = self.take(spec, now);
        self.rejected += u64::from(decision == Decision::Rejected);
        decision
    }

    /// Takes over new settings at run time; reservations already given stay valid and stay paid for.
    ///
    /// A bucket keeps its level, up to the new burst. Cycles keep their permits until the next one begins, as
    /// `changeLimitForPeriod` does; a new period begins its first cycle now. Another algorithm starts as new.
    pub fn reconfigure(&mut self, old: &RateLimitSpec, new: &RateLimitSpec, now: SimTime) {
        self.refill(old, now);
        match (&mut self.level, old, new) {
            (
                Level::Bucket { parts, .. },
                RateLimitSpec::TokenBucket { period: before, .. },
                RateLimitSpec::TokenBucket { period, burst, .. },
            ) => *parts = rescale(*parts, *before, *period).min(in_parts(*burst, *period)),
            (
                Level::Cycles { start, cycle, .. },
                RateLimitSpec::Cycles { limit_refresh_period: before, .. },
                RateLimitSpec::Cycles { limit_refresh_period: period, .. },
            ) => {
                if before != period {
                    (*start, *cycle) = (now, 0);
                }
            }
            _ => self.level = Level::new(new, now),
        }
    }

    /// Whole permits available now; negative when so many are reserved.
    #[must_use]
    pub fn available(&self, spec: &RateLimitSpec, now: SimTime) -> i64 {
        let mut copy = self.clone();
        copy.refill(spec, now);
        let permits = match (copy.level, spec) {
            (Level::Bucket { parts, .. }, RateLimitSpec::TokenBucket { period, .. }) => {
                parts.div_euclid(i128::from(period.as_nanos()))
            }
            (Level::Cycles { permits, .. }, _) => permits,
            (Level::Bucket { .. }, RateLimitSpec::Cycles { .. }) => 0,
        };
        i64::try_from(permits).unwrap_or(i64::MIN)
    }

    /// How many were turned away so far.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    fn refill(&mut self, spec: &RateLimitSpec, now: SimTime) {
        match (&mut self.level, spec) {
            (Level::Bucket { parts, at }, RateLimitSpec::TokenBucket { permits, period, burst, .. }) => {
                let added = i128::from(now.since(*at).as_nanos()) * i128::from(*permits);
                *parts = (*parts + added).min(in_parts(*burst, *period));
                *at = now;
            }
            (
                Level::Cycles { start, cycle, permits },
                RateLimitSpec::Cycles { limit_for_period, limit_refresh_period, .. },
            ) => {
                let current = now.since(*start).as_nanos() / limit_refresh_period.as_nanos();
                let limit = i128::from(*limit_for_period);
                if current != *cycle {
                    *permits = (*permits + i128::from(current - *cycle) * limit).min(limit);
                    *cycle = current;
                }
            }
            _ => debug_assert!(false, "the limiter was made for another algorithm"),
        }
    }

    fn take(&mut self, spec: &RateLimitSpec, now: SimTime) -> Decision {
        match (&mut self.level, spec) {
            (Level::Bucket { parts, .. }, RateLimitSpec::TokenBucket { permits, period, max_wait, .. }) => {
                let after = *parts - in_parts(1, *period);
                let wait = wait_for(-after, *permits);
                decide(now, wait, *max_wait, || *parts = after)
            }
            (Level::Cycles { start, cycle, permits }, RateLimitSpec::Cycles { timeout_duration, .. }) => {
                let wait = cycles_wait(*permits, spec, *cycle, now.since(*start));
                decide(now, wait, *timeout_duration, || *permits -= 1)
            }
            _ => Decision::Rejected,
        }
    }
}

fn decide(now: SimTime, wait: Option<u64>, longest: SimDuration, take: impl FnOnce()) -> Decision {
    match wait.map(SimDuration::from_nanos) {
        Some(SimDuration::ZERO) => {
            take();
            Decision::Granted
        }
        Some(wait) if wait <= longest => {
            take();
            Decision::WaitUntil(now.saturating_add(wait))
        }
        _ => Decision::Rejected,
    }
}

/// Nanoseconds until the missing parts are there, rounded up; `None` when that is never.
fn wait_for(missing: i128, per_nanosecond: u64) -> Option<u64> {
    if missing <= 0 {
        return Some(0);
    }
    let rate = i128::from(per_nanosecond);
    u64::try_from((missing.checked_add(rate - 1)?).checked_div(rate)?).ok()
}

/// Nanoseconds until the start of the first cycle that has a permit to give.
fn cycles_wait(permits: i128, spec: &RateLimitSpec, cycle: u64, elapsed: SimDuration) -> Option<u64> {
    let RateLimitSpec::Cycles { limit_for_period, limit_refresh_period, .. } = spec else { return None };
    if permits >= 1 {
        return Some(0);
    }
    let cycles_to_wait = (1 - permits).checked_add(i128::from(*limit_for_period) - 1)? / i128::from(*limit_for_period);
    let due = (i128::from(cycle) + cycles_to_wait).checked_mul(i128::from(limit_refresh_period.as_nanos()))?;
    u64::try_from(due - i128::from(elapsed.as_nanos())).ok()
}

fn in_parts(permits: u64, period: SimDuration) -> i128 {
    i128::from(permits) * i128::from(period.as_nanos())
}

/// The same number of permits in parts of another period, rounded down by less than a part.
fn rescale(parts: i128, from: SimDuration, to: SimDuration) -> i128 {
    let (from, to) = (i128::from(from.as_nanos()), i128::from(to.as_nanos()));
    parts.div_euclid(from) * to + parts.rem_euclid(from) * to / from
}
