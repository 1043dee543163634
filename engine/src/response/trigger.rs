//! Switch triggers: "if it is still above 2% at 10:15, we roll back". Said by the lead beforehand, decided by what the dashboards show.
//!
//! A trigger without a duration is looked at once, at its time. With one it is looked at every second until its time, and met as soon as it
//! has held so long. Where dashboards show no value it does not hold; where they have gone stale, what they still show counts. One that
//! is met has its option ordered as if the lead took it then; one that is not lapses.

use std::collections::BTreeMap;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::Table;
use crate::model::SystemSpec;
use crate::observe::{MonitoringSpec, Observation, Place, Signal, Subject, TriggerState, TriggerView, reading};
use crate::text::suggest;
use crate::traffic::PopulationSpec;
use crate::units::{SimDuration, SimTime};

use super::command::span_text;
use super::menu::quoted;

/// What is said to set a trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trigger {
    /// What is looked at: `error-ratio of registry`. A dashboard must show it.
    pub signal: String,
    /// Above which amount, as a text with its unit: `2%`, `100/s`, `250ms`, `50`. Either this or `below`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<String>,
    /// Below which amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<String>,
    /// When it is looked at; with a duration, until when.
    pub at: SimTime,
    /// For how long it is to hold.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
    pub holds: Option<SimDuration>,
    /// What is done then.
    pub then: Order,
}

/// An option that is to be taken, as by [`Command::Act`](super::Command::Act).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Order {
    /// The option, by its name.
    pub option: String,
    /// What is said for its parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
    /// Why, in words for the record.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Who is to do it; without, the lead does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// For how long they are to try.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
    pub time_box: Option<SimDuration>,
}

/// Why a trigger cannot be set or taken back. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TriggerError {
    /// Nothing is called that.
    UnknownSignal {
        /// The name, shortened.
        name: String,
        /// What may have been meant, or what could be said.
        near: Option<String>,
    },
    /// No dashboard shows it.
    NotShown {
        /// The signal.
        signal: String,
        /// What is shown of the same thing.
        shown: Vec<&'static str>,
    },
    /// It has neither or both of `above` and `below`.
    NoSide,
    /// The amount cannot be read.
    BadAmount {
        /// As it was written, shortened.
        text: String,
        /// What would be right.
        help: String,
    },
    /// Everything will be over by then.
    AfterTheEnd {
        /// The time.
        at: SimTime,
        /// When everything is over.
        end: SimTime,
    },
    /// Its time is not to come.
    Past {
        /// The time.
        at: SimTime,
        /// The time that it is.
        now: SimTime,
    },
    /// What it would do, or how long it is to hold, lasts no time at all.
    NoTime,
    /// There is no trigger of that number.
    NoSuchTrigger(u32),
    /// It has been decided.
    Over(u32),
}

impl std::fmt::Display for TriggerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownSignal { name, near: Some(near) } => {
                write!(f, "\"{name}\" is no signal; did you mean `{near}`?")
            }
            Self::UnknownSignal { name, near: None } => {
                write!(f, "\"{name}\" is no signal; write a metric and of what, such as `error-ratio of api`")
            }
            Self::NotShown { signal, shown } if shown.is_empty() => {
                write!(f, "no dashboard shows {signal}, nor anything else of it; look at what calls it")
            }
            Self::NotShown { signal, shown } => {
                write!(f, "no dashboard shows {signal}; what is shown of it: {}", shown.join(", "))
            }
            Self::NoSide => write!(f, "a trigger has either `above` or `below`, with an amount"),
            Self::BadAmount { text, help } => write!(f, "\"{text}\" is no amount of that signal: {help}"),
            Self::Past { at, now } => write!(f, "it is {now} already; {at} is not to come, name a later time"),
            Self::AfterTheEnd { at, end } => {
                write!(f, "everything is over at {end}, and {at} is later; name an earlier time")
            }
            Self::NoTime => {
                write!(f, "a time-box and a time for which it is to hold are longer than nothing, such as 3m")
            }
            Self::NoSuchTrigger(number) => write!(f, "there is no trigger {number}"),
            Self::Over(number) => write!(f, "trigger {number} has been decided already"),
        }
    }
}

impl std::error::Error for TriggerError {}

