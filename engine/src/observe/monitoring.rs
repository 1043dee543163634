//! Monitoring as configured: what is instrumented, when it is read and seen, what raises an alert, and who is told.
//!
//! Metrics are read at a fixed interval, as a monitoring system scrapes them, and say what happened since the last reading. What
//! nobody instruments is not seen: a service's figures hide those of its endpoints, and what users meet is seen only where
//! somebody graphs it. Monitoring may itself run on production, and fail with it.

use bevy_ecs::resource::Resource;

use crate::ids::{Id, Table};
use crate::model::{ServiceSpec, SystemSpec};
use crate::units::{SimDuration, SimTime};

use super::alert::AlertSpec;
use super::notification::NotifySpec;
use super::record::Recording;
use super::signal::{Metric, Signal, Subject, Window};

/// How often metrics are read where the scenario does not say: 15 to 30 s is usual with Prometheus.
pub const SCRAPE_INTERVAL: SimDuration = SimDuration::from_secs(15);

/// The monitoring of a system. All spans are whole seconds.
#[derive(Clone, Debug, Resource)]
pub struct MonitoringSpec {
    /// How often metrics are read, above 0.
    pub scrape_interval: SimDuration,
    /// How much later dashboards show what was read.
    pub delay: SimDuration,
    /// How often alert rules are looked at, above 0.
    pub evaluation_interval: SimDuration,
    /// What is instrumented; `None` for everything that services measure of themselves and of their calls.
    pub dashboards: Option<Dashboards>,
    /// What the telemetry itself runs on; `None` when it never fails.
    pub depends_on: Option<TelemetryHost>,
    /// The alert rules.
    pub alerts: Table<AlertSpec>,
    /// How notifications are sent.
    pub notify: NotifySpec,
}

impl Default for MonitoringSpec {
    /// Everything of every service is instrumented, read every 15 s and seen at once; there are no alerts.
    fn default() -> Self {
        Self {
            scrape_interval: SCRAPE_INTERVAL,
            delay: SimDuration::ZERO,
            evaluation_interval: SCRAPE_INTERVAL,
            dashboards: None,
            depends_on: None,
            alerts: Table::default(),
            notify: NotifySpec::default(),
        }
    }
}

/// The instrumented metrics, each list in the order of [`Metric::ALL`]; nothing is instrumented of what has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dashboards {
    /// By service.
    pub services: Vec<Vec<Metric>>,
    /// By endpoint.
    pub endpoints: Vec<Vec<Metric>>,
    /// By dependency.
    pub dependencies: Vec<Vec<Metric>>,
    /// By population.
    pub populations: Vec<Vec<Metric>>,
}

impl Dashboards {
    /// Nothing is instrumented yet.
    #[must_use]
    pub fn empty(services: usize, endpoints: usize, dependencies: usize, populations: usize) -> Self {
        Self {
            services: vec![Vec::new(); services],
            endpoints: vec![Vec::new(); endpoints],
            dependencies: vec![Vec::new(); dependencies],
            populations: vec![Vec::new(); populations],
        }
    }

    /// Instruments further metrics of a subject.
    pub fn add(&mut self, subject: Subject, metrics: &[Metric]) {
        let shown = match subject {
            Subject::Service(id) => &mut self.services[id.index()],
            Subject::Endpoint(id) => &mut self.endpoints[id.index()],
            Subject::Dependency(id) => &mut self.dependencies[id.index()],
            Subject::Population(id) => &mut self.populations[id.index()],
        };
        shown.extend(metrics);
        shown.sort_unstable();
        shown.dedup();
    }

    fn of(&self, subject: Subject) -> &[Metric] {
        let shown = match subject {
            Subject::Service(id) => self.services.get(id.index()),
            Subject::Endpoint(id) => self.endpoints.get(id.index()),
            Subject::Dependency(id) => self.dependencies.get(id.index()),
            Subject::Population(id) => self.populations.get(id.index()),
        };
        shown.map_or(&[], Vec::as_slice)
    }
}

/// The service that telemetry runs on, and what it cannot bear. It fails when no instance of the service serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TelemetryHost {
    /// The service.
    pub service: Id<ServiceSpec>,
    /// It also fails when the utilisation since the last reading was above this; `None` for never.
    pub max_utilisation: Option<f64>,
    /// It also fails when the share of errors since the last reading was above this; `None` for never.
    pub max_error_ratio: Option<f64>,
}

impl TelemetryHost {
    /// Whether a reading at `now`, with this much time since the last, fails.
    #[must_use]
    pub fn fails(&self, recording: &Recording, now: SimTime, interval: SimDuration) -> bool {
        let value = |metric, length| {
            let signal = Signal { metric, subject: Subject::Service(self.service) };
            signal.value(recording, Window::ending(now, length))
        };
        let above = |metric, limit: Option<f64>| {
            limit.is_some_and(|limit| value(metric, interval).is_some_and(|value| value > limit))
        };
        value(Metric::Instances, SimDuration::SECOND).is_some_and(|up| up < 0.5)
            || above(Metric::Utilisation, self.max_utilisation)
            || above(Metric::ErrorRatio, self.max_error_ratio)
    }
}

impl MonitoringSpec {
    /// Which metrics of a subject are instrumented.
    #[must_use]
    pub fn instrumented(&self, subject: Subject, system: &SystemSpec) -> &[Metric] {
        match (&self.dashboards, subject) {
            (Some(dashboards), _) => dashboards.of(subject),
            (None, Subject::Service(_)) => subject.metrics(),
            (None, Subject::Dependency(id)) if system.dependencies[id].caller.is_some() => subject.metrics(),
            (None, _) => &[],
        }
    }

    /// Whether metrics are read at an instant.
    #[must_use]
    pub const fn is_scrape(&self, now: SimTime) -> bool {
        now.as_nanos() > 0 && now.as_nanos().is_multiple_of(self.scrape_interval.as_nanos())
    }

    /// Whether alert rules are looked at at an instant.
    #[must_use]
    pub const fn is_evaluation(&self, now: SimTime) -> bool {
        now.as_nanos() > 0 && now.as_nanos().is_multiple_of(self.evaluation_interval.as_nanos())
    }

    /// The next instant after `now` at which dashboards change: a reading, and the delay until it is seen.
    #[must_use]
    pub fn next_view(&self, now: SimTime) -> SimTime {
        let (interval, delay) = (self.scrape_interval.as_nanos(), self.delay.as_nanos());
        let scrapes = now.as_nanos().checked_sub(delay).map_or(0, |behind| behind / interval);
        SimTime::from_nanos((scrapes + 1).saturating_mul(interval).saturating_add(delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashboards_change_a_delay_after_each_reading() {
        let spec = |delay| MonitoringSpec { delay: SimDuration::from_secs(delay), ..Default::default() };
        let next = |delay, now| spec(delay).next_view(SimTime::from_secs(now)).whole_secs();
        assert_eq!((next(0, 0), next(0, 14), next(0, 15)), (15, 15, 30));
        assert_eq!((next(20, 0), next(20, 34), next(20, 35), next(20, 49)), (35, 35, 50, 50));
    }
}
