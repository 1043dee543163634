//! The record of a session that is being played: every line is in the file as soon as there is something to write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use brownout::Session;
use brownout::record::{End, Header, Origin, PERSON, Reached, Record, Recovered, Writer};
use brownout::response::Logged;
use brownout::units::SimTime;
use brownout_lab::{Target, WriteError};

use crate::failure::Failure;

use super::real_time;

/// How often it is noted how far the session has come, in real time.
const NOTES_EVERY: Duration = Duration::from_millis(900);

/// A record that is being written.
#[derive(Debug)]
pub(super) struct LiveRecord {
    path: PathBuf,
    file: File,
    header: Header,
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
        let noted = (SimTime::ZERO, real_time::now());
        let mut record = Self { path: path.to_owned(), file, header: header.clone(), writer, noted };
        record.write(&line)?;
        Ok(record)
    }

    /// The file of a record that is to be gone on with, so that nobody else writes it from now on. It is read after that.
    pub(super) fn hold(path: &Path) -> Result<File, Failure> {
        let open = OpenOptions::new().read(true).append(true).open(path);
        let file = open.map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?;
        lock(path, &file)?;
        Ok(file)
    }

    /// Goes on with a record that was broken off. What was cut off in the middle of a line is removed from the file.
    pub(super) fn reopen(path: &Path, held: File, recovered: &Recovered) -> Result<Self, Failure> {
        let cannot = |error: &dyn std::fmt::Display| {
            Failure::Input(format!("--resume {}: cannot go on with it: {error}", path.display()))
        };
        let mut file = held;
        // Line ends may have been changed on the way, and the last may be missing.
        let text = recovered.record.text();
        let mut written = Vec::new();
        file.read_to_end(&mut written).map_err(|error| cannot(&error))?;
        if written.starts_with(text.as_bytes()) {
            file.set_len(text.len() as u64).map_err(|error| cannot(&error))?;
        } else {
            write_whole(path, text.as_bytes()).map_err(|error| cannot(&error))?;
            file = Self::hold(path)?;
        }
        let noted = (recovered.record.until(), real_time::now());
        let header = recovered.record.header.clone();
        Ok(Self { path: path.to_owned(), file, header, writer: recovered.record.writer(), noted })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Goes on with a session that went back from this one: the file becomes the record of that, and what it was is kept in another
    /// beside it, whose path is returned. Whenever this is broken off, both are there or the file is as it was.
    /// That nothing could be written is an answer, after which the file is as it was.
    pub(super) fn branch(&mut self, earlier: &Session) -> Result<Result<PathBuf, String>, Failure> {
        let kept = free_branch(&self.path);
        let cannot = |what: &Path, error: &dyn std::fmt::Display| {
            Ok(Err(format!("{} cannot be written: {error}; the record is as it was", what.display())))
        };
        let old = match fs::read(&self.path) {
            Ok(old) => old,
            Err(error) => return cannot(&self.path, &error),
        };
        if let Err(error) = write_whole(&kept, &old) {
            return cannot(&kept, &error);
        }
        let at = earlier.simulation().now();
        let commands = earlier.commands().to_vec();
        let reached = vec![Reached { at, commands: commands.len() }];
        let branched_from = earlier.header(Origin::default(), PERSON).branched_from;
        let header = Header { branched_from, ..self.header.clone() };
        let record = Record { header: header.clone(), commands, reached, end: None };
        if let Err(error) = write_whole(&self.path, record.text().as_bytes()) {
            // Two files with the same would only be in the way.
            let _ = fs::remove_file(&kept);
            return cannot(&self.path, &error);
        }
        let file = Self::hold(&self.path).map_err(|failure| match failure {
            Failure::Input(why) => {
                let (path, kept) = (self.path.display(), kept.display());
                Failure::Input(format!(
                    "{why}\n  {path} goes back to {at} now, and what was is in {kept}; go on with --resume {path}"
                ))
            }
            other => other,
        })?;
        (self.file, self.header, self.writer, self.noted) = (file, header, record.writer(), (at, real_time::now()));
        Ok(Ok(kept))
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

/// The name for what is left behind: `play.branch-1.jsonl` beside `play.jsonl`, the first that is free.
fn free_branch(path: &Path) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let name = |number: u32| path.with_file_name(format!("{stem}.branch-{number}{ending}"));
    (1..).map(name).find(|path| !path.exists()).expect("there are more numbers than files")
}

/// Writes a file under a temporary name and renames it.
fn write_whole(path: &Path, text: &[u8]) -> Result<(), WriteError> {
    Target::new(path)?.write(|file| file.write_all(text))
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
