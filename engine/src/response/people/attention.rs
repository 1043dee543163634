//! The lead's attention: one thing at a time, in the order in which it came.
//!
//! What the lead does takes effect when it has been done, not when it was decided. Commands wait for each other, and for whoever
//! interrupts.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::units::{SimDuration, SimTime};

use super::hand_over::Part;
use super::paging::Target;
use super::spec::ResponderSpec;
use super::task::{Owner, Task, Work};

/// What the lead is doing and what waits for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attention {
    doing: Option<(Doing, SimTime)>,
    waiting: VecDeque<Doing>,
    /// How long the lead has been busy so far.
    busy: SimDuration,
}

/// One thing that needs the lead's attention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Doing {
    /// The position in the log of the command it came from; `None` for an interruption.
    pub(super) command: Option<usize>,
    /// What takes effect when it is done.
    pub(super) what: Attended,
    /// How long it takes.
    pub(super) takes: SimDuration,
    /// What it is, in words.
    pub(super) title: String,
}

/// What takes effect when the lead has attended to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Attended {
    /// A page goes out.
    Page(Target),
    /// Somebody has a task.
    Assign { owner: Owner, work: Work, time_box: Option<SimDuration> },
    /// Somebody has been asked how it goes.
    CheckIn(Id<Task>),
    /// Somebody who said they are blocked gets their help.
    Help(Id<Task>),
    /// Somebody else has the task.
    Reassign(Id<Task>, Id<ResponderSpec>, Vec<Part>),
    /// Somebody else leads.
    HandOver(Id<ResponderSpec>, Vec<Part>),
    /// A task is not wanted any more.
    Cancel(Id<Task>),
    /// Somebody may go.
    Release(Id<ResponderSpec>),
    /// It is an incident.
    Declare(super::Severity),
    /// Somebody who interrupted has been answered.
    Answered,
    /// Somebody who brought bad news has been answered.
    Receive { news: u32, tone: super::Tone },
    /// A task that the lead does with their own hands is done.
    Own(Id<Task>),
    /// A trigger is set.
    Trigger,
}

impl Attention {
    /// Something more waits for the lead.
    pub(super) fn add(&mut self, doing: Doing) {
        self.waiting.push_back(doing);
    }

    /// Something cannot wait: it is next.
    pub(super) fn interrupt(&mut self, doing: Doing) {
        self.waiting.push_front(doing);
    }

    /// The next thing that is done by `now`, and the instant at which it was; what comes after it begins then.
    pub(super) fn next_done(&mut self, now: SimTime) -> Option<(Doing, SimTime)> {
        if self.doing.is_none() {
            self.begin(now);
        }
        let (_, ends) = self.doing.as_ref()?;
        if *ends > now {
            return None;
        }
        let (done, ends) = self.doing.take()?;
        self.begin(ends);
        Some((done, ends))
    }

    /// Begins what waits, if nothing else is under way.
    pub(super) fn begin(&mut self, now: SimTime) {
        if self.doing.is_none()
            && let Some(next) = self.waiting.pop_front()
        {
            self.busy = self.busy.saturating_add(next.takes);
            let ends = now.saturating_add(next.takes);
            self.doing = Some((next, ends));
        }
    }

    /// When the lead will be done with a task in their own hands, if nobody interrupts; `None` if it is not in them.
    pub(super) fn done_with(&self, task: Id<Task>) -> Option<SimTime> {
        let is_it = |doing: &Doing| matches!(doing.what, Attended::Own(own) if own == task);
        let (doing, mut ends) = self.doing.as_ref().map(|(doing, ends)| (doing, *ends))?;
        if is_it(doing) {
            return Some(ends);
        }
        for doing in &self.waiting {
            ends = ends.saturating_add(doing.takes);
            if is_it(doing) {
                return Some(ends);
            }
        }
        None
    }

