//! What a pool asks of the network: attempts to connect, tests of a connection before it is lent, and keepalive pings.
//!
//! Each ends with an answer, or with the end of the driver's patience: the acquire timeout for an attempt,
//! `validationTimeout` for a test, both in whole seconds (`PoolSpec::login_timeout`, `PoolSpec::driver_validation_timeout`).
//! What is asked and what is answered can be lost like any other message, each by a draw of its own: where nobody sends
//! again, only the driver's limit notices, and none ends an attempt without an acquire timeout; else the answer is late. What
//! a delaying partition keeps is answered a round trip after it heals. What a dropping one swallows is not, unless the
//! network sends again: then a round trip after the first retransmission that gets through.

use crate::ids::Id;
use crate::rng::Key;
use crate::units::SimDuration;

use super::Model;
use super::channel::Channel;
use super::dependency::{DependencySpec, Layer};
use super::event::Event;
use super::instance::{Instance, Status};
use super::network::Partition;
use super::pool::{ConnectionId, Refused};

/// Something that a pool asks of an instance.
struct RoundTrip {
    dependency: Id<DependencySpec>,
    instance: Option<Id<Instance>>,
    /// Where its losses are drawn from.
    key: Key,
    site: u64,
    /// How long it takes when nothing is lost.
    takes: SimDuration,
    /// How long the driver waits.
    limit: SimDuration,
}

