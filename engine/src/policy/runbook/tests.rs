use super::*;
use crate::observe::{
    Metric, PeopleView, Place, ResponderView, ServiceView, Subject, TaskState, TaskView, TeamView, Whereabouts, reading,
};
use crate::policy::views::{Stage as Room, change, menu_option, observation, view};
use crate::response::{Action, MenuOption, Parameter, ParameterKind};
use crate::text::render_plain;
use crate::units::Ratio;

fn services() -> Vec<ServiceView> {
    let blind = ServiceView { shows: vec![Metric::RequestRate], ..view("blind", 10.0, Some(0.0)) };
    vec![view("s0", 10.0, Some(0.0)), view("s1", 10.0, Some(0.0)), blind]
}

fn options() -> Vec<MenuOption> {
    let kind = ParameterKind::Share { low: Ratio::ZERO, high: Ratio::new(1.0) };
    let share = Parameter { name: "share".to_owned(), what: "the share".to_owned(), kind, default: None, now: None };
    let shed = MenuOption { parameters: vec![share], ..menu_option("shed s0", Action::Shed, 0) };
    vec![
        menu_option("restart s0", Action::Restart, 0),
        menu_option("restart s1", Action::Restart, 1),
        menu_option("block web", Action::Block, 0),
        shed,
    ]
}

fn subjects() -> Vec<String> {
    ["s0", "s1", "blind", "s0.get", "s0->s1", "population web"].map(str::to_owned).to_vec()
}

fn read_with(text: &str, people: Option<PeopleView>) -> Result<(Runbook, Vec<String>), String> {
    let (mut seen, menu, subjects) =
        (observation(services()), Menu { options: options(), looks: Vec::new() }, subjects());
    seen.people = people;
    let source = Source::new("rules.ron", text);
    let shown = |found: &Diagnostics| found.iter().map(|one| render_plain(&source, one)).collect::<Vec<_>>();
    match Runbook::read(&source, &Names { observation: &seen, menu: &menu, subjects: &subjects }) {
        Ok((runbook, warnings)) => Ok((runbook, shown(&warnings))),
        Err(diagnostics) => Err(shown(&diagnostics).concat()),
    }
}

/// Rules that are sound.
fn rules(text: &str) -> Runbook {
    let (runbook, warnings) =
        read_with(&format!("(format: 1, rules: [{text}])"), None).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(warnings, Vec::<String>::new());
    runbook
}

fn room(text: &str) -> Room<Runbook> {
    Room::of(rules(text), services(), options())
}

/// One rule that restarts `s0`.
fn restart_when(condition: &str) -> Room<Runbook> {
    room(&format!("(name: \"r\", when: {condition}, then: [Act(option: \"restart s0\")], again_after: \"1m\")"))
}

/// When it restarts `s0` while the errors of `s0` are, scrape after scrape, these percentages.
fn restarts(condition: &str, percents: &[u32]) -> Vec<u64> {
    let mut room = restart_when(condition);
    for (scrape, percent) in (1..).zip(percents) {
        room.services[0] = view("s0", 10.0, Some(f64::from(*percent) / 100.0));
        room.pass(scrape * 15);
    }
    room.orders().into_iter().map(|(at, _)| at).collect()
}

#[test]
fn a_threshold_is_passed_and_not_met() {
    assert_eq!(restarts("(signal: \"error-ratio of s0\", above: \"5%\")", &[5, 5, 6]), [45]);
    assert_eq!(restarts("(signal: \"goodput of s0\", below: \"9.5/s\")", &[5, 6]), [30]);
}

#[test]
fn it_must_hold_without_a_break() {
    let condition = "(signal: \"error-ratio of s0\", above: \"5%\", holds: \"30s\")";
    assert_eq!(restarts(condition, &[9, 9, 0, 9, 9, 9]), [90]);
    assert_eq!(restarts(condition, &[9, 9, 9, 0]), [45], "the first look counts from its own instant");
}

