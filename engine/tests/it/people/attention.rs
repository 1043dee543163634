//! The lead does one thing at a time, and what the lead does takes effect when it has been done.

use brownout::observe::NewsKind;
use brownout::response::Command;
use brownout::response::people::Severity;

use super::{Shop, act, page};

fn declare(number: u8) -> Command {
    Command::Declare { severity: Severity::new(number).unwrap() }
}

#[test]
fn what_the_lead_does_takes_effect_one_after_the_other() {
    let mut shop = Shop::usual();
    shop.pass(100);
    shop.accepted(declare(2)).accepted(page("shop")).accepted(declare(1));
    let view = shop.view();
    assert_eq!(view.doing.map(|(what, until)| (what, until.whole_secs())), Some(("declaring SEV2".to_owned(), 120)));
    assert_eq!(view.waiting, ["paging shop", "declaring SEV1"]);
    shop.pass(119);
    assert!(shop.view().news.is_empty() && shop.view().declared.is_none());
    shop.pass(200);
    let said: Vec<(u64, String)> =
        shop.view().news.iter().map(|news| (news.at.whole_secs(), news.text.clone())).collect();
    let expected = [(120, "this is an incident, SEV2"), (135, "paging jonas"), (155, "the severity is SEV1")];
    assert_eq!(said, expected.map(|(at, text)| (at, text.to_owned())));
    assert_eq!(shop.view().declared.map(|(since, severity)| (since.whole_secs(), severity)), Some((120, 1)));
}

#[test]
fn who_works_with_their_own_hands_leads_nobody_meanwhile() {
    let mut shop = Shop::with(r#"(skill: "100%")"#, &[]);
    shop.pass(200);
    shop.accepted(act("roll-back api", None, None)).accepted(page("jonas"));
    shop.pass(259);
    assert!(shop.view().news.is_empty() && shop.simulation.orders().is_empty());
    shop.pass(300);
    let ordered: Vec<u64> = shop.simulation.orders().iter().map(|(at, _)| at.whole_secs()).collect();
    assert_eq!(ordered, [260]);
    assert_eq!(shop.news(NewsKind::Paged)[0].0, 275);
    // A minute of preparation, then two instances of 5 s each.
    shop.pass(400);
    let done = shop.news(NewsKind::Done);
    assert_eq!((done[0].0, done[0].1.as_str(), done.len()), (331, "lead", 1));
}

#[test]
fn a_stranger_to_the_service_takes_longer_by_hand() {
    let mut shop = Shop::with(r#"(skill: "0%")"#, &[]);
    shop.pass(200);
    shop.accepted(act("roll-back api", None, None)).pass(400);
    // Half as fast: two minutes of clicking.
    assert_eq!(shop.simulation.orders()[0].0.whole_secs(), 320);
}

#[test]
fn more_people_than_one_can_lead_make_everything_slower() {
    let mut shop = Shop::with(r#"(span_of_control: 1, overload: "50%")"#, &[]);
    shop.pass(10);
    shop.accepted(page("jonas")).accepted(page("ines")).pass(400);
    // mira, jonas and ines: two above one.
    shop.accepted(declare(3)).pass(500);
    assert_eq!(shop.view().declared.map(|(since, _)| since.whole_secs()), Some(440));
}

#[test]
fn without_people_what_is_ordered_happens_at_once_and_nobody_can_be_asked() {
    let text = r#"Scenario(format: 1, name: "alone", duration: "10m",
        services: {"api": (capacity: Workers(1), endpoints: {"a": [Work("1ms")]})},
        populations: {"web": (arrivals: Constant("1/s"), mix: {"api.a": 1})})"#;
    let (scenario, _) = brownout::scenario::Scenario::parse(
        &brownout::text::Source::new("alone.ron", text),
        &brownout::scenario::no_files,
    )
    .unwrap_or_else(|findings| panic!("{}", findings.render()));
    let mut shop = Shop { simulation: brownout::Simulation::new(std::sync::Arc::new(scenario), 1) };
    shop.pass(10);
    shop.accepted(act("restart api", None, None));
    assert_eq!(shop.simulation.orders().len(), 1);
    assert!(shop.simulation.observe().people.is_none());
    for command in [page("jonas"), act("restart api", Some("jonas"), None), declare(1)] {
        assert_eq!(shop.refused(command), "there is nobody but the lead in this scenario");
    }
}
