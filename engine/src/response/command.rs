//! Commands: everything that is done from outside while a simulation runs, by whoever leads or facilitates.
//!
//! Scenario, overrides, seed, variant and commands determine a run; they are what a record keeps. A command names things as the
//! scenario and the menu do, so that a record can be read by a person and by another program.

use serde::{Deserialize, Serialize};

use crate::model::VerbError;
use crate::units::SimTime;

/// Something that is done from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Takes an option of the menu.
    #[serde(rename_all = "kebab-case")]
    Act {
        /// The option, by its name: `roll-back registry`.
        option: String,
        /// Why, in words for the record; empty where nobody said. Nothing in the simulation depends on it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

impl Command {
    /// Takes an option of the menu, and says why.
    #[must_use]
    pub fn act(option: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Act { option: option.into(), reason: reason.into() }
    }

    /// Why it was given, in words; `None` where nobody said.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Act { reason, .. } => (!reason.is_empty()).then_some(reason),
        }
    }
}

/// Who does something from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// Whoever leads the incident: a person or a policy.
    Lead,
    /// Whoever runs the exercise.
    Facilitator,
}

/// A command as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// When.
    pub at: SimTime,
    /// By whom.
    pub by: Actor,
    /// What.
    pub command: Command,
    /// Why it was refused, in words; `None` when it was accepted. A refused command has changed nothing.
    pub refused: Option<String>,
}

/// Why a command is refused. Nothing has changed then, but for the log, which has it with the refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The menu has no option of that name now.
    NotOnTheMenu(String),
    /// The model refuses the order.
    Refused(VerbError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOnTheMenu(name) => write!(f, "{name:?} is not on the menu now"),
            Self::Refused(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Refusal {}
