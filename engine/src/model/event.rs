//! What can happen in the model, as it stands in the agenda.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Handle;

use super::call::Call;
use super::channel::Channel;
use super::dependency::DependencySpec;
use super::deploy::{HotfixWork, Rollout, Work};
use super::instance::Instance;
use super::job::Job;
use super::outcome::Outcome;
use super::resending::Unacknowledged;

/// One event of the model, or one that belongs to a room above it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Event {
    /// A job's local work is done.
    WorkDone(Handle<Job>),
    /// An attempt reaches its instance.
    Arrive(Handle<Job>),
    /// The next job in processor sharing is done, unless the set has changed since.
    SharedWorkDone {
        /// Where.
        instance: Id<Instance>,
        /// The state of the set for which this was computed.
        epoch: u32,
    },
    /// The news that its caller has given up reaches a job.
    Cancel(Handle<Job>),
    /// The answer to an attempt reaches its caller.
    Answer {
        /// The call.
        call: Handle<Call>,
        /// The attempt that is answered.
        attempt: u32,
        /// The answer.
        outcome: Outcome,
    },
    /// The network gives up sending the request of an attempt.
    ConnectionLost {
        /// The call.
        call: Handle<Call>,
        /// The attempt.
        attempt: u32,
    },
    /// A retransmission time-out passes.
    Resend {
        /// Whose network.
        dependency: Id<DependencySpec>,
        /// What is sent again.
        message: Handle<Unacknowledged>,
    },
    /// An attempt's time limit.
    Timeout(Handle<Call>),
    /// The overall time limit of a call's deadline layer.
    DeadlineLayer(Handle<Call>),
    /// The deadline that came with the request for which the call is made.
    Deadline(Handle<Call>),
    /// A retry's delay is over.
    Backoff(Handle<Call>),
    /// A wait for a layer has been granted.
    Resume {
        /// The call.
        call: Handle<Call>,
        /// Which of its waits.
        wait: u32,
    },
    /// A wait for a connection or a bulkhead's permit has lasted too long.
    WaitOver(Handle<Call>),
    /// A pool asked to be woken.
    PoolWake(Id<Channel>),
    /// A connection attempt of a pool has come to its end.
    PoolConnected {
        /// Whose pool.
        channel: Id<Channel>,
        /// Which of the channel's pools.
        epoch: u32,
        /// Which attempt.
        attempt: u32,
        /// Whether anybody answered before the driver gave up.
        answered: bool,
    },
    /// A keepalive ping of a pool has come to its end.
    PoolPinged {
        /// Whose pool.
        channel: Id<Channel>,
        /// Which of the channel's pools.
        epoch: u32,
        /// The slot of the connection.
        connection: u32,
        /// Whether anybody answered before the driver gave up.
        answered: bool,
    },
    /// A connection has been tested before its hand-over.
    PoolValidated {
        /// The call it is meant for; dangling when the call was given up meanwhile.
        call: Handle<Call>,
        /// Which of its waits.
        wait: u32,
        /// Whether it works.
        alive: bool,
    },
    /// A connection that was held beyond the answer goes back to its pool.
    HoldOver {
        /// Whose pool.
        channel: Id<Channel>,
        /// Which of the channel's pools.
        epoch: u32,
        /// The slot of the connection.
        connection: u32,
    },
    /// A breaker changes its state by itself.
    BreakerTimer {
        /// Whose breaker, or who last used a shared one.
        channel: Id<Channel>,
        /// Whether it is a shared one.
        shared: bool,
        /// Which of them.
        breaker: u16,
    },
    /// A roll-out takes its next step.
    Rollout(Id<Rollout>),
    /// A hotfix has been written.
    HotfixReady(Id<HotfixWork>),
    /// Work that ends in orders has been done.
    WorkFinished(Id<Work>),
    /// An instance has started.
    Started {
        /// Which.
        instance: Id<Instance>,
        /// The start this belongs to.
        incarnation: u32,
    },
    /// Callers notice that an instance has crashed.
    CrashNoticed {
        /// Which.
        instance: Id<Instance>,
        /// The life this belongs to.
        incarnation: u32,
    },
    /// An event of a room above the model, which alone knows what it means.
    Outer {
        /// Which room.
        room: Room,
        /// What of it.
        index: u32,
        /// Lets the room tell a void event from a valid one.
        epoch: u32,
    },
}

impl Default for Event {
    /// Nothing happens: a job that does not exist is done.
    fn default() -> Self {
        Self::WorkDone(Handle::NONE)
    }
}

/// The rooms above the model that put events into the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Room {
    /// The next arrival of a population.
    Arrival,
    /// A user of a population is done thinking.
    Thinking,
    /// A fault starts, changes or heals.
    Fault,
    /// A scheduled deploy.
    Deploy,
}

const _: () = assert!(size_of::<Event>() <= 16, "an agenda entry is 32 bytes");
