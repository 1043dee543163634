//! What is asked, and what cannot be.

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::{ServiceSpec, SystemSpec};
use crate::observe::signal::Subject;
use crate::text::suggest;
use crate::traffic::PopulationSpec;
use crate::units::SimDuration;

use super::instrument::Instrument;
use super::spec::EvidenceSpec;

/// A question to an instrument that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub asked: Asked,
    /// Its name: `errors api`.
    pub name: String,
    /// How long it takes somebody who knows the service.
    pub takes: SimDuration,
    /// The service that it is about.
    pub service: Option<Id<ServiceSpec>>,
}

/// Which instrument is asked, and what it is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// One that every system has.
    Of(Instrument, Option<Subject>),
    /// One of the scenario's own, by its position.
    Own(usize),
}

/// An instrument as it is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookOffer {
    /// The name by which it is asked.
    pub instrument: String,
    /// What it shows, in words.
    pub title: String,
    /// What it can be pointed at; empty where there is nothing to be said.
    pub subjects: Vec<String>,
    /// How long it takes somebody who knows the service.
    pub takes: SimDuration,
}

/// Why something cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Nothing is called that.
    UnknownInstrument {
        /// What it was called.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// Nobody has that instrument here.
    NotHere(Instrument),
    /// It has to be pointed at something.
    NoSubject {
        /// The instrument.
        instrument: Instrument,
        /// Something it could be pointed at.
        example: Option<String>,
    },
    /// It cannot be pointed at anything.
    NeedsNoSubject(String),
    /// It cannot be pointed at that.
    UnknownSubject {
        /// The instrument.
        instrument: Instrument,
        /// What it was pointed at.
        subject: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// It shows nothing of that: it is not instrumented here.
    NotInstrumented {
        /// The instrument.
        instrument: Instrument,
        /// What it was pointed at.
        subject: String,
    },
}

impl std::fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let meant =
            |near: &Option<String>| near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        match self {
            Self::UnknownInstrument { name, near } => {
                write!(f, "there is no instrument called {name:?}{}", meant(near))
            }
            Self::NotHere(instrument) => write!(f, "nobody here has `{instrument}`"),
            Self::NoSubject { instrument, example: Some(example) } => {
                write!(f, "`{instrument}` of what? Say for example `{instrument} {example}`")
            }
            Self::NoSubject { instrument, example: None } => {
                write!(f, "there is nothing here that `{instrument}` could show")
            }
            Self::NeedsNoSubject(instrument) => write!(f, "`{instrument}` shows one thing only; leave out of what"),
            Self::UnknownSubject { instrument, subject, near } => {
                write!(f, "`{instrument}` cannot show anything of {subject:?}{}", meant(near))
            }
            Self::NotInstrumented { instrument, subject } => {
                write!(f, "`{instrument}` of {subject} is not instrumented here")
            }
        }
    }
}

impl std::error::Error for EvidenceError {}

impl EvidenceSpec {
    /// The question that an instrument and a subject, by their names, come to. A dependency or population may be named without
    /// the word for what it is.
    ///
    /// # Errors
    /// When there is no such instrument or subject, or it is not instrumented.
    pub fn question(
        &self,
        (system, populations): (&SystemSpec, &Table<PopulationSpec>),
        instrument: &str,
        subject: Option<&str>,
    ) -> Result<Question, EvidenceError> {
        if let Some(position) = self.own.iter().position(|own| own.name == instrument) {
            return match subject {
                Some(_) => Err(EvidenceError::NeedsNoSubject(instrument.to_owned())),
                None => Ok(self.own_question(position)),
            };
        }
        let Some(known) = Instrument::from_name(instrument) else {
            let here = Instrument::ALL.into_iter().filter(|one| self.of(*one).exists).map(|one| -> &str { one.name() });
            let names: Vec<&str> = here.chain(self.own.iter().map(|own| own.name.as_str())).collect();
            let near = suggest(instrument, names);
            let (name, near) = (shorten(instrument), near.map(str::to_owned));
            return Err(EvidenceError::UnknownInstrument { name, near });
        };
        if !self.of(known).exists {
            return Err(EvidenceError::NotHere(known));
        }
        match subject {
            None if !known.has_subjects() => Ok(self.question_of(known, None, (system, populations))),
            Some(_) if !known.has_subjects() => Err(EvidenceError::NeedsNoSubject(instrument.to_owned())),
            None => {
                let example =
                    self.subjects(known, system, populations).first().map(|one| one.name(system, populations));
                Err(EvidenceError::NoSubject { instrument: known, example })
            }
            Some(subject) => self.pointed(known, subject, (system, populations)),
        }
    }

