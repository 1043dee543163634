//! Time and order: the event queue, generation-checked rows, the registry of state, digests. Knows no domain word.
//!
//! Events have a total order: (time, class, sequence). Among events of one instant the lower [`Class`] goes first, and
//! within a class the one that was scheduled first.

mod agenda;
mod arena;
mod gauge;
mod heap;
mod histogram;
mod occupancy;
mod registry;

pub use agenda::{Agenda, Class, LaneId, Timer};
pub use arena::{Arena, Handle};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use occupancy::Occupancy;
pub use registry::{Digest, Registry, SnapshotError};
