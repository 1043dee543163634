//! What changed: roll-outs and orders of the last hour, the newest first.

use crate::observe::observation::{ChangeEntry, change_log};
use crate::observe::signal::Unit;
use crate::units::{SimDuration, SimTime};

use super::reader::{HOUR, Reader};
use super::row::{Row, span};

/// What is measured of a change is how long ago it was ordered.
pub(super) fn rows(reader: &Reader<'_>, ordered: &[(SimTime, String)]) -> Vec<Row> {
    let deploys = change_log(reader.sources.system, reader.sources.deploys);
    let mut all: Vec<(SimTime, &str, &'static str, String)> = deploys
        .iter()
        .map(|entry| (entry.at, entry.name.as_str(), if entry.back { "back" } else { "deploy" }, words(entry)))
        .collect();
    all.extend(ordered.iter().map(|(at, name)| (*at, "order", "order", name.clone())));
    // Both lists are in time order; what comes later stands first.
    all.sort_by_key(|(at, ..)| *at);
    let age = |at: SimTime| reader.now.since(at.min(reader.now));
    let recent = all.into_iter().rev().filter(|(at, ..)| *at <= reader.now && age(*at) <= HOUR);
    let row = |(at, of, what, note): (SimTime, &str, &str, String)| Row {
        note,
        ..Row::new(of, what, SimDuration::as_secs_f64(age(at)), Unit::Seconds)
    };
    recent.map(row).collect()
}

fn words(entry: &ChangeEntry) -> String {
    let stage = match (entry.dropped, entry.done) {
        (true, _) => "not needed any more",
        (false, true) => "everywhere",
        (false, false) => "not everywhere",
    };
    format!("{}, {stage}", entry.version)
}

pub(super) fn text(heading: &str, rows: &[Row]) -> String {
    let line = |row: &Row| match row.measure.as_str() {
        "order" => format!("\n{} ago: {}", span(row.value), row.note),
        "back" => format!("\n{} ago: {} back to or restarted as {}", span(row.value), row.of, row.note),
        _ => format!("\n{} ago: {} to {}", span(row.value), row.of, row.note),
    };
    let lines: String = rows.iter().map(line).collect();
    format!("{heading}{}", if lines.is_empty() { "\nnothing" } else { &lines })
}
