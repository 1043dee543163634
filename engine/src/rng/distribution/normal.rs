//! The standard normal law: distribution function and quantile.
//!
//! Source of the quantile: Wichura, Algorithm AS 241: The Percentage Points of the Normal Distribution, Applied
//! Statistics 37 (1988), routine PPND16, with relative error about 1e-16 for probabilities down to 1e-316.

use std::f64::consts::FRAC_1_SQRT_2;

/// A ratio of two polynomials of degree seven, coefficients from the constant term upward.
struct Ratio {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

/// The chance that a standard normal is at most `z`; accurate relative to itself far into the lower tail.
#[inline]
pub(super) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The `z` that a standard normal stays below with chance `p`; infinite at 0 and 1.
#[inline]
pub(super) fn quantile(p: f64) -> f64 {
    let centred = p - 0.5;
    if centred.abs() <= 0.425 {
        return centred * CENTRE.at(0.180_625 - centred * centred);
    }
    let z = upper_tail(if centred < 0.0 { p } else { 1.0 - p });
    if centred < 0.0 { -z } else { z }
}

/// The `z` that a standard normal exceeds with chance `tail`, below 0.075.
fn upper_tail(tail: f64) -> f64 {
    let root = (-libm::log(tail)).sqrt();
    if root <= 5.0 {
        TAIL.at(root - 1.6)
    } else if root < f64::INFINITY {
        FAR_TAIL.at(root - 5.0)
    } else {
        f64::INFINITY
    }
}

impl Ratio {
    #[inline]
    fn at(&self, x: f64) -> f64 {
        polynomial(&self.numerator, x) / polynomial(&self.denominator, x)
    }
}

/// By Estrin's scheme: its terms do not wait for each other, as those of Horner's do.
#[inline]
fn polynomial(coefficients: &[f64; 8], x: f64) -> f64 {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *coefficients;
    let square = x * x;
    let low = (c0 + c1 * x) + (c2 + c3 * x) * square;
    let high = (c4 + c5 * x) + (c6 + c7 * x) * square;
    low + high * (square * square)
}

/// Probabilities from 0.075 to 0.925.
const CENTRE: Ratio = Ratio {
    numerator: [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    denominator: [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
};

/// Tails down to exp(-25).
const TAIL: Ratio = Ratio {
    numerator: [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        0.000_774_545_014_278_341_4,
    ],
    denominator: [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        0.000_547_593_808_499_534_5,
        1.050_750_071_644_416_9e-09,
    ],
};

/// Tails below exp(-25).
const FAR_TAIL: Ratio = Ratio {
    numerator: [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        0.001_242_660_947_388_078_4,
        2.711_555_568_743_487_6e-05,
        2.010_334_399_292_288_1e-07,
    ],
    denominator: [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        0.000_786_869_131_145_613_3,
        1.846_318_317_510_054_8e-05,
        1.421_511_758_316_446e-07,
        2.044_263_103_389_939_7e-15,
    ],
};
