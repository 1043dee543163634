//! What happens when the user interrupts a run.

use std::process;

/// The exit code of a command that was interrupted, as shells report it: 128 and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// From now on an interrupt (Ctrl-C, or being told to terminate or that the terminal is gone) removes half-written files
/// before the process ends. Where an interrupt is ignored it stays ignored.
pub(crate) fn remove_half_written_files() {
    // Without a handler the process ends as every other; only a temporary file may stay behind.
    let _ = ctrlc::try_set_handler(|| {
        brownout_lab::remove_unfinished();
        process::exit(i32::from(INTERRUPTED));
    });
}
