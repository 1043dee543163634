//! What an option is done to, by name and id.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{DependencySpec, EndpointSpec, ServiceSpec, System};
use crate::traffic::PopulationSpec;

/// Something by its id and its name.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Named<T> {
    /// The id.
    pub id: Id<T>,
    /// The name.
    pub name: String,
}

impl<T> Clone for Named<T> {
    fn clone(&self) -> Self {
        Self { id: self.id, name: self.name.clone() }
    }
}

impl<T> PartialEq for Named<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.id, &self.name) == (other.id, &other.name)
    }
}

/// What an option is done to, as far as it applies. Where an argument narrows it down, as for shedding, the whole is here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The service; of a setting, the one whose calls it is about.
    pub service: Option<Named<ServiceSpec>>,
    /// The one endpoint of it.
    pub endpoint: Option<Named<EndpointSpec>>,
    /// The population.
    pub population: Option<Named<PopulationSpec>>,
    /// The dependency whose settings change.
    pub dependency: Option<Named<DependencySpec>>,
}

impl Target {
    /// A service.
    #[must_use]
    pub fn service(system: &System, id: Id<ServiceSpec>) -> Self {
        let name = system.services[id].name.clone();
        Self { service: Some(Named { id, name }), ..Self::default() }
    }

    /// A population.
    #[must_use]
    pub fn population(id: Id<PopulationSpec>, spec: &PopulationSpec) -> Self {
        Self { population: Some(Named { id, name: spec.name.clone() }), ..Self::default() }
    }

    /// A dependency, with the service that calls through it.
    #[must_use]
    pub fn dependency(system: &System, id: Id<DependencySpec>) -> Self {
        let spec = &system.dependencies[id];
        let caller = spec.caller.map(|caller| Self::service(system, caller)).unwrap_or_default();
        Self { dependency: Some(Named { id, name: spec.name.clone() }), ..caller }
    }

    /// The dense index of the service; `None` where it is done to no single one.
    #[must_use]
    pub fn service_index(&self) -> Option<usize> {
        self.service.as_ref().map(|service| service.id.index())
    }
}
