//! What is measured: services, endpoints, dependencies and populations, by the names that say which of these they are.

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::{DependencySpec, EndpointSpec, ServiceSpec, SystemSpec};
use crate::traffic::PopulationSpec;

use super::metric::Metric::{
    self, AffectedUsers, Amplification, BreakersOpen, BurnRate, ErrorRatio, Goodput, Instances, MeanLatency,
    P99Latency, PoolInUse, PoolWaiting, Queue, RequestRate, Utilisation,
};

const OF_SERVICES: &[Metric] =
    &[RequestRate, ErrorRatio, Goodput, MeanLatency, P99Latency, Utilisation, Queue, Instances];
const OF_ENDPOINTS: &[Metric] = &[RequestRate, ErrorRatio, Goodput, MeanLatency, P99Latency];
const OF_DEPENDENCIES: &[Metric] =
    &[RequestRate, ErrorRatio, Goodput, MeanLatency, P99Latency, Amplification, PoolInUse, PoolWaiting, BreakersOpen];
const OF_POPULATIONS: &[Metric] =
    &[RequestRate, ErrorRatio, Goodput, MeanLatency, P99Latency, Amplification, BurnRate, AffectedUsers];

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A service, all its endpoints and instances together.
    Service(Id<ServiceSpec>),
    /// One endpoint of a service.
    Endpoint(Id<EndpointSpec>),
    /// A dependency, as its callers measure it.
    Dependency(Id<DependencySpec>),
    /// The requests of a population, as its users meet them.
    Population(Id<PopulationSpec>),
}

impl Subject {
    /// The metrics that there are of it.
    #[must_use]
    pub const fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Service(_) => OF_SERVICES,
            Self::Endpoint(_) => OF_ENDPOINTS,
            Self::Dependency(_) => OF_DEPENDENCIES,
            Self::Population(_) => OF_POPULATIONS,
        }
    }

    /// The name by which it is written: `registry`, `registry.lookup`, `registry->db`, `population web`.
    #[must_use]
    pub fn name(self, system: &SystemSpec, populations: &Table<PopulationSpec>) -> String {
        match self {
            Self::Service(id) => system.services[id].name.clone(),
            Self::Endpoint(id) => {
                let endpoint = &system.endpoints[id];
                format!("{}.{}", system.services[endpoint.service].name, endpoint.name)
            }
            Self::Dependency(id) => {
                let name = &system.dependencies[id].name;
                if name.contains("->") { name.clone() } else { format!("dependency {name}") }
            }
            Self::Population(id) => format!("population {}", populations[id].name),
        }
    }

    /// The subject of that name; `None` where there is none.
    #[must_use]
    pub fn find(text: &str, system: &SystemSpec, populations: &Table<PopulationSpec>) -> Option<Self> {
        let service = |name: &str| system.services.enumerate().find(|(_, spec)| spec.name == name).map(|(id, _)| id);
        match SubjectText::read(text) {
            SubjectText::Service(name) => service(name).map(Self::Service),
            SubjectText::Endpoint(name) => {
                let (owner, name) = name.split_once('.')?;
                let owner = service(owner)?;
                let mut own = system.endpoints.enumerate().filter(|(_, spec)| spec.service == owner);
                own.find(|(_, spec)| spec.name == name).map(|(id, _)| Self::Endpoint(id))
            }
            SubjectText::Dependency(name) => {
                system.dependencies.enumerate().find(|(_, spec)| spec.name == name).map(|(id, _)| Self::Dependency(id))
            }
            SubjectText::Population(name) => {
                populations.enumerate().find(|(_, spec)| spec.name == name).map(|(id, _)| Self::Population(id))
            }
        }
    }

    /// The service that it belongs to: an endpoint's own, the caller of a dependency, or, where a population calls, the one that
    /// is called; `None` for a population.
    #[must_use]
    pub fn service(self, system: &SystemSpec) -> Option<Id<ServiceSpec>> {
        match self {
            Self::Service(id) => Some(id),
            Self::Endpoint(id) => Some(system.endpoints[id].service),
            Self::Dependency(id) => {
                let spec = &system.dependencies[id];
                Some(spec.caller.unwrap_or(spec.target))
            }
            Self::Population(_) => None,
        }
    }
}

/// What the name of a subject says it is, before anything is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectText<'a> {
    /// `registry`.
    Service(&'a str),
    /// `registry.lookup`.
    Endpoint(&'a str),
    /// `registry->db`, or `dependency cache` for one with a name of its own.
    Dependency(&'a str),
    /// `population web`.
    Population(&'a str),
}

impl<'a> SubjectText<'a> {
    /// Reads the name of a subject.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        if let Some(name) = text.strip_prefix("population ") {
            Self::Population(name)
        } else if let Some(name) = text.strip_prefix("dependency ") {
            Self::Dependency(name)
        } else if text.contains("->") {
            Self::Dependency(text)
        } else if text.contains('.') {
            Self::Endpoint(text)
        } else {
            Self::Service(text)
        }
    }

    /// The part that is a name.
    #[must_use]
    pub const fn name(self) -> &'a str {
        match self {
            Self::Service(name) | Self::Endpoint(name) | Self::Dependency(name) | Self::Population(name) => name,
        }
    }
}
