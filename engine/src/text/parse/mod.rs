//! From text to a tree of nodes, going on behind every error.
//!
//! After an error the parser skips to the next comma or closing bracket of the same level; where that may have lost a
//! neighbour, the enclosing nodes are marked as damaged. Every character is looked at a bounded number of times and the
//! depth is bounded, so that the time is linear in the text and the stack does not overflow.

mod attributes;
mod brackets;
mod confusions;

use super::ast::{Field, Kind, Node, shorten};
use super::scan::{Fault, Scanner};
use super::{Diagnostic, Diagnostics, Span, Spanned};

/// The deepest nesting of brackets that is read. Scenarios need about ten.
pub const MAX_DEPTH: usize = 64;

/// Parses a whole text. `None` if there is no value in it at all.
pub(super) fn parse(text: &str, diagnostics: &mut Diagnostics) -> Option<Node> {
    let mut parser = Parser {
        scan: Scanner::new(text),
        text,
        diagnostics,
        open: Vec::new(),
        stopped: false,
        damages: 0,
        named: None,
        behind_colon: None,
        valueless: None,
        unopened: None,
        mistaken: Vec::new(),
    };
    parser.trivia();
    parser.attributes();
    if parser.scan.peek().is_none() {
        let fault = Fault::new(parser.scan.here(), "the file has nothing in it");
        parser.report(fault.help("a document is written Name(field: value, ..)"));
        return None;
    }
    let node = parser.value();
    parser.trivia();
    if parser.scan.peek().is_some() && node.kind != Kind::Broken {
        let fault = Fault::new(parser.scan.here(), "the document ends before this");
        parser.report(fault.help("a file holds one document; is there a closing bracket too many?"));
    }
    Some(node)
}

struct Parser<'a, 'd> {
    scan: Scanner<'a>,
    text: &'a str,
    diagnostics: &'d mut Diagnostics,
    /// The brackets around the current place, with their places.
    open: Vec<(char, usize)>,
    /// Whether the rest of the text is lost; what follows from that is not reported.
    stopped: bool,
    /// How many errors there were that may have lost more than the value they are in.
    damages: usize,
    /// The last field name, and where its value begins.
    named: Option<(&'a str, usize)>,
    /// The last colon, from it to the value behind it.
    behind_colon: Option<Span>,
    /// The end of the last colon that has no value, so that nobody misses a comma there.
    valueless: Option<usize>,
    /// How many parentheses are closed that are opened nowhere, once that has been counted.
    unopened: Option<i64>,
    /// The brackets that stand in the place of a map's opening brace.
    mistaken: Vec<usize>,
}

impl<'a> Parser<'a, '_> {
    fn report(&mut self, fault: Fault) {
        if self.stopped {
            return;
        }
        let mut diagnostic = Diagnostic::error("syntax", fault.span, fault.message);
        diagnostic.help = fault.help;
        self.diagnostics.push(diagnostic);
        if fault.fatal {
            self.stop();
        }
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.scan.finish();
    }

    fn trivia(&mut self) {
        if let Err(fault) = self.scan.skip_trivia() {
            self.report(fault);
        }
    }

    /// From `start` to here, at least one character.
    fn since(&self, start: usize) -> Span {
        let here = self.scan.here();
        start..if here.start > start { here.start } else { here.end }
    }

    /// Parses the value that starts here. Always returns a node, [`Kind::Broken`] if there is no value.
    fn value(&mut self) -> Node {
        let start = self.scan.at();
        self.try_value(start).unwrap_or_else(|fault| {
            self.report(fault);
            self.recover();
            self.broken(start)
        })
    }

    fn try_value(&mut self, start: usize) -> Result<Node, Fault> {
        let rest = self.scan.rest();
        let kind = match self.scan.peek() {
            Some('(') => return Ok(self.parentheses()),
            Some('[') => return Ok(self.list()),
            Some('{') => return Ok(self.map()),
            Some('"') => self.string(start)?,
            Some('\'') => Kind::Char(self.scan.character()?),
            Some('r') if rest.starts_with("r\"") || rest.starts_with("r#") => Kind::Text(self.scan.raw_string()?),
            Some('b') if ["b\"", "b'", "br\"", "br#"].iter().any(|start| rest.starts_with(start)) => {
                let fault = Fault::new(self.scan.here(), "byte strings are not used here");
                return Err(fault.help("write a string without the `b`"));
            }
            Some('0'..='9' | '+' | '-' | '.') => Kind::Number(self.scan.number()?.to_owned()),
            _ => return self.named(start),
        };
        Ok(Node::new(kind, start..self.scan.at()))
    }

