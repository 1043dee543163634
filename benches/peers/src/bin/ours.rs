//! Runs a reference model in Brownout, from the scenario file in `models`, with every measure that Brownout takes.

use std::error::Error;
use std::sync::Arc;

use brownout::Simulation;
use brownout::model::{ErrorKind, Flow};
use brownout::observe::Recording;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};
use clap::Parser;
use peers::model::ModelName;
use peers::report::{Line, RunArguments, cpu_seconds, peak_kib};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = RunArguments::parse();
    let begin = cpu_seconds()?;
    let mut simulation = Simulation::with_variant(Arc::new(scenario(arguments.model)?), arguments.seed, 0);
    simulation.run_until(SimTime::from_secs(arguments.horizon));
    let spent = cpu_seconds()? - begin;
    println!("{}", serde_json::to_string(&line(arguments.model, &simulation, spent)?)?);
    Ok(())
}

/// The reference model as a scenario.
fn scenario(model: ModelName) -> Result<Scenario, String> {
    let (name, text) = match model {
        ModelName::M1 => ("m1.ron", include_str!("../../models/m1.ron")),
        ModelName::M2b => ("m2b.ron", include_str!("../../models/m2b.ron")),
    };
    let (scenario, _warnings) =
        Scenario::parse(&Source::new(name, text), &no_files).map_err(|findings| findings.render())?;
    Ok(scenario)
}

fn line(model: ModelName, simulation: &Simulation, cpu_seconds: f64) -> Result<Line, Box<dyn Error>> {
    let (totals, system) = (&simulation.recording().totals, &simulation.scenario().system);
    let users = &totals.populations[0];
    let (api, _) = system.endpoints.enumerate().find(|(_, endpoint)| endpoint.name == "get").ok_or("no `get`")?;
    let (database, _) =
        system.dependencies.enumerate().find(|(_, dependency)| dependency.caller.is_some()).ok_or("no database")?;
    let errors = |flow: &Flow, kind: ErrorKind| flow.errors[kind as usize];
    let (api, database) = (&totals.endpoints[api.index()], &totals.dependencies[database.index()]);
    let millis = |span: SimDuration| span.as_secs_f64() * 1e3;
    Ok(Line {
        program: "ours".to_owned(),
        model,
        requests: users.offered,
        cpu_seconds,
        rate: users.offered as f64 / cpu_seconds,
        ok: users.succeeded,
        failed: users.failed(),
        retries: users.retries,
        timeouts: timeouts(simulation.recording(), api),
        rejects: errors(api, ErrorKind::QueueFull),
        mean_ms: millis(users.latency.mean()),
        p50_ms: millis(users.latency.quantile(0.5)),
        p99_ms: millis(users.latency.quantile(0.99)),
        peak_kib: peak_kib()?,
        pool_timeouts: Some(errors(database, ErrorKind::PoolTimeout)),
        breaker_rejects: Some(errors(database, ErrorKind::BreakerOpen)),
        breaker_opens: None,
    })
}

/// Attempts that the users stopped waiting for: those that were neither answered nor are under way. Only the outcomes of
/// whole requests are measured, so an answer with an error that came too late is taken for one in time.
fn timeouts(recording: &Recording, api: &Flow) -> u64 {
    let users = &recording.totals.populations[0];
    let under_way = recording.seconds.last().map_or(0, |second| u64::from(second.populations[0].in_flight));
    users.attempts.saturating_sub(users.succeeded + api.failed() + under_way)
}
