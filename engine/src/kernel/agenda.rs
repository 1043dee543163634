//! The event queue: FIFO lanes for constant delays and slots beside a binary heap, in exact (time, class, sequence) order.
//!
//! A timer with a constant delay expires in the order in which it was armed, so a lane is a plain queue, from which timers
//! may also leave at any place: arming and cancelling cost O(1). Everything else goes to the heap and cannot be cancelled;
//! whoever schedules there checks a generation when the event fires.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use super::fronts::{Front, Fronts, Source};
use super::heap::{Entry, Heap, NOTHING};
use super::timers::{Timer, Timers};
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

/// A place for one event at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotId(u16);

/// Time, then class, then sequence, packed so that one comparison orders them.
type Order = u128;

/// The lane without a delay, which every agenda has.
const SOON: LaneId = LaneId(0);

const SEQUENCE_BITS: u32 = 60;

fn number(index: usize) -> u16 {
    u16::try_from(index).expect("fewer than 2^16 lanes, and slots")
}

const fn instant(order: Order) -> SimTime {
    SimTime::from_nanos((order >> 64) as u64)
}

/// The event queue and the clock it drives.
#[derive(Clone, Debug, Resource, Serialize, Deserialize)]
#[serde(bound(serialize = "E: Serialize", deserialize = "E: Deserialize<'de>"))]
pub struct Agenda<E: Copy + Default + Send + Sync + 'static> {
    now: SimTime,
    sequence: u64,
    heap: Heap<E>,
    /// Whether the first of the heap is the event being handled. The next to be scheduled takes its place, which is
    /// cheaper than to take one out and put one in.
    spent: bool,
    timers: Timers<E>,
    /// The events in the slots.
    slots: Vec<E>,
    /// A lane whose first timer was cancelled still has the order of that one here, which is too early, and is corrected
    /// when its turn comes.
    fronts: Fronts,
}

impl<E: Copy + Default + Send + Sync + 'static> Default for Agenda<E> {
    fn default() -> Self {
        Self {
            now: SimTime::ZERO,
            sequence: 0,
            heap: Heap::default(),
            spent: false,
            timers: Timers::default(),
            slots: Vec::new(),
            fronts: Fronts::new(Source::Lane(SOON.0)),
        }
    }
}

impl<E: Copy + Default + Send + Sync + 'static> Agenda<E> {
    /// The instant of the event being handled, or the one the clock was last advanced to.
    #[must_use]
    #[inline]
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// How many events are scheduled, the one being handled not among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len() - usize::from(self.spent) + self.timers.len() + self.fronts.slots()
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
        let index = self.timers.lane(delay).unwrap_or_else(|| {
            let added = self.timers.add_lane(delay);
            self.fronts.add(Source::Lane(number(added)));
            added
        });
        LaneId(number(index))
    }

    /// A place for an event that is scheduled for any instant, one at a time, and that comes again and again: cheaper than
    /// the heap. Every slot may cost other events a comparison, so let there be few.
    ///
    /// # Panics
    /// When there are 2^16 slots.
    pub fn slot(&mut self) -> SlotId {
        let slot = number(self.slots.len());
        self.slots.push(E::default());
        self.fronts.add(Source::Slot(slot));
        SlotId(slot)
    }

    /// Puts the traffic event of a slot at an instant, which may be now but not earlier, in place of the one in it.
    #[inline]
    pub fn set(&mut self, slot: SlotId, at: SimTime, event: E) {
        debug_assert!(at >= self.now, "an event may not be scheduled in the past");
        let order = self.next_order(at, Class::Traffic);
        self.slots[usize::from(slot.0)] = event;
        self.fronts.change(Source::Slot(slot.0), order);
    }

    /// Arms a timer that fires the lane's delay from now; among events of one instant it has class [`Class::Traffic`].
    #[inline]
    pub fn arm(&mut self, lane: LaneId, event: E) -> Timer<E> {
        let number = usize::from(lane.0);
        let at = self.now.saturating_add(self.timers.delay(number));
        let order = self.next_order(at, Class::Traffic);
        let (timer, first) = self.timers.push(number, order, event);
        if first {
            self.fronts.change(Source::Lane(lane.0), order);
        }
        timer
    }

    /// Cancels an armed timer; one that has fired or was cancelled before is left alone.
    #[inline]
    pub fn cancel(&mut self, timer: Timer<E>) {
        if !timer.is_none() {
            self.timers.remove(timer);
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
    pub fn next_before(&mut self, end: SimTime) -> Option<E> {
        let mut event = E::default();
        self.take_next(end, &mut event).then_some(event)
    }

    /// [`Agenda::next_before`] into a place that the caller keeps, `false` when there is none: an event that is handed
    /// over in one piece can be read at once.
    #[inline(always)]
    pub fn take_next(&mut self, end: SimTime, event: &mut E) -> bool {
        loop {
            let front = self.fronts.earliest();
            let heap = if self.spent { self.heap.second() } else { self.heap.first() };
            let order = heap.min(front.order);
            if instant(order) >= end {
                return false;
            }
            if heap < front.order {
                if std::mem::replace(&mut self.spent, true) {
                    self.heap.remove_first();
                }
                *event = self.heap.first_item();
            } else if let Source::Slot(slot) = front.source {
                *event = self.slots[usize::from(slot)];
                self.fronts.handled(NOTHING);
            } else if let Some(timer) = self.take_timer(front) {
                *event = timer;
            } else {
                continue;
            }
            debug_assert!(instant(order) >= self.now, "the clock is monotone");
            self.now = instant(order);
            return true;
        }
    }

    /// Takes the timer with this order, which is the first of its lane; `None` when it has been cancelled.
    #[inline(never)]
    fn take_timer(&mut self, front: Front) -> Option<E> {
        let Source::Lane(lane) = front.source else { unreachable!("timers are in lanes") };
        let lane = usize::from(lane);
        let first = self.timers.first(lane);
        if first != front.order {
            self.fronts.correct(first);
            return None;
        }
        let timer = self.timers.take_first(lane);
        self.fronts.handled(self.timers.first(lane));
        Some(timer)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Handle;
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
        assert_eq!(agenda.len(), 2);
        assert_eq!(agenda.next_before(END), Some(3));
        agenda.cancel(timers[3]);
        agenda.cancel(Handle::NONE);
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
            let mut slots = [0; 3].map(|_| (agenda.slot(), None));
            let mut naive: Vec<(u64, u64, u64)> = Vec::new();
            let mut armed = Vec::new();
            for id in 0..600 {
                let now = agenda.now().as_nanos();
                match rng.next_bits() % 6 {
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
                    2 => {
                        let (slot, held) = &mut slots[(rng.next_bits() % 3) as usize];
                        let at = now + rng.next_bits() % 40;
                        agenda.set(*slot, SimTime::from_nanos(at), id);
                        let replaced = held.replace(id);
                        naive.retain(|entry| Some(entry.2) != replaced);
                        naive.push((at, 1, id));
                    }
                    3 if !armed.is_empty() => {
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
                assert_eq!(agenda.len(), naive.len());
            }
        }
    }
}
