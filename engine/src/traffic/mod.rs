//! Load: populations of clients, their arrival processes, sessions and patience.
//!
//! A population calls services through dependencies as a service does: its timeouts, retries, budgets and breakers are
//! layers of those dependencies. What is its own is when requests begin, and what its users do afterwards.

mod draws;
mod population;
mod profile;

pub use population::{Population, Populations, Traffic, spawn};
pub use profile::{Profile, ProfileError};

use serde::{Deserialize, Serialize};

use crate::model::CallStep;
use crate::rng::Distribution;
use crate::units::{Money, SimDuration, SimTime};

/// A population of clients: immutable configuration.
#[derive(Clone, Debug)]
pub struct PopulationSpec {
    /// The name: web, mobile, partner, batch.
    pub name: String,
    /// When its requests begin.
    pub arrivals: Arrivals,
    /// What it asks for: endpoints with their weights, each above 0.
    pub mix: Vec<MixEntry>,
    /// Its importance in priority queues; the lowest number goes first.
    pub priority: u8,
    /// How many real requests each simulated one stands for, above 0.
    pub represents: f64,
    /// How many requests a real user of this population makes a minute, above 0; turns bad requests into user-minutes.
    pub requests_per_user_minute: f64,
    /// What the users have been promised.
    pub objective: Objective,
    /// What a minute costs in which a user is affected, 0 or more; `None` where the scenario does not say.
    pub cost_per_user_minute: Option<Money>,
    /// A limit on the population's unanswered requests, as a load generator or a browser has one.
    pub max_in_flight: Option<InFlightLimit>,
}

/// One endpoint that a population asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MixEntry {
    /// Its share of the population's requests, relative to the other weights.
    pub weight: f64,
    /// The endpoint and the dependency it is called through.
    pub call: CallStep,
}

/// How long a user pauses who does not think and whose request took no time, because it was refused at once: without a
/// pause the clock would stand still. A bound of this model; no client goes round faster by much.
pub const IDLE_ROUND: SimDuration = SimDuration::MILLISECOND;

/// When the requests of a population begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Open: a Poisson process whose rate follows the profile.
    Poisson(Profile),
    /// Open: evenly spaced at the profile's rate.
    Constant(Profile),
    /// Open: recorded instants, in order.
    Trace(Vec<TraceEntry>),
    /// Closed: each of `users` asks, awaits the answer, thinks, and asks again.
    Closed {
        /// How many users there are.
        users: u32,
        /// The think time in nanoseconds; each user also starts with one. After a request that took no time at all it is
        /// [`IDLE_ROUND`] at least.
        think: Distribution,
    },
    /// Partly open: sessions begin as a Poisson process; after each answer a session goes on with probability
    /// `continues`, after a think time (Schroeder, Wierman, Harchol-Balter, NSDI 2006).
    Sessions {
        /// The rate at which sessions begin.
        starts: Profile,
        /// The probability of one more request after each answer, 0 to below 1.
        continues: f64,
        /// The think time in nanoseconds; after a request that took no time at all it is [`IDLE_ROUND`] at least.
        think: Distribution,
    },
}

/// One line of a recorded trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// When.
    pub at: SimTime,
    /// Which entry of the population's mix; `None` to draw it by weight.
    pub entry: Option<u32>,
}

/// What a population's users have been promised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// The share of requests that must be good, such as 0.999.
    pub availability: f64,
    /// A request slower than this is bad even when it succeeds; `None` for [`PATIENCE`].
    pub latency: Option<SimDuration>,
    /// The period over which the error budget is spent, usually 30 days.
    pub window: SimDuration,
}

/// How long users wait who have been promised nothing: after ten seconds people turn to something else (Nielsen, Usability
/// Engineering, 1993, 5.5).
pub const PATIENCE: SimDuration = SimDuration::from_secs(10);

impl Objective {
    /// What holds for a population that declares nothing: 99.9 % of requests over 30 days.
    pub const UNDECLARED: Self =
        Self { availability: 0.999, latency: None, window: SimDuration::from_secs(30 * 86_400) };

    /// How long a user waits before the request counts as bad, whatever becomes of it.
    #[must_use]
    pub fn patience(&self) -> SimDuration {
        self.latency.unwrap_or(PATIENCE)
    }
}

/// A limit on unanswered requests, and what happens to a request beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlightLimit {
    /// The limit, 1 or more.
    pub limit: u32,
    /// What happens to a request beyond it.
    pub beyond: Beyond,
}

/// What happens to a request that may not be sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Beyond {
    /// It waits for its turn; its intended latency counts from when it should have been sent (wrk2).
    Wait,
    /// It is never sent (k6: `dropped_iterations`).
    Drop,
}