    /// A value that starts with a name.
    fn named(&mut self, start: usize) -> Result<Node, Fault> {
        let Some(name) = self.scan.name() else { return Err(self.no_value()) };
        let span = start..self.scan.at();
        match name {
            "true" => return Ok(Node::new(Kind::Bool(true), span)),
            "false" => return Ok(Node::new(Kind::Bool(false), span)),
            "None" => return Ok(Node::new(Kind::None, span)),
            "inf" | "inff32" | "inff64" | "NaN" | "NaNf32" | "NaNf64" => return Err(not_finite(name, span)),
            _ if !name.is_ascii() => return Err(not_ascii(name, span)),
            _ => {}
        }
        if self.before_colon() && self.stands_for_value(start) {
            return Ok(self.fields_without_parenthesis(start));
        }
        if !self.before_parenthesis() {
            return if name == "Some" {
                Err(bare_some(span))
            } else {
                Ok(Node::new(Kind::Ident(name.to_owned()), span))
            };
        }
        let body = self.parentheses();
        if name == "Some" {
            return Ok(self.some(start, body));
        }
        let whole = start..body.span.end;
        let damaged = body.damaged;
        let kind = Kind::Named { name: Spanned::new(name.to_owned(), span), body: Box::new(body) };
        Ok(Node { kind, span: whole, damaged })
    }

    /// Skips to an opening parenthesis if that is what comes next, otherwise stays.
    fn before_parenthesis(&mut self) -> bool {
        let mut ahead = self.scan;
        let found = ahead.skip_trivia().is_ok() && ahead.peek() == Some('(');
        if found {
            self.scan = ahead;
        }
        found
    }

    /// `Some` takes exactly one value.
    fn some(&mut self, start: usize, body: Node) -> Node {
        let span = start..body.span.end;
        match body.kind {
            Kind::Tuple(mut items) if items.len() == 1 => Node::new(Kind::Some(Box::new(items.remove(0))), span),
            _ => {
                if !body.damaged {
                    let fault = Fault::new(span, "`Some` takes exactly one value");
                    self.report(fault.help("fields need their own parentheses, or leave out the `Some`"));
                }
                self.broken(start)
            }
        }
    }

    fn broken(&self, start: usize) -> Node {
        Node { kind: Kind::Broken, span: start..self.scan.at(), damaged: true }
    }

    /// `( .. )` with fields or values.
    fn parentheses(&mut self) -> Node {
        let start = self.scan.at();
        if let Some(map) = self.entries_in('(', ')') {
            return map;
        }
        if self.starts_fields() {
            let mut fields = Vec::new();
            let damaged = self.items('(', ')', |parser| fields.extend(parser.field()));
            Node { kind: Kind::Struct(fields), span: start..self.scan.at(), damaged }
        } else {
            let mut items = Vec::new();
            let damaged = self.items('(', ')', |parser| items.push(parser.value()));
            Node { kind: Kind::Tuple(items), span: start..self.scan.at(), damaged }
        }
    }

    /// Whether the parenthesis here is followed by `name:`.
    fn starts_fields(&self) -> bool {
        let mut ahead = self.scan;
        ahead.bump();
        ahead.skip_trivia().is_ok()
            && ahead.name().is_some()
            && ahead.skip_trivia().is_ok()
            && matches!(ahead.peek(), Some(':' | '='))
    }

    fn list(&mut self) -> Node {
        let start = self.scan.at();
        if let Some(map) = self.entries_in('[', ']') {
            return map;
        }
        let mut items = Vec::new();
        let damaged = self.items('[', ']', |parser| items.push(parser.value()));
        Node { kind: Kind::List(items), span: start..self.scan.at(), damaged }
    }

    fn map(&mut self) -> Node {
        self.entries('{', '}')
    }

    /// Keys with values, between the brackets of a map or those that stand in their place.
    fn entries(&mut self, open: char, close: char) -> Node {
        let start = self.scan.at();
        let mut entries = Vec::new();
        let damaged = self.items(open, close, |parser| {
            let key = parser.value();
            if key.kind != Kind::Broken && parser.colon("key") {
                let value = parser.value();
                entries.push((key, value));
            }
        });
        Node { kind: Kind::Map(entries), span: start..self.scan.at(), damaged }
    }

    fn field(&mut self) -> Option<Field> {
        let start = self.scan.at();
        let Some(name) = self.scan.name().filter(|name| name.is_ascii()) else {
            self.damages += 1;
            let fault = Fault::new(self.since(start), "a field name is expected here");
            self.report(fault.help("fields are written name: value, names without quotes"));
            self.recover();
            return None;
        };
        let name = Spanned::new(name.to_owned(), start..self.scan.at());
        if !self.colon("field") {
            return None;
        }
        self.named = Some((&self.text[name.span.clone()], self.scan.at()));
        Some(Field { name, value: self.value() })
    }

    /// Consumes the colon between a key or field and its value. Without one, reports, recovers and returns false.
    fn colon(&mut self, before: &str) -> bool {
        self.trivia();
        let found = self.scan.eat(":") || self.equals_sign();
        if found {
            let colon = self.scan.at() - 1;
            self.trivia();
            self.behind_colon = Some(colon..self.scan.at());
        } else {
            self.damages += 1;
            let fault = Fault::new(self.scan.here(), format!("a `:` is expected here, behind the {before}"));
            self.report(fault.help(format!("write {before}: value")));
            self.recover();
        }
        found
    }

