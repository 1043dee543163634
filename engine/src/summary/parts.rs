//! The parts of a summary: requests, services, endpoints, dependencies.

use serde::Serialize;

use crate::ids::Id;
use crate::kernel::Histogram;
use crate::model::{Capacity, DependencySpec, ErrorKind, Flow, Layer, ServiceSpec};
use crate::observe::{DependencySecond, Recording, Totals};
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::units::SimDuration;

use super::ByName;

/// Milliseconds; `None` where nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LatencyMs {
    /// The mean, exact.
    pub mean: Option<f64>,
    /// The median, to 0.8 %.
    pub p50: Option<f64>,
    /// The 90th percentile, to 0.8 %.
    pub p90: Option<f64>,
    /// The 99th percentile, to 0.8 %.
    pub p99: Option<f64>,
    /// The longest, exact.
    pub max: Option<f64>,
}

impl LatencyMs {
    fn of(histogram: &Histogram) -> Self {
        if histogram.count() == 0 {
            return Self::default();
        }
        let ms = |span: SimDuration| Some(span.as_millis_f64());
        Self {
            mean: ms(histogram.mean()),
            p50: ms(histogram.quantile(0.5)),
            p90: ms(histogram.quantile(0.9)),
            p99: ms(histogram.quantile(0.99)),
            max: ms(histogram.max()),
        }
    }

    pub(super) fn of_all<'a>(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let mut all = Histogram::default();
        histograms.for_each(|histogram| all.merge(histogram));
        Self::of(&all)
    }
}

/// What flowed through one place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Requests of a population, jobs at a service or endpoint, calls through a dependency.
    pub offered: u64,
    /// First attempts and retries that were sent.
    pub attempts: u64,
    /// The retries among them; the others are first attempts.
    pub retries: u64,
    /// Attempts, first ones and retries, that ended before they were sent: refused by a breaker, a bulkhead, a rate limit
    /// or a pool, or given up while they waited there. `attempts + refused` are all that were made.
    pub refused: u64,
    /// Attempts sent for each one offered; below 1, more were refused before they were sent than retries were.
    pub amplification: f64,
    /// What ended well.
    pub succeeded: u64,
    /// What ended badly.
    pub failed: u64,
    /// What ended badly, by kind; kinds that did not occur are left out.
    pub errors: ByName<u64>,
}

impl Counts {
    fn of(flow: &Flow) -> Self {
        let errors = ErrorKind::ALL.into_iter().zip(flow.errors).filter(|(_, count)| *count > 0);
        Self {
            offered: flow.offered,
            attempts: flow.attempts,
            retries: flow.retries,
            refused: flow.refused,
            amplification: flow.amplification(),
            succeeded: flow.succeeded,
            failed: flow.failed(),
            errors: errors.map(|(kind, count)| (kind.name().to_owned(), count)).collect(),
        }
    }
}

/// Requests of all populations and of each.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Requests {
    /// All populations together.
    #[serde(flatten)]
    pub total: Counts,
    /// Requests that were never sent, because a limit on unanswered ones forbade it.
    pub dropped: u64,
    /// Requests that had no answer yet at the end.
    pub unfinished: u64,
    /// Those of them that had taken longer than promised.
    pub overdue: u64,
    /// By population.
    pub by_population: ByName<PopulationSummary>,
}

/// The requests of one population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PopulationSummary {
    /// Their numbers.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many real requests each of them stands for.
    pub represents: f64,
    /// Requests that were never sent, because a limit on unanswered ones forbade it.
    pub dropped: u64,
    /// Requests that had no answer yet at the end.
    pub unfinished: u64,
    /// Those of them that had taken longer than promised.
    pub overdue: u64,
    /// Latency from when each request should have been sent.
    pub latency_ms: LatencyMs,
    /// Latency from when each request was sent.
    pub latency_from_sending_ms: LatencyMs,
}

impl Requests {
    pub(super) fn of(scenario: &Scenario, recording: &Recording) -> Self {
        let totals = &recording.totals;
        let last = recording.seconds.last();
        let overdue = |index: usize| last.map_or(0, |second| u64::from(second.populations[index].overdue));
        let mut sum = Flow::default();
        totals.populations.iter().for_each(|flow| sum.merge(flow));
        let dropped = totals.dropped.iter().sum();
        let population = |index: usize| PopulationSummary {
            counts: Counts::of(&totals.populations[index]),
            represents: scenario.populations[Id::from_usize(index)].represents,
            dropped: totals.dropped[index],
            unfinished: unfinished(&totals.populations[index], totals.dropped[index]),
            overdue: overdue(index),
            latency_ms: LatencyMs::of(&totals.populations[index].latency),
            latency_from_sending_ms: LatencyMs::of(&totals.actual_latency[index]),
        };
        let populations = scenario.populations.iter().enumerate();
        Self {
            total: Counts::of(&sum),
            dropped,
            unfinished: unfinished(&sum, dropped),
            overdue: (0..scenario.populations.len()).map(overdue).sum(),
            by_population: populations.map(|(index, spec)| (spec.name.clone(), population(index))).collect(),
        }
    }
}

