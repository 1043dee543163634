//! What whoever leads can see: scraped metrics and the change log. No causes, no future, no hidden variant.
//!
//! Metrics are read at a fixed interval, as a monitoring system scrapes them (Prometheus: 15 to 30 s is usual), and say
//! what happened since the last reading. What no service measures is not here: users who gave up in a queue in front of a
//! service, or a service that is down, are seen by their absence only.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{Deploys, ErrorKind, HotfixWork, Rollout, RolloutStage, ServiceSpec, System};
use crate::units::{SimDuration, SimTime};

use super::people::PeopleView;
use super::record::{FlowSecond, Recording, Second};

/// How often metrics are read.
pub const SCRAPE_INTERVAL: SimDuration = SimDuration::from_secs(15);

/// Everything that can be seen at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The instant.
    pub now: SimTime,
    /// By service, in file order.
    pub services: Vec<ServiceView>,
    /// By dependency of a service, in file order.
    pub dependencies: Vec<DependencyView>,
    /// The change log, oldest first.
    pub changes: Vec<ChangeEntry>,
    /// Whoever takes part besides the lead; `None` in a scenario without anybody.
    pub people: Option<PeopleView>,
}

/// A service's dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceView {
    /// The service.
    pub service: Id<ServiceSpec>,
    /// Its name.
    pub name: String,
    /// Requests that reached it, a second.
    pub request_rate: f64,
    /// The share of its answers that were errors, 0 to 1; `None` when it gave no answer.
    pub error_ratio: Option<f64>,
    /// The mean latency of its successful answers, as it measures it itself; `None` when there were none.
    pub mean_latency: Option<SimDuration>,
    /// The highest 99th percentile of any second.
    pub p99_latency: Option<SimDuration>,
    /// The share of its workers or cores that was busy; where nothing limits it, the mean number of jobs on an instance.
    pub utilisation: f64,
    /// Jobs waiting for a worker.
    pub queue: u32,
    /// Instances that serve.
    pub instances: u32,
    /// Its most frequent error, and how many there were.
    pub top_error: Option<(ErrorKind, u32)>,
}

/// A dashboard of what a service knows of its calls to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DependencyView {
    /// Its name.
    pub name: String,
    /// Calls a second.
    pub call_rate: f64,
    /// Attempts for each call.
    pub amplification: f64,
    /// The share of calls that failed; `None` when none ended.
    pub error_ratio: Option<f64>,
    /// Connections in use, the mean of the last second.
    pub pool_in_use: f64,
    /// The most connections there may be; 0 without a pool.
    pub pool_maximum: u32,
    /// Callers waiting for a connection, the mean of the last second.
    pub pool_waiting: f64,
    /// Breakers that refuse calls.
    pub breakers_open: u32,
}

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeEntry {
    /// When it was ordered; of a dropped hotfix, when it was ready.
    pub at: SimTime,
    /// What was changed.
    pub service: Id<ServiceSpec>,
    /// The name of what was changed.
    pub name: String,
    /// The version that was rolled out; of a dropped hotfix, the name it would have added to one.
    pub version: String,
    /// Whether it was ordered as a roll-back or a restart. The deploy of a version that has run before is neither.
    pub back: bool,
    /// Whether every instance runs it.
    pub done: bool,
    /// Whether it is a hotfix that was not needed any more when it was ready: the version to run did not have the effect it
    /// removes, and nothing was rolled out.
    pub dropped: bool,
}

impl Observation {
    /// What can be seen at `now`, the end of a whole second.
    #[must_use]
    pub fn of(system: &System, recording: &Recording, deploys: &Deploys, now: SimTime) -> Self {
        let length = (SCRAPE_INTERVAL.as_nanos() / SimDuration::SECOND.as_nanos()) as usize;
        let window = &recording.seconds[recording.seconds.len().saturating_sub(length)..];
        let window: Vec<&Second> = window.iter().map(AsRef::as_ref).collect();
        let dependencies = system.dependencies.enumerate().filter(|(_, spec)| spec.caller.is_some());
        Self {
            now,
            services: system.services.ids().map(|id| service_view(system, &window, id)).collect(),
            dependencies: dependencies.map(|(id, spec)| dependency_view(&spec.name, &window, id.index())).collect(),
            changes: changes(system, deploys),
            people: None,
        }
    }
}

/// Sums of the seconds of one scrape.
#[derive(Default)]
struct Sum {
    offered: u32,
    attempts: u32,
    succeeded: u32,
    errors: [u32; ErrorKind::COUNT],
    /// Summed latencies of what succeeded, in nanoseconds.
    latency: u128,
    p99: SimDuration,
}

