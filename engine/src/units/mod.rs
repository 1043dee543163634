//! Quantities with their units: instants and spans of simulated time, rates, ratios, bytes and money.
//!
//! Time is integer nanoseconds. An instant ([`SimTime`]) and a span ([`SimDuration`]) are different types, so that
//! adding two instants does not compile. Everything else that carries a unit in a scenario file has a newtype here.
//!
//! Every quantity has a text form (`FromStr` and `Display`) in which the unit is written out, and what is displayed
//! reads back as exactly the same value. Reading is exact as well: a text that the type cannot hold without rounding is
//! an error, never a silent approximation ([`Rate`] and [`Ratio`], being floating point, take the nearest value).
//! This room does not know where a text came from; positions in files are the business of [`crate::text`].
//!
//! | type | texts |
//! |---|---|
//! | [`SimDuration`] | `250ms`, `1.5s`, `2m`, `1h30m`, `10us`, `5ns`, `1d` |
//! | [`SimTime`] | `12:30` (minutes and seconds), `1:05:00`, or a span since the start |
//! | [`Rate`] | `1200/s`, `90/min`, `3/h` |
//! | [`Ratio`] | `5%`, `12.5%`, `0.05` |
//! | [`Bytes`] | `512B`, `16MiB`, `1.5GiB`, `10MB` |
//! | [`Money`] | `12.50 USD` |

mod bytes;
mod decimal;
mod error;
mod money;
mod rate;
mod ratio;
mod time;
mod time_text;

pub use bytes::Bytes;
pub use error::{Quantity, UnitError};
pub use money::Money;
pub use rate::Rate;
pub use ratio::Ratio;
pub use time::{SimDuration, SimTime};
