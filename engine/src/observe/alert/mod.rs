//! Alerts: a rule that is looked at again and again, and the life of what it raises.
//!
//! The states are those of Prometheus (alerting rules; `rules/alerting.go`): an alert whose condition holds is *pending* until it
//! has held at every look for the time `holds` (there: `for`), then *firing*, until the condition no longer holds and
//! `keep_firing_for` has passed; then it is resolved. A look that finds no data is a look at which the condition does not hold: it
//! ends what is pending, and resolves what fires.

mod burn;
mod rule;

pub use burn::{BurnRule, BurnWindow};
pub use rule::{Rule, Threshold};

pub(super) use rule::{Reading, RuleState};

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::units::{SimDuration, SimTime};

/// An alert rule.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertSpec {
    /// Its name.
    pub name: String,
    /// What it says to a person; empty where the author wrote nothing.
    pub summary: String,
    /// The condition.
    pub rule: Rule,
    /// For how long the condition must hold at every look before it fires.
    pub holds: SimDuration,
    /// For how long it goes on firing when the condition does not hold any more.
    pub keep_firing_for: SimDuration,
    /// How urgent it is.
    pub severity: Severity,
    /// Who is told.
    pub pages: String,
    /// The service that it is about, for grouping; `None` when it is about a population.
    pub service: Option<Id<ServiceSpec>>,
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Somebody is called at once.
    Page,
    /// It waits in a list until somebody looks.
    Ticket,
}

/// Where an alert is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The condition does not hold.
    #[default]
    Inactive,
    /// The condition holds, but not for long enough yet.
    Pending,
    /// It fires.
    Firing,
    /// It has fired, and the condition does not hold any more.
    Resolved,
}

/// The state of an alert.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlertState {
    /// Where it is in its life.
    pub stage: Stage,
    /// When the condition was first seen to hold, this time.
    pub active_since: Option<SimTime>,
    /// When it began to fire, this time or the last.
    pub fired_at: Option<SimTime>,
    /// When it was resolved, unless it has become active since.
    pub resolved_at: Option<SimTime>,
    /// What the rule measured at the last look; `None` without data.
    pub value: Option<f64>,
    /// When the condition was first seen not to hold any more, while it fires.
    pub(super) keeping_since: Option<SimTime>,
    /// What the rule remembers.
    pub(super) rule: RuleState,
}

impl AlertState {
    /// Takes in one look at the condition.
    pub(super) fn take(&mut self, spec: &AlertSpec, reading: Reading, now: SimTime) {
        self.value = reading.value;
        if reading.holds {
            self.holds(now);
        } else {
            self.does_not_hold(spec, now);
        }
        let long_enough = self.active_since.is_some_and(|since| now.since(since) >= spec.holds);
        if self.stage == Stage::Pending && long_enough {
            (self.stage, self.fired_at) = (Stage::Firing, Some(now));
        }
    }

    fn holds(&mut self, now: SimTime) {
        self.keeping_since = None;
        if matches!(self.stage, Stage::Inactive | Stage::Resolved) {
            self.stage = Stage::Pending;
            (self.active_since, self.fired_at, self.resolved_at) = (Some(now), None, None);
        }
    }

    fn does_not_hold(&mut self, spec: &AlertSpec, now: SimTime) {
        match self.stage {
            Stage::Inactive | Stage::Resolved => {}
            Stage::Pending => (self.stage, self.active_since) = (Stage::Inactive, None),
            Stage::Firing => {
                let since = *self.keeping_since.get_or_insert(now);
                if now.since(since) >= spec.keep_firing_for {
                    self.stage = Stage::Resolved;
                    (self.active_since, self.keeping_since, self.resolved_at) = (None, None, Some(now));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
