//! Versions, roll-outs and hotfixes: how a service changes, instance by instance.
//!
//! A roll-out prepares, then takes batch after batch through drain, stop, start. Only when its preparation ends is its
//! version the one that the service should run. A newer version for the same service supersedes it when it is ordered: the
//! batch under way is finished, the rest is left to the newer one. A service has one batch at a time, whoever ordered it.
//!
//! A restart changes no version and ends no roll-out; it is superseded by a restart of all instances, and by a version
//! whose preparation ends. What a hotfix makes of a version is rolled out like any other, but ends a roll-back only when its
//! own preparation ends: see `hotfix`.

mod hotfix;
mod work;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::Class;
use crate::rng::Distribution;
use crate::units::{SimDuration, SimTime};

use super::Model;
use super::command::VerbError;
use super::effect::Effect;
use super::event::Event;
use super::instance::{Instance, Status};
use super::service::ServiceSpec;

pub use hotfix::HotfixWork;
pub use work::Work;

/// A version of a service: a bundle of effects on its instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionSpec {
    /// The name, such as `v42`.
    pub name: String,
    /// What this version does differently from the first one.
    pub effects: Vec<Effect>,
}

/// How a new version reaches the instances of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutSpec {
    /// How long it takes from the order until the first instance is touched (build, approval, pipeline), in nanoseconds.
    pub preparation: Distribution,
    /// How many instances are replaced at a time, 1 or more.
    pub batch: u32,
    /// How long an instance that is taken out of rotation may finish its jobs before it is stopped.
    pub drain: SimDuration,
    /// The pause between two batches.
    pub pause: SimDuration,
}

/// A roll-out, roll-back or restart, running or over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// The service.
    pub service: Id<ServiceSpec>,
    /// The index of the version that is rolled out; for a restart, of the one the service should run when it is ordered.
    pub version: u16,
    /// When it was ordered.
    pub ordered: SimTime,
    /// Where it stands.
    pub stage: RolloutStage,
    purpose: Purpose,
    /// The one instance concerned; `None` for all.
    only: Option<Id<Instance>>,
    /// Whether instances were left to a newer order.
    superseded: bool,
    /// Instances still to be replaced, the next one last.
    todo: Vec<Id<Instance>>,
    batch: Vec<Id<Instance>>,
    /// When the stage ends by itself.
    due: SimTime,
}

/// What a roll-out is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Purpose {
    /// A version that comes after the current one.
    Deploy,
    /// The version before the current one.
    RollBack,
    /// Every instance keeps its version.
    Restart,
}

/// Where a roll-out stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RolloutStage {
    /// No instance has been touched.
    Preparing,
    /// A batch is finishing its jobs.
    Draining,
    /// A batch is starting.
    Starting,
    /// Between two batches.
    Pausing,
    /// Until another roll-out of the service lets go of its batch.
    Waiting,
    /// Every instance has been replaced.
    Done,
    /// A newer order has taken over what was left to replace.
    Superseded,
}

/// All roll-outs, hotfixes and other work, in the order in which they were ordered, and the versions they made.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Deploys {
    /// The roll-outs.
    pub rollouts: Table<Rollout>,
    /// The hotfixes.
    pub hotfixes: Table<HotfixWork>,
    /// Orders that wait for work to be done.
    pub works: Table<Work>,
    /// By service: its versions, configured ones first, then those made by hotfixes.
    pub versions: Vec<Vec<VersionSpec>>,
    /// By service: the versions whose preparation has ended and that were not rolled back, the current one last.
    pub(crate) history: Vec<Vec<u16>>,
    /// By service: effects that faults have put on it, by a number that the fault room gives.
    pub(crate) fault_effects: Vec<Vec<(u32, Effect)>>,
}

impl Rollout {
    /// Whether it brings nothing new: a roll-back or a restart.
    #[must_use]
    pub const fn is_back(&self) -> bool {
        matches!(self.purpose, Purpose::RollBack | Purpose::Restart)
    }
}

impl Deploys {
    /// Whether a service has an earlier version to go back to, and nothing is being prepared for it.
    #[must_use]
    pub fn can_roll_back(&self, service: Id<ServiceSpec>) -> bool {
        let mut rollouts = self.rollouts.iter().filter(|rollout| rollout.service == service);
        self.history[service.index()].len() > 1 && !rollouts.any(|rollout| rollout.stage == RolloutStage::Preparing)
    }
}

