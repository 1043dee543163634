//! What the lines of a record hold, besides the header.

use serde::{Deserialize, Serialize};

use crate::response::{Actor, Command, Logged};
use crate::units::SimTime;

use super::End;

/// A command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandLine {
    at_nanos: u64,
    by: Actor,
    command: Command,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

impl From<&Logged> for CommandLine {
    fn from(logged: &Logged) -> Self {
        Self {
            at_nanos: logged.at.as_nanos(),
            by: logged.by,
            command: logged.command.clone(),
            refused: logged.refused.clone(),
        }
    }
}

impl From<CommandLine> for Logged {
    fn from(line: CommandLine) -> Self {
        Self { at: SimTime::from_nanos(line.at_nanos), by: line.by, command: line.command, refused: line.refused }
    }
}

/// How far the simulation has been run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReachedLine {
    pub(super) reached_nanos: u64,
}

impl ReachedLine {
    /// The field that no other line has.
    pub(super) const FIELD: &str = "reached_nanos";
}

/// The end.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndLine {
    end_nanos: u64,
    digest: String,
}

impl EndLine {
    /// The field that no other line has.
    pub(super) const FIELD: &str = "end_nanos";
}

impl From<&End> for EndLine {
    fn from(end: &End) -> Self {
        Self { end_nanos: end.at.as_nanos(), digest: end.digest.clone() }
    }
}

impl From<EndLine> for End {
    fn from(line: EndLine) -> Self {
        Self { at: SimTime::from_nanos(line.end_nanos), digest: line.digest }
    }
}
