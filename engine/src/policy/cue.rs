//! Why a policy is asked.

use serde::{Deserialize, Serialize};

use crate::observe::NewsKind;

/// Why whoever leads looks up. Several may come at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cue {
    /// Dashboards show a new reading.
    Scrape,
    /// An alert is in another stage than before, or a notification has arrived.
    Alert,
    /// Somebody has said something: of a task, of a page, of what an instrument shows.
    Report,
    /// Somebody has interrupted the lead.
    Inject,
}

impl Cue {
    /// What news of a kind is.
    #[must_use]
    pub const fn of(news: NewsKind) -> Self {
        match news {
            NewsKind::Alerted | NewsKind::Resolved => Self::Alert,
            NewsKind::Interrupted => Self::Inject,
            _ => Self::Report,
        }
    }
}
