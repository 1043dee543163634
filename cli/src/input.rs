//! From what a user calls a scenario to its text and the files beside it.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use brownout::scenario::{Findings, Scenario};
use brownout::text::Source;
use brownout_scenarios::LibraryScenario;

use crate::failure::Failure;

/// No scenario and no trace is larger; what is behind it is not read.
const MOST_BYTES: u64 = 64 << 20;

/// A scenario's text, and where the files that it names are.
#[derive(Debug)]
pub(crate) struct ScenarioText {
    source: Source,
    place: Place,
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

impl ScenarioText {
    /// The text of a built-in scenario, by its name, or of a file or a folder with a `scenario.ron`, by its path.
    pub(crate) fn find(name: &str) -> Result<Self, Failure> {
        if let Some(built_in) = brownout_scenarios::find(name) {
            return Ok(Self { source: built_in.source(), place: Place::Library(built_in) });
        }
        let path = Path::new(name);
        let looks_like_path = name.contains(['/', '\\', '.']);
        if !path.exists() && !looks_like_path {
            let known: Vec<&str> = brownout_scenarios::all().iter().map(|scenario| scenario.name).collect();
            return Err(Failure::unknown("built-in scenario or file", name, &known));
        }
        Self::read(if path.is_dir() { path.join("scenario.ron") } else { path.to_owned() })
    }

    fn read(path: PathBuf) -> Result<Self, Failure> {
        let bytes = read(&path).map_err(|error| Failure::Input(format!("cannot read {}: {error}", path.display())))?;
        let source = Source::from_bytes(path.display().to_string(), &bytes);
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        Ok(Self { source, place: Place::Folder(folder) })
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

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        match &self.place {
            Place::Library(built_in) => built_in.file(name),
            Place::Folder(folder) => read(&folder.join(name)).ok(),
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
