//! Handing over: the lead, a task, and at the end of a shift. What is not told is lost to whoever leads, and to nobody else.

use std::sync::Arc;

use brownout::Simulation;
use brownout::model::Verb;
use brownout::observe::{NewsKind, TaskState, TriggerState, Whereabouts};
use brownout::response::comms::{Audience, Extent};
use brownout::response::people::{Fact, HandOver, Part, Severity};
use brownout::response::{Command, Order, Trigger};
use brownout::units::SimTime;

use super::comms::say;
use super::{SHOP, Shop, act, page, scenario, shop_with_audiences};

fn hand_over(to: &str, told: &[Part]) -> Command {
    Command::HandOver { to: to.to_owned(), told: told.to_vec() }
}

fn reassign(task: u32, to: &str, told: &[Part]) -> Command {
    Command::Reassign { task, to: to.to_owned(), told: told.to_vec() }
}

/// What is told arrives, and nothing else does.
const CERTAIN: [(&str, &str); 3] = [("arrives_told", "100%"), ("arrives_read_back", "100%"), ("arrives_untold", "0%")];

/// Twenty minutes into an incident: declared, looked at, given to jonas, promised to the public.
fn under_way(habits: &[(&str, &str)], seed: u64) -> Shop {
    let scenario = scenario(&shop_with_audiences("(interrupts_per_minute: 0, calls_per_minute: 0)"), "()", habits);
    let mut shop = Shop { simulation: Simulation::new(scenario, seed) };
    shop.accepted(page("jonas")).pass(300);
    shop.accepted(Command::Declare { severity: Severity::new(2).unwrap() })
        .accepted(Command::look("errors", Some("api")))
        .accepted(act("hotfix fix", Some("jonas"), Some(60)))
        .accepted(say(Audience::StatusPage, Extent::Most, 30))
        .pass(1_200);
    let view = shop.view();
    assert!(view.doing.is_none() && view.declared.is_some() && view.comms.unwrap().said[0].promised.is_some());
    assert_eq!(shop.simulation.observe().evidence.len(), 1);
    shop
}

/// Hands over to mira. Returns the ledger.
fn handed(shop: &mut Shop, told: &[Part]) -> HandOver {
    shop.accepted(hand_over("mira", told)).pass(1_200 + 20 + 5 * 45);
    assert_eq!(shop.view().lead.as_deref(), Some("mira"));
    shop.simulation.people().expect("people").hand_overs[0].clone()
}

#[test]
fn what_is_told_arrives_and_what_is_not_is_gone_until_it_is_asked_again() {
    let mut shop = under_way(&CERTAIN, 1);
    let before = shop.simulation.people().expect("people").clone();
    shop.accepted(hand_over("mira", &[Part::Summary, Part::Severity, Part::Summary])).pass(1_200 + 20 + 89);
    assert_eq!(shop.view().lead, None, "each part takes its time, once");
    shop.pass(1_200 + 20 + 90);
    let view = shop.view();
    assert_eq!(view.lead.as_deref(), Some("mira"));
    assert_eq!(shop.news(NewsKind::Announced).last().unwrap().2, "mira leads from now on");
    let task = view.tasks.iter().find(|task| task.title == "hotfix fix").expect("the fix").clone();
    assert_eq!((task.promised, task.time_box_ends, task.state), (None, None, TaskState::UnderWay));
    assert_eq!(view.comms.expect("audiences").said[0].promised, None);
    assert_eq!((shop.simulation.observe().evidence.len(), view.declared.is_some()), (1, true));
    // In truth nothing has changed.
    let after = shop.simulation.people().expect("people");
    assert_eq!(after.news[..before.news.len()], before.news[..]);
    assert_eq!(after.tasks.iter().last().unwrap().promised, before.tasks.iter().last().unwrap().promised);
    assert!(shop.simulation.comms().unwrap().audiences[0].said[0].promised.is_some());
    shop.accepted(Command::CheckIn { task: task.number }).pass(1_400);
    let again = &shop.view().tasks[task.number as usize];
    assert!(again.promised.is_some() && again.time_box_ends.is_some());
}

#[test]
fn what_was_seen_is_gone_when_nothing_is_told_and_there_again_when_it_is_looked_at_again() {
    let mut shop = under_way(&CERTAIN, 1);
    let ledger = handed(&mut shop, &[]);
    assert!(ledger.facts.len() > 5 && ledger.counts() == (ledger.facts.len(), 0), "{ledger:?}");
    let seen = shop.simulation.observe();
    assert!(seen.evidence.is_empty() && shop.view().declared.is_none());
    let known: Vec<String> = shop.view().news.into_iter().map(|news| news.text).collect();
    assert_eq!(known, ["mira leads from now on"]);
    assert_eq!(shop.simulation.evidence().seen.len(), 1, "in truth it was seen");
    shop.accepted(Command::look("errors", Some("api")))
        .accepted(Command::Declare { severity: Severity::new(2).unwrap() })
        .pass(1_800);
    assert_eq!(shop.simulation.observe().evidence.len(), 1);
    assert!(shop.view().declared.is_some());
}

