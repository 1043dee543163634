//! Draws have the moments and the distribution function they should, and the tests would notice if not.

use super::cases;
use super::draws;
use crate::rng::Distribution;
use crate::rng::tests::goodness::{KOLMOGOROV_BOUND, Z_BOUND, chi_square_z, kolmogorov, moments};

const DRAWS: u64 = 400_000;

fn assert_close(value: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((value - expected).abs() <= tolerance * expected.abs(), "{what}: {value} against {expected}");
}

#[test]
fn moments_are_those_of_the_textbook() {
    for case in cases::all() {
        assert_close(case.law.mean(), case.raw[0], 1e-9, &format!("mean of {}", case.name));
        // The textbook's raw moments cancel where the cv is small.
        let tolerance = 1e-9 + 1e-10 * case.raw[1] / case.variance();
        assert_close(case.law.variance(), case.variance(), tolerance, &format!("variance of {}", case.name));
        assert_close(case.law.cv2(), case.variance() / case.raw[0] / case.raw[0], tolerance, &case.name);
    }
}

#[test]
fn draws_fit_their_moments_and_distribution_function() {
    for case in cases::all() {
        let mut sample = draws(&case.law, DRAWS);
        let (mean, variance) = moments(&sample);
        let (n, expected) = (DRAWS as f64, case.law.variance());
        let mean_z = (mean - case.law.mean()) / (expected / n).sqrt();
        let variance_z = (variance - expected) / ((case.fourth_central() - expected * expected) / n).sqrt();
        let distance = kolmogorov(&mut sample, &case.cdf);
        assert!(mean_z.abs() < Z_BOUND, "mean of {}: z {mean_z}", case.name);
        assert!(variance_z.abs() < Z_BOUND, "variance of {}: z {variance_z}", case.name);
        assert!(distance < KOLMOGOROV_BOUND, "{}: distance {distance}", case.name);
    }
}

/// The control: with one parameter a tenth off, the fit is refused.
#[test]
fn a_parameter_ten_percent_off_is_noticed() {
    for case in cases::all() {
        for (index, wrong) in case.wrong.iter().enumerate() {
            let distance = kolmogorov(&mut draws(wrong, DRAWS), &case.cdf);
            assert!(distance > KOLMOGOROV_BOUND, "wrong variant {index} of {}: distance {distance}", case.name);
        }
    }
}

#[test]
fn a_wrong_shape_of_a_pareto_is_noticed() {
    let law = Distribution::bounded_pareto(1.5, 1.0, 100.0).expect("allowed");
    let right = |x: f64| (1.0 - libm::pow(x, -1.5)) / (1.0 - libm::pow(100.0, -1.5));
    let wrong = |x: f64| (1.0 - libm::pow(x, -1.65)) / (1.0 - libm::pow(100.0, -1.65));
    assert!(kolmogorov(&mut draws(&law, DRAWS), right) < KOLMOGOROV_BOUND);
    assert!(kolmogorov(&mut draws(&law, DRAWS), wrong) > KOLMOGOROV_BOUND);
}

#[test]
fn an_empirical_law_draws_its_values_by_weight() {
    let pairs = [(5.0, 1.0), (0.0, 2.0), (40.0, 0.5), (7.0, 6.5)];
    let law = Distribution::empirical(&pairs).expect("allowed");
    assert_close(law.mean(), (5.0 + 0.0 + 20.0 + 45.5) / 10.0, 1e-12, "mean");
    let square = (25.0 + 0.0 + 800.0 + 318.5) / 10.0;
    assert_close(law.variance(), square - law.mean() * law.mean(), 1e-12, "variance");
    let mut counts = [0; 4];
    for draw in draws(&law, DRAWS) {
        counts[pairs.iter().position(|pair| pair.0 == draw).expect("one of the values")] += 1;
    }
    assert!(chi_square_z(&counts, |i| pairs[i].1 / 10.0) < Z_BOUND);
    let off = [0.11, 0.19, 0.05, 0.65];
    assert!(chi_square_z(&counts, |i| off[i]) > Z_BOUND, "control: one weight a tenth off");
}

#[test]
fn a_constant_is_what_it_says() {
    let law = Distribution::constant(5e6).expect("allowed");
    assert!(draws(&law, 100).iter().all(|&draw| draw == 5e6));
    assert_eq!((law.mean(), law.variance(), law.cv2()), (5e6, 0.0, 0.0));
    assert_eq!(Distribution::constant(0.0).expect("allowed").cv2(), 0.0);
}

/// Where the textbook's formula for the variance cancels, the law is nearly uniform: width^2 / 12.
#[test]
fn moments_hold_where_the_bounds_are_close_together() {
    let width = 1e-6;
    let laws = [
        Distribution::bounded_pareto(1.5, 1.0, 1.0 + width),
        Distribution::truncated_normal(1.2, 0.5, 1.0, 1.0 + width),
    ];
    for law in laws {
        let law = law.expect("allowed");
        assert_close(law.variance(), width * width / 12.0, 1e-5, &format!("{law:?}"));
        assert_close(law.mean(), 1.0 + width / 2.0, 1e-9, &format!("{law:?}"));
    }
}

/// Both sides of alpha = 1 and alpha = 2, where the closed form divides by zero, approach the value there.
#[test]
fn a_pareto_moment_is_continuous_in_alpha() {
    for alpha in [1.0, 2.0] {
        let at = |alpha| Distribution::bounded_pareto(alpha, 1.0, 1000.0).expect("allowed");
        for near in [alpha * (1.0 - 1e-9), alpha * (1.0 + 1e-9)] {
            assert_close(at(near).mean(), at(alpha).mean(), 1e-7, "mean");
            assert_close(at(near).variance(), at(alpha).variance(), 1e-7, "variance");
        }
    }
}
