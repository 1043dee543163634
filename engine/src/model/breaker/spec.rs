//! The settings of a circuit breaker: immutable data beside the state they shape.
//!
//! Names, defaults and limits are those of resilience4j 2.4.0 (`CircuitBreakerConfig`), in snake case. Rates are in per
//! cent. Not modelled: waits that chance or a function of the author's decides, transitions asked for by a result, and record
//! predicates on successful results.

use serde::{Deserialize, Serialize};

use crate::model::spec_issue::{SpecIssue, require};
use crate::model::{ErrorKind, ErrorSet, Outcome};
use crate::units::SimDuration;

/// The largest window, in calls or seconds, and the most trial calls; a bound of this model, not of the product.
pub const MAX_WINDOW: u32 = 1_000_000;

/// What the sliding window counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlidingWindowType {
    /// The last `sliding_window_size` calls.
    CountBased,
    /// The calls of the last `sliding_window_size` whole seconds, the present one included.
    TimeBased,
}

/// Where a half-open breaker goes when its longest wait is over before enough trial calls came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterHalfOpenWait {
    /// Opens again (the default of resilience4j 2.4.0).
    Open,
    /// Closes.
    Closed,
}

/// What becomes of the result of a call that was permitted before the breaker's last transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LateResults {
    /// It counts in whatever state the breaker is in by now, as in resilience4j 2.4.0: without effect while open, but
    /// half-open it counts like a trial call, and closed like any other.
    Count,
    /// It is dropped, as sony/gobreaker v2 does by its generation number.
    Ignore,
}

/// How the open state grows longer each time a trial fails (`IntervalFunction.ofExponentialBackoff`; here to the
/// nanosecond, where the product cuts each wait down to milliseconds).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenGrowth {
    /// The growth an opening (`exponentialBackoffMultiplier`); above 0.
    pub multiplier: f64,
    /// The longest wait (`exponentialMaxWaitDurationInOpenState`).
    pub cap: SimDuration,
}

/// The settings of one circuit breaker. `Default` is the product's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BreakerSpec {
    /// What the window counts by; default count-based.
    pub sliding_window_type: SlidingWindowType,
    /// Calls, or seconds; 1 to [`MAX_WINDOW`]; default 100.
    pub sliding_window_size: u32,
    /// Calls the window must hold before rates mean anything; default 100. A count-based window clips it to its size.
    pub minimum_number_of_calls: u32,
    /// Opens at this share of failures or more, per cent; above 0 to 100; default 50.
    pub failure_rate_threshold: f64,
    /// Opens at this share of slow calls or more, per cent; above 0 to 100; default 100.
    pub slow_call_rate_threshold: f64,
    /// A call is slow when it took strictly longer; default 60 s.
    pub slow_call_duration_threshold: SimDuration,
    /// How long the breaker stays open; at least 1 ms; default 60 s. Calls are let through strictly after it.
    pub wait_duration_in_open_state: SimDuration,
    /// How that wait grows with every opening since the breaker was last closed; default not at all.
    pub open_growth: Option<OpenGrowth>,
    /// Trial calls, and the size of the half-open window; at least 1; default 10.
    pub permitted_number_of_calls_in_half_open_state: u32,
    /// The longest stay half-open; default 0, for ever.
    pub max_wait_duration_in_half_open_state: SimDuration,
    /// Where that longest stay leads; default open.
    pub transition_to_state_after_wait_duration: AfterHalfOpenWait,
    /// Whether a timer ends the open state; default false: the first call after the wait does.
    pub automatic_transition_from_open_to_half_open_enabled: bool,
    /// Errors that count as failures; the rest count as successes; default all.
    pub recorded: ErrorSet,
    /// Errors that count as nothing, looked at before `recorded`; default none.
    pub ignored: ErrorSet,
    /// What a result from before the last transition does; default [`LateResults::Count`].
    pub late_results: LateResults,
}

/// What a result is to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Classified {
    /// Counts as a success.
    Success,
    /// Counts as a failure.
    Failure,
    /// Counts as nothing; a trial permit is given back.
    Ignored,
}

