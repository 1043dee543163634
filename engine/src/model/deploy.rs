//! Versions, roll-outs and hotfixes: how a service changes, instance by instance.
//!
//! A roll-out prepares, then takes batch after batch through drain, stop, start. A newer order for the same service
//! supersedes it: the batch under way is finished, the rest is left to the newer one. A hotfix is work that takes time and
//! may be wrong; what it makes of the current version is rolled out like any other.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::Class;
use crate::rng::Distribution;
use crate::units::{SimDuration, SimTime};

use super::command::{Hotfix, VerbError};
use super::effect::Effect;
use super::event::Event;
use super::instance::{Instance, Status};
use super::service::ServiceSpec;
use super::{Model, site};

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

/// How often a roll-out looks whether an older one has let go of an instance.
const LOOK_AGAIN: SimDuration = SimDuration::SECOND;

/// A roll-out, roll-back or restart, running or over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rollout {
    /// The service.
    pub service: Id<ServiceSpec>,
    /// The index of the version that is rolled out.
    pub version: u16,
    /// When it was ordered.
    pub ordered: SimTime,
    /// Where it stands.
    pub stage: RolloutStage,
    /// Whether instances are replaced that run the version already.
    restart: bool,
    /// Instances still to be replaced, the next one last.
    todo: Vec<Id<Instance>>,
    batch: Vec<Id<Instance>>,
    /// When the stage ends by itself.
    due: SimTime,
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
    /// Every instance has been replaced.
    Done,
    /// A newer order has taken over.
    Superseded,
}

/// A hotfix that is being written, or has been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotfixWork {
    /// The order.
    pub hotfix: Hotfix,
    /// When it was ordered.
    pub ordered: SimTime,
    /// When it will be ready.
    pub(crate) due: SimTime,
    /// Whether it has been rolled out.
    pub finished: bool,
}