/// What a trigger is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Condition {
    signal: Signal,
    above: bool,
    amount: f64,
}

/// What can be named and seen where a trigger is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) system: &'a SystemSpec,
    pub(crate) populations: &'a Table<PopulationSpec>,
    pub(crate) monitoring: &'a MonitoringSpec,
    /// When everything is over.
    pub(crate) end: SimTime,
}

impl Known<'_> {
    /// The names of all signals that dashboards show.
    fn shown(&self) -> Vec<String> {
        let Self { system, populations, monitoring, .. } = self;
        let services = system.services.ids().map(Subject::Service);
        let endpoints = system.endpoints.ids().map(Subject::Endpoint);
        let dependencies = system.dependencies.ids().map(Subject::Dependency);
        let all = services.chain(endpoints).chain(dependencies).chain(populations.ids().map(Subject::Population));
        let signals = all.flat_map(|subject| {
            let metrics = monitoring.instrumented(subject, system);
            metrics.iter().map(move |metric| Signal { metric: *metric, subject }.name(system, populations))
        });
        signals.collect()
    }

    fn signal(&self, text: &str) -> Result<Signal, TriggerError> {
        let Some(signal) = Signal::find(text, self.system, self.populations) else {
            let shown = self.shown();
            let near = suggest(text, shown.iter().map(String::as_str)).map(str::to_owned);
            return Err(TriggerError::UnknownSignal { name: quoted(text), near });
        };
        let shown = self.monitoring.instrumented(signal.subject, self.system);
        if shown.contains(&signal.metric) {
            return Ok(signal);
        }
        let shown = shown.iter().map(|metric| metric.name()).collect();
        Err(TriggerError::NotShown { signal: signal.name(self.system, self.populations), shown })
    }
}

impl Trigger {
    /// The same with every name looked up.
    pub(crate) fn resolve(&self, known: Known<'_>, now: SimTime) -> Result<Condition, TriggerError> {
        let signal = known.signal(&self.signal)?;
        let (above, text) = match (&self.above, &self.below) {
            (Some(text), None) => (true, text),
            (None, Some(text)) => (false, text),
            _ => return Err(TriggerError::NoSide),
        };
        let amount = signal.metric.unit().read(text);
        let amount = amount.map_err(|help| TriggerError::BadAmount { text: quoted(text), help })?;
        if self.at <= now {
            return Err(TriggerError::Past { at: self.at, now });
        }
        if self.at > known.end {
            return Err(TriggerError::AfterTheEnd { at: self.at, end: known.end });
        }
        if self.holds.is_some_and(SimDuration::is_zero) || self.then.time_box.is_some_and(SimDuration::is_zero) {
            return Err(TriggerError::NoTime);
        }
        Ok(Condition { signal, above, amount })
    }

    /// What a dashboard is to show, in words.
    fn condition(&self) -> String {
        let side = |word: &str, text: &Option<String>| text.as_ref().map(|text| format!(" {word} {text}"));
        let amount = side("above", &self.above).or_else(|| side("below", &self.below)).unwrap_or_default();
        format!("{}{amount}", self.signal)
    }
}

/// All switch triggers there ever were, in the order in which they were set.
#[derive(Clone, Debug, Default, PartialEq, Resource, Serialize, Deserialize)]
pub struct Triggers {
    all: Vec<SetTrigger>,
}

/// A trigger that was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SetTrigger {
    /// The position in the log of the command that set it.
    command: usize,
    set: SimTime,
    at: SimTime,
    holds: Option<SimDuration>,
    condition: Condition,
    /// Since when it has held.
    since: Option<SimTime>,
    state: TriggerState,
    decided: Option<SimTime>,
    remark: String,
}

/// A trigger that has just been decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Its number.
    pub(crate) number: u32,
    /// The position in the log of the command that set it.
    pub(crate) command: usize,
    /// Whether it was met.
    pub(crate) met: bool,
}

impl Triggers {
    /// A trigger is set, by the command at that position of the log.
    pub(crate) fn set(&mut self, trigger: &Trigger, condition: Condition, (command, now): (usize, SimTime)) {
        self.all.push(SetTrigger {
            command,
            set: now,
            at: trigger.at,
            holds: trigger.holds,
            condition,
            since: None,
            state: TriggerState::Open,
            decided: None,
            remark: String::new(),
        });
    }

