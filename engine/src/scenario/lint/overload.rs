//! Services and pools that are asked for more than they have, before anything goes wrong.
//!
//! Everything is a mean of what is written. Plans count with their probabilities and repetitions; retries, faults, what
//! versions change, and waiting do not, so that the real load is no lower. A service that shares its cores is asked for the
//! local work of its requests; one with workers for the time from the start of a request to its end, because a worker is held
//! during calls; a pool for the time of the calls, by Little's law (rate x time = how many at once). A time limit cuts the mean of
//! what it limits.
//!
//! A rate that changes counts with its mean over the run: what exceeds the capacity even so cannot be caught up with
//! between the peaks. Closed populations and those that drop what they may not send adapt to what they get and count for
//! nothing; a rate limit lets through what it says.

use crate::ids::Id;
use crate::model::{CallStep, Capacity, DependencySpec, Layer, RateLimitSpec, ServiceSpec, Step, SystemSpec};
use crate::scenario::resolve::Resolved;
use crate::text::{Diagnostic, Span};
use crate::traffic::{Arrivals, Beyond, PopulationSpec};
use crate::units::{SimDuration, SimTime};

use super::{Linter, shortest_limit};

/// A load this little above the capacity is a matter of rounding.
const ROUNDING: f64 = 1.000_001;

/// Sessions are counted request by request until so few go on.
const LAST_OF_A_SESSION: f64 = 1e-6;

impl Linter<'_> {
    pub(super) fn overloads(&mut self) {
        let offered = Offered::of(self.resolved);
        for id in self.system.services.ids() {
            self.overloaded_service(id, &offered);
        }
        for id in self.dependencies().ids() {
            self.overloaded_pool(id, &offered);
        }
    }

    fn overloaded_service(&mut self, id: Id<ServiceSpec>, offered: &Offered) {
        let service = &self.system.services[id];
        let sum = |of: fn(&Request) -> f64| -> f64 {
            let own = service.endpoints.iter().map(|endpoint| endpoint.index());
            own.map(|at| offered.rates[at] * of(&offered.requests[at]) / SECOND).sum()
        };
        let (each, asked, what) = match service.capacity {
            Capacity::Unlimited => return,
            Capacity::Workers(workers) => (workers, sum(|request| request.takes), "workers"),
            Capacity::ProcessorSharing { cores } => (cores, sum(|request| request.works), "cores"),
        };
        let has = f64::from(each) * f64::from(service.instances);
        if asked <= has * ROUNDING {
            return;
        }
        let of_work = if what == "cores" { "cores of work" } else { "workers" };
        let message = format!(
            "`{}` is asked for {} {of_work} and has {has} ({:.0}%), before anything goes wrong",
            service.name,
            figure(asked),
            100.0 * asked / has
        );
        let rate: f64 = service.endpoints.iter().map(|endpoint| offered.rates[endpoint.index()]).sum();
        let held = if what == "workers" { " (a worker is held during calls too)" } else { "" };
        let help = format!(
            "more than {} {what} in all instances, less time for a request{held}, or fewer than {} requests a second",
            figure(asked),
            figure(rate)
        );
        let place = self.resolved.service_places[id.index()].capacity.clone();
        self.warn_overloaded(place, message, help);
    }

    fn overloaded_pool(&mut self, id: Id<DependencySpec>, offered: &Offered) {
        let dependency = &self.dependencies()[id];
        let pools = dependency.layers.iter().enumerate().filter_map(|(at, layer)| match layer {
            Layer::Pool(pool) => Some((at, pool.maximum_pool_size)),
            _ => None,
        });
        let Some((at, size)) = pools.into_iter().next() else { return };
        let callers = self.callers(dependency);
        let (asked, has) = (offered.held[id.index()], f64::from(size) * f64::from(callers));
        if asked <= has * ROUNDING {
            return;
        }
        let message = format!(
            "the pools of `{}` are asked for {} connections and have {has} ({:.0}%), before anything goes wrong",
            dependency.name,
            figure(asked),
            100.0 * asked / has
        );
        let help = format!(
            "more than {} for each of {callers} callers, shorter calls, or fewer than {} a second",
            figure(asked / f64::from(callers)),
            figure(offered.calls[id.index()])
        );
        self.warn_overloaded(self.layer_place(id, at), message, help);
    }

    /// Shows the arrivals too, where it is plain whose they are.
    fn warn_overloaded(&mut self, place: Span, message: String, help: String) {
        let mut diagnostic = Diagnostic::warning("overloaded", place, message).help(help);
        if let [only] = self.resolved.arrival_places.as_slice() {
            diagnostic = diagnostic.label(only.clone(), "from here");
        }
        self.diagnostics.push(diagnostic);
    }
}

