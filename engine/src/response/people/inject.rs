//! Injects: messages that the scenario, or whoever runs the exercise, sends into it, and that want the lead's attention at once.

use crate::ids::Id;
use crate::observe::{AlertSpec, AlertState, NewsKind, Stage};
use crate::response::comms::{Audience, Comms};
use crate::units::{SimDuration, SimTime};

use super::attention::{Attended, Doing};
use super::spec::PeopleSpec;
use super::state::People;

/// A message of the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectSpec {
    /// The name.
    pub name: String,
    /// When it comes; once.
    pub when: InjectMoment,
    /// Who says it.
    pub from: String,
    /// What they say.
    pub text: String,
    /// How long it keeps the lead.
    pub takes: SimDuration,
}

/// When a message comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectMoment {
    /// At an instant.
    At(SimTime),
    /// So long after an alert has begun to fire, if it still does.
    Alert {
        /// The alert.
        alert: Id<AlertSpec>,
        /// How long it has fired.
        after: SimDuration,
    },
    /// When users have felt it for so long and nothing was said to an audience meanwhile.
    Silence {
        /// The audience.
        audience: Audience,
        /// How long.
        after: SimDuration,
    },
}

impl People {
    /// Sends the messages of the scenario whose time has come.
    pub fn step_injects(&mut self, spec: &PeopleSpec, alerts: &[AlertState], comms: Option<&Comms>, now: SimTime) {
        self.injected.resize(spec.injects.len(), false);
        for (number, inject) in spec.injects.iter().enumerate() {
            if !self.injected[number] && is_due(inject.when, alerts, comms, now) {
                self.injected[number] = true;
                self.hear(spec, inject.from.clone(), &inject.text, inject.takes, now);
            }
        }
    }

    /// Somebody says something to the lead, who hears it at once and answers next.
    pub fn hear(&mut self, spec: &PeopleSpec, from: String, text: &str, takes: SimDuration, now: SimTime) {
        self.say(now, from.clone(), NewsKind::Interrupted, None, text.to_owned());
        let takes = self.takes(spec, takes);
        let title = format!("answering {from}");
        self.attention.interrupt(Doing { command: None, what: Attended::Answered, takes, title });
        self.attention.begin(now);
    }
}

fn is_due(when: InjectMoment, alerts: &[AlertState], comms: Option<&Comms>, now: SimTime) -> bool {
    match when {
        InjectMoment::At(at) => now >= at,
        InjectMoment::Alert { alert, after } => alerts.get(alert.index()).is_some_and(|state| {
            state.stage == Stage::Firing && state.fired_at.is_some_and(|since| now >= since.saturating_add(after))
        }),
        InjectMoment::Silence { audience, after } => comms.is_some_and(|comms| {
            let said = comms.audiences[audience as usize].said.last().map(|said| said.at);
            comms.felt_since.is_some_and(|felt| now >= felt.max(said.unwrap_or(felt)).saturating_add(after))
        }),
    }
}
