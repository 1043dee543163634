//! The lives of an instance: it starts, drains, stops, crashes, and takes what it held with it.

use crate::ids::Id;
use crate::kernel::{Class, Handle};
use crate::rng::KeyedRng;
use crate::units::SimTime;

use super::{Instance, Status};
use crate::model::deploy::Rollout;
use crate::model::event::Event;
use crate::model::job::{Awaits, Job, Place};
use crate::model::outcome::ErrorKind;
use crate::model::service::ServiceSpec;
use crate::model::{Model, site};

impl Model<'_> {
    /// The instance dies with everything in it. Callers go on sending to it until they notice.
    pub(crate) fn crash(&mut self, id: Id<Instance>) {
        if self.instances[id].status == Status::Down {
            return;
        }
        let detection = self.spec.services[self.instances[id].service].crash_detection;
        self.kill(id);
        let incarnation = self.instances[id].incarnation;
        self.agenda.after(detection, Event::CrashNoticed { instance: id, incarnation });
        self.crashed_in_rollout(id);
    }

    /// Callers notice that an instance has crashed.
    pub(crate) fn crash_noticed(&mut self, id: Id<Instance>, incarnation: u32) {
        if self.instances[id].incarnation == incarnation && self.instances[id].status == Status::Down {
            self.leave_rotation(id);
        }
    }

    /// Stops an instance that has been drained, or was given no more time to.
    pub(crate) fn stop(&mut self, id: Id<Instance>) {
        self.leave_rotation(id);
        self.kill(id);
    }

    /// Takes an instance out of rotation and lets it finish what it has; whether that is nothing.
    pub(crate) fn drain(&mut self, id: Id<Instance>, rollout: Id<Rollout>) -> bool {
        self.leave_rotation(id);
        // It would go into rotation again when its start time is over.
        if self.instances[id].status == Status::Starting {
            self.kill(id);
        }
        let instance = &mut self.instances[id];
        instance.rollout = Some(rollout);
        if instance.status != Status::Up {
            return true;
        }
        // An empty one too: what is on its way to it may still arrive while the rest of its batch drains.
        instance.status = Status::Draining;
        instance.busy.inside() + instance.waiting.inside() == 0
    }

    /// Starts a stopped instance; it serves when its start time is over. Its breakers are fresh, and its pools fill while it
    /// starts: the constructor of `HikariCP` 6.0.0 opens one connection (`HikariPool.checkFailFast`), and the housekeeper
    /// begins to fill up to `minimumIdle` 100 ms later. Where nobody answers, this process goes on trying instead of dying.
    pub(crate) fn start(&mut self, id: Id<Instance>) {
        let instance = &mut self.instances[id];
        instance.status = Status::Starting;
        instance.started = self.agenda.now();
        instance.incarnation += 1;
        // Connections to the life before, which a dead instance still in rotation may have been given, are not accepted.
        instance.connections = 0;
        let (service, incarnation) = (instance.service, instance.incarnation);
        let mut rng = self.start_rng(id);
        let takes = self.spec.services[service].start_time.sample_duration(&mut rng);
        self.agenda.after(takes, Event::Started { instance: id, incarnation });
        for channel in self.instances[id].channels.clone() {
            self.open_channel(channel);
        }
    }

    fn start_rng(&self, id: Id<Instance>) -> KeyedRng {
        let instance = &self.instances[id];
        let key = self.named_key("model.start", instance.service.raw()).child(u64::from(instance.ordinal));
        self.rng(key, site::DRAW + u64::from(instance.incarnation))
    }

    /// Redraws, with the luck now in force, what is left of every start under way, given that it has not ended yet.
    pub(crate) fn redraw_starts(&mut self) {
        let now = self.agenda.now();
        for id in self.instances.ids() {
            let instance = &mut self.instances[id];
            if instance.status != Status::Starting {
                continue;
            }
            // A new life makes the end that is in the agenda void; it has no connections, as after any start.
            instance.incarnation += 1;
            instance.connections = 0;
            let (incarnation, elapsed) = (instance.incarnation, now.since(instance.started));
            let start_time = &self.spec.services[instance.service].start_time;
            let left = start_time.remaining_duration(elapsed, &mut self.start_rng(id));
            self.agenda.after(left, Event::Started { instance: id, incarnation });
        }
    }

    /// An instance has started: it serves.
    pub(crate) fn started(&mut self, id: Id<Instance>, incarnation: u32) {
        let now = self.agenda.now();
        let instance = &mut self.instances[id];
        if instance.incarnation != incarnation || instance.status != Status::Starting {
            return;
        }
        instance.status = Status::Up;
        instance.settle_slots(now);
        let service = instance.service;
        let rotation = &mut self.services[service].rotation;
        if let Err(position) = rotation.binary_search(&id) {
            rotation.insert(position, id);
        }
        self.report_to_rollout(id);
    }

    /// An instance has drained or started: the roll-out that waits for it may go on.
    #[inline(never)]
    pub(super) fn report_to_rollout(&mut self, id: Id<Instance>) {
        if let Some(rollout) = self.instances[id].rollout {
            self.agenda.at(self.agenda.now(), Class::Control, Event::Rollout(rollout));
        }
    }

    /// Adds an instance, which starts now.
    pub(crate) fn add_instance(&mut self, service: Id<ServiceSpec>) -> Id<Instance> {
        let spec = &self.spec.services[service];
        let id = self.instances.next_id();
        let ordinal = self.services[service].instances.len() as u32;
        let channels = spec.dependencies.iter().map(|dependency| self.add_channel(*dependency, Some(id))).collect();
        let mut instance = Instance::new(service, ordinal, spec, channels);
        instance.status = Status::Down;
        instance.version = self.services[service].version;
        instance.set_capacity(self.agenda.now(), spec.capacity);
        self.instances.push(instance);
        self.services[service].instances.push(id);
        let lost = self.instances[self.services[service].instances[0]].lost;
        if lost > 0.0 {
            self.set_lost(service, lost);
        }
        self.refresh_behaviour(id);
        id
    }

    fn leave_rotation(&mut self, id: Id<Instance>) {
        let service = self.instances[id].service;
        self.services[service].rotation.retain(|other| *other != id);
    }

    fn kill(&mut self, id: Id<Instance>) {
        let now = self.agenda.now();
        let instance = &mut self.instances[id];
        instance.status = Status::Down;
        instance.incarnation += 1;
        // First of all: callers that lose their answers below may open new connections to what is still in rotation.
        instance.connections = 0;
        instance.queue.clear();
        let channels = instance.channels.clone();
        for channel in channels {
            self.close_channel(channel);
        }
        let jobs: Vec<_> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.instance == id && job.place != Place::Travelling)
            .map(|(handle, _)| handle)
            .collect();
        for handle in jobs {
            self.kill_job(now, handle);
        }
        let spec = &self.spec.services[self.instances[id].service];
        let instance = &mut self.instances[id];
        if let Some(sharing) = &mut instance.sharing {
            sharing.clear(now);
        }
        instance.set_capacity(now, spec.capacity);
    }

    /// One job of a dying process: its caller's connection breaks.
    fn kill_job(&mut self, now: SimTime, handle: Handle<Job>) {
        let job = &mut self.jobs[handle];
        job.occupies_connection = false;
        let job = job.clone();
        self.jobs.remove(handle);
        if let Awaits::Strands(strands) = job.awaits {
            self.strands.remove(strands);
        }
        if !job.strand_of.is_none() {
            return;
        }
        let instance = &mut self.instances[job.instance];
        match job.place {
            Place::Queued => instance.waiting.leave(now, job.placed),
            Place::Running => instance.busy.leave(now, job.placed),
            Place::Travelling => {}
        }
        let lost = Err(ErrorKind::ConnectionLost);
        self.meters.endpoint(job.endpoint).end(lost, now.since(job.arrived));
        self.send_answer(job.call, job.attempt, lost);
    }
}
