//! The measures per second that a person looks at first, all populations together.

use crate::observe::{Recording, Second};

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
    /// The 99th percentile of the latency, in milliseconds, of the population that is worst off; `None` in a second in which
    /// none ended well.
    pub p99_ms: Vec<Option<f64>>,
}

impl Curves {
    /// The curves of what has been recorded.
    #[must_use]
    pub fn of(recording: &Recording) -> Self {
        let mut curves = Self::default();
        recording.seconds.iter().for_each(|second| curves.push(second));
        curves
    }

    /// How many seconds there are.
    #[must_use]
    pub fn seconds(&self) -> usize {
        self.offered.len()
    }

    fn push(&mut self, second: &Second) {
        let flows = || second.populations.iter().map(|population| &population.flow);
        self.offered.push(flows().map(|flow| f64::from(flow.offered)).sum());
        self.attempts.push(flows().map(|flow| f64::from(flow.attempts)).sum());
        self.goodput.push(flows().map(|flow| f64::from(flow.succeeded)).sum());
        self.failed.push(flows().map(|flow| f64::from(flow.failed())).sum());
        let answered = flows().filter(|flow| flow.succeeded > 0);
        self.p99_ms.push(answered.map(|flow| flow.p99.as_millis_f64()).reduce(f64::max));
    }
}
