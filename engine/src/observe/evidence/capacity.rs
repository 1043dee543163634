//! How busy a service is: its workers, its queue, its instances, what comes, and what comes again.

use crate::ids::Id;
use crate::model::{Capacity, ServiceSpec};
use crate::observe::flow_sum::FlowSum;
use crate::observe::signal::{Subject, Unit};

use super::reader::{NOW, Reader, mean};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, service: Id<ServiceSpec>) -> Vec<Row> {
    let spec = &reader.system().services[service];
    let name = &spec.name;
    let seconds = || reader.last(NOW).iter().map(|second| &second.services[service.index()]);
    let Some(last) = seconds().next_back() else { return Vec::new() };
    let mut rows = Vec::new();
    if spec.capacity != Capacity::Unlimited {
        rows.push(Row::new(name, "utilisation", mean(seconds().map(|second| second.utilisation)), Unit::Share));
    }
    rows.push(Row::new(name, "queue", mean(seconds().map(|second| f64::from(second.queue))), Unit::Number));
    rows.push(Row::count(name, "running", last.running));
    rows.push(Row::count(name, "instances", last.instances));
    rows.push(Row::new(name, "request-rate", reader.of_service(service, NOW).request_rate(), Unit::Rate));
    let earlier = reader.earlier();
    if !earlier.is_empty() {
        let before = FlowSum::of(earlier.iter().map(|second| &second.services[service.index()].flow));
        rows.push(Row::new(name, "request-rate-before", before.request_rate(), Unit::Rate));
    }
    let callers = reader.system().dependencies.enumerate();
    for (id, _) in callers.filter(|(_, call)| call.target == service && call.caller.is_some()) {
        let sum = reader.of_dependency(id, NOW);
        if sum.offered() > 0 {
            let name = reader.name(Subject::Dependency(id));
            rows.push(Row::new(&name, "amplification", sum.amplification(), Unit::Number));
        }
    }
    rows
}
