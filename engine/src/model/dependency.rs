//! How a caller calls a service: the layers around each call, and their state inside one caller.
//!
//! A dependency is configuration: caller, target, and a stack of layers from the outermost to the innermost. A channel is
//! the state of one dependency inside one caller instance, as the libraries that this models keep it per process: each
//! instance has its own connection pool, breakers, budget and limits. A population is one caller.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::units::SimDuration;

use super::balance::Balancing;
use super::breaker::BreakerSpec;
use super::bulkhead::BulkheadSpec;
use super::network::LinkSpec;
use super::outcome::ErrorKind;
use super::pool::PoolSpec;
use super::rate_limit::RateLimitSpec;
use super::retry::RetrySpec;
use super::service::ServiceSpec;

/// A caller's way of calling a service: immutable configuration.
#[derive(Clone, Debug)]
pub struct DependencySpec {
    /// The name: `caller->target`, or as the scenario names it.
    pub name: String,
    /// The calling service; `None` when a population calls.
    pub caller: Option<Id<ServiceSpec>>,
    /// The service called.
    pub target: Id<ServiceSpec>,
    /// The layers a call passes through, outermost first, each kind at most once.
    pub layers: Vec<Layer>,
    /// How an instance of the target is chosen.
    pub balancing: Balancing,
    /// The network in between.
    pub link: LinkSpec,
    /// Whether giving up tells the target, which then stops working on the request and on all calls it made for it.
    /// Without it the work goes on to its end and its answer is dropped.
    pub cancels: bool,
    /// Whether the deadline of the caller's own request bounds the call and travels on with it.
    pub propagates_deadline: bool,
}

/// One layer of the stack around a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Layer {
    /// An overall time limit over everything inside it: attempts, waits, back-off. Ends the call with
    /// `deadline_exceeded`.
    Deadline(SimDuration),
    /// Further attempts after a failed one.
    Retry(RetrySpec),
    /// A circuit breaker.
    Breaker {
        /// Its settings.
        spec: BreakerSpec,
        /// What shares one breaker.
        scope: BreakerScope,
    },
    /// A client-side rate limit.
    RateLimit(RateLimitSpec),
    /// A limit on concurrent calls.
    Bulkhead(BulkheadSpec),
    /// A time limit for what is inside it: with the retry outside, for each attempt. Ends it with `timeout`.
    Timeout(SimDuration),
    /// A pool of connections, one of which is held for each attempt.
    Pool(PoolSpec),
}

/// What shares one circuit breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BreakerScope {
    /// One for the whole target service, in each caller instance.
    #[default]
    Service,
    /// One for each endpoint of the target, in each caller instance.
    Endpoint,
    /// One for each instance of the target, in each caller instance.
    Instance,
    /// One for everything that names this key, across all callers and targets.
    Shared {
        /// The dense index of the key.
        key: u16,
    },
}

/// The kinds of layers, without their settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LayerKind {
    Deadline,
    Retry,
    Breaker,
    RateLimit,
    Bulkhead,
    Timeout,
    Pool,
}

impl Layer {
    #[inline]
    pub(crate) const fn kind(&self) -> LayerKind {
        match self {
            Self::Deadline(_) => LayerKind::Deadline,
            Self::Retry(_) => LayerKind::Retry,
            Self::Breaker { .. } => LayerKind::Breaker,
            Self::RateLimit(_) => LayerKind::RateLimit,
            Self::Bulkhead(_) => LayerKind::Bulkhead,
            Self::Timeout(_) => LayerKind::Timeout,
            Self::Pool(_) => LayerKind::Pool,
        }
    }
}

impl LayerKind {
    /// The error of a call that this layer kept waiting, or working, for too long.
    pub(super) const fn wait_error(self) -> ErrorKind {
        match self {
            Self::Deadline => ErrorKind::DeadlineExceeded,
            Self::Pool => ErrorKind::PoolTimeout,
            Self::Bulkhead => ErrorKind::BulkheadFull,
            Self::RateLimit => ErrorKind::RateLimited,
            Self::Retry | Self::Breaker | Self::Timeout => ErrorKind::Timeout,
        }
    }
}
