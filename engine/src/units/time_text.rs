//! The text forms of instants and spans.

use std::fmt;
use std::str::FromStr;

use super::decimal::{Decimal, split_number};
use super::{Quantity, SimDuration, SimTime, UnitError};

/// Units of time in nanoseconds, from large to small.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl FromStr for SimDuration {
    type Err = UnitError;

    /// Reads `250ms`, `1.5s`, `2m`, `1h30m`, `10us`, `5ns`, `1d`.
    ///
    /// # Errors
    /// When a number or a unit is missing, the unit is unknown or out of order, or the span is negative, longer than
    /// 2^64 - 1 ns or not a whole number of nanoseconds.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_span(text.trim(), Quantity::Duration).map(Self::from_nanos)
    }
}

impl fmt::Display for SimDuration {
    /// The shortest exact text: `1h30m`, `1m2.5s`, `1.5ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.as_nanos();
        if nanos == 0 {
            return f.write_str("0s");
        }
        if nanos < 1_000_000_000 {
            return write_largest(f, nanos, &UNITS[4..]);
        }
        let mut rest = nanos;
        for (unit, size) in &UNITS[..3] {
            if rest >= *size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        if rest > 0 { write_largest(f, rest, &UNITS[3..4]) } else { Ok(()) }
    }
}

impl FromStr for SimTime {
    type Err = UnitError;

    /// Reads a clock time since the start, `12:30` (minutes and seconds) or `1:05:00`, with a fraction of a second if
    /// wanted, or a span since the start, `750s`.
    ///
    /// # Errors
    /// As for [`SimDuration`], and when the seconds (or, behind hours, the minutes) of a clock time are above 59.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        let nanos = if text.contains(':') { parse_clock(text) } else { parse_span(text, Quantity::Instant) };
        nanos.map(Self::from_nanos)
    }
}

fn write_largest(f: &mut fmt::Formatter<'_>, nanos: u64, units: &[(&str, u64)]) -> fmt::Result {
    let (unit, size) = units.iter().find(|(_, size)| nanos >= *size).unwrap_or(&("ns", 1));
    let width = size.ilog10() as usize;
    let fraction = format!("{:0width$}", nanos % size);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    write!(f, "{}{point}{fraction}{unit}", nanos / size)
}

fn parse_span(text: &str, quantity: Quantity) -> Result<u64, UnitError> {
    if text.is_empty() {
        return Err(UnitError::Empty(quantity));
    }
    let mut rest = text;
    let mut finest = u64::MAX;
    let mut nanos = 0_u64;
    while !rest.is_empty() {
        let (part, size, unit, tail) = parse_part(rest, quantity)?;
        if size >= finest {
            return Err(UnitError::PartsOutOfOrder { unit: unit.to_owned() });
        }
        finest = size;
        nanos = nanos.checked_add(part).ok_or(UnitError::TooLarge(quantity))?;
        rest = tail;
    }
    Ok(nanos)
}

/// Reads one number with its unit: nanoseconds, the unit's size and name, and the text behind it.
fn parse_part(text: &str, quantity: Quantity) -> Result<(u64, u64, &str, &str), UnitError> {
    let (number, rest) = split_number(text, quantity)?;
    let decimal = Decimal::parse(if number.is_empty() { text } else { number }, quantity)?;
    let end = rest.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(rest.len());
    let (unit, tail) = (&rest[..end], rest[end..].trim_start());
    if unit.is_empty() {
        return Err(UnitError::UnitMissing { quantity, number: number.to_owned() });
    }
    let (_, size) = UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(|| UnitError::UnknownUnit { quantity, unit: unit.to_owned() })?;
    Ok((decimal.times(size, quantity)?, size, unit, tail))
}

fn parse_clock(text: &str) -> Result<u64, UnitError> {
    let quantity = Quantity::Instant;
    let bad = || UnitError::BadClock { text: text.to_owned() };
    let (minutes, seconds) = text.rsplit_once(':').ok_or_else(bad)?;
    let (hours, minutes) = minutes.split_once(':').map_or((None, minutes), |(hours, minutes)| (Some(hours), minutes));
    let seconds = below_a_minute(seconds).ok_or_else(bad)?;
    let minutes = match hours {
        None => whole(minutes).ok_or_else(bad)?,
        Some(_) => whole(minutes).filter(|minutes| *minutes < 60).ok_or_else(bad)?,
    };
    let hours = hours.map_or(Some(0), whole).ok_or_else(bad)?;
    let minutes = hours.checked_mul(60).and_then(|of_hours| of_hours.checked_add(minutes));
    minutes
        .and_then(|minutes| minutes.checked_mul(SimDuration::MINUTE.as_nanos()))
        .and_then(|nanos| nanos.checked_add(seconds))
        .ok_or(UnitError::TooLarge(quantity))
}

