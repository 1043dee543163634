use std::time::{Duration, Instant};

use crate::{Folder, Run, STORM, brownout};

/// Rolls the shop back when it errs.
const RULES: &str = r#"Runbook(format: 1, rules: [(
    name: "errors",
    when: (signal: "error-ratio of shop", above: "20%", holds: "15s"),
    then: [Act(option: "roll-back shop")],
)])"#;

/// A run of the small scenario under a policy, eight minutes long.
fn run(policy: &str, more: &[&str]) -> Run {
    let args = ["run", STORM, "--variant", "bad-deploy", "--until", "8m", "--json", "--policy", policy];
    brownout(&[&args[..], more].concat())
}

fn failed(run: &Run) -> u64 {
    run.json()["requests"]["failed"].as_u64().unwrap_or_else(|| panic!("{}", run.stdout))
}

/// The same digest comes of the record, which names who led.
fn replays(run: &Run, record: &str, led_by: &str) {
    let header: serde_json::Value =
        serde_json::from_str(std::fs::read_to_string(record).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(header["led_by"], led_by);
    assert_eq!(run.json()["policy"], led_by);
    let verdict = brownout(&["replay", record, "--verify", "--scenario", STORM]).quietly().stdout;
    assert!(verdict.contains(run.json()["digest"].as_str().unwrap()), "{verdict}");
}

#[test]
fn a_rule_file_leads_and_its_record_replays() {
    let folder = Folder::new("runbook");
    let (rules, record) = (folder.with("rules.ron", RULES), folder.file("run.jsonl"));
    let policy = format!("runbook:{rules}");
    let led = run(&policy, &["--record", &record]).quietly();
    assert!(failed(&led) * 2 < failed(&run("none", &[])), "{}", led.stdout);
    replays(&led, &record, &policy);
    assert!(std::fs::read_to_string(&record).unwrap().contains("rule errors"));
}

#[test]
fn a_bad_rule_file_is_refused_with_places_before_anything_runs() {
    let folder = Folder::new("runbook-bad");
    let bad = RULES.replace("ratio of shop", "ratio of shpo").replace("roll-back", "rol-back");
    let bad = bad.replace(")])", "), (name: \"later\", when: After(15), then: [Page(\"ana\")])])");
    let (rules, record) = (folder.with("rules.ron", bad), folder.file("run.jsonl"));
    let policy = format!("runbook:{rules}");
    run(&policy, &["--record", &record]).refused(&[
        &format!("{rules}:3:36: error[unknown-name]"),
        "did you mean \"shop\"?",
        "error[unit-missing]",
        "did you mean \"roll-back shop\"?",
    ]);
    assert_eq!(folder.names(), ["rules.ron"], "no record was begun");
    run("runbook:nowhere.ron", &[]).refused(&["cannot read nowhere.ron"]);
    let sound = folder.with("rules.ron", RULES);
    run(&format!("runbook:{sound}"), &["--record", &sound]).refused(&["this is the policy's rule file"]);
}

#[test]
fn warnings_of_a_rule_file_are_said_and_it_leads_all_the_same() {
    let folder = Folder::new("runbook-warned");
    let blind = RULES.replace("error-ratio of shop", "burn-rate of population web").replace("\"20%\"", "5");
    let rules = folder.with("rules.ron", blind);
    let led = run(&format!("runbook:{rules}"), &[]);
    assert_eq!(led.code, Some(0));
    assert!(led.stderr.contains("warning[not-shown]") && led.stderr.contains("rules.ron:3:"), "{}", led.stderr);
}

#[test]
fn a_policy_that_is_not_there_is_refused() {
    run("runbok", &[]).refused(&["there is no policy", "runbook:FILE", "exec:COMMAND"]);
    run("exec:/no/such/program", &[]).refused(&["/no/such/program", "it cannot be started"]);
    run("exec:", &[]).refused(&["it is empty"]);
    run("exec:sh -c 'exit", &[]).refused(&["a quote is not closed"]);
    brownout(&["run", STORM, "--policy-time-limit", "5"]).refused(&["--policy-time-limit", "5s"]);
    brownout(&["run", STORM, "--policy-time-limit", "0s"]).refused(&["such as 10s"]);
}

#[cfg(unix)]
mod programs {
    use super::*;

    /// A program in the language of the shell that reads each line into `line`.
    fn shell(folder: &Folder, body: &str) -> String {
        format!("exec:sh {}", folder.with("lead.sh", body))
    }

    /// Answers that nothing is to be done.
    const IDLE: &str = r#"n=$((n+1)); echo "{\"question\":$n,\"commands\":[]}""#;

    /// Leads with a program that fails, and looks at what is left behind.
    fn fails(name: &str, body: &str, more: &[&str], says: &[&str]) {
        let folder = Folder::new(name);
        let policy = shell(&folder, body);
        let (record, series) = (folder.file("run.jsonl"), folder.file("run.csv"));
        run(&policy, &[&["--record", &record, "--series", &series], more].concat()).refused(says);
        assert_eq!(folder.names(), ["lead.sh"], "nothing was written");
    }

    #[test]
    fn it_is_told_what_a_player_sees_and_its_commands_replay() {
        let folder = Folder::new("exec");
        let heard = folder.file("heard.jsonl");
        let body = format!(
            r#"read -r line; printf '%s\n' "$line" > '{heard}'
            while read -r line; do
                printf '%s\n' "$line" >> '{heard}'
                n=$((n+1)) commands='[]'
                case "$line" in
                '{{"end":true}}') echo goodbye >&2; exit 3;;
                *'"now":375000000000,'*) commands='[{{"act":{{"option":"roll-back shop","reason":"a guess"}}}}]';;
                esac
                echo "{{\"question\":$n,\"commands\":$commands}}"
            done"#
        );
        let (policy, record) = (shell(&folder, &body), folder.file("run.jsonl"));
        let led = run(&policy, &["--record", &record]);
        assert_eq!((led.code, led.stderr.as_str()), (Some(0), "goodbye\n"));
        assert!(failed(&led) < failed(&run("none", &[])));
        replays(&led, &record, &policy);
        let heard = std::fs::read_to_string(&heard).unwrap();
        let lines: Vec<serde_json::Value> = heard.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let hello = serde_json::json!({"protocol": 2, "scenario": "storm", "scrape_interval": 15_000_000_000_u64});
        assert_eq!((&lines[0], lines.len()), (&hello, 2 + 8 * 4));
        assert_eq!(lines.last(), Some(&serde_json::json!({"end": true})));
        assert!(
            lines[1]["observation"]["services"][0]["error_ratio"].is_number() && lines[1]["menu"]["options"].is_array()
        );
        for hidden in ["seed", "variant", "bad-deploy", "bad-lock", "slow-disk"] {
            assert!(!heard.contains(hidden), "{hidden} was told");
        }
    }

    #[test]
    fn one_that_dies_ends_the_run() {
        fails(
            "exec-dies",
            "read -r line; read -r line; exit 7",
            &[],
            &["asked at 15s", "ended without an answer", "7"],
        );
        let later = format!("read -r line; read -r line; {IDLE}; read -r line; kill -9 $$");
        fails("exec-killed", &later, &[], &["asked at 30s", "ended without an answer", "9"]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the time limit is one of the real world")]
    fn one_that_is_silent_ends_the_run_in_time_and_is_killed() {
        let folder = Folder::new("exec-silent");
        let number = folder.file("number");
        let begun = Instant::now();
        let body = format!("echo $$ > '{number}'; while read -r line; do :; done; exec sleep 60");
        let policy = shell(&folder, &body);
        run(&policy, &["--policy-time-limit", "300ms"]).refused(&["no answer within 0.3 s", "--policy-time-limit"]);
        assert!(begun.elapsed() < Duration::from_secs(30));
        let number = std::fs::read_to_string(number).unwrap();
        let mut there = std::process::Command::new("sh");
        there.args(["-c", &format!("kill -0 {} 2> /dev/null", number.trim())]);
        assert!(!there.status().unwrap().success(), "it is gone");
    }

    #[test]
    fn one_that_talks_nonsense_is_quoted() {
        let nonsense = "read -r line; while read -r line; do echo 'I would rather \u{1b}[31mnot'; done";
        fails("exec-nonsense", nonsense, &[], &["its line is no answer", "I would rather \\u{1b}[31mnot"]);
        let unknown = r#"while read -r line; do echo '{"question":1,"commands":[{"fly":{}}]}'; done"#;
        // The answer to the hello, which nobody had asked for.
        fails("exec-hello", unknown, &[], &["policy exec:sh"]);
        let unknown = r#"read -r line; while read -r line; do echo '{"question":1,"commands":[{"fly":{}}]}'; done"#;
        let quoted = "it wrote: {\"question\":1,\"commands\":[{\"fly\":{}}]}";
        fails("exec-unknown", unknown, &[], &["unknown variant `fly`", quoted]);
        let unnumbered = r#"read -r line; while read -r line; do echo '{"commands":[]}'; done"#;
        fails(
            "exec-unnumbered",
            unnumbered,
            &[],
            &["missing field `question`", "{\"question\": N, \"commands\": [..]}"],
        );
        let ahead = r#"read -r line; while read -r line; do echo '{"question":7,"commands":[]}'; done"#;
        fails("exec-ahead", ahead, &[], &["it answers question 7, and was asked question 1"]);
    }

    #[test]
    fn one_that_floods_is_stopped() {
        let twice = format!("read -r line; while read -r line; do {IDLE}; n=$((n-1)); {IDLE}; done");
        fails("exec-twice", &twice, &[], &["more than one line for an answer"]);
        let endless =
            "read -r line; read -r line; while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done";
        fails("exec-endless", endless, &[], &["longer than 1 MiB"]);
    }

    #[test]
    fn a_refused_command_does_not_end_the_run() {
        let folder = Folder::new("exec-refused");
        let answer = r#"{\"question\":$n,\"commands\":[{\"act\":{\"option\":\"fly away\"}}]}"#;
        let record = folder.file("run.jsonl");
        let policy =
            shell(&folder, &format!("read -r line; while read -r line; do n=$((n+1)); echo \"{answer}\"; done"));
        run(&policy, &["--record", &record]).quietly();
        assert!(std::fs::read_to_string(&record).unwrap().contains("is not on the menu now"));
    }

    #[test]
    fn the_example_leads_where_python_is_there() {
        let python = std::process::Command::new("python3").arg("--version").output();
        if !python.is_ok_and(|output| output.status.success()) {
            return;
        }
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/external-policy/lead.py");
        let led = run(&format!("exec:python3 '{program}'"), &[]).quietly();
        assert!(failed(&led) * 2 < failed(&run("none", &[])), "{}", led.stdout);
    }
}
