//! The network between a caller and a service: latency, loss and partitions.

use serde::{Deserialize, Serialize};

use crate::rng::Distribution;
use crate::units::SimDuration;

/// The network between a caller and a service: immutable configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// The one-way latency in nanoseconds, drawn for each message.
    pub latency: Distribution,
    /// The share of messages that are lost, 0 to below 1.
    pub loss: f64,
    /// What loss does to a message.
    pub on_loss: OnLoss,
}

/// What loss does to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnLoss {
    /// The message never arrives; only a timeout of the caller notices.
    Drop,
    /// It is sent again after a retransmission time-out that doubles each time, as TCP does (RFC 6298; Linux starts at
    /// no less than 200 ms and gives up after 15, `net.ipv4.tcp_retries2`).
    Retransmit {
        /// The first retransmission time-out.
        timeout: SimDuration,
    },
}

/// What a partition does to messages between two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partition {
    /// They are lost.
    Drop,
    /// They are kept, and delivered in order when the partition heals.
    Delay,
}
