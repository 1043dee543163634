//! Made-up dashboards for tests of policies.

use crate::ids::Id;
use crate::observe::{ChangeEntry, Observation, SCRAPE_INTERVAL, ServiceView, Subject};
use crate::policy::Policy;
use crate::response::{Action, Affected, Command, Estimate, Menu, MenuOption, Named, Reversibility, Takes, Target};
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
        people: None,
        evidence: Vec::new(),
        conclusions: Vec::new(),
        triggers: Vec::new(),
    }
}

pub(super) fn change(at: u64, service: u32, version: &str, back: bool, done: bool) -> ChangeEntry {
    let (at, service) = (SimTime::ZERO + SimDuration::from_secs(at), Id::new(service));
    let (name, version) = (format!("s{}", service.index()), version.to_owned());
    ChangeEntry { at, service, name, version, back, done, dropped: false }
}

/// An option that is done to a service, in two minutes.
pub(super) fn menu_option(name: &str, action: Action, service: u32) -> MenuOption {
    let two_minutes = SimDuration::from_secs(120);
    let named = Named { id: Id::new(service), name: format!("s{service}") };
    MenuOption {
        name: name.to_owned(),
        title: String::new(),
        action,
        target: Target { service: Some(named), ..Target::default() },
        parameters: Vec::new(),
        estimate: Estimate {
            takes: Takes { low: two_minutes, likely: two_minutes, high: two_minutes },
            lead_time: SimDuration::ZERO,
            undo: Reversibility::No { why: String::new() },
            wrong: None,
            risk: String::new(),
            compat_tested: None,
            affected: Affected::default(),
        },
    }
}

pub(super) fn menu(options: &[(&str, Action, u32)]) -> Menu {
    Menu {
        options: options.iter().map(|(name, action, service)| menu_option(name, *action, *service)).collect(),
        looks: Vec::new(),
    }
}

/// A lead that is asked scrape after scrape, with what it sees, its menu, and what it has said so far.
pub(super) struct Stage<P> {
    pub(super) lead: P,
    pub(super) services: Vec<ServiceView>,
    pub(super) changes: Vec<ChangeEntry>,
    pub(super) menu: Menu,
    pub(super) now: u64,
    pub(super) said: Vec<(u64, Command)>,
}

impl<P: Policy> Stage<P> {
    pub(super) fn of(lead: P, services: Vec<ServiceView>, options: Vec<MenuOption>) -> Self {
        Self {
            lead,
            services,
            changes: Vec::new(),
            menu: Menu { options, looks: Vec::new() },
            now: 0,
            said: Vec::new(),
        }
    }

    /// Lets time pass up to `until` seconds.
    pub(super) fn pass(&mut self, until: u64) -> &mut Self {
        while self.now < until {
            self.now += SCRAPE_INTERVAL.as_nanos() / 1_000_000_000;
            let mut seen = observation(self.services.clone());
            seen.now = SimTime::ZERO + SimDuration::from_secs(self.now);
            seen.changes.clone_from(&self.changes);
            let said = self.lead.decide(&seen, &self.menu);
            self.said.extend(said.into_iter().map(|command| (self.now, command)));
        }
        self
    }

    /// What was done when: the option, and its arguments.
    pub(super) fn orders(&self) -> Vec<(u64, String)> {
        let text = |(at, command): &(u64, Command)| {
            let Command::Act { option, arguments, .. } = command else { panic!("{command:?}") };
            let arguments: String = arguments.iter().map(|(name, value)| format!(" {name}={value}")).collect();
            (*at, format!("{option}{arguments}"))
        };
        self.said.iter().map(text).collect()
    }
}
