//! The `brownout` command: parse, resolve, act.
//!
//! Data goes to standard output, words and progress to standard error. It exits with 0 on success, 1 when a replay is
//! not what was recorded, and 2 on bad input or when a policy fails.

mod args;
mod check;
mod demonstration;
mod failure;
mod input;
mod interrupt;
mod list;
mod output;
mod play;
mod progress;
mod replay;
mod report;
mod run;
mod stamp;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

fn main() -> ExitCode {
    let done = match Args::parse().command {
        None => demonstration::start(),
        Some(Command::List(args)) => list::list(&args),
        Some(Command::Check(args)) => check::check(&args),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Play(args)) => play::play(&args),
        Some(Command::Replay(args)) => replay::replay(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
