//! Scenario files that are right: what becomes of them.

use std::fs;
use std::path::{Path, PathBuf};

use brownout::scenario::{Findings, Scenario};
use brownout::text::Source;

/// The folder of scenario files that are right.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/good")
}

/// The text of a scenario file that is right.
pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("the file is there")
}

/// The files beside the scenarios.
pub(crate) fn beside(name: &str) -> Option<Vec<u8>> {
    fs::read(folder().join(name)).ok()
}

fn parse(name: &str) -> Result<(Scenario, Findings), Findings> {
    Scenario::parse(&Source::new(name, text(name)), &beside)
}

fn good(name: &str) -> Scenario {
    match parse(name) {
        Ok((scenario, _)) => scenario,
        Err(findings) => panic!("{}", findings.render()),
    }
}

#[test]
fn every_file_in_the_folder_is_right() {
    for name in ["minimal.ron", "shop.ron", "trace.ron"] {
        match parse(name) {
            Ok((_, warnings)) => println!("{}", warnings.render()),
            Err(errors) => panic!("{}", errors.render()),
        }
    }
}
