//! Bad parameters are refused with the right kind of error, and allowed extremes give numbers.

use super::draws;
use crate::rng::{Distribution, DistributionError};
use crate::units::SimDuration;

type Built = Result<Distribution, DistributionError>;

const NAN: f64 = f64::NAN;
const INFINITE: f64 = f64::INFINITY;

#[track_caller]
fn refused_for(parameter: &str, results: impl IntoIterator<Item = Built>) {
    for (index, result) in results.into_iter().enumerate() {
        let error = result.expect_err(&format!("{parameter}, number {index}"));
        let DistributionError::Parameter { parameter: named, .. } = &error else {
            panic!("{parameter}, number {index}: {error:?}")
        };
        assert_eq!(*named, parameter, "number {index}");
        assert!(error.to_string().contains(parameter) && error.remedy().contains("allowed"), "{error}");
    }
}

#[test]
fn a_span_must_be_a_positive_number_of_sane_size() {
    let bad = [0.0, -1.0, NAN, INFINITE, -INFINITE, 1.1e18, 1e-10];
    refused_for("mean", bad.map(Distribution::exponential));
    refused_for("mean", bad.map(|mean| Distribution::erlang(2, mean)));
    refused_for("mean", bad.map(|mean| Distribution::hyperexponential(&[(1.0, 2.0), (1.0, mean)])));
    refused_for("mean", bad.map(|mean| Distribution::hyperexponential_by_cv(mean, 2.0)));
    refused_for("mean", bad.map(|mean| Distribution::lognormal(mean, 2.0)));
    refused_for("mean", bad.map(|mean| Distribution::weibull_by_mean(2.0, mean)));
    refused_for("mean", bad.map(|mean| Distribution::gamma_by_cv(mean, 2.0)));
    refused_for("scale", bad.map(|scale| Distribution::weibull(2.0, scale)));
    refused_for("scale", bad.map(|scale| Distribution::gamma(2.0, scale)));
    refused_for("sd", bad.map(|sd| Distribution::truncated_normal(1.0, sd, 0.0, 2.0)));
    refused_for("low", bad.map(|low| Distribution::bounded_pareto(1.0, low, 2.0)));
    refused_for("high", bad.map(|high| Distribution::bounded_pareto(1.0, 1.0, high)));
}

#[test]
fn a_bound_or_value_must_not_be_negative() {
    let bad = [-1.0, -1e-300, NAN, INFINITE, -INFINITE, 1.1e18];
    refused_for("value", bad.map(Distribution::constant));
    refused_for("low", bad.map(|low| Distribution::uniform(low, 2.0)));
    refused_for("high", bad.map(|high| Distribution::uniform(0.0, high)));
    refused_for("low", bad.map(|low| Distribution::truncated_normal(1.0, 1.0, low, 2.0)));
    refused_for("low", bad.map(|low| Distribution::truncated_normal(1.0, 1.0, low, INFINITE)));
    refused_for("high", [NAN, -1.0, 1.1e18].map(|high| Distribution::truncated_normal(1.0, 1.0, 0.0, high)));
    refused_for("mean", [NAN, INFINITE, -1.1e18].map(|mean| Distribution::truncated_normal(mean, 1.0, 0.0, 1.0)));
    refused_for("value", bad.map(|value| Distribution::empirical(&[(1.0, 1.0), (value, 1.0)])));
}

#[test]
fn a_cv_or_shape_must_be_sane() {
    let bad = [0.0, -1.0, NAN, INFINITE, 1001.0, 1e-4];
    refused_for("cv", bad.map(|cv| Distribution::lognormal(1.0, cv)));
    refused_for("cv", bad.map(|cv| Distribution::gamma_by_cv(1.0, cv)));
    refused_for("cv", bad.into_iter().chain([0.99]).map(|cv| Distribution::hyperexponential_by_cv(1.0, cv)));
    refused_for("shape", bad.map(|shape| Distribution::weibull(shape, 1.0)));
    refused_for("shape", bad.map(|shape| Distribution::weibull_by_mean(shape, 1.0)));
    refused_for("alpha", bad.map(|alpha| Distribution::bounded_pareto(alpha, 1.0, 2.0)));
    refused_for("shape", [0.0, -1.0, NAN, INFINITE, 1e-7, 1e7].map(|shape| Distribution::gamma(shape, 1.0)));
    refused_for("stages", [0, 1001, u32::MAX].map(|stages| Distribution::erlang(stages, 1.0)));
}

#[test]
fn a_weight_must_be_positive() {
    let bad = [0.0, -1.0, NAN, INFINITE, f64::MAX];
    refused_for("weight", bad.map(|weight| Distribution::hyperexponential(&[(weight, 1.0), (1.0, 2.0)])));
    refused_for("weight", bad.map(|weight| Distribution::empirical(&[(1.0, 1.0), (2.0, weight)])));
}

