//! Reading structs and enums field by field, reporting every field's problems before giving up.
//!
//! [`document!`](crate::document) writes calls to these; a [`Decode`] written by hand can use them too.

use super::ast::shorten;
use super::{Decode, Diagnostic, Diagnostics, Field, Kind, Node, Span, suggest};

/// The fields of one struct (or struct variant) in the text.
#[derive(Debug)]
pub struct Fields<'a> {
    owner: &'static str,
    head: Span,
    damaged: bool,
    names: &'static [&'static str],
    /// In the order of `names`.
    values: Vec<Option<&'a Node>>,
    missing: Vec<&'static str>,
    /// Fields that were probably meant by an unknown one, so that nobody needs to hear that they are missing.
    excused: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The fields at `node`, which must be `owner(field: value, ..)` or `(field: value, ..)`.
    ///
    /// Reports unknown and duplicate fields. `None` (reported) if there are no fields here at all.
    pub fn open(
        node: &'a Node,
        owner: &'static str,
        names: &'static [&'static str],
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let body = match &node.kind {
            Kind::Named { name, body } => {
                if name.value != owner && is_other_kind(&name.value, owner, node, diagnostics) {
                    return None;
                }
                if name.value != owner {
                    let message = format!("`{owner}(..)` is expected here, not `{}(..)`", shorten(name));
                    let help = format!("write {owner}(..), or just the parentheses");
                    diagnostics.push(Diagnostic::error("wrong-type", name.span.clone(), message).help(help));
                }
                body
            }
            _ => node,
        };
        let mut fields = Self::empty(owner, node, names);
        match &body.kind {
            Kind::Struct(written) => fields.collect(written, diagnostics),
            Kind::Tuple(items) if items.is_empty() => {}
            other => {
                let named = match other {
                    Kind::Tuple(values) => diagnostics.words().named(owner, names, values),
                    _ => diagnostics.words().wrap(owner, body),
                };
                let help = named.unwrap_or_else(|| fields.outline());
                diagnostics.wrong_type(body, &format!("{owner}(field: value, ..)"), help);
                return None;
            }
        }
        Some(fields)
    }

    /// A required field (or one whose type has a value when absent). `None` if bad or missing.
    pub fn required<T: Decode>(&mut self, name: &'static str, diagnostics: &mut Diagnostics) -> Option<T> {
        match self.value(name) {
            Some(node) => T::decode(node, diagnostics),
            None => self.lost().or_else(T::absent).or_else(|| {
                self.missing.push(name);
                None
            }),
        }
    }

    /// A field with a default for when it is not there. `None` if bad.
    pub fn optional<T: Decode>(
        &mut self,
        name: &'static str,
        default: impl FnOnce() -> T,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        match self.value(name) {
            Some(node) => T::decode(node, diagnostics),
            None => self.lost().or_else(|| Some(default())),
        }
    }

    /// What stands for a field that may have been here, but for a syntax error.
    fn lost<T: Decode>(&self) -> Option<T> {
        if self.damaged { T::lost() } else { None }
    }

    /// Reports the missing fields, all in one diagnostic.
    pub fn close(&mut self, diagnostics: &mut Diagnostics) {
        self.missing.retain(|name| !self.excused.contains(name));
        if self.missing.is_empty() || self.damaged {
            return;
        }
        let list = self.missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let word = if self.missing.len() == 1 { "field" } else { "fields" };
        let message = format!("`{}` lacks the {word} {list}", self.owner);
        let examples: Vec<String> = self.missing.iter().map(|name| diagnostics.words().example(name)).collect();
        let help = format!("add {}", examples.join(", "));
        diagnostics.push(Diagnostic::error("missing-field", self.head.clone(), message).help(help));
    }

    fn empty(owner: &'static str, node: &Node, names: &'static [&'static str]) -> Self {
        let (head, damaged) = (node.head(), node.damaged);
        Self { owner, head, damaged, names, values: vec![None; names.len()], missing: Vec::new(), excused: Vec::new() }
    }

    fn value(&self, name: &str) -> Option<&'a Node> {
        self.names.iter().position(|known| *known == name).and_then(|index| self.values[index])
    }

    fn collect(&mut self, written: &'a [Field], diagnostics: &mut Diagnostics) {
        let mut firsts: Vec<Option<&Span>> = vec![None; self.names.len()];
        for field in written {
            match self.names.iter().position(|name| *name == field.name.value) {
                None => self.unknown(field, diagnostics),
                Some(index) => match firsts[index] {
                    Some(first) => duplicate(field, first, diagnostics),
                    None => {
                        firsts[index] = Some(&field.name.span);
                        self.values[index] = Some(&field.value);
                    }
                },
            }
        }
    }

    fn unknown(&mut self, field: &Field, diagnostics: &mut Diagnostics) {
        let message = format!("`{}` has no field `{}`", self.owner, shorten(&field.name));
        let guess = diagnostics.words().guess(self.owner, &field.name);
        let help = match suggest(&field.name, self.names.iter().copied()) {
            _ if guess.is_some() => {
                // What was meant by it is not missing.
                self.excused.extend(self.names.iter().filter(|name| guess.is_some_and(|guess| guess.contains(**name))));
                guess.unwrap_or_default().to_owned()
            }
            Some(near) => {
                self.excused.extend(self.names.iter().filter(|name| **name == near));
                format!("did you mean `{near}`?")
            }
            None => self.outline(),
        };
        diagnostics.push(Diagnostic::error("unknown-field", field.name.span.clone(), message).help(help));
    }

    fn outline(&self) -> String {
        match self.names {
            [] => format!("`{}` has no fields: write {}()", self.owner, self.owner),
            names => format!("the fields of `{}` are {}", self.owner, names.join(", ")),
        }
    }
}

