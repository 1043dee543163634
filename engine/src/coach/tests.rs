use crate::ids::Id;
use crate::observe::{
    ChangeEntry, CommsView, Observation, PeopleView, ResponderView, SaidView, ServiceView, TaskState, TaskView,
    Whereabouts,
};
use crate::units::{SimDuration, SimTime};

use super::*;

fn at(secs: u64) -> SimTime {
    SimTime::from_secs(secs)
}

/// Ten minutes in: half of the registry's answers are errors since now, mira knows it and is away, nobody has said anything.
fn trouble() -> Observation {
    let registry = Id::new(0);
    let service = ServiceView {
        service: registry,
        name: "registry".to_owned(),
        shows: Vec::new(),
        request_rate: None,
        error_ratio: Some(0.5),
        goodput: None,
        mean_latency: None,
        p99_latency: None,
        utilisation: None,
        queue: None,
        instances: None,
        top_error: None,
    };
    let mira = ResponderView {
        name: "mira".to_owned(),
        role: String::new(),
        whereabouts: Whereabouts::Away,
        skills: vec![(registry, 0.9)],
    };
    let people = PeopleView { responders: vec![mira], comms: Some(CommsView::default()), ..PeopleView::default() };
    Observation {
        now: at(600),
        scraped_at: Some(at(600)),
        scrape_interval: SimDuration::from_secs(15),
        stale_since: None,
        services: vec![service],
        endpoints: Vec::new(),
        dependencies: Vec::new(),
        populations: Vec::new(),
        alerts: Vec::new(),
        notifications: Vec::new(),
        changes: Vec::new(),
        people: Some(people),
        evidence: Vec::new(),
        conclusions: Vec::new(),
        triggers: Vec::new(),
    }
}

fn change(secs: u64, back: bool) -> ChangeEntry {
    ChangeEntry {
        at: at(secs),
        service: Id::new(0),
        name: "registry".to_owned(),
        version: "2".to_owned(),
        back,
        done: true,
        dropped: false,
    }
}

fn task(owner: Option<&str>, state: TaskState) -> TaskView {
    TaskView {
        number: 3,
        title: "roll-back registry".to_owned(),
        service: Some(Id::new(0)),
        owner: owner.map(str::to_owned),
        given: at(300),
        acknowledged: Some(at(310)),
        time_box_ends: Some(at(480)),
        promised: None,
        state,
    }
}

/// What the questions are about, one after the other, as if each had been asked.
fn about(seen: &Observation) -> Vec<String> {
    let mut asked: Vec<String> = Vec::new();
    loop {
        let had: Vec<Had<'_>> = asked.iter().map(|about| Had { at: SimTime::ZERO, about }).collect();
        match hint(seen, &had) {
            Ok(hint) => {
                assert!(hint.question.ends_with('?'), "{}", hint.question);
                asked.push(hint.about);
            }
            Err(why) => {
                assert_eq!(why, NoHint::NothingToAsk);
                return asked;
            }
        }
    }
}

fn people(seen: &mut Observation) -> &mut PeopleView {
    seen.people.as_mut().expect("somebody")
}

#[test]
fn the_most_pressing_comes_first_and_nothing_twice() {
    let mut seen = trouble();
    seen.changes = vec![change(540, false)];
    assert_eq!(about(&seen), ["declare", "who knows registry", "changes", "where it begins", "expected 0"]);
    people(&mut seen).declared = Some((at(590), 2));
    people(&mut seen).responders[0].whereabouts = Whereabouts::Ringing;
    assert_eq!(about(&seen), ["changes", "where it begins", "expected 0"]);
    // What is old, or taken back, is no change before it began.
    seen.now = at(2_000);
    seen.changes = vec![change(1_099, false), change(1_940, true)];
    assert_eq!(about(&seen), ["where it begins", "expected 0"]);
}

#[test]
fn questions_are_three_minutes_apart() {
    let mut seen = trouble();
    let had = [Had { at: at(421), about: "something" }];
    assert_eq!(hint(&seen, &had), Err(NoHint::TooSoon { from: at(601) }));
    assert_eq!(
        NoHint::TooSoon { from: at(601) }.to_string(),
        "think about the last question first; the next can be had at 10:01"
    );
    seen.now = at(601);
    assert_eq!(hint(&seen, &had).map(|hint| hint.about), Ok("declare".to_owned()));
}

#[test]
fn tasks_are_asked_about_when_they_are_stuck_late_or_in_the_wrong_hands() {
    let mut seen = trouble();
    people(&mut seen).declared = Some((at(590), 2));
    people(&mut seen).responders[0].whereabouts = Whereabouts::Here;
    people(&mut seen).tasks = vec![task(Some("mira"), TaskState::Blocked)];
    assert_eq!(about(&seen)[..2], ["blocked 3", "time-box 3"]);
    people(&mut seen).tasks = vec![TaskView { time_box_ends: None, ..task(None, TaskState::UnderWay) }];
    assert_eq!(about(&seen)[0], "own hands 3");
    people(&mut seen).tasks = vec![task(Some("mira"), TaskState::Done)];
    assert_eq!(about(&seen), ["where it begins", "expected 0"]);
}

#[test]
fn what_did_not_help_is_asked_about_when_it_should_have_shown() {
    let mut seen = trouble();
    people(&mut seen).declared = Some((at(100), 2));
    seen.changes = vec![change(419, true)];
    assert!(about(&seen).contains(&"effect registry 419".to_owned()), "{:?}", about(&seen));
    seen.changes = vec![change(421, true)];
    assert!(!about(&seen).iter().any(|about| about.starts_with("effect")));
}

#[test]
fn word_that_is_owed_is_asked_about_and_the_end_too() {
    let mut seen = trouble();
    people(&mut seen).declared = Some((at(100), 2));
    people(&mut seen).responders[0].whereabouts = Whereabouts::Here;
    let said = |to: &str, promised: u64| SaidView {
        at: at(200),
        to: to.to_owned(),
        promised: Some(at(promised)),
        resolved: false,
    };
    people(&mut seen).comms =
        Some(CommsView { said: vec![said("support", 500), said("support", 700)], ..CommsView::default() });
    assert!(!about(&seen).iter().any(|about| about.starts_with("promise")), "there was word since");
    people(&mut seen).comms = Some(CommsView { said: vec![said("support", 599)], ..CommsView::default() });
    assert!(about(&seen).contains(&"promise support 599".to_owned()));
    seen.services[0].error_ratio = Some(0.0);
    people(&mut seen).comms = Some(CommsView::default());
    assert_eq!(about(&seen), ["over"]);
}
