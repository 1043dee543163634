//! From what a user calls a scenario to its text and the files beside it.

use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use brownout::scenario::{Findings, MAX_TRACE_BYTES, Scenario};
use brownout::text::Source;
use brownout_scenarios::LibraryScenario;

use crate::failure::Failure;
use crate::stamp::Seen;

/// How a user asks for what comes through a pipe.
const STANDARD_INPUT: &str = "-";

/// One byte more than the largest file that a scenario may name: enough to know that a file is too large.
const MOST_BYTES: u64 = MAX_TRACE_BYTES as u64 + 1;

/// A scenario's text, and where the files that it names are.
#[derive(Debug)]
pub(crate) struct ScenarioText {
    source: Source,
    place: Place,
    seen: RefCell<Vec<Seen>>,
}

#[derive(Debug)]
enum Place {
    Library(&'static LibraryScenario),
    Folder(PathBuf),
}

/// A scenario that has been read, and the fingerprint of everything it was read from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) scenario: Scenario,
    pub(crate) warnings: Findings,
    /// The BLAKE3 hash of the scenario's text and of the files it names, in hexadecimal.
    pub(crate) hash: String,
}

/// The file that a user means by a name; `None` for a built-in scenario and for standard input.
pub(crate) fn path_of(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    match brownout_scenarios::find(name) {
        Some(_) => None,
        None if name == STANDARD_INPUT => None,
        None if path.is_dir() => Some(path.join("scenario.ron")),
        None => Some(path.to_owned()),
    }
}

impl ScenarioText {
    /// The text of a built-in scenario, by its name, or of a file or a folder with a `scenario.ron`, by its path.
    pub(crate) fn find(name: &str) -> Result<Self, Failure> {
        if let Some(built_in) = brownout_scenarios::find(name) {
            return Ok(Self {
                source: Source::new(format!("{name} (built-in)"), built_in.text),
                place: Place::Library(built_in),
                seen: RefCell::default(),
            });
        }
        if name == STANDARD_INPUT {
            return Self::read_standard_input();
        }
        let path = path_of(name).unwrap_or_default();
        if let Some(failure) = no_scenario_in(name, &path) {
            return Err(failure);
        }
        let looks_like_path = name.contains(['/', '\\', '.']);
        if !path.exists() && !looks_like_path {
            let known: Vec<&str> = brownout_scenarios::all().iter().map(|scenario| scenario.name).collect();
            return Err(Failure::unknown("built-in scenario or file", name, &known));
        }
        Self::read(&path)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let seen = Seen::now(path);
        let bytes = read(path).map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?;
        let source = Source::from_bytes(path.display().to_string(), &bytes);
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        Ok(Self { source, place: Place::Folder(folder), seen: RefCell::new(vec![seen]) })
    }

    /// The text that comes through a pipe. The files that it names are looked for where the command runs.
    fn read_standard_input() -> Result<Self, Failure> {
        let source = Source::from_bytes("standard input", &standard_input()?);
        Ok(Self { source, place: Place::Folder(PathBuf::new()), seen: RefCell::default() })
    }

    /// Reads the scenario, with values replaced.
    pub(crate) fn load(&self, overrides: &[(String, String)]) -> Result<Loaded, Findings> {
        let hasher = RefCell::new(blake3::Hasher::new());
        hasher.borrow_mut().update(self.source.text().as_bytes());
        let overrides: Vec<(&str, &str)> =
            overrides.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        let (scenario, warnings) = Scenario::with_overrides(&self.source, &overrides, &|name| {
            let content = self.file(name)?;
            hasher.borrow_mut().update(&content);
            Some(content)
        })?;
        let hash = hasher.borrow().finalize().to_hex().to_string();
        Ok(Loaded { scenario, warnings, hash })
    }

    /// Whether it came with the command.
    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self.place, Place::Library(_))
    }

    /// The files that have been read so far, or asked for in vain: the scenario's own first, none if it is built in.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.borrow().clone()
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        match &self.place {
            Place::Library(built_in) => built_in.file(name),
            Place::Folder(folder) => {
                let path = folder.join(name);
                self.seen.borrow_mut().push(Seen::now(&path));
                read(&path).ok()
            }
        }
    }
}

/// The text of a record, by its path, or through a pipe.
pub(crate) fn record(path: &str) -> Result<Source, Failure> {
    if path == STANDARD_INPUT {
        return Ok(Source::from_bytes_up_to("standard input", &standard_input()?, brownout::record::MAX_BYTES));
    }
    let bytes = read(Path::new(path)).map_err(|error| Failure::Input(format!("cannot read {path}: {error}")))?;
    Ok(Source::from_bytes_up_to(path, &bytes, brownout::record::MAX_BYTES))
}

/// The text of a policy's rule file.
pub(crate) fn rule_file(path: &Path) -> Result<Source, Failure> {
    let name = path.display().to_string();
    let bytes = read(path).map_err(|error| Failure::Input(format!("cannot read {name}: {error}")))?;
    Ok(Source::from_bytes(name, &bytes))
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Input(format!("cannot read standard input: {error}")))?;
    Ok(bytes)
}

/// Why a folder is no scenario, with those that lie below it; `None` if it is one, or no folder.
fn no_scenario_in(name: &str, file: &Path) -> Option<Failure> {
    const MOST: usize = 12;
    let folder = Path::new(name);
    if !folder.is_dir() || file.exists() {
        return None;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_scenario =
        |path: &PathBuf| path.join("scenario.ron").is_file() || path.extension().is_some_and(|ending| ending == "ron");
    let mut below: Vec<String> = entries.filter(is_scenario).map(|path| path.display().to_string()).collect();
    below.sort();
    let help = match below.len() {
        0 => "name a file, or a folder that holds a scenario.ron".to_owned(),
        1..=MOST => format!("below it are: {}", below.join(" ")),
        more => format!("below it are: {} and {} more", below[..MOST].join(" "), more - MOST),
    };
    Some(Failure::Input(format!("{}: this folder has no scenario.ron\n  {help}", folder.display())))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if !metadata.is_file() && !is_open_already(path) {
        return Err(io::Error::other("it is a pipe or a device, not a file; save what comes out of it as a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether somebody already writes to a pipe: `check <(generate)` and `generate | brownout check /dev/stdin`. To open any
/// other waits for a writer, perhaps for ever.
fn is_open_already(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}
