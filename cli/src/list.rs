//! `brownout list`: the built-in scenarios.

use brownout::scenario::{Difficulty, Scenario};
use brownout::units::SimDuration;
use serde::Serialize;

use crate::args::ListArgs;
use crate::failure::Failure;
use crate::{output, report};

/// One scenario of the list. Hidden variants are not in it: they are for whoever plays to find out.
#[derive(Debug, Serialize)]
struct Entry {
    name: String,
    title: String,
    /// How long a session with a person takes, roughly.
    length_seconds: Option<f64>,
    /// How much simulated time a run takes.
    duration_seconds: f64,
    difficulty: Option<&'static str>,
    mechanisms: Vec<String>,
    skills: Vec<String>,
}

/// Lists the built-in scenarios.
pub(crate) fn list(args: &ListArgs) -> Result<(), Failure> {
    let entries = entries()?;
    if args.json {
        return output::print_json(&entries);
    }
    if entries.is_empty() {
        report::say("this build has no built-in scenarios");
    }
    output::print(&table(&entries))
}

fn entries() -> Result<Vec<Entry>, Failure> {
    let parsed = brownout_scenarios::all().iter().map(|built_in| built_in.parse().map(|(scenario, _)| entry(scenario)));
    Ok(parsed.collect::<Result<_, _>>()?)
}

fn entry(scenario: Scenario) -> Entry {
    Entry {
        length_seconds: scenario.about.length.map(SimDuration::as_secs_f64),
        duration_seconds: scenario.duration.as_secs_f64(),
        difficulty: scenario.about.difficulty.map(difficulty),
        name: scenario.name,
        title: scenario.title,
        mechanisms: scenario.about.mechanisms,
        skills: scenario.about.skills,
    }
}

fn difficulty(difficulty: Difficulty) -> &'static str {
    match difficulty {
        Difficulty::Introductory => "introductory",
        Difficulty::Intermediate => "intermediate",
        Difficulty::Advanced => "advanced",
        Difficulty::Expert => "expert",
    }
}

/// Two lines for each: what it is, and below it the mechanisms.
fn table(entries: &[Entry]) -> String {
    let width = |of: fn(&Entry) -> &str| entries.iter().map(|entry| of(entry).chars().count()).max().unwrap_or(0);
    let (names, titles) = (width(|entry| &entry.name), width(|entry| &entry.title));
    let mut text = String::new();
    for entry in entries {
        let difficulty = entry.difficulty.unwrap_or("-");
        let times = times(entry);
        text.push_str(&format!("{:names$}  {:titles$}  {times}  {difficulty}\n", entry.name, entry.title));
        if !entry.mechanisms.is_empty() {
            text.push_str(&format!("{:names$}  {}\n", "", entry.mechanisms.join(", ")));
        }
    }
    text
}

/// How long it takes a person, and how much time is simulated.
fn times(entry: &Entry) -> String {
    let simulated = SimDuration::from_secs_f64(entry.duration_seconds);
    let play = entry.length_seconds.map(|length| format!("{:>3.0} min to play, ", length / 60.0));
    format!("{}{:>5} simulated", play.unwrap_or_default(), simulated.to_string())
}