fn unfinished(flow: &Flow, dropped: u64) -> u64 {
    flow.offered.saturating_sub(flow.finished() + dropped)
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceSummary {
    /// What limits it: `workers`, `cores` or nothing, `unlimited`.
    pub capacity: &'static str,
    /// The share of workers or cores that was busy, 0 to 1, the mean over the run; `None` for a service that nothing limits.
    pub utilisation: Option<f64>,
    /// The same in the busiest second.
    pub utilisation_max: Option<f64>,
    /// Of a service that nothing limits: the number of jobs on an instance, the mean over the run; `None` for others.
    pub jobs_mean: Option<f64>,
    /// The same in the busiest second.
    pub jobs_max: Option<f64>,
    /// Jobs that waited for a worker.
    pub queue: QueueSummary,
    /// Jobs that came.
    pub offered: u64,
    /// Jobs that ended well.
    pub succeeded: u64,
    /// Jobs that ended badly.
    pub failed: u64,
    /// The same by kind; kinds that did not occur are left out.
    pub errors: ByName<u64>,
    /// From a job's arrival to its end, of those that ended well.
    pub latency_ms: LatencyMs,
    /// By the dependencies it calls through: how long it waited for a connection, where it got one.
    pub pool_waits_ms: ByName<LatencyMs>,
    /// Instances that served at the end.
    pub instances: u32,
}

/// How many waited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct QueueSummary {
    /// The mean over the run, exact.
    pub mean: f64,
    /// The most at the end of any second.
    pub max: u32,
}

pub(super) fn services(simulation: &Simulation) -> ByName<ServiceSummary> {
    let services = &simulation.scenario().system.services;
    services.enumerate().map(|(id, spec)| (spec.name.clone(), service(simulation, id, spec))).collect()
}

fn service(simulation: &Simulation, id: Id<ServiceSpec>, spec: &ServiceSpec) -> ServiceSummary {
    let recording = simulation.recording();
    let counts = Counts::of(&recording.totals.services[id.index()]);
    let seconds = || recording.seconds.iter().map(|second| &second.services[id.index()]);
    let dependencies = &simulation.scenario().system.dependencies;
    let pooled = spec.dependencies.iter().filter(|id| has_pool(&dependencies[**id]));
    let wait = |id: &Id<DependencySpec>| LatencyMs::of(&recording.totals.pool_waits[id.index()]);
    let busy = || seconds().map(|second| second.utilisation);
    let (busy_mean, busy_max) = (mean(busy()), busy().fold(0.0, f64::max));
    let limited = spec.capacity != Capacity::Unlimited;
    ServiceSummary {
        capacity: match spec.capacity {
            Capacity::Workers(_) => "workers",
            Capacity::ProcessorSharing { .. } => "cores",
            Capacity::Unlimited => "unlimited",
        },
        utilisation: limited.then_some(busy_mean),
        utilisation_max: limited.then_some(busy_max),
        jobs_mean: (!limited).then_some(busy_mean),
        jobs_max: (!limited).then_some(busy_max),
        queue: QueueSummary {
            mean: simulation.mean_queue(id),
            max: seconds().map(|second| second.queue).max().unwrap_or(0),
        },
        offered: counts.offered,
        succeeded: counts.succeeded,
        failed: counts.failed,
        errors: counts.errors,
        latency_ms: LatencyMs::of(&recording.totals.services[id.index()].latency),
        pool_waits_ms: pooled.map(|id| (dependencies[*id].name.clone(), wait(id))).collect(),
        instances: seconds().next_back().map_or(spec.instances, |second| second.instances),
    }
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EndpointSummary {
    /// Jobs that came.
    pub offered: u64,
    /// Jobs that ended well.
    pub succeeded: u64,
    /// Jobs that ended badly.
    pub failed: u64,
    /// The same by kind; kinds that did not occur are left out.
    pub errors: ByName<u64>,
    /// From a job's arrival to its end, of those that ended well.
    pub latency_ms: LatencyMs,
}

pub(super) fn endpoints(simulation: &Simulation) -> ByName<EndpointSummary> {
    let system = &simulation.scenario().system;
    let summary = |flow: &Flow| {
        let Counts { offered, succeeded, failed, errors, .. } = Counts::of(flow);
        EndpointSummary { offered, succeeded, failed, errors, latency_ms: LatencyMs::of(&flow.latency) }
    };
    let flows = &simulation.recording().totals.endpoints;
    let named = system.endpoints.iter().zip(flows);
    named.map(|(spec, flow)| (format!("{}.{}", system.services[spec.service].name, spec.name), summary(flow))).collect()
}

/// One dependency, all its callers together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DependencySummary {
    /// The service or population that calls.
    pub caller: String,
    /// The service called.
    pub target: String,
    /// Its calls.
    #[serde(flatten)]
    pub counts: Counts,
    /// From the start of a call to its end, of those that ended well.
    pub latency_ms: LatencyMs,
    /// Its connection pools, if it has any.
    pub pool: Option<PoolSummary>,
    /// Its circuit breakers, if it has any.
    pub breaker: Option<BreakerSummary>,
}

