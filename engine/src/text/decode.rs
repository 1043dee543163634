//! From the tree to values: the trait, and the types every document is made of.

use std::str::FromStr;

use schemars::JsonSchema;

use super::ast::shorten;
use super::{Diagnostic, Diagnostics, Kind, Node};

/// A type that can be read from a text, with a JSON Schema of its text form.
///
/// Document types get this from [`document!`](crate::document). By hand it is for values with several spellings: look at
/// [`Node::kind`], report through `diagnostics`, and return the value as far as it can be built.
pub trait Decode: Sized + JsonSchema {
    /// The value, or `None` after reporting why not. A value may be returned along with errors.
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self>;

    /// The value of a field that is not in the file, if the type has one. `None` makes a field required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// The value of a field that a syntax error may have swallowed, if the type has one that says so. What is not known to be
    /// absent must not be taken for absent.
    #[must_use]
    fn lost() -> Option<Self> {
        None
    }
}

impl Diagnostics {
    /// Reports that something else was expected than what is at `node`, and what to write, unless the node is known to
    /// be broken.
    pub fn wrong_type(&mut self, node: &Node, expected: &str, help: impl Into<String>) {
        if node.kind == Kind::Broken || node.damaged {
            return;
        }
        let message = format!("{expected} is expected here, not {}", node.describe());
        self.push(Diagnostic::error("wrong-type", node.head(), message).help(help));
    }
}

/// Decodes a string through the type's own text form; `describe` turns its error into message and help.
pub fn decode_text<T: FromStr>(
    node: &Node,
    diagnostics: &mut Diagnostics,
    expected: &str,
    describe: impl FnOnce(&T::Err) -> (String, String),
) -> Option<T> {
    let Kind::Text(text) = &node.kind else {
        diagnostics.wrong_type(node, expected, in_quotes(node).unwrap_or_else(|| TEXT_HELP.to_owned()));
        return None;
    };
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            let (message, help) = describe(&error);
            diagnostics.push(Diagnostic::error("bad-text", node.span.clone(), message).help(help));
            None
        }
    }
}

/// What to write where a string belongs.
const TEXT_HELP: &str = "write text in double quotes, \"..\"";

/// The help for a name where a string belongs.
pub(super) fn in_quotes(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Ident(name) if matches!(name.as_str(), "null" | "nil" | "none" | "undefined") => {
            Some("where there is no value, leave the field out".to_owned())
        }
        Kind::Ident(name) => Some(format!("write \"{}\", with quotes", shorten(name))),
        _ => None,
    }
}

/// The help for a string where something bare belongs.
fn without_quotes(node: &Node, accepts: impl Fn(&str) -> bool) -> Option<String> {
    match &node.kind {
        Kind::Text(text) if accepts(text) => Some(format!("write {}, without quotes", shorten(text))),
        _ => None,
    }
}

impl Decode for bool {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        let help = without_quotes(node, |text| matches!(text, "true" | "false"));
        diagnostics.wrong_type(node, "true or false", help.unwrap_or_else(|| "write true or false".to_owned()));
        None
    }
}

impl Decode for String {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Text(value) = &node.kind else {
            diagnostics.wrong_type(node, "a string", in_quotes(node).unwrap_or_else(|| TEXT_HELP.to_owned()));
            return None;
        };
        if let Some(control) = value.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            let message = format!("this text has the control character `{}` in it", control.escape_unicode());
            let diagnostic = Diagnostic::error("control-character", node.span.clone(), message);
            diagnostics.push(diagnostic.help("remove it: texts are shown on terminals, which it would command"));
            return None;
        }
        Some(value.clone())
    }
}

impl Decode for char {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Kind::Char(value) = node.kind {
            return Some(value);
        }
        diagnostics.wrong_type(node, "a character", "write one character in single quotes, 'c'");
        None
    }
}

impl Decode for f64 {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::Number(text) = &node.kind else {
            let help = without_quotes(node, |text| text.parse::<Self>().is_ok_and(Self::is_finite));
            diagnostics.wrong_type(node, "a number", help.unwrap_or_else(|| "write a number, such as 1.5".to_owned()));
            return None;
        };
        let value = text.replace('_', "").parse::<Self>().ok().filter(|value| value.is_finite());
        if value.is_none() {
            out_of_range(node, text, "numbers go to 1.7e308", diagnostics);
        }
        value
    }
}

/// How the help begins for a whole number that its type does not hold; what is within the type may still be refused, with
/// other words.
pub(crate) const OUTSIDE_OF_TYPE: &str = "write a whole number from";

fn out_of_range(node: &Node, text: &str, help: &str, diagnostics: &mut Diagnostics) {
    let message = format!("`{}` is out of range", shorten(text));
    diagnostics.push(Diagnostic::error("out-of-range", node.span.clone(), message).help(help));
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
                decode_integer(node, i128::from(<$type>::MIN), i128::from(<$type>::MAX), diagnostics)
                    .and_then(|value| Self::try_from(value).ok())
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 i8 i16 i32 i64);

impl Decode for usize {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        // The same range on every machine: a file must not mean something else on a smaller one.
        u32::decode(node, diagnostics).map(|value| value as Self)
    }
}