impl Model<'_> {
    /// Starts an attempt to connect. One that nobody answers lasts until the driver gives up.
    pub(super) fn connect(&mut self, id: Id<Channel>) {
        let dependency = self.channels[id].dependency;
        let instance = self.next_in_turn(id);
        let attempt = u64::from(self.channels[id].turn);
        let key = self.channel_key("model.connect", id);
        let mut rng = self.rng(key, attempt);
        let spec = &self.spec.dependencies[dependency];
        let there_and_back = spec.link.latency.sample(&mut rng) + spec.link.latency.sample(&mut rng);
        let establishing = self.spec.services[spec.target].connect_time.sample(&mut rng);
        let takes = match instance {
            Some(instance) if self.instances[instance].status == Status::Up => there_and_back + establishing,
            _ => there_and_back,
        };
        let channel = &mut self.channels[id];
        (channel.attempt, channel.connecting) = (Some(channel.turn), instance);
        let (epoch, turn) = (channel.epoch, channel.turn);
        let end = |answered| Event::PoolConnected { channel: id, epoch, attempt: turn, answered };
        let limit = self.login_timeout(id);
        let round_trip =
            RoundTrip { dependency, instance, key, site: attempt, takes: SimDuration::from_nanos_f64(takes), limit };
        self.await_answer(&round_trip, end(true), end(false));
    }

    /// Schedules the answer to something that takes a round trip, or the end of the driver's patience where that comes
    /// first; where a partition is in force, both: what a delaying one keeps is answered once it heals.
    fn await_answer(&mut self, trip: &RoundTrip, answer: Event, silence: Event) {
        let &RoundTrip { dependency, instance, key, site, takes, limit } = trip;
        match self.dependencies[dependency].partitions.with(instance) {
            None => {
                let late = self.lost_time(dependency, key, site);
                if let Some(takes) = late.map(|late| takes.saturating_add(late))
                    && takes <= limit
                {
                    return self.agenda.after(takes, answer);
                }
            }
            Some(Partition::Delay) => self.dependencies[dependency].kept.push((instance, answer)),
            // Where it is lost for good, the end of the driver's patience says so.
            Some(Partition::Drop) => _ = self.send_into_a_cut(dependency, instance, key, site, answer),
        }
        self.agenda.after(limit, silence);
    }

    fn login_timeout(&self, id: Id<Channel>) -> SimDuration {
        let limit = self.pool_layer(id).and_then(|layer| {
            match &self.dependencies[self.channels[id].dependency].layers[layer] {
                Layer::Pool(spec) => spec.login_timeout(),
                _ => None,
            }
        });
        limit.unwrap_or(SimDuration::MAX)
    }

    /// An attempt to connect has come to its end: the instance accepts unless it is down or full.
    pub(crate) fn connected(&mut self, id: Id<Channel>, epoch: u32, attempt: u32, answered: bool) {
        let now = self.agenda.now();
        let channel = &mut self.channels[id];
        if channel.epoch != epoch || channel.attempt != Some(attempt) {
            return;
        }
        channel.attempt = None;
        let reached = channel.connecting.filter(|_| answered);
        let accepted = reached.filter(|instance| self.accepts_connection(*instance));
        let Some(layer) = self.pool_layer(id) else { return };
        let turn = u64::from(self.channels[id].turn);
        let luck = self.channel_key("model.connection", id).child(turn ^ self.salt);
        let Layer::Pool(spec) = &self.dependencies[self.channels[id].dependency].layers[layer] else { return };
        let channel = &mut self.channels[id];
        channel.connecting = accepted;
        let outcome = accepted.map(|_| luck).ok_or(Refused);
        channel.pool.as_mut().expect("the pool that connects").connected(spec, now, outcome);
        self.settle_pool(id);
    }

    fn accepts_connection(&self, id: Id<Instance>) -> bool {
        self.instances[id].status == Status::Up && self.has_room(id)
    }

    pub(super) fn keep_alive(&mut self, id: Id<Channel>, connection: ConnectionId) {
        let now = self.agenda.now();
        let given_up = now.saturating_add(self.validation_limit(id));
        let peer = self.peer_of(id, connection);
        let channel = &mut self.channels[id];
        channel.pings.push((connection, given_up));
        let (epoch, slot) = (channel.epoch, connection.slot() as u32);
        let key = self.named_key("model.keepalive", id.raw());
        let end = |answered| Event::PoolPinged { channel: id, epoch, connection: slot, answered };
        self.test(id, peer, (key, now.as_nanos()), end(true), end(false));
    }

    /// A keepalive ping has come to its end.
    pub(crate) fn pinged(&mut self, id: Id<Channel>, epoch: u32, slot: u32, answered: bool) {
        let now = self.agenda.now();
        if self.channels[id].epoch != epoch {
            return;
        }
        let pings = &mut self.channels[id].pings;
        let Some(position) = pings.iter().position(|(connection, _)| connection.slot() == slot as usize) else {
            return;
        };
        if !answered && pings[position].1 != now {
            return;
        }
        let (connection, _) = pings.swap_remove(position);
        let alive = answered && self.leads_to_life(id, connection);
        let Some(layer) = self.pool_layer(id) else { return };
        let Layer::Pool(spec) = &self.dependencies[self.channels[id].dependency].layers[layer] else { return };
        self.channels[id].pool.as_mut().expect("the pool that pings").kept_alive(spec, now, connection, alive);
        self.settle_pool(id);
    }

    /// Tests a connection to an instance: a round trip, or the driver's time limit when nobody answers. What it draws comes
    /// from a key and a site.
    pub(super) fn test(
        &mut self,
        id: Id<Channel>,
        instance: Option<Id<Instance>>,
        (key, site): (Key, u64),
        answer: Event,
        silence: Event,
    ) {
        let dependency = self.channels[id].dependency;
        let latency = &self.spec.dependencies[dependency].link.latency;
        let mut rng = self.rng(key, site);
        let takes = SimDuration::from_nanos_f64(latency.sample(&mut rng) + latency.sample(&mut rng));
        let limit = self.validation_limit(id);
        self.await_answer(&RoundTrip { dependency, instance, key, site, takes, limit }, answer, silence);
    }

    /// How long the driver awaits the end of a test.
    fn validation_limit(&self, id: Id<Channel>) -> SimDuration {
        match self.pool_layer(id).map(|at| &self.dependencies[self.channels[id].dependency].layers[at]) {
            Some(Layer::Pool(spec)) => spec.driver_validation_timeout(),
            _ => SimDuration::MAX,
        }
    }
}
