//! Playing a scenario of the library and looking at what was measured in a stretch of it.

use std::ops::Range;
use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{DependencySpec, EndpointSpec, Flow, ServiceSpec, Setting, Verb};
use brownout::observe::{FlowSecond, MonitoringSpec};
use brownout::scenario::Scenario;
use brownout::traffic::PopulationSpec;
use brownout::units::{SimDuration, SimTime};

/// The instant so many seconds after the start.
pub(crate) fn at(secs: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(secs)
}

/// A scenario under test.
pub(crate) struct Stage {
    pub(crate) scenario: Arc<Scenario>,
}

impl Stage {
    pub(crate) fn of(name: &str) -> Self {
        let found = brownout_scenarios::find(name).expect("a scenario of the library");
        let (scenario, _) = found.parse().unwrap_or_else(|findings| panic!("{}", findings.render()));
        Self { scenario: Arc::new(scenario) }
    }

    /// The system of a scenario, without people, seen as soon as it is measured.
    pub(crate) fn alone(name: &str) -> Self {
        let Self { scenario } = Self::of(name);
        let mut scenario = Arc::unwrap_or_clone(scenario);
        (scenario.people, scenario.monitoring) = (None, MonitoringSpec::default());
        Self { scenario: Arc::new(scenario) }
    }

    pub(crate) fn variants(&self) -> Vec<&str> {
        self.scenario.variants.iter().map(|variant| variant.name.as_str()).collect()
    }

    /// A run of a variant up to `secs`.
    pub(crate) fn until(&self, variant: &str, seed: u64, secs: u64) -> Play {
        let index = self.variants().iter().position(|name| *name == variant).expect("a variant of that name");
        let mut simulation = Simulation::with_variant(Arc::clone(&self.scenario), seed, index);
        simulation.run_until(at(secs));
        Play { simulation }
    }

    /// A run of a variant to its end.
    pub(crate) fn whole(&self, variant: &str, seed: u64) -> Play {
        self.until(variant, seed, self.scenario.duration.as_nanos() / 1_000_000_000)
    }

    pub(crate) fn service(&self, name: &str) -> Id<ServiceSpec> {
        let mut services = self.scenario.system.services.enumerate();
        services.find(|(_, service)| service.name == name).expect("a service of that name").0
    }

    pub(crate) fn endpoint(&self, service: &str, name: &str) -> Id<EndpointSpec> {
        let service = self.service(service);
        let mut endpoints = self.scenario.system.endpoints.enumerate();
        let found = endpoints.find(|(_, endpoint)| endpoint.service == service && endpoint.name == name);
        found.expect("an endpoint of that name").0
    }

    pub(crate) fn dependency(&self, name: &str) -> Id<DependencySpec> {
        let mut dependencies = self.scenario.system.dependencies.enumerate();
        dependencies.find(|(_, dependency)| dependency.name == name).expect("a dependency of that name").0
    }

    pub(crate) fn population(&self, name: &str) -> Id<PopulationSpec> {
        let mut populations = self.scenario.populations.enumerate();
        populations.find(|(_, population)| population.name == name).expect("a population of that name").0
    }

    pub(crate) fn roll_back(&self, service: &str) -> Verb {
        Verb::RollBack { service: self.service(service) }
    }

    pub(crate) fn hotfix(&self, name: &str) -> Verb {
        let mut hotfixes = self.scenario.hotfixes.iter();
        Verb::Hotfix(hotfixes.find(|hotfix| hotfix.name == name).expect("a hotfix of that name").hotfix.clone())
    }

    pub(crate) fn shed(&self, service: &str, ratio: f64) -> Verb {
        Verb::Shed { service: self.service(service), selector: Default::default(), ratio }
    }

    pub(crate) fn set(&self, dependency: &str, setting: Setting) -> Verb {
        Verb::Set { dependency: self.dependency(dependency), setting }
    }
}

/// A run.
pub(crate) struct Play {
    pub(crate) simulation: Simulation,
}

