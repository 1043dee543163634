//! Tasks: handed over, acknowledged with an estimate, worked on, carried out by the system, reassigned, called off.

use brownout::model::Verb;
use brownout::observe::{NewsKind, TaskState};
use brownout::response::Command;
use brownout::response::people::Severity;
use brownout::units::{SimDuration, SimTime};

use super::{Shop, act, page};

fn state(shop: &Shop, task: usize) -> TaskState {
    shop.view().tasks[task].state
}

#[test]
fn a_roll_back_is_handed_over_ordered_and_watched_to_its_end() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(act("roll-back api", Some("mira"), Some(10)));
    // Half a minute to ask; mira is there and has it in the same second.
    shop.pass(229);
    assert!(shop.view().tasks.is_empty());
    shop.pass(230);
    let task = &shop.view().tasks[0];
    assert_eq!(
        (task.title.as_str(), task.owner.as_deref(), task.state),
        ("roll-back api", Some("mira"), TaskState::UnderWay)
    );
    assert_eq!(task.time_box_ends.map(SimTime::whole_secs), Some(230 + 600));
    assert_eq!(shop.news(NewsKind::Acknowledged)[0].2, "roll-back api: I have it, about 30 seconds");
    assert!(shop.simulation.menu().find("roll-back api").is_none(), "somebody has it in hand");
    shop.pass(291);
    assert_eq!(state(&shop, 0), TaskState::CarriedOut);
    assert_eq!(shop.simulation.orders()[0].0.whole_secs(), 290);
    shop.pass(400);
    assert_eq!(state(&shop, 0), TaskState::Done);
    assert_eq!(shop.news(NewsKind::Done), [(361, "mira".to_owned(), "roll-back api: done, everywhere".to_owned())]);
    assert_eq!(shop.simulation.reason(0), None);
}

#[test]
fn what_was_on_the_menu_when_it_was_asked_for_may_be_impossible_when_it_is_done() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(act("roll-back api", Some("mira"), None)).pass(240);
    // Somebody rolls it back meanwhile.
    let service = brownout::ids::Id::new(0);
    shop.simulation.order(brownout::model::Verb::RollBack { service }).unwrap();
    shop.pass(400);
    assert_eq!(state(&shop, 0), TaskState::Failed);
    let failed = shop.news(NewsKind::Failed);
    assert_eq!(failed[0].2, "roll-back api: could not be done: there is no earlier version to roll back to");
}

#[test]
fn estimates_are_those_of_an_optimist() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(240);
    assert_eq!(shop.news(NewsKind::Acknowledged)[0].2, "hotfix fix: I have it, about 15 minutes");
    assert_eq!(shop.view().tasks[0].promised.map(SimTime::whole_secs), Some(230 + 900));
    // It takes half an hour, and then the pipeline.
    shop.pass(2_029);
    assert!(shop.simulation.orders().is_empty());
    shop.pass(2_031);
    assert_eq!(shop.simulation.orders().len(), 1);
    shop.pass(2_200);
    assert_eq!(state(&shop, 0), TaskState::Done);
    assert_eq!(
        shop.simulation.observe().changes.last().map(|change| change.version.clone()).as_deref(),
        Some("v2+hotfix1")
    );
}

#[test]
fn a_task_waits_for_its_owner_and_for_the_one_before_it() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(page("jonas")).pass(220);
    shop.accepted(act("restart db", Some("jonas"), None)).accepted(act("restart api", Some("jonas"), None)).pass(390);
    assert_eq!([state(&shop, 0), state(&shop, 1)], [TaskState::Waiting, TaskState::Waiting]);
    // Acknowledged at 335, here at 395; he does not know the database: two minutes by hand instead of one.
    shop.pass(396);
    assert_eq!([state(&shop, 0), state(&shop, 1)], [TaskState::UnderWay, TaskState::Waiting]);
    shop.pass(700);
    let ordered: Vec<u64> = shop.simulation.orders().iter().map(|(at, _)| at.whole_secs()).collect();
    assert_eq!(ordered, [515, 576]);
}

