//! Plans: what an endpoint does with a request.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Drawn, Items};
use crate::document;
use crate::text::{Decode, Diagnostics, Kind, Node, Spanned};
use crate::units::Ratio;

document! {
    /// One step of an endpoint's plan.
    pub enum Step {
        /// Local work that takes this long.
        Work(Drawn),
        /// A call whose answer is awaited.
        Call(Call),
        /// A call whose answer nobody awaits.
        Spawn(Call),
        /// Branches that run at the same time; the plan goes on when all have ended.
        Parallel(Spanned<Items<Items<Step>>>),
        /// One of two sequences.
        Chance {
            /// The probability of the first.
            probability: Spanned<Ratio>,
            /// What is done with that probability.
            then: Items<Step> = Items::default(),
            /// What is done otherwise.
            otherwise: Items<Step> = Items::default(),
        },
        /// A sequence done once, and again with some probability after each time.
        Repeat {
            /// The probability of going round once more, below 1.
            probability: Spanned<Ratio>,
            /// What is repeated.
            body: Items<Step>,
        },
        /// The request ends here with an error of this kind.
        Fail(Spanned<String>),
    }
}

/// Which endpoint is called: `"db.query"`, or `(to: "db.query", optional: true)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The endpoint, `service.endpoint`.
    pub to: Spanned<String>,
    /// The name of the dependency it goes through, where there are several to that service.
    pub via: Option<Spanned<String>>,
    /// Whether the plan goes on when the call fails.
    pub optional: bool,
}

/// How [`Call`] is written with fields.
mod written {
    use crate::document;
    use crate::text::Spanned;

    document! {
        /// A call with its options.
        pub(super) struct Call {
            /// The endpoint, `service.endpoint`.
            to: Spanned<String>,
            /// The name of the dependency it goes through, where there are several to that service.
            via: Option<Spanned<String>>,
            /// Whether the plan goes on when the call fails.
            optional: bool = false,
        }
    }
}

impl Decode for Call {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Text(to) = &node.kind {
            return Some(Self { to: Spanned::new(to.clone(), node.span.clone()), via: None, optional: false });
        }
        let written::Call { to, via, optional } = written::Call::decode(node, diagnostics)?;
        Some(Self { to, via, optional })
    }
}

impl JsonSchema for Call {
    fn schema_name() -> Cow<'static, str> {
        "Call".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Call").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut fields = written::Call::json_schema(generator);
        fields.remove("description");
        json_schema!({
            "description": "A call: the endpoint, `service.endpoint`, or fields with its options.",
            "anyOf": [{ "type": "string" }, fields],
        })
    }
}
