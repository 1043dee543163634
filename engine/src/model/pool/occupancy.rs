//! Occupancy with its peak: how many hold or want a connection, and the most that did so at one time.

use serde::{Deserialize, Serialize};

use crate::kernel::Occupancy;
use crate::units::SimTime;

/// How many are inside one place: now, integrated over time, and the most.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PeakedOccupancy {
    inside: Occupancy,
    /// The most at one time since it was last asked for.
    peak: u32,
}

impl PeakedOccupancy {
    /// How many are inside.
    pub(super) const fn count(&self) -> u32 {
        self.inside.inside()
    }

    /// Somebody enters.
    #[inline]
    pub(super) fn enter(&mut self, now: SimTime) {
        self.inside.enter(now);
        self.peak = self.peak.max(self.inside.inside());
    }

    /// Somebody who entered at `entered` leaves.
    #[inline]
    pub(super) fn leave(&mut self, now: SimTime, entered: SimTime) {
        self.inside.leave(now, entered);
    }

    /// The most that were inside at one time since this was last asked for, those who are inside now included.
    pub(super) fn take_peak(&mut self) -> u32 {
        std::mem::replace(&mut self.peak, self.inside.inside())
    }

    /// The integral of the number inside, in nanoseconds, until `now`.
    pub(super) fn integral(&self, now: SimTime) -> u128 {
        self.inside.integral(now)
    }

    /// The time spent inside by those who left and by those who entered at `entered` and are still there, in nanoseconds.
    pub(super) fn time_inside(&self, now: SimTime, entered: impl Iterator<Item = SimTime>) -> u128 {
        self.inside.time_inside(now, entered)
    }
}
