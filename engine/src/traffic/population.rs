//! Populations at work: when requests begin, and what users do after an answer.
//!
//! Arrivals run in operational time: a population draws how many expected arrivals (one on average) pass until its next
//! request, and the profile says when that is. A change of rate therefore moves arrivals but adds no draw, and branches of
//! a run that differ in load stay in step. Each arrival has one key, a numbered child of the population's, which decides
//! the gap before it and everything else about the request.

use std::collections::VecDeque;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::{Class, Histogram, Occupancy, SlotId};
use crate::model::{Answer, CallStep, Event, Flow, Model, Origin, Outcome, Room};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

use super::draws::{Arrival, Draws};
use super::{Arrivals, Beyond, IDLE_ROUND, MixEntry, PopulationSpec};

/// How many populations have a slot of their own in the agenda.
const MOST_SLOTS: usize = 8;

/// The state of a population.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Population {
    draws: Draws,
    /// The key of the next arrival.
    next_key: Key,
    /// How many expected arrivals pass, counted from `since`, until the next one.
    ahead: f64,
    since: SimTime,
    /// What multiplies the profile's rate.
    factor: f64,
    /// Counts changes of rate; a scheduled arrival of an earlier one is void.
    epoch: u32,
    /// Where the next arrival stands in the agenda; without one, in its heap.
    slot: Option<SlotId>,
    /// The next line of a trace.
    next_line: u32,
    /// Requests and users, by the number that the model carries for them.
    clients: Vec<Client>,
    free: Vec<u32>,
    /// Clients that may not send yet.
    held_back: VecDeque<u32>,
    /// How many those are, over time.
    holding: Occupancy,
    /// Unanswered requests.
    pub in_flight: u32,
    /// What has happened in the second under way; latencies count from the intended start.
    pub flow: Flow,
    /// Latencies from the actual start, of the second under way; kept only where a limit on unanswered requests can make
    /// them differ from those of the flow.
    pub actual_latency: Histogram,
    /// Requests that were never sent because too many were unanswered, in the second under way.
    pub dropped: u64,
    /// Requests that failed or were slower than promised, in the second under way; not those that have been counted while
    /// their users waited.
    pub bad: u64,
    /// Requests that ended in the second under way and had been counted as bad before.
    late: u64,
}

/// What was found by looking at those who wait for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Users who have waited for longer than they were promised.
    pub(crate) overdue: u32,
    /// Requests that are bad from this second on, because their users have waited for that long.
    pub(crate) bad: u64,
    /// Requests that users would have made meanwhile if they had not been waiting: a user of a closed population or of a
    /// session does nothing else.
    pub(crate) missed: u64,
    /// Requests that ended in this second and had been counted as bad before.
    pub(crate) late: u64,
}

/// A request under way, or a user between requests.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Client {
    key: Key,
    /// How many requests this user has made.
    made: u32,
    /// When the current request should have been sent; never, between two requests.
    intended: SimTime,
    /// When it was sent.
    sent: SimTime,
    /// Which entry of the mix a trace demands.
    entry: Option<u32>,
    /// For how many bad requests the current one has counted while its user waited.
    counted: u64,
}

/// All populations.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Populations(pub Table<Population, PopulationSpec>);

/// Where a client's key is drawn from.
mod site {
    pub(super) const ENTRY: u64 = 1;
    pub(super) const THINK: u64 = 2;
    pub(super) const CONTINUE: u64 = 3;
}

impl Population {
    fn new(seed: u64, id: Id<PopulationSpec>) -> Self {
        Self {
            draws: Draws::new(arrival_luck(seed, 0, id)),
            next_key: Key::new(0),
            ahead: 0.0,
            since: SimTime::ZERO,
            factor: 1.0,
            epoch: 0,
            slot: None,
            next_line: 0,
            clients: Vec::new(),
            free: Vec::new(),
            held_back: VecDeque::new(),
            holding: Occupancy::default(),
            in_flight: 0,
            flow: Flow::default(),
            actual_latency: Histogram::default(),
            dropped: 0,
            bad: 0,
            late: 0,
        }
    }

    fn add(&mut self, client: Client) -> u32 {
        if let Some(number) = self.free.pop() {
            self.clients[number as usize] = client;
            return number;
        }
        self.clients.push(client);
        u32::try_from(self.clients.len() - 1).expect("fewer than 2^32 clients")
    }