#[test]
fn with_hysteresis_it_goes_on_down_to_the_other_amount() {
    // What acts again a minute later, if it still holds then.
    let condition = "(signal: \"error-ratio of s0\", above: \"5%\", until_below: \"2%\")";
    assert_eq!(restarts(condition, &[6, 3, 3, 3, 2]), [15, 75]);
    assert_eq!(restarts(condition, &[6, 3, 1, 3, 3]), [15], "below two it has ended, and three does not begin it");
    assert_eq!(restarts("(signal: \"error-ratio of s0\", above: \"5%\")", &[6, 3, 3, 3, 3]), [15]);
    let other = "(signal: \"goodput of s0\", below: \"5/s\", until_above: \"8/s\")";
    assert_eq!(restarts(other, &[60, 30, 30, 30, 30]), [15, 75]);
    assert_eq!(restarts(other, &[60, 10, 30, 30, 30]), [15]);
}

#[test]
fn without_a_value_nothing_is_known_and_it_begins_anew() {
    let mut room = restart_when("Not((signal: \"error-ratio of s0\", above: \"5%\"))");
    room.services[0] = view("s0", 0.0, None);
    room.pass(60);
    assert_eq!(room.orders(), [], "what is not known is not denied");
    room.services[0] = view("s0", 10.0, Some(0.0));
    assert_eq!(room.pass(75).orders().len(), 1);
    let mut room = restart_when("(signal: \"error-ratio of s0\", above: \"5%\", holds: \"30s\")");
    for (until, errors) in [(30, Some(0.5)), (45, None), (60, Some(0.5))] {
        room.services[0] = view("s0", 10.0, errors);
        room.pass(until);
    }
    assert_eq!(room.orders(), []);
    assert_eq!(room.pass(90).orders().len(), 1);
}

#[test]
fn a_rule_acts_once_or_again_after_its_pause() {
    let once = room("(name: \"r\", when: After(\"1m\"), then: [Act(option: \"restart s0\")])").pass(600).orders();
    assert_eq!(once, [(60, "restart s0".to_owned())]);
    let again: Vec<u64> = restart_when("After(\"1m\")").pass(200).orders().into_iter().map(|(at, _)| at).collect();
    assert_eq!(again, [60, 120, 180]);
}

#[test]
fn and_or_and_not_with_what_is_unknown() {
    let (yes, no, unknown) = ("After(\"0s\")", "After(\"9h\")", "(signal: \"error-ratio of blind\", above: \"5%\")");
    let acts = |condition: &str| {
        let rule = format!("(name: \"r\", when: {condition}, then: [Act(option: \"restart s0\")])");
        let (lead, warnings) = read_with(&format!("(format: 1, rules: [{rule}])"), None).unwrap();
        assert_eq!(warnings.len(), condition.matches("blind").count());
        !Room::of(lead, services(), options()).pass(15).orders().is_empty()
    };
    assert!(acts(yes) && !acts(no) && !acts(unknown));
    assert!(acts(&format!("All([{yes}, {yes}])")) && !acts(&format!("All([{yes}, {no}])")));
    assert!(acts(&format!("Any([{no}, {yes}])")) && !acts(&format!("Any([{no}, {no}])")));
    assert!(acts(&format!("Not({no})")) && !acts(&format!("Not({yes})")) && !acts(&format!("Not({unknown})")));
    assert!(acts(&format!("Any([{unknown}, {yes}])")) && !acts(&format!("All([{unknown}, {yes}])")));
    assert!(acts(&format!("Not(All([{unknown}, {no}]))")), "no is enough to deny all");
    assert!(!acts(&format!("Not(Any([{unknown}, {no}]))")));
}

#[test]
fn the_change_log_counts_for_as_long_as_is_said() {
    let mut room = restart_when("Deployed(service: \"s1\", within: \"2m\")");
    room.changes = vec![change(30, 0, "v2", false, true), change(20, 1, "v1", true, true)];
    room.pass(60);
    assert_eq!(room.orders(), [], "another service, and a way back");
    room.changes.push(change(60, 1, "v2", false, false));
    let at: Vec<u64> = room.pass(300).orders().into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, [75, 135], "180 is two minutes later, and a minute has not passed");
}

