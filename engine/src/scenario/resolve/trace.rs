//! Recorded arrivals, from a list in the scenario or a CSV file beside it.
//!
//! The file's first line names its columns: `time`, and optionally `endpoint` and `count`, in any order; what other columns
//! hold is not read. A time is a number of seconds since the start, or has a unit (`1.5`, `1.5e0`, `1500ms`, `1:30`). Lines
//! that are not in the order of time are sorted; those of one instant keep their order. An endpoint is one of the
//! population's mix; where there is none, it is drawn from the mix. A line with a count stands for so many requests at one
//! instant. How fields are quoted is in `csv`.
//! Recorders write floats, `0.30000000000000004`: what is finer than a nanosecond is rounded to it.

use crate::scenario::document;
use crate::text::{Diagnostic, Source, Span, Spanned};
use crate::traffic::{Arrivals, TraceEntry};
use crate::units::{Bytes, SimDuration, SimTime, UnitError};

use super::csv::{Record, Records, without_exponent};
use super::names::unknown;
use super::{Resolver, limits};

/// The largest file of recorded arrivals that is read, in bytes: 64 MiB, some five million lines.
pub const MAX_TRACE_BYTES: usize = 64 << 20;

/// Where the columns are.
struct Columns {
    time: usize,
    endpoint: Option<usize>,
    count: Option<usize>,
}

impl Resolver<'_, '_> {
    pub(super) fn trace(
        &mut self,
        span: &Span,
        file: Option<&Spanned<String>>,
        at: Option<&[Spanned<SimTime>]>,
        population: &document::Population,
    ) -> Arrivals {
        let entries = match (file, at) {
            (Some(file), None) => self.trace_file(file, population),
            (None, Some(instants)) => self.trace_list(instants),
            _ => {
                let help = "write Trace(file: \"arrivals.csv\") or Trace(at: [\"0s\", \"1.5s\"])";
                self.error("trace", span, "a trace needs either a file or a list of instants", help);
                Vec::new()
            }
        };
        Arrivals::Trace(entries)
    }

    fn trace_list(&mut self, instants: &[Spanned<SimTime>]) -> Vec<TraceEntry> {
        for pair in instants.windows(2) {
            if pair[1].value < pair[0].value {
                self.error("trace", &pair[1].span, "time goes backwards here", "sort the instants");
            }
        }
        if let Some(last) = instants.last() {
            self.warn_late(last.value, &last.span);
        }
        instants.iter().map(|at| TraceEntry { at: at.value, entry: None }).collect()
    }

