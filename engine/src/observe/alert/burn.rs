//! Multi-window, multi-burn-rate conditions (Google, The Site Reliability Workbook, 2018, ch. 5, "Alerting on SLOs").
//!
//! A burn rate of 1 spends exactly the error budget in the objective's window. Each condition asks for the same rate over a long
//! window, so that a short outage that hardly costs anything raises no alert, and over a short one, so that the alert ends soon
//! after the trouble.
//!
//! What was before the start of a run is taken as healthy, with the traffic seen since: otherwise a window of an hour would be one
//! of a minute in the first minute, and page for a handful of errors. That is an assumption.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::observe::record::{PopulationSecond, Recording};
use crate::traffic::PopulationSpec;
use crate::units::{SimDuration, SimTime};

use super::rule::Reading;

/// The error budget of a population burns too fast by one of several measures.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnRule {
    /// The population.
    pub population: Id<PopulationSpec>,
    /// The share of requests that may be bad, above 0.
    pub allowed: f64,
    /// The measures, one of which is enough.
    pub windows: Vec<BurnWindow>,
}

/// A burn rate that must be exceeded over a long and over a short window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BurnWindow {
    /// The burn rate.
    pub rate: f64,
    /// The long window.
    pub long: SimDuration,
    /// The short window.
    pub short: SimDuration,
}

impl BurnWindow {
    /// What the workbook recommends for pages: 2 % of a 30-day budget in an hour, or 5 % in six hours.
    pub const PAGES: [Self; 2] = [Self::new(14.4, 3_600, 300), Self::new(6.0, 6 * 3_600, 30 * 60)];
    /// What it recommends for tickets: 10 % of a 30-day budget in three days.
    pub const TICKETS: [Self; 1] = [Self::new(1.0, 3 * 86_400, 6 * 3_600)];

    const fn new(rate: f64, long: u64, short: u64) -> Self {
        Self { rate, long: SimDuration::from_secs(long), short: SimDuration::from_secs(short) }
    }
}

/// The sums over the windows of a rule, kept from look to look so that a window of days costs no more than one of minutes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BurnSums {
    /// By measure: over the long and over the short window.
    sums: Vec<(Sum, Sum)>,
}

/// The bad and the finished requests of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    /// The first second that is in it.
    from: u64,
    /// The first second that is not in it any more.
    to: u64,
    bad: u64,
    finished: u64,
}

impl BurnSums {
    pub(super) fn look(&mut self, rule: &BurnRule, recording: &Recording, scraped: SimTime) -> Reading {
        self.sums.resize(rule.windows.len(), (Sum::default(), Sum::default()));
        let mut highest: Option<f64> = None;
        let mut holds = false;
        for ((long, short), window) in self.sums.iter_mut().zip(&rule.windows) {
            long.slide(rule.population, recording, scraped, window.long);
            short.slide(rule.population, recording, scraped, window.short);
            let (Some(long), Some(short)) =
                (long.burn_rate(rule.allowed, window.long), short.burn_rate(rule.allowed, window.short))
            else {
                continue;
            };
            let both = long.min(short);
            holds |= both > window.rate;
            highest = Some(highest.map_or(both, |highest| highest.max(both)));
        }
        Reading { value: highest, holds }
    }
}

impl Sum {
    /// Moves the window to where it ends with the second that ends at `end`.
    fn slide(&mut self, population: Id<PopulationSpec>, recording: &Recording, end: SimTime, length: SimDuration) {
        let second = |at: u64| -> Option<&PopulationSecond> {
            recording.seconds.get(at as usize).and_then(|second| second.populations.get(population.index()))
        };
        let to = end.whole_secs().min(recording.seconds.len() as u64);
        while self.to < to {
            if let Some(one) = second(self.to) {
                self.bad += u64::from(one.bad);
                self.finished += u64::from(one.finished);
            }
            self.to += 1;
        }
        let from = self.to.saturating_sub(seconds(length));
        while self.from < from {
            if let Some(one) = second(self.from) {
                self.bad -= u64::from(one.bad);
                self.finished -= u64::from(one.finished);
            }
            self.from += 1;
        }
    }

