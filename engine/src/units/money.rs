//! Amounts of money in one currency.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal;
use super::{Quantity, UnitError};

/// An amount in hundredths of a currency unit, with the currency's code of three capitals (ISO 4217's form; the code
/// itself is not looked up). The only quantity that may be negative: a cost can be a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    cents: i64,
    currency: [u8; 3],
}

impl Money {
    /// `cents` hundredths of the same currency as `self`.
    #[must_use]
    pub const fn with_cents(self, cents: i64) -> Self {
        Self { cents, ..self }
    }

    /// The amount in hundredths of the currency unit.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.cents
    }

    /// The currency's code, three ASCII capitals.
    #[must_use]
    pub fn currency(&self) -> &str {
        str::from_utf8(&self.currency).unwrap_or("???")
    }
}

impl FromStr for Money {
    type Err = UnitError;

    /// Reads `12.50 USD` or `-3 EUR`.
    ///
    /// # Errors
    /// When the number is missing, finer than a cent or too large, or the currency is not three capitals.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let quantity = Quantity::Money;
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty(quantity));
        }
        let end = text.find(|c: char| c.is_alphabetic() || c.is_whitespace()).unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim());
        let (negative, digits) = number.strip_prefix('-').map_or((false, number), |digits| (true, digits));
        let digits = if digits.is_empty() { text } else { digits };
        let magnitude = i128::from(Decimal::parse(digits, quantity)?.times(100, quantity)?);
        let signed = if negative { -magnitude } else { magnitude };
        let cents = i64::try_from(signed).map_err(|_overflow| UnitError::TooLarge(quantity))?;
        currency(unit, number).map(|currency| Self { cents, currency })
    }
}

fn currency(unit: &str, number: &str) -> Result<[u8; 3], UnitError> {
    let quantity = Quantity::Money;
    match unit.as_bytes() {
        [] => Err(UnitError::UnitMissing { quantity, number: number.to_owned() }),
        &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok([a, b, c]),
        _ => Err(UnitError::UnknownUnit { quantity, unit: unit.to_owned() }),
    }
}

impl fmt::Display for Money {
    /// The amount with two decimals and the currency: `12.50 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let magnitude = self.cents.unsigned_abs();
        write!(f, "{sign}{}.{:02} {}", magnitude / 100, magnitude % 100, self.currency())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_cents_exactly() {
        for text in ["12.50 USD", "0.00 EUR", "-0.07 CHF", "92233720368547758.07 USD", "-92233720368547758.08 USD"] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), text);
        }
        let price: Money = "3USD".parse().unwrap();
        assert_eq!((price.cents(), price.currency()), (300, "USD"));
        assert_eq!(price.with_cents(5).to_string(), "0.05 USD");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = |text: &str| text.parse::<Money>().unwrap_err();
        assert_eq!(error("12.50").help(), "write 12.50 USD, 12.50 EUR");
        assert_eq!(error("12.505 USD"), UnitError::TooFine(Quantity::Money));
        assert_eq!(error("92233720368547758.08 USD"), UnitError::TooLarge(Quantity::Money));
        assert_eq!(error("5 usd"), UnitError::UnknownUnit { quantity: Quantity::Money, unit: "usd".to_owned() });
        assert!(matches!(error("USD"), UnitError::NotANumber { .. }));
    }
}
