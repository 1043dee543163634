//! The pool itself: acquire, release and everything that moves a connection between its users.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::adder::Adder;
use super::handle::{Acquire, CloseReason, ConnectionId, Departure, Grant, PoolEffect};
use super::housekeeper::InForce;
use super::measures::PoolCounters;
use super::occupancy::PeakedOccupancy;
use super::slots::{ConnectionState, Life, Slots};
use super::spec::{Establishment, IdleChoice, PoolSpec, Shrink};
use crate::kernel::Gauge;
use crate::model::wait_list::{Ticket, WaitList};
use crate::rng::Key;
use crate::units::SimTime;

/// A connection pool. `W` is how the caller names whoever wants a connection.
///
/// Every method that takes a [`PoolSpec`] takes the one the pool was made with, or the `new` of the latest
/// [`reconfigure`](Self::reconfigure). Instants must not go backwards. After any call there may be effects to carry out
/// ([`next_effect`](Self::next_effect)); acquire and release of a [`fixed`](PoolSpec::fixed) pool never have any.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pool<W> {
    pub(super) slots: Slots,
    /// The slots of the idle connections, the one used least recently in front.
    pub(super) idle: VecDeque<u32>,
    /// Who waits, and since when.
    pub(super) waiters: WaitList<(Acquirer<W>, SimTime)>,
    /// Acquirers whose connection is being validated, by its slot.
    pub(super) validating: Vec<(u32, Acquirer<W>)>,
    pub(super) leaked: u32,
    pub(super) adder: Adder,
    pub(super) in_force: InForce,
    pub(super) housekeeping_at: SimTime,
    /// The earliest wake that has been asked for and has not come.
    pub(super) wake_at: SimTime,
    /// Connections idle or in use: open, and not away for a ping.
    pub(super) circulating: Gauge,
    pub(super) in_use: PeakedOccupancy,
    pub(super) waiting: PeakedOccupancy,
    pub(super) counters: PoolCounters,
    effects: VecDeque<PoolEffect<W>>,
}

/// Somebody who wants a connection.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Acquirer<W> {
    waiter: W,
    /// When the acquire timeout passes, [`SimTime::NEVER`] for never.
    timeout_at: SimTime,
}

impl<W: Copy> Pool<W> {
    /// A pool that starts `now` with `initial` connections open and idle (with [`Establishment::Instant`], always with
    /// the full number), without effects for those. `luck` decides their lifetimes.
    #[must_use]
    pub fn new(spec: &PoolSpec, now: SimTime, initial: u32, luck: Key) -> Self {
        let mut pool = Self {
            slots: Slots::default(),
            idle: VecDeque::new(),
            waiters: WaitList::default(),
            validating: Vec::new(),
            leaked: 0,
            adder: Adder::new(spec.maximum_pool_size),
            in_force: InForce::of(spec),
            housekeeping_at: InForce::first_housekeeping(spec, now),
            wake_at: SimTime::NEVER,
            circulating: Gauge::default(),
            in_use: PeakedOccupancy::default(),
            waiting: PeakedOccupancy::default(),
            counters: PoolCounters::default(),
            effects: VecDeque::new(),
        };
        let instant = spec.establishment == Establishment::Instant;
        let open = if instant { spec.maximum_pool_size } else { initial.min(spec.maximum_pool_size) };
        for number in 0..open {
            let life = if instant { Life::ENDLESS } else { Life::drawn(spec, now, luck.child(u64::from(number))) };
            let index = pool.slots.open(now, life);
            pool.idle.push_back(index);
        }
        pool.circulating.set(now, open);
        pool.plan_wake();
        pool
    }

    /// Somebody wants a connection. An idle one is lent at once; failing that, the acquirer joins the queue.
    #[inline(always)]
    pub fn acquire(&mut self, spec: &PoolSpec, now: SimTime, waiter: W) -> Acquire {
        self.counters.acquires += 1;
        let timeout_at = now.saturating_add(self.in_force.connection_timeout);
        self.take_or_park(spec, now, Acquirer { waiter, timeout_at })
    }

