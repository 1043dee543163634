//! `brownout replay`: a recorded session once more, from its record.

use std::sync::Arc;

use brownout::record::{Header, Record, RecordError, Replay, ReplayError, Replayed, Verdict};
use brownout::scenario::Scenario;
use brownout::text::shown;
use brownout::units::SimTime;

use crate::args::ReplayArgs;
use crate::failure::Failure;
use crate::input::{self, ScenarioText};
use crate::progress::Progress;
use crate::{output, report};

/// Plays a record again and prints the summary of what came of it, or the verdict on it.
pub(crate) fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let source = input::record(&args.record)?;
    let name = shown(source.name()).into_owned();
    let record = match Record::parse(&source) {
        Ok(record) => record,
        Err(error) if args.verify && error.is_damage() => return deny(&damage(&error)),
        Err(error) => return Err(Failure::Input(error.to_string())),
    };
    let scenario =
        find_scenario(&name, &record.header, args.scenario.as_deref(), "give its path with --scenario FILE")?;
    match play(&record, scenario) {
        Ok(replayed) if args.verify => verify(&name, &record, &replayed.verdict),
        Ok(replayed) => show(&name, &record, &replayed, args.json),
        Err(error) => {
            let line = error.line();
            let message = format!("{name}:{line}:1: {error}");
            match (error.is_difference(), args.verify) {
                (true, true) => deny(&message),
                (true, false) => Err(Failure::Differs(Some(message))),
                (false, _) => Err(Failure::Input(message)),
            }
        }
    }
}

/// The scenario that was played: a built-in one by its name, or the one at a path.
pub(crate) fn find_scenario(
    name: &str,
    header: &Header,
    path: Option<&str>,
    how: &str,
) -> Result<Arc<Scenario>, Failure> {
    let recorded = shown(&header.scenario);
    let built_in = brownout_scenarios::find(&header.scenario).is_some();
    let text = match path {
        Some(path) => ScenarioText::find(path)?,
        None if built_in => ScenarioText::find(&header.scenario)?,
        None => {
            return Err(Failure::Input(format!(
                "{name}: scenario {recorded:?} is no built-in one, and a record does not say where its file is\n  {how}"
            )));
        }
    };
    let loaded = text.load(&header.overrides)?;
    if loaded.hash != header.scenario_hash {
        return Err(other_text(name, header, &loaded.hash, path, how));
    }
    Ok(Arc::new(loaded.scenario))
}

fn other_text(name: &str, header: &Header, hash: &str, path: Option<&str>, how: &str) -> Failure {
    let (scenario, recorded) = (shown(&header.scenario), shown(&header.scenario_hash));
    let remedy = match path {
        Some(_) => {
            "give the file as it was when the session was played, with the files that it names beside it".to_owned()
        }
        None => {
            format!(
                "if the session was played from a file of that name, {how}; else use the brownout that wrote the record"
            )
        }
    };
    let what = path.map_or_else(|| format!("built-in {scenario}"), |path| shown(path).into_owned());
    Failure::Input(format!(
        "{name}: {what} is not the scenario that was played\n  recorded {recorded}\n  found    {hash}\n  {remedy}"
    ))
}

fn play(record: &Record, scenario: Arc<Scenario>) -> Result<Replayed, ReplayError> {
    let mut replay = Replay::start(record, scenario)?;
    let mut progress = Progress::start(record.until());
    for stop in progress.stops() {
        replay.run_until(stop)?;
        progress.reach(stop);
    }
    progress.finish();
    replay.finish()
}

/// The summary; of a replay that went another way there is none, since it is not what happened.
fn show(name: &str, record: &Record, replayed: &Replayed, json: bool) -> Result<(), Failure> {
    match &replayed.verdict {
        Verdict::Same => {}
        Verdict::Differs { .. } => return Err(Failure::Differs(Some(verdict(name, record, &replayed.verdict)))),
        Verdict::Open => {
            let until = record.until().since(SimTime::ZERO);
            report::say(&format!(
                "note: {name} has no end: the session goes on, or was broken off; shown up to {until}"
            ));
        }
    }
    output::print_summary(&replayed.simulation, &shown(&record.header.led_by), json)
}

fn verify(name: &str, record: &Record, found: &Verdict) -> Result<(), Failure> {
    let line = verdict(name, record, found);
    if *found != Verdict::Same {
        return deny(&line);
    }
    output::print(&format!("{line}\n"))
}

/// Whether it is the same, in one line.
fn verdict(name: &str, record: &Record, verdict: &Verdict) -> String {
    let until = record.until().since(SimTime::ZERO);
    match verdict {
        Verdict::Same => {
            let digest = record.end.as_ref().map_or("", |end| end.digest.as_str());
            format!("{name}: the same: {until} replayed to digest {digest}")
        }
        Verdict::Differs { recorded, replayed } => {
            let recorded = shown(recorded);
            format!("{name}: differs: {until} replayed to digest {replayed}, and {recorded} is recorded")
        }
        Verdict::Open => format!(
            "{name}: not verified: the record has no end, so no digest; the session goes on, or was broken off or cut after \
             line {}",
            record.lines()
        ),
    }
}

/// What was done to the record, in one line.
fn damage(error: &RecordError) -> String {
    let line = error.place.line;
    format!("{}:{line}:{}: not verified: {}", shown(&error.file), error.place.column, error.problem.message())
}

/// A verdict on standard output that is a no.
fn deny(line: &str) -> Result<(), Failure> {
    output::print(&format!("{line}\n"))?;
    Err(Failure::Differs(None))
}
