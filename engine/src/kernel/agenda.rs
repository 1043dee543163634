//! The event queue: FIFO lanes for constant delays beside a binary heap, in exact (time, class, sequence) order.
//!
//! A timer with a constant delay expires in the order in which it was armed, so a lane is a plain queue: arming and
//! cancelling cost O(1), and a cancelled entry is dropped as soon as it reaches the front. Everything else goes to the heap
//! and cannot be cancelled; whoever schedules there checks a generation when the event fires.

use std::collections::VecDeque;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use super::heap::{Entry, Heap, NOTHING};
use crate::units::{SimDuration, SimTime};

/// Which events of one instant go first. The declaration order is the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Changes to the system: faults, deploys, finished actions.
    Control = 0,
    /// Everything that requests do.
    Traffic = 1,
}

/// A FIFO lane of timers with one constant delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneId(u16);

/// An armed timer of a lane, to cancel it with. [`Timer::NONE`] cancels nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer(u64);

impl Timer {
    /// No timer.
    pub const NONE: Self = Self(u64::MAX);
    const INDEX_BITS: u32 = 48;

    const fn new(lane: LaneId, index: u64) -> Self {
        Self((lane.0 as u64) << Self::INDEX_BITS | index)
    }

    const fn lane(self) -> usize {
        (self.0 >> Self::INDEX_BITS) as usize
    }

    const fn index(self) -> u64 {
        self.0 & ((1 << Self::INDEX_BITS) - 1)
    }
}

/// Time, then class, then sequence, packed so that one comparison orders them.
type Order = u128;

/// The lane without a delay, which every agenda has.
const SOON: LaneId = LaneId(0);

const SEQUENCE_BITS: u32 = 60;

const fn instant(order: Order) -> SimTime {
    SimTime::from_nanos((order >> 64) as u64)
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Lane<E> {
    delay: SimDuration,
    /// The index of the first entry; entries are numbered from 0 since the lane was made.
    base: u64,
    entries: VecDeque<(Order, Option<E>)>,
}

impl<E> Lane<E> {
    const fn new(delay: SimDuration) -> Self {
        Self { delay, base: 0, entries: VecDeque::new() }
    }

    /// Drops the cancelled entries at the front and returns the order of the first one left, [`NOTHING`] without one.
    #[inline]
    fn drop_cancelled(&mut self) -> Order {
        while let Some((order, event)) = self.entries.front() {
            if event.is_some() {
                return *order;
            }
            self.entries.pop_front();
            self.base += 1;
        }
        NOTHING
    }
}

/// The event queue and the clock it drives.
#[derive(Clone, Debug, Resource, Serialize, Deserialize)]
pub struct Agenda<E: Copy + Send + Sync + 'static> {
    now: SimTime,
    sequence: u64,
    #[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
    heap: Heap<E>,
    /// Whether the first of the heap is the event being handled. The next to be scheduled takes its place, which is
    /// cheaper than to take one out and put one in.
    spent: bool,
    lanes: Vec<Lane<E>>,
    /// By lane: the order of its first entry, which is never a cancelled one; [`NOTHING`] when the lane is empty.
    fronts: Vec<Order>,
    /// The lane whose front is earliest, and that front's order.
    earliest: (usize, Order),
}

impl<E: Copy + Send + Sync + 'static> Default for Agenda<E> {
    fn default() -> Self {
        Self {
            now: SimTime::ZERO,
            sequence: 0,
            heap: Heap::default(),
            spent: false,
            lanes: vec![Lane::new(SimDuration::ZERO)],
            fronts: vec![NOTHING],
            earliest: (0, NOTHING),
        }
    }
}

