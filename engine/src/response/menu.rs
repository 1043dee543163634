//! The menu: options with the estimates that a real team would have.
//!
//! An option says what would be done and how long it should take; what comes of it, the mechanism decides.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{Deploys, Hotfix, RolloutSpec, ServiceSpec, System, Verb};
use crate::units::SimDuration;

use super::people::{Habits, Work, WorkKind};

/// Everything that can be ordered at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Menu {
    /// The options, in a fixed order.
    pub options: Vec<MenuOption>,
}

/// One option of a menu.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MenuOption {
    /// The name by which it is taken: `roll-back registry`.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// The kind of action.
    pub action: Action,
    /// What it is done to.
    pub service: Id<ServiceSpec>,
    /// How long it should take until it is done, on average.
    pub estimate: SimDuration,
}

/// The kinds of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Back to the version before.
    RollBack,
    /// A fix that has yet to be written.
    Hotfix,
    /// The same version, started anew.
    Restart,
}

/// A hotfix that can be ordered, with its name and title.
#[derive(Clone, Copy, Debug)]
pub struct HotfixOffer<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the team says it would do.
    pub title: &'a str,
    /// The order.
    pub hotfix: &'a Hotfix,
}

impl Menu {
    /// What can be ordered now. Each hotfix can be ordered once.
    #[must_use]
    pub fn of(system: &System, deploys: &Deploys, hotfixes: &[HotfixOffer<'_>]) -> Self {
        let services = system.services.ids();
        let mut options: Vec<MenuOption> = services
            .clone()
            .filter(|id| deploys.can_roll_back(*id))
            .map(|id| option(system, id, Action::RollBack))
            .collect();
        let ordered = |offer: &HotfixOffer<'_>| deploys.hotfixes.iter().any(|work| work.hotfix.name == offer.name);
        options.extend(hotfixes.iter().filter(|offer| !ordered(offer)).map(|offer| hotfix_option(system, offer)));
        options.extend(services.map(|id| option(system, id, Action::Restart)));
        Self { options }
    }

    /// The option with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&MenuOption> {
        self.options.iter().find(|option| option.name == name)
    }
}

impl MenuOption {
    /// The order that takes this option.
    #[must_use]
    pub fn verb(&self, hotfixes: &[HotfixOffer<'_>]) -> Option<Verb> {
        match self.action {
            Action::RollBack => Some(Verb::RollBack { service: self.service }),
            Action::Restart => Some(Verb::Restart { service: self.service, instance: None }),
            Action::Hotfix => {
                let wanted = hotfixes.iter().find(|offer| self.name == hotfix_name(offer.name));
                wanted.map(|offer| Verb::Hotfix(offer.hotfix.clone()))
            }
        }
    }
}

impl MenuOption {
    /// What somebody has to do by hand to take this option.
    #[must_use]
    pub fn work(&self, hotfixes: &[HotfixOffer<'_>], habits: &Habits) -> Work {
        let written = hotfixes.iter().find(|offer| self.name == hotfix_name(offer.name));
        let (kind, effort) = match written {
            Some(offer) => (WorkKind::Writing, offer.hotfix.duration.clone()),
            None => (WorkKind::HandsOn, habits.hands_on.clone()),
        };
        Work { title: self.name.clone(), service: Some(self.service), kind, effort }
    }
}

fn hotfix_name(name: &str) -> String {
    format!("hotfix {name}")
}

fn option(system: &System, service: Id<ServiceSpec>, action: Action) -> MenuOption {
    let name = &system.services[service].name;
    let (verb, title, preparation) = match action {
        Action::RollBack => ("roll-back", format!("Roll {name} back to the version before"), true),
        Action::Restart | Action::Hotfix => ("restart", format!("Restart all instances of {name}"), false),
    };
    let estimate = rollout_estimate(system, service, preparation);
    MenuOption { name: format!("{verb} {name}"), title, action, service, estimate }
}

fn hotfix_option(system: &System, offer: &HotfixOffer<'_>) -> MenuOption {
    let service = offer.hotfix.service;
    let writing = SimDuration::from_nanos_f64(offer.hotfix.duration.mean());
    let estimate = writing.saturating_add(rollout_estimate(system, service, true));
    let (name, title) = (hotfix_name(offer.name), offer.title.to_owned());
    MenuOption { name, title, action: Action::Hotfix, service, estimate }
}

/// How long a roll-out takes when every instance drains in half of its time.
fn rollout_estimate(system: &System, service: Id<ServiceSpec>, preparation: bool) -> SimDuration {
    let spec = &system.services[service];
    let RolloutSpec { preparation: prepare, batch, drain, pause } = &spec.rollout;
    let batches = f64::from(spec.instances.div_ceil((*batch).max(1)));
    let each = spec.start_time.mean() + drain.as_nanos() as f64 / 2.0;
    let pauses = (batches - 1.0).max(0.0) * pause.as_nanos() as f64;
    let prepared = if preparation { prepare.mean() } else { 0.0 };
    SimDuration::from_nanos_f64(prepared + batches * each + pauses)
}
