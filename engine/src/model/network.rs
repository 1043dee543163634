//! The network between a caller and a service: latency, loss and partitions.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Handle;
use crate::rng::{Distribution, Key, KeyedRng};
use crate::units::SimDuration;

use super::call::Call;
use super::dependency::DependencySpec;
use super::event::Event;
use super::instance::Instance;
use super::job::Job;
use super::outcome::Outcome;
use super::{Model, site};

/// The network between a caller and a service: immutable configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// The one-way latency in nanoseconds, drawn for each message.
    pub latency: Distribution,
    /// The share of messages that are lost, 0 to below 1.
    pub loss: f64,
    /// What loss does to a message.
    pub on_loss: OnLoss,
}

/// What loss does to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnLoss {
    /// The message never arrives; only a timeout of the caller notices.
    Drop,
    /// It is sent again after a retransmission time-out that doubles each time, as TCP does (RFC 6298; Linux starts at
    /// no less than 200 ms and gives up after 15, `net.ipv4.tcp_retries2`).
    Retransmit {
        /// The first retransmission time-out.
        timeout: SimDuration,
    },
}

/// What a partition does to messages between two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partition {
    /// They are lost.
    Drop,
    /// They are kept, and delivered in order when the partition heals.
    Delay,
}

/// Where messages of a dependency do not get through: cuts between its callers and one instance, or the whole service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partitions(Vec<(Option<Id<Instance>>, Partition)>);

impl Partitions {
    /// Cuts an instance off, or with `None` the whole service.
    pub fn add(&mut self, instance: Option<Id<Instance>>, partition: Partition) {
        self.0.push((instance, partition));
    }

    /// What becomes of messages to and from an instance, or to nobody: a partition that drops outweighs one that delays.
    #[must_use]
    pub fn with(&self, instance: Option<Id<Instance>>) -> Option<Partition> {
        let here = self.0.iter().filter(|(cut, _)| cut.is_none() || *cut == instance);
        here.map(|(_, partition)| *partition).min_by_key(|partition| *partition == Partition::Delay)
    }

    /// Whether some messages are lost.
    fn drops(&self) -> bool {
        self.0.iter().any(|(_, partition)| *partition == Partition::Drop)
    }
}

/// How often TCP sends a segment again before it gives the connection up (Linux, `net.ipv4.tcp_retries2`).
const RETRANSMISSIONS: u32 = 15;

/// What becomes of a message.
enum Fate {
    /// It arrives after this long.
    Arrives(SimDuration),
    Lost,
}

impl Model<'_> {
    /// Sends the request of an attempt to its instance over a network that takes time or loses messages.
    #[inline(never)]
    pub(crate) fn send_request(&mut self, handle: Handle<Call>, job: Handle<Job>) {
        let call = &self.calls[handle];
        let (dependency, instance) = (call.dependency, call.instance);
        let (key, site) = (call.key, site::REQUEST + u64::from(call.attempt));
        if !self.transmit(dependency, instance, key, site, Event::Arrive(job)) {
            self.jobs.remove(job);
        }
    }

    /// Sends the answer to an attempt of a call, if anybody still waits for it.
    #[inline(always)]
    pub(crate) fn send_answer(&mut self, target: Handle<Call>, attempt: u32, outcome: Outcome) {
        let Some(call) = self.calls.get(target) else { return };
        if self.dependencies[call.dependency].is_direct() {
            self.answered(target, attempt, outcome);
        } else {
            let (dependency, instance) = (call.dependency, call.instance);
            let (key, site) = (call.key, site::ANSWER + u64::from(attempt));
            self.transmit(dependency, instance, key, site, Event::Answer { call: target, attempt, outcome });
        }
    }

    /// Tells a job that its caller has given up.
    pub(crate) fn send_cancellation(&mut self, handle: Handle<Call>, job: Handle<Job>) {
        let call = &self.calls[handle];
        let (dependency, instance) = (call.dependency, call.instance);
        let (key, site) = (call.key, site::CANCELLATION + u64::from(call.attempt));
        if self.dependencies[dependency].is_direct() {
            // An event of its own: the call that gives up is still being unwound.
            self.agenda.soon(Event::Cancel(job));
        } else {
            self.transmit(dependency, instance, key, site, Event::Cancel(job));
        }
    }

    /// Puts a message to or from an instance on its way; `false` when it will never arrive.
    #[inline(never)]
    fn transmit(
        &mut self,
        dependency: Id<DependencySpec>,
        instance: Option<Id<Instance>>,
        key: Key,
        site: u64,
        event: Event,
    ) -> bool {
        let state = &mut self.dependencies[dependency];
        match state.partitions.with(instance) {
            Some(Partition::Drop) => return false,
            Some(Partition::Delay) => {
                state.kept.push((instance, event));
                return true;
            }
            None => {}
        }
        let mut rng = self.rng(key, site);
        match fate(&self.spec.dependencies[dependency].link, &mut rng) {
            Fate::Arrives(after) => {
                self.agenda.after(after, event);
                true
            }
            Fate::Lost => false,
        }
    }

    /// Starts or ends partitions. What a delaying one has kept is delivered in order, after the network's latency.
    pub(crate) fn set_partitions(&mut self, dependency: Id<DependencySpec>, partitions: Partitions) {
        let spec = &self.spec.dependencies[dependency];
        let state = &mut self.dependencies[dependency];
        state.direct = spec.link.is_perfect() && partitions.0.is_empty();
        state.drops = partitions.drops();
        state.partitions = partitions;
        for (instance, event) in std::mem::take(&mut state.kept) {
            match self.dependencies[dependency].partitions.with(instance) {
                Some(Partition::Delay) => self.dependencies[dependency].kept.push((instance, event)),
                Some(Partition::Drop) => self.lose(event),
                None => self.deliver(dependency, event),
            }
        }
    }

    /// A message that a partition has kept goes on.
    fn deliver(&mut self, dependency: Id<DependencySpec>, event: Event) {
        let latency = SimDuration::from_nanos_f64(self.spec.dependencies[dependency].link.latency.mean());
        let after = match event {
            // The driver awaits the answer as well.
            Event::PoolConnected { .. } | Event::PoolPinged { .. } | Event::PoolValidated { .. } => {
                latency.saturating_add(latency)
            }
            _ => latency,
        };
        self.agenda.after(after, event);
    }

    fn lose(&mut self, event: Event) {
        if let Event::Arrive(job) = event {
            self.jobs.remove(job);
        }
    }
}

impl LinkSpec {
    /// Whether messages take no time and always arrive.
    #[must_use]
    pub fn is_perfect(&self) -> bool {
        self.latency.mean() == 0.0 && self.loss == 0.0
    }
}

fn fate(link: &LinkSpec, rng: &mut KeyedRng) -> Fate {
    let mut delay = link.latency.sample(rng);
    if link.loss == 0.0 {
        return Fate::Arrives(SimDuration::from_nanos_f64(delay));
    }
    let mut sent = 0;
    while rng.uniform() < link.loss {
        match link.on_loss {
            OnLoss::Retransmit { timeout } if sent < RETRANSMISSIONS => {
                delay += timeout.as_nanos() as f64 * f64::from(1u32 << sent);
                sent += 1;
            }
            _ => return Fate::Lost,
        }
    }
    Fate::Arrives(SimDuration::from_nanos_f64(delay))
}
