//! Instances: where jobs wait, run and die.
//!
//! A job that reaches an instance passes the service's admission rules, takes a worker or a place in the queue, and leaves
//! when its plan ends. Instances start, drain, stop and crash; what they held is lost with them.

mod life;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::{Gauge, Handle, Occupancy};
use crate::units::SimTime;

use super::channel::Channel;
use super::deploy::Rollout;
use super::effect::{Behaviour, Effect};
use super::job::{Job, Place, Vacancy};
use super::outcome::ErrorKind;
use super::queue::Queue;
use super::rate_limit::Decision;
use super::service::{AdmissionMeasure, Capacity, EndpointSpec, ServiceSpec};
use super::sharing::{CORE, Sharing};
use super::{Model, site};

/// The state of an instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
    /// The service it belongs to.
    pub service: Id<ServiceSpec>,
    /// Its number within the service, from 0.
    pub ordinal: u32,
    /// Whether it serves.
    pub status: Status,
    /// The index of the version it runs.
    pub version: u16,
    /// Its running jobs.
    pub busy: Occupancy,
    /// Its queued jobs.
    pub waiting: Occupancy,
    /// How many workers serve, or cores in [`CORE`]ths; 1 while it serves without a limit, 0 while it does not serve.
    pub(crate) slots: Gauge,
    /// Counts its lives.
    pub(crate) incarnation: u32,
    /// When it was last started.
    started: SimTime,
    /// How many jobs may run at once; `u32::MAX` where only cores limit them, or nothing.
    pub(crate) workers: u32,
    /// The share of its service's workers or cores that is lost.
    pub(crate) lost: f64,
    /// How many of its own workers are.
    pub(crate) lost_workers: u32,
    pub(crate) queue: Queue,
    pub(crate) sharing: Option<Sharing>,
    /// By position of the endpoint in the service; empty while nothing is changed anywhere.
    behaviours: Vec<Behaviour>,
    plain: Behaviour,
    /// By position of the dependency in the service.
    pub(crate) channels: Vec<Id<Channel>>,
    /// How many connections it has accepted.
    pub(crate) connections: u32,
    /// The roll-out that is replacing it.
    pub(crate) rollout: Option<Id<Rollout>>,
    dispatching: bool,
}

/// Whether an instance serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It will serve when its start time is over.
    Starting,
    /// It serves.
    Up,
    /// Out of rotation; it finishes what it has.
    Draining,
    /// Stopped or crashed.
    Down,
}

/// All instances of all services.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instances(pub Table<Instance>);

impl Instance {
    pub(crate) fn new(service: Id<ServiceSpec>, ordinal: u32, spec: &ServiceSpec, channels: Vec<Id<Channel>>) -> Self {
        let mut instance = Self {
            service,
            ordinal,
            status: Status::Up,
            version: 0,
            busy: Occupancy::default(),
            waiting: Occupancy::default(),
            slots: Gauge::default(),
            incarnation: 0,
            started: SimTime::ZERO,
            workers: u32::MAX,
            lost: 0.0,
            lost_workers: 0,
            queue: Queue::default(),
            sharing: None,
            behaviours: Vec::new(),
            plain: Behaviour::of(Id::new(0), std::iter::empty()),
            channels,
            connections: 0,
            rollout: None,
            dispatching: false,
        };
        instance.set_capacity(SimTime::ZERO, spec.capacity);
        instance
    }

    /// Whether nothing about it is changed, at any endpoint.
    #[inline]
    pub(crate) const fn is_plain(&self) -> bool {
        self.behaviours.is_empty()
    }

    /// How the instance behaves at an endpoint.
    #[inline]
    pub(crate) fn behaviour(&self, position: usize) -> &Behaviour {
        self.behaviours.get(position).unwrap_or(&self.plain)
    }

