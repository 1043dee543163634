//! Probes: questions that are put to whoever leads while everything stands still, and what was true when they were put.
//!
//! In the manner of SAGAT (Endsley): at instants that nobody foresees the exercise freezes, what is shown is covered, and what is asked
//! tells whether the situation was perceived (level 1), understood (level 2) and projected (level 3). When a probe comes depends on the
//! seed and the scenario alone, so that it is the same at every replay. Which questions there are and how far apart they come are
//! assumptions of ours.

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::observe::Second;
use crate::rng::Key;
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::units::{SimDuration, SimTime};

/// How many there are at most.
const MOST: u32 = 4;
/// The first comes within this stretch of the length of play, as shares of it.
const FIRST: (f64, f64) = (0.4, 0.65);
/// The length of play of a scenario that does not say it.
const USUAL_LENGTH: SimDuration = SimDuration::from_secs(1_800);
/// How far apart they are, in seconds.
const APART: (f64, f64) = (240.0, 480.0);
/// What is asked about is taken over so long.
const OVER: usize = 60;
/// How far ahead is asked.
pub const AHEAD: SimDuration = SimDuration::from_secs(600);
/// A share of errors that is asked about.
pub const TROUBLE: f64 = 0.05;

/// A probe: three questions, put at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Its number, from 0.
    pub number: u32,
    /// When it is put.
    pub at: SimTime,
    /// The service that the first and the third question are about, by its name: one that users call.
    pub service: String,
}

impl Probe {
    /// Level 1: perceived.
    #[must_use]
    pub fn errors(&self) -> String {
        format!("Which share of the answers of {} were errors in the last minute?", self.service)
    }

    /// Level 2: understood.
    #[must_use]
    pub fn begins(&self) -> String {
        format!(
            "At which service do the errors begin, if at least {:.0}% fail anywhere? `none` if nowhere.",
            TROUBLE * 100.0
        )
    }

    /// Level 3: projected.
    #[must_use]
    pub fn likely(&self) -> String {
        format!(
            "How likely is it that in ten minutes at least {:.0}% of the answers of {} are errors?",
            TROUBLE * 100.0,
            self.service
        )
    }
}

/// What was true when a probe was put; for debriefs only.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The share of the service's answers that were errors in the minute before; `None` if it gave none.
    pub errors: Option<f64>,
    /// The services that fail while nothing they call does, by their names; empty where none fails.
    pub begins: Vec<String>,
    /// Whether the errors of the service were as high as was asked about ten minutes later; `None` before that minute was over, or where
    /// it gave no answer in it.
    pub came: Option<bool>,
}

/// The probes of a scenario under a seed, in time order.
pub(super) fn schedule(scenario: &Scenario, seed: u64) -> Vec<Probe> {
    let asked = services(scenario);
    let end = SimTime::ZERO.saturating_add(scenario.duration);
    let length = scenario.about.length.unwrap_or(USUAL_LENGTH).min(scenario.duration).as_secs_f64();
    let mut probes = Vec::new();
    let mut at = 0.0;
    for number in 0..MOST {
        let mut luck = Key::named(seed, 0, "probes", number).rng(0);
        let (low, high) = if number == 0 { (FIRST.0 * length, FIRST.1 * length) } else { APART };
        at += low + (high - low) * luck.uniform();
        let second = SimTime::from_secs(libm::round(at) as u64);
        if second >= end || asked.is_empty() {
            break;
        }
        let which = (luck.uniform() * asked.len() as f64) as usize;
        let service = asked[which.min(asked.len() - 1)].clone();
        probes.push(Probe { number, at: second, service });
    }
    probes
}

/// The services that users call, by their names.
fn services(scenario: &Scenario) -> Vec<String> {
    let system = &scenario.system;
    let called = |id: &Id<ServiceSpec>| {
        let mut calls = scenario.populations.iter().flat_map(|population| &population.mix);
        calls.any(|entry| system.endpoints[entry.call.endpoint].service == *id)
    };
    system.services.ids().filter(called).map(|id| system.services[id].name.clone()).collect()
}

/// What was true when a probe was put, as far as the simulation has come. Only debriefs and tools may see it.
#[must_use]
pub fn truth(simulation: &Simulation, probe: &Probe) -> Truth {
    let system = simulation.system();
    let minute = |end: SimTime| {
        let seconds = &simulation.recording().seconds;
        let upto = seconds.partition_point(|second| second.end <= end);
        &seconds[upto.saturating_sub(OVER)..upto]
    };
    let then = minute(probe.at);
    let fails = |id: Id<ServiceSpec>| ratio(then, id).is_some_and(|ratio| ratio >= TROUBLE);
    let begins = system.services.ids().filter(|id| {
        let calls = &system.services[*id].dependencies;
        fails(*id) && !calls.iter().any(|call| fails(system.dependencies[*call].target))
    });
    let begins = begins.map(|id| system.services[id].name.clone()).collect();
    let service = system.services.ids().find(|id| system.services[*id].name == probe.service);
    let later = probe.at.saturating_add(AHEAD);
    let came = service.filter(|_| simulation.now() >= later).and_then(|id| ratio(minute(later), id));
    Truth { errors: service.and_then(|id| ratio(then, id)), begins, came: came.map(|ratio| ratio >= TROUBLE) }
}

/// The share of a service's answers that were errors; `None` if it gave none.
fn ratio(seconds: &[std::sync::Arc<Second>], id: Id<ServiceSpec>) -> Option<f64> {
    let flow = |second: &std::sync::Arc<Second>| {
        let flow = &second.services[id.index()].flow;
        (f64::from(flow.failed()), f64::from(flow.succeeded))
    };
    let (failed, succeeded) = seconds.iter().map(flow).fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (failed + succeeded > 0.0).then(|| failed / (failed + succeeded))
}
