//! What is simulated: the parameters of the reference models. Their rules in words stand in the README of this package.
//!
//! Units: integer nanoseconds for fixed delays, floating nanoseconds for the means of random ones.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::luck::LogNormal;

/// One second in nanoseconds.
pub const SECOND: u64 = 1_000_000_000;
/// One millisecond in nanoseconds.
pub const MILLISECOND: u64 = 1_000_000;

/// The reference models by the name they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelName {
    /// Client with timeout and retries, 32 workers, 20 pooled connections, steady load.
    M1,
    /// M1 with 1,024 workers, a breaker before the pool and 30 s of triple load.
    M2b,
}

/// A stretch of time in which the arrival rate is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surge {
    /// First instant of the surge.
    pub from: u64,
    /// First instant after it.
    pub until: u64,
    /// What the arrival rate is multiplied with.
    pub factor: f64,
}

/// All parameters of one reference model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// User requests a second outside the surge.
    pub arrivals_per_second: f64,
    /// The surge, if there is one.
    pub surge: Option<Surge>,
    /// Worker slots of the service.
    pub workers: u32,
    /// Attempts that may wait for a worker; one more is refused.
    pub queue_limit: usize,
    /// Mean of the exponential work before the database call, nanoseconds.
    pub cpu_mean: f64,
    /// Connections in the pool.
    pub connections: u32,
    /// How long a call waits for a connection.
    pub acquisition_timeout: u64,
    /// Time of a database call.
    pub database: LogNormal,
    /// Whether a circuit breaker stands between the work and the pool.
    pub breaker: bool,
    /// How long the client waits for an answer to one attempt.
    pub client_timeout: u64,
    /// Attempts a user request may use, the first included.
    pub max_attempts: u8,
    /// Widest back-off after the first failed attempt, nanoseconds; it doubles with every further one.
    pub backoff: f64,
}

impl Model {
    /// The parameters of a reference model.
    #[must_use]
    pub fn named(name: ModelName) -> Self {
        match name {
            ModelName::M1 => Self::m1(),
            ModelName::M2b => Self {
                surge: Some(Surge { from: 200 * SECOND, until: 230 * SECOND, factor: 3.0 }),
                workers: 1024,
                breaker: true,
                ..Self::m1()
            },
        }
    }

    fn m1() -> Self {
        Self {
            arrivals_per_second: 1500.0,
            surge: None,
            workers: 32,
            queue_limit: 1000,
            cpu_mean: 2e6,
            connections: 20,
            acquisition_timeout: 250 * MILLISECOND,
            database: LogNormal::with_mean_and_cv(10e6, 1.0),
            breaker: false,
            client_timeout: 500 * MILLISECOND,
            max_attempts: 3,
            backoff: 100e6,
        }
    }

    /// Mean gap to the next arrival when it is drawn at `now`, nanoseconds.
    #[inline]
    #[must_use]
    pub fn mean_gap(&self, now: u64) -> f64 {
        let gap = 1e9 / self.arrivals_per_second;
        match self.surge {
            Some(surge) if (surge.from..surge.until).contains(&now) => gap / surge.factor,
            _ => gap,
        }
    }

    /// Widest back-off after failed attempt number `attempt` (from 1), nanoseconds.
    #[inline]
    #[must_use]
    pub fn backoff_width(&self, attempt: u8) -> f64 {
        self.backoff * f64::from(1u32 << (attempt - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_surge_triples_the_rate() {
        let model = Model::named(ModelName::M2b);
        let steady = model.mean_gap(0);
        assert!((steady - 1e9 / 1500.0).abs() < 1e-6);
        assert_eq!(model.mean_gap(200 * SECOND - 1), steady);
        assert!((model.mean_gap(200 * SECOND) - steady / 3.0).abs() < 1e-6);
        assert!((model.mean_gap(230 * SECOND - 1) - steady / 3.0).abs() < 1e-6);
        assert_eq!(model.mean_gap(230 * SECOND), steady);
    }

    #[test]
    fn back_off_doubles() {
        let model = Model::named(ModelName::M1);
        assert_eq!([1, 2].map(|attempt| model.backoff_width(attempt)), [100e6, 200e6]);
    }
}
