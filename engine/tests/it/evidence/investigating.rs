//! Somebody looks for the cause: they infer it from what instruments show, and are wrong where that misleads.

use brownout::Simulation;
use brownout::observe::{Cause, Conclusion, NewsKind};
use brownout::response::{Actor, Command};
use brownout::units::SimTime;

use super::small;

/// Somebody who knows everything and is never blocked.
const PEOPLE: &str = r#"people: (
    responders: {"mira": (role: "all", skills: {"api": "100%", "db": "100%"}, present: true)},
    habits: (blocked: "0%"),
)"#;

/// What mira says who began to look at the api after so many minutes, and how she said it.
fn investigated(effect: &str, faults: &str, minutes: u64) -> (Conclusion, String) {
    let mut simulation = Simulation::new(small(effect, faults, PEOPLE), 1);
    simulation.run_until(SimTime::from_secs(60 * minutes));
    let command = Command::Investigate { service: "api".to_owned(), owner: "mira".to_owned(), time_box: None };
    simulation.command(Actor::Lead, command).unwrap();
    // Half a minute to ask her, then 1 + 2 + 3 + 1 + 2 minutes.
    simulation.run_until(SimTime::from_secs(60 * minutes + 30 + 9 * 60 - 1));
    let before = simulation.observe();
    assert_eq!((before.evidence.len(), before.conclusions.len()), (4, 0));
    simulation.run_until(SimTime::from_secs(60 * minutes + 30 + 9 * 60));
    let mut seen = simulation.observe();
    let names: Vec<&str> = seen.evidence.iter().map(|one| one.instrument.as_str()).collect();
    assert_eq!(names, ["changes", "errors", "traces", "capacity", "pool"]);
    let people = seen.people.unwrap();
    let report =
        people.news.iter().find(|news| news.kind == NewsKind::Report && !news.bad).expect("she says what she thinks");
    (seen.conclusions.remove(0), report.text.clone())
}

#[test]
fn a_bad_version_is_found_by_what_changed() {
    let (conclusion, report) = investigated(r#""bug": Errors(ratio: "60%")"#, "", 22);
    assert_eq!((conclusion.suspicions[0].cause, conclusion.suspicions[0].of.as_str()), (Cause::Change, "api"));
    assert_eq!(
        report,
        "investigate api: api was changed 3.5m ago (v2, everywhere): I think it is the last change of api (70% sure); looked \
         at 5 instruments; need a decision on taking it back"
    );
}

#[test]
fn errors_of_the_database_are_found_behind_the_api() {
    let (conclusion, _) =
        investigated("", r#""down": (does: Errors(service: "db", ratio: "70%"), start: At("22m"))"#, 30);
    assert_eq!((conclusion.suspicions[0].cause, conclusion.suspicions[0].of.as_str()), (Cause::Dependency, "api->db"));
}

#[test]
fn held_connections_are_found_in_the_pool() {
    let (conclusion, _) = investigated(r#""held": ConnectionHold(dependency: "db", hold: "800ms")"#, "", 25);
    assert_eq!(
        (conclusion.suspicions[0].cause, conclusion.suspicions[0].of.as_str()),
        (Cause::HeldConnections, "api->db")
    );
    assert_eq!(conclusion.suspicions[1].cause, Cause::Change, "which was the cause of it");
}

#[test]
fn more_work_than_workers_is_overload() {
    // Forty requests a second of 5 s each want 200 workers; there are 128.
    let slow = r#""slow": (does: Slowdown(service: "api", factor: 1000), start: At("80m"))"#;
    let (conclusion, _) = investigated("", slow, 85);
    assert_eq!(conclusion.suspicions[0].cause, Cause::Overload, "{:?}", conclusion.suspicions);
}

/// The version is innocent; something in the api itself broke two minutes after it came. Everything that can be seen speaks for the
/// version, and so does she.
#[test]
fn who_looks_is_wrong_where_the_evidence_misleads() {
    let itself = r#""itself": (does: Errors(service: "api", ratio: "60%"), start: At("22m"))"#;
    let (conclusion, _) = investigated("", itself, 24);
    assert_eq!(conclusion.suspicions[0].cause, Cause::Change);
    let (guilty, _) = investigated(r#""bug": Errors(ratio: "60%")"#, "", 24);
    assert_eq!(conclusion.suspicions, guilty.suspicions, "it looks the same");
}

#[test]
fn where_nothing_stands_out_nothing_is_found() {
    let (conclusion, report) = investigated("", "", 90);
    assert_eq!(conclusion.suspicions[0].cause, Cause::Unknown);
    assert!(report.ends_with("need another pair of eyes"), "{report}");
}
