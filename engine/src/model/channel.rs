//! Channels: the state of one dependency inside one caller, and the settings that all its callers share.
//!
//! The libraries that this models keep pools, breakers, budgets and limits per process, so each caller instance has a
//! channel for each of its service's dependencies. A population is one caller. A channel is fresh when its instance starts.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::{Agenda, Arena, Handle, LaneId};
use crate::units::{SimDuration, SimTime};

use super::breaker::{Breaker, BreakerSpec, BreakerState};
use super::bulkhead::Bulkhead;
use super::call::{Call, Stage};
use super::dependency::{BreakerScope, DependencySpec, Layer, LayerKind};
use super::event::Event;
use super::instance::Instance;
use super::network::Partitions;
use super::outcome::ErrorKind;
use super::pool::{ConnectionId, Establishment, Pool};
use super::rate_limit::RateLimiter;
use super::resending::Unacknowledged;
use super::retry_budget::RetryBudget;
use super::service::ServiceSpec;
use super::{Model, System};

/// The state of one dependency inside one caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Channel {
    /// The dependency.
    pub dependency: Id<DependencySpec>,
    /// The calling instance; `None` for a population.
    pub caller: Option<Id<Instance>>,
    /// The pool of connections, with a pool layer.
    pub pool: Option<Pool<Waiter>>,
    /// Which life of which instance each connection of the pool leads to, by slot.
    pub(crate) peers: Vec<Option<Peer>>,
    /// Connections that are kept beyond the answer they were taken for.
    pub(crate) held: Vec<ConnectionId>,
    /// Keepalive pings under way, and when the driver gives each up; [`SimTime::NEVER`] where an answer is on its way.
    pub(crate) pings: Vec<(ConnectionId, SimTime)>,
    /// The attempt to connect under way, by a number of its own.
    pub(crate) attempt: Option<u32>,
    /// The instance that the attempt to connect goes to, if any.
    pub(crate) connecting: Option<Id<Instance>>,
    /// Counts how often the channel was made as new.
    pub(crate) epoch: u32,
    /// The breakers of this caller, by what the scope distinguishes; empty when shared ones are used.
    pub breakers: Vec<Breaker>,
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) bulkhead: Option<Bulkhead<Waiter>>,
    pub(crate) budget: Option<RetryBudget>,
    /// How many instances have been chosen in turn, counted from a number drawn when the channel was made as new.
    pub(crate) turn: u32,
    /// How many connections have come back while some leaked.
    pub(crate) releases: u64,
    /// Unanswered attempts by the ordinal of the instance they went to.
    pub(crate) outstanding: Vec<u32>,
}

/// A call that waits for a layer, and which of its waits this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiter {
    pub(crate) call: Handle<Call>,
    pub(crate) wait: u32,
}

/// One life of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Peer {
    pub(crate) instance: Id<Instance>,
    pub(crate) incarnation: u32,
}

/// All channels.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Channels {
    /// The channels of populations first, by dependency; then those of instances, in the order of their making.
    pub table: Table<Channel>,
    /// The breakers that several dependencies share, by key.
    pub shared_breakers: Vec<Breaker>,
}

/// The state of a dependency that is common to its callers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dependency {
    /// The layers with the settings now in force.
    pub layers: Vec<Layer>,
    /// By layer: what is needed of it again and again.
    pub(crate) steps: Vec<LayerStep>,
    /// The service called, and how, as configured.
    pub(crate) target: Id<ServiceSpec>,
    pub(crate) compares_load: bool,
    pub(crate) propagates_deadline: bool,
    /// Whether messages take no time and always arrive: the network is perfect, and no partition is in force.
    pub(crate) direct: bool,
    /// Whether a partition in force loses messages for good, as nobody sends them again.
    pub(crate) drops: bool,
    pub(crate) partitions: Partitions,
    /// The messages that a delaying partition keeps, and the instance each goes to or comes from.
    pub(crate) kept: Vec<(Option<Id<Instance>>, Event)>,
    /// The messages that a dropping partition has swallowed and that are sent again.
    pub(crate) unacknowledged: Arena<Unacknowledged>,
    /// The share of returned connections that leaks.
    pub(crate) leak: f64,
    /// The channel of the population that calls, if one does.
    pub(crate) population_channel: Option<Id<Channel>>,
}

