//! Means over worlds, with the interval in which they lie.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// A mean that was estimated, in the unit of what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Half the width of its 95 % interval; infinite where nothing is known of how far samples vary.
    pub half_width: f64,
}

/// How two options stand to each other, held against a difference that does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The interval lies within what does not matter.
    TossUp,
    /// The first loses less.
    Better,
    /// The first loses more.
    Worse,
    /// The interval is wider than what does not matter.
    Undetermined,
}

impl Estimate {
    /// The mean over worlds of these weights, each with its own samples: stratified, with as many degrees of freedom as Welch and
    /// Satterthwaite give it (Satterthwaite, An approximate distribution of estimates of variance components, 1946). Worlds of weight
    /// 0 need no samples.
    #[must_use]
    pub fn stratified(worlds: &[(f64, &[f64])]) -> Self {
        let (mut mean, mut variance, mut fourth, mut known) = (0.0, 0.0, 0.0, true);
        for (weight, samples) in worlds.iter().filter(|(weight, _)| *weight > 0.0) {
            let count = samples.len() as f64;
            if samples.is_empty() {
                return Self { mean: f64::NAN, half_width: f64::INFINITY };
            }
            let (own_mean, own_variance) = moments(samples);
            mean += weight * own_mean;
            known &= samples.len() > 1;
            let part = weight * weight * own_variance / count;
            variance += part;
            fourth += part * part / (count - 1.0).max(1.0);
        }
        let half_width = match (known, variance > 0.0) {
            (false, _) => f64::INFINITY,
            (true, false) => 0.0,
            (true, true) => quantile(variance * variance / fourth) * libm::sqrt(variance),
        };
        Self { mean, half_width }
    }

    /// How the difference of a first option's loss and a second one's stands to a difference that does not matter.
    #[must_use]
    pub fn standing(&self, does_not_matter: f64) -> Standing {
        let Self { mean, half_width } = *self;
        if mean.abs() + half_width <= does_not_matter {
            Standing::TossUp
        } else if half_width > does_not_matter || mean.is_nan() {
            Standing::Undetermined
        } else if mean < 0.0 {
            Standing::Better
        } else {
            Standing::Worse
        }
    }
}

/// The mean and the variance (by n - 1; 0 of a single one).
pub(super) fn moments(samples: &[f64]) -> (f64, f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let squares: f64 = samples.iter().map(|sample| (sample - mean) * (sample - mean)).sum();
    (mean, squares / (count - 1.0).max(1.0))
}

/// The 97.5 % quantile of Student's distribution, rounded so that no platform's logarithm reaches a score.
fn quantile(degrees: f64) -> f64 {
    let exact = StudentsT::new(0.0, 1.0, degrees.max(1.0)).map_or(f64::INFINITY, |law| law.inverse_cdf(0.975));
    libm::round(exact * 1e6) / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_world_is_the_interval_of_a_mean() {
        // The first ten of Student's sleep data (1908): mean 0.75, s 1.78901, t 2.262157 with 9 degrees of freedom.
        let extra = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let Estimate { mean, half_width } = Estimate::stratified(&[(1.0, &extra)]);
        assert!((mean - 0.75).abs() < 1e-12);
        assert!((half_width - 2.262_157 * 1.789_010 / 10f64.sqrt()).abs() < 1e-5, "{half_width}");
    }

    #[test]
    fn worlds_count_by_their_weight() {
        let worlds = [(0.25, &[4.0, 8.0][..]), (0.75, &[1.0, 1.0, 1.0][..]), (0.0, &[][..])];
        let Estimate { mean, half_width } = Estimate::stratified(&worlds);
        assert!((mean - (0.25 * 6.0 + 0.75)).abs() < 1e-12);
        // The first alone varies: 0.25 of a standard error of 2, by one degree of freedom.
        assert!((half_width - 12.706_205 * 0.25 * 2.0).abs() < 1e-4, "{half_width}");
    }

    #[test]
    fn what_is_not_known_is_not_certain() {
        assert_eq!(Estimate::stratified(&[(1.0, &[3.0])]).half_width, f64::INFINITY);
        assert!(Estimate::stratified(&[(0.5, &[3.0, 3.0]), (0.5, &[])]).mean.is_nan());
        let certain = Estimate::stratified(&[(1.0, &[3.0, 3.0])]);
        assert_eq!((certain.mean, certain.half_width), (3.0, 0.0));
    }

    #[test]
    fn what_does_not_matter_is_a_toss_up_and_what_is_too_wide_is_open() {
        let standing = |mean: f64, half_width: f64| Estimate { mean, half_width }.standing(5.0);
        assert_eq!(standing(1.0, 4.0), Standing::TossUp);
        assert_eq!(standing(1.0, 4.5), Standing::Worse);
        assert_eq!(standing(-9.0, 4.5), Standing::Better);
        assert_eq!(standing(60.0, 5.5), Standing::Undetermined);
        assert_eq!(Estimate::stratified(&[(1.0, &[])]).standing(5.0), Standing::Undetermined);
    }
}
