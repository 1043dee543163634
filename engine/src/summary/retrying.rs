//! Retries between services: dependencies through which callers try markedly more often than they are asked to.
//!
//! The chart and the requests count the clients' retries only; those of services show here.

use crate::ids::Id;
use crate::model::DependencySpec;
use crate::observe::Recording;
use crate::simulation::Simulation;

use super::peaks::{self, Peak};

/// Attempts for each call up to which a dependency does not stand out.
const FEW: f64 = 1.05;

/// A dependency of a service whose calls are tried more than once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retrying {
    /// Its name.
    pub(super) dependency: String,
    /// Attempts for each call, over the whole run.
    pub(super) mean: f64,
    /// Attempts for each new call over the ten seconds in which they were most; `None` for a run shorter than that.
    pub(super) peak: Option<Peak>,
}

/// Those of a run, in the order of the scenario.
pub(super) fn retrying(simulation: &Simulation) -> Vec<Retrying> {
    let recording = simulation.recording();
    let own = simulation.scenario().system.dependencies.enumerate().filter(|(_, spec)| spec.caller.is_some());
    let entry = |(id, spec): (Id<DependencySpec>, &DependencySpec)| {
        let mean = recording.totals.dependencies[id.index()].amplification();
        let peak = peak(recording, id.index());
        (mean > FEW).then(|| Retrying { dependency: spec.name.clone(), mean, peak })
    };
    own.filter_map(entry).collect()
}

fn peak(recording: &Recording, dependency: usize) -> Option<Peak> {
    let seconds = &recording.seconds;
    peaks::highest(0..seconds.len(), seconds.len(), |range| {
        let flows = || seconds[range.clone()].iter().map(|second| &second.dependencies[dependency].flow);
        let calls: u32 = flows().map(|flow| flow.offered).sum();
        let attempts: u32 = flows().map(|flow| flow.attempts).sum();
        // Fewer calls than seconds are too few for a ratio.
        (calls as usize >= peaks::SPAN).then(|| f64::from(attempts) / f64::from(calls))
    })
}
