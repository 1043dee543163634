//! The constructors of [`Distribution`]: every parameter is checked here and nowhere later.

use std::ops::RangeInclusive;

use super::empirical::Empirical;
use super::erlang::Erlang;
use super::error::{DistributionError, counted, ordered, within};
use super::exponential::Exponential;
use super::gamma::Gamma;
use super::hyperexponential::Hyperexponential;
use super::lognormal::Lognormal;
use super::pareto::BoundedPareto;
use super::truncated_normal::TruncatedNormal;
use super::uniform::Uniform;
use super::weibull::Weibull;
use super::{Distribution, LARGEST_CV, LARGEST_VALUE, Law, SMALLEST_CV, SMALLEST_VALUE};

/// The shapes of a Weibull whose moments are numbers.
const WEIBULL_SHAPES: RangeInclusive<f64> = 0.05..=1000.0;

/// The weights of a mixture or a histogram; only their ratios matter.
const WEIGHTS: RangeInclusive<f64> = 1e-18..=1e18;

/// Constructors. Each returns [`DistributionError`] for a parameter that is not finite or out of the range it names,
/// and for parameters that together give a mean beyond [`LARGEST_VALUE`] or a coefficient of variation beyond
/// [`LARGEST_CV`].
impl Distribution {
    /// Always `value`, which may be zero.
    ///
    /// # Errors
    /// When `value` is negative, not finite or too large.
    pub fn constant(value: f64) -> Result<Self, DistributionError> {
        let value = within("constant", "value", value, 0.0..=LARGEST_VALUE)?;
        Ok(Self { mean: value, variance: 0.0, law: Law::Constant(value) })
    }

    /// Uniform between `low` (which may be zero) and `high`.
    ///
    /// # Errors
    /// When a bound is negative, not finite or too large, or `low` is not below `high`.
    pub fn uniform(low: f64, high: f64) -> Result<Self, DistributionError> {
        let (low, high) = bounds("uniform", low, high, 0.0)?;
        let law = Uniform::new(low, high);
        Self::compiled("uniform", law.moments(), Law::Uniform(law))
    }

    /// Exponential with the given mean.
    ///
    /// # Errors
    /// When the mean is not a positive number up to [`LARGEST_VALUE`].
    pub fn exponential(mean: f64) -> Result<Self, DistributionError> {
        let mean = positive("exponential", "mean", mean)?;
        Self::compiled("exponential", (mean, mean * mean), Law::Exponential(Exponential { mean }))
    }

    /// The sum of `stages` equal exponentials (1 to 1000), with the given mean of the sum; cv = 1/sqrt(stages).
    ///
    /// # Errors
    /// When `stages` is 0 or above 1000, or the mean is not a positive number up to [`LARGEST_VALUE`].
    pub fn erlang(stages: u32, mean: f64) -> Result<Self, DistributionError> {
        let count = within("erlang", "stages", f64::from(stages), 1.0..=f64::from(Erlang::MOST_STAGES))?;
        let mean = positive("erlang", "mean", mean)?;
        Self::compiled("erlang", (mean, mean * mean / count), Law::Erlang(Erlang::new(stages, mean)))
    }

    /// One of several exponentials, from pairs of (weight, mean); the weights need not sum to 1.
    ///
    /// # Errors
    /// With fewer than 2 or more than 64 phases, or a weight or mean that is not a positive number.
    pub fn hyperexponential(phases: &[(f64, f64)]) -> Result<Self, DistributionError> {
        let family = "hyperexponential";
        counted(family, phases.len(), 2..=Hyperexponential::MOST_PHASES)?;
        for &(weight, mean) in phases {
            within(family, "weight", weight, WEIGHTS)?;
            positive(family, "mean", mean)?;
        }
        let law = Hyperexponential::new(phases);
        Self::compiled(family, law.moments(), Law::Hyperexponential(law))
    }

    /// The hyperexponential of two phases with balanced means (p1 m1 = p2 m2) that has this mean and cv.
    ///
    /// # Errors
    /// When the mean is not a positive number up to [`LARGEST_VALUE`], or the cv is not from 1 to [`LARGEST_CV`].
    pub fn hyperexponential_by_cv(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        let mean = positive("hyperexponential", "mean", mean)?;
        let cv = within("hyperexponential", "cv", cv, 1.0..=LARGEST_CV)?;
        let law = Hyperexponential::new(&Hyperexponential::balanced(mean, cv));
        Ok(Self { mean, variance: mean * mean * cv * cv, law: Law::Hyperexponential(law) })
    }

    /// A normal with the given mean and standard deviation, conditioned to lie between `low` and `high`, which may be
    /// infinite. [`Self::mean`] and [`Self::variance`] are those of the conditioned law.
    ///
    /// # Errors
    /// When `mean` or `sd` is not a number of allowed size, a bound is negative or `low` is not below `high`, or the
    /// bounds keep less than 1e-9 of the normal.
    pub fn truncated_normal(mean: f64, sd: f64, low: f64, high: f64) -> Result<Self, DistributionError> {
        let family = "truncated normal";
        let mean = within(family, "mean", mean, -LARGEST_VALUE..=LARGEST_VALUE)?;
        let sd = positive(family, "sd", sd)?;
        let (low, high) = if high == f64::INFINITY {
            (within(family, "low", low, 0.0..=LARGEST_VALUE)?, high)
        } else {
            bounds(family, low, high, 0.0)?
        };
        let law = TruncatedNormal::new(mean, sd, low, high);
        let (mass, least) = (law.mass(), TruncatedNormal::LEAST_MASS);
        if mass < least {
            return Err(DistributionError::NoMass { mass, least });
        }
        Self::compiled(family, law.moments(), Law::TruncatedNormal(law))
    }

