use std::sync::Arc;

use brownout::observe::Observation;
use brownout::policy::{BuiltIn, Policy};
use brownout::record::{Mode, Origin, Record, Replay, ReplayError, Verdict};
use brownout::response::{Actor, Belief, Command, Logged, Menu};
use brownout::scenario::Scenario;
use brownout::units::{SimDuration, SimTime};
use brownout::{Session, Simulation};

use super::{lines, origin, parse, record, resealed, scenario, session};
use crate::systems::at;

fn replay(text: &str) -> Result<Verdict, ReplayError> {
    parse(text).expect(text).replay(scenario()).map(|replayed| replayed.verdict)
}

#[test]
fn a_session_replays_to_the_same_digest_in_every_mode() {
    for mode in Mode::ALL {
        let played = session(mode);
        let record = played.record(origin(), "person");
        let replayed = parse(&record.text()).unwrap().replay(scenario()).unwrap();
        assert_eq!(replayed.verdict, Verdict::Same);
        assert_eq!(replayed.simulation.commands(), played.commands());
        assert_eq!(replayed.simulation.recording().seconds, played.simulation().recording().seconds);
    }
}

#[test]
fn a_replay_in_steps_comes_to_the_same() {
    let record = record();
    let mut replay = Replay::start(&record, scenario()).unwrap();
    for step in 1..100 {
        replay.run_until(at(f64::from(step) * 3.7)).unwrap();
    }
    assert_eq!(replay.finish().unwrap().verdict, Verdict::Same);
}

#[test]
fn a_policy_replays_from_its_record() {
    for policy in BuiltIn::ALL {
        let mut session = Session::new(Simulation::new(scenario(), 4));
        session.lead_to_end(&mut *policy.start(1));
        let record = session.record(origin(), policy.name);
        assert_eq!(replay(&record.text()), Ok(Verdict::Same), "{}", policy.name);
    }
}

/// Whoever edits a record and computes its hashes anew is found by the replay.
#[test]
fn forged_records_do_not_replay() {
    let original = lines(&record().text());
    let digest = record().end.unwrap().digest;
    let forged = |line: usize, old: &str, new: &str| {
        let mut changed = original.clone();
        assert!(changed[line - 1].contains(old), "{}", changed[line - 1]);
        changed[line - 1] = changed[line - 1].replace(old, new);
        replay(&resealed(&changed))
    };
    let differs = |verdict: Result<Verdict, ReplayError>| matches!(verdict, Ok(Verdict::Differs { .. }));
    assert!(differs(forged(1, "\"seed\":11", "\"seed\":12")));
    assert!(differs(forged(2, "60500000000", "60499999999")));
    assert!(differs(forged(6, "300000000000", "300000000001")));
    assert!(differs(forged(6, &digest, "?")));
    let other = |line, recorded: Option<&str>, replayed: Option<&str>| {
        let owned = |why: Option<&str>| why.map(str::to_owned);
        Err(ReplayError::OtherRefusal { line, recorded: owned(recorded), replayed: owned(replayed) })
    };
    let (slip, trip) = ("\"no such thing\" is not on the menu now", "\"no such thing\" is not on the menu now!");
    assert_eq!(forged(4, "menu now", "menu now!"), other(4, Some(trip), Some(slip)));
    assert_eq!(forged(4, "\"option\":\"no such thing\"", "\"option\":\"restart api\""), other(4, Some(slip), None));
    let gone = "\"roll-back ip\" is not on the menu now; did you mean `roll-back api`?";
    assert_eq!(forged(5, "roll-back api", "roll-back ip"), other(5, None, Some(gone)));
    let mut shorter = original.clone();
    shorter.remove(1);
    assert!(differs(replay(&resealed(&shorter))));
    let shown = forged(5, "roll-back api", "roll-back ip").unwrap_err().to_string();
    assert_eq!(shown, format!("the command was accepted in the session and is refused ({gone}) in the replay"));
    // What nothing depends on: who gave the reason. It is in the digest of no state.
    assert_eq!(forged(5, "it came with the deploy", "a guess"), Ok(Verdict::Same));
}

#[test]
fn what_does_not_fit_the_scenario_is_refused() {
    let record = record();
    let other = Arc::new(Scenario { name: "other".to_owned(), ..(*scenario()).clone() });
    let (recorded, given) = ("family".to_owned(), "other".to_owned());
    assert_eq!(record.replay(other).unwrap_err(), ReplayError::OtherScenario { recorded, given });
    let mut chosen = record.clone();
    chosen.header.variant = Some("none-such".to_owned());
    assert_eq!(chosen.replay(scenario()).unwrap_err(), ReplayError::NoVariant("none-such".to_owned()));
    let lasts = SimDuration::from_secs(480);
    let shorter = Arc::new(Scenario { duration: SimDuration::from_secs(190), ..(*scenario()).clone() });
    let late = record.commands.last().unwrap().at;
    let error = record.replay(shorter).unwrap_err();
    assert_eq!(error, ReplayError::BeyondTheEnd { line: 5, at: late, lasts: SimDuration::from_secs(190) });
    // 584 years would take a while.
    let mut endless = record.clone();
    endless.end.as_mut().unwrap().at = SimTime::NEVER;
    assert_eq!(
        endless.replay(scenario()).unwrap_err(),
        ReplayError::BeyondTheEnd { line: 6, at: SimTime::NEVER, lasts }
    );
    for error in [error, ReplayError::Ended, ReplayError::NoVariant("\u{1b}".to_owned())] {
        assert!(!error.is_difference() && !error.to_string().contains('\u{1b}'));
    }
}

