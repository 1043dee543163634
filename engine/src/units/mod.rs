//! Quantities with their units: instants and spans of simulated time, rates, ratios, bytes and money.
//!
//! Time is integer nanoseconds. An instant ([`SimTime`]) and a span ([`SimDuration`]) are different types, so that
//! adding two instants does not compile. Everything else that carries a unit in a scenario file has a newtype here.

mod time;

pub use time::{SimDuration, SimTime};
