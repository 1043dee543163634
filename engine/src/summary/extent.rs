//! Which stretch of a run its chart shows: the one in which something happened.
//!
//! It reaches from a little before the first change, bad stretch or peak to a little after the last of them, and ends at whole
//! ticks of the time axis. A run without a bad stretch, or one that is eventful for most of its time, is shown whole.

use std::ops::Range;

use super::changes::{Change, ChangeKind};
use super::curves::Curves;
use super::incident::IncidentSummary;
use super::peaks;

/// The least that is shown before and after, in seconds.
const MARGIN: usize = 60;
/// A stretch that takes more than this share of the run is not worth leaving the rest out.
const MOST: f64 = 2.0 / 3.0;

/// The seconds that the chart shows, at least one where there is one.
pub(super) fn extent(curves: &Curves, changes: &[Change], incident: &IncidentSummary, columns: usize) -> Range<usize> {
    let whole = 0..curves.seconds();
    let Some(eventful) = eventful(curves, changes, incident) else { return whole };
    let margin = (eventful.len() / 4).max(MARGIN);
    let wider = eventful.start.saturating_sub(margin)..eventful.end + margin;
    let shown = on_ticks(wider, columns, whole.end);
    if shown.len() as f64 <= MOST * whole.end as f64 { shown } else { whole }
}

/// The seconds between two ticks, so that their labels stay apart.
pub(super) fn tick_step(seconds: usize, columns: usize) -> usize {
    const STEPS: [usize; 15] = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
    const APART: usize = 9;
    let least = (seconds * APART).div_ceil(columns);
    STEPS.into_iter().find(|step| *step >= least).unwrap_or(86_400)
}

/// From the first to the last moment at which something happened; `None` where nothing went wrong.
fn eventful(curves: &Curves, changes: &[Change], incident: &IncidentSummary) -> Option<Range<usize>> {
    let (first, last) = (incident.stretches.first()?, incident.stretches.last()?);
    let mut range = first.begin_seconds as usize..last.end_seconds as usize;
    let mattered = changes.iter().filter(|change| change.kind != ChangeKind::Unfinished && !change.idle);
    let moments = mattered.map(|change| change.at_seconds as usize).map(|second| second..second + 1);
    let peak = peaks::most_attempts(curves, incident).map(|peak| peak.second..peak.second + peaks::SPAN);
    for moment in moments.chain(peak) {
        range = range.start.min(moment.start)..range.end.max(moment.end);
    }
    Some(range.start..range.end.min(curves.seconds()))
}

/// The same up to the next whole ticks, within the run.
fn on_ticks(range: Range<usize>, columns: usize, seconds: usize) -> Range<usize> {
    let mut step = tick_step(range.len(), columns);
    loop {
        let rounded = range.start / step * step..(range.end.div_ceil(step) * step).min(seconds);
        let needed = tick_step(rounded.len(), columns);
        if needed <= step {
            return rounded;
        }
        step = needed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour at 20 a second in which nearly all fail from 20:10 to 22:40.
    fn hour(bad: impl Fn(usize) -> bool) -> Curves {
        let each = |of: fn(bool) -> f64| (0..3_600).map(|second| of(bad(second))).collect::<Vec<f64>>();
        Curves {
            offered: vec![20.0; 3_600],
            attempts: vec![20.0; 3_600],
            ended: vec![20.0; 3_600],
            bad: each(|bad| if bad { 19.0 } else { 0.0 }),
            overdue: vec![0.0; 3_600],
            ..Curves::default()
        }
    }

    fn shown(curves: &Curves, changes: &[Change]) -> Range<usize> {
        extent(curves, changes, &IncidentSummary::of(curves, changes), 70)
    }

    fn at(seconds: f64) -> Change {
        Change::example(seconds, ChangeKind::Deploy, "deploy shop v2")
    }

    #[test]
    fn a_short_incident_is_shown_from_a_little_before_its_cause_to_a_little_after_its_end() {
        let curves = hour(|second| (1_210..1_360).contains(&second));
        // 150 s and a minute at both ends are 270 s, for which ticks are 60 s apart.
        assert_eq!(shown(&curves, &[]), 1_140..1_440);
        // From 19:00 on: 220 s, and a minute each.
        assert_eq!(shown(&curves, &[at(1_140.0)]), 1_080..1_440);
    }

    #[test]
    fn a_relapse_or_a_later_change_extends_it() {
        let relapse = hour(|second| (1_210..1_360).contains(&second) || (1_900..1_920).contains(&second));
        let found = shown(&relapse, &[]);
        assert!(found.contains(&1_919) && found.len() < 1_800, "{found:?}");
        let found = shown(&hour(|second| (1_210..1_360).contains(&second)), &[at(2_000.0)]);
        assert!(found.contains(&2_000), "{found:?}");
    }

    #[test]
    fn what_nothing_has_met_and_what_never_ended_do_not() {
        let curves = hour(|second| (1_210..1_360).contains(&second));
        let idle = Change { idle: true, ..Change::example(0.0, ChangeKind::Fault, "fault") };
        let unfinished = Change::example(3_600.0, ChangeKind::Unfinished, "hotfix");
        assert_eq!(shown(&curves, &[idle, unfinished]), 1_140..1_440);
    }

    #[test]
    fn a_quiet_or_an_eventful_run_is_shown_whole() {
        assert_eq!(shown(&hour(|_| false), &[at(600.0)]), 0..3_600);
        assert_eq!(shown(&hour(|second| second >= 1_000), &[]), 0..3_600);
        assert_eq!(shown(&Curves::default(), &[]), 0..0);
    }
}
