//! What a team would say of an option before it takes it. It knows the configuration and what can be seen, nothing else.

use serde::{Deserialize, Serialize};

use crate::units::SimDuration;

/// What a team would say of an option before it takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How long until it is done, from the order.
    pub takes: Takes,
    /// How much of that passes, likely, before anything changes: writing, building, the pipeline. People's time is not in it.
    pub lead_time: SimDuration,
    /// Whether it can be undone, and how.
    pub undo: Reversibility,
    /// The chance that it is wrong, 0 to 1, where the team knows one.
    pub wrong: Option<f64>,
    /// What could go wrong, in words.
    pub risk: String,
    /// Of a roll-back: whether the team has tested that the version before works with what the present one has left behind;
    /// `None` where nobody knows, and for everything else.
    pub compat_tested: Option<bool>,
    /// Who is concerned.
    pub affected: Affected,
}

/// How long something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takes {
    /// One time in ten it is done earlier.
    pub low: SimDuration,
    /// On average, with draining taken as half of its limit.
    pub likely: SimDuration,
    /// One time in ten it takes longer, with draining taken as its whole limit.
    pub high: SimDuration,
}

impl Takes {
    /// It is done at once.
    pub const NO_TIME: Self = Self { low: SimDuration::ZERO, likely: SimDuration::ZERO, high: SimDuration::ZERO };
}

/// Whether something can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// At once.
    AtOnce {
        /// How, in words: `share=0%`.
        how: String,
    },
    /// By another order.
    ByOrder {
        /// The option that undoes it.
        option: String,
        /// How long that takes, likely.
        takes: SimDuration,
    },
    /// Not at all.
    No {
        /// Why, in words.
        why: String,
    },
}

/// Who is concerned by an option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    /// How many real users usually ask, at this hour, what the option is done to: by the configured traffic, not by counting.
    /// `None` where that says nothing, as for recorded traffic.
    pub users: Option<f64>,
    /// The share of its answers that were errors in the last scrape, 0 to 1; of several services the highest. `None` where
    /// nothing was seen.
    pub error_ratio: Option<f64>,
}

impl Estimate {
    /// Of something that is done at once.
    pub(super) fn at_once(undo: Reversibility, risk: &str, affected: Affected) -> Self {
        Self {
            takes: Takes::NO_TIME,
            lead_time: SimDuration::ZERO,
            undo,
            wrong: None,
            risk: risk.to_owned(),
            compat_tested: None,
            affected,
        }
    }
}
