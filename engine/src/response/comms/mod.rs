//! Communication: statements, audiences that wait for them, what they believe, and what they do when nobody tells them.
//!
//! An audience feels the impact itself, sooner or later. While it lasts the audience waits for word: the first within its
//! patience, the next when it was promised or as often as is usual. Who waits too long trusts less; a statement that one's own
//! experience contradicts costs more than one that is late. Trust moves how many tickets are written and how often the lead is
//! interrupted. Whether a statement was true to what the lead could know is another question, noted apart.

mod audience;
mod spec;
mod statement;
mod stream;

pub use audience::{AudienceState, Said};
pub use spec::{AudienceSpec, CommsHabits, CommsSpec};
pub use statement::{Audience, Cause, Extent, Statement};

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::observe::{CommsView, SaidView};
use crate::units::{SimDuration, SimTime};

use super::people::Fate;
use stream::Stream;

/// What users feel in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Felt {
    /// The share of requests that were bad in the last minute, 0 to 1.
    pub bad: f64,
    /// How many real users had a bad request in the last minute.
    pub affected: f64,
}

/// Somebody wants the lead's attention at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Interruption {
    /// An executive asks what is going on.
    Executive,
    /// Somebody who looks after customers calls.
    CustomerSuccess,
}

impl Interruption {
    /// Who it is and what they say.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Executive => ("an executive", "what is going on, and when will it be over?"),
            Self::CustomerSuccess => ("customer success", "customers are calling; what may we tell them?"),
        }
    }
}

/// The state of all communication.
#[derive(Clone, Debug, Default, PartialEq, Resource, Serialize, Deserialize)]
pub struct Comms {
    /// By audience, in the order of [`Audience::ALL`].
    pub audiences: Vec<AudienceState>,
    /// Since when users have felt it; `None` while all is well.
    pub felt_since: Option<SimTime>,
    /// Tickets written so far.
    tickets: Stream,
    executives: Stream,
    calls: Stream,
    /// By minute, tickets written so far at its end.
    tickets_by_minute: Vec<u64>,
}

/// A share of bad requests that users feel.
const FELT: f64 = 0.01;

impl Comms {
    /// All as it is at the start.
    #[must_use]
    pub fn new(spec: &CommsSpec) -> Self {
        Self { audiences: spec.audiences.iter().map(AudienceState::new).collect(), ..Self::default() }
    }

    /// A second ends. Returns who interrupts the lead.
    pub fn step(&mut self, spec: &CommsSpec, felt: Felt, fate: Fate, now: SimTime) -> Vec<Interruption> {
        self.felt_since = (felt.bad >= FELT).then(|| self.felt_since.unwrap_or(now));
        for (state, audience) in self.audiences.iter_mut().zip(&spec.audiences) {
            state.wait(audience, &spec.habits, self.felt_since, now);
        }
        let interruptions = self.interruptions(spec, felt, fate);
        if now.as_nanos().is_multiple_of(60 * SimDuration::SECOND.as_nanos()) {
            self.tickets_by_minute.push(self.tickets.count());
        }
        interruptions
    }

    /// Another luck is in force: when the next ticket, question and call come is drawn again.
    pub fn redraw(&mut self) {
        for stream in [&mut self.tickets, &mut self.executives, &mut self.calls] {
            stream.redraw();
        }
    }

    fn interruptions(&mut self, spec: &CommsSpec, felt: Felt, fate: Fate) -> Vec<Interruption> {
        let CommsHabits { tickets_per_user_minute, told_writes, .. } = spec.habits;
        let [public, executives, support, _] = &self.audiences[..] else { return Vec::new() };
        let told = if public.is_told() { told_writes } else { 1.0 };
        let wrote = felt.affected / 60.0 * tickets_per_user_minute * told * (2.0 - public.trust);
        let often = if executives.overdue { spec.habits.silence_interrupts } else { 1.0 };
        let asks = spec.habits.interrupts_per_minute / 60.0 * often * (2.0 - executives.trust);
        let uninformed = if support.is_told() { spec.habits.told_calls } else { 1.0 };
        let pressure = (self.recent_tickets() as f64 / spec.habits.many_tickets).min(1.0);
        let calls = spec.habits.calls_per_minute / 60.0 * uninformed * pressure;
        let mut interruptions = Vec::new();
        self.tickets.pass(wrote, fate, "comms.tickets");
        if self.felt_since.is_some() && self.executives.pass(asks, fate, "comms.executives") > 0 {
            interruptions.push(Interruption::Executive);
        }
        if self.calls.pass(calls, fate, "comms.calls") > 0 {
            interruptions.push(Interruption::CustomerSuccess);
        }
        interruptions
    }

    /// Something is said. `seen` is the share of failing requests that the lead could see when it was, `None` where nothing
    /// showed it; `felt` is what the audience feels.
    pub fn publish(
        &mut self,
        spec: &CommsSpec,
        (audience, statement): (Audience, Statement),
        seen: Option<f64>,
        felt: Felt,
        now: SimTime,
    ) {
        let (spec_of, state) = (&spec.audiences[audience as usize], &mut self.audiences[audience as usize]);
        state.hear(spec_of, &spec.habits, statement, (seen, felt.bad), now);
    }

    /// How many tickets have been written so far.
    #[must_use]
    pub const fn tickets(&self) -> u64 {
        self.tickets.count()
    }

    /// How many tickets were written in the ten minutes before the last full minute.
    #[must_use]
    pub fn recent_tickets(&self) -> u64 {
        let last = self.tickets_by_minute.last().copied().unwrap_or(0);
        let before = self.tickets_by_minute.len().checked_sub(11).map_or(0, |at| self.tickets_by_minute[at]);
        last - before
    }

    /// What the lead sees of it, who knows what was promised with so many things said to an audience before, or does not.
    #[must_use]
    pub fn view(&self, knows: impl Fn(Audience, u32) -> bool) -> CommsView {
        let knows = &knows;
        let said = Audience::ALL.into_iter().zip(&self.audiences).flat_map(|(to, audience)| {
            audience.said.iter().zip(0..).map(move |(said, number)| SaidView {
                at: said.at,
                to: to.name().to_owned(),
                promised: said.promised.filter(|_| knows(to, number)),
                resolved: said.resolved,
            })
        });
        let mut said: Vec<SaidView> = said.collect();
        said.sort_by_key(|said| said.at);
        CommsView { said, tickets: self.tickets(), recent_tickets: self.recent_tickets() }
    }

    /// How often executives, and those who look after customers, have interrupted the lead.
    #[must_use]
    pub const fn interrupted(&self) -> (u64, u64) {
        (self.executives.count(), self.calls.count())
    }
}
