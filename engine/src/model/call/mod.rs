//! One call through a dependency: down its layers, over the network, and back up with an outcome.
//!
//! A call enters its layers from the outermost to the innermost and is then sent. Its outcome leaves them in reverse, and
//! each may look at it, act on it, or (the retry) turn it into another descent. A time limit that expires abandons what is
//! inside it: of those layers only a breaker takes note, and the work at the callee goes on unless the dependency cancels.
//!
//! What it does not know: what the callee does, and what each layer's rules are.

mod abandon;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::{Class, Handle, Timer};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

use super::breaker::Permit;
use super::channel::Channel;
use super::dependency::{DependencySpec, LayerKind};
use super::event::Event;
use super::instance::Instance;
use super::job::{Awaits, Job};
use super::outcome::{ErrorKind, Outcome};
use super::pool::{ConnectionId, Departure};
use super::retry::RetryProgress;
use super::retry_budget::RetryToken;
use super::service::{EndpointSpec, Origin};
use super::wait_list::Ticket;
use super::{Answer, Model, site};

/// A call under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    pub(crate) parent: Parent,
    pub(crate) dependency: Id<DependencySpec>,
    pub(crate) endpoint: Id<EndpointSpec>,
    pub(crate) channel: Id<Channel>,
    pub(crate) origin: Origin,
    pub(crate) priority: u8,
    pub(crate) key: Key,
    pub(crate) started: SimTime,
    /// The deadline that came with the caller's own request, [`SimTime::NEVER`] without one.
    pub(crate) inherited: SimTime,
    /// When the overall limit ends the call, [`SimTime::NEVER`] without one.
    pub(crate) deadline: SimTime,
    /// When the attempt's limit ends it, [`SimTime::NEVER`] without one.
    pub(crate) timeout: SimTime,
    /// How many layers have been entered.
    pub(crate) entered: u8,
    pub(crate) stage: Stage,
    /// Whether the event that started the call still runs; an outcome is then handed back to the starter.
    pub(crate) starting: bool,
    /// The outcome of a call that ended while it was starting.
    pub(crate) ended: Option<Outcome>,
    /// 1 for the first attempt.
    pub(crate) attempt: u32,
    /// Counts the waits, so that a grant of an earlier one is void.
    pub(crate) wait: u32,
    pub(crate) waiting_since: SimTime,
    /// When the wait ends without success.
    pub(crate) wait_until: SimTime,
    pub(crate) deadline_timer: Timer<Event>,
    pub(crate) timeout_timer: Timer<Event>,
    pub(crate) wait_timer: Timer<Event>,
    /// The breaker passed and what it gave.
    pub(crate) permit: Option<(u16, Permit)>,
    pub(crate) retry_token: Option<RetryToken>,
    pub(crate) retries: RetryProgress,
    /// The place in the queue of a pool.
    pub(crate) ticket: Option<Ticket>,
    /// The place in the queue of a bulkhead.
    pub(crate) line: Option<Ticket>,
    pub(crate) connection: Option<ConnectionId>,
    /// The instance chosen for this attempt.
    pub(crate) instance: Option<Id<Instance>>,
    /// The execution of this attempt, dangling once it has ended.
    pub(crate) job: Handle<Job>,
}

impl Default for Call {
    fn default() -> Self {
        Self::FRESH
    }
}

impl Call {
    /// A call of nobody to nowhere, as it starts.
    const FRESH: Self = Self {
        parent: Parent::Nobody,
        dependency: Id::new(0),
        endpoint: Id::new(0),
        channel: Id::new(0),
        origin: Origin(0),
        priority: 0,
        key: Key::new(0),
        started: SimTime::ZERO,
        inherited: SimTime::NEVER,
        deadline: SimTime::NEVER,
        timeout: SimTime::NEVER,
        entered: 0,
        stage: Stage::Moving,
        starting: true,
        ended: None,
        attempt: 1,
        wait: 0,
        waiting_since: SimTime::ZERO,
        wait_until: SimTime::NEVER,
        deadline_timer: Handle::NONE,
        timeout_timer: Handle::NONE,
        wait_timer: Handle::NONE,
        permit: None,
        retry_token: None,
        retries: RetryProgress::NONE,
        ticket: None,
        line: None,
        connection: None,
        instance: None,
        job: Handle::NONE,
    };

    /// When this attempt stops being awaited, whatever happens.
    fn gives_up_at(&self) -> SimTime {
        self.inherited.min(self.deadline).min(self.timeout)
    }
}

/// What a call is made from.
pub(crate) struct Request {
    pub(crate) parent: Parent,
    pub(crate) dependency: Id<DependencySpec>,
    pub(crate) endpoint: Id<EndpointSpec>,
    pub(crate) channel: Id<Channel>,
    pub(crate) origin: Origin,
    pub(crate) priority: u8,
    pub(crate) key: Key,
    pub(crate) inherited: SimTime,
}

impl Request {
    #[inline]
    fn at(self, now: SimTime) -> Call {
        Call {
            parent: self.parent,
            dependency: self.dependency,
            endpoint: self.endpoint,
            channel: self.channel,
            origin: self.origin,
            priority: self.priority,
            key: self.key,
            inherited: self.inherited,
            started: now,
            ..Call::FRESH
        }
    }
}

