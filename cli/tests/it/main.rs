//! The `brownout` command as tools and people meet it: exit codes, what goes where, files.

// What each command prints for `--help`, and what it refuses.
mod command_line;
// `check`: verdicts and located messages.
mod check;
// `list` and the bare command.
mod library;
// `run`: results, options, refusals.
mod run;
// `run --policy` with a rule file, or with a program.
mod policies;
// What the README shows, word for word.
mod readme;
// `play` by lines of text.
mod play;
// `check --watch`.
mod watch;
// `run --series` and `run --record`.
mod files;
// `replay`: the same run again, verdicts, and records that are no good.
mod replay;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A small scenario with two variants and a hotfix.
const STORM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/storm.ron");

/// The command with arguments, away from whatever display and locale the tests run under.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brownout"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "COLUMNS", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    command.args(args);
    command
}

/// Runs the command to its end.
fn brownout(args: &[&str]) -> Run {
    Run::of(command(args).output().expect("the command starts"))
}

/// What came of a command.
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text is UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The same, known to have succeeded without a word on standard error.
    fn quietly(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self
    }

    /// The same, known to have been refused as bad input with nothing on standard output; the message says all of this.
    fn refused(self, says: &[&str]) -> Self {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        for part in says {
            assert!(self.stderr.contains(part), "{part:?} is not in:\n{}", self.stderr);
        }
        self
    }

    /// The same, known to have said no in one line on standard output that says all of this.
    fn denied(self, says: &[&str]) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(1), ""), "{}", self.stdout);
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        for part in says {
            assert!(self.stdout.contains(part), "{part:?} is not in:\n{}", self.stdout);
        }
        self
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).expect("standard output is JSON")
    }
}

/// A folder of a test's own, gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("brownout-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the folder for temporary files is writable");
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).into_os_string().into_string().expect("a path of letters")
    }

    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        std::fs::write(Path::new(&path), content).expect("the folder is writable");
        path
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder is there");
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
