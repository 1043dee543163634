//! What a user of the engine writes often.

pub use crate::policy::{BuiltIn, Policy};
pub use crate::response::{Actor, Command};
pub use crate::scenario::{Scenario, no_files};
pub use crate::text::Source;
pub use crate::units::{SimDuration, SimTime};
pub use crate::{Session, Simulation};
