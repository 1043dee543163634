//! Populations of clients: when their requests begin, and what they ask for.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Count, Dependency, Drawn, Entries, Items, Lenient};
use crate::document;
use crate::text::{Decode, Diagnostics, Kind, Node, Spanned};
use crate::units::{Money, Rate, Ratio, SimDuration, SimTime};

document! {
    /// A population of clients.
    pub struct Population {
        /// When its requests begin.
        arrivals: Lenient<Spanned<Arrivals>>,
        /// What it asks for: endpoints, `service.endpoint`, with their weights.
        mix: Entries<Spanned<f64>>,
        /// How it calls services. One that the mix names but that is not here is called plainly.
        calls: Items<Dependency> = Items::default(),
        /// Its importance in priority queues; the lowest number goes first.
        priority: Lenient<u8> = Lenient(Some(0)),
        /// How many real requests each simulated one stands for.
        represents: Lenient<Spanned<f64>> = Lenient(Some(Spanned::implied(1.0))),
        /// How many requests a real user makes a minute; it turns bad requests into user-minutes. The default is an
        /// assumption.
        requests_per_user_minute: Lenient<Spanned<f64>> = Lenient(Some(Spanned::implied(6.0))),
        /// What its users have been promised; without it, 99.9% of requests over 30 days, each within 10s.
        objective: Lenient<Option<Objective>> = Lenient::default(),
        /// What a minute costs in which a user is affected, in the one currency of the scenario; it turns user-minutes into
        /// money in the summary.
        cost_per_user_minute: Lenient<Option<Spanned<Money>>> = Lenient::default(),
        /// A limit on unanswered requests, as a load generator or a browser has one.
        max_in_flight: Lenient<Option<InFlight>> = Lenient::default(),
        /// Whether it is background work that the team can pause and resume.
        pausable: bool = false,
    }
}

document! {
    /// When the requests of a population begin.
    pub enum Arrivals {
        /// Open: at random instants, at a rate that may change over time.
        Poisson(Profile),
        /// Open: evenly spaced, at a rate that may change over time.
        Constant(Profile),
        /// Open: at recorded instants, from a CSV file or from a list.
        Trace {
            /// A CSV file (RFC 4180) whose first line names the columns time (seconds, or with a unit), endpoint and count; the
            /// last two may be left out, other columns are not read, and lines may come in any order. Its name is relative to the scenario's file. At most 64 MiB and 2e7 requests are read; a line with a
            /// count stands for so many requests at one instant.
            file: Option<Spanned<String>>,
            /// The instants.
            at: Option<Vec<Spanned<SimTime>>>,
        },
        /// Closed: each user asks, awaits the answer, thinks, and asks again.
        Closed {
            /// How many users there are.
            users: Spanned<Count>,
            /// The time a user thinks; `"0s"` for a batch network, in which nobody does.
            think: Drawn,
        },
        /// Partly open: sessions begin at random instants; after each answer one goes on with some probability.
        Sessions {
            /// The rate at which sessions begin.
            starts: Profile,
            /// The probability of one more request after each answer, below 1.
            continues: Spanned<Ratio>,
            /// The time a user thinks before it; `"0s"` for a feedback queue, in which nobody does.
            think: Drawn,
        },
    }
}

/// A rate over time: `"100/s"`, or points `[("0s", "100/s"), ("5m", "400/s")]` joined by straight lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The points.
    pub points: Vec<(Spanned<SimTime>, Spanned<Rate>)>,
    /// The node it was read from, to point at.
    pub place: Spanned<()>,
}

impl Decode for Profile {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let place = Spanned::new((), node.head());
        let points = match &node.kind {
            Kind::List(_) => Vec::<(Spanned<SimTime>, Spanned<Rate>)>::decode(node, diagnostics)?,
            Kind::Text(_) | Kind::Number(_) => {
                let rate = Spanned::<Rate>::decode(node, diagnostics)?;
                vec![(Spanned::new(SimTime::ZERO, node.span.clone()), rate)]
            }
            _ => {
                let help = "write \"100/s\", or [(\"0s\", \"100/s\"), (\"5m\", \"400/s\")]";
                diagnostics.wrong_type(node, "a rate or a list of points", help);
                return None;
            }
        };
        Some(Self { points, place })
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "Profile".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Profile").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A rate over time: a rate, or points (instant, rate) joined by straight lines, the first at 0s. \
                            An instant that stands twice is a jump.",
            "anyOf": [
                generator.subschema_for::<Rate>(),
                {
                    "type": "array",
                    "items": {
                        "type": "array",
                        "prefixItems": [generator.subschema_for::<SimTime>(), generator.subschema_for::<Rate>()],
                        "minItems": 2,
                        "maxItems": 2,
                    },
                },
            ],
        })
    }
}

document! {
    /// What a population's users have been promised.
    pub struct Objective {
        /// The share of requests that must be good.
        availability: Spanned<Ratio> = Spanned::implied(Ratio::new(0.999)),
        /// A request that takes longer than this is bad even when it succeeds, and from then on while it has no answer; 10s
        /// unless given.
        latency: Option<Spanned<SimDuration>>,
        /// The period over which the error budget is spent.
        window: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(30 * 86_400)),
    }
}

document! {
    /// A limit on unanswered requests.
    pub struct InFlight {
        /// The limit.
        limit: Spanned<Count>,
        /// What happens to a request beyond it.
        beyond: Beyond = Beyond::Wait,
    }
}

document! {
    /// What happens to a request that may not be sent yet.
    pub enum Beyond {
        /// It waits for its turn.
        Wait,
        /// It is never sent.
        Drop,
    }
}
