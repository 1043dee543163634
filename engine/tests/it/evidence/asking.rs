//! Asking takes time, of the lead or of somebody else, and what was seen stays.

use std::sync::Arc;

use brownout::Session;
use brownout::Simulation;
use brownout::observe::{NewsKind, TaskState};
use brownout::record::{Mode, Origin, Record, Verdict};
use brownout::response::{Actor, Command};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};

use super::{refused, small};
use crate::people::{Shop, page};

fn ask(instrument: &str, subject: Option<&str>, by: Option<&str>) -> Command {
    let subject = subject.map(str::to_owned);
    Command::Look { instrument: instrument.to_owned(), subject, by: by.map(str::to_owned) }
}

#[test]
fn a_lead_who_is_alone_sees_at_once() {
    let mut simulation = Simulation::new(small("", "", ""), 1);
    simulation.run_until(SimTime::from_secs(90));
    simulation.command(Actor::Lead, Command::look("errors", Some("api"))).unwrap();
    let evidence = simulation.observe().evidence;
    assert_eq!(evidence.len(), 1);
    assert_eq!((evidence[0].asked, evidence[0].at, &evidence[0].by), (simulation.now(), simulation.now(), &None));
    simulation.run_until(SimTime::from_secs(900));
    assert_eq!(simulation.observe().evidence, evidence, "what was seen stays as it was");
    assert_eq!(
        refused(&mut simulation, ask("errors", Some("api"), Some("mira"))),
        "there is nobody but the lead in this scenario"
    );
}

#[test]
fn the_leads_own_look_takes_their_attention_and_shows_what_was_measured_when_it_ends() {
    let mut shop = Shop::with(r#"(skill: "100%")"#, &[]);
    shop.pass(60);
    shop.accepted(ask("errors", Some("api"), None)).accepted(page("jonas"));
    assert_eq!(shop.view().doing.map(|(what, until)| (what, until.whole_secs())), Some(("errors api".to_owned(), 180)));
    shop.pass(179);
    assert!(shop.simulation.observe().evidence.is_empty() && shop.view().news.is_empty());
    shop.pass(180);
    let seen = shop.simulation.observe().evidence.remove(0);
    assert_eq!((seen.asked.whole_secs(), seen.at.whole_secs(), seen.task), (60, 180, Some(0)));
    assert!(seen.value("api", "error-ratio").unwrap() > 0.1, "the version came meanwhile: {}", seen.text);
    let found = shop.news(NewsKind::Found);
    assert_eq!((found[0].0, found[0].1.as_str()), (180, "lead"));
    assert!(found[0].2.starts_with("errors api, the last 5m; api: ended 3"), "{}", found[0].2);
    assert_eq!(shop.view().tasks[0].state, TaskState::Done);
}

#[test]
fn somebody_else_looks_at_their_speed_and_is_held_up_by_questions() {
    let mut shop = Shop::usual();
    shop.accepted(page("jonas")).pass(300);
    // Half a minute to ask; mira knows the api; nobody knows the database, which takes twice as long.
    shop.accepted(ask("capacity", Some("api"), Some("mira"))).accepted(ask("capacity", Some("db"), Some("jonas")));
    shop.pass(600);
    let seen: Vec<_> =
        shop.simulation.observe().evidence.into_iter().map(|one| (one.by.unwrap(), one.at.whole_secs())).collect();
    assert_eq!(seen, [("mira".to_owned(), 390), ("jonas".to_owned(), 480)]);
    shop.accepted(ask("traces", Some("api"), Some("mira"))).pass(640);
    shop.accepted(Command::CheckIn { task: 2 }).pass(2_000);
    let last = shop.simulation.observe().evidence.pop().unwrap();
    assert!(last.at.whole_secs() > 630 + 180 + 60, "she lost the thread: {}", last.at.whole_secs());
}

#[test]
fn a_look_goes_on_in_branches_and_snapshots() {
    let scenario = crate::people::scenario(crate::people::SHOP, "()", &[]);
    let mut run = Simulation::new(Arc::clone(&scenario), 5);
    run.run_until(SimTime::from_secs(100));
    run.command(Actor::Lead, ask("errors", Some("api"), Some("mira"))).unwrap();
    let investigate = Command::Investigate { service: "api".to_owned(), owner: "mira".to_owned(), time_box: None };
    run.command(Actor::Lead, investigate).unwrap();
    run.run_until(SimTime::from_secs(330));
    assert_eq!(run.evidence().seen.len(), 2, "one, and the first of the others");
    let mut branch = run.fork();
    let mut loaded = Simulation::from_snapshot(Arc::clone(&scenario), &run.snapshot()).unwrap();
    for simulation in [&mut run, &mut branch, &mut loaded] {
        simulation.run_until(SimTime::from_secs(1_500));
    }
    assert_eq!((run.digest(), run.evidence().seen.len(), run.evidence().conclusions.len()), (branch.digest(), 5, 1));
    assert_eq!(run.digest(), loaded.digest());
    assert_eq!(run.evidence(), loaded.evidence());
}

#[test]
fn what_cannot_be_asked_is_refused_with_a_reason() {
    let rest = r#"evidence: {
        "slow-queries": (exists: false), "traces": (blind_to: ["db"]), "vendor": (shows: [(text: "fine")]),
    }"#;
    let mut simulation = Simulation::new(small("", "", rest), 1);
    simulation.run_until(SimTime::from_secs(60));
    let mut refused =
        |instrument: &str, subject: Option<&str>| refused(&mut simulation, Command::look(instrument, subject));
    assert_eq!(refused("erors", Some("api")), "there is no instrument called \"erors\"; did you mean `errors`?");
    assert_eq!(refused("slow-queries", Some("db")), "nobody here has `slow-queries`");
    assert_eq!(refused("clients", Some("web")), "nobody here has `clients`");
    assert_eq!(refused("errors", None), "`errors` of what? Say for example `errors api`");
    assert_eq!(refused("changes", Some("api")), "`changes` shows one thing only; leave out of what");
    assert_eq!(refused("vendor", Some("api")), "`vendor` shows one thing only; leave out of what");
    assert_eq!(refused("errors", Some("apu")), "`errors` cannot show anything of \"apu\"; did you mean `api`?");
    assert_eq!(refused("pool", Some("api")), "`pool` cannot show anything of \"api\"; did you mean `api->db`?");
    assert_eq!(refused("traces", Some("db")), "`traces` of db is not instrumented here");
    let looks = simulation.menu().looks;
    let names: Vec<&str> = looks.iter().map(|look| look.instrument.as_str()).collect();
    assert_eq!(names, ["errors", "traces", "pool", "breakers", "changes", "capacity", "vendor"]);
    assert_eq!(looks[1].subjects, ["api", "api.get", "api.ping", "db.read", "db.scan"]);
    assert_eq!((looks[1].takes, looks[6].takes), (SimDuration::from_secs(180), SimDuration::from_secs(120)));
}

