//! What a plan's steps come to: branches in parallel, calls that nobody awaits, and alternatives.

use brownout::Simulation;
use brownout::model::{Capacity, Change, Effect, ErrorKind, Step};
use brownout::traffic::{Arrivals, TraceEntry};

use crate::systems::{Builder, at, call, constant, exponential};
use crate::theory::{Family, replicate};

const RUNS: u64 = 32;

/// The mean latency, in milliseconds, of a front end that asks a back end so many times in parallel, 10 ms each on average.
fn joined(branches: usize, seed: u64) -> f64 {
    let mut builder = Builder::default();
    let [front, back] = ["front", "back"].map(|name| builder.service(name, Capacity::Unlimited));
    let work = builder.endpoint(back, "work", &[Step::Work(exponential(10.0))]);
    let to_back = builder.dependency(Some(front), back, Vec::new());
    let ask = vec![Step::Call(call(to_back, work))];
    let page = builder.endpoint(front, "page", &[Step::Parallel(vec![ask; branches])]);
    let to_front = builder.dependency(None, front, Vec::new());
    builder.poisson(200.0, call(to_front, page));
    let mut simulation = builder.simulate(seed);
    simulation.run_until(at(20.0));
    simulation.recording().totals.populations[0].latency.mean().as_secs_f64() * 1e3
}

/// The longest of n exponentials lasts H(n) = 1 + 1/2 + .. + 1/n times the mean of one.
fn parallel(more: usize) -> Family {
    let mut family = Family::new("parallel branches");
    for branches in [2, 5, 10] {
        let expected = 10.0 * (1..=branches).map(|k| 1.0 / f64::from(k)).sum::<f64>();
        let samples = replicate(RUNS, |seed| joined(branches as usize + more, seed));
        family.check(format!("{branches} branches"), expected, 0.02, samples);
    }
    family
}

#[test]
fn parallel_branches_take_as_long_as_the_longest() {
    parallel(0).verify();
}

#[test]
fn one_branch_more_is_noticed() {
    parallel(1).must_fail();
}

fn once(builder: &mut Builder, times: &[f64], step: brownout::model::CallStep) {
    builder.population(
        Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect()),
        step,
    );
}

fn errors(simulation: &Simulation, service: usize, kind: ErrorKind) -> u64 {
    simulation.recording().totals.services[service].errors[kind as usize]
}

/// A branch that fails after 10 ms fails the whole, but only when the branch of 50 ms has ended as well.
#[test]
fn a_failed_branch_fails_the_job_once_all_have_ended() {
    let mut builder = Builder::default();
    let [front, back] = ["front", "back"].map(|name| builder.service(name, Capacity::Unlimited));
    let bad = builder.endpoint(back, "bad", &[Step::Work(constant(10.0)), Step::Fail(ErrorKind::Internal)]);
    let good = builder.endpoint(back, "good", &[Step::Work(constant(50.0))]);
    let to_back = builder.dependency(Some(front), back, Vec::new());
    let branches = [bad, good].map(|endpoint| vec![Step::Call(call(to_back, endpoint))]).to_vec();
    let page = builder.endpoint(front, "page", &[Step::Parallel(branches)]);
    let to_front = builder.dependency(None, front, Vec::new());
    once(&mut builder, &[1.0], call(to_front, page));
    let mut simulation = builder.simulate(1);
    let front_runs = |simulation: &mut Simulation, secs: f64| {
        simulation.run_until(at(secs));
        simulation.inspect(|model| model.running(front))
    };
    assert_eq!(front_runs(&mut simulation, 1.049), 1);
    assert_eq!(front_runs(&mut simulation, 1.051), 0);
    simulation.run_until(at(2.0));
    assert_eq!(errors(&simulation, front.index(), ErrorKind::Internal), 1);
    assert_eq!(simulation.recording().totals.populations[0].failed(), 1);
}

