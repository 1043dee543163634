//! The mechanisms of the simulated system, one a file.
//!
//! A mechanism is a specification (immutable), state (plain data in a registered resource) and handlers (methods of
//! [`Model`], which has all state while events are handled). It meets the others in three places: its event in
//! `event`, its place in the life of a call (`layer`) or of a job (`job`), and its verb in `command`.
//!
//! What the model does not know: populations and why requests come (`traffic`), what goes wrong and why (`fault`), who
//! watches (`observe`).

mod audit;
mod balance;
mod breaker;
mod bulkhead;
mod call;
mod channel;
mod command;
mod connecting;
mod dependency;
mod deploy;
mod effect;
mod event;
mod gauges;
mod instance;
mod job;
mod layer;
mod meter;
mod network;
mod outcome;
mod plan;
mod pool;
mod pooling;
mod queue;
mod rate_limit;
mod resending;
mod retry;
mod retry_budget;
mod service;
mod sharing;
mod spec_issue;
mod system;
mod verbs;
mod wait_list;
mod world;

pub(crate) use audit::audit_law;
pub use balance::Balancing;
pub use breaker::{
    AfterHalfOpenWait, Breaker, BreakerSpec, BreakerState, BreakerTotals, LateResults, MAX_WINDOW, NotPermitted,
    OpenGrowth, Permit, SlidingWindowType, Tally,
};
pub use bulkhead::{Admission, Bulkhead, BulkheadSpec};
pub use call::{Call, Parent};
pub use channel::{Channel, Channels, Dependencies, Dependency, Waiter};
pub use command::{Hotfix, Setting, Verb, VerbError};
pub use dependency::{BreakerScope, DependencySpec, Layer};
pub use deploy::{Deploys, HotfixWork, Rollout, RolloutSpec, RolloutStage, VersionSpec, Work};
pub use effect::{Change, Effect};
pub use event::{Event, Room};
pub use gauges::BreakerGauges;
pub use instance::{Instance, Instances, Status};
pub use job::{Job, Strands};
pub use meter::{Flow, Meters};
pub use network::{LinkSpec, OnLoss, Partition, Partitions};
pub use outcome::{ErrorKind, ErrorSet, Outcome};
pub use plan::{CallStep, Plan, Step};
pub use pool::{
    Acquire, CloseReason, ConnectionId, ConnectionState, Departure, Establishment, Grant, IdleChoice, Pool,
    PoolCounters, PoolEffect, PoolGauges, PoolIntegrals, PoolSpec, PoolTotals, Refused, Shrink,
};
pub use rate_limit::{Decision, MAX_PERMITS, RateLimitSpec, RateLimiter, Rejection};
pub use retry::{Backoff, Jitter, RetryProgress, RetrySpec};
pub use retry_budget::{MilliTokens, RetryBudget, RetryBudgetSpec, RetryToken};
pub use service::{Capacity, Discipline, EndpointSpec, Origin, QueueSpec, Selector, Service, ServiceSpec, Services};
pub use spec_issue::SpecIssue;
pub use system::{System, SystemSpec};
pub use wait_list::{Ticket, WaitList};
pub use world::{Lent, Luck, ModelResources, Requests, install, spawn};

use crate::ids::Table;
use crate::kernel::{Agenda, Arena};
use crate::rng::{Key, KeyedRng};
use crate::units::SimTime;

/// The model while events are handled: every part of its state in one place, next to what does not change.
#[derive(Debug)]
pub struct Model<'a> {
    pub(crate) spec: &'a System,
    pub(crate) luck: &'a Luck,
    pub(crate) salt: u64,
    pub(crate) agenda: Agenda<Event>,
    pub(crate) calls: Arena<Call>,
    pub(crate) jobs: Arena<Job>,
    pub(crate) strands: Arena<Strands>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) services: Table<Service, ServiceSpec>,
    pub(crate) instances: Table<Instance>,
    pub(crate) dependencies: Table<Dependency, DependencySpec>,
    pub(crate) channels: Table<Channel>,
    pub(crate) shared_breakers: Vec<Breaker>,
    pub(crate) deploys: Deploys,
    pub(crate) meters: Meters,
}

/// The end of a call that a user of a population awaited.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// The population.
    pub origin: Origin,
    /// The user, as the traffic room numbered it.
    pub user: u32,
    /// How it ended.
    pub outcome: Outcome,
}

