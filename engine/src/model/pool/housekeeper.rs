//! What happens to connections by the clock: lifetimes, keepalives, idle timeouts; and changes of the settings.
//!
//! In `HikariCP` 6.0.0 a lifetime and a keepalive have timers of their own and are punctual; `idleTimeout` and
//! `minimumIdle` are looked after by the housekeeper, which first runs after 100 ms and then every 30 s, so that an idle
//! connection may overstay by up to 30 s. `connectionTimeout` and `leakDetectionThreshold` too take effect there.
//! What is due at the same instant is done in this order: lifetimes and pings by slot, housekeeper, adder.

use serde::{Deserialize, Serialize};

use super::handle::{CloseReason, ConnectionId, PoolEffect};
use super::slots::{ConnectionState, Life};
use super::spec::{Establishment, PoolSpec, Shrink};
use super::state::Pool;
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

/// When the housekeeper first runs.
const FIRST_HOUSEKEEPING: SimDuration = SimDuration::from_millis(100);
/// Lifetimes up to this are not varied (`HikariPool.createPoolEntry`).
const UNVARIED_LIFETIME: SimDuration = SimDuration::from_secs(10);

/// Settings as they are in force, which may lag behind the settings as they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InForce {
    /// [`SimDuration::MAX`] for no limit.
    pub(super) connection_timeout: SimDuration,
    /// [`SimDuration::MAX`] for off.
    pub(super) leak_detection_threshold: SimDuration,
    /// As resolved when it was last set: one that was left out does not follow a later change of the maximum.
    pub(super) minimum_idle: u32,
}

impl InForce {
    pub(super) fn of(spec: &PoolSpec) -> Self {
        Self {
            connection_timeout: unless_zero(spec.connection_timeout),
            leak_detection_threshold: unless_zero(spec.leak_detection_threshold),
            minimum_idle: spec.resolved_minimum_idle(),
        }
    }

    pub(super) fn first_housekeeping(spec: &PoolSpec, now: SimTime) -> SimTime {
        if spec.housekeeping_period.is_zero() { SimTime::NEVER } else { now.saturating_add(FIRST_HOUSEKEEPING) }
    }

    fn refresh(&mut self, spec: &PoolSpec) {
        *self = Self { minimum_idle: self.minimum_idle, ..Self::of(spec) };
    }
}

impl Life {
    /// The life of a connection that is opened `now`.
    pub(super) fn drawn(spec: &PoolSpec, now: SimTime, luck: Key) -> Self {
        let mut rng = luck.rng(0);
        let (for_lifetime, for_keepalive) = (rng.next_bits(), rng.next_bits());
        let mut life = Self::ENDLESS;
        if !spec.max_lifetime.is_zero() {
            let varied = spec.max_lifetime > UNVARIED_LIFETIME;
            let factor = if varied { spec.life_time_variance_factor } else { u32::MAX };
            life.ends_at = now.saturating_add(shortened(spec.max_lifetime, factor, for_lifetime));
        }
        if !spec.keepalive_time.is_zero() {
            life.heartbeat = shortened(spec.keepalive_time, spec.keepalive_variance_factor, for_keepalive);
            life.keepalive_at = now.saturating_add(life.heartbeat);
        }
        life
    }
}

impl<W: Copy> Pool<W> {
    /// The instant asked for by [`PoolEffect::WakeAt`] has come.
    pub fn on_wake(&mut self, spec: &PoolSpec, now: SimTime) {
        if now < self.wake_at {
            return;
        }
        self.wake_at = SimTime::NEVER;
        self.follow_lives(spec, now);
        if self.housekeeping_at <= now {
            self.keep_house(spec, now);
            self.housekeeping_at = now.saturating_add(spec.housekeeping_period);
        }
        self.run_adder(spec, now);
        self.plan_wake();
    }

    /// A keepalive ping has ended. The connection goes back into circulation, as long unused as before, or is closed.
    ///
    /// # Panics
    /// When the connection is not being pinged.
    pub fn kept_alive(&mut self, spec: &PoolSpec, now: SimTime, connection: ConnectionId, alive: bool) {
        let index = self.slots.index(connection);
        let slot = self.slots.slot(index);
        assert_eq!(slot.state, ConnectionState::Reserved, "the connection is not being pinged");
        self.circulating.set(now, self.circulating.level() + 1);
        let retire = if alive { slot.retire } else { Some(CloseReason::Dead) };
        if !alive {
            self.counters.validations_failed += 1;
        }
        if let Some(reason) = retire {
            self.close(spec, now, index, reason);
            self.request_connection(spec);
        } else {
            self.schedule_keepalive(index, now);
            self.put_back_in_order(spec, now, index);
        }
        self.plan_wake();
    }

    /// Closes every idle connection, and marks every other one to be closed when it is returned
    /// (`HikariPool.softEvictConnections`).
    pub fn evict_all(&mut self, spec: &PoolSpec, now: SimTime) {
        // A replacement can only take the slot that was just closed, so nothing new is met on the way.
        for index in 0..self.slots.len() {
            self.evict(spec, now, index, CloseReason::Evicted);
        }
    }

