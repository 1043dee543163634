//! The resolved system: every service, endpoint and dependency, immutable and shared by all branches of a run.

use crate::ids::Table;

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
