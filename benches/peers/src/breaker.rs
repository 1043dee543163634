//! The circuit breaker of M2b: counts results, not time.
//!
//! Closed, it keeps the last 100 results and opens once all 100 are there and at least half of them failed. Open, it
//! refuses for 5 s; the first call after that makes it half-open. Half-open it admits 10 calls, refuses all others,
//! and when the tenth result is in, opens again (half of them failed) or closes with an empty window. A result belongs
//! to the state in which its call was admitted; one that comes later is ignored.

use serde::{Deserialize, Serialize};

use crate::model::SECOND;

const WINDOW: u32 = 100;
const TRIALS: u32 = 10;
const OPEN_FOR: u64 = 5 * SECOND;

/// The state in which a call was admitted; handed back with the call's result.
pub type Era = u32;

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Window {
    /// One bit for each remembered result, set if it failed.
    failed: u128,
    next: u32,
    count: u32,
}

impl Window {
    fn push(&mut self, failed: bool) {
        let bit = 1u128 << self.next;
        self.failed = if failed { self.failed | bit } else { self.failed & !bit };
        self.next = (self.next + 1) % WINDOW;
        self.count = (self.count + 1).min(WINDOW);
    }

    fn is_bad(&self) -> bool {
        self.count == WINDOW && 2 * self.failed.count_ones() >= WINDOW
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum State {
    Closed(Window),
    Open { until: u64 },
    HalfOpen { admitted: u32, recorded: u32, failed: u32 },
}

/// A count-based circuit breaker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Breaker {
    state: State,
    era: Era,
    opens: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed(Window::default()), era: 0, opens: 0 }
    }
}

impl Breaker {
    /// Asks for admission of a call at `now`: the era to hand back with its result, or `None` if it is refused.
    #[inline]
    pub fn admit(&mut self, now: u64) -> Option<Era> {
        match &mut self.state {
            State::Closed(_) => {}
            State::Open { until } if now < *until => return None,
            State::Open { .. } => self.enter(State::HalfOpen { admitted: 1, recorded: 0, failed: 0 }),
            State::HalfOpen { admitted, .. } if *admitted < TRIALS => *admitted += 1,
            State::HalfOpen { .. } => return None,
        }
        Some(self.era)
    }

    /// Records at `now` how a call admitted in `era` ended.
    #[inline]
    pub fn record(&mut self, now: u64, era: Era, success: bool) {
        if era != self.era {
            return;
        }
        match &mut self.state {
            State::Closed(window) => {
                window.push(!success);
                if window.is_bad() {
                    self.open(now);
                }
            }
            State::Open { .. } => {}
            State::HalfOpen { recorded, failed, .. } => {
                *recorded += 1;
                *failed += u32::from(!success);
                match (*recorded, *failed) {
                    (TRIALS, failed) if 2 * failed >= TRIALS => self.open(now),
                    (TRIALS, _) => self.enter(State::Closed(Window::default())),
                    _ => {}
                }
            }
        }
    }

    /// How often it opened.
    #[must_use]
    pub fn opens(&self) -> u64 {
        self.opens
    }

    fn open(&mut self, now: u64) {
        self.opens += 1;
        self.enter(State::Open { until: now + OPEN_FOR });
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.era += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A breaker that saw this many failures, then successes, all admitted at 0.
    fn after(failures: u32, successes: u32) -> Breaker {
        let mut breaker = Breaker::default();
        for result in std::iter::repeat_n(false, failures as usize).chain(std::iter::repeat_n(true, successes as usize))
        {
            let era = breaker.admit(0).expect("closed breakers admit");
            breaker.record(0, era, result);
        }
        breaker
    }

    /// Admits and records the ten trials at `now`, this many of them as failures.
    fn try_ten(breaker: &mut Breaker, now: u64, failures: u32) {
        let eras: Vec<Era> = (0..TRIALS).map(|_| breaker.admit(now).expect("ten trials are admitted")).collect();
        assert_eq!(breaker.admit(now), None, "an eleventh is not");
        for (index, era) in (0..).zip(eras) {
            breaker.record(now, era, index >= failures);
        }
    }

    #[test]
    fn opens_at_half_of_a_full_window_only() {
        assert_eq!(after(99, 0).opens(), 0);
        assert_eq!(after(49, 51).opens(), 0);
        assert_eq!(after(50, 50).opens(), 1);
    }

    #[test]
    fn forgets_the_oldest_result() {
        let mut breaker = after(49, 51);
        breaker.record(0, 0, false);
        assert_eq!(breaker.opens(), 0, "a failure took the place of a failure");
    }

    #[test]
    fn refuses_for_five_seconds_then_tries_ten() {
        let mut breaker = after(50, 50);
        assert_eq!(breaker.admit(OPEN_FOR - 1), None);
        try_ten(&mut breaker, OPEN_FOR, 5);
        assert_eq!(breaker.opens(), 2);
        assert_eq!(breaker.admit(2 * OPEN_FOR - 1), None);
        try_ten(&mut breaker, 2 * OPEN_FOR, 4);
        assert_eq!(breaker.opens(), 2);
        assert!(breaker.admit(2 * OPEN_FOR).is_some());
    }

    #[test]
    fn ignores_results_of_an_earlier_era() {
        let mut breaker = after(50, 49);
        let late = breaker.admit(0).expect("closed");
        let last = breaker.admit(0).expect("closed");
        breaker.record(0, last, true);
        let trial = breaker.admit(OPEN_FOR).expect("the first trial");
        for _ in 0..TRIALS {
            breaker.record(OPEN_FOR, late, false);
        }
        assert_eq!(breaker.opens(), 1);
        assert_ne!(late, trial);
    }
}
