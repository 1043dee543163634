//! A histogram of spans with a bounded relative error: 64 linear buckets an octave.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::units::SimDuration;

const SUB_BITS: u32 = 6;
const SUB: u64 = 1 << SUB_BITS;
const BUCKETS: usize = ((64 - SUB_BITS + 1) as usize) << SUB_BITS;

/// A histogram of spans from 0 to 2^64 ns. A quantile is off by at most half a bucket, 0.79 % of its value; the mean
/// and the maximum are exact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// One count a bucket; empty until the first record.
    counts: Vec<u32>,
    count: u64,
    sum: u128,
    /// The shortest span, `u64::MAX` when nothing was recorded. With the longest it bounds the buckets in use.
    min: u64,
    /// How much longer the longest is.
    spread: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: Vec::new(), count: 0, sum: 0, min: u64::MAX, spread: 0 }
    }
}

impl Histogram {
    /// Adds one span.
    #[inline]
    pub fn record(&mut self, span: SimDuration) {
        let nanos = span.as_nanos();
        match self.counts.get_mut(bucket_of(nanos)) {
            Some(count) => *count += 1,
            None => self.begin(nanos),
        }
        // Below the shortest the difference wraps round and is too large as well.
        if nanos.wrapping_sub(self.min) > self.spread {
            self.widen(nanos, nanos);
        }
        self.count += 1;
        self.sum += u128::from(nanos);
    }

    /// Takes note of spans between these two.
    #[cold]
    fn widen(&mut self, shortest: u64, longest: u64) {
        let longest = if self.count == 0 { longest } else { longest.max(self.min + self.spread) };
        self.min = self.min.min(shortest);
        self.spread = longest - self.min;
    }

    #[cold]
    fn begin(&mut self, nanos: u64) {
        self.counts = vec![0; BUCKETS];
        self.counts[bucket_of(nanos)] = 1;
    }

    /// How many spans were recorded.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean, exact; zero when nothing was recorded.
    #[must_use]
    pub fn mean(&self) -> SimDuration {
        let mean = self.sum.checked_div(u128::from(self.count)).unwrap_or(0);
        SimDuration::from_nanos(mean as u64)
    }

    /// The longest span, exact; zero when nothing was recorded.
    #[must_use]
    pub const fn max(&self) -> SimDuration {
        SimDuration::from_nanos(if self.count == 0 { 0 } else { self.min + self.spread })
    }

    /// The smallest recorded span that at least `share` of all are no longer than, to within the bucket's width; zero
    /// when nothing was recorded.
    #[must_use]
    pub fn quantile(&self, share: f64) -> SimDuration {
        let [quantile] = self.quantiles([share]);
        quantile
    }

    /// [`Histogram::quantile`] of several shares, which must not decrease.
    #[must_use]
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [SimDuration; N] {
        let longest = self.max();
        let mut found = [longest; N];
        let mut seen = 0;
        let (mut next, mut used) = (0, self.buckets());
        while next < N {
            let rank = libm::ceil(shares[next] * self.count as f64).max(1.0) as u64;
            while seen < rank
                && let Some(bucket) = used.next()
            {
                seen += u64::from(self.counts[bucket]);
            }
            if seen >= rank {
                found[next] = SimDuration::from_nanos(middle_of(used.start - 1)).min(longest);
            }
            next += 1;
        }
        found
    }

    /// How many recorded spans are longer than `limit`, to within one bucket.
    #[must_use]
    pub fn above(&self, limit: SimDuration) -> u64 {
        let limit = bucket_of(limit.as_nanos());
        self.buckets().filter(|bucket| *bucket > limit).map(|bucket| u64::from(self.counts[bucket])).sum()
    }

