//! A binary min-heap of entries whose first is replaced more often than removed.
//!
//! The standard library's heap writes a new entry where the first was and then moves it down, reading it back at every
//! step; here it stays in registers until its place is found. What it does not know: what the orders mean.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Entries in heap order: none is earlier than the one at half its index.
#[derive(Clone, Debug)]
pub(super) struct Heap<E> {
    entries: Vec<Entry<E>>,
}

/// Later than every order.
pub(super) const NOTHING: u128 = u128::MAX;

/// Something and where it stands; no two stand at one place.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Entry<E> {
    pub(super) order: u128,
    pub(super) item: E,
}

impl<E> Default for Heap<E> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<E: Copy> Heap<E> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The order of the first, [`NOTHING`] without one.
    #[inline]
    pub(super) fn first(&self) -> u128 {
        self.entries.first().map_or(NOTHING, |entry| entry.order)
    }

    /// The order of the one after the first, [`NOTHING`] without one.
    #[inline]
    pub(super) fn second(&self) -> u128 {
        match &*self.entries {
            [_, one, other, ..] => one.order.min(other.order),
            [_, one] => one.order,
            _ => NOTHING,
        }
    }

    /// What stands first.
    ///
    /// # Panics
    /// When there is nothing.
    #[inline]
    pub(super) fn first_item(&self) -> E {
        self.entries[0].item
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry<E>) {
        let mut hole = self.entries.len();
        self.entries.push(entry);
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if self.entries[parent].order < entry.order {
                break;
            }
            self.entries[hole] = self.entries[parent];
            hole = parent;
        }
        self.entries[hole] = entry;
    }

    /// Takes the first out and puts another entry in.
    #[inline]
    pub(super) fn replace_first(&mut self, entry: Entry<E>) {
        let entries = &mut *self.entries;
        let (mut hole, mut child) = (0, 1);
        while let Some([one, other]) = entries.get(child..child + 2) {
            let right = other.order < one.order;
            let earlier = if right { other } else { one };
            if entry.order < earlier.order {
                break;
            }
            entries[hole] = *earlier;
            hole = child + usize::from(right);
            child = 2 * hole + 1;
        }
        // The last entry may have no sibling.
        if child + 1 == entries.len() && entries[child].order < entry.order {
            entries[hole] = entries[child];
            hole = child;
        }
        if let Some(place) = entries.get_mut(hole) {
            *place = entry;
        }
    }

    pub(super) fn remove_first(&mut self) {
        if let Some(last) = self.entries.pop() {
            self.replace_first(last);
        }
    }
}

impl<E: Serialize + Copy> Serialize for Heap<E> {
    /// Sorted: the layout depends on how the heap grew, its sorted entries do not.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sorted = self.entries.clone();
        sorted.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.order));
        sorted.serialize(serializer)
    }
}

impl<'de, E: Deserialize<'de>> Deserialize<'de> for Heap<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries: Vec<Entry<E>> = Vec::deserialize(deserializer)?;
        // A sorted list is a heap.
        entries.sort_unstable_by_key(|entry| entry.order);
        Ok(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Key;

    /// Against a sorted list, with pushes, removals and replacements in random turns.
    #[test]
    fn agrees_with_a_sorted_list() {
        for seed in 0..50 {
            let mut rng = Key::new(seed).rng(0);
            let (mut heap, mut sorted) = (Heap::default(), Vec::<u128>::new());
            for turn in 0..500u128 {
                let order = u128::from(rng.next_bits() % 1000) << 64 | turn;
                match rng.next_bits() % 5 {
                    0 | 1 => {
                        heap.push(Entry { order, item: () });
                        sorted.push(order);
                    }
                    2 if !sorted.is_empty() => {
                        heap.remove_first();
                        sorted.remove(0);
                    }
                    _ if !sorted.is_empty() => {
                        heap.replace_first(Entry { order, item: () });
                        sorted[0] = order;
                    }
                    _ => {}
                }
                sorted.sort_unstable();
                assert_eq!(heap.first(), sorted.first().copied().unwrap_or(NOTHING));
                assert_eq!(heap.second(), sorted.get(1).copied().unwrap_or(NOTHING));
                assert_eq!(heap.len(), sorted.len());
            }
        }
    }
}
