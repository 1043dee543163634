//! The circuit breaker: stops calling a dependency whose calls fail or crawl, and tries it again after a while.
//!
//! A pure state machine with the semantics of resilience4j 2.4.0 (`CircuitBreakerStateMachine`, `CircuitBreakerMetrics`):
//! thresholds are looked at when a result is recorded and at no other time. It knows neither calls nor queues nor timers:
//! the caller passes the present instant, keeps the [`Permit`] of each call, and sets a timer for
//! [`Breaker::next_timer`]. Which callers share one breaker is the caller's choice too.
//!
//! Differences: the product counts waits in whole milliseconds and its "epoch seconds" from 1970; here waits are exact,
//! and seconds are counted from the start of the run. A result is delivered and judged in one step, so that the races
//! between the product's threads do not occur.

mod spec;
#[cfg(test)]
mod tests;
mod window;

use serde::{Deserialize, Serialize};

use spec::Classified;
pub use spec::{AfterHalfOpenWait, BreakerSpec, LateResults, MAX_WINDOW, OpenGrowth, SlidingWindowType};
pub use window::Tally;
use window::Window;

use super::Outcome;
use crate::units::{SimDuration, SimTime};

/// The state a breaker is in. The declaration order is the order of [`BreakerTotals::entered`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum BreakerState {
    /// Calls pass and are counted.
    Closed,
    /// Calls are refused until the wait is over.
    Open,
    /// A limited number of trial calls pass.
    HalfOpen,
    /// Every call passes, nothing is counted.
    Disabled,
    /// Every call is refused until somebody decides otherwise.
    ForcedOpen,
    /// Every call passes and is counted, no threshold acts.
    MetricsOnly,
}

/// The leave to make one call; hand it back with [`Breaker::record`] or [`Breaker::release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    generation: u32,
    started: SimTime,
}

/// The call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPermitted {
    /// The state that refused it.
    pub state: BreakerState,
}

/// Counts over the whole life of a breaker; nothing resets them.
///
/// As with the product's events, results that come in while disabled or forced open are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerTotals {
    /// Results counted as successes.
    pub successes: u64,
    /// Results counted as failures.
    pub failures: u64,
    /// Successes that were slow.
    pub slow_successes: u64,
    /// Failures that were slow.
    pub slow_failures: u64,
    /// Errors of an ignored kind.
    pub ignored: u64,
    /// Results dropped under [`LateResults::Ignore`].
    pub late: u64,
    /// Calls refused.
    pub not_permitted: u64,
    /// How often each state was entered from another one, in declaration order.
    pub entered: [u64; 6],
}

impl BreakerTotals {
    /// How often a state was entered from another one.
    #[must_use]
    pub fn entered(&self, state: BreakerState) -> u64 {
        self.entered[state as usize]
    }

    /// All state transitions.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.entered.iter().sum()
    }
}

/// The state of one breaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    state: BreakerState,
    /// Grows by one whenever a state is entered, so that permits show from which stay they are.
    generation: u32,
    since: SimTime,
    /// When the wait of the open state, or the longest stay half-open, is over.
    until: SimTime,
    trials_left: u32,
    /// How often it has opened since it was last closed.
    openings: u32,
    window: Window,
    not_permitted: u64,
    totals: BreakerTotals,
}

/// What the window says about the thresholds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    TooFewCalls,
    Below,
    Exceeded,
}

impl Breaker {
    /// A closed breaker that has seen nothing.
    #[must_use]
    pub fn new(spec: &BreakerSpec) -> Self {
        Self {
            state: BreakerState::Closed,
            generation: 0,
            since: SimTime::ZERO,
            until: SimTime::NEVER,
            trials_left: 0,
            openings: 0,
            window: Window::closed(spec),
            not_permitted: 0,
            totals: BreakerTotals::default(),
        }
    }

    /// Asks to make a call now. An open breaker whose wait is over (strictly) turns half-open here.
    ///
    /// # Errors
    /// [`NotPermitted`] when open, forced open, or half-open with every trial call taken.
    #[inline]
    pub fn try_acquire(&mut self, spec: &BreakerSpec, now: SimTime) -> Result<Permit, NotPermitted> {
        if self.state == BreakerState::Open && now > self.until {
            self.enter_half_open(spec, now);
        }
        match self.state {
            BreakerState::Closed | BreakerState::Disabled | BreakerState::MetricsOnly => Ok(self.permit(now)),
            BreakerState::HalfOpen if self.trials_left > 0 => {
                self.trials_left -= 1;
                Ok(self.permit(now))
            }
            BreakerState::HalfOpen | BreakerState::Open | BreakerState::ForcedOpen => Err(self.refuse()),
        }
    }