    /// Adds everything that `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.clone_from(other);
            return;
        }
        let used = other.buckets();
        for (sum, more) in self.counts[used.clone()].iter_mut().zip(&other.counts[used]) {
            *sum += more;
        }
        self.widen(other.min, other.min + other.spread);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// Forgets everything; keeps the memory.
    pub fn clear(&mut self) {
        if self.count > 0 {
            let used = self.buckets();
            self.counts[used].fill(0);
            (self.count, self.sum, self.min, self.spread) = (0, 0, u64::MAX, 0);
        }
    }

    /// The buckets in use.
    fn buckets(&self) -> Range<usize> {
        if self.count == 0 { 0..0 } else { bucket_of(self.min)..bucket_of(self.min + self.spread) + 1 }
    }
}

/// Values below 64 have a bucket each; above, an octave has 64 buckets of equal width.
#[inline]
fn bucket_of(nanos: u64) -> usize {
    let exponent = (63 - (nanos | SUB).leading_zeros()) - SUB_BITS;
    (((u64::from(exponent)) << SUB_BITS) + (nanos >> exponent)) as usize
}

fn middle_of(bucket: usize) -> u64 {
    let exponent = (bucket as u64 >> SUB_BITS).saturating_sub(1);
    let lowest = (bucket as u64 - (exponent << SUB_BITS)) << exponent;
    lowest + ((1 << exponent) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Key;

    #[test]
    fn every_value_is_within_one_percent_of_its_bucket() {
        let mut rng = Key::new(7).rng(0);
        for shift in 0..64 {
            for _ in 0..200 {
                let value = rng.next_bits() >> shift;
                let error = middle_of(bucket_of(value)).abs_diff(value);
                assert!(error as f64 <= value as f64 * 0.0079, "{value} is off by {error}");
            }
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn quantiles_agree_with_sorted_values() {
        let mut rng = Key::new(1).rng(0);
        let mut values: Vec<u64> = (0..5000).map(|_| 1_000_000 + rng.next_bits() % 90_000_000).collect();
        let mut histogram = Histogram::default();
        values.iter().for_each(|nanos| histogram.record(SimDuration::from_nanos(*nanos)));
        values.sort_unstable();
        for (share, rank) in [(0.5, 2500), (0.9, 4500), (0.99, 4950)] {
            let exact = values[rank - 1] as f64;
            let found = histogram.quantile(share).as_nanos() as f64;
            assert!((found / exact - 1.0).abs() < 0.008, "p{share}: {found} for {exact}");
        }
        let shares = [0.0, 0.5, 0.5, 0.99, 1.0];
        assert_eq!(histogram.quantiles(shares), shares.map(|share| histogram.quantile(share)));
        assert_eq!(Histogram::default().quantiles(shares), [SimDuration::ZERO; 5]);
        assert_eq!(histogram.max().as_nanos(), values[4999]);
        assert_eq!(histogram.mean().as_nanos(), values.iter().sum::<u64>() / 5000);
    }

    #[test]
    fn merging_and_clearing() {
        let span = SimDuration::from_millis;
        let (mut one, mut other) = (Histogram::default(), Histogram::default());
        (1..=10).for_each(|ms| one.record(span(ms)));
        (11..=20).for_each(|ms| other.record(span(ms)));
        one.merge(&other);
        assert_eq!((one.count(), one.max()), (20, span(20)));
        assert_eq!(one.above(span(15)), 5);
        one.clear();
        assert_eq!((one.quantile(0.5), one.max()), (SimDuration::ZERO, SimDuration::ZERO));
        one.merge(&other);
        one.record(span(1));
        assert_eq!((one.count(), one.quantile(0.0).as_nanos().abs_diff(1_000_000) < 8_000), (11, true));
        assert_eq!(one.max(), span(20));
        let mut extremes = Histogram::default();
        [SimDuration::MAX, SimDuration::ZERO].into_iter().for_each(|span| extremes.record(span));
        assert_eq!((extremes.max(), extremes.quantile(0.0)), (SimDuration::MAX, SimDuration::ZERO));
    }
}
