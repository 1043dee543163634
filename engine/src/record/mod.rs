//! The record of a session: what it takes to repeat it, as JSON lines.
//!
//! A header says what was played (scenario, seed, mode), a line each says what was done from outside and when, and the last
//! line says where the session ended, with the digest. Nothing derived is stored: [`Record::replay`] computes it again, and the
//! digest proves that it is the same. `docs/record.md` describes the format field by field.
//!
//! Each line carries a short hash over itself and the hash of the line before, so that a line that was edited, removed,
//! inserted or moved is found without a replay. It tells accidents and careless hands; whoever computes the hashes anew is
//! found by the replay, unless the edited record is the true record of another session.
//!
//! This room reads and writes text, no files. It does not know what the commands mean.

mod chain;
mod error;
mod lines;
mod read;
mod replay;
mod writer;

pub use error::{Problem, RecordError};
pub use read::Recovered;
pub use replay::{Replay, ReplayError, Replayed, Verdict};
pub use writer::Writer;

use serde::{Deserialize, Serialize};

use crate::VERSION;
use crate::response::Logged;
use crate::simulation::Simulation;
use crate::units::SimTime;

/// The version of the format that is written and read.
pub const FORMAT: u32 = 2;

/// The largest record that is read: 64 MiB, some hundred thousand commands.
pub const MAX_BYTES: usize = 64 << 20;

/// Who leads where no policy does, in a record's `led_by`.
pub const PERSON: &str = "person";

/// How a session is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// From the beginning to the end, without a stop. What headless runs are, too.
    #[default]
    Rehearse,
    /// With pauses, hints and going back.
    Coach,
    /// With probes, and without hints.
    Assess,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Rehearse, Self::Coach, Self::Assess];

    /// Its name, as it stands in a record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rehearse => "rehearse",
            Self::Coach => "coach",
            Self::Assess => "assess",
        }
    }
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a simulation comes from, as only the shell knows that has read the files and the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// A hash of the scenario's text and of the files it names. The engine only keeps it.
    pub scenario_hash: String,
    /// The values replaced in the scenario, in order: path and value.
    pub overrides: Vec<(String, String)>,
    /// Whether the hidden variant was chosen by hand, and not drawn by the seed.
    pub variant_chosen: bool,
}

/// The first line of a record: what was played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of the format, [`FORMAT`].
    pub format: u32,
    /// The version of the engine that played it; a record that has been read is of this one, [`VERSION`].
    pub engine_version: String,
    /// The name of the scenario.
    pub scenario: String,
    /// The hash of the scenario's text and of the files it names.
    pub scenario_hash: String,
    /// The values replaced in it, in order: path and value.
    pub overrides: Vec<(String, String)>,
    /// The seed.
    pub seed: u64,
    /// The hidden variant, where it was chosen by hand. One that the seed drew is not written: whoever plays may look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How it was played.
    pub mode: Mode,
    /// Who led: the name of a policy, or [`PERSON`].
    pub led_by: String,
    /// Where it left another session, if it began by going back from that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branched_from: Option<Branch>,
}

/// Where a session left another, from which it went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// The instant to which it went back, in nanoseconds: the commands before it are those of both.
    pub at_nanos: u64,
    /// How far the other had come, in nanoseconds.
    pub left_nanos: u64,
    /// The digest of the other's state then, in hexadecimal.
    pub left_digest: String,
}

impl Header {
    /// The header of a session with a simulation.
    #[must_use]
    pub fn of(simulation: &Simulation, origin: Origin, mode: Mode, led_by: impl Into<String>) -> Self {
        Self {
            format: FORMAT,
            engine_version: VERSION.to_owned(),
            scenario: simulation.scenario().name.clone(),
            scenario_hash: origin.scenario_hash,
            overrides: origin.overrides,
            seed: simulation.seed(),
            variant: origin.variant_chosen.then(|| simulation.variant().to_owned()),
            mode,
            led_by: led_by.into(),
            branched_from: None,
        }
    }
}

/// The last line of a record: where the session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The instant to which the simulation had been run.
    pub at: SimTime,
    /// The digest of its state then, in hexadecimal.
    pub digest: String,
}

/// That a session had come to an instant, without a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The instant to which the simulation had been run.
    pub at: SimTime,
    /// How many of the record's commands come before it.
    pub commands: usize,
}

/// The record of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was played.
    pub header: Header,
    /// What was done, in time order; refused commands included.
    pub commands: Vec<Logged>,
    /// How far the simulation had been run when it was noted, in time order. Only what is written while a session goes on has such
    /// lines.
    pub reached: Vec<Reached>,
    /// Where it ended; `None` while the session goes on, and after it was broken off.
    pub end: Option<End>,
}

impl Record {
    /// The record of a session that ends where its simulation is now.
    #[must_use]
    pub fn ended(header: Header, simulation: &Simulation) -> Self {
        let end = End { at: simulation.now(), digest: simulation.digest().to_string() };
        Self { header, commands: simulation.commands().to_vec(), reached: Vec::new(), end: Some(end) }
    }

    /// The record as text, all of its lines.
    #[must_use]
    pub fn text(&self) -> String {
        let (writer, mut text) = self.written();
        if let Some(end) = &self.end {
            text.push_str(&writer.end(end));
        }
        text
    }

    /// What writes the lines that follow those of this record, for a session that goes on. They continue
    /// [`Record::text`], with which a file is to be written anew first, unless the record has an end.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.written().0
    }

    /// Everything but the end, and what goes on from there.
    fn written(&self) -> (Writer, String) {
        let (mut writer, mut text) = Writer::start(&self.header);
        for reached in &self.reached {
            text.push_str(&writer.append(&self.commands[..reached.commands.min(self.commands.len())]));
            text.push_str(&writer.reached(reached.at));
        }
        text.push_str(&writer.append(&self.commands));
        (writer, text)
    }

    /// The number of the line of a command, by its position.
    #[must_use]
    pub fn line_of(&self, command: usize) -> usize {
        // The header is line 1.
        2 + command + self.reached.iter().filter(|reached| reached.commands <= command).count()
    }

    /// How many lines it has.
    #[must_use]
    pub fn lines(&self) -> usize {
        1 + self.commands.len() + self.reached.len() + usize::from(self.end.is_some())
    }

    /// The instant up to which the record tells what happened: the end; of a session without one the last command, or how far it was
    /// noted to have come after it.
    #[must_use]
    pub fn until(&self) -> SimTime {
        let command = self.commands.last().map_or(SimTime::ZERO, |command| command.at);
        let last = self.reached.last().map_or(command, |reached| reached.at.max(command));
        self.end.as_ref().map_or(last, |end| end.at)
    }
}
