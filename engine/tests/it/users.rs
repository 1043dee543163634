//! How load comes: evenly spaced, in sessions, from users who wait for their answers; and what a stall does to what they
//! measure.

use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::{FaultKind, FaultSpec, Trigger, VariantSpec};
use brownout::ids::Id;
use brownout::kernel::Histogram;
use brownout::model::{Capacity, Step};
use brownout::scenario::Scenario;
use brownout::traffic::{Arrivals, Beyond, InFlightLimit, Profile};
use brownout::units::SimDuration;

use crate::systems::{Builder, Window, at, call, constant, exponential};
use crate::theory::closed_forms::{birth_death, mmc_wait};
use crate::theory::{Family, replicate};

const RUNS: u64 = 32;

/// One server with exponential work, and a population.
fn server(work_ms: f64, arrivals: Arrivals) -> Scenario {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(work_ms))]);
    let ask = builder.dependency(None, service, Vec::new());
    builder.population(arrivals, call(ask, serve));
    builder.scenario()
}

/// D/M/1: the mean wait is s / (mu (1 - s)), where s = exp(-mu (1 - s) / lambda) (Kleinrock, Queueing Systems I, 1975,
/// section 6.4). M/M/1 would wait almost three times as long.
#[test]
fn evenly_spaced_arrivals_wait_as_in_dm1() {
    let (lambda, mu) = (700.0, 1_000.0);
    let root = (0..200).fold(0.5_f64, |s, _| libm::exp(-mu * (1.0 - s) / lambda));
    let waits = |faster: f64| {
        replicate(RUNS, |seed| {
            let scenario = server(1e3 / mu / faster, Arrivals::Constant(Profile::constant(lambda)));
            let mut simulation = Simulation::with_variant(Arc::new(scenario), seed, 0);
            let window = Window::over(&mut simulation, 2.0, 120.0);
            window.waiting(Id::from_usize(0)) / window.arrived(Id::from_usize(0))
        })
    };
    let family = |samples: Vec<f64>| {
        let mut family = Family::new("D/M/1");
        family.check("wait".to_owned(), root / (mu * (1.0 - root)), 0.02, samples);
        family
    };
    family(waits(1.0)).verify();
    family(waits(1.1)).must_fail();
}

/// Twenty sessions a second, each of 1 / (1 - 0.8) = 5 requests on average, are 100 requests a second, whatever the users
/// think and the server takes.
#[test]
fn sessions_ask_as_often_as_they_go_on() {
    let rates = |continues: f64| {
        replicate(RUNS, |seed| {
            let starts = Profile::constant(20.0);
            let arrivals = Arrivals::Sessions { starts, continues, think: exponential(2e3) };
            let mut simulation = Simulation::with_variant(Arc::new(server(8.0, arrivals)), seed, 0);
            let window = Window::over(&mut simulation, 60.0, 120.0);
            window.arrived(Id::from_usize(0)) / window.seconds()
        })
    };
    let family = |samples: Vec<f64>| {
        let mut family = Family::new("sessions");
        family.check("requests a second".to_owned(), 100.0, 0.02, samples);
        family
    };
    family(rates(0.8)).verify();
    family(rates(0.82)).must_fail();
}

/// A hundred requests a second over one connection, 1 ms each, and a stall from 10 s to 15 s.
fn stalled(beyond: Beyond) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(1.0))]);
    let ask = builder.dependency(None, service, Vec::new());
    let population = builder.population(Arrivals::Constant(Profile::constant(100.0)), call(ask, serve));
    builder.populations[population].max_in_flight = Some(InFlightLimit { limit: 1, beyond });
    let stall = FaultSpec {
        name: "stall".to_owned(),
        kind: FaultKind::LostCapacity { service, ratio: 1.0 },
        start: Trigger::At(at(9.999)),
        changes: Vec::new(),
        heal: Some(Trigger::At(at(15.0))),
    };
    let name = "stall".to_owned();
    builder.variant = Some(VariantSpec { name, weight: 1.0, faults: vec![stall], deploys: Vec::new() });
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(30.0));
    simulation
}

/// Coordinated omission: of the 500 requests due in the stall one is sent, and only its latency shows the stall when
/// latencies count from the sending. Counted from when each was due, the request due u seconds into the stall, the
/// 100 u-th, ends 5 - u + 0.1 u seconds later: more than 2.5 s for those due in the first 2.78 s.
#[test]
fn a_stall_shows_in_intended_latency_and_not_in_actual() {
    let simulation = stalled(Beyond::Wait);
    let totals = &simulation.recording().totals;
    let limit = SimDuration::from_millis(2_500);
    assert_eq!(totals.actual_latency[0].above(limit), 1);
    let seen = totals.populations[0].latency.above(limit);
    // A bucket of the histogram at 2.5 s is 1.6 % or 40 ms wide: 4.4 requests.
    assert!(seen.abs_diff(278) <= 5, "{seen} instead of 278");
    let mean = totals.actual_latency[0].mean().as_secs_f64();
    assert!(mean < 0.004, "{mean} s from the sending: 5 s once among 3000 requests of 1 ms");
    // 5 - 0.9 u on average over the 5 s, times 500; and the 56 that come while the line drains.
    let sum = totals.populations[0].latency.mean().as_secs_f64() * totals.populations[0].succeeded as f64;
    let drained = 0.5 / 0.9 * 0.5 / 2.0 * 100.0;
    let expected = 500.0 * (5.0 - 0.9 * 2.5) + drained + 3.0;
    assert!((sum / expected - 1.0).abs() < 0.01, "{sum} s of intended latency instead of {expected}");
    assert_eq!((totals.populations[0].failed(), totals.dropped[0]), (0, 0));
}

