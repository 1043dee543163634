//! What a version or a fault does to a service: effects, and their sum per endpoint.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::rng::Distribution;

use super::dependency::DependencySpec;
use super::outcome::ErrorKind;
use super::plan::CallStep;
use super::service::EndpointSpec;

/// One change to how a service behaves, for one endpoint or all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The name by which a hotfix refers to it.
    pub name: String,
    /// The endpoint concerned; `None` for every endpoint of the service.
    pub endpoint: Option<Id<EndpointSpec>>,
    /// What changes.
    pub change: Change,
}

/// What an effect changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Every work step takes this many times as long. Work already under way keeps its duration.
    ServiceTime {
        /// The factor, above 0; 1 changes nothing.
        factor: f64,
    },
    /// Every request is preceded by this much extra work, in nanoseconds.
    AddedWork {
        /// The extra work, drawn per job.
        work: Distribution,
    },
    /// This share of requests fails at once when its turn comes, before any work is done.
    Errors {
        /// The share, 0 to 1.
        ratio: f64,
        /// The error that callers see.
        kind: ErrorKind,
    },
    /// Every request makes these calls in addition, one after the other, before its plan.
    ExtraCalls {
        /// The call made.
        call: CallStep,
        /// How often, 1 or more.
        count: u32,
    },
    /// A connection of this dependency goes back to its pool only this long after the answer, in nanoseconds (a
    /// transaction kept open across other work). The job itself does not wait for it.
    ConnectionHold {
        /// The dependency whose connections are held.
        dependency: Id<DependencySpec>,
        /// How much longer, drawn per call.
        hold: Distribution,
    },
}

/// The sum of all effects in force for one endpoint on one instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Behaviour {
    /// Whether nothing is changed: the fast path.
    pub(crate) plain: bool,
    /// The product of all service-time factors.
    pub(crate) factor: f64,
    pub(crate) added_work: Vec<Distribution>,
    pub(crate) errors: Vec<(f64, ErrorKind)>,
    pub(crate) extra_calls: Vec<(CallStep, u32)>,
    pub(crate) holds: Vec<(Id<DependencySpec>, Distribution)>,
}

impl Behaviour {
    /// The sum, in the order given, of the effects that concern the endpoint.
    pub(crate) fn of<'a>(endpoint: Id<EndpointSpec>, effects: impl Iterator<Item = &'a Effect>) -> Self {
        let mut sum = Self { plain: true, factor: 1.0, ..Self::default() };
        for effect in effects.filter(|effect| effect.endpoint.is_none_or(|only| only == endpoint)) {
            sum.plain = false;
            sum.add(&effect.change);
        }
        sum
    }

    fn add(&mut self, change: &Change) {
        match change {
            Change::ServiceTime { factor } => self.factor *= factor,
            Change::AddedWork { work } => self.added_work.push(work.clone()),
            Change::Errors { ratio, kind } => self.errors.push((*ratio, *kind)),
            Change::ExtraCalls { call, count } => self.extra_calls.push((*call, *count)),
            Change::ConnectionHold { dependency, hold } => self.holds.push((*dependency, hold.clone())),
        }
    }
}
