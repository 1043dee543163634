//! Audiences as the scenario configures them.

use crate::response::people::{Work, WorkKind};
use crate::rng::Distribution;
use crate::units::SimDuration;

use super::statement::Audience;

/// Everybody who wants to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct CommsSpec {
    /// By audience, in the order of [`Audience::ALL`].
    pub audiences: [AudienceSpec; Audience::ALL.len()],
    /// What holds for all of them.
    pub habits: CommsHabits,
}

/// An audience.
#[derive(Clone, Debug, PartialEq)]
pub struct AudienceSpec {
    /// How long it takes to write something for it.
    pub composing: SimDuration,
    /// How soon after users began to feel it the audience wants to hear something.
    pub first: SimDuration,
    /// How long it waits for the next statement where none was promised.
    pub cadence: SimDuration,
    /// How much it trusts what it is told at the start, 0 to 1.
    pub trust: f64,
    /// From when to when what is said does not reach it, and nobody says so.
    pub silently_fails: Option<(SimDuration, SimDuration)>,
}

/// What moves audiences. Everything here is an assumption: no public distribution of the patience of those who wait was found.
#[derive(Clone, Debug, PartialEq)]
pub struct CommsHabits {
    /// The share of its trust that an audience loses with each minute it waits too long.
    pub silence_costs: f64,
    /// The share it loses when a promised update does not come.
    pub broken_promise_costs: f64,
    /// The share it loses with a statement that its own experience contradicts.
    pub falsehood_costs: f64,
    /// The share of the trust that is missing which comes back with a complete and true statement.
    pub repairs: f64,
    /// How soon one statement may follow another, and count, when nothing has changed.
    pub not_before: SimDuration,
    /// How many tickets an affected user writes in a minute, if the audience trusts fully and was told nothing.
    pub tickets_per_user_minute: f64,
    /// The share of tickets that are still written when the status page says what is the matter.
    pub told_writes: f64,
    /// How often executives interrupt in a minute while it goes on, if they trust fully and have been told in time.
    pub interrupts_per_minute: f64,
    /// How many times as often when they wait too long.
    pub silence_interrupts: f64,
    /// How long an interruption takes.
    pub interruption: SimDuration,
    /// How often those who look after customers call the lead in a minute, if support was told nothing and tickets are many.
    pub calls_per_minute: f64,
    /// How many tickets in ten minutes are many.
    pub many_tickets: f64,
    /// The share of calls that are still made when support knows what is the matter.
    pub told_calls: f64,
}

impl CommsSpec {
    /// The work of writing something for an audience.
    #[must_use]
    pub fn writing(&self, audience: Audience) -> Work {
        let takes = self.audiences[audience as usize].composing.as_nanos() as f64;
        Work {
            title: format!("tell {}", audience.name()),
            service: None,
            kind: WorkKind::HandsOn,
            effort: Distribution::constant(takes).expect("a span that was checked"),
            parts: Vec::new(),
        }
    }
}

impl Default for CommsSpec {
    /// First public word 5 minutes after it begins and then every 20, executives every 30 (PagerDuty's incident response
    /// documentation); the rest are assumptions.
    fn default() -> Self {
        let audience = |composing: u64, first: u64, cadence: u64| AudienceSpec {
            composing: SimDuration::from_secs(composing),
            first: SimDuration::from_secs(first * 60),
            cadence: SimDuration::from_secs(cadence * 60),
            trust: 0.8,
            silently_fails: None,
        };
        Self {
            audiences: [audience(90, 5, 20), audience(60, 10, 30), audience(45, 10, 30), audience(20, 5, 15)],
            habits: CommsHabits::default(),
        }
    }
}

impl Default for CommsHabits {
    fn default() -> Self {
        Self {
            silence_costs: 0.01,
            broken_promise_costs: 0.05,
            falsehood_costs: 0.25,
            repairs: 0.1,
            not_before: SimDuration::from_secs(300),
            tickets_per_user_minute: 0.005,
            told_writes: 0.6,
            interrupts_per_minute: 0.01,
            silence_interrupts: 8.0,
            interruption: SimDuration::from_secs(120),
            calls_per_minute: 0.05,
            many_tickets: 100.0,
            told_calls: 0.25,
        }
    }
}
