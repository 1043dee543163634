//! The hand-written limit: one reference model as one event loop, with nothing general in it.
//!
//! No entity-component system, no dispatch, no allocation once the tables have grown. Pending events are 16-byte keys
//! whose order is the order of execution: time, then sequence number; the low bits name the kind and the attempt.
//! Events with random delays wait in a binary heap. The two timers with a constant delay expire in the order they were
//! started, so each has a queue of its own, and the next arrival is a single key. Attempts live in a slab.
//!
//! Ties at one nanosecond go by sequence number, which wraps after 2^32 events and then only decides such ties.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::breaker::{Breaker, Era};
use crate::luck::{Purpose, Stream};
use crate::measures::Measures;
use crate::model::{Model, SECOND};

/// A pending event: time (64 bits), sequence number (32), kind (3), attempt (29).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

const ATTEMPT_BITS: u32 = 29;

/// What a key announces.
const ARRIVAL: u32 = 0;
const CLIENT_TIMEOUT: u32 = 1;
const POOL_TIMEOUT: u32 = 2;
const CPU_DONE: u32 = 3;
const DATABASE_DONE: u32 = 4;
const RETRY: u32 = 5;

impl Key {
    const NEVER: Self = Self(u128::MAX);

    #[inline]
    fn new(at: u64, sequence: u32, kind: u32, attempt: u32) -> Self {
        Self(u128::from(at) << 64 | u128::from(sequence) << 32 | u128::from(kind << ATTEMPT_BITS | attempt))
    }

    #[inline]
    fn at(self) -> u64 {
        (self.0 >> 64) as u64
    }

    #[inline]
    fn kind(self) -> u32 {
        self.0 as u32 >> ATTEMPT_BITS
    }

    #[inline]
    fn attempt(self) -> u32 {
        self.0 as u32 & ((1 << ATTEMPT_BITS) - 1)
    }
}

/// One try of a user request, as client and server see it.
#[derive(Clone, Copy)]
struct Attempt {
    /// Arrival of the user request.
    born: u64,
    /// Counts how often the client stopped waiting in this slot; a timer that remembers another value is void.
    wait: u32,
    era: Era,
    number: u8,
    /// The client has given up; the server does not know.
    abandoned: bool,
}

/// A running client timer.
#[derive(Clone, Copy)]
struct ClientTimer {
    key: Key,
    wait: u32,
}

struct Limit<'a> {
    model: &'a Model,
    arrivals: Stream,
    cpu: Stream,
    database: Stream,
    backoff: Stream,
    next_arrival: Key,
    agenda: BinaryHeap<Reverse<Key>>,
    client_timers: VecDeque<ClientTimer>,
    sequence: u32,
    attempts: Vec<Attempt>,
    vacant: Vec<u32>,
    free_workers: u32,
    worker_queue: VecDeque<u32>,
    free_connections: u32,
    /// The keys of the acquisition timers of waiting calls: the waiting line and its timers in one.
    pool_queue: VecDeque<Key>,
    breaker: Option<Breaker>,
    measures: Measures,
}

/// Simulates `horizon` seconds of a model.
#[must_use]
pub fn run(model: &Model, horizon: u64, seed: u64) -> Measures {
    let mut limit = Limit::new(model, horizon, seed);
    limit.schedule_arrival(0);
    limit.run_until(horizon * SECOND);
    limit.measures.breaker_opens = limit.breaker.map_or(0, |breaker| breaker.opens());
    limit.measures
}

impl<'a> Limit<'a> {
    fn new(model: &'a Model, horizon: u64, seed: u64) -> Self {
        Self {
            model,
            arrivals: Stream::new(seed, Purpose::Arrivals),
            cpu: Stream::new(seed, Purpose::Cpu),
            database: Stream::new(seed, Purpose::Database),
            backoff: Stream::new(seed, Purpose::Backoff),
            next_arrival: Key::NEVER,
            agenda: BinaryHeap::new(),
            client_timers: VecDeque::new(),
            sequence: 0,
            attempts: Vec::new(),
            vacant: Vec::new(),
            free_workers: model.workers,
            worker_queue: VecDeque::new(),
            free_connections: model.connections,
            pool_queue: VecDeque::new(),
            breaker: model.breaker.then(Breaker::default),
            measures: Measures::new(horizon),
        }
    }

