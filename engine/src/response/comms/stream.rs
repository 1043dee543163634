//! Things that happen now and then, at a rate that changes: a Poisson process in operational time.

use serde::{Deserialize, Serialize};

use crate::response::people::Fate;

/// The most that is expected at a time; beyond it nobody counts any more.
const MOST: f64 = 10_000.0;

/// How many have happened, and how much expectation passes until the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    count: u64,
    /// The expectation that is left until the next one; `None` before anything could have happened.
    left: Option<f64>,
}

impl Stream {
    /// So much expectation passes. Returns how many have happened in it. The gaps depend on luck alone, so that branches with
    /// different rates stay in step.
    pub(super) fn pass(&mut self, expected: f64, fate: Fate, purpose: &str) -> u64 {
        if expected <= 0.0 {
            return 0;
        }
        let before = self.count;
        let mut passes = expected.min(MOST);
        loop {
            let left = self.left.unwrap_or_else(|| fate.gap(purpose, self.count));
            if passes < left {
                self.left = Some(left - passes);
                return self.count - before;
            }
            passes -= left;
            self.count += 1;
            self.left = None;
        }
    }

    /// Another luck is in force: the gap to the next one is drawn again, which has no memory of how long it has been.
    pub(super) const fn redraw(&mut self) {
        self.left = None;
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_poisson() {
        // In a thousand stretches of 4 expected each: mean and variance are 4, to five standard errors.
        let counts: Vec<f64> = (0..1_000)
            .map(|seed| {
                let (mut stream, fate) = (Stream::default(), Fate { seed, salt: 0 });
                (0..100).map(|_| stream.pass(0.04, fate, "test")).sum::<u64>() as f64
            })
            .collect();
        let mean = counts.iter().sum::<f64>() / 1e3;
        let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 999.0;
        assert!((mean - 4.0).abs() < 0.32, "{mean}");
        assert!((variance - 4.0).abs() < 1.0, "{variance}");
    }

    #[test]
    fn the_pace_does_not_change_the_luck() {
        let fate = Fate { seed: 3, salt: 0 };
        let (mut slow, mut fast) = (Stream::default(), Stream::default());
        let slowly: u64 = (0..400).map(|_| slow.pass(0.25, fate, "test")).sum();
        let fastly: u64 = (0..10).map(|_| fast.pass(10.0, fate, "test")).sum();
        assert_eq!(slowly, fastly);
        assert_eq!((slow.count(), fast.count()), (slowly, fastly));
        assert!(slowly > 50);
    }
}
