//! What is recorded of pools and breakers in a second: exact means, peaks, and what comes and goes within it.

use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    BreakerScope, BreakerSpec, Capacity, Change, DependencySpec, Effect, Layer, PoolSpec, ServiceSpec, Step, Verb,
};
use brownout::observe::DependencySecond;
use brownout::scenario::{Scenario, no_files};
use brownout::summary::Summary;
use brownout::summary::series::{Cell, Column, ColumnKind, columns, rows};
use brownout::text::Source;
use brownout::traffic::{Arrivals, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, call, constant};

fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect())
}

/// An application that keeps a connection of its pool for as long as a query of so many milliseconds takes.
fn pooled(size: u32, work_ms: f64, arrivals: Arrivals) -> (Builder, Id<ServiceSpec>, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let app = builder.service("app", Capacity::Unlimited);
    let db = builder.service("db", Capacity::Unlimited);
    let query = builder.endpoint(db, "query", &[Step::Work(constant(work_ms))]);
    let layers = vec![Layer::Pool(PoolSpec::fixed(size, SimDuration::ZERO))];
    let dependency = builder.dependency(Some(app), db, layers);
    let page = builder.endpoint(app, "page", &[Step::Call(call(dependency, query))]);
    let front = builder.dependency(None, app, Vec::new());
    builder.population(arrivals, call(front, page));
    (builder, app, dependency)
}

fn second(simulation: &Simulation, dependency: Id<DependencySpec>, index: usize) -> DependencySecond {
    simulation.recording().seconds[index].dependencies[dependency.index()].clone()
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// The cells of some columns in the row of a dependency.
fn cells(simulation: &Simulation, dependency: &str, time: u64, names: &[&str]) -> Vec<Cell> {
    let columns = columns();
    let at = |name: &str| columns.iter().position(|column| column.name == name).expect("there is such a column");
    let named = |row: &Vec<Cell>| row[0] == Cell::Integer(time) && row[2] == Cell::Text(dependency.to_owned());
    let row = rows(simulation).find(named).expect("there is such a row");
    names.iter().map(|name| row[at(name)].clone()).collect()
}

/// HikariCP's `usage`: a connection is held for as long as its query takes, and for as long as the version that runs holds
/// it beyond. By Little's law, 10 a second times 29 ms is what is in use.
#[test]
fn how_long_connections_are_held_is_recorded() {
    let (mut builder, app, dependency) = pooled(5, 9.0, Arrivals::Constant(Profile::constant(10.0)));
    let change = Change::ConnectionHold { dependency, hold: constant(20.0) };
    let effects = &mut builder.system.services[app].versions[0].effects;
    effects.push(Effect { name: "transaction".to_owned(), endpoint: None, change });
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(10.0));
    let summary = Summary::of(&simulation, "none");
    let pool = summary.dependencies.find("to db").unwrap().pool.as_ref().unwrap();
    close(pool.usage_ms.mean.unwrap(), 29.0);
    close(pool.wait_ms.max.unwrap(), 0.0);
    let one = second(&simulation, dependency, 5);
    close(one.pool_in_use, 0.29);
    let p99 = one.pool_usage_p99.as_millis_f64();
    assert!((p99 / 29.0 - 1.0).abs() < 0.008, "{p99} ms");
    let column = cells(&simulation, "to db", 6, &["pool_usage_p99_ms", "pool_leaked"]);
    assert_eq!(column, [Cell::Float(p99), Cell::Integer(0)]);
}

/// Three connections, all of which leak at 10 s: from then on everybody waits for a second, in vain.
const LEAK: &str = r#"(format: 1, name: "leak", duration: "1m",
    services: {
        "app": (
            capacity: Unlimited, endpoints: {"page": [Call("db.query")]},
            calls: [(to: "db", layers: [Pool(
                preset: "hikaricp", maximumPoolSize: 3, connectionTimeout: 1000, leakDetectionThreshold: 2000,
            )])],
        ),
        "db": (capacity: Unlimited, endpoints: {"query": [Work("5ms")]}),
    },
    populations: {"web": (arrivals: Constant("10/s"), mix: {"app.page": 1})},
    always: (faults: {"leak": (does: ConnectionLeak(dependency: "app->db", ratio: "100%"), start: At("10s"))}),
)"#;

