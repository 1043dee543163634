//! The oracle finds what helps, because it sees it; and what it did replays like everything else.

use std::sync::Arc;

use brownout::oracle::{Oracle, OracleSpec};
use brownout::policy::BuiltIn;
use brownout::record::Origin;
use brownout::response::Command;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};
use brownout::{Session, Simulation};

use crate::people;

/// A shop that gets a new version, and a database; what is wrong is said apart.
const WORLD: &str = r#"Scenario(
    format: 1, name: "small", duration: "20m",
    services: {
        "api": (
            instances: 2, capacity: Workers(16), start_time: "5s", rollout: (preparation: "30s", drain: "0s"),
            versions: {"v1": (), "v2": (), "v3": (effects: {"bug": Errors(ratio: "60%")})},
            endpoints: {"buy": [Work("5ms"), Call("db.query")]},
            calls: [(to: "db", layers: [Timeout("2s")])],
        ),
        "db": (instances: 1, capacity: Workers(1), start_time: "5s", endpoints: {"query": [Work("20ms")]}),
    },
    populations: {"web": (arrivals: Constant("20/s"), mix: {"api.buy": 1})},
    always: (WRONG),
    hotfixes: {"fix": (service: "api", removes: "bug", duration: "15m", wrong: "0%")},
    menu: (without: ["block", "rate-limit", "shed", "set-timeout"]),
)"#;

/// The version is bad.
pub(crate) const BAD_VERSION: &str = r#"deploys: [(at: "1m", service: "api", version: "v3")]"#;
/// The version is harmless; the database does a third of what it did, and half as much again would be enough.
pub(crate) const TOO_SLOW: &str = r#"deploys: [(at: "1m", service: "api", version: "v2")],
    faults: {"disk": (does: Slowdown(service: "db", factor: 3.5), start: At("2m"))}"#;

pub(crate) fn world(wrong: &str) -> Arc<Scenario> {
    parsed(&WORLD.replace("WRONG", wrong))
}

/// The same, in which the calls to the database have a name of their own.
pub(crate) fn with_a_named_dependency(wrong: &str) -> Arc<Scenario> {
    let text = WORLD.replace("(to: \"db\",", "(to: \"db\", name: \"orders\",");
    parsed(&text.replace("WRONG", wrong))
}

fn parsed(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("small.ron", text.to_owned()), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn session(scenario: &Arc<Scenario>, seed: u64) -> Session {
    Session::new(Simulation::new(Arc::clone(scenario), seed))
}

fn spec() -> OracleSpec {
    OracleSpec { horizon: SimDuration::from_secs(480), forks: 200, ..OracleSpec::default() }
}

fn seen_through(mut session: Session, until: u64) -> (Session, Oracle) {
    let mut oracle = Oracle::new(spec());
    let spacing = oracle.spec().spacing;
    session.lead_seeing_until(spacing, |truth| oracle.decide(truth), SimTime::from_secs(until));
    (session, oracle)
}

fn bad(session: &Session) -> u32 {
    session.simulation().recording().seconds.iter().map(|second| second.populations[0].bad).sum()
}

fn option(command: &Command) -> &str {
    match command {
        Command::Act { option, .. } => option,
        other => panic!("{other:?}"),
    }
}

fn taken(session: &Session) -> Vec<(u64, &str)> {
    session.commands().iter().map(|logged| (logged.at.whole_secs(), option(&logged.command))).collect()
}

#[test]
fn it_finds_the_option_that_helps_and_is_no_worse_than_those_who_guess() {
    for (wrong, helps) in [(BAD_VERSION, "roll-back api"), (TOO_SLOW, "scale-out db")] {
        let scenario = world(wrong);
        for seed in 0..2 {
            let (seeing, _) = seen_through(session(&scenario, seed), 1_200);
            assert!(taken(&seeing).iter().any(|(at, option)| *option == helps && *at <= 240), "{:?}", taken(&seeing));
            for name in ["none", "rollback-first", "hotfix-first"] {
                let mut guessing = session(&scenario, seed);
                guessing.lead_to_end(&mut *BuiltIn::find(name).expect("built in").start(1));
                // It acts at whole minutes only, and looks eight minutes ahead.
                assert!(
                    f64::from(bad(&seeing)) <= 1.02 * f64::from(bad(&guessing)),
                    "{helps}, seed {seed}: {} with {:?}, {name}: {}",
                    bad(&seeing),
                    taken(&seeing),
                    bad(&guessing)
                );
            }
        }
    }
}

#[test]
fn it_does_nothing_while_all_is_well_and_keeps_to_its_budget() {
    let (well, oracle) = seen_through(session(&world(""), 1), 300);
    assert_eq!((well.commands().len(), oracle.forks()), (0, 0));
    let mut oracle = Oracle::new(OracleSpec { forks: 7, forks_each_time: 5, ..spec() });
    let mut sick = session(&world(BAD_VERSION), 1);
    let spacing = oracle.spec().spacing;
    sick.lead_seeing_until(spacing, |truth| oracle.decide(truth), SimTime::from_secs(600));
    assert!((5..=7).contains(&oracle.forks()), "{}", oracle.forks());
}

#[test]
fn what_it_did_replays_without_it() {
    let scenario = world(BAD_VERSION);
    let (led, _) = seen_through(session(&scenario, 3), 300);
    assert!(!led.commands().is_empty());
    let origin = Origin { scenario_hash: "cafe".to_owned(), overrides: Vec::new(), variant_chosen: false };
    let replayed = led.record(origin, Oracle::NAME).replay(scenario).expect("it replays");
    assert_eq!(replayed.simulation.digest(), led.simulation().digest());
}

#[test]
fn where_there_are_people_it_puts_things_into_the_best_hands() {
    let scenario = people::scenario(people::SHOP, "()", &[]);
    let (led, _) = seen_through(session(&scenario, 1), 260);
    let first = led.commands().first().expect("it acts").command.clone();
    assert!(
        matches!(&first, Command::Act { option, owner: Some(owner), .. } if option == "roll-back api" && owner == "mira"),
        "{first:?}"
    );
}
