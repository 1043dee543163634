//! Writing a record line by line, as a session goes on.

use serde::Serialize;

use crate::response::Logged;
use crate::units::SimTime;

use super::chain::Chain;
use super::lines::{CommandLine, EndLine, ReachedLine};
use super::{End, Header};

/// Writes the lines of a record, each when there is something to write. A line ends with its newline: a file to which whole
/// lines are appended, and which is flushed after each, loses at most the last of them.
#[derive(Clone, Debug)]
pub struct Writer {
    chain: Chain,
    /// How many commands have been written.
    written: usize,
}

impl Writer {
    /// A writer and the first line.
    #[must_use]
    pub fn start(header: &Header) -> (Self, String) {
        let mut writer = Self { chain: Chain::default(), written: 0 };
        let line = writer.line(header);
        (writer, line)
    }

    /// The lines of the commands that have come since the last time: takes the whole log of the session. Nothing has come:
    /// no lines. A session that goes back has another log from there on, and needs another record
    /// ([`Record::text`](super::Record::text)).
    #[must_use = "the lines are written once"]
    pub fn append(&mut self, log: &[Logged]) -> String {
        let new = log.get(self.written..).unwrap_or_default();
        self.written += new.len();
        new.iter().map(|logged| self.line(&CommandLine::from(logged))).collect()
    }

    /// A line that says how far the simulation has been run, so that a session that is broken off between two commands goes on
    /// from there. Not earlier than the commands and such lines before it.
    #[must_use = "the line is written once"]
    pub fn reached(&mut self, at: SimTime) -> String {
        self.line(&ReachedLine { reached_nanos: at.as_nanos() })
    }

    /// The last line.
    #[must_use = "the line is written once"]
    pub fn end(mut self, end: &End) -> String {
        self.line(&EndLine::from(end))
    }

    fn line(&mut self, content: &impl Serialize) -> String {
        let object = serde_json::to_string(content).expect("lines are plain data");
        self.chain.seal(&object)
    }
}
