//! Dashboards: the instrumented metrics of services, endpoints, dependencies and populations at the last reading.
//!
//! A metric that is not instrumented has no value, nor has any before the first reading. A ratio or a latency may have none although
//! it is instrumented, because nothing ended of which it could be; `shows` tells the two apart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{ErrorKind, ServiceSpec};
use crate::observe::flow_sum::FlowSum;
use crate::observe::record::{FlowSecond, Second};
use crate::observe::signal::{Metric, Subject, Window};
use crate::units::{SimDuration, SimTime};

use super::Sources;

/// A service's dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    /// The service.
    pub service: Id<ServiceSpec>,
    /// Its name.
    pub name: String,
    /// The metrics that are instrumented; without any, nobody sees the service at all.
    pub shows: Vec<Metric>,
    /// Requests that reached it, a second.
    pub request_rate: Option<f64>,
    /// The share of its answers that were errors, 0 to 1; `None` also when it gave no answer.
    pub error_ratio: Option<f64>,
    /// Its successful answers, a second.
    pub goodput: Option<f64>,
    /// The mean latency of its successful answers, as it measures it itself; `None` also when there were none.
    pub mean_latency: Option<SimDuration>,
    /// The highest 99th percentile of any second.
    pub p99_latency: Option<SimDuration>,
    /// The share of its workers or cores that was busy; where nothing limits it, the mean number of jobs on an instance.
    pub utilisation: Option<f64>,
    /// Jobs waiting for a worker.
    pub queue: Option<u32>,
    /// Instances that serve.
    pub instances: Option<u32>,
    /// Its most frequent error, and how many there were; shown with the share of errors.
    pub top_error: Option<(ErrorKind, u32)>,
}

/// A dashboard of one endpoint of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Its name, `service.endpoint`.
    pub name: String,
    /// The metrics that are instrumented.
    pub shows: Vec<Metric>,
    /// Requests that reached it, a second.
    pub request_rate: Option<f64>,
    /// The share of its answers that were errors, 0 to 1; `None` also when it gave no answer.
    pub error_ratio: Option<f64>,
    /// Its successful answers, a second.
    pub goodput: Option<f64>,
    /// The mean latency of its successful answers; `None` also when there were none.
    pub mean_latency: Option<SimDuration>,
    /// The highest 99th percentile of any second.
    pub p99_latency: Option<SimDuration>,
    /// Its most frequent error, and how many there were; shown with the share of errors.
    pub top_error: Option<(ErrorKind, u32)>,
}

/// A dashboard of what a service knows of its calls to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DependencyView {
    /// Its name.
    pub name: String,
    /// The service that calls; `None` where users do.
    pub caller: Option<String>,
    /// The service that is called.
    pub target: String,
    /// The metrics that are instrumented.
    pub shows: Vec<Metric>,
    /// Calls a second.
    pub call_rate: Option<f64>,
    /// Attempts for each call.
    pub amplification: Option<f64>,
    /// The share of calls that failed; `None` also when none ended.
    pub error_ratio: Option<f64>,
    /// Calls that succeeded, a second.
    pub goodput: Option<f64>,
    /// The mean latency of calls that succeeded; `None` also when there were none.
    pub mean_latency: Option<SimDuration>,
    /// The highest 99th percentile of any second.
    pub p99_latency: Option<SimDuration>,
    /// Connections in use, the mean of the last second.
    pub pool_in_use: Option<f64>,
    /// The most connections there may be; 0 without a pool. Shown with the connections in use.
    pub pool_maximum: Option<u32>,
    /// Callers waiting for a connection, the mean of the last second.
    pub pool_waiting: Option<f64>,
    /// Breakers that refuse calls.
    pub breakers_open: Option<u32>,
}

