//! One execution of an endpoint's plan on an instance.
//!
//! A job waits for a worker, walks its plan, is suspended by each call and resumed by its outcome, and answers its caller
//! at the end. It does not notice that its caller has given up unless it is told (cancellation) or carries a deadline.
//! Parallel branches are strands: jobs of their own that share their parent's place on the instance.

mod prologue;
mod strands;

pub use strands::Strands;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::{Class, Handle};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

use super::call::{Call, Parent, Request};
use super::event::Event;
use super::instance::Instance;
use super::outcome::{ErrorKind, Outcome};
use super::plan::{CallStep, Op};
use super::service::{EndpointSpec, Origin};
use super::sharing::SharedWork;
use super::{Model, site};

/// An execution under way, or on its way to its instance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// The call it answers, dangling once the caller has given up for good.
    pub(crate) call: Handle<Call>,
    /// The attempt of that call.
    pub(crate) attempt: u32,
    pub(crate) instance: Id<Instance>,
    pub(crate) endpoint: Id<EndpointSpec>,
    pub(crate) origin: Origin,
    pub(crate) priority: u8,
    pub(crate) place: Place,
    pub(crate) key: Key,
    /// How many draws it has made.
    pub(crate) draws: u32,
    /// After this instant nobody waits for the answer, and the job knows.
    pub(crate) deadline: SimTime,
    /// When it was sent, then when it reached its instance.
    pub(crate) arrived: SimTime,
    /// When it entered the queue or started.
    pub(crate) placed: SimTime,
    pub(crate) step: Position,
    pub(crate) awaits: Awaits,
    /// Whether a failure of the call it waits for is tolerated.
    pub(crate) tolerant: bool,
    /// The job of which this is a strand.
    pub(crate) strand_of: Handle<Job>,
    /// Whether the caller closed the connection that this job still occupies on the server's side.
    pub(crate) occupies_connection: bool,
}

/// What a job is suspended on, so that it can be taken back when the job is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Awaits {
    /// Nothing, or local work on a worker of its own.
    Nothing,
    /// The outcome of a call.
    Call(Handle<Call>),
    /// Its parallel branches.
    Strands(Handle<Strands>),
    /// Local work on cores that it shares.
    Work(Handle<SharedWork>),
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// On the network.
    Travelling,
    /// In the instance's queue.
    Queued,
    /// Started.
    Running,
}

/// What a job that is gone held of its instance.
#[derive(Clone, Copy)]
pub(crate) struct Vacancy {
    pub(crate) instance: Id<Instance>,
    pub(crate) place: Place,
    pub(crate) since: SimTime,
    /// Connections that it alone kept open.
    pub(crate) connections: u32,
}

/// The next step of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Position {
    /// What the version and faults in force put before the plan.
    Prologue(u32),
    /// An operation of the plan.
    Plan(u32),
}

impl Default for Job {
    fn default() -> Self {
        Self::FRESH
    }
}

impl Job {
    /// A job for nobody, as it is sent.
    pub(crate) const FRESH: Self = Self {
        call: Handle::NONE,
        attempt: 0,
        instance: Id::new(0),
        endpoint: Id::new(0),
        origin: Origin(0),
        priority: 0,
        place: Place::Travelling,
        key: Key::new(0),
        draws: 0,
        deadline: SimTime::NEVER,
        arrived: SimTime::ZERO,
        placed: SimTime::ZERO,
        step: Position::Prologue(0),
        awaits: Awaits::Nothing,
        tolerant: false,
        strand_of: Handle::NONE,
        occupies_connection: false,
    };

    /// A job that has started, and has drawn how long the work takes that its plan begins with.
    #[inline(always)]
    pub(crate) const fn working(now: SimTime) -> Self {
        Self { place: Place::Running, placed: now, step: Position::Plan(1), draws: 1, ..Self::FRESH }
    }

    /// It gets a worker; on a plain instance there is nothing before the plan.
    #[inline]
    pub(crate) const fn start(&mut self, now: SimTime, plain: bool) {
        self.place = Place::Running;
        self.placed = now;
        if plain {
            self.step = Position::Plan(0);
        }
    }

    /// What it leaves behind on its instance when it goes.
    #[inline(always)]
    pub(crate) const fn leaves(&self) -> Vacancy {
        Vacancy {
            instance: self.instance,
            place: self.place,
            since: self.placed,
            connections: self.occupies_connection as u32,
        }
    }

