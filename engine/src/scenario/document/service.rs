//! Services, their capacity and how they are rolled out.

use super::{Count, Dependency, Drawn, Entries, Items, Lenient, Step, Version};
use crate::document;
use crate::text::Spanned;
use crate::units::SimDuration;

document! {
    /// A service: instances that serve endpoints.
    pub struct Service {
        /// How many instances run at the start.
        instances: Lenient<Spanned<Count>> = Lenient(Some(Spanned::implied(Count::of(1)))),
        /// How an instance executes requests.
        capacity: Lenient<Spanned<Capacity>>,
        /// Where requests wait for a worker; without it, an unbounded queue served in the order of arrival.
        queue: Lenient<Option<Spanned<Queue>>> = Lenient(Some(None)),
        /// How many connections an instance accepts; without it, any number.
        max_connections: Lenient<Option<Spanned<Count>>> = Lenient::default(),
        /// How long establishing a connection takes.
        connect_time: Lenient<Drawn> = Lenient(Some(Drawn::implied(SimDuration::ZERO))),
        /// How long callers go on choosing a crashed instance. The default is an assumption.
        crash_detection: Lenient<Spanned<SimDuration>> = Lenient(Some(Spanned::implied(SimDuration::from_secs(10)))),
        /// How long an instance takes from its start until it serves. The default is an assumption.
        start_time: Lenient<Drawn> = Lenient(Some(Drawn::implied(SimDuration::from_secs(30)))),
        /// How a new version reaches the instances.
        rollout: Lenient<Option<Rollout>> = Lenient::default(),
        /// The versions it can run, by name; the first runs at the start. Without any, one that is called v1.
        versions: Entries<Version> = Entries::default(),
        /// The endpoints by name, each with its plan.
        endpoints: Entries<Items<Step>>,
        /// How it calls other services. A service that a plan calls but that is not here is called plainly: no limit of
        /// time, no retries, no network in between.
        calls: Items<Dependency> = Items::default(),
    }
}

document! {
    /// How an instance executes the requests it has admitted.
    pub enum Capacity {
        /// Each request holds one of so many workers from its start to its end, calls included.
        Workers(Count),
        /// Every request runs at once; local work shares the cores equally, none getting more than one.
        ProcessorSharing {
            /// The number of cores.
            cores: Count,
        },
        /// Every request runs at once, at full speed.
        Unlimited,
    }
}

document! {
    /// Where requests wait for a worker.
    pub struct Queue {
        /// How many may wait at each instance; without it, any number.
        capacity: Option<Spanned<Count>>,
        /// Who is next.
        discipline: Discipline = Discipline::Fifo,
    }
}

document! {
    /// Who leaves a queue first.
    pub enum Discipline {
        /// The one that has waited longest.
        Fifo,
        /// The newest.
        Lifo,
        /// The one of the population with the lowest priority number, within it the one that has waited longest.
        Priority,
    }
}

document! {
    /// How a new version reaches the instances.
    pub struct Rollout {
        /// From the order until the first instance is touched: build, approval, pipeline.
        preparation: Drawn = Drawn::implied(SimDuration::ZERO),
        /// How many instances are replaced at a time.
        batch: Spanned<Count> = Spanned::implied(Count::of(1)),
        /// How long an instance may finish its requests before it is stopped. The default is that of Kubernetes
        /// (`terminationGracePeriodSeconds`).
        drain: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(30)),
        /// The pause between two batches.
        pause: Spanned<SimDuration> = Spanned::implied(SimDuration::ZERO),
    }
}
