//! Switch triggers as whoever leads sees them: what is done if a dashboard shows something by some time. Plain data; the room of
//! responses fills them in.

use serde::{Deserialize, Serialize};

use crate::units::{SimDuration, SimTime};

/// A switch trigger, as its lead has it in their notes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriggerView {
    /// Its number, by which commands refer to it.
    pub number: u32,
    /// When it was said.
    pub set: SimTime,
    /// What a dashboard is to show: `error-ratio of registry above 2%`.
    pub condition: String,
    /// When it is looked at, or until when.
    pub at: SimTime,
    /// For how long it is to hold; `None` where it is looked at once.
    pub holds: Option<SimDuration>,
    /// The option that is taken then.
    pub option: String,
    /// Who does it then; `None` for the lead.
    pub owner: Option<String>,
    /// What has become of it.
    pub state: TriggerState,
    /// When that was decided; `None` while it is open.
    pub decided: Option<SimTime>,
    /// Why its option could not be ordered, or why it lapsed without a look; often empty.
    pub remark: String,
}

/// What has become of a switch trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerState {
    /// It has not been decided.
    Open,
    /// It was met, and its option was ordered or refused.
    Met,
    /// It was not met in time.
    Lapsed,
    /// It was taken back.
    Withdrawn,
}
