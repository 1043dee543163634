//! A pool in a tiny event loop: connects, validations and queries take constant times, and everything is noted down.

use std::collections::BTreeMap;

use super::super::Refused;
use super::super::{Acquire, CloseReason, ConnectionId, Departure, Grant, Pool, PoolEffect, PoolGauges, PoolSpec};
use crate::model::wait_list::Ticket;
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

/// What happened, for a test to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Note {
    Opening,
    Opened(ConnectionId),
    Closed(ConnectionId, CloseReason),
    Validating(ConnectionId),
    Pinging(ConnectionId),
    Served(u32, ConnectionId),
    TimedOut(u32),
    Rejected(u32),
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Arrive(u32),
    Wake,
    Connected,
    Validated(u32, ConnectionId),
    Pinged(ConnectionId),
    Release(ConnectionId),
    TimeOut(u32, Ticket),
}

pub(super) struct Rig {
    pub(super) spec: PoolSpec,
    pub(super) pool: Pool<u32>,
    pub(super) now: SimTime,
    pub(super) connect_time: SimDuration,
    pub(super) validation_time: SimDuration,
    /// How long a served caller keeps its connection; `None` for ever.
    pub(super) hold: Option<SimDuration>,
    /// Whether the server accepts connections and answers validations and pings.
    pub(super) server_up: bool,
    pub(super) notes: Vec<(SimTime, Note)>,
    events: BTreeMap<(SimTime, u64), Event>,
    scheduled: u64,
}

pub(super) const fn ms(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

pub(super) fn at(millis: u64) -> SimTime {
    SimTime::ZERO + ms(millis)
}

impl Rig {
    pub(super) fn new(spec: PoolSpec, initial: u32) -> Self {
        assert_eq!(spec.validate(), [], "the settings of the test are valid");
        let pool = Pool::new(&spec, SimTime::ZERO, initial, Key::named(1, 0, "pool test", 0));
        let mut rig = Self {
            spec,
            pool,
            now: SimTime::ZERO,
            connect_time: ms(150),
            validation_time: ms(1),
            hold: Some(ms(2)),
            server_up: true,
            notes: Vec::new(),
            events: BTreeMap::new(),
            scheduled: 0,
        };
        rig.carry_out();
        rig
    }

    pub(super) fn arrive(&mut self, when: SimTime, callers: std::ops::Range<u32>) {
        for caller in callers {
            self.schedule(when, Event::Arrive(caller));
        }
    }

    pub(super) fn release_at(&mut self, when: SimTime, connection: ConnectionId) {
        self.schedule(when, Event::Release(connection));
    }

    /// Runs everything up to and including `end`.
    pub(super) fn run_until(&mut self, end: SimTime) {
        while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= end) {
            self.now = entry.key().0;
            let event = entry.remove();
            self.handle(event);
            self.carry_out();
        }
        self.now = end;
    }

    pub(super) fn gauges(&self) -> PoolGauges {
        self.pool.gauges(&self.spec)
    }

    pub(super) fn reconfigure(&mut self, new: PoolSpec) {
        let old = std::mem::replace(&mut self.spec, new);
        self.pool.reconfigure(&old, &self.spec, self.now);
        self.carry_out();
    }

    /// When something was noted that the test is interested in, with what it wants of it.
    pub(super) fn noted<T>(&self, pick: impl Fn(Note) -> Option<T>) -> Vec<(SimTime, T)> {
        self.notes.iter().filter_map(|(when, note)| Some((*when, pick(*note)?))).collect()
    }

    pub(super) fn times_of(&self, pick: impl Fn(Note) -> bool) -> Vec<SimTime> {
        self.notes.iter().filter(|(_, note)| pick(*note)).map(|(when, _)| *when).collect()
    }

    pub(super) fn served(&self) -> Vec<(SimTime, u32)> {
        self.noted(|note| if let Note::Served(caller, _) = note { Some(caller) } else { None })
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrive(caller) => {
                let answer = self.pool.acquire(&self.spec, self.now, caller);
                self.answered(caller, answer);
            }
            Event::Wake => self.pool.on_wake(&self.spec, self.now),
            Event::Connected => {
                let key = Key::named(2, 0, "connection", self.scheduled as u32);
                let outcome = if self.server_up { Ok(key) } else { Err(Refused) };
                self.pool.connected(&self.spec, self.now, outcome);
            }
            Event::Validated(caller, connection) => {
                let answer = self.pool.validated(&self.spec, self.now, connection, self.server_up);
                self.answered(caller, answer);
            }
            Event::Pinged(connection) => self.pool.kept_alive(&self.spec, self.now, connection, self.server_up),
            Event::Release(connection) => {
                if let Some(grant) = self.pool.release(&self.spec, self.now, connection, false) {
                    self.granted(grant);
                }
            }
            Event::TimeOut(caller, ticket) => {
                if self.pool.abandon(self.now, ticket, Departure::TimedOut) {
                    self.note(Note::TimedOut(caller));
                }
            }
        }
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.pool.next_effect() {
            match effect {
                PoolEffect::OpenConnection => {
                    self.note(Note::Opening);
                    self.schedule(self.now + self.connect_time, Event::Connected);
                }
                PoolEffect::Keepalive(connection) => {
                    self.note(Note::Pinging(connection));
                    self.schedule(self.now + self.validation_time, Event::Pinged(connection));
                }
                PoolEffect::WakeAt(when) => self.schedule(when, Event::Wake),
                PoolEffect::Granted(grant) => self.granted(grant),
                PoolEffect::Opened(connection) => self.note(Note::Opened(connection)),
                PoolEffect::Closed(connection, reason) => self.note(Note::Closed(connection, reason)),
            }
        }
    }

    fn answered(&mut self, caller: u32, answer: Acquire) {
        match answer {
            Acquire::Ready(connection) => self.serve(caller, connection),
            Acquire::Validate(connection) => self.check(caller, connection),
            Acquire::Parked { ticket, timeout_at } => {
                if let Some(when) = timeout_at {
                    self.schedule(when, Event::TimeOut(caller, ticket));
                }
            }
            Acquire::Rejected => self.note(Note::Rejected(caller)),
            Acquire::TimedOut => self.note(Note::TimedOut(caller)),
        }
    }

    fn granted(&mut self, grant: Grant<u32>) {
        if grant.validate {
            self.check(grant.waiter, grant.connection);
        } else {
            self.serve(grant.waiter, grant.connection);
        }
    }

    fn check(&mut self, caller: u32, connection: ConnectionId) {
        self.note(Note::Validating(connection));
        self.schedule(self.now + self.validation_time, Event::Validated(caller, connection));
    }

    fn serve(&mut self, caller: u32, connection: ConnectionId) {
        self.note(Note::Served(caller, connection));
        if let Some(hold) = self.hold {
            self.schedule(self.now + hold, Event::Release(connection));
        }
    }

    fn note(&mut self, note: Note) {
        self.notes.push((self.now, note));
    }

    fn schedule(&mut self, when: SimTime, event: Event) {
        assert!(when >= self.now, "nothing is asked for in the past");
        self.scheduled += 1;
        self.events.insert((when, self.scheduled), event);
    }
}
