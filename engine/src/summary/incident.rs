//! When a run was bad, and for how long.
//!
//! A request is bad when it failed, was never sent, or took longer than promised, counted when that is certain: the same
//! requests that make the impact. A window of ten seconds is bad when more than 1 % of the requests that ended in it were, or
//! when none ended and some are overdue. Bad windows whose bad seconds are less than a minute apart make one stretch, which
//! lasts from its first to its last second with a bad or overdue request. Fewer than five bad requests are chance, no stretch.

use std::ops::Range;

use serde::Serialize;

use super::changes::{Change, ChangeKind};
use super::curves::Curves;
use super::peaks::SPAN;

/// The share of bad requests above which a window is bad.
const THRESHOLD: f64 = 0.01;
/// Bad seconds that are less than this far apart belong to one stretch.
const APART: usize = 60;
/// Fewer bad requests than this are chance.
const CHANCE: f64 = 5.0;

/// An order up to so many seconds before the beginning belongs to it: somebody saw it coming, in latencies for instance.
const FORESIGHT: f64 = 300.0;

/// When a run was bad, as a whole. Times are in seconds from the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct IncidentSummary {
    /// The share of bad requests above which a window is bad.
    pub threshold: f64,
    /// The length of a window in seconds.
    pub window_seconds: f64,
    /// When the first bad stretch began; `None` without one.
    pub begin_seconds: Option<f64>,
    /// When the last bad stretch ended; `None` without one, and where it goes on at the end of the run.
    pub end_seconds: Option<f64>,
    /// Whether the last ten seconds of the run were bad.
    pub ongoing: bool,
    /// How long all bad stretches were together.
    pub total_seconds: f64,
    /// How long the longest was.
    pub longest_seconds: f64,
    /// From the beginning to the first order given then or later, or at most five minutes before, which is negative; `None`
    /// without one.
    pub first_order_after_seconds: Option<f64>,
    /// From that order to the end of the last bad stretch; `None` where there is no such order before an end.
    pub recovered_after_seconds: Option<f64>,
    /// The bad stretches in time order.
    pub stretches: Vec<BadStretch>,
}

/// A stretch in which more requests than usual were bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BadStretch {
    /// Its first bad second, from the start of the run.
    pub begin_seconds: f64,
    /// The end of its last bad second; that of the run where it goes on then.
    pub end_seconds: f64,
}

impl BadStretch {
    /// How long it was.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.end_seconds - self.begin_seconds
    }
}

impl IncidentSummary {
    /// What the curves show, with the orders among the changes.
    pub(super) fn of(curves: &Curves, changes: &[Change]) -> Self {
        let mut ranges = stretches(curves);
        let ongoing = goes_on(curves, ranges.last());
        if let (true, Some(last)) = (ongoing, ranges.last_mut()) {
            last.end = curves.seconds();
        }
        let stretches: Vec<BadStretch> = ranges.iter().map(BadStretch::of).collect();
        let begin = stretches.first().map(|stretch| stretch.begin_seconds);
        let end = stretches.last().map(|stretch| stretch.end_seconds).filter(|_| !ongoing);
        let orders = changes.iter().filter(|change| change.kind == ChangeKind::Order).map(|change| change.at_seconds);
        let first = begin.and_then(|begin| orders.into_iter().find(|at| *at >= begin - FORESIGHT));
        let recovered = first.zip(end).map(|(order, end)| end - order);
        Self {
            threshold: THRESHOLD,
            window_seconds: SPAN as f64,
            begin_seconds: begin,
            end_seconds: end,
            ongoing,
            total_seconds: stretches.iter().map(BadStretch::seconds).sum::<f64>() + 0.0,
            longest_seconds: stretches.iter().map(BadStretch::seconds).fold(0.0, f64::max),
            first_order_after_seconds: first.zip(begin).map(|(order, begin)| order - begin),
            recovered_after_seconds: recovered.filter(|after| *after >= 0.0),
            stretches,
        }
    }

    /// Whether a second lies in a bad stretch.
    pub(super) fn covers(&self, second: usize) -> bool {
        let second = second as f64;
        self.stretches.iter().any(|stretch| (stretch.begin_seconds..stretch.end_seconds).contains(&second))
    }
}

impl BadStretch {
    fn of(range: &Range<usize>) -> Self {
        Self { begin_seconds: range.start as f64, end_seconds: range.end as f64 }
    }
}

/// Whether the last ten seconds are bad, and belong to the last stretch.
fn goes_on(curves: &Curves, last: Option<&Range<usize>>) -> bool {
    let bad = windows(curves).last().is_some_and(|window| is_bad(curves, window));
    bad && last.is_some_and(|range| range.end + SPAN > curves.seconds())
}

/// Every ten seconds in a row; those of a shorter run as far as they go.
fn windows(curves: &Curves) -> impl Iterator<Item = Range<usize>> {
    let seconds = curves.seconds();
    let last = if seconds == 0 { 0 } else { seconds.saturating_sub(SPAN) + 1 };
    (0..last).map(move |start| start..(start + SPAN).min(seconds))
}

fn is_bad(curves: &Curves, window: Range<usize>) -> bool {
    let sum = |values: &[f64]| values[window.clone()].iter().sum::<f64>();
    let (bad, ended) = (sum(&curves.bad), sum(&curves.ended));
    // What is overdue is bad before it has ended.
    bad > THRESHOLD * ended.max(bad) || ended == 0.0 && sum(&curves.overdue) > 0.0
}

