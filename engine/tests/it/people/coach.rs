//! A session with a coach: going back, and questions, which change nothing.

use brownout::ids::Id;
use brownout::model::Verb;
use brownout::record::Mode;
use brownout::response::{Actor, Command};
use brownout::units::SimTime;
use brownout::{HintError, RewindError, Session, Simulation};

use super::{SHOP, page, scenario};

fn at(secs: u64) -> SimTime {
    SimTime::from_secs(secs)
}

fn session(mode: Mode) -> Session {
    Session::start(Simulation::new(scenario(SHOP, "()", &[]), 4), mode)
}

fn lead(session: &mut Session, until: u64, command: Command) {
    session.run_until(at(until));
    let _ = session.command(Actor::Lead, command);
}

/// Going back and doing the same comes to the same state as never having left, whatever was done in between.
#[test]
fn whoever_goes_back_and_does_the_same_gets_the_same() {
    let mut straight = session(Mode::Coach);
    lead(&mut straight, 130, page("shop"));
    lead(&mut straight, 400, Command::CheckIn { task: 0 });
    straight.run_until(at(900));
    for to in [1, 130, 131, 399, 400, 401, 650] {
        let mut other = session(Mode::Coach);
        lead(&mut other, 130, page("shop"));
        lead(&mut other, 400, Command::CheckIn { task: 0 });
        lead(&mut other, 700, page("mira"));
        other.run_until(at(800));
        let mut back = other.rewind(at(to)).unwrap();
        assert_eq!(back.simulation().now(), at(to));
        assert!(back.commands().iter().all(|logged| logged.at < at(to)));
        for (when, command) in [(130, page("shop")), (400, Command::CheckIn { task: 0 })] {
            if when >= to {
                lead(&mut back, when, command);
            }
        }
        back.run_until(at(900));
        assert_eq!(back.simulation().digest(), straight.simulation().digest(), "back to {to} s");
        assert_eq!(back.commands(), straight.commands());
        let header = back.header(Default::default(), "person");
        let branch = header.branched_from.expect("it went back");
        assert_eq!((branch.at_nanos, branch.left_nanos), (to * 1_000_000_000, 800 * 1_000_000_000));
        assert_eq!(branch.left_digest, other.simulation().digest().to_string());
    }
}

#[test]
fn there_is_no_way_back_and_no_hint_without_a_coach() {
    for mode in [Mode::Rehearse, Mode::Assess] {
        let mut session = session(mode);
        session.run_until(at(100));
        assert_eq!(session.rewind(at(10)).unwrap_err(), RewindError::NoCoach(mode));
        assert_eq!(session.hint().unwrap_err(), HintError::NoCoach(mode));
        assert_eq!(session.commands(), []);
    }
    let mut coached = session(Mode::Coach);
    coached.run_until(at(100));
    assert_eq!(coached.rewind(at(100)).unwrap_err(), RewindError::NotBefore(at(100)));
}

/// What did not begin at the start, or came by another way than the log, cannot be played again.
#[test]
fn there_is_no_way_back_into_what_the_log_does_not_tell() {
    let untold = |simulation: Simulation| {
        let mut session = Session::start(simulation, Mode::Coach);
        session.run_until(at(100));
        assert_eq!(session.rewind(at(50)).unwrap_err(), RewindError::Untold);
    };
    let run = || Simulation::new(scenario(SHOP, "()", &[]), 4);
    untold(run().fork_with_luck(1));
    let mut ordered = run();
    ordered.order(Verb::Restart { service: Id::new(0), instance: None }).unwrap();
    untold(ordered);
    let mut told = Session::start(run().fork(), Mode::Coach);
    told.run_until(at(100));
    assert_eq!(told.rewind(at(50)).unwrap().simulation().now(), at(50));
}

/// A question is in the log and in no state.
#[test]
fn a_hint_changes_nothing_but_the_log() {
    let (mut asked, mut alone) = (session(Mode::Coach), session(Mode::Coach));
    let mut questions = 0;
    for minute in 1..30 {
        asked.run_until(at(60 * minute));
        questions += usize::from(asked.hint().is_ok());
    }
    alone.run_until(asked.simulation().now());
    assert!(questions >= 2, "{questions} questions in half an hour of trouble");
    assert_eq!(asked.commands().len(), questions);
    let kinds = asked.commands().iter().all(|logged| matches!(logged.command, Command::Hint { .. }));
    assert!(kinds && asked.simulation().digest() == alone.simulation().digest());
}