/// What calls need of a layer on their way in and out, in one place apart from its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerStep {
    pub(crate) kind: LayerKind,
    /// The lane for its time limit.
    pub(crate) lane: LaneId,
    /// The time limit that it keeps; zero where it keeps none.
    pub(crate) limit: SimDuration,
    /// Whether a retry has a budget.
    pub(crate) budget: bool,
}

/// All dependencies.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dependencies(pub Table<Dependency, DependencySpec>);

impl Dependency {
    pub(crate) fn new(spec: &DependencySpec, agenda: &mut Agenda<Event>) -> Self {
        let mut dependency = Self {
            layers: spec.layers.clone(),
            steps: Vec::new(),
            target: spec.target,
            compares_load: spec.balancing.compares_load(),
            propagates_deadline: spec.propagates_deadline,
            direct: spec.link.is_perfect(),
            drops: false,
            partitions: Partitions::default(),
            kept: Vec::new(),
            unacknowledged: Arena::default(),
            leak: 0.0,
            population_channel: None,
        };
        dependency.prepare_steps(agenda);
        dependency
    }

    /// Derives from the settings what calls need of each layer.
    pub(crate) fn prepare_steps(&mut self, agenda: &mut Agenda<Event>) {
        let step = |layer: &Layer| {
            let limit = limit_of(layer);
            let budget = matches!(layer, Layer::Retry(spec) if spec.budget.is_some());
            LayerStep { kind: layer.kind(), lane: agenda.lane(limit), limit, budget }
        };
        self.steps = self.layers.iter().map(step).collect();
    }

    /// Whether messages arrive as soon as they are sent.
    #[inline]
    pub(crate) const fn is_direct(&self) -> bool {
        self.direct
    }

    /// The breaker settings, where there is a breaker layer.
    #[must_use]
    pub fn breaker(&self) -> Option<(&BreakerSpec, BreakerScope)> {
        self.layers.iter().find_map(|layer| match layer {
            Layer::Breaker { spec, scope } => Some((spec, *scope)),
            _ => None,
        })
    }
}

/// The time limit that a layer keeps; zero where it keeps none.
fn limit_of(layer: &Layer) -> SimDuration {
    match layer {
        Layer::Deadline(limit) | Layer::Timeout(limit) => *limit,
        Layer::Bulkhead(spec) => spec.max_wait_duration,
        Layer::Pool(spec) => spec.connection_timeout,
        Layer::RateLimit(spec) => spec.rejection_delay(),
        Layer::Retry(_) | Layer::Breaker { .. } => SimDuration::ZERO,
    }
}

impl Channel {
    fn new(dependency: Id<DependencySpec>, caller: Option<Id<Instance>>) -> Self {
        Self {
            dependency,
            caller,
            pool: None,
            peers: Vec::new(),
            held: Vec::new(),
            pings: Vec::new(),
            attempt: None,
            connecting: None,
            epoch: 0,
            breakers: Vec::new(),
            limiter: None,
            bulkhead: None,
            budget: None,
            turn: 0,
            releases: 0,
            outstanding: Vec::new(),
        }
    }

    /// The same channel with nothing in it.
    fn renewed(&self) -> Self {
        Self { epoch: self.epoch + 1, ..Self::new(self.dependency, self.caller) }
    }

    #[inline]
    pub(crate) fn outstanding_more(&mut self, ordinal: u32) {
        let ordinal = ordinal as usize;
        if ordinal >= self.outstanding.len() {
            self.outstanding.resize(ordinal + 1, 0);
        }
        self.outstanding[ordinal] += 1;
    }