fn decode_integer(node: &Node, least: i128, most: i128, diagnostics: &mut Diagnostics) -> Option<i128> {
    let Kind::Number(text) = &node.kind else {
        let help = without_quotes(node, |text| text.parse::<i128>().is_ok());
        let help = help.unwrap_or_else(|| "write a whole number, such as 3".to_owned());
        diagnostics.wrong_type(node, "a whole number", help);
        return None;
    };
    if text.contains(['.', 'e', 'E']) {
        diagnostics.wrong_type(node, "a whole number", nearest_whole(text));
        return None;
    }
    let value = text.replace('_', "").parse::<i128>().ok().filter(|value| (least..=most).contains(value));
    if value.is_none() {
        out_of_range(node, text, &format!("{OUTSIDE_OF_TYPE} {least} to {most}"), diagnostics);
    }
    value
}

/// The help for a number with a fraction or an exponent where a whole one belongs.
fn nearest_whole(text: &str) -> String {
    const LARGEST: f64 = 1e15;
    let near = text.replace('_', "").parse::<f64>().ok().filter(|value| (0.0..LARGEST).contains(value));
    format!("write a whole number in plain digits, such as {:.0}", near.unwrap_or(3.0))
}

impl<T: Decode> Decode for Option<T> {
    /// `None`, `Some(value)` or just the value.
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::None => Some(None),
            Kind::Some(inner) => T::decode(inner, diagnostics).map(Some),
            _ => T::decode(node, diagnostics).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        T::decode(node, diagnostics).map(Self::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::List(items) = &node.kind else {
            diagnostics.wrong_type(node, "a list", "write [value, ..]");
            return None;
        };
        // Every item is decoded before the first failure counts, so that all of them are reported.
        let values: Vec<Option<T>> = items.iter().map(|item| T::decode(item, diagnostics)).collect();
        values.into_iter().collect()
    }
}

/// The items of a tuple of `count` values.
fn tuple<'a>(node: &'a Node, count: usize, diagnostics: &mut Diagnostics) -> Option<&'a [Node]> {
    let help = format!("write ({})", vec!["value"; count].join(", "));
    match &node.kind {
        Kind::Tuple(items) if items.len() == count => return Some(items),
        Kind::Tuple(items) if !node.damaged => {
            let message = format!("{count} values are expected in these parentheses, not {}", items.len());
            diagnostics.push(Diagnostic::error("wrong-type", node.span.clone(), message).help(help));
        }
        _ => diagnostics.wrong_type(node, &format!("{count} values in parentheses"), help),
    }
    None
}

impl<A: Decode, B: Decode> Decode for (A, B) {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let [a, b] = tuple(node, 2, diagnostics)? else { return None };
        let (a, b) = (A::decode(a, diagnostics), B::decode(b, diagnostics));
        Some((a?, b?))
    }
}

impl<A: Decode, B: Decode, C: Decode> Decode for (A, B, C) {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let [a, b, c] = tuple(node, 3, diagnostics)? else { return None };
        let (a, b, c) = (A::decode(a, diagnostics), B::decode(b, diagnostics), C::decode(c, diagnostics));
        Some((a?, b?, c?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, Spanned, read};

    fn value<T: Decode>(text: &str) -> T {
        read(&Source::new("test.ron", text)).into_result().unwrap().0
    }

    fn errors<T: Decode>(text: &str) -> Vec<(usize, &'static str)> {
        let read = read::<T>(&Source::new("test.ron", text));
        assert!(read.value.is_none());
        read.diagnostics.iter().map(|diagnostic| (diagnostic.span.start, diagnostic.code)).collect()
    }

    #[test]
    fn plain_values() {
        assert!(value::<bool>("true"));
        assert_eq!(value::<String>("\"a\\nb\""), "a\nb");
        assert_eq!(value::<f64>("-1_0.5e1"), -105.0);
        assert_eq!(value::<u64>("18_446_744_073_709_551_615"), u64::MAX);
        assert_eq!(value::<i8>("-128"), -128);
        assert_eq!(value::<Vec<Option<u8>>>("[1, None, Some(3)]"), [Some(1), None, Some(3)]);
        assert_eq!(value::<(u8, String)>("(1, \"a\",)"), (1, "a".to_owned()));
        assert_eq!(value::<Spanned<u8>>("  7 "), Spanned::new(7, 2..3));
    }

    #[test]
    fn numbers_outside_their_type() {
        for text in ["256", "-1", "99999999999999999999999999999999999999999999"] {
            assert_eq!(errors::<u8>(text), [(0, "out-of-range")]);
        }
        assert_eq!(errors::<f64>("1e999"), [(0, "out-of-range")]);
        assert_eq!(errors::<u8>("1.5"), [(0, "wrong-type")]);
    }

    #[test]
    fn every_item_of_a_list_is_reported() {
        assert_eq!(
            errors::<Vec<u8>>("[1, \"2\", 300, x]"),
            [(4, "wrong-type"), (9, "out-of-range"), (14, "wrong-type")]
        );
    }

    #[test]
    fn help_for_the_usual_confusions() {
        let help = |read: Diagnostics| read[0].help.clone().unwrap();
        assert_eq!(help(read::<bool>(&Source::new("t", "\"true\"")).diagnostics), "write true, without quotes");
        assert_eq!(help(read::<u8>(&Source::new("t", "\"5\"")).diagnostics), "write 5, without quotes");
        assert_eq!(help(read::<String>(&Source::new("t", "checkout")).diagnostics), "write \"checkout\", with quotes");
    }

    #[test]
    fn broken_places_are_reported_once() {
        assert_eq!(errors::<Vec<u8>>("[1, 5ms, 3]"), [(4, "syntax")]);
        assert_eq!(errors::<(u8, u8)>("(1 = 2)"), [(3, "syntax")]);
    }
}
