//! What can be wrong with the text of a quantity, and what would be right.

use std::error::Error;
use std::fmt;

/// The kinds of quantity that have a text form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A span of time, [`SimDuration`](super::SimDuration).
    Duration,
    /// An instant, [`SimTime`](super::SimTime).
    Instant,
    /// Events per time, [`Rate`](super::Rate).
    Rate,
    /// A fraction, [`Ratio`](super::Ratio).
    Ratio,
    /// An amount of data, [`Bytes`](super::Bytes).
    Bytes,
    /// An amount of money, [`Money`](super::Money).
    Money,
}

impl Quantity {
    /// The quantity with its article, for messages: "a duration".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duration => "a duration",
            Self::Instant => "an instant",
            Self::Rate => "a rate",
            Self::Ratio => "a ratio",
            Self::Bytes => "an amount of bytes",
            Self::Money => "an amount of money",
        }
    }

    /// Texts of this quantity that show every way to write it.
    #[must_use]
    pub const fn examples(self) -> &'static str {
        match self {
            Self::Duration => "250ms, 1.5s, 2m, 1h30m",
            Self::Instant => "12:30 (minutes and seconds), 1:05:00, or 750s after the start",
            Self::Rate => "1200/s, 90/min, 3/h",
            Self::Ratio => "5%, 12.5%, 0.05",
            Self::Bytes => "512B, 16MiB, 1.5GiB, 10MB",
            Self::Money => "12.50 USD",
        }
    }

    /// Every unit of this quantity.
    #[must_use]
    pub const fn units(self) -> &'static [&'static str] {
        match self {
            Self::Duration | Self::Instant => &["ns", "us", "ms", "s", "m", "h", "d"],
            Self::Rate => &["/s", "/min", "/h"],
            Self::Ratio => &["%"],
            Self::Bytes => &["B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"],
            Self::Money => &["USD", "EUR", "another code of three capitals"],
        }
    }

    /// A number put before each of the most usual units: `250ms, 250s, 250m`.
    fn with_units(self, number: &str) -> String {
        let attach = |units: &[&str]| units.iter().map(|unit| format!("{number}{unit}")).collect::<Vec<_>>().join(", ");
        match self {
            Self::Duration => attach(&["ms", "s", "m"]),
            Self::Instant => attach(&["s", "m"]),
            Self::Rate => attach(&["/s", "/min", "/h"]),
            Self::Ratio => attach(&["%"]),
            Self::Bytes => attach(&["B", "KiB", "MiB"]),
            Self::Money => attach(&[" USD", " EUR"]),
        }
    }
}

/// Why a text is not a quantity. `Display` says what is wrong, [`UnitError::help`] what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnitError {
    /// The text is empty.
    Empty(Quantity),
    /// A number without its unit.
    UnitMissing {
        /// What was being read.
        quantity: Quantity,
        /// The number that lacks a unit.
        number: String,
    },
    /// A unit this quantity does not have.
    UnknownUnit {
        /// What was being read.
        quantity: Quantity,
        /// The unit as written.
        unit: String,
    },
    /// The text, or the part of it before the unit, is not a finite decimal number.
    NotANumber {
        /// What was being read.
        quantity: Quantity,
        /// The offending part.
        text: String,
    },
    /// A number with an exponent, `1e3/s`.
    Exponent {
        /// What was being read.
        quantity: Quantity,
        /// The number as written.
        number: String,
    },
    /// A number below zero where none may be.
    Negative(Quantity),
    /// More than the type can hold.
    TooLarge(Quantity),
    /// Digits finer than the smallest unit (a nanosecond, a byte, a cent), so that the value would have to be rounded.
    TooFine(Quantity),
    /// `30m1h` or `1h2h`: the parts of a compound duration must go from large to small.
    PartsOutOfOrder {
        /// The unit that comes too late.
        unit: String,
    },
    /// A clock time such as `12:75`.
    BadClock {
        /// The clock time as written.
        text: String,
    },
    /// A bare ratio above one: it might mean a percentage or a multiple.
    AmbiguousRatio {
        /// The number as written.
        number: String,
    },
}

impl UnitError {
    /// What to write instead.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Empty(quantity) | Self::NotANumber { quantity, .. } | Self::Negative(quantity) => {
                format!("write {}", quantity.examples())
            }
            Self::UnitMissing { quantity, number } => format!("write {}", quantity.with_units(number)),
            Self::UnknownUnit { quantity, .. } => {
                format!("the units are {}: write {}", quantity.units().join(", "), quantity.examples())
            }
            Self::Exponent { quantity, .. } => format!("write all its digits: {}", quantity.examples()),
            Self::TooLarge(quantity) => format!("the most is {}", limit(*quantity)),
            Self::TooFine(quantity) => format!("the smallest step is {}", step(*quantity)),
            Self::PartsOutOfOrder { .. } => "write each unit once, from large to small: 1h30m, 2m10s".to_owned(),
            Self::BadClock { .. } => {
                "write minutes and seconds, 12:30, or hours too, 1:05:00; seconds go to 59".to_owned()
            }
            Self::AmbiguousRatio { number } => format!("write {number}% for {number} in a hundred, or as a percentage"),
        }
    }
}

const fn limit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Duration | Quantity::Instant => "2^64 - 1 nanoseconds, about 213503 days",
        Quantity::Rate | Quantity::Ratio => "1.7e308",
        Quantity::Bytes => "2^64 - 1 bytes",
        Quantity::Money => "92233720368547758.07",
    }
}

const fn step(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Duration | Quantity::Instant => "one nanosecond",
        Quantity::Bytes => "one byte",
        Quantity::Money => "one cent",
        Quantity::Rate | Quantity::Ratio => "that of a 64-bit floating-point number",
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(quantity) => write!(f, "{} is missing: the text is empty", quantity.name()),
            Self::UnitMissing { quantity, number } => {
                write!(f, "units missing: `{number}` is a bare number, not {}", quantity.name())
            }
            Self::UnknownUnit { quantity, unit } => write!(f, "`{unit}` is not a unit of {}", quantity.name()),
            Self::NotANumber { quantity, text } => {
                write!(f, "`{text}` is not a number, so this is not {}", quantity.name())
            }
            Self::Exponent { quantity, number } => {
                write!(f, "`{number}` has an exponent, which {} cannot have", quantity.name())
            }
            Self::Negative(quantity) => write!(f, "{} cannot be negative", quantity.name()),
            Self::TooLarge(quantity) => write!(f, "too large for {}", quantity.name()),
            Self::TooFine(quantity) => write!(f, "too fine for {}", quantity.name()),
            Self::PartsOutOfOrder { unit } => write!(f, "`{unit}` is out of order in this duration"),
            Self::BadClock { text } => write!(f, "`{text}` is not a clock time"),
            Self::AmbiguousRatio { number } => {
                write!(f, "a bare ratio must be between 0 and 1: `{number}` might be a percentage or a multiple")
            }
        }
    }
}

impl Error for UnitError {}
