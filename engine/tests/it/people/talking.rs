//! Policies that talk, where somebody listens: the one that only talks, and rule files.

use std::sync::Arc;

use brownout::policy::{BuiltIn, Policy};
use brownout::record::{Origin, Record, Verdict};
use brownout::response::Command;
use brownout::response::comms::Audience;
use brownout::scenario::Scenario;
use brownout::text::Source;
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use super::{scenario, shop_with_audiences};

fn shop() -> Arc<Scenario> {
    scenario(&shop_with_audiences("()"), "()", &[])
}

/// An hour led by a policy, whose record replays.
fn led(policy: &mut dyn Policy) -> Session {
    let scenario = shop();
    let mut session = Session::new(Simulation::new(Arc::clone(&scenario), 3));
    session.lead_until(policy, SimTime::from_secs(3_600));
    let origin = Origin { scenario_hash: "0".repeat(64), overrides: Vec::new(), variant_chosen: false };
    let record = Record::parse(&Source::new("record", session.record(origin, "a policy").text())).unwrap();
    assert_eq!(record.replay(scenario).unwrap().verdict, Verdict::Same);
    session
}

fn trust(session: &Session) -> [f64; 4] {
    let audiences = &session.simulation().comms().expect("somebody listens").audiences;
    Audience::ALL.map(|audience| audiences[audience as usize].trust)
}

#[test]
fn whoever_only_talks_keeps_every_promise_and_is_trusted_for_it() {
    let talked = led(&mut *BuiltIn::find("communicate-only").unwrap().start(0));
    assert!(talked.commands().iter().all(|one| one.refused.is_none()), "{:?}", talked.commands());
    assert!(talked.commands().iter().all(|one| !matches!(one.command, Command::Act { .. })), "it takes no option");
    for audience in &talked.simulation().comms().unwrap().audiences {
        assert!(audience.said.len() >= 2 && !audience.overdue, "{:?}", audience.said);
        for said in &audience.said {
            assert!(
                said.missing.is_empty() && said.contradicts_seen.is_none() && said.contradicts_felt.is_none(),
                "{said:?}"
            );
        }
        for pair in audience.said.windows(2) {
            assert!(pair[1].at <= pair[0].promised.unwrap(), "{pair:?}");
        }
    }
    let silent = led(&mut *BuiltIn::find("none").unwrap().start(0));
    for (talked, silent) in trust(&talked).into_iter().zip(trust(&silent)) {
        assert!(talked > silent && talked >= 0.8, "{talked} and {silent}");
    }
    assert!(talked.simulation().comms().unwrap().tickets() < silent.simulation().comms().unwrap().tickets());
}

#[test]
fn a_rule_file_declares_tells_and_has_it_done() {
    let text = r#"(format: 1, rules: [(
        name: "errors",
        when: All([(signal: "error-ratio of api", above: "5%", holds: "15s"), Deployed(service: "api", within: "10m")]),
        then: [
            Declare(2), Page("shop"), Act(option: "roll-back api", owner: Person("mira"), time_box: "5m"),
            Say(to: "status-page", impact: "seen", scope: ["api"], cause: Suspected("api"), action: "rolling back", next_update: "20m"),
            Wait("5m"), CheckIn("roll-back api"),
        ],
    )])"#;
    let session = Session::new(Simulation::new(shop(), 3));
    let (mut runbook, warnings) =
        session.runbook(&Source::new("rules.ron", text)).unwrap_or_else(|why| panic!("{}", why.render()));
    assert!(warnings.is_empty(), "{}", warnings.render());
    let session = led(&mut runbook);
    assert!(session.commands().iter().all(|one| one.refused.is_none()), "{:?}", session.commands());
    let people = session.simulation().observe().people.unwrap();
    assert_eq!(people.declared.map(|(_, severity)| severity), Some(2));
    let task = people.tasks.iter().find(|task| task.title == "roll-back api").expect("somebody has it");
    assert_eq!(task.owner.as_deref(), Some("mira"));
    assert_eq!(people.comms.unwrap().said[0].to, "status-page");
    assert!(session.simulation().observe().changes.iter().any(|change| change.back && change.done));
}

#[test]
fn names_of_people_are_looked_up_too() {
    let text = r#"(format: 1, rules: [(name: "a", when: Paging, then: [
        Page("mirra"), Act(option: "restart api", owner: Person("jonass")), Say(to: "support", by: "inez"),
    ])])"#;
    let session = Session::new(Simulation::new(shop(), 3));
    let found = session.runbook(&Source::new("rules.ron", text)).unwrap_err().render();
    for near in ["mira", "jonas", "ines"] {
        assert!(found.contains(&format!("did you mean \"{near}\"?")), "{found}");
    }
    assert!(
        found.contains("rules.ron:2:14: error[unknown-name]: there is no person or team called \"mirra\""),
        "{found}"
    );
}