#[test]
fn people_who_are_not_there_and_looks_in_hand_are_refused() {
    let mut shop = Shop::usual();
    shop.pass(100);
    assert_eq!(shop.refused(ask("errors", Some("api"), Some("jonas"))), "jonas is not here; page them first");
    assert_eq!(
        shop.refused(ask("errors", Some("apy"), None)),
        "`errors` cannot show anything of \"apy\"; did you mean `api`?"
    );
    shop.accepted(ask("errors", Some("api"), None));
    assert_eq!(shop.refused(ask("errors", Some("api"), None)), "somebody has `errors api` in hand already");
    let investigate = |service: &str, owner: &str| Command::Investigate {
        service: service.to_owned(),
        owner: owner.to_owned(),
        time_box: None,
    };
    assert_eq!(shop.refused(investigate("apj", "mira")), "there is no service called \"apj\"; did you mean `api`?");
    assert_eq!(shop.refused(investigate("api", "ines")), "ines is not here; page them first");
}

#[test]
fn times_are_those_of_the_scenario_and_records_replay() {
    let text = crate::people::SHOP.replace(
        "people: (",
        r#"evidence: {"errors": (takes: "10s"), "wire": (takes: "4m", shows: [(text: "quiet")])}, people: ("#,
    );
    let scenario = crate::people::scenario(&text, r#"(skill: "100%")"#, &[]);
    let mut session = Session::start(Simulation::new(Arc::clone(&scenario), 3), Mode::Rehearse);
    session.run_until(SimTime::from_secs(100));
    for command in [
        ask("errors", Some("api"), None),
        ask("no-such", None, None),
        ask("wire", None, Some("mira")),
        Command::Investigate {
            service: "api".to_owned(),
            owner: "mira".to_owned(),
            time_box: Some(SimDuration::from_secs(600)),
        },
    ] {
        let _ = session.command(Actor::Lead, command);
    }
    session.run_until(SimTime::from_secs(1_500));
    let seen = &session.simulation().evidence().seen;
    assert_eq!((seen[0].at.whole_secs(), seen[1].text.as_str(), seen[1].at.whole_secs()), (110, "quiet", 380));
    assert_eq!(session.simulation().evidence().conclusions.len(), 1);
    let record = session.record(Origin::default(), "person");
    let read = Record::parse(&Source::new("run.jsonl", record.text())).unwrap();
    assert_eq!(read, record);
    let replayed = read.replay(scenario).unwrap();
    assert_eq!(replayed.verdict, Verdict::Same);
    assert_eq!(replayed.simulation.evidence(), session.simulation().evidence());
}
