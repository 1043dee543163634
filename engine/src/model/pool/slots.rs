//! The table of a pool's connections: dense slots with generations.

use serde::{Deserialize, Serialize};

use super::handle::{CloseReason, ConnectionId};
use crate::units::{SimDuration, SimTime};

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum ConnectionState {
    /// Free to be handed out.
    Idle,
    /// With a user.
    InUse,
    /// Meant for an acquirer, and being checked before it gets it.
    Validating,
    /// With a user who will never return it.
    Leaked,
    /// Taken out of circulation for a keepalive ping.
    Reserved,
    /// Not open.
    Closed,
}

/// The part of a connection that acquire and release touch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Slot {
    /// While idle or reserved: when it was last used. Otherwise: since when its holder has it.
    pub(super) since: SimTime,
    generation: u32,
    pub(super) state: ConnectionState,
    /// Why it shall be closed when it comes back.
    pub(super) retire: Option<CloseReason>,
}

/// The part of a connection that only the housekeeping touches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Life {
    /// The number of connections opened before it.
    pub(super) order: u64,
    /// When it reaches its maximum lifetime.
    pub(super) ends_at: SimTime,
    /// When it is pinged next.
    pub(super) keepalive_at: SimTime,
    /// The pause between pings.
    pub(super) heartbeat: SimDuration,
}

impl Life {
    /// A life without an end.
    pub(super) const ENDLESS: Self =
        Self { order: 0, ends_at: SimTime::NEVER, keepalive_at: SimTime::NEVER, heartbeat: SimDuration::ZERO };
}

/// Every connection of a pool, by slot.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Slots {
    hot: Vec<Slot>,
    lives: Vec<Life>,
    free: Vec<u32>,
    opened: u64,
}

impl Slots {
    /// How many slots there are, open or not.
    pub(super) fn len(&self) -> u32 {
        self.hot.len() as u32
    }

    /// How many connections are open.
    #[inline]
    pub(super) fn open_count(&self) -> u32 {
        (self.hot.len() - self.free.len()) as u32
    }

    /// Opens an idle connection, last used `now`.
    ///
    /// # Panics
    /// With more than 2^32 connections, which the settings do not allow.
    pub(super) fn open(&mut self, now: SimTime, life: Life) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| self.grow());
        let slot = &mut self.hot[index as usize];
        (slot.since, slot.state, slot.retire) = (now, ConnectionState::Idle, None);
        self.lives[index as usize] = Life { order: self.opened, ..life };
        self.opened += 1;
        index
    }

    /// Closes a connection and returns the id it had.
    pub(super) fn close(&mut self, index: u32) -> ConnectionId {
        let id = self.id(index);
        let slot = &mut self.hot[index as usize];
        slot.state = ConnectionState::Closed;
        slot.generation = slot.generation.wrapping_add(1);
        self.lives[index as usize] = Life::ENDLESS;
        self.free.push(index);
        id
    }

    /// The id of the connection in a slot.
    #[inline]
    pub(super) fn id(&self, index: u32) -> ConnectionId {
        ConnectionId { slot: index, generation: self.hot[index as usize].generation }
    }

    /// The slot of a connection.
    ///
    /// # Panics
    /// When the connection has been closed: nobody who is entitled to it can hold such an id.
    #[inline]
    pub(super) fn index(&self, id: ConnectionId) -> u32 {
        assert_eq!(self.hot[id.slot()].generation, id.generation, "the connection has been closed");
        id.slot
    }

    #[inline]
    pub(super) fn slot(&self, index: u32) -> &Slot {
        &self.hot[index as usize]
    }

    #[inline]
    pub(super) fn slot_mut(&mut self, index: u32) -> &mut Slot {
        &mut self.hot[index as usize]
    }

    pub(super) fn life(&self, index: u32) -> &Life {
        &self.lives[index as usize]
    }

    pub(super) fn life_mut(&mut self, index: u32) -> &mut Life {
        &mut self.lives[index as usize]
    }

    /// Every open connection, in slot order.
    pub(super) fn open_slots(&self) -> impl Iterator<Item = (ConnectionId, &Slot)> {
        let all = self.hot.iter().enumerate();
        all.filter(|(_, slot)| slot.state != ConnectionState::Closed).map(|(index, slot)| (self.id(index as u32), slot))
    }

    /// When the first life ends or the first ping is due.
    pub(super) fn next_due(&self) -> SimTime {
        self.lives.iter().map(|life| life.ends_at.min(life.keepalive_at)).min().unwrap_or(SimTime::NEVER)
    }

    fn grow(&mut self) -> u32 {
        let index = u32::try_from(self.hot.len()).expect("fewer than 2^32 connections");
        let slot = Slot { since: SimTime::ZERO, generation: 0, state: ConnectionState::Closed, retire: None };
        self.hot.push(slot);
        self.lives.push(Life::ENDLESS);
        index
    }
}
