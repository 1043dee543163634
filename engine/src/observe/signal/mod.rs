//! Signals: a metric of a subject, the one word for what alerts, triggers, rules and injects look at.
//!
//! A signal has a name that a person can write and read, the same in every file and on every screen: `error-ratio of registry`,
//! `p99-latency of registry.lookup`, `pool-waiting of registry->db`, `burn-rate of population web`. Its value is taken over a
//! window of whole seconds of what was recorded. A service measures itself: what never reached it is not in its signals. What
//! clients saw is in those of their population only.

mod metric;
mod subject;

pub use metric::{Metric, Unit};
pub use subject::{Subject, SubjectText};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::Table;
use crate::model::SystemSpec;
use crate::traffic::PopulationSpec;
use crate::units::{SimDuration, SimTime};

use super::flow_sum::FlowSum;
use super::record::{DependencySecond, FlowSecond, PopulationSecond, Recording, Second, ServiceSecond};
use Metric::{
    AffectedUsers, Amplification, BreakersOpen, BurnRate, ErrorRatio, Goodput, Instances, MeanLatency, P99Latency,
    PoolInUse, PoolWaiting, Queue, RequestRate, Utilisation,
};

/// A span of recorded time: the whole seconds that end after `end - length` and not after `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its end.
    pub end: SimTime,
    /// Its length.
    pub length: SimDuration,
}

impl Window {
    /// The window of this length that ends at an instant.
    #[must_use]
    pub const fn ending(end: SimTime, length: SimDuration) -> Self {
        Self { end, length }
    }

    /// Its seconds, as far as they have been recorded.
    #[must_use]
    pub fn of(self, recording: &Recording) -> &[Arc<Second>] {
        let end = self.end.whole_secs() as usize;
        let length = (self.length.as_nanos() / SimDuration::SECOND.as_nanos()) as usize;
        let to = end.min(recording.seconds.len());
        &recording.seconds[end.saturating_sub(length).min(to)..to]
    }
}

/// A metric of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Signal {
    /// The metric, one of those that there are of the subject.
    pub metric: Metric,
    /// The subject.
    pub subject: Subject,
}

impl Signal {
    /// The metric of the subject; `None` where there is no such metric of it.
    #[must_use]
    pub fn new(metric: Metric, subject: Subject) -> Option<Self> {
        subject.metrics().contains(&metric).then_some(Self { metric, subject })
    }

    /// The name by which it is written: `error-ratio of registry`. [`Signal::find`] reads it back.
    #[must_use]
    pub fn name(self, system: &SystemSpec, populations: &Table<PopulationSpec>) -> String {
        format!("{} of {}", self.metric, self.subject.name(system, populations))
    }

    /// The signal of that name; `None` where there is none.
    #[must_use]
    pub fn find(text: &str, system: &SystemSpec, populations: &Table<PopulationSpec>) -> Option<Self> {
        let (metric, subject) = text.split_once(" of ")?;
        Self::new(Metric::from_name(metric)?, Subject::find(subject, system, populations)?)
    }

    /// Its value over a window, in the unit of the metric. `None` where nothing was measured that could be divided: no second of
    /// the window has been recorded, nothing ended of which a share could be bad, nothing ended well that could have a latency.
    #[must_use]
    pub fn value(self, recording: &Recording, window: Window) -> Option<f64> {
        let seconds = window.of(recording);
        if seconds.is_empty() || !self.subject.metrics().contains(&self.metric) {
            return None;
        }
        match self.subject {
            Subject::Service(id) => {
                service(self.metric, seconds.iter().filter_map(move |one| one.services.get(id.index())))
            }
            Subject::Endpoint(id) => flow(self.metric, seconds.iter().filter_map(|one| one.endpoints.get(id.index()))),
            Subject::Dependency(id) => {
                dependency(self.metric, seconds.iter().filter_map(move |one| one.dependencies.get(id.index())))
            }
            Subject::Population(id) => {
                population(self.metric, seconds.iter().filter_map(move |one| one.populations.get(id.index())))
            }
        }
    }
}

fn flow<'a>(metric: Metric, seconds: impl Iterator<Item = &'a FlowSecond>) -> Option<f64> {
    let sum = FlowSum::of(seconds);
    match metric {
        RequestRate => Some(sum.request_rate()),
        ErrorRatio => sum.error_ratio(),
        Goodput => Some(sum.goodput()),
        MeanLatency => sum.mean_latency().map(SimDuration::as_secs_f64),
        P99Latency => sum.p99_latency().map(SimDuration::as_secs_f64),
        Amplification => Some(sum.amplification()),
        _ => None,
    }
}

fn service<'a>(metric: Metric, seconds: impl Iterator<Item = &'a ServiceSecond>) -> Option<f64> {
    match metric {
        Utilisation => mean(seconds.map(|one| one.utilisation)),
        Queue => mean(seconds.map(|one| f64::from(one.queue))),
        Instances => mean(seconds.map(|one| f64::from(one.instances))),
        _ => flow(metric, seconds.map(|one| &one.flow)),
    }
}

fn dependency<'a>(metric: Metric, seconds: impl Iterator<Item = &'a DependencySecond>) -> Option<f64> {
    match metric {
        PoolInUse => mean(seconds.map(|one| one.pool_in_use)),
        PoolWaiting => mean(seconds.map(|one| one.pool_waiting)),
        BreakersOpen => mean(seconds.map(|one| f64::from(one.breakers_open))),
        _ => flow(metric, seconds.map(|one| &one.flow)),
    }
}

fn population<'a>(metric: Metric, seconds: impl Iterator<Item = &'a PopulationSecond>) -> Option<f64> {
    match metric {
        BurnRate => burn_rate(seconds),
        AffectedUsers => mean(seconds.map(|one| one.affected_users)),
        _ => flow(metric, seconds.map(|one| &one.flow)),
    }
}

