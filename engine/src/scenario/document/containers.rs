//! Containers that outlive what is wrong in them.
//!
//! The reader of a document gives up on a struct as soon as one of its fields is bad. These keep what could be read, so
//! that one bad number does not hide every unknown name in the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::text::{Decode, Diagnostic, Diagnostics, Kind, Node, Span, Spanned};

/// A value, or nothing where it could not be read (which has been reported) or was not written.
#[derive(Clone, Debug, PartialEq)]
pub struct Lenient<T>(pub Option<T>);

impl<T> Lenient<Option<T>> {
    /// The value of a field that may be left out or `None`.
    #[must_use]
    pub fn written(&self) -> Option<&T> {
        self.0.as_ref().and_then(Option::as_ref)
    }
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for Lenient<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T: Decode> Decode for Lenient<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(Self(T::decode(node, diagnostics)))
    }

    fn absent() -> Option<Self> {
        T::absent().map(|value| Self(Some(value)))
    }

    fn lost() -> Option<Self> {
        Some(Self(None))
    }
}

impl<T: JsonSchema> JsonSchema for Lenient<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A list of which the unreadable items are missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Items<T> {
    items: Vec<T>,
    /// Whether everything that was written is there.
    pub complete: bool,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new(), complete: true }
    }
}

impl<T> Deref for Items<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T: Decode> Decode for Items<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::List(nodes) = &node.kind else {
            diagnostics.wrong_type(node, "a list", "write [value, ..]");
            return Some(Self { items: Vec::new(), complete: false });
        };
        let items: Vec<T> = nodes.iter().filter_map(|node| T::decode(node, diagnostics)).collect();
        let complete = items.len() == nodes.len() && !node.damaged;
        Some(Self { items, complete })
    }

    fn lost() -> Option<Self> {
        Some(Self { items: Vec::new(), complete: false })
    }
}

impl<T: JsonSchema> JsonSchema for Items<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_of_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Items<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}

/// A map from names to values in the order of the file. The value of a name that could not be read is missing, the name
/// is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries<T> {
    entries: Vec<(Spanned<String>, Lenient<T>)>,
    /// Whether every name that was written is there.
    pub complete: bool,
    /// Where the map stands; `0..0` if it was not written.
    pub head: Span,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), complete: true, head: 0..0 }
    }
}

impl<T> Entries<T> {
    /// The names with the values that could be read.
    pub fn readable(&self) -> impl Iterator<Item = (&Spanned<String>, &T)> {
        self.entries.iter().filter_map(|(name, value)| value.as_ref().map(|value| (name, value)))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.value.as_str())
    }
}

impl<T> Deref for Entries<T> {
    type Target = [(Spanned<String>, Lenient<T>)];

    fn deref(&self) -> &Self::Target {
        &self.entries
    }
}

impl<T: Decode> Decode for Entries<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Map(nodes) = &node.kind else {
            diagnostics.wrong_type(node, "a map from names", crate::text::MAP_HELP);
            return Some(Self { complete: false, ..Self::default() });
        };
        let mut firsts = BTreeMap::new();
        let mut entries = Vec::with_capacity(nodes.len());
        for (key, value) in nodes {
            let name = Spanned::<String>::decode(key, diagnostics);
            let value = Lenient(T::decode(value, diagnostics));
            let Some(name) = name else { continue };
            match firsts.get(&name.value) {
                Some(first) => diagnostics.push(second(&name, first)),
                None => {
                    firsts.insert(name.value.clone(), name.span.clone());
                    entries.push((name, value));
                }
            }
        }
        let complete = entries.len() == nodes.len() && !node.damaged;
        Some(Self { entries, complete, head: node.head() })
    }

    fn lost() -> Option<Self> {
        Some(Self { complete: false, ..Self::default() })
    }
}

fn second(name: &Spanned<String>, first: &Span) -> Diagnostic {
    let message = format!("the name \"{}\" is here for the second time", name.value);
    Diagnostic::error("duplicate-name", name.span.clone(), message)
        .label(first.clone(), "first here")
        .help("rename or remove one of the two")
}

impl<T: JsonSchema> JsonSchema for Entries<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Entries<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}
