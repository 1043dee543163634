use brownout::response::Command;
use brownout::response::comms::{Audience, Cause, Extent, Statement};
use brownout::response::people::{Part, Tone};
use brownout::units::SimDuration;

use super::names::OptionName;
use super::*;

fn names() -> Names {
    let option = |name: &str, parameters: &[(&str, &[&str])]| OptionName {
        name: name.to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
            .collect(),
    };
    Names {
        options: vec![
            option("roll-back registry", &[]),
            option("shed api", &[("share", &["50%"])]),
            option("pause batch", &[]),
        ],
        people: vec![("mira".to_owned(), true), ("jonas".to_owned(), false)],
        teams: vec!["platform".to_owned()],
        bad_news: vec![12],
        tasks: vec![(2, "roll-back registry".to_owned())],
        subjects: vec!["registry".to_owned(), "api".to_owned(), "web".to_owned()],
        services: vec!["registry".to_owned(), "api".to_owned()],
    }
}

fn read(text: &str) -> Line {
    parse(text, &names()).unwrap_or_else(|problem| panic!("{text}: {problem}")).expect("something is said")
}

#[track_caller]
fn wrong(text: &str, says: &str) {
    let problem = parse(text, &names()).expect_err(text);
    assert!(problem.contains(says), "{text}: {problem}");
}

fn minutes(minutes: u64) -> SimDuration {
    SimDuration::from_secs(60 * minutes)
}

#[test]
fn an_option_with_whatever_is_said_of_it() {
    assert_eq!(read("roll-back registry"), Line::Give(Command::act("roll-back registry", "")));
    assert_eq!(read("  SHED   API share=50% "), Line::Give(Command::act("shed api", "").with("share", "50%")));
    let Line::Give(Command::Act { option, owner, time_box, reason, arguments }) =
        read("roll-back registry for 10m by mira because it came with the deploy, by noon")
    else {
        panic!("it is an option")
    };
    assert_eq!((option.as_str(), owner.as_deref(), time_box), ("roll-back registry", Some("mira"), Some(minutes(10))));
    assert_eq!((reason.as_str(), arguments.len()), ("it came with the deploy, by noon", 0));
    assert!(matches!(read("roll-back registry by me"), Line::Give(Command::Act { owner: None, .. })));
    // What is not on the menu is for the simulation to refuse, which knows why.
    assert_eq!(read("restart registy"), Line::Give(Command::act("restart registy", "")));
}

#[test]
fn what_is_wrong_with_an_option_is_said() {
    wrong("rollback registry", "did you mean `roll-back`?");
    wrong("roll back registry", "did you mean `roll-back`?");
    wrong("xyzzy", "`help` lists");
    wrong("roll-back registry by", "there is mira");
    wrong("roll-back registry for", "for 10m");
    wrong("roll-back registry for ever", "is not a time-box");
    wrong("roll-back registry by mira quickly", "what is \"quickly\"?");
    wrong("shed api share=50% because", "because of what?");
    wrong("shed api \"share=50%", "not closed");
    wrong("shed api =5", "what is \"=5\"?");
}

#[test]
fn people_are_called_asked_and_let_go() {
    assert_eq!(read("page platform"), Line::Give(Command::Page { whom: "platform".to_owned() }));
    assert_eq!(read("check 2"), Line::Give(Command::CheckIn { task: 2 }));
    assert_eq!(read("check in #2"), Line::Give(Command::CheckIn { task: 2 }));
    assert_eq!(
        read("reassign 2 jonas"),
        Line::Give(Command::Reassign { task: 2, to: "jonas".to_owned(), told: Vec::new() })
    );
    assert_eq!(read("reassign 2 to jonas"), read("reassign #2 jonas"));
    let told = vec![Part::Summary, Part::ReadBack];
    let given = Line::Give(Command::Reassign { task: 2, to: "jonas".to_owned(), told: told.clone() });
    assert_eq!(read("reassign 2 to jonas told summary,read-back"), given);
    assert_eq!(read("hand over mira"), Line::Give(Command::HandOver { to: "mira".to_owned(), told: Vec::new() }));
    assert_eq!(
        read("hand over to mira told summary read-back"),
        Line::Give(Command::HandOver { to: "mira".to_owned(), told })
    );
    assert_eq!(
        read("hand over mira told all"),
        Line::Give(Command::HandOver { to: "mira".to_owned(), told: Part::ALL.to_vec() })
    );
    assert_eq!(read("answer #12 thank"), Line::Give(Command::Answer { news: 12, tone: Tone::Thank }));
    wrong("answer 12", "there is thank, neutral, blame");
    wrong("answer 12 shout", "there is thank, neutral, blame");
    wrong("answer twelve thank", "no number of news");
    wrong("hand over", "there is mira");
    wrong("hand mira", "such as `hand over mira told");
    wrong("hand over mira told", "told what?");
    wrong("hand over mira told jokes", "there is severity, summary, actions");
    assert_eq!(read("cancel 2"), Line::Give(Command::Cancel { task: 2 }));
    assert_eq!(read("release mira"), Line::Give(Command::Release { whom: "mira".to_owned() }));
    let severity = Severity::new(2).unwrap();
    assert_eq!(read("declare 2"), Line::Give(Command::Declare { severity }));
    assert_eq!(read("declare SEV2"), read("declare 2"));
    wrong("page", "there is platform, jonas");
    wrong("release", "there is mira");
    wrong("check", "there is 2 (roll-back registry)");
    wrong("check two", "no number of a task");
    wrong("reassign 2", "such as `reassign 2 jonas`");
    for text in ["declare", "declare 0", "declare 6", "declare badly"] {
        wrong(text, "from 1 (the worst) to 5");
    }
}

