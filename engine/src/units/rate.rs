//! Events per time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decimal::{parse_float, split_number, write_float};
use super::{Quantity, SimDuration, UnitError};

/// Events per second, finite and not negative when read from text.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(f64);

impl Rate {
    /// Nothing ever happens.
    pub const ZERO: Self = Self(0.0);

    /// `events` per second.
    #[must_use]
    pub const fn per_second(events: f64) -> Self {
        Self(events)
    }

    /// The rate in events per second.
    #[must_use]
    pub const fn as_per_second(self) -> f64 {
        self.0
    }

    /// The mean time between two events, [`SimDuration::MAX`] for a rate of zero.
    #[must_use]
    pub fn mean_interval(self) -> SimDuration {
        if self.0 > 0.0 { SimDuration::from_secs_f64(1.0 / self.0) } else { SimDuration::MAX }
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    /// Reads `1200/s`, `90/min` or `3/h`.
    ///
    /// # Errors
    /// When the number is missing, negative, not finite, or the unit is missing or unknown.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let quantity = Quantity::Rate;
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty(quantity));
        }
        let (number, unit) = split_number(text, quantity)?;
        let value = parse_float(if number.is_empty() { text } else { number }, 0, quantity)?;
        match unit {
            "/s" => Ok(Self(value)),
            "/min" => Ok(Self(value / 60.0)),
            "/h" => Ok(Self(value / 3_600.0)),
            "" => Err(UnitError::UnitMissing { quantity, number: number.to_owned() }),
            _ => Err(UnitError::UnknownUnit { quantity, unit: unit.to_owned() }),
        }
    }
}

impl fmt::Display for Rate {
    /// Events per second, `1.5/s`, with the digits that read back as the same rate.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", write_float(self.0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        assert_eq!("1200/s".parse(), Ok(Rate::per_second(1200.0)));
        assert_eq!("90/min".parse(), Ok(Rate::per_second(1.5)));
        assert_eq!("1_800 /h".parse(), Ok(Rate::per_second(0.5)));
    }

    #[test]
    fn display_reads_back_exactly() {
        for value in [0.0, 1.0, 0.1, 1.0 / 3.0, 1e-9, 123_456.789, 1e18] {
            let rate = Rate::per_second(value);
            assert_eq!(rate.to_string().parse(), Ok(rate));
        }
        assert_eq!(Rate::per_second(1200.0).to_string(), "1200/s");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<Rate>().unwrap_err();
        assert_eq!(error("1200").help(), "write 1200/s, 1200/min, 1200/h");
        assert_eq!(error("5/m"), UnitError::UnknownUnit { quantity: Quantity::Rate, unit: "/m".to_owned() });
        assert_eq!(error("-5/s"), UnitError::Negative(Quantity::Rate));
        assert_eq!(error("NaN/s"), UnitError::NotANumber { quantity: Quantity::Rate, text: "NaN/s".to_owned() });
        assert_eq!(error(&format!("{}/s", "9".repeat(400))), UnitError::TooLarge(Quantity::Rate));
        assert_eq!(error(" "), UnitError::Empty(Quantity::Rate));
    }

    #[test]
    fn interval_is_the_inverse() {
        assert_eq!(Rate::per_second(4.0).mean_interval(), SimDuration::from_millis(250));
        assert_eq!(Rate::ZERO.mean_interval(), SimDuration::MAX);
    }
}
