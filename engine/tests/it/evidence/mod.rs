//! Evidence on demand: instruments show what was measured, in their time, to whoever asks; and nothing else.

mod asking;
mod barrier;
mod instruments;
mod investigating;

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::Evidence;
use brownout::response::{Actor, Command, Refusal};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::SimTime;

/// A service, its database behind a pool, retries and a breaker, and a version `v2` with an effect; nobody but the lead.
const SMALL: &str = r#"Scenario(
    format: 1, name: "small", duration: "2h",
    services: {
        "api": (
            instances: 2, capacity: Workers(64), start_time: "1s", rollout: (preparation: "0s", drain: "0s"),
            versions: {"v1": (), "v2": (effects: {EFFECT})},
            endpoints: {"get": [Work("5ms"), Call("db.read")], "ping": [Work("1ms")]},
            calls: [(to: "db", layers: [
                Retry(max_attempts: 2, backoff: Fixed("10ms"), jitter: NoJitter),
                Breaker(failureRateThreshold: 90, minimumNumberOfCalls: 20),
                Pool(preset: "fixed", size: 8, acquire_timeout: "1s"),
            ])],
        ),
        "db": (capacity: ProcessorSharing(cores: 4), endpoints: {"read": [Work("5ms")], "scan": [Work("1ms")]}),
    },
    populations: {"web": (arrivals: Constant("40/s"), mix: {"api.get": 1})},
    always: (deploys: [(at: "20m", service: "api", version: "v2")], faults: {FAULTS}),
    REST
)"#;

fn parsed(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("small.ron", text), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

/// The small system in which `v2` does something, something goes wrong, and whatever else is said.
fn small(effect: &str, faults: &str, rest: &str) -> Arc<Scenario> {
    parsed(&SMALL.replace("EFFECT", effect).replace("FAULTS", faults).replace("REST", rest))
}

/// What an instrument shows to a lead who is alone after so many minutes.
fn look(scenario: &Arc<Scenario>, minutes: u64, instrument: &str, subject: Option<&str>) -> Evidence {
    let mut simulation = Simulation::new(Arc::clone(scenario), 1);
    simulation.run_until(SimTime::from_secs(60 * minutes));
    shown(&mut simulation, instrument, subject)
}

/// What an instrument shows now.
fn shown(simulation: &mut Simulation, instrument: &str, subject: Option<&str>) -> Evidence {
    simulation.command(Actor::Lead, Command::look(instrument, subject)).unwrap();
    simulation.observe().evidence.pop().expect("it was seen")
}

#[track_caller]
fn refused(simulation: &mut Simulation, command: Command) -> String {
    let before = simulation.digest();
    let refusal: Refusal = simulation.command(Actor::Lead, command).expect_err("it makes no sense");
    assert_eq!(simulation.digest(), before, "a refused command changes nothing");
    refusal.to_string()
}