#[test]
fn a_statement_in_parts() {
    let line = read(
        "say status-page impact=most scope=registry,web cause=suspected:api action=\"rolling back\" next=20m by mira",
    );
    let statement = Statement {
        impact: Some(Extent::Most),
        scope: vec!["registry".to_owned(), "web".to_owned()],
        cause: Some(Cause::Suspected("api".to_owned())),
        action: "rolling back".to_owned(),
        next_update: Some(minutes(20)),
        resolved: false,
    };
    assert_eq!(line, Line::Give(Command::Say { to: Audience::StatusPage, statement, by: Some("mira".to_owned()) }));
    let Line::Give(Command::Say { statement, by: None, .. }) = read("say support resolved") else {
        panic!("it is said")
    };
    assert!(statement.resolved);
    wrong("say", "there is status-page, executives");
    wrong("say everybody resolved", "nobody listens");
    wrong("say support", "say what?");
    wrong("say support impact=all", "few (below 10%)");
    wrong("say support scope=registy", "did you mean registry?");
    wrong("say support cause=api", "suspected:SERVICE");
    wrong("say support cause=known:web", "nothing is called");
    wrong("say support next=soon", "is not a time");
    wrong("say support hello", "what is \"hello\"?");
    wrong("say support mood=good", "a statement has no \"mood\"");
}

#[test]
fn the_clock_and_the_rest() {
    assert_eq!(
        [read("wait"), read("wait 90s"), read("wait 1500ms")].map(|line| match line {
            Line::Wait(span) => span.as_nanos() / 1_000_000_000,
            other => panic!("{other:?}"),
        }),
        [300, 90, 2]
    );
    assert_eq!([read("pause"), read("resume"), read("go")], [Line::Pause, Line::Go, Line::Go]);
    assert_eq!([read("speed 4x"), read("speed 60")], [Line::Speed(4), Line::Speed(60)]);
    assert_eq!(
        [read("quit"), read("leave"), read("?"), read("HELP")],
        [Line::Quit, Line::Leave, Line::Show(Topic::Help), Line::Show(Topic::Help)]
    );
    assert_eq!(read("pause batch"), Line::Give(Command::act("pause batch", "")), "the option is another thing");
    for (text, says) in [
        ("wait long", "is not a wait"),
        ("wait 0s", "for how long"),
        ("speed 3x", "1x, 2x, 4x"),
        ("quit now", "stands alone"),
    ] {
        wrong(text, says);
    }
    for nothing in ["", "   ", "# a comment"] {
        assert_eq!(parse(nothing, &names()), Ok(None));
    }
}

#[test]
fn what_can_be_named_is_completed() {
    let found = |text: &str| complete(text, &names());
    assert_eq!(found("ro"), ["roll-back"]);
    assert_eq!(found("roll-back "), ["roll-back registry"]);
    assert_eq!(found("page p"), ["page platform"]);
    assert_eq!(found("page "), ["page platform", "page jonas"]);
    assert_eq!(found("check "), ["check 2"]);
    assert_eq!(found("shed api "), ["shed api share=", "shed api by", "shed api for", "shed api because"]);
    assert_eq!(found("shed api share="), ["shed api share=50%"]);
    assert_eq!(found("shed api share=50% by "), ["shed api share=50% by mira"]);
    assert_eq!(found("say status-page impact=m"), ["say status-page impact=most"]);
    assert_eq!(found("say sup"), ["say support"]);
    assert_eq!(found("answer "), ["answer 12"]);
    assert_eq!(found("answer 12 t"), ["answer 12 thank"]);
    assert_eq!(found("hand over "), ["hand over mira"]);
    assert_eq!(found("reassign 2 mira "), ["reassign 2 mira told"]);
    assert_eq!(found("hand over mira told summary,re"), ["hand over mira told summary,read-back"]);
    assert_eq!(found("speed 1"), ["speed 1x", "speed 10x"]);
    assert_eq!(found("nothing like it"), Vec::<String>::new());
}

/// Whatever is typed, there is an answer.
#[test]
fn no_line_is_too_strange() {
    for text in
        ["\"", "\"\"", "=", "by", "say \"\"", "roll-back", "wait -5m", "page \u{1b}[2J", "speed 99999999999999999999"]
    {
        let _ = parse(text, &names());
        let _ = complete(text, &names());
    }
}
