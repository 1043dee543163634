//! Seeded random runs: no connection in two places, nobody forgotten, and Little's law to the nanosecond.

use std::collections::{BTreeSet, VecDeque};

use super::super::{Acquire, ConnectionId, Departure, Grant, IdleChoice, Pool, PoolEffect, PoolSpec};
use super::super::{Refused, Shrink};
use crate::model::wait_list::Ticket;
use crate::rng::{Key, KeyedRng};
use crate::units::{SimDuration, SimTime};

/// A caller who does everything a pool asks for, whenever it likes, and keeps its own books.
struct Caller {
    spec: PoolSpec,
    pool: Pool<u32>,
    now: SimTime,
    rng: KeyedRng,
    arrivals: u32,
    served: u64,
    open: BTreeSet<ConnectionId>,
    held: Vec<ConnectionId>,
    validating: Vec<(ConnectionId, u32)>,
    pinging: Vec<ConnectionId>,
    leaked: Vec<ConnectionId>,
    parked: VecDeque<(u32, Ticket)>,
    connecting: bool,
    wakes: BTreeSet<SimTime>,
    largest: u32,
    initial: u64,
}

impl Caller {
    fn new(spec: PoolSpec, seed: u64) -> Self {
        let pool = Pool::new(&spec, SimTime::ZERO, 3, Key::named(seed, 0, "initial", 0));
        let mut caller = Self {
            open: pool.connections().map(|(id, _)| id).collect(),
            largest: spec.maximum_pool_size,
            initial: u64::from(pool.gauges(&spec).total),
            spec,
            pool,
            now: SimTime::ZERO,
            rng: Key::named(seed, 0, "books", 0).rng(0),
            arrivals: 0,
            served: 0,
            held: Vec::new(),
            validating: Vec::new(),
            pinging: Vec::new(),
            leaked: Vec::new(),
            parked: VecDeque::new(),
            connecting: false,
            wakes: BTreeSet::new(),
        };
        caller.carry_out();
        caller
    }

    fn step(&mut self) {
        let milliseconds = [0, 1, 1, 10, 100, 1_000, 20_000][self.below(7)];
        let nanos = self.rng.next_bits() % (milliseconds * 1_000_000 + 1);
        self.pass(SimDuration::from_nanos(nanos));
        match self.below(100) {
            0..35 => self.acquire(),
            35..70 => self.release(),
            70..78 => self.finish_validation(),
            78..84 => self.finish_connect(),
            84..88 => self.finish_ping(),
            88..94 => self.abandon(),
            94..96 => self.leak(),
            96..98 => self.release_leaked(),
            98 => self.reconfigure(),
            _ => self.evict(),
        }
        self.carry_out();
        self.compare();
    }

    fn pass(&mut self, span: SimDuration) {
        let end = self.now + span;
        while let Some(when) = self.wakes.first().copied().filter(|when| *when <= end) {
            self.wakes.remove(&when);
            self.now = when;
            self.pool.on_wake(&self.spec, self.now);
            self.carry_out();
            self.compare();
        }
        self.now = end;
    }

    fn acquire(&mut self) {
        self.arrivals += 1;
        let answer = self.pool.acquire(&self.spec, self.now, self.arrivals);
        self.answered(self.arrivals, answer);
    }

    fn answered(&mut self, who: u32, answer: Acquire) {
        match answer {
            Acquire::Ready(connection) => self.served(connection),
            Acquire::Validate(connection) => self.validating.push((connection, who)),
            Acquire::Parked { ticket, .. } => self.parked.push_back((who, ticket)),
            Acquire::Rejected | Acquire::TimedOut => {}
        }
    }

    fn granted(&mut self, grant: Grant<u32>) {
        let (first, _) = self.parked.pop_front().expect("somebody waited");
        assert_eq!(grant.waiter, first, "first come, first served");
        if grant.validate {
            self.validating.push((grant.connection, grant.waiter));
        } else {
            self.served(grant.connection);
        }
    }

    fn served(&mut self, connection: ConnectionId) {
        self.served += 1;
        self.held.push(connection);
    }

    fn release(&mut self) {
        if let Some(connection) = pick(&mut self.held, &mut self.rng) {
            self.return_connection(connection);
        }
    }

    fn return_connection(&mut self, connection: ConnectionId) {
        let broken = self.below(20) == 0;
        if let Some(grant) = self.pool.release(&self.spec, self.now, connection, broken) {
            self.granted(grant);
        }
    }

    fn finish_validation(&mut self) {
        if let Some((connection, who)) = pick(&mut self.validating, &mut self.rng) {
            let alive = self.below(4) > 0;
            let answer = self.pool.validated(&self.spec, self.now, connection, alive);
            self.answered_after_effects(who, answer);
        }
    }

    /// The replacement of a dead connection may go to somebody who waited before the acquirer queues again.
    fn answered_after_effects(&mut self, who: u32, answer: Acquire) {
        self.carry_out();
        self.answered(who, answer);
    }

    fn finish_connect(&mut self) {
        if std::mem::take(&mut self.connecting) {
            let outcome = if self.below(4) > 0 { Ok(Key::new(self.rng.next_bits())) } else { Err(Refused) };
            self.pool.connected(&self.spec, self.now, outcome);
        }
    }

    fn finish_ping(&mut self) {
        if let Some(connection) = pick(&mut self.pinging, &mut self.rng) {
            let alive = self.below(4) > 0;
            self.pool.kept_alive(&self.spec, self.now, connection, alive);
        }
    }

    fn abandon(&mut self) {
        if !self.parked.is_empty() {
            let place = self.below(self.parked.len());
            let (_, ticket) = self.parked.remove(place).expect("the place exists");
            assert!(self.pool.abandon(self.now, ticket, Departure::TimedOut));
            assert!(!self.pool.abandon(self.now, ticket, Departure::TimedOut));
        }
    }

