//! Load balancing: which instance of a service an attempt goes to.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Handle;
use crate::rng::KeyedRng;

use super::call::Call;
use super::channel::Channel;
use super::instance::Instance;
use super::{Model, site};

/// How a caller chooses among the instances in rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Balancing {
    /// One after the other, each channel from an instance of its own drawing on: callers that start together must not march
    /// in step. So do gRPC (grpc-java 1.15, `RoundRobinLoadBalancer`, pull request 4462) and Envoy (`seed_`).
    #[default]
    RoundRobin,
    /// Any, with equal chances.
    Random,
    /// The one with the fewest unanswered attempts of this channel, any of them on a tie: most callers have none anywhere
    /// most of the time, and must not all prefer the same one. Envoy 1.30 draws among ties likewise (`full_scan` of
    /// `LEAST_REQUEST`); nginx and `HAProxy` go round among them.
    LeastRequests,
    /// Of two drawn at random the one with fewer unanswered attempts of this channel (Mitzenmacher, 2001; Envoy's
    /// default for `LEAST_REQUEST`).
    PowerOfTwo,
}

impl Balancing {
    /// Whether unanswered attempts have to be counted for it.
    #[inline]
    pub(crate) const fn compares_load(self) -> bool {
        matches!(self, Self::LeastRequests | Self::PowerOfTwo)
    }
}

impl Model<'_> {
    /// The instance for a call's next attempt: the one it is bound to already, or one from the rotation.
    #[inline(always)]
    pub(crate) fn choose_instance(&mut self, handle: Handle<Call>) -> Option<Id<Instance>> {
        let call = &self.calls[handle];
        // A connection that leads nowhere binds as well.
        if call.instance.is_some() || call.connection.is_some() {
            return call.instance;
        }
        match &*self.services[self.dependencies[call.dependency].target].rotation {
            [] => None,
            [only] => Some(*only),
            _ => self.balance(handle),
        }
    }

    #[inline(never)]
    fn balance(&mut self, handle: Handle<Call>) -> Option<Id<Instance>> {
        let call = &self.calls[handle];
        let spec = &self.spec.dependencies[call.dependency];
        let rotation = &self.services[spec.target].rotation;
        let channel = &mut self.channels[call.channel];
        let site = site::BALANCE + u64::from(call.attempt);
        let mut rng = call.key.rng(site ^ self.salt);
        let load = |id: Id<Instance>| {
            let ordinal = self.instances[id].ordinal as usize;
            channel.outstanding.get(ordinal).copied().unwrap_or(0)
        };
        let chosen = match spec.balancing {
            Balancing::RoundRobin => {
                channel.turn = channel.turn.wrapping_add(1);
                rotation[(channel.turn - 1) as usize % rotation.len()]
            }
            Balancing::Random => rotation[index(&mut rng, rotation.len())],
            Balancing::LeastRequests => {
                let least = rotation.iter().map(|id| load(*id)).min()?;
                let ties = || rotation.iter().filter(|id| load(**id) == least);
                *ties().nth(index(&mut rng, ties().count()))?
            }
            Balancing::PowerOfTwo => {
                let first = index(&mut rng, rotation.len());
                let second = (first + 1 + index(&mut rng, rotation.len() - 1)) % rotation.len();
                let (first, second) = (rotation[first], rotation[second]);
                if load(second) < load(first) { second } else { first }
            }
        };
        Some(chosen)
    }

    /// Where a channel that is made as new begins its round. Well below the largest number, past which the round would jump.
    pub(crate) fn first_turn(&self, id: Id<Channel>) -> u32 {
        (self.rng(self.channel_key("model.balance", id), site::BALANCE).next_bits() >> 33) as u32
    }

    /// The instance that is next in turn, for a channel's new connections.
    pub(crate) fn next_in_turn(&mut self, id: Id<Channel>) -> Option<Id<Instance>> {
        let channel = &mut self.channels[id];
        let rotation = &self.services[self.spec.dependencies[channel.dependency].target].rotation;
        let turn = channel.turn;
        channel.turn = turn.wrapping_add(1);
        (!rotation.is_empty()).then(|| rotation[turn as usize % rotation.len()])
    }
}

/// A uniform index below `len`.
fn index(rng: &mut KeyedRng, len: usize) -> usize {
    ((u128::from(rng.next_bits()) * len as u128) >> 64) as usize
}
