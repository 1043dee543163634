//! How a caller calls a service: layers, balancing, network.

use super::{Configured, Drawn, Items, Lenient};
use crate::document;
use crate::scenario::preset;
use crate::text::Spanned;
use crate::units::{Ratio, SimDuration};

document! {
    /// A caller's way of calling a service.
    pub struct Dependency {
        /// The service called.
        to: Spanned<String>,
        /// A name of its own, where one caller has several dependencies on a service; else `caller->to`.
        name: Lenient<Option<Spanned<String>>> = Lenient::default(),
        /// The layers a call passes through, outermost first, each kind at most once.
        layers: Items<Spanned<Layer>> = Items::default(),
        /// How an instance is chosen.
        balancing: Lenient<Balancing> = Lenient(Some(Balancing::RoundRobin)),
        /// The one-way latency of the network.
        latency: Lenient<Drawn> = Lenient(Some(Drawn::implied(SimDuration::ZERO))),
        /// The share of messages that are lost, a pool's attempts to connect, tests and pings among them.
        loss: Lenient<Spanned<Ratio>> = Lenient(Some(Spanned::implied(Ratio::ZERO))),
        /// What becomes of a lost message.
        on_loss: Lenient<Spanned<OnLoss>> = Lenient(Some(Spanned::implied(OnLoss::Drop))),
        /// Whether giving up tells the target, which then stops working on the request.
        cancels: Lenient<bool> = Lenient(Some(false)),
        /// Whether the deadline of the caller's own request bounds the call and travels on with it.
        propagates_deadline: Lenient<bool> = Lenient(Some(false)),
    }
}

document! {
    /// One layer of the stack around a call.
    pub enum Layer {
        /// A time limit over everything inside: attempts, waits, back-off.
        Deadline(Spanned<SimDuration>),
        /// Further attempts after a failed one.
        Retry(Configured<preset::Retry>),
        /// A circuit breaker.
        Breaker(Configured<preset::Breaker>),
        /// A limit on the rate of calls.
        RateLimit(Configured<preset::RateLimit>),
        /// A limit on calls at one time.
        Bulkhead(Configured<preset::Bulkhead>),
        /// A time limit for what is inside: each attempt, where the retries are outside.
        Timeout(Spanned<SimDuration>),
        /// A pool of connections.
        Pool(Configured<preset::Pool>),
    }
}

impl Layer {
    /// The name of the kind.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Deadline(_) => "Deadline",
            Self::Retry(_) => "Retry",
            Self::Breaker(_) => "Breaker",
            Self::RateLimit(_) => "RateLimit",
            Self::Bulkhead(_) => "Bulkhead",
            Self::Timeout(_) => "Timeout",
            Self::Pool(_) => "Pool",
        }
    }
}

document! {
    /// How an instance is chosen.
    pub enum Balancing {
        /// One after the other.
        RoundRobin,
        /// Any.
        Random,
        /// The one with the fewest unanswered attempts of this caller, any of them on a tie.
        LeastRequests,
        /// Of two drawn at random the one with fewer unanswered attempts.
        PowerOfTwo,
    }
}

document! {
    /// What becomes of a lost message.
    pub enum OnLoss {
        /// It never arrives.
        Drop,
        /// It is sent again after this long, doubling each time up to 120 s, as TCP does, also while a partition drops it;
        /// after 15 times a call whose request it was ends with `connection_lost`.
        Retransmit(SimDuration),
    }
}
