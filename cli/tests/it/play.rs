//! `play` by lines of text: the same session that the screen leads, so that programs and tests can play it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use crate::{Folder, Run, brownout, command};

const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/shop.ron");

/// Starts a session to which lines are given, with the same luck every time where nothing else is said.
fn start(args: &[&str]) -> Child {
    let seed: &[&str] =
        if args.iter().any(|arg| ["--seed", "--resume"].contains(arg)) { &[] } else { &["--seed", "2"] };
    let mut command = command(&[&["play"], args, seed].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts")
}

/// Plays lines to the end of the input.
fn play(args: &[&str], lines: &str) -> Run {
    let mut child = start(args);
    // Who is refused does not read.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    Run::of(child.wait_with_output().unwrap())
}

#[track_caller]
fn shows(run: &Run, parts: &[&str]) {
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for part in parts {
        assert!(run.stdout.contains(part), "{part:?} is not in:\n{}", run.stdout);
    }
}

#[test]
fn commands_are_accepted_or_refused_with_the_reason() {
    let run = play(
        &[SHOP, "--seed", "1"],
        "wait 3m\nwait 3m\npage shop\nroll-back api by mira for 10m\nroll-back api\nrestart api by jonas\nrelease jonas\nfoo\nwait 10s\npeople\nquit\n",
    );
    shows(
        &run,
        &[
            "0:00 (14:00) The shop, rehearse mode",
            "api: deploy of v2 begun",
            "accepted: page shop",
            "accepted: roll-back api by mira for 10m",
            "refused: roll-back api: somebody has `roll-back api` in hand already",
            "refused: restart api by jonas: jonas is not here; page them first",
            "refused: release jonas: jonas is not here",
            "not understood: nothing is called \"foo\"",
            "mira: here",
            "The shop (shop)",
            "policy person",
        ],
    );
    assert!(run.stderr.contains("no terminal to draw on"), "{}", run.stderr);
}

/// While the exercise is stopped no clock runs and nothing is done, also after the session was left, until it goes on.
#[test]
fn whoever_runs_the_exercise_stops_it_sends_messages_and_takes_notes() {
    let folder = Folder::new("play-facilitator");
    let path = folder.file("play.jsonl");
    let lines = "wait 10s\nfacilitator mark command+ paged at once\nfacilitator stop\nwait 1m\npage shop\nleave\n";
    let run = play(&[SHOP, "--mode", "assess", "--record", &path], lines);
    let stopped = "the exercise is stopped; `facilitator go` lets it go on";
    shows(&run, &[&format!("refused: wait: {stopped}"), &format!("refused: page shop: {stopped}")]);
    let lines =
        "wait 1m\nfacilitator go\nfacilitator inject the press: Is it an attack?\nwait 5s\nfacilitator notes\nquit\n";
    let run = play(&[SHOP, "--resume", &path], lines);
    let notes = ["refused: wait", "the exercise goes on", "the press: Is it an attack?", "0:10 command+ paged at once"];
    shows(&run, &notes);
    let verified = brownout(&["replay", &path, "--scenario", SHOP, "--verify"]).quietly();
    assert!(verified.stdout.contains("the same"), "{}", verified.stdout);
}

/// Going back gives the file to the new branch and keeps the old one beside it; both replay, and either can be gone on with.
#[test]
fn with_a_coach_there_are_questions_and_a_way_back() {
    let folder = Folder::new("play-coach");
    let path = folder.file("play.jsonl");
    let lines = "wait 3m\nwait 3m\nwait 3m\nhint\nhint\npage jonas\nwait 20s\nrewind to 59:00\nrewind 1m\npage ines\nwait 10s\nleave\n";
    let run = play(&[SHOP, "--mode", "coach", "--record", &path], lines);
    let branch = folder.file("play.branch-1.jsonl");
    shows(
        &run,
        &[
            "coach: Is this an incident?",
            "refused: hint: think about the last question first",
            "refused: rewind: it is",
        ],
    );
    shows(&run, &[&format!("what came later is kept in {branch}"), "accepted: page ines"]);
    assert!(!folder.names().iter().any(|name| name.contains("tmp")), "{:?}", folder.names());
    let new = fs::read_to_string(&path).unwrap();
    assert!(new.lines().next().unwrap().contains("branched_from") && !new.contains("jonas"), "{new}");
    assert!(fs::read_to_string(&branch).unwrap().contains("jonas"));
    for path in [&path, &branch] {
        shows(&play(&[SHOP, "--resume", path], "wait 5s\nquit\n"), &["coach mode", "policy person"]);
        let verified = brownout(&["replay", path, "--scenario", SHOP, "--verify"]).quietly();
        assert!(verified.stdout.contains("the same"), "{}", verified.stdout);
    }
    let run = play(&[SHOP], "wait 1m\nhint\nrewind 10s\nquit\n");
    shows(
        &run,
        &[
            "refused: hint: there are no hints in rehearse mode",
            "refused: rewind: there is no way back in rehearse mode",
        ],
    );
}

/// Everything stands still while a question is open, also after the session was left, until it is answered.
#[test]
fn who_is_assessed_is_asked_and_nothing_else_can_be_done() {
    let folder = Folder::new("play-assess");
    let path = folder.file("play.jsonl");
    let lines = "wait 1h\n".repeat(60) + "status\npage ines\nwait 1m\nreply errors=lots\nreply begins=apo\nleave\n";
    let run = play(&[SHOP, "--mode", "assess", "--record", &path], &lines);
    let asked =
        ["Everything stands still", "1. Which share of the answers of api", "2. At which service do the errors begin"];
    shows(&run, &asked);
    let refused =
        ["refused: everything stands still until you have answered", "\"lots\" is no share", "did you mean `api`?"];
    shows(&run, &refused);
    assert!(!run.stdout.contains("accepted: page ines"), "{}", run.stdout);
    let lines = "wait 1m\nreply errors=60% begins=api likely=90%\nwait 5s\nstatus\nquit\n";
    let run = play(&[SHOP, "--resume", &path], lines);
    shows(&run, &["refused: everything stands still", "answered; time goes on", "assess mode"]);
    let record = fs::read_to_string(&path).unwrap();
    assert!(record.contains(r#""reply":{"probe":0,"errors":"60%","begins":"api","likely":"90%"}"#), "{record}");
    let verified = brownout(&["replay", &path, "--scenario", SHOP, "--verify"]).quietly();
    assert!(verified.stdout.contains("the same"), "{}", verified.stdout);
}

#[test]
fn the_end_of_the_input_and_of_the_scenario_end_the_session() {
    shows(&play(&[SHOP], ""), &["The shop (shop)", "policy person"]);
    let waits = "wait 1h\n".repeat(400);
    shows(&play(&[SHOP], &waits), &["1:00:00 the scenario is over", "1h simulated"]);
}

#[test]
fn a_record_is_left_resumed_and_verified() {
    let folder = Folder::new("play-resume");
    let path = folder.file("play.jsonl");
    let left = play(&[SHOP, "--mode", "assess", "--record", &path], "wait 1m\npage shop\nwait 5s\nleave\n");
    assert_eq!(left.code, Some(0), "{}", left.stderr);
    assert!(left.stderr.contains(&format!("brownout play --resume {path}")), "{}", left.stderr);
    assert!(!left.stdout.contains("digest"), "what is not over has no summary");
    brownout(&["play", SHOP, "--record", &path]).refused(&["exists and is not overwritten", "--resume"]);
    brownout(&["play", "--resume", &path]).refused(&["no built-in one", "brownout play FILE.ron --resume"]);
    let resumed = play(&[SHOP, "--resume", &path], "news\nwait 2m\nrelease mira\nquit\n");
    shows(&resumed, &["assess mode", "page shop", "accepted: release mira", "policy person"]);
    let verified = brownout(&["replay", &path, "--scenario", SHOP, "--verify"]).quietly();
    assert!(verified.stdout.contains("the same"), "{}", verified.stdout);
    brownout(&["play", SHOP, "--resume", &path]).refused(&["has come to its end", "brownout replay"]);
}

/// What was given and how far it had come is in the file although nobody ended it; a line that was cut off is left out.
#[test]
fn what_was_killed_goes_on() {
    let folder = Folder::new("play-kill");
    let path = folder.file("play.jsonl");
    let mut child = start(&[SHOP, "--record", &path]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"wait 1s\nwait 50s\npage shop\nwait 5s\nstatus\n").unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The status after the last wait: everything before has been done.
    let seen = lines.by_ref().filter(|line| line.as_ref().is_ok_and(|line| line.contains("The shop, rehearse"))).nth(1);
    assert!(seen.is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    let killed = fs::read_to_string(&path).unwrap();
    assert!(killed.contains("\"page\"") && killed.contains("reached_nanos") && !killed.contains("digest"), "{killed}");
    let last: u64 = killed.lines().last().unwrap().split(['{', ':', ',']).nth(2).unwrap().parse().unwrap();
    fs::write(&path, format!("{killed}{{\"at_nanos\":9")).unwrap();
    let resumed = play(&[SHOP, "--resume", &path], "quit\n");
    assert!(resumed.stderr.contains("was cut off in the middle and is left out"), "{}", resumed.stderr);
    shows(&resumed, &["policy person"]);
    let whole = fs::read_to_string(&path).unwrap();
    assert!(whole.starts_with(&killed) && whole.contains(&format!("\"end_nanos\":{last}")), "{whole}");
    let verified = brownout(&["replay", &path, "--scenario", SHOP, "--verify"]).quietly();
    assert!(verified.stdout.contains("the same"), "{}", verified.stdout);
}

#[test]
fn bad_input_is_refused() {
    brownout(&["play"]).refused(&["SCENARIO"]);
    brownout(&["play", "no-such"]).refused(&["no-such"]);
    brownout(&["play", SHOP, "--mode", "easy"]).refused(&["rehearse", "coach", "assess"]);
    brownout(&["play", SHOP, "--record", "-"]).refused(&["name one, such as play.jsonl"]);
    brownout(&["play", SHOP, "--record", "/no/such/folder/x.jsonl"]).refused(&["cannot create it"]);
    brownout(&["play", "--resume", "x.jsonl", "--seed", "1"]).refused(&["--seed", "--resume"]);
    brownout(&["play", "--resume", "/no/such.jsonl"]).refused(&["cannot read"]);
}
