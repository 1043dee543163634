//! Pools at work: who gets a connection, what a connection leads to, and the server's side of the books.
//!
//! The rules of a pool are in `pool/`. Here its wishes are carried out: a connection attempt reaches an instance that may
//! refuse it, a validation finds out whether the instance still lives the life in which the connection was made.

use crate::ids::Id;
use crate::kernel::{Class, Handle};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

use super::call::{Call, Entry, Parent, Stage};
use super::channel::{Channel, Peer, Waiter};
use super::dependency::Layer;
use super::event::Event;
use super::instance::Instance;
use super::job::{Job, Place};
use super::network::Partition;
use super::outcome::ErrorKind;
use super::pool::{Acquire, ConnectionId, Departure, Grant, Pool, PoolEffect, PoolSpec};
use super::{Model, site};

impl Model<'_> {
    /// Sets up a channel's pool with so many connections open.
    pub(crate) fn open_pool(&mut self, id: Id<Channel>, spec: &PoolSpec, initial: u32) {
        let now = self.agenda.now();
        let key = self.named_key("model.pool", id.raw()).child(now.as_nanos() ^ self.salt);
        let peers: Vec<_> = (0..initial).map_while(|_| self.next_peer(id)).collect();
        let pool = Pool::new(spec, now, peers.len() as u32, key);
        let open: Vec<_> = pool.connections().map(|(connection, _)| connection).collect();
        self.channels[id].pool = Some(pool);
        // A full pool lends the connection added last first: those that no instance had room for come first.
        let without = open.len() - peers.len();
        for (number, connection) in open.into_iter().enumerate() {
            let peer = number.checked_sub(without).map(|number| peers[number]);
            self.connection_opened(id, connection, peer);
        }
        self.settle_pool(id);
    }

    /// A process starts: its pool opens one connection before anybody asks for one.
    pub(crate) fn open_first_connection(&mut self, id: Id<Channel>) {
        let Some(layer) = self.pool_layer(id) else { return };
        let Layer::Pool(spec) = &self.dependencies[self.channels[id].dependency].layers[layer] else { return };
        if let Some(pool) = &mut self.channels[id].pool {
            pool.open_first(spec);
            self.settle_pool(id);
        }
    }

    /// Connects to the first instance, from the next in turn on, that is not full; `None` when all are.
    fn next_peer(&mut self, id: Id<Channel>) -> Option<Peer> {
        let service = self.spec.dependencies[self.channels[id].dependency].target;
        let instances = self.services[service].rotation.len();
        let instance =
            (0..instances).find_map(|_| self.next_in_turn(id).filter(|instance| self.has_room(*instance)))?;
        Some(self.peer(instance))
    }

    fn peer(&mut self, instance: Id<Instance>) -> Peer {
        self.instances[instance].connections += 1;
        Peer { instance, incarnation: self.instances[instance].incarnation }
    }

    /// A call asks for a connection.
    #[inline(never)]
    pub(crate) fn acquire_connection(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let (id, dependency, wait) = (call.channel, call.dependency, call.wait + 1);
        let Layer::Pool(spec) = &self.dependencies[dependency].layers[layer] else { unreachable!("a pool layer") };
        let channel = &mut self.channels[id];
        let pool = channel.pool.as_mut().expect("a pool layer has a pool");
        let acquired = pool.acquire(spec, now, Waiter { call: handle, wait });
        let wishes = pool.has_effects();
        (call.wait, call.waiting_since) = (wait, now);
        let entry = match acquired {
            Acquire::Ready(connection) => {
                call.connection = Some(connection);
                match channel.peers[connection.slot()] {
                    Some(peer) => call.instance = Some(peer.instance),
                    None => self.find_peer(handle, connection),
                }
                self.meters.pool_waits[dependency.index()].record(SimDuration::ZERO);
                Entry::Passed
            }
            other => self.acquired(handle, layer, other),
        };
        if wishes {
            self.settle_pool(id);
        }
        entry
    }

    #[inline(never)]
    fn acquired(&mut self, handle: Handle<Call>, layer: usize, acquired: Acquire) -> Entry {
        match acquired {
            Acquire::Ready(connection) => {
                self.take_connection(handle, connection);
                Entry::Passed
            }
            Acquire::Validate(connection) => {
                self.take_connection(handle, connection);
                self.validate(handle);
                Entry::Waits
            }
            Acquire::Parked { ticket, timeout_at } => {
                let call = &mut self.calls[handle];
                call.ticket = Some(ticket);
                if let Some(at) = timeout_at {
                    self.limit_wait(handle, layer, at);
                }
                Entry::Waits
            }
            Acquire::Rejected | Acquire::TimedOut => Entry::Rejected(ErrorKind::PoolTimeout),
        }
    }

    fn limit_wait(&mut self, handle: Handle<Call>, layer: usize, at: SimTime) {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        call.wait_until = at;
        let step = &self.dependencies[call.dependency].steps[layer];
        // The pool may keep another limit than the one now set, or this wait may have begun earlier.
        if now.saturating_add(step.limit) == at {
            call.wait_timer = self.agenda.arm(step.lane, Event::WaitOver(handle));
        } else {
            self.agenda.at(at, Class::Traffic, Event::WaitOver(handle));
        }
    }

    fn take_connection(&mut self, handle: Handle<Call>, connection: ConnectionId) {
        let call = &mut self.calls[handle];
        call.ticket = None;
        call.connection = Some(connection);
        match self.channels[call.channel].peers[connection.slot()] {
            Some(peer) => call.instance = Some(peer.instance),
            None => self.find_peer(handle, connection),
        }
    }

    /// Connects, now that it is wanted, a connection of a full pool that no instance had room for. If there is still no
    /// room, the call has a connection without an instance, and is refused when it is sent.
    #[cold]
    fn find_peer(&mut self, handle: Handle<Call>, connection: ConnectionId) {
        let id = self.calls[handle].channel;
        let peer = self.next_peer(id);
        self.channels[id].peers[connection.slot()] = peer;
        self.calls[handle].instance = peer.map(|peer| peer.instance);
    }

    /// Has the connection that a call was given tested by a round trip.
    fn validate(&mut self, handle: Handle<Call>) {
        let call = &mut self.calls[handle];
        // Each test is a wait of its own, so that the end of one that was given up is not taken for the end of the next.
        call.wait += 1;
        let (id, key, wait) = (call.channel, call.key, call.wait);
        let connection = call.connection.expect("the connection under test");
        let site = site::VALIDATION + u64::from(wait);
        let alive = self.is_alive(id, connection);
        let end = |alive| Event::PoolValidated { call: handle, wait, alive };
        let instance = self.peer_of(id, connection);
        self.test(id, instance, (key, site), end(alive), end(false));
    }

    /// A connection has been tested for a call.
    pub(crate) fn validated(&mut self, handle: Handle<Call>, wait: u32, alive: bool) {
        let now = self.agenda.now();
        let Some(call) = self.calls.get_mut(handle) else { return };
        if call.stage != Stage::Waiting || call.wait != wait {
            return;
        }
        let Some(connection) = call.connection else { return };
        let (id, layer) = (call.channel, usize::from(call.entered));
        let alive = alive && self.leads_to_life(id, connection);
        let call = &mut self.calls[handle];
        if !self.channels[id].pool.as_ref().is_some_and(|pool| pool.is_validating(connection)) {
            return;
        }
        if !alive {
            call.connection = None;
            call.instance = None;
        }
        let Layer::Pool(spec) = &self.dependencies[call.dependency].layers[layer] else { return };
        let pool = self.channels[id].pool.as_mut().expect("the pool of the connection");
        let acquired = pool.validated(spec, now, connection, alive);
        let entry = self.acquired(handle, layer, acquired);
        self.settle_pool(id);
        match entry {
            Entry::Passed => self.resume_call(handle, self.calls[handle].wait),
            Entry::Waits => {}
            Entry::Rejected(kind) => {
                self.calls[handle].stage = Stage::Moving;
                self.refuse(handle, kind);
            }
        }
    }

    /// A call leaves the queue of its pool, or hands back what it was just given.
    pub(crate) fn stop_waiting_for_connection(&mut self, handle: Handle<Call>, why: Departure) {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let (id, layer) = (call.channel, usize::from(call.entered));
        if let Some(ticket) = call.ticket.take() {
            self.channels[id].pool.as_mut().expect("the pool waited for").abandon(now, ticket, why);
            return;
        }
        let Some(connection) = call.connection.take() else { return };
        let dependency = call.dependency;
        let Layer::Pool(spec) = &self.dependencies[dependency].layers[layer] else { return };
        let pool = self.channels[id].pool.as_mut().expect("the pool waited for");
        if pool.is_validating(connection) {
            // The test goes on for nobody; its user has to be gone for the pool to have the connection back.
            let _ = pool.validated(spec, now, connection, true);
        }
        self.give_back(id, layer, connection);
    }

    /// A call is done with its connection.
    #[inline(never)]
    pub(crate) fn release_connection(&mut self, handle: Handle<Call>, layer: usize) {
        let call = &mut self.calls[handle];
        let Some(connection) = call.connection else { return };
        let (id, key, attempt) = (call.channel, call.key, call.attempt);
        let changed = self.channels[id].caller.is_some_and(|caller| !self.instances[caller].is_plain());
        (call.connection, call.instance) = (None, None);
        if changed && let Some(hold) = self.hold_time(handle, key, attempt) {
            let channel = &mut self.channels[id];
            channel.held.push(connection);
            let event = Event::HoldOver { channel: id, epoch: channel.epoch, connection: connection.slot() as u32 };
            self.agenda.after(hold, event);
        } else {
            self.give_back(id, layer, connection);
        }
    }

    #[inline(never)]
    fn hold_time(&self, handle: Handle<Call>, key: Key, attempt: u32) -> Option<SimDuration> {
        let call = &self.calls[handle];
        let Parent::Job(parent) = call.parent else { return None };
        let job = self.jobs.get(parent)?;
        let behaviour = self.instances[job.instance].behaviour(self.spec.endpoint_position(job.endpoint));
        if behaviour.holds.is_empty() {
            return None;
        }
        let mut rng = self.rng(key, site::HOLD + u64::from(attempt));
        let holds = behaviour.holds.iter().filter(|(dependency, _)| *dependency == call.dependency);
        let nanos: f64 = holds.map(|(_, hold)| hold.sample(&mut rng)).sum();
        (nanos > 0.0).then(|| SimDuration::from_nanos_f64(nanos))
    }

    /// A connection that was held beyond its answer goes back.
    pub(crate) fn hold_over(&mut self, id: Id<Channel>, epoch: u32, slot: u32) {
        if self.channels[id].epoch != epoch {
            return;
        }
        let held = &mut self.channels[id].held;
        let Some(position) = held.iter().position(|held| held.slot() == slot as usize) else { return };
        let connection = held.swap_remove(position);
        if let Some(layer) = self.pool_layer(id) {
            self.give_back(id, layer, connection);
        }
    }

    pub(super) fn pool_layer(&self, id: Id<Channel>) -> Option<usize> {
        let layers = &self.dependencies[self.channels[id].dependency].layers;
        layers.iter().position(|layer| matches!(layer, Layer::Pool(_)))
    }

    /// Returns a connection to its pool, or leaks it, or finds it broken.
    #[inline(always)]
    fn give_back(&mut self, id: Id<Channel>, layer: usize, connection: ConnectionId) {
        let now = self.agenda.now();
        let channel = &mut self.channels[id];
        let dependency = &self.dependencies[channel.dependency];
        if dependency.leak > 0.0 || dependency.drops {
            return self.give_back_or_leak(id, layer, connection);
        }
        let alive =
            channel.peers[connection.slot()].is_some_and(|peer| self.instances[peer.instance].lives(peer.incarnation));
        let Layer::Pool(spec) = &dependency.layers[layer] else { return };
        let pool = channel.pool.as_mut().expect("the pool of the connection");
        self.meters.pool_usage[channel.dependency.index()].record(pool.usage(now, connection));
        let grant = pool.release(spec, now, connection, !alive);
        let wishes = pool.has_effects();
        if let Some(grant) = grant {
            self.granted(grant);
        }
        if wishes {
            self.settle_pool(id);
        }
    }

    #[inline(never)]
    fn give_back_or_leak(&mut self, id: Id<Channel>, layer: usize, connection: ConnectionId) {
        if self.dependencies[self.channels[id].dependency].leak > 0.0 && self.leaks(id, connection) {
            return;
        }
        let now = self.agenda.now();
        let alive = self.is_alive(id, connection);
        let dependency = self.channels[id].dependency;
        let Layer::Pool(spec) = &self.dependencies[dependency].layers[layer] else { return };
        let pool = self.channels[id].pool.as_mut().expect("the pool of the connection");
        self.meters.pool_usage[dependency.index()].record(pool.usage(now, connection));
        if let Some(grant) = pool.release(spec, now, connection, !alive) {
            self.granted(grant);
        }
        self.settle_pool(id);
    }

    /// Whether a connection on its way back is never returned.
    #[inline(never)]
    fn leaks(&mut self, id: Id<Channel>, connection: ConnectionId) -> bool {
        let leak = self.dependencies[self.channels[id].dependency].leak;
        self.channels[id].releases += 1;
        let key = self.channel_key("model.leak", id);
        let leaks = self.rng(key, self.channels[id].releases).uniform() < leak;
        if leaks && let Some(pool) = &mut self.channels[id].pool {
            pool.leak(connection);
        }
        leaks
    }

    /// The call of an attempt under way gives up: nobody will read the answer, so the connection is closed. The server
    /// frees its side of it only when the work there ends.
    pub(crate) fn break_connection(&mut self, handle: Handle<Call>, layer: usize, job: Handle<Job>) {
        let call = &self.calls[handle];
        let id = call.channel;
        self.leave_connection_to(id, handle, job);
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let Some(connection) = call.connection.take() else { return };
        call.instance = None;
        let dependency = call.dependency;
        let Layer::Pool(spec) = &self.dependencies[dependency].layers[layer] else { return };
        let pool = self.channels[id].pool.as_mut().expect("the pool of the connection");
        self.meters.pool_usage[dependency.index()].record(pool.usage(now, connection));
        if let Some(grant) = pool.release(spec, now, connection, true) {
            self.granted(grant);
        }
        self.settle_pool(id);
    }

    /// A time limit inside the pool has passed, or the connection has broken: the call keeps the connection until it leaves
    /// the pool, but it leads nowhere any more, so that a retry inside the pool finds it closed and the pool does not take
    /// it back. `HikariCP` 6.0.0 evicts a connection on an `SQLTimeoutException` and on every SQL state 08xxx, and its user
    /// holds a closed one from then on (`ProxyConnection.checkException`). The server's side stays occupied until the work
    /// there ends.
    #[inline(never)]
    pub(crate) fn spoil_connection(&mut self, handle: Handle<Call>, job: Handle<Job>) {
        let id = self.calls[handle].channel;
        self.leave_connection_to(id, handle, job);
        let call = &mut self.calls[handle];
        let Some(connection) = call.connection else { return };
        call.instance = None;
        if let Some(peer) = self.channels[id].peers[connection.slot()].take() {
            self.disconnected(peer);
        }
    }

    /// The server's side of a call's connection stays occupied until the job at its other end is over.
    pub(crate) fn leave_connection_to(&mut self, id: Id<Channel>, handle: Handle<Call>, job: Handle<Job>) {
        let Some(connection) = self.calls[handle].connection else { return };
        if let Some(job) = self.jobs.get_mut(job)
            && job.place != Place::Travelling
            && let Some(peer) = self.channels[id].peers[connection.slot()]
            && self.instances[peer.instance].incarnation == peer.incarnation
        {
            job.occupies_connection = true;
            self.channels[id].peers[connection.slot()] = None;
        }
    }

    /// Gives up every connection of a caller that dies.
    pub(crate) fn close_connections(&mut self, id: Id<Channel>) {
        for peer in std::mem::take(&mut self.channels[id].peers).into_iter().flatten() {
            self.disconnected(peer);
        }
    }

    /// Carries out what the pool wants.
    #[inline(never)]
    pub(crate) fn settle_pool(&mut self, id: Id<Channel>) {
        while let Some(effect) = self.channels[id].pool.as_mut().and_then(Pool::next_effect) {
            match effect {
                PoolEffect::OpenConnection => self.connect(id),
                PoolEffect::Keepalive(connection) => self.keep_alive(id, connection),
                PoolEffect::WakeAt(at) => self.agenda.at(at, Class::Traffic, Event::PoolWake(id)),
                PoolEffect::Granted(grant) => self.granted(grant),
                PoolEffect::Opened(connection) => {
                    let reached = self.channels[id].connecting.take().map(|instance| self.peer(instance));
                    let peer = reached.or_else(|| self.next_peer(id));
                    self.connection_opened(id, connection, peer);
                }
                PoolEffect::Closed(connection, _) => {
                    if let Some(peer) = self.channels[id].peers[connection.slot()].take() {
                        self.disconnected(peer);
                    }
                }
            }
        }
    }

    #[inline(never)]
    fn granted(&mut self, grant: Grant<Waiter>) {
        let handle = grant.waiter.call;
        self.take_connection(handle, grant.connection);
        let timer = std::mem::replace(&mut self.calls[handle].wait_timer, Handle::NONE);
        self.agenda.cancel(timer);
        if grant.validate {
            self.validate(handle);
        } else {
            self.resume_soon(Waiter { call: handle, wait: self.calls[handle].wait });
        }
    }

    /// A pool asked to be woken now.
    pub(crate) fn wake_pool(&mut self, id: Id<Channel>) {
        let now = self.agenda.now();
        let Some(layer) = self.pool_layer(id) else { return };
        let Layer::Pool(spec) = &self.dependencies[self.channels[id].dependency].layers[layer] else { return };
        if let Some(pool) = &mut self.channels[id].pool {
            pool.on_wake(spec, now);
            self.settle_pool(id);
        }
    }

    /// A key of one life of a channel.
    pub(super) fn channel_key(&self, purpose: &str, id: Id<Channel>) -> Key {
        self.named_key(purpose, id.raw()).child(u64::from(self.channels[id].epoch))
    }

    pub(super) fn has_room(&self, id: Id<Instance>) -> bool {
        let instance = &self.instances[id];
        let limit = self.spec.services[instance.service].max_connections;
        limit.is_none_or(|limit| instance.connections < limit)
    }

    fn connection_opened(&mut self, id: Id<Channel>, connection: ConnectionId, peer: Option<Peer>) {
        let peers = &mut self.channels[id].peers;
        if connection.slot() >= peers.len() {
            peers.resize(connection.slot() + 1, None);
        }
        peers[connection.slot()] = peer;
    }

    fn disconnected(&mut self, peer: Peer) {
        let instance = &mut self.instances[peer.instance];
        if instance.incarnation == peer.incarnation {
            instance.connections = instance.connections.saturating_sub(1);
        }
    }

    /// Whether a connection works: it leads to a life, and no partition breaks it.
    #[inline(always)]
    fn is_alive(&self, id: Id<Channel>, connection: ConnectionId) -> bool {
        let dependency = &self.dependencies[self.channels[id].dependency];
        !(dependency.drops && dependency.partitions.with(self.peer_of(id, connection)) == Some(Partition::Drop))
            && self.leads_to_life(id, connection)
    }

    /// The instance to which a connection was made.
    #[inline]
    pub(super) fn peer_of(&self, id: Id<Channel>, connection: ConnectionId) -> Option<Id<Instance>> {
        self.channels[id].peers[connection.slot()].map(|peer| peer.instance)
    }

    /// Whether a connection still leads to the life of the instance to which it was made.
    #[inline(always)]
    pub(super) fn leads_to_life(&self, id: Id<Channel>, connection: ConnectionId) -> bool {
        let peer = self.channels[id].peers[connection.slot()];
        peer.is_some_and(|peer| self.instances[peer.instance].lives(peer.incarnation))
    }
}
