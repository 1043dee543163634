//! Timers, lane by lane in the order in which they expire.
//!
//! Most timers are cancelled long before they would expire, so a cancelled one leaves at once: memory goes by what is armed,
//! not by what was armed within a delay. A lane is a ring of rows: its end, and from the first to the last what is armed.

use serde::{Deserialize, Serialize};

use super::arena::{Arena, Handle};
use super::heap::NOTHING;
use crate::units::SimDuration;

/// An armed timer of a lane, to cancel it with. [`Handle::NONE`] cancels nothing.
pub type Timer<E> = Handle<Armed<E>>;

/// What is armed in a lane, or the end of one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Armed<E> {
    /// [`NOTHING`] for the end of a lane.
    order: u128,
    event: E,
    previous: Timer<E>,
    next: Timer<E>,
}

impl<E: Default> Default for Armed<E> {
    fn default() -> Self {
        Self { order: NOTHING, event: E::default(), previous: Handle::NONE, next: Handle::NONE }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
struct Lane<E> {
    delay: SimDuration,
    /// The row before the first and after the last.
    end: Timer<E>,
}

impl<E: Copy + Default> Lane<E> {
    fn new(delay: SimDuration, rows: &mut Arena<Armed<E>>) -> Self {
        let end = rows.insert(Armed::default());
        let row = &mut rows[end];
        (row.previous, row.next) = (end, end);
        Self { delay, end }
    }
}

/// All lanes of an agenda.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de> + Default"))]
pub(super) struct Timers<E> {
    rows: Arena<Armed<E>>,
    lanes: Vec<Lane<E>>,
}

impl<E: Copy + Default> Default for Timers<E> {
    /// One lane, without a delay.
    fn default() -> Self {
        let mut rows = Arena::default();
        let lanes = vec![Lane::new(SimDuration::ZERO, &mut rows)];
        Self { rows, lanes }
    }
}

impl<E: Copy + Default> Timers<E> {
    /// How many are armed.
    pub(super) fn len(&self) -> usize {
        self.rows.len() - self.lanes.len()
    }

    /// The lane with this delay, if there is one.
    pub(super) fn lane(&self, delay: SimDuration) -> Option<usize> {
        self.lanes.iter().position(|lane| lane.delay == delay)
    }

    /// Adds a lane and returns its number.
    pub(super) fn add_lane(&mut self, delay: SimDuration) -> usize {
        self.lanes.push(Lane::new(delay, &mut self.rows));
        self.lanes.len() - 1
    }

    #[inline(always)]
    pub(super) fn delay(&self, lane: usize) -> SimDuration {
        self.lanes[lane].delay
    }

    /// Arms a timer behind all others of its lane, and says whether there are none.
    #[inline]
    pub(super) fn push(&mut self, lane: usize, order: u128, event: E) -> (Timer<E>, bool) {
        let end = self.lanes[lane].end;
        let last = self.rows[end].previous;
        let timer = self.rows.insert_with(|row| *row = Armed { order, event, previous: last, next: end });
        self.rows[last].next = timer;
        self.rows[end].previous = timer;
        (timer, last == end)
    }

    /// Takes a timer out, unless it is gone already.
    #[inline]
    pub(super) fn remove(&mut self, timer: Timer<E>) {
        if let Some(row) = self.rows.remove(timer) {
            let (previous, next) = (row.previous, row.next);
            self.rows[previous].next = next;
            self.rows[next].previous = previous;
        }
    }

    /// The order of the first timer of a lane, [`NOTHING`] when none is armed.
    #[inline]
    pub(super) fn first(&self, lane: usize) -> u128 {
        self.rows[self.rows[self.lanes[lane].end].next].order
    }

    /// Takes the first timer of a lane.
    ///
    /// # Panics
    /// When there is none.
    #[inline]
    pub(super) fn take_first(&mut self, lane: usize) -> E {
        let first = self.rows[self.lanes[lane].end].next;
        let event = self.rows[first].event;
        assert!(self.rows[first].order != NOTHING, "a timer is armed");
        self.remove(first);
        event
    }
}
