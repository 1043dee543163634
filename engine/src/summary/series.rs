//! Everything recorded as one table: a row for each second and place, in time order.
//!
//! The first columns say which: the time (the end of the second, in seconds from the start), the kind of place and its
//! name. A cell is absent where its column says nothing about the kind, and latencies where nothing ended well.
//!
//! What a pool holds is the exact mean over the second, with the most at one time beside it; queues, running jobs,
//! instances and the states of breakers are those at its end; all else is counted or measured over the whole second.

use crate::model::{Capacity, EndpointSpec, ErrorKind, ServiceSpec};
use crate::observe::{DependencySecond, FlowSecond, PopulationSecond, ServiceSecond};
use crate::simulation::Simulation;
use crate::units::SimDuration;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; where the unit is not a count, the name ends with it.
    pub name: &'static str,
    /// What its cells are.
    pub kind: ColumnKind,
    /// The kinds of places of which its cells say something; empty for all.
    pub places: &'static [&'static str],
    /// What it says of them.
    pub about: &'static str,
}

impl Column {
    /// A column that says something of all places.
    #[must_use]
    pub const fn new(name: &'static str, kind: ColumnKind, about: &'static str) -> Self {
        Self { name, kind, places: &[], about }
    }
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, never absent.
    Text,
    /// Whole numbers.
    Integer,
    /// Other numbers.
    Float,
}

/// A cell of the table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Absent,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(u64),
    /// Another number.
    Float(f64),
}

/// All columns, in order.
#[must_use]
pub fn columns() -> Vec<Column> {
    let mut columns = KEYS.to_vec();
    columns.extend(COUNTS);
    columns.extend(ErrorKind::ALL.map(|kind| {
        let (name, about) = error_column(kind);
        Column::new(name, ColumnKind::Integer, about)
    }));
    columns.extend(LATENCIES);
    columns.extend(LEVELS);
    columns
}

/// All rows of what has been recorded, in time order; within a second populations, services, endpoints, dependencies, each
/// in the order of the file. A row has as many cells as there are [`columns`].
pub fn rows(simulation: &Simulation) -> impl Iterator<Item = Vec<Cell>> + '_ {
    let names = Names::of(simulation);
    simulation.recording().seconds.iter().flat_map(move |second| {
        let time = second.end.whole_secs();
        let mut rows = Vec::new();
        for (name, one) in names.populations.iter().zip(&second.populations) {
            rows.push(row(time, "population", name, &one.flow, &population_levels(one)));
        }
        for ((name, limited), one) in names.services.iter().zip(&second.services) {
            rows.push(row(time, "service", name, &one.flow, &service_levels(one, *limited)));
        }
        for (name, flow) in names.endpoints.iter().zip(&second.endpoints) {
            rows.push(row(time, "endpoint", name, flow, &[]));
        }
        for (name, one) in names.dependencies.iter().zip(&second.dependencies) {
            rows.push(row(time, "dependency", name, &one.flow, &dependency_levels(one)));
        }
        rows
    })
}

const KEYS: [Column; 3] = [
    Column::new("time_s", ColumnKind::Integer, "the end of the second, in seconds from the start"),
    Column::new("kind", ColumnKind::Text, "`population`, `service`, `endpoint` or `dependency`"),
    Column::new("name", ColumnKind::Text, "its name; of an endpoint `service.endpoint`"),
];

const COUNTS: [Column; 6] = [
    Column::new(
        "offered",
        ColumnKind::Integer,
        "requests of a population, jobs at a service or endpoint, calls through a dependency",
    ),
    Column::new("attempts", ColumnKind::Integer, "first attempts and retries sent, by populations and dependencies"),
    Column::new("retries", ColumnKind::Integer, "the retries among them"),
    Column::new(
        "refused",
        ColumnKind::Integer,
        "attempts that ended before they were sent: refused by a layer, or given up while they waited",
    ),
    Column::new("succeeded", ColumnKind::Integer, "what ended well"),
    Column::new("failed", ColumnKind::Integer, "what ended badly, of any of the kinds that follow"),
];

