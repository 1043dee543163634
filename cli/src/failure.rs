//! Why a command ends without success.

use std::io;
use std::process::ExitCode;

use brownout::scenario::Findings;
use brownout::text::suggest;
use brownout_lab::WriteError;

use crate::{interrupt, report};

/// Bad input, a run that says no, or output that nobody takes. All but a closed pipe and a no exit with 2.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something about the command line or a file, in words.
    Input(String),
    /// What is wrong with a scenario.
    Scenario(Findings),
    /// Files were checked and found wrong, and everything about it has been said.
    Checked,
    /// A replay is not what was recorded. Why, if it has not been said.
    Differs(Option<String>),
    /// The program was told to end. Everything about it has been said.
    Interrupted,
    /// A file cannot be written.
    File(WriteError),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// No such name: says which there are, and which was probably meant.
    pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> Self {
        let guess =
            suggest(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean {near}?"));
        let list = if known.is_empty() { format!("there is no {what} at all") } else { known.join(", ") };
        Self::Input(format!("there is no {what} {name:?}{guess}\n  known: {list}"))
    }

    /// Says it on standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Input(message) => report::say(&format!("error: {message}")),
            Self::Scenario(findings) => report::findings(findings),
            Self::Checked => {}
            Self::Interrupted => return ExitCode::from(interrupt::INTERRUPTED),
            Self::Differs(message) => {
                message.iter().for_each(|message| report::say(&format!("error: {message}")));
                return ExitCode::from(1);
            }
            Self::File(error) => report::say(&format!("error: {error}")),
            // Whoever closed the pipe has seen enough: `brownout list | head -1` succeeds.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
            Self::Output(error) => report::say(&format!("error: cannot write to standard output: {error}")),
        }
        ExitCode::from(2)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Self::File(error)
    }
}

impl From<Findings> for Failure {
    fn from(findings: Findings) -> Self {
        Self::Scenario(findings)
    }
}
