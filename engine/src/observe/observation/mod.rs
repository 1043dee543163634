//! What whoever leads can see: scraped metrics, alerts and the change log. No causes, no future, no hidden variant.
//!
//! A dashboard shows the last reading, and only what is instrumented; it stays as it was while readings fail. Unless somebody graphs
//! what clients see, users who gave up in a queue in front of a service, or a service that is down, are seen by their absence only.

mod changes;
mod reading;
mod views;

pub use changes::ChangeEntry;
pub(super) use changes::changes as change_log;
pub(crate) use reading::{Place, reading};
pub use views::{DependencyView, EndpointView, PopulationView, ServiceView};

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::{Deploys, System};
use crate::traffic::PopulationSpec;
use crate::units::{SimDuration, SimTime};

use super::alert::{AlertSpec, Severity, Stage};
use super::evidence::{Conclusion, Evidence};
use super::monitor::Monitor;
use super::monitoring::MonitoringSpec;
use super::notification::Notification;
use super::people::PeopleView;
use super::record::Recording;
use super::trigger::TriggerView;

/// Everything that can be seen at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The instant.
    pub now: SimTime,
    /// When what the dashboards show was read; `None` before the first reading.
    pub scraped_at: Option<SimTime>,
    /// How often metrics are read.
    pub scrape_interval: SimDuration,
    /// Since when readings have failed, so that dashboards show what was before; `None` while they succeed.
    pub stale_since: Option<SimTime>,
    /// By service, in file order; what is not instrumented has no values.
    pub services: Vec<ServiceView>,
    /// By endpoint that is instrumented, in file order.
    pub endpoints: Vec<EndpointView>,
    /// By dependency that is instrumented, in file order.
    pub dependencies: Vec<DependencyView>,
    /// By population of which is measured what its users see, in file order.
    pub populations: Vec<PopulationView>,
    /// The alerts, in file order.
    pub alerts: Vec<AlertView>,
    /// Every notification that has reached somebody, in the order of arrival.
    pub notifications: Vec<Notification>,
    /// The change log, oldest first.
    pub changes: Vec<ChangeEntry>,
    /// Whoever takes part besides the lead; `None` in a scenario without anybody.
    pub people: Option<PeopleView>,
    /// What instruments have shown to whoever asked them, in time order: it has been seen and stays.
    pub evidence: Vec<Evidence>,
    /// What those who looked for a cause think, in time order. They may be wrong.
    pub conclusions: Vec<Conclusion>,
    /// What the lead has decided to do if a dashboard shows something, by number.
    pub triggers: Vec<TriggerView>,
}

/// An alert, as the alerting system shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertView {
    /// The alert.
    pub alert: Id<AlertSpec>,
    /// Its name.
    pub name: String,
    /// What it says to a person; empty where it says nothing.
    pub summary: String,
    /// How urgent it is.
    pub severity: Severity,
    /// Whom it pages.
    pub pages: String,
    /// Where it is in its life.
    pub stage: Stage,
    /// When its condition was first seen to hold, while it is pending or fires.
    pub active_since: Option<SimTime>,
    /// When it began to fire, this time or the last.
    pub fired_at: Option<SimTime>,
    /// When it was resolved, unless it has become active since.
    pub resolved_at: Option<SimTime>,
    /// What its rule measured at the last look, in the unit of the metric, or as a burn rate; `None` without data.
    pub value: Option<f64>,
}

/// What an observation is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The system.
    pub system: &'a System,
    /// The populations.
    pub populations: &'a Table<PopulationSpec>,
    /// Monitoring as configured.
    pub monitoring: &'a MonitoringSpec,
    /// Monitoring at work.
    pub monitor: &'a Monitor,
    /// What has been measured.
    pub recording: &'a Recording,
    /// What was rolled out.
    pub deploys: &'a Deploys,
}

impl Observation {
    /// What can be seen at `now`.
    #[must_use]
    pub fn of(sources: &Sources<'_>, now: SimTime) -> Self {
        let last = sources.monitor.seen(sources.monitoring, now);
        let boards = views::Boards::of(sources, last.at);
        Self {
            now,
            scraped_at: last.at,
            scrape_interval: sources.monitoring.scrape_interval,
            stale_since: last.failing_since,
            services: boards.services(),
            endpoints: boards.endpoints(),
            dependencies: boards.dependencies(),
            populations: boards.populations(),
            alerts: alerts(sources.monitoring, sources.monitor),
            notifications: sources.monitor.notifications().to_vec(),
            changes: changes::changes(sources.system, sources.deploys),
            people: None,
            evidence: Vec::new(),
            conclusions: Vec::new(),
            triggers: Vec::new(),
        }
    }

    /// Whether dashboards show what was before, because readings fail.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale_since.is_some()
    }
}

fn alerts(spec: &MonitoringSpec, monitor: &Monitor) -> Vec<AlertView> {
    let view = |((alert, spec), state): ((Id<AlertSpec>, &AlertSpec), &super::alert::AlertState)| AlertView {
        alert,
        name: spec.name.clone(),
        summary: spec.summary.clone(),
        severity: spec.severity,
        pages: spec.pages.clone(),
        stage: state.stage,
        active_since: state.active_since,
        fired_at: state.fired_at,
        resolved_at: state.resolved_at,
        value: state.value,
    };
    spec.alerts.enumerate().zip(monitor.alerts()).map(view).collect()
}
