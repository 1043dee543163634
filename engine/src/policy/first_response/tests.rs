//! Leads in made-up incidents: two services, `s0` and `s1`, and whatever the change log says.

use super::*;
use crate::observe::{SCRAPE_INTERVAL, ServiceView};
use crate::policy::views::{change, menu, observation, view};

const ROLL_BACK_0: (&str, Action, u32) = ("roll-back s0", Action::RollBack, 0);
const ROLL_BACK_1: (&str, Action, u32) = ("roll-back s1", Action::RollBack, 1);
const FIX_0: (&str, Action, u32) = ("hotfix f0", Action::Hotfix, 0);

/// These leads only act.
fn option(command: &Command) -> &str {
    match command {
        Command::Act { option, .. } => option,
        other => panic!("{other:?}"),
    }
}

/// A lead, the change log and the time.
struct Story {
    lead: FirstResponse,
    changes: Vec<ChangeEntry>,
    options: Vec<(&'static str, Action, u32)>,
    now: u64,
    said: Vec<(u64, Command)>,
}

impl Story {
    fn of(lead: FirstResponse) -> Self {
        let changes = vec![change(0, 0, "v2", false, true), change(0, 1, "w2", false, true)];
        Self { lead, changes, options: vec![ROLL_BACK_0, ROLL_BACK_1, FIX_0], now: 0, said: Vec::new() }
    }

    /// Lets time pass up to `until` seconds with this share of errors at both services.
    fn pass(&mut self, until: u64, errors: f64) -> &mut Self {
        while self.now < until {
            self.now += SCRAPE_INTERVAL.as_nanos() / 1_000_000_000;
            let view = |name| -> ServiceView { view(name, 20.0, Some(errors)) };
            let mut seen = observation(vec![view("s0"), view("s1")]);
            seen.now = SimTime::ZERO + SimDuration::from_secs(self.now);
            seen.changes.clone_from(&self.changes);
            let said = self.lead.decide(&seen, &menu(&self.options));
            self.said.extend(said.into_iter().map(|command| (self.now, command)));
        }
        self
    }

    fn orders(&self) -> Vec<(u64, &str)> {
        self.said.iter().map(|(at, command)| (*at, option(command))).collect()
    }
}

#[test]
fn the_first_order_comes_after_half_a_minute_and_says_why() {
    let mut story = Story::of(FirstResponse::rollback_first());
    story.pass(300, 0.0).pass(330, 0.64);
    let said = Command::act("roll-back s0", "s0: errors 64% for 30s");
    assert_eq!(story.said, [(330, said)]);
}

#[test]
fn what_helped_ends_it_and_later_trouble_is_not_blamed_on_what_ran_well() {
    let mut story = Story::of(FirstResponse::rollback_first());
    story.pass(300, 0.0).pass(330, 0.64);
    story.changes.push(change(330, 0, "v1", true, true));
    story.options.remove(0);
    story.pass(1_800, 0.0).pass(3_600, 0.5);
    // Neither w2, which was there when all was well, nor a hotfix for v2, which is not there any more.
    assert_eq!(story.orders(), [(330, "roll-back s0")]);
}

#[test]
fn what_was_still_on_its_way_when_all_was_well_can_be_suspected_later() {
    let mut story = Story::of(FirstResponse::rollback_first());
    story.pass(300, 0.0).pass(330, 0.64);
    story.changes.push(change(330, 0, "v1", true, true));
    story.changes.push(change(400, 1, "w3", false, false));
    story.options = vec![ROLL_BACK_1];
    story.pass(900, 0.0);
    story.changes.last_mut().expect("w3").done = true;
    story.pass(1_200, 0.64);
    assert_eq!(story.orders(), [(330, "roll-back s0"), (930, "roll-back s1")]);
}

#[test]
fn what_did_not_help_is_followed_by_the_next_suspicion_and_then_by_waiting() {
    let mut story = Story::of(FirstResponse::rollback_first());
    story.pass(330, 0.64);
    assert_eq!(story.orders(), [(30, "roll-back s0")]);
    story.changes.push(change(30, 0, "v1", true, true));
    story.options = vec![ROLL_BACK_1, FIX_0];
    story.pass(660, 0.64);
    // Seen as done at 345 s, and five minutes to show.
    assert_eq!(story.orders()[1..], [(645, "roll-back s1")]);
    assert_eq!(story.said[1].1.reason(), Some("rolling back s0 did not help; s1: errors 64% for 10m45s"));
    story.changes.push(change(645, 1, "w1", true, true));
    story.options = vec![FIX_0];
    story.pass(3_600, 0.64);
    assert_eq!(story.orders().len(), 2, "no hotfix for what was rolled back: {:?}", story.orders());
}

#[test]
fn what_does_not_serve_yet_is_not_blamed() {
    let mut story = Story::of(FirstResponse::rollback_first());
    // Both are being prepared: nothing can be rolled back.
    story.changes.iter_mut().for_each(|change| change.done = false);
    story.options = vec![FIX_0];
    assert_eq!(story.pass(600, 0.64).orders(), []);
}

#[test]
fn a_hotfix_that_does_not_help_is_taken_back_with_what_it_was_for() {
    let mut story = Story::of(FirstResponse::hotfix_first());
    story.pass(30, 0.64);
    assert_eq!(story.orders(), [(30, "hotfix f0")]);
    story.options = vec![ROLL_BACK_0, ROLL_BACK_1];
    story.changes.push(change(120, 0, "v2+hotfix1", false, true));
    story.pass(345, 0.64);
    assert_eq!(story.orders()[1..], [(345, "roll-back s0")]);
    // Back on v2, which was sick before: no need to look, the next one at once.
    story.changes.push(change(345, 0, "v2", true, true));
    story.pass(360, 0.64);
    assert_eq!(story.orders()[2..], [(360, "roll-back s0")]);
}

#[test]
fn a_hotfix_that_takes_too_long_is_not_waited_for() {
    let mut story = Story::of(FirstResponse::hotfix_first());
    // Two minutes estimated: three and five more.
    story.pass(30, 0.64);
    story.options.pop();
    story.pass(600, 0.64);
    assert_eq!(story.orders(), [(30, "hotfix f0"), (510, "roll-back s0")]);
    assert_eq!(story.said[1].1.reason(), Some("the hotfix for s0 takes too long; s0: errors 64% for 8m30s"));
}

#[test]
fn an_old_trouble_is_fixed_where_it_is() {
    let mut story = Story::of(FirstResponse::rollback_first());
    story.changes.clear();
    story.options = vec![FIX_0];
    assert_eq!(story.pass(60, 0.64).orders(), [(30, "hotfix f0")]);
    let mut healthy = Story::of(FirstResponse::rollback_first());
    healthy.changes.clear();
    assert_eq!(healthy.pass(3_600, 0.01).orders(), []);
}
