//! Bad news: who says it, when an estimate slips, how it is answered, and what that does to how freely people speak.

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::{News, NewsKind};
use brownout::response::Command;
use brownout::response::people::Tone;

use super::{SHOP, Shop, act, page, scenario};

/// The shop with somebody who always says it.
fn frank(habits: &[(&str, &str)]) -> Shop {
    let text = SHOP.replace("speaks_up: \"0%\"", "speaks_up: \"100%\"");
    Shop { simulation: Simulation::new(scenario(&text, "()", habits), 1) }
}

pub(super) fn answer(news: u32, tone: Tone) -> Command {
    Command::Answer { news, tone }
}

fn bad(shop: &Shop) -> Vec<News> {
    shop.view().news.into_iter().filter(|news| news.bad).collect()
}

/// How freely mira, jonas and ines speak.
fn candour(shop: &Shop) -> Vec<f64> {
    let rounded = |candour: f64| (candour * 1_000.0).round() / 1_000.0;
    shop.simulation.people().expect("people").responders.iter().map(|one| rounded(one.candour)).collect()
}

#[test]
fn blame_silences_whoever_is_there_and_thanks_bring_some_of_it_back() {
    let mut shop = frank(&[("blocked", "100%")]);
    shop.accepted(page("jonas")).pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(2_031 + 180);
    let news = bad(&shop).last().expect("blocked").number;
    assert_eq!(
        shop.refused(answer(9_999, Tone::Blame)),
        "nothing of number 9999 was said; the news are numbered from 0"
    );
    assert_eq!(shop.refused(answer(0, Tone::Blame)), "news 0 is no bad news; only who brings some can be answered");
    let busy = shop.simulation.people().expect("people").attention.busy();
    shop.accepted(answer(news, Tone::Blame));
    let again = format!("news {news} has been answered; what was said is said");
    assert_eq!(shop.refused(answer(news, Tone::Thank)), again, "it is being answered");
    shop.pass(2_500);
    // Ten seconds of the lead's time. Jonas heard it in the channel, ines is asleep.
    assert_eq!(shop.simulation.people().expect("people").attention.busy().as_nanos() - busy.as_nanos(), 10_000_000_000);
    assert_eq!(candour(&shop), [0.6, 0.88, 1.0]);
    assert_eq!(shop.refused(answer(news, Tone::Thank)), again);
    let said = shop.news(NewsKind::Announced);
    assert_eq!(said.last().expect("an answer").2, "mira: how could that happen?");
}

#[test]
fn thanks_raise_and_asking_on_moves_nothing() {
    for (tone, after) in [(Tone::Thank, [0.625, 0.5, 0.5]), (Tone::Neutral, [0.5, 0.5, 0.5])] {
        let mut shop = frank(&[("blocked", "100%"), ("candour", "50%")]);
        shop.pass(200);
        shop.accepted(act("hotfix fix", Some("mira"), None)).pass(1_900);
        shop.accepted(Command::CheckIn { task: 0 }).pass(2_100);
        let news = bad(&shop);
        let first = news.first().expect("blocked, or late");
        shop.accepted(answer(first.number, tone)).pass(2_200);
        assert_eq!(candour(&shop), after, "{tone:?}");
        assert!(shop.view().news[first.number as usize].answered);
    }
}

#[test]
fn whose_fix_does_not_help_says_so_by_what_is_seen() {
    let verdict = |wrong: &str| {
        let text = SHOP.replace("speaks_up: \"0%\"", "speaks_up: \"100%\"").replace("wrong: \"0%\"", wrong);
        let mut shop = Shop { simulation: Simulation::new(scenario(&text, "()", &[]), 1) };
        shop.pass(200);
        shop.accepted(act("hotfix fix", Some("mira"), None)).pass(5_000);
        let done = shop.news(NewsKind::Done)[0].0;
        let said = bad(&shop).into_iter().find(|news| news.text.contains("my fix was wrong"));
        said.map(|news| (news.at.whole_secs() - done, news.text))
    };
    assert_eq!(verdict("wrong: \"0%\""), None);
    let (after, text) = verdict("wrong: \"100%\"").expect("it was wrong");
    // Six minutes to see it, three to say it.
    assert_eq!(after, 360 + 180);
    assert!(text.starts_with("hotfix fix: ") && text.contains("of the requests of api fail still: my fix"), "{text}");
}

#[test]
fn who_speaks_less_freely_hesitates_for_longer() {
    let said = |candour: &str| {
        let mut shop = frank(&[("blocked", "100%"), ("candour", candour), ("alone", "4h")]);
        // With so little candour the chance is small: somebody who does say it.
        let scenario = Arc::clone(shop.simulation.scenario());
        (1..400).find_map(|seed| {
            shop.simulation = Simulation::new(Arc::clone(&scenario), seed);
            shop.pass(200);
            shop.accepted(act("hotfix fix", Some("mira"), None)).pass(6_000);
            let blocked = shop.view().news.into_iter().find(|news| news.text.contains("need somebody"));
            blocked.map(|news| news.at.whole_secs())
        })
    };
    let (usual, little) = (said("100%").expect("said"), said("25%").expect("said"));
    // Three minutes, or four times as long.
    assert!(usual < 2_031 + 180 && (230 + 720..=2_031 + 720).contains(&little), "{usual} {little}");
}

#[test]
fn an_estimate_that_slips_is_said_by_those_who_speak() {
    // Estimated a quarter of an hour, takes half an hour: three minutes after the estimate it is said.
    let mut shop = frank(&[]);
    shop.pass(200);
    shop.accepted(act("hotfix fix", Some("mira"), None)).pass(4_000);
    let news = bad(&shop);
    let said: Vec<u64> = news.iter().map(|news| news.at.whole_secs()).collect();
    assert_eq!(said[0], 230 + 900 + 180);
    assert_eq!(
        news[0].text,
        "hotfix fix: takes longer than I said; going on with it; nothing needed; about 6 minutes left"
    );
    assert_eq!(shop.simulation.orders().len(), 1);
    assert_eq!(shop.simulation.orders()[0].0.whole_secs(), 2_030, "saying so costs nothing");
    let mut silent = Shop::usual();
    silent.pass(200);
    silent.accepted(act("hotfix fix", Some("mira"), None)).pass(4_000);
    assert!(bad(&silent).is_empty());
}
