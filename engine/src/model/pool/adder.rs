//! The adder: connections are opened one at a time, and only while they are needed.
//!
//! `HikariCP` 6.0.0 has one adder thread with a bounded queue of tasks (`addConnectionExecutor`, capacity
//! `maximumPoolSize`; more are discarded). A task opens one connection if, when its turn comes, it is still needed
//! (`shouldContinueCreating`), then sleeps for 30 ms. When the attempt fails, it sleeps for 10 ms, doubling up to 5 s,
//! and tries again for as long as there is a need. Hence a ramp of 1/(connect time + 30 ms), and hence the elision:
//! requests made in a spike come to nothing when the spike has passed.

use serde::{Deserialize, Serialize};

use super::handle::{PoolEffect, Refused};
use super::slots::Life;
use super::spec::{Establishment, PoolSpec};
use super::state::Pool;
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

/// The adder and its queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Adder {
    phase: Phase,
    queued: u32,
    /// The queue's bound: the maximum size when the pool was made; later changes do not touch it.
    capacity: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    Resting,
    /// An attempt is under way; should it fail, the task sleeps for that long.
    Connecting {
        back_off: SimDuration,
    },
    Pausing {
        until: SimTime,
    },
    BackingOff {
        until: SimTime,
        next: SimDuration,
    },
}

/// The sleep after a success.
const PAUSE: SimDuration = SimDuration::from_millis(30);
/// The sleep after the first failure of a task.
const FIRST_BACK_OFF: SimDuration = SimDuration::from_millis(10);
/// The longest sleep after a failure.
const LONGEST_BACK_OFF: SimDuration = SimDuration::from_secs(5);

impl Adder {
    pub(super) fn new(maximum_pool_size: u32) -> Self {
        Self { phase: Phase::Resting, queued: 0, capacity: maximum_pool_size.max(1) }
    }

    /// Whether an attempt is under way.
    pub(super) fn connecting(&self) -> bool {
        matches!(self.phase, Phase::Connecting { .. })
    }

    /// When the adder's sleep ends.
    pub(super) fn due(&self) -> SimTime {
        match self.phase {
            Phase::Pausing { until } | Phase::BackingOff { until, .. } => until,
            Phase::Resting | Phase::Connecting { .. } => SimTime::NEVER,
        }
    }
}

impl<W: Copy> Pool<W> {
    /// The attempt asked for by [`PoolEffect::OpenConnection`] has ended. `luck` decides the lifetime of the connection.
    ///
    /// # Panics
    /// When no attempt is under way.
    pub fn connected(&mut self, spec: &PoolSpec, now: SimTime, outcome: Result<Key, Refused>) {
        let Phase::Connecting { back_off } = self.adder.phase else { panic!("no attempt to connect is under way") };
        match outcome {
            Ok(luck) => {
                self.adder.phase = Phase::Pausing { until: now + PAUSE };
                self.open(spec, now, Life::drawn(spec, now, luck));
            }
            Err(Refused) => {
                self.counters.connects_failed += 1;
                let next = back_off.saturating_add(back_off).min(LONGEST_BACK_OFF);
                self.adder.phase = Phase::BackingOff { until: now + back_off, next };
            }
        }
        self.plan_wake();
    }

    /// Asks for the connection with which the pool of a process that starts begins (`HikariPool.checkFailFast`), unless
    /// none would be kept. There the constructor makes it, before the adder runs.
    pub fn open_first(&mut self, spec: &PoolSpec) {
        if spec.establishment == Establishment::OneAtATime && self.in_force.minimum_idle > 0 {
            self.submit(spec);
        }
    }

    /// Somebody waits: asks for one more connection unless enough requests are queued (`HikariPool.addBagItem`).
    pub(super) fn request_connection(&mut self, spec: &PoolSpec) {
        if spec.establishment == Establishment::OneAtATime && self.waiting.count() > self.adder.queued {
            self.submit(spec);
        }
    }

    /// Asks for the connections that `minimumIdle` lacks (`HikariPool.fillPool`).
    pub(super) fn fill(&mut self, spec: &PoolSpec) {
        let idle = self.idle.len() as u32;
        if self.slots.open_count() >= spec.maximum_pool_size {
            return;
        }
        let missing = self.in_force.minimum_idle.saturating_sub(idle);
        for _ in 0..missing.min(self.adder.capacity + 1) {
            self.submit(spec);
        }
    }

    /// Continues after a sleep that has ended.
    pub(super) fn run_adder(&mut self, spec: &PoolSpec, now: SimTime) {
        if self.adder.due() > now {
            return;
        }
        let back_off = match self.adder.phase {
            Phase::BackingOff { next, .. } => next,
            _ => FIRST_BACK_OFF,
        };
        let task_goes_on = matches!(self.adder.phase, Phase::BackingOff { .. });
        self.adder.phase = Phase::Resting;
        if task_goes_on {
            self.try_to_open(spec, back_off);
        }
        while self.adder.phase == Phase::Resting && self.adder.queued > 0 {
            self.adder.queued -= 1;
            self.try_to_open(spec, FIRST_BACK_OFF);
        }
    }

    fn submit(&mut self, spec: &PoolSpec) {
        if self.adder.phase == Phase::Resting {
            self.try_to_open(spec, FIRST_BACK_OFF);
        } else if self.adder.queued < self.adder.capacity {
            self.adder.queued += 1;
        }
    }

    fn try_to_open(&mut self, spec: &PoolSpec, back_off: SimDuration) {
        if self.still_needed(spec) {
            self.adder.phase = Phase::Connecting { back_off };
            self.ask(PoolEffect::OpenConnection);
        }
    }

    fn still_needed(&self, spec: &PoolSpec) -> bool {
        let idle = self.idle.len() as u32;
        self.slots.open_count() < spec.maximum_pool_size
            && (idle < self.in_force.minimum_idle || self.waiting.count() > idle)
    }
}
