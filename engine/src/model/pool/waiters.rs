//! The FIFO queue of a pool's waiters, from the middle of which anybody may leave.
//!
//! A doubly linked list inside a vector: joining, serving and leaving are O(1), and the memory is that of the longest
//! queue there has been, however many left early.

use serde::{Deserialize, Serialize};

use crate::units::SimTime;

/// A place in the queue. It is good for one leaving: once the waiter is served or gone it means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    node: u32,
    generation: u32,
}

/// Somebody who wants a connection.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Acquirer<W> {
    pub(super) waiter: W,
    /// When the acquire timeout passes, [`SimTime::NEVER`] for never.
    pub(super) timeout_at: SimTime,
}

/// The waiters, first come first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WaitQueue<W> {
    nodes: Vec<Node<W>>,
    /// The first and the last waiter, and the first free node.
    head: u32,
    tail: u32,
    free: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Node<W> {
    acquirer: Acquirer<W>,
    entered: SimTime,
    previous: u32,
    next: u32,
    /// Odd while somebody waits here.
    generation: u32,
}

const NONE: u32 = u32::MAX;

impl<W: Copy> WaitQueue<W> {
    pub(super) const fn new() -> Self {
        Self { nodes: Vec::new(), head: NONE, tail: NONE, free: NONE }
    }

    /// Joins the end of the queue.
    pub(super) fn push(&mut self, acquirer: Acquirer<W>, now: SimTime) -> Ticket {
        let at = self.place(acquirer, now);
        match self.tail {
            NONE => self.head = at,
            tail => self.nodes[tail as usize].next = at,
        }
        self.tail = at;
        Ticket { node: at, generation: self.nodes[at as usize].generation }
    }

    /// Takes the first waiter, and when it joined.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(Acquirer<W>, SimTime)> {
        (self.head != NONE).then(|| self.unlink(self.head))
    }

    /// Takes the waiter with that ticket, and when it joined; `None` if it no longer waits.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<(Acquirer<W>, SimTime)> {
        let waits = self.nodes.get(ticket.node as usize).is_some_and(|node| node.generation == ticket.generation);
        waits.then(|| self.unlink(ticket.node))
    }

    /// When each waiter joined, first come first.
    pub(super) fn entered(&self) -> impl Iterator<Item = SimTime> {
        let mut at = self.head;
        std::iter::from_fn(move || {
            let node = self.nodes.get(at as usize)?;
            at = node.next;
            Some(node.entered)
        })
    }

    fn place(&mut self, acquirer: Acquirer<W>, now: SimTime) -> u32 {
        let (previous, next) = (self.tail, NONE);
        if self.free == NONE {
            let at = u32::try_from(self.nodes.len()).expect("fewer than 2^32 waiters");
            self.nodes.push(Node { acquirer, entered: now, previous, next, generation: 1 });
            return at;
        }
        let at = self.free;
        let node = &mut self.nodes[at as usize];
        self.free = node.next;
        *node = Node { acquirer, entered: now, previous, next, generation: node.generation.wrapping_add(1) };
        at
    }

    fn unlink(&mut self, at: u32) -> (Acquirer<W>, SimTime) {
        let node = &mut self.nodes[at as usize];
        let taken = (node.acquirer, node.entered);
        let (previous, next) = (node.previous, node.next);
        node.generation = node.generation.wrapping_add(1);
        node.next = self.free;
        self.free = at;
        match previous {
            NONE => self.head = next,
            previous => self.nodes[previous as usize].next = next,
        }
        match next {
            NONE => self.tail = previous,
            next => self.nodes[next as usize].previous = previous,
        }
        taken
    }
}
