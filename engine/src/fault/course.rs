//! Faults at work: when each starts, how its strength changes, when it heals, and what it does meanwhile.

use std::sync::Arc;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Class;
use crate::model::{
    Change, DependencySpec, Effect, Event, Flow, Instance, Model, Partition, Room, ServiceSpec, Status,
};
use crate::traffic::{PopulationSpec, Traffic};
use crate::units::SimTime;

use super::{Condition, DeploySpec, FaultKind, FaultSpec, Measure, Trigger};

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
    /// For how many seconds in a row the awaited condition has held.
    held: u32,
    /// The instances that a crash has taken down.
    victims: Vec<Id<Instance>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Awaited,
    Active,
    Healed,
}

/// What an event of the fault room says, in its `epoch` number.
const START: u32 = u32::MAX;
const HEAL: u32 = u32::MAX - 1;

impl Faults {
    /// The first state: nothing has gone wrong yet.
    #[must_use]
    pub fn new(plot: &Plot, services: usize) -> Self {
        let course = Course { stage: Stage::Awaited, strength: 0.0, held: 0, victims: Vec::new() };
        Self { courses: vec![course; plot.faults.len()], looks: vec![(0, 0); services] }
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
        let now = model.now();
        let course = &mut self.courses[index as usize];
        course.stage = Stage::Active;
        course.held = 0;
        for (number, (after, _)) in (0..).zip(&fault.changes) {
            schedule(model, index, now.saturating_add(*after), number);
        }
        match &fault.heal {
            Some(Trigger::At(at)) => schedule(model, index, (*at).max(now), HEAL),
            Some(Trigger::After(span)) => schedule(model, index, now.saturating_add(*span), HEAL),
            Some(Trigger::When { .. }) | None => {}
        }
    }

    /// Looks at the conditions, with the measures of the second that ends now.
    pub fn look(&mut self, plot: &Plot, model: &mut Model<'_>, traffic: &mut Traffic<'_>) {
        for (index, fault) in (0..).zip(plot.faults.iter()) {
            let course = &self.courses[index as usize];
            let (trigger, what) = match course.stage {
                Stage::Awaited => (Some(&fault.start), START),
                Stage::Active => (fault.heal.as_ref(), HEAL),
                Stage::Healed => (None, HEAL),
            };
            let Some(Trigger::When { condition, holds }) = trigger else { continue };
            let value = self.measure(condition.measure, model, traffic);
            let course = &mut self.courses[index as usize];
            course.held = if met(condition, value) { course.held + 1 } else { 0 };
            if course.held >= *holds {
                self.due(plot, model, traffic, index, what);
            }
        }
        for (service, look) in self.looks.iter_mut().enumerate() {
            let id = Id::from_usize(service);
            *look = (model.busy_integral(id), model.slots_integral(id));
        }
    }

    fn measure(&self, measure: Measure, model: &Model<'_>, traffic: &Traffic<'_>) -> f64 {
        match measure {
            Measure::Utilisation(service) => model.utilisation(service, self.looks[service.index()]),
            Measure::QueueLength(service) => f64::from(model.queue_length(service)),
            Measure::ErrorRatio(service) => failed_ratio(&model.meters.services[service.index()]),
            Measure::ArrivalRate(service) => model.meters.services[service.index()].offered as f64,
            Measure::PoolInUse(dependency) => f64::from(model.pool_gauges(dependency).active),
            Measure::PoolWaiting(dependency) => f64::from(model.pool_gauges(dependency).pending),
            Measure::FailureRatio(population) => failed_ratio(&traffic.populations[population].flow),
        }
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
            FaultKind::Crash { service, instances } => {
                let wanted = libm::round(f64::from(*instances) * strength) as usize;
                self.crash(model, index, *service, wanted);
            }
            FaultKind::LostCapacity { service, .. } => {
                let lost = self.combined(plot, |kind| match kind {
                    FaultKind::LostCapacity { service: hit, ratio } if hit == service => Some(*ratio),
                    _ => None,
                });
                model.set_lost(*service, lost);
            }
            FaultKind::Partition { dependency, .. } => {
                model.set_partition(*dependency, self.partition(plot, *dependency));
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

    fn crash(&mut self, model: &mut Model<'_>, index: u32, service: Id<ServiceSpec>, wanted: usize) {
        let victims = &mut self.courses[index as usize].victims;
        while victims.len() > wanted {
            let back = victims.pop().expect("more than are wanted");
            // What a roll-out has taken is started by the roll-out.
            let instance = &model.instances[back];
            if instance.status == Status::Down && instance.rollout.is_none() {
                model.start(back);
            }
        }
        for id in model.services[service].instances.clone() {
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

    /// The partition in force on a dependency: one that drops outweighs one that delays.
    fn partition(&self, plot: &Plot, wanted: Id<DependencySpec>) -> Option<Partition> {
        let active = self.courses.iter().zip(plot.faults.iter()).filter(|(course, _)| course.strength > 0.0);
        let partitions = active.filter_map(|(_, fault)| match fault.kind {
            FaultKind::Partition { dependency, partition } if dependency == wanted => Some(partition),
            _ => None,
        });
        partitions.min_by_key(|partition| *partition == Partition::Delay)
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

fn met(condition: &Condition, value: f64) -> bool {
    if condition.above { value > condition.threshold } else { value < condition.threshold }
}

fn failed_ratio(flow: &Flow) -> f64 {
    if flow.finished() == 0 { 0.0 } else { flow.failed() as f64 / flow.finished() as f64 }
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