/// The audit takes 100 s and fails; its caller, with one worker, answers after its own 10 ms and serves the next.
#[test]
fn nobody_awaits_a_call_that_is_fired_and_forgotten() {
    let mut builder = Builder::default();
    let front = builder.service("front", Capacity::Workers(1));
    let audit = builder.service("audit", Capacity::Unlimited);
    let write = builder.endpoint(audit, "write", &[Step::Work(constant(100e3)), Step::Fail(ErrorKind::Internal)]);
    let to_audit = builder.dependency(Some(front), audit, Vec::new());
    let steps = [Step::Work(constant(5.0)), Step::Spawn(call(to_audit, write)), Step::Work(constant(5.0))];
    let page = builder.endpoint(front, "page", &steps);
    let to_front = builder.dependency(None, front, Vec::new());
    once(&mut builder, &[1.0, 1.02], call(to_front, page));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(50.0));
    let flow = &simulation.recording().totals.populations[0];
    assert_eq!((flow.succeeded, flow.latency.max().as_nanos()), (2, 10_000_000));
    assert_eq!(simulation.inspect(|model| (model.running(front), model.running(audit))), (0, 2));
    simulation.run_until(at(110.0));
    assert_eq!(simulation.inspect(|model| model.running(audit)), 0);
    assert_eq!(errors(&simulation, audit.index(), ErrorKind::Internal), 2);
    assert_eq!(simulation.recording().totals.populations[0].failed(), 0);
}

/// A failed call fails the job, an optional one does not.
#[test]
fn an_optional_call_may_fail() {
    for (optional, failed) in [(false, 1), (true, 0)] {
        let mut builder = Builder::default();
        let [front, back] = ["front", "back"].map(|name| builder.service(name, Capacity::Unlimited));
        let change = Change::Errors { ratio: 1.0, kind: ErrorKind::Internal };
        let effect = Effect { name: "broken".to_owned(), endpoint: None, change };
        builder.system.services[back].versions[0].effects.push(effect);
        let work = builder.endpoint(back, "work", &[Step::Work(constant(1.0))]);
        let to_back = builder.dependency(Some(front), back, Vec::new());
        let step = brownout::model::CallStep { optional, ..call(to_back, work) };
        let page = builder.endpoint(front, "page", &[Step::Call(step), Step::Work(constant(7.0))]);
        let to_front = builder.dependency(None, front, Vec::new());
        once(&mut builder, &[1.0], call(to_front, page));
        let mut simulation = builder.simulate(1);
        simulation.run_until(at(2.0));
        let flow = &simulation.recording().totals.populations[0];
        assert_eq!((flow.failed(), flow.finished()), (failed, 1));
        if optional {
            assert_eq!(flow.latency.max().as_nanos(), 7_000_000);
        }
    }
}

/// How many of the calls of a front end go each way, with probability 0.3 the first.
#[test]
fn alternatives_are_taken_as_often_as_they_say() {
    let shares = replicate(RUNS, |seed| {
        let mut builder = Builder::default();
        let [front, left, right] = ["front", "left", "right"].map(|name| builder.service(name, Capacity::Unlimited));
        let mut branch = |target| {
            let work = builder.endpoint(target, "work", &[Step::Work(constant(1.0))]);
            vec![Step::Call(call(builder.dependency(Some(front), target, Vec::new()), work))]
        };
        let (then, otherwise) = (branch(left), branch(right));
        let page = builder.endpoint(front, "page", &[Step::Chance { probability: 0.3, then, otherwise }]);
        let to_front = builder.dependency(None, front, Vec::new());
        builder.poisson(500.0, call(to_front, page));
        let mut simulation = builder.simulate(seed);
        simulation.run_until(at(10.0));
        let services = &simulation.recording().totals.services;
        let [left, right] = [left, right].map(|id| services[id.index()].offered as f64);
        left / (left + right)
    });
    let family = |expected: f64| {
        let mut family = Family::new("alternatives");
        family.check(format!("{expected}"), expected, 0.02, shares.clone());
        family
    };
    family(0.3).verify();
    family(0.31).must_fail();
}
