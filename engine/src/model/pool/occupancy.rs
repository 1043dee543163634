//! Exact occupancy of a place: how many are inside, and Little's law as an identity of integers.
//!
//! Two books are kept from different data. The integral of the number inside over time grows with every change of the
//! number; the time spent inside grows when somebody leaves, by the length of that stay. Together with the stays that are
//! not over yet, which the owner knows, the second equals the first to the nanosecond.

use serde::{Deserialize, Serialize};

use crate::units::SimTime;

/// How many are inside one place, now and integrated over time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Occupancy {
    count: u32,
    /// The most at one time since it was last asked for.
    peak: u32,
    changed_at: SimTime,
    integral: u128,
    completed: u128,
}

impl Occupancy {
    /// An empty place, observed from `now` on.
    pub(super) const fn new(now: SimTime) -> Self {
        Self { count: 0, peak: 0, changed_at: now, integral: 0, completed: 0 }
    }

    /// How many are inside.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// Somebody enters.
    #[inline]
    pub(super) fn enter(&mut self, now: SimTime) {
        self.advance(now);
        self.count += 1;
        self.peak = self.peak.max(self.count);
    }

    /// Somebody who entered at `entered` leaves.
    #[inline]
    pub(super) fn leave(&mut self, now: SimTime, entered: SimTime) {
        self.advance(now);
        self.count -= 1;
        self.completed += u128::from(now.since(entered).as_nanos());
    }

    /// The most that were inside at one time since this was last asked for, those who are inside now included.
    pub(super) fn take_peak(&mut self) -> u32 {
        std::mem::replace(&mut self.peak, self.count)
    }

    /// The integral of the number inside, in nanoseconds, until `now`.
    pub(super) fn integral(&self, now: SimTime) -> u128 {
        self.integral + self.since_change(now)
    }

    /// The length of all stays that are over, in nanoseconds.
    pub(super) const fn completed(&self) -> u128 {
        self.completed
    }

    #[inline]
    fn advance(&mut self, now: SimTime) {
        self.integral += self.since_change(now);
        self.changed_at = now;
    }

    #[inline]
    fn since_change(&self, now: SimTime) -> u128 {
        u128::from(self.count) * u128::from(now.since(self.changed_at).as_nanos())
    }
}
