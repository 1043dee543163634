//! Runs all programs on the reference models, interleaved, and prints their rates, the ratios, and how they agree.
//!
//! In each round every program runs once for each model, with the round's number as seed; ratios are taken within a
//! round, so that a burst of other work on the machine meets both sides, and the median over rounds is printed. It ends
//! with exit code 1 when Brownout is slower than it promises to be, or its results differ from the hand-written program's.

mod programs;
mod statistics;
mod tables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use peers::model::ModelName;

use programs::{Program, Roster};
use tables::Results;

/// Compares Brownout with the hand-written limit, NeXosim and SimPy on the reference models.
#[derive(Debug, Parser)]
struct Arguments {
    /// Models to run.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["m1", "m2b"])]
    models: Vec<ModelName>,
    /// Simulated seconds; M2b has its surge from 200 s to 230 s.
    #[arg(long, default_value_t = 600)]
    horizon: u64,
    /// Rounds of the compiled programs.
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// How many of the rounds SimPy takes part in; each costs it about a minute. 0 leaves it out.
    #[arg(long, default_value_t = 3)]
    simpy_rounds: u64,
    /// Another build of Brownout's program for these models [default: the program `ours` of this package].
    #[arg(long)]
    ours: Option<PathBuf>,
    /// Python with SimPy.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    if cfg!(debug_assertions) {
        return Err("rates mean nothing in a debug build: use cargo run --release".into());
    }
    let arguments = Arguments::parse();
    programs::build()?;
    let Roster { programs, notes } = programs::roster(&arguments)?;
    let results = run_all(&arguments, &programs)?;
    for &model in &arguments.models {
        print!("{}", tables::of_model(model, &results, arguments.horizon));
    }
    for note in notes {
        println!("note: {note}");
    }
    let shortfalls = arguments.models.iter().flat_map(|model| tables::shortfalls(*model, &results, arguments.horizon));
    let shortfalls: Vec<String> = shortfalls.collect();
    for shortfall in &shortfalls {
        println!("MISSED: {shortfall}");
    }
    if shortfalls.is_empty() {
        println!("every floor is met, and the results agree");
    }
    Ok(if shortfalls.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// All rounds; the order within a round is turned by one place each time.
fn run_all(arguments: &Arguments, programs: &[Program]) -> Result<Results, Box<dyn std::error::Error>> {
    let mut results = Results::default();
    for round in 1..=arguments.rounds {
        for &model in &arguments.models {
            for place in 0..programs.len() {
                let program = &programs[(place + round as usize) % programs.len()];
                if round <= program.rounds {
                    eprintln!("round {round} of {}: {} on {model:?}", arguments.rounds, program.name);
                    results.add(program.name, round, program.run(model, arguments.horizon, round)?);
                }
            }
        }
    }
    Ok(results)
}
