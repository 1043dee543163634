//! How much load a scenario brings: what is expected to arrive, and whether a machine could simulate it.

use crate::fault::{FaultKind, FaultSpec, Trigger};
use crate::ids::Id;
use crate::scenario::Scenario;
use crate::traffic::{Arrivals, IDLE_ROUND, MixEntry, PopulationSpec};
use crate::units::SimTime;

use super::{Resolver, limits};

/// Where expectations end: high enough to be refused, low enough to be multiplied.
const BEYOND_COUNTING: f64 = 1e30;

/// Expected requests and executions of a whole run.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Load {
    /// By endpoint: how many requests a run is expected to execute there. Retries and faults are not counted.
    pub(in crate::scenario) executions: Vec<f64>,
    /// By dependency: how many calls a run is expected to make through it.
    pub(in crate::scenario) calls: Vec<f64>,
    /// By dependency: whether any plan, mix or effect calls through it.
    pub(in crate::scenario) used: Vec<bool>,
    /// By endpoint: what it calls, as (dependency, endpoint).
    pub(in crate::scenario) edges: Vec<Vec<(usize, usize)>>,
    /// By endpoint: the mean local work of a request, in nanoseconds, effects not counted.
    pub(in crate::scenario) work: Vec<f64>,
    /// Endpoints so that each comes before everything it calls.
    pub(in crate::scenario) order: Vec<usize>,
}

impl Resolver<'_, '_> {
    /// The load of a resolved scenario without cycles. Too much of it is reported.
    pub(super) fn load(&mut self, scenario: &Scenario) -> Load {
        let end = SimTime::ZERO.saturating_add(scenario.duration);
        let mut load = Load {
            executions: vec![0.0; self.edges.len()],
            calls: vec![0.0; self.dependencies.list.len()],
            edges: self
                .edges
                .iter()
                .map(|edges| edges.iter().map(|edge| (edge.dependency, edge.to.index())).collect())
                .collect(),
            used: vec![false; self.dependencies.list.len()],
            work: self.work.clone(),
            order: self.callers_first(),
        };
        let mut total = 0.0;
        let mut most = (0.0, 0);
        let times = self.times(scenario, &load.order);
        for (id, population) in scenario.populations.enumerate() {
            let offered = offered(population, end, time_of(population, scenario, &times))
                + scenario.spikes(id).map(|fault| extra(population, fault, end)).fold(0.0, f64::max);
            total += offered;
            if offered > most.0 {
                most = (offered, id.index());
            }
            let weights: f64 = population.mix.iter().map(|entry| entry.weight).sum();
            for entry in &population.mix {
                load.executions[entry.call.endpoint.index()] += offered * entry.weight / weights;
                load.calls[entry.call.dependency.index()] += offered * entry.weight / weights;
                load.used[entry.call.dependency.index()] = true;
            }
        }
        for &at in &load.order {
            for edge in &self.edges[at] {
                let calls = (load.executions[at] * edge.count).min(BEYOND_COUNTING);
                load.used[edge.dependency] = true;
                load.calls[edge.dependency] += calls;
                load.executions[edge.to.index()] += calls;
            }
        }
        let steps = load.executions.iter().zip(&self.steps_taken).map(|(jobs, steps)| jobs * steps).sum();
        self.refuse_too_much(most.1, total, load.executions.iter().sum(), steps);
        load
    }

    /// By endpoint: the mean time of a request that waits nowhere, one step after the other, in nanoseconds.
    fn times(&self, scenario: &Scenario, callers_first: &[usize]) -> Vec<f64> {
        let mut times = self.work.clone();
        for &at in callers_first.iter().rev() {
            let calls = self.edges[at].iter().map(|edge| {
                let there_and_back =
                    2.0 * scenario.system.dependencies[Id::from_usize(edge.dependency)].link.latency.mean();
                edge.count * (there_and_back + times[edge.to.index()])
            });
            times[at] = (times[at] + calls.sum::<f64>()).min(BEYOND_COUNTING);
        }
        times
    }

