//! The fixed profile against a naive model of c servers and one FIFO queue.

use std::collections::VecDeque;

use super::super::{Acquire, ConnectionId, Departure, Pool, PoolSpec};
use crate::model::wait_list::Ticket;
use crate::rng::{Key, KeyedRng};
use crate::units::{SimDuration, SimTime};

/// The same pool, written down as the textbook has it.
struct Naive {
    free: u32,
    queue: VecDeque<u32>,
}

impl Naive {
    fn acquire(&mut self, caller: u32) -> bool {
        let served = self.free > 0;
        if served {
            self.free -= 1;
        } else {
            self.queue.push_back(caller);
        }
        served
    }

    fn release(&mut self) -> Option<u32> {
        let next = self.queue.pop_front();
        self.free += u32::from(next.is_none());
        next
    }

    fn abandon(&mut self, caller: u32) -> bool {
        let before = self.queue.len();
        self.queue.retain(|waiting| *waiting != caller);
        self.queue.len() < before
    }
}

struct Pair {
    spec: PoolSpec,
    pool: Pool<u32>,
    naive: Naive,
    held: Vec<ConnectionId>,
    tickets: Vec<(u32, Ticket)>,
    now: SimTime,
}

impl Pair {
    fn acquire(&mut self, caller: u32) {
        let served = self.naive.acquire(caller);
        match self.pool.acquire(&self.spec, self.now, caller) {
            Acquire::Ready(connection) => {
                assert!(served && !self.held.contains(&connection));
                self.held.push(connection);
            }
            Acquire::Parked { ticket, .. } => {
                assert!(!served);
                self.tickets.push((caller, ticket));
            }
            answer => panic!("a fixed pool neither validates nor rejects: {answer:?}"),
        }
    }

    fn release(&mut self, rng: &mut KeyedRng) {
        if self.held.is_empty() {
            return;
        }
        let connection = self.held.swap_remove(below(rng, self.held.len()));
        let grant = self.pool.release(&self.spec, self.now, connection, false);
        assert_eq!(grant.map(|grant| grant.waiter), self.naive.release());
        self.held.extend(grant.map(|grant| grant.connection));
    }

    fn abandon(&mut self, rng: &mut KeyedRng) {
        if self.tickets.is_empty() {
            return;
        }
        let (caller, ticket) = self.tickets.swap_remove(below(rng, self.tickets.len()));
        let left = self.pool.abandon(self.now, ticket, Departure::Cancelled);
        assert_eq!(left, self.naive.abandon(caller));
    }
}

fn below(rng: &mut KeyedRng, end: usize) -> usize {
    (rng.next_bits() % end as u64) as usize
}

#[test]
fn a_fixed_pool_is_c_servers_and_one_queue() {
    for seed in 0..50 {
        let mut rng = Key::named(seed, 0, "fixed", 0).rng(0);
        let size = 1 + below(&mut rng, 8) as u32;
        let spec = PoolSpec::fixed(size, SimDuration::ZERO);
        let pool = Pool::new(&spec, SimTime::ZERO, 0, Key::new(0));
        let naive = Naive { free: size, queue: VecDeque::new() };
        let mut pair = Pair { spec, pool, naive, held: Vec::new(), tickets: Vec::new(), now: SimTime::ZERO };
        for caller in 0..20_000 {
            pair.now += SimDuration::from_nanos(rng.next_bits() % 1_000);
            match below(&mut rng, 10) {
                0..4 => pair.acquire(caller),
                4..8 => pair.release(&mut rng),
                _ => pair.abandon(&mut rng),
            }
            let gauges = pair.pool.gauges(&pair.spec);
            assert_eq!((gauges.idle, gauges.pending as usize), (pair.naive.free, pair.naive.queue.len()));
            assert_eq!(pair.pool.next_effect(), None, "nothing has to be done for a fixed pool");
        }
        for (integral, inside) in pair.pool.littles_law(pair.now) {
            assert_eq!(integral, inside);
        }
    }
}