    /// Delivers the result of a permitted call; its duration is the time since the permit was given.
    #[inline]
    pub fn record(&mut self, spec: &BreakerSpec, now: SimTime, permit: Permit, outcome: &Outcome) {
        if self.is_dropped(spec, permit) {
            self.totals.late += 1;
            return;
        }
        let failed = match spec.classify(outcome) {
            Classified::Ignored => return self.ignore(),
            Classified::Failure => true,
            Classified::Success => false,
        };
        if matches!(self.state, BreakerState::Disabled | BreakerState::ForcedOpen) {
            return;
        }
        let slow = now.since(permit.started) > spec.slow_call_duration_threshold;
        self.totals.count(failed, slow);
        let tally = self.window.record(now, failed, slow);
        self.act_on(spec, now, tally);
    }

    /// Hands a permit back without a result: the call was cancelled (`releasePermission` of resilience4j).
    pub fn release(&mut self, spec: &BreakerSpec, permit: Permit) {
        if !self.is_dropped(spec, permit) {
            self.give_trial_back();
        }
    }

    /// When [`Breaker::on_timer`] has something to do, if ever. Changes only with [`Breaker::generation`] or the spec.
    #[must_use]
    pub fn next_timer(&self, spec: &BreakerSpec) -> Option<SimTime> {
        let timed = match self.state {
            BreakerState::Open => spec.automatic_transition_from_open_to_half_open_enabled,
            BreakerState::HalfOpen => self.until != SimTime::NEVER,
            _ => false,
        };
        timed.then_some(self.until)
    }

    /// Makes the transition that is due by now, if one is; a timer that is no longer wanted does nothing.
    pub fn on_timer(&mut self, spec: &BreakerSpec, now: SimTime) {
        if self.next_timer(spec).is_none_or(|due| now < due) {
            return;
        }
        match (self.state, spec.transition_to_state_after_wait_duration) {
            (BreakerState::Open, _) => self.enter_half_open(spec, now),
            (_, AfterHalfOpenWait::Open) => self.enter_open(spec, now),
            (_, AfterHalfOpenWait::Closed) => self.enter_closed(spec, now),
        }
    }

    /// Puts the breaker into a state by hand; the windows of closed, metrics-only and half-open start empty.
    ///
    /// The product refuses closed to half-open and metrics-only to open or half-open; this does not.
    pub fn force(&mut self, spec: &BreakerSpec, now: SimTime, state: BreakerState) {
        match state {
            BreakerState::Closed => self.enter_closed(spec, now),
            BreakerState::Open => self.enter_open(spec, now),
            BreakerState::HalfOpen => self.enter_half_open(spec, now),
            BreakerState::MetricsOnly => self.enter(state, now, SimTime::NEVER, Some(Window::closed(spec))),
            BreakerState::Disabled | BreakerState::ForcedOpen => {
                self.enter(state, now, SimTime::NEVER, Some(Window::Off));
            }
        }
    }

    /// Takes over new settings at run time, keeping the state.
    ///
    /// Thresholds act from the next result on; waits under way are measured anew from their beginning. A change of the
    /// window's type or size empties the window, and a change of the number of trial calls begins the trial anew, as
    /// replacing the breaker would (the product cannot change a breaker in place).
    pub fn reconfigure(&mut self, old: &BreakerSpec, new: &BreakerSpec, now: SimTime) {
        match self.state {
            BreakerState::Closed | BreakerState::MetricsOnly => {
                if (old.sliding_window_type, old.sliding_window_size)
                    != (new.sliding_window_type, new.sliding_window_size)
                {
                    self.window = Window::closed(new);
                }
            }
            BreakerState::Open => self.until = self.since.saturating_add(new.wait_when_open(self.openings)),
            BreakerState::HalfOpen => {
                self.until = half_open_until(new, self.since);
                if old.permitted_number_of_calls_in_half_open_state != new.permitted_number_of_calls_in_half_open_state
                {
                    self.enter_half_open(new, now);
                }
            }
            BreakerState::Disabled | BreakerState::ForcedOpen => {}
        }
    }

    /// The state the breaker is in. An open breaker stays open past its wait until a call or a timer comes.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Since when it has been in that state.
    #[must_use]
    pub fn since(&self) -> SimTime {
        self.since
    }

    /// A number that changes with every transition: compare it to see whether timers must be set anew.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// What the present state's window holds. An open breaker shows the window it opened on.
    #[must_use]
    pub fn buffered(&self, now: SimTime) -> Tally {
        self.window.tally(now)
    }

    /// Calls refused since the present window began.
    #[must_use]
    pub fn not_permitted(&self) -> u64 {
        self.not_permitted
    }

