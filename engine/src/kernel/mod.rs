//! Time and order: the event queue, generation-checked rows, the registry of state, digests. Knows no domain word.
//!
//! Events have a total order: (time, class, sequence). Among events of one instant the lower [`Class`] goes first, and
//! within a class the one that was scheduled first.

mod agenda;
mod arena;
mod fronts;
mod gauge;
mod heap;
mod histogram;
mod occupancy;
mod registry;
mod timers;

pub use agenda::{Agenda, Class, LaneId, SlotId};
pub use arena::{Arena, Handle};
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use occupancy::Occupancy;
pub use registry::{Digest, Registry, SnapshotError};
pub use timers::{Armed, Timer};
