//! What a team knows at an instant: the configuration, what stands in force, and what can be seen.

use crate::ids::{Id, Table};
use crate::model::{Dependency, DependencySpec, Deploys, Layer, Origin, Selector, Service, ServiceSpec, System};
use crate::observe::{EvidenceSpec, Observation};
use crate::traffic::{Arrivals, PopulationSpec};
use crate::units::SimTime;

use super::estimate::Affected;
use super::spec::{HotfixOffer, MenuSpec};

/// What a team knows at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The system as configured.
    pub system: &'a System,
    /// The populations as configured.
    pub populations: &'a Table<PopulationSpec>,
    /// What the scenario says of its menu.
    pub spec: &'a MenuSpec,
    /// What can be asked.
    pub evidence: &'a EvidenceSpec,
    /// The hotfixes that can be ordered at all.
    pub hotfixes: &'a [HotfixOffer<'a>],
    /// Versions, roll-outs and hotfixes so far.
    pub deploys: &'a Deploys,
    /// The services with what is turned away at their doors.
    pub services: &'a Table<Service, ServiceSpec>,
    /// The dependencies with the settings in force.
    pub dependencies: &'a Table<Dependency, DependencySpec>,
    /// What can be seen.
    pub observation: &'a Observation,
}

/// The origin of a population's requests.
pub(super) fn origin(population: Id<PopulationSpec>) -> Origin {
    Origin(u16::try_from(population.raw()).expect("fewer than 2^16 populations"))
}

/// All requests of a population.
pub(super) fn all_of(population: Id<PopulationSpec>) -> Selector {
    Selector { origin: Some(origin(population)), endpoint: None }
}

impl<'a> Standing<'a> {
    /// The name of a service.
    pub(super) fn name(&self, service: Id<ServiceSpec>) -> &'a str {
        &self.system.services[service].name
    }

    /// The layers of a dependency with the settings in force.
    pub(super) fn layers(&self, dependency: Id<DependencySpec>) -> &'a [Layer] {
        &self.dependencies[dependency].layers
    }

    /// The services that a population calls itself, each once, in file order.
    pub(super) fn edge(&self, population: Id<PopulationSpec>) -> Vec<Id<ServiceSpec>> {
        let mix = self.populations[population].mix.iter();
        let mut edge: Vec<_> = mix.map(|entry| self.system.dependencies[entry.call.dependency].target).collect();
        edge.sort_unstable();
        edge.dedup();
        edge
    }

    /// By population: by service, whether its requests may get there, by whatever way.
    pub(super) fn reached(&self) -> Vec<Vec<bool>> {
        let dependencies = &self.system.dependencies;
        let reach = |population: Id<PopulationSpec>| {
            let mut reached = vec![false; self.system.services.len()];
            let mut open = self.edge(population);
            while let Some(service) = open.pop() {
                if !std::mem::replace(&mut reached[service.index()], true) {
                    let calls = self.system.services[service].dependencies.iter();
                    open.extend(calls.map(|dependency| dependencies[*dependency].target));
                }
            }
            reached
        };
        self.populations.ids().map(reach).collect()
    }

    /// Who is concerned by what is done to a service, given who reaches what.
    pub(super) fn affected(&self, service: Id<ServiceSpec>, reached: &[Vec<bool>]) -> Affected {
        let there = self.populations.ids().filter(|id| reached[id.index()][service.index()]);
        Affected { users: self.users(there), error_ratio: self.error_ratio([service]) }
    }

    /// Who is concerned by what is done to populations.
    pub(super) fn affected_of(&self, populations: &[Id<PopulationSpec>]) -> Affected {
        let edge = populations.iter().flat_map(|id| self.edge(*id));
        Affected { users: self.users(populations.iter().copied()), error_ratio: self.error_ratio(edge) }
    }

    /// How many real users usually ask at this hour.
    fn users(&self, populations: impl Iterator<Item = Id<PopulationSpec>>) -> Option<f64> {
        let now = self.observation.now;
        let users = |id: Id<PopulationSpec>| {
            let spec = &self.populations[id];
            let rate = usual_rate(&spec.arrivals, now)?;
            Some(rate * 60.0 * spec.represents / spec.requests_per_user_minute)
        };
        populations.map(users).sum()
    }

    fn error_ratio(&self, services: impl IntoIterator<Item = Id<ServiceSpec>>) -> Option<f64> {
        let seen = |id: Id<ServiceSpec>| self.observation.services.get(id.index())?.error_ratio;
        services.into_iter().filter_map(seen).max_by(f64::total_cmp)
    }
}

/// How many requests a second begin at an instant on an ordinary day; `None` where the configuration does not say.
fn usual_rate(arrivals: &Arrivals, now: SimTime) -> Option<f64> {
    match arrivals {
        Arrivals::Poisson(profile) | Arrivals::Constant(profile) => Some(profile.rate(now)),
        Arrivals::Sessions { starts, continues, .. } => Some(starts.rate(now) / (1.0 - continues)),
        Arrivals::Trace(_) | Arrivals::Closed { .. } => None,
    }
}
