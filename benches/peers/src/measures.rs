//! What a run counts: totals, a latency histogram and a series with one row for each simulated second.
//!
//! Every Rust program here pays for the same measures, so that none is faster for looking less.

use serde::{Deserialize, Serialize};

use crate::model::SECOND;

const SUB_BUCKET_BITS: u32 = 7;
const SUB_BUCKETS: usize = 1 << SUB_BUCKET_BITS;
/// Up to 2^46 ns, nearly twenty hours; longer values fall into the last bucket.
const BUCKETS: usize = 40 * SUB_BUCKETS;

/// A histogram of nanoseconds with 128 buckets for each doubling: a value is known to 0.4 % of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: Box<[u64]>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS].into_boxed_slice() }
    }
}

impl Histogram {
    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
    }

    /// The middle of the bucket in which the value of rank `ceil(fraction * count)` lies; 0 if nothing was counted.
    #[must_use]
    pub fn quantile(&self, fraction: f64) -> f64 {
        let total: u64 = self.counts.iter().sum();
        let rank = (fraction * total as f64).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen > 0 && seen >= rank {
                return middle(index);
            }
        }
        0.0
    }
}

/// The bucket of a value: exact below 128 ns, above that by leading bit and the seven bits after it.
#[inline]
fn bucket(value: u64) -> usize {
    let Some(shift) = value.max(1).ilog2().checked_sub(SUB_BUCKET_BITS) else {
        return value as usize;
    };
    let sub_bucket = (value >> shift) as usize & (SUB_BUCKETS - 1);
    ((shift as usize + 1) * SUB_BUCKETS + sub_bucket).min(BUCKETS - 1)
}

/// The middle of a bucket, nanoseconds.
fn middle(index: usize) -> f64 {
    if index < SUB_BUCKETS {
        return index as f64;
    }
    let width = 1u64 << (index / SUB_BUCKETS - 1);
    let low = (SUB_BUCKETS + index % SUB_BUCKETS) as u64 * width;
    low as f64 + width as f64 / 2.0
}

/// What happened to user requests within one simulated second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// User requests that arrived.
    pub requests: u32,
    /// User requests answered well.
    pub ok: u32,
    /// User requests given up.
    pub failed: u32,
    /// Second and third attempts begun.
    pub retries: u32,
}

/// Everything counted in one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    seconds: Vec<Second>,
    /// Latency of good requests, from arrival to the good answer.
    latency: Histogram,
    latency_total: u64,
    /// Attempts the client stopped waiting for.
    pub timeouts: u64,
    /// Attempts refused because the worker queue was full.
    pub rejects: u64,
    /// Calls that got no connection in time.
    pub pool_timeouts: u64,
    /// Calls the breaker refused.
    pub breaker_rejects: u64,
    /// How often the breaker opened.
    pub breaker_opens: u64,
}

impl Measures {
    /// Empty measures of a run of `horizon` seconds.
    #[must_use]
    pub fn new(horizon: u64) -> Self {
        Self {
            seconds: vec![Second::default(); horizon as usize + 1],
            latency: Histogram::default(),
            latency_total: 0,
            timeouts: 0,
            rejects: 0,
            pool_timeouts: 0,
            breaker_rejects: 0,
            breaker_opens: 0,
        }
    }

    #[inline]
    fn second(&mut self, now: u64) -> &mut Second {
        &mut self.seconds[(now / SECOND) as usize]
    }

    /// Counts a user request that arrives at `now`.
    #[inline]
    pub fn request(&mut self, now: u64) {
        self.second(now).requests += 1;
    }

    /// Counts a good answer at `now` to the user request that arrived at `born`.
    #[inline]
    pub fn success(&mut self, now: u64, born: u64) {
        self.latency.record(now - born);
        self.latency_total += now - born;
        self.second(now).ok += 1;
    }

    /// Counts a user request given up at `now`.
    #[inline]
    pub fn failure(&mut self, now: u64) {
        self.second(now).failed += 1;
    }

    /// Counts a retry begun at `now`.
    #[inline]
    pub fn retry(&mut self, now: u64) {
        self.second(now).retries += 1;
    }

    /// The rows of the series.
    #[must_use]
    pub fn seconds(&self) -> &[Second] {
        &self.seconds
    }

    /// The sum of one column of the series.
    #[must_use]
    pub fn total(&self, column: impl Fn(&Second) -> u32) -> u64 {
        self.seconds.iter().map(|second| u64::from(column(second))).sum()
    }

    /// Mean latency of good requests in milliseconds, 0 without any.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        self.latency_total as f64 / self.total(|second| second.ok).max(1) as f64 * 1e-6
    }

    /// A quantile of the latency of good requests in milliseconds, 0 without any.
    #[must_use]
    pub fn quantile_ms(&self, fraction: f64) -> f64 {
        self.latency.quantile(fraction) * 1e-6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_keep_values_to_half_a_percent() {
        let mut previous = 0;
        for value in
            (0..2_000u64).chain((0..64).flat_map(|bit| [(1u64 << bit) - 1, 1 << bit, (1 << bit) + (1 << bit) / 3]))
        {
            let value = value.min((1 << 46) - 1);
            let error = (middle(bucket(value)) - value as f64).abs();
            assert!(error <= value as f64 / 256.0, "{value}: {}", middle(bucket(value)));
        }
        for value in 0..1 << 20 {
            let index = bucket(value);
            assert!(index == previous || index == previous + 1);
            previous = index;
        }
    }

    #[test]
    fn quantiles_go_by_rank() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), 0.0);
        (1..=100).for_each(|value| histogram.record(value));
        assert_eq!(
            [0.0, 0.01, 0.5, 0.99, 1.0].map(|fraction| histogram.quantile(fraction)),
            [1.0, 1.0, 50.0, 99.0, 100.0]
        );
    }

    #[test]
    fn totals_are_sums_of_the_series() {
        let mut measures = Measures::new(2);
        measures.request(0);
        measures.request(SECOND - 1);
        measures.success(2 * SECOND, SECOND);
        assert_eq!(measures.seconds()[0].requests, 2);
        assert_eq!(measures.total(|second| second.requests), 2);
        assert_eq!(measures.total(|second| second.ok), 1);
        assert!((measures.mean_ms() - 1000.0).abs() < 1e-9);
    }
}
