//! Fractions and percentages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decimal::{parse_float, split_number, write_float};
use super::{Quantity, UnitError};

/// A fraction: 0.05 is five per cent. Finite and not negative when read from text; may exceed one (`150%`).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(f64);

impl Ratio {
    /// None of it.
    pub const ZERO: Self = Self(0.0);
    /// All of it.
    pub const ONE: Self = Self(1.0);

    /// The ratio `fraction` (not per cent).
    #[must_use]
    pub const fn new(fraction: f64) -> Self {
        Self(fraction)
    }

    /// The ratio as a fraction.
    #[must_use]
    pub const fn as_fraction(self) -> f64 {
        self.0
    }

    /// Whether this can be a probability or a share: between zero and one.
    #[must_use]
    pub fn is_share(self) -> bool {
        (0.0..=1.0).contains(&self.0)
    }
}

impl FromStr for Ratio {
    type Err = UnitError;

    /// Reads `5%`, `12.5%`, `150%`, or a bare fraction from 0 to 1, `0.05`.
    ///
    /// # Errors
    /// When the number is missing, negative, not finite, has a unit other than `%`, or is above one without `%`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let quantity = Quantity::Ratio;
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty(quantity));
        }
        let (number, unit) = split_number(text, quantity)?;
        let number = if number.is_empty() { text } else { number };
        let shift = if unit == "%" { -2 } else { 0 };
        let value = parse_float(number, shift, quantity)?;
        match unit {
            "" if value > 1.0 => Err(UnitError::AmbiguousRatio { number: number.to_owned() }),
            "" | "%" => Ok(Self(value)),
            _ => Err(UnitError::UnknownUnit { quantity, unit: unit.to_owned() }),
        }
    }
}

impl fmt::Display for Ratio {
    /// A percentage, `12.5%`, with the digits that read back as the same ratio.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", write_float(self.0, 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_and_fraction_are_the_same_number() {
        assert_eq!("5%".parse::<Ratio>(), "0.05".parse());
        assert_eq!("12.5 %".parse(), Ok(Ratio::new(0.125)));
        assert_eq!("150%".parse(), Ok(Ratio::new(1.5)));
        assert_eq!("1".parse(), Ok(Ratio::ONE));
    }

    #[test]
    fn display_reads_back_exactly() {
        for value in [0.0, 0.05, 0.1, 1.0 / 3.0, 0.29, 0.999_9, 1.0, 3.0, 1e-12] {
            let ratio = Ratio::new(value);
            assert_eq!(ratio.to_string().parse(), Ok(ratio));
        }
        assert_eq!(Ratio::new(0.29).to_string(), "29%");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<Ratio>().unwrap_err();
        assert_eq!(error("5"), UnitError::AmbiguousRatio { number: "5".to_owned() });
        assert_eq!(error("-1%"), UnitError::Negative(Quantity::Ratio));
        assert_eq!(error("5s"), UnitError::UnknownUnit { quantity: Quantity::Ratio, unit: "s".to_owned() });
        assert!(matches!(error("half"), UnitError::NotANumber { .. }));
    }

    #[test]
    fn shares_are_between_zero_and_one() {
        assert!(Ratio::ONE.is_share() && Ratio::ZERO.is_share());
        assert!(!Ratio::new(1.01).is_share() && !Ratio::new(f64::NAN).is_share());
    }
}
