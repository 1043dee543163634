//! What can be read off a pool: gauges, counters, and Little's law.

use serde::{Deserialize, Serialize};

use super::handle::{CloseReason, ConnectionId};
use super::slots::ConnectionState;
use super::spec::PoolSpec;
use super::state::Pool;
use crate::units::{SimDuration, SimTime};

/// A pool at one instant. `total == active + idle + reserved`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolGauges {
    /// Connections with a user, being validated for one, or leaked (`hikaricp.connections.active`).
    pub active: u32,
    /// Those of the active ones that will never be returned.
    pub leaked: u32,
    /// Connections free to be handed out (`hikaricp.connections.idle`).
    pub idle: u32,
    /// Connections out of circulation for a keepalive ping.
    pub reserved: u32,
    /// Attempts to connect under way; they are not in the total.
    pub connecting: u32,
    /// Acquirers in the queue (`hikaricp.connections.pending`).
    pub pending: u32,
    /// Open connections (`hikaricp.connections`).
    pub total: u32,
    /// The most there may be (`hikaricp.connections.max`).
    pub maximum: u32,
    /// How many idle ones the pool tries to keep (`hikaricp.connections.min`).
    pub minimum: u32,
}

/// How many there were inside a pool, integrated over time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolIntegrals {
    /// Connections in use.
    pub in_use: u128,
    /// Idle connections.
    pub idle: u128,
    /// Acquirers in the queue.
    pub waiting: u128,
}

impl PoolIntegrals {
    /// Adds another pool's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.in_use += other.in_use;
        self.idle += other.idle;
        self.waiting += other.waiting;
    }
}

/// What pools have done since the start, as `HikariCP`'s metrics and its log tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolTotals {
    /// Connections opened (the count of `hikaricp.connections.creation`), without those a pool started with.
    pub created: u64,
    /// Acquirers whose acquire timeout passed (`hikaricp.connections.timeout`).
    pub timeouts: u64,
    /// How many times a connection was held for `leakDetectionThreshold`.
    pub leak_warnings: u64,
}

impl PoolTotals {
    /// Adds another pool's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.timeouts += other.timeouts;
        self.leak_warnings += other.leak_warnings;
    }
}

/// What has happened in a pool since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolCounters {
    /// Calls of [`Pool::acquire`].
    pub acquires: u64,
    /// Acquirers who were turned away because the queue was full.
    pub rejected: u64,
    /// Acquirers whose acquire timeout passed (`hikaricp.connections.timeout`).
    pub timeouts: u64,
    /// Waiters who left of their own accord.
    pub cancelled: u64,
    /// Connections opened, without those the pool started with.
    pub created: u64,
    /// Attempts to connect that failed.
    pub connects_failed: u64,
    /// Connections closed, by reason in the order of [`CloseReason::ALL`].
    pub closed: [u64; CloseReason::COUNT],
    /// Connections whose user will never return them.
    pub leaks: u64,
    /// Connections that were returned after `leakDetectionThreshold`; see [`Pool::leak_warnings`] for all.
    pub leak_warnings: u64,
    /// Connections found dead by a validation or a ping.
    pub validations_failed: u64,
}

impl<W: Copy> Pool<W> {
    /// The pool as it is.
    #[must_use]
    pub fn gauges(&self, spec: &PoolSpec) -> PoolGauges {
        let (active, idle, total) = (self.in_use.count(), self.idle.len() as u32, self.slots.open_count());
        PoolGauges {
            active,
            leaked: self.leaked,
            idle,
            reserved: total - active - idle,
            connecting: u32::from(self.adder.connecting()),
            pending: self.waiting.count(),
            total,
            maximum: spec.maximum_pool_size,
            minimum: self.in_force.minimum_idle,
        }
    }

    /// The integrals from the making of the pool to `now`.
    #[must_use]
    pub fn integrals(&self, now: SimTime) -> PoolIntegrals {
        let in_use = self.in_use.integral(now);
        PoolIntegrals { in_use, idle: self.circulating.integral(now) - in_use, waiting: self.waiting.integral(now) }
    }

    /// The most connections in use and the most acquirers in the queue at one time since this was last asked for.
    pub fn take_peaks(&mut self) -> (u32, u32) {
        (self.in_use.take_peak(), self.waiting.take_peak())
    }

    /// What has happened so far.
    #[must_use]
    pub const fn counters(&self) -> &PoolCounters {
        &self.counters
    }

    /// The most telling of what has happened so far.
    #[must_use]
    pub fn totals(&self, now: SimTime) -> PoolTotals {
        let PoolCounters { created, timeouts, .. } = self.counters;
        PoolTotals { created, timeouts, leak_warnings: self.leak_warnings(now) }
    }

    /// For how long its user has had a connection (`hikaricp.connections.usage`, recorded when it comes back), a validation
    /// before the hand-over included.
    ///
    /// # Panics
    /// When the connection has been closed.
    #[must_use]
    #[inline]
    pub fn usage(&self, now: SimTime, connection: ConnectionId) -> SimDuration {
        now.since(self.slots.slot(self.slots.index(connection)).since)
    }

    /// How many times a connection has been held for `leakDetectionThreshold` (what `ProxyLeakTask` would have logged).
    #[must_use]
    pub fn leak_warnings(&self, now: SimTime) -> u64 {
        let threshold = self.in_force.leak_detection_threshold;
        let held = self.held_since().filter(|since| now.since(*since) >= threshold).count();
        self.counters.leak_warnings + held as u64
    }

    /// Little's law for the queue and for the connections in use, each as (integral of the number inside over time, time
    /// spent inside by everybody who has been inside), in nanoseconds until `now`. The two are equal.
    ///
    /// The first comes from the changes of a count. The second is the sum of the stays that are over plus the stays that
    /// are not, found by walking the queue and the connections.
    #[must_use]
    pub fn littles_law(&self, now: SimTime) -> [(u128, u128); 2] {
        let waiting = self.waiting.time_inside(now, self.waiters.iter().map(|(_, entered)| entered));
        let in_use = self.in_use.time_inside(now, self.held_since());
        [(self.waiting.integral(now), waiting), (self.in_use.integral(now), in_use)]
    }

    fn held_since(&self) -> impl Iterator<Item = SimTime> {
        let held = [ConnectionState::InUse, ConnectionState::Validating, ConnectionState::Leaked];
        self.slots.open_slots().filter(move |(_, slot)| held.contains(&slot.state)).map(|(_, slot)| slot.since)
    }
}
