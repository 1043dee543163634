//! The bounded Pareto law: a power tail with a floor and a ceiling.

use std::f64::consts::LOG2_E;

use serde::{Deserialize, Serialize};

use super::elementary::power_of_two;
use super::quadrature;
use crate::rng::KeyedRng;

/// Bounds whose logarithms are closer than this have their moments integrated: the closed form cancels.
const CLOSE: f64 = 0.1;

/// Density proportional to x^(-alpha-1) between `low` and `high`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct BoundedPareto {
    alpha: f64,
    low: f64,
    high: f64,
    /// (low/high)^alpha: what an unbounded Pareto would have above `high`.
    cut: f64,
    /// 1 - `cut`, without the cancellation.
    kept: f64,
    /// -1 / (`alpha` ln 2), because libm raises 2 twice as fast as e.
    octaves: f64,
}

impl BoundedPareto {
    pub(super) fn new(alpha: f64, low: f64, high: f64) -> Self {
        let reach = alpha * libm::log(high / low);
        Self { alpha, low, high, cut: libm::exp(-reach), kept: -libm::expm1(-reach), octaves: -LOG2_E / alpha }
    }

    pub(super) fn moments(&self) -> (f64, f64) {
        let (alpha, width) = (self.alpha, libm::log(self.high / self.low));
        let (mean, variance) = if width < CLOSE {
            quadrature::moments(0.0, width, |y| libm::exp(-alpha * y), libm::exp)
        } else {
            let mean = self.moment(1.0, width);
            (mean, self.moment(2.0, width) - mean * mean)
        };
        (self.low * mean, self.low * self.low * variance)
    }

    /// The raw moment of `order` in powers of `low`; the limit alpha = order is a logarithm.
    fn moment(&self, order: f64, width: f64) -> f64 {
        let excess = self.alpha - order;
        let integral = if excess == 0.0 { width } else { -libm::expm1(-excess * width) / excess };
        self.alpha * integral / self.kept
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        let chance = self.cut + rng.uniform() * self.kept;
        (self.low * power_of_two(libm::log(chance) * self.octaves)).max(self.low).min(self.high)
    }

    /// Exact: above what has elapsed the law is again a bounded Pareto.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        if elapsed >= self.high {
            return 0.0;
        }
        if elapsed <= self.low {
            return self.sample(rng) - elapsed;
        }
        let reach = self.alpha * libm::log(self.high / elapsed);
        let chance = libm::exp(-reach) - rng.uniform() * libm::expm1(-reach);
        (elapsed * libm::expm1(-libm::log(chance) / self.alpha)).max(0.0).min(self.high - elapsed)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { low: self.low * factor, high: self.high * factor, ..*self }
    }
}
