//! The bare command: the main job at once, with word on which way was taken and why.

use crate::args::{DEFAULT_POLICY_TIME_LIMIT, DEFAULT_SEED, RunArgs};
use crate::failure::Failure;
use crate::{report, run};

const SCENARIO: &str = "one-slash";
const POLICY: &str = "rollback-first";

/// Opens the window where there is one and a display for it; otherwise plays the demonstration.
pub(crate) fn start() -> Result<(), Failure> {
    match window() {
        Ok(()) => Ok(()),
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

fn demonstrate(why: &str) -> Result<(), Failure> {
    report::say(&format!("{why}, and this version has no terminal play yet:"));
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
        "next: `brownout run one-slash --policy hotfix-first` for the other way, `brownout --help` for the rest",
    );
    Ok(())
}
