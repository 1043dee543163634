//! Laws of non-negative random quantities, compiled for sampling: spans of work, of thinking, of repair.
//!
//! A [`Distribution`] has been checked and has its constants computed; what an author writes in a file is another type
//! that becomes this one. Values are `f64` in whatever unit the parameters have; the model uses nanoseconds.
//!
//! Every family but the gamma maps its uniforms to a value monotonically, and in the same direction: a uniform is the
//! chance of a *longer* draw. A run with another parameter, or even another family, under the same luck therefore stays
//! close to the first (common random numbers). One uniform is taken a draw, except by Erlang (one a stage),
//! hyperexponential (two) and gamma (two or more); a constant takes none.
//!
//! Only `+ - * /`, `sqrt` and `libm` are used, so a key gives the same bits on every platform.
//!
//! It does not know text, units of time beyond nanoseconds, correlation between draws, or change over time.

mod construct;
mod elementary;
mod empirical;
mod erlang;
mod error;
mod exponential;
mod gamma;
mod hyperexponential;
mod lognormal;
mod normal;
mod pareto;
mod quadrature;
#[cfg(test)]
mod tests;
mod truncated_normal;
mod uniform;
mod weibull;

use serde::{Deserialize, Serialize};

pub(crate) use self::elementary::minus_ln;
use self::empirical::Empirical;
use self::erlang::Erlang;
pub use self::error::DistributionError;
use self::exponential::Exponential;
use self::gamma::Gamma;
use self::hyperexponential::Hyperexponential;
use self::lognormal::Lognormal;
use self::pareto::BoundedPareto;
use self::truncated_normal::TruncatedNormal;
use self::uniform::Uniform;
use self::weibull::Weibull;
use super::KeyedRng;
use crate::units::SimDuration;

/// The largest mean or bound, and the longest span drawn: 1e18 ns are 31.7 years, so instants cannot overflow.
pub const LARGEST_VALUE: f64 = 1e18;

/// The least positive mean, scale or standard deviation: a billionth of a unit.
pub const SMALLEST_VALUE: f64 = 1e-9;

/// The largest coefficient of variation: beyond it a mean says nothing about a run of any length.
pub const LARGEST_CV: f64 = 1000.0;

/// The least positive coefficient of variation of lognormal and gamma: below it, a constant is meant.
pub const SMALLEST_CV: f64 = 1e-3;

/// A checked law of a non-negative quantity, ready for sampling.
///
/// ```
/// use brownout::rng::{Distribution, Key};
///
/// let work = Distribution::lognormal(20e6, 0.8)?;
/// let mut rng = Key::named(7, 0, "work", 0).rng(0);
/// assert!(work.sample_duration(&mut rng).as_nanos() > 0);
/// # Ok::<(), brownout::rng::DistributionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    mean: f64,
    variance: f64,
    law: Law,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Law {
    Constant(f64),
    Uniform(Uniform),
    Exponential(Exponential),
    Erlang(Erlang),
    Hyperexponential(Hyperexponential),
    TruncatedNormal(TruncatedNormal),
    Lognormal(Lognormal),
    BoundedPareto(BoundedPareto),
    Weibull(Weibull),
    Gamma(Gamma),
    Empirical(Empirical),
}

impl Distribution {
    /// The mean, in units.
    #[must_use]
    #[inline]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance, in units squared.
    #[must_use]
    #[inline]
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// The squared coefficient of variation: variance / mean^2, and 0 for the constant 0.
    #[must_use]
    pub fn cv2(&self) -> f64 {
        if self.mean > 0.0 { self.variance / self.mean / self.mean } else { 0.0 }
    }

    /// A draw, in units, never negative; heavy tails may exceed [`LARGEST_VALUE`].
    #[inline]
    pub fn sample(&self, rng: &mut KeyedRng) -> f64 {
        match &self.law {
            Law::Constant(value) => *value,
            Law::Uniform(law) => law.sample(rng),
            Law::Exponential(law) => law.sample(rng),
            Law::Erlang(law) => law.sample(rng),
            Law::Hyperexponential(law) => law.sample(rng),
            Law::TruncatedNormal(law) => law.sample(rng),
            Law::Lognormal(law) => law.sample(rng),
            Law::BoundedPareto(law) => law.sample(rng),
            Law::Weibull(law) => law.sample(rng),
            Law::Gamma(law) => law.sample(rng),
            Law::Empirical(law) => law.sample(rng),
        }
    }

