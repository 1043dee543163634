use std::fs;
use std::process::Stdio;

use brownout::VERSION;
use brownout::policy::BuiltIn;
use brownout::record::Record;
use brownout::text::Source;

use crate::{Folder, Run, STORM, brownout, command};

/// A run of the small scenario on record: its file, and what it printed as JSON.
fn recorded(folder: &Folder, more: &[&str]) -> (String, Run) {
    let path = folder.file("run.jsonl");
    let args = ["run", STORM, "--until", "8m", "--policy", "rollback-first", "--variant", "bad-deploy", "--json"];
    let run = brownout(&[&args[..], &["--record", &path], more].concat()).quietly();
    (path, run)
}

fn replay(path: &str, more: &[&str]) -> Run {
    brownout(&[&["replay", path, "--scenario", STORM], more].concat())
}

fn verify(path: &str) -> Run {
    replay(path, &["--verify"])
}

/// Writes the record anew as its own writer does, after a change.
fn forge(path: &str, change: impl FnOnce(&mut Record)) {
    let mut record = Record::parse(&Source::new("record", fs::read_to_string(path).unwrap())).unwrap();
    change(&mut record);
    fs::write(path, record.text()).unwrap();
}

fn edit(path: &str, line: usize, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(lines[line - 1].contains(old), "{}", lines[line - 1]);
    lines[line - 1] = lines[line - 1].replacen(old, new, 1);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn every_scenario_under_every_policy_replays() {
    let folder = Folder::new("replay-all");
    for scenario in brownout_scenarios::all() {
        for policy in BuiltIn::ALL {
            let path = folder.file(&format!("{}-{}.jsonl", scenario.name, policy.name));
            let args = ["run", scenario.name, "--policy", policy.name, "--until", "15m", "--json", "--record", &path];
            let run = brownout(&args).quietly();
            let verdict = brownout(&["replay", &path, "--verify"]).quietly().stdout;
            let digest = run.json()["digest"].as_str().unwrap().to_owned();
            assert_eq!(verdict, format!("{path}: the same: 15m replayed to digest {digest}\n"));
        }
    }
}

#[test]
fn a_replay_prints_what_the_run_printed() {
    let folder = Folder::new("replay-same");
    let more = ["--set", "services.shop.instances=2", "--set", "populations.web.arrivals=40/s", "--seed", "5"];
    let (path, run) = recorded(&folder, &more);
    assert_eq!(replay(&path, &["--json"]).quietly().stdout, run.stdout);
    let text = brownout(&[&["run", STORM, "--until", "8m", "--policy", "rollback-first"][..], &more].concat());
    let drawn = folder.file("drawn.jsonl");
    let args = [&["run", STORM, "--until", "8m", "--policy", "rollback-first", "--record", &drawn][..], &more].concat();
    assert_eq!(brownout(&args).quietly().stdout, text.stdout);
    assert_eq!(replay(&drawn, &[]).quietly().stdout, text.stdout);
    let piped = command(&["replay", "-", "--verify", "--scenario", STORM])
        .stdin(Stdio::from(fs::File::open(&path).unwrap()))
        .output()
        .unwrap();
    assert!(Run::of(piped).quietly().stdout.starts_with("standard input: the same: 8m"));
}

#[test]
fn tampering_is_found_and_its_line_named() {
    let folder = Folder::new("replay-tampered");
    let (path, run) = recorded(&folder, &[]);
    let original = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = original.lines().collect();
    assert!(lines.len() >= 3, "{original}");
    let digest = run.json()["digest"].as_str().unwrap().to_owned();
    let last = lines.len();
    let edits = [
        (1, "\"seed\":2", "\"seed\":3"),
        (1, "bad-deploy", "slow-database"),
        (2, "roll-back shop", "restart shop"),
        (2, "\"at_nanos\":", "\"at_nanos\":1"),
        (last, digest.as_str(), "00000000000000000000000000000000"),
    ];
    for (line, old, new) in edits {
        fs::write(&path, &original).unwrap();
        edit(&path, line, old, new);
        verify(&path).denied(&[&format!("{path}:{line}:1: not verified"), "edited, moved or inserted"]);
        replay(&path, &[]).refused(&[&format!("{path}:{line}:1: "), "untouched copy"]);
    }
    let without = [&lines[..1], &lines[2..]].concat().join("\n");
    fs::write(&path, without).unwrap();
    verify(&path).denied(&[&format!("{path}:2:1: not verified"), "missing"]);
    fs::write(&path, original.replace('\n', "\r\n")).unwrap();
    verify(&path).quietly();
}

#[test]
fn a_record_that_was_cut_off_is_not_verified() {
    let folder = Folder::new("replay-cut");
    let (path, _) = recorded(&folder, &[]);
    let original = fs::read_to_string(&path).unwrap();
    let last = original.lines().count();
    fs::write(&path, &original[..original.len() - 9]).unwrap();
    verify(&path).denied(&[&format!("{path}:{last}:1: not verified"), "cut off in this line"]);
    replay(&path, &[]).refused(&["cut off in this line", "remove this line"]);
    let open = original.lines().take(last - 1).map(|line| format!("{line}\n")).collect::<String>();
    fs::write(&path, open).unwrap();
    verify(&path).denied(&["not verified: the record has no end", &format!("after line {}", last - 1)]);
    let shown = replay(&path, &["--json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stderr.contains("has no end") && shown.stderr.lines().count() == 1, "{}", shown.stderr);
    let until = shown.json()["sim_seconds"].as_f64().unwrap();
    assert!((300.0..480.0).contains(&until), "{until}");
}

/// Whoever computes the hashes anew is found by the replay.
#[test]
fn a_forged_record_differs() {
    let folder = Folder::new("replay-forged");
    let (path, run) = recorded(&folder, &[]);
    let original = fs::read_to_string(&path).unwrap();
    let digest = run.json()["digest"].as_str().unwrap().to_owned();
    forge(&path, |record| record.header.seed += 1);
    verify(&path)
        .denied(&[&format!("{path}: differs: 8m replayed to digest "), &format!(", and {digest} is recorded")]);
    for more in [&[][..], &["--json"]] {
        let run = replay(&path, more);
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "nothing of another run is shown");
        assert!(run.stderr.contains("differs") && run.stderr.contains(&digest), "{}", run.stderr);
    }
    fs::write(&path, &original).unwrap();
    forge(&path, |record| record.commands[0].refused = Some("no".to_owned()));
    verify(&path).denied(&[&format!("{path}:2:1: "), "was refused (no) in the session and is accepted in the replay"]);
    assert_eq!(replay(&path, &[]).code, Some(1));
}

#[test]
fn bad_records_are_refused() {
    let folder = Folder::new("replay-bad");
    let (path, _) = recorded(&folder, &[]);
    for more in [&["--verify"][..], &[]] {
        let bad = |content: &[u8], says: &[&str]| {
            let file = folder.with("bad.jsonl", content);
            replay(&file, more).refused(&[&[&format!("{file}:1:1: ")[..]], says].concat());
        };
        bad(b"", &["empty", "run --record"]);
        bad(b"time_s,kind\n", &["no record"]);
        bad(&[0xff, 0xfe, 0, 1, 2, 0x80, 0x0a, 0x1b], &["no record"]);
        let old = br#"{"format":1,"engine_version":"0.1.0","scenario":"storm","seed":2,"policy":"none"}"#;
        bad(old, &["format 1", "reads format 2", "run the scenario again with --record"]);
        bad(br#"{"format":7,"engine_version":"3.1.4"}"#, &["format 7", "brownout 3.1.4"]);
        let missing = folder.file("none.jsonl");
        replay(&missing, more).refused(&["cannot read", &missing]);
        replay(folder.0.to_str().unwrap(), more).refused(&["cannot read", "folder"]);
        let other = folder.with("other.jsonl", fs::read(&path).unwrap());
        forge(&other, |record| record.header.engine_version = "0.0.1".to_owned());
        replay(&other, more).refused(&["engine 0.0.1", &format!("engine {VERSION}"), "use brownout 0.0.1"]);
        let endless = folder.with("endless.jsonl", fs::read(&path).unwrap());
        forge(&endless, |record| record.end.as_mut().unwrap().at = brownout::units::SimTime::NEVER);
        replay(&endless, more).refused(&["beyond the end of the scenario, which lasts 20m"]);
    }
}

#[test]
fn the_scenario_must_be_the_one_that_was_played() {
    let folder = Folder::new("replay-scenario");
    let (path, _) = recorded(&folder, &[]);
    brownout(&["replay", &path]).refused(&["\"storm\" is no built-in one", "--scenario FILE"]);
    let other = folder.with("storm.ron", [&fs::read(STORM).unwrap()[..], b"// more\n"].concat());
    let header = Record::parse(&Source::new("record", fs::read_to_string(&path).unwrap())).unwrap().header;
    let refused = brownout(&["replay", &path, "--scenario", &other, "--verify"]);
    let refused = refused.refused(&[&other, &header.scenario_hash, "found", "as it was when the session was played"]);
    let hashes = refused.stderr.split_whitespace().filter(|word| word.len() == 64).count();
    assert_eq!(hashes, 2, "{}", refused.stderr);
    brownout(&["replay", &path, "--scenario", "one-slash"]).refused(&["one-slash", &header.scenario_hash]);
    brownout(&["replay", &path, "--scenario", &folder.file("none.ron")]).refused(&["cannot read"]);
    forge(&path, |record| record.header.scenario = "one-slash".to_owned());
    brownout(&["replay", &path]).refused(&["built-in one-slash", "--scenario FILE"]);
    replay(&path, &[]).refused(&["of scenario \"one-slash\"", "\"storm\""]);
}

/// A copy of a built-in scenario is played from its path, and found by it.
#[test]
fn a_built_in_scenario_is_found_from_anywhere() {
    let folder = Folder::new("replay-built-in");
    let Some(scenario) = brownout_scenarios::all().first() else { return };
    let copy = folder.with("copy.ron", scenario.text);
    let path = folder.file("run.jsonl");
    brownout(&["run", &copy, "--until", "1m", "--record", &path]);
    assert_eq!(brownout(&["replay", &path, "--verify"]).quietly().stdout.lines().count(), 1);
    assert_eq!(brownout(&["replay", &path, "--verify", "--scenario", &copy]).quietly().stdout.lines().count(), 1);
}
