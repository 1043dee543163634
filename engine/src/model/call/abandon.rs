//! Giving calls up: a time limit passes, a deadline passes, or nobody wants the answer any more.

use crate::kernel::Handle;

use super::{Call, Parent, Stage};
use crate::model::Model;
use crate::model::dependency::LayerKind;
use crate::model::outcome::ErrorKind;
use crate::model::pool::Departure;

impl Model<'_> {
    /// The time limit of the layer of `kind` has passed: what is inside it is abandoned.
    pub(crate) fn time_out(&mut self, handle: Handle<Call>, kind: LayerKind) {
        let Some(call) = self.calls.get_mut(handle) else { return };
        let steps = &self.dependencies[call.dependency].steps;
        let Some(position) = steps.iter().position(|step| step.kind == kind) else { return };
        match kind {
            LayerKind::Timeout => call.timeout_timer = Handle::NONE,
            _ => call.deadline_timer = Handle::NONE,
        }
        let unanswered = (call.stage == Stage::Sent).then_some(call.job);
        self.abandon_down_to(handle, position as u8 + 1, Some(kind.wait_error()));
        if let Some(job) = unanswered
            && self.calls[handle].connection.is_some()
        {
            self.spoil_connection(handle, job);
        }
        self.unwind(handle, Err(kind.wait_error()));
    }

    /// The deadline that came with the caller's own request has passed: the whole call is abandoned.
    pub(crate) fn deadline_passed(&mut self, handle: Handle<Call>) {
        if self.calls.get(handle).is_none() {
            return;
        }
        self.abandon_down_to(handle, 0, Some(ErrorKind::DeadlineExceeded));
        self.finish(handle, Err(ErrorKind::DeadlineExceeded));
    }

    /// Gives the call up without telling its parent.
    pub(crate) fn abandon_call(&mut self, handle: Handle<Call>) {
        if self.calls.get(handle).is_none() {
            return;
        }
        self.abandon_down_to(handle, 0, None);
        let call = &mut self.calls[handle];
        call.parent = Parent::Nobody;
        self.finish(handle, Err(ErrorKind::Cancelled));
    }

    /// Leaves every layer entered beyond the first `keep`, and the attempt under way, because of a time limit or, without
    /// `limit`, because nobody wants the answer any more.
    fn abandon_down_to(&mut self, handle: Handle<Call>, keep: u8, limit: Option<ErrorKind>) {
        let call = &self.calls[handle];
        let (stage, dependency) = (call.stage, call.dependency);
        match stage {
            Stage::Sent => self.abandon_attempt(handle),
            Stage::Waiting => {
                let layer = self.dependencies[dependency].steps[usize::from(call.entered)].kind;
                self.stop_waiting(handle, layer, Departure::Cancelled);
                self.meters.dependency(dependency).refused += 1;
            }
            Stage::Moving | Stage::BackingOff => {}
        }
        self.calls[handle].stage = Stage::Moving;
        while self.calls[handle].entered > keep {
            let call = &mut self.calls[handle];
            call.entered -= 1;
            let layer = self.dependencies[dependency].steps[usize::from(call.entered)].kind;
            self.give_up(handle, layer, limit);
        }
        self.calls[handle].job = Handle::NONE;
    }

    fn abandon_attempt(&mut self, handle: Handle<Call>) {
        let call = &mut self.calls[handle];
        let job = call.job;
        let (dependency, channel, instance) = (call.dependency, call.channel, call.instance);
        if self.spec.dependencies[dependency].cancels {
            self.send_cancellation(handle, job);
        }
        self.no_longer_outstanding(dependency, channel, instance);
    }
}
