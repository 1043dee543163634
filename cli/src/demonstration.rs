//! The bare command: the main job at once, with word on which way was taken and why.

use crate::args::{DEFAULT_POLICY_TIME_LIMIT, DEFAULT_SEED, PlayArgs, RunArgs};
use crate::failure::Failure;
use crate::{play, report, run, terminal};

const SCENARIO: &str = "one-slash";
const POLICY: &str = "rollback-first";

/// Opens the window where there is one and a display for it; else starts terminal play on a terminal; else plays the demonstration.
pub(crate) fn start() -> Result<(), Failure> {
    match window() {
        Ok(()) => Ok(()),
        Err(why) if terminal::is_for_screens() => play(&why),
        Err(why) => demonstrate(&why),
    }
}

/// Opens the window and returns when it is closed, or says why there is none.
#[cfg(feature = "gui")]
fn window() -> Result<(), String> {
    if !brownout_gui::display_available() {
        return Err("there is no display".to_owned());
    }
    report::say("opening the window, because there is a display");
    brownout_gui::run().map_err(|error| format!("the window could not be opened ({error})"))
}

/// Says why there is no window.
#[cfg(not(feature = "gui"))]
fn window() -> Result<(), String> {
    Err("this build has no window (feature `gui`)".to_owned())
}

/// A terminal on which nothing can be drawn gets the demonstration: whoever wants lines of text asks for them.
fn play(why: &str) -> Result<(), Failure> {
    report::say(&format!("{why}, but a terminal: starting `brownout play {SCENARIO}`"));
    play::play(&PlayArgs { scenario: Some(SCENARIO.to_owned()), seed: None, mode: None, record: None, resume: None })
}

fn demonstrate(why: &str) -> Result<(), Failure> {
    report::say(&format!("{why}, and no terminal on standard input and output that can be drawn on:"));
    report::say(&format!("playing the demonstration, `brownout run {SCENARIO} --policy {POLICY}`"));
    run::run(&RunArgs {
        scenario: SCENARIO.to_owned(),
        seed: DEFAULT_SEED,
        policy: POLICY.to_owned(),
        policy_time_limit: DEFAULT_POLICY_TIME_LIMIT,
        until: None,
        variant: None,
        overrides: Vec::new(),
        json: false,
        series: None,
        record: None,
    })?;
    report::say(
        "next: `brownout play one-slash` to lead yourself, `brownout run one-slash --policy hotfix-first` for the other way, \
         `brownout --help` for the rest",
    );
    Ok(())
}
