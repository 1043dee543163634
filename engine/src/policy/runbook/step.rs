//! Steps: what rules do.

use std::collections::BTreeMap;

use crate::observe::Observation;
use crate::policy::extent::seen_to_fail;
use crate::policy::staffing::Staffing;
use crate::response::comms::{Audience, Extent, Statement};
use crate::response::people::Severity;
use crate::response::{Command, Menu};
use crate::units::SimDuration;

use super::condition::Test;

/// A step with every name looked up.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// An option with its arguments.
    Act(String, BTreeMap<String, String>, How),
    /// A choice by a matrix, by its dense index.
    Choose(usize, How),
    If(Test, Vec<Step>, Vec<Step>),
    Page(String),
    /// Whoever works at this option is asked.
    CheckIn(String),
    Declare(Severity),
    Say(Box<Saying>),
    Wait(SimDuration),
}

/// How something gets done.
#[derive(Clone, Debug)]
pub(super) struct How {
    pub(super) owner: Owner,
    pub(super) time_box: Option<SimDuration>,
}

/// Who does something.
#[derive(Clone, Debug)]
pub(super) enum Owner {
    Best,
    Lead,
    Person(String),
}

/// A statement, and to whom.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    pub(super) to: Audience,
    /// Its impact is left open where it is to be what is seen then.
    pub(super) statement: Statement,
    pub(super) impact_as_seen: bool,
    pub(super) by: Option<String>,
}

/// Options with their scores.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    /// The best one first; of equals, as in the file.
    pub(super) options: Vec<(String, f64)>,
    /// By option, whether it has been taken.
    pub(super) taken: Vec<bool>,
}

impl Matrix {
    /// The best option that is on the menu and has not been taken.
    fn choose(&mut self, menu: &Menu) -> Option<(String, f64)> {
        let free = |at: &usize| !self.taken[*at] && menu.find(&self.options[*at].0).is_some();
        let at = (0..self.options.len()).find(free)?;
        self.taken[at] = true;
        Some(self.options[at].clone())
    }
}

/// Where a step is taken.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    /// The name of the rule.
    pub(super) rule: &'a str,
    pub(super) observation: &'a Observation,
    pub(super) menu: &'a Menu,
    pub(super) matrices: &'a mut [Matrix],
    pub(super) staffing: &'a mut Staffing,
}

impl Step {
    /// The command that it comes to now, unless somebody has to be found for it first. Branches and waits come to none.
    pub(super) fn take(self, stage: Stage<'_>) -> Option<Command> {
        match self {
            Self::Act(option, arguments, how) => stage.act(option, arguments, how, String::new()),
            Self::Choose(matrix, how) => {
                let (option, score) = stage.matrices.get_mut(matrix)?.choose(stage.menu)?;
                stage.act(option, BTreeMap::new(), how, format!(", scores {score:.2}"))
            }
            Self::Page(whom) => Some(Command::Page { whom }),
            Self::CheckIn(option) => {
                let tasks = &stage.observation.people.as_ref()?.tasks;
                let open = |task: &&crate::observe::TaskView| task.title == option && !task.state.is_over();
                let task = tasks.iter().rev().filter(|task| task.owner.is_some()).find(open)?;
                Some(Command::CheckIn { task: task.number })
            }
            Self::Declare(severity) => Some(Command::Declare { severity }),
            Self::Say(saying) => {
                let Saying { to, mut statement, impact_as_seen, by } = *saying;
                if impact_as_seen {
                    statement.impact = seen_to_fail(stage.observation, stage.menu).map(Extent::of);
                }
                Some(Command::Say { to, statement, by })
            }
            Self::If(..) | Self::Wait(_) => None,
        }
    }
}

impl Stage<'_> {
    /// Takes an option. One that is not on the menu is asked for all the same: the refusal is in the record.
    fn act(self, option: String, arguments: BTreeMap<String, String>, how: How, why: String) -> Option<Command> {
        let alone = self.observation.people.is_none();
        let offered = self.menu.find(&option).is_some();
        let owner = match &how.owner {
            Owner::Person(name) if !alone => Some(name.clone()),
            _ => None,
        };
        let time_box = how.time_box.filter(|_| !alone && !matches!(how.owner, Owner::Lead));
        let reason = format!("rule {}{why}", self.rule);
        let act = Command::Act { option, arguments, reason, owner, time_box, belief: None };
        if matches!(how.owner, Owner::Best) && !alone && offered {
            self.staffing.give(act, self.observation.now);
            return None;
        }
        Some(act)
    }
}