    /// The key of this job and the site of its next draw. What precedes the plan has sites of its own, so that the plan
    /// draws the same whatever a version or fault puts before it.
    #[inline]
    pub(crate) const fn next_draw(&mut self) -> (Key, u64) {
        if let Position::Prologue(step) = self.step {
            return (self.key, site::PROLOGUE + step as u64);
        }
        self.draws += 1;
        (self.key, site::DRAW + self.draws as u64)
    }
}

/// What carrying out one step comes to.
enum Progress {
    Next,
    Suspended,
    Ended(Outcome),
}

impl Model<'_> {
    /// Walks the plan until the job is suspended or over, if it still exists. Most jobs take one step at a time.
    pub(crate) fn run_job(&mut self, handle: Handle<Job>) {
        self.go_on(handle);
    }

    /// [`Model::run_job`] within its caller.
    #[inline(always)]
    pub(crate) fn go_on(&mut self, handle: Handle<Job>) {
        match self.step(handle) {
            Progress::Suspended => {}
            Progress::Ended(outcome) => self.end_job(handle, outcome),
            Progress::Next => self.run_on(handle),
        }
    }

    #[inline(never)]
    fn run_on(&mut self, handle: Handle<Job>) {
        loop {
            match self.step(handle) {
                Progress::Suspended => return,
                Progress::Ended(outcome) => return self.end_job(handle, outcome),
                Progress::Next => {}
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, handle: Handle<Job>) -> Progress {
        let spec = self.spec;
        let Some(job) = self.jobs.get_mut(handle) else { return Progress::Suspended };
        if job.deadline <= self.agenda.now() {
            return Progress::Ended(Err(ErrorKind::DeadlineExceeded));
        }
        let Position::Plan(index) = job.step else { return self.run_prologue(handle) };
        job.step = Position::Plan(index + 1);
        match &spec.endpoints[job.endpoint].plan.ops[index as usize] {
            Op::Work(duration) => {
                let (key, draw) = job.next_draw();
                let instance = &self.instances[job.instance];
                let nanos = duration.sample(&mut key.rng(draw ^ self.salt));
                if instance.is_plain() && instance.sharing.is_none() {
                    self.agenda.after(SimDuration::from_nanos_f64(nanos), Event::WorkDone(handle));
                } else {
                    self.work_specially(handle, nanos);
                }
                Progress::Suspended
            }
            Op::Call(step) => self.call_from(handle, *step),
            Op::End => Progress::Ended(Ok(())),
            other => self.run_other_step(handle, other),
        }
    }

    /// The steps that only steer.
    #[inline(never)]
    fn run_other_step(&mut self, handle: Handle<Job>, op: &Op) -> Progress {
        match op {
            Op::Spawn(step) => self.spawn_call(handle, *step),
            Op::Parallel { branches, join } => {
                self.jobs[handle].step = Position::Plan(*join);
                return self.start_strands(handle, branches);
            }
            Op::Chance { probability, otherwise } => {
                if !self.draw_chance(handle, *probability) {
                    self.jobs[handle].step = Position::Plan(*otherwise);
                }
            }
            Op::Again { probability, start } => {
                if self.draw_chance(handle, *probability) {
                    self.jobs[handle].step = Position::Plan(*start);
                }
            }
            Op::Jump(to) => self.jobs[handle].step = Position::Plan(*to),
            Op::Fail(kind) => return Progress::Ended(Err(*kind)),
            Op::Work(_) | Op::Call(_) | Op::End => unreachable!("{op:?} is no mere steering"),
        }
        Progress::Next
    }

    fn draw_chance(&mut self, handle: Handle<Job>, probability: f64) -> bool {
        let (key, draw) = self.jobs[handle].next_draw();
        self.rng(key, draw).uniform() < probability
    }

    /// Local work of so many nanoseconds that is shared, or done while something changes how the instance behaves.
    #[inline(never)]
    fn work_specially(&mut self, handle: Handle<Job>, nanos: f64) {
        let job = &self.jobs[handle];
        let id = job.instance;
        let instance = &mut self.instances[id];
        let behaviour = instance.behaviour(self.spec.endpoint_position(job.endpoint));
        let factor = if behaviour.plain { 1.0 } else { behaviour.factor };
        let work = SimDuration::from_nanos_f64(nanos * factor);
        if let Some(sharing) = &mut instance.sharing {
            let work = sharing.add(self.agenda.now(), handle, work);
            self.jobs[handle].awaits = Awaits::Work(work);
            self.schedule_sharing(id);
        } else {
            self.agenda.after(work, Event::WorkDone(handle));
        }
    }

    /// Puts the next completion of a processor-sharing instance into the agenda.
    pub(crate) fn schedule_sharing(&mut self, id: Id<Instance>) {
        let Some(sharing) = &self.instances[id].sharing else { return };
        if let Some(at) = sharing.next_completion() {
            let event = Event::SharedWorkDone { instance: id, epoch: sharing.epoch };
            self.agenda.at(at, Class::Traffic, event);
        }
    }

    /// The next job of a processor-sharing instance is done.
    pub(crate) fn shared_work_done(&mut self, id: Id<Instance>, epoch: u32) {
        let now = self.agenda.now();
        let Some(sharing) = &mut self.instances[id].sharing else { return };
        if sharing.epoch != epoch {
            return;
        }
        let done = sharing.complete(now);
        self.schedule_sharing(id);
        if let Some(handle) = done {
            self.jobs[handle].awaits = Awaits::Nothing;
            self.run_job(handle);
        }
    }

    /// Makes a call whose outcome is awaited.
    #[inline(never)]
    fn call_from(&mut self, handle: Handle<Job>, step: CallStep) -> Progress {
        let request = self.request_of(handle, step, Parent::Job(handle));
        match self.start_call(request) {
            None => Progress::Suspended,
            Some(Err(kind)) if !step.optional => Progress::Ended(Err(blame(kind))),
            Some(_) => Progress::Next,
        }
    }

    #[inline(never)]
    fn spawn_call(&mut self, handle: Handle<Job>, step: CallStep) {
        let request = self.request_of(handle, step, Parent::Nobody);
        self.start_call(Request { inherited: SimTime::NEVER, ..request });
    }

    #[inline(always)]
    fn request_of(&mut self, handle: Handle<Job>, step: CallStep, parent: Parent) -> Request {
        let job = &mut self.jobs[handle];
        job.tolerant = step.optional;
        let (key, draw) = job.next_draw();
        let position = self.spec.dependency_position(step.dependency);
        let inherits = self.dependencies[step.dependency].propagates_deadline;
        Request {
            parent,
            dependency: step.dependency,
            endpoint: step.endpoint,
            channel: self.instances[job.instance].channels[position],
            origin: job.origin,
            priority: job.priority,
            key: key.child(draw),
            inherited: if inherits { job.deadline } else { SimTime::NEVER },
        }
    }

    /// The call that a job waited for is over.
    pub(crate) fn resume_job(&mut self, handle: Handle<Job>, outcome: Outcome) {
        let Some(job) = self.jobs.get_mut(handle) else { return };
        job.awaits = Awaits::Nothing;
        match outcome {
            Err(kind) if !job.tolerant => self.end_job(handle, Err(blame(kind))),
            _ => self.run_job(handle),
        }
    }

    /// The job is over: its worker goes to the next one, its answer to its caller.
    pub(crate) fn end_job(&mut self, handle: Handle<Job>, outcome: Outcome) {
        if !self.jobs[handle].strand_of.is_none() {
            return self.end_strand(handle, outcome);
        }
        let Some(job) = self.jobs.remove(handle) else { return };
        let (call, attempt, left) = (job.call, job.attempt, job.leaves());
        self.meters.endpoint(job.endpoint).end(outcome, self.agenda.now().since(job.arrived));
        // The worker is free before the answer arrives: a caller that asks again at once must not find it busy.
        self.leave_instance(left);
        self.send_answer(call, attempt, outcome);
    }

    /// Stops a job whose caller has cancelled it, wherever it is, with all it has started.
    pub(crate) fn cancel_job(&mut self, handle: Handle<Job>) {
        let Some(job) = self.jobs.get(handle) else { return };
        if job.place != Place::Travelling {
            self.meters.endpoint(job.endpoint).end(Err(ErrorKind::Cancelled), SimDuration::ZERO);
        }
        self.stop_work(handle);
        self.vacate(handle);
    }

    /// Ends what a job is suspended on. A worker's completion finds the job gone.
    fn stop_work(&mut self, handle: Handle<Job>) {
        let job = &mut self.jobs[handle];
        let instance = job.instance;
        match std::mem::replace(&mut job.awaits, Awaits::Nothing) {
            Awaits::Nothing => {}
            Awaits::Call(call) => self.abandon_call(call),
            Awaits::Strands(strands) => self.stop_strands(strands),
            Awaits::Work(work) => {
                let now = self.agenda.now();
                if let Some(sharing) = &mut self.instances[instance].sharing {
                    sharing.remove(now, work);
                    self.schedule_sharing(instance);
                }
            }
        }
    }
}

/// The error a job's caller sees when a call of the job fails: the service answers with an error of its own, except that
/// a passed deadline and a cancellation are what they are.
const fn blame(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::DeadlineExceeded | ErrorKind::Cancelled => kind,
        _ => ErrorKind::Internal,
    }
}
