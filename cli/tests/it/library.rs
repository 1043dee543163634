use brownout::policy::BuiltIn;

use crate::{Folder, brownout};

/// The digest of every scenario under every policy with the default seed: `scenario policy digest`, a line each.
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/golden-digests.txt");

fn names() -> Vec<String> {
    brownout_scenarios::all().iter().map(|scenario| scenario.name.to_owned()).collect()
}

#[test]
fn the_list_names_every_scenario_and_no_variant() {
    let list = brownout(&["list", "--json"]).quietly().json();
    let listed: Vec<_> =
        list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(listed, names());
    for entry in list.as_array().unwrap() {
        let keys: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["difficulty", "duration_seconds", "length_seconds", "mechanisms", "name", "skills", "title"];
        assert_eq!(keys, expected);
        assert!(entry["duration_seconds"].as_f64().unwrap() > 0.0);
    }
    let table = brownout(&["list"]).stdout;
    assert!(names().iter().all(|name| table.contains(name)), "{table}");
}

#[test]
fn an_unknown_scenario_is_refused_with_the_list() {
    let run = brownout(&["run", "one-slahs"]).refused(&["\"one-slahs\""]);
    assert!(names().iter().all(|name| run.stderr.contains(name)), "{}", run.stderr);
    let missing = Folder::new("unknown").file("none.ron");
    brownout(&["run", &missing]).refused(&["cannot read", &missing]);
}

/// Neither display nor terminal: the demonstration.
#[test]
fn the_bare_command_plays_the_demonstration_and_says_why() {
    let Some(scenario) = brownout_scenarios::find("one-slash") else { return };
    let bare = brownout(&[]);
    assert_eq!(bare.code, Some(0), "{}", bare.stderr);
    assert!(bare.stderr.contains("playing the demonstration, `brownout run one-slash --policy rollback-first`"));
    assert!(bare.stderr.contains("no display") || bare.stderr.contains("no window"), "{}", bare.stderr);
    let run = brownout(&["run", scenario.name, "--policy", "rollback-first"]);
    assert_eq!(bare.stdout, run.stdout);
    assert!(!bare.stdout.to_lowercase().contains("score"));
}

#[test]
fn every_scenario_runs_and_offers_at_most_200_000_requests() {
    for name in names() {
        let summary = brownout(&["run", &name, "--json"]).json();
        let offered = summary["requests"]["offered"].as_u64().unwrap();
        assert!((1..=200_000).contains(&offered), "{name} offers {offered}");
    }
}

/// A change here is a change of what is simulated, and belongs into the change log.
#[test]
fn digests_are_those_on_record() {
    let mut digests = String::new();
    for name in names() {
        for policy in BuiltIn::ALL {
            let summary = brownout(&["run", &name, "--policy", policy.name, "--json"]).json();
            digests.push_str(&format!("{name} {} {}\n", policy.name, summary["digest"].as_str().unwrap()));
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(GOLDEN, &digests).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert_eq!(digests, golden, "if this is meant: UPDATE=1 cargo test -p brownout-cli digests_are_those_on_record");
}