fn stretches(curves: &Curves) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for window in windows(curves).filter(|window| is_bad(curves, window.clone())) {
        let hurts = |second: &usize| curves.bad[*second] > 0.0 || curves.overdue[*second] > 0.0;
        let (Some(first), Some(last)) = (window.clone().find(hurts), window.rev().find(hurts)) else { continue };
        match found.last_mut() {
            Some(stretch) if first < stretch.end + APART => stretch.end = stretch.end.max(last + 1),
            _ => found.push(first..last + 1),
        }
    }
    let enough = |range: &Range<usize>| {
        let bad: f64 = curves.bad[range.clone()].iter().sum();
        bad >= CHANCE
    };
    found.retain(enough);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten requests a second for half an hour, of which so many are bad.
    fn curves(bad: impl Fn(usize) -> f64) -> Curves {
        Curves {
            offered: vec![10.0; 1_800],
            ended: vec![10.0; 1_800],
            bad: (0..1_800).map(bad).collect(),
            overdue: vec![0.0; 1_800],
            ..Curves::default()
        }
    }

    fn of(bad: impl Fn(usize) -> f64, orders: &[f64]) -> IncidentSummary {
        let orders: Vec<_> = orders.iter().map(|at| Change::example(*at, ChangeKind::Order, "order")).collect();
        IncidentSummary::of(&curves(bad), &orders)
    }

    fn within(range: Range<usize>) -> impl Fn(usize) -> f64 {
        move |second| if range.contains(&second) { 3.0 } else { 0.0 }
    }

    #[test]
    fn it_begins_and_ends_with_bad_requests_and_is_measured_from_the_first_order_in_it() {
        let found = of(within(600..720), &[299.0, 630.0, 700.0]);
        assert_eq!((found.begin_seconds, found.end_seconds, found.ongoing), (Some(600.0), Some(720.0), false));
        assert_eq!((found.total_seconds, found.longest_seconds), (120.0, 120.0));
        assert_eq!((found.first_order_after_seconds, found.recovered_after_seconds), (Some(30.0), Some(90.0)));
    }

    #[test]
    fn who_saw_it_coming_was_early() {
        let found = of(within(600..720), &[590.0, 630.0]);
        assert_eq!((found.first_order_after_seconds, found.recovered_after_seconds), (Some(-10.0), Some(130.0)));
    }

    #[test]
    fn more_than_one_in_a_hundred_is_bad_and_one_is_not() {
        // Ten seconds have a hundred requests: one bad in each ten is 1 %, one in each five is 2 %.
        assert_eq!(of(|second| f64::from(second % 10 == 0), &[]).stretches, []);
        assert_eq!(of(|second| f64::from(second % 5 == 0), &[]).stretches.len(), 1);
    }

    #[test]
    fn a_handful_is_chance() {
        assert_eq!(of(|second| if second == 700 { 4.0 } else { 0.0 }, &[]).begin_seconds, None);
        assert_eq!(of(|second| if second == 700 { 5.0 } else { 0.0 }, &[]).begin_seconds, Some(700.0));
    }

    #[test]
    fn a_minute_of_peace_parts_two_stretches() {
        let two = |pause: usize| of(move |second| within(600..700)(second) + within(700 + pause..900)(second), &[]);
        assert_eq!(two(59).stretches.len(), 1);
        let found = two(60);
        assert_eq!((found.stretches.len(), found.total_seconds, found.longest_seconds), (2, 240.0, 140.0));
        assert_eq!((found.begin_seconds, found.end_seconds), (Some(600.0), Some(900.0)));
    }

    #[test]
    fn what_goes_on_has_no_end() {
        let found = of(within(1_000..1_800), &[1_100.0]);
        assert_eq!((found.ongoing, found.end_seconds, found.recovered_after_seconds), (true, None, None));
        assert_eq!((found.total_seconds, found.first_order_after_seconds), (800.0, Some(100.0)));
    }

    #[test]
    fn silence_is_bad_while_somebody_waits_longer_than_promised() {
        let hung = |second: usize| (600..900).contains(&second);
        let overdue = (0..1_800).map(|second| if hung(second) { 8.0 } else { 0.0 }).collect();
        let ended = (0..1_800).map(|second| if hung(second) { 0.0 } else { 10.0 }).collect();
        let bad = (0..1_800).map(|second| if second == 600 { 8.0 } else { 0.0 }).collect();
        let found = IncidentSummary::of(&Curves { ended, bad, overdue, ..curves(|_| 0.0) }, &[]);
        assert_eq!(found.stretches, [BadStretch { begin_seconds: 600.0, end_seconds: 900.0 }]);
    }

    #[test]
    fn a_run_shorter_than_a_window_is_one() {
        let short = Curves {
            offered: vec![9.0; 3],
            ended: vec![9.0; 3],
            bad: vec![9.0; 3],
            overdue: vec![0.0; 3],
            ..Curves::default()
        };
        assert_eq!(IncidentSummary::of(&short, &[]).total_seconds, 3.0);
        assert_eq!(IncidentSummary::of(&Curves::default(), &[]).stretches, []);
    }
}
