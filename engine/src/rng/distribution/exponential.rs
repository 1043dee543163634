//! The exponential law: the time to the next event of a Poisson process.

use serde::{Deserialize, Serialize};

use super::elementary::minus_ln;
use crate::rng::KeyedRng;

/// An exponential draw of mean 1 by inversion of the survival function.
#[inline]
pub(super) fn standard(rng: &mut KeyedRng) -> f64 {
    minus_ln(rng.uniform())
}

/// Exponential with the given mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Exponential {
    pub(super) mean: f64,
}

impl Exponential {
    #[inline(always)]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.mean * standard(rng)
    }

    /// The law has no memory: what remains is a fresh draw, whatever has elapsed.
    pub(super) fn remaining(&self, _elapsed: f64, rng: &mut KeyedRng) -> f64 {
        self.sample(rng)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { mean: self.mean * factor }
    }
}
