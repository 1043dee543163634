//! Commands: everything that is done from outside while a simulation runs, by whoever leads or facilitates.
//!
//! Scenario, overrides, seed, variant and commands determine a run; they are what a record keeps. A command names things as the
//! scenario and the menu do, so that a record can be read by a person and by another program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::VerbError;
use crate::observe::EvidenceError;
use crate::units::{SimDuration, SimTime};

use super::belief::{Belief, BeliefError};
use super::comms::{Audience, Statement};
use super::people::{Part, PeopleError, Severity, Tone};
use super::trigger::{Order, Trigger, TriggerError};

/// What is said of where errors begin when there are none.
pub const NOWHERE: &str = "none";

/// Something that is done from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Command {
    /// Takes an option of the menu.
    #[serde(rename_all = "kebab-case")]
    Act {
        /// The option, by its name: `roll-back registry`.
        option: String,
        /// What is said for its parameters, as texts with units: `share` is `50%`. What is left out is taken by default.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        arguments: BTreeMap<String, String>,
        /// Why, in words for the record; empty where nobody said. Nothing in the simulation depends on it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// Who is to do it, by name; without, the lead does it with their own hands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// For how long they are to try, before the lead comes back to them.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
        time_box: Option<SimDuration>,
        /// What they thought, for the record; absent where nobody said. Nothing in the simulation depends on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        belief: Option<Box<Belief>>,
    },
    /// Takes an option later, if a dashboard shows something then.
    Trigger(Trigger),
    /// Takes a trigger back.
    Withdraw {
        /// The trigger, by its number.
        trigger: u32,
    },
    /// Tells an audience something.
    Say {
        /// Who is told.
        to: Audience,
        /// What is said.
        statement: Statement,
        /// Who writes it, by name; without, the lead does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Asks an instrument, and reads its answer.
    Look {
        /// The instrument, by its name: `errors`.
        instrument: String,
        /// What it is pointed at, by its name: `api`, `api.get`, `api->db`, `population web`; nothing for `changes`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        /// Who looks, by name; without, the lead does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// Has somebody look for the cause of trouble at a service.
    #[serde(rename_all = "kebab-case")]
    Investigate {
        /// The service, by its name.
        service: String,
        /// Who looks, by name.
        owner: String,
        /// For how long they are to try, before the lead comes back to them.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
        time_box: Option<SimDuration>,
    },
    /// Calls somebody, or whoever is on call for a team.
    Page {
        /// The person or the team, by name.
        whom: String,
    },
    /// Asks the owner of a task how it goes.
    CheckIn {
        /// The task, by its number.
        task: u32,
    },
    /// Gives a task to somebody else.
    Reassign {
        /// The task, by its number.
        task: u32,
        /// Who has it from now on, by name.
        to: String,
        /// What is told of it, so that some of what was done can be used.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Part>,
    },
    /// Hands the lead over to somebody who is there.
    HandOver {
        /// Who leads from then on, by name.
        to: String,
        /// What is told; the rest arrives by chance.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Part>,
    },
    /// Answers somebody who brought bad news.
    Answer {
        /// The news, by its number.
        news: u32,
        /// How.
        tone: Tone,
    },
    /// Calls a task off.
    Cancel {
        /// The task, by its number.
        task: u32,
    },
    /// Lets somebody go.
    Release {
        /// Who, by name.
        whom: String,
    },
    /// Sends a message into the exercise, which wants the lead's attention at once. Only who runs it can.
    Inject {
        /// Who is said to say it.
        from: String,
        /// What they say.
        text: String,
        /// How long it keeps the lead; without, as long as asking somebody how it goes.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
        takes: Option<SimDuration>,
    },
    /// Asks the coach. Nothing in the simulation depends on it.
    Hint {
        /// What the question that came was about, by which it is not asked again.
        about: String,
        /// The question.
        question: String,
    },
    /// Answers a probe, or declines to: what is left out was not answered. It takes no time, and nothing in the simulation depends on it.
    #[serde(rename_all = "kebab-case")]
    Reply {
        /// The probe, by its number.
        probe: u32,
        /// Which share of answers they think were errors, 0 to 1; in the record a text such as `40%`.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "share_text")]
        errors: Option<f64>,
        /// At which service they think the errors begin, by its name, or `none`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        begins: Option<String>,
        /// How likely they think what is asked about the future, 0 to 1; in the record a text such as `70%`.
        #[serde(default, skip_serializing_if = "Option::is_none", with = "share_text")]
        likely: Option<f64>,
    },
    /// Puts a remark into the record. Nothing in the simulation depends on it.
    Note {
        /// What is remarked.
        text: String,
        /// What it marks: `bookmark`, or a row of the rubric with its sign, such as `command+`; without, nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mark: Option<String>,
    },
    /// Says that it is an incident, or how bad it is.
    Declare {
        /// 1 is the worst, 5 the least.
        severity: Severity,
    },
}

/// A span as a person writes it, `"10m"`.
pub(super) mod span_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::units::SimDuration;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(in crate::response) fn serialize<S: Serializer>(
        span: &Option<SimDuration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match span {
            Some(span) => serializer.collect_str(span),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::response) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SimDuration>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = text.parse().map_err(|error: crate::units::UnitError| {
            serde::de::Error::custom(format!("{text:?}: {error}; {}", error.help()))
        })?;
        Ok(Some(span))
    }
}

