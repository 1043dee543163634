//! The menu: options with the estimates that a real team would have, and the orders they come to.
//!
//! An option says what would be done, with which parameters, and how long it should take; what comes of it, the mechanism
//! decides. It is taken by its name, with arguments as texts. Menu and orders are made in one pass over what a team knows
//! (`standing`), a file a kind of option, so that what is offered is what can be taken.

mod action;
mod custom;
mod door;
mod edge;
mod estimate;
mod instances;
mod parameter;
mod rollout_time;
mod settings;
mod spec;
mod standing;
mod target;
mod versions;

pub use action::{Action, Group};
pub(crate) use door::limit as rate_limit;
pub(crate) use door::limits as rate_limits;
pub use estimate::{Affected, Estimate, Reversibility, Takes};
pub use parameter::{Choice, Parameter, ParameterKind};
pub use settings::{Knob, KnobValue};
pub use spec::{CustomAction, Deed, HotfixOffer, MenuSpec, Testing};
pub use standing::Standing;
pub use target::{Named, Target};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{ServiceSpec, Verb, VerbError};
use crate::observe::LookOffer;
use crate::text::suggest;

use super::Refusal;
pub(super) use parameter::quoted;
use parameter::{Values, read_arguments};

/// Everything that can be ordered at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Menu {
    /// The options, kind after kind, within a kind in the order of the scenario's file.
    pub options: Vec<MenuOption>,
    /// The instruments that can be asked, with what they can be pointed at and how long they take.
    pub looks: Vec<LookOffer>,
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
    pub target: Target,
    /// What whoever takes it may or must say.
    pub parameters: Vec<Parameter>,
    /// What the team would say of it; with arguments left at their defaults, where they make a difference.
    pub estimate: Estimate,
}

/// What an option comes to with the arguments that are given.
type Orders<'a> = Box<dyn Fn(&Values) -> Vec<Verb> + 'a>;

/// An option with the orders it comes to.
struct Draft<'a> {
    action: Action,
    /// What its name says behind the kind.
    of: String,
    title: String,
    target: Target,
    parameters: Vec<Parameter>,
    estimate: Estimate,
    verbs: Orders<'a>,
}

/// A menu in the making.
struct Drafts<'a> {
    at: Standing<'a>,
    reached: Vec<Vec<bool>>,
    list: Vec<Draft<'a>>,
}

impl<'a> Drafts<'a> {
    /// All options, in order.
    fn of(at: Standing<'a>) -> Self {
        let mut drafts = Self { at, reached: at.reached(), list: Vec::new() };
        for action in Action::ALL.iter().filter(|action| !at.spec.without.contains(action)) {
            drafts.add(*action);
        }
        let ours = |id: Id<ServiceSpec>| !at.spec.others.contains(&id);
        drafts.list.retain(|draft| {
            let Target { service, dependency, .. } = &draft.target;
            dependency.is_some() || service.as_ref().is_none_or(|service| ours(service.id))
        });
        drafts
    }

    fn add(&mut self, action: Action) {
        match action {
            Action::RollBack => versions::roll_backs(self),
            Action::Hotfix => versions::hotfixes(self),
            Action::Custom => custom::actions(self),
            Action::Restart => instances::restarts(self),
            Action::RestartOne => instances::single_restarts(self),
            Action::ScaleOut => instances::scale_outs(self),
            Action::Pause | Action::Resume => edge::background(self, action),
            Action::Block | Action::ReAdmit => edge::users(self, action),
            Action::Shed => door::sheds(self),
            Action::RateLimit => door::rate_limits(self),
            Action::SetPoolSize => settings::settings(self, Knob::PoolSize),
            Action::SetAcquireTimeout => settings::settings(self, Knob::AcquireTimeout),
            Action::SetTimeout => settings::settings(self, Knob::Timeout),
            Action::SetDeadline => settings::settings(self, Knob::Deadline),
            Action::SetAttempts => settings::settings(self, Knob::Attempts),
            Action::SetBreakerThreshold => settings::settings(self, Knob::BreakerThreshold),
            Action::SetBreakerWait => settings::settings(self, Knob::BreakerWait),
        }
    }

    fn push(&mut self, draft: Draft<'a>) {
        self.list.push(draft);
    }

    /// How many instances a service has.
    fn instances(&self, service: Id<ServiceSpec>) -> u32 {
        u32::try_from(self.at.services[service].instances.len()).unwrap_or(u32::MAX)
    }

    /// Who is concerned by what is done to a service.
    fn affected(&self, service: Id<ServiceSpec>) -> Affected {
        self.at.affected(service, &self.reached)
    }
}

impl Draft<'_> {
    fn name(&self) -> String {
        if self.of.is_empty() { self.action.name().to_owned() } else { format!("{} {}", self.action.name(), self.of) }
    }

    fn option(self) -> MenuOption {
        let name = self.name();
        let Self { title, action, target, parameters, estimate, .. } = self;
        MenuOption { name, title, action, target, parameters, estimate }
    }
}

impl Menu {
    /// What can be ordered now.
    #[must_use]
    pub fn of(standing: Standing<'_>) -> Self {
        let looks = standing.evidence.offers(standing.system, standing.populations);
        Self { options: Drafts::of(standing).list.into_iter().map(Draft::option).collect(), looks }
    }

    /// The option with that name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&MenuOption> {
        self.options.iter().find(|option| option.name == name)
    }

    /// The options of a kind.
    pub fn of_kind(&self, action: Action) -> impl Iterator<Item = &MenuOption> {
        self.options.iter().filter(move |option| option.action == action)
    }
}

/// Whether an option would roll a service back that has nothing to be rolled back to.
fn has_nothing_to_roll_back(standing: Standing<'_>, option: &str) -> bool {
    let named = option.strip_prefix(Action::RollBack.name()).and_then(|of| of.strip_prefix(' '));
    let service = standing.system.services.enumerate().find(|(_, spec)| named == Some(&spec.name));
    let ours = service.filter(|(id, _)| !standing.spec.others.contains(id));
    let offered = !standing.spec.without.contains(&Action::RollBack);
    offered && ours.is_some_and(|(id, _)| !standing.deploys.can_roll_back(id))
}

/// The orders that an option comes to with these arguments.
///
/// # Errors
/// When there is no such option now, or an argument is not what it may be.
pub(crate) fn orders(
    standing: Standing<'_>,
    option: &str,
    arguments: &BTreeMap<String, String>,
) -> Result<Vec<Verb>, Refusal> {
    let drafts = Drafts::of(standing).list;
    let Some(draft) = drafts.iter().find(|draft| draft.name() == option) else {
        if has_nothing_to_roll_back(standing, option) {
            return Err(Refusal::Refused(VerbError::NothingToRollBack));
        }
        let names: Vec<String> = drafts.iter().map(Draft::name).collect();
        let nearest = suggest(option, names.iter().map(String::as_str)).map(str::to_owned);
        return Err(Refusal::NotOnTheMenu { option: quoted(option), nearest });
    };
    let values = read_arguments(option, &draft.parameters, arguments)?;
    Ok((draft.verbs)(&values))
}