    /// `None` when nothing was finished.
    fn burn_rate(&self, allowed: f64, length: SimDuration) -> Option<f64> {
        let seen = self.to - self.from;
        if self.finished == 0 {
            return None;
        }
        let before_the_start = seconds(length) as f64 / seen as f64;
        Some(self.bad as f64 / (self.finished as f64 * before_the_start * allowed))
    }
}

fn seconds(length: SimDuration) -> u64 {
    length.as_nanos() / SimDuration::SECOND.as_nanos()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::record::Second;

    /// So many good and bad requests in each second.
    fn recording(seconds: &[(u32, u32)]) -> Recording {
        let second = |&(good, bad): &(u32, u32)| {
            let population = PopulationSecond { finished: good + bad, bad, ..Default::default() };
            Arc::new(Second { populations: vec![population], ..Default::default() })
        };
        let mut recording = Recording::new(0, 0, 0, 1);
        recording.seconds = seconds.iter().map(second).collect();
        recording
    }

    fn rule(rate: f64, long: u64, short: u64) -> BurnRule {
        let windows = vec![BurnWindow::new(rate, long, short)];
        BurnRule { population: Id::new(0), allowed: 0.01, windows }
    }

    #[test]
    fn rates_are_those_computed_by_hand() {
        // Ten minutes of 100 a second, then a minute in which a tenth is bad.
        let seconds: Vec<(u32, u32)> = (0..660).map(|at| if at < 600 { (100, 0) } else { (90, 10) }).collect();
        let recording = recording(&seconds);
        let mut sums = BurnSums::default();
        let look = |sums: &mut BurnSums, at: u64| sums.look(&rule(2.0, 300, 60), &recording, SimTime::from_secs(at));
        assert_eq!(look(&mut sums, 600), Reading { value: Some(0.0), holds: false });
        // 300 bad of 30,000 in five minutes are the one in a hundred that may be bad; 300 of 6,000 in a minute are five times it.
        let half = look(&mut sums, 630);
        assert!((half.value.unwrap() - 1.0).abs() < 1e-12 && !half.holds, "{half:?}");
        // 600 of 30,000 are twice what is allowed: not above it yet.
        let exactly = look(&mut sums, 660);
        assert!((exactly.value.unwrap() - 2.0).abs() < 1e-12 && !exactly.holds, "{exactly:?}");
        let mut fresh = BurnSums::default();
        assert_eq!(look(&mut fresh, 660), exactly, "sums that slid are sums from nothing");
    }

    #[test]
    fn the_short_window_ends_it_and_the_long_one_delays_it() {
        let seconds: Vec<(u32, u32)> =
            (0..1_200).map(|at| if (600..720).contains(&at) { (0, 10) } else { (10, 0) }).collect();
        let recording = recording(&seconds);
        let rule = rule(10.0, 600, 60);
        let mut sums = BurnSums::default();
        let fires: Vec<u64> = (1..=80)
            .map(|look| look * 15)
            .filter(|at| sums.look(&rule, &recording, SimTime::from_secs(*at)).holds)
            .collect();
        // A tenth of ten minutes, more than 60 bad seconds, is reached at 11:15. At 12:45 the last minute still has 15 bad seconds.
        assert_eq!((fires.first(), fires.last()), (Some(&675), Some(&765)));
    }

    #[test]
    fn what_was_before_the_start_was_healthy() {
        let recording = recording(&[(0, 10); 60]);
        let look = |long| BurnSums::default().look(&rule(10.0, long, 60), &recording, SimTime::from_secs(60)).value;
        // All of the minute is bad: a hundred times what is allowed, or a sixtieth of that over an hour.
        assert!((look(60).unwrap() - 100.0).abs() < 1e-9);
        assert!((look(3_600).unwrap() - 100.0 / 60.0).abs() < 1e-9);
    }

    #[test]
    fn without_traffic_there_is_nothing_to_burn() {
        let recording = recording(&[(0, 0); 120]);
        let reading = BurnSums::default().look(&rule(1.0, 120, 60), &recording, SimTime::from_secs(120));
        assert_eq!(reading, Reading::default());
        assert!(BurnWindow::PAGES.iter().chain(&BurnWindow::TICKETS).all(|window| window.short < window.long));
    }
}