#[test]
fn structure_and_reading_back_lose_less_with_the_same_luck() {
    let mut lost = [0; 3];
    let structured = [Part::Severity, Part::Summary, Part::Actions, Part::Contingencies];
    for seed in 1..=12 {
        let told = [&[][..], &structured[..], &Part::ALL[..]];
        let counts = told.map(|told| handed(&mut under_way(&[], seed), told).counts());
        assert_eq!((counts[0].0, counts[1].0), (counts[2].0, counts[2].0), "the same facts");
        let arrived = counts.map(|(_, arrived)| arrived);
        assert!(arrived.is_sorted(), "seed {seed}: {arrived:?}");
        lost = std::array::from_fn(|at| lost[at] + counts[at].0 - arrived[at]);
    }
    assert!(lost[1] * 2 < lost[0] && lost[2] < lost[1], "{lost:?}");
}

#[test]
fn whoever_leads_has_their_own_skills_and_nobody_elses_tasks() {
    let mut shop = under_way(&CERTAIN, 1);
    let jonas = "jonas has task 1 in hand; reassign it or cancel it first";
    let number = shop.view().tasks.iter().find(|task| task.title == "hotfix fix").unwrap().number;
    assert_eq!(shop.refused(hand_over("jonas", &[])), jonas.replace('1', &number.to_string()));
    assert_eq!(shop.refused(hand_over("ines", &[])), "ines is not here; page them first");
    assert_eq!(shop.refused(hand_over("mirra", &[])), "nobody and no team is called \"mirra\"; did you mean `mira`?");
    shop.accepted(hand_over("mira", &[]));
    let leads = "mira leads: name nobody to do it with your own hands, or hand over to somebody else first";
    assert_eq!(shop.refused(act("restart api", Some("mira"), None)), leads, "she is about to");
    assert_eq!(shop.refused(hand_over("mira", &[])), leads);
    shop.pass(1_300);
    for command in [
        act("restart api", Some("mira"), None),
        reassign(number, "mira", &[]),
        Command::Release { whom: "mira".to_owned() },
        hand_over("mira", &[]),
    ] {
        assert_eq!(shop.refused(command), leads);
    }
    assert_eq!(shop.view().responders[0].whereabouts, Whereabouts::Leading);
    // A minute by hand, for somebody who knows the shop; whoever led before took 80 s.
    shop.accepted(act("restart api", None, None)).pass(1_359);
    assert_eq!(shop.simulation.orders().len(), 0);
    shop.pass(1_361);
    assert_eq!(shop.simulation.orders().len(), 1);
    // And back: who led is there for tasks again.
    shop.accepted(Command::Cancel { task: number }).pass(1_400);
    shop.accepted(hand_over("jonas", &Part::ALL)).pass(1_700);
    assert_eq!(shop.view().lead.as_deref(), Some("jonas"));
    shop.accepted(act("restart db", Some("mira"), None));
}

#[test]
fn a_task_that_is_about_to_be_given_keeps_its_owner_from_leading() {
    let mut shop = Shop::usual();
    shop.pass(200);
    shop.accepted(act("restart api", Some("mira"), None));
    assert_eq!(
        shop.refused(hand_over("mira", &[])),
        "mira is about to be given a task; wait for it, then reassign it or cancel it"
    );
    shop.accepted(page("jonas")).pass(390);
    assert_eq!(
        shop.refused(hand_over("jonas", &[])),
        "jonas is not ready to lead; wait until they are here and have read up"
    );
}

#[test]
fn who_takes_over_a_task_can_use_what_is_explained() {
    let ready = |told: &[Part]| {
        let mut shop = Shop::usual();
        shop.accepted(page("jonas")).pass(300);
        // Half an hour from 330 on; given on after a quarter of it.
        shop.accepted(act("hotfix fix", Some("mira"), None)).accepted(act("restart db", Some("mira"), None));
        shop.pass(330 + 900 - 30);
        shop.accepted(reassign(0, "jonas", told)).pass(6_000);
        let orders: Vec<u64> = shop.simulation.orders().iter().map(|(at, _)| at.whole_secs()).collect();
        let [first, last] = orders[..] else { panic!("{orders:?}") };
        (first, last)
    };
    let (restart, anew) = ready(&[]);
    // A minute for the restart by somebody who does not know the database takes two.
    assert_eq!((restart, anew), (1_230 + 120, 1_230 + 1_800));
    let (restart, told) = ready(&Part::ALL);
    // Five parts take 225 s of the lead, in which mira goes on, and as long of both of them; three quarters of 1,125 s are kept.
    assert_eq!(restart, 1_230 + 225 + 225 + 120);
    assert!(told.abs_diff(1_230 + 225 + 225 + 1_800 - 843) <= 2, "{told}");
}