#[test]
fn a_task_that_is_reassigned_begins_anew_and_one_that_is_called_off_ends() {
    let mut shop = Shop::usual();
    shop.accepted(page("jonas")).pass(300);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(1_000);
    shop.accepted(Command::Reassign { task: 0, to: "jonas".to_owned(), told: Vec::new() }).pass(1_030);
    assert_eq!([state(&shop, 0), state(&shop, 1)], [TaskState::Dropped, TaskState::UnderWay]);
    assert_eq!(shop.refused(Command::CheckIn { task: 0 }), "task 0 is over");
    assert_eq!(
        shop.refused(Command::Reassign { task: 1, to: "jonas".to_owned(), told: Vec::new() }),
        "jonas has this task already"
    );
    shop.accepted(Command::Cancel { task: 1 }).pass(1_100);
    assert_eq!(state(&shop, 1), TaskState::Dropped);
    assert!(shop.simulation.menu().find("hotfix fix").is_some(), "nobody has it in hand any more");
    shop.pass(4_000);
    assert!(shop.simulation.orders().is_empty());
}

#[test]
fn who_is_released_drops_what_they_had() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(300);
    shop.accepted(Command::Release { whom: "mira".to_owned() }).pass(330);
    assert_eq!(state(&shop, 0), TaskState::Dropped);
    assert_eq!(shop.refused(act("hotfix fix", Some("mira"), None)), "mira is not here; page them first");
}

#[test]
fn commands_that_make_no_sense_are_refused_with_a_reason() {
    let mut shop = Shop::usual();
    shop.pass(200);
    assert_eq!(shop.refused(act("restart api", Some("jonas"), None)), "jonas is not here; page them first");
    assert_eq!(
        shop.refused(act("restart api", Some("mira"), Some(0))),
        "a time-box must be longer than nothing, such as 10m"
    );
    assert_eq!(shop.refused(act("dance", Some("mira"), None)), "\"dance\" is not on the menu now");
    assert_eq!(shop.refused(Command::CheckIn { task: 7 }), "there is no task 7");
    shop.accepted(act("restart api", None, None));
    assert_eq!(
        shop.refused(Command::CheckIn { task: 0 }),
        "task 0 is in the lead's own hands; cancel it or reassign it"
    );
}

#[test]
fn what_comes_to_several_orders_is_done_whole_or_not_at_all() {
    let does = r#"[Restart(service: "db"), RollBack(service: "api")]"#;
    let text =
        super::SHOP.replace("    people: (", &format!("    actions: {{\"reset\": (does: {does})}},\n    people: ("));
    let mut shop = Shop { simulation: brownout::Simulation::new(super::scenario(&text, "()", &[]), 1) };
    // Nothing has been deployed yet.
    shop.accepted(act("do reset", None, None)).pass(300);
    assert!(shop.simulation.orders().is_empty(), "{:?}", shop.simulation.orders());
    let failed = shop.news(NewsKind::Failed);
    assert_eq!(failed[0].2, "do reset: could not be done: there is no earlier version to roll back to");
}

#[test]
fn what_the_lead_has_in_hand_can_be_put_down_and_given_away() {
    let mut shop = Shop::usual();
    shop.pass(200).accepted(act("hotfix fix", None, None)).accepted(page("jonas")).pass(300);
    let view = shop.view();
    assert_eq!((view.tasks[0].state, view.waiting.len()), (TaskState::UnderWay, 1), "the page waits behind the fix");
    // A lead who knows nothing of the shop takes forty minutes for the half hour.
    assert_eq!(view.tasks[0].promised.map(SimTime::whole_secs), Some(200 + 2_400));
    assert_eq!(
        shop.refused(Command::CheckIn { task: 0 }),
        "task 0 is in the lead's own hands; cancel it or reassign it"
    );
    shop.accepted(Command::Reassign { task: 0, to: "mira".to_owned(), told: Vec::new() });
    assert_eq!(shop.view().doing.map(|(what, _)| what).as_deref(), Some("paging jonas"), "at once");
    shop.pass(400);
    let view = shop.view();
    assert_eq!((view.tasks[0].state, view.tasks[1].owner.as_deref()), (TaskState::Dropped, Some("mira")));
    shop.accepted(act("restart db", None, None)).accepted(act("restart api", None, None));
    let (first, second) = (shop.view().tasks[2].clone(), shop.view().tasks[3].clone());
    assert_eq!((first.state, second.state), (TaskState::UnderWay, TaskState::Waiting));
    assert_eq!(
        second.promised.unwrap().since(first.promised.unwrap()),
        SimDuration::from_secs(80),
        "one after the other"
    );
    shop.accepted(Command::Cancel { task: 2 });
    let view = shop.view();
    assert_eq!((view.tasks[2].state, view.tasks[3].state), (TaskState::Dropped, TaskState::UnderWay));
    shop.pass(800);
    let restarts = shop.simulation.orders().iter().filter(|(_, verb)| matches!(verb, Verb::Restart { .. }));
    assert_eq!(restarts.count(), 1);
}

