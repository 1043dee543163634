//! Each instrument against a small system with a known trouble.

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::{Evidence, Unit};
use brownout::response::{Actor, Command};
use brownout::units::SimTime;

use super::{look, shown, small};

const SLOW_DB: &str = r#""slow": (does: Slowdown(service: "db", endpoint: "read", factor: 10), start: At("20m"))"#;
const HELD: &str = r#""held": ConnectionHold(dependency: "db", hold: "300ms")"#;

fn value(evidence: &Evidence, of: &str, measure: &str) -> f64 {
    evidence.value(of, measure).unwrap_or_else(|| panic!("no {measure} of {of} in {evidence:#?}"))
}

#[track_caller]
fn close(one: f64, other: f64) {
    assert!((one - other).abs() <= 0.03 * other.abs(), "{one} is not {other}");
}

#[test]
fn the_error_log_says_what_kinds_where_and_in_which_calls() {
    let bad = small(r#""bug": Errors(ratio: "100%", endpoint: "get")"#, "", "");
    let seen = look(&bad, 30, "errors", Some("api"));
    close(value(&seen, "api", "ended"), 40.0 * 300.0);
    assert_eq!(value(&seen, "api", "error-ratio"), 1.0);
    assert_eq!(value(&seen, "api.get", "internal"), value(&seen, "api", "ended"));
    assert_eq!(seen.value("api.ping", "ended"), None, "nobody asks for it");
    assert_eq!(seen.value("api->db", "ended"), None, "the bug comes before the call");
    assert!(
        seen.text.starts_with("errors api, the last 5m\napi: ended 12000, error-ratio 100%, internal 12000\n"),
        "{}",
        seen.text
    );
    let behind = small("", r#""down": (does: Errors(service: "db", ratio: "30%"), start: At("20m"))"#, "");
    let seen = look(&behind, 30, "errors", Some("api"));
    // Two attempts: nine calls of a hundred fail.
    assert!((0.07..0.11).contains(&value(&seen, "api->db", "error-ratio")), "{}", seen.text);
    close(value(&seen, "api", "error-ratio"), value(&seen, "api->db", "error-ratio"));
}

#[test]
fn traces_say_where_the_time_goes() {
    let slow = small("", SLOW_DB, "");
    let before = look(&slow, 19, "traces", Some("api"));
    close(value(&before, "api", "own-time"), 0.005);
    close(value(&before, "api->db", "time-of-a-request"), 0.005);
    close(value(&before, "api->db", "calls-of-a-request"), 1.0);
    assert_eq!(before.rows.iter().find(|row| row.measure == "own-time").map(|row| row.unit), Some(Unit::Seconds));
    let after = look(&slow, 40, "traces", Some("api.get"));
    close(value(&after, "api.get", "own-time"), 0.005);
    close(value(&after, "api->db", "time-of-a-request"), 0.05);
    // In the hour up to ten minutes ago: twenty minutes of 5 ms, ten of 50 ms.
    close(value(&after, "api->db", "mean-latency-before"), 0.02);
    // Connections are held for 0.8 s: callers wait for them, and the database is as quick as ever.
    let held = look(&small(&HELD.replace("300ms", "800ms"), "", ""), 30, "traces", Some("api"));
    let wait = value(&held, "api->db", "pool-wait");
    assert!(wait > 0.3, "{}", held.text);
    let retried = small("", r#""flaky": (does: Errors(service: "db", ratio: "20%"), start: At("20m"))"#, "");
    close(value(&look(&retried, 30, "traces", Some("api")), "api->db", "retries-of-a-call"), 0.2);
}

#[test]
fn the_slow_query_log_begins_with_the_slowest() {
    let busy = small("", SLOW_DB, "");
    let text = look(&busy, 30, "slow-queries", Some("db"));
    assert_eq!(text.rows[0].of, "db.read");
    close(value(&text, "db.read", "mean-latency"), 0.05);
    close(value(&text, "db.read", "request-rate"), 40.0);
    assert_eq!(text.value("db.scan", "p99-latency"), None);
}

#[test]
fn the_pool_shows_that_connections_are_held() {
    let held = small(HELD, "", "");
    let before = look(&held, 19, "pool", Some("api->db"));
    close(value(&before, "api->db", "pool-held-p99"), 0.005);
    assert_eq!((value(&before, "api->db", "pool-maximum"), value(&before, "api->db", "pool-waiting")), (16.0, 0.0));
    assert_eq!(before.value("api->db", "pool-held-p99-before"), Some(value(&before, "api->db", "pool-held-p99")));
    let after = look(&held, 25, "pool", Some("api->db"));
    close(value(&after, "api->db", "pool-held-p99"), 0.305);
    close(value(&after, "api->db", "pool-held-p99-before"), 0.005);
    close(value(&after, "api->db", "answer-p99"), 0.005);
    // 40 a second for 0.3 s each are 12 in use of 16, 6 of 8 in each instance.
    close(value(&after, "api->db", "pool-in-use"), 12.2);
}

#[test]
fn breakers_show_that_they_refuse() {
    let down = small("", r#""down": (does: Errors(service: "db", ratio: "100%"), start: At("20m"))"#, "");
    let before = look(&down, 19, "breakers", Some("api"));
    assert_eq!((value(&before, "api->db", "breakers-open"), value(&before, "api->db", "opened")), (0.0, 0.0));
    let after = look(&down, 22, "breakers", Some("api"));
    assert!(value(&after, "api->db", "opened") >= 2.0, "{}", after.text);
    assert!(value(&after, "api->db", "breaker_open") > 1_000.0, "{}", after.text);
}

#[test]
fn changes_are_the_deploys_and_orders_of_the_last_hour() {
    let scenario = small("", "", "");
    let mut simulation = Simulation::new(Arc::clone(&scenario), 1);
    simulation.run_until(SimTime::from_secs(19 * 60));
    assert_eq!(shown(&mut simulation, "changes", None).text, "changes, the last 60m\nnothing");
    simulation.run_until(SimTime::from_secs(30 * 60));
    simulation.command(Actor::Lead, Command::act("restart db", "")).unwrap();
    simulation.run_until(SimTime::from_secs(35 * 60));
    let seen = shown(&mut simulation, "changes", None);
    let rows: Vec<_> = seen.rows.iter().map(|row| (row.of.as_str(), row.measure.as_str(), row.value)).collect();
    assert_eq!(rows, [("order", "order", 300.0), ("db", "back", 300.0), ("api", "deploy", 900.0)]);
    assert!(seen.text.contains("\n15m ago: api to v2, everywhere"), "{}", seen.text);
    assert!(seen.text.contains("\n5m ago: restart db"), "{}", seen.text);
    simulation.run_until(SimTime::from_secs(85 * 60));
    let later = shown(&mut simulation, "changes", None);
    assert_eq!(later.rows.len(), 2, "the deploy is more than an hour ago");
}

#[test]
fn capacity_shows_what_is_busy_and_what_comes_again() {
    let flaky = small("", r#""flaky": (does: Errors(service: "db", ratio: "50%"), start: At("20m"))"#, "");
    let seen = look(&flaky, 19, "capacity", Some("db"));
    // 40 a second of 5 ms on 4 cores.
    close(value(&seen, "db", "utilisation"), 0.05);
    close(value(&seen, "api->db", "amplification"), 1.0);
    assert_eq!(value(&seen, "db", "instances"), 1.0);
    let spike = small("", r#""spike": (does: TrafficSpike(population: "web", factor: 3), start: At("20m"))"#, "");
    let seen = look(&spike, 25, "capacity", Some("api"));
    close(value(&seen, "api", "request-rate"), 120.0);
    close(value(&seen, "api", "request-rate-before"), 40.0);
}

#[test]
fn the_clients_truth_is_there_where_the_scenario_says_so() {
    let bad = small(r#""bug": Errors(ratio: "50%")"#, "", r#"evidence: {"clients": (exists: true)}"#);
    let seen = look(&bad, 30, "clients", Some("web"));
    assert_eq!(seen.subject.as_deref(), Some("population web"));
    close(value(&seen, "population web", "request-rate"), 40.0);
    assert!((0.45..0.55).contains(&value(&seen, "population web", "error-ratio")), "{}", seen.text);
}

#[test]
fn telemetry_that_is_down_shows_what_was_before() {
    let telemetry = r#"monitoring: (depends_on: (service: "db"))"#;
    let dead = small("", r#""crash": (does: Crash(service: "db"), start: At("20m"))"#, telemetry);
    // The reading of 20:15 is the first that fails.
    let seen = look(&dead, 23, "errors", Some("api"));
    assert_eq!(value(&seen, "api", "error-ratio"), 0.0, "{}", seen.text);
    assert!(
        seen.text.starts_with("errors api, the last 5m before the telemetry went down 2.75m ago\n"),
        "{}",
        seen.text
    );
    assert!(look(&dead, 23, "changes", None).text.contains("api to v2"), "the log of changes is elsewhere");
    let alive = small("", r#""crash": (does: Crash(service: "db"), start: At("20m"))"#, "");
    assert!(value(&look(&alive, 23, "errors", Some("api")), "api", "error-ratio") > 0.3);
}
