//! Traces: where the time of a request goes that ended well.
//!
//! Calls that run at the same time count each, so that own work may come out too short where there are any; it is never below
//! nothing.

use crate::ids::Id;
use crate::model::{DependencySpec, EndpointSpec, ServiceSpec};
use crate::observe::flow_sum::FlowSum;
use crate::observe::signal::{Subject, Unit};
use crate::units::SimDuration;

use super::reader::{RECENT, Reader, mean};
use super::row::Row;

pub(super) fn of_service(reader: &Reader<'_>, service: Id<ServiceSpec>) -> Vec<Row> {
    let spec = &reader.system().services[service];
    whole(reader, &spec.name, service, &reader.of_service(service, RECENT))
}

/// The calls of a service are counted together: which of its endpoints made them is known only where the others had none to make.
pub(super) fn of_endpoint(reader: &Reader<'_>, endpoint: Id<EndpointSpec>) -> Vec<Row> {
    let (name, service) = (reader.name(Subject::Endpoint(endpoint)), reader.system().endpoints[endpoint].service);
    let own = reader.of_endpoint(endpoint, RECENT);
    let spec = &reader.system().services[service];
    let others = spec.endpoints.iter().filter(|other| **other != endpoint);
    if others.map(|other| reader.of_endpoint(*other, RECENT).offered()).all(|offered| offered == 0) {
        return whole(reader, &name, service, &own);
    }
    let mut rows = latencies(&name, &own);
    for call in &spec.dependencies {
        let mut parts = of_call(reader, *call);
        if let Some(first) = parts.first_mut() {
            first.note = "calls of all endpoints of the service".to_owned();
        }
        rows.extend(parts);
    }
    rows
}

fn whole(reader: &Reader<'_>, name: &str, service: Id<ServiceSpec>, requests: &FlowSum) -> Vec<Row> {
    let mut rows = latencies(name, requests);
    let Some(latency) = requests.mean_latency() else { return rows };
    let mut own = latency.as_secs_f64();
    let mut calls = Vec::new();
    for call in &reader.system().services[service].dependencies {
        let sum = reader.of_dependency(*call, RECENT);
        let parts = of_call(reader, *call);
        let Some(of) = parts.first().map(|row| row.of.clone()) else { continue };
        let each = f64::from(sum.offered()) / f64::from(requests.offered().max(1));
        let share = each * sum.mean_latency().map_or(0.0, SimDuration::as_secs_f64);
        own -= share;
        calls.push(Row::new(&of, "time-of-a-request", share, Unit::Seconds));
        calls.push(Row::new(&of, "calls-of-a-request", each, Unit::Number));
        calls.extend(parts);
    }
    rows.push(Row::new(name, "own-time", own.max(0.0), Unit::Seconds));
    rows.extend(calls);
    rows
}

fn latencies(name: &str, sum: &FlowSum) -> Vec<Row> {
    let mean = sum.mean_latency().map(|latency| Row::span(name, "mean-latency", latency));
    let p99 = sum.p99_latency().map(|latency| Row::span(name, "p99-latency", latency));
    mean.into_iter().chain(p99).collect()
}

/// What a call takes and why: its latency, waits and retries included, the wait for a connection among it, retries. Nothing
/// where no call was made.
fn of_call(reader: &Reader<'_>, id: Id<DependencySpec>) -> Vec<Row> {
    let sum = reader.of_dependency(id, RECENT);
    if sum.offered() == 0 {
        return Vec::new();
    }
    let name = reader.name(Subject::Dependency(id));
    let mut rows = latencies(&name, &sum);
    let before = FlowSum::of(reader.earlier().iter().map(|second| &second.dependencies[id.index()].flow));
    rows.extend(before.mean_latency().map(|latency| Row::span(&name, "mean-latency-before", latency)));
    rows.push(Row::new(&name, "retries-of-a-call", f64::from(sum.retries()) / f64::from(sum.offered()), Unit::Number));
    if let Some(ratio) = sum.error_ratio() {
        rows.push(Row::new(&name, "error-ratio", ratio, Unit::Share));
    }
    // By Little's law: how many wait is how many come, times how long each waits.
    let waiting = mean(reader.dependency(id, RECENT).map(|second| second.pool_waiting));
    let pooled = reader.dependency(id, RECENT).any(|second| second.pool_maximum > 0);
    if pooled && sum.request_rate() > 0.0 {
        rows.push(Row::new(&name, "pool-wait", waiting / sum.request_rate(), Unit::Seconds));
    }
    rows
}