/// The connection pools of a dependency, all its callers together. Means are over time; a maximum is that of each caller's
/// own pool in the second in which they add up to most.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PoolSummary {
    /// The most connections there may be, at the end.
    pub maximum: u32,
    /// Connections in use, the mean.
    pub in_use_mean: f64,
    /// Connections in use, the maximum.
    pub in_use_max: u32,
    /// Idle connections, the mean.
    pub idle_mean: f64,
    /// Callers that waited, the mean.
    pub waiting_mean: f64,
    /// Callers that waited, the maximum.
    pub waiting_max: u32,
    /// How long callers waited that got a connection.
    pub wait_ms: LatencyMs,
    /// For how long callers had the connections that they gave back (`hikaricp.connections.usage`).
    pub usage_ms: LatencyMs,
    /// Connections opened (`hikaricp.connections.creation`), without those that were there at the start.
    pub created: u64,
    /// Callers that waited for as long as the pool lets them (`hikaricp.connections.timeout`).
    pub timeouts: u64,
    /// Connections that nobody will return, at the end.
    pub leaked: u32,
    /// How often a connection was held for as long as the pool takes for a leak (`leakDetectionThreshold`).
    pub leak_warnings: u64,
}

/// The circuit breakers of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct BreakerSummary {
    /// How often breakers opened, however shortly; one that is shared counts for every dependency that shares it.
    pub opened: u64,
    /// Seconds at whose end a breaker refused calls.
    pub open_seconds: u64,
    /// Seconds at whose end a breaker tried.
    pub half_open_seconds: u64,
    /// The most breakers that refused calls at the end of a second.
    pub open_max: u32,
}

pub(super) fn dependencies(simulation: &Simulation) -> ByName<DependencySummary> {
    let scenario = simulation.scenario();
    let dependencies = scenario.system.dependencies.enumerate();
    dependencies.map(|(id, spec)| (spec.name.clone(), dependency(simulation, id, spec))).collect()
}

fn dependency(simulation: &Simulation, id: Id<DependencySpec>, spec: &DependencySpec) -> DependencySummary {
    let (scenario, recording) = (simulation.scenario(), simulation.recording());
    let flow = &recording.totals.dependencies[id.index()];
    let seconds: Vec<_> = recording.seconds.iter().map(|second| &second.dependencies[id.index()]).collect();
    DependencySummary {
        caller: caller(scenario, id, spec),
        target: scenario.system.services[spec.target].name.clone(),
        counts: Counts::of(flow),
        latency_ms: LatencyMs::of(&flow.latency),
        pool: has_pool(spec).then(|| pool(&seconds, &recording.totals, id)),
        breaker: spec.layers.iter().any(|layer| matches!(layer, Layer::Breaker { .. })).then(|| breaker(&seconds)),
    }
}

fn caller(scenario: &Scenario, id: Id<DependencySpec>, spec: &DependencySpec) -> String {
    if let Some(service) = spec.caller {
        return scenario.system.services[service].name.clone();
    }
    let mut populations = scenario.populations.iter();
    let calls = populations.find(|population| population.mix.iter().any(|entry| entry.call.dependency == id));
    calls.map_or_else(String::new, |population| population.name.clone())
}

fn has_pool(spec: &DependencySpec) -> bool {
    spec.layers.iter().any(|layer| matches!(layer, Layer::Pool(_)))
}

fn pool(seconds: &[&DependencySecond], totals: &Totals, id: Id<DependencySpec>) -> PoolSummary {
    let mean_of = |of: fn(&DependencySecond) -> f64| mean(seconds.iter().map(|second| of(second)));
    let max_of = |of: fn(&DependencySecond) -> u32| seconds.iter().map(|second| of(second)).max().unwrap_or(0);
    PoolSummary {
        maximum: seconds.last().map_or(0, |second| second.pool_maximum),
        in_use_mean: mean_of(|second| second.pool_in_use),
        in_use_max: max_of(|second| second.pool_in_use_peak),
        idle_mean: mean_of(|second| second.pool_idle),
        waiting_mean: mean_of(|second| second.pool_waiting),
        waiting_max: max_of(|second| second.pool_waiting_peak),
        wait_ms: LatencyMs::of(&totals.pool_waits[id.index()]),
        usage_ms: LatencyMs::of(&totals.pool_usage[id.index()]),
        created: totals.pools[id.index()].created,
        timeouts: totals.pools[id.index()].timeouts,
        leaked: seconds.last().map_or(0, |second| second.pool_leaked),
        leak_warnings: totals.pools[id.index()].leak_warnings,
    }
}

fn breaker(seconds: &[&DependencySecond]) -> BreakerSummary {
    let count = |of: fn(&DependencySecond) -> u32| seconds.iter().filter(|second| of(second) > 0).count() as u64;
    BreakerSummary {
        opened: seconds.iter().map(|second| u64::from(second.breakers_opened)).sum(),
        open_seconds: count(|second| second.breakers_open),
        half_open_seconds: count(|second| second.breakers_half_open),
        open_max: seconds.iter().map(|second| second.breakers_open).max().unwrap_or(0),
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len();
    if count == 0 { 0.0 } else { values.sum::<f64>() / count as f64 }
}