#[test]
fn a_chosen_variant_is_played_again_and_a_drawn_one_is_drawn_again() {
    for (variant, name) in [(0, "bug"), (1, "bug-and-disk")] {
        let mut session = Session::new(Simulation::with_variant(scenario(), 4, variant));
        session.run_until(at(200.0));
        let record = session.record(Origin { variant_chosen: true, ..origin() }, "none");
        let replayed = record.replay(scenario()).unwrap();
        assert_eq!((replayed.simulation.variant(), replayed.verdict), (name, Verdict::Same));
    }
    let drawn = record().replay(scenario()).unwrap().simulation;
    assert_eq!(drawn.variant(), session(Mode::Rehearse).simulation().variant());
}

#[test]
fn a_record_without_an_end_replays_to_its_last_command_and_goes_on_from_there() {
    let whole = record();
    let open = Record { end: None, ..whole.clone() };
    let replayed = open.replay(scenario()).unwrap();
    assert_eq!((replayed.verdict, replayed.simulation.now()), (Verdict::Open, whole.commands.last().unwrap().at));
    let mut resumed = Session::resume(&open, scenario()).unwrap();
    resumed.run_until(whole.end.as_ref().unwrap().at);
    assert_eq!(resumed.record(origin(), "person"), whole);
    assert_eq!(Session::resume(&whole, scenario()).unwrap_err(), ReplayError::Ended);
}

/// Looks at what a recorded session saw, and does what it did then.
#[derive(Debug)]
struct Follower<'a> {
    log: &'a [Logged],
    expected: &'a [Observation],
}

impl Policy for Follower<'_> {
    fn decide(&mut self, observation: &Observation, _: &Menu) -> Vec<Command> {
        let (expected, rest) = self.expected.split_first().expect("as many observations as the session had");
        assert_eq!(observation, expected);
        self.expected = rest;
        let due = self.log.iter().take_while(|logged| logged.at == observation.now).count();
        let (now, later) = self.log.split_at(due);
        self.log = later;
        now.iter().map(|logged| logged.command.clone()).collect()
    }
}

/// A person leads, looking at each scrape. A policy that is shown the same and does the same comes to the same.
#[test]
fn a_policy_that_follows_a_recorded_session_comes_to_the_same_digest() {
    let interval = brownout::observe::SCRAPE_INTERVAL;
    let mut person = Session::start(Simulation::new(scenario(), 6), Mode::Assess);
    let mut seen = Vec::new();
    let plan =
        [(3, "restart api"), (3, "no such thing"), (13, "roll-back api"), (14, "roll-back api"), (20, "restart api")];
    for scrape in 1..=480_000_000_000 / interval.as_nanos() {
        person.run_until(SimTime::from_nanos(scrape * interval.as_nanos()));
        seen.push(person.simulation().observe());
        for (_, option) in plan.iter().filter(|(when, _)| *when == scrape) {
            let _ = person.command(brownout::response::Actor::Lead, Command::act(*option, "because"));
        }
    }
    let record = parse(&person.record(origin(), "person").text()).unwrap();
    assert!(record.commands.len() == plan.len() && record.commands.iter().any(|one| one.refused.is_some()));
    let mut policy = Follower { log: &record.commands, expected: &seen };
    let mut led = Session::new(Simulation::new(scenario(), record.header.seed));
    led.lead_to_end(&mut policy);
    assert!(policy.log.is_empty() && policy.expected.is_empty());
    assert_eq!(led.commands(), record.commands);
    assert_eq!(led.simulation().digest().to_string(), record.end.unwrap().digest);
}

/// What is said to have been thought is held against the menu, and changes nothing.
#[test]
fn beliefs_are_checked_and_kept_and_nothing_depends_on_them() {
    let led = |belief: Belief| {
        let mut session = Session::start(Simulation::new(scenario(), 11), Mode::Rehearse);
        session.run_until(at(200.0));
        let done = session.command(Actor::Lead, Command::act("roll-back api", "").believing(belief));
        session.run_until(at(300.0));
        (session, done)
    };
    let weighed = vec!["restart api".to_owned(), "wait".to_owned()];
    let belief = Belief { weighed, confidence: Some(0.7), ..Belief::default() };
    let ((thought, done), (silent, _)) = (led(belief.clone()), led(Belief::default()));
    assert_eq!(done, Ok(()));
    assert_eq!(thought.simulation().digest(), silent.simulation().digest());
    let record = thought.record(origin(), "person");
    let read = parse(&record.text()).unwrap();
    assert!(matches!(&read.commands[0].command, Command::Act { belief: Some(kept), .. } if **kept == belief));
    assert_eq!(read.replay(scenario()).unwrap().verdict, Verdict::Same);
    let (_, refused) = led(Belief { weighed: vec!["restart apo".to_owned()], ..Belief::default() });
    assert!(refused.unwrap_err().to_string().contains("did you mean `restart api`?"));
}
