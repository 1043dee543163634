//! Random variates: one ChaCha8 stream for each purpose, and the three laws the models draw from.
//!
//! Programs that use the same seed and draw for the same purposes in the same order see the same luck.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use serde::{Deserialize, Serialize};

/// What a stream is drawn for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Gaps between user requests.
    Arrivals,
    /// Work of the service before its database call.
    Cpu,
    /// Database calls.
    Database,
    /// Back-off of the client.
    Backoff,
}

/// The random numbers of one purpose.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a purpose in the run with this seed.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(purpose as u64);
        Self(rng)
    }

    /// An exponential time with this mean, rounded down to whole nanoseconds.
    #[inline]
    pub fn exponential(&mut self, mean: f64) -> u64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        (unit * mean) as u64
    }

    /// A lognormal time, rounded down to whole nanoseconds.
    #[inline]
    pub fn lognormal(&mut self, law: LogNormal) -> u64 {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        law.at(normal) as u64
    }

    /// A uniform time in `[0, width)`, rounded down to whole nanoseconds.
    #[inline]
    pub fn uniform(&mut self, width: f64) -> u64 {
        let unit: f64 = self.0.random();
        (unit * width) as u64
    }
}

/// A lognormal law of times in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogNormal {
    mu: f64,
    sigma: f64,
}

#[expect(clippy::disallowed_methods, reason = "the limit may use what the platform computes fastest")]
impl LogNormal {
    /// The law with this mean (nanoseconds) and coefficient of variation.
    #[must_use]
    pub fn with_mean_and_cv(mean: f64, cv: f64) -> Self {
        let variance = (cv * cv).ln_1p();
        Self { mu: mean.ln() - variance / 2.0, sigma: variance.sqrt() }
    }

    /// The value this law gives to a standard normal one.
    #[inline]
    fn at(self, normal: f64) -> f64 {
        (self.mu + self.sigma * normal).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: u32 = 200_000;

    /// Sample mean of many draws, nanoseconds.
    fn sample_mean(mut draw: impl FnMut(&mut Stream) -> u64) -> f64 {
        let mut stream = Stream::new(7, Purpose::Database);
        (0..DRAWS).map(|_| draw(&mut stream) as f64).sum::<f64>() / f64::from(DRAWS)
    }

    #[test]
    fn means_are_those_asked_for() {
        let tolerance = 4.0 / f64::from(DRAWS).sqrt(); // four standard errors of a law with cv 1
        let lognormal = LogNormal::with_mean_and_cv(10e6, 1.0);
        assert!((sample_mean(|stream| stream.exponential(2e6)) / 2e6 - 1.0).abs() < tolerance);
        assert!((sample_mean(|stream| stream.lognormal(lognormal)) / 10e6 - 1.0).abs() < tolerance);
        assert!((sample_mean(|stream| stream.uniform(100e6)) / 50e6 - 1.0).abs() < tolerance);
    }

    #[test]
    fn purposes_do_not_share_luck() {
        let [mut cpu, mut database] = [Purpose::Cpu, Purpose::Database].map(|purpose| Stream::new(1, purpose));
        assert_ne!(cpu.exponential(1e9), database.exponential(1e9));
    }
}
