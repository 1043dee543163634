//! The error log of a service: what it answered with, and what it met in its calls.

use crate::ids::Id;
use crate::model::{ErrorKind, ServiceSpec};
use crate::observe::flow_sum::FlowSum;
use crate::observe::signal::{Subject, Unit};

use super::reader::{RECENT, Reader};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, service: Id<ServiceSpec>) -> Vec<Row> {
    let spec = &reader.system().services[service];
    let mut rows = of(&spec.name, &reader.of_service(service, RECENT));
    // With one endpoint there is no more to say of it than of the service.
    for endpoint in spec.endpoints.iter().filter(|_| spec.endpoints.len() > 1) {
        rows.extend(of(&reader.name(Subject::Endpoint(*endpoint)), &reader.of_endpoint(*endpoint, RECENT)));
    }
    for call in &spec.dependencies {
        rows.extend(of(&reader.name(Subject::Dependency(*call)), &reader.of_dependency(*call, RECENT)));
    }
    rows
}

/// How much ended, the share that ended badly, and the kinds of errors, the most frequent first; nothing where nothing ended.
pub(super) fn of(name: &str, sum: &FlowSum) -> Vec<Row> {
    let Some(ratio) = sum.error_ratio() else { return Vec::new() };
    let mut kinds: Vec<(ErrorKind, u32)> =
        ErrorKind::ALL.into_iter().zip(sum.errors()).filter(|(_, count)| *count > 0).collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut rows = vec![Row::count(name, "ended", sum.ended()), Row::new(name, "error-ratio", ratio, Unit::Share)];
    rows.extend(kinds.into_iter().map(|(kind, count)| Row::count(name, kind.name(), count)));
    rows
}