#[test]
fn a_rule_can_wait_for_another() {
    let mut room = room(
        "(name: \"first\", when: After(\"1m\"), then: [Act(option: \"restart s0\")]),
         (name: \"second\", when: Acted(rule: \"first\", ago: \"2m\"), then: [Act(option: \"restart s1\")])",
    );
    assert_eq!(room.pass(600).orders(), [(60, "restart s0".to_owned()), (180, "restart s1".to_owned())]);
}

#[test]
fn steps_wait_and_a_rule_at_work_does_not_begin_again() {
    let mut room = room(
        "(name: \"r\", when: After(\"0s\"), again_after: \"15s\", then: [
            Act(option: \"restart s0\"), Wait(\"1m\"), Act(option: \"shed s0\", arguments: {\"share\": \"50%\"}),
        ])",
    );
    let orders = room.pass(90).orders();
    let texts: Vec<(u64, &str)> = orders.iter().map(|(at, order)| (*at, order.as_str())).collect();
    assert_eq!(texts, [(15, "restart s0"), (75, "shed s0 share=50%"), (90, "restart s0")]);
}

#[test]
fn a_tree_decides_when_it_is_reached() {
    let tree = "(name: \"r\", when: After(\"0s\"), then: [Wait(\"30s\"), If(
        when: (signal: \"error-ratio of s0\", above: \"5%\"),
        then: [If(when: After(\"1h\"), then: [Act(option: \"block web\")], otherwise: [Act(option: \"restart s0\")])],
        otherwise: [Act(option: \"restart s1\")],
    )])";
    assert_eq!(room(tree).pass(90).orders(), [(45, "restart s1".to_owned())]);
    let mut sick = room(tree);
    sick.pass(30).services[0] = view("s0", 10.0, Some(0.5));
    assert_eq!(sick.pass(90).orders(), [(45, "restart s0".to_owned())]);
}

#[test]
fn a_matrix_takes_the_best_on_the_menu_and_each_once() {
    let mut room = room(
        "(name: \"r\", when: After(\"0s\"), again_after: \"1m\", then: [Matrix(
            criteria: {\"speed\": 3, \"safety\": 1},
            options: {
                \"roll-back s0\": {\"speed\": 5, \"safety\": 5},
                \"restart s1\": {\"speed\": 2, \"safety\": 5},
                \"restart s0\": {\"speed\": 4, \"safety\": 1},
            },
        )])",
    );
    // 3.25 against 2.75; the best of all is not on the menu yet.
    room.pass(60);
    assert_eq!(room.orders(), [(15, "restart s0".to_owned())]);
    let Command::Act { reason, .. } = &room.said[0].1 else { panic!() };
    assert_eq!(reason, "rule r, scores 3.25");
    room.menu.options.push(menu_option("roll-back s0", Action::RollBack, 0));
    let orders: Vec<String> = room.pass(600).orders().into_iter().map(|(_, order)| order).collect();
    assert_eq!(orders, ["restart s0", "roll-back s0", "restart s1"]);
}

fn people() -> PeopleView {
    let who = |name: &str, skill: f64| ResponderView {
        name: name.to_owned(),
        role: String::new(),
        whereabouts: Whereabouts::Here,
        skills: vec![(crate::ids::Id::new(0), skill)],
    };
    let team = TeamView { name: "shop".to_owned(), services: Vec::new() };
    let comms = Some(crate::observe::CommsView::default());
    PeopleView { responders: vec![who("ana", 0.2), who("bo", 0.9)], teams: vec![team], comms, ..PeopleView::default() }
}

/// What is decided at the first look where there are people.
fn decided(then: &str, people: &PeopleView) -> Vec<Command> {
    let text = format!("(format: 1, rules: [(name: \"r\", when: After(\"0s\"), then: [{then}])])");
    let (mut lead, warnings) = read_with(&text, Some(people.clone())).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(warnings, Vec::<String>::new());
    let mut seen = observation(vec![view("s0", 10.0, Some(0.3))]);
    seen.people = Some(people.clone());
    lead.decide(&seen, &Menu { options: options(), looks: Vec::new() })
}

fn given(owner: Option<&str>, minutes: Option<u64>) -> Vec<Command> {
    let time_box = minutes.map(|minutes| SimDuration::from_secs(60 * minutes));
    let (option, reason) = ("restart s0".to_owned(), "rule r".to_owned());
    let arguments = std::collections::BTreeMap::new();
    vec![Command::Act { option, arguments, reason, owner: owner.map(str::to_owned), time_box, belief: None }]
}

#[test]
fn somebody_does_it() {
    let people = people();
    // One and a half times the two minutes that are estimated, where nothing is said.
    assert_eq!(decided("Act(option: \"restart s0\")", &people), given(Some("bo"), Some(3)));
    assert_eq!(decided("Act(option: \"restart s0\", time_box: \"9m\")", &people), given(Some("bo"), Some(9)));
    let named = "Act(option: \"restart s0\", owner: Person(\"ana\"), time_box: \"9m\")";
    assert_eq!(decided(named, &people), given(Some("ana"), Some(9)));
    assert_eq!(decided("Act(option: \"restart s0\", owner: Lead)", &people), given(None, None));
}

#[test]
fn pages_words_and_questions() {
    let mut people = people();
    let task = |number: u32, state: TaskState| TaskView {
        number,
        title: "restart s0".to_owned(),
        service: None,
        owner: Some("bo".to_owned()),
        given: SimTime::ZERO,
        acknowledged: None,
        time_box_ends: None,
        promised: None,
        state,
    };
    people.tasks = vec![task(0, TaskState::UnderWay), task(1, TaskState::Done)];
    let said = decided(
        "Declare(2), Page(\"shop\"), CheckIn(\"restart s0\"), CheckIn(\"restart s1\"), Say(to: \"support\", impact: \"seen\", \
         scope: [\"s0\"], cause: Suspected(\"s1\"), action: \"restarting\", next_update: \"20m\", by: \"ana\")",
        &people,
    );
    let json = serde_json::to_string(&said).unwrap();
    assert_eq!(
        json,
        r#"[{"declare":{"severity":2}},{"page":{"whom":"shop"}},{"check-in":{"task":0}},{"say":{"to":"support","statement":{"impact":"some","scope":["s0"],"cause":{"suspected":"s1"},"action":"restarting","next-update":"20m"},"by":"ana"}}]"#
    );
}

#[test]
fn what_has_no_place_in_the_scenario_is_a_warning_and_left_out() {
    let text = "(format: 1, rules: [(name: \"r\", when: After(\"0s\"), then: [
        Declare(1), Page(\"anybody\"), Say(to: \"support\"), Act(option: \"restart s0\", owner: Person(\"ana\")),
    ])])";
    let (lead, warnings) = read_with(text, None).unwrap();
    let codes = ["nobody-else", "nobody-else", "nobody-listens", "nobody-else"];
    for (warning, code) in warnings.iter().zip(codes) {
        assert!(warning.contains(&format!("warning[{code}]")), "{warning}");
    }
    assert_eq!(warnings.len(), 4);
    let orders = Room::of(lead, services(), options()).pass(15).orders();
    assert_eq!(orders, [(15, "restart s0".to_owned())]);
}

