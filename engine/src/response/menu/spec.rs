//! What a scenario says of its menu: kinds that are left out, what is background work, what was tested, actions of its own.

use crate::ids::Id;
use crate::model::{DependencySpec, Hotfix, RateLimitSpec, Selector, ServiceSpec};
use crate::rng::Distribution;
use crate::traffic::PopulationSpec;

use super::action::Action;
use super::settings::{Knob, KnobValue};

/// What a scenario says of its menu, with every name looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MenuSpec {
    /// The kinds of actions that are not offered.
    pub without: Vec<Action>,
    /// The services that are somebody else's, at which nothing can be done.
    pub others: Vec<Id<ServiceSpec>>,
    /// The populations that are background work, which can be paused, in file order.
    pub pausable: Vec<Id<PopulationSpec>>,
    /// By service, and of its versions by name: whether going back from it to the version before has been tested. What is not
    /// here nobody knows.
    pub compat_tested: Vec<(Id<ServiceSpec>, String, bool)>,
    /// Actions of its own, in file order.
    pub actions: Vec<CustomAction>,
}

/// An action that a scenario offers besides those of every scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomAction {
    /// The name, unique among them.
    pub name: String,
    /// What the team says it does.
    pub title: String,
    /// What is done, in order, when its time is over.
    pub does: Vec<Deed>,
    /// How long that takes, in nanoseconds.
    pub takes: Distribution,
    /// What could go wrong, in words.
    pub risk: String,
    /// The name of the action that undoes it; `None` if nothing does.
    pub undo: Option<String>,
}

/// One thing that an action does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Rolls a service back, if there is a version to go back to by then.
    RollBack {
        /// The service.
        service: Id<ServiceSpec>,
    },
    /// Restarts all instances of a service.
    Restart {
        /// The service.
        service: Id<ServiceSpec>,
    },
    /// Adds instances.
    ScaleOut {
        /// The service.
        service: Id<ServiceSpec>,
        /// How many.
        add: u32,
    },
    /// Turns a share away at the door; 0 ends it.
    Shed {
        /// The service.
        service: Id<ServiceSpec>,
        /// Which requests.
        selector: Selector,
        /// The share, 0 to 1.
        share: f64,
    },
    /// Limits a rate at the door; `None` ends it.
    RateLimit {
        /// The service.
        service: Id<ServiceSpec>,
        /// Which requests.
        selector: Selector,
        /// The limit.
        limit: Option<RateLimitSpec>,
    },
    /// Changes one setting of a dependency.
    Set {
        /// The dependency.
        dependency: Id<DependencySpec>,
        /// Which setting.
        knob: Knob,
        /// What it becomes.
        value: KnobValue,
    },
}

/// A hotfix that can be ordered.
#[derive(Clone, Copy, Debug)]
pub struct HotfixOffer<'a> {
    /// Its name.
    pub name: &'a str,
    /// What the team says it would do.
    pub title: &'a str,
    /// The order, tested as is usual: as the first of `testing`, if there are several ways.
    pub hotfix: &'a Hotfix,
    /// The ways to test it, the usual one first; empty where there is no choice.
    pub testing: &'a [Testing],
}

/// One way to test a hotfix before it is rolled out.
#[derive(Clone, Debug, PartialEq)]
pub struct Testing {
    /// Its name: `none`, `staging`.
    pub name: String,
    /// How long it takes until the fix can be rolled out, in nanoseconds.
    pub duration: Distribution,
    /// The probability that the fix is wrong all the same, 0 to 1.
    pub wrong: f64,
}

impl HotfixOffer<'_> {
    /// The order with one of the ways to test it, by its dense index.
    #[must_use]
    pub fn tested(&self, testing: usize) -> Hotfix {
        let testing = self.testing.get(testing);
        let tested = |testing: &Testing| Hotfix {
            duration: testing.duration.clone(),
            wrong: testing.wrong,
            ..self.hotfix.clone()
        };
        testing.map_or_else(|| self.hotfix.clone(), tested)
    }

    /// Whether an order is one for this hotfix, however it is tested.
    #[must_use]
    pub fn is_ordered_by(&self, hotfix: &Hotfix) -> bool {
        self.name == hotfix.name
    }
}
