//! The record of a session: what is written is read again, replays to the same digest, and shows what was done to it.

mod replaying;
mod tampering;
mod writing;

use std::sync::Arc;

use brownout::record::{Mode, Origin, Record, RecordError};
use brownout::response::{Actor, Command};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use crate::systems::at;

/// Two truths: a deploy that makes errors, and one that does not.
const TEXT: &str = r#"Scenario(
    format: 1, name: "family", title: "Two truths", story: "", duration: "8m",
    services: {"api": (
        capacity: Workers(8),
        endpoints: {"get": [Work(Exponential(mean: "5ms"))]},
        versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "40%")})},
        rollout: (preparation: "20s"),
        start_time: "5s",
    )},
    populations: {"web": (arrivals: Poisson("20/s"), mix: {"api.get": 1})},
    always: (deploys: [(at: "2m", service: "api", version: "v2")]),
    variants: {
        "bug": (weight: 1),
        "bug-and-disk": (weight: 1, faults: {"disk": (does: Slowdown(service: "api", factor: 9), start: At("3m"))}),
    },
)"#;

/// The number of the first command's line, behind the header.
const FIRST: usize = 2;

fn scenario() -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("family.ron", TEXT), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn origin() -> Origin {
    let overrides = vec![("services.api.instances".to_owned(), "2\n\"\u{7f}ü".to_owned())];
    Origin { scenario_hash: "0123456789abcdef".repeat(4), overrides, variant_chosen: false }
}

/// A person leads for five minutes: four commands, of which the second and the third are refused.
fn session(mode: Mode) -> Session {
    let mut session = Session::start(Simulation::new(scenario(), 11), mode);
    let commands = [
        (60.5, Actor::Lead, "restart api", "to see \"what\" happens,\\\n\u{2028}line, \u{1f525}"),
        (60.5, Actor::Facilitator, "roll-back api", ""),
        (100.0, Actor::Lead, "no such thing", "a slip"),
        (190.000_000_001, Actor::Lead, "roll-back api", "it came with the deploy"),
    ];
    for (when, by, option, reason) in commands {
        session.run_until(at(when));
        let _ = session.command(by, Command::act(option, reason));
    }
    session.run_until(SimTime::from_secs(300));
    session
}

fn record() -> Record {
    session(Mode::Coach).record(origin(), "person")
}

fn parse(text: &str) -> Result<Record, RecordError> {
    Record::parse(&Source::new("run.jsonl", text))
}

/// The lines of a text.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// The text of lines.
fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The lines with hashes that follow from each other, as somebody computes them who has read the description.
fn resealed(lines: &[String]) -> String {
    let mut hash = String::new();
    let mut seal = |line: &String| {
        let open = line.rsplit_once(",\"chain\":\"").map_or(line.as_str(), |(open, _)| open);
        hash = blake3::hash(format!("{hash}{open}").as_bytes()).to_hex()[..16].to_owned();
        format!("{open},\"chain\":\"{hash}\"}}\n")
    };
    lines.iter().map(&mut seal).collect()
}
