//! The normal law kept between two bounds. Mean and standard deviation are the parent's; the moments are the kept
//! part's.

use serde::{Deserialize, Serialize};

use super::{normal, quadrature};
use crate::rng::KeyedRng;

/// Beyond this many standard deviations the survival function nears the smallest `f64`.
const FAR: f64 = 30.0;

/// Beyond this distance from its densest point a normal holds less than e^-40 of what it holds there.
const REACH: f64 = 9.0;

/// A normal, conditioned to lie between `low` and `high`.
///
/// Everything is computed in the tail on whose side the interval lies: with a positive `spread` in the survival
/// function, with a negative one (the whole interval is below the parent's mean) in the distribution function, because
/// the difference of two numbers near 1 would lose the interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TruncatedNormal {
    mean: f64,
    spread: f64,
    low: f64,
    high: f64,
    tail_at_low: f64,
    tail_at_high: f64,
}

impl TruncatedNormal {
    /// The least share of the parent that the bounds must keep.
    pub(super) const LEAST_MASS: f64 = 1e-9;

    /// From the parent's mean and standard deviation; `high` may be infinite.
    pub(super) fn new(mean: f64, sd: f64, low: f64, high: f64) -> Self {
        let spread = if high < mean { -sd } else { sd };
        let mut law = Self { mean, spread, low, high, tail_at_low: 0.0, tail_at_high: 0.0 };
        law.tail_at_low = law.tail(low);
        law.tail_at_high = law.tail(high);
        law
    }

    /// The share of the parent between the bounds.
    pub(super) fn mass(&self) -> f64 {
        (self.tail_at_low - self.tail_at_high).abs()
    }

    /// By quadrature of the density: the closed form cancels to nothing where the bounds are close together.
    pub(super) fn moments(&self) -> (f64, f64) {
        let sd = self.spread.abs();
        let (low, high) = ((self.low - self.mean) / sd, (self.high - self.mean) / sd);
        let densest = 0.0_f64.clamp(low, high);
        let (from, to) = (low.max(densest - REACH), high.min(densest + REACH));
        let density = |z: f64| libm::exp((densest - z) * (densest + z) / 2.0);
        let (mean, variance) = quadrature::moments(from, to, density, |z| z);
        (self.mean + sd * mean, sd * sd * variance)
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.between(self.low, self.tail_at_low, rng.uniform())
    }

    /// Exact by inversion up to 30 standard deviations above the parent's mean. Beyond, where nothing gets by chance,
    /// the tail is taken as exponential with rate z, which is off by a share of about 1/z^2.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        if elapsed >= self.high {
            return 0.0;
        }
        let z = (elapsed - self.mean) / self.spread.abs();
        if z > FAR {
            return self.remaining_far_out(elapsed, z, rng);
        }
        let from = elapsed.max(self.low);
        self.between(from, self.tail(from), rng.uniform()) - elapsed
    }

    fn remaining_far_out(&self, elapsed: f64, z: f64, rng: &mut KeyedRng) -> f64 {
        let unit = self.spread.abs() / z;
        let reach = (self.high - elapsed) / unit;
        let cut = libm::exp(-reach);
        // An exponential of mean 1 that is known to be below `reach`, by inversion of its survival function.
        let draw = -libm::log(cut + rng.uniform() * (1.0 - cut));
        unit * draw.min(reach)
    }

    /// The value between `from` and `high` that is exceeded with the chance `uniform` among those values.
    #[inline]
    fn between(&self, from: f64, tail_at_from: f64, uniform: f64) -> f64 {
        let tail = self.tail_at_high + uniform * (tail_at_from - self.tail_at_high);
        let value = self.mean - self.spread * normal::quantile(tail);
        value.max(from).min(self.high)
    }

    #[inline]
    fn tail(&self, value: f64) -> f64 {
        normal::cdf((self.mean - value) / self.spread)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self {
            mean: self.mean * factor,
            spread: self.spread * factor,
            low: self.low * factor,
            high: self.high * factor,
            ..*self
        }
    }
}