const LATENCIES: [Column; 5] = [
    Column::new(
        "mean_ms",
        ColumnKind::Float,
        "the mean latency of what ended well: of requests from when each should have been sent",
    ),
    Column::new("p50_ms", ColumnKind::Float, "its median, to 0.8 %"),
    Column::new("p90_ms", ColumnKind::Float, "its 90th percentile, to 0.8 %"),
    Column::new("p99_ms", ColumnKind::Float, "its 99th percentile, to 0.8 %"),
    Column::new("max_ms", ColumnKind::Float, "the longest"),
];

const fn count(name: &'static str, places: &'static [&'static str], about: &'static str) -> Column {
    Column { name, kind: ColumnKind::Integer, places, about }
}

const fn measure(name: &'static str, places: &'static [&'static str], about: &'static str) -> Column {
    Column { name, kind: ColumnKind::Float, places, about }
}

const POPULATION: &[&str] = &["population"];
const SERVICE: &[&str] = &["service"];
const DEPENDENCY: &[&str] = &["dependency"];

const LEVELS: [Column; 24] = [
    count("in_flight", POPULATION, "requests without an answer at the end"),
    count("dropped", POPULATION, "requests never sent, because a limit on unanswered ones forbade it"),
    count(
        "bad",
        POPULATION,
        "requests that failed, were never sent or took longer than promised, when that was certain",
    ),
    count("overdue", POPULATION, "requests without an answer at the end that have taken longer than promised"),
    measure("p99_from_sending_ms", POPULATION, "the 99th percentile of the latency from the actual sending"),
    measure("affected_users", POPULATION, "real users that had a bad request in the last minute, about"),
    measure("burn_rate", POPULATION, "the share of bad requests over the share that the objective allows"),
    measure(
        "utilisation",
        SERVICE,
        "the share of workers or cores that was busy, 0 to 1; absent where nothing limits it",
    ),
    measure("jobs_mean", SERVICE, "where nothing limits it: jobs on an instance, the mean"),
    count("queue", SERVICE, "jobs waiting for a worker at the end"),
    count("running", SERVICE, "jobs running at the end"),
    count("instances", SERVICE, "instances that serve at the end"),
    measure(
        "pool_in_use",
        DEPENDENCY,
        "connections in use, the mean, all callers together; `pool_` is absent without a pool",
    ),
    count("pool_in_use_peak", DEPENDENCY, "the most in use at one time, of each caller, added up"),
    measure("pool_idle", DEPENDENCY, "idle connections, the mean"),
    measure("pool_waiting", DEPENDENCY, "callers waiting for a connection, the mean"),
    count("pool_waiting_peak", DEPENDENCY, "the most waiting at one time, of each caller, added up"),
    count("pool_maximum", DEPENDENCY, "the most connections there may be"),
    measure(
        "pool_wait_p99_ms",
        DEPENDENCY,
        "the 99th percentile of the waits of callers that got a connection; 0 if none did",
    ),
    measure(
        "pool_usage_p99_ms",
        DEPENDENCY,
        "the 99th percentile of how long callers had the connections that came back; 0 if none did",
    ),
    count("pool_leaked", DEPENDENCY, "connections that nobody will return, at the end"),
    count("breakers_open", DEPENDENCY, "breakers that refuse calls at the end"),
    count("breakers_half_open", DEPENDENCY, "breakers that try at the end"),
    count("breakers_opened", DEPENDENCY, "how often breakers opened; a shared one counts for each dependency"),
];

struct Names {
    populations: Vec<String>,
    /// With whether anything limits them.
    services: Vec<(String, bool)>,
    endpoints: Vec<String>,
    dependencies: Vec<String>,
}

impl Names {
    fn of(simulation: &Simulation) -> Self {
        let scenario = simulation.scenario();
        let system = &scenario.system;
        let endpoint = |spec: &EndpointSpec| format!("{}.{}", system.services[spec.service].name, spec.name);
        let service = |spec: &ServiceSpec| (spec.name.clone(), spec.capacity != Capacity::Unlimited);
        Self {
            populations: scenario.populations.iter().map(|spec| spec.name.clone()).collect(),
            services: system.services.iter().map(service).collect(),
            endpoints: system.endpoints.iter().map(endpoint).collect(),
            dependencies: system.dependencies.iter().map(|spec| spec.name.clone()).collect(),
        }
    }
}

/// The column of a kind of errors, and what is counted there.
const fn error_column(kind: ErrorKind) -> (&'static str, &'static str) {
    match kind {
        ErrorKind::Timeout => ("errors_timeout", "the time limit of an attempt passed"),
        ErrorKind::DeadlineExceeded => {
            ("errors_deadline_exceeded", "the deadline of the call, or one from further up, passed")
        }
        ErrorKind::Internal => ("errors_internal", "an error of the callee's own"),
        ErrorKind::QueueFull => ("errors_queue_full", "no place in the queue of the callee"),
        ErrorKind::RateLimited => ("errors_rate_limited", "turned away by a rate limit"),
        ErrorKind::Shed => ("errors_shed", "shed at the door of the callee"),
        ErrorKind::BreakerOpen => ("errors_breaker_open", "refused by the caller's breaker"),
        ErrorKind::BulkheadFull => ("errors_bulkhead_full", "the caller's bulkhead was full"),
        ErrorKind::PoolTimeout => ("errors_pool_timeout", "no connection of the pool in time"),
        ErrorKind::ConnectionRefused => {
            ("errors_connection_refused", "the callee was down or had no room for a connection")
        }
        ErrorKind::ConnectionLost => ("errors_connection_lost", "the connection broke on the way"),
        ErrorKind::Cancelled => ("errors_cancelled", "given up by its caller"),
    }
}

/// A row: the flow, then the levels by name, in the order of the columns.
fn row(time: u64, kind: &str, name: &str, flow: &FlowSecond, levels: &[(&str, Cell)]) -> Vec<Cell> {
    let mut cells = vec![Cell::Integer(time), Cell::Text(kind.to_owned()), Cell::Text(name.to_owned())];
    let counts = [flow.offered, flow.attempts, flow.retries, flow.refused, flow.succeeded, flow.failed()];
    cells.extend(counts.into_iter().chain(flow.errors).map(integer));
    let latencies = [flow.mean, flow.p50, flow.p90, flow.p99, flow.max];
    cells.extend(latencies.map(|span| if flow.succeeded > 0 { ms(span) } else { Cell::Absent }));
    let level = |column| levels.iter().find(|(name, _)| *name == column).map_or(Cell::Absent, |(_, cell)| cell.clone());
    cells.extend(LEVELS.map(|column| level(column.name)));
    cells
}

fn integer(count: u32) -> Cell {
    Cell::Integer(u64::from(count))
}

fn ms(span: SimDuration) -> Cell {
    Cell::Float(span.as_millis_f64())
}

fn population_levels(one: &PopulationSecond) -> [(&'static str, Cell); 7] {
    let answered = one.flow.succeeded > 0;
    [
        ("in_flight", integer(one.in_flight)),
        ("dropped", integer(one.dropped)),
        ("bad", integer(one.bad)),
        ("overdue", integer(one.overdue)),
        ("p99_from_sending_ms", if answered { ms(one.actual_p99) } else { Cell::Absent }),
        ("affected_users", Cell::Float(one.affected_users)),
        ("burn_rate", Cell::Float(one.burn_rate)),
    ]
}

fn service_levels(one: &ServiceSecond, limited: bool) -> [(&'static str, Cell); 4] {
    [
        (if limited { "utilisation" } else { "jobs_mean" }, Cell::Float(one.utilisation)),
        ("queue", integer(one.queue)),
        ("running", integer(one.running)),
        ("instances", integer(one.instances)),
    ]
}

/// Of a dependency without a pool the pool's columns are absent.
fn dependency_levels(one: &DependencySecond) -> Vec<(&'static str, Cell)> {
    let mut levels = vec![
        ("breakers_open", integer(one.breakers_open)),
        ("breakers_half_open", integer(one.breakers_half_open)),
        ("breakers_opened", integer(one.breakers_opened)),
    ];
    if one.pool_maximum > 0 {
        levels.extend([
            ("pool_in_use", Cell::Float(one.pool_in_use)),
            ("pool_in_use_peak", integer(one.pool_in_use_peak)),
            ("pool_idle", Cell::Float(one.pool_idle)),
            ("pool_waiting", Cell::Float(one.pool_waiting)),
            ("pool_waiting_peak", integer(one.pool_waiting_peak)),
            ("pool_maximum", integer(one.pool_maximum)),
            ("pool_wait_p99_ms", ms(one.pool_wait_p99)),
            ("pool_usage_p99_ms", ms(one.pool_usage_p99)),
            ("pool_leaked", integer(one.pool_leaked)),
        ]);
    }
    levels
}
