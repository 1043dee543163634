//! Stable ids: dense indices in file order, one type per kind of thing.
//!
//! A name in a scenario file becomes a dense index when the file is resolved. The index is the only sort key in the
//! engine and the only way state refers to state, so nothing depends on hash order, addresses or creation order.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The dense index of a `T`. `T` is the row type that the index points at; it is never stored.
pub struct Id<T> {
    index: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    /// The id with the given dense index.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self { index, kind: PhantomData }
    }

    /// The id with the given dense index.
    ///
    /// # Panics
    /// When there are more than 2^32 rows.
    #[must_use]
    pub fn from_usize(index: usize) -> Self {
        Self::new(u32::try_from(index).expect("fewer than 2^32 rows"))
    }

    /// The dense index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// The dense index as stored.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.index
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.index.cmp(&other.index)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.index.serialize(serializer)
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u32::deserialize(deserializer).map(Self::new)
    }
}

/// Rows of one kind in id order, addressed by the [`Id`] of `K`: the row type itself, or, for state, the specification
/// whose state the row is.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Table<T, K = T> {
    rows: Vec<T>,
    #[serde(skip)]
    kind: PhantomData<fn() -> K>,
}

impl<T, K> Table<T, K> {
    /// Appends a row and returns its id.
    pub fn push(&mut self, row: T) -> Id<K> {
        let id = self.next_id();
        self.rows.push(row);
        id
    }

    /// The id the next pushed row will have.
    #[must_use]
    pub fn next_id(&self) -> Id<K> {
        Id::from_usize(self.rows.len())
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of `id`, or `None` where the id is not of this table.
    #[must_use]
    pub fn get(&self, id: Id<K>) -> Option<&T> {
        self.rows.get(id.index())
    }

    /// The row of `id` to change, or `None` where the id is not of this table.
    #[must_use]
    pub fn get_mut(&mut self, id: Id<K>) -> Option<&mut T> {
        self.rows.get_mut(id.index())
    }

    /// All ids in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id<K>> + Clone + use<T, K> {
        (0..self.rows.len()).map(Id::from_usize)
    }

    /// All rows in id order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    /// All rows in id order, mutable.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.rows.iter_mut()
    }

    /// All rows with their ids, in id order.
    pub fn enumerate(&self) -> impl DoubleEndedIterator<Item = (Id<K>, &T)> {
        self.rows.iter().enumerate().map(|(i, row)| (Id::from_usize(i), row))
    }
}

impl<T, K> Default for Table<T, K> {
    fn default() -> Self {
        Self { rows: Vec::new(), kind: PhantomData }
    }
}

impl<T: Clone, K> Clone for Table<T, K> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), kind: PhantomData }
    }
}

impl<T: fmt::Debug, K> fmt::Debug for Table<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}

impl<T, K> Index<Id<K>> for Table<T, K> {
    type Output = T;
    #[inline]
    fn index(&self, id: Id<K>) -> &T {
        &self.rows[id.index()]
    }
}

impl<T, K> IndexMut<Id<K>> for Table<T, K> {
    #[inline]
    fn index_mut(&mut self, id: Id<K>) -> &mut T {
        &mut self.rows[id.index()]
    }
}

impl<T, K> FromIterator<T> for Table<T, K> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), kind: PhantomData }
    }
}

impl<'a, T, K> IntoIterator for &'a Table<T, K> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}
