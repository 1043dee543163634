//! The mechanisms of the simulated system, one a file.

mod outcome;
pub mod pool;

pub use outcome::{ErrorKind, ErrorSet, Outcome};
