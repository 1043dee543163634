//! Playing a record again: a fresh simulation, the same commands at their instants, and the digest compared.

use std::fmt;
use std::sync::Arc;

use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::text::shown;
use crate::units::{SimDuration, SimTime};

use super::Record;

/// A record being played again, step by step.
#[derive(Debug)]
pub struct Replay<'a> {
    record: &'a Record,
    simulation: Simulation,
    /// How many commands have been given.
    given: usize,
}

/// A record that has been played again to its end.
#[derive(Debug)]
pub struct Replayed {
    /// The simulation as it is then.
    pub simulation: Simulation,
    /// Whether it is the same.
    pub verdict: Verdict,
}

/// Whether a replay came to the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The digests are equal: everything that happened is the same.
    Same,
    /// The digests differ: this is not what happened when the record was written.
    Differs {
        /// The digest in the record.
        recorded: String,
        /// That of the replay.
        replayed: String,
    },
    /// The record has no end, and so no digest to compare with.
    Open,
}

/// Why a record cannot be played again with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The scenario is another one.
    OtherScenario {
        /// The name in the record.
        recorded: String,
        /// The name of the scenario.
        given: String,
    },
    /// The scenario has no variant of that name.
    NoVariant(String),
    /// A line is about an instant beyond the end of the scenario.
    BeyondTheEnd {
        /// Its number.
        line: usize,
        /// The instant.
        at: SimTime,
        /// How long the scenario lasts.
        lasts: SimDuration,
    },
    /// A command was refused then and is accepted now, or the other way round, or for another reason.
    OtherRefusal {
        /// The number of its line.
        line: usize,
        /// Why it was refused then.
        recorded: Option<String>,
        /// Why it is refused now.
        replayed: Option<String>,
    },
    /// The session that should be resumed has come to its end.
    Ended,
}

impl ReplayError {
    /// Whether the replay went another way than the session did, where the others say that it cannot begin.
    #[must_use]
    pub const fn is_difference(&self) -> bool {
        matches!(self, Self::OtherRefusal { .. })
    }

    /// The number of the line of the record that it is about.
    #[must_use]
    pub const fn line(&self) -> usize {
        match self {
            Self::BeyondTheEnd { line, .. } | Self::OtherRefusal { line, .. } => *line,
            _ => 1,
        }
    }
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherScenario { recorded, given } => {
                write!(f, "the record is of scenario {:?}, and this is {:?}", shown(recorded), shown(given))
            }
            Self::NoVariant(name) => write!(f, "the scenario has no variant {:?}", shown(name)),
            Self::BeyondTheEnd { at, lasts, .. } => {
                let at = at.since(SimTime::ZERO);
                write!(f, "the line is about {at}, beyond the end of the scenario, which lasts {lasts}")
            }
            Self::OtherRefusal { recorded, replayed, .. } => {
                let said = |refused: &Option<String>| match refused {
                    Some(why) => format!("refused ({})", shown(why)),
                    None => "accepted".to_owned(),
                };
                write!(f, "the command was {} in the session and is {} in the replay", said(recorded), said(replayed))
            }
            Self::Ended => write!(f, "the session has come to its end; there is nothing to resume"),
        }
    }
}

impl std::error::Error for ReplayError {}

impl Record {
    /// Plays the record again, to its end or, where it has none, to its last command.
    ///
    /// # Errors
    /// When the record does not fit the scenario, or a command is not taken as it was then.
    pub fn replay(&self, scenario: Arc<Scenario>) -> Result<Replayed, ReplayError> {
        Replay::start(self, scenario)?.finish()
    }
}

impl<'a> Replay<'a> {
    /// A replay at its start.
    ///
    /// # Errors
    /// When the record does not fit the scenario. Whether its text is the same is for the shell to compare, which has the hash.
    pub fn start(record: &'a Record, scenario: Arc<Scenario>) -> Result<Self, ReplayError> {
        let header = &record.header;
        if header.scenario != scenario.name {
            let (recorded, given) = (header.scenario.clone(), scenario.name.clone());
            return Err(ReplayError::OtherScenario { recorded, given });
        }
        check_span(record, scenario.duration)?;
        let simulation = match &header.variant {
            None => Simulation::new(scenario, header.seed),
            Some(name) => {
                let variant = scenario.variants.iter().position(|variant| variant.name == *name);
                let variant = variant.ok_or_else(|| ReplayError::NoVariant(name.clone()))?;
                Simulation::with_variant(scenario, header.seed, variant)
            }
        };
        Ok(Self { record, simulation, given: 0 })
    }

    /// The simulation as it is now.
    #[must_use]
    pub const fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Runs until an instant, or to the end of the record where that is earlier. Commands of that instant are given.
    ///
    /// # Errors
    /// When a command is not taken as it was in the session.
    pub fn run_until(&mut self, until: SimTime) -> Result<(), ReplayError> {
        let until = until.min(self.record.until());
        while let Some(logged) = self.record.commands.get(self.given).filter(|logged| logged.at <= until) {
            self.simulation.run_until(logged.at);
            let refused = self.simulation.command(logged.by, logged.command.clone()).err().map(|why| why.to_string());
            self.given += 1;
            if refused != logged.refused {
                let (line, recorded) = (self.record.line_of(self.given - 1), logged.refused.clone());
                return Err(ReplayError::OtherRefusal { line, recorded, replayed: refused });
            }
        }
        self.simulation.run_until(until);
        Ok(())
    }

    /// Runs to the end of the record and compares the digest.
    ///
    /// # Errors
    /// As [`Replay::run_until`].
    pub fn finish(mut self) -> Result<Replayed, ReplayError> {
        self.run_until(SimTime::NEVER)?;
        let verdict = match &self.record.end {
            None => Verdict::Open,
            Some(end) => {
                let (recorded, replayed) = (end.digest.clone(), self.simulation.digest().to_string());
                if recorded == replayed { Verdict::Same } else { Verdict::Differs { recorded, replayed } }
            }
        };
        Ok(Replayed { simulation: self.simulation, verdict })
    }
}

/// A time far beyond the scenario would be simulated to no end.
fn check_span(record: &Record, lasts: SimDuration) -> Result<(), ReplayError> {
    let end = SimTime::ZERO.saturating_add(lasts);
    let commands = record.commands.iter().enumerate().map(|(index, command)| (record.line_of(index), command.at));
    let noted = record.reached.iter().enumerate().map(|(index, reached)| (2 + index + reached.commands, reached.at));
    let last = record.end.as_ref().map(|end| (record.lines(), end.at));
    match commands.chain(noted).chain(last).filter(|(_, at)| *at > end).min() {
        Some((line, at)) => Err(ReplayError::BeyondTheEnd { line, at, lasts }),
        None => Ok(()),
    }
}
