//! The change log of a run: deploys that happened by themselves and orders that were given.
//!
//! Faults are not in it: nobody in the story sees them.

use serde::Serialize;

use crate::ids::Id;
use crate::model::{EndpointSpec, Hotfix, Selector, ServiceSpec, Setting, SystemSpec, Verb};
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::units::SimTime;

/// One change to the system that its people know of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// When it was ordered, in seconds from the start.
    pub at_seconds: f64,
    /// Whose it was.
    pub kind: ChangeKind,
    /// What it was, in words.
    pub text: String,
    /// Why it was ordered, in the words of whoever did; `None` where nobody said.
    pub reason: Option<String>,
}

impl Change {
    /// What it was, with the reason.
    pub(super) fn line(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{} ({reason})", self.text),
            None => self.text.clone(),
        }
    }
}

/// Whose change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Somebody's ordinary deploy.
    Deploy,
    /// An order of whoever leads.
    Order,
    /// What an order led to later: a hotfix that is ready and rolled out.
    Outcome,
}

/// All changes, in time order.
pub(super) fn changes(simulation: &Simulation) -> Vec<Change> {
    let scenario = simulation.scenario();
    let orders = simulation.orders();
    let mut log: Vec<(SimTime, Change)> =
        orders.iter().map(|(at, verb)| (*at, change(*at, ChangeKind::Order, describe(scenario, verb)))).collect();
    for rollout in
        simulation.deploys().rollouts.iter().filter(|rollout| !is_ordered(orders, rollout.service, rollout.ordered))
    {
        let version = &simulation.deploys().versions[rollout.service.index()][usize::from(rollout.version)].name;
        let configured = usize::from(rollout.version) < scenario.system.services[rollout.service].versions.len();
        let kind = if configured { ChangeKind::Deploy } else { ChangeKind::Outcome };
        let verb = if configured { "deploy" } else { "hotfix ready, deploy" };
        let name = &scenario.system.services[rollout.service].name;
        log.push((rollout.ordered, change(rollout.ordered, kind, format!("{verb} {name} {version}"))));
    }
    log.sort_by_key(|(at, _)| *at);
    log.into_iter().map(|(_, change)| change).collect()
}

fn change(at: SimTime, kind: ChangeKind, text: String) -> Change {
    Change { at_seconds: at.as_secs_f64(), kind, text, reason: None }
}

/// Whether a roll-out is what an order asked for, and so on record already.
fn is_ordered(orders: &[(SimTime, Verb)], service: Id<ServiceSpec>, ordered: SimTime) -> bool {
    orders.iter().any(|(at, verb)| {
        *at == ordered
            && match verb {
                Verb::RollBack { service: of } | Verb::Restart { service: of, .. } => *of == service,
                _ => false,
            }
    })
}

/// An order in words.
fn describe(scenario: &Scenario, verb: &Verb) -> String {
    let system = &scenario.system;
    let name = |service: &Id<ServiceSpec>| &system.services[*service].name;
    match verb {
        Verb::RollBack { service } => format!("roll back {}", name(service)),
        Verb::Hotfix(hotfix) => format!("start hotfix {}", hotfix_name(scenario, hotfix)),
        Verb::Restart { service, instance: None } => format!("restart {}", name(service)),
        Verb::Restart { service, instance: Some(_) } => format!("restart one instance of {}", name(service)),
        Verb::ScaleOut { service, add } => format!("scale out {} by {add}", name(service)),
        Verb::Shed { service, selector, ratio } => {
            format!("shed {:.0}% of {} at {}", ratio * 100.0, selected(scenario, *selector), name(service))
        }
        Verb::RateLimit { service, selector, limit } => {
            let what = if limit.is_some() { "limit" } else { "no longer limit" };
            format!("{what} the rate of {} at {}", selected(scenario, *selector), name(service))
        }
        Verb::Set { dependency, setting } => {
            format!("set the {} of {}", setting_name(setting), system.dependencies[*dependency].name)
        }
    }
}

fn hotfix_name(scenario: &Scenario, hotfix: &Hotfix) -> String {
    let offered = scenario.hotfixes.iter().find(|offered| offered.hotfix == *hotfix);
    let name = offered.map_or(hotfix.removes.as_str(), |offered| offered.name.as_str());
    format!("{name} for {}", scenario.system.services[hotfix.service].name)
}

fn selected(scenario: &Scenario, selector: Selector) -> String {
    let population = selector.origin.map(|origin| &scenario.populations[Id::new(u32::from(origin.0))].name);
    let endpoint = selector.endpoint.map(|id| endpoint_name(&scenario.system, id));
    match (population, endpoint) {
        (None, None) => "all requests".to_owned(),
        (Some(population), None) => format!("{population} requests"),
        (None, Some(endpoint)) => format!("{endpoint} requests"),
        (Some(population), Some(endpoint)) => format!("{population} requests to {endpoint}"),
    }
}

fn endpoint_name(system: &SystemSpec, id: Id<EndpointSpec>) -> &str {
    &system.endpoints[id].name
}

fn setting_name(setting: &Setting) -> &'static str {
    match setting {
        Setting::Deadline(_) => "deadline",
        Setting::Timeout(_) => "timeout",
        Setting::Retry(_) => "retry",
        Setting::Breaker(_) => "breaker",
        Setting::Pool(_) => "pool",
    }
}
