//! When a policy believes that a service is sick: errors or latency out of line for long enough.

use crate::observe::{Observation, ServiceView};
use crate::units::SimDuration;

/// The share of errors above which a service is sick.
const ERROR_RATIO: f64 = 0.05;
/// The multiple of its usual latency above which a service is sick.
const LATENCY_FACTOR: f64 = 5.0;
/// A latency below this is never a reason.
const LATENCY_FLOOR: SimDuration = SimDuration::from_millis(500);
/// For how many scrapes in a row it must be out of line: an alert's `for`.
const SCRAPES: u32 = 2;
/// How many scrapes make up what is usual.
const BASELINE: usize = 8;

/// Watches every service.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    services: Vec<Watch>,
}

#[derive(Clone, Debug, Default)]
struct Watch {
    /// The 99th percentiles of the first scrapes.
    usual: Vec<SimDuration>,
    /// For how many scrapes in a row it has been out of line.
    out_of_line: u32,
}

impl Alarm {
    /// Takes in one more scrape.
    pub(super) fn observe(&mut self, observation: &Observation) {
        self.services.resize_with(observation.services.len(), Watch::default);
        for (watch, view) in self.services.iter_mut().zip(&observation.services) {
            watch.observe(view);
        }
    }

    /// Whether the service (dense index) is sick.
    pub(super) fn is_sick(&self, service: usize) -> bool {
        self.services[service].out_of_line >= SCRAPES
    }
}

impl Watch {
    fn observe(&mut self, view: &ServiceView) {
        let errors = view.error_ratio.is_some_and(|ratio| ratio > ERROR_RATIO);
        let slow = view.p99_latency.is_some_and(|p99| p99 > self.limit());
        // Silence counts as sickness where there used to be answers.
        let silent = view.error_ratio.is_none() && !self.usual.is_empty() && view.request_rate > 0.0;
        self.out_of_line = if errors || slow || silent { self.out_of_line + 1 } else { 0 };
        if let Some(p99) = view.p99_latency
            && self.usual.len() < BASELINE
        {
            self.usual.push(p99);
        }
    }

    /// The latency above which it is out of line; none until it is known what is usual.
    fn limit(&self) -> SimDuration {
        let mut usual = self.usual.clone();
        usual.sort_unstable();
        let median = if usual.len() < BASELINE { return SimDuration::MAX } else { usual[BASELINE / 2] };
        median.mul_f64(LATENCY_FACTOR).max(LATENCY_FLOOR)
    }
}