/// Two digits of seconds from 00 to 59, with an optional fraction, in nanoseconds.
fn below_a_minute(text: &str) -> Option<u64> {
    let digits = text.split('.').next().unwrap_or(text);
    if digits.len() != 2 {
        return None;
    }
    let seconds = Decimal::parse(text, Quantity::Instant).ok()?;
    let nanos = seconds.times(1_000_000_000, Quantity::Instant).ok()?;
    (nanos < SimDuration::MINUTE.as_nanos()).then_some(nanos)
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> u64 {
        text.parse::<SimDuration>().unwrap().as_nanos()
    }

    fn error(text: &str) -> UnitError {
        text.parse::<SimDuration>().unwrap_err()
    }

    #[test]
    fn reads_every_unit() {
        assert_eq!(nanos("250ms"), 250_000_000);
        assert_eq!(nanos("1.5s"), 1_500_000_000);
        assert_eq!(nanos("2m"), 120_000_000_000);
        assert_eq!(nanos("1h30m"), 5_400_000_000_000);
        assert_eq!(nanos("10us"), 10_000);
        assert_eq!(nanos("5ns"), 5);
        assert_eq!(nanos("1d"), 86_400_000_000_000);
        assert_eq!(nanos("1h 30m 0.5s"), 5_400_500_000_000);
    }

    #[test]
    fn spans_display_shortest_and_read_back() {
        for (span, text) in [(0, "0s"), (1, "1ns"), (1_500_000, "1.5ms"), (62_500_000_000, "1m2.5s"), (90_000, "90us")]
        {
            assert_eq!(SimDuration::from_nanos(span).to_string(), text);
        }
        let mut span = 1_u64;
        while span < u64::MAX / 7 {
            for span in [span, span - 1, span + 1] {
                assert_eq!(nanos(&SimDuration::from_nanos(span).to_string()), span);
            }
            span = span * 7 + 3;
        }
        assert_eq!(nanos(&SimDuration::MAX.to_string()), u64::MAX);
    }

    #[test]
    fn says_what_is_wrong() {
        let duration = Quantity::Duration;
        assert_eq!(error("250"), UnitError::UnitMissing { quantity: duration, number: "250".to_owned() });
        assert_eq!(error("250").help(), "write 250ms, 250s, 250m");
        assert_eq!(error("5 min"), UnitError::UnknownUnit { quantity: duration, unit: "min".to_owned() });
        assert_eq!(error("-1s"), UnitError::Negative(duration));
        assert_eq!(error("0.5ns"), UnitError::TooFine(duration));
        assert_eq!(error("213504d"), UnitError::TooLarge(duration));
        assert_eq!(error("213503d24h"), UnitError::TooLarge(duration));
        assert_eq!(error("30m1h"), UnitError::PartsOutOfOrder { unit: "h".to_owned() });
        assert_eq!(error("1s1s"), UnitError::PartsOutOfOrder { unit: "s".to_owned() });
        assert_eq!(error("1h30"), UnitError::UnitMissing { quantity: duration, number: "30".to_owned() });
        assert_eq!(error(""), UnitError::Empty(duration));
        assert!(matches!(error("soon"), UnitError::NotANumber { .. }));
        assert!(matches!(error("NaNs"), UnitError::NotANumber { .. }));
    }

    #[test]
    fn instants_are_clock_times_or_spans_since_the_start() {
        let instant = |text: &str| text.parse::<SimTime>();
        assert_eq!(instant("12:30"), Ok(SimTime::from_secs(750)));
        assert_eq!(instant("750s"), Ok(SimTime::from_secs(750)));
        assert_eq!(instant("1:05:00"), Ok(SimTime::from_secs(3_900)));
        assert_eq!(instant("00:00.5"), Ok(SimTime::from_nanos(500_000_000)));
        for bad in ["12:75", "12:3", "1:75:00", ":30", "12:", "1:2:3:4", "-1:00", "12:3a"] {
            assert_eq!(instant(bad), Err(UnitError::BadClock { text: bad.to_owned() }));
        }
        assert_eq!(
            instant("750"),
            Err(UnitError::UnitMissing { quantity: Quantity::Instant, number: "750".to_owned() })
        );
        assert_eq!(instant("999999999999999:00"), Err(UnitError::TooLarge(Quantity::Instant)));
    }

    #[test]
    fn instants_display_and_read_back() {
        for nanos in [0, 1, 59_999_000_000, 750_000_000_000, 12_345_678_901_234, u64::MAX] {
            let instant = SimTime::from_nanos(nanos);
            assert_eq!(instant.to_string().parse(), Ok(instant));
        }
        assert_eq!(SimTime::from_secs(750).to_string(), "12:30.000");
    }
}
