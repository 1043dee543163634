//! The empirical law: given values with given weights, and nothing between them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rng::KeyedRng;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Atom {
    value: f64,
    weight: f64,
    /// The chance of this value or a longer one; exactly 1 in the last.
    cumulative: f64,
}

/// Weighted values, found by binary search of the cumulative weights: one uniform, monotone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Empirical {
    /// Longest first. Shared, because forks clone the model and nobody changes it.
    atoms: Arc<[Atom]>,
}

impl Empirical {
    /// The most values: a trace longer than this should be binned.
    pub(super) const MOST_VALUES: usize = 1_000_000;

    /// From pairs of (value, weight); at least one, weights positive with a finite sum.
    pub(super) fn new(pairs: &[(f64, f64)]) -> Self {
        let mut sorted = pairs.to_vec();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let total: f64 = sorted.iter().map(|pair| pair.1).sum();
        let mut cumulative = 0.0;
        let mut atoms: Vec<Atom> = sorted
            .iter()
            .map(|&(value, weight)| {
                cumulative += weight / total;
                Atom { value, weight: weight / total, cumulative }
            })
            .collect();
        if let Some(last) = atoms.last_mut() {
            last.cumulative = 1.0;
        }
        Self { atoms: atoms.into() }
    }

    pub(super) fn moments(&self) -> (f64, f64) {
        let mean: f64 = self.atoms.iter().map(|atom| atom.weight * atom.value).sum();
        (mean, self.atoms.iter().map(|atom| atom.weight * (atom.value - mean) * (atom.value - mean)).sum())
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.reached_with(rng.uniform())
    }

    /// Exact: the values above what has elapsed, with their own weights.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let above = self.atoms.partition_point(|atom| atom.value > elapsed);
        match above.checked_sub(1).and_then(|last| self.atoms.get(last)) {
            Some(last) => self.reached_with(rng.uniform() * last.cumulative) - elapsed,
            None => 0.0,
        }
    }

    #[inline]
    fn reached_with(&self, chance: f64) -> f64 {
        let index = self.atoms.partition_point(|atom| atom.cumulative < chance);
        self.atoms.get(index).map_or(0.0, |atom| atom.value)
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { atoms: self.atoms.iter().map(|atom| Atom { value: atom.value * factor, ..*atom }).collect() }
    }
}
