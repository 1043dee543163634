//! Who is next: first come first served, last come first served, and priorities, against their formulas for M/M/1.

use brownout::Simulation;
use brownout::kernel::Histogram;
use brownout::model::{Capacity, Discipline, QueueSpec, Step};
use brownout::units::SimDuration;

use crate::systems::{Builder, assert_littles_law, at, call, exponential};
use crate::theory::{Family, replicate};

/// The service rate, a second.
const MU: f64 = 1_000.0;
const RUNS: u64 = 64;
const WARM_UP: f64 = 2.0;
const SECONDS: f64 = 40.0;

/// The number, the sum and the sum of squares, in seconds, of what a histogram has recorded: each bucket counts with its
/// middle, which is off by 0.8 % at most in either direction.
fn moments(histogram: &Histogram) -> [f64; 3] {
    let (mut left, mut sums) = (histogram.count(), [0.0; 3]);
    for (octave, bucket) in (8..34).flat_map(|octave| (64..128_u64).map(move |bucket| (octave, bucket))) {
        let above = histogram.above(SimDuration::from_nanos(bucket << octave));
        let (count, middle) = ((left - above) as f64, ((2 * bucket + 1) << octave) as f64 / 2e9);
        left = above;
        [count, count * middle, count * middle * middle].iter().zip(&mut sums).for_each(|(add, sum)| *sum += add);
    }
    assert_eq!(left, 0, "nothing took longer than half an hour");
    sums
}

/// One server, and a population for each rate, the first the most important.
fn server(discipline: Discipline, rates: &[f64], seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    builder.system.services[service].queue = QueueSpec { capacity: None, discipline };
    let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(1e3 / MU))]);
    for (priority, rate) in (0..).zip(rates) {
        let ask = builder.dependency(None, service, Vec::new());
        let population = builder.poisson(*rate, call(ask, serve));
        builder.populations[population].priority = priority;
    }
    builder.simulate(seed)
}

/// Mean and second moment of the time in the system, by population, in services.
fn sojourns(discipline: Discipline, rates: &[f64], seed: u64) -> Vec<[f64; 2]> {
    let mut simulation = server(discipline, rates, seed);
    let read = |simulation: &Simulation| -> Vec<[f64; 3]> {
        simulation.recording().totals.populations.iter().map(|flow| moments(&flow.latency)).collect()
    };
    simulation.run_until(at(WARM_UP));
    let before = read(&simulation);
    simulation.run_until(at(WARM_UP + SECONDS));
    assert_littles_law(&mut simulation);
    let pairs = before.iter().zip(read(&simulation));
    pairs
        .map(|(before, after)| {
            let [count, sum, squares] = [0, 1, 2].map(|index| after[index] - before[index]);
            [MU * sum / count, MU * MU * squares / count]
        })
        .collect()
}

/// The mean wait does not depend on the order; its second moment does: E[W^2] of last come first served (not preemptive)
/// is that of first come first served over 1 - rho (Takacs, 1963). For M/M/1 in services, T = W + S:
/// E[W] = rho / (1 - rho), E[W^2] = 2 rho / (1 - rho)^2, E[T^2] = E[W^2] + 2 E[W] + 2.
fn last_come(family: &mut Family, actual: Discipline) {
    let rho = 0.5;
    let (wait, fifo) = (rho / (1.0 - rho), 2.0 * rho / ((1.0 - rho) * (1.0 - rho)));
    let runs = replicate(RUNS, |seed| sojourns(actual, &[rho * MU], seed)[0]);
    family.check("LIFO: E[T]".to_owned(), wait + 1.0, 0.02, runs.iter().map(|run| run[0]).collect());
    let square = fifo / (1.0 - rho) + 2.0 * wait + 2.0;
    family.check("LIFO: E[T^2]".to_owned(), square, 0.08, runs.iter().map(|run| run[1]).collect());
}

#[test]
fn last_come_first_served_has_the_same_mean_and_a_larger_variance() {
    let mut family = Family::new("LIFO");
    last_come(&mut family, Discipline::Lifo);
    family.verify();
    // First come first served agrees with its own second moment, and not with that.
    let runs = replicate(RUNS, |seed| sojourns(Discipline::Fifo, &[0.5 * MU], seed)[0][1]);
    let mut fifo = Family::new("FIFO");
    fifo.check("FIFO: E[T^2]".to_owned(), 8.0, 0.05, runs.clone());
    fifo.verify();
    let mut wrong = Family::new("FIFO instead of LIFO");
    wrong.check("E[T^2]".to_owned(), 12.0, 0.05, runs);
    wrong.must_fail();
}

/// Two classes that do not interrupt each other (Cobham, 1954): W0 = rho / mu for exponential service,
/// W1 = W0 / (1 - rho1), W2 = W0 / ((1 - rho1) (1 - rho1 - rho2)).
fn two_classes(actual: Discipline) -> Family {
    let (first, second) = (0.3, 0.4);
    let residual = first + second;
    let waits = [residual / (1.0 - first), residual / ((1.0 - first) * (1.0 - first - second))];
    let runs = replicate(RUNS, |seed| sojourns(actual, &[first * MU, second * MU], seed));
    let mut family = Family::new("priorities");
    for (class, wait) in waits.iter().enumerate() {
        let samples = runs.iter().map(|run| run[class][0]).collect();
        family.check(format!("class {class}"), wait + 1.0, 0.04, samples);
    }
    family
}

#[test]
fn priorities_wait_as_cobham_says() {
    two_classes(Discipline::Priority).verify();
}

#[test]
fn one_line_for_both_classes_is_noticed() {
    two_classes(Discipline::Fifo).must_fail();
}
