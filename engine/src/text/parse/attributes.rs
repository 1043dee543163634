//! What may stand before the document: `#![enable(..)]`, `#![type = ".."]`, `#![schema = ".."]`.
//!
//! All of it is read and none of it changes anything: the extensions are always on.

use super::Parser;
use crate::text::Span;
use crate::text::scan::Fault;

const EXTENSIONS: [&str; 3] = ["implicit_some", "unwrap_newtypes", "unwrap_variant_newtypes"];

impl Parser<'_, '_> {
    /// Skips `#![enable(..)]`, `#![type = ".."]` and `#![schema = ".."]` at the start of the file.
    pub(super) fn attributes(&mut self) {
        while self.scan.peek() == Some('#') {
            if let Err(fault) = self.attribute() {
                self.report(fault);
                self.skip_attribute();
            }
            self.trivia();
        }
    }

    fn attribute(&mut self) -> Result<(), Fault> {
        let start = self.scan.at();
        for piece in ["#", "!", "["] {
            self.expect(piece, start)?;
        }
        match self.scan.name() {
            Some("enable") => self.extensions(start)?,
            Some("type" | "schema") => {
                self.expect_after_trivia("=", start)?;
                self.scan.skip_trivia()?;
                match self.scan.peek() {
                    Some('"') => self.scan.string().map(drop)?,
                    _ => return Err(bad_attribute(self.since(start))),
                }
            }
            _ => return Err(bad_attribute(self.since(start))),
        }
        self.expect_after_trivia("]", start)
    }

    fn extensions(&mut self, start: usize) -> Result<(), Fault> {
        self.expect_after_trivia("(", start)?;
        loop {
            self.scan.skip_trivia()?;
            let at = self.scan.at();
            match self.scan.name() {
                Some(name) if EXTENSIONS.contains(&name) => {}
                _ => {
                    let fault = Fault::new(self.since(at), "this is not an extension that is known here");
                    return Err(fault.help(format!("the extensions are {}, all always on", EXTENSIONS.join(", "))));
                }
            }
            self.scan.skip_trivia()?;
            let comma = self.scan.eat(",");
            self.scan.skip_trivia()?;
            if self.scan.eat(")") {
                return Ok(());
            }
            if !comma {
                return Err(bad_attribute(self.since(start)));
            }
        }
    }

    fn expect(&mut self, piece: &str, start: usize) -> Result<(), Fault> {
        let found = self.scan.eat(piece);
        self.scan.skip_trivia()?;
        if found { Ok(()) } else { Err(bad_attribute(self.since(start))) }
    }

    fn expect_after_trivia(&mut self, piece: &str, start: usize) -> Result<(), Fault> {
        self.scan.skip_trivia()?;
        if self.scan.eat(piece) { Ok(()) } else { Err(bad_attribute(self.since(start))) }
    }

    /// Skips behind the attribute's closing bracket, or to the end of the line if that comes first.
    fn skip_attribute(&mut self) {
        while self.scan.peek().is_some_and(|c| c != '\n') {
            if self.scan.bump() == Some(']') {
                return;
            }
        }
    }
}

fn bad_attribute(span: Span) -> Fault {
    let fault = Fault::new(span, "this is not an attribute that is known here");
    fault.help("write #![enable(implicit_some)], or leave it out: it is always on")
}