#[test]
fn the_same_severity_is_declared_once() {
    let mut shop = Shop::usual();
    let declare = |severity: u8| Command::Declare { severity: Severity::new(severity).expect("a severity") };
    shop.pass(200).accepted(declare(2));
    let already = "it is declared SEV2 already, or about to be";
    assert_eq!(shop.refused(declare(2)), already);
    shop.accepted(declare(1)).accepted(declare(2)).pass(400);
    assert_eq!(shop.refused(declare(2)), already);
    assert_eq!(shop.view().declared.map(|(_, severity)| severity), Some(2));
}

#[test]
fn nothing_to_roll_back_is_said_so() {
    let mut shop = Shop::usual();
    assert_eq!(shop.refused(act("roll-back api", None, None)), "there is no earlier version to roll back to");
    assert!(shop.refused(act("roll-back apy", None, None)).contains("is not on the menu now"));
}

#[test]
fn what_the_lead_is_about_to_give_is_not_on_the_menu_any_more() {
    let mut shop = Shop::usual();
    shop.pass(200);
    let offered = |shop: &Shop| shop.simulation.menu().options.iter().any(|option| option.name == "restart api");
    assert!(offered(&shop));
    shop.accepted(page("jonas")).accepted(act("restart api", Some("mira"), None));
    assert!(shop.view().tasks.is_empty() && !offered(&shop), "it waits behind the page");
    let again = shop.refused(act("restart api", None, None));
    assert_eq!(again, shop.refused(act("restart api", Some("mira"), None)));
    assert!(again.contains("restart api"), "{again}");
}

#[test]
fn branches_and_snapshots_go_on_with_people_as_the_run_does() {
    let scenario = super::scenario(super::SHOP, "()", &[("misses", "30%"), ("blocked", "50%")]);
    let mut run = brownout::Simulation::new(std::sync::Arc::clone(&scenario), 5);
    run.run_until(brownout::units::SimTime::from_secs(200));
    let lead = brownout::response::Actor::Lead;
    run.command(lead, page("shop")).unwrap();
    run.command(lead, act("hotfix fix", Some("mira"), Some(20))).unwrap();
    run.run_until(brownout::units::SimTime::from_secs(400));
    let mut branch = run.fork();
    let mut loaded = brownout::Simulation::from_snapshot(std::sync::Arc::clone(&scenario), &run.snapshot()).unwrap();
    assert_eq!(loaded.commands(), run.commands());
    let mut lucky = run.fork_with_luck(1);
    assert_ne!(lucky.digest(), run.digest());
    for simulation in [&mut run, &mut branch, &mut loaded, &mut lucky] {
        simulation.command(lead, Command::CheckIn { task: 0 }).unwrap();
        simulation.run_to_end();
    }
    assert_eq!(run.digest(), branch.digest());
    assert_eq!(run.digest(), loaded.digest());
    assert_ne!(run.digest(), lucky.digest());
}

#[test]
fn what_was_about_to_be_given_away_can_be_called_off() {
    let mut shop = Shop::usual();
    shop.pass(200).accepted(act("restart db", None, None)).accepted(page("jonas"));
    shop.accepted(Command::Reassign { task: 0, to: "mira".to_owned(), told: Vec::new() });
    shop.accepted(Command::Cancel { task: 0 });
    let view = shop.view();
    assert_eq!((view.tasks[0].state, view.waiting.len()), (TaskState::Dropped, 0), "{view:?}");
    shop.pass(600);
    assert_eq!((shop.view().tasks.len(), shop.simulation.orders().len()), (1, 0));
}
