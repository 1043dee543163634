//! The resolved system: every service, endpoint and dependency, immutable and shared by all branches of a run.

use std::ops::Deref;
use std::sync::Arc;

use bevy_ecs::resource::Resource;

use crate::ids::{Id, Table};

use super::dependency::DependencySpec;
use super::service::{EndpointSpec, ServiceSpec};

/// The system under simulation, as resolved from a scenario.
#[derive(Clone, Debug, Default)]
pub struct SystemSpec {
    /// The services, in file order.
    pub services: Table<ServiceSpec>,
    /// The endpoints of all services, in file order.
    pub endpoints: Table<EndpointSpec>,
    /// The dependencies of all callers; a population's come after those of services.
    pub dependencies: Table<DependencySpec>,
    /// The names of shared breakers, in order of first mention.
    pub shared_breakers: Vec<String>,
}

/// A [`SystemSpec`] with the positions that its rows have in their services; cheap to clone.
#[derive(Clone, Debug, Resource)]
pub struct System {
    inner: Arc<Positions>,
}

#[derive(Debug)]
struct Positions {
    spec: SystemSpec,
    /// By endpoint: its position in its service.
    endpoints: Vec<u32>,
    /// By dependency: its position in the calling service.
    dependencies: Vec<u32>,
}

impl System {
    /// Wraps a specification.
    #[must_use]
    pub fn new(spec: SystemSpec) -> Self {
        let mut endpoints = vec![0; spec.endpoints.len()];
        let mut dependencies = vec![0; spec.dependencies.len()];
        for service in &spec.services {
            for (position, id) in (0..).zip(&service.endpoints) {
                endpoints[id.index()] = position;
            }
            for (position, id) in (0..).zip(&service.dependencies) {
                dependencies[id.index()] = position;
            }
        }
        Self { inner: Arc::new(Positions { spec, endpoints, dependencies }) }
    }

    /// The position of an endpoint in its service.
    #[inline]
    pub(crate) fn endpoint_position(&self, id: Id<EndpointSpec>) -> usize {
        self.inner.endpoints[id.index()] as usize
    }

    /// The position of a dependency in the service that calls through it.
    #[inline]
    pub(crate) fn dependency_position(&self, id: Id<DependencySpec>) -> usize {
        self.inner.dependencies[id.index()] as usize
    }
}

impl Deref for System {
    type Target = SystemSpec;
    fn deref(&self) -> &SystemSpec {
        &self.inner.spec
    }
}
