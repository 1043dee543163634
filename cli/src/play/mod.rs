//! `brownout play`: a person leads, in a terminal or by lines of text.

mod feed;
mod figures;
mod game;
mod help;
mod line;
mod live;
mod plain;
mod real_time;
mod screen;
mod seen;
mod show;
mod typed;

use std::path::Path;
use std::sync::Arc;

use brownout::record::{Mode, Origin, PERSON, Record, ReplayError};
use brownout::response::{Actor, Logged};
use brownout::text::shown;
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use crate::args::PlayArgs;
use crate::failure::Failure;
use crate::input::{self, Loaded, ScenarioText};
use crate::{output, replay, report, terminal};

use feed::Feed;
use game::Game;
use live::LiveRecord;
use seen::Seen;

/// How a session was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It is over.
    Ended,
    /// It can be gone on with.
    Open,
    /// The program was told to end.
    Killed,
}

/// Plays a session and prints what came of it.
pub(crate) fn play(args: &PlayArgs) -> Result<(), Failure> {
    let mut game = match &args.resume {
        Some(record) => resume(record, args.scenario.as_deref())?,
        None => start(args)?,
    };
    let path = game.record().map(|record| record.path().to_owned());
    let left = if terminal::is_for_screens() { screen::play(&mut game)? } else { plain::play(&mut game)? };
    match left {
        Left::Ended => {
            game.close()?;
            output::print_summary(game.simulation(), PERSON, false)?;
            if let Some(path) = path {
                let path = path.display();
                report::say(&format!("the record is in {path}; `brownout replay {path}` plays it again"));
            }
            Ok(())
        }
        Left::Open | Left::Killed => {
            game.note()?;
            match path {
                Some(path) => report::say(&format!("go on with it: brownout play --resume {}", path.display())),
                None => report::say("nothing was recorded"),
            }
            if left == Left::Killed { Err(Failure::Interrupted) } else { Ok(()) }
        }
    }
}

fn start(args: &PlayArgs) -> Result<Game, Failure> {
    let name = args.scenario.as_deref().unwrap_or_default();
    let Loaded { scenario, hash, .. } = ScenarioText::find(name)?.load(&[])?;
    let simulation = Simulation::new(Arc::new(scenario), args.seed.unwrap_or_else(real_time::seed));
    let session = Session::start(simulation, args.mode.map_or(Mode::Rehearse, Into::into));
    let origin = Origin { scenario_hash: hash, ..Origin::default() };
    let header = session.header(origin, PERSON);
    let record = args.record.as_deref().map(|path| LiveRecord::create(path, &header)).transpose()?;
    Ok(Game::new(session, record, None))
}

/// What was seen and came up on the way to where a session is, second by second.
fn watch(session: &Session) -> (Seen, Feed) {
    let simulation = session.simulation();
    let (mut seen, mut feed) = (Seen::default(), Feed::default());
    // Straight to the simulation, as a replay: what a session asked and was answered is in the log already.
    let mut again = session.from_the_start().into_simulation();
    for second in 0..=simulation.now().whole_secs() {
        let until = SimTime::from_secs(second);
        while let Some(logged) = simulation.commands().get(again.commands().len()).filter(|logged| logged.at < until) {
            again.run_until(logged.at);
            // It is refused again if it was then.
            let _ = again.command(logged.by, logged.command.clone());
        }
        again.run_until(until);
        let observation = again.observe();
        feed.look(&observation);
        seen.look(observation, simulation.scenario());
    }
    let own = |logged: &&Logged| logged.by == Actor::Lead && logged.refused.is_none();
    for logged in simulation.commands().iter().filter(own) {
        feed.own(logged.at, typed::command(&logged.command, logged.refused.as_deref()));
    }
    feed.items.sort_by_key(|item| item.at);
    (seen, feed)
}

/// The session of a record, with everything seen on the way.
fn resume(path: &Path, scenario: Option<&str>) -> Result<Game, Failure> {
    let name = path.display().to_string();
    let held = LiveRecord::hold(path)?;
    let source = input::record(&name)?;
    let recovered = Record::recover(&source).map_err(|error| Failure::Input(error.to_string()))?;
    let record = &recovered.record;
    let refuse = |error: &ReplayError| Failure::Input(format!("{}:{}:1: {error}", shown(&name), error.line()));
    if record.end.is_some() {
        return Err(Failure::Input(format!(
            "{}: {}\n  `brownout replay {name}` plays it again",
            shown(&name),
            ReplayError::Ended
        )));
    }
    let remedy = format!("give its path: brownout play FILE.ron --resume {name}");
    let scenario = replay::find_scenario(&name, &record.header, scenario, &remedy)?;
    let session = Session::resume(record, scenario).map_err(|error| refuse(&error))?;
    let live = LiveRecord::reopen(path, held, &recovered)?;
    if let Some(line) = recovered.torn {
        report::say(&format!("note: {}: line {line} was cut off in the middle and is left out", shown(&name)));
    }
    let watched = watch(&session);
    let until = record.until();
    report::say(&format!("going on with {} at {}", shown(&name), figures::clock(until)));
    Ok(Game::new(session, Some(live), Some(watched)))
}
