use crate::{Folder, STORM, brownout};

/// Three mistakes in a line and one in the next, and nothing else.
const BAD: &str = r#"(format: 1, name: "x", duration: "5", services: {"a": (capacity: Workers(0),
    endpoints: {"e": [Wrk("5ms")]}, instnaces: 2)},
    populations: {"p": (arrivals: Poisson("1/s"), mix: {"a.e": 1})})
"#;

#[test]
fn a_sound_file_is_ok() {
    assert_eq!(brownout(&["check", STORM]).quietly().stdout, format!("{STORM}: ok (0 warnings)\n"));
}

#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let folder = Folder::new("bad");
    let path = folder.with("bad.ron", BAD);
    let run = brownout(&["check", &path]);
    assert_eq!(run.code, Some(2));
    assert_eq!(run.stdout, format!("{path}: 4 errors, 0 warnings\n"));
    for (place, says) in [
        ("1:34: error[unit-missing]", "5ms, 5s, 5m"),
        ("1:66: error[out-of-range]", "from 1 to"),
        ("2:23: error[unknown-kind]", "did you mean `Work`?"),
        ("2:37: error[unknown-field]", "did you mean `instances`?"),
    ] {
        assert!(run.stderr.contains(&format!("{path}:{place}")), "{place} is not in:\n{}", run.stderr);
        assert!(run.stderr.contains(says), "{says} is not in:\n{}", run.stderr);
    }
    assert!(!run.stderr.contains('\u{1b}'), "no escapes outside of a terminal");
}

/// Every malformed file that the engine's tests know, through the command itself.
#[test]
fn every_malformed_file_exits_with_2_and_names_its_places() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/tests/it/bad");
    let files: Vec<_> =
        std::fs::read_dir(corpus).expect("the corpus").map(|entry| entry.expect("a file").path()).collect();
    assert!(files.len() >= 65, "{} files", files.len());
    for file in files {
        let path = file.to_str().expect("a plain name");
        let run = brownout(&["check", path]);
        assert_eq!(run.code, Some(2), "{path}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{path}: {}", run.stderr);
        let verdict = run.stdout.strip_prefix(&format!("{path}: ")).expect(path);
        let errors: usize = verdict.split_once(" error").and_then(|(count, _)| count.parse().ok()).expect(verdict);
        let places = run.stderr.matches(&format!("{path}:")).count();
        assert!(errors > 0 && places >= errors, "{path}: {errors} errors, {places} places:\n{}", run.stderr);
    }
}

#[test]
fn warnings_are_shown_and_keep_the_exit_code() {
    let folder = Folder::new("warning");
    let text = std::fs::read_to_string(STORM).unwrap().replace("queue: (capacity: 200), ", "");
    let path = folder.with("warning.ron", text);
    let run = brownout(&["check", &path]);
    assert_eq!((run.code, run.stdout), (Some(0), format!("{path}: ok (1 warning)\n")));
    assert!(run.stderr.contains("warning[queue-outlasts-caller]"), "{}", run.stderr);
    let run = brownout(&["run", &path, "--until", "1s"]);
    assert_eq!(run.code, Some(0));
    assert_eq!(run.stderr, format!("note: {path} has warnings (1); `brownout check {path}` shows them\n"));
}

#[test]
fn one_bad_file_does_not_hide_the_others() {
    let folder = Folder::new("several");
    let bad = folder.with("bad.ron", BAD);
    let missing = folder.file("missing.ron");
    let run = brownout(&["check", &bad, &missing, STORM]);
    assert_eq!(run.code, Some(2));
    let verdicts: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(
        verdicts,
        [format!("{bad}: 4 errors, 0 warnings"), format!("{missing}: not read"), format!("{STORM}: ok (0 warnings)")]
    );
    assert!(run.stderr.contains(&format!("cannot read {missing}")));
}

#[test]
fn a_folder_stands_for_the_scenario_in_it() {
    let folder = Folder::new("folder");
    folder.with("scenario.ron", std::fs::read(STORM).unwrap());
    let path = folder.0.to_str().unwrap();
    assert_eq!(brownout(&["check", path]).quietly().stdout, format!("{path}: ok (0 warnings)\n"));
}

#[test]
fn unreadable_content_is_a_message_and_not_a_crash() {
    let folder = Folder::new("unreadable");
    for (name, content, says) in [
        ("empty.ron", Vec::new(), ":1:1: error"),
        ("bytes.ron", b"(\n a: \"\xff\")".to_vec(), ":2:6: error[not-utf8]"),
        ("large.ron", vec![b'('; 10 << 20], "10485760 bytes"),
    ] {
        let run = brownout(&["check", &folder.with(name, content)]);
        assert_eq!(run.code, Some(2), "{name}");
        assert!(run.stderr.contains(says), "{name}: {}", run.stderr);
    }
}

