//! What whoever runs the exercise does, at the same keyboard: stopping every clock, sending messages in, remarks.

use brownout::response::Command;
use brownout::text::{shown, suggest};

use super::{Line, Topic, span};

/// What a remark can mark besides a moment: the rows of the rubric, each with a sign behind it.
pub(in crate::play) const ROWS: [&str; 13] = [
    "outcome",
    "decisions",
    "calibration",
    "awareness",
    "diagnosis",
    "command",
    "restraint",
    "escalation",
    "word",
    "climate",
    "safety",
    "learning",
    "hand-over",
];

/// The words behind `facilitator`.
pub(in crate::play) const WORDS: [&str; 7] = ["stop", "go", "inject", "note", "mark", "bookmark", "notes"];

/// `facilitator inject Ana: What do I tell them?`, `facilitator mark command+ named an owner`.
pub(super) fn facilitator(rest: &[&str]) -> Result<Line, String> {
    let Some((word, rest)) = rest.split_first() else {
        return Err(format!("whoever runs the exercise can say {}", WORDS.join(", ")));
    };
    match (*word, rest) {
        ("stop", []) => Ok(Line::Stop),
        ("go", []) => Ok(Line::GoOn),
        ("notes", []) => Ok(Line::Show(Topic::Notes)),
        ("inject", rest) => inject(rest),
        ("note", []) => Err("note what?".to_owned()),
        ("note", words) => Ok(remark(words, None)),
        ("bookmark", words) => Ok(remark(words, Some("bookmark".to_owned()))),
        ("mark", [mark, words @ ..]) => Ok(remark(words, Some(self::mark(mark)?))),
        ("mark", []) => Err(format!("mark what? such as `facilitator mark command+`; {}", rows())),
        (other, []) | (other, [_, ..]) => {
            let near = suggest(other, WORDS).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Err(format!("whoever runs the exercise can say {}{near}", WORDS.join(", ")))
        }
    }
}

/// A remark of the lead's own.
pub(super) fn note(words: &[&str]) -> Result<Line, String> {
    if words.is_empty() {
        Err("note what? a few words for the record".to_owned())
    } else {
        Ok(Line::Give(said(words, None)))
    }
}

fn said(words: &[&str], mark: Option<String>) -> Command {
    Command::Note { text: words.join(" "), mark }
}

fn remark(words: &[&str], mark: Option<String>) -> Line {
    Line::Facilitate(said(words, mark))
}

fn mark(text: &str) -> Result<String, String> {
    let row = text
        .strip_suffix(['+', '-'])
        .ok_or_else(|| format!("a mark ends with + or -, such as `command+`; {}", rows()))?;
    if ROWS.contains(&row) {
        return Ok(text.to_owned());
    }
    let near = suggest(row, ROWS).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Err(format!("\"{}\" is no row of the rubric; {near}{}", shown(row), rows()))
}

fn rows() -> String {
    format!("there is {}", ROWS.join(", "))
}

/// From whom, up to the first colon; with `takes=90s` before it, how long it keeps the lead.
fn inject(rest: &[&str]) -> Result<Line, String> {
    let usage = "inject from whom, and what? such as `facilitator inject Ana: When will it be over?`";
    let (takes, rest) = match rest {
        [first, more @ ..] if first.starts_with("takes=") => {
            (Some(span(&first["takes=".len()..], "a time it takes")?), more)
        }
        rest => (None, rest),
    };
    let at = rest.iter().position(|word| word.ends_with(':')).ok_or(usage)?;
    let from = rest[..=at].join(" ");
    let (from, text) = (from.trim_end_matches(':').trim().to_owned(), rest[at + 1..].join(" "));
    if from.is_empty() || text.is_empty() {
        return Err(usage.to_owned());
    }
    Ok(Line::Facilitate(Command::Inject { from, text, takes }))
}
