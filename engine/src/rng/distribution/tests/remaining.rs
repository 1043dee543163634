//! What remains is distributed as the draw minus the elapsed, given that the draw exceeds it.

use super::{cases, nth_rng};
use crate::rng::Distribution;
use crate::rng::tests::goodness::{KOLMOGOROV_BOUND, Z_BOUND, chi_square_z, kolmogorov, kolmogorov_of_two};
use crate::units::SimDuration;

const DRAWS: u64 = 20_000;

fn remainders(law: &Distribution, elapsed: f64, n: u64) -> Vec<f64> {
    (0..n).map(|index| law.remaining(elapsed, &mut nth_rng(index))).collect()
}

/// Draws until `n` exceed `elapsed`, and what exceeds it.
fn conditioned(law: &Distribution, elapsed: f64, n: usize) -> Vec<f64> {
    let excess = (1_000_000..).map(|index| law.sample(&mut nth_rng(index)) - elapsed);
    excess.filter(|&excess| excess > 0.0).take(n).collect()
}

#[test]
fn an_exponential_has_no_memory() {
    let law = Distribution::exponential(5e6).expect("allowed");
    for index in 0..1000 {
        let fresh = law.sample(&mut nth_rng(index));
        assert_eq!(law.remaining(7e7, &mut nth_rng(index)), fresh);
    }
}

#[test]
fn a_lognormal_remainder_is_that_of_brute_force() {
    let law = Distribution::lognormal(20.0, 0.8).expect("allowed");
    for elapsed in [5.0, 20.0, 60.0] {
        let mut brute = conditioned(&law, elapsed, 3 * DRAWS as usize);
        let distance = kolmogorov_of_two(&mut remainders(&law, elapsed, 3 * DRAWS), &mut brute);
        assert!(distance < KOLMOGOROV_BOUND, "after {elapsed}: distance {distance}");
        let off = kolmogorov_of_two(&mut remainders(&law.scaled(1.1), elapsed, 3 * DRAWS), &mut brute);
        assert!(off > KOLMOGOROV_BOUND, "control after {elapsed}: distance {off}");
    }
}

#[test]
fn every_remainder_follows_the_conditional_distribution_function() {
    for case in cases::all() {
        let sd = case.variance().sqrt();
        for elapsed in [0.0, 0.3, 1.0, 1.6].map(|times| times * case.raw[0]).into_iter().chain([case.raw[0] + 3.0 * sd])
        {
            let survival = 1.0 - (case.cdf)(elapsed);
            if survival < 1e-5 {
                continue;
            }
            let conditional = |x: f64| 1.0 - (1.0 - (case.cdf)(elapsed + x)) / survival;
            let distance = kolmogorov(&mut remainders(&case.law, elapsed, DRAWS), conditional);
            assert!(distance < KOLMOGOROV_BOUND, "{} after {elapsed}: distance {distance}", case.name);
        }
    }
}

/// The control for the test above, after the mean: the remainder of a law a tenth off is refused.
#[test]
fn a_remainder_of_a_law_ten_percent_off_is_noticed() {
    for case in cases::all().into_iter().filter(|case| case.name.starts_with("gamma") || case.name.starts_with("erl")) {
        let survival = 1.0 - (case.cdf)(case.raw[0]);
        let conditional = |x: f64| 1.0 - (1.0 - (case.cdf)(case.raw[0] + x)) / survival;
        let distance = kolmogorov(&mut remainders(&case.wrong[case.wrong.len() - 1], case.raw[0], DRAWS), conditional);
        assert!(distance > KOLMOGOROV_BOUND, "{}: distance {distance}", case.name);
    }
}

