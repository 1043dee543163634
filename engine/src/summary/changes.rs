//! What happened in a run: deploys that happened by themselves, orders that were given, what of them was not done at the end,
//! and, behind the scenes, when roll-outs ended and when faults started, changed and healed.
//!
//! A fault may be there long before a job, call or connection meets it. It is told when it is met for the first time, to the
//! second, not to stand as the cause of what has not happened yet.
//!
//! This is the truth for whoever looks back. Whoever led saw the change log of [`crate::observe`] only.

use serde::Serialize;

use crate::fault::{FaultKind, FaultSpec};
use crate::ids::Id;
use crate::model::{
    Change as Behaviour, Effect, EndpointSpec, Hotfix, HotfixWork, Rollout, RolloutStage, Selector, ServiceSpec,
    Setting, SystemSpec, Verb, Work,
};
use crate::scenario::Scenario;
use crate::simulation::{FaultMoment, Simulation, Stay};
use crate::units::{SimDuration, SimTime};

use super::figures::clock;

/// Something that happened to the system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// When it was ordered or happened, in seconds from the start; for a fault, when it was first met.
    pub at_seconds: f64,
    /// Whose it was.
    pub kind: ChangeKind,
    /// What it was, in words.
    pub text: String,
    /// Why it was ordered, in the words of whoever did; `None` where nobody said.
    pub reason: Option<String>,
    /// What a version does differently, or since when a fault had been there; `None` where there is nothing to say.
    pub detail: Option<String>,
    /// Whether it is of a fault that nothing has met.
    #[serde(skip)]
    pub(super) idle: bool,
}

impl Change {
    /// What it was, with the reason and the detail.
    pub(super) fn line(&self) -> String {
        let more: Vec<&str> = self.reason.iter().chain(&self.detail).map(String::as_str).collect();
        if more.is_empty() { self.text.clone() } else { format!("{} ({})", self.text, more.join("; ")) }
    }