const SECOND: f64 = SimDuration::SECOND.as_nanos() as f64;

/// What the populations ask for in the mean.
struct Offered {
    /// By endpoint: requests a second.
    rates: Vec<f64>,
    /// By dependency: calls a second.
    calls: Vec<f64>,
    /// By dependency: calls at one time.
    held: Vec<f64>,
    /// By endpoint.
    requests: Vec<Request>,
}

impl Offered {
    fn of(resolved: &Resolved) -> Self {
        let scenario = &resolved.scenario;
        let system = &scenario.system;
        let mut requests = vec![Request::default(); system.endpoints.len()];
        for &at in resolved.load.order.iter().rev() {
            let mut walk = Walk { system, known: &requests, works: 0.0, calls: Vec::new() };
            let (takes, succeeds) = walk.sequence(&resolved.plans[at], 1.0);
            requests[at] = Request { takes, succeeds, works: walk.works, calls: walk.calls };
        }
        let mut offered =
            Self { rates: Vec::new(), calls: vec![0.0; system.dependencies.len()], held: Vec::new(), requests };
        let unlimited = vec![1.0; system.dependencies.len()];
        offered.spread(resolved, &unlimited);
        let passed = system.dependencies.iter().zip(&offered.calls).map(|(dependency, calls)| {
            let callers = dependency.caller.map_or(1, |caller| system.services[caller].instances);
            limit(dependency).map_or(1.0, |limit| (limit * f64::from(callers) / calls.max(limit)).min(1.0))
        });
        let passed: Vec<f64> = passed.collect();
        offered.spread(resolved, &passed);
        offered
    }

    /// Lets the requests go down the call graph, of each dependency's calls the share that its rate limit lets through.
    fn spread(&mut self, resolved: &Resolved, passed: &[f64]) {
        let scenario = &resolved.scenario;
        self.rates = vec![0.0; self.requests.len()];
        self.calls = vec![0.0; passed.len()];
        self.held = vec![0.0; passed.len()];
        for population in &scenario.populations {
            for (call, rate) in arrivals(population, scenario.duration) {
                self.send(&scenario.system, &call, rate, passed);
            }
        }
        for &at in &resolved.load.order {
            for index in 0..self.requests[at].calls.len() {
                let (call, count) = self.requests[at].calls[index];
                self.send(&scenario.system, &call, self.rates[at] * count, passed);
            }
        }
    }

    fn send(&mut self, system: &SystemSpec, call: &CallStep, rate: f64, passed: &[f64]) {
        let at = call.dependency.index();
        self.calls[at] += rate;
        let arrives = rate * passed[at];
        let takes = takes(&system.dependencies[call.dependency], &self.requests[call.endpoint.index()]);
        self.held[at] += arrives * takes / SECOND;
        self.rates[call.endpoint.index()] += arrives;
    }
}

/// What a request of an endpoint does in the mean, where it waits nowhere.
#[derive(Clone, Debug, Default)]
struct Request {
    /// From its start to its end, in nanoseconds.
    takes: f64,
    /// Its local work, in nanoseconds.
    works: f64,
    /// The probability that its plan does not end in a failure.
    succeeds: f64,
    /// The calls it makes, and how often.
    calls: Vec<(CallStep, f64)>,
}

/// A walk through a plan. What it calls has been walked through before.
struct Walk<'a> {
    system: &'a SystemSpec,
    known: &'a [Request],
    works: f64,
    calls: Vec<(CallStep, f64)>,
}

impl Walk<'_> {
    /// How long a sequence takes that is begun `reach` times a request, and the probability that what follows is done.
    fn sequence(&mut self, steps: &[Step], reach: f64) -> (f64, f64) {
        let (mut takes, mut goes_on) = (0.0, 1.0);
        for step in steps {
            let (time, succeeds) = self.step(step, reach * goes_on);
            takes += goes_on * time;
            goes_on *= succeeds;
        }
        (takes, goes_on)
    }

    fn step(&mut self, step: &Step, reach: f64) -> (f64, f64) {
        match step {
            Step::Work(work) => {
                self.works += reach * work.mean();
                (work.mean(), 1.0)
            }
            Step::Call(call) => {
                self.calls.push((*call, reach));
                let callee = &self.known[call.endpoint.index()];
                let succeeds = if call.optional { 1.0 } else { callee.succeeds };
                (takes(&self.system.dependencies[call.dependency], callee), succeeds)
            }
            Step::Spawn(call) => {
                self.calls.push((*call, reach));
                (0.0, 1.0)
            }
            // The mean of the longest is no shorter than the longest mean.
            Step::Parallel(branches) => {
                let each: Vec<(f64, f64)> = branches.iter().map(|branch| self.sequence(branch, reach)).collect();
                each.into_iter().fold((0.0, 1.0), |all, one| (all.0.max(one.0), all.1 * one.1))
            }
            Step::Chance { probability, then, otherwise } => {
                let (p, q) = (*probability, 1.0 - *probability);
                let (first, second) = (self.sequence(then, reach * p), self.sequence(otherwise, reach * q));
                (p * first.0 + q * second.0, p * first.1 + q * second.1)
            }
            Step::Repeat { probability, body } => self.rounds(*probability, body, reach),
            Step::Fail(_) => (0.0, 0.0),
        }
    }

    /// A round follows a round that went well, with a probability.
    fn rounds(&mut self, again: f64, body: &[Step], reach: f64) -> (f64, f64) {
        let (works, calls) = (self.works, self.calls.len());
        let (takes, succeeds) = self.sequence(body, reach);
        let rounds = 1.0 / (1.0 - again * succeeds);
        self.works = works + rounds * (self.works - works);
        for (_, count) in &mut self.calls[calls..] {
            *count *= rounds;
        }
        (takes * rounds, succeeds * (1.0 - again) * rounds)
    }
}

