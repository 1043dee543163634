//! Reading RON with located diagnostics: scenarios, rule files and experiment files all come through here.
//!
//! A file goes through three stages. The [`Source`] holds its bytes as text; the parser turns the text into a tree of
//! [`Node`]s in which everything has its place; [`Decode`] builds the document type from the tree. Each stage recovers
//! from what it finds wrong and goes on, so that one [`read`] reports everything: syntax, unknown and missing fields,
//! wrong types, missing units, unknown variants, duplicates, numbers out of range.
//!
//! Document types are declared with [`document!`](crate::document), which writes the type, its [`Decode`] and its JSON
//! Schema from one text. Values that later checks may want to point at are [`Spanned`].
//!
//! **The dialect.** A subset of RON as the `ron` crate 0.12 reads it, with `implicit_some`, `unwrap_newtypes` and
//! `unwrap_variant_newtypes` always on (naming them in `#![enable(..)]` is accepted). Left out, each with a message of
//! its own: byte strings, raw identifiers, ranges, `inf` and `NaN`, numbers in bases other than ten or with a type
//! suffix, names outside ASCII. Quantities are strings with their unit, `"250ms"`.
//!
//! **What this room does not know**: what any document means, where a file lies, how a terminal shows a diagnostic.
//! Nothing here panics on any input, the stack is bounded by [`MAX_DEPTH`] and the time is linear in the text.

mod amount;
mod ast;
mod decode;
mod diagnostic;
mod document;
mod fields;
#[cfg(test)]
mod mutation;
mod names;
mod parse;
mod quantities;
mod render;
#[cfg(test)]
mod ron_agreement;
mod scan;
mod schema;
mod source;
mod spanned;
mod suggest;
mod vocabulary;

pub use amount::Amount;
pub use ast::{Field, Kind, Node};
pub(crate) use decode::OUTSIDE_OF_TYPE;
pub use decode::{Decode, decode_text};
pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, Span};
pub use fields::{Fields, newtype_variant, struct_variant, unit_variant, variant};
pub(crate) use names::MAP_HELP;
pub use names::NameMap;
pub use parse::MAX_DEPTH;
pub use render::{render_plain, shown};
pub use schema::{ObjectSchema, VariantsSchema, json_schema};
pub use source::{MAX_BYTES, Position, Source};
pub use spanned::Spanned;
pub use suggest::suggest;
pub use vocabulary::{Form, Vocabulary};

/// The crate whose schemas these are, for what [`document!`](crate::document) writes in other crates.
pub use schemars;

/// What came of reading a file: the value as far as it could be built, and everything there is to say about the text.
#[derive(Clone, Debug)]
pub struct Read<T> {
    /// The value. It can be there in spite of errors (an unknown field does not prevent it), so ask
    /// [`Diagnostics::has_errors`] before acting on it; semantic checks may run on it to report even more.
    pub value: Option<T>,
    /// Everything found, in the order of the text.
    pub diagnostics: Diagnostics,
}

impl<T> Read<T> {
    /// The value if nothing is wrong with it (there may be warnings), otherwise the diagnostics.
    ///
    /// # Errors
    /// When there is an error among the diagnostics.
    pub fn into_result(self) -> Result<(T, Diagnostics), Diagnostics> {
        match self.value {
            Some(value) if !self.diagnostics.has_errors() => Ok((value, self.diagnostics)),
            _ => Err(self.diagnostics),
        }
    }
}

/// Reads a document from a file's text, reporting everything wrong with it at once.
#[must_use]
pub fn read<T: Decode>(source: &Source) -> Read<T> {
    let Read { value: node, mut diagnostics } = read_tree(source);
    let value = node.and_then(|node| T::decode(&node, &mut diagnostics));
    diagnostics.sort();
    Read { value, diagnostics }
}

/// The tree of a file's text, for tools that look at a file before they know what it should be.
#[must_use]
pub fn read_tree(source: &Source) -> Read<Node> {
    let mut diagnostics = Diagnostics::default();
    let value = match source.defect() {
        Some(defect) => {
            diagnostics.push(defect.clone());
            None
        }
        None => parse::parse(source.text(), &mut diagnostics),
    };
    Read { value, diagnostics }
}