impl<E: Copy + Send + Sync + 'static> Agenda<E> {
    /// The instant of the event being handled, or the one the clock was last advanced to.
    #[must_use]
    #[inline]
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// How many events are scheduled, the one being handled not among them, cancelled timers that still wait behind live ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len() - usize::from(self.spent) + self.lanes.iter().map(|lane| lane.entries.len()).sum::<usize>()
    }

    /// Whether nothing is scheduled.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The lane for timers with this delay, made on first use.
    ///
    /// # Panics
    /// When more than 2^16 different delays are in use.
    pub fn lane(&mut self, delay: SimDuration) -> LaneId {
        let index = self.lanes.iter().position(|lane| lane.delay == delay).unwrap_or_else(|| self.add_lane(delay));
        LaneId(u16::try_from(index).expect("at most 2^16 different constant delays"))
    }

    /// A lane for an event that is scheduled for any instant, one at a time, and that comes again and again: cheaper than
    /// the heap. Every such lane costs every event a comparison, so let there be few.
    ///
    /// # Panics
    /// When there are 2^16 lanes.
    pub fn slot(&mut self) -> LaneId {
        LaneId(u16::try_from(self.add_lane(SimDuration::MAX)).expect("fewer than 2^16 lanes"))
    }

    fn add_lane(&mut self, delay: SimDuration) -> usize {
        self.lanes.push(Lane::new(delay));
        self.fronts.push(NOTHING);
        self.lanes.len() - 1
    }

    /// Puts the traffic event of a slot at an instant, which may be now but not earlier, in place of the one in it.
    #[inline]
    pub fn set(&mut self, slot: LaneId, at: SimTime, event: E) {
        debug_assert!(at >= self.now, "an event may not be scheduled in the past");
        let index = usize::from(slot.0);
        let order = self.next_order(at, Class::Traffic);
        let lane = &mut self.lanes[index];
        lane.base += lane.entries.len() as u64;
        lane.entries.clear();
        lane.entries.push_back((order, Some(event)));
        self.fronts[index] = order;
        if self.earliest.0 == index {
            self.find_earliest();
        } else if order < self.earliest.1 {
            self.earliest = (index, order);
        }
    }

    /// Arms a timer that fires the lane's delay from now; among events of one instant it has class [`Class::Traffic`].
    #[inline]
    pub fn arm(&mut self, lane: LaneId, event: E) -> Timer {
        let index = usize::from(lane.0);
        let at = self.now.saturating_add(self.lanes[index].delay);
        let order = self.next_order(at, Class::Traffic);
        let lane_state = &mut self.lanes[index];
        let timer = Timer::new(lane, lane_state.base + lane_state.entries.len() as u64);
        if lane_state.entries.is_empty() {
            self.fronts[index] = order;
            if order < self.earliest.1 {
                self.earliest = (index, order);
            }
        }
        lane_state.entries.push_back((order, Some(event)));
        timer
    }

    /// Cancels an armed timer; one that has fired or was cancelled before is left alone.
    #[inline]
    pub fn cancel(&mut self, timer: Timer) {
        if timer == Timer::NONE {
            return;
        }
        let Some(lane) = self.lanes.get_mut(timer.lane()) else { return };
        let Some(offset) = timer.index().checked_sub(lane.base) else { return };
        let Some(entry) = lane.entries.get_mut(offset as usize) else { return };
        entry.1 = None;
        if offset == 0 {
            self.fronts[timer.lane()] = lane.drop_cancelled();
            if self.earliest.0 == timer.lane() {
                self.find_earliest();
            }
        }
    }

    /// Schedules an event at an instant, which may be now but not earlier.
    #[inline(always)]
    pub fn at(&mut self, at: SimTime, class: Class, event: E) {
        debug_assert!(at >= self.now, "an event may not be scheduled in the past");
        let entry = Entry { order: self.next_order(at, class), item: event };
        if std::mem::take(&mut self.spent) {
            self.heap.replace_first(entry);
        } else {
            self.heap.push(entry);
        }
    }

    /// Schedules a traffic event a span from now.
    #[inline(always)]
    pub fn after(&mut self, delay: SimDuration, event: E) {
        self.at(self.now.saturating_add(delay), Class::Traffic, event);
    }

    /// Schedules a traffic event for this instant, after those that are scheduled for it already.
    #[inline]
    pub fn soon(&mut self, event: E) {
        self.arm(SOON, event);
    }

    /// Takes the next event strictly before `end` and moves the clock to it; `None` when there is none.
    #[inline]
    pub fn next_before(&mut self, end: SimTime) -> Option<E>
    where
        E: Default,
    {
        let mut event = E::default();
        self.take_next(end, &mut event).then_some(event)
    }

    /// [`Agenda::next_before`] into a place that the caller keeps, `false` when there is none: an event that is handed
    /// over in one piece can be read at once.
    #[inline(always)]
    pub fn take_next(&mut self, end: SimTime, event: &mut E) -> bool {
        let (lane, front) = self.earliest;
        let heap = if self.spent { self.heap.second() } else { self.heap.first() };
        let order = heap.min(front);
        if instant(order) >= end {
            return false;
        }
        debug_assert!(instant(order) >= self.now, "the clock is monotone");
        self.now = instant(order);
        if heap < front {
            if std::mem::replace(&mut self.spent, true) {
                self.heap.remove_first();
            }
            *event = self.heap.first_item();
            return true;
        }
        let state = &mut self.lanes[lane];
        let (_, found) = state.entries.pop_front().expect("the earliest lane has a front");
        *event = found.expect("the front of a lane is not cancelled");
        state.base += 1;
        self.fronts[lane] = state.drop_cancelled();
        self.find_earliest();
        true
    }

    /// Moves the clock forward to `end` once nothing is left before it.
    pub fn advance_to(&mut self, end: SimTime) {
        debug_assert!(end >= self.now, "the clock is monotone");
        self.now = end;
    }

    #[inline(always)]
    fn next_order(&mut self, at: SimTime, class: Class) -> Order {
        let low = (class as u64) << SEQUENCE_BITS | self.sequence;
        self.sequence += 1;
        Order::from(at.as_nanos()) << 64 | Order::from(low)
    }

    #[inline]
    fn find_earliest(&mut self) {
        self.earliest = (0, NOTHING);
        for (index, front) in self.fronts.iter().enumerate() {
            if *front < self.earliest.1 {
                self.earliest = (index, *front);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Key;

    const END: SimTime = SimTime::NEVER;

    #[test]
    fn events_of_one_instant_go_by_class_then_by_sequence() {
        let mut agenda = Agenda::default();
        let at = SimTime::from_secs(1);
        let lane = agenda.lane(SimDuration::SECOND);
        agenda.at(at, Class::Traffic, "first traffic");
        agenda.arm(lane, "second traffic, in a lane");
        agenda.at(at, Class::Traffic, "third traffic");
        agenda.at(at, Class::Control, "control");
        let order: Vec<_> = std::iter::from_fn(|| agenda.next_before(END)).collect();
        assert_eq!(order, ["control", "first traffic", "second traffic, in a lane", "third traffic"]);
    }

    #[test]
    fn a_slot_holds_one_event_at_any_instant() {
        let mut agenda = Agenda::default();
        let (one, other) = (agenda.slot(), agenda.slot());
        let lane = agenda.lane(SimDuration::SECOND);
        agenda.set(one, SimTime::from_secs(3), "replaced");
        agenda.set(other, SimTime::from_secs(2), "second");
        agenda.arm(lane, "first");
        agenda.set(one, SimTime::from_secs(2), "third");
        agenda.set(other, SimTime::from_secs(2), "fourth, in place of the second");
        let order: Vec<_> = std::iter::from_fn(|| agenda.next_before(END)).collect();
        assert_eq!(order, ["first", "third", "fourth, in place of the second"]);
    }

    #[test]
    fn the_end_is_exclusive() {
        let mut agenda = Agenda::default();
        agenda.at(SimTime::from_secs(1), Class::Traffic, ());
        assert!(agenda.next_before(SimTime::from_secs(1)).is_none());
        assert!(agenda.next_before(SimTime::from_nanos(1_000_000_001)).is_some());
    }

    #[test]
    fn a_cancelled_timer_never_fires_and_frees_its_place() {
        let mut agenda = Agenda::default();
        let lane = agenda.lane(SimDuration::SECOND);
        let timers: Vec<_> = (0..5).map(|i| agenda.arm(lane, i)).collect();
        for index in [2, 0, 1] {
            agenda.cancel(timers[index]);
        }
        assert_eq!(agenda.len(), 2, "the front is pruned past every cancelled entry");
        assert_eq!(agenda.next_before(END), Some(3));
        agenda.cancel(timers[3]);
        agenda.cancel(Timer::NONE);
        assert_eq!(agenda.next_before(END), Some(4));
        assert!(agenda.is_empty());
    }

    /// Against the obvious implementation: a sorted list with true removal.
    #[test]
    fn agrees_with_a_sorted_list_on_random_schedules() {
        for seed in 0..200 {
            let mut rng = Key::new(seed).rng(0);
            let mut agenda = Agenda::default();
            let lanes: Vec<_> = (1..6).map(|i| agenda.lane(SimDuration::from_nanos(i * 7))).collect();
            let mut naive: Vec<(u64, u64, u64)> = Vec::new();
            let mut armed = Vec::new();
            for id in 0..400 {
                let now = agenda.now().as_nanos();
                match rng.next_bits() % 4 {
                    0 => {
                        let lane = (rng.next_bits() % 5) as usize;
                        armed.push((id, agenda.arm(lanes[lane], id)));
                        naive.push((now + (lane as u64 + 1) * 7, 1, id));
                    }
                    1 => {
                        let class = if rng.next_bits().is_multiple_of(3) { Class::Control } else { Class::Traffic };
                        let at = now + rng.next_bits() % 40;
                        agenda.at(SimTime::from_nanos(at), class, id);
                        naive.push((at, class as u64, id));
                    }
                    2 if !armed.is_empty() => {
                        let (id, timer) = armed[(rng.next_bits() % armed.len() as u64) as usize];
                        agenda.cancel(timer);
                        naive.retain(|entry| entry.2 != id);
                    }
                    _ => {
                        naive.sort_unstable();
                        let expected = (!naive.is_empty()).then(|| naive.remove(0));
                        assert_eq!(agenda.next_before(END), expected.map(|entry| entry.2));
                        if let Some((at, ..)) = expected {
                            assert_eq!(agenda.now().as_nanos(), at);
                        }
                    }
                }
            }
        }
    }
}
