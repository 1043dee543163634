//! Word to those who wait for it: what it takes, where it goes, and what silence and falsehood do.

use std::sync::Arc;

use brownout::Simulation;
use brownout::response::Command;
use brownout::response::comms::{Audience, Cause, Extent, Statement};
use brownout::scenario::Scenario;
use brownout::units::{SimDuration, SimTime};

use super::{SHOP, Shop, scenario, shop_with_audiences};

pub(crate) fn say(to: Audience, impact: Extent, next_minutes: u64) -> Command {
    let statement = Statement {
        impact: Some(impact),
        scope: vec!["api".to_owned()],
        cause: Some(Cause::Unknown),
        action: "rolling back".to_owned(),
        next_update: Some(SimDuration::from_secs(next_minutes * 60)),
        resolved: false,
    };
    Command::Say { to, statement, by: None }
}

fn shop(scenario: &Arc<Scenario>, seed: u64) -> Shop {
    Shop { simulation: Simulation::new(Arc::clone(scenario), seed) }
}

fn told(shop: &Shop, to: Audience) -> f64 {
    shop.simulation.comms().expect("audiences").audiences[to as usize].trust
}

#[test]
fn writing_takes_time_and_is_seen_to_be_said() {
    let mut shop = shop(&scenario(&shop_with_audiences("()"), "()", &[]), 1);
    shop.pass(300);
    shop.accepted(say(Audience::StatusPage, Extent::Most, 20)).pass(389);
    assert!(shop.view().comms.expect("audiences").said.is_empty());
    shop.pass(390);
    let said = shop.view().comms.expect("audiences").said;
    assert_eq!((said[0].to.as_str(), said[0].at.whole_secs()), ("status-page", 390));
    assert_eq!(said[0].promised.map(SimTime::whole_secs), Some(390 + 1_200));
}

#[test]
fn who_has_it_written_is_free_for_other_things() {
    let mut shop = shop(&scenario(&shop_with_audiences("()"), "()", &[]), 1);
    shop.pass(300);
    let Command::Say { to, statement, .. } = say(Audience::StatusPage, Extent::Most, 20) else { unreachable!() };
    shop.accepted(Command::Say { to, statement, by: Some("mira".to_owned()) }).pass(331);
    assert!(shop.view().doing.is_none(), "half a minute to ask");
    shop.pass(420);
    assert_eq!(shop.view().comms.expect("audiences").said.len(), 1);
}

#[test]
fn without_audiences_nobody_listens() {
    let mut shop = shop(&scenario(SHOP, "()", &[]), 1);
    let refusal = shop.refused(say(Audience::Support, Extent::Few, 20));
    assert_eq!(refusal, "nobody waits for word in this scenario: it has no audiences");
}

/// An hour in which six requests of ten fail, from the third minute on, and the lead says the same to everybody every so often.
fn hour(scenario: &Arc<Scenario>, seed: u64, every_minutes: Option<u64>, impact: Extent) -> Shop {
    let mut shop = shop(scenario, seed);
    shop.pass(240);
    for minute in 4..64 {
        if every_minutes.is_some_and(|every| (minute - 4) % every == 0) {
            for to in [Audience::StatusPage, Audience::Executives, Audience::Support] {
                shop.accepted(say(to, impact, every_minutes.expect("some") + 5));
            }
        }
        shop.pass((minute + 1) * 60);
    }
    shop
}

#[test]
fn silence_brings_executives_and_tickets() {
    let scenario = scenario(&shop_with_audiences("()"), "()", &[]);
    let sums = |every: Option<u64>| {
        let hours = (1..=10).map(|seed| hour(&scenario, seed, every, Extent::Most));
        hours.fold((0, 0), |(executives, tickets), shop| {
            let comms = shop.simulation.comms().expect("audiences").clone();
            (executives + comms.interrupted().0, tickets + comms.tickets())
        })
    };
    let (silent, told) = (sums(None), sums(Some(20)));
    // Expected in an hour: 0.6 interruptions, eight times as many when they wait.
    assert!(silent.0 > 3 * told.0, "{silent:?} {told:?}");
    assert!(silent.1 * 10 > told.1 * 14, "{silent:?} {told:?}");
}

#[test]
fn a_falsehood_costs_more_trust_than_a_late_word() {
    let scenario = scenario(&shop_with_audiences("()"), "()", &[]);
    let mut late = shop(&scenario, 1);
    late.pass(1_200);
    late.accepted(say(Audience::StatusPage, Extent::Most, 30)).pass(1_400);
    let mut false_one = shop(&scenario, 1);
    false_one.pass(300);
    false_one.accepted(say(Audience::StatusPage, Extent::None, 30)).pass(1_400);
    assert!(told(&false_one, Audience::StatusPage) < told(&late, Audience::StatusPage) - 0.05);
    let said = &false_one.simulation.comms().expect("audiences").audiences[0].said[0];
    assert!(said.contradicts_felt.is_some() && said.contradicts_seen.is_some(), "{said:?}");
}

#[test]
fn a_status_page_that_is_broken_tells_nobody_and_does_not_say_so() {
    let broken = r#"(status_page: (silently_fails: ("0s", "4h")))"#;
    let (whole, broken) = (shop_with_audiences("()"), shop_with_audiences(broken));
    let [whole, broken] = [whole, broken].map(|text| hour(&scenario(&text, "()", &[]), 1, Some(20), Extent::Most));
    assert_eq!(whole.view().comms.expect("audiences").said, broken.view().comms.expect("audiences").said);
    assert!(told(&broken, Audience::StatusPage) < told(&whole, Audience::StatusPage));
    assert!(
        broken.simulation.comms().expect("audiences").tickets()
            > whole.simulation.comms().expect("audiences").tickets()
    );
}

/// What has happened stays; when the next ticket comes is drawn again, and luck 0 is the run's own.
#[test]
fn fresh_luck_moves_the_tickets_to_come_and_none_that_have_come() {
    let scenario = scenario(&shop_with_audiences("(tickets_per_user_minute: 0.05)"), "()", &[]);
    let mut run = Simulation::new(scenario, 1);
    run.run_until(SimTime::from_secs(600));
    let tickets = |simulation: &Simulation| simulation.comms().expect("audiences").tickets();
    let at = |simulation: &mut Simulation, secs: u64| {
        simulation.run_until(SimTime::from_secs(secs));
        tickets(simulation)
    };
    let counts = |luck: u64| {
        let mut branch = run.fork_with_luck(luck);
        assert_eq!(tickets(&branch), tickets(&run));
        (601..720).map(|secs| at(&mut branch, secs)).collect::<Vec<u64>>()
    };
    let (own, fresh) = (counts(0), [counts(1), counts(2), counts(3)]);
    assert!(own.last() > own.first(), "{own:?}");
    assert!(fresh.iter().all(|fresh| *fresh != own) && fresh[0] != fresh[1], "{own:?} {fresh:?}");
}
