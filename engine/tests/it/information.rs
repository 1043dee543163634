//! A lead that looks before it acts: what it asks, and what it does about the answers.

use std::sync::Arc;

use brownout::policy::BuiltIn;
use brownout::response::Command;
use brownout::scenario::Scenario;
use brownout::{Session, Simulation};

use crate::oracle::{BAD_VERSION, TOO_SLOW, with_a_named_dependency, world};
use crate::people;

fn led(scenario: &Arc<Scenario>, policy: &str, seed: u64) -> Session {
    let mut session = Session::new(Simulation::new(Arc::clone(scenario), seed));
    session.lead_until(&mut *BuiltIn::find(policy).expect("built in").start(1), crate::systems::at(1_200.0));
    session
}

/// What was asked before the first option was taken, and that option.
fn told(session: &Session) -> (Vec<String>, String) {
    let mut looks = Vec::new();
    for logged in session.commands() {
        assert_eq!(logged.refused, None, "{:?}", logged.command);
        match &logged.command {
            Command::Look { instrument, subject, .. } => {
                looks.push(format!("{instrument} {}", subject.as_deref().unwrap_or("")).trim().to_owned());
            }
            Command::Act { option, .. } => return (looks, option.clone()),
            _ => {}
        }
    }
    panic!("nothing was done: {looks:?}");
}

#[test]
fn a_change_that_is_to_blame_is_rolled_back_and_a_full_database_gets_another_instance() {
    let (looks, option) = told(&led(&world(BAD_VERSION), "greedy-information", 1));
    assert_eq!(option, "roll-back api", "after {looks:?}");
    assert_eq!(looks[0], "changes", "the cheapest that tells most is first: {looks:?}");
    let mut once = looks.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), looks.len(), "nothing is asked twice: {looks:?}");
    let (looks, option) = told(&led(&world(TOO_SLOW), "greedy-information", 1));
    assert_eq!(option, "scale-out db", "after {looks:?}");
    assert!(looks.iter().any(|look| look == "capacity db"), "{looks:?}");
}

#[test]
fn a_dependency_with_a_name_of_its_own_is_followed_as_any_other() {
    let (looks, option) = told(&led(&with_a_named_dependency(TOO_SLOW), "greedy-information", 1));
    assert_eq!(option, "scale-out db", "after {looks:?}");
    assert_eq!(looks, told(&led(&world(TOO_SLOW), "greedy-information", 1)).0);
}

#[test]
fn with_people_it_looks_with_its_own_time_and_theirs_and_has_somebody_act() {
    let scenario = people::scenario(people::SHOP, "()", &[]);
    let session = led(&scenario, "greedy-information", 1);
    let investigates = |command: &Command| matches!(command, Command::Investigate { owner, .. } if owner == "mira");
    assert!(session.commands().iter().any(|logged| investigates(&logged.command)), "{:?}", session.commands());
    let back = session.simulation().observe().changes.iter().any(|change| change.back);
    assert!(back, "it is rolled back in the end: {:?}", session.commands());
}

#[test]
fn it_asks_nothing_while_all_is_well() {
    assert!(led(&world(""), "greedy-information", 2).commands().is_empty());
}
