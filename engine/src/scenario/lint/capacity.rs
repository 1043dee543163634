//! Services against their callers: connections and queues.

use crate::ids::Id;
use crate::model::{Capacity, DependencySpec, Layer, ServiceSpec};
use crate::units::SimDuration;

use super::{Linter, about};

impl Linter<'_> {
    /// More connections in pools than the service accepts.
    pub(super) fn connections(&mut self, id: Id<ServiceSpec>) {
        let service = &self.system.services[id];
        let Some(most) = service.max_connections else { return };
        let accepted = u64::from(most) * u64::from(service.instances);
        let pools = self.dependencies().iter().filter(|dependency| dependency.target == id);
        let pools: Vec<(&DependencySpec, u64)> = pools.filter_map(|pool| Some((pool, self.pooled(pool)?))).collect();
        let wanted: u64 = pools.iter().map(|(_, connections)| connections).sum();
        if wanted > accepted {
            let list: Vec<String> = pools.iter().map(|(pool, wanted)| format!("`{}` {wanted}", pool.name)).collect();
            let message = format!(
                "the pools may open {wanted} connections to \"{}\" ({}), which accepts {accepted}",
                service.name,
                list.join(", ")
            );
            let help = "instances x maximumPoolSize of all callers should stay below max_connections";
            let place = self.resolved.service_places[id.index()].max_connections.clone();
            self.warn("pools-exceed-connections", place, message, help);
        }
    }

    /// The connections that all callers of a dependency may hold together.
    fn pooled(&self, dependency: &DependencySpec) -> Option<u64> {
        let pool = dependency.layers.iter().find_map(|layer| match layer {
            Layer::Pool(pool) => Some(pool),
            _ => None,
        });
        pool.map(|pool| u64::from(pool.maximum_pool_size) * u64::from(self.callers(dependency)))
    }

    /// A queue so long that those at its end are served after their callers have given up.
    pub(super) fn queue(&mut self, id: Id<ServiceSpec>) {
        let service = &self.system.services[id];
        let Capacity::Workers(workers) = service.capacity else { return };
        let Some((caller, patience)) = self.least_patience(id) else { return };
        let place = self.resolved.service_places[id.index()].queue.clone();
        let Some(capacity) = service.queue.capacity else {
            let message = format!("an unbounded queue, while `{}` gives up after {patience}", caller.name);
            let help = "in an overload it fills with requests that nobody waits for; give it a capacity";
            return self.warn("queue-outlasts-caller", place, message, help);
        };
        let work = self.mean_work(service);
        let drained = work.mul_f64(f64::from(capacity) / f64::from(workers));
        if drained > patience {
            let fits = (patience.as_secs_f64() / work.as_secs_f64() * f64::from(workers)) as u64;
            let message = format!(
                "a full queue of {capacity} takes {} to be served, but `{}` gives up after {patience}",
                about(drained),
                caller.name
            );
            self.warn("queue-outlasts-caller", place, message, format!("a capacity of at most {fits}"));
        }
    }

    /// The mean local work of a request; what it waits for others makes it longer still.
    fn mean_work(&self, service: &ServiceSpec) -> SimDuration {
        let load = &self.resolved.load;
        let executions: f64 = service.endpoints.iter().map(|endpoint| load.executions[endpoint.index()]).sum();
        let work: f64 = service
            .endpoints
            .iter()
            .map(|endpoint| load.executions[endpoint.index()] * load.work[endpoint.index()])
            .sum();
        if executions > 0.0 { SimDuration::from_nanos_f64(work / executions) } else { SimDuration::ZERO }
    }
}
