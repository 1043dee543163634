//! The JSON line every compared program prints, and the meter behind two of its fields.

use std::io;

use clap::Parser;
use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use crate::measures::Measures;
use crate::model::{Model, ModelName};

/// What every compared program accepts on its command line.
#[derive(Clone, Copy, Debug, Parser)]
pub struct RunArguments {
    /// Which reference model to run.
    #[arg(long, value_enum, default_value = "m1")]
    pub model: ModelName,
    /// Simulated seconds.
    #[arg(long, default_value_t = 600)]
    pub horizon: u64,
    /// Seed of all randomness.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What every compared program prints, as one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Name of the program.
    pub program: String,
    /// The model it ran.
    pub model: ModelName,
    /// User requests that arrived.
    pub requests: u64,
    /// Processor time (user and system) of building and running the model, without the start of the process.
    pub cpu_seconds: f64,
    /// User requests simulated in one second of processor time.
    pub rate: f64,
    /// User requests answered well.
    pub ok: u64,
    /// User requests given up after the last attempt.
    pub failed: u64,
    /// Second and third attempts.
    pub retries: u64,
    /// Attempts the client stopped waiting for.
    pub timeouts: u64,
    /// Attempts refused by a full worker queue.
    pub rejects: u64,
    /// Mean latency of good requests, milliseconds.
    pub mean_ms: f64,
    /// Median latency of good requests, milliseconds.
    pub p50_ms: f64,
    /// 99 % quantile of the latency of good requests, milliseconds.
    pub p99_ms: f64,
    /// Largest resident memory of the process, KiB.
    pub peak_kib: u64,
    /// Calls that got no connection in time, where the program counts them.
    #[serde(default)]
    pub pool_timeouts: Option<u64>,
    /// Calls the breaker refused, where the program counts them.
    #[serde(default)]
    pub breaker_rejects: Option<u64>,
    /// How often the breaker opened, where the program counts it.
    #[serde(default)]
    pub breaker_opens: Option<u64>,
}

impl Line {
    /// The line of a run with these measures that took `cpu_seconds`.
    ///
    /// # Errors
    /// If the operating system does not tell the size of the process.
    pub fn new(program: &str, model: ModelName, measures: &Measures, cpu_seconds: f64) -> io::Result<Self> {
        let requests = measures.total(|second| second.requests);
        Ok(Self {
            program: program.to_owned(),
            model,
            requests,
            cpu_seconds,
            rate: requests as f64 / cpu_seconds,
            ok: measures.total(|second| second.ok),
            failed: measures.total(|second| second.failed),
            retries: measures.total(|second| second.retries),
            timeouts: measures.timeouts,
            rejects: measures.rejects,
            mean_ms: measures.mean_ms(),
            p50_ms: measures.quantile_ms(0.5),
            p99_ms: measures.quantile_ms(0.99),
            peak_kib: peak_kib()?,
            pool_timeouts: Some(measures.pool_timeouts),
            breaker_rejects: Some(measures.breaker_rejects),
            breaker_opens: Some(measures.breaker_opens),
        })
    }
}

/// The whole main function of a compared program: read the arguments, run, print the line.
///
/// # Errors
/// If the operating system does not tell what the run cost, or the line cannot be written.
pub fn run_and_print(program: &str, run: impl FnOnce(&Model, u64, u64) -> Measures) -> io::Result<()> {
    let arguments = RunArguments::parse();
    let begin = cpu_seconds()?;
    let measures = run(&Model::named(arguments.model), arguments.horizon, arguments.seed);
    let line = Line::new(program, arguments.model, &measures, cpu_seconds()? - begin)?;
    println!("{}", serde_json::to_string(&line)?);
    Ok(())
}

/// Processor time this process has used so far.
///
/// # Errors
/// If the operating system has no such clock.
pub fn cpu_seconds() -> io::Result<f64> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    Ok(time.tv_sec() as f64 + time.tv_nsec() as f64 * 1e-9)
}

/// Largest resident memory of this process so far, KiB. Apple systems count bytes, the others KiB.
///
/// # Errors
/// If the operating system does not tell.
pub fn peak_kib() -> io::Result<u64> {
    let largest = getrusage(UsageWho::RUSAGE_SELF)?.max_rss().unsigned_abs();
    Ok(if cfg!(target_vendor = "apple") { largest / 1024 } else { largest })
}
