//! The semaphore bulkhead: at most so many calls of a dependency at one time, the others wait in line or are refused.
//!
//! Semantics of resilience4j 2.4.0 (`SemaphoreBulkhead` with fair call handling, its default). It knows no timers: the
//! caller bounds each wait by [`BulkheadSpec::max_wait_duration`] and calls [`Bulkhead::abandon`] when it is over.
//! `W` is the caller's handle of whoever waits.
//!
//! It also integrates how many wait over time, in integer nanoseconds, so that Little's law can be checked as an identity.

use serde::{Deserialize, Serialize};

use super::wait_list::{Ticket, WaitList};
use crate::kernel::Occupancy;
use crate::units::{SimDuration, SimTime};

/// The settings of one bulkhead. `Default` is resilience4j 2.4.0's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkheadSpec {
    /// Calls at one time; default 25. With 0 every call is refused, once its wait is over.
    pub max_concurrent_calls: u32,
    /// The longest wait for a permit; default 0: whoever finds no permit is refused.
    pub max_wait_duration: SimDuration,
}

impl Default for BulkheadSpec {
    fn default() -> Self {
        Self { max_concurrent_calls: 25, max_wait_duration: SimDuration::ZERO }
    }
}

/// The answer to a call that wants a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// The call has a permit.
    Acquired,
    /// The call waits in line; the ticket lets it leave.
    Queued(Ticket),
    /// The bulkhead is full and does not let wait.
    Rejected,
}

/// The state of one bulkhead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulkhead<W> {
    in_use: u32,
    /// Who waits, and since when.
    waiters: WaitList<(W, SimTime)>,
    line: Occupancy,
}

impl<W: Copy> Default for Bulkhead<W> {
    fn default() -> Self {
        Self { in_use: 0, waiters: WaitList::default(), line: Occupancy::default() }
    }
}

impl<W: Copy> Bulkhead<W> {
    /// Asks for a permit.
    pub fn acquire(&mut self, spec: &BulkheadSpec, now: SimTime, waiter: W) -> Admission {
        if self.in_use < spec.max_concurrent_calls && self.waiters.is_empty() {
            self.in_use += 1;
            Admission::Acquired
        } else if spec.max_wait_duration.is_zero() {
            Admission::Rejected
        } else {
            self.line.enter(now);
            Admission::Queued(self.waiters.push((waiter, now)))
        }
    }

    /// Returns a permit. The one returned holds it from now on: the one that has waited longest, unless the bulkhead has
    /// been made smaller than what is in use.
    ///
    /// # Panics
    /// When no permit is in use.
    pub fn release(&mut self, spec: &BulkheadSpec, now: SimTime) -> Option<W> {
        assert!(self.in_use > 0, "a permit is returned that nobody holds");
        self.in_use -= 1;
        self.grant(spec, now)
    }

    /// Takes a waiter out of the line (its wait is over, or its call was given up); `None` when it is no longer there.
    pub fn abandon(&mut self, now: SimTime, ticket: Ticket) -> Option<W> {
        let (waiter, entered) = self.waiters.remove(ticket)?;
        self.line.leave(now, entered);
        Some(waiter)
    }

    /// Takes over new settings; returns, in order, the waiters that hold a permit from now on.
    ///
    /// A smaller bulkhead takes no permit away: it lets nobody in until enough have been returned (the product's
    /// `changeConfig` blocks that long). Whoever waits keeps waiting, even if new callers may not.
    #[must_use]
    pub fn reconfigure(&mut self, new: &BulkheadSpec, now: SimTime) -> Vec<W> {
        std::iter::from_fn(|| self.grant(new, now)).collect()
    }