/// What flowed in a stretch of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stretch {
    pub(crate) offered: f64,
    pub(crate) failed: f64,
    pub(crate) succeeded: f64,
    /// The mean latency of what succeeded, in seconds.
    pub(crate) mean: f64,
    /// The mean of the seconds' 90th percentiles, in seconds.
    pub(crate) p90: f64,
    pub(crate) seconds: f64,
}

impl Stretch {
    fn of<'a>(flows: impl Iterator<Item = &'a FlowSecond>) -> Self {
        let mut sum = Self::default();
        for flow in flows {
            let succeeded = f64::from(flow.succeeded);
            sum.offered += f64::from(flow.offered);
            sum.failed += f64::from(flow.failed());
            sum.succeeded += succeeded;
            sum.mean += flow.mean.as_secs_f64() * succeeded;
            sum.p90 += flow.p90.as_secs_f64();
            sum.seconds += 1.0;
        }
        Self { mean: sum.mean / sum.succeeded, p90: sum.p90 / sum.seconds, ..sum }
    }

    pub(crate) fn error_ratio(&self) -> f64 {
        if self.failed == 0.0 { 0.0 } else { self.failed / (self.failed + self.succeeded) }
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        self.offered / self.seconds
    }
}

impl Play {
    /// A branch with the same luck that is given an order now and run on.
    pub(crate) fn after(&self, verb: Verb, secs: u64) -> Self {
        let mut branch = Self { simulation: self.simulation.fork() };
        branch.order(verb, secs);
        branch
    }

    /// Gives an order now and runs on.
    pub(crate) fn order(&mut self, verb: Verb, secs: u64) {
        self.simulation.order(verb).expect("an order that makes sense");
        self.simulation.run_until(at(secs));
    }

    pub(crate) fn service(&self, id: Id<ServiceSpec>, range: Range<usize>) -> Stretch {
        Stretch::of(self.simulation.recording().seconds[range].iter().map(|second| &second.services[id.index()].flow))
    }

    pub(crate) fn endpoint(&self, id: Id<EndpointSpec>, range: Range<usize>) -> Stretch {
        Stretch::of(self.simulation.recording().seconds[range].iter().map(|second| &second.endpoints[id.index()]))
    }

    pub(crate) fn population(&self, id: Id<PopulationSpec>, range: Range<usize>) -> Stretch {
        Stretch::of(
            self.simulation.recording().seconds[range].iter().map(|second| &second.populations[id.index()].flow),
        )
    }

    /// The first second from `from` on that begins a minute in which fewer than 1 % of a service's answers are errors.
    pub(crate) fn healed(&self, id: Id<ServiceSpec>, from: usize) -> Option<usize> {
        let end = self.simulation.recording().seconds.len();
        (from..end.saturating_sub(60)).find(|start| self.service(id, *start..*start + 60).error_ratio() < 0.01)
    }

    /// How many requests all populations offered.
    pub(crate) fn offered(&self) -> u64 {
        self.simulation.recording().totals.populations.iter().map(|flow| flow.offered).sum()
    }

    /// How many requests of all populations failed.
    pub(crate) fn failed(&self) -> u64 {
        self.simulation.recording().totals.populations.iter().map(Flow::failed).sum()
    }

    /// Executions of all endpoints: what a run costs.
    pub(crate) fn executions(&self) -> u64 {
        self.simulation.recording().totals.endpoints.iter().map(|flow| flow.offered).sum()
    }
}

/// Every measure of every second before `end` is the same in all variants.
pub(crate) fn assert_alike_before(stage: &Stage, seed: u64, end: u64) {
    let variants = stage.variants();
    let first = stage.until(variants[0], seed, end);
    for variant in &variants[1..] {
        let other = stage.until(variant, seed, end);
        assert_eq!(
            first.simulation.recording().seconds,
            other.simulation.recording().seconds,
            "{variant}, seed {seed}"
        );
    }
}