    /// The validation of a connection that was lent on that condition has ended. A dead connection is closed, and the
    /// acquirer tries again with what is left of its timeout.
    ///
    /// # Panics
    /// When that connection is not being validated for an acquirer.
    pub fn validated(&mut self, spec: &PoolSpec, now: SimTime, connection: ConnectionId, alive: bool) -> Acquire {
        let index = self.slots.index(connection);
        let place = self.validating.iter().position(|(slot, _)| *slot == index);
        let (_, acquirer) = self.validating.swap_remove(place.expect("the connection is being validated"));
        if alive {
            self.slots.slot_mut(index).state = ConnectionState::InUse;
            return Acquire::Ready(connection);
        }
        self.counters.validations_failed += 1;
        self.in_use.leave(now, self.slots.slot(index).since);
        self.close(spec, now, index, CloseReason::Dead);
        if acquirer.timeout_at <= now {
            self.counters.timeouts += 1;
            return Acquire::TimedOut;
        }
        self.take_or_park(spec, now, acquirer)
    }

    /// A connection comes back, a leaked one too. It goes to the first waiter if there is one; one that is `broken`, was
    /// marked while it was in use, or is one too many, is closed instead.
    ///
    /// # Panics
    /// When nobody has that connection.
    #[inline(always)]
    pub fn release(
        &mut self,
        spec: &PoolSpec,
        now: SimTime,
        connection: ConnectionId,
        broken: bool,
    ) -> Option<Grant<W>> {
        let index = self.slots.index(connection);
        let slot = self.slots.slot_mut(index);
        match slot.state {
            ConnectionState::InUse => {}
            ConnectionState::Leaked => self.leaked -= 1,
            state => panic!("released a connection that nobody has: {state:?}"),
        }
        let (taken_at, retire) = (slot.since, slot.retire);
        slot.since = now;
        self.in_use.leave(now, taken_at);
        if now.since(taken_at) >= self.in_force.leak_detection_threshold {
            self.counters.leak_warnings += 1;
        }
        let reason = if broken { Some(CloseReason::Broken) } else { retire.or_else(|| self.surplus(spec)) };
        match reason {
            None => self.put_back(spec, now, index),
            Some(reason) => {
                self.close(spec, now, index, reason);
                None
            }
        }
    }

    /// Whether a connection is being validated for an acquirer.
    #[must_use]
    pub fn is_validating(&self, connection: ConnectionId) -> bool {
        let index = self.slots.index(connection);
        self.validating.iter().any(|(slot, _)| *slot == index)
    }

    /// A waiter leaves the queue; `false` if it no longer waited, because it has been granted a connection or has left.
    pub fn abandon(&mut self, now: SimTime, ticket: Ticket, why: Departure) -> bool {
        let Some((_, entered)) = self.waiters.remove(ticket) else { return false };
        self.waiting.leave(now, entered);
        match why {
            Departure::TimedOut => self.counters.timeouts += 1,
            Departure::Cancelled => self.counters.cancelled += 1,
        }
        true
    }

    /// The user of a connection will never return it. It stays in use and counts towards the maximum; only a late
    /// [`release`](Self::release) brings it back.
    ///
    /// # Panics
    /// When the connection is not in use.
    pub fn leak(&mut self, connection: ConnectionId) {
        let index = self.slots.index(connection);
        let slot = self.slots.slot_mut(index);
        assert_eq!(slot.state, ConnectionState::InUse, "only a connection in use can be leaked");
        slot.state = ConnectionState::Leaked;
        self.leaked += 1;
        self.counters.leaks += 1;
    }

    /// The next thing the pool wants done, in the order in which it came up.
    #[inline]
    pub fn next_effect(&mut self) -> Option<PoolEffect<W>> {
        self.effects.pop_front()
    }

    /// Whether [`next_effect`](Self::next_effect) has anything.
    #[must_use]
    #[inline]
    pub fn has_effects(&self) -> bool {
        !self.effects.is_empty()
    }

    /// Every open connection and what it is doing.
    pub fn connections(&self) -> impl Iterator<Item = (ConnectionId, ConnectionState)> {
        self.slots.open_slots().map(|(id, slot)| (id, slot.state))
    }

    pub(super) fn ask(&mut self, effect: PoolEffect<W>) {
        self.effects.push_back(effect);
    }