/// A dashboard of what the users of a population see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PopulationView {
    /// Its name.
    pub name: String,
    /// The metrics that are instrumented.
    pub shows: Vec<Metric>,
    /// Requests a second.
    pub request_rate: Option<f64>,
    /// The share of its requests that failed, 0 to 1; `None` also when none ended.
    pub error_ratio: Option<f64>,
    /// Requests that succeeded, a second.
    pub goodput: Option<f64>,
    /// The mean latency of requests that succeeded, from when each should have been sent; `None` also when there were none.
    pub mean_latency: Option<SimDuration>,
    /// The highest 99th percentile of any second.
    pub p99_latency: Option<SimDuration>,
    /// Attempts for each request.
    pub amplification: Option<f64>,
    /// The share of bad requests over the share that the objective allows; `None` also when none was finished.
    pub burn_rate: Option<f64>,
    /// Real users who had a bad request in the last minute, about.
    pub affected_users: Option<f64>,
    /// Its most frequent error, and how many there were; shown with the share of errors.
    pub top_error: Option<(ErrorKind, u32)>,
}

/// What all dashboards have that are about requests.
struct Flow<'a> {
    sum: FlowSum,
    shows: &'a [Metric],
    /// Whether anything has been read.
    read: bool,
}

impl Flow<'_> {
    fn has(&self, metric: Metric) -> bool {
        self.read && self.shows.contains(&metric)
    }

    fn request_rate(&self) -> Option<f64> {
        self.has(Metric::RequestRate).then(|| self.sum.request_rate())
    }

    fn error_ratio(&self) -> Option<f64> {
        self.sum.error_ratio().filter(|_| self.has(Metric::ErrorRatio))
    }

    fn goodput(&self) -> Option<f64> {
        self.has(Metric::Goodput).then(|| self.sum.goodput())
    }

    fn mean_latency(&self) -> Option<SimDuration> {
        self.sum.mean_latency().filter(|_| self.has(Metric::MeanLatency))
    }

    fn p99_latency(&self) -> Option<SimDuration> {
        self.sum.p99_latency().filter(|_| self.has(Metric::P99Latency))
    }

    fn amplification(&self) -> Option<f64> {
        self.has(Metric::Amplification).then(|| self.sum.amplification())
    }

    fn top_error(&self) -> Option<(ErrorKind, u32)> {
        self.sum.top_error().filter(|_| self.has(Metric::ErrorRatio))
    }
}

/// The dashboards of one reading.
pub(super) struct Boards<'a> {
    sources: &'a Sources<'a>,
    /// The window of the reading.
    window: Window,
    /// Its seconds; none before the first reading.
    seconds: &'a [Arc<Second>],
}

impl<'a> Boards<'a> {
    pub(super) fn of(sources: &'a Sources<'a>, scraped: Option<SimTime>) -> Self {
        let window = Window::ending(scraped.unwrap_or(SimTime::ZERO), sources.monitoring.scrape_interval);
        Self { sources, window, seconds: window.of(sources.recording) }
    }

