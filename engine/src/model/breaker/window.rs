//! The sliding windows a breaker decides by.
//!
//! Semantics of resilience4j 2.4.0 (`FixedSizeSlidingWindowMetrics`, `SlidingTimeWindowMetrics`): the last n calls, or
//! one bucket for each whole second of simulated time with subtraction on eviction. Both cost O(1) a call, amortised,
//! and hold memory only for what was recorded: two bits a call, one bucket a second that had calls.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::spec::{BreakerSpec, SlidingWindowType};
use crate::units::SimTime;

/// How many calls a window holds, and of what kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// All calls.
    pub calls: u64,
    /// Failed calls, slow ones included.
    pub failures: u64,
    /// Slow calls, failed ones included.
    pub slow: u64,
    /// Calls that were slow and failed.
    pub slow_failures: u64,
}

impl Tally {
    fn add(&mut self, failed: bool, slow: bool) {
        self.calls += 1;
        self.failures += u64::from(failed);
        self.slow += u64::from(slow);
        self.slow_failures += u64::from(failed && slow);
    }

    fn subtract(&mut self, other: &Self) {
        self.calls -= other.calls;
        self.failures -= other.failures;
        self.slow -= other.slow;
        self.slow_failures -= other.slow_failures;
    }
}

/// A window of either type, or none for the states that keep no account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Window {
    /// Disabled and forced open: nothing is recorded.
    Off,
    /// The last n calls.
    Count(CountWindow),
    /// The last n seconds.
    Time(TimeWindow),
}

impl Window {
    /// The window of the closed state.
    pub(super) fn closed(spec: &BreakerSpec) -> Self {
        match spec.sliding_window_type {
            SlidingWindowType::CountBased => Self::Count(CountWindow::new(spec.sliding_window_size)),
            SlidingWindowType::TimeBased => Self::Time(TimeWindow::new(spec.sliding_window_size)),
        }
    }

    /// The window of the half-open state: always count-based, as long as there are trial calls.
    pub(super) fn half_open(spec: &BreakerSpec) -> Self {
        Self::Count(CountWindow::new(spec.permitted_number_of_calls_in_half_open_state))
    }

    /// Adds a call and returns what the window holds with it.
    pub(super) fn record(&mut self, now: SimTime, failed: bool, slow: bool) -> Tally {
        match self {
            Self::Off => Tally::default(),
            Self::Count(window) => window.record(failed, slow),
            Self::Time(window) => window.record(now, failed, slow),
        }
    }

    /// What the window holds at an instant.
    pub(super) fn tally(&self, now: SimTime) -> Tally {
        match self {
            Self::Off => Tally::default(),
            Self::Count(window) => window.total,
            Self::Time(window) => window.tally(now),
        }
    }

    /// The calls needed before rates mean anything: a count window cannot hold more than its size.
    pub(super) fn minimum(&self, spec: &BreakerSpec) -> u64 {
        let minimum = u64::from(spec.minimum_number_of_calls);
        match self {
            Self::Count(window) => minimum.min(u64::from(window.size)),
            Self::Off | Self::Time(_) => minimum,
        }
    }
}

/// Calls in one word of the packed ring, two bits each.
const CALLS_PER_WORD: u32 = 32;
const FAILED: u64 = 0b01;
const SLOW: u64 = 0b10;

/// A ring of the last `size` calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CountWindow {
    size: u32,
    /// The slot the next call takes; once the ring is full, the oldest call.
    next: u32,
    /// Grows as calls come, up to `size` calls.
    words: Vec<u64>,
    total: Tally,
}

impl CountWindow {
    fn new(size: u32) -> Self {
        Self { size, next: 0, words: Vec::new(), total: Tally::default() }
    }

    fn record(&mut self, failed: bool, slow: bool) -> Tally {
        let (word, shift) = ((self.next / CALLS_PER_WORD) as usize, self.next % CALLS_PER_WORD * 2);
        if word == self.words.len() {
            self.words.push(0);
        }
        if self.total.calls == u64::from(self.size) {
            let oldest = self.words[word] >> shift;
            let mut gone = Tally::default();
            gone.add(oldest & FAILED != 0, oldest & SLOW != 0);
            self.total.subtract(&gone);
        }
        let bits = (u64::from(failed) * FAILED) | (u64::from(slow) * SLOW);
        self.words[word] = (self.words[word] & !((FAILED | SLOW) << shift)) | (bits << shift);
        self.next = if self.next + 1 == self.size { 0 } else { self.next + 1 };
        self.total.add(failed, slow);
        self.total
    }
}

/// One bucket for each second that had calls, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TimeWindow {
    seconds: u32,
    buckets: VecDeque<Bucket>,
    total: Tally,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket {
    second: u64,
    tally: Tally,
}

impl TimeWindow {
    fn new(seconds: u32) -> Self {
        Self { seconds, buckets: VecDeque::new(), total: Tally::default() }
    }

    fn record(&mut self, now: SimTime, failed: bool, slow: bool) -> Tally {
        let second = now.whole_secs();
        while let Some(bucket) = self.buckets.front().filter(|bucket| self.is_gone(bucket, second)) {
            self.total.subtract(&bucket.tally);
            self.buckets.pop_front();
        }
        if self.buckets.back().is_none_or(|latest| latest.second != second) {
            self.buckets.push_back(Bucket { second, tally: Tally::default() });
        }
        if let Some(latest) = self.buckets.back_mut() {
            latest.tally.add(failed, slow);
        }
        self.total.add(failed, slow);
        self.total
    }

    fn tally(&self, now: SimTime) -> Tally {
        let second = now.whole_secs();
        let mut total = self.total;
        for bucket in self.buckets.iter().take_while(|bucket| self.is_gone(bucket, second)) {
            total.subtract(&bucket.tally);
        }
        total
    }

    fn is_gone(&self, bucket: &Bucket, second: u64) -> bool {
        bucket.second + u64::from(self.seconds) <= second
    }
}