    /// The settings changed from `old` to `new`. What acts at once and what with delay is `HikariCP`'s: the sizes count
    /// for the next decision and close nothing (unless [`Shrink::AtOnce`]), lifetimes and keepalives count for new
    /// connections, the timeouts from the next run of the housekeeper on, or at once where there is none.
    pub fn reconfigure(&mut self, old: &PoolSpec, new: &PoolSpec, now: SimTime) {
        debug_assert_eq!(old.establishment, new.establishment, "a pool cannot change its kind");
        if old.minimum_idle != new.minimum_idle {
            self.in_force.minimum_idle = new.resolved_minimum_idle();
        }
        if new.housekeeping_period.is_zero() {
            self.in_force.refresh(new);
        }
        if old.housekeeping_period != new.housekeeping_period {
            self.housekeeping_at = InForce::first_housekeeping(new, now);
        }
        if new.establishment == Establishment::Instant {
            self.open_all(new, now);
        }
        if new.shrink == Shrink::AtOnce {
            self.close_surplus(new, now);
        }
        self.plan_wake();
    }

    /// Asks to be woken when something is due before the wake that was asked for last.
    pub(super) fn plan_wake(&mut self) {
        let due = self.adder.due().min(self.housekeeping_at).min(self.slots.next_due());
        if due < self.wake_at {
            self.wake_at = due;
            self.ask(PoolEffect::WakeAt(due));
        }
    }

    /// Ends the lives and starts the pings that are due.
    fn follow_lives(&mut self, spec: &PoolSpec, now: SimTime) {
        for index in 0..self.slots.len() {
            if self.slots.life(index).ends_at <= now {
                self.slots.life_mut(index).ends_at = SimTime::NEVER;
                self.evict(spec, now, index, CloseReason::MaxLifetime);
            }
            if self.slots.life(index).keepalive_at <= now {
                self.keep_alive(index, now);
            }
        }
    }

    /// Closes an idle connection, or marks one that is not idle.
    fn evict(&mut self, spec: &PoolSpec, now: SimTime, index: u32, reason: CloseReason) {
        match self.slots.slot(index).state {
            ConnectionState::Closed => {}
            ConnectionState::Idle => self.close_idle(spec, now, index, reason),
            _ => self.slots.slot_mut(index).retire = Some(reason),
        }
    }

    fn close_idle(&mut self, spec: &PoolSpec, now: SimTime, index: u32, reason: CloseReason) {
        self.idle.retain(|idle| *idle != index);
        self.close(spec, now, index, reason);
    }

    /// Takes an idle connection out of circulation for a ping; one that is busy is left alone until the next time.
    fn keep_alive(&mut self, index: u32, now: SimTime) {
        if self.slots.slot(index).state != ConnectionState::Idle {
            self.schedule_keepalive(index, now);
            return;
        }
        self.slots.life_mut(index).keepalive_at = SimTime::NEVER;
        self.slots.slot_mut(index).state = ConnectionState::Reserved;
        self.circulating.set(now, self.circulating.level() - 1);
        self.idle.retain(|idle| *idle != index);
        self.ask(PoolEffect::Keepalive(self.slots.id(index)));
    }

    /// A ping is not a use: the connection goes back to its place among the idle ones, unless somebody waits for it.
    fn put_back_in_order(&mut self, spec: &PoolSpec, now: SimTime, index: u32) {
        if self.waiting.count() > 0 {
            self.put_back_and_tell(spec, now, index);
            return;
        }
        let slot = self.slots.slot_mut(index);
        slot.state = ConnectionState::Idle;
        let used_at = slot.since;
        let place = self.idle.partition_point(|other| self.slots.slot(*other).since <= used_at);
        self.idle.insert(place, index);
    }

    fn schedule_keepalive(&mut self, index: u32, now: SimTime) {
        let life = self.slots.life_mut(index);
        life.keepalive_at = now.saturating_add(life.heartbeat);
    }

    /// One run of the housekeeper (`HikariPool.HouseKeeper`).
    fn keep_house(&mut self, spec: &PoolSpec, now: SimTime) {
        self.in_force.refresh(spec);
        if !spec.idle_timeout.is_zero() && self.in_force.minimum_idle < spec.maximum_pool_size {
            self.close_overstayers(spec, now);
        }
        self.fill(spec);
    }

    /// Closes what has been idle for longer than `idleTimeout`, the connection opened last first, down to `minimumIdle`.
    fn close_overstayers(&mut self, spec: &PoolSpec, now: SimTime) {
        let most = self.idle.len().saturating_sub(self.in_force.minimum_idle as usize);
        let overstays = |index: &u32| now.since(self.slots.slot(*index).since) > spec.idle_timeout;
        let mut overstayers: Vec<u32> = self.idle.iter().copied().filter(overstays).collect();
        overstayers.sort_unstable_by_key(|index| std::cmp::Reverse(self.slots.life(*index).order));
        overstayers.truncate(most);
        for index in overstayers {
            self.close_idle(spec, now, index, CloseReason::IdleTimeout);
        }
    }

    fn close_surplus(&mut self, spec: &PoolSpec, now: SimTime) {
        while self.slots.open_count() > spec.maximum_pool_size
            && let Some(index) = self.idle.front().copied()
        {
            self.close_idle(spec, now, index, CloseReason::Surplus);
        }
    }
}

/// A span less a uniform part of one `factor`th of it.
fn shortened(span: SimDuration, factor: u32, bits: u64) -> SimDuration {
    let most = span.as_nanos() / u64::from(factor.max(1));
    let part = (u128::from(bits) * u128::from(most)) >> 64;
    SimDuration::from_nanos(span.as_nanos() - part as u64)
}

/// Zero stands for "no limit".
fn unless_zero(span: SimDuration) -> SimDuration {
    if span.is_zero() { SimDuration::MAX } else { span }
}
