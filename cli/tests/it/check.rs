use crate::{Folder, STORM, brownout};

/// Three mistakes in a line and one in the next, and nothing else.
const BAD: &str = r#"(format: 1, name: "x", duration: "5", services: {"a": (capacity: Workers(0),
    endpoints: {"e": [Wrk("5ms")]}, instnaces: 2)})
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
        ("2:23: error[unknown-variant]", "did you mean `Work`?"),
        ("2:37: error[unknown-field]", "did you mean `instances`?"),
    ] {
        assert!(run.stderr.contains(&format!("{path}:{place}")), "{place} is not in:\n{}", run.stderr);
        assert!(run.stderr.contains(says), "{says} is not in:\n{}", run.stderr);
    }
    assert!(!run.stderr.contains('\u{1b}'), "no escapes outside of a terminal");
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
