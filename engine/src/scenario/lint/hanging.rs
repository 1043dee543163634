//! Calls that may never end: messages lost without anybody noticing, and workers that wait for each other.

use crate::fault::FaultKind;
use crate::ids::Id;
use crate::model::{Capacity, DependencySpec, EndpointSpec, OnLoss, Partition, ServiceSpec};

use super::{Linter, limit};

impl Linter<'_> {
    /// A call whose messages may be lost, and which nothing limits in time.
    pub(super) fn lost_for_ever(&mut self, id: Id<DependencySpec>) {
        let dependency = &self.dependencies()[id];
        let Some(how) = self.loses(id, dependency).filter(|_| !self.is_limited(dependency)) else { return };
        let Some(to) = self.resolved.places[id.index()].to.clone() else { return };
        let message = format!("{how}, and nothing limits the time of a call: who loses a message waits for ever");
        self.warn(
            "waits-for-ever",
            to,
            message,
            "add Timeout(\"1s\"), Deadline(\"5s\") or on_loss: Retransmit(\"200ms\")",
        );
    }

    /// How messages of a dependency are lost, in words.
    fn loses(&self, id: Id<DependencySpec>, dependency: &DependencySpec) -> Option<String> {
        let link = &dependency.link;
        if link.on_loss != OnLoss::Drop {
            return None;
        }
        if link.loss > 0.0 {
            return Some(format!("`{}` loses messages", dependency.name));
        }
        let scenario = &self.resolved.scenario;
        let faults = scenario.variants.iter().chain([&scenario.always]).flat_map(|variant| &variant.faults);
        let mut partitions = faults.filter(|fault| {
            matches!(&fault.kind, FaultKind::Partition { dependency, partition: Partition::Drop, .. } if *dependency == id)
        });
        partitions.next().map(|fault| format!("the partition `{}` drops messages of `{}`", fault.name, dependency.name))
    }

    /// Whether a call ends in time by itself, or because all who wait for it further up give up and say so.
    fn is_limited(&self, dependency: &DependencySpec) -> bool {
        if dependency.propagates_deadline || dependency.layers.iter().any(|layer| limit(layer).is_some()) {
            return true;
        }
        let Some(caller) = dependency.caller else { return false };
        let mut callers = self.dependencies().iter().filter(|outer| outer.target == caller).peekable();
        callers.peek().is_some()
            && callers.all(|outer| outer.cancels && outer.layers.iter().any(|layer| limit(layer).is_some()))
    }

    /// A service with workers whose requests wait for requests to the same service: when all workers wait so, none gets on.
    pub(super) fn calls_itself(&mut self, id: Id<ServiceSpec>) {
        let service = &self.system.services[id];
        let Capacity::Workers(workers) = service.capacity else { return };
        let pairs = service.endpoints.iter().filter_map(|outer| Some((*outer, self.reaches(*outer, id)?)));
        let Some((outer, inner)) = pairs.into_iter().next() else { return };
        let name = |endpoint: Id<EndpointSpec>| format!("{}.{}", service.name, self.system.endpoints[endpoint].name);
        let message = format!(
            "`{}` holds one of {workers} workers while it waits for `{}`, which needs one too: when all wait so, none gets on",
            name(outer),
            name(inner)
        );
        let place = self.resolved.service_places[id.index()].capacity.clone();
        let help =
            "put the inner endpoint into a service of its own, or use more workers than requests can be under way";
        self.warn("waits-for-itself", place, message, help);
    }

    /// The first endpoint of a service that a request to an endpoint waits for, directly or through others.
    fn reaches(&self, from: Id<EndpointSpec>, service: Id<ServiceSpec>) -> Option<Id<EndpointSpec>> {
        let mut seen = vec![false; self.system.endpoints.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            for to in self.system.endpoints[at].plan.awaited().map(|call| call.endpoint) {
                if self.system.endpoints[to].service == service {
                    return Some(to);
                }
                if !std::mem::replace(&mut seen[to.index()], true) {
                    open.push(to);
                }
            }
        }
        None
    }
}
