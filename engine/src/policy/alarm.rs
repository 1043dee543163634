//! When a policy believes that a service is sick: errors, slowness or silence, for long enough and seen often enough.
//!
//! The rule is an alert with a `for`: out of line at two scrapes in a row. Two more things keep chance from raising it: what is
//! bad must be more than a handful of answers, and slowness is that of the mean, not of a percentile that in a quiet service
//! is one request. What nobody instruments raises nothing, and a reading that has been taken in is not taken in again. The floor of a second is where people lose their flow (Nielsen, Usability Engineering, 1993, 5.5).

use crate::observe::{Metric, Observation, ServiceView};
use crate::units::{SimDuration, SimTime};

/// The share of errors above which a service is out of line.
const ERROR_RATIO: f64 = 0.05;
/// The multiple of its usual mean latency above which a service is out of line.
const LATENCY_FACTOR: f64 = 3.0;
/// A mean latency below this is never a reason.
const LATENCY_FLOOR: SimDuration = SimDuration::from_secs(1);
/// For how many scrapes in a row it must be out of line: an alert's `for`.
const SCRAPES: u32 = 2;
/// How many bad answers it takes at least, all those scrapes together.
const ANSWERS: f64 = 5.0;
/// After how many scrapes in a row without any traffic what was wrong with a service is forgotten: nobody asks any more.
const QUIET: u32 = 4;
/// How many scrapes make up what is usual.
const BASELINE: usize = 8;

/// Watches every service.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarm {
    services: Vec<Watch>,
    /// How often metrics are read.
    interval: SimDuration,
    /// The last reading.
    scraped_at: Option<SimTime>,
}

#[derive(Clone, Debug, Default)]
struct Watch {
    /// The mean latencies of the first scrapes.
    usual: Vec<SimDuration>,
    /// For how many scrapes in a row it has been out of line.
    out_of_line: u32,
    /// How many answers were bad in them.
    bad: f64,
    /// For how many scrapes in a row nothing has come.
    quiet: u32,
    /// What is wrong with it, by the last scrape.
    symptom: String,
}

/// One thing that is out of line.
struct Symptom {
    text: String,
    bad: f64,
}

impl Alarm {
    /// Takes in one more scrape, unless dashboards show none that is new.
    pub(super) fn observe(&mut self, observation: &Observation) {
        self.services.resize_with(observation.services.len(), Watch::default);
        self.interval = observation.scrape_interval;
        if observation.scraped_at.is_some() && observation.scraped_at == self.scraped_at {
            return;
        }
        self.scraped_at = observation.scraped_at;
        for (watch, view) in self.services.iter_mut().zip(&observation.services) {
            watch.observe(view, self.interval);
        }
    }

    /// Whether the service (dense index) is sick.
    pub(super) fn is_sick(&self, service: usize) -> bool {
        self.services[service].is_sick()
    }

    /// What is wrong with the service: `errors 64% for 30s`.
    pub(super) fn symptom(&self, service: usize) -> String {
        let watch = &self.services[service];
        let span = SimDuration::from_nanos(self.interval.as_nanos().saturating_mul(u64::from(watch.out_of_line)));
        format!("{} for {span}", watch.symptom)
    }
}

impl Watch {
    fn is_sick(&self) -> bool {
        self.out_of_line >= SCRAPES && self.bad >= ANSWERS
    }

    fn observe(&mut self, view: &ServiceView, interval: SimDuration) {
        let quiet = view.error_ratio.is_none() && view.request_rate.is_none_or(|rate| rate <= 0.0);
        self.quiet = if quiet { self.quiet + 1 } else { 0 };
        match self.look(view, interval) {
            Some(symptom) => {
                self.out_of_line += 1;
                self.bad += symptom.bad;
                self.symptom = symptom.text;
            }
            None if quiet && self.quiet < QUIET => {}
            None => (self.out_of_line, self.bad) = (0, 0.0),
        }
        if let Some(mean) = view.mean_latency
            && self.usual.len() < BASELINE
        {
            self.usual.push(mean);
        }
    }

    fn look(&self, view: &ServiceView, interval: SimDuration) -> Option<Symptom> {
        // Where nobody counts requests, there are enough of them.
        let requests = view.request_rate.map_or(ANSWERS, |rate| rate * interval.as_secs_f64());
        if view.error_ratio.is_none() && view.shows.contains(&Metric::ErrorRatio) {
            // Silence is a symptom where there used to be answers.
            let silent = !self.usual.is_empty() && requests > 0.0 && view.request_rate.is_some();
            return silent.then(|| Symptom { text: "no answers".to_owned(), bad: requests });
        }
        if let Some(errors) = view.error_ratio.filter(|errors| *errors > ERROR_RATIO) {
            return Some(Symptom { text: format!("errors {:.0}%", errors * 100.0), bad: errors * requests });
        }
        let (mean, usual) = (view.mean_latency?, self.usual()?);
        let slow = mean > usual.mul_f64(LATENCY_FACTOR).max(LATENCY_FLOOR);
        let text = || format!("mean latency {:.1} s, usually {:.2} s,", mean.as_secs_f64(), usual.as_secs_f64());
        slow.then(|| Symptom { text: text(), bad: requests })
    }

