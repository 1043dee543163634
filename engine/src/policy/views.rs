//! Made-up dashboards for tests of policies.

use crate::ids::Id;
use crate::observe::{ChangeEntry, Observation, SCRAPE_INTERVAL, ServiceView, Subject};
use crate::response::{Action, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

pub(super) fn view(name: &str, request_rate: f64, error_ratio: Option<f64>) -> ServiceView {
    ServiceView {
        service: Id::new(0),
        name: name.to_owned(),
        shows: Subject::Service(Id::new(0)).metrics().to_vec(),
        request_rate: Some(request_rate),
        error_ratio,
        goodput: Some(request_rate * (1.0 - error_ratio.unwrap_or(1.0))),
        mean_latency: error_ratio.map(|_| SimDuration::from_millis(50)),
        p99_latency: error_ratio.map(|_| SimDuration::from_millis(90)),
        utilisation: Some(0.2),
        queue: Some(0),
        instances: Some(2),
        top_error: None,
    }
}

pub(super) fn observation(mut services: Vec<ServiceView>) -> Observation {
    for (index, view) in services.iter_mut().enumerate() {
        view.service = Id::from_usize(index);
    }
    Observation {
        now: SimTime::ZERO,
        scraped_at: None,
        scrape_interval: SCRAPE_INTERVAL,
        stale_since: None,
        services,
        endpoints: Vec::new(),
        dependencies: Vec::new(),
        populations: Vec::new(),
        alerts: Vec::new(),
        notifications: Vec::new(),
        changes: Vec::new(),
    }
}

pub(super) fn change(at: u64, service: u32, version: &str, back: bool, done: bool) -> ChangeEntry {
    let (at, service) = (SimTime::ZERO + SimDuration::from_secs(at), Id::new(service));
    let (name, version) = (format!("s{}", service.index()), version.to_owned());
    ChangeEntry { at, service, name, version, back, done, dropped: false }
}

pub(super) fn menu(options: &[(&str, Action, u32)]) -> Menu {
    let option = |(name, action, service): &(&str, Action, u32)| MenuOption {
        name: (*name).to_owned(),
        title: String::new(),
        action: *action,
        service: Id::new(*service),
        estimate: SimDuration::from_secs(120),
    };
    Menu { options: options.iter().map(option).collect() }
}
