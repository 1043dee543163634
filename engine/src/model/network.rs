//! The network between a caller and a service: latency, loss and partitions.
//!
//! A message is a request, its answer, a cancellation, or either half of what a pool asks of the network (`connecting.rs`).
//! Each is lost, sent again and cut off alike. A partition meets the messages that are sent while it is in force; what is
//! under way when it begins arrives. On a network that sends again, one that drops is loss for as long as it lasts
//! (`resending.rs`).

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Handle;
use crate::rng::{Distribution, Key, KeyedRng};
use crate::units::SimDuration;

use super::call::{Call, Stage};
use super::dependency::DependencySpec;
use super::event::Event;
use super::instance::Instance;
use super::job::Job;
use super::outcome::{ErrorKind, Outcome};
use super::{Model, site};

/// The network between a caller and a service: immutable configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkSpec {
    /// The one-way latency in nanoseconds, drawn for each message: requests, answers and cancellations, and both ways of a
    /// pool's attempts to connect, tests and pings.
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
    /// It is sent again after a retransmission time-out that doubles each time up to 120 s, as TCP does (RFC 6298; Linux
    /// 6.12: `TCP_RTO_MIN` 200 ms, `TCP_RTO_MAX` 120 s). The time-out after the 15th time (`net.ipv4.tcp_retries2`) gives
    /// the connection up; from 200 ms that is after 924.6 s. The call whose request that was then gets `connection_lost`.
    /// Who waits for an answer has nothing unacknowledged and is told nothing: only a time limit of its own ends that wait.
    /// What a pool asks ends at the driver's limit at the latest, and starts from the same time-out (Linux sends the first
    /// segment of a connection again after 1 s, `TCP_TIMEOUT_INIT`).
    Retransmit {
        /// The first retransmission time-out.
        timeout: SimDuration,
    },
}

/// What a partition does to messages between two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partition {
    /// They are lost; on a network that sends again ([`OnLoss::Retransmit`]) each is delivered at its first retransmission
    /// after the partition has healed.
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
pub(super) const RETRANSMISSIONS: u32 = 15;
/// The longest retransmission time-out (Linux, `TCP_RTO_MAX`).
pub(super) const LONGEST_TIMEOUT: SimDuration = SimDuration::from_secs(120);

/// How a message is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nobody is told.
    Silent,
    /// The sender gives its connection up after this long.
    GivenUp(SimDuration),
}

