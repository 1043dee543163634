//! What is too much: numbers that would overflow or melt the machine are refused with a message.
//!
//! The bounds are ours. They lie far beyond any scenario a person plays, and within what one core simulates in minutes.

use crate::units::SimDuration;

/// Services of a scenario.
pub(super) const SERVICES: usize = 1_000;
/// Endpoints of all services together.
pub(super) const ENDPOINTS: usize = 10_000;
/// Populations of a scenario.
pub(super) const POPULATIONS: usize = 1_000;
/// Dependencies of all callers together.
pub(super) const DEPENDENCIES: usize = 10_000;
/// Hotfixes of a scenario.
pub(super) const HOTFIXES: usize = 1_000;
/// Responders of a scenario.
pub(super) const RESPONDERS: usize = 1_000;
/// Messages of a scenario.
pub(super) const INJECTS: usize = 1_000;
/// The most of somebody's time that other work takes.
pub(super) const LOAD: f64 = 0.95;
/// Prepared actions of a scenario.
pub(super) const ACTIONS: usize = 1_000;
/// Things that one prepared action does.
pub(super) const DEEDS: usize = 1_000;
/// Instances that one prepared action adds at once.
pub(super) const ADDED: u32 = 1_000;
/// The size of a pool that a prepared action sets.
pub(super) const POOL: u32 = 100_000;
/// The number of attempts that a prepared action sets.
pub(super) const ATTEMPTS: u32 = 1_000;
/// Characters of a name.
pub(super) const NAME: usize = 64;
/// Versions of a service.
pub(super) const VERSIONS: usize = 1_000;
/// Hidden variants.
pub(super) const VARIANTS: usize = 1_000;
/// The longest run.
pub(super) const DURATION: SimDuration = SimDuration::from_secs(7 * 86_400);
/// A run longer than this may not have unbounded queues.
pub(super) const DURATION_WITH_UNBOUNDED_QUEUES: SimDuration = SimDuration::from_secs(86_400);
/// Instances of a service.
pub(super) const INSTANCES: u32 = 10_000;
/// Instances of all services together.
pub(super) const ALL_INSTANCES: u64 = 100_000;
/// Channels: for each dependency, one in each instance of its caller.
pub(super) const CHANNELS: u64 = 500_000;
/// Rows of the recording: one a second for each service, endpoint, dependency and population, about 150 bytes each.
pub(super) const RECORDED_ROWS: u64 = 10_000_000;
/// Endpoints on a chain of calls: without latency a request goes down the whole chain at one instant, hop in hop.
pub(super) const DEPTH: usize = 64;
/// Branches of a parallel step.
pub(super) const BRANCHES: usize = 1_000;
/// Alert rules of a scenario.
pub(super) const ALERTS: usize = 1_000;
/// Instruments of a scenario.
pub(super) const INSTRUMENTS: usize = 1_000;
/// The longest interval at which metrics are read or rules are looked at, and the longest delay.
pub(super) const INTERVAL: SimDuration = SimDuration::from_secs(3_600);
/// The longest window over which an alert takes a signal; those of burn rates are kept as sums and may be longer.
pub(super) const WINDOW: SimDuration = SimDuration::from_secs(3_600);
/// Recorded seconds that all looks at alert rules in a run read together.
pub(super) const LOOKED_AT: f64 = 2e9;
/// Workers or cores of an instance.
pub(super) const WORKERS: u32 = 1_000_000;
/// Places in a queue.
pub(super) const QUEUE: u32 = 10_000_000;
/// Connections of all callers of a dependency together, and results kept in its breakers' windows.
pub(super) const SLOTS: u64 = 10_000_000;
/// Users of a closed population.
pub(super) const USERS: u32 = 1_000_000;
/// Requests that all populations together are expected to offer in a run.
pub(super) const REQUESTS: f64 = 20e6;
/// Executions on instances that these requests are expected to cause, retries not counted.
pub(super) const JOBS: f64 = 200e6;
/// Steps of plans that these executions are expected to take, each round of a repetition counted.
pub(super) const STEPS: f64 = 2e9;
/// The probability of going round once more in a loop or session: 10,000 rounds on average.
pub(super) const AGAIN: f64 = 0.9999;
/// The factor of a slowdown or a traffic spike.
pub(super) const FACTOR: f64 = 10_000.0;
/// The number of extra calls of one request.
pub(super) const EXTRA_CALLS: u32 = 10_000;
/// Points of a profile.
pub(super) const POINTS: usize = 100_000;
/// The shortest mean time that a user thinks who thinks at all.
pub(super) const THINK: SimDuration = SimDuration::from_micros(1);
/// The squared coefficient of variation of the time that a user thinks. A time X with mean m is above m/2 with a
/// probability of at least 1/4/(1 + cv^2) (Paley, Zygmund 1932), so that this many times four is about the most that a
/// user goes round before the clock moves.
pub(super) const THINK_CV2: f64 = 10_000.0;
/// The longest span or instant that may be written: 10,000 days, so that no sum of a few of them overflows.
pub(super) const SPAN: SimDuration = SimDuration::from_secs(10_000 * 86_400);