    /// Sums up the effects in force, given in a fixed order.
    pub(crate) fn set_effects<'a>(&mut self, spec: &ServiceSpec, effects: impl Iterator<Item = &'a Effect> + Clone) {
        self.behaviours = if effects.clone().next().is_none() {
            Vec::new()
        } else {
            spec.endpoints.iter().map(|endpoint| Behaviour::of(*endpoint, effects.clone())).collect()
        };
    }

    /// Applies the configured capacity less what is lost.
    pub(crate) fn set_capacity(&mut self, now: SimTime, capacity: Capacity) {
        match capacity {
            Capacity::Workers(workers) => self.workers = workers.saturating_sub(self.lost_workers),
            Capacity::ProcessorSharing { cores } => {
                let cores = f64::from(cores) * (1.0 - self.lost);
                self.sharing.get_or_insert_with(|| Sharing::new(cores)).set_cores(now, cores);
            }
            Capacity::Unlimited => {}
        }
        self.settle_slots(now);
    }

    /// Takes note of how many workers or cores serve from now on.
    pub(crate) fn settle_slots(&mut self, now: SimTime) {
        let level = match &self.sharing {
            _ if !self.accepts() => 0,
            Some(sharing) => sharing.level(),
            None if self.workers == u32::MAX => 1,
            None => self.workers,
        };
        self.slots.set(now, level);
    }

    /// The integral of [`Instance::slots`] in whole workers or cores, in nanoseconds.
    pub(crate) fn slots_integral(&self, now: SimTime) -> u128 {
        let integral = self.slots.integral(now);
        if self.sharing.is_some() { integral / u128::from(CORE) } else { integral }
    }

    /// The integral of its busy workers or cores, in nanoseconds.
    pub(crate) fn busy_integral(&self, now: SimTime) -> u128 {
        let shared = |sharing: &Sharing| sharing.busy.integral(now) / u128::from(CORE);
        self.sharing.as_ref().map_or_else(|| self.busy.integral(now), shared)
    }

    /// Whether it serves, and in this life.
    #[inline]
    pub(crate) fn lives(&self, incarnation: u32) -> bool {
        self.incarnation == incarnation && self.status == Status::Up
    }

    /// Whether one more job may start at once.
    #[inline]
    fn has_room(&self) -> bool {
        self.busy.inside() < self.workers && self.waiting.inside() == 0
    }

    /// Whether a job that reaches it starts at once, as its plan says, on a worker of its own.
    #[inline]
    pub(crate) fn starts_at_once(&self) -> bool {
        self.accepts() && self.has_room() && self.is_plain() && self.sharing.is_none()
    }

    #[inline]
    fn accepts(&self) -> bool {
        matches!(self.status, Status::Up | Status::Draining)
    }
}