    /// The usual mean latency; `None` until it is known.
    fn usual(&self) -> Option<SimDuration> {
        let mut usual = self.usual.clone();
        usual.sort_unstable();
        (usual.len() == BASELINE).then(|| usual[BASELINE / 2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::{observation, view};

    fn watch(views: &[ServiceView]) -> Alarm {
        let mut alarm = Alarm::default();
        views.iter().for_each(|view| alarm.observe(&observation(vec![view.clone()])));
        alarm
    }

    fn slow(ms: u64) -> ServiceView {
        ServiceView { mean_latency: Some(SimDuration::from_millis(ms)), ..view("api", 10.0, Some(0.0)) }
    }

    #[test]
    fn errors_for_half_a_minute_raise_it_and_a_healthy_scrape_ends_it() {
        let (good, bad) = (view("api", 10.0, Some(0.0)), view("api", 10.0, Some(0.64)));
        assert!(!watch(&[good.clone(), bad.clone()]).is_sick(0));
        let raised = watch(&[good.clone(), bad.clone(), bad.clone()]);
        assert_eq!((raised.is_sick(0), raised.symptom(0)), (true, "errors 64% for 30s".to_owned()));
        assert!(!watch(&[bad.clone(), bad.clone(), good, bad]).is_sick(0));
    }

    #[test]
    fn a_handful_of_errors_in_a_quiet_service_is_chance() {
        // One error among four answers, twice: 0.27 a second are 4 in a scrape.
        let unlucky = view("jobs", 0.27, Some(0.25));
        assert!(!watch(&[unlucky.clone(), unlucky]).is_sick(0));
        let down = view("jobs", 0.27, Some(1.0));
        assert!(watch(&[down.clone(), down]).is_sick(0));
    }

    #[test]
    fn slowness_is_against_what_is_usual_and_against_what_people_notice() {
        let fast = vec![slow(50); BASELINE];
        let with = |ms: u64| watch(&[fast.clone(), vec![slow(ms); 2]].concat()).is_sick(0);
        // Eighteen times the usual, but nobody notices.
        assert!(!with(900));
        assert!(with(1_100));
        let lazy = vec![slow(2_000); BASELINE];
        assert!(!watch(&[lazy, vec![slow(5_900); 2]].concat()).is_sick(0));
    }

    #[test]
    fn a_scrape_without_traffic_says_nothing_and_a_minute_of_them_ends_it() {
        let (down, none) = (view("jobs", 1.0, Some(1.0)), view("jobs", 0.0, None));
        let sick = |quiet: usize| watch(&[vec![down.clone(); 2], vec![none.clone(); quiet]].concat()).is_sick(0);
        assert!(sick(3));
        assert!(!sick(4));
    }

    #[test]
    fn a_reading_counts_once_and_what_is_not_instrumented_raises_nothing() {
        let seen = |at: u64, view: ServiceView| {
            let mut seen = observation(vec![view]);
            seen.scraped_at = Some(SimTime::from_secs(at));
            seen
        };
        let bad = || view("api", 10.0, Some(0.64));
        let mut alarm = Alarm::default();
        alarm.observe(&seen(15, bad()));
        alarm.observe(&seen(15, bad()));
        assert!(!alarm.is_sick(0), "dashboards have gone stale");
        alarm.observe(&seen(30, bad()));
        assert!(alarm.is_sick(0));
        let blind = ServiceView { shows: vec![Metric::RequestRate], ..view("api", 10.0, None) };
        let blind = ServiceView { mean_latency: None, p99_latency: None, ..blind };
        assert!(!watch(&[slow(50), blind.clone(), blind.clone(), blind]).is_sick(0));
        let uncounted = ServiceView { request_rate: None, ..bad() };
        assert!(watch(&[uncounted.clone(), uncounted]).is_sick(0));
    }

    #[test]
    fn silence_counts_where_there_were_answers() {
        let (good, silent) = (slow(50), view("api", 10.0, None));
        assert!(watch(&[good, silent.clone(), silent.clone()]).is_sick(0));
        assert!(!watch(&[silent.clone(), silent]).is_sick(0));
    }
}
