//! Hints: questions to whoever leads, asked from nothing but what they can see themselves.
//!
//! A hint never says what to do and knows no more than the dashboards, the channel and the change log show. Each question is asked once
//! about the same thing, the most pressing first, and not sooner than [`SPACING`] after the last: who is asked all the time does not
//! think. The order of the questions is an assumption of ours.

mod questions;

#[cfg(test)]
mod tests;

use crate::observe::Observation;
use crate::units::{SimDuration, SimTime};

/// How long after a hint the next one can be had: three minutes, an assumption.
pub const SPACING: SimDuration = SimDuration::from_secs(180);

/// A question to whoever leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// What it is about, in a word or two, by which it is known to have been asked: `changes`, `task 2`.
    pub about: String,
    /// The question.
    pub question: String,
}

/// A hint that was had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Had<'a> {
    /// When.
    pub at: SimTime,
    /// What it was about.
    pub about: &'a str,
}

/// Why there is no hint now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoHint {
    /// The last one was a short while ago.
    TooSoon {
        /// When there can be another.
        from: SimTime,
    },
    /// Everything that stands out has been asked about.
    NothingToAsk,
}

impl std::fmt::Display for NoHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooSoon { from } => {
                let secs = from.whole_secs();
                write!(f, "think about the last question first; the next can be had at {}:{:02}", secs / 60, secs % 60)
            }
            Self::NothingToAsk => {
                f.write_str("there is nothing to ask you now: what do you see, and what do you make of it?")
            }
        }
    }
}

impl std::error::Error for NoHint {}

/// The most pressing question that was not asked yet, from what is seen.
///
/// # Errors
/// When the last one was less than [`SPACING`] ago, or there is nothing to ask.
pub fn hint(seen: &Observation, had: &[Had<'_>]) -> Result<Hint, NoHint> {
    if let Some(from) = had.last().map(|last| last.at.saturating_add(SPACING)).filter(|from| *from > seen.now) {
        return Err(NoHint::TooSoon { from });
    }
    let asked = |hint: &Hint| had.iter().any(|had| had.about == hint.about);
    questions::all(seen).into_iter().find(|hint| !asked(hint)).ok_or(NoHint::NothingToAsk)
}
