//! `check --watch`: the same again whenever a file changes, until somebody interrupts it.
//!
//! The files are looked at a few times a second. That finds every way in which a file changes (written in place, replaced
//! by a rename, gone for a moment, on a network drive), needs nothing from the system, and costs next to nothing for the
//! handful of files that one command names.

use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::stamp::Seen;
use crate::{input, output, report};

/// The time between two looks at the files; also how long a change may take until it is read.
const INTERVAL: Duration = Duration::from_millis(200);

/// Checks the files again whenever one of them, or of those that they name, has changed. `check` does it once and says
/// which files it has read.
pub(super) fn watch(
    files: &[String],
    mut check: impl FnMut(&[String]) -> Result<Vec<Seen>, Failure>,
) -> Result<(), Failure> {
    if files.iter().all(|file| input::path_of(file).is_none()) {
        let message = "--watch: built-in scenarios do not change; name a file";
        return Err(Failure::Input(message.to_owned()));
    }
    let mut seen = check(files)?;
    report::say("watching for changes; Ctrl-C ends it");
    for round in 2_u64.. {
        let changed = changed(&seen);
        announce(round, &changed)?;
        seen = check(files)?;
    }
    Ok(())
}

/// Waits until a file has changed, and for what changes along with it. Returns those that did.
fn changed(seen: &[Seen]) -> Vec<String> {
    while !seen.iter().any(Seen::has_changed) {
        thread::sleep(INTERVAL);
    }
    thread::sleep(INTERVAL);
    seen.iter().filter(|one| one.has_changed()).map(|one| one.path.display().to_string()).collect()
}

/// Separates a round from the one before: by a line of its own among the words, by an empty line among the verdicts.
fn announce(round: u64, changed: &[String]) -> Result<(), Failure> {
    output::print("\n")?;
    let what = if changed.is_empty() { "a file".to_owned() } else { changed.join(", ") };
    report::say(&format!("---- check {round}: {what} changed ----"));
    Ok(())
}
