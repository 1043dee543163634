//! How long roll-outs should take: preparation, then batch after batch through drain and start.
//!
//! Draining is known by its limit only: the low estimate takes it as nothing, the likely one as half, the high one as all of
//! it. What is drawn is summed by its moments and taken as lognormal.

use crate::model::{RolloutSpec, ServiceSpec};
use crate::rng::Distribution;
use crate::units::SimDuration;

use super::estimate::Takes;

/// The quantile of the standard normal that one in ten exceeds.
const ONE_IN_TEN: f64 = 1.281_551_565_545;

/// What is known of a sum of independent drawn spans, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    /// That many draws of one distribution, one after the other.
    pub(super) fn of(distribution: &Distribution, times: f64) -> Self {
        Self { mean: times * distribution.mean(), variance: times * distribution.variance() }
    }

    /// One after the other.
    pub(super) fn then(self, other: Self) -> Self {
        Self { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }

    /// The span that one in ten stays below, the mean, and the one that one in ten exceeds.
    fn quantiles(self) -> [f64; 3] {
        if self.variance <= 0.0 || self.mean <= 0.0 || !self.variance.is_finite() {
            return [self.mean; 3];
        }
        let sigma2 = libm::log1p(self.variance / (self.mean * self.mean));
        let (median, spread) = (self.mean * libm::exp(-sigma2 / 2.0), libm::exp(ONE_IN_TEN * libm::sqrt(sigma2)));
        [(median / spread).min(self.mean), self.mean, (median * spread).max(self.mean)]
    }

    /// How long that takes.
    pub(super) fn takes(self) -> Takes {
        let [low, likely, high] = self.quantiles().map(SimDuration::from_nanos_f64);
        Takes { low, likely, high }
    }
}

/// How long it takes to replace so many instances after what comes before.
pub(super) fn rollout(spec: &ServiceSpec, instances: u32, before: Moments) -> Takes {
    let RolloutSpec { batch, drain, pause, .. } = &spec.rollout;
    let batches = f64::from(instances.div_ceil((*batch).max(1)));
    let pauses = (batches - 1.0).max(0.0) * pause.as_nanos() as f64;
    let drains = batches * drain.as_nanos() as f64;
    let [low, likely, high] = before.then(Moments::of(&spec.start_time, batches)).quantiles();
    let [low, likely, high] = [low, likely + drains / 2.0, high + drains + batches * last_of(&spec.start_time, *batch)]
        .map(|sum| sum + pauses);
    Takes {
        low: SimDuration::from_nanos_f64(low),
        likely: SimDuration::from_nanos_f64(likely),
        high: SimDuration::from_nanos_f64(high),
    }
}

/// What the last of a batch takes longer than the mean at most, as for normal spans: sd sqrt(2 ln n).
fn last_of(start: &Distribution, batch: u32) -> f64 {
    libm::sqrt(start.variance().max(0.0) * 2.0 * libm::log(f64::from(batch.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_the_same_is_estimated_exactly() {
        let constant = Distribution::constant(5e9).unwrap();
        let takes = Moments::of(&constant, 3.0).takes();
        assert_eq!((takes.low, takes.likely, takes.high), ([SimDuration::from_secs(15); 3]).into());
    }

    #[test]
    fn a_lognormal_has_its_own_quantiles() {
        // Median m = mean / sqrt(1 + cv^2), sigma^2 = ln(1 + cv^2): tenths at m exp(-+1.2816 sigma).
        let takes = Moments::of(&Distribution::lognormal(60e9, 0.4).unwrap(), 1.0).takes();
        let sigma = libm::sqrt(libm::log(1.16));
        let [low, high] = [-1.0, 1.0].map(|sign: f64| 60.0 / 1.16_f64.sqrt() * libm::exp(sign * 1.281_55 * sigma));
        assert!((takes.low.as_secs_f64() - low).abs() < 0.01 && (takes.high.as_secs_f64() - high).abs() < 0.01);
        assert_eq!(takes.likely, SimDuration::from_secs(60));
    }
}
