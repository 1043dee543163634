//! The Weibull law: a hazard that grows (shape above 1) or falls (below 1) as a power of time.

use std::f64::consts::LOG2_E;

use serde::{Deserialize, Serialize};

use super::elementary::power_of_two;
use super::exponential;
use crate::rng::KeyedRng;

/// Survival exp(-(x/scale)^shape).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Weibull {
    shape: f64,
    scale: f64,
    inverse_shape: f64,
    /// `inverse_shape` / ln 2, because libm raises 2 twice as fast as e.
    octaves: f64,
}

impl Weibull {
    pub(super) fn new(shape: f64, scale: f64) -> Self {
        Self { shape, scale, inverse_shape: 1.0 / shape, octaves: LOG2_E / shape }
    }

    /// The mean of a scale of 1: gamma(1 + 1/shape).
    pub(super) fn mean_of_unit_scale(shape: f64) -> f64 {
        libm::tgamma(1.0 + 1.0 / shape)
    }

    pub(super) fn moments(&self) -> (f64, f64) {
        let mean = Self::mean_of_unit_scale(self.shape);
        let second = libm::tgamma(1.0 + 2.0 * self.inverse_shape);
        (self.scale * mean, self.scale * self.scale * (second - mean * mean))
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.at_hazard(exponential::standard(rng))
    }

    /// Exact: the cumulative hazard still to be spent is exponential.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let spent = libm::exp(self.shape * libm::log(elapsed / self.scale));
        let draw = exponential::standard(rng);
        if spent < 1.0 {
            self.at_hazard(spent + draw) - elapsed
        } else {
            elapsed * libm::expm1(libm::log1p(draw / spent) * self.inverse_shape)
        }
    }

    /// The time at which the cumulative hazard reaches `hazard`.
    #[inline]
    fn at_hazard(&self, hazard: f64) -> f64 {
        self.scale * power_of_two(libm::log(hazard) * self.octaves)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { scale: self.scale * factor, ..*self }
    }
}
