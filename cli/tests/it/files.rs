use serde_json::Value;

use crate::{Folder, STORM, brownout, command};

const SHORT: [&str; 6] = ["run", STORM, "--until", "60s", "--policy", "none"];

fn run_with(option: &str, path: &str) -> crate::Run {
    brownout(&[&SHORT[..], &["--json", option, path]].concat())
}

#[test]
fn a_csv_series_has_a_row_for_each_second_and_place() {
    let folder = Folder::new("csv");
    let path = folder.file("series.csv");
    let summary = run_with("--series", &path).quietly().json();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heading = lines.next().unwrap();
    let rows: Vec<_> = lines.collect();
    // Two populations, two services, two endpoints, three dependencies.
    assert_eq!(rows.len(), 60 * 9);
    assert!(rows.iter().all(|row| row.len() == heading.len()));
    let at = |name: &str| heading.iter().position(|column| *column == name).unwrap();
    let web: u64 = rows
        .iter()
        .filter(|row| row[at("kind")] == "population" && row[at("name")] == "web")
        .map(|row| row[at("offered")].parse::<u64>().unwrap())
        .sum();
    assert_eq!(Some(web), summary["requests"]["by_population"]["web"]["offered"].as_u64());
    let last = rows.last().unwrap();
    assert_eq!((last[at("time_s")], last[at("kind")]), ("60", "dependency"));
    let service = rows.iter().find(|row| row[at("kind")] == "service").unwrap();
    assert_eq!((service[at("pool_in_use")], service[at("instances")]), ("", "3"));
    assert_eq!(folder.names(), ["series.csv"]);
}

#[test]
fn a_parquet_series_has_its_marks_at_both_ends() {
    let folder = Folder::new("parquet");
    let path = folder.file("series.parquet");
    run_with("--series", &path).quietly();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    assert_eq!(folder.names(), ["series.parquet"]);
}

#[test]
fn a_record_says_what_was_played_and_done() {
    let folder = Folder::new("record");
    let path = folder.file("run.jsonl");
    let args = ["run", STORM, "--variant", "bad-deploy", "--policy", "rollback-first", "--json", "--record", &path];
    let summary = brownout(&args).quietly().json();
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let header = &lines[0];
    for key in ["scenario", "seed", "variant", "engine_version"] {
        assert_eq!(header[key], summary[key], "{key}");
    }
    assert_eq!((&header["format"], &header["mode"]), (&Value::from(2), &Value::from("rehearse")));
    assert_eq!(header["led_by"], summary["policy"]);
    assert_eq!(header["scenario_hash"].as_str().unwrap().len(), 64);
    let commands = &lines[1..lines.len() - 1];
    let first = &commands[0];
    assert_eq!(
        (&first["by"], &first["command"]["act"]["option"]),
        (&"lead".into(), &"roll-back shop".into()),
        "{text}"
    );
    let times: Vec<u64> = commands.iter().map(|command| command["at_nanos"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && times[0] > 300_000_000_000, "{times:?}");
    let end = lines.last().unwrap();
    assert_eq!((&end["digest"], &end["end_nanos"]), (&summary["digest"], &1_200_000_000_000_u64.into()));
    assert!(lines.iter().all(|line| line["chain"].as_str().unwrap().len() == 16));
}

/// Whoever plays may open the file.
#[test]
fn a_record_does_not_give_a_drawn_variant_away() {
    let folder = Folder::new("hidden");
    let path = folder.file("run.jsonl");
    let args = ["run", STORM, "--until", "60s", "--json", "--record", &path];
    let summary = brownout(&args).quietly().json();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("variant") && !text.contains(summary["variant"].as_str().unwrap()), "{text}");
}

