//! Simulated means against closed forms: families of checks with simultaneous confidence intervals.
//!
//! A check compares the mean over independent replications with a closed form. A family holds at 99.9 % altogether
//! (Bonferroni over its checks, Student's t). Seeds are fixed, so each family either holds or does not; run lengths are
//! chosen from the theoretical variance of the estimator so that the intervals are as narrow as they must be.

pub(crate) mod closed_forms;
mod erlang;
mod finite;
mod general;
mod networks;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use statrs::distribution::{ContinuousCDF as _, StudentsT};

/// The probability with which a correct simulation fails a family.
const FAMILY_ERROR: f64 = 0.001;

/// How many independent replications a check has, where nothing else is said.
pub(crate) const REPLICATIONS: u64 = 512;

/// A mean over replications and what it should be.
struct Check {
    label: String,
    expected: f64,
    /// The largest half-width of the interval, relative to the expected value.
    precision: f64,
    samples: Vec<f64>,
}

/// Checks that hold together.
pub(crate) struct Family {
    name: &'static str,
    checks: Vec<Check>,
    /// How many checks hold together, those in other parts of the family included.
    size: usize,
}

impl Family {
    pub(crate) fn new(name: &'static str) -> Self {
        Self::part(name, 0)
    }

    /// A part of a family that has so many checks in all.
    pub(crate) fn part(name: &'static str, size: usize) -> Self {
        Self { name, checks: Vec::new(), size }
    }

    /// Adds a check of the mean of `samples`.
    pub(crate) fn check(&mut self, label: String, expected: f64, precision: f64, samples: Vec<f64>) {
        self.checks.push(Check { label, expected, precision, samples });
    }

    /// Every mean must agree with its closed form, and every interval must be narrow.
    #[track_caller]
    pub(crate) fn verify(&self) {
        let mut bad = String::new();
        for check in &self.checks {
            let (mean, half) = self.interval(check);
            let narrow = half <= check.precision * check.expected.abs();
            if !narrow || (mean - check.expected).abs() > half {
                let _ = writeln!(bad, "{}: {mean} +- {half}, theory {}", check.label, check.expected);
            }
        }
        assert!(bad.is_empty(), "{}:\n{bad}", self.name);
    }

    /// The control: this family was simulated with a wrong rate, and each of its checks must notice.
    #[track_caller]
    pub(crate) fn must_fail(&self) {
        for check in &self.checks {
            let (mean, half) = self.interval(check);
            let off = (mean - check.expected).abs();
            assert!(off > half, "{}: {} does not notice a wrong rate: {mean} +- {half}", self.name, check.label);
        }
    }

    fn interval(&self, check: &Check) -> (f64, f64) {
        let n = check.samples.len() as f64;
        let mean = check.samples.iter().sum::<f64>() / n;
        let variance = check.samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        (mean, quantile(self.size.max(self.checks.len()), n) * (variance / n).sqrt())
    }
}

/// Student's quantile for one of so many checks with so many replications.
fn quantile(checks: usize, replications: f64) -> f64 {
    let t = StudentsT::new(0.0, 1.0, replications - 1.0).expect("at least two replications");
    t.inverse_cdf(1.0 - FAMILY_ERROR / 2.0 / checks as f64)
}

/// How many seconds the replications of a check must measure altogether for a half-width of `precision`, with
/// `relative_variance` the asymptotic variance of the estimator over its squared mean, in seconds. What is added allows
/// for an estimated deviation above the true one, by three deviations of the estimate.
pub(crate) fn seconds_altogether(relative_variance: f64, precision: f64, checks: usize, replications: u64) -> f64 {
    let n = replications as f64;
    // A twentieth on top for what a run of finite length adds to the asymptotic variance.
    let quantiles = quantile(checks, n) * (1.0 + 3.0 / (2.0 * n).sqrt()) * 1.05 / precision;
    relative_variance * quantiles * quantiles
}

/// How long each of [`REPLICATIONS`] must measure, in a family of at most 20 checks.
pub(crate) fn seconds_each(relative_variance: f64, precision: f64) -> f64 {
    seconds_altogether(relative_variance, precision, 20, REPLICATIONS) / REPLICATIONS as f64
}

/// Runs replications on all cores; the results are in the order of the seeds.
pub(crate) fn replicate<T: Send>(count: u64, run: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                return done;
            }
            done.push((seed, run(seed)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<(u64, T)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a replication failed")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, result)| result).collect()
}