    fn run_until(&mut self, end: u64) {
        loop {
            let key = self.next();
            let now = key.at();
            if now > end {
                return;
            }
            match key.kind() {
                ARRIVAL => self.arrive(now),
                CLIENT_TIMEOUT => self.expire_client_timer(now),
                POOL_TIMEOUT => self.expire_pool_timer(now),
                kind => {
                    self.agenda.pop();
                    let attempt = key.attempt();
                    match kind {
                        CPU_DONE => self.finish_cpu(now, attempt),
                        DATABASE_DONE => self.finish_database(now, attempt),
                        _ => self.retry(now, attempt),
                    }
                }
            }
        }
    }

    /// The earliest key of all four places where one can wait.
    #[inline]
    fn next(&self) -> Key {
        let agenda = self.agenda.peek().map_or(Key::NEVER, |key| key.0);
        let client = self.client_timers.front().map_or(Key::NEVER, |timer| timer.key);
        let pool = self.pool_queue.front().copied().unwrap_or(Key::NEVER);
        self.next_arrival.min(agenda).min(client).min(pool)
    }

    #[inline]
    fn key(&mut self, at: u64, kind: u32, attempt: u32) -> Key {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        Key::new(at, sequence, kind, attempt)
    }

    #[inline]
    fn schedule(&mut self, at: u64, kind: u32, attempt: u32) {
        let key = self.key(at, kind, attempt);
        self.agenda.push(Reverse(key));
    }

    fn schedule_arrival(&mut self, now: u64) {
        let gap = self.arrivals.exponential(self.model.mean_gap(now));
        self.next_arrival = self.key(now + gap, ARRIVAL, 0);
    }

    fn arrive(&mut self, now: u64) {
        self.schedule_arrival(now);
        self.measures.request(now);
        let attempt = self.add_attempt(now, 1);
        self.send(now, attempt);
    }

    fn retry(&mut self, now: u64, attempt: u32) {
        self.measures.retry(now);
        self.send(now, attempt);
    }

    #[inline]
    fn add_attempt(&mut self, born: u64, number: u8) -> u32 {
        if let Some(index) = self.vacant.pop() {
            let slot = &mut self.attempts[index as usize];
            *slot = Attempt { born, wait: slot.wait, era: 0, number, abandoned: false };
            return index;
        }
        self.attempts.push(Attempt { born, wait: 0, era: 0, number, abandoned: false });
        self.attempts.len() as u32 - 1
    }

    /// The client sends an attempt and starts to wait for it.
    #[inline]
    fn send(&mut self, now: u64, attempt: u32) {
        let key = self.key(now + self.model.client_timeout, CLIENT_TIMEOUT, attempt);
        self.client_timers.push_back(ClientTimer { key, wait: self.attempts[attempt as usize].wait });
        if self.free_workers > 0 {
            self.free_workers -= 1;
            self.start_cpu(now, attempt);
        } else if self.worker_queue.len() < self.model.queue_limit {
            self.worker_queue.push_back(attempt);
        } else {
            self.measures.rejects += 1;
            self.answer(now, attempt, false);
        }
    }

    #[inline]
    fn start_cpu(&mut self, now: u64, attempt: u32) {
        let work = self.cpu.exponential(self.model.cpu_mean);
        self.schedule(now + work, CPU_DONE, attempt);
    }

    #[inline]
    fn finish_cpu(&mut self, now: u64, attempt: u32) {
        if let Some(breaker) = &mut self.breaker {
            let Some(era) = breaker.admit(now) else {
                self.measures.breaker_rejects += 1;
                self.leave(now, attempt, false);
                return;
            };
            self.attempts[attempt as usize].era = era;
        }
        if self.free_connections > 0 {
            self.free_connections -= 1;
            self.start_database(now, attempt);
        } else {
            let timer = self.key(now + self.model.acquisition_timeout, POOL_TIMEOUT, attempt);
            self.pool_queue.push_back(timer);
        }
    }

    #[inline]
    fn start_database(&mut self, now: u64, attempt: u32) {
        let work = self.database.lognormal(self.model.database);
        self.schedule(now + work, DATABASE_DONE, attempt);
    }

    #[inline]
    fn finish_database(&mut self, now: u64, attempt: u32) {
        self.tell_breaker(now, attempt, true);
        match self.pool_queue.pop_front() {
            Some(waiting) => self.start_database(now, waiting.attempt()),
            None => self.free_connections += 1,
        }
        self.leave(now, attempt, true);
    }

    fn expire_pool_timer(&mut self, now: u64) {
        let Some(timer) = self.pool_queue.pop_front() else { return };
        self.measures.pool_timeouts += 1;
        self.tell_breaker(now, timer.attempt(), false);
        self.leave(now, timer.attempt(), false);
    }

