use std::process::Stdio;

use crate::{STORM, brownout, command};

#[test]
fn every_command_has_help_on_standard_output() {
    for (args, says) in [
        (&["--help"][..], &["list", "check", "run", "play", "replay"][..]),
        (&["list", "--help"], &["--json"]),
        (&["check", "--help"], &["FILE", "--schema"]),
        (
            &["run", "--help"],
            &["SCENARIO", "--seed", "--policy", "--until", "--variant", "--set", "--json", "--series", "--record"],
        ),
        (&["play", "--help"], &["SCENARIO", "--seed", "--mode", "--record", "--resume", "wait 5m", "Exit codes"]),
        (&["replay", "--help"], &["RECORD", "--verify", "--scenario", "--json", "Exit codes"]),
    ] {
        let help = brownout(args).quietly();
        for part in says {
            assert!(help.stdout.contains(part), "{part} is not in:\n{}", help.stdout);
        }
    }
}

#[test]
fn commands_that_do_not_exist_yet_are_not_offered() {
    let help = brownout(&["--help"]).stdout;
    for name in ["new", "quality", "debrief", "batch", "compare"] {
        let offered = help.lines().any(|line| line.split_whitespace().next() == Some(name));
        assert!(!offered, "{name} is in:\n{help}");
        brownout(&[name]).refused(&["unrecognized subcommand"]);
    }
}

#[test]
fn the_policies_stand_in_the_help_of_run() {
    let help = brownout(&["run", "--help"]).stdout;
    for policy in brownout::policy::BuiltIn::ALL {
        assert!(help.contains(policy.name) && help.contains(policy.summary), "{} is not in:\n{help}", policy.name);
    }
    for part in ["runbook:FILE", "exec:COMMAND", "--policy-time-limit"] {
        assert!(help.contains(part), "{part} is not in:\n{help}");
    }
}

#[test]
fn the_version_is_printed() {
    assert_eq!(brownout(&["--version"]).quietly().stdout, format!("brownout {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn malformed_options_are_refused() {
    for seed in ["NaN", "-1", "1.5", "18446744073709551616", ""] {
        brownout(&["run", STORM, &format!("--seed={seed}")]).refused(&["--seed", "a whole number from 0 to"]);
    }
    for (until, says) in [("30", "30s, 30m"), ("soon", "number"), ("-5m", "negative")] {
        brownout(&["run", STORM, &format!("--until={until}")]).refused(&["--until", says]);
    }
    brownout(&["run", STORM, "--seed", "-1"]).refused(&["--seed", "a whole number from 0 to"]);
    brownout(&["run", STORM, "--seed", "0x10"]).refused(&["in base ten"]);
    brownout(&["run", STORM, "--until", "-5m"]).refused(&["--until", "negative"]);
    for value in ["duration", "=5", "duration="] {
        brownout(&["run", STORM, "--set", value]).refused(&["--set", "services.api.instances=8"]);
    }
    brownout(&["run"]).refused(&["SCENARIO"]);
    brownout(&["check"]).refused(&["FILE"]);
    brownout(&["replay"]).refused(&["RECORD"]);
    brownout(&["replay", "run.jsonl", "--verify", "--json"]).refused(&["--verify", "--json"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_closes_the_pipe_early_is_no_failure() {
    let mut child = command(&["check", "--schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

/// The library has the name of the command, and its pages the same place.
#[test]
fn the_command_has_no_page_in_the_documentation_of_the_library() {
    let manifest = include_str!("../../Cargo.toml");
    let command = manifest.split("[[").find(|part| part.starts_with("bin]]")).unwrap();
    assert!(command.lines().any(|line| line == "doc = false"), "{command}");
}
