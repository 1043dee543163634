//! Finagle's retry budget: a sum of deposits and withdrawals that forgets, beside a standing reserve.
//!
//! Semantics of Finagle (commit 4feb34c, 2024-10, `RetryBudget`) over twitter/util's `TokenBucket.newLeakyBucket`. Amounts
//! are the product's integers: 1000 a deposit.

use serde::{Deserialize, Serialize};

use super::{RetryBudgetSpec, RetryToken};
use crate::units::{SimDuration, SimTime};

/// Slices of the window besides the one being written: Finagle asks `WindowedAdder` for 10 in all.
const SLICES: usize = 9;

/// A sum that forgets what is older than about its range, as twitter/util's `WindowedAdder`: slices end at the first
/// use after a tenth of the range, so that they follow the traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LeakyWindow {
    current: i64,
    slices: [i64; SLICES],
    next: usize,
    began: SimTime,
}

impl LeakyWindow {
    /// An empty window.
    pub(super) fn new(now: SimTime) -> Self {
        Self { current: 0, slices: [0; SLICES], next: 0, began: now }
    }

    /// A first try.
    pub(super) fn deposit(&mut self, now: SimTime, percent_can_retry: f64, ttl: SimDuration) {
        self.add(now, ttl, deposit_amount(percent_can_retry));
    }

    /// Deposits, withdrawals and reserve.
    pub(super) fn balance(&self, spec: &RetryBudgetSpec, now: SimTime, ttl: SimDuration) -> u64 {
        let mut copy = self.clone();
        u64::try_from((copy.sum(now, ttl) + reserve(spec)).max(0)).unwrap_or(u64::MAX)
    }

    fn add(&mut self, now: SimTime, range: SimDuration, amount: i64) {
        self.roll(now, range);
        self.current = self.current.saturating_add(amount);
    }

    fn sum(&mut self, now: SimTime, range: SimDuration) -> i128 {
        self.roll(now, range);
        i128::from(self.current) + self.slices.iter().copied().map(i128::from).sum::<i128>()
    }

    /// A retry, if the balance covers it.
    pub(super) fn withdraw(&mut self, spec: &RetryBudgetSpec, now: SimTime) -> Option<RetryToken> {
        let RetryBudgetSpec::Finagle { percent_can_retry, min_retries_per_sec, ttl } = spec else { return None };
        if *min_retries_per_sec == 0 && *percent_can_retry == 0.0 {
            return None;
        }
        let cost = withdrawal_amount(*percent_can_retry);
        let granted = self.sum(now, *ttl) + reserve(spec) >= i128::from(cost);
        granted.then(|| {
            self.add(now, *ttl, -cost);
            RetryToken::free()
        })
    }

    fn roll(&mut self, now: SimTime, range: SimDuration) {
        let width = (range.as_nanos() / (SLICES as u64 + 1)).max(1);
        let elapsed = now.since(self.began).as_nanos() / width;
        if elapsed == 0 {
            return;
        }
        let ended = std::mem::take(&mut self.current);
        self.push(ended);
        for _ in 0..(elapsed - 1).min(SLICES as u64) {
            self.push(0);
        }
        self.began = now;
    }

    fn push(&mut self, amount: i64) {
        self.slices[self.next] = amount;
        self.next = (self.next + 1) % SLICES;
    }
}

// Finagle's amounts are integers scaled by 1000, except that without a share all credit comes from the reserve, in
// which everything costs 1.
fn deposit_amount(percent: f64) -> i64 {
    if percent == 0.0 { 0 } else { 1_000 }
}

fn withdrawal_amount(percent: f64) -> i64 {
    if percent == 0.0 { 1 } else { (1_000.0 / percent) as i64 }
}

/// Up to 2.6e19 with the smallest share and the largest rate, hence wider than what it is added to.
fn reserve(spec: &RetryBudgetSpec) -> i128 {
    match spec {
        RetryBudgetSpec::Finagle { percent_can_retry, min_retries_per_sec, ttl } => {
            let seconds = ttl.as_nanos() / SimDuration::SECOND.as_nanos();
            i128::from(*min_retries_per_sec) * i128::from(seconds) * i128::from(withdrawal_amount(*percent_can_retry))
        }
        _ => 0,
    }
}
