//! The recorded history: one [`Second`] after the other, and totals since the start.

use std::sync::Arc;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Histogram;
use crate::model::{DependencySpec, ErrorKind, Flow, Model, PoolGauges, PoolIntegrals, PoolTotals};
use crate::traffic::{PopulationSpec, Traffic};
use crate::units::{SimDuration, SimTime};

use super::impact::Impact;

/// What flowed through one place in one second. Counts are rates per second because the window is one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowSecond {
    /// Requests, jobs or calls that came.
    pub offered: u32,
    /// Attempts sent, retries included.
    pub attempts: u32,
    /// The retries among them.
    pub retries: u32,
    /// Attempts that ended before they were sent.
    pub refused: u32,
    /// What ended well: goodput.
    pub succeeded: u32,
    /// What ended badly, by kind in the order of [`ErrorKind::ALL`].
    pub errors: [u32; ErrorKind::COUNT],
    /// The mean latency of what ended well.
    pub mean: SimDuration,
    /// Its median, to 0.8 %.
    pub p50: SimDuration,
    /// Its 90th percentile, to 0.8 %.
    pub p90: SimDuration,
    /// Its 99th percentile, to 0.8 %.
    pub p99: SimDuration,
    /// The longest, exactly.
    pub max: SimDuration,
}

impl FlowSecond {
    fn of(flow: &Flow) -> Self {
        let [p50, p90, p99] = flow.latency.quantiles([0.5, 0.9, 0.99]);
        Self {
            offered: flow.offered as u32,
            attempts: flow.attempts as u32,
            retries: flow.retries as u32,
            refused: flow.refused as u32,
            succeeded: flow.succeeded as u32,
            errors: flow.errors.map(|count| count as u32),
            mean: flow.latency.mean(),
            p50,
            p90,
            p99,
            max: flow.latency.max(),
        }
    }

    /// What ended badly, of any kind.
    #[must_use]
    pub fn failed(&self) -> u32 {
        self.errors.iter().sum()
    }

    /// Attempts sent for each request offered; 1 when nothing was offered. Below 1, more attempts were refused before they
    /// were sent than retries were.
    #[must_use]
    pub fn amplification(&self) -> f64 {
        if self.offered == 0 { 1.0 } else { f64::from(self.attempts) / f64::from(self.offered) }
    }
}

/// One second of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceSecond {
    /// Its jobs.
    pub flow: FlowSecond,
    /// The share of its workers or cores that was busy, 0 to 1; for a service without a limit, the mean number of jobs
    /// on an instance.
    pub utilisation: f64,
    /// Jobs waiting for a worker at the end of the second.
    pub queue: u32,
    /// Jobs running at the end of the second.
    pub running: u32,
    /// Instances that serve at the end of the second.
    pub instances: u32,
}

/// One second of a dependency, all its callers together. Means are over time, and exact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DependencySecond {
    /// Its calls.
    pub flow: FlowSecond,
    /// Connections in use, the mean.
    pub pool_in_use: f64,
    /// The most in use at one time: those of each caller's own pool, added up; where a caller died, of both its lives.
    pub pool_in_use_peak: u32,
    /// Idle connections, the mean.
    pub pool_idle: f64,
    /// Callers waiting for a connection, the mean.
    pub pool_waiting: f64,
    /// The most waiting at one time, added up likewise.
    pub pool_waiting_peak: u32,
    /// The most connections there may be.
    pub pool_maximum: u32,
    /// The 99th percentile of how long callers had waited that got a connection in this second.
    pub pool_wait_p99: SimDuration,
    /// The 99th percentile of how long callers had had the connections that came back in this second.
    pub pool_usage_p99: SimDuration,
    /// Connections whose users will never return them, at the end of the second.
    pub pool_leaked: u32,
    /// Breakers that refuse calls at the end of the second.
    pub breakers_open: u32,
    /// Breakers that try at the end of the second.
    pub breakers_half_open: u32,
    /// How often breakers opened in the second; one that is shared counts for every dependency that shares it.
    pub breakers_opened: u32,
}

/// One second of a population.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PopulationSecond {
    /// Its requests; latencies count from when each should have been sent.
    pub flow: FlowSecond,
    /// The 99th percentile of the latency from the actual sending.
    pub actual_p99: SimDuration,
    /// Requests without an answer at the end of the second.
    pub in_flight: u32,
    /// Requests that were never sent.
    pub dropped: u32,
    /// Requests that ended, were never sent, or took longer than promised: all of which the bad ones are a share.
    pub finished: u32,
    /// Requests that failed, were never sent, or took longer than promised, each in the second in which that was certain.
    pub bad: u32,
    /// Requests without an answer at the end of the second that have taken longer than promised.
    pub overdue: u32,
    /// How many real users had a bad request in the last minute, about.
    pub affected_users: f64,
    /// How fast the error budget burns: the share of bad requests over the share that the objective allows.
    pub burn_rate: f64,
}

