//! What can go wrong with a program that leads.

use std::fmt;
use std::io;
use std::time::Duration;

use brownout::units::SimTime;

use super::pipes::LONGEST;

/// What went wrong with a program that leads.
#[derive(Debug)]
pub struct ExternalError {
    pub(super) program: String,
    /// At which instant of the simulation it was asked.
    pub(super) asked: Option<SimTime>,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// The words of the command cannot be told apart.
    Unreadable(&'static str),
    DoesNotStart(io::Error),
    /// It has ended, or closed its output; how, if it ended.
    Ended(Option<String>),
    Silent(Duration),
    /// A line that is no answer.
    Nonsense {
        line: String,
        why: String,
    },
    /// An answer to another question.
    OtherQuestion {
        answered: u64,
        asked: u64,
    },
    /// A line that nobody had asked for.
    Unasked(String),
    TooLong,
    Broken(io::Error),
}

/// A line as it is quoted: short, and without what would command a terminal.
pub(super) fn shortened(line: &str) -> String {
    const QUOTED: usize = 80;
    let short: String = line.chars().take(QUOTED).collect();
    let more = if line.chars().nth(QUOTED).is_some() { "..." } else { "" };
    format!("{}{more}", brownout::text::shown(&short))
}

impl fmt::Display for ExternalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy exec:{}", shortened(&self.program))?;
        if let Some(asked) = self.asked {
            write!(f, ", asked at {}", asked.since(SimTime::ZERO))?;
        }
        match &self.what {
            What::Unreadable(why) => {
                write!(f, ": {why}\n  write exec:PROGRAM ARGUMENTS, with quotes around what has spaces")
            }
            What::DoesNotStart(why) => write!(f, ": it cannot be started: {why}"),
            What::Ended(Some(status)) => write!(f, ": it ended without an answer ({status})"),
            What::Ended(None) => write!(f, ": it closed its standard output without an answer"),
            What::Silent(limit) => write!(
                f,
                ": no answer within {:.1} s\n  it must answer each line at once and flush its output; --policy-time-limit \
                 gives it longer",
                limit.as_secs_f64()
            ),
            What::Nonsense { line, why } => write!(
                f,
                ": its line is no answer: {why}\n  it wrote: {line}\n  an answer is {{\"question\": N, \"commands\": [..]}} \
                 on one line"
            ),
            What::OtherQuestion { answered, asked } => write!(
                f,
                ": it answers question {answered}, and was asked question {asked}\n  it must answer each question once, with \
                 its number"
            ),
            What::Unasked(line) => write!(f, ": it wrote more than one line for an answer\n  it wrote: {line}"),
            What::TooLong => write!(f, ": its line is longer than {} MiB", LONGEST >> 20),
            What::Broken(why) => write!(f, ": its output cannot be read: {why}"),
        }
    }
}

impl std::error::Error for ExternalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.what {
            What::DoesNotStart(why) | What::Broken(why) => Some(why),
            _ => None,
        }
    }
}