    fn pointed(
        &self,
        instrument: Instrument,
        text: &str,
        (system, populations): (&SystemSpec, &Table<PopulationSpec>),
    ) -> Result<Question, EvidenceError> {
        let all = instrument.subjects(system, populations);
        let names: Vec<String> = all.iter().map(|one| one.name(system, populations)).collect();
        let is = |name: &String| name == text || bare(name) == text;
        let Some(at) = names.iter().position(is) else {
            let near = suggest(text, names.iter().map(|name| bare(name)));
            let holding = || names.iter().map(|name| bare(name)).find(|name| !text.is_empty() && name.contains(text));
            let near = near.or_else(holding).map(str::to_owned);
            return Err(EvidenceError::UnknownSubject { instrument, subject: shorten(text), near });
        };
        if self.of(instrument).blind.contains(&all[at]) {
            return Err(EvidenceError::NotInstrumented { instrument, subject: names[at].clone() });
        }
        Ok(self.question_of(instrument, Some(all[at]), (system, populations)))
    }

    fn question_of(
        &self,
        instrument: Instrument,
        subject: Option<Subject>,
        (system, populations): (&SystemSpec, &Table<PopulationSpec>),
    ) -> Question {
        let of = subject.map(|subject| format!(" {}", subject.name(system, populations))).unwrap_or_default();
        Question {
            asked: Asked::Of(instrument, subject),
            name: format!("{instrument}{of}"),
            takes: self.of(instrument).takes,
            service: subject.and_then(|subject| subject.service(system)),
        }
    }

    fn own_question(&self, position: usize) -> Question {
        let own = &self.own[position];
        Question { asked: Asked::Own(position), name: own.name.clone(), takes: own.takes, service: None }
    }

    /// What an instrument can be pointed at here.
    fn subjects(
        &self,
        instrument: Instrument,
        system: &SystemSpec,
        populations: &Table<PopulationSpec>,
    ) -> Vec<Subject> {
        let mut subjects = instrument.subjects(system, populations);
        subjects.retain(|subject| !self.of(instrument).blind.contains(subject));
        subjects
    }

    /// Every instrument that can be asked here, with what it can be pointed at.
    #[must_use]
    pub fn offers(&self, system: &SystemSpec, populations: &Table<PopulationSpec>) -> Vec<LookOffer> {
        let there = Instrument::ALL.into_iter().filter(|one| self.of(*one).exists);
        let offer = |one: Instrument| {
            let subjects = self.subjects(one, system, populations);
            (!one.has_subjects() || !subjects.is_empty()).then(|| LookOffer {
                instrument: one.name().to_owned(),
                title: one.title().to_owned(),
                subjects: subjects.iter().map(|subject| subject.name(system, populations)).collect(),
                takes: self.of(one).takes,
            })
        };
        let own = self.own.iter().map(|own| LookOffer {
            instrument: own.name.clone(),
            title: own.title.clone(),
            subjects: Vec::new(),
            takes: own.takes,
        });
        there.filter_map(offer).chain(own).collect()
    }
}

/// The name of a subject without the word for what it is.
fn bare(name: &str) -> &str {
    name.strip_prefix("dependency ").or_else(|| name.strip_prefix("population ")).unwrap_or(name)
}

/// A text of somebody else's, short enough to be repeated.
fn shorten(text: &str) -> String {
    const MOST: usize = 64;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.to_owned(),
    }
}