#[test]
fn bounds_must_be_in_order() {
    for (low, high) in [(2.0, 1.0), (2.0, 2.0)] {
        for result in [
            Distribution::uniform(low, high),
            Distribution::bounded_pareto(1.0, low, high),
            Distribution::truncated_normal(1.0, 1.0, low, high),
        ] {
            assert!(matches!(result, Err(DistributionError::Bounds { .. })), "{result:?}");
        }
    }
}

#[test]
fn lists_must_have_entries() {
    let too_many = vec![(1.0, 1.0); 65];
    for result in [
        Distribution::empirical(&[]),
        Distribution::hyperexponential(&[]),
        Distribution::hyperexponential(&[(1.0, 1.0)]),
        Distribution::hyperexponential(&too_many),
    ] {
        assert!(matches!(result, Err(DistributionError::Entries { .. })), "{result:?}");
    }
}

#[test]
fn parameters_that_are_bad_only_together_are_refused() {
    let lost = Distribution::truncated_normal(100.0, 1.0, 0.0, 50.0);
    assert!(matches!(lost, Err(DistributionError::NoMass { .. })), "{lost:?}");
    for result in [Distribution::gamma(1e6, 1e13), Distribution::weibull(0.1, 1e18)] {
        assert!(matches!(result, Err(DistributionError::MeanTooLarge { .. })), "{result:?}");
    }
    let rare = Distribution::empirical(&[(0.0, 1e18), (1e18, 1e-9)]);
    for result in [Distribution::weibull(0.06, 1.0), Distribution::bounded_pareto(1.1, 1e-9, 1e18), rare] {
        assert!(matches!(result, Err(DistributionError::TooVariable { .. })), "{result:?}");
    }
}

#[test]
fn an_error_says_what_is_wrong_and_what_would_be_right() {
    let error = Distribution::lognormal(20e6, -0.5).expect_err("negative cv");
    assert_eq!(error.to_string(), "lognormal: cv is -0.5; a number from 0.001 to 1000 is allowed");
    let error = Distribution::exponential(f64::NAN).expect_err("not a number");
    assert_eq!(error.to_string(), "exponential: mean is NaN; a number from 1e-9 to 1e18 is allowed");
    let error = Distribution::uniform(5.0, 2.0).expect_err("order");
    assert_eq!(error.problem(), "uniform: the lower bound 5 is not below the upper bound 2");
}

#[test]
fn allowed_extremes_give_numbers() {
    let laws = [
        Distribution::uniform(0.0, 1e18),
        Distribution::exponential(1e18),
        Distribution::erlang(1000, 1e-9),
        Distribution::hyperexponential_by_cv(1e18, 1000.0),
        Distribution::lognormal(1e18, 1000.0),
        Distribution::lognormal(1e-9, 0.001),
        Distribution::gamma_by_cv(1e18, 1000.0),
        Distribution::gamma_by_cv(1.0, 0.001),
        Distribution::weibull(0.1, 1.0),
        Distribution::weibull(1000.0, 1e18),
        Distribution::bounded_pareto(1e-3, 1e-9, 1e18),
        Distribution::bounded_pareto(1e3, 1e-9, 1e18),
        Distribution::bounded_pareto(1.1, 1e6, 3.6e12),
        Distribution::truncated_normal(-5.9, 1.0, 0.0, INFINITE),
        Distribution::truncated_normal(5.9, 1.0, 0.0, 0.1),
        Distribution::empirical(&[(1e18, 1.0)]),
    ];
    for (index, law) in laws.into_iter().enumerate() {
        let law = law.unwrap_or_else(|error| panic!("number {index}: {error}"));
        let finite = draws(&law, 2000).iter().all(|draw| *draw >= 0.0 && draw.is_finite());
        assert!(finite && law.mean() > 0.0 && law.variance() >= 0.0, "number {index}: {law:?}");
    }
}

#[test]
fn a_span_drawn_is_rounded_and_bounded() {
    let span = |value: f64| Distribution::constant(value).expect("allowed").sample_duration(&mut super::nth_rng(0));
    assert_eq!(span(1.4), SimDuration::from_nanos(1));
    assert_eq!(span(1.6), SimDuration::from_nanos(2));
    let heavy = Distribution::exponential(1e18).expect("allowed");
    let longest = (0..1000).map(|index| heavy.sample_duration(&mut super::nth_rng(index))).max();
    assert_eq!(longest, Some(SimDuration::from_nanos(1_000_000_000_000_000_000)));
}