    /// A draw as a span, with the unit taken as a nanosecond: rounded, and at most [`LARGEST_VALUE`].
    #[inline]
    pub fn sample_duration(&self, rng: &mut KeyedRng) -> SimDuration {
        duration(self.sample(rng))
    }

    /// What remains of a draw X that is known to exceed `elapsed`: a draw of X - `elapsed`.
    ///
    /// Exact for every family, save that lognormal and truncated normal approximate beyond 30 standard deviations.
    /// Where the law cannot exceed `elapsed` (a constant, an upper bound), the answer is 0: it ends now. A negative
    /// or NaN `elapsed` counts as 0, and with 0 the draw is distributed as [`Self::sample`], with other bits for some
    /// families.
    pub fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let elapsed = elapsed.max(0.0);
        let draw = match &self.law {
            Law::Constant(value) => value - elapsed,
            Law::Uniform(law) => law.remaining(elapsed, rng),
            Law::Exponential(law) => law.remaining(elapsed, rng),
            Law::Erlang(law) => law.remaining(elapsed, rng),
            Law::Hyperexponential(law) => law.remaining(elapsed, rng),
            Law::TruncatedNormal(law) => law.remaining(elapsed, rng),
            Law::Lognormal(law) => law.remaining(elapsed, rng),
            Law::BoundedPareto(law) => law.remaining(elapsed, rng),
            Law::Weibull(law) => law.remaining(elapsed, rng),
            Law::Gamma(law) => law.remaining(elapsed, rng),
            Law::Empirical(law) => law.remaining(elapsed, rng),
        };
        draw.max(0.0)
    }

    /// [`Self::remaining`] with the unit taken as a nanosecond, rounded, and at most [`LARGEST_VALUE`].
    pub fn remaining_duration(&self, elapsed: SimDuration, rng: &mut KeyedRng) -> SimDuration {
        duration(self.remaining(elapsed.as_nanos() as f64, rng))
    }

    /// The law of `factor` times this quantity: the same uniforms give `factor` times the draw.
    ///
    /// The factor is capped where the mean would pass [`LARGEST_VALUE`]; a mean below [`SMALLEST_VALUE`] becomes a
    /// constant.
    ///
    /// # Panics
    /// When `factor` is negative or not finite.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        assert!(factor >= 0.0 && factor.is_finite(), "a factor of {factor}: it must be finite and not negative");
        let mean = (self.mean * factor).min(LARGEST_VALUE);
        if mean < SMALLEST_VALUE {
            return Self { mean, variance: 0.0, law: Law::Constant(mean) };
        }
        let factor = if mean < LARGEST_VALUE { factor } else { LARGEST_VALUE / self.mean };
        Self { mean, variance: self.variance * factor * factor, law: self.law.scaled(factor) }
    }
}

impl Law {
    fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Constant(value) => Self::Constant(value * factor),
            Self::Uniform(law) => Self::Uniform(law.scaled(factor)),
            Self::Exponential(law) => Self::Exponential(law.scaled(factor)),
            Self::Erlang(law) => Self::Erlang(law.scaled(factor)),
            Self::Hyperexponential(law) => Self::Hyperexponential(law.scaled(factor)),
            Self::TruncatedNormal(law) => Self::TruncatedNormal(law.scaled(factor)),
            Self::Lognormal(law) => Self::Lognormal(law.scaled(factor)),
            Self::BoundedPareto(law) => Self::BoundedPareto(law.scaled(factor)),
            Self::Weibull(law) => Self::Weibull(law.scaled(factor)),
            Self::Gamma(law) => Self::Gamma(law.scaled(factor)),
            Self::Empirical(law) => Self::Empirical(law.scaled(factor)),
        }
    }
}

#[inline]
fn duration(units: f64) -> SimDuration {
    SimDuration::from_nanos_f64(units.min(LARGEST_VALUE))
}
