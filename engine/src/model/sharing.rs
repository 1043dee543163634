//! Processor sharing: all jobs in local work share an instance's cores equally, none getting more than one.
//!
//! Kept in virtual time: `attained` grows at the rate every job is served at, and a job is done when it has grown by the
//! job's work since the job came. Arrivals and departures change the rate, not the order of completion (Kleinrock,
//! Queueing Systems II, 1976, section 4.4). The cores may be a fraction: what a fault has left of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Arena, Gauge, Handle};
use crate::units::{SimDuration, SimTime};

use super::job::Job;

/// How many levels of a gauge one core is.
pub(crate) const CORE: u32 = 1_000;

/// The jobs in local work on one instance that shares its cores.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sharing {
    /// The number of cores still working.
    cores: f64,
    /// The service that a job present all along would have had, in nanoseconds.
    attained: f64,
    updated: SimTime,
    /// The works by the attained service at which each is done, ties by arrival. Bits of a non-negative float sort as it
    /// does.
    order: BTreeMap<(u64, u64), Handle<SharedWork>>,
    works: Arena<SharedWork>,
    arrivals: u64,
    /// Counts changes: a completion that was scheduled before the last change is void.
    pub(crate) epoch: u32,
    /// The busy cores, in [`CORE`]ths.
    pub(crate) busy: Gauge,
}

/// One job's work among those that share.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SharedWork {
    job: Handle<Job>,
    /// Its place in the order of completion.
    key: (u64, u64),
}

impl Default for SharedWork {
    fn default() -> Self {
        Self { job: Handle::NONE, key: (0, 0) }
    }
}

impl Sharing {
    pub(crate) fn new(cores: f64) -> Self {
        Self {
            cores,
            attained: 0.0,
            updated: SimTime::ZERO,
            order: BTreeMap::new(),
            works: Arena::default(),
            arrivals: 0,
            epoch: 0,
            busy: Gauge::default(),
        }
    }

    /// A job begins its work; the handle takes it out before it is done.
    pub(crate) fn add(&mut self, now: SimTime, job: Handle<Job>, work: SimDuration) -> Handle<SharedWork> {
        self.advance(now);
        let done_at = self.attained + work.as_nanos() as f64;
        let key = (done_at.to_bits(), self.arrivals);
        let handle = self.works.insert_with(|place| *place = SharedWork { job, key });
        self.order.insert(key, handle);
        self.arrivals += 1;
        self.changed(now);
        handle
    }

    /// Takes out a work that is given up.
    pub(crate) fn remove(&mut self, now: SimTime, work: Handle<SharedWork>) {
        self.advance(now);
        if let Some(work) = self.works.remove(work) {
            self.order.remove(&work.key);
        }
        self.changed(now);
    }

    /// How many share.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The cores still working, in [`CORE`]ths.
    pub(crate) fn level(&self) -> u32 {
        libm::round(self.cores * f64::from(CORE)) as u32
    }

    /// Everything in it is lost.
    pub(crate) fn clear(&mut self, now: SimTime) {
        self.order.clear();
        self.works = Arena::default();
        self.updated = now;
        self.changed(now);
    }

    pub(crate) fn set_cores(&mut self, now: SimTime, cores: f64) {
        self.advance(now);
        self.cores = cores;
        self.changed(now);
    }

    /// When the next job will be done if nothing changes before; `None` when none is or no core works.
    pub(crate) fn next_completion(&self) -> Option<SimTime> {
        let (&(done_at, _), _) = self.order.first_key_value()?;
        let left = (f64::from_bits(done_at) - self.attained).max(0.0) / self.rate();
        left.is_finite().then(|| self.updated.saturating_add(SimDuration::from_nanos(libm::ceil(left) as u64)))
    }

    /// Takes out the job that is done at `now`, the instant [`Sharing::next_completion`] gave.
    pub(crate) fn complete(&mut self, now: SimTime) -> Option<Handle<Job>> {
        let ((done_at, _), work) = self.order.pop_first()?;
        let job = self.works.remove(work)?.job;
        self.attained = f64::from_bits(done_at);
        self.updated = now;
        self.changed(now);
        Some(job)
    }

