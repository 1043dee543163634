//! The highest moments of a run, each a mean over ten seconds: one lucky second is no peak, and a storm of half a minute is.

use std::ops::Range;

use super::curves::Curves;
use super::incident::IncidentSummary;

/// The seconds over which a peak is a mean.
pub(super) const SPAN: usize = 10;

/// A highest moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// The second at which its ten seconds begin.
    pub(super) second: usize,
    /// The mean over them.
    pub(super) value: f64,
}

/// The highest of the ten seconds that begin within a range, all of them recorded; `measure` may know nothing of some.
pub(super) fn highest(
    range: Range<usize>,
    seconds: usize,
    measure: impl Fn(Range<usize>) -> Option<f64>,
) -> Option<Peak> {
    let starts = range.start..range.end.min((seconds + 1).saturating_sub(SPAN));
    let known = starts.filter_map(|second| measure(second..second + SPAN).map(|value| Peak { second, value }));
    known.reduce(|best, one| if one.value > best.value { one } else { best })
}

/// The mean of counts.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The share of requests that failed of those that ended; `None` when none did.
pub(super) fn error_rate(curves: &Curves, range: Range<usize>) -> Option<f64> {
    let (good, bad) = (mean(&curves.goodput[range.clone()]), mean(&curves.failed[range]));
    (good + bad > 0.0).then(|| bad / (good + bad))
}

/// The mean of the seconds' 99th percentiles, where any are known.
pub(super) fn latency(curves: &Curves, range: Range<usize>) -> Option<f64> {
    let known: Vec<f64> = curves.p99_ms[range].iter().flatten().copied().collect();
    (!known.is_empty()).then(|| mean(&known))
}

/// The ten seconds in which clients sent most, where that stands out: half as much again as usual.
pub(super) fn most_attempts(curves: &Curves, incident: &IncidentSummary) -> Option<Peak> {
    let peak = highest(0..curves.seconds(), curves.seconds(), |range| Some(mean(&curves.attempts[range])))?;
    let usual = usual_attempts(curves, incident).unwrap_or_else(|| mean(&curves.attempts));
    (peak.value >= 1.5 * usual).then_some(peak)
}

/// What clients sent a second outside of bad stretches, the mean; `None` where there is no such second.
pub(super) fn usual_attempts(curves: &Curves, incident: &IncidentSummary) -> Option<f64> {
    let good = (0..curves.seconds()).filter(|second| !incident.covers(*second));
    let attempts: Vec<f64> = good.map(|second| curves.attempts[second]).collect();
    (!attempts.is_empty()).then(|| mean(&attempts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_the_highest_mean_of_ten_seconds_and_says_when() {
        let mut attempts = vec![20.0; 100];
        attempts[40..50].fill(80.0);
        attempts[7] = 500.0;
        let curves = Curves { offered: vec![20.0; 100], attempts, ..Curves::default() };
        let calm = IncidentSummary::default();
        // One second of 500 among nines of 20 is a mean of 68.
        assert_eq!(most_attempts(&curves, &calm), Some(Peak { second: 40, value: 80.0 }));
        let steady =
            |seconds| Curves { attempts: vec![20.0; seconds], offered: vec![20.0; seconds], ..Curves::default() };
        assert_eq!((most_attempts(&steady(9), &calm), most_attempts(&steady(100), &calm)), (None, None));
    }

    #[test]
    fn a_share_is_of_what_ended_and_unknown_where_nothing_did() {
        let curves = Curves { goodput: vec![0.0, 9.0, 0.0], failed: vec![0.0, 1.0, 2.0], ..Curves::default() };
        assert_eq!(error_rate(&curves, 0..1), None);
        assert_eq!(error_rate(&curves, 0..3), Some(0.25));
    }
}
