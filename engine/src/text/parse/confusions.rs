//! Mistakes of which a cascade of errors would follow, each reported once and parsed as what was meant.

use super::{MAX_DEPTH, Parser};
use crate::text::Diagnostic;
use crate::text::ast::{Kind, Node, shorten};
use crate::text::scan::{Fault, Scanner};

impl<'a> Parser<'a, '_> {
    /// A string, at its opening quote. When one goes over the end of its line and something other than a comma follows its end
    /// in the same line, its closing quote is missing, and what looks like its end is the opening quote of the next string:
    /// from there on nothing in the text is what it seems.
    pub(super) fn string(&mut self, start: usize) -> Result<Kind, Fault> {
        let value = self.scan.string()?;
        let end = self.scan.at();
        let over = self.text[start..end].contains('\n');
        let next = self.scan.rest().chars().find(|c| !matches!(c, ' ' | '\t'));
        if !over || next.is_none_or(|c| matches!(c, ',' | ')' | ']' | '}' | ':' | '=' | '/' | '\r' | '\n')) {
            return Ok(Kind::Text(value));
        }
        if !self.stopped {
            let message = "this string goes on over the end of its line, and what follows its end makes no sense";
            let diagnostic = Diagnostic::error("syntax", start..start + 1, message).label(end - 1..end, "it ends here");
            let help = "is its closing quote missing, at the end of the line in which it begins?";
            self.diagnostics.push(diagnostic.help(help));
        }
        self.damages += 1;
        self.stop();
        Ok(Kind::Broken)
    }

    /// `name = value` is taken for `name: value`.
    pub(super) fn equals_sign(&mut self) -> bool {
        let here = self.scan.here();
        if self.scan.rest().starts_with("==") || !self.scan.eat("=") {
            return false;
        }
        let fault = Fault::new(here, "a `:` is expected here, not `=`");
        self.report(fault.help("write `:`"));
        true
    }

    /// `[ "name": value, .. ]` and `( "name": value, .. )` are taken for the map that they would be in braces.
    pub(super) fn entries_in(&mut self, open: char, close: char) -> Option<Node> {
        let start = self.scan.at();
        let mut ahead = self.scan;
        ahead.bump();
        ahead.skip_trivia().ok()?;
        let key = ahead.at();
        (ahead.peek() == Some('"')).then_some(())?;
        // Looking ahead must not take time that grows with the text.
        let ahead = self.text.as_bytes()[key..].iter().take(LONGEST_KEY).take_while(|byte| **byte != b'\n');
        let ahead: Vec<u8> = ahead.copied().collect();
        let quote = ahead[1..].iter().position(|byte| *byte == b'"')? + 2;
        ahead[quote..].trim_ascii_start().starts_with(b":").then_some(())?;
        let message = format!("names with values stand in braces, not in `{open}`");
        let diagnostic = Diagnostic::error("syntax", start..start + 1, message);
        let diagnostic = diagnostic.label(key..key + quote, "a name with a value");
        let help = match self.named.filter(|named| named.1 == start) {
            Some((name, _)) => format!("a map takes braces: write `{name}: {{`, and `}}` at its end"),
            None => "a map takes braces: write `{`, and `}` at its end".to_owned(),
        };
        if !self.stopped {
            self.diagnostics.push(diagnostic.help(help));
        }
        self.mistaken.push(start);
        Some(self.entries(open, close))
    }

    /// Whether the name just read is followed by a colon.
    pub(super) fn before_colon(&self) -> bool {
        let mut ahead = self.scan;
        ahead.skip_trivia().is_ok() && ahead.peek() == Some(':')
    }

    /// Whether what starts here stands behind the colon of a field or key.
    pub(super) fn stands_for_value(&self, start: usize) -> bool {
        self.behind_colon.as_ref().is_some_and(|colon| colon.end == start)
    }

    /// `name: value, ..` where a value belongs: fields without their opening parenthesis, if there is a closing one too many,
    /// else the next field behind one that has no value.
    pub(super) fn fields_without_parenthesis(&mut self, start: usize) -> Node {
        let name = shorten(&self.text[start..self.scan.at()]);
        let here = start..self.scan.at();
        self.scan.set(start);
        let unopened = *self.unopened.get_or_insert_with(|| unopened(self.text));
        if unopened <= 0 || self.open.len() >= MAX_DEPTH {
            self.damages += 1;
            let colon = self.behind_colon.clone().map_or(start, |colon| colon.start);
            let fault = Fault::new(colon..colon + 1, format!("a value is missing behind this, before `{name}`"));
            self.report(fault.help("write the value, with a comma behind it, or remove the name before it"));
            self.scan.set(colon + 1);
            self.valueless = Some(colon + 1);
            self.behind_colon = None;
            return Node { kind: Kind::Broken, span: here, damaged: true };
        }
        self.unopened = Some(unopened - 1);
        let fault = Fault::new(here, format!("a `(` is missing here, before the field `{name}`"));
        self.report(fault.help("write `(`"));
        self.open.push(('(', start));
        let (damages, mut fields) = (self.damages, Vec::new());
        let damaged = self.items_behind('(', ')', damages, |parser| fields.extend(parser.field()));
        Node { kind: Kind::Struct(fields), span: start..self.scan.at(), damaged }
    }
}

/// No name is longer.
const LONGEST_KEY: usize = 200;

/// How many more parentheses a text closes than it opens, outside of strings and comments.
fn unopened(text: &str) -> i64 {
    let mut scan = Scanner::new(text);
    let mut unopened = 0;
    loop {
        if scan.skip_trivia().is_err() {
            return unopened;
        }
        let rest = scan.rest();
        match scan.peek() {
            None => return unopened,
            Some('"') => drop(scan.string()),
            Some('r') if rest.starts_with("r\"") || rest.starts_with("r#\"") => drop(scan.raw_string()),
            Some(c) => {
                unopened += i64::from(c == ')') - i64::from(c == '(');
                if scan.name().is_none() {
                    scan.bump();
                }
            }
        }
    }
}
