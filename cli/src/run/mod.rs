//! `brownout run`: one run of a scenario from its start, led by a policy.

mod lead;
mod plan;

use std::io::Write as _;

use brownout::Session;
use brownout::scenario::Findings;
use brownout::text::shown;
use brownout_lab::write_series;

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{interrupt, output, report};

use plan::Plan;

/// Runs a scenario, writes the files asked for, and prints the summary.
pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    if args.series.is_some() || args.record.is_some() {
        interrupt::remove_half_written_files();
    }
    let plan = Plan::resolve(args)?;
    mention_warnings(&args.scenario, &plan.warnings);
    let session = play(&plan)?;
    if let Some((target, format)) = &plan.series {
        write_series(session.simulation(), target, *format)?;
    }
    if let Some(target) = &plan.record {
        let record = session.record(plan.origin(), plan.led_by.as_str()).text();
        target.write(|file| file.write_all(record.as_bytes()))?;
    }
    output::print_summary(session.simulation(), &shown(&plan.led_by), args.json)
}

/// A run is no place to teach about settings, and what is wrong in a built-in scenario is for the player to find out.
fn mention_warnings(scenario: &str, warnings: &Findings) {
    if !warnings.is_empty() && brownout_scenarios::find(scenario).is_none() {
        let count = warnings.len();
        report::say(&format!("note: {scenario} has warnings ({count}); `brownout check {scenario}` shows them"));
    }
}

/// The run, unless its policy fails: then there is nothing to show of it.
fn play(plan: &Plan) -> Result<Session, Failure> {
    let mut session = Session::new(plan.simulation());
    let mut leader = plan.policy.start(&session, plan.seed, plan.policy_time_limit)?;
    let mut progress = Progress::start(plan.until);
    for stop in progress.stops() {
        leader.lead(&mut session, stop);
        if leader.has_failed() {
            break;
        }
        progress.reach(stop);
    }
    progress.finish();
    leader.finish()?;
    Ok(session)
}