    fn trace_file(&mut self, file: &Spanned<String>, population: &document::Population) -> Vec<TraceEntry> {
        let Some(bytes) = (self.files)(file) else {
            let message = format!("the file \"{}\" cannot be read", file.value);
            self.error("no-such-file", &file.span, message, "its name is relative to the scenario's file");
            return Vec::new();
        };
        if bytes.len() > MAX_TRACE_BYTES {
            let message = format!("the file \"{}\" is too large", file.value);
            let help = format!(
                "at most {} are read: put requests of one instant into one line with a `count`, leave the endpoints to the \
                 mix, or split the file among several populations",
                Bytes::new(MAX_TRACE_BYTES as u64)
            );
            self.error("file-too-large", &file.span, message, help);
            return Vec::new();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let base = self.sources.add(Source::of_any_size(file.value.clone(), text.clone()));
        if let Err(error) = str::from_utf8(&bytes) {
            let at = base + error.valid_up_to();
            self.error("not-utf8", &(at..at + 1), "this byte is not UTF-8", "save the file as UTF-8 text");
            return Vec::new();
        }
        self.csv(&text, base, population)
    }

    fn csv(&mut self, text: &str, base: usize, population: &document::Population) -> Vec<TraceEntry> {
        let mut records = Records::new(text, base);
        let Some(header) = records.next() else {
            self.error(
                "trace",
                &(base..base),
                "the file is empty",
                "its first line names the columns: time,endpoint,count",
            );
            return Vec::new();
        };
        let Some(columns) = self.columns(&header) else { return Vec::new() };
        let mix: Vec<&str> = population.mix.names().collect();
        let (mut entries, mut last, mut last_span) = (Vec::new(), SimTime::ZERO, header.end..header.end);
        let mut backwards: Option<Span> = None;
        for record in records.filter(|record| !record.is_blank()) {
            self.check_quotes(&record);
            let fields = &record.fields;
            let Some((instant, span)) = self.time(fields, &columns, record.end) else { continue };
            if instant < last {
                backwards.get_or_insert(span);
            } else {
                (last, last_span) = (instant, span);
            }
            let entry = self.entry(fields, &columns, &mix);
            let count = self.requests(fields, &columns);
            if entries.len() as f64 + f64::from(count) > limits::REQUESTS {
                let help = format!("at most {:e} requests are read", limits::REQUESTS);
                self.error("too-much-load", &last_span, "the trace has too many requests", help);
                return Vec::new();
            }
            entries.extend((0..count).map(|_| TraceEntry { at: instant, entry }));
        }
        if let Some(span) = backwards {
            let message = "time goes backwards here: the lines are read in the order of time";
            self.diagnostics.push(Diagnostic::warning("unsorted", span, message).help("sort the lines by time"));
            entries.sort_by_key(|entry: &TraceEntry| entry.at);
        }
        self.warn_late(last, &last_span);
        entries
    }

    fn check_quotes(&mut self, record: &Record) {
        if let Some(at) = record.unclosed {
            let help = "end the field with another \", and write a quote within it twice";
            self.error("trace", &(at..at + 1), "this quote is not closed", help);
        }
    }

    fn columns(&mut self, header: &Record) -> Option<Columns> {
        const KNOWN: [&str; 3] = ["time", "endpoint", "count"];
        self.check_quotes(header);
        let fields = &header.fields;
        for field in fields.iter().filter(|field| !KNOWN.contains(&field.as_str())) {
            let message = format!("the column `{}` is not read", field.value);
            let warning = Diagnostic::warning("unknown-column", field.span.clone(), message);
            self.diagnostics.push(warning.help("the columns that are read are time, endpoint and count"));
        }
        let find = |name: &str| fields.iter().position(|field| field.value == name);
        let time = find("time");
        if time.is_none() {
            let span = header.start..header.end;
            self.error(
                "trace",
                &span,
                "there is no column `time`",
                "the first line names the columns: time,endpoint,count",
            );
        }
        Some(Columns { time: time?, endpoint: find("endpoint"), count: find("count") })
    }

    fn time(&mut self, fields: &[Spanned<String>], columns: &Columns, end: usize) -> Option<(SimTime, Span)> {
        let Some(field) = fields.get(columns.time) else {
            self.error("trace", &(end..end), "this line has no time", "fill every column that the first line names");
            return None;
        };
        // A bare number of seconds is what recorders write.
        let with_unit = if field.ends_with(|c: char| c.is_ascii_digit()) && !field.contains(':') {
            format!("{}s", without_exponent(field).as_deref().unwrap_or(field.as_str()))
        } else {
            field.value.clone()
        };
        match instant(&with_unit) {
            Ok(at) => Some((at, field.span.clone())),
            Err(error) => {
                self.error("trace", &field.span, error.to_string(), "write seconds, 1.25, or a unit, 1250ms");
                None
            }
        }
    }

    fn entry(&mut self, fields: &[Spanned<String>], columns: &Columns, mix: &[&str]) -> Option<u32> {
        let field = columns.endpoint.and_then(|column| fields.get(column)).filter(|field| !field.is_empty())?;
        let found = mix.iter().position(|name| *name == field.value);
        if found.is_none() {
            unknown("endpoint in the population's mix", field, mix, self.diagnostics);
        }
        found.and_then(|at| u32::try_from(at).ok())
    }

    fn requests(&mut self, fields: &[Spanned<String>], columns: &Columns) -> u32 {
        let Some(field) = columns.count.and_then(|column| fields.get(column)).filter(|field| !field.is_empty()) else {
            return 1;
        };
        let plain = without_exponent(field);
        plain.as_deref().unwrap_or(field.as_str()).parse().unwrap_or_else(|_not_a_count| {
            let message = format!("`{}` is not a number of requests", field.value);
            self.error("trace", &field.span, message, "write a whole number from 0 to 4294967295, or nothing for 1");
            0
        })
    }

    fn warn_late(&mut self, last: SimTime, span: &Span) {
        if last > SimTime::ZERO.saturating_add(limits::SPAN) {
            let help = format!("at most {} after the start", limits::SPAN);
            return self.error("out-of-range", span, format!("the instant is {last}"), help);
        }
        if self.end().is_some_and(|end| last > end) {
            let warning =
                Diagnostic::warning("after-the-end", span.clone(), "the trace goes on after the end of the run");
            self.diagnostics.push(warning.help("lengthen the `duration`, or cut the trace"));
        }
    }
}

/// Reads an instant, to the nearest nanosecond.
fn instant(text: &str) -> Result<SimTime, UnitError> {
    text.parse().or_else(|error| match error {
        UnitError::TooFine(_) | UnitError::Exponent { .. } => nearest(text).ok_or(error),
        error => Err(error),
    })
}

/// Reads a floating-point number with one unit; `None` for anything else and for what is no instant of a run.
fn nearest(text: &str) -> Option<SimTime> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: SimDuration = format!("1{}", &text[number.len()..]).parse().ok()?;
    let nanos = number.trim_end().parse::<f64>().ok()? * unit.as_nanos() as f64;
    let whole = SimDuration::from_nanos_f64(nanos);
    (nanos >= 0.0 && whole <= limits::SPAN).then(|| SimTime::ZERO.saturating_add(whole))
}