    /// The share of failures in the window, per cent; `None` below the minimum number of calls (the product says -1).
    #[must_use]
    pub fn failure_rate(&self, spec: &BreakerSpec, now: SimTime) -> Option<f64> {
        let tally = self.window.tally(now);
        self.is_enough(spec, tally).then(|| percent(tally.failures, tally.calls))
    }

    /// The share of slow calls in the window, per cent; `None` below the minimum number of calls (the product says -1).
    #[must_use]
    pub fn slow_call_rate(&self, spec: &BreakerSpec, now: SimTime) -> Option<f64> {
        let tally = self.window.tally(now);
        self.is_enough(spec, tally).then(|| percent(tally.slow, tally.calls))
    }

    /// Counts over the breaker's whole life.
    #[must_use]
    pub fn totals(&self) -> &BreakerTotals {
        &self.totals
    }

    fn permit(&self, now: SimTime) -> Permit {
        Permit { generation: self.generation, started: now }
    }

    fn refuse(&mut self) -> NotPermitted {
        self.not_permitted += 1;
        self.totals.not_permitted += 1;
        NotPermitted { state: self.state }
    }

    fn is_dropped(&self, spec: &BreakerSpec, permit: Permit) -> bool {
        permit.generation != self.generation && spec.late_results == LateResults::Ignore
    }

    fn ignore(&mut self) {
        self.totals.ignored += 1;
        self.give_trial_back();
    }

    // As in the product, whoever gives a permit back while half-open makes room for one more trial call, even if the
    // permit dates from before.
    fn give_trial_back(&mut self) {
        if self.state == BreakerState::HalfOpen {
            self.trials_left += 1;
        }
    }

    fn act_on(&mut self, spec: &BreakerSpec, now: SimTime, tally: Tally) {
        match (self.state, self.judge(spec, tally)) {
            (BreakerState::Closed | BreakerState::HalfOpen, Verdict::Exceeded) => self.enter_open(spec, now),
            (BreakerState::HalfOpen, Verdict::Below) => self.enter_closed(spec, now),
            _ => {}
        }
    }

    fn judge(&self, spec: &BreakerSpec, tally: Tally) -> Verdict {
        if !self.is_enough(spec, tally) {
            Verdict::TooFewCalls
        } else if tally.failures > 0 && percent(tally.failures, tally.calls) >= spec.failure_rate_threshold
            || tally.slow > 0 && percent(tally.slow, tally.calls) >= spec.slow_call_rate_threshold
        {
            Verdict::Exceeded
        } else {
            Verdict::Below
        }
    }

    fn is_enough(&self, spec: &BreakerSpec, tally: Tally) -> bool {
        tally.calls > 0 && tally.calls >= self.window.minimum(spec)
    }

    fn enter_closed(&mut self, spec: &BreakerSpec, now: SimTime) {
        self.openings = 0;
        self.enter(BreakerState::Closed, now, SimTime::NEVER, Some(Window::closed(spec)));
    }

    fn enter_open(&mut self, spec: &BreakerSpec, now: SimTime) {
        self.openings = self.openings.saturating_add(1);
        let until = now.saturating_add(spec.wait_when_open(self.openings));
        self.enter(BreakerState::Open, now, until, None);
    }

    fn enter_half_open(&mut self, spec: &BreakerSpec, now: SimTime) {
        self.enter(BreakerState::HalfOpen, now, half_open_until(spec, now), Some(Window::half_open(spec)));
        self.trials_left = spec.permitted_number_of_calls_in_half_open_state;
    }

    fn enter(&mut self, state: BreakerState, now: SimTime, until: SimTime, window: Option<Window>) {
        if state != self.state {
            self.totals.entered[state as usize] += 1;
        }
        if let Some(window) = window {
            self.window = window;
            self.not_permitted = 0;
        }
        self.generation = self.generation.wrapping_add(1);
        (self.state, self.since, self.until) = (state, now, until);
    }
}

impl BreakerTotals {
    fn count(&mut self, failed: bool, slow: bool) {
        self.failures += u64::from(failed);
        self.successes += u64::from(!failed);
        self.slow_failures += u64::from(failed && slow);
        self.slow_successes += u64::from(!failed && slow);
    }
}

fn half_open_until(spec: &BreakerSpec, since: SimTime) -> SimTime {
    match spec.max_wait_duration_in_half_open_state {
        SimDuration::ZERO => SimTime::NEVER,
        longest => since.saturating_add(longest),
    }
}

// Dividing last makes the result the double nearest to the true percentage, so that comparing it with a threshold that
// was written in decimal is exact.
fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}
