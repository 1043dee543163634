//! The hyperexponential law: one of several exponentials, chosen at random. Its coefficient of variation is at least 1.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exponential;
use crate::rng::KeyedRng;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Phase {
    /// The chance of this phase; the chances sum to 1.
    weight: f64,
    /// The chance of this phase or one before it; exactly 1 in the last.
    cumulative: f64,
    mean: f64,
}

/// A mixture of exponentials. A draw takes two uniforms: the phase, then the time in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Hyperexponential {
    /// Longest mean first, so that a small uniform means a long draw as in the other families.
    phases: Arc<[Phase]>,
}

impl Hyperexponential {
    /// More phases than a fitted mixture ever has.
    pub(super) const MOST_PHASES: usize = 64;

    /// From pairs of (weight, mean); at least one, all positive.
    pub(super) fn new(pairs: &[(f64, f64)]) -> Self {
        let mut sorted = pairs.to_vec();
        sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.total_cmp(&a.0)));
        let total: f64 = sorted.iter().map(|pair| pair.0).sum();
        let mut cumulative = 0.0;
        let mut phases: Vec<Phase> = sorted
            .iter()
            .map(|&(weight, mean)| {
                cumulative += weight / total;
                Phase { weight: weight / total, cumulative, mean }
            })
            .collect();
        if let Some(last) = phases.last_mut() {
            last.cumulative = 1.0;
        }
        Self { phases: phases.into() }
    }

    /// The pairs of (weight, mean) of two phases that share the load evenly (p1 m1 = p2 m2), for a cv of at least 1.
    ///
    /// Source: Whitt, Approximating a Point Process by a Renewal Process, I: Two Basic Methods (1982), section 3.
    pub(super) fn balanced(mean: f64, cv: f64) -> [(f64, f64); 2] {
        let square = cv * cv;
        let root = ((square - 1.0) / (square + 1.0)).sqrt();
        // (1 - root) / 2 without the cancellation.
        let rare = 1.0 / ((square + 1.0) * (1.0 + root));
        let common = (1.0 + root) / 2.0;
        [(rare, mean / (2.0 * rare)), (common, mean / (2.0 * common))]
    }

    pub(super) fn moments(&self) -> (f64, f64) {
        let mean: f64 = self.phases.iter().map(|phase| phase.weight * phase.mean).sum();
        let within: f64 = self.phases.iter().map(|phase| phase.weight * phase.mean * phase.mean).sum();
        let between: f64 =
            self.phases.iter().map(|phase| phase.weight * (phase.mean - mean) * (phase.mean - mean)).sum();
        (mean, within + between)
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        let choice = rng.uniform();
        let mean = self.phases.iter().find(|phase| choice <= phase.cumulative).map_or(0.0, |phase| phase.mean);
        mean * exponential::standard(rng)
    }

    /// Exact: draws the phase from its posterior weights, then a fresh exponential, which has no memory.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let mut left = rng.uniform() * self.posterior(elapsed).map(|(_, weight)| weight).sum::<f64>();
        let mut chosen = 0.0;
        for (mean, weight) in self.posterior(elapsed) {
            chosen = mean;
            left -= weight;
            if left <= 0.0 {
                break;
            }
        }
        chosen * exponential::standard(rng)
    }

    /// Every phase's mean and its weight given survival, relative to the longest phase so that not all underflow.
    fn posterior(&self, elapsed: f64) -> impl Iterator<Item = (f64, f64)> {
        let longest = self.phases.first().map_or(0.0, |phase| elapsed / phase.mean);
        self.phases.iter().map(move |phase| (phase.mean, phase.weight * libm::exp(longest - elapsed / phase.mean)))
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { phases: self.phases.iter().map(|phase| Phase { mean: phase.mean * factor, ..*phase }).collect() }
    }
}
