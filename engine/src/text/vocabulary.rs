//! What a kind of document knows about those who write it: examples of its fields, and what is usually guessed wrong.

use super::ast::shorten;
use super::{Kind, Node};

/// The words of a kind of document, for the helps of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// By the name of a field: a value to type, as `1` for `format`.
    pub examples: &'static [(&'static str, &'static str)],
    /// By the name of a type and a name that it does not have: what would be right.
    pub guesses: &'static [(&'static str, &'static str, &'static str)],
    /// By the name of a type and what was written in its place: how that is put right, with `{}` for what was written.
    pub wraps: &'static [(&'static str, Form, &'static str)],
}

/// Forms of plain values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A number.
    Number,
}

impl Vocabulary {
    /// That of documents nothing is known about.
    pub const NONE: Self = Self { examples: &[], guesses: &[], wraps: &[] };

    /// A field with a value to type.
    pub(super) fn example(&self, field: &str) -> String {
        let known = self.examples.iter().find(|(name, _)| *name == field);
        format!("{field}: {}", known.map_or("..", |(_, example)| example))
    }

    /// What was probably meant by a name that `owner` does not have.
    pub(super) fn guess(&self, owner: &str, written: &str) -> Option<&'static str> {
        self.guesses.iter().find(|guess| guess.0 == owner && guess.1 == written).map(|guess| guess.2)
    }

    /// How a plain value is written where `owner` is expected.
    pub(super) fn wrap(&self, owner: &str, node: &Node) -> Option<String> {
        let form = form(node)?;
        let wrap = self.wraps.iter().find(|wrap| wrap.0 == owner && wrap.1 == form)?;
        Some(wrap.2.replace("{}", &brief(node)))
    }

    /// Values without names as the fields they probably belong to: each goes to the first field that is left and whose example
    /// has its form.
    pub(super) fn named(&self, owner: &str, names: &[&str], values: &[Node]) -> Option<String> {
        let mut left: Vec<&str> = names.to_vec();
        let mut fields = Vec::new();
        for value in values {
            let wanted = form(value)?;
            let at = left.iter().position(|name| self.form_of(name) == Some(wanted))?;
            fields.push(format!("{}: {}", left.remove(at), brief(value)));
        }
        (!fields.is_empty()).then(|| format!("write {owner}({})", fields.join(", ")))
    }

    fn form_of(&self, field: &str) -> Option<Form> {
        let (_, example) = self.examples.iter().find(|(name, _)| *name == field)?;
        match example.chars().next()? {
            '"' => Some(Form::Text),
            c if c.is_ascii_digit() => Some(Form::Number),
            _ => None,
        }
    }
}

fn form(node: &Node) -> Option<Form> {
    match &node.kind {
        Kind::Text(_) => Some(Form::Text),
        Kind::Number(_) => Some(Form::Number),
        _ => None,
    }
}

/// A plain value as it would be written, shortened.
fn brief(node: &Node) -> String {
    match &node.kind {
        Kind::Text(text) => format!("\"{}\"", shorten(text).escape_debug()),
        Kind::Number(text) => shorten(text),
        _ => "..".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, read_tree};

    const WORDS: Vocabulary = Vocabulary {
        examples: &[("k", "3"), ("mean", "\"10ms\"")],
        guesses: &[],
        wraps: &[("Capacity", Form::Number, "write Workers({})")],
    };

    fn node(text: &str) -> Node {
        read_tree(&Source::new("t", text)).value.expect("a value")
    }

    #[test]
    fn values_find_the_fields_of_their_form() {
        let values = [node("\"5ms\""), node("4")];
        assert_eq!(WORDS.named("Erlang", &["k", "mean"], &values).unwrap(), "write Erlang(mean: \"5ms\", k: 4)");
        assert_eq!(WORDS.named("Erlang", &["k", "mean"], &[node("[1]")]), None);
    }

    #[test]
    fn what_was_written_is_kept() {
        assert_eq!(WORDS.wrap("Capacity", &node("8")).unwrap(), "write Workers(8)");
        assert_eq!(WORDS.wrap("Capacity", &node("\"8\"")), None);
        assert_eq!(WORDS.example("k"), "k: 3");
        assert_eq!(WORDS.example("x"), "x: ..");
    }
}