    fn no_value(&self) -> Fault {
        let here = self.scan.here();
        match self.scan.peek() {
            None => Fault::new(here, "a value is expected here, but the file ends").help("write the value"),
            Some('\u{FEFF}') => {
                Fault::new(here, "the file starts with a byte order mark").help("save it as UTF-8 without one")
            }
            Some(c) => Fault::new(here, format!("a value is expected here, not `{}`", c.escape_debug())).help(
                if c.is_control() {
                    "is this a text file?"
                } else {
                    "write a number, text in double quotes, a name, or brackets with values in them"
                },
            ),
        }
    }
}

/// What to write for what is not finite.
pub(super) const FINITE: &str =
    "write a number in digits; a field that sets a limit can be left out where there is none";

fn not_finite(name: &str, span: Span) -> Fault {
    Fault::new(span, format!("`{name}` is not a finite number")).help(FINITE)
}

fn bare_some(span: Span) -> Fault {
    Fault::new(span, "`Some` takes a value").help("write Some(value), or just the value")
}

fn not_ascii(name: &str, span: Span) -> Fault {
    let fault = Fault::new(span, format!("`{}` is not a name that can occur here", shorten(name)));
    fault.help("names are ASCII letters, digits and `_`; text goes in double quotes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        let mut diagnostics = Diagnostics::default();
        let node = parse(text, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        node.unwrap()
    }

    /// The spans and messages of everything wrong with a text.
    fn faults(text: &str) -> Vec<(Span, String)> {
        let mut diagnostics = Diagnostics::default();
        parse(text, &mut diagnostics);
        diagnostics.into_iter().map(|diagnostic| (diagnostic.span, diagnostic.message)).collect()
    }

    #[test]
    fn every_kind_of_value_with_its_span() {
        let node = tree("Foo (a: [1, 'x', \"s\",], b: {\"k\": Bar(2)}, c: Some(None), d: (true, ()), e: Baz,) // end");
        let Kind::Named { name, body } = node.kind else { panic!() };
        assert_eq!((name.value.as_str(), name.span), ("Foo", 0..3));
        let Kind::Struct(fields) = body.kind else { panic!() };
        let spans: Vec<_> = fields.iter().map(|field| (field.name.value.as_str(), field.value.span.clone())).collect();
        assert_eq!(spans, [("a", 8..22), ("b", 27..40), ("c", 45..55), ("d", 60..70), ("e", 75..78)]);
    }

    #[test]
    fn several_errors_are_all_found() {
        let text = "(a: , b: 5ms, c = 1, d: [1 2], e: \"\\q\", f: 1)";
        let found: Vec<_> = faults(text).into_iter().map(|(span, _)| span.start).collect();
        assert_eq!(found, [4, 9, 16, 26, 35]);
    }

    #[test]
    fn a_bracket_closed_wrongly_points_at_both_ends() {
        let mut diagnostics = Diagnostics::default();
        parse("(a: [1, 2), b: 3)", &mut diagnostics);
        assert_eq!(diagnostics[0].span, 9..10);
        assert_eq!(diagnostics[0].labels[0].span, 4..5);
    }

    #[test]
    fn an_unclosed_bracket_is_reported_once() {
        let found = faults("(a: [(b: {");
        assert_eq!(found, [(10..10, "the file ends, but a `}` is still expected".to_owned())]);
    }

    #[test]
    fn nothing_in_the_file() {
        for text in ["", "  \n", "// only a comment", "#![enable(implicit_some)]"] {
            assert_eq!(faults(text)[0].1, "the file has nothing in it");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(faults(&"[".repeat(MAX_DEPTH + 1)), [(64..65, "brackets nest deeper than 64 here".to_owned())]);
        let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        tree(&deepest);
        assert_eq!(faults(&"A(".repeat(1_000_000)).len(), 1);
    }

    #[test]
    fn a_forgotten_comma_is_shown_where_it_belongs() {
        let text = "(a: 1\n b: 2)";
        assert_eq!(faults(text), [(5..5, "a `,` is missing here".to_owned())]);
    }

    #[test]
    fn what_follows_the_document_is_an_error() {
        assert_eq!(faults("(a: 1) (b: 2)")[0].0, 7..8);
        assert_eq!(faults("(a: 1))")[0].0, 6..7);
    }

    #[test]
    fn attributes_are_read_or_refused() {
        tree("#![enable(implicit_some, unwrap_newtypes,)]\n#![type = \"Scenario\"] 1");
        assert_eq!(faults("#![enable(explicit_struct_names)] 1").len(), 1);
        assert_eq!(faults("#![allow(x)]\n1").len(), 1);
    }
}
