//! Scenario files: parse -> resolve -> spawn.

use crate::fault::VariantSpec;
use crate::ids::Table;
use crate::model::{Hotfix, SystemSpec};
use crate::traffic::PopulationSpec;
use crate::units::SimDuration;

/// A scenario after every name has become an id and every number has been checked. Nothing in it can fail any more.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name by which it is called: `one-slash`.
    pub name: String,
    /// The title a person reads.
    pub title: String,
    /// The story, as Markdown.
    pub story: String,
    /// How long a run is.
    pub duration: SimDuration,
    /// The system.
    pub system: SystemSpec,
    /// The populations, in file order.
    pub populations: Table<PopulationSpec>,
    /// The hidden variants, in file order, at least one.
    pub variants: Vec<VariantSpec>,
    /// What happens in every variant, in addition to the variant's own faults and deploys.
    pub always: VariantSpec,
    /// The hotfixes that the team could write, offered to whoever leads.
    pub hotfixes: Vec<HotfixSpec>,
}

/// A hotfix that the team could write. Whether it helps depends on the hidden variant.
#[derive(Clone, Debug, PartialEq)]
pub struct HotfixSpec {
    /// The name by which it is ordered.
    pub name: String,
    /// What the team says it would do.
    pub title: String,
    /// The hotfix.
    pub hotfix: Hotfix,
}
