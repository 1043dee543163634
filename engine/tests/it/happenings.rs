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
    hotfixes: {"fix": (service: "api", removes: "bug", duration: "40m")},
)"#;

/// Nobody comes for a minute and a half; the fault is there all the time.
const LATE: &str = r#"(format: 1, name: "late", duration: "3m",
    services: {"api": (capacity: Workers(20), endpoints: {"get": [Work("5ms")]})},
    populations: {"web": (
        arrivals: Constant([("0s", "0/s"), ("90s", "0/s"), ("91s", "10/s")]), mix: {"api.get": 1},
    )},
    always: (faults: {"lurking": (does: Errors(service: "api", endpoint: "get", ratio: "50%"), start: At("0s"))}),
)"#;

fn scenario() -> Arc<Scenario> {
    parse(STORY)
}

fn parse(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("story.ron", text), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn led(policy: &str) -> Simulation {
    let mut policy = BuiltIn::find(policy).expect("a built-in policy").start(0);
    let mut session = Session::new(Simulation::with_variant(scenario(), 1, 0));
    session.lead_to_end(&mut *policy);
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
fn a_deploy_says_what_the_version_does() {
    let found = changes(&led("rollback-first"));
    let detail = |change: &'_ Change| Some((change.text.clone(), change.detail.clone()?));
    let details: Vec<_> = found.iter().filter_map(detail).collect();
    let expected = [("fault tide starts: errors at db", "nothing has met it"), ("deploy api v2", "bug: errors")];
    assert_eq!(details, expected.map(|(text, detail)| (text.to_owned(), detail.to_owned())));
}

#[test]
fn a_fault_that_lies_in_wait_is_told_when_it_is_met() {
    let mut simulation = Simulation::with_variant(parse(LATE), 1, 0);
    simulation.run_to_end();
    let found = changes(&simulation);
    assert_eq!(texts(&found, ChangeKind::Fault), [(90.0, "fault lurking is met: errors at api.get")]);
    assert_eq!(found[0].detail.as_deref(), Some("there since 0:00, met by nothing before"));
}

#[test]
fn an_order_that_is_not_done_at_the_end_leaves_a_line() {
    let found = changes(&led("hotfix-first"));
    let order = found.iter().find(|change| change.kind == ChangeKind::Order).expect("an order");
    assert_eq!(order.text, "start hotfix fix for api");
    let so_far = ((1_200.0 - order.at_seconds) / 60.0).round();
    let line =
        format!("hotfix fix for api still being written at the end, {so_far} minutes so far, estimated 40 minutes");
    assert_eq!(texts(&found, ChangeKind::Unfinished), [(1_200.0, line.as_str())]);
    let mut simulation = led("none");
    simulation.order(brownout::model::Verb::RollBack { service: brownout::ids::Id::new(0) }).unwrap();
    simulation.run_until(at(20.5 * 60.0));
    let line = "roll-back of api to v1 not finished at the end, 30 seconds so far";
    assert_eq!(texts(&changes(&simulation), ChangeKind::Unfinished), [(1_230.0, line)]);
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
