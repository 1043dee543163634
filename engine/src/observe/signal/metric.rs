//! What can be measured, and in what.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::{Rate, Ratio, SimDuration, UnitError};

/// What can be measured of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Requests or calls that came, a second.
    RequestRate,
    /// The share of what ended that ended badly, 0 to 1; no value when nothing ended.
    ErrorRatio,
    /// What ended well, a second.
    Goodput,
    /// The mean latency of what ended well, in seconds; no value when nothing did.
    MeanLatency,
    /// The highest 99th percentile of the latency of any second, in seconds; no value when nothing ended well.
    P99Latency,
    /// The share of a service's workers or cores that was busy, the mean; where nothing limits it, the mean number of jobs on an
    /// instance.
    Utilisation,
    /// Jobs waiting for a worker of a service, the mean of what was there at the end of each second.
    Queue,
    /// Instances of a service that serve, likewise.
    Instances,
    /// Attempts for each request or call; 1 when there were none.
    Amplification,
    /// Connections in use, the mean, all callers together.
    PoolInUse,
    /// Callers waiting for a connection, the mean, all callers together.
    PoolWaiting,
    /// Breakers that refuse calls, the mean of what was there at the end of each second.
    BreakersOpen,
    /// The share of a population's requests that were bad over the share that its objective allows; no value when nothing was
    /// finished.
    BurnRate,
    /// Real users who had a bad request within a minute, about; the mean.
    AffectedUsers,
}

/// In what a metric is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share, 0 to 1.
    Share,
    /// A number a second.
    Rate,
    /// Seconds.
    Seconds,
    /// A number of things, or of times as many.
    Number,
}

impl Unit {
    /// An amount in this unit as a person writes it: `2%`, `100/s`, `250ms`, `50`.
    ///
    /// # Errors
    /// What would be right, in words.
    pub fn read(self, text: &str) -> Result<f64, String> {
        let amount = match self {
            Self::Share => text.parse().map(Ratio::as_fraction).map_err(|why: UnitError| why.help()),
            Self::Rate => text.parse().map(Rate::as_per_second).map_err(|why: UnitError| why.help()),
            Self::Seconds => text.parse().map(SimDuration::as_secs_f64).map_err(|why: UnitError| why.help()),
            Self::Number => text.trim().parse().map_err(|_no_number| "write a number, such as 50".to_owned()),
        }?;
        if amount.is_finite() && amount >= 0.0 { Ok(amount) } else { Err("write an amount from 0 on".to_owned()) }
    }
}

use Metric::{
    AffectedUsers, Amplification, BreakersOpen, BurnRate, ErrorRatio, Goodput, Instances, MeanLatency, P99Latency,
    PoolInUse, PoolWaiting, Queue, RequestRate, Utilisation,
};

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 14] = [
        RequestRate,
        ErrorRatio,
        Goodput,
        MeanLatency,
        P99Latency,
        Utilisation,
        Queue,
        Instances,
        Amplification,
        PoolInUse,
        PoolWaiting,
        BreakersOpen,
        BurnRate,
        AffectedUsers,
    ];

    /// The name by which it is written: `error-ratio`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RequestRate => "request-rate",
            ErrorRatio => "error-ratio",
            Goodput => "goodput",
            MeanLatency => "mean-latency",
            P99Latency => "p99-latency",
            Utilisation => "utilisation",
            Queue => "queue",
            Instances => "instances",
            Amplification => "amplification",
            PoolInUse => "pool-in-use",
            PoolWaiting => "pool-waiting",
            BreakersOpen => "breakers-open",
            BurnRate => "burn-rate",
            AffectedUsers => "affected-users",
        }
    }

    /// The metric of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// In what it is measured.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            ErrorRatio | Utilisation => Unit::Share,
            RequestRate | Goodput => Unit::Rate,
            MeanLatency | P99Latency => Unit::Seconds,
            Queue | Instances | Amplification | PoolInUse | PoolWaiting | BreakersOpen | BurnRate | AffectedUsers => {
                Unit::Number
            }
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
