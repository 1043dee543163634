//! Sessions of random commands in generated systems, some of them senseless: every command is accepted or refused with a
//! reason, and the record, written and read, replays to the same digest, whole or from where it was broken off.

use std::sync::Arc;

use brownout::record::{Mode, Origin, Record, Verdict};
use brownout::response::{Actor, Command};
use brownout::text::Source;
use brownout::{Session, Simulation};

use super::dice::Dice;
use super::generate::LOAD_ENDS;
use super::{RUNS, for_every_seed};
use crate::systems::at;

/// An option of the menu, an instrument with something to point it at, or neither.
fn command(dice: &mut Dice, session: &Session) -> Command {
    let menu = session.simulation().menu();
    if dice.chance(0.3) {
        let offer = dice.one_of(&menu.looks);
        let subject = (!offer.subjects.is_empty() && dice.chance(0.9)).then(|| dice.one_of(&offer.subjects));
        return Command::look(offer.instrument, subject.as_deref());
    }
    let option = if menu.options.is_empty() || dice.chance(0.2) {
        "roll-back nothing \"\u{e9}\\\n".to_owned()
    } else {
        dice.one_of(&menu.options).name
    };
    Command::act(option, if dice.chance(0.5) { "because" } else { "" })
}

fn play(dice: &mut Dice, session: &mut Session) {
    for _ in 0..dice.range(0, 12) {
        session.run_until(session.simulation().now().saturating_add(dice.span(0.0, 2_000.0)));
        let by = dice.one_of(&[Actor::Lead, Actor::Facilitator]);
        let command = command(dice, session);
        let done = session.command(by, command);
        let logged = session.commands().last().expect("it is in the log");
        assert_eq!(done.err().map(|why| why.to_string()), logged.refused);
    }
    session.run_until(session.simulation().now().max(at(dice.real(0.0, LOAD_ENDS))));
}

#[test]
fn records_of_random_sessions_replay() {
    for_every_seed(RUNS, |seed, plan| {
        let mut dice = Dice::new(seed ^ 0x7ec0);
        let scenario = Arc::new(plan.scenario.clone());
        let mode = dice.one_of(&Mode::ALL);
        let mut session = Session::start(Simulation::new(Arc::clone(&scenario), seed), mode);
        play(&mut dice, &mut session);
        let origin = Origin { variant_chosen: dice.chance(0.5), ..Origin::default() };
        let record = session.record(origin.clone(), "person");
        let read = Record::parse(&Source::new("record", record.text())).expect("what is written is read");
        assert_eq!(read, record, "seed {seed}");
        let replayed = read.replay(Arc::clone(&scenario)).expect("the same commands are refused");
        assert_eq!(replayed.verdict, Verdict::Same, "seed {seed}");
        let keep = dice.range(0, record.commands.len() as u32) as usize;
        let broken_off = Record { commands: record.commands[..keep].to_vec(), end: None, ..record.clone() };
        let mut resumed = Session::resume(&broken_off, scenario).expect("a part of it replays, too");
        for logged in &record.commands[keep..] {
            resumed.run_until(logged.at);
            let _ = resumed.command(logged.by, logged.command.clone());
        }
        resumed.run_until(record.until());
        assert_eq!(resumed.record(origin, "person"), record, "seed {seed}");
    });
}
