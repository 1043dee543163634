//! The measures per second that a person looks at first, all populations together.

use crate::observe::{FlowSecond, PopulationSecond, Second};
use crate::simulation::Simulation;

/// Curves of a run, one value for each whole second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Requests that came, a second.
    pub offered: Vec<f64>,
    /// Attempts that clients sent, retries included, a second.
    pub attempts: Vec<f64>,
    /// Requests that ended well, a second.
    pub goodput: Vec<f64>,
    /// Requests that ended badly, a second.
    pub failed: Vec<f64>,
    /// Requests that failed, were never sent, or took longer than promised, each in the second in which that was certain.
    pub bad: Vec<f64>,
    /// Requests that ended well or badly or were never sent, a second.
    pub ended: Vec<f64>,
    /// Requests without an answer at the end of the second that have taken longer than promised.
    pub overdue: Vec<f64>,
    /// Real requests that came, a second: each simulated one counts for as many as it represents.
    pub real_offered: Vec<f64>,
    /// Attempts for real requests, a second, likewise.
    pub real_attempts: Vec<f64>,
    /// The 99th percentile of the latency, in milliseconds, of the population that is worst off; `None` in a second in which
    /// none ended well.
    pub p99_ms: Vec<Option<f64>>,
}

impl Curves {
    /// The curves of what a simulation has recorded.
    #[must_use]
    pub fn of(simulation: &Simulation) -> Self {
        let mut curves = Self::default();
        let populations = &simulation.scenario().populations;
        let represents: Vec<f64> = populations.iter().map(|population| population.represents).collect();
        simulation.recording().seconds.iter().for_each(|second| curves.push(second, &represents));
        curves
    }

    /// How many seconds there are.
    #[must_use]
    pub fn seconds(&self) -> usize {
        self.offered.len()
    }

    fn push(&mut self, second: &Second, represents: &[f64]) {
        let flows = || second.populations.iter().map(|population| &population.flow);
        self.offered.push(flows().map(|flow| f64::from(flow.offered)).sum());
        self.attempts.push(flows().map(|flow| f64::from(flow.attempts)).sum());
        self.goodput.push(flows().map(|flow| f64::from(flow.succeeded)).sum());
        self.failed.push(flows().map(|flow| f64::from(flow.failed())).sum());
        let populations = || second.populations.iter();
        let ended = |one: &PopulationSecond| one.flow.succeeded + one.flow.failed() + one.dropped;
        self.bad.push(populations().map(|one| f64::from(one.bad)).sum());
        self.ended.push(populations().map(|one| f64::from(ended(one))).sum());
        self.overdue.push(populations().map(|one| f64::from(one.overdue)).sum());
        let real = |of: fn(&FlowSecond) -> u32| {
            populations().zip(represents).map(|(one, factor)| f64::from(of(&one.flow)) * factor).sum()
        };
        self.real_offered.push(real(|flow| flow.offered));
        self.real_attempts.push(real(|flow| flow.attempts));
        let answered = flows().filter(|flow| flow.succeeded > 0);
        self.p99_ms.push(answered.map(|flow| flow.p99.as_millis_f64()).reduce(f64::max));
    }
}
