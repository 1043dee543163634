//! Forks with fresh luck: the past is kept to the bit, and futures are distributed as those of fresh runs are.

use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::{DeploySpec, VariantSpec};
use brownout::ids::Id;
use brownout::model::{Capacity, Change, Effect, ErrorKind, Step, VersionSpec};
use brownout::rng::Distribution;
use brownout::scenario::Scenario;

use super::digests::busy;
use crate::systems::{Builder, at, call, constant, exponential};
use crate::theory::replicate;

#[test]
fn the_past_stays_as_it_was() {
    let mut original = Simulation::with_variant(Arc::new(busy()), 5, 0);
    original.run_until(at(9.4));
    let mut branch = original.fork_with_luck(7);
    let mut twin = original.fork_with_luck(7);
    let mut other = original.fork_with_luck(8);
    assert_eq!(branch.recording().seconds, original.recording().seconds);
    let past = original.recording().seconds.len();
    for run in [&mut original, &mut branch, &mut twin, &mut other] {
        run.run_until(at(20.0));
    }
    assert_eq!(branch.recording().seconds[..past], original.recording().seconds[..past]);
    assert_ne!(branch.recording().seconds[past..], original.recording().seconds[past..], "fresh luck");
    assert_ne!(branch.recording().seconds[past..], other.recording().seconds[past..], "luck of its own");
    assert_eq!(branch.digest(), twin.digest(), "the same luck twice");
}

/// M/M/1 started empty, at rho 0.9 when a service takes 100 ms: after 20 s it is still far from its mean of 9.
fn mm1(service_ms: f64) -> Arc<Scenario> {
    let mut builder = Builder::default();
    let service = builder.service("queue", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(service_ms))]);
    let ask = builder.dependency(None, service, Vec::new());
    builder.poisson(9.0, call(ask, serve));
    Arc::new(builder.scenario())
}

/// The number in the system at 20 s, in classes of about equal size.
fn class(simulation: &mut Simulation) -> usize {
    let queue = Id::from_usize(0);
    let present = simulation.inspect(|model| model.running(queue) + model.queue_length(queue));
    [1, 2, 3, 5, 7, 10, 14].iter().position(|limit| present < *limit).unwrap_or(7)
}

fn histogram(classes: &[usize]) -> [f64; 8] {
    let mut counts = [0.0; 8];
    classes.iter().for_each(|class| counts[*class] += 1.0);
    counts
}

/// Pearson's statistic for two samples of equal size: the sum of (a - b)^2 / (a + b), chi-squared with 7 degrees of
/// freedom if both have the same distribution; its 99.9 % quantile is 24.3.
fn two_samples(one: &[usize], other: &[usize]) -> f64 {
    let (one, other) = (histogram(one), histogram(other));
    one.iter().zip(other).filter(|(a, b)| **a + b > 0.0).map(|(a, b)| (a - b) * (a - b) / (a + b)).sum()
}

const SAMPLES: u64 = 4_000;
const QUANTILE: f64 = 24.3;

/// One fork with fresh luck each from as many different runs at 5 s, against fresh runs, both at 20 s. The control: forks
/// of systems that serve a tenth faster.
#[test]
fn futures_are_distributed_as_fresh_runs_are() {
    let run = |service_ms: f64, seed: u64, until: f64| {
        let mut simulation = Simulation::with_variant(mm1(service_ms), seed, 0);
        simulation.run_until(at(until));
        simulation
    };
    let fresh = replicate(SAMPLES, |seed| class(&mut run(100.0, seed, 20.0)));
    let forked = |service_ms: f64| {
        replicate(SAMPLES, |seed| {
            let mut branch = run(service_ms, SAMPLES + seed, 5.0).fork_with_luck(1 + seed % 3);
            branch.run_until(at(20.0));
            class(&mut branch)
        })
    };
    let statistic = two_samples(&fresh, &forked(100.0));
    assert!(statistic < QUANTILE, "forked futures differ: {statistic}");
    let statistic = two_samples(&fresh, &forked(100.0 / 1.1));
    assert!(statistic > QUANTILE, "the test would not notice a service rate that is off by a tenth: {statistic}");
}

