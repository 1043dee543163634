//! Reading a record: every line is checked against the chain before it is understood.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::VERSION;
use crate::response::Logged;
use crate::text::{Position, Source};
use crate::units::SimTime;

use super::chain::Chain;
use super::lines::{CommandLine, EndLine, ReachedLine};
use super::{End, FORMAT, Header, Problem, Reached, Record, RecordError};

/// A record as it was found after a session was broken off.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// What is whole.
    pub record: Record,
    /// The number of the line that was cut off and is left out, if one was: the last.
    pub torn: Option<usize>,
}

impl Record {
    /// Reads a record. Line ends may be those of Windows, and the last may be missing.
    ///
    /// # Errors
    /// When it is no record of this format and engine version, or any line was changed since it was written. The first line
    /// with something wrong is reported; the lines after it say nothing then.
    pub fn parse(source: &Source) -> Result<Self, RecordError> {
        let Recovered { record, torn } = Self::recover(source)?;
        match torn {
            Some(line) => Err(Reader { source }.error(line, Problem::Torn)),
            None => Ok(record),
        }
    }

    /// Reads the record of a session that was broken off, to resume it: as [`Record::parse`], but a last line that was cut
    /// off in the middle is left out.
    ///
    /// # Errors
    /// As [`Record::parse`]; also when the header is what was cut off.
    pub fn recover(source: &Source) -> Result<Recovered, RecordError> {
        Reader { source }.read()
    }
}

struct Reader<'a> {
    source: &'a Source,
}

impl Reader<'_> {
    fn read(&self) -> Result<Recovered, RecordError> {
        self.check_file()?;
        let text = self.source.text();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let whole = text.ends_with('\n');
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        let (_, first) = lines.next().ok_or_else(|| self.error(1, Problem::Empty))?;
        let mut chain = Chain::default();
        let header = self.header(first, &mut chain)?;
        let mut record = Record { header, commands: Vec::new(), reached: Vec::new(), end: None };
        let mut torn = None;
        while let Some((number, line)) = lines.next() {
            if record.end.is_some() {
                return Err(self.error(number, Problem::AfterTheEnd));
            }
            match chain.check(line) {
                Some(object) => self.take(number, &object, &mut record)?,
                None if lines.peek().is_none() && !whole && !Chain::is_on(line) => torn = Some(number),
                None => return Err(self.error(number, Problem::Altered)),
            }
        }
        Ok(Recovered { record, torn })
    }

    /// What is wrong with the file as a whole. Bytes that are not UTF-8 are found where they break the chain.
    fn check_file(&self) -> Result<(), RecordError> {
        let too_large = self.source.defect().is_some_and(|defect| defect.code == "file-too-large");
        if too_large { Err(self.error(1, Problem::TooLarge)) } else { Ok(()) }
    }

    /// The format decides how the line is to be read, the engine version whether the rest can mean anything here.
    fn header(&self, line: &str, chain: &mut Chain) -> Result<Header, RecordError> {
        let fields: Option<Value> = serde_json::from_str(line).ok();
        let field = |name: &str| fields.as_ref().and_then(|fields| fields.get(name));
        let format = field("format").and_then(Value::as_u64).ok_or_else(|| self.error(1, Problem::NotARecord))?;
        let engine_version = field("engine_version").and_then(Value::as_str).map(str::to_owned);
        if format != u64::from(FORMAT) {
            return Err(self.error(1, Problem::OtherFormat { format, engine_version }));
        }
        let object = chain.check(line).ok_or_else(|| self.error(1, Problem::Altered))?;
        match engine_version {
            Some(version) if version != VERSION => Err(self.error(1, Problem::OtherVersion(version))),
            _ => self.understand(1, &object),
        }
    }

    fn take(&self, number: usize, object: &str, record: &mut Record) -> Result<(), RecordError> {
        let fields: Value = self.understand(number, object)?;
        if fields.get(EndLine::FIELD).is_some() {
            let end = End::from(self.understand::<EndLine>(number, object)?);
            self.in_order(number, end.at, record)?;
            record.end = Some(end);
        } else if fields.get(ReachedLine::FIELD).is_some() {
            let line: ReachedLine = self.understand(number, object)?;
            let at = SimTime::from_nanos(line.reached_nanos);
            self.in_order(number, at, record)?;
            record.reached.push(Reached { at, commands: record.commands.len() });
        } else {
            let logged = Logged::from(self.understand::<CommandLine>(number, object)?);
            self.in_order(number, logged.at, record)?;
            record.commands.push(logged);
        }
        Ok(())
    }

    fn in_order(&self, number: usize, at: SimTime, record: &Record) -> Result<(), RecordError> {
        if at < record.until() { Err(self.error(number, Problem::OutOfOrder)) } else { Ok(()) }
    }

    fn understand<T: DeserializeOwned>(&self, number: usize, object: &str) -> Result<T, RecordError> {
        serde_json::from_str(object).map_err(|error| {
            let column = error.column().max(1);
            let message = error.to_string();
            // The place is said apart, and the text that is read has one line.
            let why = message.split(" at line 1 column ").next().unwrap_or(&message);
            RecordError { place: Position { line: number, column }, ..self.error(number, malformed(why)) }
        })
    }

    fn error(&self, line: usize, problem: Problem) -> RecordError {
        RecordError { file: self.source.name().to_owned(), place: Position { line, column: 1 }, problem }
    }
}

fn malformed(why: &str) -> Problem {
    Problem::Malformed(format!("the line cannot be understood: {why}"))
}