#[test]
fn the_hash_in_the_record_is_that_of_the_text() {
    let folder = Folder::new("hash");
    let hash = |scenario: &str, record: &str| {
        let path = folder.file(record);
        brownout(&["run", scenario, "--until", "1s", "--record", &path]).quietly();
        let header: Value =
            serde_json::from_str(std::fs::read_to_string(&path).unwrap().lines().next().unwrap()).unwrap();
        header["scenario_hash"].as_str().unwrap().to_owned()
    };
    let copy = folder.with("copy.ron", std::fs::read(STORM).unwrap());
    let other = folder.with("other.ron", [&std::fs::read(STORM).unwrap()[..], b"// more\n"].concat());
    assert_eq!(hash(STORM, "a.jsonl"), hash(&copy, "b.jsonl"));
    assert_ne!(hash(STORM, "a.jsonl"), hash(&other, "c.jsonl"));
}

#[test]
fn files_that_cannot_be_written_are_refused_before_the_run() {
    let folder = Folder::new("unwritable");
    let nowhere = folder.file("no/such/series.csv");
    run_with("--series", &nowhere).refused(&["cannot write", &nowhere, "No such file"]);
    let itself = folder.0.to_str().unwrap();
    run_with("--record", itself).refused(&["cannot write", itself, "folder"]);
    run_with("--series", &folder.file("series.xlsx")).refused(&["series.xlsx", ".csv or .parquet"]);
    run_with("--series", &folder.file("series")).refused(&[".csv or .parquet"]);
    assert!(folder.names().is_empty());
}

#[test]
fn a_refused_run_leaves_older_files_as_they_were() {
    let folder = Folder::new("older");
    let path = folder.with("series.csv", "old");
    brownout(&["run", STORM, "--variant", "none-such", "--series", &path]).refused(&["none-such"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    run_with("--series", &path).quietly();
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("time_s,kind,name,"));
}

#[test]
fn no_output_replaces_an_input_or_the_other_output() {
    let folder = Folder::new("overwriting");
    let scenario = r#"(format: 1, name: "x", duration: "5s", services: {"a": (capacity: Workers(1), endpoints: {"e": []})},
        populations: {"p": (arrivals: Trace(file: "p.csv"), mix: {"a.e": 1})})"#;
    let (file, trace) = (folder.with("scenario.ron", scenario), folder.with("p.csv", "time\n1\n"));
    let whole = folder.0.to_str().unwrap();
    let around = format!("{whole}/../{}/scenario.ron", folder.0.file_name().unwrap().to_str().unwrap());
    let new = folder.file("new.csv");
    let new_around = format!("{whole}/./new.csv");
    for (args, says) in [
        (&["run", &file, "--record", &file][..], "this is the scenario"),
        (&["run", &file, "--record", &around], "this is the scenario"),
        (&["run", whole, "--record", &file], "this is the scenario"),
        (&["run", &file, "--series", &trace], "a file that the scenario reads"),
        (&["run", &file, "--series", &new, "--record", &new_around], "the same file"),
    ] {
        brownout(args).refused(&[says, "name"]);
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), scenario);
    assert_eq!(folder.names(), ["p.csv", "scenario.ron"]);
}

#[test]
fn standard_output_is_no_place_for_a_file() {
    let folder = Folder::new("dash");
    for (option, says) in [("--record", "name a file"), ("--series", ".csv or .parquet")] {
        let output = command(&["run", STORM, "--until", "1s", option, "-"]).current_dir(&folder.0).output().unwrap();
        crate::Run::of(output).refused(&[option, says]);
    }
    assert!(folder.names().is_empty());
}

/// Ten hours of nothing but rows: the file takes a while.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_half_written_file() {
    let folder = Folder::new("interrupt");
    let path = folder.file("big.csv");
    let mut args = vec!["run", STORM, "--series", &path, "--set", "duration=10h"];
    args.extend(["--set", "populations.web.arrivals=0.01/s", "--set", "populations.mobile.arrivals=0.01/s"]);
    let mut child =
        command(&args).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let has_some = || {
        std::fs::read_dir(&folder.0).unwrap().any(|entry| entry.unwrap().metadata().is_ok_and(|file| file.len() > 0))
    };
    while !has_some() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it wrote");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}