    /// Permits in use.
    #[must_use]
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Calls in line.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiters.len()
    }

    /// Little's law for the line: the integral of the calls in it, and the time spent in it by those who left and those who
    /// still wait, in call-nanoseconds. The two are equal.
    #[must_use]
    pub fn littles_law(&self, now: SimTime) -> (u128, u128) {
        (self.line.integral(now), self.line.time_inside(now, self.waiters.iter().map(|(_, entered)| entered)))
    }

    fn grant(&mut self, spec: &BulkheadSpec, now: SimTime) -> Option<W> {
        if self.in_use >= spec.max_concurrent_calls {
            return None;
        }
        let (next, entered) = self.waiters.pop()?;
        self.line.leave(now, entered);
        self.in_use += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn spec(max_concurrent_calls: u32) -> BulkheadSpec {
        BulkheadSpec { max_concurrent_calls, max_wait_duration: SimDuration::SECOND }
    }

    fn queued(admission: Admission) -> Ticket {
        match admission {
            Admission::Queued(ticket) => ticket,
            other => panic!("expected to wait, got {other:?}"),
        }
    }

    /// resilience4j 2.4.0 `BulkheadConfig`: 25 at one time, nobody waits.
    #[test]
    fn defaults_admit_twenty_five_and_refuse_the_rest() {
        let spec = BulkheadSpec::default();
        let mut bulkhead = Bulkhead::default();
        let answers: Vec<_> = (0..40).map(|i| bulkhead.acquire(&spec, at(0), i)).collect();
        assert!(answers[..25].iter().all(|answer| *answer == Admission::Acquired));
        assert!(answers[25..].iter().all(|answer| *answer == Admission::Rejected));
        assert_eq!(bulkhead.in_use(), 25);
        assert_eq!(bulkhead.release(&spec, at(1)), None);
        assert_eq!(bulkhead.acquire(&spec, at(1), 41), Admission::Acquired);
    }

    #[test]
    fn waiters_get_permits_in_order_of_arrival() {
        let spec = spec(1);
        let mut bulkhead = Bulkhead::default();
        assert_eq!(bulkhead.acquire(&spec, at(0), 'a'), Admission::Acquired);
        for waiter in ['b', 'c', 'd'] {
            queued(bulkhead.acquire(&spec, at(1), waiter));
        }
        let order: Vec<_> = (0..4).map(|_| bulkhead.release(&spec, at(2))).collect();
        assert_eq!(order, [Some('b'), Some('c'), Some('d'), None]);
        assert_eq!(bulkhead.in_use(), 0);
    }

    #[test]
    fn who_abandons_is_passed_over() {
        let spec = spec(1);
        let mut bulkhead = Bulkhead::default();
        bulkhead.acquire(&spec, at(0), 0);
        let first = queued(bulkhead.acquire(&spec, at(0), 1));
        let second = queued(bulkhead.acquire(&spec, at(0), 2));
        assert_eq!(bulkhead.abandon(at(1), first), Some(1));
        assert_eq!(bulkhead.abandon(at(1), first), None, "it has left");
        assert_eq!(bulkhead.release(&spec, at(2)), Some(2));
        assert_eq!(bulkhead.abandon(at(2), second), None, "it holds a permit by now");
    }

    #[test]
    fn growing_lets_waiters_in_and_shrinking_lets_nobody_in() {
        let mut bulkhead = Bulkhead::default();
        bulkhead.acquire(&spec(1), at(0), 0);
        for waiter in 1..=4 {
            queued(bulkhead.acquire(&spec(1), at(0), waiter));
        }
        assert_eq!(bulkhead.reconfigure(&spec(3), at(1)), [1, 2]);
        assert_eq!((bulkhead.in_use(), bulkhead.waiting()), (3, 2));
        assert!(bulkhead.reconfigure(&spec(1), at(2)).is_empty());
        let order: Vec<_> = (0..3).map(|_| bulkhead.release(&spec(1), at(3))).collect();
        assert_eq!(order, [None, None, Some(3)], "only the third leaves room");
    }

    #[test]
    #[should_panic(expected = "nobody holds")]
    fn a_permit_cannot_be_returned_twice() {
        Bulkhead::<u32>::default().release(&spec(1), at(0));
    }

    /// Little's law as an identity: the integral equals the sum of the individual times, residuals included.
    #[test]
    fn the_integral_is_the_sum_of_the_waits() {
        let spec = spec(2);
        let mut bulkhead = Bulkhead::default();
        bulkhead.acquire(&spec, at(3), 'a');
        bulkhead.acquire(&spec, at(5), 'b');
        queued(bulkhead.acquire(&spec, at(7), 'c'));
        let leaver = queued(bulkhead.acquire(&spec, at(8), 'd'));
        bulkhead.release(&spec, at(20));
        bulkhead.abandon(at(31), leaver);
        bulkhead.release(&spec, at(40));
        // c waits 7-20, d waits 8-31.
        assert_eq!(bulkhead.littles_law(at(50)), (13 + 23, 13 + 23));
    }

    /// `BulkheadConfig.Builder.maxConcurrentCalls` demands 0 or more, and a semaphore of 0 permits gives none.
    #[test]
    fn a_bulkhead_of_nobody_lets_nobody_in() {
        let mut bulkhead = Bulkhead::default();
        let waits = BulkheadSpec { max_wait_duration: SimDuration::SECOND, ..spec(0) };
        let ticket = queued(bulkhead.acquire(&waits, at(0), 0));
        assert_eq!(bulkhead.abandon(at(9), ticket), Some(0), "the wait was in vain");
        assert_eq!(bulkhead.acquire(&spec_without_wait(), at(9), 1), Admission::Rejected);
    }

    fn spec_without_wait() -> BulkheadSpec {
        BulkheadSpec { max_concurrent_calls: 0, max_wait_duration: SimDuration::ZERO }
    }
}