#[test]
fn an_investigation_that_is_taken_over_goes_on_with_what_was_seen() {
    let seen = |told: &[Part]| {
        let mut shop = Shop::with("(explaining: \"10s\")", &[("explained_keeps", "20%")]);
        shop.accepted(page("jonas")).pass(300);
        let command = Command::Investigate { service: "api".to_owned(), owner: "mira".to_owned(), time_box: None };
        shop.accepted(command).pass(600);
        let before = shop.simulation.evidence().seen.len();
        shop.accepted(reassign(0, "jonas", told)).pass(3_000);
        let conclusion = shop.simulation.observe().conclusions.pop().expect("one");
        assert_eq!((conclusion.by.as_str(), conclusion.task), ("jonas", 1));
        let report = shop.news(NewsKind::Report).pop().expect("a report").2;
        (before, shop.simulation.evidence().seen.len(), report)
    };
    let (before, all, report) = seen(&[]);
    assert_eq!((before, all), (2, 6), "everything is asked again");
    assert!(report.contains("looked at 4 instruments"), "{report}");
    let (before, all, report) = seen(&Part::ALL);
    assert_eq!((before, all), (2, 4), "what was seen is not");
    assert!(report.contains("looked at 4 instruments"), "{report}");
}

#[test]
fn who_goes_at_the_end_of_a_shift_says_so_before_and_drops_what_was_not_handed_over() {
    let text = SHOP.replace("optimism: \"50%\"", "optimism: \"50%\", leaves: \"20m\"");
    let scenario = scenario(&text, "()", &[]);
    let shop = || Shop { simulation: Simulation::new(Arc::clone(&scenario), 1) };
    let mut alone = shop();
    alone.pass(200);
    alone.accepted(act("hotfix fix", Some("mira"), None)).pass(600);
    let said = alone.news(NewsKind::Report);
    let notice = "my shift ends in 10 minutes; somebody else has to take hotfix fix (task 0)";
    assert_eq!(said.last().unwrap(), &(600, "mira".to_owned(), notice.to_owned()));
    alone.pass(1_199);
    assert_eq!(alone.view().tasks[0].state, TaskState::UnderWay);
    alone.pass(1_200);
    assert_eq!(alone.view().tasks[0].state, TaskState::Dropped);
    assert_eq!(alone.view().responders[0].whereabouts, Whereabouts::Released);
    assert_eq!(alone.news(NewsKind::Announced).pop().unwrap().2, "my shift is over; gone");
    // Who is called after it comes, and stays.
    alone.accepted(page("mira")).pass(4_000);
    assert_eq!(alone.view().responders[0].whereabouts, Whereabouts::Here);
    // Who leads goes when they have handed over.
    let mut leads = shop();
    leads.accepted(page("jonas")).accepted(hand_over("mira", &[])).pass(1_500);
    assert_eq!(leads.view().responders[0].whereabouts, Whereabouts::Leading);
    leads.accepted(hand_over("jonas", &[])).pass(1_522);
    assert_eq!(leads.view().responders[0].whereabouts, Whereabouts::Released);
    assert_eq!(leads.view().lead.as_deref(), Some("jonas"));
}

#[test]
fn who_gets_the_lead_back_remembers_what_they_knew() {
    let mut shop = under_way(&CERTAIN, 1);
    handed(&mut shop, &Part::ALL);
    shop.accepted(Command::look("errors", Some("db"))).pass(2_000);
    let evidence = |shop: &Shop| shop.simulation.observe().evidence.len();
    let number = shop.view().tasks.iter().find(|task| task.title == "hotfix fix").unwrap().number;
    shop.accepted(Command::Cancel { task: number }).pass(2_060);
    assert_eq!((evidence(&shop), shop.view().declared.is_some()), (2, true));
    shop.accepted(hand_over("jonas", &[])).pass(2_200);
    assert_eq!((evidence(&shop), shop.view().declared), (0, None));
    shop.accepted(Command::look("traces", Some("api"))).pass(2_500);
    shop.accepted(hand_over("mira", &[])).pass(2_600);
    assert_eq!(shop.view().lead.as_deref(), Some("mira"));
    assert_eq!((evidence(&shop), shop.view().declared.is_some()), (2, true), "not what jonas has seen meanwhile");
    let ledger = shop.simulation.people().expect("people").hand_overs[2].clone();
    assert!(ledger.facts.iter().any(|handed| !handed.arrived), "{ledger:?}");
}

