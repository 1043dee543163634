use brownout::response::comms::{Audience, Cause, Extent, Statement};
use brownout::response::people::{Part, Tone};
use brownout::response::{Command, Order, Trigger};
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
        looks: vec![
            ("errors".to_owned(), vec!["registry".to_owned(), "api->db".to_owned()]),
            ("changes".to_owned(), Vec::new()),
        ],
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
    let Line::Give(Command::Act { option, owner, time_box, reason, arguments, .. }) =
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
fn what_was_thought_is_said_with_an_option() {
    let Line::Give(Command::Act { belief: Some(belief), owner, reason, .. }) = read(
        "shed api share=50% confident 70% weighed ROLL-BACK registry, wait criteria time 3, risk of loss 1.5 expect 4m by mira because it is quick",
    ) else {
        panic!("it is thought of")
    };
    assert_eq!((belief.confidence, belief.expected), (Some(0.7), Some(minutes(4))));
    assert_eq!(belief.weighed, ["roll-back registry", "wait"]);
    assert_eq!(
        belief.criteria.into_iter().collect::<Vec<_>>(),
        [("risk of loss".to_owned(), 1.5), ("time".to_owned(), 3.0)]
    );
    assert_eq!((owner.as_deref(), reason.as_str()), (Some("mira"), "it is quick"));
    assert!(matches!(read("shed api"), Line::Give(Command::Act { belief: None, .. })));
    wrong("shed api confident", "such as `confident 70%`");
    wrong("shed api confident 170%", "surer than 100%");
    wrong("shed api confident very", "is not how sure");
    wrong("shed api expect soon", "is not a time to expect");
    wrong("shed api weighed by mira", "which options");
    wrong("shed api criteria time", "a name and a number");
    wrong("shed api criteria time -1", "from 0 up");
    let Line::Give(command) = read("shed api weighed roll-back registry, wait confident 7% expect 4m because so")
    else {
        panic!("it is given")
    };
    let text = crate::play::typed::typed(&command);
    assert_eq!(text, "shed api confident 7% expect 4m weighed roll-back registry, wait because so");
    assert_eq!(read(&text), Line::Give(command), "what is shown can be typed");
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
fn instruments_are_asked_and_causes_looked_for() {
    assert_eq!(read("look errors registry"), Line::Give(Command::look("errors", Some("registry"))));
    assert_eq!(read("look changes by me"), Line::Give(Command::look("changes", None)));
    let by = Some("mira".to_owned());
    let subject = Some("population web".to_owned());
    let look = Command::Look { instrument: "clients".to_owned(), subject, by };
    assert_eq!(read("look clients population web by mira"), Line::Give(look));
    let (service, owner) = ("registry".to_owned(), "mira".to_owned());
    let cause = Command::Investigate { service, owner, time_box: Some(minutes(10)) };
    assert_eq!(read("investigate registry by mira for 10m"), Line::Give(cause));
    assert_eq!(read("investigate registry for 10m by mira"), read("investigate registry by mira for 10m"));
    wrong("look", "there is errors, changes");
    wrong("look errors registry by", "by whom? there is mira");
    wrong("investigate", "which service?");
    wrong("investigate registry", "there is mira");
    wrong("investigate registry by mira for ever", "is not a time-box");
    let found = |text: &str| complete(text, &names());
    assert_eq!(found("look e"), ["look errors"]);
    assert_eq!(found("look errors a"), ["look errors api->db"]);
    assert_eq!(found("look changes "), ["look changes by"]);
    assert_eq!(found("investigate r"), ["investigate registry"]);
    assert_eq!(found("investigate registry by "), ["investigate registry by mira"]);
}

#[test]
fn whoever_runs_the_exercise_has_words_of_their_own() {
    let note = |text: &str, mark: Option<&str>| Command::Note { text: text.to_owned(), mark: mark.map(str::to_owned) };
    assert_eq!(read("note ask about the keys"), Line::Give(note("ask about the keys", None)));
    assert_eq!(read("facilitator note they argue"), Line::Facilitate(note("they argue", None)));
    assert_eq!(read("facilitator bookmark"), Line::Facilitate(note("", Some("bookmark"))));
    assert_eq!(read("facilitator mark command+ an owner"), Line::Facilitate(note("an owner", Some("command+"))));
    assert_eq!([read("facilitator stop"), read("facilitator go")], [Line::Stop, Line::GoOn]);
    let inject = |takes: Option<SimDuration>| {
        let (from, text) = ("the press".to_owned(), "Is it an attack?".to_owned());
        Line::Facilitate(Command::Inject { from, text, takes })
    };
    assert_eq!(read("facilitator inject the press: Is it an attack?"), inject(None));
    assert_eq!(read("facilitator inject takes=2m the press: Is it an attack?"), inject(Some(minutes(2))));
    for (text, says) in [
        ("note", "note what?"),
        ("facilitator", "can say stop, go"),
        ("facilitator bokmark", "did you mean `bookmark`?"),
        ("facilitator stop it", "can say stop"),
        ("facilitator mark", "there is outcome"),
        ("facilitator mark command", "ends with + or -"),
        ("facilitator mark comand+", "did you mean `command`?"),
        ("facilitator inject Is it an attack?", "from whom"),
        ("facilitator inject the press:", "and what?"),
    ] {
        wrong(text, says);
    }
    assert_eq!(complete("facilitator mark comm", &names()), ["facilitator mark command+", "facilitator mark command-"]);
}

#[test]
fn the_coach_is_asked_and_there_is_a_way_back() {
    assert_eq!(read("hint"), Line::Hint);
    assert_eq!(read("rewind 5m"), Line::RewindBy(minutes(5)));
    assert_eq!(read("rewind to 12:30"), Line::RewindTo(SimTime::from_secs(750)));
    wrong("hint me", "stands alone");
    wrong("rewind", "such as `rewind 5m`");
    wrong("rewind to noon", "is no time");
    wrong("rewind far", "is not a span to go back");
}

#[test]
fn what_is_decided_beforehand() {
    let line = read("trigger if error-ratio of registry above 2% at 10:15 then roll-back registry by mira for 10m");
    let then = Order {
        option: "roll-back registry".to_owned(),
        owner: Some("mira".to_owned()),
        time_box: Some(minutes(10)),
        ..Order::default()
    };
    let expected = Trigger {
        signal: "error-ratio of registry".to_owned(),
        above: Some("2%".to_owned()),
        below: None,
        at: "10:15".parse().unwrap(),
        holds: None,
        then,
    };
    assert_eq!(line, Line::Give(Command::Trigger(expected)));
    let typed = "trigger if goodput of registry below 5/s for 3m until 615s then roll-back registry";
    let Line::Give(command @ Command::Trigger(_)) = read(typed) else { panic!("a trigger") };
    assert_eq!(super::super::typed::typed(&command), typed.replace("615s", "10:15"));
    assert_eq!(read(&super::super::typed::typed(&command)), Line::Give(command));
    assert_eq!(read("withdraw #1"), Line::Give(Command::Withdraw { trigger: 1 }));
    wrong("trigger if error-ratio of registry above 2% at 10:15", "what is to be done then?");
    wrong("trigger if error-ratio of registry at 10:15 then roll-back registry", "above or below");
    wrong("trigger if error-ratio of registry above 2% then roll-back registry", "when is it looked at?");
    wrong("trigger if error-ratio of registry above 2% at noon then roll-back registry", "is no time");
    wrong("trigger if error-ratio of registry above 2% at 10:15 then", "what is to be done then?");
    wrong("withdraw it", "such as `withdraw 0`");
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
    assert_eq!(
        found("shed api "),
        ["share=", "by", "for", "confident", "expect", "weighed", "criteria", "because"]
            .map(|word| format!("shed api {word}"))
    );
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