/// The burn rates of the seconds, each weighted by what was finished in it: that of all of them together.
fn burn_rate<'a>(seconds: impl Iterator<Item = &'a PopulationSecond>) -> Option<f64> {
    let (mut burnt, mut finished) = (0.0, 0.0);
    for one in seconds {
        burnt += one.burn_rate * f64::from(one.finished);
        finished += f64::from(one.finished);
    }
    (finished > 0.0).then(|| burnt / finished)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    fn second(end: u64, succeeded: u32, failed: u32, queue: u32) -> Arc<Second> {
        let mut flow = FlowSecond {
            offered: succeeded + failed,
            attempts: 2 * (succeeded + failed),
            succeeded,
            ..Default::default()
        };
        flow.errors[0] = failed;
        flow.mean = SimDuration::from_millis(u64::from(succeeded));
        let service = ServiceSecond { flow: flow.clone(), queue, utilisation: 0.5, ..Default::default() };
        let population = PopulationSecond {
            flow: flow.clone(),
            finished: succeeded + failed,
            bad: failed,
            // As if one in a hundred might be bad.
            burn_rate: f64::from(failed) / f64::from((succeeded + failed).max(1)) * 100.0,
            ..Default::default()
        };
        let dependency = DependencySecond { flow: flow.clone(), pool_waiting: f64::from(queue), ..Default::default() };
        Arc::new(Second {
            end: SimTime::from_secs(end),
            services: vec![service],
            endpoints: vec![flow],
            dependencies: vec![dependency],
            populations: vec![population],
        })
    }

    fn recording() -> Recording {
        let mut recording = Recording::new(1, 1, 1, 1);
        recording.seconds = vec![second(1, 10, 0, 1), second(2, 30, 10, 2), second(3, 0, 0, 6)];
        recording
    }

    fn value(metric: Metric, subject: Subject, end: u64, length: u64) -> Option<f64> {
        let window = Window::ending(SimTime::from_secs(end), SimDuration::from_secs(length));
        Signal::new(metric, subject).expect("a metric of it").value(&recording(), window)
    }

    const SERVICE: Subject = Subject::Service(Id::new(0));
    const WEB: Subject = Subject::Population(Id::new(0));

    #[test]
    fn values_are_those_of_the_seconds_of_the_window() {
        assert_eq!(value(RequestRate, SERVICE, 2, 2), Some(25.0));
        assert_eq!(value(ErrorRatio, SERVICE, 2, 2), Some(0.2));
        assert_eq!(value(ErrorRatio, SERVICE, 2, 1), Some(0.25));
        assert_eq!(value(Goodput, Subject::Endpoint(Id::new(0)), 3, 3), Some(40.0 / 3.0));
        assert_eq!(value(MeanLatency, SERVICE, 2, 2), Some(0.025), "weighted by how many there were");
        assert_eq!(value(Queue, SERVICE, 3, 2), Some(4.0));
        assert_eq!(value(PoolWaiting, Subject::Dependency(Id::new(0)), 3, 1), Some(6.0));
        assert_eq!(value(Amplification, WEB, 2, 2), Some(2.0));
        // 10 bad of 50 where one in a hundred may be bad.
        let burn = value(BurnRate, WEB, 3, 3).unwrap();
        assert!((burn - 20.0).abs() < 1e-9, "{burn}");
    }

    #[test]
    fn nothing_measured_is_no_value() {
        assert_eq!(value(ErrorRatio, SERVICE, 3, 1), None, "nothing ended");
        assert_eq!(value(MeanLatency, SERVICE, 3, 1), None);
        assert_eq!(value(BurnRate, WEB, 3, 1), None);
        assert_eq!(value(RequestRate, SERVICE, 3, 1), Some(0.0), "silence is a value of a rate");
        assert_eq!(value(RequestRate, SERVICE, 0, 5), None, "nothing has been recorded by then");
        assert_eq!(value(RequestRate, SERVICE, 9, 5), None, "the window lies behind what has been recorded");
        assert_eq!(value(RequestRate, SERVICE, 1, 60), Some(10.0), "a longer window takes what there is");
    }

    #[test]
    fn a_subject_has_its_own_metrics_only() {
        assert_eq!(Signal::new(Queue, WEB), None);
        assert_eq!(Signal::new(BurnRate, SERVICE), None);
        for subject in [SERVICE, Subject::Endpoint(Id::new(0)), Subject::Dependency(Id::new(0)), WEB] {
            let window = Window::ending(SimTime::from_secs(2), SimDuration::from_secs(2));
            for metric in Metric::ALL {
                let value = Signal { metric, subject }.value(&recording(), window);
                assert_eq!(value.is_some(), subject.metrics().contains(&metric), "{metric} of {subject:?}");
            }
        }
    }

    #[test]
    fn the_name_of_a_subject_says_what_it_is() {
        assert_eq!(SubjectText::read("registry"), SubjectText::Service("registry"));
        assert_eq!(SubjectText::read("registry.lookup"), SubjectText::Endpoint("registry.lookup"));
        assert_eq!(SubjectText::read("registry->db"), SubjectText::Dependency("registry->db"));
        assert_eq!(SubjectText::read("dependency cache.1"), SubjectText::Dependency("cache.1"));
        assert_eq!(SubjectText::read("population web"), SubjectText::Population("web"));
        assert!(Metric::ALL.into_iter().all(|metric| Metric::from_name(metric.name()) == Some(metric)));
        let names = serde_json::to_string(&Metric::ALL).unwrap();
        assert!(Metric::ALL.iter().all(|metric| names.contains(&format!("\"{metric}\""))), "{names}");
    }
}
