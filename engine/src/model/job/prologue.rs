//! What the version and faults in force put before the plan of a job.

use crate::kernel::Handle;

use super::{Job, Position, Progress};
use crate::model::Model;
use crate::model::effect::Behaviour;

enum PrologueStep {
    Errors,
    Work(usize),
    Call(usize),
    Done,
}

impl Model<'_> {
    /// The steps before the plan: injected errors, then added work, then extra calls.
    #[inline(never)]
    pub(super) fn run_prologue(&mut self, handle: Handle<Job>) -> Progress {
        let job = &mut self.jobs[handle];
        let Position::Prologue(index) = job.step else { return Progress::Next };
        let behaviour = self.instances[job.instance].behaviour(self.spec.endpoint_position(job.endpoint));
        if behaviour.plain {
            job.step = Position::Plan(0);
            return Progress::Next;
        }
        job.step = Position::Prologue(index + 1);
        match prologue_step(behaviour, index) {
            PrologueStep::Errors => {
                let (key, draw) = job.next_draw();
                let mut rng = key.rng(draw ^ self.salt);
                match behaviour.errors.iter().find(|(ratio, _)| rng.uniform() < *ratio) {
                    Some((_, kind)) => Progress::Ended(Err(*kind)),
                    None => Progress::Next,
                }
            }
            PrologueStep::Work(at) => {
                let work = behaviour.added_work[at].clone();
                let (key, draw) = self.jobs[handle].next_draw();
                let work = work.sample(&mut self.rng(key, draw));
                self.work_specially(handle, work);
                Progress::Suspended
            }
            PrologueStep::Call(at) => {
                let step = behaviour.extra_calls[at].0;
                self.call_from(handle, step)
            }
            PrologueStep::Done => {
                self.jobs[handle].step = Position::Plan(0);
                Progress::Next
            }
        }
    }
}

/// What the `index`th step before the plan is. Effects that change meanwhile shorten or lengthen the list.
fn prologue_step(behaviour: &Behaviour, index: u32) -> PrologueStep {
    let Some(index) = (index as usize).checked_sub(1) else { return PrologueStep::Errors };
    let Some(mut index) = index.checked_sub(behaviour.added_work.len()) else { return PrologueStep::Work(index) };
    for (at, (_, count)) in behaviour.extra_calls.iter().enumerate() {
        match index.checked_sub(*count as usize) {
            None => return PrologueStep::Call(at),
            Some(rest) => index = rest,
        }
    }
    PrologueStep::Done
}
