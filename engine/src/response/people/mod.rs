//! People: the lead's attention, responders who are paged and come, and the tasks they have.
//!
//! Time passes here in whole seconds. What people finish is given back to whoever steps this room, who carries it out on the
//! system; whether it helps is the mechanism's business. People know what can be observed, and nothing of faults or variants.

mod attention;
mod bad_news;
mod condition;
mod error;
mod hand_over;
mod inject;
mod investigation;
mod orders;
mod paging;
mod shift;
mod spec;
mod state;
mod task;
mod triage;
mod view;

pub use attention::Attention;
pub use bad_news::Tone;
pub use error::PeopleError;
pub use hand_over::{Fact, HandOver, Handed, KnownElsewhere, Part};
pub use inject::{InjectMoment, InjectSpec};
pub(crate) use investigation::{FULL, MUCH_MORE};
pub use investigation::{conclude, investigation, report, root, trouble};
pub use orders::Saying;
pub(crate) use paging::LEAD;
pub use paging::{Page, Target};
pub use spec::{Habits, LeadSpec, PeopleSpec, ResponderSpec, TeamSpec, TimeOfDay};
pub use state::{Finished, People, Presence, Responder};
pub use task::{Owner, Stage, Task, Work, WorkKind};
pub use triage::Misroute;

use serde::{Deserialize, Serialize};

use crate::rng::{Key, KeyedRng};

/// How bad an incident is: 1 is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Severity(u8);

impl Severity {
    /// A severity from 1, the worst, to 5; `None` for other numbers.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=5) { Some(Self(number)) } else { None }
    }
}

impl TryFrom<u8> for Severity {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| format!("a severity is 1 (the worst) to 5, not {number}"))
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        severity.0
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SEV{}", self.0)
    }
}

/// The luck that people meet: the seed of the run, and the salt of a fork with fresh luck.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    /// The seed.
    pub seed: u64,
    /// 0, or what sets a fork's luck apart.
    pub salt: u64,
}

impl Fate {
    /// The draws that something, the `number`th of its kind, makes at one site.
    fn rng(self, purpose: &str, number: usize, site: u64) -> KeyedRng {
        let number = u32::try_from(number).expect("fewer than 2^32 of a kind");
        Key::named(self.seed, 0, purpose, number).rng(site ^ self.salt)
    }

    /// The gap before the `number`th of a stream of events, one being expected: exponential.
    pub(super) fn gap(self, purpose: &str, number: u64) -> f64 {
        crate::rng::minus_ln(Key::named(self.seed, 0, purpose, 0).rng(number ^ self.salt).uniform())
    }
}

/// How often something is drawn again that should not have happened yet; after that it does not happen.
const REDRAWS: usize = 1_000;

/// Where people's luck is drawn.
mod site {
    pub(super) const ANSWER: u64 = 0;
    pub(super) const EFFORT: u64 = 0;
    pub(super) const BLOCK: u64 = 1;
    pub(super) const SILENCE: u64 = 2;
    /// And one more for each interruption of a task.
    pub(super) const INTERRUPTION: u64 = 1 << 32;
    /// And one more for each estimate of a task that slips.
    pub(super) const LATE: u64 = 2 << 32;
    pub(super) const VERDICT: u64 = 3;
}