    /// Too much is reported at the arrivals of the population that asks for most.
    fn refuse_too_much(&mut self, most: usize, requests: f64, jobs: f64, steps: f64) {
        let population = self.doc.populations.get(most).and_then(|(_, population)| population.as_ref());
        let arrivals = population.and_then(|population| population.arrivals.as_ref());
        let head = arrivals.map_or_else(|| self.doc.populations.head.clone(), |arrivals| arrivals.span.clone());
        if requests > limits::REQUESTS {
            let message = format!("the populations would offer about {requests:.3e} requests in a run");
            let help = format!(
                "at most {:e}: lower the rates, shorten the run, or let each stand for more (`represents`)",
                limits::REQUESTS
            );
            self.error("too-much-load", &head, message, help);
        } else if jobs > limits::JOBS {
            let message = format!("the requests of a run would cause about {jobs:.3e} executions on instances");
            let help = format!("at most {:e}: make fewer calls a request, or lower the rates", limits::JOBS);
            self.error("too-much-load", &head, message, help);
        } else if steps > limits::STEPS {
            let message = format!("the requests of a run would take about {steps:.3e} steps of their plans");
            let help = format!("at most {:e}: repeat less often, or lower the rates", limits::STEPS);
            self.error("too-much-load", &head, message, help);
        }
    }
}

/// The mean time of a population's requests that wait nowhere, in nanoseconds.
fn time_of(population: &PopulationSpec, scenario: &Scenario, times: &[f64]) -> f64 {
    let weights: f64 = population.mix.iter().map(|entry| entry.weight).sum();
    let entry_time = |entry: &MixEntry| {
        let latency = scenario.system.dependencies[entry.call.dependency].link.latency.mean();
        entry.weight / weights * (2.0 * latency + times[entry.call.endpoint.index()])
    };
    population.mix.iter().map(entry_time).sum()
}

/// How many requests a population is expected to offer, each of which takes so many nanoseconds when it waits nowhere.
fn offered(population: &PopulationSpec, end: SimTime, takes: f64) -> f64 {
    match &population.arrivals {
        Arrivals::Poisson(profile) | Arrivals::Constant(profile) => profile.expected(SimTime::ZERO, end),
        Arrivals::Trace(entries) => entries.len() as f64,
        Arrivals::Closed { users, think } => {
            let think = think.mean();
            // Who thinks is counted as if requests took no time, because those that fail may take none.
            let round = if think > 0.0 { think } else { takes.max(IDLE_ROUND.as_nanos() as f64) };
            f64::from(*users) * (1.0 + end.as_nanos() as f64 / round.max(1.0))
        }
        Arrivals::Sessions { starts, continues, .. } => starts.expected(SimTime::ZERO, end) / (1.0 - continues),
    }
}

/// How many more a traffic spike adds at most.
fn extra(population: &PopulationSpec, fault: &FaultSpec, end: SimTime) -> f64 {
    let FaultKind::TrafficSpike { factor, .. } = fault.kind else { return 0.0 };
    let strongest = fault.changes.iter().map(|change| change.1).fold(1.0, f64::max);
    let start = match fault.start {
        Trigger::At(at) => at,
        _ => SimTime::ZERO,
    };
    let healed = match (&fault.start, &fault.heal) {
        (_, Some(Trigger::At(at))) => *at,
        (Trigger::At(at), Some(Trigger::After(span))) => at.saturating_add(*span),
        _ => end,
    };
    let (profile, rounds) = match &population.arrivals {
        Arrivals::Poisson(profile) | Arrivals::Constant(profile) => (profile, 1.0),
        Arrivals::Sessions { starts, continues, .. } => (starts, 1.0 / (1.0 - continues)),
        _ => return 0.0,
    };
    (factor - 1.0).max(0.0) * strongest * rounds * profile.expected(start, healed.min(end))
}
