//! Pages: acknowledged, missed, escalated; people who slept; who reads up before they can start.

use brownout::observe::{NewsKind, Whereabouts};

use brownout::units::SimTime;

use super::{Shop, page};

fn whereabouts(shop: &Shop, name: &str) -> Whereabouts {
    shop.view().responders.iter().find(|who| who.name == name).expect("somebody of that name").whereabouts
}

/// Half of the pages are never noticed. Of those that ring after four minutes, fewer than half will be acknowledged; with fresh luck
/// again as many, by Bayes: of Exponential(2m) one in e^2 is left, so 0.119 of them.
#[test]
fn fresh_luck_draws_anew_whether_a_ringing_page_is_noticed() {
    let habits = [("misses", "50%"), ("acknowledges", "Exponential(mean: \"2m\")"), ("escalates_after", "2h")];
    let scenario = super::scenario(super::SHOP, "(paging: \"0s\")", &habits);
    let mut run = brownout::Simulation::new(scenario, 0);
    let (mut seed, mut ringing) = (1, 0);
    let rings = |run: &brownout::Simulation| run.people().expect("people").pages.iter().any(|page| !page.over);
    while ringing == 0 {
        run = brownout::Simulation::new(std::sync::Arc::clone(run.scenario()), seed);
        run.command(brownout::response::Actor::Lead, page("jonas")).unwrap();
        run.run_until(SimTime::from_secs(241));
        ringing += usize::from(rings(&run));
        seed += 1;
    }
    let acknowledged = |luck: u64| {
        let mut branch = run.fork_with_luck(luck);
        assert!(rings(&branch));
        branch.run_until(SimTime::from_secs(3_000));
        usize::from(!rings(&branch))
    };
    let share = (1..=500).map(acknowledged).sum::<usize>() as f64 / 500.0;
    // A standard error of 0.014.
    assert!((share - 0.119).abs() < 0.05, "{share} are acknowledged");
}

#[test]
fn who_is_paged_acknowledges_reads_up_and_is_here() {
    let mut shop = Shop::usual();
    shop.accepted(page("shop")).pass(16);
    assert_eq!(whereabouts(&shop, "jonas"), Whereabouts::Ringing);
    shop.pass(135);
    assert_eq!(whereabouts(&shop, "jonas"), Whereabouts::ReadingUp);
    shop.pass(194);
    assert_eq!(whereabouts(&shop, "jonas"), Whereabouts::ReadingUp);
    shop.pass(195);
    assert_eq!(whereabouts(&shop, "jonas"), Whereabouts::Here);
    assert_eq!(whereabouts(&shop, "ines"), Whereabouts::Away);
    let here = shop.news(NewsKind::Here);
    assert_eq!(here, [(195, "jonas".to_owned(), "here (on call)".to_owned())]);
}

#[test]
fn a_missed_page_goes_to_the_next_on_call_and_then_to_nobody() {
    let mut shop = Shop::with("()", &[("misses", "100%")]);
    shop.accepted(page("shop")).pass(1_000);
    let unanswered: Vec<(u64, String)> =
        shop.news(NewsKind::Unanswered).into_iter().map(|(at, _, text)| (at, text)).collect();
    let expected = [
        (315, "jonas has not acknowledged"),
        (615, "ines has not acknowledged"),
        (615, "nobody else is on call for shop"),
    ];
    assert_eq!(unanswered, expected.map(|(at, text)| (at, text.to_owned())));
    // They can be tried once more.
    shop.accepted(page("jonas"));
}

#[test]
fn who_acknowledges_late_comes_too() {
    let mut shop = Shop::with("()", &[("escalates_after", "1m")]);
    shop.accepted(page("shop")).pass(600);
    assert_eq!(shop.news(NewsKind::Paged).len(), 2);
    assert_eq!((whereabouts(&shop, "jonas"), whereabouts(&shop, "ines")), (Whereabouts::Here, Whereabouts::Here));
}

#[test]
fn who_slept_takes_longer_and_says_so() {
    let mut shop = Shop::usual();
    shop.accepted(page("ines")).pass(600);
    let said = shop.news(NewsKind::Acknowledged);
    assert_eq!(said, [(255, "ines".to_owned(), "acknowledged; just woke up, reading up".to_owned())]);
}

#[test]
fn pages_that_make_no_sense_are_refused() {
    let mut shop = Shop::usual();
    assert_eq!(shop.refused(page("mira")), "mira is here already, or being paged");
    assert_eq!(shop.refused(page("mirra")), "nobody and no team is called \"mirra\"; did you mean `mira`?");
    assert_eq!(shop.refused(page("accounting")), "nobody and no team is called \"accounting\"");
    shop.accepted(page("jonas"));
    assert_eq!(shop.refused(page("jonas")), "jonas is here already, or being paged");
    shop.pass(20);
    assert_eq!(shop.refused(page("jonas")), "jonas is here already, or being paged");
}