/// Everything measured in one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Its end.
    pub end: SimTime,
    /// By service.
    pub services: Vec<ServiceSecond>,
    /// By endpoint.
    pub endpoints: Vec<FlowSecond>,
    /// By dependency.
    pub dependencies: Vec<DependencySecond>,
    /// By population.
    pub populations: Vec<PopulationSecond>,
}

/// The history and the totals of a run.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Recording {
    /// One entry for each whole second.
    pub seconds: Vec<Arc<Second>>,
    /// What all of them add up to.
    pub totals: Totals,
    /// By service: the integrals of busy and of serving workers up to the last whole second.
    looks: Vec<(u128, u128)>,
    /// By dependency: the integrals of its pools and the openings of its breakers up to the last whole second.
    earlier: Vec<(PoolIntegrals, u64)>,
}

/// Sums over all whole seconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// By service.
    pub services: Vec<Flow>,
    /// By endpoint.
    pub endpoints: Vec<Flow>,
    /// By dependency.
    pub dependencies: Vec<Flow>,
    /// By population; latencies count from when each request should have been sent.
    pub populations: Vec<Flow>,
    /// By population: latencies from the actual sending.
    pub actual_latency: Vec<Histogram>,
    /// By population: requests that were never sent.
    pub dropped: Vec<u64>,
    /// By dependency: how long callers had waited that got a connection.
    pub pool_waits: Vec<Histogram>,
    /// By dependency: for how long callers had the connections that they gave back.
    pub pool_usage: Vec<Histogram>,
    /// By dependency: what its pools have done.
    pub pools: Vec<PoolTotals>,
    /// By population.
    pub impact: Vec<Impact>,
}

impl Recording {
    /// An empty history for so many of each.
    #[must_use]
    pub fn new(services: usize, endpoints: usize, dependencies: usize, populations: usize) -> Self {
        let totals = Totals {
            services: vec![Flow::default(); services],
            endpoints: vec![Flow::default(); endpoints],
            dependencies: vec![Flow::default(); dependencies],
            populations: vec![Flow::default(); populations],
            actual_latency: vec![Histogram::default(); populations],
            dropped: vec![0; populations],
            pool_waits: vec![Histogram::default(); dependencies],
            pool_usage: vec![Histogram::default(); dependencies],
            pools: vec![PoolTotals::default(); dependencies],
            impact: vec![Impact::default(); populations],
        };
        let earlier = vec![(PoolIntegrals::default(), 0); dependencies];
        Self { seconds: Vec::new(), totals, looks: vec![(0, 0); services], earlier }
    }
}

/// Closes the second that ends now: derives its record, adds it to the totals, and starts the next with empty counts.
pub fn close_second(recording: &mut Recording, model: &mut Model<'_>, traffic: &mut Traffic<'_>) {
    model.meters.add_up_services(&model.spec.endpoints);
    let second = Second {
        end: model.now(),
        services: close_services(recording, model),
        endpoints: close_flows(&mut model.meters.endpoints, &mut recording.totals.endpoints),
        // Populations before dependencies: they count the attempts of the dependencies they call through.
        populations: traffic.specs.ids().map(|id| close_population(recording, model, traffic, id)).collect(),
        dependencies: close_dependencies(recording, model),
    };
    recording.seconds.push(Arc::new(second));
}

fn close_flow(flow: &mut Flow, total: &mut Flow) -> FlowSecond {
    let second = FlowSecond::of(flow);
    total.merge(flow);
    flow.clear();
    second
}

fn close_flows(flows: &mut [Flow], totals: &mut [Flow]) -> Vec<FlowSecond> {
    flows.iter_mut().zip(totals).map(|(flow, total)| close_flow(flow, total)).collect()
}

fn close_services(recording: &mut Recording, model: &mut Model<'_>) -> Vec<ServiceSecond> {
    let flows = close_flows(&mut model.meters.services, &mut recording.totals.services);
    let close = |(index, flow): (usize, FlowSecond)| {
        let id = Id::from_usize(index);
        let look = (model.busy_integral(id), model.slots_integral(id));
        let earlier = std::mem::replace(&mut recording.looks[index], look);
        ServiceSecond {
            flow,
            utilisation: model.utilisation(id, earlier),
            queue: model.queue_length(id),
            running: model.running(id),
            instances: model.instances_up(id),
        }
    };
    flows.into_iter().enumerate().map(close).collect()
}

