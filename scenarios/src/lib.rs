//! The Brownout scenario library, embedded.
//!
//! A scenario is a folder, `library/NAME/scenario.ron`, with the files that it names beside it. A new one is added to the
//! list below; the tests see to it that none is forgotten and that each is sound.

use brownout::scenario::{Findings, Scenario};
use brownout::text::Source;

/// A scenario of the library.
#[derive(Clone, Copy, Debug)]
pub struct LibraryScenario {
    /// Its name: that of its folder and that in its file.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
    /// The files it names, each with its content.
    pub files: &'static [(&'static str, &'static [u8])],
}

/// Lists scenarios by the names of their folders, each with the names of the files beside `scenario.ron`.
macro_rules! library {
    ($($name:literal: [$($file:literal),*]),* $(,)?) => {
        &[$(LibraryScenario {
            name: $name,
            text: include_str!(concat!("../library/", $name, "/scenario.ron")),
            files: &[$(($file, include_bytes!(concat!("../library/", $name, "/", $file)))),*],
        }),*]
    };
}

/// Every scenario, in the order in which they are best played.
const LIBRARY: &[LibraryScenario] = library! {
    "one-slash": [],
    "pool-exhaustion": [],
};

/// Every scenario, in the order in which they are best played.
#[must_use]
pub fn all() -> &'static [LibraryScenario] {
    LIBRARY
}

/// The scenario of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static LibraryScenario> {
    LIBRARY.iter().find(|scenario| scenario.name == name)
}

impl LibraryScenario {
    /// Its text as a source, named after its place in the library.
    #[must_use]
    pub fn source(&self) -> Source {
        Source::new(format!("{}/scenario.ron", self.name), self.text)
    }

    /// The content of a file it names.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.files.iter().find(|(own, _)| *own == name).map(|(_, content)| content.to_vec())
    }

    /// The scenario, with the warnings about it.
    ///
    /// # Errors
    /// Never for the library as it is tested.
    pub fn parse(&self) -> Result<(Scenario, Findings), Findings> {
        Scenario::parse(&self.source(), &|name| self.file(name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_scenario_is_sound_and_called_as_its_folder() {
        for one in all() {
            let (scenario, findings) = one.parse().unwrap_or_else(|findings| panic!("{}", findings.render()));
            assert!(!findings.has_errors());
            assert_eq!(scenario.name, one.name);
            assert!(!scenario.title.is_empty() && !scenario.story.is_empty(), "{} tells no story", one.name);
            assert!(!scenario.about.sources.is_empty(), "{} names no source", one.name);
        }
    }

    #[test]
    fn every_folder_and_every_file_in_it_is_listed() {
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
        let listed: BTreeSet<String> = all().iter().map(|one| one.name.to_owned()).collect();
        assert_eq!(names(&library), listed);
        for one in all() {
            let mut files: BTreeSet<String> = one.files.iter().map(|(name, _)| (*name).to_owned()).collect();
            files.insert("scenario.ron".to_owned());
            assert_eq!(names(&library.join(one.name)), files, "{}", one.name);
        }
    }

    fn names(folder: &Path) -> BTreeSet<String> {
        let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with(".md")).collect()
    }
}
