//! The pools of a dependency: how many connections are in use and waited for, and for how long each is held.
//!
//! A pool runs out when connections are held for longer, without any query being slower; that is seen here and nowhere else.

use crate::ids::Id;
use crate::model::DependencySpec;
use crate::observe::signal::{Subject, Unit};
use crate::units::SimDuration;

use super::reader::{NOW, Reader, mean, typical};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, id: Id<DependencySpec>) -> Vec<Row> {
    let name = reader.name(Subject::Dependency(id));
    let seconds = || reader.dependency(id, NOW);
    let Some(last) = seconds().last() else { return Vec::new() };
    let peak = seconds().map(|second| second.pool_waiting_peak).max().unwrap_or(0);
    let wait = seconds().map(|second| second.pool_wait_p99).max().unwrap_or(SimDuration::ZERO);
    let mut rows = vec![
        Row::new(&name, "pool-in-use", mean(seconds().map(|second| second.pool_in_use)), Unit::Number),
        Row::count(&name, "pool-maximum", last.pool_maximum),
        Row::new(&name, "pool-waiting", mean(seconds().map(|second| second.pool_waiting)), Unit::Number),
        Row::count(&name, "pool-waiting-peak", peak),
        Row::span(&name, "pool-wait-p99", wait),
    ];
    let mut add = |measure, span: Option<SimDuration>| rows.extend(span.map(|span| Row::span(&name, measure, span)));
    let before = reader.earlier().iter().map(|second| second.dependencies[id.index()].pool_usage_p99);
    let target = reader.system().dependencies[id].target;
    let answers = reader.last(NOW).iter().map(|second| second.services[target.index()].flow.p99);
    add("pool-held-p99", typical(seconds().map(|second| second.pool_usage_p99)));
    add("pool-held-p99-before", typical(before));
    add("answer-p99", typical(answers));
    rows
}
