//! What was known: what was looked at decides, and nothing else.

use brownout::debrief::{Inquiry, Known, ReplayJob};
use brownout::response::{Actor, Command};
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use super::forks::{WORLD, parsed};

const REPLAYS: u64 = 20;

/// What was known before and after the database was looked at, where nobody graphs it and the true variant is this one.
fn known(truth: usize) -> Vec<Known> {
    let text = WORLD.replace("    menu:", "    monitoring: (dashboards: {\"api\": All}),\n    menu:");
    let scenario = parsed(&text);
    let mut session = Session::new(Simulation::with_variant(scenario.clone(), 7, truth));
    session.run_until(SimTime::from_secs(240));
    session.command(Actor::Lead, Command::look("errors", Some("db"))).expect("it can be asked");
    session.run_until(SimTime::from_secs(300));
    let instants = [50, 240, 241].map(SimTime::from_secs).to_vec();
    let inquiry = Inquiry::new(scenario, 7, session.commands(), instants, REPLAYS);
    let jobs = inquiry.jobs();
    assert_eq!((jobs.len() as u64, jobs[0]), (2 * REPLAYS, ReplayJob { variant: 0, luck: 1 }));
    let replays: Vec<_> = jobs.iter().map(|job| inquiry.replay(*job)).collect();
    let found = inquiry.replay(ReplayJob { variant: truth, luck: 0 });
    inquiry.known(&found, &replays)
}

#[test]
fn what_looks_alike_leaves_the_prior_and_what_does_not_moves_it() {
    for (truth, likely) in [(0, 0.95..1.0), (1, 0.0..0.1)] {
        let [before, alike, looked] = &known(truth)[..] else { panic!("three instants") };
        for known in [before, alike, looked] {
            assert!((known.worlds.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // Before anything has happened, and while both causes look alike, it is three to one.
        for known in [before, alike] {
            assert!((0.6..0.9).contains(&known.worlds[0]), "{known:?}");
        }
        assert!(likely.contains(&looked.worlds[0]), "{looked:?}");
        let (finding, likelihoods) = &looked.findings[1];
        assert_eq!(finding.place, "errors db, 1");
        assert_eq!(finding.symptoms.contains("db fails"), truth == 1, "{finding:?}");
        // Half a count for each of two kinds of what was ever seen there: never certain.
        let (most, least) = (20.5 / 21.0, 0.5 / 21.0);
        assert!((likelihoods[truth] - most).abs() < 1e-12 && (likelihoods[1 - truth] - least).abs() < 1e-12);
    }
}