    fn advance(&mut self, now: SimTime) {
        if !self.order.is_empty() {
            self.attained += now.since(self.updated).as_nanos() as f64 * self.rate();
        }
        self.updated = now;
    }

    fn changed(&mut self, now: SimTime) {
        if self.order.is_empty() {
            self.attained = 0.0;
        }
        self.epoch = self.epoch.wrapping_add(1);
        self.busy.set(now, self.level().min((self.order.len() as u32).saturating_mul(CORE)));
    }

    /// The share of a core that each job gets.
    fn rate(&self) -> f64 {
        (self.cores / self.order.len() as f64).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Arena;

    #[test]
    fn two_jobs_share_one_core() {
        let ms = SimDuration::from_millis;
        let at = |millis| SimTime::ZERO + ms(millis);
        let mut jobs = Arena::default();
        let (long, short) = (jobs.insert(Job::default()), jobs.insert(Job::default()));
        let mut sharing = Sharing::new(1.0);
        sharing.add(at(0), long, ms(10));
        assert_eq!(sharing.next_completion(), Some(at(10)));
        sharing.add(at(4), short, ms(2));
        assert_eq!(sharing.next_completion(), Some(at(8)), "2 ms of work at half speed");
        assert_eq!(sharing.complete(at(8)), Some(short));
        assert_eq!(sharing.next_completion(), Some(at(12)), "4 ms of the long one are left");
        sharing.set_cores(at(10), 0.0);
        assert_eq!(sharing.next_completion(), None, "no core, no progress");
        sharing.set_cores(at(20), 2.0);
        assert_eq!(sharing.next_completion(), Some(at(22)), "one job uses one core at most");
        assert_eq!(sharing.complete(at(22)), Some(long));
        assert_eq!(sharing.busy.integral(at(30)), 12_000_000 * u128::from(CORE));
    }

    #[test]
    fn two_fifths_of_a_core_take_two_and_a_half_times_as_long() {
        let at = |millis| SimTime::ZERO + SimDuration::from_millis(millis);
        let mut jobs = Arena::default();
        let (first, second) = (jobs.insert(Job::default()), jobs.insert(Job::default()));
        let mut sharing = Sharing::new(0.4);
        sharing.add(at(0), first, SimDuration::from_millis(4));
        assert_eq!(sharing.next_completion(), Some(at(10)));
        sharing.add(at(5), second, SimDuration::from_millis(4));
        assert_eq!(sharing.next_completion(), Some(at(15)), "2 ms of work at a fifth of the speed");
        assert_eq!(sharing.busy.integral(at(15)), 15_000_000 * u128::from(CORE) * 2 / 5);
    }

    #[test]
    fn a_work_that_is_given_up_leaves_the_others_their_order() {
        let at = |millis| SimTime::ZERO + SimDuration::from_millis(millis);
        let mut jobs = Arena::default();
        let mut sharing = Sharing::new(1.0);
        let mut add = |millis: u64| {
            let job = jobs.insert(Job::default());
            (job, sharing.add(at(0), job, SimDuration::from_millis(millis)))
        };
        // Two that are alike: the right one of them must go.
        let [(first, _), (_, second), (_, third), (last, _)] = [add(3), add(3), add(1), add(5)];
        sharing.remove(at(0), second);
        sharing.remove(at(0), third);
        sharing.remove(at(0), third);
        assert_eq!(sharing.len(), 2);
        assert_eq!(sharing.next_completion(), Some(at(6)), "3 ms of work at half speed");
        assert_eq!(sharing.complete(at(6)), Some(first));
        assert_eq!(sharing.next_completion(), Some(at(8)), "2 ms of the last are left");
        assert_eq!((sharing.complete(at(8)), sharing.len()), (Some(last), 0));
    }
}