/// A share as a person writes it, `"70%"`.
pub(super) mod share_text {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::units::Ratio;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(in crate::response) fn serialize<S: Serializer>(share: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match share {
            Some(share) => serializer.collect_str(&Ratio::new(*share)),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::response) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let share: Ratio = text.parse().map_err(|error: crate::units::UnitError| {
            serde::de::Error::custom(format!("{text:?}: {error}; {}", error.help()))
        })?;
        Ok(Some(share.as_fraction()))
    }
}

impl Command {
    /// Takes an option of the menu, and says why.
    #[must_use]
    pub fn act(option: impl Into<String>, reason: impl Into<String>) -> Self {
        let (option, reason) = (option.into(), reason.into());
        Self::Act { option, arguments: BTreeMap::new(), reason, owner: None, time_box: None, belief: None }
    }

    /// Asks an instrument as the lead.
    #[must_use]
    pub fn look(instrument: impl Into<String>, subject: Option<&str>) -> Self {
        Self::Look { instrument: instrument.into(), subject: subject.map(str::to_owned), by: None }
    }

    /// The same with an argument for one of the option's parameters; other commands than [`Command::Act`] stay as they are.
    #[must_use]
    pub fn with(mut self, parameter: impl Into<String>, argument: impl Into<String>) -> Self {
        if let Self::Act { arguments, .. } = &mut self {
            arguments.insert(parameter.into(), argument.into());
        }
        self
    }

    /// The same with what was thought; nothing where nothing is said. Other commands than [`Command::Act`] stay as they are.
    #[must_use]
    pub fn believing(mut self, thought: Belief) -> Self {
        if let Self::Act { belief, .. } = &mut self {
            *belief = (!thought.is_empty()).then(|| Box::new(thought));
        }
        self
    }

    /// Whether every number in it can be written down and read again: weights are finite, shares from 0 to 1.
    pub(crate) fn can_be_written(&self) -> bool {
        let share = |share: &Option<f64>| share.is_none_or(|share| (0.0..=1.0).contains(&share));
        match self {
            Self::Act { belief: Some(belief), .. } => {
                let confidence = belief.confidence.is_none_or(|sure| sure.is_finite() && sure >= 0.0);
                confidence && belief.criteria.values().all(|weight| weight.is_finite())
            }
            Self::Reply { errors, likely, .. } => share(errors) && share(likely),
            _ => true,
        }
    }

