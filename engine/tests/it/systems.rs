//! Small systems put together in code, for tests that are not about scenario files.

use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::VariantSpec;
use brownout::ids::{Id, Table};
use brownout::model::{
    Balancing, CallStep, Capacity, DependencySpec, Discipline, EndpointSpec, Layer, LinkSpec, OnLoss, Plan, QueueSpec,
    RolloutSpec, ServiceSpec, Step, SystemSpec, VersionSpec,
};
use brownout::rng::Distribution;
use brownout::scenario::{About, Scenario};
use brownout::traffic::{Arrivals, MixEntry, Objective, PopulationSpec, Profile};
use brownout::units::{SimDuration, SimTime};

/// A duration of so many milliseconds.
pub(crate) fn ms(millis: f64) -> SimDuration {
    SimDuration::from_secs_f64(millis / 1e3)
}

/// An instant so many seconds after the start.
pub(crate) fn at(secs: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(secs)
}

/// Exponential with a mean in milliseconds.
pub(crate) fn exponential(mean_ms: f64) -> Distribution {
    Distribution::exponential(mean_ms * 1e6).expect("a valid mean")
}

/// Always the same, in milliseconds.
pub(crate) fn constant(value_ms: f64) -> Distribution {
    Distribution::constant(value_ms * 1e6).expect("a valid value")
}

/// A network that takes no time and loses nothing.
pub(crate) fn direct() -> LinkSpec {
    LinkSpec { latency: constant(0.0), loss: 0.0, on_loss: OnLoss::Drop }
}

/// Puts a scenario together.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) system: SystemSpec,
    pub(crate) populations: Table<PopulationSpec>,
    pub(crate) variant: Option<VariantSpec>,
}

impl Builder {
    /// Adds a service with one instance and an unbounded FIFO queue.
    pub(crate) fn service(&mut self, name: &str, capacity: Capacity) -> Id<ServiceSpec> {
        self.system.services.push(ServiceSpec {
            name: name.to_owned(),
            instances: 1,
            capacity,
            queue: QueueSpec { capacity: None, discipline: Discipline::Fifo },
            max_connections: None,
            connect_time: constant(0.0),
            crash_detection: SimDuration::from_secs(10),
            start_time: constant(0.0),
            rollout: RolloutSpec {
                preparation: constant(0.0),
                batch: 1,
                drain: SimDuration::from_secs(30),
                pause: SimDuration::ZERO,
            },
            versions: vec![VersionSpec { name: "v1".to_owned(), effects: Vec::new() }],
            endpoints: Vec::new(),
            dependencies: Vec::new(),
        })
    }

    /// Adds an endpoint.
    pub(crate) fn endpoint(&mut self, service: Id<ServiceSpec>, name: &str, steps: &[Step]) -> Id<EndpointSpec> {
        let id = self.system.endpoints.push(EndpointSpec { name: name.to_owned(), service, plan: Plan::new(steps) });
        self.system.services[service].endpoints.push(id);
        id
    }

    /// Adds a dependency of a service, or, without a caller, of a population.
    pub(crate) fn dependency(
        &mut self,
        caller: Option<Id<ServiceSpec>>,
        target: Id<ServiceSpec>,
        layers: Vec<Layer>,
    ) -> Id<DependencySpec> {
        let id = self.system.dependencies.push(DependencySpec {
            name: format!("to {}", self.system.services[target].name),
            caller,
            target,
            layers,
            balancing: Balancing::RoundRobin,
            link: direct(),
            cancels: false,
            propagates_deadline: false,
        });
        if let Some(caller) = caller {
            self.system.services[caller].dependencies.push(id);
        }
        id
    }

    /// Adds a population that asks for one endpoint.
    pub(crate) fn population(&mut self, arrivals: Arrivals, call: CallStep) -> Id<PopulationSpec> {
        self.populations.push(PopulationSpec {
            name: "web".to_owned(),
            arrivals,
            mix: vec![MixEntry { weight: 1.0, call }],
            priority: 0,
            represents: 1.0,
            requests_per_user_minute: 1.0,
            objective: Objective { availability: 0.999, latency: None, window: SimDuration::from_secs(30 * 86_400) },
            max_in_flight: None,
        })
    }

    /// A Poisson population of a rate a second.
    pub(crate) fn poisson(&mut self, rate: f64, call: CallStep) -> Id<PopulationSpec> {
        self.population(Arrivals::Poisson(Profile::constant(rate)), call)
    }

    /// The simulation.
    pub(crate) fn simulate(self, seed: u64) -> Simulation {
        Simulation::with_variant(Arc::new(self.scenario()), seed, 0)
    }

    /// The scenario, an hour long.
    pub(crate) fn scenario(self) -> Scenario {
        let nothing = || VariantSpec { name: "only".to_owned(), weight: 1.0, faults: Vec::new(), deploys: Vec::new() };
        Scenario {
            name: "test".to_owned(),
            title: String::new(),
            story: String::new(),
            about: About::default(),
            duration: SimDuration::from_secs(3_600),
            system: self.system,
            populations: self.populations,
            variants: vec![self.variant.unwrap_or_else(nothing)],
            always: nothing(),
            hotfixes: Vec::new(),
        }
    }
}

/// A required call.
pub(crate) fn call(dependency: Id<DependencySpec>, endpoint: Id<EndpointSpec>) -> CallStep {
    CallStep { dependency, endpoint, optional: false }
}
