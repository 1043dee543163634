//! Who leads a run, as it is named on the command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use brownout::Session;
use brownout::oracle::{Oracle, OracleSpec};
use brownout::policy::{BuiltIn, Policy, Runbook};
use brownout::units::SimTime;
use brownout_lab::{External, Hello};

use crate::failure::Failure;
use crate::{input, report};

/// How a policy from a rule file is named.
const RUNBOOK: &str = "runbook:";
/// How a policy that is a program is named.
const EXEC: &str = "exec:";

/// Who leads, by the name of the policy.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    BuiltIn(&'static BuiltIn),
    Runbook(PathBuf),
    External(String),
    Oracle,
}

impl Named {
    pub(crate) fn find(name: &str) -> Result<Self, Failure> {
        if let Some(path) = name.strip_prefix(RUNBOOK) {
            return Ok(Self::Runbook(PathBuf::from(path)));
        }
        if let Some(command) = name.strip_prefix(EXEC) {
            return Ok(Self::External(command.to_owned()));
        }
        if name == Oracle::NAME {
            return Ok(Self::Oracle);
        }
        let mut known: Vec<&str> = BuiltIn::ALL.iter().map(|policy| policy.name).collect();
        known.extend(["runbook:FILE", "exec:COMMAND", Oracle::NAME]);
        BuiltIn::find(name).map(Self::BuiltIn).ok_or_else(|| Failure::unknown("policy", name, &known))
    }

    /// The file that it is read from.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Runbook(path) => Some(path),
            Self::BuiltIn(_) | Self::External(_) | Self::Oracle => None,
        }
    }

    /// The policy as it will lead a session, which is at its start: rule files are checked against what can be seen and done then.
    pub(crate) fn prepare(self, session: &Session) -> Result<Prepared, Failure> {
        Ok(match self {
            Self::BuiltIn(policy) => Prepared::BuiltIn(policy),
            Self::External(command) => Prepared::External(command),
            Self::Oracle => {
                report::say(
                    "note: the oracle sees the hidden truth and what is to come; it is a bound, and no policy to compare with",
                );
                Prepared::Oracle
            }
            Self::Runbook(path) => {
                let (runbook, warnings) = session.runbook(&input::rule_file(&path)?)?;
                report::findings(&warnings);
                Prepared::Runbook(Box::new(runbook))
            }
        })
    }
}

/// A policy that is ready to lead.
#[derive(Clone, Debug)]
pub(crate) enum Prepared {
    BuiltIn(&'static BuiltIn),
    Runbook(Box<Runbook>),
    External(String),
    Oracle,
}

impl Prepared {
    /// The policy at its start; a program has so long for each answer.
    pub(crate) fn start(&self, session: &Session, seed: u64, limit: Duration) -> Result<Leader, Failure> {
        Ok(match self {
            Self::BuiltIn(policy) => Leader::Inside(policy.start(seed)),
            Self::Runbook(runbook) => Leader::Inside(runbook.clone()),
            Self::Oracle => Leader::Seeing(Oracle::new(OracleSpec::default())),
            Self::External(command) => {
                let scenario = session.simulation().scenario();
                let hello = Hello::new(scenario.name.clone(), scenario.monitoring.scrape_interval);
                Leader::Outside(External::start(command, &hello, limit).map_err(failure)?)
            }
        })
    }
}

/// A policy that leads.
#[derive(Debug)]
pub(crate) enum Leader {
    Inside(Box<dyn Policy>),
    Outside(External),
    Seeing(Oracle),
}

impl Leader {
    /// Leads a session until an instant.
    pub(crate) fn lead(&mut self, session: &mut Session, until: SimTime) {
        match self {
            Self::Inside(policy) => session.lead_until(&mut **policy, until),
            Self::Outside(program) => session.lead_until(program, until),
            Self::Seeing(oracle) => {
                let spacing = oracle.spec().spacing;
                session.lead_seeing_until(spacing, |truth| oracle.decide(truth), until);
            }
        }
    }

    /// Whether it can go on leading.
    pub(crate) const fn has_failed(&self) -> bool {
        match self {
            Self::Inside(_) | Self::Seeing(_) => false,
            Self::Outside(program) => program.failure().is_some(),
        }
    }

    /// It leads no more.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Inside(_) | Self::Seeing(_) => Ok(()),
            Self::Outside(program) => program.finish().map_err(failure),
        }
    }
}

fn failure(error: brownout_lab::ExternalError) -> Failure {
    Failure::Input(error.to_string())
}
