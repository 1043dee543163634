//! Parallel branches: strands are jobs of their own that share their parent's place on the instance.

use crate::kernel::Handle;

use super::{Job, Position, Progress};
use crate::model::Model;
use crate::model::outcome::Outcome;

impl Model<'_> {
    pub(super) fn start_strands(&mut self, handle: Handle<Job>, branches: &[u32]) -> Progress {
        if branches.is_empty() {
            return Progress::Next;
        }
        // The extra one keeps the job from being resumed while its strands are being started.
        self.jobs[handle].strands = branches.len() as u32 + 1;
        for &start in branches {
            let parent = &mut self.jobs[handle];
            let (key, draw) = parent.next_draw();
            let strand = Job {
                call: Handle::NONE,
                key: key.child(draw),
                draws: 0,
                step: Position::Plan(start),
                awaits: Handle::NONE,
                strand_of: handle,
                strands: 0,
                strand_error: None,
                occupies_connection: false,
                ..parent.clone()
            };
            let strand = self.jobs.insert(strand);
            self.run_job(strand);
        }
        self.jobs[handle].strands -= 1;
        if self.jobs[handle].strands > 0 { Progress::Suspended } else { self.joined(handle) }
    }

    fn joined(&mut self, handle: Handle<Job>) -> Progress {
        match self.jobs[handle].strand_error.take() {
            Some(kind) => Progress::Ended(Err(kind)),
            None => Progress::Next,
        }
    }

    #[inline(never)]
    pub(super) fn end_strand(&mut self, strand: Handle<Job>, outcome: Outcome) {
        let parent = self.jobs[strand].strand_of;
        self.jobs.remove(strand);
        let Some(job) = self.jobs.get_mut(parent) else { return };
        job.strands -= 1;
        if let Err(kind) = outcome {
            job.strand_error.get_or_insert(kind);
        }
        if job.strands == 0 {
            match self.joined(parent) {
                Progress::Ended(outcome) => self.end_job(parent, outcome),
                Progress::Next | Progress::Suspended => self.run_job(parent),
            }
        }
    }

    pub(super) fn stop_strands(&mut self, handle: Handle<Job>) {
        if self.jobs[handle].strands == 0 {
            return;
        }
        let strands: Vec<_> =
            self.jobs.iter().filter(|(_, job)| job.strand_of == handle).map(|(strand, _)| strand).collect();
        for strand in strands {
            self.stop_strands(strand);
            self.stop_work(strand);
            self.jobs.remove(strand);
        }
    }
}
