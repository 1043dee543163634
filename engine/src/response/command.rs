//! Commands: everything that is done from outside while a simulation runs, by whoever leads or facilitates.
//!
//! Scenario, overrides, seed, variant and commands determine a run; they are what a record keeps. A command names things as the
//! scenario and the menu do, so that a record can be read by a person and by another program.

use std::collections::BTreeMap;

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
        /// What is said for its parameters, as texts with units: `share` is `50%`. What is left out is taken by default.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        arguments: BTreeMap<String, String>,
        /// Why, in words for the record; empty where nobody said. Nothing in the simulation depends on it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

impl Command {
    /// Takes an option of the menu, and says why.
    #[must_use]
    pub fn act(option: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Act { option: option.into(), arguments: BTreeMap::new(), reason: reason.into() }
    }

    /// The same with an argument for one of the option's parameters.
    #[must_use]
    pub fn with(mut self, parameter: impl Into<String>, argument: impl Into<String>) -> Self {
        match &mut self {
            Self::Act { arguments, .. } => arguments.insert(parameter.into(), argument.into()),
        };
        self
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
    NotOnTheMenu {
        /// The name, shortened.
        option: String,
        /// The nearest name that it has, if any is near.
        nearest: Option<String>,
    },
    /// An argument is missing, is none of the option's, or is not what it may be.
    BadArgument {
        /// The option.
        option: String,
        /// What is wrong and what would be right, in words.
        problem: String,
    },
    /// The model refuses the order.
    Refused(VerbError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOnTheMenu { option, nearest: None } => write!(f, "\"{option}\" is not on the menu now"),
            Self::NotOnTheMenu { option, nearest: Some(near) } => {
                write!(f, "\"{option}\" is not on the menu now; did you mean `{near}`?")
            }
            Self::BadArgument { option, problem } => write!(f, "{option}: {problem}"),
            Self::Refused(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Refusal {}