    /// A bad request has ended.
    fn count_bad(&mut self, number: u32) {
        let counted = std::mem::take(&mut self.clients[number as usize].counted) > 0;
        if counted { self.late += 1 } else { self.bad += 1 }
    }

    /// Looks at everybody who waits for an answer, at the end of a second, and counts what has become bad in it.
    ///
    /// A request is bad once its user has waited for longer than promised, whatever comes of it. Users of an open population
    /// make their other requests meanwhile, and those count for themselves; one of a closed population or of a session waits,
    /// and misses one more request for each that he usually makes in that time.
    pub(crate) fn look_at_waiting(&mut self, spec: &PopulationSpec, now: SimTime) -> Waiting {
        let mut found = Waiting { late: std::mem::take(&mut self.late), ..Waiting::default() };
        if self.in_flight == 0 && self.held_back.is_empty() {
            return found;
        }
        let patience = spec.objective.patience();
        let usual_gap = 60e9 / spec.requests_per_user_minute;
        let waits = matches!(spec.arrivals, Arrivals::Closed { .. } | Arrivals::Sessions { .. });
        for client in self.clients.iter_mut().filter(|client| client.intended != SimTime::NEVER) {
            let waited = now.since(client.intended);
            if waited <= patience {
                continue;
            }
            found.overdue += 1;
            let missed = (waited.as_nanos() - patience.as_nanos()) as f64 / usual_gap;
            let due = if waits { 1 + missed as u64 } else { 1 };
            found.bad += u64::from(client.counted == 0);
            found.missed += due - client.counted.max(1);
            client.counted = due;
        }
        found
    }

    /// Draws the next arrival.
    #[inline(always)]
    fn draw_next(&mut self, spec: &PopulationSpec) {
        let Arrival { key, gap } = self.draws.take();
        self.next_key = key;
        self.ahead = if matches!(spec.arrivals, Arrivals::Constant(_)) { 1.0 } else { gap };
    }

    /// Whether a user sends another request after this one.
    #[inline(always)]
    fn goes_on(&self, model: &Model<'_>, spec: &PopulationSpec, number: u32) -> bool {
        match &spec.arrivals {
            Arrivals::Closed { .. } => true,
            Arrivals::Sessions { continues, .. } => {
                let client = &self.clients[number as usize];
                let key = client.key.child(u64::from(client.made));
                model.rng(key, site::CONTINUE).uniform() < *continues
            }
            Arrivals::Poisson(_) | Arrivals::Constant(_) | Arrivals::Trace(_) => false,
        }
    }

    #[inline(always)]
    fn schedule_arrival(&self, model: &mut Model<'_>, spec: &PopulationSpec, id: Id<PopulationSpec>) {
        let (Arrivals::Poisson(profile) | Arrivals::Constant(profile) | Arrivals::Sessions { starts: profile, .. }) =
            &spec.arrivals
        else {
            return;
        };
        if self.factor <= 0.0 {
            return;
        }
        let at = profile.when(self.since, self.ahead, self.factor);
        if at != SimTime::NEVER {
            let event = Event::Outer { room: Room::Arrival, index: id.raw(), epoch: self.epoch };
            let at = at.max(model.now());
            match self.slot {
                Some(slot) => model.agenda.set(slot, at, event),
                None => model.agenda.at(at, Class::Traffic, event),
            }
        }
    }

    #[inline(always)]
    fn send(&mut self, model: &mut Model<'_>, spec: &PopulationSpec, id: Id<PopulationSpec>, number: u32) {
        self.in_flight += 1;
        let client = &mut self.clients[number as usize];
        client.sent = model.now();
        let key = client.key.child(u64::from(client.made));
        client.made += 1;
        let call = match (client.entry, &*spec.mix) {
            (Some(entry), mix) => mix[entry as usize].call,
            (None, [only]) => only.call,
            (None, mix) => choose(mix, model.rng(key, site::ENTRY).uniform()),
        };
        let origin = Origin(id.raw() as u16);
        let outcome = model.request(call, origin, spec.priority, number, key);
        if let Some(outcome) = outcome {
            model.answers.push(Answer { origin, user: number, outcome });
        }
    }
}

/// The traffic room at work: the populations and what they are.
#[derive(Debug)]
pub struct Traffic<'a> {
    pub(crate) specs: &'a Table<PopulationSpec>,
    pub(crate) populations: &'a mut Table<Population, PopulationSpec>,
}

/// The first state of all populations.
#[must_use]
pub fn spawn(specs: &Table<PopulationSpec>, seed: u64) -> Populations {
    Populations(specs.ids().map(|id| Population::new(seed, id)).collect())
}