#[test]
fn leaked_connections_warnings_and_timeouts_are_shown() {
    let parsed = Scenario::parse(&Source::new("leak.ron", LEAK), &no_files);
    let scenario = parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0;
    let mut simulation = Simulation::with_variant(Arc::new(scenario), 1, 0);
    simulation.run_to_end();
    let summary = Summary::of(&simulation, "none");
    let dependency = summary.dependencies.find("app->db").unwrap();
    let pool = dependency.pool.as_ref().unwrap();
    assert_eq!((pool.leaked, pool.leak_warnings), (3, 3));
    assert_eq!(Some(&pool.timeouts), dependency.counts.errors.find("pool_timeout"));
    assert!((470..=500).contains(&pool.timeouts), "{} from 10.3 to 59 s", pool.timeouts);
    // Whatever was not there at the start.
    assert!(pool.created <= 3, "{}", pool.created);
}

/// The page about the series' columns says what the columns say of themselves.
#[test]
fn the_page_about_the_series_lists_every_column() {
    let row = |column: &Column| {
        let kind = match column.kind {
            ColumnKind::Text => "text",
            ColumnKind::Integer => "whole number",
            ColumnKind::Float => "number",
        };
        let places = if column.places.is_empty() { "all".to_owned() } else { column.places.join(", ") };
        format!("| `{}` | {kind} | {places} | {} |\n", column.name, column.about)
    };
    let table: String = columns().iter().map(row).collect();
    let page = include_str!("../../../docs/series.md");
    assert!(page.contains(&table), "docs/series.md should have this table:\n{table}");
}

/// 200 queries a second of 9 ms each, evenly spaced: Little's law says 1.8 at a time, in fact two for 4 ms of every 5 and one
/// for the rest. Whoever looks at whole seconds sees one and the same number always.
#[test]
fn a_pool_that_is_looked_at_in_step_with_its_users_shows_the_true_mean() {
    let (builder, _, dependency) = pooled(5, 9.0, Arrivals::Constant(Profile::constant(200.0)));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(10.0));
    for index in 2..10 {
        let second = second(&simulation, dependency, index);
        close(second.pool_in_use, 1.8);
        close(second.pool_idle, 3.2);
        assert_eq!((second.pool_in_use_peak, second.pool_waiting_peak, second.pool_maximum), (2, 0, 5));
    }
    let names = ["pool_in_use", "pool_in_use_peak", "pool_maximum"];
    let [Cell::Float(mean), Cell::Integer(2), Cell::Integer(5)] = cells(&simulation, "to db", 5, &names)[..] else {
        panic!("{:?}", cells(&simulation, "to db", 5, &names));
    };
    close(mean, 1.8);
    let summary = Summary::of(&simulation, "none");
    let pool = summary.dependencies.iter().find(|(name, _)| *name == "to db").and_then(|(_, one)| one.pool.clone());
    assert_eq!(pool.expect("it has a pool").in_use_max, 2);
}

/// Three queries of 100 ms at 1.5 s and one connection: two wait for 100 ms, one of them for 100 ms more.
#[test]
fn waits_within_a_second_are_recorded() {
    let (builder, _, dependency) = pooled(1, 100.0, trace(&[1.5, 1.5, 1.5]));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(4.0));
    let busy = second(&simulation, dependency, 1);
    close(busy.pool_in_use, 0.3);
    close(busy.pool_idle, 0.7);
    close(busy.pool_waiting, 0.3);
    assert_eq!((busy.pool_in_use_peak, busy.pool_waiting_peak), (1, 2));
    let after = second(&simulation, dependency, 2);
    assert_eq!((after.pool_in_use_peak, after.pool_waiting_peak, after.pool_waiting), (0, 0, 0.0));
}

