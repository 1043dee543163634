//! Faults at work: when each starts, how its strength changes, when it heals, and what it does meanwhile.

use std::sync::Arc;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Class;
use crate::model::{
    Change, DependencySpec, Effect, Event, Flow, Instance, Model, Partitions, Room, ServiceSpec, Status,
};
use crate::traffic::{PopulationSpec, Traffic};
use crate::units::SimTime;

use super::{Condition, DeploySpec, FaultKind, FaultSpec, Measure, Trigger, Victims};

/// What goes wrong in the variant that is true: immutable, shared by all branches of a run.
#[derive(Clone, Debug, Resource)]
pub struct Plot {
    /// The faults of every variant, then those of this one.
    pub faults: Arc<[FaultSpec]>,
    /// The deploys of every variant, then those of this one.
    pub deploys: Arc<[DeploySpec]>,
}

/// How far each fault has got.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Faults {
    courses: Vec<Course>,
    /// By service: the integrals of busy and of serving workers at the last look.
    looks: Vec<(u128, u128)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Course {
    stage: Stage,
    strength: f64,
    /// For how many seconds in a row the condition for the start, then that for the healing, has held; [`CHANGED`] once it
    /// has healed on it.
    held: u32,
    /// By change: for how many seconds in a row its condition has held, [`CHANGED`] once it has happened.
    changes: Vec<u32>,
    /// The instances that a crash has taken down.
    victims: Vec<Id<Instance>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Awaited,
    Active,
    Healed,
}

/// A change that has happened on its condition.
const CHANGED: u32 = u32::MAX;

/// What an event of the fault room says, in its `epoch` number.
const START: u32 = u32::MAX;
const HEAL: u32 = u32::MAX - 1;

impl Faults {
    /// The first state: nothing has gone wrong yet.
    #[must_use]
    pub fn new(plot: &Plot, services: usize) -> Self {
        let course = |fault: &FaultSpec| Course {
            stage: Stage::Awaited,
            strength: 0.0,
            held: 0,
            changes: vec![0; fault.changes.len()],
            victims: Vec::new(),
        };
        Self { courses: plot.faults.iter().map(course).collect(), looks: vec![(0, 0); services] }
    }

    /// Puts everything that has a fixed time into the agenda.
    pub fn start(plot: &Plot, model: &mut Model<'_>) {
        for (index, deploy) in (0..).zip(plot.deploys.iter()) {
            model.agenda.at(deploy.at, Class::Control, Event::Outer { room: Room::Deploy, index, epoch: 0 });
        }
        for (index, fault) in (0..).zip(plot.faults.iter()) {
            if let Trigger::At(at) = fault.start {
                schedule(model, index, at, START);
            }
        }
    }

