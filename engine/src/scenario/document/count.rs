//! Whole numbers whose range only the later check knows.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::text::{Decode, Diagnostics, Kind, Node};

/// A number of things as written, negative or absurd ones included, so that one message tells the range that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(i128);

impl Count {
    /// The count of a field that is not written.
    pub(super) const fn of(value: u32) -> Self {
        Self(value as i128)
    }

    /// The nearest number that is none too small or too large to be counted with.
    #[must_use]
    pub fn saturated(self) -> u32 {
        u32::try_from(self.0.max(0)).unwrap_or(u32::MAX)
    }

    /// The number, if it lies from `least` to `most`.
    #[must_use]
    pub fn within(self, least: u32, most: u32) -> Option<u32> {
        u32::try_from(self.0).ok().filter(|value| (least..=most).contains(value))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Decode for Count {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Number(text) = &node.kind
            && let Ok(value) = text.replace('_', "").parse()
        {
            return Some(Self(value));
        }
        u32::decode(node, diagnostics).map(Self::of)
    }
}

impl JsonSchema for Count {
    fn inline_schema() -> bool {
        u32::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        u32::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        u32::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        u32::json_schema(generator)
    }
}
