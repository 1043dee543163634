//! Parallel branches: strands are jobs of their own that share their parent's place on the instance.

use serde::{Deserialize, Serialize};

use crate::kernel::Handle;

use super::{Awaits, Job, Position, Progress};
use crate::model::Model;
use crate::model::outcome::{ErrorKind, Outcome};

/// The strands of one job, from the start of the first to the end of the last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Strands {
    /// All of them, dangling once they have ended.
    pub(crate) jobs: Vec<Handle<Job>>,
    /// How many still run.
    pub(crate) running: u32,
    /// The first error among them.
    error: Option<ErrorKind>,
}

impl Strands {
    /// Strands yet to be started, in a place that may have been others'.
    fn prepare(&mut self, branches: usize) {
        self.jobs.clear();
        self.error = None;
        // The extra one keeps the job from being resumed while its strands are being started.
        self.running = branches as u32 + 1;
    }
}

impl Model<'_> {
    #[inline(never)]
    pub(super) fn start_strands(&mut self, handle: Handle<Job>, branches: &[u32]) -> Progress {
        if branches.is_empty() {
            return Progress::Next;
        }
        let strands = self.strands.insert_with(|strands| strands.prepare(branches.len()));
        self.jobs[handle].awaits = Awaits::Strands(strands);
        for &start in branches {
            let parent = &mut self.jobs[handle];
            let (key, draw) = parent.next_draw();
            let strand = Job {
                call: Handle::NONE,
                key: key.child(draw),
                draws: 0,
                step: Position::Plan(start),
                awaits: Awaits::Nothing,
                strand_of: handle,
                occupies_connection: false,
                ..parent.clone()
            };
            let strand = self.jobs.insert(strand);
            self.strands[strands].jobs.push(strand);
            self.run_job(strand);
        }
        self.strands[strands].running -= 1;
        if self.strands[strands].running > 0 { Progress::Suspended } else { self.joined(handle, strands) }
    }

    fn joined(&mut self, handle: Handle<Job>, strands: Handle<Strands>) -> Progress {
        self.jobs[handle].awaits = Awaits::Nothing;
        match self.strands.remove(strands).and_then(|strands| strands.error) {
            Some(kind) => Progress::Ended(Err(kind)),
            None => Progress::Next,
        }
    }

    #[inline(never)]
    pub(super) fn end_strand(&mut self, strand: Handle<Job>, outcome: Outcome) {
        let parent = self.jobs[strand].strand_of;
        self.jobs.remove(strand);
        let Some(Awaits::Strands(handle)) = self.jobs.get(parent).map(|job| job.awaits) else { return };
        let strands = &mut self.strands[handle];
        strands.running -= 1;
        if let Err(kind) = outcome {
            strands.error.get_or_insert(kind);
        }
        if strands.running == 0 {
            match self.joined(parent, handle) {
                Progress::Ended(outcome) => self.end_job(parent, outcome),
                Progress::Next | Progress::Suspended => self.run_job(parent),
            }
        }
    }

    /// Stops the strands of a job that is stopped, in their order, with all they have started.
    pub(super) fn stop_strands(&mut self, handle: Handle<Strands>) {
        let Some(strands) = self.strands.remove(handle) else { return };
        for strand in strands.jobs.clone() {
            if self.jobs.get(strand).is_some() {
                self.stop_work(strand);
                self.jobs.remove(strand);
            }
        }
    }
}