    fn shows(&self, subject: Subject) -> &'a [Metric] {
        self.sources.monitoring.instrumented(subject, self.sources.system)
    }

    fn flow<'s>(&self, subject: Subject, of: impl Fn(&'a Second) -> &'a FlowSecond + 's) -> Flow<'a> {
        let sum = FlowSum::of(self.seconds.iter().map(|second| of(second)));
        Flow { sum, shows: self.shows(subject), read: !self.seconds.is_empty() }
    }

    /// What was at the end of the window, where a metric is instrumented.
    fn last<T>(&self, flow: &Flow<'_>, metric: Metric, of: impl Fn(&Second) -> T) -> Option<T> {
        self.seconds.last().filter(|_| flow.has(metric)).map(|second| of(second))
    }

    /// A metric over the whole window, where it is instrumented.
    fn value(&self, flow: &Flow<'_>, metric: Metric, subject: Subject) -> Option<f64> {
        let signal = crate::observe::Signal { metric, subject };
        signal.value(self.sources.recording, self.window).filter(|_| flow.has(metric))
    }

    pub(super) fn services(&self) -> Vec<ServiceView> {
        let view = |(id, spec): (Id<ServiceSpec>, &ServiceSpec)| {
            let (subject, at) = (Subject::Service(id), id.index());
            let flow = self.flow(subject, move |second| &second.services[at].flow);
            ServiceView {
                service: id,
                name: spec.name.clone(),
                shows: flow.shows.to_vec(),
                request_rate: flow.request_rate(),
                error_ratio: flow.error_ratio(),
                goodput: flow.goodput(),
                mean_latency: flow.mean_latency(),
                p99_latency: flow.p99_latency(),
                utilisation: self.value(&flow, Metric::Utilisation, subject),
                queue: self.last(&flow, Metric::Queue, |second| second.services[at].queue),
                instances: self.last(&flow, Metric::Instances, |second| second.services[at].instances),
                top_error: flow.top_error(),
            }
        };
        self.sources.system.services.enumerate().map(view).collect()
    }

    pub(super) fn endpoints(&self) -> Vec<EndpointView> {
        let view = |id: Id<_>| {
            let subject = Subject::Endpoint(id);
            let flow = self.flow(subject, move |second| &second.endpoints[id.index()]);
            EndpointView {
                name: subject.name(self.sources.system, self.sources.populations),
                shows: flow.shows.to_vec(),
                request_rate: flow.request_rate(),
                error_ratio: flow.error_ratio(),
                goodput: flow.goodput(),
                mean_latency: flow.mean_latency(),
                p99_latency: flow.p99_latency(),
                top_error: flow.top_error(),
            }
        };
        let ids = self.sources.system.endpoints.ids();
        ids.filter(|id| !self.shows(Subject::Endpoint(*id)).is_empty()).map(view).collect()
    }

    pub(super) fn dependencies(&self) -> Vec<DependencyView> {
        let view = |id: Id<_>| {
            let (subject, at) = (Subject::Dependency(id), id.index());
            let flow = self.flow(subject, move |second| &second.dependencies[at].flow);
            let spec = &self.sources.system.dependencies[id];
            let service = |id: Id<ServiceSpec>| self.sources.system.services[id].name.clone();
            DependencyView {
                name: spec.name.clone(),
                caller: spec.caller.map(service),
                target: service(spec.target),
                shows: flow.shows.to_vec(),
                call_rate: flow.request_rate(),
                amplification: flow.amplification(),
                error_ratio: flow.error_ratio(),
                goodput: flow.goodput(),
                mean_latency: flow.mean_latency(),
                p99_latency: flow.p99_latency(),
                pool_in_use: self.last(&flow, Metric::PoolInUse, |second| second.dependencies[at].pool_in_use),
                pool_maximum: self.last(&flow, Metric::PoolInUse, |second| second.dependencies[at].pool_maximum),
                pool_waiting: self.last(&flow, Metric::PoolWaiting, |second| second.dependencies[at].pool_waiting),
                breakers_open: self.last(&flow, Metric::BreakersOpen, |second| second.dependencies[at].breakers_open),
            }
        };
        let ids = self.sources.system.dependencies.ids();
        ids.filter(|id| !self.shows(Subject::Dependency(*id)).is_empty()).map(view).collect()
    }

    pub(super) fn populations(&self) -> Vec<PopulationView> {
        let view = |id: Id<_>| {
            let (subject, at) = (Subject::Population(id), id.index());
            let flow = self.flow(subject, move |second| &second.populations[at].flow);
            PopulationView {
                name: self.sources.populations[id].name.clone(),
                shows: flow.shows.to_vec(),
                request_rate: flow.request_rate(),
                error_ratio: flow.error_ratio(),
                goodput: flow.goodput(),
                mean_latency: flow.mean_latency(),
                p99_latency: flow.p99_latency(),
                amplification: flow.amplification(),
                burn_rate: self.value(&flow, Metric::BurnRate, subject),
                affected_users: self.last(&flow, Metric::AffectedUsers, |second| second.populations[at].affected_users),
                top_error: flow.top_error(),
            }
        };
        let ids = self.sources.populations.ids();
        ids.filter(|id| !self.shows(Subject::Population(*id)).is_empty()).map(view).collect()
    }
}
