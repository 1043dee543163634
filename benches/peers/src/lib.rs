//! The reference models M1 and M2b outside Brownout: by hand, as fast as this machine goes, and on other simulators.
//!
//! The programs of this package simulate the same system and print the same JSON line (see [`report::Line`]), so that
//! `compare` can put their speed and their results side by side. Everything a program needs besides its event loop
//! (parameters, variates, breaker, measures) is shared by the Rust programs; hence the hand-written limit and the
//! NeXosim version draw the same numbers and must count the same. The SimPy version is written a second time,
//! in Python, from the definitions alone.
//!
//! Not known to this library: Brownout. Its own program, `ours`, joins by printing the same line.
//!
//! Units: times are integer nanoseconds in `u64` unless a name says otherwise.

pub mod breaker;
pub mod limit;
pub mod luck;
pub mod measures;
pub mod model;
pub mod on_nexosim;
pub mod report;
pub mod storm;
