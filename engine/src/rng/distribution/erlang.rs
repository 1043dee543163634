//! The Erlang law: the sum of a whole number of equal exponential stages.

use serde::{Deserialize, Serialize};

use super::exponential;
use crate::rng::KeyedRng;

/// How many uniforms are multiplied before a logarithm is taken: 16 numbers of at least 2^-53 stay above 2^-1022.
const STAGES_A_LOGARITHM: u32 = 16;

/// The sum of `stages` exponentials of mean `stage_mean` each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Erlang {
    stages: u32,
    stage_mean: f64,
}

impl Erlang {
    /// Beyond this many stages the law is a constant for every practical purpose, and a draw costs one uniform a stage.
    pub(super) const MOST_STAGES: u32 = 1000;

    pub(super) fn new(stages: u32, mean: f64) -> Self {
        Self { stages, stage_mean: mean / f64::from(stages) }
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.stage_mean * sum_of_stages(self.stages, rng)
    }

    /// Exact: draws how many stages are behind, then the remaining stages, which have no memory.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let passed = self.stages_passed(elapsed / self.stage_mean, rng);
        self.stage_mean * sum_of_stages(self.stages.saturating_sub(passed), rng)
    }

    /// The stages completed in `elapsed` stage means, given that not all are: Poisson, conditioned to be below
    /// `stages`.
    fn stages_passed(&self, elapsed: f64, rng: &mut KeyedRng) -> u32 {
        let mut left = rng.uniform() * poisson_weights(self.stages, elapsed).map(|(_, weight)| weight).sum::<f64>();
        for (count, weight) in poisson_weights(self.stages, elapsed) {
            left -= weight;
            if left <= 0.0 {
                return count;
            }
        }
        poisson_mode(self.stages, elapsed)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { stages: self.stages, stage_mean: self.stage_mean * factor }
    }
}

#[inline]
fn sum_of_stages(stages: u32, rng: &mut KeyedRng) -> f64 {
    if stages == 1 {
        return exponential::standard(rng);
    }
    let (mut sum, mut left) = (0.0, stages);
    while left > 0 {
        let taken = left.min(STAGES_A_LOGARITHM);
        let product = (0..taken).fold(1.0, |product, _| product * rng.uniform());
        sum -= libm::log(product);
        left -= taken;
    }
    sum
}

/// The likeliest count of a Poisson variable that is known to be below `limit`.
fn poisson_mode(limit: u32, mean: f64) -> u32 {
    // The cast saturates, so a mean beyond u32 is capped as well.
    (mean as u32).min(limit.saturating_sub(1))
}

/// Every count below `limit` with its Poisson weight relative to the mode, so that no weight exceeds 1 or overflows.
fn poisson_weights(limit: u32, mean: f64) -> impl Iterator<Item = (u32, f64)> {
    let mode = poisson_mode(limit, mean);
    let upward = (mode..limit).scan(1.0, move |weight, count| {
        let current = *weight;
        *weight *= mean / f64::from(count + 1);
        Some((count, current))
    });
    let downward = (0..mode).rev().scan(1.0, move |weight, count| {
        *weight *= f64::from(count + 1) / mean;
        Some((count, *weight))
    });
    upward.chain(downward)
}
