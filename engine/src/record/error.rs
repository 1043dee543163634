//! Why a record cannot be read, with the place and the remedy.

use std::fmt;

use crate::VERSION;
use crate::text::{Position, shown};

use super::FORMAT;

/// Why a record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The name of the file, as the source has it.
    pub file: String,
    /// Where.
    pub place: Position,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file has nothing in it.
    Empty,
    /// The file has more bytes than are read.
    TooLarge,
    /// The first line is no header.
    NotARecord,
    /// Another format, older or newer, and the version of the engine that wrote it, as far as the file says so.
    OtherFormat {
        /// The format.
        format: u64,
        /// Who wrote it.
        engine_version: Option<String>,
    },
    /// Played by another version of the engine.
    OtherVersion(String),
    /// The line does not follow from the one before.
    Altered,
    /// The last line is cut off, as when the program was killed while it wrote.
    Torn,
    /// Something follows the end.
    AfterTheEnd,
    /// The command is earlier than the one before, or later than the end.
    OutOfOrder,
    /// The line cannot be understood, and why.
    Malformed(String),
}

impl RecordError {
    /// Whether the file was a record once, and was changed or cut off since.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self.problem, Problem::Altered | Problem::Torn | Problem::AfterTheEnd)
    }
}

impl Problem {
    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "the file is empty".to_owned(),
            Self::TooLarge => format!("the file has more than the {} bytes that are read", super::MAX_BYTES),
            Self::NotARecord => "this is no record: the first line is no header".to_owned(),
            Self::OtherFormat { format, engine_version } => {
                let writer = match engine_version {
                    Some(version) => format!("brownout {}", shown(version)),
                    None if *format < u64::from(FORMAT) => "an older version of brownout".to_owned(),
                    None => "a newer version of brownout".to_owned(),
                };
                format!("the record has format {format}, written by {writer}; this version reads format {FORMAT}")
            }
            Self::OtherVersion(version) => {
                let version = shown(version);
                format!(
                    "the record was written by engine {version}, and this is engine {VERSION}: they play differently"
                )
            }
            Self::Altered => {
                "the line is not as it was written: it was edited, moved or inserted, or one before it is missing"
                    .to_owned()
            }
            Self::Torn => "the record is cut off in this line".to_owned(),
            Self::AfterTheEnd => "the record has ended in the line before".to_owned(),
            Self::OutOfOrder => "the line is not in time order".to_owned(),
            Self::Malformed(why) => shown(why).into_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Empty | Self::NotARecord | Self::TooLarge => {
                "name a file that `brownout run --record FILE` wrote".to_owned()
            }
            Self::OtherFormat { format: 1, .. } => {
                "format 1 lists orders and no commands, so it cannot be replayed; run the scenario again with --record: its \
                 first line has the scenario, seed, variant and policy"
                    .to_owned()
            }
            Self::OtherFormat { .. } => "use the version that wrote it".to_owned(),
            Self::OtherVersion(version) => {
                format!("use brownout {}, or play the scenario again with this version", shown(version))
            }
            Self::Altered | Self::AfterTheEnd => "use an untouched copy of the record".to_owned(),
            Self::Torn => "remove this line: what is before it is whole, and can be replayed and resumed".to_owned(),
            Self::OutOfOrder | Self::Malformed(_) => {
                "this version writes no such line; use an untouched copy of the record".to_owned()
            }
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.place;
        write!(f, "{}:{line}:{column}: {}\n  {}", shown(&self.file), self.problem.message(), self.problem.remedy())
    }
}

impl std::error::Error for RecordError {}
