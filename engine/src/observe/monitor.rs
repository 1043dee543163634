//! The monitor at work: metrics are read, rules are looked at, and somebody is told, at the end of each second.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::units::SimTime;

use super::alert::{AlertState, Reading};
use super::monitoring::MonitoringSpec;
use super::notification::{Group, Notification};
use super::record::Recording;

/// The state of monitoring.
#[derive(Clone, Debug, Default, PartialEq, Resource, Serialize, Deserialize)]
pub struct Monitor {
    /// When readings failed, in time order.
    outages: Vec<Outage>,
    /// By alert.
    alerts: Vec<AlertState>,
    /// By group of alerts.
    groups: Vec<Group>,
    /// What has been sent and not arrived, in the order of arrival.
    under_way: Vec<Notification>,
    /// What has arrived.
    log: Vec<Notification>,
}

/// Readings that failed, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Outage {
    /// The first.
    from: SimTime,
    /// The first that succeeded again.
    until: Option<SimTime>,
}

/// The last reading that can be seen at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LastScrape {
    /// When it was; `None` before the first.
    pub(super) at: Option<SimTime>,
    /// Since when readings have failed; `None` when the last one did not.
    pub(super) failing_since: Option<SimTime>,
}

impl Monitor {
    /// A monitor at the start of a run.
    #[must_use]
    pub fn new(spec: &MonitoringSpec) -> Self {
        Self {
            alerts: vec![AlertState::default(); spec.alerts.len()],
            groups: vec![Group::default(); spec.notify.groups.len()],
            ..Self::default()
        }
    }

    /// The states of the alerts, in file order.
    #[must_use]
    pub fn alerts(&self) -> &[AlertState] {
        &self.alerts
    }

    /// Every notification that has arrived so far, in the order of arrival: it only grows, at the end.
    #[must_use]
    pub fn notifications(&self) -> &[Notification] {
        &self.log
    }

    /// Does what is due at `now`, the end of a whole second that has been recorded.
    pub fn watch(&mut self, spec: &MonitoringSpec, recording: &Recording, now: SimTime) {
        if spec.depends_on.is_some() && spec.is_scrape(now) {
            self.scrape(spec, recording, now);
        }
        if self.alerts.is_empty() {
            return;
        }
        if spec.is_evaluation(now) {
            self.evaluate(spec, recording, now);
        }
        self.notify(spec, now);
    }

    /// Notes whether a reading fails.
    fn scrape(&mut self, spec: &MonitoringSpec, recording: &Recording, now: SimTime) {
        let fails = spec.depends_on.is_some_and(|host| host.fails(recording, now, spec.scrape_interval));
        let open = self.outages.last_mut().filter(|outage| outage.until.is_none());
        match open {
            None if fails => self.outages.push(Outage { from: now, until: None }),
            Some(outage) if !fails => outage.until = Some(now),
            _ => {}
        }
    }

    /// The last reading at or before an instant.
    pub(super) fn last_scrape(&self, spec: &MonitoringSpec, at: SimTime) -> LastScrape {
        let interval = spec.scrape_interval.as_nanos();
        let nanos = at.as_nanos() / interval * interval;
        if nanos == 0 {
            return LastScrape::default();
        }
        let last = SimTime::from_nanos(nanos);
        let begun = self.outages.partition_point(|outage| outage.from <= last);
        let failing = self.outages[..begun].last().filter(|outage| outage.until.is_none_or(|until| until > last));
        let Some(outage) = failing else { return LastScrape { at: Some(last), failing_since: None } };
        let before = outage.from.as_nanos() - interval;
        LastScrape { at: (before > 0).then(|| SimTime::from_nanos(before)), failing_since: Some(outage.from) }
    }