impl Model<'_> {
    /// The instances of a service with their ids, in the order in which they were added.
    pub fn instances(&self, service: Id<ServiceSpec>) -> impl Iterator<Item = (Id<Instance>, &Instance)> {
        self.services[service].instances.iter().map(|id| (*id, &self.instances[*id]))
    }

    /// A job that was on the network reaches its instance.
    pub(crate) fn arrive(&mut self, handle: Handle<Job>) {
        let Some(job) = self.jobs.get_mut(handle) else { return };
        job.arrived = self.agenda.now();
        let (id, endpoint) = (job.instance, job.endpoint);
        self.reach(handle, id, endpoint);
    }

    /// A job is at its instance: it is refused, or starts, or joins the queue.
    pub(crate) fn reach(&mut self, handle: Handle<Job>, id: Id<Instance>, endpoint: Id<EndpointSpec>) {
        let instance = &mut self.instances[id];
        if !instance.accepts() {
            return self.refuse_job(handle);
        }
        self.meters.endpoint(endpoint).offered += 1;
        if !self.services[instance.service].admission.is_empty() {
            return self.reach_past_rules(handle, id);
        }
        if instance.has_room() {
            let now = self.agenda.now();
            instance.busy.enter(now);
            self.jobs[handle].start(now, instance.is_plain());
            self.run_job(handle);
        } else {
            self.queue_job(handle, id);
        }
    }

    #[inline(never)]
    fn refuse_job(&mut self, handle: Handle<Job>) {
        let (call, attempt) = (self.jobs[handle].call, self.jobs[handle].attempt);
        self.vacate(handle);
        self.send_answer(call, attempt, Err(ErrorKind::ConnectionRefused));
    }

    /// [`Model::reach`] where the service has admission rules.
    #[inline(never)]
    fn reach_past_rules(&mut self, handle: Handle<Job>, id: Id<Instance>) {
        let instance = &self.instances[id];
        let (service, has_room) = (instance.service, instance.has_room());
        match self.admit(handle, service) {
            Err(kind) => self.end_job(handle, Err(kind)),
            Ok(()) if has_room => self.start_job(handle, id),
            Ok(()) => self.queue_job(handle, id),
        }
    }

    /// Applies the service's admission rules.
    #[inline(never)]
    fn admit(&mut self, handle: Handle<Job>, service: Id<ServiceSpec>) -> Result<(), ErrorKind> {
        let now = self.agenda.now();
        let (origin, endpoint) = (self.jobs[handle].origin, self.jobs[handle].endpoint);
        let mut rng = self.rng(self.jobs[handle].key, site::ADMISSION);
        for rule in &mut self.services[service].admission {
            if !rule.selector.matches(origin, endpoint) {
                continue;
            }
            match &mut rule.measure {
                AdmissionMeasure::Shed { ratio } if rng.uniform() < *ratio => return Err(ErrorKind::Shed),
                AdmissionMeasure::Shed { .. } => {}
                AdmissionMeasure::RateLimit { spec, state } => match state.try_acquire(spec, now) {
                    Decision::Granted => {}
                    Decision::WaitUntil(_) | Decision::Rejected => return Err(ErrorKind::RateLimited),
                },
            }
        }
        Ok(())
    }

    /// Gives the job a place in the queue, or refuses it.
    #[inline(never)]
    fn queue_job(&mut self, handle: Handle<Job>, id: Id<Instance>) {
        let now = self.agenda.now();
        let instance = &mut self.instances[id];
        let queue = self.spec.services[instance.service].queue;
        if queue.capacity.is_some_and(|capacity| instance.waiting.inside() >= capacity) {
            return self.end_job(handle, Err(ErrorKind::QueueFull));
        }
        let job = &mut self.jobs[handle];
        job.place = Place::Queued;
        job.placed = now;
        instance.waiting.enter(now);
        instance.queue.push(queue.discipline, job.priority, handle);
    }

    fn start_job(&mut self, handle: Handle<Job>, id: Id<Instance>) {
        let now = self.agenda.now();
        let instance = &mut self.instances[id];
        instance.busy.enter(now);
        self.jobs[handle].start(now, instance.is_plain());
        self.run_job(handle);
    }

    /// Takes a job off its instance, whatever it did there, and lets the next one in.
    pub(crate) fn vacate(&mut self, handle: Handle<Job>) {
        if let Some(job) = self.jobs.remove(handle) {
            let left = job.leaves();
            self.leave_instance(left);
        }
    }

    /// Frees what a job held that is gone, and lets the next one in.
    #[inline(always)]
    pub(crate) fn leave_instance(&mut self, left: Vacancy) {
        let now = self.agenda.now();
        let Vacancy { instance: id, place, since, connections } = left;
        let instance = &mut self.instances[id];
        instance.connections -= connections;
        match place {
            Place::Travelling => return,
            Place::Queued => instance.waiting.leave(now, since),
            Place::Running => instance.busy.leave(now, since),
        }
        if instance.status == Status::Draining && instance.busy.inside() + instance.waiting.inside() == 0 {
            self.report_to_rollout(id);
            return;
        }
        if place == Place::Queued {
            self.leave_queue(id);
        }
        if self.instances[id].waiting.inside() > 0 {
            self.dispatch(id);
        }
    }

    /// A job has left the queue out of turn; its handle is still there.
    #[inline(never)]
    fn leave_queue(&mut self, id: Id<Instance>) {
        let Instance { queue, waiting, .. } = &mut self.instances[id];
        match waiting.inside() {
            0 => queue.forget_cancelled(),
            waiting => queue.sweep(waiting, |job| self.jobs.get(job).is_some()),
        }
    }

    /// Starts queued jobs while there are workers. A job that ends at once comes back here; the outer call goes on.
    #[inline(never)]
    pub(crate) fn dispatch(&mut self, id: Id<Instance>) {
        if std::mem::replace(&mut self.instances[id].dispatching, true) {
            return;
        }
        let discipline = self.spec.services[self.instances[id].service].queue.discipline;
        loop {
            let now = self.agenda.now();
            let instance = &mut self.instances[id];
            if instance.busy.inside() >= instance.workers {
                break;
            }
            let Some(next) = instance.queue.pop(discipline) else { break };
            let Some(job) = self.jobs.get(next) else { continue };
            instance.waiting.leave(now, job.placed);
            self.start_job(next, id);
        }
        self.instances[id].dispatching = false;
    }
}
