//! The gamma law: an Erlang whose number of stages need not be whole.
//!
//! Source: Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, ACM TOMS 26 (2000), with normals by
//! inversion. The number of uniforms a draw takes varies (two, or three below shape 1, in 19 of 20 cases), and a draw
//! is monotone in the first of them only while nothing is rejected.

use std::f64::consts::LOG2_E;

use serde::{Deserialize, Serialize};

use super::elementary::power_of_two;
use super::{exponential, normal};
use crate::rng::KeyedRng;

/// A rejection loop gives up after this many rounds and takes what it has. No loop here rejects more than nine rounds
/// in ten, so this is reached with a chance below 1e-45; it bounds the work for parameters out of a damaged snapshot.
const MOST_ROUNDS: u32 = 1000;

/// Density proportional to x^(shape-1) exp(-x/scale).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gamma {
    shape: f64,
    scale: f64,
    /// The shape that the rejection works with (one more where it is below 1), less a third.
    core: f64,
    /// 1 / sqrt(9 `core`).
    slope: f64,
    /// 1 / (`shape` ln 2), because libm raises 2 twice as fast as e.
    octaves: f64,
}

impl Gamma {
    pub(super) fn new(shape: f64, scale: f64) -> Self {
        let core = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self { shape, scale, core, slope: 1.0 / (9.0 * core).sqrt(), octaves: LOG2_E / shape }
    }

    #[inline]
    pub(super) fn sample(&self, rng: &mut KeyedRng) -> f64 {
        self.scale * self.unscaled(rng)
    }

    #[inline]
    fn unscaled(&self, rng: &mut KeyedRng) -> f64 {
        let draw = self.core_draw(rng);
        if self.shape < 1.0 { draw * power_of_two(libm::log(rng.uniform()) * self.octaves) } else { draw }
    }

    #[inline]
    fn core_draw(&self, rng: &mut KeyedRng) -> f64 {
        for _ in 0..MOST_ROUNDS {
            let z = -normal::quantile(rng.uniform());
            let root = 1.0 + self.slope * z;
            if root <= 0.0 {
                continue;
            }
            let (cube, uniform, square) = (root * root * root, rng.uniform(), z * z);
            let squeezed = uniform < 1.0 - 0.0331 * square * square;
            if squeezed || libm::log(uniform) < 0.5 * square + self.core * (1.0 - cube + libm::log(cube)) {
                return self.core * cube;
            }
        }
        self.core
    }

    /// Exact by rejection: from the law itself in its bulk, from an envelope of the tail beyond.
    pub(super) fn remaining(&self, elapsed: f64, rng: &mut KeyedRng) -> f64 {
        let from = elapsed / self.scale;
        let draw = if self.shape < 1.0 {
            self.beyond_falling(from, rng)
        } else if from > self.shape + self.shape.sqrt() {
            self.beyond_in_tail(from, rng)
        } else {
            self.beyond_in_bulk(from, rng)
        };
        self.scale * draw
    }

    /// The excess over `from` where at least a tenth of the law lies above it.
    fn beyond_in_bulk(&self, from: f64, rng: &mut KeyedRng) -> f64 {
        (0..MOST_ROUNDS).map(|_| self.unscaled(rng) - from).find(|&excess| excess > 0.0).unwrap_or(1.0)
    }

    /// The excess over `from`, a shape of at least 1: the tangent to the log density at `from` is an exponential
    /// above it.
    fn beyond_in_tail(&self, from: f64, rng: &mut KeyedRng) -> f64 {
        let power = self.shape - 1.0;
        let rate = 1.0 - power / from;
        accepted(rng, |rng| {
            let excess = exponential::standard(rng) / rate;
            (excess, power * (libm::log1p(excess / from) - excess / from))
        })
    }

    /// The excess over `from`, a shape below 1: the envelope is the power up to 1 and the exponential beyond.
    fn beyond_falling(&self, from: f64, rng: &mut KeyedRng) -> f64 {
        let power = self.shape - 1.0;
        let split = from.max(1.0);
        // Relative to the density's factors, both without the other's: integral of x^power below, of exp(-x) above.
        let below = -libm::expm1(self.shape * libm::log(from / split)) / self.shape;
        let above = libm::exp(-split);
        accepted(rng, |rng| {
            if rng.uniform() * (below + above) < below {
                let value = libm::exp(libm::log1p(-self.shape * below * rng.uniform()) / self.shape);
                (value.max(from) - from, -value)
            } else {
                let value = split + exponential::standard(rng);
                (value - from, power * libm::log(value))
            }
        })
    }

    pub(super) fn scaled(&self, factor: f64) -> Self {
        Self { scale: self.scale * factor, ..*self }
    }
}

/// The first proposal accepted; `propose` gives a value and the logarithm of the chance to accept it.
fn accepted(rng: &mut KeyedRng, mut propose: impl FnMut(&mut KeyedRng) -> (f64, f64)) -> f64 {
    let mut last = 0.0;
    for _ in 0..MOST_ROUNDS {
        let (value, log_chance) = propose(rng);
        last = value;
        if libm::log(rng.uniform()) < log_chance {
            break;
        }
    }
    last
}