    /// The last reading that dashboards show at an instant.
    pub(super) fn seen(&self, spec: &MonitoringSpec, now: SimTime) -> LastScrape {
        match now.as_nanos().checked_sub(spec.delay.as_nanos()) {
            Some(at) => self.last_scrape(spec, SimTime::from_nanos(at)),
            None => LastScrape::default(),
        }
    }

    /// Looks at every rule, and lets the groups know.
    fn evaluate(&mut self, spec: &MonitoringSpec, recording: &Recording, now: SimTime) {
        let last = self.last_scrape(spec, now);
        let data = last.at.filter(|_| last.failing_since.is_none());
        for (state, alert) in self.alerts.iter_mut().zip(&spec.alerts) {
            let reading = data.map_or_else(Reading::default, |at| state.rule.look(&alert.rule, recording, at));
            state.take(alert, reading, now);
        }
        for (group, group_spec) in self.groups.iter_mut().zip(&spec.notify.groups) {
            group.take(group_spec, &spec.notify, &self.alerts, now);
        }
    }

    /// Sends what is to be sent, and delivers what arrives.
    fn notify(&mut self, spec: &MonitoringSpec, now: SimTime) {
        let groups = self.groups.iter_mut().zip(&spec.notify.groups);
        let sent: Vec<_> = groups.filter_map(|(group, of)| group.flush(of, &spec.notify, &spec.alerts, now)).collect();
        for notification in sent {
            let at = self.under_way.partition_point(|earlier| earlier.at <= notification.at);
            self.under_way.insert(at, notification);
        }
        let arrived = self.under_way.partition_point(|notification| notification.at <= now);
        self.log.extend(self.under_way.drain(..arrived));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ids::Id;
    use crate::observe::alert::{AlertSpec, BurnRule, BurnWindow, Rule, Severity, Stage};
    use crate::observe::monitoring::TelemetryHost;
    use crate::observe::notification::{GroupSpec, NotifySpec, Reason};
    use crate::observe::record::{PopulationSecond, Second, ServiceSecond};
    use crate::units::SimDuration;

    fn secs(secs: u64) -> SimDuration {
        SimDuration::from_secs(secs)
    }

    fn at(secs: u64) -> SimTime {
        SimTime::from_secs(secs)
    }

    /// Monitoring that runs on a service, with one alert on what clients see.
    fn spec() -> MonitoringSpec {
        let windows = vec![BurnWindow { rate: 10.0, long: secs(60), short: secs(30) }];
        let alert = AlertSpec {
            name: "burning".to_owned(),
            summary: String::new(),
            rule: Rule::BurnRate(BurnRule { population: Id::new(0), allowed: 0.01, windows }),
            holds: secs(30),
            keep_firing_for: SimDuration::ZERO,
            severity: Severity::Page,
            pages: "on-call".to_owned(),
            service: None,
        };
        let alerts = [alert].into_iter().collect();
        MonitoringSpec {
            depends_on: Some(TelemetryHost { service: Id::new(0), max_utilisation: Some(0.9), max_error_ratio: None }),
            notify: NotifySpec { groups: GroupSpec::by(&[], &alerts), paging_delay: secs(5), ..NotifySpec::default() },
            alerts,
            ..MonitoringSpec::default()
        }
    }

    /// A run in which all requests are bad in some seconds, and the service has these instances and this utilisation.
    struct Run {
        spec: MonitoringSpec,
        recording: Recording,
        monitor: Monitor,
    }

    impl Run {
        fn new(spec: MonitoringSpec) -> Self {
            let monitor = Monitor::new(&spec);
            Self { spec, recording: Recording::new(1, 0, 0, 1), monitor }
        }

        fn pass(&mut self, until: u64, bad: bool, instances: u32, utilisation: f64) -> &mut Self {
            while (self.recording.seconds.len() as u64) < until {
                let end = at(self.recording.seconds.len() as u64 + 1);
                let service = ServiceSecond { instances, utilisation, ..Default::default() };
                let population = PopulationSecond { finished: 10, bad: if bad { 10 } else { 0 }, ..Default::default() };
                let second =
                    Second { end, services: vec![service], populations: vec![population], ..Default::default() };
                self.recording.seconds.push(Arc::new(second));
                self.monitor.watch(&self.spec, &self.recording, end);
            }
            self
        }

        fn stage(&self) -> Stage {
            self.monitor.alerts()[0].stage
        }

        fn seen(&self, now: u64) -> (Option<u64>, Option<u64>) {
            let last = self.monitor.seen(&self.spec, at(now));
            (last.at.map(SimTime::whole_secs), last.failing_since.map(SimTime::whole_secs))
        }
    }

    #[test]
    fn an_alert_pages_after_its_time_the_wait_and_the_delay() {
        let mut run = Run::new(spec());
        run.pass(60, false, 2, 0.5).pass(74, true, 2, 0.5);
        assert_eq!(run.stage(), Stage::Inactive);
        // The look at 1:15 sees 15 bad seconds of 60 and of 30; it holds until 1:45, and is sent at 2:15.
        run.pass(75, true, 2, 0.5);
        assert_eq!(run.stage(), Stage::Pending);
        run.pass(105, true, 2, 0.5);
        assert_eq!(run.stage(), Stage::Firing);
        run.pass(139, true, 2, 0.5);
        assert!(run.monitor.notifications().is_empty());
        run.pass(140, true, 2, 0.5);
        let told = &run.monitor.notifications()[0];
        assert_eq!((told.sent, told.at, told.reason), (at(135), at(140), Reason::Firing));
        assert_eq!((told.to.as_str(), told.firing.as_slice()), ("on-call", ["burning".to_owned()].as_slice()));
    }

    #[test]
    fn telemetry_dies_with_what_it_runs_on_and_comes_back_with_it() {
        let mut run = Run::new(spec());
        run.pass(60, false, 2, 0.5).pass(90, true, 2, 0.5);
        assert_eq!((run.stage(), run.seen(90)), (Stage::Pending, (Some(90), None)));
        run.pass(110, true, 0, 0.0);
        assert_eq!((run.stage(), run.seen(110)), (Stage::Inactive, (Some(90), Some(105))), "no data");
        assert_eq!(run.seen(104), (Some(90), None), "what was seen before stays as it was");
        run.pass(130, true, 1, 0.9);
        assert_eq!((run.stage(), run.seen(130)), (Stage::Pending, (Some(120), None)));
        assert_eq!(run.seen(119), (Some(90), Some(105)));
        run.pass(140, true, 1, 1.0);
        assert_eq!(run.seen(140), (Some(120), Some(135)), "too busy to be read");
    }

    #[test]
    fn before_the_first_reading_there_is_none() {
        let mut run = Run::new(MonitoringSpec { delay: secs(10), ..spec() });
        run.pass(30, false, 0, 0.0);
        assert_eq!((run.seen(9), run.seen(24), run.seen(30)), ((None, None), (None, None), (None, Some(15))));
        run.pass(45, false, 1, 0.0);
        assert_eq!((run.seen(54), run.seen(55)), ((None, Some(15)), (Some(45), None)), "seen a delay later");
    }

    #[test]
    fn a_service_that_nobody_asked_does_not_stop_its_telemetry() {
        let host = TelemetryHost { service: Id::new(0), max_utilisation: None, max_error_ratio: Some(0.5) };
        let mut run = Run::new(MonitoringSpec { depends_on: Some(host), ..spec() });
        run.pass(30, false, 1, 1.0);
        assert_eq!(run.seen(30), (Some(30), None));
    }

    #[test]
    fn without_alerts_and_a_host_nothing_is_kept() {
        let mut run = Run::new(MonitoringSpec::default());
        run.pass(100, true, 0, 1.0);
        assert_eq!(run.monitor, Monitor::default());
        assert_eq!(run.seen(100), (Some(90), None));
    }
}
