//! The model's verbs: what can be done to the running system from outside.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::rng::Distribution;
use crate::units::SimDuration;

use super::breaker::BreakerSpec;
use super::dependency::DependencySpec;
use super::effect::Effect;
use super::instance::Instance;
use super::pool::PoolSpec;
use super::rate_limit::RateLimitSpec;
use super::retry::RetrySpec;
use super::service::{Selector, ServiceSpec};
use super::spec_issue::SpecIssue;

/// One order to the running system. Orders take the time their mechanism takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verb {
    /// Rolls out the version that ran before the current one.
    RollBack {
        /// The service.
        service: Id<ServiceSpec>,
    },
    /// Writes, builds and rolls out a change that is meant to remove one effect of the version that runs when it is written, or
    /// that is being prepared then; it is dropped if that version does not have the effect.
    Hotfix(Hotfix),
    /// Stops and starts instances, one batch after the other, each with the version it has.
    Restart {
        /// The service.
        service: Id<ServiceSpec>,
        /// The one instance concerned; `None` for all of them.
        instance: Option<Id<Instance>>,
    },
    /// Adds instances, which serve after their start time.
    ScaleOut {
        /// The service.
        service: Id<ServiceSpec>,
        /// How many instances are added.
        add: u32,
    },
    /// Turns away a share of the selected requests at the service's door; 0 ends it.
    Shed {
        /// The service.
        service: Id<ServiceSpec>,
        /// Which requests.
        selector: Selector,
        /// The share turned away, 0 to 1.
        ratio: f64,
    },
    /// Limits the rate of the selected requests at the door of the service, all instances together; `None` ends it.
    /// Nobody waits at the door: whatever wait the limit allows is taken as none.
    RateLimit {
        /// The service.
        service: Id<ServiceSpec>,
        /// Which requests.
        selector: Selector,
        /// The limit.
        limit: Option<RateLimitSpec>,
    },
    /// Changes a layer of a dependency in every caller instance at once.
    Set {
        /// The dependency.
        dependency: Id<DependencySpec>,
        /// The new settings.
        setting: Setting,
    },
    /// Orders that take effect when some work is done, in their order. One that makes no sense any more by then is left out.
    Later {
        /// What the work is called.
        name: String,
        /// How long it takes, in nanoseconds.
        takes: Distribution,
        /// The orders, none of them for later still.
        verbs: Vec<Verb>,
    },
}

/// A hotfix: work that takes time and may be wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotfix {
    /// What it is called.
    pub name: String,
    /// The service it is for.
    pub service: Id<ServiceSpec>,
    /// The name of the effect it is meant to remove, wherever in the current version it stands.
    pub removes: String,
    /// How long it takes until it can be rolled out, in nanoseconds.
    pub duration: Distribution,
    /// The probability that it does not remove the effect, 0 to 1.
    pub wrong: f64,
    /// What a wrong one adds; `None` when it just changes nothing.
    pub adds: Option<Effect>,
}

/// New settings for one layer of a dependency, which must have that layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Setting {
    /// The overall deadline, for calls that start from now on.
    Deadline(SimDuration),
    /// The time limit of an attempt, for attempts that start from now on.
    Timeout(SimDuration),
    /// The retry layer. A budget of the same kind keeps its tokens, up to the new capacity.
    Retry(RetrySpec),
    /// The breaker's settings; its state and window are kept where they fit.
    Breaker(BreakerSpec),
    /// The pool's settings.
    Pool(PoolSpec),
}

/// Why an order cannot be carried out. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerbError {
    /// There is no earlier version to roll back to.
    NothingToRollBack,
    /// The dependency has no such layer.
    NoSuchLayer(&'static str),
    /// A number is outside its range.
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// A setting that its product does not take.
    Setting(SpecIssue),
    /// The id is not of this system.
    Unknown(&'static str),
}

impl std::fmt::Display for VerbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NothingToRollBack => write!(f, "there is no earlier version to roll back to"),
            Self::NoSuchLayer(layer) => write!(f, "the dependency has no {layer} layer"),
            Self::OutOfRange { what, allowed } => write!(f, "{what} must be {allowed}"),
            Self::Setting(SpecIssue { field, message, help }) => write!(f, "{field}: {message}: {help}"),
            Self::Unknown(what) => write!(f, "there is no such {what}"),
        }
    }
}

impl std::error::Error for VerbError {}
