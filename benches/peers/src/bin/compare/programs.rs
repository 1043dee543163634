//! Who takes part, and how a program is run: as a process of its own that prints one JSON line.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use peers::model::ModelName;
use peers::report::Line;

use crate::Arguments;

/// The SimPy version the comparison is defined with.
const SIMPY: &str = "4.1.2";
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// A program that takes part.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its name in the tables.
    pub(crate) name: &'static str,
    /// The rounds it takes part in, from the first.
    pub(crate) rounds: u64,
    executable: PathBuf,
    script: Option<PathBuf>,
}

/// Everybody who takes part, and what to tell about those who do not.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) programs: Vec<Program>,
    pub(crate) notes: Vec<String>,
}

/// Builds the compiled programs of this package, because running `compare` alone builds only `compare`.
///
/// # Errors
/// If Cargo cannot be started or fails.
pub(crate) fn build() -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = Path::new(PACKAGE).join("Cargo.toml");
    let status =
        Command::new(cargo).args(["build", "--release", "--bins", "--manifest-path"]).arg(manifest).status()?;
    if status.success() { Ok(()) } else { Err("the programs of this package do not build".into()) }
}

/// Finds everybody who can take part.
///
/// # Errors
/// If a program that was asked for by path is not there.
pub(crate) fn roster(arguments: &Arguments) -> Result<Roster, Box<dyn Error>> {
    let mut roster = Roster::default();
    let compiled = |name, executable| Program { name, rounds: arguments.rounds, executable, script: None };
    let ours = match &arguments.ours {
        Some(path) if !path.is_file() => return Err(format!("--ours {}: no such file", path.display()).into()),
        Some(path) => path.clone(),
        None => beside_this("ours")?,
    };
    roster.programs.push(compiled("ours", ours));
    roster.programs.push(compiled("limit", beside_this("limit")?));
    roster.programs.push(compiled("nexosim", beside_this("nexosim")?));
    add_simpy(arguments, &mut roster);
    Ok(roster)
}

fn add_simpy(arguments: &Arguments, roster: &mut Roster) {
    if arguments.simpy_rounds == 0 {
        return;
    }
    match simpy_version(&arguments.python) {
        None => {
            let python = arguments.python.display();
            roster.notes.push(format!("SimPy skipped: {python} cannot import it; pip install simpy=={SIMPY}"));
            return;
        }
        Some(version) if version != SIMPY => {
            roster.notes.push(format!("SimPy is {version} here, not {SIMPY}; pip install simpy=={SIMPY}"));
        }
        Some(_) => {}
    }
    roster.programs.push(Program {
        name: "simpy",
        rounds: arguments.simpy_rounds.min(arguments.rounds),
        executable: arguments.python.clone(),
        script: Some(Path::new(PACKAGE).join("python/on_simpy.py")),
    });
}

fn simpy_version(python: &Path) -> Option<String> {
    let output = Command::new(python).args(["-c", "import simpy; print(simpy.__version__)"]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program of this package, which Cargo puts beside this one.
fn beside_this(name: &str) -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

impl Program {
    /// Runs it once and reads its line.
    ///
    /// # Errors
    /// If it cannot be started, fails, prints something else, or ran another model.
    pub(crate) fn run(&self, model: ModelName, horizon: u64, seed: u64) -> Result<Line, Box<dyn Error>> {
        let model_name = model.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let mut command = Command::new(&self.executable);
        command.args(&self.script).args(["--model", &model_name]);
        command.args(["--horizon", &horizon.to_string(), "--seed", &seed.to_string()]);
        let output = command.output().map_err(|error| format!("{}: {error}", self.name))?;
        if !output.status.success() {
            return Err(format!("{} failed: {}", self.name, String::from_utf8_lossy(&output.stderr).trim()).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let line: Line =
            serde_json::from_str(text.trim()).map_err(|error| format!("{} printed {text:?}: {error}", self.name))?;
        if line.model != model {
            return Err(format!("{} ran {:?} instead of {model:?}", self.name, line.model).into());
        }
        Ok(line)
    }
}
