//! Data on standard output.

use std::io::{self, Write as _};

use brownout::Simulation;
use brownout::summary::{Curves, Summary, render};
use serde::Serialize;

use crate::failure::Failure;
use crate::terminal;

/// Prints a text as it is.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Prints a value as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Failure::Output(error.into()))?;
    print(&format!("{json}\n"))
}

/// Prints what came of a run, as text or as JSON.
pub(crate) fn print_summary(simulation: &Simulation, led_by: &str, json: bool) -> Result<(), Failure> {
    let summary = Summary::of(simulation, led_by);
    if json {
        return print_json(&summary);
    }
    print(&render(&summary, &Curves::of(simulation), &terminal::text_style()))
}