/// Hands over with a trigger set, one still to be set, and an order given behind the hand-over.
fn with_intents(told: &[Part]) -> Shop {
    let mut shop = under_way(&CERTAIN, 1);
    shop.accepted(trigger(1_900)).pass(1_260);
    shop.accepted(hand_over("mira", told)).accepted(trigger(1_950)).accepted(Command::look("errors", Some("db")));
    shop.accepted(page("ines")).pass(1_260 + 20 + 45 * told.len() as u64);
    assert_eq!(shop.view().lead.as_deref(), Some("mira"));
    shop
}

fn trigger(at: u64) -> Command {
    Command::Trigger(Trigger {
        signal: "error-ratio of api".to_owned(),
        above: Some("20%".to_owned()),
        below: None,
        at: SimTime::from_secs(at),
        holds: None,
        then: Order { option: "restart db".to_owned(), ..Order::default() },
    })
}

#[test]
fn what_the_lead_was_about_to_do_is_done_when_it_is_told() {
    let mut shop = with_intents(&Part::ALL);
    assert_eq!(shop.simulation.observe().triggers.len(), 2);
    assert!(shop.view().doing.is_some());
    shop.pass(3_200);
    let states: Vec<TriggerState> = shop.simulation.observe().triggers.iter().map(|view| view.state).collect();
    assert_eq!(states, [TriggerState::Met, TriggerState::Met]);
    assert_eq!(shop.simulation.evidence().seen.len(), 2);
    assert!(shop.news(NewsKind::Paged).iter().any(|(_, _, text)| text == "paging ines"));
}

#[test]
fn what_the_lead_was_about_to_do_is_forgotten_when_it_is_not_told() {
    let mut shop = with_intents(&[Part::Summary]);
    assert!(shop.simulation.observe().triggers.is_empty(), "nobody knows of them");
    assert_eq!((shop.view().doing, shop.view().waiting.len()), (None, 0));
    let last = Fact::Intent(shop.simulation.commands().len() as u32 - 1);
    assert_eq!(shop.refused(Command::Withdraw { trigger: 0 }), "there is no trigger 0");
    let ledger = shop.simulation.people().expect("people").hand_overs[0].clone();
    let lost = |fact: Fact| ledger.facts.iter().any(|handed| handed.fact == fact && !handed.arrived);
    assert!(lost(Fact::Trigger(0)) && lost(Fact::Trigger(1)) && lost(last), "{ledger:?}");
    shop.pass(3_200);
    assert!(!shop.simulation.triggers().any_open(), "they have lapsed");
    let restarts = |(_, verb): &(SimTime, Verb)| matches!(verb, Verb::Restart { .. });
    assert!(!shop.simulation.orders().iter().any(restarts), "{:?}", shop.simulation.orders());
    assert_eq!(shop.simulation.evidence().seen.len(), 1);
    assert!(shop.news(NewsKind::Paged).iter().all(|(_, _, text)| text != "paging ines"));
}

#[test]
fn what_was_lost_stays_lost_when_the_lead_goes_on() {
    let mut shop = under_way(&CERTAIN, 1);
    handed(&mut shop, &[Part::Summary]);
    let promises = |shop: &Shop| -> Vec<bool> {
        shop.view().comms.expect("audiences").said.iter().map(|said| said.promised.is_some()).collect()
    };
    assert_eq!(promises(&shop), [false]);
    shop.accepted(say(Audience::StatusPage, Extent::Most, 30)).pass(2_000);
    let number = shop.view().tasks.iter().find(|task| task.title == "hotfix fix").unwrap().number;
    shop.accepted(Command::Cancel { task: number }).pass(2_060);
    assert_eq!(promises(&shop), [false, true]);
    shop.accepted(hand_over("jonas", &Part::ALL)).pass(2_600);
    assert_eq!(shop.view().lead.as_deref(), Some("jonas"));
    assert_eq!(promises(&shop), [false, true], "nobody could tell the first");
}

#[test]
fn a_task_on_its_way_out_of_the_leads_hands_is_dropped_with_the_rest() {
    let mut shop = under_way(&CERTAIN, 1);
    shop.accepted(hand_over("mira", &[])).accepted(act("restart db", None, None));
    let number = shop.view().tasks.last().expect("the restart").number;
    shop.accepted(page("ines")).accepted(Command::Reassign { task: number, to: "jonas".to_owned(), told: Vec::new() });
    shop.pass(1_230);
    assert_eq!(shop.view().lead.as_deref(), Some("mira"));
    assert_eq!(shop.view().tasks[number as usize].state, TaskState::Dropped);
}
