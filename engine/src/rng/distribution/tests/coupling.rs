//! Common luck, scaling, snapshots, and the normal quantile that much of it stands on.

use super::super::normal;
use super::{cases, draws, nth_rng};
use crate::rng::{Distribution, Key, KeyedRng};

fn one_uniform_laws() -> Vec<Distribution> {
    [
        Distribution::uniform(1.0, 3.0),
        Distribution::exponential(2.0),
        Distribution::lognormal(2.0, 0.8),
        Distribution::weibull(1.5, 2.0),
        Distribution::bounded_pareto(1.5, 1.0, 30.0),
        Distribution::truncated_normal(2.0, 1.0, 0.0, 5.0),
        Distribution::truncated_normal(9.0, 2.0, 0.0, 5.0),
        Distribution::empirical(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]),
    ]
    .map(|law| law.expect("allowed"))
    .to_vec()
}

/// Under one luck, what is a long draw of one family is a long draw of every other.
#[test]
fn a_small_uniform_is_a_long_draw_in_every_family() {
    let mut order: Vec<u64> = (0..2000).collect();
    order.sort_by(|&a, &b| nth_rng(b).uniform().total_cmp(&nth_rng(a).uniform()));
    for law in one_uniform_laws() {
        let sample: Vec<f64> = order.iter().map(|&index| law.sample(&mut nth_rng(index))).collect();
        assert!(sample.is_sorted(), "{law:?}");
        assert!(sample[0] < sample[1999], "{law:?}");
    }
}

fn bits_taken(law: &Distribution, rng: &KeyedRng) -> Option<usize> {
    let mut used = rng.clone();
    law.sample(&mut used);
    let next = used.next_bits();
    let mut fresh = rng.clone();
    (0..2000).position(|_| fresh.next_bits() == next)
}

#[test]
fn draws_take_as_many_uniforms_as_documented() {
    for law in one_uniform_laws() {
        assert_eq!(bits_taken(&law, &nth_rng(3)), Some(1), "{law:?}");
    }
    let taken = |law: Result<Distribution, _>| bits_taken(&law.expect("allowed"), &nth_rng(3));
    assert_eq!(taken(Distribution::constant(1.0)), Some(0));
    assert_eq!(taken(Distribution::erlang(37, 1.0)), Some(37));
    assert_eq!(taken(Distribution::hyperexponential_by_cv(1.0, 2.0)), Some(2));
}

#[test]
fn a_scaled_law_is_the_law_of_the_scaled_draw() {
    for case in cases::all() {
        for factor in [0.25, 1.0, 3.7] {
            let scaled = case.law.scaled(factor);
            let relative = |a: f64, b: f64| (a / b - 1.0).abs();
            assert!(relative(scaled.mean(), factor * case.law.mean()) < 1e-14, "{}", case.name);
            assert!(relative(scaled.variance(), factor * factor * case.law.variance()) < 1e-14, "{}", case.name);
            for (a, b) in draws(&scaled, 200).into_iter().zip(draws(&case.law, 200)) {
                assert!(relative(a, factor * b) < 1e-12, "{} times {factor}: {a} against {b}", case.name);
            }
            let elapsed = case.law.mean();
            let (a, b) =
                (scaled.remaining(factor * elapsed, &mut nth_rng(9)), case.law.remaining(elapsed, &mut nth_rng(9)));
            assert!((a - factor * b).abs() < 1e-9 * scaled.mean(), "{} times {factor}: {a} against {b}", case.name);
        }
        assert_eq!(case.law.scaled(1.0), case.law, "{}", case.name);
        assert_eq!(case.law.scaled(0.0), Distribution::constant(0.0).expect("allowed"));
    }
}

#[test]
fn a_scaled_mean_stays_within_the_limits() {
    let law = Distribution::lognormal(1e9, 1.0).expect("allowed");
    assert_eq!(law.scaled(1e300).mean(), 1e18);
    assert!((law.scaled(1e300).variance() / 1e36 - 1.0).abs() < 1e-12);
    assert_eq!(law.scaled(1e-300).variance(), 0.0);
}

#[test]
#[should_panic(expected = "it must be finite and not negative")]
fn a_negative_factor_is_a_programming_error() {
    let _ = Distribution::exponential(1.0).expect("allowed").scaled(-1.0);
}

#[test]
fn a_snapshot_brings_back_the_same_law() {
    let mut laws: Vec<Distribution> = cases::all().into_iter().map(|case| case.law).collect();
    laws.extend(one_uniform_laws());
    laws.push(Distribution::constant(5.0).expect("allowed"));
    for law in laws {
        let bytes = postcard::to_allocvec(&law).expect("serialises");
        let back: Distribution = postcard::from_bytes(&bytes).expect("deserialises");
        assert_eq!(back, law);
    }
}

#[test]
fn a_key_gives_the_same_draws_however_often_it_is_asked() {
    let law = Distribution::gamma(0.5, 2.0).expect("allowed");
    let first: Vec<f64> = (0..100).map(|site| law.sample(&mut Key::new(5).rng(site))).collect();
    let again: Vec<f64> = (0..100).rev().map(|site| law.sample(&mut Key::new(5).rng(site))).rev().collect();
    assert_eq!(first, again);
}

/// Reference values from 40-digit arithmetic: Newton's method on the logarithm of erfc(-z / sqrt 2) / 2.
#[test]
fn the_normal_quantile_is_exact_to_rounding() {
    let known = [
        (1e-300, -37.047_096_299_361_2),
        (1e-100, -21.273_453_560_965_324),
        (1e-20, -9.262_340_089_798_408),
        (1e-10, -6.361_340_902_404_056),
        (1e-3, -3.090_232_306_167_813_5),
        (0.02, -2.053_748_910_631_823),
        (0.07, -1.475_791_028_179_170_7),
        (0.08, -1.405_071_560_309_632_5),
        (0.2, -0.841_621_233_572_914_2),
        (0.4, -0.253_347_103_135_799_7),
    ];
    for (p, z) in known {
        assert!((normal::quantile(p) / z - 1.0).abs() < 2e-15, "{p}: {}", normal::quantile(p));
        if p > 1e-3 {
            assert!((normal::quantile(1.0 - p) + z).abs() < 1e-14, "1 - {p}");
        }
    }
    assert_eq!(normal::quantile(0.5), 0.0);
    assert_eq!((normal::quantile(0.0), normal::quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
}

#[test]
fn the_normal_distribution_function_is_exact_far_into_the_tail() {
    let known = [
        (-37.0, 5.725_571_222_524_577e-300),
        (-10.0, 7.619_853_024_160_526e-24),
        (-1.0, 0.158_655_253_931_457_05),
        (0.7, 0.758_036_347_776_927),
        (3.0, 0.998_650_101_968_369_9),
    ];
    for (z, p) in known {
        // The rounding of z / sqrt 2 is amplified by z^2.
        let tolerance = 1e-15 + 2e-16 * z * z;
        assert!((normal::cdf(z) / p - 1.0).abs() < tolerance, "{z}: {:e}", normal::cdf(z));
    }
}