impl Model<'_> {
    /// Sends the request of an attempt to its instance over a network that takes time or loses messages.
    #[inline(never)]
    pub(crate) fn send_request(&mut self, handle: Handle<Call>, job: Handle<Job>) {
        let call = &self.calls[handle];
        let (dependency, instance, attempt) = (call.dependency, call.instance, call.attempt);
        let (key, site) = (call.key, site::REQUEST + u64::from(attempt));
        let Err(loss) = self.transmit(dependency, instance, key, site, Event::Arrive(job)) else { return };
        self.jobs.remove(job);
        if let Loss::GivenUp(after) = loss {
            self.agenda.after(after, Event::ConnectionLost { call: handle, attempt });
        }
    }

    /// Sends the answer to an attempt of a call, if anybody still waits for it. When it is lost, the caller is not told.
    #[inline(always)]
    pub(crate) fn send_answer(&mut self, target: Handle<Call>, attempt: u32, outcome: Outcome) {
        let Some(call) = self.calls.get(target) else { return };
        if self.dependencies[call.dependency].is_direct() {
            self.answered(target, attempt, outcome);
        } else {
            let (dependency, instance) = (call.dependency, call.instance);
            let (key, site) = (call.key, site::ANSWER + u64::from(attempt));
            let answer = Event::Answer { call: target, attempt, outcome };
            let _ = self.transmit(dependency, instance, key, site, answer);
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
            let _ = self.transmit(dependency, instance, key, site, Event::Cancel(job));
        }
    }

    /// The network has given up the connection on which a request was sent: the attempt ends, and the pool closes it.
    pub(crate) fn connection_lost(&mut self, handle: Handle<Call>, attempt: u32) {
        let Some(call) = self.calls.get(handle) else { return };
        if call.stage != Stage::Sent || call.attempt != attempt {
            return;
        }
        let (dependency, channel, instance) = (call.dependency, call.channel, call.instance);
        self.no_longer_outstanding(dependency, channel, instance);
        self.spoil_connection(handle, Handle::NONE);
        let call = &mut self.calls[handle];
        (call.stage, call.job) = (Stage::Moving, Handle::NONE);
        self.unwind(handle, Err(ErrorKind::ConnectionLost));
    }

    /// Puts a message to or from an instance on its way, if it will ever arrive.
    #[inline(never)]
    fn transmit(
        &mut self,
        dependency: Id<DependencySpec>,
        instance: Option<Id<Instance>>,
        key: Key,
        site: u64,
        event: Event,
    ) -> Result<(), Loss> {
        let state = &mut self.dependencies[dependency];
        match state.partitions.with(instance) {
            Some(Partition::Drop) => return self.send_into_a_cut(dependency, instance, key, site, event),
            Some(Partition::Delay) => {
                state.kept.push((instance, event));
                return Ok(());
            }
            None => {}
        }
        let mut rng = self.rng(key, site);
        let after = travel(&self.spec.dependencies[dependency].link, &mut rng)?;
        self.agenda.after(after, event);
        Ok(())
    }

    /// How much later than without losses something is answered that takes a round trip; `None` when never.
    pub(super) fn lost_time(&self, dependency: Id<DependencySpec>, key: Key, site: u64) -> Option<SimDuration> {
        let link = &self.spec.dependencies[dependency].link;
        if link.loss == 0.0 {
            return Some(SimDuration::ZERO);
        }
        let there = resent(link, &mut self.rng(key, site + site::LOST_THERE)).ok()?;
        let back = resent(link, &mut self.rng(key, site + site::LOST_BACK)).ok()?;
        Some(there.saturating_add(back))
    }

    /// Starts or ends partitions. What a delaying one has kept is delivered in order, after the network's latency.
    pub(crate) fn set_partitions(&mut self, dependency: Id<DependencySpec>, partitions: Partitions) {
        let spec = &self.spec.dependencies[dependency];
        let state = &mut self.dependencies[dependency];
        state.direct = spec.link.is_perfect() && partitions.0.is_empty();
        let sends_again = matches!(spec.link.on_loss, OnLoss::Retransmit { .. });
        state.drops = partitions.drops() && !sends_again;
        state.partitions = partitions;
        for (instance, event) in std::mem::take(&mut state.kept) {
            match self.dependencies[dependency].partitions.with(instance) {
                Some(Partition::Drop) if !sends_again => self.lose(event),
                Some(_) => self.dependencies[dependency].kept.push((instance, event)),
                None => self.deliver(SimDuration::from_nanos_f64(spec.link.latency.mean()), event),
            }
        }
    }

    /// A message that a partition has held up goes on, with this one-way latency.
    pub(super) fn deliver(&mut self, latency: SimDuration, event: Event) {
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

/// How long a message is under way, retransmissions included.
fn travel(link: &LinkSpec, rng: &mut KeyedRng) -> Result<SimDuration, Loss> {
    let latency = SimDuration::from_nanos_f64(link.latency.sample(rng));
    if link.loss == 0.0 {
        return Ok(latency);
    }
    resent(link, rng).map(|waited| latency.saturating_add(waited))
}

/// How long a message on a link that loses waits to be sent for the last time.
fn resent(link: &LinkSpec, rng: &mut KeyedRng) -> Result<SimDuration, Loss> {
    let OnLoss::Retransmit { timeout } = link.on_loss else {
        return if rng.uniform() < link.loss { Err(Loss::Silent) } else { Ok(SimDuration::ZERO) };
    };
    let mut timeout = timeout.min(LONGEST_TIMEOUT);
    let mut waited = SimDuration::ZERO;
    for _ in 0..=RETRANSMISSIONS {
        if rng.uniform() >= link.loss {
            return Ok(waited);
        }
        waited = waited.saturating_add(timeout);
        timeout = timeout.saturating_add(timeout).min(LONGEST_TIMEOUT);
    }
    Err(Loss::GivenUp(waited))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of 100,000 messages over a link without latency that sends again after 200 ms.
    fn messages(loss: f64) -> Vec<Result<SimDuration, Loss>> {
        let latency = Distribution::constant(0.0).expect("a valid value");
        let link = LinkSpec { latency, loss, on_loss: OnLoss::Retransmit { timeout: SimDuration::from_millis(200) } };
        (0..100_000).map(|number| travel(&link, &mut Key::new(number).child(1).rng(0))).collect()
    }

    /// Linux, `ip-sysctl`, `tcp_retries2`: 15 retransmissions from 200 ms take a hypothetical 924.6 s. They are all lost
    /// with the probability 0.8^16 = 2.81 %; of 100,000 messages 2,815 +- 52.
    #[test]
    fn a_connection_is_given_up_after_924_600_ms() {
        let given_up: Vec<_> = messages(0.8).into_iter().filter_map(Result::err).collect();
        assert!(given_up.iter().all(|loss| *loss == Loss::GivenUp(SimDuration::from_millis(924_600))));
        assert!((2_610..3_020).contains(&given_up.len()), "{} given up", given_up.len());
    }

    /// The time-outs are 0.2 s, 0.4 s, ... 102.4 s, which makes 204.6 s, and from then on 120 s each.
    #[test]
    fn time_outs_double_up_to_two_minutes() {
        let mut delays: Vec<_> = messages(0.8).into_iter().filter_map(Result::ok).collect();
        delays.sort_unstable();
        delays.dedup();
        let doubled = (0..=10).map(|sent| ((1 << sent) - 1) * 200);
        let capped = (1..=5).map(|more| 204_600 + more * 120_000);
        assert_eq!(delays, doubled.chain(capped).map(SimDuration::from_millis).collect::<Vec<_>>());
    }
}
