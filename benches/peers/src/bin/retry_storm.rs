//! Runs the retry storm for many seeds on one thread and prints one JSON line.

use clap::Parser;
use peers::report::cpu_seconds;
use peers::storm::{self, Totals};
use serde::Serialize;

/// The retry storm, written by hand.
#[derive(Debug, Parser)]
struct Arguments {
    /// Runs of 400 s.
    #[arg(long, default_value_t = 5000)]
    runs: u64,
    /// Seed of the first run; the others follow.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Means are over runs.
#[derive(Debug, Serialize)]
struct Line {
    program: &'static str,
    runs: usize,
    cpu_seconds: f64,
    runs_per_cpu_second: f64,
    events_per_cpu_second: f64,
    events: f64,
    arrivals: f64,
    attempts: f64,
    in_time: f64,
    in_time_standard_error: f64,
    in_time_last_100_s: f64,
    /// Runs with fewer than 100 requests answered in time in the last 100 s.
    collapsed: usize,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let begin = cpu_seconds()?;
    let runs: Vec<Totals> = (arguments.seed..).take(arguments.runs.max(1) as usize).map(storm::run).collect();
    println!("{}", serde_json::to_string(&line(&runs, cpu_seconds()? - begin))?);
    Ok(())
}

fn line(runs: &[Totals], cpu_seconds: f64) -> Line {
    let count = runs.len() as f64;
    let mean = |column: fn(&Totals) -> u64| runs.iter().map(column).sum::<u64>() as f64 / count;
    let in_time = mean(|totals| totals.in_time);
    let squares: f64 = runs.iter().map(|totals| (totals.in_time as f64 - in_time).powi(2)).sum();
    Line {
        program: "retry_storm",
        runs: runs.len(),
        cpu_seconds,
        runs_per_cpu_second: count / cpu_seconds,
        events_per_cpu_second: mean(|totals| totals.events) * count / cpu_seconds,
        events: mean(|totals| totals.events),
        arrivals: mean(|totals| totals.arrivals),
        attempts: mean(|totals| totals.attempts),
        in_time,
        in_time_standard_error: (squares / (count - 1.0).max(1.0) / count).sqrt(),
        in_time_last_100_s: mean(|totals| totals.in_time_last_100_s),
        collapsed: runs.iter().filter(|totals| totals.in_time_last_100_s < 100).count(),
    }
}
