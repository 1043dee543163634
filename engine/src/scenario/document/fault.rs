//! What goes wrong, when, and in which hidden variant.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Count, Drawn, Effect, Entries, Items, Lenient};
use crate::document;
use crate::text::{Amount, Decode, Diagnostics, Kind, Node, Spanned};
use crate::units::{Ratio, SimDuration, SimTime};

document! {
    /// What happens whichever variant is true.
    pub struct Always {
        /// What goes wrong, by name.
        faults: Entries<Fault> = Entries::default(),
        /// Which versions are rolled out, and when.
        deploys: Items<Deploy> = Items::default(),
    }
}

document! {
    /// One hidden truth.
    pub struct Variant {
        /// How likely it is, relative to the other variants' weights.
        weight: Lenient<Spanned<f64>> = Lenient(Some(Spanned::implied(1.0))),
        /// What goes wrong in it, by name.
        faults: Entries<Fault> = Entries::default(),
        /// Which versions are rolled out in it, and when.
        deploys: Items<Deploy> = Items::default(),
    }
}

document! {
    /// A version that is rolled out as somebody's ordinary work.
    pub struct Deploy {
        /// When it is ordered.
        at: Spanned<SimTime>,
        /// The service.
        service: Spanned<String>,
        /// The version.
        version: Spanned<String>,
        /// What the version turns out to do in this variant, besides what it does in every one: the same release, under
        /// the same name, may be guilty in one variant and innocent in another.
        effects: Entries<Effect> = Entries::default(),
    }
}

document! {
    /// Something that goes wrong.
    pub struct Fault {
        /// What it does.
        does: Lenient<FaultKind>,
        /// When it starts: at an instant or on a condition.
        start: Lenient<Spanned<Trigger>>,
        /// How its strength changes while it is active: (when, strength), 100% being what `does` says. Each change happens
        /// once.
        changes: Items<(Moment, Spanned<Ratio>)> = Items::default(),
        /// When it heals; without it, never.
        heal: Lenient<Option<Spanned<Trigger>>> = Lenient::default(),
    }
}

document! {
    /// When a fault starts, changes or heals.
    pub enum Trigger {
        /// At an instant, counted from the start of the run.
        At(SimTime),
        /// This long after the fault's own start. Only for changes and healing.
        After(SimDuration),
        /// Once a measure has been on one side of a number for some time; looked at every second.
        When {
            /// What is measured.
            measure: Measure,
            /// It must be above this.
            above: Option<Amount>,
            /// It must be below this.
            below: Option<Amount>,
            /// For how long, in whole seconds.
            holds: Spanned<SimDuration> = Spanned::implied(SimDuration::SECOND),
        },
    }
}

document! {
    /// A measure of the last second.
    pub enum Measure {
        /// The share of a service's workers or cores that were busy.
        Utilisation(Spanned<String>),
        /// How many requests waited in a service's queues.
        QueueLength(Spanned<String>),
        /// The share of a service's answers that were errors. A second without any is on neither side of a number.
        ErrorRatio(Spanned<String>),
        /// The rate at which requests arrived at a service.
        ArrivalRate(Spanned<String>),
        /// The connections in use of a dependency, all callers together.
        PoolInUse(Spanned<String>),
        /// The callers that waited for a connection of a dependency.
        PoolWaiting(Spanned<String>),
        /// The share of a population's finished requests that failed. A second in which none finished is on neither side of a
        /// number.
        FailureRatio(Spanned<String>),
        /// How long a service's requests took that ended well, from their arrival. A second in which none did is on neither
        /// side of a number.
        Latency {
            /// The service.
            service: Spanned<String>,
            /// The share of them that took no longer.
            quantile: Spanned<Ratio> = Spanned::implied(Ratio::new(0.99)),
        },
        /// How long a population's requests took that ended well, from when each should have been sent. A second in which
        /// none did is on neither side of a number.
        ResponseTime {
            /// The population.
            population: Spanned<String>,
            /// The share of them that took no longer.
            quantile: Spanned<Ratio> = Spanned::implied(Ratio::new(0.99)),
        },
        /// The circuit breakers of a dependency that refused calls, all callers together.
        OpenBreakers(Spanned<String>),
    }
}

