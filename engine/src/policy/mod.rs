//! Policies: decision rules that see what a player sees, and choose from the same menu.

mod alarm;
mod communicate_only;
mod cue;
mod extent;
mod first_response;
mod greedy_information;
mod random;
mod restart_first;
mod runbook;
mod scale_first;
mod shed_first;
mod staffing;
mod suspects;
#[cfg(test)]
mod views;

pub use communicate_only::CommunicateOnly;
pub use cue::Cue;
pub use first_response::FirstResponse;
pub use greedy_information::GreedyInformation;
pub use random::Random;
pub use restart_first::RestartFirst;
pub use runbook::{Names, Runbook};
pub use scale_first::ScaleFirst;
pub use shed_first::ShedFirst;
pub use staffing::Staffed;
pub(crate) use staffing::in_the_best_hands;

use crate::observe::Observation;
use crate::response::{Command, Menu};

/// A rule that decides what to do, asked whenever there is something new to see or hear: at each [`Cue`].
pub trait Policy: std::fmt::Debug {
    /// Why it is asked next; most policies do not mind.
    fn attend(&mut self, _because: &[Cue]) {}

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
    make: fn(u64) -> Box<dyn Policy>,
}

impl BuiltIn {
    /// Every built-in policy.
    pub const ALL: [Self; 9] = [
        Self { name: "none", summary: "does nothing", make: |_| Box::new(Inaction) },
        Self {
            name: "rollback-first",
            summary: "rolls back what changed last, then what changed before it; a hotfix only where nothing has changed",
            make: |_| Staffed::boxed(FirstResponse::rollback_first()),
        },
        Self {
            name: "hotfix-first",
            summary: "orders a hotfix for what changed last; rolls back if it does not help, or is 5 minutes past 1.5x its estimate",
            make: |_| Staffed::boxed(FirstResponse::hotfix_first()),
        },
        Self {
            name: "restart-first",
            summary: "restarts what is sick, nearest to users first, one service each time and five minutes for it to show",
            make: |_| Staffed::boxed(RestartFirst::default()),
        },
        Self {
            name: "scale-first",
            summary: "adds half as many instances again to the busiest service that is sick, until nothing is",
            make: |_| Staffed::boxed(ScaleFirst::default()),
        },
        Self {
            name: "shed-first",
            summary: "turns users away in steps while the system is overloaded, and lets them in again in steps when it is well",
            make: |_| Staffed::boxed(ShedFirst::default()),
        },
        Self {
            name: "greedy-information",
            summary: "asks the instrument that tells most a second, until one class of causes is likely, and acts on that",
            make: |_| Staffed::boxed(GreedyInformation::default()),
        },
        Self {
            name: "communicate-only",
            summary: "declares, says what the dashboards show and when there will be more, keeps its promises, and does nothing else",
            make: |_| Box::new(CommunicateOnly::default()),
        },
        Self {
            name: "random",
            summary: "takes any option with any arguments, every two minutes on average, by the run's seed",
            make: |seed| Box::new(Random::new(seed)),
        },
    ];

    /// The policy, at its start. What it decides by chance, it draws from this seed, which has nothing to do with the run's; most
    /// policies leave nothing to chance.
    #[must_use]
    pub fn start(&self, seed: u64) -> Box<dyn Policy> {
        (self.make)(seed)
    }

    /// The built-in policy of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[BuiltIn] = &BuiltIn::ALL;
        ALL.iter().find(|policy| policy.name == name)
    }
}
