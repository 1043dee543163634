//! Policies: decision rules that see what a player sees, and choose from the same menu.

mod alarm;
mod first_response;
mod staffing;
mod suspects;
#[cfg(test)]
mod views;

pub use first_response::FirstResponse;
pub use staffing::Staffed;

use crate::observe::Observation;
use crate::response::{Command, Menu};

/// A rule that decides what to do, asked after each scrape.
pub trait Policy: std::fmt::Debug {
    /// What to do now, in order.
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command>;
}

/// The policy that never does anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inaction;

impl Policy for Inaction {
    fn decide(&mut self, _: &Observation, _: &Menu) -> Vec<Command> {
        Vec::new()
    }
}

/// A built-in policy by its name.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// The name by which it is chosen.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    make: fn() -> Box<dyn Policy>,
}

impl BuiltIn {
    /// Every built-in policy.
    pub const ALL: [Self; 3] = [
        Self { name: "none", summary: "does nothing", make: || Box::new(Inaction) },
        Self {
            name: "rollback-first",
            summary: "rolls back what changed last, then what changed before it; a hotfix only where nothing has changed",
            make: || Box::new(Staffed::new(Box::new(FirstResponse::rollback_first()))),
        },
        Self {
            name: "hotfix-first",
            summary: "orders a hotfix for what changed last; rolls back if it does not help, or is 5 minutes past 1.5x its estimate",
            make: || Box::new(Staffed::new(Box::new(FirstResponse::hotfix_first()))),
        },
    ];

    /// The policy, at its start.
    #[must_use]
    pub fn start(&self) -> Box<dyn Policy> {
        (self.make)()
    }

    /// The built-in policy of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[BuiltIn] = &BuiltIn::ALL;
        ALL.iter().find(|policy| policy.name == name)
    }
}
