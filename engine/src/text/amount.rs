//! Amounts that cannot be read before it is known what they are compared with.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Decode, Diagnostics, Node};

/// An amount whose unit depends on what it is compared with: `"80%"`, `"100/s"`, `"250ms"` or `50`.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// As written.
    pub node: Box<Node>,
}

impl Decode for Amount {
    fn decode(node: &Node, _: &mut Diagnostics) -> Option<Self> {
        Some(Self { node: Box::new(node.clone()) })
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Amount").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount in the unit of the measure: \"80%\" for a share, \"100/s\" for a rate, \"250ms\" for a latency, 50 for a count.",
            "type": ["number", "string"],
        })
    }
}