    /// A change for tests.
    #[cfg(test)]
    pub(super) fn example(at_seconds: f64, kind: ChangeKind, text: &str) -> Self {
        Self { at_seconds, kind, text: text.to_owned(), reason: None, detail: None, idle: false }
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
    /// An order that is not done at the end of the run.
    Unfinished,
    /// A fault that starts, changes its strength or heals. Nobody in the story sees it.
    Fault,
}

/// Everything that happened, in time order: at one instant what goes wrong first, and what ends last.
pub(super) fn changes(simulation: &Simulation) -> Vec<Change> {
    let mut log = faults(simulation);
    log.extend(orders(simulation));
    log.extend(rollouts(simulation));
    log.extend(dropped_hotfixes(simulation));
    log.extend(works(simulation));
    log.extend(ends(simulation));
    log.extend(unfinished(simulation));
    log.sort_by_key(|(at, _)| *at);
    log.into_iter().map(|(_, change)| change).collect()
}

type Log = Vec<(SimTime, Change)>;

/// The orders, those of one command in one line.
fn orders(simulation: &Simulation) -> Log {
    let cause = |order: usize| simulation.cause(order);
    let orders = simulation.orders();
    let first = |order: &usize| *order == 0 || cause(*order).is_none() || cause(*order) != cause(*order - 1);
    let entry = |order: usize| {
        let (at, verb) = &orders[order];
        let reason = simulation.reason(order).map(str::to_owned);
        let more = (order + 1..orders.len()).take_while(|next| !first(next)).count();
        let more = if more > 0 { format!(", and {more} more like it") } else { String::new() };
        let text = format!("{}{more}", describe(simulation.scenario(), verb));
        (*at, Change { reason, ..change(*at, ChangeKind::Order, text) })
    };
    (0..orders.len()).filter(first).map(entry).collect()
}

/// The roll-outs that nobody ordered as such.
fn rollouts(simulation: &Simulation) -> Log {
    let system = &simulation.scenario().system;
    let ordered = |rollout: &&Rollout| order_of(simulation, rollout).is_some() || is_of_work(simulation, rollout);
    let by_themselves = simulation.deploys().rollouts.iter().filter(|rollout| !ordered(rollout));
    let entry = |rollout: &Rollout| {
        let configured = usize::from(rollout.version) < system.services[rollout.service].versions.len();
        let kind = if configured { ChangeKind::Deploy } else { ChangeKind::Outcome };
        let verb = if configured { "deploy" } else { "hotfix ready, deploy" };
        let text = format!("{verb} {} {}", system.services[rollout.service].name, version(simulation, rollout));
        let detail = Some(difference(simulation, rollout));
        (rollout.ordered, Change { detail, ..change(rollout.ordered, kind, text) })
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

/// Whether a roll-out is what some work came to.
fn is_of_work(simulation: &Simulation, rollout: &Rollout) -> bool {
    rollout.is_back() && simulation.deploys().works.iter().any(|work| work.finished && work.due == rollout.ordered)
}

/// The ends of work, with the orders it came to.
fn works(simulation: &Simulation) -> Log {
    let finished = simulation.deploys().works.iter().filter(|work| work.finished);
    let entry = |work: &Work| {
        let orders: Vec<String> = work.verbs.iter().map(|verb| describe(simulation.scenario(), verb)).collect();
        (work.due, change(work.due, ChangeKind::Outcome, format!("{}: {}", work.name, orders.join(", "))))
    };
    finished.map(entry).collect()
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

/// What a version does that the first one does not, in the scenario's names: `new-links: extra calls at download to
/// links.sign-v2`.
fn difference(simulation: &Simulation, rollout: &Rollout) -> String {
    let system = &simulation.scenario().system;
    let versions = &simulation.deploys().versions[rollout.service.index()];
    let effects = &versions[usize::from(rollout.version)].effects;
    if effects.is_empty() {
        return format!("behaves like {}", versions[0].name);
    }
    let effect = |effect: &Effect| {
        let endpoint = effect.endpoint.map_or_else(String::new, |id| format!(" at {}", endpoint_name(system, id)));
        format!("{}: {}{endpoint}", effect.name, behaviour(system, &effect.change))
    };
    effects.iter().map(effect).collect::<Vec<_>>().join(", ")
}

/// What has been ordered and is not done: hotfixes that are being written, roll-outs that go on.
fn unfinished(simulation: &Simulation) -> Log {
    let (now, scenario) = (simulation.now(), simulation.scenario());
    let for_now = |since: SimTime| coarse(now.since(since));
    let entry = |text: String| (now, change(now, ChangeKind::Unfinished, text));
    let hotfixes = simulation.deploys().hotfixes.iter().filter(|work| !work.finished);
    let written = hotfixes.map(|work| {
        let (name, estimate) = (hotfix_name(scenario, &work.hotfix), work.hotfix.duration.mean());
        let estimate = coarse(SimDuration::from_nanos_f64(estimate));
        let so_far = for_now(work.ordered);
        entry(format!("hotfix {name} still being written at the end, {so_far} so far, estimated {estimate}"))
    });
    let going_on =
        |(_, rollout): &(usize, &Rollout)| !matches!(rollout.stage, RolloutStage::Done | RolloutStage::Superseded);
    let rollouts = simulation.deploys().rollouts.iter().enumerate().filter(going_on);
    let rolled = rollouts.map(|(_, rollout)| {
        let name = &scenario.system.services[rollout.service].name;
        let what = match order_of(simulation, rollout) {
            Some(Verb::Restart { .. }) => format!("restart of {name}"),
            Some(Verb::RollBack { .. }) => format!("roll-back of {name} to {}", version(simulation, rollout)),
            _ => format!("deploy of {name} {}", version(simulation, rollout)),
        };
        entry(format!("{what} not finished at the end, {} so far", for_now(rollout.ordered)))
    });
    written.chain(rolled).collect()
}

/// A span in whole minutes; below two, in seconds.
fn coarse(span: SimDuration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 120.0 {
        format!("{seconds:.0} seconds")
    } else {
        format!("{:.0} minutes", libm::round(seconds / 60.0))
    }
}

/// A fault that is met this soon after its start is met from its start.
const SOON: f64 = 10.0;

fn faults(simulation: &Simulation) -> Log {
    let moments = simulation.chronicle().faults();
    let entry = |(index, moment): (usize, &FaultMoment)| {
        let fault = &simulation.plot().faults[moment.fault as usize];
        let Stay { start, met } = simulation.stay(index)?;
        let (name, idle) = (&fault.name, met.is_none());
        let told = |text: String| (moment.at, Change { idle, ..change(moment.at, ChangeKind::Fault, text) });
        Some(if moment.after <= 0.0 {
            told(format!("fault {name} heals"))
        } else if moment.before <= 0.0 {
            begin(simulation, fault, start, met)
        } else {
            told(format!("fault {name} at {:.0}% of its strength", moment.after * 100.0))
        })
    };
    moments.iter().enumerate().filter_map(entry).collect()
}

/// The beginning of a fault: when it starts, or when something meets it for the first time.
fn begin(simulation: &Simulation, fault: &FaultSpec, start: SimTime, met: Option<SimTime>) -> (SimTime, Change) {
    let (name, what) = (&fault.name, affliction(simulation.scenario(), fault));
    let starts = change(start, ChangeKind::Fault, format!("fault {name} starts: {what}"));
    match met {
        None => {
            let detail = Some("nothing has met it".to_owned());
            (start, Change { detail, idle: true, ..starts })
        }
        Some(met) if met.as_secs_f64() > start.as_secs_f64() + SOON => {
            let detail = Some(format!("there since {}, met by nothing before", clock(start.as_secs_f64())));
            (met, Change { detail, ..change(met, ChangeKind::Fault, format!("fault {name} is met: {what}")) })
        }
        Some(_) => (start, starts),
    }
}

/// What a fault does, in words.
fn affliction(scenario: &Scenario, fault: &FaultSpec) -> String {
    let system = &scenario.system;
    let service = |id: &Id<ServiceSpec>| &system.services[*id].name;
    match &fault.kind {
        FaultKind::Behaviour { service: id, endpoint, change } => {
            let what = behaviour(system, change);
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

/// What changes in the behaviour of a service, in words.
fn behaviour(system: &SystemSpec, change: &Behaviour) -> String {
    match change {
        Behaviour::ServiceTime { .. } => "slowdown".to_owned(),
        Behaviour::AddedWork { .. } => "more work".to_owned(),
        Behaviour::Errors { .. } => "errors".to_owned(),
        Behaviour::ExtraCalls { call, .. } => {
            let target = &system.services[system.dependencies[call.dependency].target].name;
            format!("extra calls to {target}.{}", endpoint_name(system, call.endpoint))
        }
        Behaviour::ConnectionHold { dependency, .. } => {
            format!("connections of {} held for longer", system.dependencies[*dependency].name)
        }
    }
}

fn change(at: SimTime, kind: ChangeKind, text: String) -> Change {
    Change { at_seconds: at.as_secs_f64(), kind, text, reason: None, detail: None, idle: false }
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
        // One that takes no time has been written by somebody before.
        Verb::Hotfix(hotfix) if hotfix.duration.mean() > 0.0 => {
            format!("start hotfix {}", hotfix_name(scenario, hotfix))
        }
        Verb::Hotfix(hotfix) => format!("hand in hotfix {}", hotfix_name(scenario, hotfix)),
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
        Verb::Later { name, .. } => format!("start {name}"),
    }
}

fn hotfix_name(scenario: &Scenario, hotfix: &Hotfix) -> String {
    format!("{} for {}", hotfix.name, scenario.system.services[hotfix.service].name)
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