    /// Whether the lead is at a task with their own hands now.
    pub(super) fn is_at(&self, task: Id<Task>) -> bool {
        matches!(&self.doing, Some((Doing { what: Attended::Own(own), .. }, _)) if *own == task)
    }

    /// How much of a task the lead has done with their own hands, as a share of it.
    pub(super) fn share_done(&self, task: Id<Task>, now: SimTime) -> f64 {
        match &self.doing {
            Some((doing, ends)) if self.is_at(task) && !doing.takes.is_zero() => {
                1.0 - ends.since(now.min(*ends)).as_nanos() as f64 / doing.takes.as_nanos() as f64
            }
            _ => 0.0,
        }
    }

    /// What the lead does now, in words, and until when.
    #[must_use]
    pub fn now(&self) -> Option<(&str, SimTime)> {
        self.doing.as_ref().map(|(doing, ends)| (doing.title.as_str(), *ends))
    }

    /// What waits for the lead, in words, the next one first.
    pub fn waiting(&self) -> impl Iterator<Item = &str> {
        self.waiting.iter().map(|doing| doing.title.as_str())
    }

    /// How long the lead has been busy so far, what is under way counted whole.
    #[must_use]
    pub const fn busy(&self) -> SimDuration {
        self.busy
    }

    /// What a command asks for comes before everything else that waits.
    pub(super) fn bring_forward(&mut self, command: usize) {
        if let Some(at) = self.waiting.iter().position(|doing| doing.command == Some(command)) {
            let first = self.waiting.remove(at);
            self.waiting.extend(first);
            self.waiting.rotate_right(1);
        }
    }

    /// Takes out what nobody thinks of any more; what comes after it begins now.
    pub(super) fn forget(&mut self, is_forgotten: impl Fn(&Doing) -> bool, now: SimTime) -> Vec<Doing> {
        let mut forgotten = Vec::new();
        if let Some((doing, ends)) = self.doing.take_if(|(doing, _)| is_forgotten(doing)) {
            self.busy = self.busy.saturating_sub(ends.since(now.min(ends)));
            forgotten.push(doing);
        }
        let (gone, waiting) = self.waiting.drain(..).partition(is_forgotten);
        self.waiting = waiting;
        forgotten.extend::<VecDeque<Doing>>(gone);
        self.begin(now);
        forgotten
    }

    /// Everything under way or waiting.
    pub(super) fn all(&self) -> impl Iterator<Item = &Doing> {
        self.doing.iter().map(|(doing, _)| doing).chain(&self.waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doing(number: usize, secs: u64) -> Doing {
        let what = Attended::Declare(super::super::Severity::new(1).expect("a severity"));
        Doing { command: Some(number), what, takes: SimDuration::from_secs(secs), title: number.to_string() }
    }

    #[test]
    fn things_are_done_one_after_the_other() {
        let at = SimTime::from_secs;
        let mut attention = Attention::default();
        attention.add(doing(1, 30));
        attention.begin(at(0));
        attention.add(doing(2, 10));
        assert_eq!(attention.next_done(at(29)), None);
        assert_eq!(attention.now(), Some(("1", at(30))));
        let order = |attention: &mut Attention, now: u64| -> Vec<(usize, u64)> {
            std::iter::from_fn(|| attention.next_done(at(now)))
                .map(|(doing, ends)| (doing.command.expect("a command"), ends.whole_secs()))
                .collect()
        };
        // Seen late, the second began when the first one ended.
        assert_eq!(order(&mut attention, 45), [(1, 30), (2, 40)]);
        attention.add(doing(3, 10));
        attention.add(doing(4, 10));
        attention.begin(at(50));
        attention.interrupt(doing(5, 60));
        assert_eq!(attention.waiting().collect::<Vec<_>>(), ["5", "4"]);
        assert_eq!(order(&mut attention, 200), [(3, 60), (5, 120), (4, 130)]);
        assert_eq!(attention.busy(), SimDuration::from_secs(120));
    }
}
