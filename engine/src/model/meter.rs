//! What the mechanisms count, for this second and since the start. Nothing in the model reads it.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::kernel::Histogram;
use crate::units::SimDuration;

use super::dependency::DependencySpec;
use super::outcome::{ErrorKind, Outcome};
use super::pool::{PoolIntegrals, PoolTotals};
use super::service::EndpointSpec;

/// What flows through a service, an endpoint, a dependency or out of a population in some time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// What came: requests of a population, jobs at a service or endpoint, calls through a dependency.
    pub offered: u64,
    /// First attempts and retries that were sent. With [`Flow::refused`] these are all the attempts that were made.
    pub attempts: u64,
    /// The attempts among them that were not first ones; the others are first attempts that were sent.
    pub retries: u64,
    /// Attempts, first ones and retries, that ended before they were sent: refused by a breaker, a bulkhead, a rate limit
    /// or a pool, or by there being no instance, or given up while they waited for one of these. Of a population they are
    /// those of the dependencies it calls through, as are the attempts; of a service or endpoint there are none.
    ///
    /// A call makes a first attempt, so that without retries `attempts + refused` is `offered` but for what still waits.
    pub refused: u64,
    /// What ended well.
    pub succeeded: u64,
    /// What ended badly, by [`ErrorKind`].
    pub errors: [u64; ErrorKind::COUNT],
    /// How long those that ended well took: a population's requests from their intended start, jobs from their arrival,
    /// calls from their start.
    pub latency: Histogram,
}

impl Flow {
    /// What ended badly, of any kind.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.iter().sum()
    }

    /// What has ended.
    #[must_use]
    pub fn finished(&self) -> u64 {
        self.succeeded + self.failed()
    }

    /// Attempts sent for each request offered; 1 when nothing was offered. Below 1, more attempts were refused before they
    /// were sent than retries were.
    #[must_use]
    pub fn amplification(&self) -> f64 {
        if self.offered == 0 { 1.0 } else { self.attempts as f64 / self.offered as f64 }
    }

    /// Counts an end after `took`.
    #[inline(always)]
    pub(crate) fn end(&mut self, outcome: Outcome, took: SimDuration) {
        match outcome {
            Ok(()) => {
                self.succeeded += 1;
                self.latency.record(took);
            }
            Err(kind) => self.errors[kind as usize] += 1,
        }
    }

    /// Adds another flow to this one.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.attempts += other.attempts;
        self.retries += other.retries;
        self.refused += other.refused;
        self.succeeded += other.succeeded;
        for (sum, more) in self.errors.iter_mut().zip(other.errors) {
            *sum += more;
        }
        self.latency.merge(&other.latency);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.latency.clear();
        *self = Self { latency: std::mem::take(&mut self.latency), ..Self::default() };
    }
}

/// What the pools and breakers of a dependency had come to in callers' lives that are over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PastLives {
    pub(crate) pools: PoolIntegrals,
    pub(crate) pool_totals: PoolTotals,
    /// The peaks of pools that ended in the second under way, in use and waiting.
    pub(crate) peaks: (u32, u32),
    /// How often breakers had opened.
    pub(crate) opened: u64,
}

/// The flows of the second under way.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct Meters {
    /// By service: what flowed through its endpoints, added up when the second ends.
    pub services: Vec<Flow>,
    /// By endpoint.
    pub endpoints: Vec<Flow>,
    /// By dependency.
    pub dependencies: Vec<Flow>,
    /// By dependency: how long callers waited for a connection, those that got one at once included.
    pub pool_waits: Vec<Histogram>,
    /// By dependency: for how long callers had the connections that they gave back.
    pub pool_usage: Vec<Histogram>,
    /// By dependency.
    pub(crate) past: Vec<PastLives>,
}

impl Meters {
    pub(crate) fn new(services: usize, endpoints: usize, dependencies: &Table<DependencySpec>) -> Self {
        Self {
            services: vec![Flow::default(); services],
            endpoints: vec![Flow::default(); endpoints],
            dependencies: vec![Flow::default(); dependencies.len()],
            pool_waits: vec![Histogram::default(); dependencies.len()],
            pool_usage: vec![Histogram::default(); dependencies.len()],
            past: vec![PastLives::default(); dependencies.len()],
        }
    }

    /// Adds up what has flowed through the endpoints of each service in the second under way.
    pub(crate) fn add_up_services(&mut self, endpoints: &Table<EndpointSpec>) {
        self.services.iter_mut().for_each(Flow::clear);
        for (flow, endpoint) in self.endpoints.iter().zip(endpoints) {
            self.services[endpoint.service.index()].merge(flow);
        }
    }

    #[inline(always)]
    pub(crate) fn endpoint(&mut self, id: Id<EndpointSpec>) -> &mut Flow {
        &mut self.endpoints[id.index()]
    }

    #[inline]
    pub(crate) fn dependency(&mut self, id: Id<DependencySpec>) -> &mut Flow {
        &mut self.dependencies[id.index()]
    }
}