/// Where each problem of a bad file stands, and what is said about it.
#[test]
fn everything_wrong_is_said_at_once_with_its_place() {
    let text = r#"(format: 2, rules: [
(name: "a", when: (signal: "error-ration of s0", above: "5%"), then: []),
(name: "a", when: (signal: "error-ratio of s9", above: "5%"), then: [Act(option: "restart s00")]),
(name: "b", when: (signal: "error-ratio of s0", above: "5s"), then: [Act(option: "shed s0")]),
(name: "c", when: (signal: "pool-waiting of s0", above: 5), then: [Act(option: "shed s0", arguments: {"sahre": "5%"})]),
(name: "d", when: (signal: "queue of s0"), then: [Act(option: "shed s0", arguments: {"share": "150%"})]),
(name: "e", when: (signal: "queue of s0", above: 5, until_below: 9), then: [Declare(6)], again_after: "0s"),
(name: "f", when: All([Firing("smoke"), Acted(rule: "bb"), Deployed(service: "db", within: "5m"), Any([])]), then: [
    Say(to: "suport", impact: "lots", scope: ["s2"], cause: Known("x")),
    Matrix(criteria: {"speed": 1, "cost": 1}, options: {"restart s0": {"sped": 4, "speed": 3}}),
    Matrix(criteria: {"speed": 0}, options: {}),
]),
])"#;
    let found = read_with(text, Some(people())).unwrap_err();
    for expected in [
        "rules.ron:1:10: error[format]: format 2 is not known here",
        "rules.ron:2:29: error[unknown-name]: there is no metric called \"error-ration\"",
        "help: did you mean \"error-ratio\"?",
        "rules.ron:2:70: error[no-steps]",
        "rules.ron:3:8: error[duplicate-name]: there are two rules called \"a\"",
        "rules.ron:3:44: error[unknown-name]: there is no service, endpoint, dependency or population called \"s9\"",
        "rules.ron:3:82: error[unknown-name]: there is no option called \"restart s00\"",
        "help: did you mean \"restart s0\"?",
        "rules.ron:4:56: error[unknown-unit]",
        "rules.ron:4:82: error[missing-argument]: shed s0 needs to be told share",
        "rules.ron:5:28: error[no-such-metric]: pool-waiting is not measured of a service",
        "error[unknown-name]: there is no parameter of shed s0 called \"sahre\"",
        "rules.ron:6:28: error[condition]: a condition has either `above` or `below`",
        "error[bad-argument]: share cannot be \"150%\"",
        "help: the share: from 0% to 100%",
        "rules.ron:7:28: error[condition]: the amount at which it ends lies beyond the one at which it begins",
        "error[out-of-range]: there is no severity 6",
        "error[out-of-range]: a rule cannot act again after no time at all",
        "there is no alert called \"smoke\"",
        "there is no rule called \"bb\"",
        "there is no service called \"db\"",
        "there is no condition in this list",
        "there is no audience called \"suport\"",
        "there is no impact called \"lots\"",
        "there is no service or population called \"s2\"",
        "there is no service called \"x\"",
        "there is no criterion called \"sped\"",
        "error[missing-score]: restart s0 has no score for cost",
        "no criterion has any weight",
        "there is nothing to choose from",
    ] {
        assert!(found.contains(expected), "{expected:?} is not in:\n{found}");
    }
    assert_eq!(found.matches("missing-argument").count(), 1, "what was misspelt is not missing");
}

