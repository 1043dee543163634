//! A level over time and its exact integral.

use serde::{Deserialize, Serialize};

use crate::units::SimTime;

/// A whole-numbered level and its time integral in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gauge {
    level: u32,
    changed: SimTime,
    integral: u128,
}

impl Gauge {
    /// Sets the level from `now` on.
    #[inline]
    pub fn set(&mut self, now: SimTime, level: u32) {
        self.integral = self.integral(now);
        self.changed = now;
        self.level = level;
    }

    /// The current level.
    #[must_use]
    #[inline]
    pub const fn level(&self) -> u32 {
        self.level
    }

    /// The integral of the level from the start to `now`, in nanoseconds.
    #[must_use]
    #[inline]
    pub fn integral(&self, now: SimTime) -> u128 {
        self.integral + u128::from(self.level) * u128::from(now.since(self.changed).as_nanos())
    }
}
