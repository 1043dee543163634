//! The registry of state: each mechanism names its state once, and fork, snapshot and digest walk the one list.

use std::fmt;

use bevy_ecs::resource::Resource;
use bevy_ecs::world::World;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The state resources of a world, in registration order.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: &'static str,
    copy: fn(&World, &mut World),
    save: fn(&World) -> Vec<u8>,
    load: fn(&mut World, &[u8]) -> Result<(), postcard::Error>,
}

impl Registry {
    /// Declares `T` as state: it is copied by a fork, written by a snapshot and part of the digest.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn register<T>(&mut self, name: &'static str)
    where
        T: Resource + Clone + Serialize + DeserializeOwned,
    {
        assert!(self.entries.iter().all(|entry| entry.name != name), "state {name} is registered twice");
        self.entries.push(Entry {
            name,
            copy: |from, to| to.insert_resource(from.resource::<T>().clone()),
            save: |world| postcard::to_allocvec(world.resource::<T>()).expect("state is plain data"),
            load: |world, bytes| postcard::from_bytes::<T>(bytes).map(|state| world.insert_resource(state)),
        });
    }

    /// Copies every state resource from one world into another.
    pub fn copy(&self, from: &World, to: &mut World) {
        for entry in &self.entries {
            (entry.copy)(from, to);
        }
    }

    /// All state as bytes.
    #[must_use]
    pub fn save(&self, world: &World) -> Vec<u8> {
        let parts: Vec<(&str, Vec<u8>)> = self.entries.iter().map(|entry| (entry.name, (entry.save)(world))).collect();
        postcard::to_allocvec(&parts).expect("state is plain data")
    }

    /// How many bytes each state takes when saved, by its name.
    pub fn sizes(&self, world: &World) -> impl Iterator<Item = (&'static str, usize)> {
        self.entries.iter().map(|entry| (entry.name, (entry.save)(world).len()))
    }

    /// Puts saved state into a world.
    ///
    /// # Errors
    /// When the bytes are damaged, or hold other state than is registered. The world may then hold part of them and is
    /// to be thrown away.
    pub fn load(&self, world: &mut World, bytes: &[u8]) -> Result<(), SnapshotError> {
        let parts: Vec<(String, Vec<u8>)> =
            postcard::from_bytes(bytes).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        if !parts.iter().map(|part| part.0.as_str()).eq(self.entries.iter().map(|entry| entry.name)) {
            return Err(SnapshotError::OtherState);
        }
        for (entry, (name, bytes)) in self.entries.iter().zip(&parts) {
            (entry.load)(world, bytes).map_err(|error| SnapshotError::Damaged(format!("{name}: {error}")))?;
        }
        Ok(())
    }

    /// The digest of all state.
    #[must_use]
    pub fn digest(&self, world: &World) -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key("brownout 2026 state digest");
        for entry in &self.entries {
            let bytes = (entry.save)(world);
            hasher.update(entry.name.as_bytes());
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
        }
        Digest(*hasher.finalize().as_bytes())
    }
}

/// The BLAKE3 hash of the whole state of a simulation: equal digests, equal trajectories.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    /// 32 hexadecimal digits: the first half of the hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..16].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Why saved state cannot be loaded. Nothing is lost: the bytes stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The bytes are cut short or changed.
    Damaged(String),
    /// The bytes are a snapshot of another engine version, which holds other state.
    OtherState,
    /// The bytes are a snapshot of another scenario.
    OtherScenario,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "the snapshot is damaged ({what})"),
            Self::OtherState => write!(f, "the snapshot was written by another engine version"),
            Self::OtherScenario => write!(f, "the snapshot is of another scenario"),
        }
    }
}

impl std::error::Error for SnapshotError {}
