//! What happened in a run: deploys that happened by themselves, orders that were given, and, behind the scenes, when roll-outs
//! ended and when faults started, changed and healed.
//!
//! This is the truth for whoever looks back. Whoever led saw the change log of [`crate::observe`] only.

use serde::Serialize;

use crate::fault::{FaultKind, FaultSpec};
use crate::ids::Id;
use crate::model::{
    Change as Behaviour, EndpointSpec, Hotfix, HotfixWork, Rollout, Selector, ServiceSpec, Setting, SystemSpec, Verb,
};
use crate::scenario::Scenario;
use crate::simulation::{FaultMoment, Simulation};
use crate::units::SimTime;

/// Something that happened to the system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// When it was ordered or happened, in seconds from the start.
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
    /// What an order led to later: a hotfix that is ready, and rolled out if it is still needed.
    Outcome,
    /// The end of a roll-out: every instance has been replaced.
    Done,
    /// A fault that starts, changes its strength or heals. Nobody in the story sees it.
    Fault,
}

/// Everything that happened, in time order: at one instant what goes wrong first, and what ends last.
pub(super) fn changes(simulation: &Simulation) -> Vec<Change> {
    let mut log = faults(simulation);
    log.extend(orders(simulation));
    log.extend(rollouts(simulation));
    log.extend(dropped_hotfixes(simulation));
    log.extend(ends(simulation));
    log.sort_by_key(|(at, _)| *at);
    log.into_iter().map(|(_, change)| change).collect()
}

type Log = Vec<(SimTime, Change)>;

fn orders(simulation: &Simulation) -> Log {
    let entry = |(index, (at, verb)): (usize, &(SimTime, Verb))| {
        let reason = simulation.reason(index).map(str::to_owned);
        let text = describe(simulation.scenario(), verb);
        (*at, Change { reason, ..change(*at, ChangeKind::Order, text) })
    };
    simulation.orders().iter().enumerate().map(entry).collect()
}

/// The roll-outs that nobody ordered as such.
fn rollouts(simulation: &Simulation) -> Log {
    let system = &simulation.scenario().system;
    let by_themselves = simulation.deploys().rollouts.iter().filter(|rollout| order_of(simulation, rollout).is_none());
    let entry = |rollout: &Rollout| {
        let configured = usize::from(rollout.version) < system.services[rollout.service].versions.len();
        let kind = if configured { ChangeKind::Deploy } else { ChangeKind::Outcome };
        let verb = if configured { "deploy" } else { "hotfix ready, deploy" };
        let text = format!("{verb} {} {}", system.services[rollout.service].name, version(simulation, rollout));
        (rollout.ordered, change(rollout.ordered, kind, text))
    };
    by_themselves.map(entry).collect()
}

/// The hotfixes that nobody needed any more when they were ready.
fn dropped_hotfixes(simulation: &Simulation) -> Log {
    let dropped = simulation.deploys().hotfixes.iter().filter(|work| work.dropped);
    let entry = |work: &HotfixWork| {
        let text = format!("hotfix {} ready, not needed any more", hotfix_name(simulation.scenario(), &work.hotfix));
        (work.due, change(work.due, ChangeKind::Outcome, text))
    };
    dropped.map(entry).collect()
}

/// The ends of all roll-outs that came to one.
fn ends(simulation: &Simulation) -> Log {
    let entry = |(index, rollout): (usize, &Rollout)| {
        let at = simulation.chronicle().rollout_ended(index)?;
        let name = &simulation.scenario().system.services[rollout.service].name;
        let text = match order_of(simulation, rollout) {
            Some(Verb::Restart { instance: Some(_), .. }) => format!("one instance of {name} has restarted"),
            Some(Verb::Restart { .. }) => format!("{name} has restarted"),
            Some(Verb::RollBack { .. }) => format!("{name} is back on {}", version(simulation, rollout)),
            _ => format!("{name} is all on {}", version(simulation, rollout)),
        };
        Some((at, change(at, ChangeKind::Done, text)))
    };
    simulation.deploys().rollouts.iter().enumerate().filter_map(entry).collect()
}

fn version<'a>(simulation: &'a Simulation, rollout: &Rollout) -> &'a str {
    &simulation.deploys().versions[rollout.service.index()][usize::from(rollout.version)].name
}

fn faults(simulation: &Simulation) -> Log {
    let entry = |moment: &FaultMoment| {
        let fault = &simulation.plot().faults[moment.fault as usize];
        let what = affliction(simulation.scenario(), fault);
        let text = if moment.after <= 0.0 {
            format!("fault {} heals", fault.name)
        } else if moment.before <= 0.0 {
            format!("fault {} starts: {what}", fault.name)
        } else {
            format!("fault {} at {:.0}% of its strength", fault.name, moment.after * 100.0)
        };
        (moment.at, change(moment.at, ChangeKind::Fault, text))
    };
    simulation.chronicle().faults().iter().map(entry).collect()
}

/// What a fault does, in words.
fn affliction(scenario: &Scenario, fault: &FaultSpec) -> String {
    let system = &scenario.system;
    let service = |id: &Id<ServiceSpec>| &system.services[*id].name;
    match &fault.kind {
        FaultKind::Behaviour { service: id, endpoint, change } => {
            let what = match change {
                Behaviour::ServiceTime { .. } => "slowdown",
                Behaviour::AddedWork { .. } => "more work",
                Behaviour::Errors { .. } => "errors",
                Behaviour::ExtraCalls { .. } => "extra calls",
                Behaviour::ConnectionHold { .. } => "connections held for longer",
            };
            let endpoint = endpoint.map_or_else(String::new, |id| format!(".{}", endpoint_name(system, id)));
            format!("{what} at {}{endpoint}", service(id))
        }
        FaultKind::Crash { service: id, .. } => format!("crash of {}", service(id)),
        FaultKind::LostCapacity { service: id, .. } => format!("lost capacity of {}", service(id)),
        FaultKind::Partition { dependency, .. } => format!("partition of {}", system.dependencies[*dependency].name),
        FaultKind::ConnectionLeak { dependency, .. } => {
            format!("connections leak from {}", system.dependencies[*dependency].name)
        }
        FaultKind::TrafficSpike { population, .. } => {
            format!("more traffic from {}", scenario.populations[*population].name)
        }
    }
}

fn change(at: SimTime, kind: ChangeKind, text: String) -> Change {
    Change { at_seconds: at.as_secs_f64(), kind, text, reason: None }
}

/// The order that a roll-out carries out, and whose place in the log it has.
fn order_of<'a>(simulation: &'a Simulation, rollout: &Rollout) -> Option<&'a Verb> {
    let orders = simulation.orders().iter().filter(|(at, _)| *at == rollout.ordered);
    orders.map(|(_, verb)| verb).find(|verb| {
        matches!(verb, Verb::RollBack { service } | Verb::Restart { service, .. } if *service == rollout.service)
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
