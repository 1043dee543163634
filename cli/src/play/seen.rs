//! What the dashboards have shown so far: the readings as they were visible, kept from the first one on.

use brownout::observe::Observation;
use brownout::scenario::Scenario;
use brownout::units::SimDuration;

/// One reading of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    /// Requests a second.
    pub(super) rate: Option<f64>,
    /// The share of errors, 0 to 1.
    pub(super) errors: Option<f64>,
    /// Latency in seconds: the 99th percentile, or the mean where only that is measured.
    pub(super) latency: Option<f64>,
}

/// Something with a row of charts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// By reading, oldest first.
    pub(super) points: Vec<Point>,
    /// Whether anything of it is measured at all.
    pub(super) measured: bool,
}

/// Everything seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The services that users call, then what populations see where that is measured.
    pub(super) rows: Vec<Row>,
    /// The last observation.
    pub(super) last: Option<Observation>,
}

impl Seen {
    /// Takes in an observation; its readings are kept when they are new.
    pub(super) fn look(&mut self, observation: Observation, scenario: &Scenario) {
        let before = self.last.as_ref().and_then(|last| last.scraped_at);
        if self.last.is_none() || observation.scraped_at != before {
            self.read(&observation, scenario);
        }
        self.last = Some(observation);
    }

    fn read(&mut self, observation: &Observation, scenario: &Scenario) {
        let first = observation.scraped_at.is_none();
        let secs = |span: Option<SimDuration>| span.map(SimDuration::as_secs_f64);
        let called = observation.services.iter().filter(|view| is_called(scenario, view.service));
        let services = called.map(|view| {
            let latency = secs(view.p99_latency).or(secs(view.mean_latency));
            (&view.name, !view.shows.is_empty(), Point { rate: view.request_rate, errors: view.error_ratio, latency })
        });
        let populations = observation.populations.iter().map(|view| {
            let latency = secs(view.p99_latency).or(secs(view.mean_latency));
            (&view.name, true, Point { rate: view.request_rate, errors: view.error_ratio, latency })
        });
        for (name, measured, point) in services.chain(populations) {
            let at = self.rows.iter().position(|row| row.name == *name).unwrap_or_else(|| {
                self.rows.push(Row { name: name.clone(), points: Vec::new(), measured });
                self.rows.len() - 1
            });
            if !first {
                self.rows[at].points.push(point);
            }
        }
    }
}

/// Whether users call a service, which is no secret: it is how the system is built.
pub(super) fn is_called(scenario: &Scenario, service: brownout::ids::Id<brownout::model::ServiceSpec>) -> bool {
    let mut calls = scenario.populations.iter().flat_map(|population| &population.mix);
    calls.any(|entry| scenario.system.endpoints[entry.call.endpoint].service == service)
}