impl Traffic<'_> {
    /// Puts the first arrivals into the agenda.
    pub fn start(&mut self, model: &mut Model<'_>) {
        for id in self.specs.ids() {
            match &self.specs[id].arrivals {
                Arrivals::Trace(_) => self.schedule_line(model, id),
                Arrivals::Closed { users, .. } => (0..*users).for_each(|user| self.start_user(model, id, user)),
                Arrivals::Poisson(_) | Arrivals::Constant(_) | Arrivals::Sessions { .. } => {
                    let (spec, population) = (&self.specs[id], &mut self.populations[id]);
                    population.slot = (id.index() < MOST_SLOTS).then(|| model.agenda.slot());
                    population.draw_next(spec);
                    population.schedule_arrival(model, spec, id);
                }
            }
        }
    }

    /// The next arrival of a population.
    #[inline(always)]
    pub fn arrival(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, epoch: u32) {
        let (spec, population) = (&self.specs[id], &mut self.populations[id]);
        if population.epoch != epoch {
            return;
        }
        if matches!(spec.arrivals, Arrivals::Trace(_)) {
            return self.traced_arrival(model, id);
        }
        let now = model.now();
        let client = Client { key: population.next_key, made: 0, intended: now, sent: now, entry: None, counted: 0 };
        let number = population.add(client);
        population.since = now;
        population.draw_next(spec);
        population.schedule_arrival(model, spec, id);
        if spec.max_in_flight.is_some() {
            return self.begin(model, id, number);
        }
        population.flow.offered += 1;
        population.send(model, spec, id, number);
    }

    #[inline(never)]
    fn traced_arrival(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>) {
        let Arrivals::Trace(lines) = &self.specs[id].arrivals else { return };
        let population = &mut self.populations[id];
        let now = model.now();
        let entry = lines[population.next_line as usize].entry;
        population.next_line += 1;
        let key = population.draws.take().key;
        let number = population.add(Client { key, made: 0, intended: now, sent: now, entry, counted: 0 });
        self.schedule_line(model, id);
        self.begin(model, id, number);
    }

    fn schedule_line(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>) {
        let Arrivals::Trace(lines) = &self.specs[id].arrivals else { return };
        let population = &self.populations[id];
        if let Some(line) = lines.get(population.next_line as usize) {
            let event = Event::Outer { room: Room::Arrival, index: id.raw(), epoch: population.epoch };
            model.agenda.at(line.at, Class::Traffic, event);
        }
    }

    /// Multiplies a population's rate from now on; what has passed of the gap under way counts at the old rate.
    pub fn set_factor(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, factor: f64) {
        let now = model.now();
        let (Arrivals::Poisson(profile) | Arrivals::Constant(profile) | Arrivals::Sessions { starts: profile, .. }) =
            &self.specs[id].arrivals
        else {
            return;
        };
        let population = &mut self.populations[id];
        let passed = profile.expected(population.since, now) * population.factor;
        population.ahead = (population.ahead - passed).max(0.0);
        population.since = now;
        population.factor = factor;
        population.epoch = population.epoch.wrapping_add(1);
        population.schedule_arrival(model, &self.specs[id], id);
    }

    fn start_user(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, user: u32) {
        let key = model.named_key("traffic.user", id.raw()).child(u64::from(user));
        let never = SimTime::NEVER;
        let client = Client { key, made: 0, intended: never, sent: never, entry: None, counted: 0 };
        let number = self.populations[id].add(client);
        self.think(model, id, number);
    }

    #[inline(never)]
    fn think(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, number: u32) {
        let (Arrivals::Closed { think, .. } | Arrivals::Sessions { think, .. }) = &self.specs[id].arrivals else {
            return;
        };
        let client = &mut self.populations[id].clients[number as usize];
        let key = client.key.child(u64::from(client.made));
        let mut takes = think.sample_duration(&mut model.rng(key, site::THINK));
        if takes.is_zero() && client.made > 0 && client.intended == model.now() {
            takes = IDLE_ROUND;
        }
        client.intended = SimTime::NEVER;
        model.agenda.after(takes, Event::Outer { room: Room::Thinking, index: id.raw(), epoch: number });
    }

    /// A user is done thinking.
    pub fn thought(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, number: u32) {
        self.populations[id].clients[number as usize].intended = model.now();
        self.begin(model, id, number);
    }

    /// A request should be sent now.
    fn begin(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, number: u32) {
        let population = &mut self.populations[id];
        population.flow.offered += 1;
        if let Some(limit) = self.specs[id].max_in_flight
            && population.in_flight >= limit.limit
        {
            match limit.beyond {
                Beyond::Wait => {
                    population.held_back.push_back(number);
                    population.holding.enter(model.now());
                }
                Beyond::Drop => {
                    population.dropped += 1;
                    population.bad += 1;
                    population.clients[number as usize].made += 1;
                    self.after_answer(model, id, number);
                }
            }
            return;
        }
        population.send(model, &self.specs[id], id, number);
    }

    /// Tells users of the requests that have ended.
    #[inline(always)]
    pub fn take_answers(&mut self, model: &mut Model<'_>) {
        while let Some(answer) = model.answers.pop() {
            self.finish(model, answer);
        }
    }

    #[inline(always)]
    fn finish(&mut self, model: &mut Model<'_>, answer: Answer) {
        let id = Id::new(u32::from(answer.origin.0));
        let now = model.now();
        let spec = &self.specs[id];
        let population = &mut self.populations[id];
        population.in_flight -= 1;
        let client = &population.clients[answer.user as usize];
        let took = now.since(client.intended);
        population.flow.end(answer.outcome, took);
        // Without a limit every request is sent when it should be, and the two latencies are one.
        if spec.max_in_flight.is_some() && answer.outcome.is_ok() {
            population.actual_latency.record(now.since(client.sent));
        }
        if is_bad(spec, answer.outcome, took) {
            population.count_bad(answer.user);
        }
        self.after_answer(model, id, answer.user);
        if spec.max_in_flight.is_some()
            && let Some(next) = self.populations[id].held_back.pop_front()
        {
            let population = &mut self.populations[id];
            population.holding.leave(now, population.clients[next as usize].intended);
            population.send(model, spec, id, next);
        }
    }

    /// What a user does next: another request, or nothing more.
    #[inline(always)]
    fn after_answer(&mut self, model: &mut Model<'_>, id: Id<PopulationSpec>, number: u32) {
        let (spec, population) = (&self.specs[id], &mut self.populations[id]);
        if population.goes_on(model, spec, number) {
            self.think(model, id, number);
        } else {
            population.clients[number as usize].intended = SimTime::NEVER;
            population.free.push(number);
        }
    }

    /// Little's law for the requests that each population holds back: (integral of their number, time spent waiting), in
    /// nanoseconds, which are equal.
    #[must_use]
    pub fn littles_law(&self, now: SimTime) -> Vec<(u128, u128)> {
        let of = |population: &Population| {
            let since = population.held_back.iter().map(|number| population.clients[*number as usize].intended);
            (population.holding.integral(now), population.holding.time_inside(now, since))
        };
        self.populations.iter().map(of).collect()
    }

    /// From now on every draw of the populations is fresh, the gap under way included: what is left of an exponential
    /// gap is distributed as a whole one.
    pub fn refresh_luck(&mut self, model: &mut Model<'_>, seed: u64, luck: u64) {
        let now = model.now();
        for id in self.specs.ids() {
            let (spec, population) = (&self.specs[id], &mut self.populations[id]);
            population.draws = Draws::new(arrival_luck(seed, luck, id));
            match spec.arrivals {
                Arrivals::Poisson(_) | Arrivals::Sessions { .. } => {
                    population.since = now;
                    population.epoch = population.epoch.wrapping_add(1);
                    population.draw_next(spec);
                    population.schedule_arrival(model, spec, id);
                }
                Arrivals::Constant(_) => population.next_key = population.draws.take().key,
                Arrivals::Trace(_) | Arrivals::Closed { .. } => {}
            }
        }
    }
}

/// What the keys of a population's arrivals are children of.
fn arrival_luck(seed: u64, luck: u64, id: Id<PopulationSpec>) -> Key {
    Key::named(seed, luck, "traffic.arrivals", id.raw())
}

fn is_bad(spec: &PopulationSpec, outcome: Outcome, took: SimDuration) -> bool {
    outcome.is_err() || took > spec.objective.patience()
}

/// The entry of the mix for a uniform draw.
fn choose(mix: &[MixEntry], uniform: f64) -> CallStep {
    let total: f64 = mix.iter().map(|entry| entry.weight).sum();
    let mut left = uniform * total;
    for entry in mix {
        left -= entry.weight;
        if left < 0.0 {
            return entry.call;
        }
    }
    mix[mix.len() - 1].call
}
