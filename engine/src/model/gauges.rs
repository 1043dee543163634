//! What can be read off the model at an instant: levels and integrals, summed over instances or channels.

use crate::ids::Id;

use super::Model;
use super::breaker::{Breaker, BreakerState};
use super::dependency::{BreakerScope, DependencySpec, Layer};
use super::instance::Status;
use super::pool::{Pool, PoolGauges, PoolIntegrals, PoolTotals};
use super::service::{Capacity, ServiceSpec};

/// How many breakers are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakerGauges {
    /// Letting calls through.
    pub closed: u32,
    /// Refusing calls.
    pub open: u32,
    /// Trying.
    pub half_open: u32,
    /// How often they have opened since the start of the run, from whatever state; by callers' lives that are over too.
    pub opened: u64,
}

impl Model<'_> {
    /// The layers of a dependency with the settings in force.
    #[must_use]
    pub fn layers(&self, dependency: Id<DependencySpec>) -> &[Layer] {
        &self.dependencies[dependency].layers
    }

    /// The integral of the workers or cores that served in a service, from the start to now, in nanoseconds; of its serving
    /// instances where nothing limits them.
    #[must_use]
    pub fn slots_integral(&self, service: Id<ServiceSpec>) -> u128 {
        let now = self.now();
        self.services[service].instances.iter().map(|id| self.instances[*id].slots_integral(now)).sum()
    }

    /// The share of its workers or cores that was busy between an earlier look and now, given the integrals of busy and
    /// of serving ones at that look. At most 1, except where nothing limits a service: jobs on workers that a fault has
    /// taken away count as one full share.
    #[must_use]
    pub fn utilisation(&self, service: Id<ServiceSpec>, (busy, slots): (u128, u128)) -> f64 {
        let busy = (self.busy_integral(service) - busy) as f64;
        let slots = (self.slots_integral(service) - slots) as f64;
        let share = if slots > 0.0 { busy / slots } else { f64::from(busy > 0.0) };
        if self.spec.services[service].capacity == Capacity::Unlimited { share } else { share.min(1.0) }
    }

    /// The integral of busy workers or cores of a service from the start to now, in nanoseconds.
    #[must_use]
    pub fn busy_integral(&self, service: Id<ServiceSpec>) -> u128 {
        let now = self.now();
        self.services[service].instances.iter().map(|id| self.instances[*id].busy_integral(now)).sum()
    }

    /// The integral of the number of jobs that run in a service, from the start to now, in nanoseconds. With workers it
    /// is [`Model::busy_integral`]; where cores are shared it counts jobs, not cores.
    #[must_use]
    pub fn running_integral(&self, service: Id<ServiceSpec>) -> u128 {
        let now = self.now();
        self.services[service].instances.iter().map(|id| self.instances[*id].busy.integral(now)).sum()
    }

    /// The integral of the number of jobs that wait in a service's queues, from the start to now, in nanoseconds.
    #[must_use]
    pub fn waiting_integral(&self, service: Id<ServiceSpec>) -> u128 {
        let now = self.now();
        self.services[service].instances.iter().map(|id| self.instances[*id].waiting.integral(now)).sum()
    }

    /// How many jobs run in a service.
    #[must_use]
    pub fn running(&self, service: Id<ServiceSpec>) -> u32 {
        self.services[service].instances.iter().map(|id| self.instances[*id].busy.inside()).sum()
    }

    /// How many jobs wait in a service's queues.
    #[must_use]
    pub fn queue_length(&self, service: Id<ServiceSpec>) -> u32 {
        self.services[service].instances.iter().map(|id| self.instances[*id].waiting.inside()).sum()
    }

    /// How many instances of a service are up.
    #[must_use]
    pub fn instances_up(&self, service: Id<ServiceSpec>) -> u32 {
        let instances = self.services[service].instances.iter();
        instances.filter(|id| self.instances[**id].status == Status::Up).count() as u32
    }

    /// The gauges of a dependency's pools, summed over its callers.
    #[must_use]
    pub fn pool_gauges(&self, dependency: Id<DependencySpec>) -> PoolGauges {
        let mut sum = PoolGauges::default();
        let layers = &self.dependencies[dependency].layers;
        let Some(spec) = layers.iter().find_map(|layer| if let Layer::Pool(spec) = layer { Some(spec) } else { None })
        else {
            return sum;
        };
        for channel in self.channels.iter().filter(|channel| channel.dependency == dependency) {
            if let Some(pool) = &channel.pool {
                let one = pool.gauges(spec);
                sum.active += one.active;
                sum.leaked += one.leaked;
                sum.idle += one.idle;
                sum.reserved += one.reserved;
                sum.connecting += one.connecting;
                sum.pending += one.pending;
                sum.total += one.total;
                sum.maximum += one.maximum;
                sum.minimum += one.minimum;
            }
        }
        sum
    }

    /// The integrals of a dependency's pools from the start of the run to now, summed over its callers, their lives that
    /// are over included.
    #[must_use]
    pub fn pool_integrals(&self, dependency: Id<DependencySpec>) -> PoolIntegrals {
        let now = self.now();
        let mut sum = self.meters.past[dependency.index()].pools;
        let channels = self.channels.iter().filter(|channel| channel.dependency == dependency);
        channels.filter_map(|channel| channel.pool.as_ref()).for_each(|pool| sum.add(&pool.integrals(now)));
        sum
    }

    /// What a dependency's pools have done since the start of the run, likewise.
    #[must_use]
    pub fn pool_totals(&self, dependency: Id<DependencySpec>) -> PoolTotals {
        let now = self.now();
        let mut sum = self.meters.past[dependency.index()].pool_totals;
        let channels = self.channels.iter().filter(|channel| channel.dependency == dependency);
        channels.filter_map(|channel| channel.pool.as_ref()).for_each(|pool| sum.add(&pool.totals(now)));
        sum
    }

    /// The most connections in use and the most waiting at one time since this was last asked for: those of each caller's
    /// pool, added up, of a caller that died meanwhile those of both lives.
    pub fn take_pool_peaks(&mut self, dependency: Id<DependencySpec>) -> (u32, u32) {
        let past = std::mem::take(&mut self.meters.past[dependency.index()].peaks);
        let channels = self.channels.iter_mut().filter(|channel| channel.dependency == dependency);
        let peaks = channels.filter_map(|channel| channel.pool.as_mut()).map(Pool::take_peaks);
        peaks.fold(past, |(in_use, waiting), peaks| (in_use + peaks.0, waiting + peaks.1))
    }

    /// The states of a dependency's breakers, over all its callers.
    #[must_use]
    pub fn breaker_gauges(&self, dependency: Id<DependencySpec>) -> BreakerGauges {
        let mut sum = BreakerGauges { opened: self.meters.past[dependency.index()].opened, ..BreakerGauges::default() };
        let mut count = |breaker: &Breaker| {
            sum.opened += breaker.totals().entered(BreakerState::Open);
            match breaker.state() {
                BreakerState::Open | BreakerState::ForcedOpen => sum.open += 1,
                BreakerState::HalfOpen => sum.half_open += 1,
                BreakerState::Closed | BreakerState::Disabled | BreakerState::MetricsOnly => sum.closed += 1,
            }
        };
        match self.dependencies[dependency].breaker() {
            None => {}
            Some((_, BreakerScope::Shared { key })) => count(&self.shared_breakers[usize::from(key)]),
            Some(_) => {
                let channels = self.channels.iter().filter(|channel| channel.dependency == dependency);
                channels.flat_map(|channel| &channel.breakers).for_each(count);
            }
        }
        sum
    }

    /// Takes a share of a service's workers or cores away, or gives it back. The workers lost are spread over all its
    /// instances, serving or not, so that no two differ by more than one, the first losing the most.
    pub(crate) fn set_lost(&mut self, service: Id<ServiceSpec>, share: f64) {
        let now = self.now();
        let capacity = self.spec.services[service].capacity;
        let ids = self.services[service].instances.clone();
        let count = ids.len() as u64;
        let lost = capacity.workers_lost(count, share);
        for (id, nth) in ids.into_iter().zip(0..) {
            let instance = &mut self.instances[id];
            instance.lost = share;
            instance.lost_workers = (lost / count + u64::from(nth < lost % count)) as u32;
            instance.set_capacity(now, capacity);
            self.schedule_sharing(id);
            self.dispatch(id);
        }
    }
}
