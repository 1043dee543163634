//! The clock on the wall: a session with a person runs by it, and nothing that is simulated depends on it.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Instant;

/// The seeds that are drawn: short enough to be told to somebody else.
const SEEDS: u64 = 1_000_000;

/// A seed that nobody knows beforehand: who plays again does not meet the same truth.
pub(super) fn seed() -> u64 {
    RandomState::new().build_hasher().finish() % SEEDS
}

/// The instant it is for whoever plays.
#[expect(
    clippy::disallowed_methods,
    reason = "a person lives in real time; the simulation is only told how many seconds to run"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