/// A load generator that drops what it cannot send says so.
#[test]
fn what_cannot_be_sent_in_a_stall_is_dropped_where_that_is_the_rule() {
    let simulation = stalled(Beyond::Drop);
    let totals = &simulation.recording().totals;
    assert!(totals.dropped[0].abs_diff(500) <= 1, "{} dropped", totals.dropped[0]);
    assert_eq!(totals.populations[0].succeeded + totals.dropped[0], totals.populations[0].offered);
    assert_eq!(totals.populations[0].latency.above(SimDuration::SECOND), 1);
}

/// A population of which at most four requests are unanswered, the others held back, and a service without limits: counted
/// from when each was due, M/M/4; counted from its sending, the service time alone.
#[test]
fn what_is_held_back_waits_as_in_mmc() {
    let (limit, rate, work_ms) = (4, 300.0, 10.0);
    let latencies = |faster: f64| {
        replicate(RUNS, |seed| {
            let mut builder = Builder::default();
            let service = builder.service("server", Capacity::Unlimited);
            let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(work_ms / faster))]);
            let ask = builder.dependency(None, service, Vec::new());
            let population = builder.poisson(rate, call(ask, serve));
            builder.populations[population].max_in_flight = Some(InFlightLimit { limit, beyond: Beyond::Wait });
            let mut simulation = builder.simulate(seed);
            simulation.run_until(at(40.0));
            let totals = &simulation.recording().totals;
            let mean = |histogram: &Histogram| histogram.mean().as_secs_f64() * 1e3;
            (mean(&totals.populations[0].latency), mean(&totals.actual_latency[0]))
        })
    };
    let family = |faster: f64| {
        let (intended, actual) = latencies(faster).into_iter().unzip();
        let mut family = Family::new("held back");
        family.check("intended".to_owned(), mmc_wait(limit, rate, 1e3 / work_ms) * 1e3 + work_ms, 0.03, intended);
        family.check("actual".to_owned(), work_ms, 0.01, actual);
        family
    };
    family(1.0).verify();
    family(1.1).must_fail();
}

/// How many requests are at the server.
fn present(simulation: &mut Simulation) -> usize {
    let server = Id::from_usize(0);
    simulation.inspect(|model| model.running(server) + model.queue_length(server)) as usize
}

/// How far the numbers at the server are from the distribution `p`, the last class being that and more, in 4,000 forks with
/// fresh luck of one run at 5 s: Pearson's statistic over classes of at least 20 expected. The past must be kept.
fn distance(scenario: impl Fn() -> Scenario + Sync, p: &[f64], until: f64) -> f64 {
    let samples = 4_000;
    let mut parent = Simulation::with_variant(Arc::new(scenario()), 3, 0);
    parent.run_until(at(5.0));
    let (past, snapshot) = (parent.recording().seconds.clone(), parent.snapshot());
    let counts = replicate(samples, |luck| {
        let run = Simulation::from_snapshot(Arc::new(scenario()), &snapshot).expect("its own snapshot");
        let mut run = run.fork_with_luck(luck + 1);
        run.run_until(at(until));
        assert_eq!(run.recording().seconds[..5], past);
        present(&mut run)
    });
    let mut seen = vec![0.0; p.len()];
    counts.iter().for_each(|n| seen[(*n).min(p.len() - 1)] += 1.0);
    let (mut statistic, mut expected, mut found) = (0.0, 0.0, 0.0);
    for (p, seen) in p.iter().zip(seen) {
        expected += p * samples as f64;
        found += seen;
        if expected >= 20.0 {
            statistic += (found - expected) * (found - expected) / expected;
            (expected, found) = (0.0, 0.0);
        }
    }
    statistic
}

/// Chi-squared with 8 degrees of freedom, the most there are classes for, less one: 99.95 %, for two tests.
const QUANTILE: f64 = 27.9;

/// Eight users who think for a second on average, one server of 150 ms: the number at the server is a birth-death process
/// (machine repair), and that of a fork with fresh luck is long after the fork.
#[test]
fn closed_users_have_fresh_luck_after_a_fork() {
    let users = 8_u32;
    let births: Vec<f64> = (0..users).map(|n| f64::from(users - n)).collect();
    let p = birth_death(&births, &[1e3 / 150.0; 8]);
    let statistic =
        |work_ms: f64| distance(|| server(work_ms, Arrivals::Closed { users, think: exponential(1e3) }), &p, 20.0);
    let right = statistic(150.0);
    assert!(right < QUANTILE, "not stationary: {right}");
    let wrong = statistic(150.0 / 1.1);
    assert!(wrong > QUANTILE, "a service rate off by a tenth is not noticed: {wrong}");
}

/// Sessions are an open network of Jackson's with feedback through the users' thinking: the number at the server is that
/// of M/M/1 at the rate of all requests, here 5 a second at 100 ms.
#[test]
fn sessions_have_fresh_luck_after_a_fork() {
    let mut p: Vec<f64> = (0..7).map(|n| 0.5 * libm::pow(0.5, f64::from(n))).collect();
    p.push(1.0 - p.iter().sum::<f64>());
    let statistic = |work_ms: f64| {
        let arrivals =
            || Arrivals::Sessions { starts: Profile::constant(1.0), continues: 0.8, think: exponential(1e3) };
        distance(|| server(work_ms, arrivals()), &p, 60.0)
    };
    let right = statistic(100.0);
    assert!(right < QUANTILE, "not stationary: {right}");
    let wrong = statistic(100.0 / 1.1);
    assert!(wrong > QUANTILE, "a service rate off by a tenth is not noticed: {wrong}");
}
