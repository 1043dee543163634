//! A lead that goes by a rule file: conditions over what can be seen, and what is done when they hold.
//!
//! Whenever it is asked every condition is looked at, and the rules in the order of the file. A rule whose condition holds acts
//! once, or again after a pause. What it does is a list: options taken, people paged, words said, waits, branches, and choices
//! by weighted scores. Everything that a file names is looked up before the start, in what can be seen and done then.

mod condition;
mod document;
mod option;
mod resolve;
mod signal;
mod step;

pub use resolve::Names;

use std::collections::VecDeque;

use crate::observe::Observation;
use crate::response::{Command, Menu};
use crate::text::{Diagnostics, Read, Source, read};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::staffing::Staffing;
use condition::{Facts, Test, Watch};
use step::{Matrix, Stage, Step};

/// A policy that goes by a rule file.
#[derive(Clone, Debug)]
pub struct Runbook {
    rules: Vec<Rule>,
    watches: Vec<Watch>,
    matrices: Vec<Matrix>,
    /// By rule: when it last acted.
    acted: Vec<Option<SimTime>>,
    /// What rules have begun and not finished.
    under_way: Vec<UnderWay>,
    staffing: Staffing,
}

/// A rule with every name looked up.
#[derive(Clone, Debug)]
struct Rule {
    name: String,
    when: Test,
    then: Vec<Step>,
    again_after: Option<SimDuration>,
}

/// A rule at work.
#[derive(Clone, Debug)]
struct UnderWay {
    /// Its dense index.
    rule: usize,
    todo: VecDeque<Step>,
    /// When the next thing is done.
    resumes: SimTime,
}

impl Runbook {
    /// Reads a rule file, with warnings about what will never be done or known where it is to be used.
    ///
    /// # Errors
    /// Everything that is wrong with the file, located; warnings among it.
    pub fn read(source: &Source, names: &Names<'_>) -> Result<(Self, Diagnostics), Diagnostics> {
        let Read { value, mut diagnostics } = read::<document::Runbook>(source);
        let resolved = value.map(|doc| resolve::resolve(&doc, names, &mut diagnostics));
        diagnostics.sort();
        match resolved {
            Some(runbook) if !diagnostics.has_errors() => Ok((runbook, diagnostics)),
            _ => Err(diagnostics),
        }
    }

    fn is_due(&self, rule: usize, facts: Facts<'_>) -> bool {
        let Rule { when, again_after, .. } = &self.rules[rule];
        let rested = match (self.acted[rule], again_after) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(at), Some(pause)) => facts.observation.now.since(at) >= *pause,
        };
        let at_work = self.under_way.iter().any(|one| one.rule == rule);
        rested && !at_work && when.holds(facts)
    }

    /// Lets the rules that are due begin, each seeing those before it.
    fn begin(&mut self, observation: &Observation) {
        for rule in 0..self.rules.len() {
            let facts = Facts { observation, watches: &self.watches, acted: &self.acted };
            if self.is_due(rule, facts) {
                self.acted[rule] = Some(observation.now);
                let todo = self.rules[rule].then.iter().cloned().collect();
                self.under_way.push(UnderWay { rule, todo, resumes: observation.now });
            }
        }
    }

    /// Goes on with what is under way, up to the next wait of each.
    fn go_on(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut under_way = std::mem::take(&mut self.under_way);
        for one in &mut under_way {
            while one.resumes <= observation.now
                && let Some(step) = one.todo.pop_front()
            {
                match step {
                    Step::Wait(span) => one.resumes = observation.now.saturating_add(span),
                    Step::If(test, then, otherwise) => {
                        let facts = Facts { observation, watches: &self.watches, acted: &self.acted };
                        let branch = if test.holds(facts) { then } else { otherwise };
                        branch.into_iter().rev().for_each(|step| one.todo.push_front(step));
                    }
                    other => {
                        let stage = Stage {
                            rule: &self.rules[one.rule].name,
                            observation,
                            menu,
                            matrices: &mut self.matrices,
                            staffing: &mut self.staffing,
                        };
                        commands.extend(other.take(stage));
                    }
                }
            }
        }
        under_way.retain(|one| !one.todo.is_empty());
        self.under_way = under_way;
        commands
    }
}

impl Policy for Runbook {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.watches.iter_mut().for_each(|watch| watch.look(observation));
        self.begin(observation);
        let mut commands = self.go_on(observation, menu);
        if let Some(people) = &observation.people {
            commands.extend(self.staffing.staff(people, menu, observation.now));
        }
        commands
    }
}

#[cfg(test)]
mod tests;
