//! The queue in front of an instance's workers: first come, last come, or by importance.
//!
//! Entries are handles of jobs. A job that is cancelled while it waits leaves a dangling handle behind, which is dropped
//! when its turn comes, or when most entries are of that kind; how many really wait is counted by the instance.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::kernel::Handle;

use super::job::Job;
use super::service::Discipline;

/// Fewer entries than this are not worth sweeping.
const SWEPT_FROM: usize = 64;

/// Waiting jobs. One lane for each importance that has been seen, most important first; one lane in all unless the
/// discipline is [`Discipline::Priority`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Queue {
    lanes: Vec<(u8, VecDeque<Handle<Job>>)>,
}

impl Queue {
    pub(crate) fn push(&mut self, discipline: Discipline, priority: u8, job: Handle<Job>) {
        let priority = if discipline == Discipline::Priority { priority } else { 0 };
        let lane = self.lanes.partition_point(|lane| lane.0 < priority);
        if self.lanes.get(lane).is_none_or(|found| found.0 != priority) {
            self.lanes.insert(lane, (priority, VecDeque::new()));
        }
        self.lanes[lane].1.push_back(job);
    }

    pub(crate) fn pop(&mut self, discipline: Discipline) -> Option<Handle<Job>> {
        self.lanes.iter_mut().find_map(|(_, lane)| match discipline {
            Discipline::Lifo => lane.pop_back(),
            Discipline::Fifo | Discipline::Priority => lane.pop_front(),
        })
    }

    /// Every entry, dangling ones included.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Handle<Job>> + '_ {
        self.lanes.iter().flat_map(|lane| lane.1.iter().copied())
    }

    /// A job has been cancelled. Where its turn may never come (last come, least important), what was left behind is dropped as
    /// soon as it is the larger part, so that memory is bounded by the largest number that wait at one time.
    pub(crate) fn sweep(&mut self, waiting: u32, waits: impl Fn(Handle<Job>) -> bool) {
        let entries: usize = self.lanes.iter().map(|lane| lane.1.len()).sum();
        if entries > SWEPT_FROM + 2 * waiting as usize {
            self.lanes.iter_mut().for_each(|lane| lane.1.retain(|job| waits(*job)));
        }
    }

    /// Nobody waits any more: what is left are handles of jobs that were cancelled.
    pub(crate) fn forget_cancelled(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.1.clear());
    }

    pub(crate) fn clear(&mut self) {
        self.lanes.clear();
    }
}
