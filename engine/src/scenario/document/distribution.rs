//! Durations that are drawn: a constant, or a distribution by its usual parameters.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::document;
use crate::text::{Decode, Diagnostics, Kind, Node, Span};
use crate::units::SimDuration;

/// A duration that is drawn anew each time: `"10ms"` for always the same, or a distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The law.
    pub law: Distribution,
    /// Where it stands; `0..0` if it was not written.
    pub span: Span,
}

impl Drawn {
    /// Always this, not written in the file.
    #[must_use]
    pub const fn implied(duration: SimDuration) -> Self {
        Self { law: Distribution::Constant(duration), span: 0..0 }
    }
}

document! {
    /// A distribution of durations.
    pub enum Distribution {
        /// Always the same; the same as writing just the duration.
        Constant(SimDuration),
        /// Any between two bounds, with equal chances.
        Uniform {
            /// The lower bound.
            low: SimDuration,
            /// The upper bound.
            high: SimDuration,
        },
        /// Memoryless.
        Exponential {
            /// The mean.
            mean: SimDuration,
        },
        /// The sum of k equal exponential stages; its coefficient of variation is 1/sqrt(k).
        Erlang {
            /// The number of stages, 1 to 1000.
            k: u32,
            /// The mean of the sum.
            mean: SimDuration,
        },
        /// One of several exponentials, by phases or by mean and coefficient of variation (two balanced phases).
        Hyperexponential {
            /// The mean.
            mean: Option<SimDuration>,
            /// The coefficient of variation, 1 or more.
            cv: Option<f64>,
            /// The phases, each a mean and a weight.
            phases: Option<Vec<(SimDuration, f64)>>,
        },
        /// A normal that is drawn again until it lies between the bounds.
        TruncatedNormal {
            /// The mean before truncation.
            mean: SimDuration,
            /// The standard deviation before truncation.
            sd: SimDuration,
            /// The lower bound.
            low: SimDuration = SimDuration::ZERO,
            /// The upper bound.
            high: Option<SimDuration>,
        },
        /// The usual shape of service times: most are short, some are long.
        Lognormal {
            /// The mean.
            mean: SimDuration,
            /// The coefficient of variation, standard deviation / mean.
            cv: f64,
        },
        /// A heavy tail between two bounds.
        BoundedPareto {
            /// The exponent of the tail; the smaller, the heavier.
            alpha: f64,
            /// The lower bound, above 0.
            low: SimDuration,
            /// The upper bound.
            high: SimDuration,
        },
        /// Ageing (shape above 1) or infant mortality (below 1); by its scale or its mean.
        Weibull {
            /// The shape.
            shape: f64,
            /// The scale: 63.2 % lie below it.
            scale: Option<SimDuration>,
            /// The mean.
            mean: Option<SimDuration>,
        },
        /// By its mean and coefficient of variation, or its shape and scale.
        Gamma {
            /// The mean.
            mean: Option<SimDuration>,
            /// The coefficient of variation.
            cv: Option<f64>,
            /// The shape.
            shape: Option<f64>,
            /// The scale.
            scale: Option<SimDuration>,
        },
        /// Measured values, each with its weight.
        Empirical(Vec<(SimDuration, f64)>),
    }
}

impl Decode for Drawn {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let law = match &node.kind {
            Kind::Text(_) | Kind::Number(_) => SimDuration::decode(node, diagnostics).map(Distribution::Constant),
            Kind::Ident(_) | Kind::Named { .. } => Distribution::decode(node, diagnostics),
            _ => {
                diagnostics.wrong_type(
                    node,
                    "a duration or a distribution",
                    "write \"10ms\" or Exponential(mean: \"10ms\")",
                );
                None
            }
        };
        law.map(|law| Self { law, span: node.span.clone() })
    }
}

impl JsonSchema for Drawn {
    fn schema_name() -> Cow<'static, str> {
        "Drawn".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Drawn").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A duration that is drawn anew each time: a constant such as \"10ms\", or a distribution.",
            "anyOf": [generator.subschema_for::<SimDuration>(), generator.subschema_for::<Distribution>()],
        })
    }
}
