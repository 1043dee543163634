//! Evidence on demand: instruments that answer when they are asked, each in its time.
//!
//! What an instrument shows is computed from what was measured until the question was answered, and from the log of changes; an
//! instrument of the scenario's own says what its author wrote. None knows of faults, variants or the future: whether something
//! has happened that a text waits for is told from above, by a name. What has been asked stays in the log: it has been seen.

mod breakers;
mod capacity;
mod changes;
mod clients;
mod errors;
mod instrument;
mod pool;
mod question;
mod reader;
mod row;
mod slow_queries;
mod spec;
mod traces;

pub use instrument::Instrument;
pub use question::{Asked, EvidenceError, LookOffer, Question};
pub use reader::EvidenceSources;
pub use row::Row;
pub use spec::{Clue, EvidenceSpec, InstrumentSpec, OwnInstrument};

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::units::SimTime;

/// What an instrument has shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it was asked for.
    pub asked: SimTime,
    /// When it was there: it shows what had been measured by then.
    pub at: SimTime,
    /// Who looked; `None` for the lead.
    pub by: Option<String>,
    /// The task in which they did, by its number; `None` where nobody takes part but the lead.
    pub task: Option<u32>,
    /// The instrument, by its name.
    pub instrument: String,
    /// What it was pointed at.
    pub subject: Option<String>,
    /// What it showed, as numbers.
    pub rows: Vec<Row>,
    /// The same as a person reads it, in lines.
    pub text: String,
}

impl Evidence {
    /// A measure of something that it shows.
    #[must_use]
    pub fn value(&self, of: &str, measure: &str) -> Option<f64> {
        self.rows.iter().find(|row| row.of == of && row.measure == measure).map(|row| row.value)
    }
}

/// What somebody who looked for a cause thinks it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conclusion {
    /// When they said so.
    pub at: SimTime,
    /// Who they are.
    pub by: String,
    /// The task, by its number.
    pub task: u32,
    /// The service they looked at, by its name.
    pub service: String,
    /// What they think, the likeliest first; never empty. They may be wrong.
    pub suspicions: Vec<Suspicion>,
}

/// A cause that somebody thinks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspicion {
    /// What kind of cause.
    pub cause: Cause,
    /// What it lies in, by its name: a service, a dependency.
    pub of: String,
    /// How sure they are, 0 to 1.
    pub confidence: f64,
    /// What they have seen that speaks for it.
    pub because: String,
}

/// The kinds of causes that somebody who looks at instruments can think of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The last change of the service.
    Change,
    /// Errors of what it calls, or its slowness.
    Dependency,
    /// Connections that are held for too long.
    HeldConnections,
    /// More load than there is capacity for, retries included.
    Overload,
    /// Nothing was found.
    Unknown,
}

/// Everything that was seen by asking, and what was concluded from it.
#[derive(Clone, Debug, Default, PartialEq, Resource, Serialize, Deserialize)]
pub struct EvidenceLog {
    /// What was seen, in time order.
    pub seen: Vec<Evidence>,
    /// What was concluded, in time order.
    pub conclusions: Vec<Conclusion>,
}
