//! What stands between brackets, and how to go on behind an error in it.

use super::{MAX_DEPTH, Parser};
use crate::text::Diagnostic;
use crate::text::scan::Fault;

impl Parser<'_, '_> {
    /// Parses what is between brackets, separated by commas, and returns whether its structure was damaged.
    pub(super) fn items(&mut self, open: char, close: char, item: impl FnMut(&mut Self)) -> bool {
        let damages = self.damages;
        if !self.enter(open) {
            return true;
        }
        self.items_behind(open, close, damages, item)
    }

    /// As [`Self::items`], behind the opening bracket.
    pub(super) fn items_behind(
        &mut self,
        open: char,
        close: char,
        damages: usize,
        mut item: impl FnMut(&mut Self),
    ) -> bool {
        loop {
            self.trivia();
            if self.at_end_of(open, close) {
                break;
            }
            item(self);
            self.separator(close);
        }
        self.open.pop();
        self.damages > damages
    }

    fn enter(&mut self, open: char) -> bool {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("brackets nest deeper than {MAX_DEPTH} here");
            if !self.stopped {
                self.diagnostics.push(Diagnostic::error("too-deep", self.scan.here(), message).help("nest less"));
            }
            self.damages += 1;
            self.stop();
            return false;
        }
        self.open.push((open, self.scan.at()));
        self.scan.bump();
        true
    }

    /// Whether the bracket ends here: by its closing bracket, by a wrong one in its place, or with the text. A wrong one that
    /// closes an outer bracket is left to that.
    fn at_end_of(&mut self, open: char, close: char) -> bool {
        match self.scan.peek() {
            Some(c) if c == close => {
                self.scan.bump();
                true
            }
            // The end of the map that an opening brace would have begun.
            Some('}') if self.open.last().is_some_and(|(_, at)| self.mistaken.last() == Some(at)) => {
                self.scan.bump();
                true
            }
            Some(c @ (')' | ']' | '}')) => {
                let outer = self.open.iter().rev().skip(1).any(|(open, _)| closing(*open) == c);
                self.report_mismatch(open, close, c);
                if !outer {
                    self.scan.bump();
                }
                true
            }
            Some(_) => false,
            None => {
                self.report_unclosed(open, close);
                true
            }
        }
    }

    fn report_mismatch(&mut self, open: char, close: char, found: char) {
        self.damages += 1;
        if self.stopped {
            return;
        }
        let message = format!("`{close}` is expected here, not `{found}`");
        let diagnostic = Diagnostic::error("syntax", self.scan.here(), message);
        let diagnostic = diagnostic.help(format!("close what is open first: write `{close}`, or open a bracket less"));
        self.diagnostics.push(self.with_opening(diagnostic, open));
    }

    /// Reports the innermost unclosed bracket only: which of several lacks its end cannot be known.
    fn report_unclosed(&mut self, open: char, close: char) {
        self.damages += 1;
        if self.stopped {
            return;
        }
        let message = format!("the file ends, but a `{close}` is still expected");
        let diagnostic = Diagnostic::error("syntax", self.scan.here(), message);
        let diagnostic = diagnostic.help(format!("write `{close}` where this ends; the file may be cut short"));
        self.diagnostics.push(self.with_opening(diagnostic, open));
        self.stop();
    }

    fn with_opening(&self, diagnostic: Diagnostic, open: char) -> Diagnostic {
        match self.open.last() {
            Some((_, at)) => diagnostic.label(*at..at + 1, format!("to close this `{open}`")),
            None => diagnostic,
        }
    }

    /// Behind an item: consumes a comma, or sees the end of the bracket, or reports that a comma is missing.
    fn separator(&mut self, close: char) {
        let behind = self.scan.at();
        self.trivia();
        match self.scan.peek() {
            Some(',') => self.scan.set(self.scan.at() + 1),
            Some(')' | ']' | '}') | None => {}
            Some(_) if self.valueless == Some(behind) => {}
            Some(found) if starts_item(found) => {
                let fault = Fault::new(behind..behind, "a `,` is missing here");
                self.report(fault.help("items are separated by commas"));
            }
            Some(found) => {
                self.report_no_separator(close, found);
                self.recover();
                self.scan.eat(",");
            }
        }
    }

    fn report_no_separator(&mut self, close: char, found: char) {
        self.damages += 1;
        let message = format!("a `,` or `{close}` is expected here, not `{}`", found.escape_debug());
        let fault = Fault::new(self.scan.here(), message);
        let field = matches!(found, ':' | '=');
        self.report(fault.help(if field {
            "fields are written name: value, names without quotes"
        } else {
            "items are separated by commas; text goes in double quotes"
        }));
    }

    /// Skips to the next comma or closing bracket of this level.
    pub(super) fn recover(&mut self) {
        let mut depth = 0_usize;
        loop {
            self.trivia();
            match self.scan.peek() {
                None => return,
                Some(',' | ')' | ']' | '}') if depth == 0 => return,
                Some('(' | '[' | '{') => depth += 1,
                Some(')' | ']' | '}') => depth -= 1,
                _ => {}
            }
            self.skip_token();
        }
    }

    /// Skips a literal, a name or a single character.
    pub(super) fn skip_token(&mut self) {
        let rest = self.scan.rest();
        let literal = match self.scan.peek() {
            Some('"') => self.scan.string().map(drop),
            Some('r') if rest.starts_with("r\"") || rest.starts_with("r#") => self.scan.raw_string().map(drop),
            Some('\'') if self.skip_character() => Ok(()),
            _ => {
                if self.scan.name().is_none() {
                    self.scan.bump();
                }
                Ok(())
            }
        };
        if let Err(fault) = literal {
            self.report(fault);
        }
    }

    fn skip_character(&mut self) -> bool {
        let mut ahead = self.scan;
        let found = ahead.character().is_ok();
        if found {
            self.scan = ahead;
        }
        found
    }
}

/// Whether a character can only be the start of a further item, so that a comma was forgotten before it.
fn starts_item(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || matches!(c, '"' | '(' | '[' | '{')
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}