    /// Lognormal with the given mean and coefficient of variation (both of the quantity, not of its logarithm).
    ///
    /// # Errors
    /// When the mean is not a positive number up to [`LARGEST_VALUE`], or the cv is not from [`SMALLEST_CV`] to
    /// [`LARGEST_CV`].
    pub fn lognormal(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        let mean = positive("lognormal", "mean", mean)?;
        let cv = within("lognormal", "cv", cv, SMALLEST_CV..=LARGEST_CV)?;
        Ok(Self { mean, variance: mean * mean * cv * cv, law: Law::Lognormal(Lognormal::new(mean, cv)) })
    }

    /// Density proportional to x^(-alpha-1) between `low` and `high`, both positive; alpha from 0.001 to 1000.
    ///
    /// # Errors
    /// When a parameter is out of range or `low` is not below `high`.
    pub fn bounded_pareto(alpha: f64, low: f64, high: f64) -> Result<Self, DistributionError> {
        let alpha = within("bounded pareto", "alpha", alpha, 1e-3..=1e3)?;
        let (low, high) = bounds("bounded pareto", low, high, SMALLEST_VALUE)?;
        let law = BoundedPareto::new(alpha, low, high);
        Self::compiled("bounded pareto", law.moments(), Law::BoundedPareto(law))
    }

    /// Weibull with survival exp(-(x/scale)^shape); shape from 0.05 to 1000.
    ///
    /// # Errors
    /// When a parameter is out of range, or the shape is so low that the cv exceeds [`LARGEST_CV`] (below about 0.09).
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let shape = within("weibull", "shape", shape, WEIBULL_SHAPES)?;
        let law = Weibull::new(shape, positive("weibull", "scale", scale)?);
        Self::compiled("weibull", law.moments(), Law::Weibull(law))
    }

    /// Weibull with the given shape (0.05 to 1000) and mean.
    ///
    /// # Errors
    /// As [`Self::weibull`].
    pub fn weibull_by_mean(shape: f64, mean: f64) -> Result<Self, DistributionError> {
        let shape = within("weibull", "shape", shape, WEIBULL_SHAPES)?;
        let mean = positive("weibull", "mean", mean)?;
        let law = Weibull::new(shape, mean / Weibull::mean_of_unit_scale(shape));
        Self::compiled("weibull", law.moments(), Law::Weibull(law))
    }

    /// Gamma with the given shape (1e-6 to 1e6) and scale; mean = shape * scale.
    ///
    /// # Errors
    /// When a parameter is out of range.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, DistributionError> {
        let shape = within("gamma", "shape", shape, 1e-6..=1e6)?;
        let scale = positive("gamma", "scale", scale)?;
        let moments = (shape * scale, shape * scale * scale);
        Self::compiled("gamma", moments, Law::Gamma(Gamma::new(shape, scale)))
    }

    /// Gamma with the given mean and coefficient of variation; shape = 1/cv^2.
    ///
    /// # Errors
    /// When the mean is not a positive number up to [`LARGEST_VALUE`], or the cv is not from [`SMALLEST_CV`] to
    /// [`LARGEST_CV`].
    pub fn gamma_by_cv(mean: f64, cv: f64) -> Result<Self, DistributionError> {
        let mean = positive("gamma", "mean", mean)?;
        let cv = within("gamma", "cv", cv, SMALLEST_CV..=LARGEST_CV)?;
        let law = Gamma::new(1.0 / (cv * cv), mean * cv * cv);
        Ok(Self { mean, variance: mean * mean * cv * cv, law: Law::Gamma(law) })
    }

    /// Given values, from pairs of (value, weight); values may be zero, weights need not sum to 1.
    ///
    /// # Errors
    /// With no values or more than a million, a value that is negative or too large, or a weight that is not positive.
    pub fn empirical(values: &[(f64, f64)]) -> Result<Self, DistributionError> {
        counted("empirical", values.len(), 1..=Empirical::MOST_VALUES)?;
        for &(value, weight) in values {
            within("empirical", "value", value, 0.0..=LARGEST_VALUE)?;
            within("empirical", "weight", weight, WEIGHTS)?;
        }
        let law = Empirical::new(values);
        Self::compiled("empirical", law.moments(), Law::Empirical(law))
    }

    fn compiled(family: &'static str, moments: (f64, f64), law: Law) -> Result<Self, DistributionError> {
        let (mean, variance) = moments;
        let compiled = Self { mean, variance, law };
        if mean > LARGEST_VALUE {
            return Err(DistributionError::MeanTooLarge { family, mean });
        }
        if compiled.cv2() > LARGEST_CV * LARGEST_CV {
            return Err(DistributionError::TooVariable { family, cv: compiled.cv2().sqrt() });
        }
        Ok(compiled)
    }
}

fn positive(family: &'static str, parameter: &'static str, value: f64) -> Result<f64, DistributionError> {
    within(family, parameter, value, SMALLEST_VALUE..=LARGEST_VALUE)
}

fn bounds(family: &'static str, low: f64, high: f64, least: f64) -> Result<(f64, f64), DistributionError> {
    let low = within(family, "low", low, least..=LARGEST_VALUE)?;
    let high = within(family, "high", high, least..=LARGEST_VALUE)?;
    ordered(family, low, high)
}
