//! Decimal numbers as text, exactly: what every quantity's text form is made of.

use super::{Quantity, UnitError};

/// A non-negative decimal number, `mantissa / 10^scale`, without trailing zeros in its fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    mantissa: u128,
    scale: u32,
}

impl Decimal {
    /// Reads digits with an optional fraction and `_` between digits. A sign, an exponent or anything else is an error.
    pub(super) fn parse(text: &str, quantity: Quantity) -> Result<Self, UnitError> {
        let (whole, fraction) = split(text, quantity)?;
        let fraction = fraction.trim_end_matches(['0', '_']);
        let mut mantissa = 0_u128;
        let mut scale = 0_u32;
        for digit in whole.bytes().filter(u8::is_ascii_digit) {
            mantissa = push(mantissa, digit).ok_or(UnitError::TooLarge(quantity))?;
        }
        for digit in fraction.bytes().filter(u8::is_ascii_digit) {
            mantissa = push(mantissa, digit).ok_or(UnitError::TooFine(quantity))?;
            scale += 1;
        }
        Ok(Self { mantissa, scale })
    }

    /// The number times `unit`, if that is a whole number that fits 64 bits.
    pub(super) fn times(self, unit: u64, quantity: Quantity) -> Result<u64, UnitError> {
        let product = self.mantissa.checked_mul(u128::from(unit)).ok_or(UnitError::TooLarge(quantity))?;
        // A fraction of 38 digits is the longest a 128-bit mantissa holds, and 10^38 still fits.
        let divisor = 10_u128.checked_pow(self.scale).ok_or(UnitError::TooFine(quantity))?;
        if product % divisor != 0 {
            return Err(UnitError::TooFine(quantity));
        }
        u64::try_from(product / divisor).map_err(|_overflow| UnitError::TooLarge(quantity))
    }
}

/// Reads a decimal number, shifted by `shift` decimal places, as the nearest floating-point number.
pub(super) fn parse_float(text: &str, shift: i32, quantity: Quantity) -> Result<f64, UnitError> {
    split(text, quantity)?;
    let digits = text.replace('_', "");
    let value: f64 = format!("{digits}e{shift}").parse().map_err(|_syntax| not_a_number(text, quantity))?;
    if value.is_finite() { Ok(value) } else { Err(UnitError::TooLarge(quantity)) }
}

/// Writes a non-negative finite number as a plain decimal, shifted by `shift` decimal places, with the digits that
/// read back as the same number.
pub(super) fn write_float(value: f64, shift: i32) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = exponent.parse::<i32>().unwrap_or(0) + shift + 1;
    place_point(&digits, point)
}

/// Puts the decimal point behind the first `point` digits, padding with zeros on either side.
fn place_point(digits: &str, point: i32) -> String {
    let length = digits.len() as i32;
    if digits.bytes().all(|digit| digit == b'0') {
        "0".to_owned()
    } else if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point >= length {
        format!("{digits}{}", "0".repeat((point - length) as usize))
    } else {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    }
}

/// Splits a text into the number it starts with and the rest, trimmed. A number with an exponent is an error: what would
/// be left of it is no unit.
///
/// The rest starts at the first character that cannot belong to a number. A sign belongs to it, so that a negative
/// number is recognised as such.
pub(super) fn split_number(text: &str, quantity: Quantity) -> Result<(&str, &str), UnitError> {
    let (number, rest) = text.split_at(number_end(text));
    if let Some(exponent) = rest.strip_prefix(['e', 'E']).filter(|_| !number.is_empty()) {
        let end = number_end(exponent);
        if exponent[..end].contains(|c: char| c.is_ascii_digit()) {
            let number = text[..number.len() + 1 + end].to_owned();
            return Err(UnitError::Exponent { quantity, number });
        }
    }
    Ok((number, rest.trim()))
}

fn number_end(text: &str) -> usize {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+');
    text.find(|c| !in_number(c)).unwrap_or(text.len())
}

/// Whole digits and fraction digits of a well-formed number.
fn split(text: &str, quantity: Quantity) -> Result<(&str, &str), UnitError> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, "0"));
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(not_a_number(text, quantity));
    }
    if magnitude.len() < text.len() { Err(UnitError::Negative(quantity)) } else { Ok((whole, fraction)) }
}

fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn not_a_number(text: &str, quantity: Quantity) -> UnitError {
    UnitError::NotANumber { quantity, text: text.to_owned() }
}

fn push(mantissa: u128, digit: u8) -> Option<u128> {
    mantissa.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_exactly_or_refuses() {
        let decimal = |text| Decimal::parse(text, Quantity::Duration).unwrap();
        assert_eq!(decimal("1.5").times(1_000, Quantity::Duration), Ok(1_500));
        assert_eq!(decimal("1.500000").times(10, Quantity::Duration), Ok(15));
        assert_eq!(decimal("1.23").times(10, Quantity::Duration), Err(UnitError::TooFine(Quantity::Duration)));
        assert_eq!(decimal("1_000").times(1, Quantity::Duration), Ok(1_000));
        let huge = decimal("99999999999999999999999999999999999999");
        assert_eq!(huge.times(1_000, Quantity::Duration), Err(UnitError::TooLarge(Quantity::Duration)));
    }

    #[test]
    fn shifting_the_point_in_the_text_loses_nothing() {
        for value in [0.0, 0.05, 0.1, 1.0 / 3.0, 0.999_999_999_999_999_9, 1e-300, 12_345.678, 1e22, f64::MIN_POSITIVE] {
            let text = write_float(value, 2);
            assert_eq!(parse_float(&text, -2, Quantity::Ratio), Ok(value), "{text}");
        }
        assert_eq!(write_float(0.05, 2), "5");
        assert_eq!(write_float(0.125, 2), "12.5");
        assert_eq!(write_float(0.000_5, 2), "0.05");
    }

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for text in ["", ".", "1.", ".5", "_1", "1__.2x", "1.2.3", "--1", "+1", "1e5", "NaN", "inf"] {
            let error = Decimal::parse(text, Quantity::Rate).unwrap_err();
            assert!(matches!(error, UnitError::NotANumber { .. }), "{text}: {error:?}");
        }
        assert_eq!(Decimal::parse("-1", Quantity::Rate), Err(UnitError::Negative(Quantity::Rate)));
    }
}
