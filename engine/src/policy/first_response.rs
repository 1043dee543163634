//! Two simple leads: one rolls back first and writes a hotfix if that does not help, the other the other way round.

use std::cmp::Reverse;

use crate::observe::Observation;
use crate::response::{Action, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;

/// How long to wait beyond an action's estimate before something else is tried.
const PATIENCE: SimDuration = SimDuration::from_secs(5 * 60);

/// Does one kind of action for what is sick, then the other kind.
#[derive(Clone, Debug)]
pub struct FirstResponse {
    order: [Action; 2],
    alarm: Alarm,
    /// The options taken, by name.
    taken: Vec<String>,
    /// Not before this instant is anything further tried.
    wait_until: SimTime,
}

impl FirstResponse {
    /// Rolls back first.
    #[must_use]
    pub fn rollback_first() -> Self {
        Self::new([Action::RollBack, Action::Hotfix])
    }

    /// Orders a hotfix first.
    #[must_use]
    pub fn hotfix_first() -> Self {
        Self::new([Action::Hotfix, Action::RollBack])
    }

    fn new(order: [Action; 2]) -> Self {
        Self { order, alarm: Alarm::default(), taken: Vec::new(), wait_until: SimTime::ZERO }
    }

    /// The best untried option of a kind: for a sick service before any other, for what changed last before what changed
    /// earlier, for the service nearest to users (listed first) on a tie, and the quicker one of two for the same.
    fn choose<'a>(&self, action: Action, observation: &Observation, menu: &'a Menu) -> Option<&'a MenuOption> {
        let untried =
            menu.options.iter().filter(|option| option.action == action && !self.taken.contains(&option.name));
        let changed = |option: &MenuOption| {
            let mut changes = observation.changes.iter().rev();
            changes.find(|change| change.service == option.service && !change.back).map(|change| change.at)
        };
        untried.max_by_key(|option| {
            let sick = self.alarm.is_sick(option.service.index());
            let (near, quick) = (Reverse(option.service), Reverse(option.estimate));
            (sick && changed(option).is_some(), changed(option), sick, near, quick)
        })
    }
}

impl Policy for FirstResponse {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<String> {
        self.alarm.observe(observation);
        let sick = observation.services.iter().any(|view| self.alarm.is_sick(view.service.index()));
        if !sick || observation.now < self.wait_until {
            return Vec::new();
        }
        let Some(option) = self.order.iter().find_map(|action| self.choose(*action, observation, menu)) else {
            return Vec::new();
        };
        self.wait_until = observation.now.saturating_add(option.estimate).saturating_add(PATIENCE);
        self.taken.push(option.name.clone());
        vec![option.name.clone()]
    }
}
