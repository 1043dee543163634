//! Messages that a dropping partition swallows on a network that sends again ([`OnLoss::Retransmit`]).
//!
//! To the sender a cut is loss: it sends again after each retransmission time-out, and every transmission is lost until the
//! partition heals. The first one after that gets through, unless the link loses it by chance; which chance, is drawn from
//! the message's own key, as for messages that no partition has met. Whose request is not acknowledged after the last
//! time-out loses its connection; whoever waits for an answer is told nothing.
//!
//! What it does not know: messages that are under way when a partition begins, and those that chance has lost before, whose
//! next transmission is settled already: they arrive.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Handle;
use crate::rng::Key;
use crate::units::SimDuration;

use super::Model;
use super::dependency::DependencySpec;
use super::event::Event;
use super::instance::Instance;
use super::network::{LONGEST_TIMEOUT, Loss, OnLoss, Partition, RETRANSMISSIONS};

/// A message that is sent again until it gets through.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Unacknowledged {
    /// The instance it goes to or comes from.
    instance: Option<Id<Instance>>,
    /// What happens when it arrives.
    event: Event,
    key: Key,
    site: u64,
    /// How often it has been sent.
    transmissions: u32,
    /// The last retransmission time-out.
    timeout: SimDuration,
}

impl Default for Unacknowledged {
    /// A place for a message: nothing is sent.
    fn default() -> Self {
        let (event, key, timeout) = (Event::default(), Key::new(0), SimDuration::ZERO);
        Self { instance: None, event, key, site: 0, transmissions: 0, timeout }
    }
}

impl Model<'_> {
    /// A message is sent into a dropping partition.
    #[cold]
    pub(super) fn send_into_a_cut(
        &mut self,
        dependency: Id<DependencySpec>,
        instance: Option<Id<Instance>>,
        key: Key,
        site: u64,
        event: Event,
    ) -> Result<(), Loss> {
        let OnLoss::Retransmit { timeout } = self.spec.dependencies[dependency].link.on_loss else {
            return Err(Loss::Silent);
        };
        let timeout = timeout.min(LONGEST_TIMEOUT);
        let message = Unacknowledged { instance, event, key, site, transmissions: 1, timeout };
        let message = self.dependencies[dependency].unacknowledged.insert(message);
        self.agenda.after(timeout, Event::Resend { dependency, message });
        Ok(())
    }

    /// A retransmission time-out has passed: the message is sent again, or given up.
    pub(crate) fn resend(&mut self, dependency: Id<DependencySpec>, handle: Handle<Unacknowledged>) {
        let state = &self.dependencies[dependency];
        let Some(message) = state.unacknowledged.get(handle).copied() else { return };
        if message.transmissions > RETRANSMISSIONS {
            self.dependencies[dependency].unacknowledged.remove(handle);
            return self.give_up_sending(message.event);
        }
        match state.partitions.with(message.instance) {
            Some(Partition::Drop) => return self.await_acknowledgement(dependency, handle),
            Some(Partition::Delay) => {
                self.dependencies[dependency].kept.push((message.instance, message.event));
            }
            None => {
                let Some(latency) = self.latency_again(dependency, &message) else {
                    return self.await_acknowledgement(dependency, handle);
                };
                self.deliver(latency, message.event);
            }
        }
        self.dependencies[dependency].unacknowledged.remove(handle);
    }

    fn await_acknowledgement(&mut self, dependency: Id<DependencySpec>, handle: Handle<Unacknowledged>) {
        let message = &mut self.dependencies[dependency].unacknowledged[handle];
        message.transmissions += 1;
        message.timeout = message.timeout.saturating_add(message.timeout).min(LONGEST_TIMEOUT);
        let timeout = message.timeout;
        self.agenda.after(timeout, Event::Resend { dependency, message: handle });
    }

    /// The latency of the transmission that comes now; `None` when the link loses it. Each transmission of a message has a
    /// draw of its own, those into the partition too.
    fn latency_again(&self, dependency: Id<DependencySpec>, message: &Unacknowledged) -> Option<SimDuration> {
        let link = &self.spec.dependencies[dependency].link;
        let mut rng = self.rng(message.key, message.site);
        let latency = SimDuration::from_nanos_f64(link.latency.sample(&mut rng));
        (0..message.transmissions).for_each(|_| _ = rng.uniform());
        (rng.uniform() >= link.loss).then_some(latency)
    }

    fn give_up_sending(&mut self, event: Event) {
        if let Event::Arrive(job) = event
            && let Some(request) = self.jobs.remove(job)
        {
            let (call, attempt) = (request.call, request.attempt);
            self.connection_lost(call, attempt);
        }
    }
}
