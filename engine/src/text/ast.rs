//! The tree a text is parsed into: every value with its place.

use super::{Span, Spanned};

/// A value in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, from its first to behind its last character.
    pub span: Span,
    /// Whether there was a syntax error directly inside, so that parts of it may be missing. What such a node lacks is
    /// not worth a further message.
    pub damaged: bool,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Something that could not be parsed. The error has been reported; nothing more needs to be said about it.
    Broken,
    /// `true` or `false`.
    Bool(bool),
    /// A decimal number as written.
    Number(String),
    /// `'c'`.
    Char(char),
    /// `"text"` or `r#"text"#`, with escapes resolved.
    Text(String),
    /// `None`.
    None,
    /// `Some(value)`.
    Some(Box<Node>),
    /// A bare name, such as a variant without values.
    Ident(String),
    /// `Name(..)`; the body is a [`Kind::Struct`] or a [`Kind::Tuple`].
    Named {
        /// The name.
        name: Spanned<String>,
        /// The parentheses with what is in them.
        body: Box<Node>,
    },
    /// `(field: value, ..)`, at least one field.
    Struct(Vec<Field>),
    /// `(value, ..)` or `()`.
    Tuple(Vec<Node>),
    /// `[value, ..]`.
    List(Vec<Node>),
    /// `{key: value, ..}` in the order of the text, duplicates included.
    Map(Vec<(Node, Node)>),
}

/// `name: value` inside parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The field's name.
    pub name: Spanned<String>,
    /// Its value.
    pub value: Node,
}

impl Node {
    pub(super) fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span, damaged: false }
    }

    /// What a reader would call it, with an article: "a string".
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Broken => "something unreadable".to_owned(),
            Kind::Bool(value) => format!("`{value}`"),
            Kind::Number(text) => format!("the number `{}`", shorten(text)),
            Kind::Char(_) => "a character".to_owned(),
            Kind::Text(_) => "a string".to_owned(),
            Kind::None => "`None`".to_owned(),
            Kind::Some(_) => "`Some(..)`".to_owned(),
            Kind::Ident(name) => format!("the name `{}`", shorten(name)),
            Kind::Named { name, .. } => format!("`{}(..)`", shorten(name)),
            Kind::Struct(_) => "fields in parentheses".to_owned(),
            Kind::Tuple(items) if items.is_empty() => "`()`".to_owned(),
            Kind::Tuple(_) => "values in parentheses".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        }
    }

    /// The part of a struct, tuple, list or map to point at when speaking of it as a whole: its name, or its opening
    /// bracket. Everything else is pointed at in full.
    #[must_use]
    pub fn head(&self) -> Span {
        match &self.kind {
            Kind::Named { name, .. } => name.span.clone(),
            Kind::Struct(_) | Kind::Tuple(_) | Kind::List(_) | Kind::Map(_) => self.span.start..self.span.start + 1,
            _ => self.span.clone(),
        }
    }
}

/// At most forty characters of a name or number as written in a file, for messages.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
