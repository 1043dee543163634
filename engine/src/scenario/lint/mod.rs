//! Warnings: settings that are allowed, and that go wrong in production.
//!
//! Each is a misconfiguration known from the field. A scenario may want it on purpose; the warning says what it will do.
//! All of them compare numbers that the author wrote; none simulates anything.

mod capacity;
mod hanging;
mod overload;
mod retries;
mod stack;

use crate::ids::{Id, Table};
use crate::model::{DependencySpec, Layer, RetrySpec, ServiceSpec, SystemSpec};
use crate::text::{Diagnostic, Diagnostics, Span};
use crate::units::SimDuration;

use super::resolve::Resolved;

/// Reports every misconfiguration that is known here.
pub(super) fn lint(resolved: &Resolved, diagnostics: &mut Diagnostics) {
    let mut linter = Linter { resolved, system: &resolved.scenario.system, diagnostics };
    for id in linter.system.dependencies.ids() {
        linter.stack(id);
        linter.retries(id);
        linter.lost_for_ever(id);
    }
    linter.layered_retries();
    linter.overloads();
    for id in linter.system.services.ids() {
        linter.connections(id);
        linter.queue(id);
        linter.calls_itself(id);
    }
}

struct Linter<'a> {
    resolved: &'a Resolved,
    system: &'a SystemSpec,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Linter<'a> {
    fn warn(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(code, span, message).help(help));
    }

    fn dependencies(&self) -> &'a Table<DependencySpec> {
        &self.system.dependencies
    }

    /// Where a layer stands.
    fn layer_place(&self, id: Id<DependencySpec>, layer: usize) -> Span {
        self.resolved.places[id.index()].layers.get(layer).cloned().unwrap_or(0..0)
    }

    /// The number of callers of a dependency that have their own pool, breaker and so on.
    fn callers(&self, dependency: &DependencySpec) -> u32 {
        dependency.caller.map_or(1, |caller| self.system.services[caller].instances)
    }

    /// The least patient dependency on a service, with its patience: its shortest time limit.
    fn least_patience(&self, service: Id<ServiceSpec>) -> Option<(&'a DependencySpec, SimDuration)> {
        let callers = self.dependencies().iter().filter(|dependency| dependency.target == service);
        let limited = callers.filter_map(|dependency| Some((dependency, shortest_limit(&dependency.layers)?)));
        limited.min_by_key(|(_, limit)| *limit)
    }
}

/// The shortest time limit among layers: when whoever made the call, or its attempt, gives up.
fn shortest_limit(layers: &[Layer]) -> Option<SimDuration> {
    layers.iter().filter_map(limit).min()
}

/// The limit of a layer that limits time.
fn limit(layer: &Layer) -> Option<SimDuration> {
    match layer {
        Layer::Deadline(limit) | Layer::Timeout(limit) => Some(*limit),
        _ => None,
    }
}

/// A computed span as a message gives it: three digits, or whole seconds from a minute and whole minutes from an hour.
fn about(span: SimDuration) -> SimDuration {
    const HOUR: u64 = 3_600_000_000_000;
    let nanos = span.as_nanos();
    let step = match nanos {
        0 => 1,
        HOUR.. => SimDuration::MINUTE.as_nanos(),
        nanos if nanos >= SimDuration::MINUTE.as_nanos() => SimDuration::SECOND.as_nanos(),
        nanos => 10_u64.pow(nanos.ilog10().saturating_sub(2)),
    };
    SimDuration::from_nanos(nanos.saturating_add(step / 2) / step * step)
}

/// The retries of a dependency that makes any, with the position of the layer.
fn retrying(dependency: &DependencySpec) -> Option<(usize, &RetrySpec)> {
    dependency.layers.iter().enumerate().find_map(|(at, layer)| match layer {
        Layer::Retry(retry) if retry.max_attempts > 1 => Some((at, retry)),
        _ => None,
    })
}
