//! Alerts ring people: whom they are for, with no help of the lead.

use brownout::observe::{NewsKind, Whereabouts};

use super::{SHOP, Shop, scenario};

/// The shop with an alert on its errors, which begin at 2:05; read every 15 s, told half a minute after it fires.
fn watched(pages: &str) -> String {
    let alert = format!(
        r#"monitoring: (alerts: {{"errors": (
            rule: Threshold(signal: "error-ratio of api", above: "5%"), holds: "1m", pages: "{pages}",
        )}}),
        people: ("#
    );
    SHOP.replace("people: (", &alert)
}

#[test]
fn an_alert_pages_who_is_on_call_and_escalates() {
    let scenario = scenario(&watched("shop"), "()", &[("misses", "100%")]);
    let mut shop = Shop { simulation: brownout::Simulation::new(scenario, 1) };
    shop.pass(700);
    // Seen to hold at 2:15, fires at 3:15, told at 3:45.
    assert_eq!(shop.news(NewsKind::Alerted), [(225, "pager".to_owned(), "errors".to_owned())]);
    let paged: Vec<(u64, String)> = shop.news(NewsKind::Paged).into_iter().map(|(at, _, text)| (at, text)).collect();
    assert_eq!(paged, [(225, "paging jonas".to_owned()), (525, "paging ines".to_owned())]);
    assert!(shop.view().doing.is_none(), "the lead had nothing to do with it");
}

#[test]
fn an_alert_for_the_lead_is_read_and_rings_nobody() {
    let mut shop = Shop { simulation: brownout::Simulation::new(scenario(&watched("lead"), "()", &[]), 1) };
    shop.pass(600);
    assert_eq!(shop.news(NewsKind::Alerted).len(), 1);
    assert!(shop.news(NewsKind::Paged).is_empty());
    assert!(shop.view().responders.iter().all(|who| who.name == "mira" || who.whereabouts == Whereabouts::Away));
}

#[test]
fn what_is_resolved_is_told() {
    let scenario = scenario(&watched("shop"), r#"(skill: "100%")"#, &[]);
    let mut shop = Shop { simulation: brownout::Simulation::new(scenario, 1) };
    shop.pass(300);
    shop.accepted(super::act("roll-back api", None, None)).pass(1_200);
    assert_eq!(shop.news(NewsKind::Resolved)[0].2, "errors: all is well");
}