    #[inline]
    fn tell_breaker(&mut self, now: u64, attempt: u32, success: bool) {
        if let Some(breaker) = &mut self.breaker {
            breaker.record(now, self.attempts[attempt as usize].era, success);
        }
    }

    /// The service answers an attempt; its worker takes the next one.
    #[inline]
    fn leave(&mut self, now: u64, attempt: u32, success: bool) {
        self.answer(now, attempt, success);
        match self.worker_queue.pop_front() {
            Some(next) => self.start_cpu(now, next),
            None => self.free_workers += 1,
        }
    }

    /// An answer reaches the client, which drops it if it no longer waits.
    #[inline]
    fn answer(&mut self, now: u64, attempt: u32, success: bool) {
        self.vacant.push(attempt);
        let slot = &mut self.attempts[attempt as usize];
        if slot.abandoned {
            return;
        }
        slot.wait = slot.wait.wrapping_add(1);
        let Attempt { born, number, .. } = *slot;
        self.drop_void_timers();
        if success {
            self.measures.success(now, born);
        } else {
            self.fail(now, born, number);
        }
    }

    /// Drops the timers nobody waits for from the front of their queue: cheaper than letting them expire one by one.
    #[inline]
    fn drop_void_timers(&mut self) {
        while let Some(timer) = self.client_timers.front()
            && self.attempts[timer.key.attempt() as usize].wait != timer.wait
        {
            self.client_timers.pop_front();
        }
    }

    #[inline]
    fn expire_client_timer(&mut self, now: u64) {
        let Some(timer) = self.client_timers.pop_front() else { return };
        let slot = &mut self.attempts[timer.key.attempt() as usize];
        if slot.wait != timer.wait {
            return;
        }
        slot.wait = slot.wait.wrapping_add(1);
        slot.abandoned = true;
        let Attempt { born, number, .. } = *slot;
        self.measures.timeouts += 1;
        self.fail(now, born, number);
    }

    /// An attempt failed in the client's eyes: another one after a back-off, or none.
    fn fail(&mut self, now: u64, born: u64, number: u8) {
        if number == self.model.max_attempts {
            self.measures.failure(now);
            return;
        }
        let pause = self.backoff.uniform(self.model.backoff_width(number));
        let next = self.add_attempt(born, number + 1);
        self.schedule(now + pause, RETRY, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::luck::LogNormal;
    use crate::model::ModelName;

    /// M/M/20 at load 0.8: Erlang C gives a mean wait of 0.640194 ms for arrivals of 1600/s and a service of 10 ms.
    #[test]
    fn waits_as_erlang_c_says() {
        let model = Model {
            arrivals_per_second: 1600.0,
            workers: 20,
            queue_limit: usize::MAX,
            cpu_mean: 10e6,
            database: LogNormal::with_mean_and_cv(1.0, 1.0),
            client_timeout: 1000 * SECOND,
            ..Model::named(ModelName::M1)
        };
        let runs = [1, 2, 3, 4].map(|seed| run(&model, 600, seed).mean_ms());
        let mean = runs.iter().sum::<f64>() / 4.0;
        // One run of 960,000 customers has a standard deviation of about 0.018 ms: four standard errors of the mean.
        assert!((mean - 10.640_194).abs() < 0.036, "{mean}");
    }

    /// Load alone: 1500/s leave 32 workers and 20 connections unsaturated, hence every request is answered.
    #[test]
    fn steady_load_is_served() {
        let measures = run(&Model::named(ModelName::M1), 60, 5);
        let [requests, ok] = [measures.total(|second| second.requests), measures.total(|second| second.ok)];
        assert!((requests as f64 - 90_000.0).abs() < 4.0 * 300.0, "{requests}");
        assert!(ok <= requests && requests - ok < 100, "{ok} of {requests}");
        assert!(measures.mean_ms() > 12.0, "2 ms and 10 ms of work, and some waiting");
    }

    /// Without a connection every call times out after 250 ms; workers enough for 4500 attempts/s held so long.
    #[test]
    fn an_empty_pool_fails_everybody() {
        let model = Model { connections: 0, workers: 2048, ..Model::named(ModelName::M1) };
        let measures = run(&model, 20, 5);
        assert_eq!(measures.total(|second| second.ok), 0);
        assert_eq!(measures.timeouts + measures.rejects + measures.breaker_rejects, 0);
        let failed = measures.total(|second| second.failed);
        assert!(measures.pool_timeouts >= 3 * failed && failed > 25_000, "{failed} of {}", measures.pool_timeouts);
    }
}
