//! Messages that come in: at a time, after an alert, after silence, and from whoever runs the exercise.

use brownout::Simulation;
use brownout::observe::NewsKind;
use brownout::response::comms::{Audience, Extent};
use brownout::response::{Actor, Command};
use brownout::units::SimDuration;

use super::comms::say;
use super::{Shop, scenario, shop_with_audiences};

/// The shop with audiences that never interrupt by themselves, an alert, and these messages.
fn shop(injects: &str) -> Shop {
    let audiences = format!("(interrupts_per_minute: 0, calls_per_minute: 0), injects: {injects}");
    let alerts = r#"monitoring: (alerts: {"errors": (
        rule: Threshold(signal: "error-ratio of api", above: "5%"), holds: "1m", pages: "lead",
    )}), people: ("#;
    let text = shop_with_audiences(&audiences).replace("people: (", alerts);
    Shop { simulation: Simulation::new(scenario(&text, "()", &[]), 1) }
}

fn heard(shop: &Shop) -> Vec<(u64, String)> {
    shop.news(NewsKind::Interrupted).into_iter().map(|(at, from, _)| (at, from)).collect()
}

#[test]
fn a_message_comes_at_its_time_and_keeps_the_lead() {
    let mut shop = shop(r#"{"press": (when: At("5m"), from: "a journalist", text: "Is it you?", takes: "2m")}"#);
    shop.pass(299);
    assert!(heard(&shop).is_empty());
    shop.pass(300);
    assert_eq!(heard(&shop), [(300, "a journalist".to_owned())]);
    assert_eq!(
        shop.view().doing.map(|(what, until)| (what, until.whole_secs())),
        Some(("answering a journalist".to_owned(), 420))
    );
    shop.pass(1_000);
    assert_eq!(heard(&shop).len(), 1, "once");
}

#[test]
fn a_message_follows_an_alert() {
    let mut shop = shop(r#"{"boss": (when: Alert(alert: "errors", after: "3m"), from: "the boss", text: "Well?")}"#);
    shop.pass(1_000);
    // The alert is seen to hold at 2:15 and fires at 3:15.
    assert_eq!(heard(&shop), [(195 + 180, "the boss".to_owned())]);
}

#[test]
fn silence_is_noticed_and_word_ends_it() {
    let injects =
        r#"{"sales": (when: Silence(audience: StatusPage, after: "10m"), from: "sales", text: "Nobody tells us.")}"#;
    let mut silent = shop(injects);
    silent.pass(1_500);
    let at = heard(&silent)[0].0;
    // Users feel it from a little after 2:05 on.
    assert!((725..760).contains(&at), "{at}");
    let mut told = shop(injects);
    told.pass(600);
    told.accepted(say(Audience::StatusPage, Extent::Most, 20)).pass(1_289);
    assert!(heard(&told).is_empty());
    told.pass(1_290);
    assert_eq!(heard(&told), [(690 + 600, "sales".to_owned())]);
}

#[test]
fn only_who_runs_the_exercise_sends_messages_into_it() {
    let inject = Command::Inject {
        from: "the regulator".to_owned(),
        text: "Hm.".to_owned(),
        takes: Some(SimDuration::from_secs(60)),
    };
    let mut shop = shop("{}");
    shop.pass(10);
    assert_eq!(shop.refused(inject.clone()), "only whoever runs the exercise sends messages into it");
    shop.simulation.command(Actor::Facilitator, inject).unwrap();
    assert_eq!(heard(&shop), [(10, "the regulator".to_owned())]);
    let digest = shop.simulation.digest();
    let note = Command::Note { text: "asked for options first".to_owned(), mark: Some("decision+".to_owned()) };
    shop.simulation.command(Actor::Facilitator, note).unwrap();
    assert_eq!(shop.simulation.digest(), digest, "nothing depends on a remark");
}
