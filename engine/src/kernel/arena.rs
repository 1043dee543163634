//! Rows that come and go by the million, behind generation-checked handles.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A reference to a row of an [`Arena`]. Once the row is gone it stays dangling: its place may be used again, its
/// generation is not.
pub struct Handle<T> {
    index: u32,
    generation: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// A handle that no row ever has.
    pub const NONE: Self = Self::new(u32::MAX, 0);

    const fn new(index: u32, generation: u32) -> Self {
        Self { index, generation, kind: PhantomData }
    }

    /// Whether this is [`Handle::NONE`].
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.index == u32::MAX
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Handle<T> {}
impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.generation == other.generation
    }
}
impl<T> Eq for Handle<T> {}
impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}.{}", self.index, self.generation)
    }
}
impl<T> Serialize for Handle<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.index, self.generation).serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Handle<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <(u32, u32)>::deserialize(deserializer).map(|(index, generation)| Self::new(index, generation))
    }
}

/// A row and the generation of its place: odd while the row lives, even while the place is free.
#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    row: T,
}

/// Rows behind generation-checked handles; places are used again, last freed first.
#[derive(Clone, Debug)]
pub struct Arena<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Arena<T> {
    /// Puts a row in and returns its handle.
    ///
    /// # Panics
    /// When 2^32 rows live at once.
    #[inline]
    pub fn insert(&mut self, row: T) -> Handle<T> {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.generation = slot.generation.wrapping_add(1);
            slot.row = row;
            return Handle::new(index, slot.generation);
        }
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 rows at once");
        self.slots.push(Slot { generation: 1, row });
        Handle::new(index, 1)
    }

    /// Puts in a row that is written in its place, over what was there before: `write` must set all of it.
    ///
    /// # Panics
    /// When 2^32 rows live at once.
    #[inline]
    pub fn insert_with(&mut self, write: impl FnOnce(&mut T)) -> Handle<T>
    where
        T: Default,
    {
        let index = match self.free.pop() {
            Some(index) => index,
            None => self.grow(),
        };
        let slot = &mut self.slots[index as usize];
        slot.generation = slot.generation.wrapping_add(1);
        write(&mut slot.row);
        Handle::new(index, slot.generation)
    }

    #[cold]
    fn grow(&mut self) -> u32
    where
        T: Default,
    {
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 rows at once");
        self.slots.push(Slot { generation: 0, row: T::default() });
        index
    }

    /// Takes the row out and shows it a last time; `None` when it is gone already.
    #[inline(always)]
    pub fn remove(&mut self, handle: Handle<T>) -> Option<&T> {
        let slot = self.slots.get_mut(handle.index as usize)?;
        if slot.generation != handle.generation {
            return None;
        }
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(handle.index);
        Some(&slot.row)
    }

    /// The row, or `None` when it is gone.
    #[must_use]
    #[inline]
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        self.slots
            .get(handle.index as usize)
            .and_then(|slot| (slot.generation == handle.generation).then_some(&slot.row))
    }

    /// The row, mutable, or `None` when it is gone.
    #[inline]
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        self.slots
            .get_mut(handle.index as usize)
            .and_then(|slot| (slot.generation == handle.generation).then_some(&mut slot.row))
    }

    /// How many rows live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether no row lives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The living rows with their handles, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (Handle<T>, &T)> {
        (0u32..)
            .zip(&self.slots)
            .filter(|(_, slot)| slot.generation % 2 == 1)
            .map(|(index, slot)| (Handle::new(index, slot.generation), &slot.row))
    }
}

impl<T> std::ops::Index<Handle<T>> for Arena<T> {
    type Output = T;
    /// # Panics
    /// When the row is gone.
    #[inline]
    fn index(&self, handle: Handle<T>) -> &T {
        self.get(handle).expect("a live row")
    }
}

impl<T> std::ops::IndexMut<Handle<T>> for Arena<T> {
    /// # Panics
    /// When the row is gone.
    #[inline]
    fn index_mut(&mut self, handle: Handle<T>) -> &mut T {
        self.get_mut(handle).expect("a live row")
    }
}

impl<T: Serialize> Serialize for Arena<T> {
    /// Living rows only: what a freed place last held is not state.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let slots: Vec<(u32, Option<&T>)> =
            self.slots.iter().map(|slot| (slot.generation, (slot.generation % 2 == 1).then_some(&slot.row))).collect();
        (slots, &self.free).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Arena<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (slots, free) = <(Vec<(u32, Option<T>)>, Vec<u32>)>::deserialize(deserializer)?;
        let slots =
            slots.into_iter().map(|(generation, row)| Slot { generation, row: row.unwrap_or_default() }).collect();
        Ok(Self { slots, free })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_outlives_its_row_without_reaching_the_next_one() {
        let mut arena = Arena::default();
        let first = arena.insert("first");
        arena.remove(first);
        let second = arena.insert("second");
        assert_eq!(arena.get(first), None);
        assert_eq!(arena.get(second), Some(&"second"));
        arena.remove(first);
        assert_eq!(arena.len(), 1, "removing through a dangling handle changes nothing");
        assert_eq!(arena.get(Handle::NONE), None);
    }

    #[test]
    fn a_snapshot_holds_living_rows_and_hands_out_the_same_handles() {
        let mut arena = Arena::default();
        let rows: Vec<_> = (0..4u64).map(|i| arena.insert(i)).collect();
        arena.remove(rows[1]);
        arena.remove(rows[2]);
        let bytes = postcard::to_allocvec(&arena).unwrap();
        let mut copy: Arena<u64> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(copy.iter().collect::<Vec<_>>(), arena.iter().collect::<Vec<_>>());
        assert_eq!(copy.insert(9), arena.insert(9));
    }
}
