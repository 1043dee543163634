//! Conditions: what is looked at after each reading.

use crate::observe::{Metric, Observation, Place, Stage, reading};
use crate::units::{SimDuration, SimTime};

use crate::policy::communicate_only::is_paging;

/// A condition with every name looked up.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// A watch, by its dense index.
    Signal(usize),
    /// An alert of that name fires.
    Firing(String),
    Paging,
    After(SimDuration),
    /// A rule, by its dense index, has acted at least so long ago.
    Acted(usize, SimDuration),
    /// Something was rolled out to the service of that name within a span.
    Deployed(String, SimDuration),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    /// What cannot be known in this scenario.
    Unknown,
}

/// What conditions are held against, besides the observation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) observation: &'a Observation,
    pub(super) watches: &'a [Watch],
    /// By rule: when it last acted.
    pub(super) acted: &'a [Option<SimTime>],
}

impl Test {
    pub(super) fn holds(&self, facts: Facts<'_>) -> bool {
        self.known(facts) == Some(true)
    }

    /// Whether it holds; `None` where that cannot be known, which makes what depends on it unknown as well. So what cannot
    /// be known never makes a rule act, denied or not.
    fn known(&self, facts: Facts<'_>) -> Option<bool> {
        let (seen, now) = (facts.observation, facts.observation.now);
        match self {
            Self::Signal(watch) => facts.watches[*watch].state(),
            Self::Firing(name) => {
                Some(seen.alerts.iter().any(|alert| alert.name == *name && alert.stage == Stage::Firing))
            }
            Self::Paging => Some(is_paging(seen)),
            Self::After(span) => Some(now.since(SimTime::ZERO) >= *span),
            Self::Acted(rule, ago) => Some(facts.acted[*rule].is_some_and(|at| now.since(at) >= *ago)),
            Self::Deployed(service, within) => {
                let mut log = seen.changes.iter().filter(|entry| entry.name == *service);
                Some(log.any(|entry| !entry.back && !entry.dropped && now.since(entry.at) <= *within))
            }
            Self::All(tests) => all(tests.iter().map(|test| test.known(facts))),
            // One of them holds unless all of them do not.
            Self::Any(tests) => all(tests.iter().map(|test| test.known(facts).map(|holds| !holds))).map(|none| !none),
            Self::Not(test) => test.known(facts).map(|holds| !holds),
            Self::Unknown => None,
        }
    }
}

/// Whether all are true: one that is not decides, however many are unknown.
fn all(known: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let known: Vec<Option<bool>> = known.collect();
    if known.contains(&Some(false)) {
        return Some(false);
    }
    (!known.contains(&None)).then_some(true)
}

/// A signal that is watched, with its duration and its hysteresis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Watch {
    pub(super) place: Place,
    pub(super) metric: Metric,
    /// Whether it is to be above the threshold, or below it.
    pub(super) above: bool,
    pub(super) threshold: f64,
    /// The value back beyond which it ends; `None` where it ends at the threshold.
    pub(super) until: Option<f64>,
    pub(super) holds: SimDuration,
    /// Since when it has been beyond its threshold, and whether for long enough.
    pub(super) since: Option<SimTime>,
    pub(super) on: bool,
    /// Whether there was a value at the last look.
    pub(super) known: bool,
}

impl Watch {
    /// Takes in what the dashboards show now. Without a value it begins anew.
    pub(super) fn look(&mut self, observation: &Observation) {
        let value = reading(observation, &self.place, self.metric);
        self.known = value.is_some();
        let Some(value) = value else {
            (self.since, self.on) = (None, false);
            return;
        };
        let beyond = |limit: f64| if self.above { value > limit } else { value < limit };
        let stays = match self.until {
            // It ends beyond the other limit; at it, it goes on.
            Some(until) if self.on => beyond(until) || value == until,
            _ => beyond(self.threshold),
        };
        if !stays {
            (self.since, self.on) = (None, false);
            return;
        }
        let since = *self.since.get_or_insert(observation.now);
        self.on |= observation.now.since(since) >= self.holds;
    }

    fn state(&self) -> Option<bool> {
        self.known.then_some(self.on)
    }
}
