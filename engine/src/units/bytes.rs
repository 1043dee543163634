//! Amounts of data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decimal::{Decimal, split_number};
use super::{Quantity, UnitError};

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(u64);

/// Units by name: powers of 1024 with an `i` (IEC 80000-13), powers of 1000 without.
const UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl Bytes {
    /// No data.
    pub const ZERO: Self = Self(0);

    /// An amount of `bytes`.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    /// Reads `512B`, `16MiB`, `1.5GiB`, `10MB`.
    ///
    /// # Errors
    /// When the number is missing, negative, not a whole number of bytes, too large, or the unit missing or unknown.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let quantity = Quantity::Bytes;
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty(quantity));
        }
        let (number, unit) = split_number(text, quantity)?;
        let decimal = Decimal::parse(if number.is_empty() { text } else { number }, quantity)?;
        if unit.is_empty() {
            return Err(UnitError::UnitMissing { quantity, number: number.to_owned() });
        }
        let (_, size) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(|| UnitError::UnknownUnit { quantity, unit: unit.to_owned() })?;
        decimal.times(size, quantity).map(Self)
    }
}

impl fmt::Display for Bytes {
    /// The largest binary unit that needs no fraction: `16MiB`, `1000B`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |size: u64| self.0 != 0 && self.0.is_multiple_of(size);
        let (name, size) = UNITS.into_iter().rev().take(4).find(|(_, size)| fits(*size)).unwrap_or(("B", 1));
        write!(f, "{}{name}", self.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_binary_and_decimal_units() {
        assert_eq!("16MiB".parse(), Ok(Bytes::new(16 * 1024 * 1024)));
        assert_eq!("1.5 KiB".parse(), Ok(Bytes::new(1536)));
        assert_eq!("10MB".parse(), Ok(Bytes::new(10_000_000)));
        assert_eq!("0B".parse(), Ok(Bytes::ZERO));
    }

    #[test]
    fn display_reads_back_exactly() {
        for bytes in [0, 1, 1000, 1024, 1025, 3 << 20, 1 << 40, u64::MAX] {
            assert_eq!(Bytes::new(bytes).to_string().parse(), Ok(Bytes::new(bytes)));
        }
        assert_eq!(Bytes::new(16 << 20).to_string(), "16MiB");
        assert_eq!(Bytes::new(1000).to_string(), "1000B");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<Bytes>().unwrap_err();
        assert_eq!(error("16"), UnitError::UnitMissing { quantity: Quantity::Bytes, number: "16".to_owned() });
        assert_eq!(error("1.5B"), UnitError::TooFine(Quantity::Bytes));
        assert_eq!(error("16777216TiB"), UnitError::TooLarge(Quantity::Bytes));
        assert_eq!(error("1mb"), UnitError::UnknownUnit { quantity: Quantity::Bytes, unit: "mb".to_owned() });
    }
}
