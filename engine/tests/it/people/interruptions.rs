//! What interruptions cost, and what not asking does.

use brownout::observe::{NewsKind, TaskState};
use brownout::response::Command;

use super::{Shop, act};

const CHECK_IN: Command = Command::CheckIn { task: 0 };

/// When the hotfix was ordered by its author's hands, with check-ins said at these seconds.
fn ready(shop: &mut Shop, time_box: Option<u64>, check_ins: &[u64]) -> u64 {
    shop.pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), time_box));
    for at in check_ins {
        shop.pass(*at);
        // Who is done cannot be asked any more.
        let _ = shop.say(CHECK_IN);
    }
    shop.pass(14_000);
    shop.simulation.orders().first().map_or(u64::MAX, |(at, _)| at.whole_secs())
}

#[test]
fn a_ping_costs_what_it_takes_to_find_back() {
    // Begun at 230, half an hour of work.
    assert_eq!(ready(&mut Shop::usual(), None, &[]), 2_030);
    // Asked at 555 + 45.
    assert_eq!(ready(&mut Shop::usual(), None, &[555]), 2_030 + 480);
    // Asked again while finding back: no more is lost than the talk takes.
    assert_eq!(ready(&mut Shop::usual(), None, &[555, 655]), 2_030 + 480 + 45);
}

#[test]
fn coming_back_at_the_end_of_the_time_box_costs_nothing() {
    // The time-box ends at 230 + 1200.
    for (said, costs) in [(1_430, 0), (1_370, 0), (1_490, 0), (1_369, 480), (1_491, 480)] {
        assert_eq!(ready(&mut Shop::usual(), Some(20), &[said]), 2_030 + costs, "said at {said}");
    }
}

#[test]
fn who_is_blocked_and_is_not_asked_loses_half_an_hour() {
    let scenario = super::scenario(super::SHOP, "()", &[("blocked", "100%")]);
    let shop = |seed: u64| Shop { simulation: brownout::Simulation::new(std::sync::Arc::clone(&scenario), seed) };
    let mut helped = 0;
    for seed in 1..=20 {
        assert_eq!(ready(&mut shop(seed), None, &[]), 2_030 + 1_800, "seed {seed}");
        // Asked when the time-box of 25 minutes ends. Five of six are blocked by then.
        let mut asked = shop(seed);
        let at = ready(&mut asked, Some(25), &[1_685]);
        let report = &asked.news(NewsKind::Report)[0].2;
        if report == "hotfix fix: blocked; trying around it; what you just told me helps" {
            helped += 1;
            assert!((2_030..=1_730 + 120 + 1_800).contains(&at), "seed {seed}: {at}");
        } else {
            assert_eq!(at, 2_030 + 1_800, "seed {seed}: {report}");
        }
    }
    assert!((12..=20).contains(&helped), "{helped}");
}

#[test]
fn who_speaks_up_interrupts_the_lead_and_is_helped() {
    let text = super::SHOP.replace("speaks_up: \"0%\"", "speaks_up: \"100%\"");
    let scenario = super::scenario(&text, "()", &[("blocked", "100%")]);
    let mut shop = Shop { simulation: brownout::Simulation::new(scenario, 1) };
    // Three minutes until it is said, 45 s of the lead's time, two minutes of help.
    assert_eq!(ready(&mut shop, None, &[]), 2_030 + 180 + 45 + 120);
    let reports = shop.news(NewsKind::Report);
    let blocked = reports.iter().find(|(_, _, text)| text.contains("blocked")).expect("a report");
    assert_eq!(
        (blocked.0, blocked.2.as_str()),
        (2_098, "hotfix fix: blocked; trying around it; need somebody to unblock me")
    );
}

#[test]
fn what_is_not_said_is_not_seen() {
    let mut shop = Shop::with("()", &[("blocked", "100%")]);
    shop.pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(2_000);
    let people = shop.simulation.people().expect("people");
    let blocked =
        people.tasks.iter().any(|task| matches!(task.stage, brownout::response::people::Stage::Blocked { .. }));
    assert!(blocked, "in truth");
    assert_eq!(shop.view().tasks[0].state, TaskState::UnderWay);
}

#[test]
fn a_time_box_that_is_too_short_makes_haste() {
    // Estimated 15 minutes, as half of what it takes: ten are too short.
    assert_eq!(ready(&mut Shop::usual(), Some(10), &[]), 230 + 1_530);
    assert_eq!(ready(&mut Shop::usual(), Some(16), &[]), 2_030);
}
