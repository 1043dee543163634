//! How an attempt, a call or a job ends: success, or one kind of error.

use serde::{Deserialize, Serialize};

/// Why something failed, as its caller sees it. The declaration order is the order of every per-kind array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum ErrorKind {
    /// The attempt's own time limit passed before an answer came.
    Timeout,
    /// The overall deadline of the call, or one propagated from further up, passed.
    DeadlineExceeded,
    /// The callee answered with an error of its own (HTTP 500 and its like).
    Internal,
    /// The callee answered that it is overloaded: its queue is full (HTTP 503).
    QueueFull,
    /// Turned away by a rate limit (HTTP 429).
    RateLimited,
    /// Turned away by deliberate load shedding (HTTP 503).
    Shed,
    /// The caller's circuit breaker did not permit the call.
    BreakerOpen,
    /// The caller's bulkhead was full.
    BulkheadFull,
    /// No connection became free within the pool's acquire timeout.
    PoolTimeout,
    /// The callee refused the connection: it is down, or it has reached its maximum of connections.
    ConnectionRefused,
    /// The connection broke while the attempt was under way.
    ConnectionLost,
    /// The caller gave the work up before it was finished.
    Cancelled,
}

impl ErrorKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 12] = [
        Self::Timeout,
        Self::DeadlineExceeded,
        Self::Internal,
        Self::QueueFull,
        Self::RateLimited,
        Self::Shed,
        Self::BreakerOpen,
        Self::BulkheadFull,
        Self::PoolTimeout,
        Self::ConnectionRefused,
        Self::ConnectionLost,
        Self::Cancelled,
    ];

    /// How many kinds there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name used in scenario files, summaries and series.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Internal => "internal",
            Self::QueueFull => "queue_full",
            Self::RateLimited => "rate_limited",
            Self::Shed => "shed",
            Self::BreakerOpen => "breaker_open",
            Self::BulkheadFull => "bulkhead_full",
            Self::PoolTimeout => "pool_timeout",
            Self::ConnectionRefused => "connection_refused",
            Self::ConnectionLost => "connection_lost",
            Self::Cancelled => "cancelled",
        }
    }

    /// The kind with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What an attempt, a call or a job came to.
pub type Outcome = Result<(), ErrorKind>;

/// A set of error kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorSet(u16);

impl ErrorSet {
    /// No kind.
    pub const EMPTY: Self = Self(0);
    /// Every kind.
    pub const ALL: Self = Self((1 << ErrorKind::COUNT) - 1);

    /// This set and one more kind.
    #[must_use]
    pub const fn with(self, kind: ErrorKind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    /// This set less one kind.
    #[must_use]
    pub const fn without(self, kind: ErrorKind) -> Self {
        Self(self.0 & !(1 << kind as u16))
    }

    /// Whether the kind is in the set.
    #[must_use]
    pub const fn contains(self, kind: ErrorKind) -> bool {
        self.0 & 1 << kind as u16 != 0
    }
}

impl FromIterator<ErrorKind> for ErrorSet {
    fn from_iter<I: IntoIterator<Item = ErrorKind>>(kinds: I) -> Self {
        kinds.into_iter().fold(Self::EMPTY, Self::with)
    }
}
