//! Dice for generated systems: everything from one seed.

use brownout::rng::{Distribution, Key, KeyedRng};
use brownout::units::SimDuration;

use crate::systems::{constant, exponential, ms};

/// A generator with the few throws that systems are made of.
pub(super) struct Dice(KeyedRng);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(Key::new(seed).rng(0))
    }

    /// A whole number from `low` to `high`, both possible.
    pub(super) fn range(&mut self, low: u32, high: u32) -> u32 {
        low + (self.0.uniform() * f64::from(high - low + 1)) as u32
    }

    pub(super) fn real(&mut self, low: f64, high: f64) -> f64 {
        low + self.0.uniform() * (high - low)
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.0.uniform() < probability
    }

    pub(super) fn one_of<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.range(0, options.len() as u32 - 1) as usize].clone()
    }

    /// `Some` of what is made, with a probability.
    pub(super) fn maybe<T>(&mut self, probability: f64, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(probability).then(|| make(self))
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.range(0, last as u32) as usize);
        }
    }

    /// A span from `low` to `high` milliseconds, often a round one: equal instants are where orders of events matter.
    pub(super) fn span(&mut self, low: f64, high: f64) -> SimDuration {
        let exact = self.real(low, high);
        ms(if self.chance(0.5) { libm::ceil(exact) } else { exact })
    }

    /// A distribution with a mean of so many milliseconds.
    pub(super) fn distribution(&mut self, mean: f64) -> Distribution {
        match self.range(0, 4) {
            0 => constant(libm::ceil(mean)),
            1 => constant(mean),
            2 => Distribution::lognormal(mean * 1e6, 2.0).expect("a valid lognormal"),
            3 => Distribution::uniform(0.0, 2e6 * mean).expect("a valid uniform"),
            _ => exponential(mean),
        }
    }
}
