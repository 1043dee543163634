//! The breakers of a service's calls: which refuse, how often they opened, how many calls they refused.

use crate::ids::Id;
use crate::model::{ErrorKind, ServiceSpec};
use crate::observe::signal::Subject;

use super::instrument::has_breaker;
use super::reader::{RECENT, Reader};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, service: Id<ServiceSpec>) -> Vec<Row> {
    let system = reader.system();
    let guarded = system.services[service].dependencies.iter().filter(|id| has_breaker(&system.dependencies[**id]));
    let mut rows = Vec::new();
    for id in guarded {
        let name = reader.name(Subject::Dependency(*id));
        let Some(last) = reader.dependency(*id, RECENT).last() else { continue };
        let opened: u32 = reader.dependency(*id, RECENT).map(|second| second.breakers_opened).sum();
        let refused = reader.of_dependency(*id, RECENT).errors()[ErrorKind::BreakerOpen as usize];
        rows.push(Row::count(&name, "breakers-open", last.breakers_open));
        rows.push(Row::count(&name, "breakers-half-open", last.breakers_half_open));
        rows.push(Row::count(&name, "opened", opened));
        rows.push(Row::count(&name, ErrorKind::BreakerOpen.name(), refused));
    }
    rows
}
