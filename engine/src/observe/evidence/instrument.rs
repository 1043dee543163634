//! The instruments that every system has: what each can be pointed at, and how long it usually takes.

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::{DependencySpec, Layer, ServiceSpec, SystemSpec};
use crate::observe::signal::Subject;
use crate::traffic::PopulationSpec;
use crate::units::SimDuration;

/// Something that answers when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instrument {
    /// The error log of a service: kinds and counts by endpoint, and by the calls that it makes.
    Errors,
    /// Where the time of a request goes: a service's own work, its calls, waits for connections, retries.
    Traces,
    /// The endpoints of a data service, the slowest first.
    SlowQueries,
    /// The pools of a dependency: in use, waiting, and for how long connections are held.
    Pool,
    /// The breakers of a service's calls.
    Breakers,
    /// What was changed in the last hour: roll-outs, orders.
    Changes,
    /// How busy a service is.
    Capacity,
    /// What the clients of a population meet, by their own measure.
    Clients,
}

impl Instrument {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Errors,
        Self::Traces,
        Self::SlowQueries,
        Self::Pool,
        Self::Breakers,
        Self::Changes,
        Self::Capacity,
        Self::Clients,
    ];

    /// The name by which it is asked.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Traces => "traces",
            Self::SlowQueries => "slow-queries",
            Self::Pool => "pool",
            Self::Breakers => "breakers",
            Self::Changes => "changes",
            Self::Capacity => "capacity",
            Self::Clients => "clients",
        }
    }

    /// The instrument of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// What it shows, in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Errors => "the error log: kinds and counts by endpoint and by call",
            Self::Traces => "where the time of a request goes",
            Self::SlowQueries => "the slowest endpoints of a data service",
            Self::Pool => "connections in use, waited for and held",
            Self::Breakers => "the breakers of a service's calls",
            Self::Changes => "what was changed in the last hour",
            Self::Capacity => "how busy a service is",
            Self::Clients => "what clients meet, by their own measure",
        }
    }

    /// How long it takes somebody who knows the service to ask it and to read the answer; assumptions.
    #[must_use]
    pub const fn usually_takes(self) -> SimDuration {
        SimDuration::from_secs(match self {
            Self::Breakers | Self::Changes | Self::Capacity => 60,
            Self::Errors | Self::Pool => 120,
            Self::Traces | Self::SlowQueries => 180,
            Self::Clients => 240,
        })
    }

    /// Whether it is there unless the scenario says otherwise: nobody can ask the clients.
    #[must_use]
    pub const fn usually_exists(self) -> bool {
        !matches!(self, Self::Clients)
    }

    /// Whether it has to be pointed at something.
    #[must_use]
    pub const fn has_subjects(self) -> bool {
        !matches!(self, Self::Changes)
    }

    /// What it can be pointed at, in file order.
    #[must_use]
    pub fn subjects(self, system: &SystemSpec, populations: &Table<PopulationSpec>) -> Vec<Subject> {
        let services = || system.services.ids().map(Subject::Service);
        match self {
            Self::Errors | Self::Capacity => services().collect(),
            Self::Traces => services().chain(system.endpoints.ids().map(Subject::Endpoint)).collect(),
            Self::SlowQueries => {
                system.services.ids().filter(|id| is_data(system, *id)).map(Subject::Service).collect()
            }
            Self::Pool => {
                let pooled = system.dependencies.enumerate().filter(|(_, spec)| is_pooled(spec));
                pooled.map(|(id, _)| Subject::Dependency(id)).collect()
            }
            Self::Breakers => {
                let guarded = system.services.ids().filter(|id| {
                    system.services[*id].dependencies.iter().any(|call| has_breaker(&system.dependencies[*call]))
                });
                guarded.map(Subject::Service).collect()
            }
            Self::Changes => Vec::new(),
            Self::Clients => populations.ids().map(Subject::Population).collect(),
        }
    }
}

/// A service that others call and that calls nobody.
fn is_data(system: &SystemSpec, id: Id<ServiceSpec>) -> bool {
    let called = |spec: &DependencySpec| spec.target == id && spec.caller.is_some();
    system.services[id].dependencies.is_empty() && system.dependencies.iter().any(called)
}

/// What clients pool is theirs to know.
fn is_pooled(spec: &DependencySpec) -> bool {
    spec.caller.is_some() && spec.layers.iter().any(|layer| matches!(layer, Layer::Pool(_)))
}

pub(super) fn has_breaker(spec: &DependencySpec) -> bool {
    spec.layers.iter().any(|layer| matches!(layer, Layer::Breaker { .. }))
}

impl std::fmt::Display for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