impl Sum {
    fn of<'a>(flows: impl Iterator<Item = &'a FlowSecond>) -> Self {
        let mut sum = Self::default();
        for flow in flows {
            sum.offered += flow.offered;
            sum.attempts += flow.attempts;
            sum.succeeded += flow.succeeded;
            for (total, more) in sum.errors.iter_mut().zip(flow.errors) {
                *total += more;
            }
            sum.latency += u128::from(flow.mean.as_nanos()) * u128::from(flow.succeeded);
            sum.p99 = sum.p99.max(flow.p99);
        }
        sum
    }

    fn error_ratio(&self) -> Option<f64> {
        let failed: u32 = self.errors.iter().sum();
        let finished = failed + self.succeeded;
        (finished > 0).then(|| f64::from(failed) / f64::from(finished))
    }

    fn top_error(&self) -> Option<(ErrorKind, u32)> {
        let kinds = ErrorKind::ALL.into_iter().zip(self.errors).filter(|(_, count)| *count > 0);
        kinds.max_by_key(|(kind, count)| (*count, std::cmp::Reverse(*kind)))
    }

    fn amplification(&self) -> f64 {
        if self.offered == 0 { 1.0 } else { f64::from(self.attempts) / f64::from(self.offered) }
    }
}

fn per_second(count: u32, window: &[&Second]) -> f64 {
    if window.is_empty() { 0.0 } else { f64::from(count) / window.len() as f64 }
}

fn service_view(system: &System, window: &[&Second], id: Id<ServiceSpec>) -> ServiceView {
    let seconds = || window.iter().map(|second| &second.services[id.index()]);
    let sum = Sum::of(seconds().map(|second| &second.flow));
    let answered = sum.succeeded > 0;
    let mean = sum.latency.checked_div(u128::from(sum.succeeded)).unwrap_or(0);
    let last = seconds().next_back();
    ServiceView {
        service: id,
        name: system.services[id].name.clone(),
        request_rate: per_second(sum.offered, window),
        error_ratio: sum.error_ratio(),
        mean_latency: answered.then(|| SimDuration::from_nanos(mean as u64)),
        p99_latency: answered.then_some(sum.p99),
        utilisation: seconds().map(|second| second.utilisation).sum::<f64>() / window.len().max(1) as f64,
        queue: last.map_or(0, |second| second.queue),
        instances: last.map_or(0, |second| second.instances),
        top_error: sum.top_error(),
    }
}

fn dependency_view(name: &str, window: &[&Second], index: usize) -> DependencyView {
    let sum = Sum::of(window.iter().map(|second| &second.dependencies[index].flow));
    let last = window.last().map(|second| &second.dependencies[index]);
    DependencyView {
        name: name.to_owned(),
        call_rate: per_second(sum.offered, window),
        amplification: sum.amplification(),
        error_ratio: sum.error_ratio(),
        pool_in_use: last.map_or(0.0, |second| second.pool_in_use),
        pool_maximum: last.map_or(0, |second| second.pool_maximum),
        pool_waiting: last.map_or(0.0, |second| second.pool_waiting),
        breakers_open: last.map_or(0, |second| second.breakers_open),
    }
}

fn changes(system: &System, deploys: &Deploys) -> Vec<ChangeEntry> {
    let entry = |rollout: &Rollout| ChangeEntry {
        at: rollout.ordered,
        service: rollout.service,
        name: system.services[rollout.service].name.clone(),
        version: deploys.versions[rollout.service.index()][usize::from(rollout.version)].name.clone(),
        back: rollout.is_back(),
        done: rollout.stage == RolloutStage::Done,
        dropped: false,
    };
    let mut log: Vec<_> = deploys.rollouts.iter().map(entry).collect();
    log.extend(dropped_hotfixes(system, deploys));
    log.sort_by_key(|entry| entry.at);
    log
}

fn dropped_hotfixes(system: &System, deploys: &Deploys) -> Vec<ChangeEntry> {
    let dropped = deploys.hotfixes.enumerate().filter(|(_, work)| work.dropped);
    let entry = |(id, work): (Id<HotfixWork>, &HotfixWork)| ChangeEntry {
        at: work.due,
        service: work.hotfix.service,
        name: system.services[work.hotfix.service].name.clone(),
        version: format!("hotfix{}", id.raw() + 1),
        back: false,
        done: false,
        dropped: true,
    };
    dropped.map(entry).collect()
}
