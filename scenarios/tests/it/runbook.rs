//! The rule file of `docs/runbook.md`, on the scenario for which it is written.

use brownout::Session;
use brownout::policy::{BuiltIn, Policy, Runbook};
use brownout::record::{Origin, Record, Verdict};
use brownout::text::Source;

use crate::play::{Stage, at};

const PAGE: &str = include_str!("../../../docs/runbook.md");

/// The example of the page.
fn example() -> &'static str {
    let (_, rest) = PAGE.split_once("```ron\n").expect("the page has an example");
    rest.split_once("```\n").expect("the example ends").0
}

fn runbook(session: &Session) -> Runbook {
    let read = session.runbook(&Source::new("docs/runbook.md", example()));
    let (runbook, warnings) = read.unwrap_or_else(|findings| panic!("{}", findings.render()));
    assert!(warnings.is_empty(), "{}", warnings.render());
    runbook
}

/// A session of a variant, an hour long, led by what is made for it.
fn led(stage: &Stage, variant: &str, lead: impl FnOnce(&Session) -> Box<dyn Policy>) -> Session {
    let mut session = Session::new(stage.until(variant, 5, 0).simulation);
    let mut policy = lead(&session);
    session.lead_until(&mut *policy, at(3_600));
    session
}

fn failed(session: &Session) -> f64 {
    session.simulation().recording().totals.populations.iter().map(|flow| flow.failed() as f64).sum()
}

#[test]
fn the_example_beats_doing_nothing_and_replays() {
    // On the system alone, and with people, who have to be called first.
    for (stage, bad_release) in [(Stage::alone("one-slash"), 0.2), (Stage::of("one-slash"), 0.3)] {
        for (variant, at_most) in [("bad-release", bad_release), ("storm", 0.6), ("unknown-keys", 0.4)] {
            beats_doing_nothing_and_replays(&stage, variant, at_most);
        }
    }
}

fn beats_doing_nothing_and_replays(stage: &Stage, variant: &str, at_most: f64) {
    let by_rules = led(stage, variant, |session| Box::new(runbook(session)));
    let by_nobody = led(stage, variant, |_| BuiltIn::find("none").expect("it is built in").start(0));
    let share = failed(&by_rules) / failed(&by_nobody);
    assert!(share < at_most, "{variant}: {share:.3} of the failures without anybody; {:?}", by_rules.commands());
    let origin = Origin { scenario_hash: "0".repeat(64), overrides: Vec::new(), variant_chosen: true };
    let text = by_rules.record(origin, "runbook:docs/runbook.md").text();
    let record = Record::parse(&Source::new("record", text)).expect("it was just written");
    assert_eq!(record.header.led_by, "runbook:docs/runbook.md");
    let replayed = record.replay(std::sync::Arc::clone(&stage.scenario)).expect("it replays");
    assert_eq!(replayed.verdict, Verdict::Same, "{variant}");
}
