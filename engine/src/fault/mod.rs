//! What goes wrong, changes and heals: faults on a time table or on a condition, scheduled deploys, and hidden variants.
//!
//! Nothing of this is observable as such: the rooms that decide (policy, response) cannot reach it.

mod course;

pub use course::{Faults, Plot};

use crate::ids::Id;
use crate::model::{Change, DependencySpec, EndpointSpec, Partition, ServiceSpec};
use crate::traffic::PopulationSpec;
use crate::units::{SimDuration, SimTime};

/// One hidden truth of a scenario family: immutable configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    /// The name by which `--variant` picks it.
    pub name: String,
    /// Its prior weight, above 0.
    pub weight: f64,
    /// What goes wrong in it.
    pub faults: Vec<FaultSpec>,
    /// Which versions are rolled out in it, and when.
    pub deploys: Vec<DeploySpec>,
}

/// A deploy that happens by itself, as somebody's ordinary work.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploySpec {
    /// When it is ordered.
    pub at: SimTime,
    /// The service.
    pub service: Id<ServiceSpec>,
    /// The index of the version in the service's list.
    pub version: u16,
}

/// A fault: immutable configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// The name, unique within its variant.
    pub name: String,
    /// What it does at full strength.
    pub kind: FaultKind,
    /// When it starts.
    pub start: Trigger,
    /// How its strength changes while it is active: (when, strength), 1 being full strength as at the start. Each happens
    /// once, whatever becomes of the others.
    pub changes: Vec<(Trigger, f64)>,
    /// When it heals; `None` for never.
    pub heal: Option<Trigger>,
}

/// When something happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// At an instant, counted from the start of the run. A change or a healing that is due before its fault starts follows at
    /// once when it does; that happens to faults that start on a condition, as scenarios with a start at a later instant are
    /// refused.
    At(SimTime),
    /// This long after the fault's own start (changes and healing only).
    After(SimDuration),
    /// Once the condition has held for so many seconds in a row; looked at every second.
    When {
        /// The condition.
        condition: Condition,
        /// For how long it must hold, in whole seconds, 1 or more.
        holds: u32,
    },
}

/// A comparison of a measure of the last second with a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What is measured.
    pub measure: Measure,
    /// Whether it must be above or below.
    pub above: bool,
    /// The number: a share for ratios, seconds for latencies, a count for the others.
    pub threshold: f64,
}

/// A measure of the last second that a condition can look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// The share of a service's workers (or cores) that were busy.
    Utilisation(Id<ServiceSpec>),
    /// How many jobs waited in a service's queues at the end of the second.
    QueueLength(Id<ServiceSpec>),
    /// The share of a service's answers that were errors. A second without any is on neither side of a number.
    ErrorRatio(Id<ServiceSpec>),
    /// The rate at which requests arrived at a service.
    ArrivalRate(Id<ServiceSpec>),
    /// The connections in use, all channels of the dependency together.
    PoolInUse(Id<DependencySpec>),
    /// The callers that waited for a connection at the end of the second, all channels together.
    PoolWaiting(Id<DependencySpec>),
    /// The share of a population's finished requests that failed. A second in which none finished is on neither side of a
    /// number.
    FailureRatio(Id<PopulationSpec>),
    /// How long a service's jobs took that ended well, from their arrival: the quantile of this share, 0 to 1. A second in
    /// which none did is on neither side of a number.
    Latency(Id<ServiceSpec>, f64),
    /// How long a population's requests took that ended well, from when each should have been sent; as for a service.
    ResponseTime(Id<PopulationSpec>, f64),
    /// The breakers of a dependency, all channels together, that refused calls at the end of the second.
    OpenBreakers(Id<DependencySpec>),
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// A change to a service's behaviour: slowdown, errors. A strength s scales a service-time factor f to 1 + s(f - 1)
    /// and a share of errors r to s r.
    Behaviour {
        /// The service.
        service: Id<ServiceSpec>,
        /// The endpoint concerned; `None` for all.
        endpoint: Option<Id<EndpointSpec>>,
        /// The change.
        change: Change,
    },
    /// The processes of instances die at once with all their jobs, and come back when the fault heals. Strength scales the
    /// number, rounded. A host is not lost: a roll-out or restart starts a dead process like any other (as a new pod of
    /// Kubernetes would be), whatever the fault does, and it stays up until the fault strikes anew.
    Crash {
        /// The service.
        service: Id<ServiceSpec>,
        /// Which instances.
        victims: Victims,
    },
    /// A share of a service's workers (or cores) is lost. Jobs that hold one keep it until they end. Cores are lost exactly;
    /// workers as [`Capacity::workers_lost`](crate::model::Capacity::workers_lost) says, spread evenly over the instances.
    LostCapacity {
        /// The service.
        service: Id<ServiceSpec>,
        /// The share, 0 to 1.
        ratio: f64,
    },
    /// Messages of a dependency do not get through. Any strength above 0 is full strength.
    Partition {
        /// The dependency.
        dependency: Id<DependencySpec>,
        /// The ordinal of the one instance of the target that is cut off; `None` for all of them.
        instance: Option<u32>,
        /// What becomes of the messages.
        partition: Partition,
    },
    /// A share of the connections that are given back is lost instead.
    ConnectionLeak {
        /// The dependency.
        dependency: Id<DependencySpec>,
        /// The share, 0 to 1.
        ratio: f64,
    },
    /// A population's arrival rate is multiplied. A strength s scales the factor f to 1 + s(f - 1).
    TrafficSpike {
        /// The population, which must be open or partly open.
        population: Id<PopulationSpec>,
        /// The factor, 0 or more.
        factor: f64,
    },
}

/// The instances of a service that crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victims {
    /// So many of those that are not down already, counted from the first.
    First(u32),
    /// The one with this ordinal, unless it is down already.
    Only(u32),
}
