//! The smallest pieces of the text: white space, comments, names, numbers, strings, characters.
//!
//! Semantics of the literals: the `ron` crate 0.12, minus what the dialect leaves out (see [`super`]).

use super::Span;
use super::ast::shorten;

/// Why a piece could not be read.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether the rest of the text is lost with it (an unclosed string or comment).
    pub(super) fatal: bool,
}

impl Fault {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, fatal: false }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn fatal(mut self) -> Self {
        self.fatal = true;
        self
    }
}

/// A place in the text that only moves forward, except to a place it was at before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte the next character starts at.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Moves to a byte at which a character starts.
    pub(super) fn set(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn finish(&mut self) {
        self.at = self.text.len();
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// The span of the next character, empty at the end.
    pub(super) fn here(&self) -> Span {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !accept(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// Skips white space and comments.
    pub(super) fn skip_trivia(&mut self) -> Result<(), Fault> {
        loop {
            self.take_while(is_white_space);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                self.skip_block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            if self.eat("/*") {
                depth += 1;
            } else if self.eat("*/") {
                depth -= 1;
            } else if self.bump().is_none() {
                let fault = Fault::new(start..start + 2, "this comment is never closed");
                return Err(fault.help("end it with `*/`; comments nest").fatal());
            }
            if depth == 0 {
                return Ok(());
            }
            self.take_while(|c| !matches!(c, '/' | '*'));
        }
    }

    /// A name: letters, digits and `_`, not starting with a digit. `None` if there is none here.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        if self.peek().is_some_and(|c| c == '_' || c.is_alphabetic()) {
            Some(self.take_while(is_name_part))
        } else {
            None
        }
    }

    /// A decimal number as written, at a digit, sign or point.
    pub(super) fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        loop {
            self.take_while(|c| is_name_part(c) || matches!(c, '.' | '+' | '-' | '%'));
            // The `/` of `90/min`, but not of a comment.
            let mut behind = self.rest().chars();
            if behind.next() == Some('/') && behind.next().is_some_and(char::is_alphabetic) {
                self.at += 1;
            } else {
                break;
            }
        }
        let text = &self.text[start..self.at];
        if is_decimal(text) { Ok(text) } else { Err(not_decimal(text, start..self.at)) }
    }

    /// A string in quotes, at its opening quote.
    pub(super) fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut first_fault = None;
        let mut value = String::new();
        self.at += 1;
        loop {
            value.push_str(self.take_while(|c| !matches!(c, '"' | '\\')));
            match self.peek() {
                Some('"') => break,
                Some(_) if self.skip_continuation() => {}
                Some(_) => match self.escape() {
                    Ok(c) => value.push(c),
                    Err(fault) => first_fault = first_fault.or(Some(fault)),
                },
                None => return Err(unclosed_string(start..start + 1)),
            }
        }
        self.at += 1;
        first_fault.map_or(Ok(value), Err)
    }

    /// A raw string, at its `r`, which must be followed by `"` or by one or more `#` and `"`.
    pub(super) fn raw_string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let hashes = self.take_while(|c| c == '#');
        let opening = start..self.at + 1;
        if !self.eat("\"") {
            self.take_while(is_name_part);
            let fault = Fault::new(start..self.at, "raw identifiers are not used here");
            return Err(fault.help("write the plain name, or a raw string as r#\"..\"#"));
        }
        let closing = format!("\"{hashes}");
        let Some(length) = self.rest().find(&closing) else {
            self.finish();
            let fault = Fault::new(opening, "this raw string is never closed");
            return Err(fault.help(format!("end it with {}", shorten(&closing))).fatal());
        };
        let value = self.rest()[..length].to_owned();
        self.at += length + closing.len();
        Ok(value)
    }

    /// A character in single quotes, at its opening quote.
    pub(super) fn character(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let value = if self.peek() == Some('\\') { self.escape()? } else { self.bump().unwrap_or('\'') };
        if self.eat("'") {
            return Ok(value);
        }
        let fault = Fault::new(start..self.at, "a character is one character between single quotes");
        Err(fault.help("strings take double quotes: \"text\""))
    }

    /// Skips a backslash at the end of a line with the white space at the start of the next.
    fn skip_continuation(&mut self) -> bool {
        let continued = self.eat("\\\r\n") || self.eat("\\\n");
        if continued {
            self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        }
        continued
    }

    /// An escape sequence, at its backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let value = match self.bump() {
            Some('\'') => Some('\''),
            Some('"') => Some('"'),
            Some('\\') => Some('\\'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('0') => Some('\0'),
            Some('x') => self.hexadecimal(2).filter(char::is_ascii),
            Some('u') => self.braced_hexadecimal(),
            _ => None,
        };
        value.ok_or_else(|| {
            let fault = Fault::new(start..self.at, format!("`{}` is not an escape", &self.text[start..self.at]));
            fault.help("the escapes are \\n \\r \\t \\0 \\\\ \\\" \\' \\x41 \\u{1F600}; a backslash itself is \\\\")
        })
    }

    fn braced_hexadecimal(&mut self) -> Option<char> {
        if !self.eat("{") {
            return None;
        }
        let length = self.rest().bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let value = self.hexadecimal(length)?;
        self.eat("}").then_some(value)
    }

    fn hexadecimal(&mut self, length: usize) -> Option<char> {
        let digits = self.rest().get(..length)?;
        if length == 0 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += length;
        u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
    }
}