/// A query that runs from 5.25 s on is cut off when the application is restarted at 5.5 s, and finds another life of the pool.
#[test]
fn a_pool_whose_process_dies_counts_until_then() {
    let (mut builder, app, dependency) = pooled(1, 100_000.0, trace(&[5.25, 7.5]));
    builder.system.services[app].rollout.drain = SimDuration::ZERO;
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(5.5));
    simulation.order(Verb::Restart { service: app, instance: None }).expect("nothing else is under way");
    simulation.run_until(at(9.0));
    let dying = second(&simulation, dependency, 5);
    close(dying.pool_in_use, 0.25);
    close(dying.pool_in_use + dying.pool_idle, 1.0);
    assert_eq!(dying.pool_in_use_peak, 1);
    close(second(&simulation, dependency, 6).pool_in_use, 0.0);
    close(second(&simulation, dependency, 7).pool_in_use, 0.5);
}

/// A count window of two calls, open for 200 ms, one trial. Every call fails: 1.1 s and 1.2 s open it, the trial of 1.45 s
/// opens it again, and from 1.65 s on it tries. At the whole second nothing of it is seen.
#[test]
fn a_breaker_that_opens_for_a_moment_is_counted() {
    let mut builder = Builder::default();
    let service = builder.service("api", Capacity::Unlimited);
    builder.failing(service, 1.0);
    let get = builder.endpoint(service, "get", &[Step::Work(constant(1.0))]);
    let spec = BreakerSpec {
        sliding_window_size: 2,
        minimum_number_of_calls: 2,
        wait_duration_in_open_state: SimDuration::from_millis(200),
        permitted_number_of_calls_in_half_open_state: 1,
        automatic_transition_from_open_to_half_open_enabled: true,
        ..BreakerSpec::default()
    };
    let dependency = builder.dependency(None, service, vec![Layer::Breaker { spec, scope: BreakerScope::Service }]);
    builder.population(trace(&[1.1, 1.2, 1.45]), call(dependency, get));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(4.0));
    let opened: Vec<_> = (0..4).map(|index| second(&simulation, dependency, index).breakers_opened).collect();
    assert_eq!(opened, [0, 2, 0, 0]);
    let one = second(&simulation, dependency, 1);
    assert_eq!((one.breakers_open, one.breakers_half_open), (0, 1), "as it is at 2 s");
    assert_eq!(cells(&simulation, "to api", 2, &["breakers_opened"]), [Cell::Integer(2)]);
    let json = serde_json::to_value(Summary::of(&simulation, "none")).expect("a summary can be written");
    let breaker = &json["dependencies"]["to api"]["breaker"];
    assert_eq!((breaker["opened"].as_u64(), breaker["open_seconds"].as_u64()), (Some(2), Some(0)));
}

/// The breakers of a process that is started again begin anew; what they had counted stays.
#[test]
fn openings_of_a_process_that_died_stay_counted() {
    let mut builder = Builder::default();
    let app = builder.service("app", Capacity::Unlimited);
    let db = builder.service("db", Capacity::Unlimited);
    builder.failing(db, 1.0);
    let query = builder.endpoint(db, "query", &[Step::Work(constant(1.0))]);
    let spec = BreakerSpec { sliding_window_size: 1, minimum_number_of_calls: 1, ..BreakerSpec::default() };
    let layers = vec![Layer::Breaker { spec, scope: BreakerScope::Service }];
    let dependency = builder.dependency(Some(app), db, layers);
    let page = builder.endpoint(app, "page", &[Step::Call(call(dependency, query))]);
    let front = builder.dependency(None, app, Vec::new());
    builder.population(trace(&[1.5, 5.5]), call(front, page));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(3.0));
    simulation.order(Verb::Restart { service: app, instance: None }).expect("nothing else is under way");
    simulation.run_until(at(8.0));
    let opened: Vec<_> = (0..8).map(|index| second(&simulation, dependency, index).breakers_opened).collect();
    assert_eq!(opened, [0, 1, 0, 0, 0, 1, 0, 0]);
}