fn close_dependencies(recording: &mut Recording, model: &mut Model<'_>) -> Vec<DependencySecond> {
    let ids: Vec<Id<DependencySpec>> = model.dependencies.ids().collect();
    ids.into_iter()
        .map(|id| {
            let totals = &mut recording.totals;
            totals.pools[id.index()] = model.pool_totals(id);
            let pool_wait_p99 = close_p99(&mut model.meters.pool_waits[id.index()], &mut totals.pool_waits[id.index()]);
            let pool_usage_p99 =
                close_p99(&mut model.meters.pool_usage[id.index()], &mut totals.pool_usage[id.index()]);
            let flow =
                close_flow(&mut model.meters.dependencies[id.index()], &mut recording.totals.dependencies[id.index()]);
            let (pools, breakers) = (model.pool_integrals(id), model.breaker_gauges(id));
            let (before, opened) = std::mem::replace(&mut recording.earlier[id.index()], (pools, breakers.opened));
            let (pool_in_use_peak, pool_waiting_peak) = model.take_pool_peaks(id);
            let PoolGauges { maximum, leaked, .. } = model.pool_gauges(id);
            DependencySecond {
                flow,
                pool_in_use: second_mean(pools.in_use - before.in_use),
                pool_in_use_peak,
                pool_idle: second_mean(pools.idle - before.idle),
                pool_waiting: second_mean(pools.waiting - before.waiting),
                pool_waiting_peak,
                pool_maximum: maximum,
                pool_wait_p99,
                pool_usage_p99,
                pool_leaked: leaked,
                breakers_open: breakers.open,
                breakers_half_open: breakers.half_open,
                breakers_opened: (breakers.opened - opened) as u32,
            }
        })
        .collect()
}

/// The 99th percentile of a second's spans, which are added to the total and forgotten.
fn close_p99(spans: &mut Histogram, total: &mut Histogram) -> SimDuration {
    let p99 = spans.quantile(0.99);
    total.merge(spans);
    spans.clear();
    p99
}

/// The mean over a second of what was integrated in nanoseconds.
fn second_mean(integral: u128) -> f64 {
    integral as f64 / 1e9
}

/// A population's attempts are those of the dependencies it calls through, which nobody else does.
fn close_population(
    recording: &mut Recording,
    model: &Model<'_>,
    traffic: &mut Traffic<'_>,
    id: Id<PopulationSpec>,
) -> PopulationSecond {
    let spec = &traffic.specs[id];
    let population = &mut traffic.populations[id];
    let mut dependencies: Vec<_> = spec.mix.iter().map(|entry| entry.call.dependency).collect();
    dependencies.sort_unstable();
    dependencies.dedup();
    for dependency in dependencies {
        let flow = &model.meters.dependencies[dependency.index()];
        population.flow.attempts += flow.attempts;
        population.flow.retries += flow.retries;
        population.flow.refused += flow.refused;
    }
    let totals = &mut recording.totals;
    let waiting = population.look_at_waiting(spec, model.now());
    let finished = population.flow.finished() + population.dropped + waiting.bad - waiting.late;
    let bad = std::mem::take(&mut population.bad) + waiting.bad;
    let dropped = std::mem::take(&mut population.dropped);
    totals.impact[id.index()].add_second(finished, bad, waiting.missed);
    let actual = if spec.max_in_flight.is_some() { &population.actual_latency } else { &population.flow.latency };
    totals.actual_latency[id.index()].merge(actual);
    totals.dropped[id.index()] += dropped;
    let actual_p99 = actual.quantile(0.99);
    population.actual_latency.clear();
    PopulationSecond {
        flow: close_flow(&mut population.flow, &mut totals.populations[id.index()]),
        actual_p99,
        in_flight: population.in_flight,
        dropped: dropped as u32,
        finished: finished as u32,
        bad: bad as u32,
        overdue: waiting.overdue,
        affected_users: totals.impact[id.index()].affected_now(spec),
        burn_rate: burn_rate(spec, bad, finished),
    }
}

/// To six decimals: `1 - 0.999` is not quite 0.001.
fn burn_rate(spec: &PopulationSpec, bad: u64, finished: u64) -> f64 {
    let allowed = finished as f64 * (1.0 - spec.objective.availability);
    if finished == 0 { 0.0 } else { libm::round(bad as f64 / allowed * 1e6) / 1e6 }
}
