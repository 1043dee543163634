//! What can be wrong with the parameters of a distribution, with what would be right.
//!
//! The numbers are in the units of the parameters (nanoseconds where the model asks for a span); whoever knows how the
//! author wrote them converts them back.

use std::fmt;
use std::ops::RangeInclusive;

use super::{LARGEST_CV, LARGEST_VALUE};

/// Why a distribution cannot be built. Nothing is built when this is returned.
#[derive(Clone, Debug, PartialEq)]
pub enum DistributionError {
    /// A parameter is not a number, or lies outside what the family allows.
    Parameter {
        /// The family's name, such as `lognormal`.
        family: &'static str,
        /// The parameter's name, such as `cv`.
        parameter: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed, both ends included.
        allowed: RangeInclusive<f64>,
    },
    /// The lower bound is not below the upper bound.
    Bounds {
        /// The family's name.
        family: &'static str,
        /// The lower bound as given.
        low: f64,
        /// The upper bound as given.
        high: f64,
    },
    /// A list has too few or too many entries.
    Entries {
        /// The family's name.
        family: &'static str,
        /// How many were given.
        count: usize,
        /// How many are allowed, both ends included.
        allowed: RangeInclusive<usize>,
    },
    /// A truncated normal keeps next to nothing of its parent.
    NoMass {
        /// The share of the parent between the bounds.
        mass: f64,
        /// The least share allowed.
        least: f64,
    },
    /// The parameters are fine one by one, but their mean is beyond [`LARGEST_VALUE`].
    MeanTooLarge {
        /// The family's name.
        family: &'static str,
        /// The mean that the parameters give.
        mean: f64,
    },
    /// The parameters are fine one by one, but their coefficient of variation is beyond [`LARGEST_CV`].
    TooVariable {
        /// The family's name.
        family: &'static str,
        /// The coefficient of variation that the parameters give.
        cv: f64,
    },
}

impl DistributionError {
    /// What is wrong, without what would be right.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::Parameter { family, parameter, value, .. } => format!("{family}: {parameter} is {}", Number(*value)),
            Self::Bounds { family, low, high } => {
                format!("{family}: the lower bound {} is not below the upper bound {}", Number(*low), Number(*high))
            }
            Self::Entries { family, count, .. } => format!("{family}: {count} entries"),
            Self::NoMass { mass, .. } => {
                format!("truncated normal: only {mass:e} of the parent lies between the bounds")
            }
            Self::MeanTooLarge { family, mean } => format!("{family}: the mean would be {}", Number(*mean)),
            Self::TooVariable { family, cv } => {
                format!("{family}: the coefficient of variation would be {}", Number(*cv))
            }
        }
    }

    /// What would be right.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Parameter { allowed, .. } => {
                format!("a number from {} to {} is allowed", Number(*allowed.start()), Number(*allowed.end()))
            }
            Self::Bounds { .. } => "swap the bounds, or use a constant where they are equal".to_owned(),
            Self::Entries { allowed, .. } => format!("from {} to {} are allowed", allowed.start(), allowed.end()),
            Self::NoMass { least, .. } => {
                format!("choose bounds that keep at least {least:e}, or move the mean between them")
            }
            Self::MeanTooLarge { .. } => format!("at most {} is allowed", Number(LARGEST_VALUE)),
            Self::TooVariable { .. } => {
                format!("at most {LARGEST_CV} is allowed: use a lighter tail or an upper bound nearer to the lower one")
            }
        }
    }
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.remedy())
    }
}

impl std::error::Error for DistributionError {}

/// The value, where it lies in the allowed range; a negative zero becomes zero.
pub(super) fn within(
    family: &'static str,
    parameter: &'static str,
    value: f64,
    allowed: RangeInclusive<f64>,
) -> Result<f64, DistributionError> {
    if allowed.contains(&value) {
        Ok(value + 0.0)
    } else {
        Err(DistributionError::Parameter { family, parameter, value, allowed })
    }
}

/// Both bounds, where the lower is below the upper.
pub(super) fn ordered(family: &'static str, low: f64, high: f64) -> Result<(f64, f64), DistributionError> {
    if low < high { Ok((low, high)) } else { Err(DistributionError::Bounds { family, low, high }) }
}

/// The count, where it lies in the allowed range.
pub(super) fn counted(
    family: &'static str,
    count: usize,
    allowed: RangeInclusive<usize>,
) -> Result<usize, DistributionError> {
    if allowed.contains(&count) { Ok(count) } else { Err(DistributionError::Entries { family, count, allowed }) }
}

/// A number as a person writes it: plain near one, in powers of ten far from it.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size != 0.0 && size.is_finite() && !(1e-3..1e7).contains(&size) {
            write!(f, "{:e}", self.0)
        } else {
            write!(f, "{}", self.0)
        }
    }
}