/// Who awaits the outcome of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parent {
    /// Nobody: fire and forget.
    Nobody,
    /// A job (or one of its strands) of the calling service.
    Job(Handle<Job>),
    /// A user of a population, by an index that only the traffic room understands.
    User(u32),
}

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Entering or leaving layers.
    Moving,
    /// Waiting for the layer it wants to enter next.
    Waiting,
    /// Waiting to try again.
    BackingOff,
    /// Sent; no answer yet.
    Sent,
}

/// What entering the next layer comes to.
pub(crate) enum Entry {
    Passed,
    Waits,
    Rejected(ErrorKind),
}

/// What leaving the layer entered last comes to.
pub(crate) enum Exit {
    /// On to the next layer out.
    Out,
    /// Once more from this layer inwards, after a delay.
    Again(SimDuration),
}

impl Model<'_> {
    /// Starts a call. `Some` when it ends at once; then nobody is told otherwise.
    #[inline(always)]
    pub(crate) fn start_call(&mut self, request: Request) -> Option<Outcome> {
        let now = self.agenda.now();
        self.meters.dependency(request.dependency).offered += 1;
        let (parent, inherited) = (request.parent, request.inherited);
        let handle = self.calls.insert_with(|call| *call = request.at(now));
        if let Parent::Job(job) = parent {
            self.jobs[job].awaits = Awaits::Call(handle);
        }
        if inherited != SimTime::NEVER {
            self.bound_by(handle, inherited);
        }
        self.enter_layers(handle);
        let call = &mut self.calls[handle];
        call.starting = false;
        let ended = call.ended;
        if ended.is_some() {
            self.calls.remove(handle);
        }
        ended
    }

    #[inline(never)]
    fn bound_by(&mut self, handle: Handle<Call>, inherited: SimTime) {
        self.agenda.at(inherited.max(self.agenda.now()), Class::Traffic, Event::Deadline(handle));
    }

    /// Enters layers until the call is sent, waits, or is rejected.
    pub(crate) fn descend(&mut self, handle: Handle<Call>) {
        self.enter_layers(handle);
    }

    /// [`Model::descend`] within its caller.
    #[inline(always)]
    fn enter_layers(&mut self, handle: Handle<Call>) {
        let mut passed = 0;
        while let Some((kind, layer)) = self.enter_limits(handle, passed) {
            match self.enter(handle, kind, layer) {
                Entry::Passed => passed = 1,
                Entry::Waits => {
                    self.calls[handle].stage = Stage::Waiting;
                    return;
                }
                Entry::Rejected(kind) => return self.refuse(handle, kind),
            }
        }
        self.send(handle);
    }

    /// The attempt ends before it is sent.
    #[inline(never)]
    pub(crate) fn refuse(&mut self, handle: Handle<Call>, kind: ErrorKind) {
        self.meters.dependency(self.calls[handle].dependency).refused += 1;
        self.unwind(handle, Err(kind));
    }

    /// Leaves layers with an outcome until the call is over or is to be tried again.
    pub(crate) fn unwind(&mut self, handle: Handle<Call>, outcome: Outcome) {
        self.leave_layers(handle, outcome);
    }

    /// [`Model::unwind`] within its caller.
    #[inline(always)]
    fn leave_layers(&mut self, handle: Handle<Call>, outcome: Outcome) {
        while let Some((kind, layer)) = self.leave_limits(handle, outcome) {
            match self.leave(handle, kind, layer, outcome) {
                Exit::Out => {}
                Exit::Again(delay) => return self.back_off(handle, delay),
            }
        }
        self.finish(handle, outcome);
    }

    #[inline(never)]
    fn back_off(&mut self, handle: Handle<Call>, delay: SimDuration) {
        let call = &mut self.calls[handle];
        call.entered += 1;
        call.stage = Stage::BackingOff;
        self.agenda.after(delay, Event::Backoff(handle));
    }

    /// A retry's delay is over.
    pub(crate) fn retry(&mut self, handle: Handle<Call>) {
        let Some(call) = self.calls.get_mut(handle) else { return };
        if call.stage != Stage::BackingOff {
            return;
        }
        call.stage = Stage::Moving;
        call.attempt += 1;
        if call.connection.is_none() {
            call.instance = None;
        }
        self.descend(handle);
    }

    /// A wait has been granted; the layer waited for counts as entered.
    pub(crate) fn resume_call(&mut self, handle: Handle<Call>, wait: u32) {
        let now = self.agenda.now();
        let Some(call) = self.calls.get_mut(handle) else { return };
        if call.stage != Stage::Waiting || call.wait != wait {
            return;
        }
        self.agenda.cancel(std::mem::replace(&mut call.wait_timer, Handle::NONE));
        let waited = now.since(call.waiting_since);
        call.stage = Stage::Moving;
        call.entered += 1;
        let (dependency, layer) = (call.dependency, usize::from(call.entered) - 1);
        if self.dependencies[dependency].steps[layer].kind == LayerKind::Pool {
            self.meters.pool_waits[dependency.index()].record(waited);
        }
        self.descend(handle);
    }

    /// A wait has lasted too long.
    pub(crate) fn wait_over(&mut self, handle: Handle<Call>) {
        let now = self.agenda.now();
        let Some(call) = self.calls.get_mut(handle) else { return };
        if call.stage != Stage::Waiting || call.wait_until != now {
            return;
        }
        let layer = self.dependencies[call.dependency].steps[usize::from(call.entered)].kind;
        if layer == LayerKind::Pool && call.connection.is_some() {
            // The connection waited for is here already, and is being tested.
            return;
        }
        call.wait_timer = Handle::NONE;
        self.stop_waiting(handle, layer, Departure::TimedOut);
        self.calls[handle].stage = Stage::Moving;
        self.refuse(handle, layer.wait_error());
    }

    /// An answer has come. One to an attempt that was given up is dropped.
    #[inline(always)]
    pub(crate) fn answered(&mut self, handle: Handle<Call>, attempt: u32, outcome: Outcome) {
        let Some(call) = self.calls.get_mut(handle) else { return };
        if call.stage != Stage::Sent || call.attempt != attempt {
            return;
        }
        call.stage = Stage::Moving;
        call.job = Handle::NONE;
        let (dependency, channel, instance) = (call.dependency, call.channel, call.instance);
        self.no_longer_outstanding(dependency, channel, instance);
        self.leave_layers(handle, outcome);
    }

    #[inline(always)]
    pub(super) fn no_longer_outstanding(
        &mut self,
        dependency: Id<DependencySpec>,
        channel: Id<Channel>,
        instance: Option<Id<Instance>>,
    ) {
        if let Some(instance) = instance
            && self.dependencies[dependency].compares_load
        {
            self.channels[channel].outstanding_less(self.instances[instance].ordinal);
        }
    }

    /// The call is over: counts it and tells whoever awaits it.
    #[inline(always)]
    fn finish(&mut self, handle: Handle<Call>, outcome: Outcome) {
        if self.calls[handle].starting {
            return self.end_at_once(handle, outcome);
        }
        let Some(call) = self.calls.remove(handle) else { return };
        let (parent, origin) = (call.parent, call.origin);
        self.meters.dependency(call.dependency).end(outcome, self.agenda.now().since(call.started));
        match parent {
            Parent::Nobody => {}
            Parent::Job(job) => self.resume_job(job, outcome),
            Parent::User(user) => self.answers.push(Answer { origin, user, outcome }),
        }
    }

    /// A call is over before whoever starts it has it: the outcome is left for them.
    #[inline(never)]
    fn end_at_once(&mut self, handle: Handle<Call>, outcome: Outcome) {
        let call = &mut self.calls[handle];
        call.ended = Some(outcome);
        self.meters.dependency(call.dependency).end(outcome, self.agenda.now().since(call.started));
    }

    /// Chooses the instance of this attempt if that has not been done, and sends it. Where the request takes no time and
    /// finds a free worker and a plan that starts with work, the work begins here.
    #[inline(always)]
    fn send(&mut self, handle: Handle<Call>) {
        let Some(instance) = self.choose_instance(handle) else {
            return self.refuse(handle, ErrorKind::ConnectionRefused);
        };
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let (endpoint, attempt) = (call.endpoint, call.attempt);
        let dependency = &self.dependencies[call.dependency];
        let place = &mut self.instances[instance];
        let direct = dependency.is_direct();
        let deadline = if dependency.propagates_deadline { call.gives_up_at() } else { SimTime::NEVER };
        let at_once =
            direct && deadline > now && place.starts_at_once() && self.services[place.service].admission.is_empty();
        if dependency.compares_load {
            self.channels[call.channel].outstanding_more(place.ordinal);
        }
        let flow = self.meters.dependency(call.dependency);
        flow.attempts += 1;
        flow.retries += u64::from(attempt > 1);
        let work = if at_once { self.spec.endpoints[endpoint].plan.first_work() } else { None };
        let key = call.key.child(site::ATTEMPT + u64::from(attempt));
        // Drawn before the job is written down: the two do not depend on each other, so the processor does both at once.
        let nanos = work.map_or(0.0, |work| work.sample(&mut key.rng((site::DRAW + 1) ^ self.salt)));
        let job = self.jobs.insert_with(|job| {
            *job = Job {
                call: handle,
                attempt,
                instance,
                endpoint,
                origin: call.origin,
                priority: call.priority,
                key,
                deadline,
                arrived: now,
                ..if work.is_some() { Job::working(now) } else { Job::FRESH }
            };
        });
        call.job = job;
        call.instance = Some(instance);
        call.stage = Stage::Sent;
        if work.is_some() {
            self.meters.endpoint(endpoint).offered += 1;
            place.busy.enter(now);
            self.agenda.after(SimDuration::from_nanos_f64(nanos), Event::WorkDone(job));
        } else if direct {
            self.reach(job, instance, endpoint);
        } else {
            self.send_request(handle, job);
        }
    }
}