    /// Takes a trigger back.
    pub(crate) fn withdraw(&mut self, number: u32, now: SimTime) -> Result<(), TriggerError> {
        let trigger = self.all.get_mut(number as usize).ok_or(TriggerError::NoSuchTrigger(number))?;
        if trigger.state != TriggerState::Open {
            return Err(TriggerError::Over(number));
        }
        trigger.decide(TriggerState::Withdrawn, now);
        Ok(())
    }

    /// The number of each that is open, and the position in the log of the command that set it.
    pub(crate) fn open(&self) -> impl Iterator<Item = (u32, usize)> {
        let open = (0..).zip(&self.all).filter(|(_, trigger)| trigger.state == TriggerState::Open);
        open.map(|(number, trigger)| (number, trigger.command))
    }

    /// Whether any is open.
    #[must_use]
    pub fn any_open(&self) -> bool {
        self.all.iter().any(|trigger| trigger.state == TriggerState::Open)
    }

    /// How many of those that are known by their number have been decided.
    pub(crate) fn decided(&self, is_known: impl Fn(u32) -> bool) -> usize {
        let decided = (0..).zip(&self.all).filter(|(_, trigger)| trigger.state != TriggerState::Open);
        decided.filter(|(number, _)| is_known(*number)).count()
    }

    /// A second has passed: looks at every open trigger but those that nobody looks at, for which `neglected` tells why by their number
    /// and the position of their command.
    pub(crate) fn look(
        &mut self,
        seen: &Observation,
        known: Known<'_>,
        neglected: impl Fn(u32, usize) -> Option<&'static str>,
    ) -> Vec<Decided> {
        let mut decided = Vec::new();
        let open = (0..).zip(&mut self.all).filter(|(_, trigger)| trigger.state == TriggerState::Open);
        for (number, trigger) in open {
            let state = match neglected(number, trigger.command) {
                None => trigger.look(seen, known),
                Some(why) if trigger.at <= seen.now => {
                    why.clone_into(&mut trigger.remark);
                    TriggerState::Lapsed
                }
                Some(_) => {
                    trigger.since = None;
                    TriggerState::Open
                }
            };
            if state != TriggerState::Open {
                trigger.decide(state, seen.now);
                let met = state == TriggerState::Met;
                decided.push(Decided { number, command: trigger.command, met });
            }
        }
        decided
    }

    /// Why the option of one that was met could not be ordered.
    pub(crate) fn refused(&mut self, number: u32, why: String) {
        self.all[number as usize].remark = why;
    }

    /// What the lead sees of them; `said` knows what a command of the log said.
    pub(crate) fn view<'a>(&self, said: impl Fn(usize) -> Option<&'a Trigger>) -> Vec<TriggerView> {
        let view = |(number, trigger): (u32, &SetTrigger)| {
            let said = said(trigger.command)?;
            Some(TriggerView {
                number,
                set: trigger.set,
                condition: said.condition(),
                at: trigger.at,
                holds: trigger.holds,
                option: said.then.option.clone(),
                owner: said.then.owner.clone(),
                state: trigger.state,
                decided: trigger.decided,
                remark: trigger.remark.clone(),
            })
        };
        (0..).zip(&self.all).filter_map(view).collect()
    }
}

impl SetTrigger {
    fn decide(&mut self, state: TriggerState, now: SimTime) {
        (self.state, self.decided) = (state, Some(now));
    }

    fn look(&mut self, seen: &Observation, known: Known<'_>) -> TriggerState {
        let Condition { signal, above, amount } = self.condition;
        let place = Place::of(&signal.subject.name(known.system, known.populations));
        let value = reading(seen, &place, signal.metric);
        let holds = value.is_some_and(|value| if above { value > amount } else { value < amount });
        self.since = holds.then(|| self.since.unwrap_or(seen.now));
        let due = self.at <= seen.now;
        let met = match (self.holds, self.since) {
            (None, _) => due && holds,
            (Some(span), Some(since)) => seen.now.since(since) >= span,
            (Some(_), None) => false,
        };
        match (met, due) {
            (true, _) => TriggerState::Met,
            (false, true) => TriggerState::Lapsed,
            (false, false) => TriggerState::Open,
        }
    }
}
