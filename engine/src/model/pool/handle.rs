//! What passes between a pool and its caller: handles, answers and effects.

use serde::{Deserialize, Serialize};

use crate::model::wait_list::Ticket;
use crate::units::{SimDuration, SimTime};

/// A connection of one pool. It stays valid for as long as the caller holds the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl ConnectionId {
    /// A small dense number, unique among the connections open at one time; reused after a close.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.slot as usize
    }
}

/// The answer to somebody who wants a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub enum Acquire {
    /// The connection is the caller's until it is released.
    Ready(ConnectionId),
    /// The connection has to prove that it is alive first: call [`validated`](super::Pool::validated) with the result.
    Validate(ConnectionId),
    /// No connection is free; a [`Grant`] will name the waiter, unless it leaves the queue before.
    Parked {
        /// With which to leave the queue.
        ticket: Ticket,
        /// When to leave it, `None` for never.
        timeout_at: Option<SimTime>,
    },
    /// The queue is full.
    Rejected,
    /// The acquire timeout passed while a connection that turned out to be dead was being validated.
    TimedOut,
}

/// A connection handed to a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Grant<W> {
    /// To whom.
    pub waiter: W,
    /// Which connection.
    pub connection: ConnectionId,
    /// Whether it must be validated before use, as in [`Acquire::Validate`].
    pub validate: bool,
    /// How long the waiter was in the queue.
    pub waited: SimDuration,
}

/// Something the pool wants done or known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub enum PoolEffect<W> {
    /// Attempt to open a connection and report with [`connected`](super::Pool::connected). At most one is under way.
    OpenConnection,
    /// Ping an idle connection and report with [`kept_alive`](super::Pool::kept_alive).
    Keepalive(ConnectionId),
    /// Call [`on_wake`](super::Pool::on_wake) at this instant. A wake that is no longer needed does no harm.
    WakeAt(SimTime),
    /// A waiter got a connection.
    Granted(Grant<W>),
    /// A connection joined the pool.
    Opened(ConnectionId),
    /// A connection was closed; the id is no longer valid.
    Closed(ConnectionId, CloseReason),
}

/// The connection could not be opened: refused, failed or timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused;

/// Why a waiter leaves the queue without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Departure {
    /// The acquire timeout passed.
    TimedOut,
    /// The caller no longer wants a connection.
    Cancelled,
}

/// Why a connection was closed. The declaration order is the order of per-reason arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum CloseReason {
    /// It reached its `maxLifetime`.
    MaxLifetime,
    /// It was idle for longer than `idleTimeout`.
    IdleTimeout,
    /// It failed a validation or a keepalive ping.
    Dead,
    /// Its user found it broken.
    Broken,
    /// It was evicted by hand.
    Evicted,
    /// The pool was made smaller.
    Surplus,
}

impl CloseReason {
    /// Every reason, in declaration order.
    pub const ALL: [Self; 6] =
        [Self::MaxLifetime, Self::IdleTimeout, Self::Dead, Self::Broken, Self::Evicted, Self::Surplus];

    /// How many reasons there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name used in series and summaries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MaxLifetime => "max_lifetime",
            Self::IdleTimeout => "idle_timeout",
            Self::Dead => "dead",
            Self::Broken => "broken",
            Self::Evicted => "evicted",
            Self::Surplus => "surplus",
        }
    }
}
