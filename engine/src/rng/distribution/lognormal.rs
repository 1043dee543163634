//! The lognormal law: the exponential of a normal, the usual shape of service times.

use std::f64::consts::LOG2_E;

use serde::{Deserialize, Serialize};

use super::elementary::{STEPS, power_in_steps};
use super::{exponential, normal};
use crate::rng::KeyedRng;

/// Beyond this many standard deviations the survival function nears the smallest `f64`.
const FAR: f64 = 30.0;

/// `median * exp(sigma Z)` with a standard normal Z.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lognormal {
    median: f64,
    sigma: f64,
    /// `sigma` in steps of powers of two.
    steps: f64,
}

impl Lognormal {
    /// sigma^2 = ln(1 + cv^2) and median = mean / sqrt(1 + cv^2).
    pub(super) fn new(mean: f64, cv: f64) -> Self {
        let square = cv * cv;
        let sigma = libm::log1p(square).sqrt();
        Self { median: mean / (1.0 + square).sqrt(), sigma, steps: sigma * LOG2_E * STEPS }
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.exceeded_with(rng.uniform())
    }

    /// Exact by inversion of the survival function up to 30 sigma. Beyond, where nothing gets by chance, the normal's
    /// tail is taken as exponential with rate z, which is off by a share of about 1/z^2.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let z = libm::log(elapsed / self.median) / self.sigma;
        if z > FAR {
            return elapsed * libm::expm1(self.sigma * exponential::standard(rng) / z);
        }
        self.exceeded_with(rng.uniform() * normal::cdf(-z)) - elapsed
    }

    #[inline]
    fn exceeded_with(&self, chance: f64) -> f64 {
        self.median * power_in_steps(-self.steps * normal::quantile(chance))
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { median: self.median * factor, ..*self }
    }
}