/// Where a key is drawn from. Sites of one key must not collide, so each purpose has its own range.
pub(crate) mod site {
    pub(crate) const ATTEMPT: u64 = 1 << 32;
    pub(crate) const REQUEST: u64 = 2 << 32;
    pub(crate) const ANSWER: u64 = 3 << 32;
    pub(crate) const CANCELLATION: u64 = 4 << 32;
    pub(crate) const BALANCE: u64 = 5 << 32;
    pub(crate) const BACKOFF: u64 = 6 << 32;
    pub(crate) const HOLD: u64 = 7 << 32;
    pub(crate) const VALIDATION: u64 = 8 << 32;
    pub(crate) const DRAW: u64 = 9 << 32;
    pub(crate) const PROLOGUE: u64 = 10 << 32;
    pub(crate) const ADMISSION: u64 = 11 << 32;
    /// Added to the site of something that takes a round trip: the losses on the way there, and on the way back.
    pub(crate) const LOST_THERE: u64 = 1 << 61;
    pub(crate) const LOST_BACK: u64 = 1 << 62;
}

impl Model<'_> {
    /// The current instant.
    #[must_use]
    #[inline]
    pub fn now(&self) -> SimTime {
        self.agenda.now()
    }

    /// The draws at one site of a key, under the luck now in force.
    #[inline]
    pub(crate) fn rng(&self, key: Key, site: u64) -> KeyedRng {
        key.rng(site ^ self.salt)
    }

    /// The key of something that is no request: a pool, a roll-out, a start.
    pub(crate) fn named_key(&self, purpose: &str, id: u32) -> Key {
        Key::named(self.luck.seed, 0, purpose, id)
    }

    /// Handles one event of the model.
    #[inline]
    pub(crate) fn handle(&mut self, event: Event) {
        match event {
            Event::WorkDone(job) => self.go_on(job),
            Event::Arrive(job) => self.arrive(job),
            Event::SharedWorkDone { instance, epoch } => self.shared_work_done(instance, epoch),
            Event::Cancel(job) => self.cancel_job(job),
            Event::Answer { call, attempt, outcome } => self.answered(call, attempt, outcome),
            Event::Timeout(call) => self.time_out(call, dependency::LayerKind::Timeout),
            Event::DeadlineLayer(call) => self.time_out(call, dependency::LayerKind::Deadline),
            Event::Deadline(call) => self.deadline_passed(call),
            Event::Backoff(call) => self.retry(call),
            Event::Resume { call, wait } => self.resume_call(call, wait),
            Event::WaitOver(call) => self.wait_over(call),
            rare => self.handle_rare(rare),
        }
    }

    #[cold]
    fn handle_rare(&mut self, event: Event) {
        match event {
            Event::PoolWake(channel) => self.wake_pool(channel),
            Event::PoolConnected { channel, epoch, attempt, answered } => {
                self.connected(channel, epoch, attempt, answered);
            }
            Event::PoolPinged { channel, epoch, connection, answered } => {
                self.pinged(channel, epoch, connection, answered);
            }
            Event::PoolValidated { call, wait, alive } => self.validated(call, wait, alive),
            Event::ConnectionLost { call, attempt } => self.connection_lost(call, attempt),
            Event::Resend { dependency, message } => self.resend(dependency, message),
            Event::HoldOver { channel, epoch, connection } => self.hold_over(channel, epoch, connection),
            Event::BreakerTimer { channel, shared, breaker } => self.breaker_timer(channel, shared, breaker),
            Event::Rollout(rollout) => self.step_rollout(rollout),
            Event::HotfixReady(hotfix) => self.hotfix_ready(hotfix),
            Event::WorkFinished(work) => self.work_finished(work),
            Event::Started { instance, incarnation } => self.started(instance, incarnation),
            Event::CrashNoticed { instance, incarnation } => self.crash_noticed(instance, incarnation),
            other => unreachable!("{other:?} is handled elsewhere"),
        }
    }

    /// Sends a request for a user of a population. The outcome comes as an [`Answer`], unless it comes back at once.
    pub(crate) fn request(
        &mut self,
        call: CallStep,
        origin: Origin,
        priority: u8,
        user: u32,
        key: Key,
    ) -> Option<Outcome> {
        let channel = self.dependencies[call.dependency].population_channel.expect("a population's dependency");
        self.start_call(call::Request {
            parent: Parent::User(user),
            dependency: call.dependency,
            endpoint: call.endpoint,
            channel,
            origin,
            priority,
            key,
            inherited: SimTime::NEVER,
        })
    }
}