/// All roll-outs and hotfixes, in the order in which they were ordered, and the versions they made.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Deploys {
    /// The roll-outs.
    pub rollouts: Table<Rollout>,
    /// The hotfixes.
    pub hotfixes: Table<HotfixWork>,
    /// By service: its versions, configured ones first, then those made by hotfixes.
    pub versions: Vec<Vec<VersionSpec>>,
    /// By service: the versions ordered, the current one last.
    pub(crate) history: Vec<Vec<u16>>,
    /// By service: effects that faults have put on it, by a number that the fault room gives.
    pub(crate) fault_effects: Vec<Vec<(u32, Effect)>>,
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
    /// Orders a configured version of a service.
    pub(crate) fn deploy(&mut self, service: Id<ServiceSpec>, version: u16) {
        self.deploys.history[service.index()].push(version);
        self.roll_out(service, version, false, None);
    }

    /// Orders the version before the current one.
    pub(crate) fn roll_back(&mut self, service: Id<ServiceSpec>) -> Result<(), VerbError> {
        let history = &mut self.deploys.history[service.index()];
        if history.len() < 2 {
            return Err(VerbError::NothingToRollBack);
        }
        history.pop();
        let version = history[history.len() - 1];
        self.roll_out(service, version, false, None);
        Ok(())
    }

    /// Orders a restart of one instance or all, with the version they should run.
    pub(crate) fn restart(&mut self, service: Id<ServiceSpec>, instance: Option<Id<Instance>>) {
        let version = self.services[service].version;
        self.roll_out(service, version, true, instance);
    }

    fn roll_out(&mut self, service: Id<ServiceSpec>, version: u16, restart: bool, only: Option<Id<Instance>>) {
        let now = self.agenda.now();
        for rollout in self.deploys.rollouts.iter_mut().filter(|rollout| rollout.service == service) {
            rollout.todo.clear();
            if rollout.stage == RolloutStage::Preparing {
                rollout.stage = RolloutStage::Superseded;
            }
        }
        self.services[service].version = version;
        let id = self.deploys.rollouts.next_id();
        let preparation = &self.spec.services[service].rollout.preparation;
        let mut rng = self.rng(self.named_key("model.rollout", service.raw()), u64::from(id.raw()));
        let takes = if restart { SimDuration::ZERO } else { preparation.sample_duration(&mut rng) };
        let mut todo = only.map_or_else(|| self.services[service].instances.clone(), |one| vec![one]);
        todo.reverse();
        let due = now.saturating_add(takes);
        let stage = RolloutStage::Preparing;
        self.deploys.rollouts.push(Rollout {
            service,
            version,
            ordered: now,
            stage,
            restart,
            todo,
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
            RolloutStage::Preparing | RolloutStage::Pausing if now >= rollout.due => self.begin_batch(id),
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

    fn begin_batch(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let rollout = &mut self.deploys.rollouts[id];
        let spec = &self.spec.services[rollout.service].rollout;
        let (mut batch, mut taken) = (Vec::new(), Vec::new());
        while batch.len() < spec.batch as usize
            && let Some(instance) = rollout.todo.pop()
        {
            let state = &self.instances[instance];
            if state.rollout.is_some() {
                taken.push(instance);
            } else if rollout.restart || state.version != rollout.version {
                batch.push(instance);
            }
        }
        rollout.todo.extend(taken.into_iter().rev());
        rollout.batch.clone_from(&batch);
        if batch.is_empty() {
            return self.wait_for_older(id);
        }
        rollout.stage = RolloutStage::Draining;
        rollout.due = now.saturating_add(spec.drain);
        let due = rollout.due;
        let drained: Vec<bool> = batch.into_iter().map(|instance| self.drain(instance, id)).collect();
        let next = if drained.into_iter().all(|empty| empty) { now } else { due };
        self.agenda.at(next, Class::Control, Event::Rollout(id));
    }

    /// What is left to replace is still in the hands of an older roll-out, if anything is left.
    fn wait_for_older(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let rollout = &mut self.deploys.rollouts[id];
        if rollout.todo.is_empty() {
            rollout.stage = RolloutStage::Done;
            return;
        }
        rollout.stage = RolloutStage::Pausing;
        rollout.due = now.saturating_add(LOOK_AGAIN);
        self.agenda.at(now.saturating_add(LOOK_AGAIN), Class::Control, Event::Rollout(id));
    }

    fn replace_batch(&mut self, id: Id<Rollout>) {
        let rollout = &mut self.deploys.rollouts[id];
        rollout.stage = RolloutStage::Starting;
        let (version, batch) = (rollout.version, rollout.batch.clone());
        for instance in batch {
            self.stop(instance);
            self.instances[instance].version = version;
            self.instances[instance].rollout = Some(id);
            self.refresh_behaviour(instance);
            self.start(instance);
        }
    }

    fn end_batch(&mut self, id: Id<Rollout>) {
        let now = self.agenda.now();
        let rollout = &mut self.deploys.rollouts[id];
        for instance in rollout.batch.drain(..) {
            self.instances[instance].rollout = None;
        }
        if rollout.todo.is_empty() {
            rollout.stage = RolloutStage::Done;
            return;
        }
        rollout.stage = RolloutStage::Pausing;
        rollout.due = now.saturating_add(self.spec.services[rollout.service].rollout.pause);
        let due = rollout.due;
        self.agenda.at(due, Class::Control, Event::Rollout(id));
    }

    /// Starts the work on a hotfix.
    pub(crate) fn order_hotfix(&mut self, hotfix: Hotfix) {
        let now = self.agenda.now();
        let id = self.deploys.hotfixes.next_id();
        let mut rng = self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW);
        let due = now.saturating_add(hotfix.duration.sample_duration(&mut rng));
        self.deploys.hotfixes.push(HotfixWork { hotfix, ordered: now, due, finished: false });
        self.agenda.at(due, Class::Control, Event::HotfixReady(id));
    }

    /// A hotfix may be ready: it is applied to the version current now, and rolled out.
    pub(crate) fn hotfix_ready(&mut self, id: Id<HotfixWork>) {
        let now = self.agenda.now();
        let work = &mut self.deploys.hotfixes[id];
        if work.finished || now < work.due {
            return;
        }
        work.finished = true;
        let hotfix = work.hotfix.clone();
        let wrong = self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW + 1).uniform() < hotfix.wrong;
        let service = hotfix.service;
        let current = self.services[service].version;
        let versions = &mut self.deploys.versions[service.index()];
        let mut fixed = versions[usize::from(current)].clone();
        fixed.name = format!("{}+hotfix{}", fixed.name, id.raw() + 1);
        if wrong {
            fixed.effects.extend(hotfix.adds);
        } else {
            fixed.effects.retain(|effect| effect.name != hotfix.removes);
        }
        versions.push(fixed);
        let version = u16::try_from(versions.len() - 1).expect("fewer than 2^16 versions");
        self.deploy(service, version);
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

    /// Redraws, with the luck now in force, what is left of every preparation and hotfix under way, given that it has not
    /// ended yet.
    pub(crate) fn redraw_remaining(&mut self) {
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
        for id in self.deploys.hotfixes.ids() {
            let work = &self.deploys.hotfixes[id];
            if work.finished || work.due <= now {
                continue;
            }
            let mut rng = self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW);
            let due = now.saturating_add(work.hotfix.duration.remaining_duration(now.since(work.ordered), &mut rng));
            self.deploys.hotfixes[id].due = due;
            self.agenda.at(due, Class::Control, Event::HotfixReady(id));
        }
    }
}
