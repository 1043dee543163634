//! A first-in-first-out list of waiters from which anyone can leave in constant time.
//!
//! It knows nothing of what is waited for, nor of time. Memory is bounded by the largest number of waiters at one time.

use serde::{Deserialize, Serialize};

/// The place of one waiter in one list; worthless once that waiter has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    slot: u32,
    serial: u32,
}

/// "No slot" in the links.
const END: u32 = u32::MAX;

/// Waiters in order of arrival, as a doubly linked list in one vector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitList<W> {
    slots: Vec<Slot<W>>,
    first: u32,
    last: u32,
    /// The first of the unused slots, linked by `next`.
    free: u32,
    len: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot<W> {
    waiter: Option<W>,
    /// Counts the slot's waiters, so that an old ticket finds nobody.
    serial: u32,
    previous: u32,
    next: u32,
}

impl<W> Default for WaitList<W> {
    fn default() -> Self {
        Self { slots: Vec::new(), first: END, last: END, free: END, len: 0 }
    }
}

impl<W: Copy> WaitList<W> {
    /// How many wait.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a waiter at the end.
    ///
    /// # Panics
    /// When 2^32 - 1 wait already.
    pub fn push(&mut self, waiter: W) -> Ticket {
        let index = self.free_slot();
        let last = self.last;
        let slot = &mut self.slots[index as usize];
        slot.waiter = Some(waiter);
        (slot.previous, slot.next) = (last, END);
        let ticket = Ticket { slot: index, serial: slot.serial };
        self.link(last, index);
        self.last = index;
        self.len += 1;
        ticket
    }

    /// Takes the waiter at the front.
    pub fn pop(&mut self) -> Option<W> {
        (self.first != END).then(|| self.take(self.first)).flatten()
    }

    /// Takes a waiter out of turn; `None` when it has left already.
    pub fn remove(&mut self, ticket: Ticket) -> Option<W> {
        let slot = self.slots.get(ticket.slot as usize)?;
        if slot.serial != ticket.serial {
            return None;
        }
        self.take(ticket.slot)
    }

    /// Everybody who waits, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = W> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            let slot = self.slots.get(next as usize)?;
            next = slot.next;
            slot.waiter
        })
    }

    fn take(&mut self, index: u32) -> Option<W> {
        let slot = &mut self.slots[index as usize];
        let waiter = slot.waiter.take()?;
        slot.serial = slot.serial.wrapping_add(1);
        let (previous, next) = (slot.previous, slot.next);
        slot.next = self.free;
        self.free = index;
        self.link(previous, next);
        self.link_back(next, previous);
        self.len -= 1;
        Some(waiter)
    }

    fn free_slot(&mut self) -> u32 {
        if self.free == END {
            let index = self.slots.len() as u32;
            assert!(index != END, "too many waiters");
            self.slots.push(Slot { waiter: None, serial: 0, previous: END, next: END });
            return index;
        }
        let index = self.free;
        self.free = self.slots[index as usize].next;
        index
    }

    fn link(&mut self, from: u32, to: u32) {
        match self.slots.get_mut(from as usize) {
            Some(slot) => slot.next = to,
            None => self.first = to,
        }
    }

    fn link_back(&mut self, from: u32, to: u32) {
        match self.slots.get_mut(from as usize) {
            Some(slot) => slot.previous = to,
            None => self.last = to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiters_leave_in_order_of_arrival_or_by_ticket() {
        let mut list = WaitList::default();
        let tickets: Vec<Ticket> = (0..5).map(|waiter| list.push(waiter)).collect();
        assert_eq!(list.remove(tickets[0]), Some(0), "the first");
        assert_eq!(list.remove(tickets[2]), Some(2), "one in the middle");
        assert_eq!(list.remove(tickets[4]), Some(4), "the last");
        assert_eq!(list.remove(tickets[2]), None, "twice");
        list.push(5);
        assert_eq!(list.iter().collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(std::iter::from_fn(|| list.pop()).collect::<Vec<_>>(), [1, 3, 5]);
        assert!(list.is_empty());
    }

    #[test]
    fn an_old_ticket_does_not_remove_the_slots_next_waiter() {
        let mut list = WaitList::default();
        let old = list.push('a');
        list.pop();
        let new = list.push('b');
        assert_eq!((list.remove(old), list.remove(new)), (None, Some('b')));
    }

    /// Against a plain vector, with a first waiter that never leaves: memory stays at the peak.
    #[test]
    fn agrees_with_a_vector_and_stays_small() {
        let mut list = WaitList::default();
        let mut plain: Vec<(u32, Ticket)> = vec![(0, list.push(0))];
        let mut bits = 0x2545_f491_4f6c_dd1d_u64;
        for waiter in 1..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if plain.len() < 20 && bits >> 63 == 0 || plain.len() == 1 {
                plain.push((waiter, list.push(waiter)));
            } else {
                let (gone, ticket) = plain.remove(1 + (bits >> 33) as usize % (plain.len() - 1));
                assert_eq!(list.remove(ticket), Some(gone));
            }
            assert_eq!(list.len() as usize, plain.len());
        }
        assert!(list.slots.len() <= 20, "{} slots", list.slots.len());
        assert!(plain.into_iter().all(|(waiter, _)| list.pop() == Some(waiter)));
    }
}
