//! `brownout check`: everything wrong with scenario files, at once.

mod watch;

use brownout::scenario::{Findings, json_schema, reference};
use brownout::text::{Severity, shown};

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::input::{self, ScenarioText};
use crate::stamp::Seen;
use crate::{output, report};

/// Checks every file: findings go to standard error, a verdict on each to standard output.
pub(crate) fn check(args: &CheckArgs) -> Result<(), Failure> {
    if args.schema {
        return output::print_json(&json_schema());
    }
    if args.reference {
        return output::print(&reference());
    }
    if args.watch {
        return watch::watch(&args.files, |files| Ok(check_all(files)?.seen));
    }
    if check_all(&args.files)?.sound { Ok(()) } else { Err(Failure::Checked) }
}

/// What came of checking files.
struct Checked {
    /// Whether none of them has errors.
    sound: bool,
    /// They and the files that they name.
    seen: Vec<Seen>,
}

fn check_all(files: &[String]) -> Result<Checked, Failure> {
    let mut all = Checked { sound: true, seen: Vec::new() };
    for file in files {
        let one = check_one(file)?;
        all.sound &= one.sound;
        all.seen.extend(one.seen);
    }
    Ok(all)
}

/// One that cannot be read does not keep the others from being checked.
fn check_one(file: &str) -> Result<Checked, Failure> {
    let before = input::path_of(file).map(|path| Seen::now(&path));
    let text = match ScenarioText::find(file) {
        Ok(text) => text,
        Err(failure) => {
            failure.report();
            output::print(&format!("{}: not read\n", shown(file)))?;
            return Ok(Checked { sound: false, seen: before.into_iter().collect() });
        }
    };
    let (findings, sound) = match text.load(&[]) {
        Ok(loaded) => (loaded.warnings, true),
        Err(findings) => (findings, false),
    };
    report::findings(&findings);
    if text.is_built_in() && !findings.is_empty() {
        report::say(&format!("note: {file} is built in, and what is warned of is part of its story"));
    }
    output::print(&verdict(&shown(file), &findings, sound))?;
    Ok(Checked { sound, seen: text.seen() })
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
