//! The record of a session that is being played: every line is in the file as soon as there is something to write.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use brownout::record::{End, Header, Recovered, Writer};
use brownout::response::Logged;
use brownout::units::SimTime;

use crate::failure::Failure;

use super::real_time;

/// How often it is noted how far the session has come, in real time.
const NOTES_EVERY: Duration = Duration::from_millis(900);

/// A record that is being written.
#[derive(Debug)]
pub(super) struct LiveRecord {
    path: PathBuf,
    file: File,
    writer: Writer,
    noted: (SimTime, Instant),
}

impl LiveRecord {
    /// A new record, with its header. A file that is there already is left alone.
    pub(super) fn create(path: &Path, header: &Header) -> Result<Self, Failure> {
        let shown = path.display();
        if path == Path::new("-") {
            return Err(Failure::Input(
                "--record -: a session is recorded in a file\n  name one, such as play.jsonl".to_owned(),
            ));
        }
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(|error| {
            Failure::Input(match error.kind() {
                io::ErrorKind::AlreadyExists => format!(
                    "--record {shown}: the file exists and is not overwritten\n  name another file, or go on with it: brownout play \
                     --resume {shown}"
                ),
                _ => format!("--record {shown}: cannot create it: {error}"),
            })
        })?;
        lock(path, &file)?;
        let (writer, line) = Writer::start(header);
        let mut record = Self { path: path.to_owned(), file, writer, noted: (SimTime::ZERO, real_time::now()) };
        record.write(&line)?;
        Ok(record)
    }

    /// Goes on with a record that was broken off. What was cut off in the middle of a line is removed from the file.
    pub(super) fn reopen(path: &Path, recovered: &Recovered) -> Result<Self, Failure> {
        let cannot =
            |error: io::Error| Failure::Input(format!("--resume {}: cannot go on with it: {error}", path.display()));
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(cannot)?;
        lock(path, &file)?;
        // Line ends may have been changed on the way, and the last may be missing.
        let text = recovered.record.text();
        let mut written = Vec::new();
        file.read_to_end(&mut written).map_err(cannot)?;
        if written.starts_with(text.as_bytes()) {
            file.set_len(text.len() as u64).map_err(cannot)?;
        } else {
            file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(cannot)?;
        }
        let noted = (recovered.record.until(), real_time::now());
        Ok(Self { path: path.to_owned(), file, writer: recovered.record.writer(), noted })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the commands that have come.
    pub(super) fn append(&mut self, commands: &[Logged]) -> Result<(), Failure> {
        let lines = self.writer.append(commands);
        if let Some(last) = commands.last() {
            self.noted.0 = self.noted.0.max(last.at);
        }
        self.write(&lines)
    }

    /// Writes how far the session has come, unless that has been done within the last second of real time.
    pub(super) fn note_once_a_second(&mut self, now: SimTime) -> Result<(), Failure> {
        if self.noted.1.elapsed() >= NOTES_EVERY { self.note(now) } else { Ok(()) }
    }

    /// Writes how far the session has come.
    pub(super) fn note(&mut self, now: SimTime) -> Result<(), Failure> {
        if now <= self.noted.0 {
            return Ok(());
        }
        self.noted = (now, real_time::now());
        let line = self.writer.reached(now);
        self.write(&line)
    }

    /// Writes the end.
    pub(super) fn end(mut self, end: Option<&End>) -> Result<(), Failure> {
        let Some(end) = end else { return Ok(()) };
        let line = self.writer.clone().end(end);
        self.write(&line)
    }

    fn write(&mut self, lines: &str) -> Result<(), Failure> {
        self.file.write_all(lines.as_bytes()).map_err(|error| {
            Failure::Input(format!(
                "cannot write the record {}: {error}\n  what it has can be resumed",
                self.path.display()
            ))
        })
    }
}

/// Two sessions in one file would be none.
fn lock(path: &Path, file: &File) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Failure::Input(format!(
            "{}: another brownout is playing this session\n  end it there, or name another file",
            path.display()
        ))),
        // Some file systems have no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}