impl Model<'_> {
    /// The roll-outs of a service, in the order in which they were ordered.
    pub fn rollouts(&self, service: Id<ServiceSpec>) -> impl Iterator<Item = &Rollout> {
        self.deploys.rollouts.iter().filter(move |rollout| rollout.service == service)
    }

    /// Orders a version of a service.
    pub(crate) fn deploy(&mut self, service: Id<ServiceSpec>, version: u16) {
        self.supersede(service, |older| older.purpose != Purpose::Restart);
        self.roll_out(service, version, Purpose::Deploy, None);
    }

    /// Orders the version before the current one.
    pub(crate) fn roll_back(&mut self, service: Id<ServiceSpec>) -> Result<(), VerbError> {
        let [.., version, _] = self.deploys.history[service.index()][..] else {
            return Err(VerbError::NothingToRollBack);
        };
        self.supersede(service, |older| older.purpose != Purpose::Restart);
        self.roll_out(service, version, Purpose::RollBack, None);
        Ok(())
    }

    /// Orders a restart of one instance or all, each with the version it has.
    pub(crate) fn restart(&mut self, service: Id<ServiceSpec>, only: Option<Id<Instance>>) {
        if only.is_none() {
            self.supersede(service, |older| older.purpose == Purpose::Restart);
        }
        self.roll_out(service, self.services[service].version, Purpose::Restart, only);
    }

    /// Leaves what roll-outs of a service still have to do to a newer order.
    fn supersede(&mut self, service: Id<ServiceSpec>, which: impl Fn(&Rollout) -> bool) {
        for rollout in self.deploys.rollouts.iter_mut().filter(|rollout| rollout.service == service && which(rollout)) {
            match rollout.stage {
                RolloutStage::Preparing | RolloutStage::Pausing | RolloutStage::Waiting => {
                    rollout.stage = RolloutStage::Superseded;
                }
                _ => rollout.superseded |= !rollout.todo.is_empty(),
            }
            rollout.todo.clear();
        }
    }

    fn roll_out(&mut self, service: Id<ServiceSpec>, version: u16, purpose: Purpose, only: Option<Id<Instance>>) {
        let now = self.agenda.now();
        let id = self.deploys.rollouts.next_id();
        let preparation = &self.spec.services[service].rollout.preparation;
        let mut rng = self.rng(self.named_key("model.rollout", service.raw()), u64::from(id.raw()));
        let restart = purpose == Purpose::Restart;
        let takes = if restart { SimDuration::ZERO } else { preparation.sample_duration(&mut rng) };
        let due = now.saturating_add(takes);
        self.deploys.rollouts.push(Rollout {
            service,
            version,
            ordered: now,
            stage: RolloutStage::Preparing,
            purpose,
            only,
            superseded: false,
            todo: vec![],
            batch: vec![],
            due,
        });
        self.agenda.at(due, Class::Control, Event::Rollout(id));
    }

    /// A roll-out may have to take its next step.
    pub(crate) fn step_rollout(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let rollout = &self.deploys.rollouts[id];
        match rollout.stage {
            RolloutStage::Preparing if now >= rollout.due => {
                self.end_preparation(id);
                self.begin_batch(id);
            }
            RolloutStage::Pausing if now >= rollout.due => self.begin_batch(id),
            RolloutStage::Waiting => self.begin_batch(id),
            RolloutStage::Draining => {
                let drained = rollout.batch.iter().all(|instance| self.is_empty(*instance));
                if drained || now >= rollout.due {
                    self.replace_batch(id);
                }
            }
            RolloutStage::Starting
                if rollout.batch.iter().all(|instance| self.instances[*instance].status == Status::Up) =>
            {
                self.end_batch(id);
            }
            _ => {}
        }
    }

    fn is_empty(&self, id: Id<Instance>) -> bool {
        let instance = &self.instances[id];
        instance.busy.inside() + instance.waiting.inside() == 0
    }

    /// From now on the service should run the version, and the instances there are now are to be replaced.
    ///
    /// A version that is already the last of the history adds nothing to it, so that one roll-back leads to another version:
    /// Kubernetes 1.31 makes no new revision of a deployment whose template has not changed.
    fn end_preparation(&mut self, id: Id<Rollout>) {
        let Rollout { service, version, purpose, only, .. } = self.deploys.rollouts[id];
        if purpose == Purpose::Deploy {
            self.overtake_roll_back(service);
        }
        let history = &mut self.deploys.history[service.index()];
        match purpose {
            Purpose::Deploy if history.last() == Some(&version) => {}
            Purpose::Deploy => history.push(version),
            Purpose::RollBack => drop(history.pop()),
            Purpose::Restart => {}
        }
        if purpose != Purpose::Restart {
            self.services[service].version = version;
            self.supersede(service, |other| other.purpose == Purpose::Restart);
        }
        let all = || self.services[service].instances.iter().rev().copied().collect();
        self.deploys.rollouts[id].todo = only.map_or_else(all, |one| vec![one]);
    }

    fn begin_batch(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let service = self.deploys.rollouts[id].service;
        let another = self.rollouts(service).any(|rollout| !rollout.batch.is_empty());
        let rollout = &mut self.deploys.rollouts[id];
        if another {
            rollout.stage = RolloutStage::Waiting;
            return;
        }
        let spec = &self.spec.services[service].rollout;
        let mut batch = Vec::new();
        while batch.len() < spec.batch as usize
            && let Some(instance) = rollout.todo.pop()
        {
            if rollout.purpose == Purpose::Restart || self.instances[instance].version != rollout.version {
                batch.push(instance);
            }
        }
        if batch.is_empty() {
            rollout.stage = RolloutStage::Done;
            return;
        }
        rollout.batch.clone_from(&batch);
        rollout.stage = RolloutStage::Draining;
        rollout.due = now.saturating_add(spec.drain);
        let due = rollout.due;
        let drained: Vec<bool> = batch.into_iter().map(|instance| self.drain(instance, id)).collect();
        let next = if drained.into_iter().all(|empty| empty) { now } else { due };
        self.agenda.at(next, Class::Control, Event::Rollout(id));
    }

    fn replace_batch(&mut self, id: Id<Rollout>) {
        let rollout = &mut self.deploys.rollouts[id];
        rollout.stage = RolloutStage::Starting;
        let (service, version, batch) = (rollout.service, rollout.version, rollout.batch.clone());
        let keeps = rollout.purpose == Purpose::Restart;
        // Replaced is restarted: no restart ordered before has to do it again.
        for other in self.deploys.rollouts.iter_mut().filter(|other| other.service == service) {
            if other.purpose == Purpose::Restart {
                other.todo.retain(|instance| !batch.contains(instance));
            }
        }
        for instance in batch {
            self.stop(instance);
            if !keeps {
                self.instances[instance].version = version;
                self.refresh_behaviour(instance);
            }
            self.start(instance);
        }
    }

    /// An instance has crashed. One that was starting stays down, and the roll-out goes on without it; one that was
    /// draining has nothing left to finish.
    pub(crate) fn crashed_in_rollout(&mut self, id: Id<Instance>) {
        let Some(rollout) = self.instances[id].rollout else { return };
        let state = &mut self.deploys.rollouts[rollout];
        if state.stage == RolloutStage::Starting {
            state.batch.retain(|other| *other != id);
            self.instances[id].rollout = None;
        }
        self.agenda.at(self.agenda.now(), Class::Control, Event::Rollout(rollout));
    }

    fn end_batch(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let rollout = &mut self.deploys.rollouts[id];
        let service = rollout.service;
        for instance in rollout.batch.drain(..) {
            self.instances[instance].rollout = None;
        }
        self.wake_waiting(service);
        let rollout = &mut self.deploys.rollouts[id];
        if rollout.todo.is_empty() {
            rollout.stage = if rollout.superseded { RolloutStage::Superseded } else { RolloutStage::Done };
            return;
        }
        rollout.stage = RolloutStage::Pausing;
        rollout.due = now.saturating_add(self.spec.services[service].rollout.pause);
        let due = rollout.due;
        self.agenda.at(due, Class::Control, Event::Rollout(id));
    }

    /// The roll-outs of a service that wait for their turn may go on, the newest first.
    fn wake_waiting(&mut self, service: Id<ServiceSpec>) {
        let now = self.agenda.now();
        let waiting = |rollout: &Rollout| rollout.service == service && rollout.stage == RolloutStage::Waiting;
        let ids: Vec<_> = self.deploys.rollouts.enumerate().filter(|(_, one)| waiting(one)).map(|(id, _)| id).collect();
        for id in ids.into_iter().rev() {
            self.agenda.at(now, Class::Control, Event::Rollout(id));
        }
    }

    /// Sums up what the version of an instance and the faults on its service do to it.
    pub(crate) fn refresh_behaviour(&mut self, id: Id<Instance>) {
        let instance = &mut self.instances[id];
        let service = instance.service;
        let version = &self.deploys.versions[service.index()][usize::from(instance.version)];
        let faults = &self.deploys.fault_effects[service.index()];
        let effects = version.effects.iter().chain(faults.iter().map(|(_, effect)| effect));
        instance.set_effects(&self.spec.services[service], effects);
    }

    /// Puts an effect on every instance of a service, replaces it, or takes it away.
    pub(crate) fn set_fault_effect(&mut self, service: Id<ServiceSpec>, fault: u32, effect: Option<Effect>) {
        let effects = &mut self.deploys.fault_effects[service.index()];
        effects.retain(|(other, _)| *other != fault);
        if let Some(effect) = effect {
            let position = effects.partition_point(|(other, _)| *other < fault);
            effects.insert(position, (fault, effect));
        }
        for instance in self.services[service].instances.clone() {
            self.refresh_behaviour(instance);
        }
    }

    /// Redraws, with the luck now in force, what is left of every preparation, start, hotfix and other work under way, given that it
    /// has not ended yet.
    pub(crate) fn redraw_remaining(&mut self) {
        self.redraw_preparations();
        self.redraw_starts();
        self.redraw_hotfixes();
        self.redraw_works();
    }

    fn redraw_preparations(&mut self) {
        let now = self.agenda.now();
        for id in self.deploys.rollouts.ids() {
            let rollout = &self.deploys.rollouts[id];
            if rollout.stage != RolloutStage::Preparing || rollout.due <= now {
                continue;
            }
            let preparation = &self.spec.services[rollout.service].rollout.preparation;
            let mut rng = self.rng(self.named_key("model.rollout", rollout.service.raw()), u64::from(id.raw()));
            let due = now.saturating_add(preparation.remaining_duration(now.since(rollout.ordered), &mut rng));
            self.deploys.rollouts[id].due = due;
            self.agenda.at(due, Class::Control, Event::Rollout(id));
        }
    }
}