    #[inline]
    pub(crate) fn outstanding_less(&mut self, ordinal: u32) {
        if let Some(count) = self.outstanding.get_mut(ordinal as usize) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Model<'_> {
    /// Makes a channel; it is opened when its caller starts.
    pub(crate) fn add_channel(&mut self, dependency: Id<DependencySpec>, caller: Option<Id<Instance>>) -> Id<Channel> {
        self.channels.push(Channel::new(dependency, caller))
    }

    /// Makes the channel as new: closed breakers, a full budget, a pool that opens its first connection.
    pub(crate) fn open_channel(&mut self, id: Id<Channel>) {
        self.open_channel_with(id, 0);
        self.open_first_connection(id);
    }

    /// Makes the channel as new, its pool with so many open connections.
    pub(crate) fn open_channel_with(&mut self, id: Id<Channel>, connections: u32) {
        let now = self.agenda.now();
        let dependency = self.channels[id].dependency;
        let mut fresh = self.channels[id].renewed();
        let mut pool = None;
        for layer in &self.dependencies[dependency].layers {
            match layer {
                Layer::Retry(spec) => fresh.budget = spec.budget.as_ref().map(|budget| RetryBudget::new(budget, now)),
                Layer::Breaker { spec, scope } => fresh.breakers = breakers(self.spec, dependency, spec, *scope),
                Layer::RateLimit(spec) => fresh.limiter = Some(RateLimiter::new(spec, now)),
                Layer::Bulkhead(_) => fresh.bulkhead = Some(Bulkhead::default()),
                Layer::Pool(spec) => pool = Some(spec.clone()),
                Layer::Deadline(_) | Layer::Timeout(_) => {}
            }
        }
        self.remember(id);
        self.channels[id] = fresh;
        self.channels[id].turn = self.first_turn(id);
        if let Some(spec) = pool {
            let initial =
                if spec.establishment == Establishment::Instant { spec.maximum_pool_size } else { connections };
            self.open_pool(id, &spec, initial);
        }
    }

    /// The caller dies: its calls end as cancelled, its connections close. Work at the callees goes on.
    pub(crate) fn close_channel(&mut self, id: Id<Channel>) {
        let calls: Vec<_> =
            self.calls.iter().filter(|(_, call)| call.channel == id).map(|(handle, _)| handle).collect();
        for handle in calls {
            self.drop_call(id, handle);
        }
        self.close_connections(id);
        self.remember(id);
        self.channels[id] = self.channels[id].renewed();
    }

    /// Keeps what is measured over the whole run of a channel whose life is over.
    fn remember(&mut self, id: Id<Channel>) {
        let channel = &mut self.channels[id];
        let past = &mut self.meters.past[channel.dependency.index()];
        past.opened += channel.breakers.iter().map(|breaker| breaker.totals().entered(BreakerState::Open)).sum::<u64>();
        if let Some(pool) = &mut channel.pool {
            let now = self.agenda.now();
            past.pools.add(&pool.integrals(now));
            past.pool_totals.add(&pool.totals(now));
            let (in_use, waiting) = pool.take_peaks();
            past.peaks = (past.peaks.0 + in_use, past.peaks.1 + waiting);
        }
    }

    /// One call of a dying caller, which nobody awaits any more.
    fn drop_call(&mut self, id: Id<Channel>, handle: Handle<Call>) {
        let call = &self.calls[handle];
        let timers = [call.deadline_timer, call.timeout_timer, call.wait_timer];
        let (dependency, job, started) = (call.dependency, call.job, call.started);
        let waits = call.stage == Stage::Waiting;
        if call.connection.is_some() {
            self.leave_connection_to(id, handle, job);
        }
        // The breaker may be shared with callers that live on.
        let layers = &self.dependencies[dependency].layers;
        if let Some(layer) = layers.iter().position(|layer| matches!(layer, Layer::Breaker { .. })) {
            self.leave_breaker(handle, layer, None);
        }
        timers.into_iter().for_each(|timer| self.agenda.cancel(timer));
        let took = self.agenda.now().since(started);
        let flow = self.meters.dependency(dependency);
        flow.refused += u64::from(waits);
        flow.end(Err(ErrorKind::Cancelled), took);
        self.calls.remove(handle);
    }
}

fn breakers(system: &System, dependency: Id<DependencySpec>, spec: &BreakerSpec, scope: BreakerScope) -> Vec<Breaker> {
    let count = match scope {
        BreakerScope::Service => 1,
        BreakerScope::Endpoint => system.services[system.dependencies[dependency].target].endpoints.len(),
        BreakerScope::Instance | BreakerScope::Shared { .. } => 0,
    };
    vec![Breaker::new(spec); count]
}
