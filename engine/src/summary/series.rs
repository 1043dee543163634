//! Everything recorded as one table: a row for each second and place, in time order.
//!
//! The first columns say which: the time (the end of the second, in seconds from the start), the kind of place and its
//! name. A cell is absent where its column says nothing about the kind, and latencies where nothing ended well.
//!
//! What a pool holds is the exact mean over the second, with the most at one time beside it; queues, running jobs,
//! instances and the states of breakers are those at its end; all else is counted or measured over the whole second.

use crate::model::{EndpointSpec, ErrorKind};
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
    let text = ["kind", "name"].map(|name| Column { name, kind: ColumnKind::Text });
    let integer = |name| Column { name, kind: ColumnKind::Integer };
    let mut columns = vec![integer("time_s")];
    columns.extend(text);
    columns.extend(["offered", "attempts", "retries", "refused", "succeeded", "failed"].map(integer));
    columns.extend(ErrorKind::ALL.map(|kind| integer(error_column(kind))));
    columns.extend(LATENCIES.map(|name| Column { name, kind: ColumnKind::Float }));
    columns.extend(LEVELS.map(|(name, kind)| Column { name, kind }));
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
        for (name, one) in names.services.iter().zip(&second.services) {
            rows.push(row(time, "service", name, &one.flow, &service_levels(one)));
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

const LATENCIES: [&str; 5] = ["mean_ms", "p50_ms", "p90_ms", "p99_ms", "max_ms"];

const LEVELS: [(&str, ColumnKind); 21] = [
    ("in_flight", ColumnKind::Integer),
    ("dropped", ColumnKind::Integer),
    ("bad", ColumnKind::Integer),
    ("overdue", ColumnKind::Integer),
    ("p99_from_sending_ms", ColumnKind::Float),
    ("affected_users", ColumnKind::Float),
    ("burn_rate", ColumnKind::Float),
    ("utilisation", ColumnKind::Float),
    ("queue", ColumnKind::Integer),
    ("running", ColumnKind::Integer),
    ("instances", ColumnKind::Integer),
    ("pool_in_use", ColumnKind::Float),
    ("pool_in_use_peak", ColumnKind::Integer),
    ("pool_idle", ColumnKind::Float),
    ("pool_waiting", ColumnKind::Float),
    ("pool_waiting_peak", ColumnKind::Integer),
    ("pool_maximum", ColumnKind::Integer),
    ("pool_wait_p99_ms", ColumnKind::Float),
    ("breakers_open", ColumnKind::Integer),
    ("breakers_half_open", ColumnKind::Integer),
    ("breakers_opened", ColumnKind::Integer),
];

struct Names {
    populations: Vec<String>,
    services: Vec<String>,
    endpoints: Vec<String>,
    dependencies: Vec<String>,
}

impl Names {
    fn of(simulation: &Simulation) -> Self {
        let scenario = simulation.scenario();
        let system = &scenario.system;
        let endpoint = |spec: &EndpointSpec| format!("{}.{}", system.services[spec.service].name, spec.name);
        Self {
            populations: scenario.populations.iter().map(|spec| spec.name.clone()).collect(),
            services: system.services.iter().map(|spec| spec.name.clone()).collect(),
            endpoints: system.endpoints.iter().map(endpoint).collect(),
            dependencies: system.dependencies.iter().map(|spec| spec.name.clone()).collect(),
        }
    }
}

const fn error_column(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Timeout => "errors_timeout",
        ErrorKind::DeadlineExceeded => "errors_deadline_exceeded",
        ErrorKind::Internal => "errors_internal",
        ErrorKind::QueueFull => "errors_queue_full",
        ErrorKind::RateLimited => "errors_rate_limited",
        ErrorKind::Shed => "errors_shed",
        ErrorKind::BreakerOpen => "errors_breaker_open",
        ErrorKind::BulkheadFull => "errors_bulkhead_full",
        ErrorKind::PoolTimeout => "errors_pool_timeout",
        ErrorKind::ConnectionRefused => "errors_connection_refused",
        ErrorKind::ConnectionLost => "errors_connection_lost",
        ErrorKind::Cancelled => "errors_cancelled",
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
    cells.extend(LEVELS.map(|(column, _)| level(column)));
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

fn service_levels(one: &ServiceSecond) -> [(&'static str, Cell); 4] {
    [
        ("utilisation", Cell::Float(one.utilisation)),
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
        ]);
    }
    levels
}