/// Reports something with a name of its own that stands where `owner` belongs, if it is known what is usually meant by it.
fn is_other_kind(name: &str, owner: &'static str, node: &Node, diagnostics: &mut Diagnostics) -> bool {
    let Some(guess) = diagnostics.words().guess(owner, name) else { return false };
    diagnostics.wrong_type(node, &format!("{owner}(field: value, ..)"), guess);
    true
}

fn duplicate(field: &Field, first: &Span, diagnostics: &mut Diagnostics) {
    let message = format!("the field `{}` is here for the second time", field.name.value);
    let diagnostic = Diagnostic::error("duplicate-field", field.name.span.clone(), message);
    diagnostics.push(diagnostic.label(first.clone(), "first here").help("remove one of the two"));
}

/// The variant written at `node`: its name, one of `variants`, with what is in its parentheses, if there are any.
///
/// Reports unknown variants and everything that is not a variant.
pub fn variant<'a>(
    node: &'a Node,
    owner: &str,
    variants: &'static [&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<(&'static str, Option<&'a Node>)> {
    let (name, span, body) = match &node.kind {
        Kind::Ident(name) => (name, &node.span, None),
        Kind::Named { name, body } => (&name.value, &name.span, Some(&**body)),
        _ => {
            let help = diagnostics
                .words()
                .wrap(owner, node)
                .map_or_else(|| bare_variant(node, variants), |wrap| format!("{wrap}; {}", kinds(variants)));
            diagnostics.wrong_type(node, &format!("a kind of {owner}"), help);
            return None;
        }
    };
    let known = variants.iter().find(|known| *known == name);
    if known.is_none() {
        let message = format!("`{}` is no kind of {owner}", shorten(name));
        let guess = diagnostics.words().guess(owner, name);
        let help = match suggest(name, variants.iter().copied()) {
            _ if guess.is_some() => guess.unwrap_or_default().to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => kinds(variants),
        };
        diagnostics.push(Diagnostic::error("unknown-kind", span.clone(), message).help(help));
    }
    known.map(|known| (*known, body))
}

/// The help where a variant is expected: without quotes if that is all that is wrong.
fn bare_variant(node: &Node, variants: &'static [&'static str]) -> String {
    let near = match &node.kind {
        Kind::Text(text) => suggest(text, variants.iter().copied()),
        _ => None,
    };
    near.map_or_else(|| kinds(variants), |near| format!("write {near}, without quotes"))
}

/// The variants of an enumeration; readers know them as kinds, because a variant is something else to them.
fn kinds(variants: &[&str]) -> String {
    format!("the kinds are {}", variants.join(", "))
}

/// Checks that a variant without values is written without parentheses.
pub fn unit_variant(node: &Node, name: &'static str, body: Option<&Node>, diagnostics: &mut Diagnostics) -> Option<()> {
    if body.is_some() {
        let diagnostic = Diagnostic::error("wrong-type", node.span.clone(), format!("`{name}` takes no values"));
        diagnostics.push(diagnostic.help(format!("write {name}, without parentheses")));
        return None;
    }
    Some(())
}

/// The value of a variant that holds one: `Name(value)`. Where the value is itself written in parentheses, one pair is
/// enough.
pub fn newtype_variant<T: Decode>(
    node: &Node,
    name: &'static str,
    body: Option<&Node>,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let Some(body) = body else {
        let diagnostic = Diagnostic::error("wrong-type", node.span.clone(), format!("`{name}` takes a value"));
        diagnostics.push(diagnostic.help(format!("write {name}(value)")));
        return None;
    };
    match &body.kind {
        Kind::Tuple(items) if items.len() == 1 => T::decode(&items[0], diagnostics),
        _ => T::decode(body, diagnostics),
    }
}

/// The fields of a variant that has some: `Name(field: value, ..)`.
pub fn struct_variant<'a>(
    node: &'a Node,
    name: &'static str,
    fields: &'static [&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'a>> {
    if matches!(node.kind, Kind::Ident(_)) {
        let diagnostic = Diagnostic::error("wrong-type", node.span.clone(), format!("`{name}` takes fields"));
        let examples: Vec<String> = fields.iter().map(|field| diagnostics.words().example(field)).collect();
        diagnostics.push(diagnostic.help(format!("write {name}({})", examples.join(", "))));
        return None;
    }
    Fields::open(node, name, fields, diagnostics)
}