#[test]
fn an_empirical_remainder_keeps_the_weights_above() {
    let law = Distribution::empirical(&[(1.0, 5.0), (2.0, 1.0), (3.0, 2.0), (10.0, 1.0)]).expect("allowed");
    let mut counts = [0; 3];
    for draw in remainders(&law, 1.5, DRAWS) {
        counts[[0.5, 1.5, 8.5].iter().position(|&value| value == draw).expect("a value above")] += 1;
    }
    assert!(chi_square_z(&counts, |i| [0.25, 0.5, 0.25][i]) < Z_BOUND);
    assert!(remainders(&law, 3.0, 100).iter().all(|&draw| draw == 7.0), "a value that has passed is out");
    assert!(remainders(&law, 10.0, 100).iter().all(|&draw| draw == 0.0));
}

#[test]
fn what_cannot_last_longer_ends_now() {
    let laws = [
        Distribution::constant(5.0),
        Distribution::uniform(1.0, 5.0),
        Distribution::bounded_pareto(1.5, 1.0, 5.0),
        Distribution::truncated_normal(4.0, 1.0, 1.0, 5.0),
        Distribution::empirical(&[(1.0, 1.0), (5.0, 1.0)]),
    ];
    for law in laws.map(|law| law.expect("allowed")) {
        for elapsed in [5.0, 6.0, 1e18] {
            assert!(remainders(&law, elapsed, 100).iter().all(|&draw| draw == 0.0), "{law:?} after {elapsed}");
        }
        assert!(remainders(&law, 4.9, 100).iter().all(|&draw| (0.0..=0.1 + 1e-12).contains(&draw)), "{law:?}");
    }
    let constant = Distribution::constant(5e6).expect("allowed");
    let left = constant.remaining_duration(SimDuration::from_millis(2), &mut nth_rng(0));
    assert_eq!(left, SimDuration::from_millis(3));
}

/// Far beyond what happens by chance the tail of a normal is exponential with rate z: the mean excess is sd / z.
#[test]
fn a_remainder_far_out_is_a_number_of_the_right_size() {
    let normal = Distribution::truncated_normal(100.0, 1.0, 0.0, f64::INFINITY).expect("allowed");
    for elapsed in [125.0, 140.0, 1000.0] {
        let expected = 1.0 / (elapsed - 100.0);
        let sample = remainders(&normal, elapsed, DRAWS);
        let mean = sample.iter().sum::<f64>() / DRAWS as f64;
        assert!((mean / expected - 1.0).abs() < 0.04, "after {elapsed}: {mean} against {expected}");
    }
    let bounded = Distribution::truncated_normal(1.0, 0.01, 0.0, 100.0).expect("allowed");
    assert!(remainders(&bounded, 50.0, 100).iter().all(|&draw| draw < 1e-3));
    // The hazard of a lognormal at x is z / (sigma x) in the limit.
    let lognormal = Distribution::lognormal(1.0, 0.1).expect("allowed");
    let sigma = libm::log(1.01).sqrt();
    for z in [25.0, 29.9, 30.1, 60.0] {
        let elapsed = libm::exp(sigma * z) / 1.01_f64.sqrt();
        let sample = remainders(&lognormal, elapsed, DRAWS);
        let mean = sample.iter().sum::<f64>() / DRAWS as f64;
        assert!((mean / (elapsed * sigma / z) - 1.0).abs() < 0.04, "at z {z}: {mean}");
    }
}

#[test]
fn a_remainder_is_never_negative_or_lost() {
    let laws = [
        Distribution::gamma(1e-6, 1.0),
        Distribution::gamma(1e6, 1.0),
        Distribution::weibull(1000.0, 3.0),
        Distribution::weibull(0.1, 3.0),
        Distribution::erlang(1000, 1.0),
        Distribution::hyperexponential_by_cv(1.0, 1000.0),
        Distribution::bounded_pareto(1e-3, 1e-9, 1e18),
        Distribution::lognormal(1e18, 1000.0),
    ];
    for law in laws.map(|law| law.expect("allowed")) {
        for elapsed in [-1.0, f64::NAN, 0.0, 1e-300, 1e-3, 1.0, 1e3, 1e9, 1e18, 1.8e19] {
            let sample = remainders(&law, elapsed, 50);
            assert!(sample.iter().all(|draw| *draw >= 0.0 && draw.is_finite()), "{law:?} after {elapsed}: {sample:?}");
        }
    }
}
