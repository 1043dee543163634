//! The clock on the wall: a session with a person runs by it, and nothing that is simulated depends on it.

use std::time::Instant;

/// The instant it is for whoever plays.
#[expect(
    clippy::disallowed_methods,
    reason = "a person lives in real time; the simulation is only told how many seconds to run"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
