//! Misrouting: pages that go to the wrong team, and whoever comes sees by what is measured that it is not theirs.

use brownout::Simulation;
use brownout::observe::NewsKind;
use brownout::response::Command;

use super::{SHOP, Shop, act, page, scenario};

/// The shop with two teams: jonas and ines for the database, mira for the api, which fails from 2:05 on.
fn teams(front: &str, pages: &str, habits: &[(&str, &str)]) -> Shop {
    let text = SHOP.replace(
        r#""shop": (services: ["api", "db"], on_call: ["jonas", "ines"])"#,
        &format!(r#""data": (services: ["db"], on_call: ["jonas", "ines"]), "front": (services: ["api"], on_call: ["mira"]{front})"#),
    );
    let text =
        text.replace(r#"role: "on call", skills: {"api": "100%"}"#, r#"role: "on call", skills: {"db": "100%"}"#);
    let alert = format!(
        r#"monitoring: (alerts: {{"errors": (
            rule: Threshold(signal: "error-ratio of api", above: "5%"), holds: "1m", pages: "{pages}",
        )}}),
        people: ("#
    );
    let habits: Vec<(&str, &str)> = [("triage", "5m")].iter().chain(habits).copied().collect();
    Shop { simulation: Simulation::new(scenario(&text.replace("people: (", &alert), "()", &habits), 1) }
}

fn said_by_jonas(shop: &Shop) -> Vec<(u64, String)> {
    let reports = shop.news(NewsKind::Report).into_iter().filter(|(_, from, _)| from == "jonas");
    reports.map(|(at, _, text)| (at, text)).collect()
}

#[test]
fn who_is_called_for_what_is_not_theirs_says_so_after_a_while() {
    let mut shop = teams("", "data", &[]);
    // Told at 3:45, acknowledged two minutes later, read up after another one, five minutes to see whose it is.
    shop.pass(704);
    assert!(said_by_jonas(&shop).is_empty() && shop.view().misrouted == 0);
    shop.pass(706);
    let said = said_by_jonas(&shop);
    assert!(said[0].1.starts_with("not ours; looks like front: api was changed "), "{said:?}");
    assert_eq!((said.len(), said[0].0, shop.view().misrouted), (1, 705, 1));
    shop.pass(3_000);
    assert_eq!(shop.view().misrouted, 1, "once");
}

#[test]
fn whose_it_is_says_nothing_and_who_has_something_to_do_does_it() {
    let mut shop = teams("", "lead", &[]);
    shop.accepted(page("jonas")).pass(200);
    shop.accepted(act("restart db", Some("jonas"), None)).accepted(act("restart api", Some("jonas"), None)).pass(2_000);
    assert_eq!(shop.view().misrouted, 0, "he was put to work");
    let mut shop = teams("", "lead", &[]);
    shop.accepted(Command::Release { whom: "mira".to_owned() }).pass(60);
    shop.accepted(page("front")).pass(2_000);
    assert_eq!(shop.view().misrouted, 0, "it is hers");
    let mut shop = teams("", "lead", &[]);
    // Before anything is wrong nothing can be seen.
    let text = "deploys: [(at: \"1m\"";
    assert!(SHOP.contains(text));
    let late = SHOP.replace(text, "deploys: [(at: \"3h\"");
    shop.simulation = Simulation::new(scenario(&late, "()", &[("triage", "5m")]), 1);
    shop.accepted(page("jonas")).pass(2_000);
    assert!(said_by_jonas(&shop).is_empty());
}

#[test]
fn a_misrouted_alert_calls_the_other_team() {
    for (chance, called) in [("100%", "paging jonas"), ("0%", "")] {
        let mut shop = teams(&format!(", misroutes: (chance: \"{chance}\", to: \"data\")"), "front", &[]);
        shop.pass(800);
        let paged = shop.news(NewsKind::Paged).pop().map_or(String::new(), |(.., text)| text);
        assert_eq!(paged, called, "mira is there already");
        assert_eq!(shop.view().misrouted, u32::from(chance == "100%"));
    }
}

#[test]
fn whom_the_lead_calls_is_called() {
    let mut shop = teams(", misroutes: (chance: \"100%\", to: \"data\")", "lead", &[]);
    shop.accepted(Command::Release { whom: "mira".to_owned() }).pass(60);
    shop.accepted(page("front")).pass(100);
    assert_eq!(shop.news(NewsKind::Paged)[0].2, "paging mira");
}
