//! What an instrument shows: rows of measures, and how a person reads them.

use serde::{Deserialize, Serialize};

use crate::observe::signal::Unit;
use crate::units::SimDuration;

/// One measure of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What it is of, by its name: `api`, `api.get`, `api->db`.
    pub of: String,
    /// What is measured: `error-ratio`, `timeout`, `pool-held-p99`.
    pub measure: String,
    /// How much it is.
    pub value: f64,
    /// In which unit.
    pub unit: Unit,
    /// What else there is to say of it; often nothing.
    pub note: String,
}

impl Row {
    pub(super) fn new(of: &str, measure: &str, value: f64, unit: Unit) -> Self {
        Self { of: of.to_owned(), measure: measure.to_owned(), value, unit, note: String::new() }
    }

    pub(super) fn count(of: &str, measure: &str, count: impl Into<f64>) -> Self {
        Self::new(of, measure, count.into(), Unit::Number)
    }

    pub(super) fn span(of: &str, measure: &str, span: SimDuration) -> Self {
        Self::new(of, measure, span.as_secs_f64(), Unit::Seconds)
    }

    /// How much it is, as a person reads it: rounded, with its unit.
    #[must_use]
    pub fn amount(&self) -> String {
        match self.unit {
            Unit::Share => format!("{}%", round(self.value * 100.0)),
            Unit::Rate => format!("{}/s", round(self.value)),
            Unit::Seconds => span(self.value),
            Unit::Number => round(self.value),
        }
    }
}

/// To three digits, without zeros behind the point.
fn round(value: f64) -> String {
    let text = match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A span in the unit that suits it.
pub(super) fn span(secs: f64) -> String {
    if secs < 1.0 {
        format!("{}ms", round(secs * 1e3))
    } else if secs < 120.0 {
        format!("{}s", round(secs))
    } else {
        format!("{}m", round(secs / 60.0))
    }
}

/// A heading and a line for each thing that there are rows of.
pub(super) fn lines(heading: &str, rows: &[Row]) -> String {
    let mut text = heading.to_owned();
    let mut of = None;
    for row in rows {
        if of == Some(&row.of) {
            text.push_str(", ");
        } else {
            text.push_str(&format!("\n{}: ", row.of));
        }
        of = Some(&row.of);
        text.push_str(&format!("{} {}", row.measure, row.amount()));
        if !row.note.is_empty() {
            text.push_str(&format!(" ({})", row.note));
        }
    }
    if rows.is_empty() {
        text.push_str("\nnothing");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_and_have_their_unit() {
        let amount = |value, unit| Row::new("api", "x", value, unit).amount();
        assert_eq!(amount(0.6, Unit::Share), "60%");
        assert_eq!(amount(0.123_456, Unit::Share), "12.3%");
        assert_eq!(amount(2.0, Unit::Rate), "2/s");
        assert_eq!(amount(1_234.5, Unit::Number), "1234");
        assert_eq!(amount(0.018, Unit::Seconds), "18ms");
        assert_eq!(amount(1.25, Unit::Seconds), "1.25s");
        assert_eq!(amount(300.0, Unit::Seconds), "5m");
        assert_eq!(amount(100.0, Unit::Number), "100");
    }

    #[test]
    fn a_line_holds_what_belongs_together() {
        let rows = [
            Row::count("api.get", "answers", 12),
            Row { note: "v2".to_owned(), ..Row::new("api.get", "error-ratio", 0.5, Unit::Share) },
            Row::count("api->db", "timeout", 3),
        ];
        assert_eq!(lines("errors", &rows), "errors\napi.get: answers 12, error-ratio 50% (v2)\napi->db: timeout 3");
        assert_eq!(lines("errors", &[]), "errors\nnothing");
    }
}