#[test]
fn a_rule_that_cannot_be_read_hides_nothing_of_the_others() {
    let text = r#"(format: 1, rules: [
(name: "a", when: After(5), then: [Act(option: "restart s9")]),
(name: "b", when: Acted(rule: "a"), then: [Act(option: "restart s8")]),
])"#;
    let found = read_with(text, None).unwrap_err();
    assert!(found.contains("2:25: error[unit-missing]") && found.contains("called \"restart s8\""), "{found}");
    assert_eq!(found.matches("error[").count(), 2, "{found}");
}

#[test]
fn what_is_not_shown_is_said_and_what_comes_later_is_known() {
    let rule = |when: &str| {
        format!(
            "(format: 1, rules: [(name: \"r\", when: {when}, then: [
                Act(option: \"roll-back s1\"), Act(option: \"re-admit web\", arguments: {{\"share\": \"50%\"}}),
            ])])"
        )
    };
    for (signal, shown) in [
        ("error-ratio of blind", "what is shown of it: request-rate"),
        ("error-ratio of s0.get", "nothing is shown of it"),
        ("burn-rate of population web", "nothing is shown of it"),
    ] {
        let amount = if signal.starts_with("burn") { "14" } else { "\"5%\"" };
        let (_, warnings) = read_with(&rule(&format!("(signal: \"{signal}\", above: {amount})")), None).unwrap();
        assert!(warnings.len() == 1 && warnings[0].contains("warning[not-shown]"), "{warnings:?}");
        assert!(warnings[0].contains(signal) && warnings[0].contains(shown), "{warnings:?}");
    }
    assert!(read_with(&rule("Paging"), None).unwrap().1.is_empty());
}

#[test]
fn every_metric_that_a_dashboard_shows_is_read() {
    let seen = observation(services());
    for metric in Subject::Service(crate::ids::Id::new(0)).metrics() {
        let value = reading(&seen, &Place::of("s0"), *metric);
        assert!(value.is_some(), "{metric}");
    }
}
