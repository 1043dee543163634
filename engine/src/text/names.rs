//! Maps from names to values, in the order of the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::ast::shorten;
use super::{Decode, Diagnostic, Diagnostics, Kind, Node, Span, Spanned};

/// What to write where a map from names belongs.
pub(crate) const MAP_HELP: &str = "write {\"name\": value, ..}, with braces and the names in quotes";

/// A map from names to values, `{"checkout": (..), "cart": (..)}`, in the order of the file. No name occurs twice.
#[derive(Clone, Debug, PartialEq)]
pub struct NameMap<T>(Vec<(Spanned<String>, T)>);

impl<T> NameMap<T> {
    /// The value of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(key, _)| key.value == name).map(|(_, value)| value)
    }

    /// The names in the order of the file, as candidates for [`suggest`](super::suggest).
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.value.as_str())
    }
}

impl<T> Default for NameMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for NameMap<T> {
    type Target = [(Spanned<String>, T)];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> IntoIterator for NameMap<T> {
    type Item = (Spanned<String>, T);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a NameMap<T> {
    type Item = &'a (Spanned<String>, T);
    type IntoIter = std::slice::Iter<'a, (Spanned<String>, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Decode> Decode for NameMap<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            diagnostics.wrong_type(node, "a map from names", MAP_HELP);
            return None;
        };
        let mut firsts = BTreeMap::new();
        let decoded: Vec<_> = entries.iter().map(|entry| decode_entry(entry, &mut firsts, diagnostics)).collect();
        decoded.into_iter().collect::<Option<Vec<_>>>().map(Self)
    }
}

/// The entry, or `None` if it is bad or its name was there before.
fn decode_entry<'a, T: Decode>(
    (key, value): &'a (Node, Node),
    firsts: &mut BTreeMap<&'a str, Span>,
    diagnostics: &mut Diagnostics,
) -> Option<(Spanned<String>, T)> {
    let name = Spanned::<String>::decode(key, diagnostics);
    let value = T::decode(value, diagnostics);
    if let Kind::Text(text) = &key.kind {
        if let Some(first) = firsts.get(text.as_str()) {
            let message = format!("the name \"{}\" is here for the second time", shorten(text));
            let diagnostic = Diagnostic::error("duplicate-name", key.span.clone(), message);
            diagnostics.push(diagnostic.label(first.clone(), "first here").help("rename or remove one of the two"));
            return None;
        }
        firsts.insert(text, key.span.clone());
    }
    Some((name?, value?))
}

impl<T: JsonSchema> JsonSchema for NameMap<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("NameMap_of_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("NameMap<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, read};

    #[test]
    fn keeps_the_order_of_the_file() {
        let source = Source::new("t", "{\"b\": 1, \"a\": 2}");
        let map = read::<NameMap<u8>>(&source).into_result().unwrap().0;
        assert_eq!(map.names().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((map.find("a"), map.find("c")), (Some(&2), None));
        assert_eq!(map[0].0.span, 1..4);
    }

    #[test]
    fn reports_duplicates_with_the_first_and_bad_names() {
        let source = Source::new("t", "{\"a\": 1, a: 2, \"a\": x}");
        let read = read::<NameMap<u8>>(&source);
        let found: Vec<_> = read.diagnostics.iter().map(|found| (found.span.start, found.code)).collect();
        assert_eq!(found, [(9, "wrong-type"), (15, "duplicate-name"), (20, "wrong-type")]);
        assert_eq!(read.diagnostics[1].labels[0].span, 1..4);
        assert!(read.value.is_none());
    }
}
