//! Small systems put together in code, for tests that are not about scenario files.

use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::VariantSpec;
use brownout::ids::{Id, Table};
use brownout::model::{
    Backoff, Balancing, CallStep, Capacity, Change, DependencySpec, Discipline, Effect, EndpointSpec, ErrorKind,
    ErrorSet, Jitter, Layer, LinkSpec, OnLoss, Plan, QueueSpec, RetrySpec, RolloutSpec, ServiceSpec, Step, SystemSpec,
    VersionSpec,
};
use brownout::observe::{EvidenceSpec, MonitoringSpec};
use brownout::response::MenuSpec;
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

    /// Makes a share of all requests to a service fail, each independently of the others.
    pub(crate) fn failing(&mut self, service: Id<ServiceSpec>, ratio: f64) {
        let change = Change::Errors { ratio, kind: ErrorKind::Internal };
        let effect = Effect { name: "failing".to_owned(), endpoint: None, change };
        self.system.services[service].versions[0].effects.push(effect);
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
            cost_per_user_minute: None,
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
            people: None,
            menu: MenuSpec::default(),
            monitoring: MonitoringSpec::default(),
            evidence: EvidenceSpec::default(),
        }
    }
}

/// So many attempts, one right after the other, for every error.
pub(crate) const fn at_once(max_attempts: u32) -> RetrySpec {
    RetrySpec {
        max_attempts,
        backoff: Backoff::None,
        throttling_backoff: None,
        jitter: Jitter::None,
        retry_on: ErrorSet::ALL,
        budget: None,
    }
}

/// A required call.
pub(crate) fn call(dependency: Id<DependencySpec>, endpoint: Id<EndpointSpec>) -> CallStep {
    CallStep { dependency, endpoint, optional: false }
}

/// What was counted between two instants of a run.
pub(crate) struct Window {
    from: Reading,
    to: Reading,
    seconds: f64,
}

/// Totals and integrals at one instant, by service where not said otherwise.
struct Reading {
    offered: Vec<u64>,
    errors: Vec<[u64; ErrorKind::COUNT]>,
    waiting: Vec<u128>,
    running: Vec<u128>,
}

impl Window {
    /// Runs a simulation through a warm-up, then measures for at least `seconds`, from whole second to whole second.
    /// Little's law must hold at the end.
    pub(crate) fn over(simulation: &mut Simulation, warm_up: f64, seconds: f64) -> Self {
        let (start, seconds) = (libm::ceil(warm_up), libm::ceil(seconds));
        simulation.run_until(at(start));
        let from = Reading::of(simulation);
        simulation.run_until(at(start + seconds));
        let to = Reading::of(simulation);
        assert_littles_law(simulation);
        Self { from, to, seconds }
    }

    /// How long it is, in seconds.
    pub(crate) const fn seconds(&self) -> f64 {
        self.seconds
    }

    /// How many jobs came to a service.
    pub(crate) fn arrived(&self, service: Id<ServiceSpec>) -> f64 {
        (self.to.offered[service.index()] - self.from.offered[service.index()]) as f64
    }

    /// How many jobs of a service ended with an error of a kind.
    pub(crate) fn errors(&self, service: Id<ServiceSpec>, kind: ErrorKind) -> f64 {
        let (from, to) = (&self.from.errors[service.index()], &self.to.errors[service.index()]);
        (to[kind as usize] - from[kind as usize]) as f64
    }

    /// The integral of the number of jobs in a service's queues, in seconds.
    pub(crate) fn waiting(&self, service: Id<ServiceSpec>) -> f64 {
        (self.to.waiting[service.index()] - self.from.waiting[service.index()]) as f64 / 1e9
    }

    /// The integral of the number of jobs that run in a service, in seconds.
    pub(crate) fn running(&self, service: Id<ServiceSpec>) -> f64 {
        (self.to.running[service.index()] - self.from.running[service.index()]) as f64 / 1e9
    }
}

impl Reading {
    fn of(simulation: &mut Simulation) -> Self {
        let flows = &simulation.recording().totals.services;
        let (offered, errors): (Vec<_>, _) = flows.iter().map(|flow| (flow.offered, flow.errors)).unzip();
        let services = 0..offered.len();
        let (waiting, running) = simulation.inspect(|model| {
            services.map(Id::from_usize).map(|id| (model.waiting_integral(id), model.running_integral(id))).unzip()
        });
        Self { offered, errors, waiting, running }
    }
}

/// Little's law as an identity of integers, at every queue, every set of running jobs and every pool.
#[track_caller]
pub(crate) fn assert_littles_law(simulation: &mut Simulation) {
    let law = simulation.littles_law();
    assert!(law.iter().all(|(integral, inside)| integral == inside), "Little's law: {law:?}");
}