    /// By fault: how strongly it is at work now, 1 being full strength; 0 before it starts and once it has healed.
    pub fn strengths(&self) -> impl Iterator<Item = f64> + '_ {
        self.courses.iter().map(|course| course.strength)
    }

    /// Something about a fault is due.
    pub fn due(&mut self, plot: &Plot, model: &mut Model<'_>, traffic: &mut Traffic<'_>, index: u32, what: u32) {
        let fault = &plot.faults[index as usize];
        let stage = self.courses[index as usize].stage;
        match (what, stage) {
            (START, Stage::Awaited) => {
                self.begin(fault, model, index);
                self.set_strength(plot, model, traffic, index, 1.0);
            }
            (HEAL, Stage::Active) => {
                self.courses[index as usize].stage = Stage::Healed;
                self.set_strength(plot, model, traffic, index, 0.0);
            }
            (START | HEAL, _) => {}
            (change, Stage::Active) => {
                self.set_strength(plot, model, traffic, index, fault.changes[change as usize].1);
            }
            _ => {}
        }
    }

    fn begin(&mut self, fault: &FaultSpec, model: &mut Model<'_>, index: u32) {
        let course = &mut self.courses[index as usize];
        course.stage = Stage::Active;
        course.held = 0;
        for (number, (when, _)) in (0..).zip(&fault.changes) {
            schedule_trigger(model, index, when, number);
        }
        if let Some(heal) = &fault.heal {
            schedule_trigger(model, index, heal, HEAL);
        }
    }

    /// Looks at the conditions, with the measures of the second that ends now.
    pub fn look(&mut self, plot: &Plot, model: &mut Model<'_>, traffic: &mut Traffic<'_>) {
        for (index, fault) in (0..).zip(plot.faults.iter()) {
            match self.courses[index as usize].stage {
                Stage::Awaited => self.look_at(plot, model, traffic, index, &fault.start, START),
                Stage::Active => self.look_at_active(plot, model, traffic, index, fault),
                Stage::Healed => {}
            }
        }
        for (service, look) in self.looks.iter_mut().enumerate() {
            let id = Id::from_usize(service);
            *look = (model.busy_integral(id), model.slots_integral(id));
        }
    }

    fn look_at_active(
        &mut self,
        plot: &Plot,
        model: &mut Model<'_>,
        traffic: &mut Traffic<'_>,
        index: u32,
        fault: &FaultSpec,
    ) {
        for (number, (when, _)) in (0..).zip(&fault.changes) {
            self.look_at(plot, model, traffic, index, when, number);
        }
        if let Some(heal) = &fault.heal {
            self.look_at(plot, model, traffic, index, heal, HEAL);
        }
    }

    /// Looks at one trigger, and lets happen `what` follows from it if its condition has now held for long enough.
    fn look_at(
        &mut self,
        plot: &Plot,
        model: &mut Model<'_>,
        traffic: &mut Traffic<'_>,
        index: u32,
        trigger: &Trigger,
        what: u32,
    ) {
        let Trigger::When { condition, holds } = trigger else { return };
        let holding = self.measure(condition.measure, model, traffic).is_some_and(|value| met(condition, value));
        let course = &mut self.courses[index as usize];
        let held = match what {
            START | HEAL => &mut course.held,
            change => &mut course.changes[change as usize],
        };
        if *held == CHANGED {
            return;
        }
        *held = if holding { *held + 1 } else { 0 };
        if *held >= *holds {
            *held = CHANGED;
            self.due(plot, model, traffic, index, what);
        }
    }

    /// A measure of the second that ends now; `None` when there was nothing to measure.
    fn measure(&self, measure: Measure, model: &Model<'_>, traffic: &Traffic<'_>) -> Option<f64> {
        let services = &model.meters.services;
        Some(match measure {
            Measure::Utilisation(service) => model.utilisation(service, self.looks[service.index()]),
            Measure::QueueLength(service) => f64::from(model.queue_length(service)),
            Measure::ErrorRatio(service) => return failed_ratio(&services[service.index()]),
            Measure::ArrivalRate(service) => services[service.index()].offered as f64,
            Measure::PoolInUse(dependency) => f64::from(model.pool_gauges(dependency).active),
            Measure::PoolWaiting(dependency) => f64::from(model.pool_gauges(dependency).pending),
            Measure::FailureRatio(population) => return failed_ratio(&traffic.populations[population].flow),
            Measure::Latency(service, share) => return quantile(&services[service.index()], share),
            Measure::ResponseTime(population, share) => return quantile(&traffic.populations[population].flow, share),
            Measure::OpenBreakers(dependency) => f64::from(model.breaker_gauges(dependency).open),
        })
    }

    fn set_strength(
        &mut self,
        plot: &Plot,
        model: &mut Model<'_>,
        traffic: &mut Traffic<'_>,
        index: u32,
        strength: f64,
    ) {
        self.courses[index as usize].strength = strength;
        let fault = &plot.faults[index as usize];
        match &fault.kind {
            FaultKind::Behaviour { service, endpoint, change } => {
                let effect = (strength > 0.0).then(|| Effect {
                    name: fault.name.clone(),
                    endpoint: *endpoint,
                    change: scaled(change, strength),
                });
                model.set_fault_effect(*service, index, effect);
            }
            FaultKind::Crash { service, victims } => self.crash(model, index, *service, *victims, strength),
            FaultKind::LostCapacity { service, .. } => {
                let lost = self.combined(plot, |kind| match kind {
                    FaultKind::LostCapacity { service: hit, ratio } if hit == service => Some(*ratio),
                    _ => None,
                });
                model.set_lost(*service, lost);
            }
            FaultKind::Partition { dependency, .. } => {
                let partitions = self.partitions(plot, model, *dependency);
                model.set_partitions(*dependency, partitions);
            }
            FaultKind::ConnectionLeak { dependency, .. } => {
                model.dependencies[*dependency].leak = self.combined(plot, |kind| match kind {
                    FaultKind::ConnectionLeak { dependency: hit, ratio } if hit == dependency => Some(*ratio),
                    _ => None,
                });
            }
            FaultKind::TrafficSpike { population, .. } => {
                let factor = self.spike_factor(plot, *population);
                traffic.set_factor(model, *population, factor);
            }
        }
    }

    fn crash(&mut self, model: &mut Model<'_>, index: u32, service: Id<ServiceSpec>, which: Victims, strength: f64) {
        let (number, range) = match which {
            Victims::First(number) => (number, 0..usize::MAX),
            Victims::Only(ordinal) => (1, ordinal as usize..ordinal as usize + 1),
        };
        let wanted = libm::round(f64::from(number) * strength) as usize;
        let victims = &mut self.courses[index as usize].victims;
        while victims.len() > wanted {
            let back = victims.pop().expect("more than are wanted");
            // What a roll-out has taken is started by the roll-out.
            let instance = &model.instances[back];
            if instance.status == Status::Down && instance.rollout.is_none() {
                model.start(back);
            }
        }
        let instances = model.services[service].instances.clone();
        for id in instances.into_iter().take(range.end).skip(range.start) {
            if victims.len() < wanted && model.instances[id].status != Status::Down {
                model.crash(id);
                victims.push(id);
            }
        }
    }

    /// The share that several faults of one kind take together, each of what the others leave.
    fn combined(&self, plot: &Plot, ratio: impl Fn(&FaultKind) -> Option<f64>) -> f64 {
        let courses = self.courses.iter().zip(plot.faults.iter());
        let shares = courses.filter_map(|(course, fault)| ratio(&fault.kind).map(|share| share * course.strength));
        1.0 - shares.map(|share| 1.0 - share.clamp(0.0, 1.0)).product::<f64>()
    }

    /// The partitions in force on a dependency.
    fn partitions(&self, plot: &Plot, model: &Model<'_>, wanted: Id<DependencySpec>) -> Partitions {
        let instances = &model.services[model.spec.dependencies[wanted].target].instances;
        let mut partitions = Partitions::default();
        for (course, fault) in self.courses.iter().zip(plot.faults.iter()) {
            match fault.kind {
                FaultKind::Partition { dependency, instance, partition }
                    if dependency == wanted && course.strength > 0.0 =>
                {
                    partitions.add(instance.map(|ordinal| instances[ordinal as usize]), partition);
                }
                _ => {}
            }
        }
        partitions
    }

    fn spike_factor(&self, plot: &Plot, wanted: Id<PopulationSpec>) -> f64 {
        let spikes = self.courses.iter().zip(plot.faults.iter());
        spikes
            .filter_map(|(course, fault)| match fault.kind {
                FaultKind::TrafficSpike { population, factor } if population == wanted => {
                    Some((1.0 + course.strength * (factor - 1.0)).max(0.0))
                }
                _ => None,
            })
            .product()
    }
}

