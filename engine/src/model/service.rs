//! Services, their endpoints, and the rules by which a service turns requests away.
//!
//! A service is a name with instances behind it; an instance is where jobs run (`instance.rs`). What is said here is said
//! once for all instances.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::rng::Distribution;
use crate::units::SimDuration;

use super::dependency::DependencySpec;
use super::deploy::{RolloutSpec, VersionSpec};
use super::instance::Instance;
use super::plan::Plan;
use super::rate_limit::{RateLimitSpec, RateLimiter};

/// A service: immutable configuration.
#[derive(Clone, Debug)]
pub struct ServiceSpec {
    /// The name, unique among services.
    pub name: String,
    /// How many instances run at the start.
    pub instances: u32,
    /// How an instance executes jobs.
    pub capacity: Capacity,
    /// Where jobs wait for a worker; an instance without workers has no queue.
    pub queue: QueueSpec,
    /// How many connections one instance accepts before it refuses more; `None` for no limit.
    pub max_connections: Option<u32>,
    /// How long establishing a connection to this service takes, in nanoseconds.
    pub connect_time: Distribution,
    /// How long it takes for a crashed instance to be taken out of the callers' rotation.
    pub crash_detection: SimDuration,
    /// How long an instance takes from its start until it serves, in nanoseconds.
    pub start_time: Distribution,
    /// How a new version is rolled out.
    pub rollout: RolloutSpec,
    /// The versions this service can run; the first one runs at the start.
    pub versions: Vec<VersionSpec>,
    /// The endpoints, in file order.
    pub endpoints: Vec<Id<EndpointSpec>>,
    /// The dependencies this service calls through, in file order.
    pub dependencies: Vec<Id<DependencySpec>>,
}

/// How an instance executes the jobs it has admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Capacity {
    /// Each job holds one of this many workers (threads, processes) from its start to its end, calls included.
    Workers(u32),
    /// Every job runs at once; local work shares this many cores equally, none getting more than one.
    ProcessorSharing {
        /// The number of cores, 1 or more.
        cores: u32,
    },
    /// Every job runs at once, at full speed.
    Unlimited,
}

impl Capacity {
    /// How many workers so many instances lose together when this share of them is lost: whole ones, to the nearest, a half
    /// away from zero; one at least stays below a share of 1. 0 where there are no workers.
    #[must_use]
    pub fn workers_lost(self, instances: u64, share: f64) -> u64 {
        let Self::Workers(workers) = self else { return 0 };
        let all = u64::from(workers) * instances;
        if share >= 1.0 { all } else { (libm::round(all as f64 * share) as u64).min(all.saturating_sub(1)) }
    }
}

/// The queue in front of an instance's workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSpec {
    /// How many may wait; `None` for no limit. One that finds the queue full is refused with `queue_full`.
    pub capacity: Option<u32>,
    /// Who is next.
    pub discipline: Discipline,
}

/// Who leaves a queue first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discipline {
    /// The one that has waited longest.
    #[default]
    Fifo,
    /// The newest: under overload some are served in time and the oldest starve.
    Lifo,
    /// The most important population's (lowest number) first, within it the one that has waited longest.
    Priority,
}

/// An endpoint of a service: immutable configuration.
#[derive(Clone, Debug)]
pub struct EndpointSpec {
    /// The name, unique within its service.
    pub name: String,
    /// The service it belongs to.
    pub service: Id<ServiceSpec>,
    /// What a request does there.
    pub plan: Plan,
}

/// Who a request is for: the dense index of the population that sent the first request of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Origin(pub u16);

/// The state of a service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    /// Every instance it ever had, in the order in which they were added.
    pub instances: Vec<Id<Instance>>,
    /// The instances that callers choose from, in that order.
    pub(crate) rotation: Vec<Id<Instance>>,
    /// The rules by which requests are turned away at the door, in the order in which they were set.
    pub(crate) admission: Vec<AdmissionRule>,
    /// The index of the version that its instances should run: of the last roll-out whose preparation has ended.
    pub version: u16,
}

impl Service {
    /// The share of these requests that a rule of their own turns away at the door, 0 to 1.
    #[must_use]
    pub fn shed_share(&self, selector: Selector) -> f64 {
        let share = |rule: &AdmissionRule| match rule.measure {
            AdmissionMeasure::Shed { ratio } if rule.selector == selector => Some(ratio),
            _ => None,
        };
        self.admission.iter().find_map(share).unwrap_or(0.0)
    }
}

/// Which requests a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    /// Only requests for this population; `None` for all.
    pub origin: Option<Origin>,
    /// Only requests to this endpoint; `None` for all.
    pub endpoint: Option<Id<EndpointSpec>>,
}

impl Selector {
    /// Whether the rule is about such a request.
    #[must_use]
    pub fn matches(&self, origin: Origin, endpoint: Id<EndpointSpec>) -> bool {
        self.origin.is_none_or(|only| only == origin) && self.endpoint.is_none_or(|only| only == endpoint)
    }
}

/// A rule that turns requests away before they take a worker or a place in the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AdmissionRule {
    pub(crate) selector: Selector,
    pub(crate) measure: AdmissionMeasure,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum AdmissionMeasure {
    /// Refuses this share with `shed`.
    Shed { ratio: f64 },
    /// Refuses what exceeds the rate with `rate_limited`; the limit has no wait.
    RateLimit { spec: RateLimitSpec, state: RateLimiter },
}

/// All services.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Services(pub Table<Service, ServiceSpec>);