    fn leak(&mut self) {
        if let Some(connection) = pick(&mut self.held, &mut self.rng) {
            self.pool.leak(connection);
            self.leaked.push(connection);
        }
    }

    fn release_leaked(&mut self) {
        if let Some(connection) = pick(&mut self.leaked, &mut self.rng) {
            self.return_connection(connection);
        }
    }

    fn reconfigure(&mut self) {
        let maximum_pool_size = 1 + self.below(12) as u32;
        self.largest = self.largest.max(maximum_pool_size);
        let new = PoolSpec { maximum_pool_size, ..self.spec.clone() };
        let old = std::mem::replace(&mut self.spec, new);
        self.pool.reconfigure(&old, &self.spec, self.now);
    }

    fn evict(&mut self) {
        if self.below(10) == 0 {
            self.pool.evict_all(&self.spec, self.now);
        }
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.pool.next_effect() {
            match effect {
                PoolEffect::OpenConnection => assert!(!std::mem::replace(&mut self.connecting, true), "one at a time"),
                PoolEffect::Keepalive(connection) => self.pinging.push(connection),
                PoolEffect::WakeAt(when) => drop(self.wakes.insert(when)),
                PoolEffect::Granted(grant) => self.granted(grant),
                PoolEffect::Opened(connection) => assert!(self.open.insert(connection)),
                PoolEffect::Closed(connection, _) => assert!(self.open.remove(&connection)),
            }
        }
    }

    fn compare(&self) {
        let gauges = self.pool.gauges(&self.spec);
        let validating = self.validating.iter().map(|(connection, _)| connection);
        let held = self.held.iter().chain(validating).chain(&self.leaked).chain(&self.pinging);
        let away: BTreeSet<_> = held.copied().collect();
        let active = self.held.len() + self.validating.len() + self.leaked.len();
        assert_eq!(away.len(), active + self.pinging.len(), "no connection is in two places");
        assert!(away.is_subset(&self.open), "only open connections are lent");
        assert_eq!((gauges.active as usize, gauges.leaked as usize), (active, self.leaked.len()));
        assert_eq!((gauges.total as usize, gauges.reserved as usize), (self.open.len(), self.pinging.len()));
        assert_eq!(gauges.idle as usize, self.open.len() - away.len());
        assert_eq!(self.pool.circulating.level(), gauges.idle + gauges.active);
        assert_eq!((gauges.pending as usize, gauges.connecting == 1), (self.parked.len(), self.connecting));
        assert!(gauges.pending == 0 || gauges.idle == 0, "nobody waits while a connection is free");
        assert!(gauges.total <= self.largest);
        if self.spec.shrink == Shrink::AtOnce {
            assert!(gauges.total <= self.spec.maximum_pool_size || gauges.idle == 0);
        }
    }

    fn balance(&self) {
        for (integral, inside) in self.pool.littles_law(self.now) {
            assert_eq!(integral, inside);
        }
        let counters = self.pool.counters();
        let closed: u64 = counters.closed.iter().sum();
        assert_eq!(
            self.initial + counters.created - closed,
            self.open.len() as u64,
            "every connection is accounted for"
        );
        let gone = self.served + counters.rejected + counters.timeouts + counters.cancelled;
        let here = (self.parked.len() + self.validating.len()) as u64;
        assert_eq!(counters.acquires, gone + here, "every acquirer is accounted for");
    }

    fn below(&mut self, end: usize) -> usize {
        (self.rng.next_bits() % end as u64) as usize
    }
}

fn pick<T>(from: &mut Vec<T>, rng: &mut KeyedRng) -> Option<T> {
    let place = (rng.next_bits() % from.len().max(1) as u64) as usize;
    (place < from.len()).then(|| from.swap_remove(place))
}

fn profiles() -> [PoolSpec; 5] {
    let restless = PoolSpec {
        minimum_idle: Some(2),
        idle_timeout: SimDuration::from_secs(10),
        max_lifetime: SimDuration::from_secs(60),
        ..PoolSpec::hikaricp_after_6_0()
    };
    [
        PoolSpec::hikaricp(),
        PoolSpec { keepalive_time: SimDuration::from_secs(30), ..restless.clone() },
        PoolSpec { idle_choice: IdleChoice::LeastRecentlyUsed, shrink: Shrink::AtOnce, ..restless },
        PoolSpec { maximum_waiters: Some(4), minimum_idle: Some(0), ..PoolSpec::hikaricp() },
        PoolSpec::fixed(5, SimDuration::from_secs(1)),
    ]
}

#[test]
fn the_books_balance_over_random_runs_of_every_profile() {
    for profile in profiles() {
        for seed in 0..8 {
            let mut caller = Caller::new(profile.clone(), seed);
            for step in 0..100_000 {
                caller.step();
                if step % 100 == 0 {
                    caller.balance();
                }
            }
            caller.balance();
            assert!(caller.served > 1_000, "the run did something: {:?}", caller.pool.counters());
        }
    }
}

#[test]
fn a_pool_restored_from_a_snapshot_continues_as_the_original_does() {
    for profile in profiles() {
        let (mut original, mut restored) = (Caller::new(profile.clone(), 77), Caller::new(profile, 77));
        for _ in 0..2_000 {
            restored.pool = postcard::from_bytes(&snapshot(&restored)).expect("what was written can be read");
            restored.step();
            original.step();
        }
        assert_eq!(snapshot(&restored), snapshot(&original));
    }
}

fn snapshot(caller: &Caller) -> Vec<u8> {
    postcard::to_allocvec(&caller.pool).expect("a pool can be written")
}
