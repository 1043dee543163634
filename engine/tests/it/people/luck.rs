//! Fresh luck among people: what nobody knows yet is drawn again, given what has been, and comes out as it would have.

use std::collections::BTreeSet;
use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::observe::NewsKind;
use brownout::response::people::Stage;
use brownout::response::{Actor, Command};
use brownout::scenario::Scenario;
use brownout::units::SimTime;

use super::{SHOP, act, scenario};

/// Writing a fix takes about half an hour, and may be blocked at any time; mira says so or not.
fn uncertain(blocked: &str, speaks_up: &str) -> Arc<Scenario> {
    let text = SHOP.replace("speaks_up: \"0%\"", &format!("speaks_up: \"{speaks_up}\""));
    let text =
        text.replace("duration: \"30m\"", "duration: Exponential(mean: \"30m\")").replace("\"2/s\"", "\"1/min\"");
    let text = text.replace("duration: \"4h\"", "duration: \"100m\"");
    let laws = [
        ("blocked", blocked),
        ("candour", "100%"),
        ("hesitates", "Exponential(mean: \"10m\")"),
        ("alone", "Exponential(mean: \"40m\")"),
    ];
    scenario(&text, "()", &laws)
}

/// mira writes a fix from 200 s on.
fn writing(scenario: &Arc<Scenario>, seed: u64, until: u64) -> Simulation {
    let mut simulation = Simulation::new(Arc::clone(scenario), seed);
    simulation.run_until(SimTime::from_secs(200));
    simulation.command(Actor::Lead, act("hotfix fix", Some("mira"), None)).unwrap();
    simulation.run_until(SimTime::from_secs(until));
    simulation
}

fn stage(simulation: &Simulation) -> Stage {
    simulation.people().expect("people").tasks[Id::new(0)].stage
}

/// When the fix was ready, and when mira first said something bad of it, by the end.
fn outcome(mut simulation: Simulation) -> (f64, f64) {
    simulation.run_to_end();
    let end = simulation.now().as_secs_f64();
    let people = simulation.people().expect("people");
    let first = |found: Option<SimTime>| found.map_or(end, SimTime::as_secs_f64);
    let told = people.news.iter().find(|news| news.bad).map(|news| news.at);
    let started = people.news.iter().find(|news| news.kind == NewsKind::Report && news.text.ends_with(": started"));
    (first(started.map(|news| news.at)), first(told))
}

/// The largest distance between two empirical distributions (Kolmogorov and Smirnov).
fn distance(one: &[f64], other: &[f64]) -> f64 {
    let below = |all: &[f64], at: f64| all.iter().filter(|value| **value <= at).count() as f64 / all.len() as f64;
    one.iter().chain(other).map(|at| (below(one, *at) - below(other, *at)).abs()).fold(0.0, f64::max)
}

#[test]
fn what_comes_of_a_task_is_distributed_as_without_fresh_luck() {
    const SEEDS: u64 = 200;
    let scenario = uncertain("60%", "70%");
    for at in [300, 1_800] {
        let runs: Vec<Simulation> = (1..=SEEDS).map(|seed| writing(&scenario, seed, at)).collect();
        let fresh: Vec<(f64, f64)> = runs.iter().map(|run| outcome(run.fork_with_luck(1))).collect();
        let own: Vec<(f64, f64)> = runs.into_iter().map(outcome).collect();
        // What was over has stayed, what was not is another.
        let over = own.iter().filter(|(ready, _)| *ready < at as f64).count();
        let same = own.iter().zip(&fresh).filter(|(own, fresh)| own == fresh).count();
        assert!(same >= over && same < over + SEEDS as usize / 5, "{same} of {over}");
        // At 1 %: 1.63 times the root of 2 / n.
        let bound = 1.63 * (2.0 / SEEDS as f64).sqrt();
        let ready = distance(
            &own.iter().map(|one| one.0).collect::<Vec<_>>(),
            &fresh.iter().map(|one| one.0).collect::<Vec<_>>(),
        );
        let told = distance(
            &own.iter().map(|one| one.1).collect::<Vec<_>>(),
            &fresh.iter().map(|one| one.1).collect::<Vec<_>>(),
        );
        assert!(ready < bound && told < bound, "{at} s: {ready} and {told}, of {bound}");
    }
}

#[test]
fn whoever_is_blocked_in_silence_may_say_so_or_not_and_get_on_at_any_time() {
    let scenario = uncertain("100%", "50%");
    let blocked = |seed: u64| {
        let run = writing(&scenario, seed, 900);
        matches!(stage(&run), Stage::Blocked { known: false, .. }).then_some(run)
    };
    let run = (1..100).find_map(blocked).expect("one of a hundred");
    let Stage::Blocked { since, .. } = stage(&run) else { panic!("blocked") };
    let waited = run.now().since(since).as_secs_f64();
    const FORKS: u64 = 400;
    let (mut instants, mut speak) = (BTreeSet::new(), 0);
    for luck in 1..=FORKS {
        let Stage::Blocked { says, alone, .. } = stage(&run.fork_with_luck(luck)) else { panic!("still blocked") };
        assert!(alone > run.now() && says.is_none_or(|says| says > run.now()));
        instants.insert(alone);
        speak += u64::from(says.is_some());
    }
    assert_eq!(instants.len() as u64, FORKS, "another instant each");
    // Half would have said so, of which so many had not by now.
    let silent = libm::exp(-waited / 600.0);
    let expected = 0.5 * silent / (0.5 * silent + 0.5);
    let share = speak as f64 / FORKS as f64;
    let error = (expected * (1.0 - expected) / FORKS as f64).sqrt();
    assert!((share - expected).abs() < 4.0 * error, "{share} of {expected} ± {error}");
}

#[test]
fn what_is_known_stays() {
    let scenario = uncertain("100%", "100%");
    let mut run = writing(&scenario, 1, 300);
    while !matches!(stage(&run), Stage::Blocked { known: true, .. }) {
        run.run_until(SimTime::from_secs(run.now().whole_secs() + 1));
    }
    run.command(Actor::Lead, Command::CheckIn { task: 0 }).unwrap();
    run.run_until(SimTime::from_secs(run.now().whole_secs() + 60));
    let branch = run.fork_with_luck(7);
    let (
        Stage::Blocked { since, helped, known, alone, .. },
        Stage::Blocked { since: then, helped: help, known: told, alone: other, .. },
    ) = (stage(&run), stage(&branch))
    else {
        panic!("blocked")
    };
    assert!(helped.is_some() && known);
    assert_eq!((then, help, told), (since, helped, known));
    assert_ne!(alone, other, "when they would have found a way alone nobody knows");
}