fn schedule(model: &mut Model<'_>, index: u32, at: SimTime, what: u32) {
    model.agenda.at(at, Class::Control, Event::Outer { room: Room::Fault, index, epoch: what });
}

/// Schedules what follows from a trigger that has a fixed time once the fault has started.
fn schedule_trigger(model: &mut Model<'_>, index: u32, trigger: &Trigger, what: u32) {
    let now = model.now();
    match trigger {
        Trigger::At(at) => schedule(model, index, (*at).max(now), what),
        Trigger::After(span) => schedule(model, index, now.saturating_add(*span), what),
        Trigger::When { .. } => {}
    }
}

fn met(condition: &Condition, value: f64) -> bool {
    if condition.above { value > condition.threshold } else { value < condition.threshold }
}

/// The share of what ended that failed; `None` when nothing ended.
fn failed_ratio(flow: &Flow) -> Option<f64> {
    (flow.finished() > 0).then(|| flow.failed() as f64 / flow.finished() as f64)
}

/// The latency, in seconds, that this share of what ended well stayed within; `None` when nothing did.
fn quantile(flow: &Flow, share: f64) -> Option<f64> {
    (flow.latency.count() > 0).then(|| flow.latency.quantile(share).as_secs_f64())
}

fn scaled(change: &Change, strength: f64) -> Change {
    match change {
        Change::ServiceTime { factor } => Change::ServiceTime { factor: (1.0 + strength * (factor - 1.0)).max(0.0) },
        Change::AddedWork { work } => Change::AddedWork { work: work.scaled(strength) },
        Change::Errors { ratio, kind } => Change::Errors { ratio: (ratio * strength).min(1.0), kind: *kind },
        Change::ConnectionHold { dependency, hold } => {
            Change::ConnectionHold { dependency: *dependency, hold: hold.scaled(strength) }
        }
        Change::ExtraCalls { call, count } => {
            Change::ExtraCalls { call: *call, count: libm::round(f64::from(*count) * strength) as u32 }
        }
    }
}
