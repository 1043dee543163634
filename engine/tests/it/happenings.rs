//! What a summary tells of a run: deploys, orders with their reasons, the ends of roll-outs, and the faults that nobody saw.

use std::sync::Arc;

use brownout::policy::BuiltIn;
use brownout::scenario::{Scenario, no_files};
use brownout::summary::{Change, ChangeKind, Summary};
use brownout::text::Source;
use brownout::{Session, Simulation};

use crate::systems::at;

/// A deploy at 2:00 that makes most answers errors, a fault that starts on a condition, one that changes.
const STORY: &str = r#"(format: 1, name: "story", duration: "20m",
    services: {
        "api": (
            instances: 2, capacity: Workers(20), endpoints: {"get": [Work("5ms")]},
            versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "64%")})},
            rollout: (preparation: "1m"), start_time: "5s",
        ),
        "db": (capacity: Unlimited, endpoints: {"read": [Work("1ms")]}),
    },
    populations: {"web": (arrivals: Constant("20/s"), mix: {"api.get": 1})},
    always: (
        deploys: [(at: "2m", service: "api", version: "v2")],
        faults: {
            "panic": (
                does: Slowdown(service: "api", factor: 2),
                start: When(measure: ErrorRatio("api"), above: "20%", holds: "10s"), heal: After("90s"),
            ),
            "tide": (
                does: Errors(service: "db", ratio: "10%"), start: At("1m30s"), changes: [("10s", "300%")], heal: At("15m"),
            ),
        },
    ),
)"#;

fn scenario() -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("story.ron", STORY), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn led(policy: &str) -> Simulation {
    let policy = BuiltIn::find(policy).expect("a built-in policy").start();
    let mut session = Session::new(Simulation::with_variant(scenario(), 1, 0), policy);
    session.run_to_end();
    session.into_simulation()
}

fn changes(simulation: &Simulation) -> Vec<Change> {
    Summary::of(simulation, "p").changes
}

fn texts(changes: &[Change], kind: ChangeKind) -> Vec<(f64, &str)> {
    let of_kind = changes.iter().filter(|change| change.kind == kind);
    of_kind.map(|change| (change.at_seconds, change.text.as_str())).collect()
}

#[test]
fn faults_are_told_as_they_start_change_and_heal() {
    let found = changes(&led("none"));
    let faults = texts(&found, ChangeKind::Fault);
    let panics: Vec<_> = faults.iter().filter(|(_, text)| text.contains("panic")).collect();
    assert_eq!(faults.len(), 5, "{faults:?}");
    let tides: Vec<_> = faults.iter().copied().filter(|(_, text)| text.contains("tide")).collect();
    let expected = [
        (90.0, "fault tide starts: errors at db"),
        (100.0, "fault tide at 300% of its strength"),
        (900.0, "fault tide heals"),
    ];
    assert_eq!(tides, expected);
    // Instances with v2 serve from 3:05 on; ten seconds later the condition has held.
    let (start, what) = panics[0];
    assert!((195.0..=205.0).contains(start) && *what == "fault panic starts: slowdown at api", "{panics:?}");
    assert_eq!(*panics[1], (start + 90.0, "fault panic heals"));
}

#[test]
fn an_order_comes_with_its_reason_and_its_end() {
    let simulation = led("rollback-first");
    let found = changes(&simulation);
    assert_eq!(texts(&found, ChangeKind::Deploy), [(120.0, "deploy api v2")]);
    let orders: Vec<_> = found.iter().filter(|change| change.kind == ChangeKind::Order).collect();
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0].text, "roll back api");
    let reason = orders[0].reason.as_deref().expect("a reason");
    assert!(reason.starts_with("api: errors ") && reason.ends_with("% for 30s"), "{reason}");
    // One instance after the other starts for 5 s, after a minute of preparation.
    let ends = texts(&found, ChangeKind::Done);
    assert_eq!(ends, [(190.0, "api is all on v2"), (orders[0].at_seconds + 70.0, "api is back on v1")]);
    assert!(found.is_sorted_by_key(|change| change.at_seconds));
}

#[test]
fn what_is_told_survives_forks_and_snapshots() {
    let mut simulation = led("rollback-first");
    let told = changes(&simulation);
    assert_eq!(changes(&simulation.fork()), told);
    let copy = Simulation::from_snapshot(scenario(), &simulation.snapshot()).expect("its own snapshot");
    assert_eq!(changes(&copy), told);
    simulation.order(brownout::model::Verb::Restart { service: brownout::ids::Id::new(0), instance: None }).unwrap();
    simulation.run_until(at(20.5 * 60.0));
    let more = changes(&simulation);
    let last: Vec<_> = more[told.len()..].iter().map(|change| (change.text.as_str(), &change.reason)).collect();
    assert_eq!(last, [("restart api", &None), ("api has restarted", &None)]);
}