#[test]
fn the_schema_is_json_and_names_the_fields() {
    let schema = brownout(&["check", "--schema"]).quietly().json();
    assert!(schema["properties"]["populations"].is_object(), "{schema}");
    brownout(&["check", "--schema", STORM]).refused(&["cannot be used with"]);
}

#[test]
fn nothing_of_a_file_commands_the_terminal() {
    let folder = Folder::new("escapes");
    for (at, title) in ["\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"].into_iter().enumerate() {
        let text = std::fs::read_to_string(STORM).unwrap().replace("A storm", title);
        let path = folder.with(&format!("{at}.ron"), text);
        for command in ["check", "run"] {
            let run = brownout(&[command, &path]);
            assert_eq!(run.code, Some(2), "{}", run.stdout);
            assert!(run.stderr.contains("error[control-character]"), "{}", run.stderr);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
        }
    }
    let missing = brownout(&["check", "no\u{1b}such.ron"]);
    assert!(!format!("{}{}", missing.stdout, missing.stderr).contains('\u{1b}'), "{}", missing.stdout);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_for() {
    let folder = Folder::new("pipe");
    let path = folder.file("f.ron");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut command = crate::command(&["check", &path]);
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    for _ in 0..500 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("it is a pipe or a device"));
}

/// Somebody writes to it already: `brownout check <(generate)`.
#[cfg(unix)]
#[test]
fn a_pipe_that_is_open_already_is_read() {
    let text = std::fs::File::open(STORM).unwrap();
    let mut cat = std::process::Command::new("cat").stdin(text).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let output = crate::command(&["check", "/dev/stdin"]).stdin(cat.stdout.take().unwrap()).output().unwrap();
    assert!(cat.wait().unwrap().success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "/dev/stdin: ok (0 warnings)\n");
}

#[test]
fn a_built_in_scenario_is_not_called_by_a_path_that_does_not_exist() {
    for scenario in brownout_scenarios::all() {
        let run = brownout(&["check", scenario.name]);
        assert_eq!(run.code, Some(0));
        let path = format!("{}/scenario.ron", scenario.name);
        assert!(!run.stderr.contains(&path), "{}", run.stderr);
        let places = run.stderr.lines().filter(|line| line.contains(": warning["));
        assert!(
            places.into_iter().all(|line| line.starts_with(&format!("{} (built-in):", scenario.name))),
            "{}",
            run.stderr
        );
        assert!(run.stderr.is_empty() || run.stderr.contains("part of its story"), "{}", run.stderr);
    }
}

/// 5000 places of 5 ms each, seven at a time: 3.571428.. s.
#[test]
fn computed_times_are_given_with_three_digits() {
    let folder = Folder::new("digits");
    let text = std::fs::read_to_string(STORM).unwrap();
    let text = text.replace("queue: (capacity: 50)", "queue: (capacity: 5000)").replace("Workers(8)", "Workers(7)");
    let run = brownout(&["check", &folder.with("digits.ron", text)]);
    assert!(run.stderr.contains("takes 3.57s to be served"), "{}", run.stderr);
}

#[test]
fn a_folder_without_a_scenario_names_those_below_it() {
    let folder = Folder::new("library");
    for name in ["one", "two"] {
        std::fs::create_dir(folder.0.join(name)).unwrap();
        std::fs::copy(STORM, folder.0.join(name).join("scenario.ron")).unwrap();
    }
    let path = folder.0.to_str().unwrap();
    let run = brownout(&["check", path]);
    assert_eq!((run.code, run.stdout), (Some(2), format!("{path}: not read\n")));
    assert!(run.stderr.contains("has no scenario.ron"), "{}", run.stderr);
    let below = [folder.0.join("one"), folder.0.join("two")].map(|path| path.display().to_string());
    assert!(run.stderr.contains(&format!("below it are: {}", below.join(" "))), "{}", run.stderr);
}

#[test]
fn a_dash_is_standard_input() {
    for (command, says) in
        [(&["check", "-"][..], "-: ok (0 warnings)"), (&["run", "-", "--until", "1s"][..], "A storm in a test")]
    {
        let text = std::fs::File::open(STORM).unwrap();
        let output = crate::command(command).stdin(text).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.contains(says), "{said}");
    }
}
