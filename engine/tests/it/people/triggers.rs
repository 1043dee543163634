//! Switch triggers: what the lead has decided beforehand is done if the dashboards show it by then, and not otherwise.

use brownout::Simulation;
use brownout::observe::{NewsKind, TaskState, TriggerState, TriggerView};
use brownout::response::{Actor, Command, Order, Refusal, Trigger};
use brownout::units::{SimDuration, SimTime};

use super::{SHOP, Shop, scenario};

/// The shop without anybody but the lead.
fn alone() -> Simulation {
    let people = SHOP.find("    people: (").expect("people");
    let text = format!("{})", &SHOP[..people]);
    Simulation::new(scenario(&text, "()", &[]), 1)
}

/// If more than so much of what the shop answers are errors at an instant, mira rolls it back.
fn still(above: &str, at: u64, owner: Option<&str>) -> Trigger {
    Trigger {
        signal: "error-ratio of api".to_owned(),
        above: Some(above.to_owned()),
        below: None,
        at: SimTime::from_secs(at),
        holds: None,
        then: Order {
            option: "roll-back api".to_owned(),
            owner: owner.map(str::to_owned),
            reason: "it is still bad".to_owned(),
            ..Order::default()
        },
    }
}

fn views(simulation: &Simulation) -> Vec<TriggerView> {
    simulation.observe().triggers
}

fn decided(simulation: &Simulation) -> Vec<(TriggerState, Option<u64>)> {
    views(simulation).iter().map(|view| (view.state, view.decided.map(SimTime::whole_secs))).collect()
}

fn pass(simulation: &mut Simulation, until: u64) {
    simulation.run_until(SimTime::from_secs(until));
}

fn set(simulation: &mut Simulation, trigger: Trigger) -> Result<(), Refusal> {
    simulation.command(Actor::Lead, Command::Trigger(trigger))
}

#[test]
fn one_that_is_met_has_its_option_ordered_with_its_reason_and_one_that_is_not_lapses() {
    let mut simulation = alone();
    pass(&mut simulation, 150);
    set(&mut simulation, still("20%", 200, None)).unwrap();
    set(&mut simulation, still("95%", 190, None)).unwrap();
    pass(&mut simulation, 199);
    assert_eq!(decided(&simulation), [(TriggerState::Open, None), (TriggerState::Lapsed, Some(190))]);
    assert!(simulation.orders().is_empty());
    pass(&mut simulation, 200);
    assert_eq!(decided(&simulation)[0], (TriggerState::Met, Some(200)));
    assert_eq!((simulation.orders().len(), simulation.reason(0)), (1, Some("it is still bad")));
    assert_eq!(simulation.cause(0), Some(0), "it came from the trigger's command");
    assert_eq!(views(&simulation)[0].condition, "error-ratio of api above 20%");
    assert!(simulation.observe().changes.iter().any(|change| change.back), "it is rolled back");
    assert_eq!(simulation.commands().len(), 2, "nobody said more");
}

#[test]
fn one_with_a_duration_is_met_as_soon_as_it_has_held_so_long() {
    let mut simulation = alone();
    pass(&mut simulation, 30);
    // The version comes into service after 2:00 and serves alone later; there is nothing to roll back to before 1:00.
    assert!(set(&mut simulation, still("20%", 900, None)).is_err());
    pass(&mut simulation, 61);
    let lasting =
        |minutes: u64| Trigger { holds: Some(SimDuration::from_secs(60 * minutes)), ..still("20%", 900, None) };
    let restart =
        |trigger: Trigger| Trigger { then: Order { option: "restart db".to_owned(), ..Order::default() }, ..trigger };
    set(&mut simulation, restart(lasting(2))).unwrap();
    set(&mut simulation, restart(lasting(60))).unwrap();
    pass(&mut simulation, 900);
    let seen_at = simulation.recording().seconds.iter().position(|second| second.services[0].flow.failed() > 0);
    let first = seen_at.expect("errors") as u64 + 1;
    let [(state, at), late] = decided(&simulation)[..] else { panic!("two triggers") };
    let at = at.expect("decided");
    assert_eq!(state, TriggerState::Met);
    assert!((first + 120..first + 120 + 75).contains(&at), "errors from {first} on, met at {at}");
    assert_eq!(late, (TriggerState::Lapsed, Some(900)));
}