/// Many forks of one run at 5 s are distributed as the transient of M/M/1 from the number then present, and differ from
/// each other as that does.
#[test]
fn futures_of_one_run_are_the_transient_of_mm1() {
    let parent = || {
        let mut parent = Simulation::with_variant(mm1(100.0), 11, 0);
        parent.run_until(at(5.0));
        parent
    };
    let queue = Id::from_usize(0);
    let present = |run: &mut Simulation| run.inspect(|model| model.running(queue) + model.queue_length(queue));
    let start = present(&mut parent()) as usize;
    let samples = replicate(SAMPLES, |luck| {
        let mut branch = parent().fork_with_luck(luck + 1);
        branch.run_until(at(25.0));
        f64::from(present(&mut branch))
    });
    let (mean, variance) = transient(start, 9.0, 10.0, 20.0);
    let n = samples.len() as f64;
    let observed = samples.iter().sum::<f64>() / n;
    // 3.9 standard errors, and room for the one service and the one gap that were under way: a tenth of a second in twenty.
    let tolerance = 3.9 * (variance / n).sqrt() + 0.1;
    assert!((observed - mean).abs() < tolerance, "{observed} instead of {mean} +- {tolerance} from {start}");
    let spread = samples.iter().map(|x| (x - observed) * (x - observed)).sum::<f64>() / (n - 1.0);
    assert!((spread / variance - 1.0).abs() < 0.2, "variance {spread} instead of {variance}");
}

/// Mean and variance of the number in M/M/1 after `time`, from `start`, by uniformisation: steps of a chain at a Poisson
/// number of instants of rate lambda + mu (Jensen, 1953).
fn transient(start: usize, lambda: f64, mu: f64, time: f64) -> (f64, f64) {
    let (states, rate) = (400, lambda + mu);
    let (up, mean_steps) = (lambda / rate, rate * time);
    let mut p = vec![0.0; states];
    p[start] = 1.0;
    let mut weight = libm::exp(-mean_steps);
    let mut sum = vec![0.0; states];
    for step in 1..2_000 {
        sum.iter_mut().zip(&p).for_each(|(sum, p)| *sum += weight * p);
        weight *= mean_steps / f64::from(step);
        let mut next = vec![0.0; states];
        for state in 0..states {
            next[(state + 1).min(states - 1)] += up * p[state];
            next[state.saturating_sub(1)] += (1.0 - up) * p[state];
        }
        p = next;
    }
    let moment =
        |power: i32| sum.iter().enumerate().map(|(n, p)| libm::pow(n as f64, f64::from(power)) * p).sum::<f64>();
    (moment(1), moment(2) - moment(1) * moment(1))
}

/// A roll-out in preparation, uniform from 10 to 20 s, has not begun at 14 s: what is left is uniform up to 20 s, and never
/// in the past. The version fails everything, so that the first failure tells when it came.
#[test]
fn a_deploy_in_preparation_has_its_remainder_redrawn() {
    let scenario = preparing();
    let begins = |seed: u64, luck: Option<u64>| {
        let mut run = Simulation::with_variant(Arc::clone(&scenario), seed, 0);
        run.run_until(at(14.0));
        let failed = run.recording().totals.populations[0].failed() > 0;
        let mut run = luck.map_or_else(|| run.fork(), |luck| run.fork_with_luck(luck));
        run.run_until(at(22.0));
        let second = run.recording().seconds.iter().position(|second| second.populations[0].flow.failed() > 0);
        (failed, second.expect("the version fails everything"))
    };
    let seed = (0..).find(|seed| !begins(*seed, None).0).expect("some preparation lasts longer than 14 s");
    let seconds = replicate(600, |luck| begins(seed, Some(luck + 1)).1);
    // The first failure comes a few milliseconds after the new version: that of one swapped at 19.999 s in the next second.
    assert!(seconds.iter().all(|second| (14..=20).contains(second)), "never in the past, never past the end");
    assert!(seconds.iter().filter(|second| **second == 20).count() < 10, "past the end only by milliseconds");
    let mut counts = [0.0; 6];
    seconds.iter().for_each(|second| counts[(second - 14).min(5)] += 1.0);
    // Chi-squared with 5 degrees of freedom, 99.9 %: 20.5.
    let statistic: f64 = counts.iter().map(|count| (count - 100.0) * (count - 100.0) / 100.0).sum();
    assert!(statistic < 20.5, "not uniform over the remaining six seconds: {counts:?}");
}

fn preparing() -> Arc<Scenario> {
    let mut builder = Builder::default();
    let service = builder.service("api", Capacity::Unlimited);
    let change = Change::Errors { ratio: 1.0, kind: ErrorKind::Internal };
    let effects = vec![Effect { name: "bug".to_owned(), endpoint: None, change }];
    builder.system.services[service].versions.push(VersionSpec { name: "v2".to_owned(), effects });
    builder.system.services[service].rollout.preparation = Distribution::uniform(10e9, 20e9).expect("a valid range");
    let get = builder.endpoint(service, "get", &[Step::Work(constant(0.0))]);
    let ask = builder.dependency(None, service, Vec::new());
    builder.poisson(200.0, call(ask, get));
    let deploys = vec![DeploySpec { at: at(0.0), service, version: 1 }];
    builder.variant = Some(VariantSpec { name: "only".to_owned(), weight: 1.0, faults: Vec::new(), deploys });
    Arc::new(builder.scenario())
}
