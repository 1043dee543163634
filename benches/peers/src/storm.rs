//! The retry storm, written by hand: a short overload from which a retrying system does not come back.
//!
//! One server, exponential service of rate 10/s, FIFO, room for 100 waiting. Poisson arrivals of 9.3/s, of 30/s while
//! 120 s <= t < 125 s (the rate in force when a gap is drawn). The client waits 4 s for each attempt, then retries at
//! once, three times at most. Work is never cancelled: the server also serves attempts whose client has given up. An
//! attempt that finds the room full is lost, which the client notices at its timeout. A run ends after 400 s.
//!
//! Only timers with one constant delay, one arrival and one departure are ever pending: no heap is needed.

use std::collections::VecDeque;

use crate::luck::{Purpose, Stream};
use crate::model::SECOND;

const SERVICE_MEAN: f64 = 1e9 / 10.0;
const STEADY_GAP: f64 = 1e9 / 9.3;
const SPIKE_GAP: f64 = 1e9 / 30.0;
const SPIKE: std::ops::Range<u64> = 120 * SECOND..125 * SECOND;
const WAITING_ROOM: usize = 100;
const TIMEOUT: u64 = 4 * SECOND;
const RETRIES: u32 = 3;
const END: u64 = 400 * SECOND;
const LAST_STRETCH: u64 = END - 100 * SECOND;
const NEVER: u64 = u64::MAX;
/// What a request waits for once it is answered or given up.
const NOTHING: u32 = u32::MAX;

/// What one run counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests that arrived.
    pub arrivals: u64,
    /// Attempts sent, first ones included.
    pub attempts: u64,
    /// Requests answered while their client waited.
    pub in_time: u64,
    /// Those of them answered in the last 100 s.
    pub in_time_last_100_s: u64,
    /// Arrivals, expired timers (void ones included) and departures.
    pub events: u64,
}

#[derive(Clone, Copy)]
struct Attempt {
    request: u32,
    number: u32,
}

struct Storm {
    arrivals: Stream,
    services: Stream,
    next_arrival: u64,
    departure: u64,
    in_service: Option<Attempt>,
    queue: VecDeque<Attempt>,
    timers: VecDeque<(u64, Attempt)>,
    /// The attempt each request is waiting for.
    awaited: Vec<u32>,
    totals: Totals,
}

/// One run of 400 s.
#[must_use]
pub fn run(seed: u64) -> Totals {
    let mut storm = Storm {
        arrivals: Stream::new(seed, Purpose::Arrivals),
        services: Stream::new(seed, Purpose::Cpu),
        next_arrival: 0,
        departure: NEVER,
        in_service: None,
        queue: VecDeque::with_capacity(WAITING_ROOM),
        timers: VecDeque::new(),
        awaited: Vec::new(),
        totals: Totals::default(),
    };
    storm.next_arrival = storm.arrivals.exponential(STEADY_GAP);
    storm.run();
    storm.totals
}

impl Storm {
    fn run(&mut self) {
        loop {
            let timer = self.timers.front().map_or(NEVER, |timer| timer.0);
            let now = self.next_arrival.min(self.departure).min(timer);
            if now > END {
                return;
            }
            self.totals.events += 1;
            if now == self.departure {
                self.depart(now);
            } else if now == timer {
                self.expire_timer(now);
            } else {
                self.arrive(now);
            }
        }
    }

    fn arrive(&mut self, now: u64) {
        self.totals.arrivals += 1;
        let mean_gap = if SPIKE.contains(&now) { SPIKE_GAP } else { STEADY_GAP };
        self.next_arrival = now + self.arrivals.exponential(mean_gap);
        let request = self.awaited.len() as u32;
        self.awaited.push(0);
        self.send(now, Attempt { request, number: 0 });
    }

    fn send(&mut self, now: u64, attempt: Attempt) {
        self.totals.attempts += 1;
        self.timers.push_back((now + TIMEOUT, attempt));
        if self.in_service.is_none() {
            self.serve(now, attempt);
        } else if self.queue.len() < WAITING_ROOM {
            self.queue.push_back(attempt);
        }
    }

    fn serve(&mut self, now: u64, attempt: Attempt) {
        self.in_service = Some(attempt);
        self.departure = now + self.services.exponential(SERVICE_MEAN);
    }

    fn depart(&mut self, now: u64) {
        self.departure = NEVER;
        if let Some(served) = self.in_service.take() {
            self.answer(now, served);
        }
        if let Some(next) = self.queue.pop_front() {
            self.serve(now, next);
        }
    }

    fn answer(&mut self, now: u64, attempt: Attempt) {
        let awaited = &mut self.awaited[attempt.request as usize];
        if *awaited == attempt.number {
            *awaited = NOTHING;
            self.totals.in_time += 1;
            self.totals.in_time_last_100_s += u64::from(now > LAST_STRETCH);
        }
    }

    fn expire_timer(&mut self, now: u64) {
        let Some((_, Attempt { request, number })) = self.timers.pop_front() else { return };
        let awaited = &mut self.awaited[request as usize];
        if *awaited != number {
            return;
        }
        if number == RETRIES {
            *awaited = NOTHING;
            return;
        }
        *awaited = number + 1;
        self.send(now, Attempt { request, number: number + 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9.3/s for 395 s and 30/s for 5 s arrive. With a server never idle after the spike and a backlog older than the
    /// timeout, nearly nothing is in time any more.
    #[test]
    fn every_run_collapses() {
        const RUNS: u64 = 200;
        let runs: Vec<Totals> = (0..RUNS).map(run).collect();
        let expected = 9.3 * 395.0 + 30.0 * 5.0;
        let mean = runs.iter().map(|totals| totals.arrivals as f64).sum::<f64>() / RUNS as f64;
        assert!((mean - expected).abs() < 4.0 * (expected / RUNS as f64).sqrt(), "{mean} for {expected}");
        assert!(runs.iter().all(|totals| totals.in_time_last_100_s < 100));
        assert!(runs.iter().all(|totals| totals.attempts > 3 * totals.arrivals / 2));
    }
}
