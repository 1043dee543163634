//! The result of a run: figures as data, the curves behind them, and both as text.
//!
//! [`Summary`] is what `run --json` prints; its keys are stable. [`Curves`] are the few measures per second that a person
//! looks at first. [`render`] turns both into text with a chart, and [`series`] lists everything recorded as a table.
//!
//! Counts are of simulated requests; only the impact is scaled to real users, by each population's `represents`. A run is
//! measured in whole seconds. Latencies are those of requests that succeeded, counted from when each should have been sent.
//!
//! What this room does not know: files, terminals, and what a good result would be.

mod changes;
mod chart;
mod curves;
mod extent;
mod figures;
mod impact;
mod incident;
mod layout;
mod marks;
mod parts;
mod peaks;
mod records;
mod retrying;
pub mod series;
mod table;
mod text;
mod verdict;

pub use changes::{Change, ChangeKind};
pub use curves::Curves;
pub use impact::{Cost, ImpactSummary, ObjectiveSummary, PopulationImpact};
pub use incident::{BadStretch, IncidentSummary};
pub use parts::{
    BreakerSummary, Counts, DependencySummary, EndpointSummary, LatencyMs, PoolSummary, PopulationSummary,
    QueueSummary, Requests, ServiceSummary,
};
pub use records::ByName;
pub use text::{Charset, Colours, TextStyle, render};

use serde::Serialize;

use crate::simulation::Simulation;

/// The result of a run up to the instant it has reached.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// The hidden variant that was true.
    pub variant: String,
    /// The policy that led, by name.
    pub policy: String,
    /// The digest of the whole state, in hexadecimal.
    pub digest: String,
    /// The version of the engine; the same input gives the same digest only with the same version.
    pub engine_version: &'static str,
    /// How many seconds were simulated.
    pub sim_seconds: f64,
    /// Requests of all populations.
    pub requests: Requests,
    /// The latency of requests that succeeded, all populations together.
    pub latency_ms: LatencyMs,
    /// Requests that succeeded, a second.
    pub goodput_per_s: f64,
    /// By service.
    pub services: ByName<ServiceSummary>,
    /// By endpoint, `service.endpoint`.
    pub endpoints: ByName<EndpointSummary>,
    /// By dependency.
    pub dependencies: ByName<DependencySummary>,
    /// What users felt.
    pub impact: ImpactSummary,
    /// When it was bad, and for how long.
    pub incident: IncidentSummary,
    /// What happened, in time order: deploys, orders with their reasons, the ends of roll-outs, and the faults that nobody in
    /// the story sees.
    pub changes: Vec<Change>,
    /// The dependencies between services through which calls were tried more than once.
    #[serde(skip)]
    retrying: Vec<retrying::Retrying>,
}

impl Summary {
    /// The summary of a run so far, led by the policy of that name.
    #[must_use]
    pub fn of(simulation: &Simulation, policy: &str) -> Self {
        let scenario = simulation.scenario();
        let totals = &simulation.recording().totals;
        let seconds = simulation.recording().seconds.len() as f64;
        let requests = Requests::of(scenario, simulation.recording());
        let changes = changes::changes(simulation);
        Self {
            scenario: scenario.name.clone(),
            title: scenario.title.clone(),
            seed: simulation.seed(),
            variant: simulation.variant().to_owned(),
            policy: policy.to_owned(),
            digest: simulation.digest().to_string(),
            engine_version: env!("CARGO_PKG_VERSION"),
            sim_seconds: simulation.now().as_secs_f64(),
            latency_ms: LatencyMs::of_all(totals.populations.iter().map(|flow| &flow.latency)),
            goodput_per_s: if seconds > 0.0 { requests.total.succeeded as f64 / seconds } else { 0.0 },
            requests,
            services: parts::services(simulation),
            endpoints: parts::endpoints(simulation),
            dependencies: parts::dependencies(simulation),
            impact: ImpactSummary::of(scenario, simulation.recording()),
            incident: IncidentSummary::of(&Curves::of(simulation), &changes),
            changes,
            retrying: retrying::retrying(simulation),
        }
    }
}
