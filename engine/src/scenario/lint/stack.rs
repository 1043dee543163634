//! One dependency's layers against each other and against whoever waits for them.

use crate::ids::Id;
use crate::model::{BreakerSpec, DependencySpec, Establishment, Layer, PoolSpec, RateLimitSpec, SlidingWindowType};
use crate::traffic::{Arrivals, PopulationSpec};
use crate::units::{SimDuration, SimTime};

use super::{Linter, limit};

impl Linter<'_> {
    pub(super) fn stack(&mut self, id: Id<DependencySpec>) {
        let dependency = &self.dependencies()[id];
        self.unused(id, dependency);
        self.order(id, dependency);
        for (at, layer) in dependency.layers.iter().enumerate() {
            match layer {
                Layer::Pool(pool) => self.pool_patience(id, at, pool),
                Layer::Breaker { spec, .. } => self.breaker(id, at, spec),
                Layer::RateLimit(spec) => self.rate_limit(id, at, spec),
                _ => {}
            }
        }
    }

    fn unused(&mut self, id: Id<DependencySpec>, dependency: &DependencySpec) {
        if self.resolved.load.used[id.index()] {
            return;
        }
        if let Some(to) = self.resolved.places[id.index()].to.clone() {
            let message = format!("nothing calls through the dependency `{}`", dependency.name);
            self.warn("unused", to, message, "remove it, or call the service in a plan or mix");
        }
    }

    /// Layers that do not what their author expects in the place where they are.
    fn order(&mut self, id: Id<DependencySpec>, dependency: &DependencySpec) {
        let position = |wanted: fn(&Layer) -> bool| dependency.layers.iter().position(wanted);
        let Some(retry) = position(|layer| matches!(layer, Layer::Retry(_))) else { return };
        if let Some(pool) = position(|layer| matches!(layer, Layer::Pool(_))).filter(|pool| *pool < retry) {
            let help = "put Pool inside Retry, usually innermost";
            self.warn("layer-order", self.layer_place(id, pool), "a connection is held while the retries wait", help);
        }
        if let Some(deadline) = position(|layer| matches!(layer, Layer::Deadline(_))).filter(|at| *at > retry) {
            let message = "a Deadline inside Retry limits each attempt, not the call";
            self.warn("layer-order", self.layer_place(id, deadline), message, "put Deadline outside, or use Timeout");
        }
    }

    /// A pool that lets wait for longer than whoever waits: zombie waiters.
    fn pool_patience(&mut self, id: Id<DependencySpec>, at: usize, pool: &PoolSpec) {
        let dependency = &self.dependencies()[id];
        let own =
            dependency.layers[..at].iter().filter_map(limit).min().map(|limit| (limit, "this dependency".to_owned()));
        let upstream = dependency.caller.and_then(|caller| self.least_patience(caller));
        let upstream = upstream.map(|(caller, limit)| (limit, format!("`{}`", caller.name)));
        let Some((patience, who)) = own.or(upstream) else { return };
        let waits = if pool.connection_timeout.is_zero() { SimDuration::MAX } else { pool.connection_timeout };
        if waits >= patience {
            let text = if waits == SimDuration::MAX { "for ever".to_owned() } else { format!("for {waits}") };
            let message = format!("the pool lets wait {text} for a connection, but {who} gives up after {patience}");
            let help = shorter_wait(pool, patience);
            self.warn("pool-outlasts-caller", self.layer_place(id, at), message, help);
        }
    }

    /// A breaker that sees too few calls to open.
    fn breaker(&mut self, id: Id<DependencySpec>, at: usize, spec: &BreakerSpec) {
        let dependency = &self.dependencies()[id];
        let calls = self.resolved.load.calls[id.index()] / f64::from(self.callers(dependency));
        let seconds = self.resolved.scenario.duration.as_secs_f64();
        let rate = calls / self.busy_seconds();
        if calls <= 0.0 {
            return;
        }
        let (minimum, window) = match spec.sliding_window_type {
            SlidingWindowType::TimeBased => (spec.minimum_number_of_calls, f64::from(spec.sliding_window_size)),
            SlidingWindowType::CountBased => {
                (spec.minimum_number_of_calls.min(spec.sliding_window_size), seconds / 4.0)
            }
        };
        if f64::from(minimum) > (rate * window).min(calls) {
            let makes = if f64::from(minimum) > calls {
                format!("{calls:.0} in the whole run")
            } else {
                format!("{rate:.2} a second: {:.0} s of them", f64::from(minimum) / rate)
            };
            let message = format!("the breaker decides after {minimum} calls, but each caller makes about {makes}");
            self.warn(
                "breaker-blind",
                self.layer_place(id, at),
                message,
                "lower minimumNumberOfCalls or widen the window",
            );
        }
    }

    /// For how long requests come: where all of them are recorded, from the first to the last, else for the whole run.
    fn busy_seconds(&self) -> f64 {
        let scenario = &self.resolved.scenario;
        let span = |population: &PopulationSpec| match &population.arrivals {
            Arrivals::Trace(entries) => Some((entries.first()?.at, entries.last()?.at)),
            _ => Some((SimTime::ZERO, SimTime::NEVER)),
        };
        let spans = scenario.populations.iter().filter_map(span);
        let whole = spans.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
        whole.map_or(scenario.duration, |(first, last)| last.since(first).min(scenario.duration)).as_secs_f64().max(1.0)
    }

    fn rate_limit(&mut self, id: Id<DependencySpec>, at: usize, spec: &RateLimitSpec) {
        if let RateLimitSpec::Cycles { limit_for_period, limit_refresh_period, .. } = spec
            && *limit_refresh_period < SimDuration::from_micros(10)
        {
            let rate = *limit_for_period as f64 / limit_refresh_period.as_secs_f64();
            let message = format!(
                "{limit_for_period} permits each {limit_refresh_period} are {rate:.0} a second: no limit at all"
            );
            self.warn(
                "limit-left-open",
                self.layer_place(id, at),
                message,
                "set limitRefreshPeriod, for example \"1s\"",
            );
        }
    }
}

/// The least `connectionTimeout` of HikariCP 6.0.0 (`HikariConfig.SOFT_TIMEOUT_FLOOR`).
const LEAST_TIMEOUT: SimDuration = SimDuration::from_millis(250);

/// How a pool is told to let wait for less than its callers' patience, in the words of its preset.
fn shorter_wait(pool: &PoolSpec, patience: SimDuration) -> String {
    let why = "so that nobody queues whose caller has gone";
    let least = LEAST_TIMEOUT;
    match pool.establishment {
        Establishment::OneAtATime if patience <= least => {
            format!(
                "let the caller wait for more than {least}, the least connectionTimeout that the product takes, {why}"
            )
        }
        Establishment::OneAtATime => {
            format!("set connectionTimeout below \"{patience}\", but not below \"{least}\", {why}")
        }
        _ => format!("set acquire_timeout below \"{patience}\", {why}"),
    }
}