document! {
    /// What a fault does.
    pub enum FaultKind {
        /// Work takes longer.
        Slowdown {
            /// The service.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// How many times as long every work step takes, above 0.
            factor: Spanned<f64>,
        },
        /// Extra work before the plan.
        AddedWork {
            /// The service.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// How much.
            work: Drawn,
        },
        /// Requests that fail at once when their turn comes.
        Errors {
            /// The service.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The share that fails.
            ratio: Spanned<Ratio>,
            /// The error that callers see.
            kind: Spanned<String> = Spanned::implied("internal".to_owned()),
        },
        /// Calls that are made before the plan, one after the other.
        ExtraCalls {
            /// The service that calls.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The endpoint called, `service.endpoint`.
            call: Spanned<String>,
            /// The name of the dependency they go through, where there are several to that service.
            via: Option<Spanned<String>>,
            /// How often.
            count: Spanned<Count> = Spanned::implied(Count::of(1)),
            /// Whether the request goes on when such a call fails.
            optional: bool = false,
        },
        /// Connections that go back to their pool only some time after the answer.
        ConnectionHold {
            /// The service that holds them.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The dependency whose connections are held: the service called, or the dependency's own name.
            dependency: Spanned<String>,
            /// How much longer.
            hold: Drawn,
        },
        /// The processes of instances die with everything they were doing, and come back when the fault heals. A roll-out or
        /// a restart starts them as well, however long the fault goes on.
        Crash {
            /// The service.
            service: Spanned<String>,
            /// How many instances, counted from the first; without it, one.
            instances: Option<Spanned<Count>>,
            /// Instead, the number of the one instance, counted from 0.
            instance: Option<Spanned<Count>>,
        },
        /// A share of a service's workers or cores is lost. Cores are lost exactly. Workers are lost whole: the share of all
        /// the service's workers, rounded, but below 100% at least one of them stays. They are spread evenly over the
        /// instances, the first losing one more where it does not come out even; an instance without workers goes on
        /// taking requests, which wait in its queue.
        LostCapacity {
            /// The service.
            service: Spanned<String>,
            /// The share.
            ratio: Spanned<Ratio>,
        },
        /// Messages of a dependency do not get through.
        Partition {
            /// The dependency, `caller->target` or its own name.
            dependency: Spanned<String>,
            /// The number of the one instance of the service called that is cut off, counted from 0; without it, all are.
            instance: Option<Spanned<Count>>,
            /// What becomes of the messages.
            messages: Messages = Messages::Drop,
        },
        /// A share of the connections that are given back is lost instead.
        ConnectionLeak {
            /// The dependency, `caller->target` or its own name; it must have a pool.
            dependency: Spanned<String>,
            /// The share.
            ratio: Spanned<Ratio>,
        },
        /// A population's arrival rate is multiplied.
        TrafficSpike {
            /// The population; not one of `Closed` users or a `Trace`.
            population: Spanned<String>,
            /// The factor, 0 or more.
            factor: Spanned<f64>,
        },
    }
}

document! {
    /// What becomes of messages that do not get through.
    pub enum Messages {
        /// They are lost; with `on_loss: Retransmit` each arrives at its first retransmission after the fault heals.
        Drop,
        /// They are kept, and delivered in order when the fault heals.
        Delay,
    }
}

/// When a change happens: `"2m"` after the fault's start, or a trigger.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment(pub Spanned<Trigger>);

impl Decode for Moment {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let trigger = match &node.kind {
            Kind::Ident(_) | Kind::Named { .. } => Spanned::decode(node, diagnostics)?,
            _ => Spanned::new(Trigger::After(SimDuration::decode(node, diagnostics)?), node.span.clone()),
        };
        Some(Self(trigger))
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Moment").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "When a change happens: the time since the fault's start such as \"2m\", or a trigger.",
            "anyOf": [generator.subschema_for::<SimDuration>(), generator.subschema_for::<Trigger>()],
        })
    }
}
