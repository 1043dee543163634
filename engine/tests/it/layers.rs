//! The directions of the house: a room uses the rooms below it, never one above, as ARCHITECTURE.md says.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the top to the bottom. Rooms of one row never use each other.
const ROWS: &[&[&str]] = &[
    &["prelude"],
    &["debrief"],
    &["session", "oracle", "summary"],
    &["record"],
    &["simulation"],
    &["policy", "coach"],
    &["scenario"],
    &["response"],
    &["fault", "observe"],
    &["traffic"],
    &["model"],
    &["kernel"],
    &["text"],
    &["rng"],
    &["ids"],
    &["units"],
];

/// Uses that go against the rows and why they may: (the user, the used).
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Rooms that may never reach these, however far above they are: whoever decides sees symptoms only.
const ABSENCES: &[(&str, &str)] = &[
    ("policy", "fault"),
    ("policy", "scenario"),
    ("policy", "model"),
    ("policy", "simulation"),
    ("policy", "record"),
    ("policy", "oracle"),
    ("response", "fault"),
    ("coach", "fault"),
    ("coach", "scenario"),
    ("coach", "model"),
    ("coach", "simulation"),
    ("coach", "record"),
    ("response", "oracle"),
    ("observe", "oracle"),
];

/// The rows of the table in ARCHITECTURE.md, from the top to the bottom: the names in the first cell of each.
fn described() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md");
    let text = fs::read_to_string(path).expect("the description");
    let table = text.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let names =
        |row: &str| row.replace("\\|", "/").split('|').nth(1).unwrap_or("").split('`').map(str::to_owned).collect();
    rows.map(names).map(|names: Vec<String>| names.into_iter().skip(1).step_by(2).collect()).collect()
}

#[test]
fn the_description_names_every_room_in_its_row() {
    let rows: Vec<Vec<String>> = ROWS.iter().map(|row| row.iter().map(|room| (*room).to_owned()).collect()).collect();
    let flat = |rows: Vec<Vec<String>>| -> Vec<String> { rows.into_iter().flatten().collect() };
    assert_eq!(flat(described()), flat(rows));
}

/// Whoever embeds the engine does not get an argument parser, a thread pool, a window or an asynchronous runtime with it.
#[test]
fn the_engine_depends_on_nothing_that_embedding_does_not_need() {
    let arguments = ["tree", "--package", "brownout", "--edges", "normal,build", "--prefix", "none", "--offline"];
    let tree =
        std::process::Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let tree = tree.expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names");
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"bevy_ecs"), "the tree is there: {names:?}");
    for absent in ["clap", "rayon", "egui", "eframe", "tokio"] {
        assert!(!names.iter().any(|name| name.starts_with(absent)), "{absent} is in the tree");
    }
}

fn row(room: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&room))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every (file, room, used room) named by a `crate::` path outside of comments.
fn uses() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut uses = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let room = inside.split(['/', '.']).next().unwrap().to_owned();
        if room == "lib" || inside.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let production = text.split("#[cfg(test)]").next().unwrap();
        for line in production.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                uses.push((inside.clone(), room.clone(), used));
            }
        }
    }
    uses
}

#[test]
fn every_room_has_its_row() {
    for (file, room, _) in uses() {
        assert!(row(&room).is_some(), "{file}: room {room} is not in the table of rows; say where it stands");
    }
}

#[test]
fn no_room_uses_one_above_it_or_beside_it() {
    let uses = uses();
    assert!(uses.len() > 200, "the reader of use lines finds the engine's {} uses", uses.len());
    for (file, room, used) in uses {
        let (Some(own), Some(other)) = (row(&room), row(&used)) else { continue };
        let allowed = room == used || own < other || EXCEPTIONS.contains(&(&room, &used));
        assert!(allowed, "{file} uses crate::{used}, which stands above or beside {room}");
    }
}

#[test]
fn whoever_decides_cannot_reach_what_goes_wrong() {
    for (file, room, used) in uses() {
        assert!(!ABSENCES.contains(&(&room, &used)), "{file}: {room} may not reach {used}");
    }
}