impl Default for BreakerSpec {
    /// The defaults of resilience4j 2.4.0.
    fn default() -> Self {
        Self {
            sliding_window_type: SlidingWindowType::CountBased,
            sliding_window_size: 100,
            minimum_number_of_calls: 100,
            failure_rate_threshold: 50.0,
            slow_call_rate_threshold: 100.0,
            slow_call_duration_threshold: SimDuration::from_secs(60),
            wait_duration_in_open_state: SimDuration::from_secs(60),
            open_growth: None,
            permitted_number_of_calls_in_half_open_state: 10,
            max_wait_duration_in_half_open_state: SimDuration::ZERO,
            transition_to_state_after_wait_duration: AfterHalfOpenWait::Open,
            automatic_transition_from_open_to_half_open_enabled: false,
            recorded: ErrorSet::ALL,
            ignored: ErrorSet::EMPTY,
            late_results: LateResults::Count,
        }
    }
}

impl BreakerSpec {
    /// Everything in this spec that resilience4j 2.4.0 would refuse, and sizes past [`MAX_WINDOW`].
    #[must_use]
    pub fn validate(&self) -> Vec<SpecIssue> {
        let mut issues = Vec::new();
        check_size(&mut issues, "sliding_window_size", self.sliding_window_size);
        check_size(
            &mut issues,
            "permitted_number_of_calls_in_half_open_state",
            self.permitted_number_of_calls_in_half_open_state,
        );
        check_rate(&mut issues, "failure_rate_threshold", self.failure_rate_threshold);
        check_rate(&mut issues, "slow_call_rate_threshold", self.slow_call_rate_threshold);
        require(
            &mut issues,
            self.minimum_number_of_calls >= 1,
            "minimum_number_of_calls",
            || "no call at all cannot decide anything".into(),
            "at least 1",
        );
        self.check_durations(&mut issues);
        issues
    }

    fn check_durations(&self, issues: &mut Vec<SpecIssue>) {
        require(
            issues,
            self.wait_duration_in_open_state >= SimDuration::MILLISECOND,
            "wait_duration_in_open_state",
            || "the breaker would open for less than a millisecond".into(),
            "at least 1 ms",
        );
        require(
            issues,
            !self.slow_call_duration_threshold.is_zero(),
            "slow_call_duration_threshold",
            || "every call would be slow".into(),
            "at least 1 ns",
        );
        if let Some(OpenGrowth { multiplier, cap }) = self.open_growth {
            let valid = multiplier > 0.0 && multiplier <= 1_000.0;
            require(
                issues,
                valid,
                "exponential_backoff_multiplier",
                || format!("{multiplier} is out of range"),
                "above 0",
            );
            let valid = cap >= SimDuration::MILLISECOND;
            let message = || "the breaker would open for less than a millisecond".into();
            require(issues, valid, "exponential_max_wait_duration_in_open_state", message, "at least 1 ms");
        }
        let half_open = self.max_wait_duration_in_half_open_state;
        require(
            issues,
            half_open.is_zero() || half_open >= SimDuration::MILLISECOND,
            "max_wait_duration_in_half_open_state",
            || "less than a millisecond is read as no limit by the product".into(),
            "0 for no limit, or at least 1 ms",
        );
    }

    /// How long the breaker stays open the `opening`-th time (from 1) since it was last closed.
    pub(super) fn wait_when_open(&self, opening: u32) -> SimDuration {
        let first = self.wait_duration_in_open_state;
        self.open_growth.map_or(first, |growth| {
            let factor = libm::pow(growth.multiplier, f64::from(opening.saturating_sub(1)));
            first.mul_f64(factor).max(SimDuration::MILLISECOND).min(growth.cap)
        })
    }

    /// What an outcome is to the breaker: ignored errors first, then recorded ones, all else a success.
    pub(super) fn classify(&self, outcome: &Outcome) -> Classified {
        match outcome {
            Ok(()) => Classified::Success,
            Err(kind) => self.classify_error(*kind),
        }
    }

    fn classify_error(&self, kind: ErrorKind) -> Classified {
        if self.ignored.contains(kind) {
            Classified::Ignored
        } else if self.recorded.contains(kind) {
            Classified::Failure
        } else {
            Classified::Success
        }
    }
}

fn check_size(issues: &mut Vec<SpecIssue>, field: &'static str, size: u32) {
    let valid = (1..=MAX_WINDOW).contains(&size);
    require(issues, valid, field, || format!("{size} is out of range"), "1 to 1000000");
}

fn check_rate(issues: &mut Vec<SpecIssue>, field: &'static str, rate: f64) {
    let valid = rate > 0.0 && rate <= 100.0;
    require(
        issues,
        valid,
        field,
        || format!("{rate} is not a usable percentage"),
        "above 0 and at most 100, in per cent",
    );
}
