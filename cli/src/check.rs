//! `brownout check`: everything wrong with scenario files, at once.

use brownout::scenario::{Findings, json_schema};
use brownout::text::Severity;

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::input::ScenarioText;
use crate::{output, report};

/// Checks every file: findings go to standard error, a verdict on each to standard output.
pub(crate) fn check(args: &CheckArgs) -> Result<(), Failure> {
    if args.schema {
        return output::print_json(&json_schema());
    }
    let mut sound = true;
    for file in &args.files {
        sound &= check_one(file)?;
    }
    if sound { Ok(()) } else { Err(Failure::Checked) }
}

/// Whether the file has no errors. One that cannot be read does not keep the others from being checked.
fn check_one(file: &str) -> Result<bool, Failure> {
    let text = match ScenarioText::find(file) {
        Ok(text) => text,
        Err(failure) => {
            failure.report();
            output::print(&format!("{file}: not read\n"))?;
            return Ok(false);
        }
    };
    let (findings, sound) = match text.load(&[]) {
        Ok(loaded) => (loaded.warnings, true),
        Err(findings) => (findings, false),
    };
    report::findings(&findings);
    output::print(&verdict(file, &findings, sound))?;
    Ok(sound)
}

fn verdict(file: &str, findings: &Findings, sound: bool) -> String {
    let of = |severity| findings.iter().filter(|(_, finding)| finding.severity == severity).count();
    let warnings = counted(of(Severity::Warning), "warning");
    if sound {
        return format!("{file}: ok ({warnings})\n");
    }
    let more = if findings.dropped() > 0 { " and more" } else { "" };
    format!("{file}: {}, {warnings}{more}\n", counted(of(Severity::Error), "error"))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
