//! The slow-query log of a data service: its endpoints, the slowest first.

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::observe::signal::{Subject, Unit};

use super::reader::{RECENT, Reader};
use super::row::Row;

pub(super) fn rows(reader: &Reader<'_>, service: Id<ServiceSpec>) -> Vec<Row> {
    let endpoints = &reader.system().services[service].endpoints;
    let mut sums: Vec<_> = endpoints.iter().map(|id| (*id, reader.of_endpoint(*id, RECENT))).collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.p99_latency()));
    let mut rows = Vec::new();
    for (id, sum) in sums {
        let name = reader.name(Subject::Endpoint(id));
        let (Some(p99), Some(mean)) = (sum.p99_latency(), sum.mean_latency()) else { continue };
        rows.push(Row::span(&name, "p99-latency", p99));
        rows.push(Row::span(&name, "mean-latency", mean));
        rows.push(Row::new(&name, "request-rate", sum.request_rate(), Unit::Rate));
    }
    rows
}
