//! The debrief: intervals hold what they promise, and small worlds come out as arithmetic says.

mod arithmetic;
mod coverage;
mod forks;
mod known;

use brownout::debrief::{Comparison, ComparisonSpec, Job};
use brownout::rng::{Distribution, Key};

/// Runs a comparison with made-up losses to its end.
fn compared(spec: &ComparisonSpec, mut loss: impl FnMut(&Job) -> f64) -> Comparison {
    let mut comparison = Comparison::new(spec.clone()).expect("it makes sense");
    loop {
        let jobs = comparison.next_round();
        if jobs.is_empty() {
            return comparison;
        }
        comparison.fold(&jobs.iter().map(&mut loss).collect::<Vec<f64>>());
    }
}

/// What a luck adds to the losses of every option in a world, and of one option there.
struct Noise {
    law: Distribution,
    common: f64,
    own: f64,
}

impl Noise {
    /// Mean 0, in the unit of losses.
    fn of(&self, repetition: u64, job: &Job) -> f64 {
        let draw = |purpose: &str, number: u64| {
            let site = (job.luck() << 8) + number;
            let mean = self.law.mean();
            self.law.sample(&mut Key::named(repetition, 0, purpose, job.world as u32).rng(site)) - mean
        };
        self.common * draw("common", 0) + self.own * draw("own", 1 + job.option as u64)
    }
}
