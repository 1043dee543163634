//! What users felt, where requests hang: who waits for longer than promised is affected, answered or not, and counts once.

use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::observe::Impact;
use brownout::scenario::{Scenario, no_files};
use brownout::summary::Summary;
use brownout::text::Source;

fn run(text: &str) -> Simulation {
    let parsed = Scenario::parse(&Source::new("t.ron", text), &no_files);
    let scenario = parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0;
    let mut simulation = Simulation::with_variant(Arc::new(scenario), 1, 0);
    simulation.run_to_end();
    simulation
}

fn impact(simulation: &Simulation) -> &Impact {
    &simulation.recording().totals.impact[0]
}

fn user_minutes(simulation: &Simulation) -> f64 {
    impact(simulation).user_minutes(&simulation.scenario().populations[Id::new(0)])
}

/// A service that calls itself from its only worker: the first request waits for ever, and all others behind it.
fn deadlock(population: &str) -> Simulation {
    run(&format!(
        r#"(format: 1, name: "deadlock", duration: "10m",
            services: {{"a": (
                capacity: Workers(1), endpoints: {{"e": [Call("a.f")], "f": [Work("1ms")]}}, calls: [(to: "a")],
            )}},
            populations: {{"p": ({population}, mix: {{"a.e": 1}}, calls: [(to: "a")])}},
        )"#
    ))
}

#[test]
fn requests_that_never_end_are_bad_from_ten_seconds_on() {
    let stuck = deadlock("arrivals: Constant(\"1/s\"), requests_per_user_minute: 6");
    let summary = Summary::of(&stuck, "none");
    assert_eq!((summary.requests.total.succeeded, summary.requests.total.failed), (0, 0));
    // 600 requests; those of the last ten seconds may still be answered in time. 6 a minute are 10 users.
    let found = impact(&stuck);
    assert!((588..=590).contains(&found.bad) && found.finished == found.bad, "{found:?}");
    assert!((user_minutes(&stuck) - 589.0 / 6.0).abs() < 0.5, "{}", user_minutes(&stuck));
    assert!((summary.impact.affected_users_max - 10.0).abs() < 0.5, "{:?}", summary.impact);
    // All of them are bad, of one in a thousand that may be; ten minutes are a part of 30 days.
    let part = 1_000.0 * 600.0 / (30.0 * 86_400.0);
    assert!((summary.impact.error_budget_burn / part - 1.0).abs() < 0.01, "{}", summary.impact.error_budget_burn);
    assert_eq!(summary.requests.overdue, found.bad);
}

#[test]
fn a_user_who_does_nothing_but_wait_is_affected_all_the_time() {
    // Four users, each usually making 6 requests a minute: stuck for ten minutes but for their patience of 10 s.
    let stuck = deadlock("arrivals: Closed(users: 4, think: \"5s\"), requests_per_user_minute: 6");
    assert_eq!(impact(&stuck).bad, 4);
    let each = user_minutes(&stuck) / 4.0;
    // Thought for 5 s, waited for 10 s; what has begun of a sixth of a minute counts whole.
    assert!((each - (600.0 - 15.0) / 60.0).abs() < 0.2, "{each} minutes each");
    let summary = Summary::of(&stuck, "none");
    assert!((summary.impact.affected_users_max - 4.0).abs() < 0.7, "{:?}", summary.impact);
}

/// A million requests a minute: after 72 hours more than 2^32 of them are missed.
#[test]
fn a_user_who_waits_for_days_is_still_one_user() {
    let stuck = run(r#"(format: 1, name: "days", duration: "80h",
        services: {"a": (
            capacity: Workers(1), queue: (capacity: 10),
            endpoints: {"e": [Call("a.f")], "f": [Work("1ms")]}, calls: [(to: "a")],
        )},
        populations: {"p": (
            arrivals: Closed(users: 1, think: "5s"), requests_per_user_minute: 1000000, mix: {"a.e": 1}, calls: [(to: "a")],
        )},
    )"#);
    assert!(impact(&stuck).missed > u64::from(u32::MAX));
    assert!((user_minutes(&stuck) - 80.0 * 60.0).abs() < 0.5, "{} minutes", user_minutes(&stuck));
}

/// Every tenth message is lost, and nothing limits the time of a call.
#[test]
fn lost_messages_that_nobody_notices_are_felt() {
    let lossy = run(r#"(format: 1, name: "loss", duration: "10m",
        services: {"a": (capacity: Workers(10), endpoints: {"e": [Work("10ms")]})},
        populations: {"p": (arrivals: Poisson("20/s"), mix: {"a.e": 1}, calls: [(to: "a", loss: "10%")])},
    )"#);
    let found = impact(&lossy);
    let share = found.bad as f64 / found.finished as f64;
    // Request and answer: 1 - 0.9^2 = 19 %, of about 11,800: a standard deviation of 0.36 %.
    assert!((share - 0.19).abs() < 0.015, "{share}");
}

/// Answers after three seconds where two are promised: bad while they wait, and not once more when they succeed.
#[test]
fn a_late_answer_counts_once() {
    let slow = run(r#"(format: 1, name: "slow", duration: "10m",
        services: {"a": (capacity: Workers(100), endpoints: {"e": [Work("3s")]})},
        populations: {"p": (
            arrivals: Constant("10/s"), mix: {"a.e": 1}, objective: (availability: "99%", latency: "2s"),
        )},
    )"#);
    let found = impact(&slow);
    let offered = slow.recording().totals.populations[0].offered;
    // Those of the last two seconds may still be in time.
    assert!(found.bad <= offered && found.bad >= offered - 30, "{} of {offered}", found.bad);
    assert_eq!(found.bad, found.finished);
    let overdue: Vec<u32> = slow.recording().seconds[10..].iter().map(|second| second.populations[0].overdue).collect();
    assert!(
        overdue.iter().all(|count| (9..=10).contains(count)),
        "ten a second are in their third second: {overdue:?}"
    );
}

#[test]
fn answers_in_time_are_not_touched() {
    let fine = run(r#"(format: 1, name: "fine", duration: "10m",
        services: {"a": (capacity: Workers(100), endpoints: {"e": [Work("3s")]})},
        populations: {"p": (arrivals: Constant("10/s"), mix: {"a.e": 1})},
    )"#);
    assert_eq!((impact(&fine).bad, user_minutes(&fine)), (0, 0.0));
}