fn unclosed_string(span: Span) -> Fault {
    Fault::new(span, "this string is never closed").help("end it with a double quote").fatal()
}

/// White space as RON has it.
fn is_white_space(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Sign, digits, fraction, exponent; each group of digits starts with one and may contain `_`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent].into_iter().all(|digits| {
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    })
}

fn not_decimal(text: &str, span: Span) -> Fault {
    let shown = shorten(text);
    let number = text.trim_start_matches(['+', '-']);
    if number.starts_with("0x") || number.starts_with("0b") || number.starts_with("0o") {
        return Fault::new(span, format!("`{shown}` is not decimal")).help("write numbers in base ten");
    }
    if number.starts_with("inf") || number.starts_with("NaN") {
        return Fault::new(span, format!("`{shown}` is not a finite number")).help(super::parse::FINITE);
    }
    let has_unit =
        number.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with(|c: char| c.is_alphabetic() || c == '%');
    let fault = Fault::new(span, format!("`{shown}` is not a number"));
    if has_unit {
        fault.help(format!("quantities with a unit are strings: write \"{shown}\""))
    } else {
        fault.help("write digits, with a point and digits behind it if it has a fraction: 12, 0.5")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault<T: std::fmt::Debug>(result: Result<T, Fault>) -> Fault {
        result.unwrap_err()
    }

    #[test]
    fn numbers_are_decimal_and_finite() {
        for text in ["0", "-1", "+2.5", "1_000", "1e5", "2.5E-3", "1_0.0_1e1_0"] {
            assert_eq!(Scanner::new(text).number().unwrap(), text);
        }
        for text in ["1.", ".5", "0x10", "1u8", "1..2", "-inf", "1e", "--1", "_1", "1e5.5"] {
            assert!(Scanner::new(text).number().is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantity_without_quotes_says_so() {
        for text in ["250ms", "5%", "90/min", "10µs"] {
            let help = fault(Scanner::new(text).number()).help.unwrap();
            assert_eq!(help, format!("quantities with a unit are strings: write \"{text}\""));
        }
        assert_eq!(Scanner::new("5// a comment").number().unwrap(), "5");
    }

    #[test]
    fn strings_resolve_escapes_and_continuations() {
        let text = r#""a\n\t\\\"\x41\u{e9}\u{1F600}\
              b""#;
        assert_eq!(Scanner::new(text).string().unwrap(), "a\n\t\\\"Aé😀b");
        assert_eq!(Scanner::new("r#\"a\"b\\n\"#").raw_string().unwrap(), "a\"b\\n");
    }

    #[test]
    fn a_bad_escape_is_located_and_the_string_still_read_to_its_end() {
        let mut scanner = Scanner::new(r#""ab\qc" rest"#);
        assert_eq!(fault(scanner.string()).span, 3..5);
        assert_eq!(scanner.rest(), " rest");
        for bad in [r#""\xff""#, r#""\u{110000}""#, r#""\u{}""#, r#""\u{1234567}""#, r#""\u41""#, r#""\x4é""#] {
            assert!(Scanner::new(bad).string().is_err(), "{bad}");
        }
    }

    #[test]
    fn unclosed_pieces_are_fatal_and_point_at_their_start() {
        assert!(fault(Scanner::new("\"abc").string()).fatal);
        assert!(fault(Scanner::new("r#\"abc\"").raw_string()).fatal);
        let comment = fault(Scanner::new("  /* a /* b */").skip_trivia());
        assert!(comment.fatal);
        assert_eq!(comment.span, 2..4);
    }
}