    /// Why it was given, in words; `None` where nobody said.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Act { reason, .. } | Self::Trigger(Trigger { then: Order { reason, .. }, .. }) => {
                (!reason.is_empty()).then_some(reason)
            }
            _ => None,
        }
    }

    /// The option that it takes, now or if its trigger is met, with what is said for its parameters.
    #[must_use]
    pub const fn takes(&self) -> Option<(&String, &BTreeMap<String, String>)> {
        match self {
            Self::Act { option, arguments, .. }
            | Self::Trigger(Trigger { then: Order { option, arguments, .. }, .. }) => Some((option, arguments)),
            _ => None,
        }
    }

    /// The trigger that it sets.
    #[must_use]
    pub const fn trigger(&self) -> Option<&Trigger> {
        match self {
            Self::Trigger(trigger) => Some(trigger),
            _ => None,
        }
    }
}

/// Who does something from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// Whoever leads the incident: a person or a policy.
    Lead,
    /// Whoever runs the exercise.
    Facilitator,
}

/// A command as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// When.
    pub at: SimTime,
    /// By whom.
    pub by: Actor,
    /// What.
    pub command: Command,
    /// Why it was refused, in words; `None` when it was accepted. A refused command has changed nothing.
    pub refused: Option<String>,
}

/// Why a command is refused. Nothing has changed then, but for the log, which has it with the refusal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The menu has no option of that name now.
    NotOnTheMenu {
        /// The name, shortened.
        option: String,
        /// The nearest name that it has, if any is near.
        nearest: Option<String>,
    },
    /// An argument is missing, is none of the option's, or is not what it may be.
    BadArgument {
        /// The option.
        option: String,
        /// What is wrong and what would be right, in words.
        problem: String,
    },
    /// The model refuses the order.
    Refused(VerbError),
    /// Somebody has it in hand already.
    InHand(String),
    /// Only who runs the exercise can do that.
    Facilitators,
    /// There is nobody else in this scenario.
    NobodyElse,
    /// Nobody waits for word in this scenario.
    NobodyListens,
    /// It cannot be asked.
    Evidence(EvidenceError),
    /// There is no such service.
    NoSuchService {
        /// What it was called.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// No instrument shows anything of a service.
    NothingToLookAt(String),
    /// It cannot be done with these people now.
    People(PeopleError),
    /// Nobody has asked for it: no such probe is open, or a hint was not had from the coach.
    NotAsked,
    /// A number in it cannot be written down.
    NoNumber,
    /// It is no trigger that can be set or taken back now.
    Trigger(TriggerError),
    /// What is said to have been thought makes no sense.
    Belief(BeliefError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOnTheMenu { option, nearest: None } => write!(f, "\"{option}\" is not on the menu now"),
            Self::NotOnTheMenu { option, nearest: Some(near) } => {
                write!(f, "\"{option}\" is not on the menu now; did you mean `{near}`?")
            }
            Self::BadArgument { option, problem } => write!(f, "{option}: {problem}"),
            Self::Refused(why) => write!(f, "{why}"),
            Self::InHand(option) => write!(f, "somebody has `{option}` in hand already"),
            Self::Facilitators => write!(f, "only whoever runs the exercise sends messages into it"),
            Self::NobodyListens => write!(f, "nobody waits for word in this scenario: it has no audiences"),
            Self::Evidence(why) => write!(f, "{why}"),
            Self::NoSuchService { name, near: Some(near) } => {
                write!(f, "there is no service called {name:?}; did you mean `{near}`?")
            }
            Self::NoSuchService { name, near: None } => write!(f, "there is no service called {name:?}"),
            Self::NothingToLookAt(service) => write!(f, "no instrument here shows anything of {service}"),
            Self::NobodyElse => write!(f, "there is nobody but the lead in this scenario"),
            Self::People(why) => write!(f, "{why}"),
            Self::NotAsked => write!(f, "nobody has asked: no such probe is open, and hints come from the coach"),
            Self::NoNumber => write!(f, "a number in it is none, or a share is not between 0% and 100%"),
            Self::Trigger(why) => write!(f, "{why}"),
            Self::Belief(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Refusal {}