    /// Brings a new connection into the pool.
    pub(super) fn open(&mut self, spec: &PoolSpec, now: SimTime, life: Life) {
        let index = self.slots.open(now, life);
        self.circulating.set(now, self.circulating.level() + 1);
        self.counters.created += 1;
        self.ask(PoolEffect::Opened(self.slots.id(index)));
        match self.surplus(spec) {
            Some(reason) => self.close(spec, now, index, reason),
            None => self.put_back_and_tell(spec, now, index),
        }
    }

    /// As [`put_back`](Self::put_back), with the grant as an effect.
    pub(super) fn put_back_and_tell(&mut self, spec: &PoolSpec, now: SimTime, index: u32) {
        if let Some(grant) = self.put_back(spec, now, index) {
            self.ask(PoolEffect::Granted(grant));
        }
    }

    /// Closes a connection that is neither in the idle list nor counted as in use, and sees to a replacement.
    #[inline(never)]
    pub(super) fn close(&mut self, spec: &PoolSpec, now: SimTime, index: u32, reason: CloseReason) {
        let id = self.slots.close(index);
        self.circulating.set(now, self.circulating.level() - 1);
        self.counters.closed[reason as usize] += 1;
        self.ask(PoolEffect::Closed(id, reason));
        match spec.establishment {
            Establishment::Instant => self.open_all(spec, now),
            Establishment::OneAtATime => self.fill(spec),
        }
    }

    /// Opens instant connections up to the maximum.
    pub(super) fn open_all(&mut self, spec: &PoolSpec, now: SimTime) {
        while self.slots.open_count() < spec.maximum_pool_size {
            self.open(spec, now, Life::ENDLESS);
        }
    }

    /// A connection that has no user goes to the first waiter, or becomes idle.
    #[inline(always)]
    fn put_back(&mut self, spec: &PoolSpec, now: SimTime, index: u32) -> Option<Grant<W>> {
        let Some((acquirer, entered)) = self.waiters.pop() else {
            self.slots.slot_mut(index).state = ConnectionState::Idle;
            self.idle.push_back(index);
            return None;
        };
        self.waiting.leave(now, entered);
        let validate = self.lend(spec, now, index, acquirer);
        let (waiter, connection) = (acquirer.waiter, self.slots.id(index));
        Some(Grant { waiter, connection, validate, waited: now.since(entered) })
    }

    #[inline(always)]
    fn take_or_park(&mut self, spec: &PoolSpec, now: SimTime, acquirer: Acquirer<W>) -> Acquire {
        let free = match spec.idle_choice {
            IdleChoice::MostRecentlyUsed => self.idle.pop_back(),
            IdleChoice::LeastRecentlyUsed => self.idle.pop_front(),
        };
        match free {
            None => self.park(spec, now, acquirer),
            Some(index) if self.lend(spec, now, index, acquirer) => Acquire::Validate(self.slots.id(index)),
            Some(index) => Acquire::Ready(self.slots.id(index)),
        }
    }

    /// Lends a connection; `true` if it has been idle for so long that it must be validated.
    #[inline(always)]
    fn lend(&mut self, spec: &PoolSpec, now: SimTime, index: u32, acquirer: Acquirer<W>) -> bool {
        let slot = self.slots.slot_mut(index);
        let validate = now.since(slot.since) > spec.alive_bypass_window;
        slot.since = now;
        slot.state = if validate { ConnectionState::Validating } else { ConnectionState::InUse };
        self.in_use.enter(now);
        if validate {
            self.validating.push((index, acquirer));
        }
        validate
    }

    #[inline(never)]
    fn park(&mut self, spec: &PoolSpec, now: SimTime, acquirer: Acquirer<W>) -> Acquire {
        if spec.maximum_waiters.is_some_and(|most| self.waiting.count() >= most) {
            self.counters.rejected += 1;
            return Acquire::Rejected;
        }
        let ticket = self.waiters.push((acquirer, now));
        self.waiting.enter(now);
        self.request_connection(spec);
        let timeout_at = (acquirer.timeout_at != SimTime::NEVER).then_some(acquirer.timeout_at);
        Acquire::Parked { ticket, timeout_at }
    }

    #[inline]
    fn surplus(&self, spec: &PoolSpec) -> Option<CloseReason> {
        let surplus = spec.shrink == Shrink::AtOnce && self.slots.open_count() > spec.maximum_pool_size;
        surplus.then_some(CloseReason::Surplus)
    }
}
