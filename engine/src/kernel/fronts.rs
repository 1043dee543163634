//! Which of an agenda's lanes and slots is first, and which come after it.
//!
//! One whose front has gone usually gets the next before anything else happens: the arrival that is handled schedules the
//! next arrival. Until then it keeps its place at the head, as what is handled now precedes all else.

use serde::{Deserialize, Serialize};

use super::heap::NOTHING;

/// What has a front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Source {
    /// A lane of timers.
    Lane(u16),
    /// A slot.
    Slot(u16),
}

/// The order of what comes first from a source, [`NOTHING`] when there is nothing.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Front {
    pub(super) order: u128,
    pub(super) source: Source,
}

/// All fronts by their orders.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fronts {
    first: Front,
    /// In ascending order.
    others: Vec<Front>,
    /// Whether the first source has nothing left but what is being handled.
    vacant: bool,
}

impl Fronts {
    /// Of one source, which has nothing.
    pub(super) const fn new(source: Source) -> Self {
        Self { first: Front { order: NOTHING, source }, others: Vec::new(), vacant: false }
    }

    /// Adds a source, which has nothing.
    pub(super) fn add(&mut self, source: Source) {
        self.others.push(Front { order: NOTHING, source });
    }

    /// How many slots have an event that is not being handled.
    pub(super) fn slots(&self) -> usize {
        let full = |front: &&Front| matches!(front.source, Source::Slot(_)) && front.order != NOTHING;
        let first = std::iter::once(&self.first).filter(|_| !self.vacant);
        first.chain(&self.others).filter(full).count()
    }

    /// The earliest.
    #[inline(always)]
    pub(super) fn earliest(&mut self) -> Front {
        if self.vacant {
            self.follow(NOTHING);
        }
        self.first
    }

    /// The earliest is being handled, and this is the order of what comes after it from the same source.
    #[inline(always)]
    pub(super) fn handled(&mut self, next: u128) {
        if next == NOTHING {
            self.vacant = true;
        } else {
            self.follow(next);
        }
    }

    /// The earliest is gone without having been handled.
    #[cold]
    pub(super) fn correct(&mut self, next: u128) {
        self.follow(next);
    }

    /// What comes first from a source has another order.
    #[inline]
    pub(super) fn change(&mut self, source: Source, order: u128) {
        if self.first.source == source {
            self.follow(order);
        } else {
            self.change_other(source, order);
        }
    }

    /// The first source gets another order, which may put it behind others.
    #[inline(always)]
    fn follow(&mut self, order: u128) {
        self.vacant = false;
        self.first.order = order;
        if self.others.first().is_some_and(|next| next.order < order) {
            self.fall_behind();
        }
    }

    #[inline(never)]
    fn fall_behind(&mut self) {
        let front = std::mem::replace(&mut self.first, self.others[0]);
        let place = self.others[1..].iter().take_while(|other| other.order < front.order).count();
        self.others.copy_within(1..=place, 0);
        self.others[place] = front;
    }

    #[inline(never)]
    fn change_other(&mut self, source: Source, order: u128) {
        let others = &mut *self.others;
        let mut place = others.iter().position(|other| other.source == source).expect("every source has a front");
        while let Some(before) = place.checked_sub(1).filter(|before| order < others[*before].order) {
            others[place] = others[before];
            place = before;
        }
        while let Some(after) = others.get(place + 1).filter(|after| after.order < order) {
            others[place] = *after;
            place += 1;
        }
        others[place] = Front { order, source };
        if order < self.first.order {
            std::mem::swap(&mut self.first, &mut others[0]);
        }
    }
}
