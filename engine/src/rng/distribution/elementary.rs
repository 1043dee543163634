//! The logarithm of a uniform draw and powers of two: most draws take one of them, and they have to be fast.
//!
//! Both go by table (Tang: Table-Driven Implementation of the Logarithm Function in IEEE Floating-Point Arithmetic, ACM
//! Transactions on Mathematical Software 16, 1990, and of the Exponential Function, 15, 1989), with a short series for
//! what is left. Only `+ - * /` are used, so that the bits are the same everywhere.

use std::f64::consts::LN_2;

const INDEX_BITS: u32 = 8;
const MANTISSA_BITS: u32 = 52;
const EXPONENT_BIAS: i64 = 1023;
const ONE: u64 = (EXPONENT_BIAS as u64) << MANTISSA_BITS;

/// The middle of an interval, as what is needed of it.
#[derive(Clone, Copy)]
struct Middle {
    reciprocal: f64,
    logarithm: f64,
}

static MIDDLES: [Middle; 1 << INDEX_BITS] = middles();

/// -ln(`uniform`): the number is 2^k m with 1 <= m < 2, m is near the middle c of one of 256 intervals, and ln(m / c) is a
/// short series. For a normal number in (0, 1); the absolute error is below 1e-15.
#[inline]
pub(crate) fn minus_ln(uniform: f64) -> f64 {
    let bits = uniform.to_bits();
    let exponent = (bits >> MANTISSA_BITS) as i64 - EXPONENT_BIAS;
    let mantissa = f64::from_bits(bits & ((1 << MANTISSA_BITS) - 1) | ONE);
    let middle = MIDDLES[(bits >> (MANTISSA_BITS - INDEX_BITS)) as usize % MIDDLES.len()];
    let x = mantissa * middle.reciprocal - 1.0;
    let square = x * x;
    // ln(1 + x) - x, to the fifth power: |x| is at most 1/512, so the sixth is below 1e-17.
    let bend = square * ((0.5 - x * (1.0 / 3.0)) + square * (0.25 - x * 0.2));
    (bend - x) - (exponent as f64 * LN_2 + middle.logarithm)
}

const POWER_BITS: u32 = 6;
/// How many steps double a power of two: exact in every product and quotient.
pub(super) const STEPS: f64 = (1 << POWER_BITS) as f64;
/// Adding this to a number below 2^51 leaves its nearest integer in the lowest bits.
const ROUNDER: f64 = 1.5 * (1u64 << MANTISSA_BITS) as f64;
/// Beyond this the result nears the ends of the range of numbers.
const FAR: f64 = 1000.0;

static POWERS: [f64; 1 << POWER_BITS] = powers();

/// 2^`x`, with a relative error below 1e-15.
#[inline]
pub(super) fn power_of_two(x: f64) -> f64 {
    power_in_steps(x * STEPS)
}

/// 2^(`x` / [`STEPS`]), with a relative error below 1e-15. Whoever multiplies anyway may as well do so in steps.
#[inline]
pub(super) fn power_in_steps(x: f64) -> f64 {
    if x.abs() > FAR * STEPS {
        return libm::exp2(x / STEPS);
    }
    let rounded = x + ROUNDER;
    let steps = rounded.to_bits();
    let rest = (x - (rounded - ROUNDER)) * (LN_2 / STEPS);
    let square = rest * rest;
    // e^rest - 1, to the fifth power: |rest| is at most ln 2 / 128, so the sixth is below 4e-17.
    let growth = rest + square * ((0.5 + rest * (1.0 / 6.0)) + square * (1.0 / 24.0 + rest * (1.0 / 120.0)));
    let power = POWERS[steps as usize % POWERS.len()];
    let scaled = power + power * growth;
    f64::from_bits(scaled.to_bits().wrapping_add(steps >> POWER_BITS << MANTISSA_BITS))
}

const fn powers() -> [f64; 1 << POWER_BITS] {
    let mut powers = [1.0; 1 << POWER_BITS];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = exp_by_series(index as f64 / STEPS * LN_2);
        index += 1;
    }
    powers
}

/// e^x by Horner's scheme from the thirtieth power down; for x from 0 to 1.
const fn exp_by_series(x: f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 30;
    while term > 0 {
        sum = 1.0 + x / term as f64 * sum;
        term -= 1;
    }
    sum
}

const fn middles() -> [Middle; 1 << INDEX_BITS] {
    let mut middles = [Middle { reciprocal: 1.0, logarithm: 0.0 }; 1 << INDEX_BITS];
    let mut index = 0;
    while index < middles.len() {
        let middle = 1.0 + (index as f64 + 0.5) / middles.len() as f64;
        middles[index] = Middle { reciprocal: 1.0 / middle, logarithm: ln_by_series(middle) };
        index += 1;
    }
    middles
}

/// ln c = 2 artanh((c - 1) / (c + 1)), from the smallest term up; for c from 1 to 2.
const fn ln_by_series(c: f64) -> f64 {
    let y = (c - 1.0) / (c + 1.0);
    let mut sum = 0.0;
    let mut power = 41;
    while power > 0 {
        sum = sum * y * y + 1.0 / power as f64;
        power -= 2;
    }
    2.0 * y * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Key, unit};

    #[test]
    fn agrees_with_libm_over_all_magnitudes() {
        let mut rng = Key::new(3).rng(0);
        let edges = [unit(0), unit(u64::MAX), 0.5, 0.25, 1.0 - 1e-9, 0.5 + 1e-15, 0.5 - 1e-15];
        let random = (0..100_000).map(|draw| unit(rng.next_bits() >> (draw % 50)));
        for uniform in random.chain(edges) {
            let (ours, theirs) = (minus_ln(uniform), -libm::log(uniform));
            assert!((ours - theirs).abs() <= 1e-15 * theirs.max(1.0), "{uniform}: {ours} instead of {theirs}");
            assert!(ours > 0.0, "{uniform}");
        }
    }

    #[test]
    fn powers_of_two_agree_with_libm() {
        let mut rng = Key::new(5).rng(0);
        let random = (0..100_000).map(|draw| (rng.uniform() - 0.5) * f64::from(1u32 << (draw % 12)));
        for x in random.chain([0.0, 1.0, -1.0, 0.5, 999.9, -999.9, 1023.0, -1074.0, -2000.0, 2000.0]) {
            let (ours, theirs) = (power_of_two(x), libm::exp2(x));
            assert!(ours == theirs || (ours / theirs - 1.0).abs() <= 1e-15, "2^{x}: {ours} instead of {theirs}");
        }
    }
}
