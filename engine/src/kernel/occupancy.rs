//! How many are inside a place, over time, in exact integers.
//!
//! Little's law as an identity: the integral of N over a window equals the time spent inside it. The integral comes from
//! the counts alone; the time inside comes from what each visitor carries. They are added up apart, so that a lost or
//! doubled visitor shows.

use serde::{Deserialize, Serialize};

use crate::units::SimTime;

use super::gauge::Gauge;

/// The number inside a place, its time integral and the time that those who left had spent inside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupancy {
    inside: Gauge,
    /// The summed stays of all who left, in nanoseconds.
    stayed: u128,
}

impl Occupancy {
    /// One enters.
    #[inline]
    pub fn enter(&mut self, now: SimTime) {
        self.inside.set(now, self.inside.level() + 1);
    }

    /// One that entered at `entered` leaves.
    #[inline]
    pub fn leave(&mut self, now: SimTime, entered: SimTime) {
        self.inside.set(now, self.inside.level() - 1);
        self.stayed += u128::from(now.since(entered).as_nanos());
    }

    /// How many are inside.
    #[must_use]
    #[inline]
    pub const fn inside(&self) -> u32 {
        self.inside.level()
    }

    /// The integral of the number inside from the start to `now`, in nanoseconds.
    #[must_use]
    pub fn integral(&self, now: SimTime) -> u128 {
        self.inside.integral(now)
    }

    /// The time spent inside from the start to `now` by those who left and by those who entered at `entered` and are
    /// still inside, in nanoseconds. Equal to [`Occupancy::integral`] unless a visitor was lost or doubled.
    pub fn time_inside(&self, now: SimTime, entered: impl Iterator<Item = SimTime>) -> u128 {
        self.stayed + entered.map(|at| u128::from(now.since(at).as_nanos())).sum::<u128>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn littles_law_holds_with_residuals() {
        let mut place = Occupancy::default();
        let at = SimTime::from_nanos;
        place.enter(at(3));
        place.enter(at(5));
        place.leave(at(11), at(3));
        assert_eq!(place.integral(at(20)), 8 + 15);
        assert_eq!(place.time_inside(at(20), [at(5)].into_iter()), 23);
        assert_ne!(place.time_inside(at(20), std::iter::empty()), place.integral(at(20)), "a lost visitor shows");
    }
}
