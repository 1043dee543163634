//! The books of the model, added up twice: what each mechanism counts against what the requests under way say.
//!
//! Every count that is kept for speed (jobs on an instance, connections on both sides, permits, unanswered attempts) can
//! be had a second time by walking all calls and jobs. Where the two differ, something was lost or doubled. It takes time
//! in proportion to everything under way and is meant for tests and tools.

use crate::ids::Id;
use crate::kernel::Handle;
use crate::units::SimTime;

use super::Model;
use super::call::{Call, Parent, Stage};
use super::channel::{Channel, Peer};
use super::dependency::{DependencySpec, Layer, LayerKind};
use super::instance::{Instance, Status};
use super::job::{Awaits, Job, Place};
use super::pool::ConnectionId;
use super::service::{Origin, ServiceSpec};

impl Model<'_> {
    /// Everything in the present state that contradicts itself, as sentences; empty when the books balance.
    #[must_use]
    pub fn audit(&self) -> Vec<String> {
        let mut errors = Vec::new();
        self.instances.ids().for_each(|id| self.audit_instance(id, &mut errors));
        self.channels.ids().for_each(|id| self.audit_channel(id, &mut errors));
        self.audit_links(&mut errors);
        errors.extend(audit_law("model", self.littles_law()));
        errors
    }

    /// Little's law for every queue, every set of running jobs, every pool and every line before a bulkhead: (integral of N,
    /// time spent inside), which are equal.
    #[must_use]
    pub fn littles_law(&self) -> Vec<(u128, u128)> {
        let now = self.agenda.now();
        let inside = |id: Id<Instance>, place: Place| {
            self.jobs
                .iter()
                .filter(move |(_, job)| job.instance == id && job.place == place && job.strand_of.is_none())
                .map(|(_, job)| job.placed)
        };
        let instances = self.instances.enumerate().flat_map(|(id, instance)| {
            [
                (instance.busy.integral(now), instance.busy.time_inside(now, inside(id, Place::Running))),
                (instance.waiting.integral(now), instance.waiting.time_inside(now, inside(id, Place::Queued))),
            ]
        });
        let pools = self.channels.iter().filter_map(|channel| channel.pool.as_ref());
        let bulkheads = self.channels.iter().filter_map(|channel| channel.bulkhead.as_ref());
        let lines = bulkheads.map(|bulkhead| bulkhead.littles_law(now));
        instances.chain(pools.flat_map(|pool| pool.littles_law(now))).chain(lines).collect()
    }

    /// How many calls of a dependency are under way.
    #[must_use]
    pub fn calls_under_way(&self, dependency: Id<DependencySpec>) -> usize {
        self.calls.iter().filter(|(_, call)| call.dependency == dependency).count()
    }

    /// How many requests of a population are under way.
    #[must_use]
    pub fn requests_under_way(&self, origin: Origin) -> usize {
        let of_users = |call: &Call| call.origin == origin && matches!(call.parent, Parent::User(_));
        self.calls.iter().filter(|(_, call)| of_users(call)).count()
    }

    /// How many jobs of a service wait or run.
    #[must_use]
    pub fn jobs_under_way(&self, service: Id<ServiceSpec>) -> usize {
        let here = |job: &Job| self.instances[job.instance].service == service && job.place != Place::Travelling;
        self.jobs.iter().filter(|(_, job)| job.strand_of.is_none() && here(job)).count()
    }

    /// How many calls and executions there are in all, also those on the network and those that nobody awaits.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.calls.len() + self.jobs.len()
    }

    fn audit_instance(&self, id: Id<Instance>, errors: &mut Vec<String>) {
        let instance = &self.instances[id];
        let at = |place: Place| {
            self.jobs
                .iter()
                .filter(|(_, job)| job.instance == id && job.place == place && job.strand_of.is_none())
                .count()
        };
        let name = || format!("{} {}", self.spec.services[instance.service].name, instance.ordinal);
        let (running, queued) = (at(Place::Running), at(Place::Queued));
        let mut expect = |what: &str, counted: usize, found: usize| {
            if counted != found {
                errors.push(format!("{}: {what} {counted}, but {found} are found", name()));
            }
        };
        expect("running jobs", instance.busy.inside() as usize, running);
        expect("queued jobs", instance.waiting.inside() as usize, queued);
        let in_line = instance.queue.iter().filter(|job| self.jobs.get(*job).is_some()).count();
        expect("jobs in line", in_line, queued);
        expect("accepted connections", instance.connections as usize, self.connections_to(id));
        if instance.status == Status::Down {
            expect("jobs on a stopped instance", 0, running + queued);
        }
        if let Some(sharing) = &instance.sharing {
            let working = |job: &Job| job.instance == id && matches!(job.awaits, Awaits::Work(_));
            expect("works that share", sharing.len(), self.jobs.iter().filter(|(_, job)| working(job)).count());
        }
        if queued > 0 && running < instance.workers as usize {
            errors.push(format!("{}: {queued} wait although {running} of {} work", name(), instance.workers));
        }
    }

    /// The connections that lead to the present life of an instance, and those that its jobs still occupy.
    fn connections_to(&self, id: Id<Instance>) -> usize {
        let life = Peer { instance: id, incarnation: self.instances[id].incarnation };
        let open = self.channels.iter().flat_map(|channel| &channel.peers).filter(|peer| **peer == Some(life)).count();
        open + self.jobs.iter().filter(|(_, job)| job.instance == id && job.occupies_connection).count()
    }

    fn audit_channel(&self, id: Id<Channel>, errors: &mut Vec<String>) {
        let channel = &self.channels[id];
        let calls: Vec<&Call> = self.calls.iter().map(|(_, call)| call).filter(|call| call.channel == id).collect();
        let mut expect = |what: &str, counted: usize, found: usize| {
            if counted != found {
                let name = &self.spec.dependencies[channel.dependency].name;
                errors.push(format!("{name} (channel {}): {what} {counted}, but {found} are found", id.raw()));
            }
        };
        if let Some(pool) = &channel.pool {
            let layer = self.dependencies[channel.dependency].layers.iter().find_map(|layer| match layer {
                Layer::Pool(spec) => Some(spec),
                _ => None,
            });
            let gauges = pool.gauges(layer.expect("a pool has a pool layer"));
            let users = calls.iter().filter(|call| call.connection.is_some()).count();
            expect("connections in use", gauges.active as usize, users + channel.held.len() + gauges.leaked as usize);
            expect("waiting for a connection", gauges.pending as usize, holders(&calls, |call| call.ticket.is_some()));
            let doubled = {
                let mut slots: Vec<_> =
                    calls.iter().filter_map(|call| call.connection).map(ConnectionId::slot).collect();
                slots.sort_unstable();
                slots.windows(2).filter(|pair| pair[0] == pair[1]).count()
            };
            expect("connections with two users", 0, doubled);
        }
        if let Some(bulkhead) = &channel.bulkhead {
            let inside = holders(&calls, |call| self.passed(call, |layer| matches!(layer, Layer::Bulkhead(_))));
            let in_line = holders(&calls, |call| {
                let layers = &self.dependencies[call.dependency].layers;
                let next = layers.get(usize::from(call.entered));
                call.stage == Stage::Waiting && matches!(next, Some(Layer::Bulkhead(_)))
            });
            // Whoever has been granted a permit in this instant is no longer in line but has not gone on yet.
            let found = inside + in_line;
            expect("permits and waiters of the bulkhead", (bulkhead.in_use() + bulkhead.waiting()) as usize, found);
        }
        if self.spec.dependencies[channel.dependency].balancing.compares_load() {
            let sent = holders(&calls, |call| call.stage == Stage::Sent);
            expect("unanswered attempts", channel.outstanding.iter().sum::<u32>() as usize, sent);
        }
    }

    /// Whether a call is inside the layer of a kind.
    fn passed(&self, call: &Call, kind: impl Fn(&Layer) -> bool) -> bool {
        let layers = &self.dependencies[call.dependency].layers;
        layers.iter().take(usize::from(call.entered)).any(kind)
    }

    /// Calls and jobs know each other.
    fn audit_links(&self, errors: &mut Vec<String>) {
        for (handle, call) in self.calls.iter() {
            if let Parent::Job(job) = call.parent
                && self.jobs.get(job).is_none_or(|job| job.awaits != Awaits::Call(handle))
            {
                errors.push(format!("a call through {} is awaited by nobody", self.name_of(call)));
            }
            if call.ended.is_some() || call.stage == Stage::Moving {
                errors.push(format!("a call through {} rests in the middle of a step", self.name_of(call)));
            }
            if call.stage == Stage::Waiting && !self.waits_for_something(call) {
                errors.push(format!("a call through {} waits for nothing", self.name_of(call)));
            }
        }
        for (handle, job) in self.jobs.iter() {
            if !job.strand_of.is_none() && !self.is_listed(handle, job.strand_of) {
                errors.push("a strand has no parent".to_owned());
            }
        }
        let awaiting = |(_, job): &(_, &Job)| matches!(job.awaits, Awaits::Strands(_));
        if self.strands.len() != self.jobs.iter().filter(awaiting).count() {
            errors.push(format!("{} jobs are remembered to have strands", self.strands.len()));
        }
        for (_, strands) in self.strands.iter() {
            let alive = strands.jobs.iter().filter(|strand| self.jobs.get(**strand).is_some()).count();
            if strands.running as usize != alive {
                errors.push(format!("a job awaits {} strands of {alive}", strands.running));
            }
        }
    }

    /// Whether something ends the wait of a call: it stands in a line, its connection is being tested or has just been
    /// granted, a permit comes by itself, or its time has not passed.
    fn waits_for_something(&self, call: &Call) -> bool {
        let Some(step) = self.dependencies[call.dependency].steps.get(usize::from(call.entered)) else { return false };
        let timed = call.wait_timer != Handle::NONE;
        let overdue = timed && call.wait_until < self.agenda.now();
        let stands = match step.kind {
            LayerKind::Pool => call.ticket.is_some() || call.connection.is_some(),
            LayerKind::Bulkhead => call.line.is_some(),
            LayerKind::RateLimit => timed || call.wait_until == SimTime::NEVER,
            LayerKind::Deadline | LayerKind::Retry | LayerKind::Breaker | LayerKind::Timeout => false,
        };
        stands && !overdue
    }

    /// Whether a strand is known to the job of which it is one.
    fn is_listed(&self, strand: Handle<Job>, parent: Handle<Job>) -> bool {
        let awaits = self.jobs.get(parent).map(|parent| parent.awaits);
        let Some(Awaits::Strands(strands)) = awaits else { return false };
        self.strands.get(strands).is_some_and(|strands| strands.jobs.contains(&strand))
    }

    fn name_of(&self, call: &Call) -> &str {
        &self.spec.dependencies[call.dependency].name
    }
}

/// The first place, if any, at which the integral of the number inside is not the time spent inside.
pub(crate) fn audit_law(room: &str, law: Vec<(u128, u128)>) -> Option<String> {
    let (place, (integral, inside)) = law.into_iter().enumerate().find(|(_, (integral, inside))| integral != inside)?;
    Some(format!("Little's law, {room}, place {place}: the integral is {integral}, the time inside {inside}"))
}

fn holders(calls: &[&Call], held: impl Fn(&Call) -> bool) -> usize {
    calls.iter().filter(|call| held(call)).count()
}