#[test]
fn what_dashboards_show_decides_and_not_what_is() {
    let text = SHOP.replace("people: (", r#"monitoring: (scrape_interval: "60s", delay: "30s"), people: ("#);
    let people = text.find("    people: (").or_else(|| text.find(", people: (")).expect("people");
    let text = format!("{})", text[..people].trim_end_matches(','));
    let mut simulation = Simulation::new(scenario(&text, "()", &[]), 1);
    pass(&mut simulation, 150);
    // Errors since about 2:05; a reading of them at 3:00 is seen at 3:30.
    set(&mut simulation, still("20%", 185, None)).unwrap();
    set(&mut simulation, still("20%", 211, None)).unwrap();
    pass(&mut simulation, 300);
    assert_eq!(decided(&simulation), [(TriggerState::Lapsed, Some(185)), (TriggerState::Met, Some(211))]);
}

#[test]
fn with_people_it_takes_attention_to_set_and_goes_the_way_of_every_task() {
    let mut shop = Shop::usual();
    shop.pass(150).accepted(Command::Trigger(still("20%", 240, Some("mira"))));
    let doing = shop.view().doing.expect("it takes a moment");
    assert_eq!(doing.0, "setting a trigger for roll-back api");
    shop.pass(900);
    let news: Vec<_> = shop.news(NewsKind::Report).into_iter().filter(|(_, from, _)| from == "notes").collect();
    assert_eq!(
        news,
        [(240, "notes".to_owned(), "trigger 0 is met: error-ratio of api above 20%, roll-back api".to_owned())]
    );
    let tasks = shop.view().tasks;
    assert_eq!((tasks.len(), tasks[0].owner.as_deref(), tasks[0].title.as_str()), (1, Some("mira"), "roll-back api"));
    assert!(matches!(tasks[0].state, TaskState::CarriedOut | TaskState::Done), "{:?}", tasks[0]);
    assert!(shop.simulation.orders().len() == 1);
}

#[test]
fn a_lead_who_is_busy_until_its_time_has_not_set_it() {
    let mut shop = Shop::usual();
    shop.pass(150).accepted(Command::act("restart db", "")).accepted(Command::Trigger(still("20%", 160, None)));
    shop.pass(160);
    let view = &views(&shop.simulation)[0];
    assert_eq!((view.state, view.remark.as_str()), (TriggerState::Lapsed, "the lead had not come to it"));
    assert_eq!(shop.view().waiting.len(), 0, "it is not set any more");
}

#[test]
fn one_that_is_met_when_it_cannot_be_done_any_more_says_why() {
    let mut shop = Shop::usual();
    shop.pass(150).accepted(Command::Trigger(still("20%", 300, Some("ines"))));
    shop.pass(301);
    let view = &views(&shop.simulation)[0];
    assert_eq!(view.state, TriggerState::Met);
    assert!(view.remark.contains("ines is not here; page them first"), "{}", view.remark);
    assert!(shop.news(NewsKind::Report).iter().any(|(_, _, text)| text.contains("ines is not here")));
    assert!(shop.view().tasks.is_empty());
}

#[test]
fn it_can_be_taken_back_until_it_is_decided() {
    let mut shop = Shop::usual();
    shop.pass(150).accepted(Command::Trigger(still("20%", 300, None)));
    shop.pass(200).accepted(Command::Withdraw { trigger: 0 });
    assert_eq!(shop.refused(Command::Withdraw { trigger: 0 }), "trigger 0 has been decided already");
    assert_eq!(shop.refused(Command::Withdraw { trigger: 3 }), "there is no trigger 3");
    shop.pass(400);
    assert_eq!(decided(&shop.simulation), [(TriggerState::Withdrawn, Some(200))]);
    assert!(shop.simulation.orders().is_empty() && shop.view().tasks.is_empty());
}

#[test]
fn refusals_say_what_would_be_right() {
    let mut shop = Shop::usual();
    shop.pass(150);
    let mut refused = |trigger: Trigger| shop.refused(Command::Trigger(trigger));
    let usual = || still("20%", 300, None);
    let says = |text: String, right: &str| assert!(text.contains(right), "{text}");
    let signal = |name: &str| Trigger { signal: name.to_owned(), ..usual() };
    says(refused(signal("error-ratio of apy")), "did you mean `error-ratio of api`?");
    says(refused(signal("\u{1b}[31m")), "write a metric and of what");
    says(refused(signal("burn-rate of population web")), "no dashboard shows burn-rate of population web");
    says(refused(Trigger { above: None, ..usual() }), "either `above` or `below`");
    says(refused(Trigger { below: Some("1%".to_owned()), ..usual() }), "either `above` or `below`");
    says(refused(still("much", 300, None)), "\"much\" is no amount of that signal");
    says(refused(still("20%", 150, None)), "name a later time");
    says(refused(still("20%", 14_401, None)), "everything is over at 240:00");
    says(refused(still("20%", 300, Some("myra"))), "did you mean `mira`?");
    let then = Order { option: "roll-back apo".to_owned(), ..Order::default() };
    says(refused(Trigger { then, ..usual() }), "did you mean `roll-back api`?");
    let mut alone = alone();
    pass(&mut alone, 150);
    let why = set(&mut alone, still("20%", 300, Some("mira"))).expect_err("nobody is there").to_string();
    assert_eq!(why, "there is nobody but the lead in this scenario");
}

#[test]
fn a_fork_and_a_snapshot_decide_as_the_run_itself_does() {
    let mut shop = Shop::usual();
    let lasting = Trigger { holds: Some(SimDuration::from_secs(90)), ..still("20%", 600, Some("mira")) };
    shop.pass(130).accepted(Command::Trigger(lasting)).pass(190);
    let mut fork = shop.simulation.fork();
    let scenario = std::sync::Arc::clone(shop.simulation.scenario());
    let mut kept = Simulation::from_snapshot(scenario, &shop.simulation.snapshot()).expect("a snapshot");
    shop.pass(1_200);
    pass(&mut fork, 1_200);
    pass(&mut kept, 1_200);
    assert_eq!(decided(&shop.simulation)[0].0, TriggerState::Met);
    assert_eq!((fork.digest(), kept.digest()), (shop.simulation.digest(), shop.simulation.digest()));
    let text = serde_json::to_string(&shop.simulation.commands()[0]).unwrap();
    assert!(
        text.contains(
            r#""trigger":{"signal":"error-ratio of api","above":"20%","at":600000000000,"holds":"1m30s","then":{"#
        ),
        "{text}"
    );
}
