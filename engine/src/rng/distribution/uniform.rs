//! The uniform law between two bounds.

use serde::{Deserialize, Serialize};

use crate::rng::KeyedRng;

/// Uniform between `low` and `high`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    pub(super) fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    pub(super) fn moments(&self) -> (f64, f64) {
        let width = self.high - self.low;
        (self.low + width / 2.0, width * width / 12.0)
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.high - (self.high - self.low) * rng.uniform()
    }

    /// Uniform between what has elapsed and the upper bound: exact.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let from = elapsed.max(self.low).min(self.high);
        self.high - (self.high - from) * rng.uniform() - elapsed
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor }
    }
}
