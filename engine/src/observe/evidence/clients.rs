//! The clients' own truth: what they met, counted from when each wanted something.

use crate::ids::Id;
use crate::observe::flow_sum::FlowSum;
use crate::observe::signal::{Subject, Unit};
use crate::traffic::PopulationSpec;

use super::errors;
use super::reader::{RECENT, Reader};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, id: Id<PopulationSpec>) -> Vec<Row> {
    let name = reader.name(Subject::Population(id));
    let seconds = || reader.last(RECENT).iter().map(|second| &second.populations[id.index()]);
    let Some(last) = seconds().next_back() else { return Vec::new() };
    let sum = FlowSum::of(seconds().map(|second| &second.flow));
    let never: u32 = seconds().map(|second| second.dropped).sum();
    let mut rows = vec![
        Row::new(&name, "request-rate", sum.request_rate(), Unit::Rate),
        Row::new(&name, "affected-users", last.affected_users, Unit::Number),
        Row::count(&name, "without-an-answer", last.in_flight),
        Row::count(&name, "never-sent", never),
        Row::new(&name, "amplification", sum.amplification(), Unit::Number),
    ];
    rows.extend(sum.mean_latency().map(|latency| Row::span(&name, "mean-latency", latency)));
    rows.extend(sum.p99_latency().map(|latency| Row::span(&name, "p99-latency", latency)));
    rows.extend(errors::of(&name, &sum));
    rows
}