/// How long a call takes, in nanoseconds: there, the request, back; no longer than its time limits.
fn takes(dependency: &DependencySpec, callee: &Request) -> f64 {
    let limit = shortest_limit(&dependency.layers).map_or(f64::INFINITY, |limit| limit.as_nanos() as f64);
    (2.0 * dependency.link.latency.mean() + callee.takes).min(limit)
}

/// How many calls a second a dependency's rate limit lets through, at each caller.
fn limit(dependency: &DependencySpec) -> Option<f64> {
    dependency.layers.iter().find_map(|layer| match layer {
        Layer::RateLimit(RateLimitSpec::TokenBucket { permits, period, .. }) => {
            Some(*permits as f64 / period.as_secs_f64())
        }
        Layer::RateLimit(RateLimitSpec::Cycles { limit_for_period, limit_refresh_period, .. }) => {
            Some(*limit_for_period as f64 / limit_refresh_period.as_secs_f64())
        }
        _ => None,
    })
}

/// What a population asks for in the mean over a run: calls, with how many a second.
fn arrivals(population: &PopulationSpec, run: SimDuration) -> Vec<(CallStep, f64)> {
    let end = SimTime::ZERO.saturating_add(run);
    let seconds = run.as_secs_f64();
    let total = match &population.arrivals {
        _ if population.max_in_flight.is_some_and(|limit| limit.beyond == Beyond::Drop) => 0.0,
        Arrivals::Poisson(profile) | Arrivals::Constant(profile) => profile.expected(SimTime::ZERO, end),
        Arrivals::Closed { .. } => 0.0,
        Arrivals::Sessions { starts, continues, think } => {
            starts.expected(SimTime::ZERO, end) * session(*continues, think.mean() / (seconds * SECOND))
        }
        Arrivals::Trace(entries) => entries.iter().filter(|entry| entry.at < end).count() as f64,
    };
    let weights: f64 = population.mix.iter().map(|entry| entry.weight).sum();
    let named = |at: usize| match &population.arrivals {
        Arrivals::Trace(entries) => {
            entries.iter().filter(|entry| entry.at < end && entry.entry == u32::try_from(at).ok()).count() as f64
        }
        _ => 0.0,
    };
    let named: Vec<f64> = (0..population.mix.len()).map(named).collect();
    let drawn = total - named.iter().sum::<f64>();
    let mix = population.mix.iter().zip(named);
    mix.map(|(entry, named)| (entry.call, (named + drawn * entry.weight / weights) / seconds)).collect()
}

/// How many requests a session makes until the end of the run, if it may begin at any time of it; `think` is the time between
/// two as a share of the run.
fn session(continues: f64, think: f64) -> f64 {
    let (mut requests, mut share, mut begun) = (0.0, 1.0, 0.0);
    while share > LAST_OF_A_SESSION && begun < 1.0 {
        requests += share * (1.0 - begun);
        share *= continues;
        begun += think;
    }
    requests
}

/// A computed number as a message gives it: three digits, no zeros behind the point.
fn figure(value: f64) -> String {
    let digits = match value {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let shown = [500.4, 10.0, 33.33, 1.5, 0.125, 12_345.6].map(figure);
        assert_eq!(shown, ["500", "10", "33.3", "1.5", "0.125", "12346"]);
    }

    /// Half of the sessions go on each time: two requests a session, if there is time; with a think time of half the run the
    /// second is made by the half that began early enough, 1 + 0.5 x 0.5.
    #[test]
    fn a_session_ends_with_the_run() {
        assert!((session(0.5, 1e-9) - 2.0).abs() < 1e-5);
        assert!((session(0.5, 0.5) - 1.25).abs() < 1e-9);
    }
}
