//! Sums of the flows of several seconds, from which rates, ratios and latencies are derived.

use crate::model::ErrorKind;
use crate::units::SimDuration;

use super::record::FlowSecond;

/// The flow of some seconds, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FlowSum {
    seconds: u32,
    offered: u32,
    attempts: u32,
    retries: u32,
    succeeded: u32,
    errors: [u32; ErrorKind::COUNT],
    /// Summed latencies of what succeeded, in nanoseconds.
    latency: u128,
    p99: SimDuration,
}

impl FlowSum {
    pub(super) fn of<'a>(flows: impl Iterator<Item = &'a FlowSecond>) -> Self {
        let mut sum = Self::default();
        for flow in flows {
            sum.seconds += 1;
            sum.offered += flow.offered;
            sum.attempts += flow.attempts;
            sum.retries += flow.retries;
            sum.succeeded += flow.succeeded;
            for (total, more) in sum.errors.iter_mut().zip(flow.errors) {
                *total += more;
            }
            sum.latency += u128::from(flow.mean.as_nanos()) * u128::from(flow.succeeded);
            sum.p99 = sum.p99.max(flow.p99);
        }
        sum
    }

    /// What came.
    pub(super) const fn offered(&self) -> u32 {
        self.offered
    }

    /// The retries among the attempts.
    pub(super) const fn retries(&self) -> u32 {
        self.retries
    }

    /// What ended badly, by kind.
    pub(super) const fn errors(&self) -> [u32; ErrorKind::COUNT] {
        self.errors
    }

    /// What ended, well or badly.
    pub(super) fn ended(&self) -> u32 {
        self.succeeded + self.errors.iter().sum::<u32>()
    }

    /// What came, a second.
    pub(super) fn request_rate(&self) -> f64 {
        self.per_second(self.offered)
    }

    /// What ended well, a second.
    pub(super) fn goodput(&self) -> f64 {
        self.per_second(self.succeeded)
    }

    /// The share of what ended that ended badly; `None` when nothing ended.
    pub(super) fn error_ratio(&self) -> Option<f64> {
        let failed: u32 = self.errors.iter().sum();
        let finished = failed + self.succeeded;
        (finished > 0).then(|| f64::from(failed) / f64::from(finished))
    }

    /// The most frequent error, and how many there were.
    pub(super) fn top_error(&self) -> Option<(ErrorKind, u32)> {
        let kinds = ErrorKind::ALL.into_iter().zip(self.errors).filter(|(_, count)| *count > 0);
        kinds.max_by_key(|(kind, count)| (*count, std::cmp::Reverse(*kind)))
    }

    /// The mean latency of what ended well; `None` when nothing did.
    pub(super) fn mean_latency(&self) -> Option<SimDuration> {
        let mean = self.latency.checked_div(u128::from(self.succeeded))?;
        Some(SimDuration::from_nanos(mean as u64))
    }

    /// The highest 99th percentile of any second; `None` when nothing ended well.
    pub(super) fn p99_latency(&self) -> Option<SimDuration> {
        (self.succeeded > 0).then_some(self.p99)
    }

    /// Attempts for each request; 1 when there were none.
    pub(super) fn amplification(&self) -> f64 {
        if self.offered == 0 { 1.0 } else { f64::from(self.attempts) / f64::from(self.offered) }
    }

    fn per_second(&self, count: u32) -> f64 {
        if self.seconds == 0 { 0.0 } else { f64::from(count) / f64::from(self.seconds) }
    }
}
