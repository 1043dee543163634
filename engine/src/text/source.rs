//! A file's text with its name, and places in it.

use std::borrow::Cow;

use super::{Diagnostic, Span};

/// The largest file that is read: 4 MiB, some hundred times the largest scenario.
pub const MAX_BYTES: usize = 4 << 20;

/// How much of an unreadable file is kept to show where it went wrong.
const KEPT_OF_TOO_LARGE: usize = 4096;

/// A place for people: both count from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// A text to be read. Its name is only for messages.
///
/// A source can always be made; what is wrong with the file as a whole (not UTF-8, too large) is remembered and
/// reported by [`read`](super::read) like everything else.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    defect: Option<Diagnostic>,
}

impl Source {
    /// A source from text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() > MAX_BYTES {
            Self::too_large(name.into(), text.as_bytes(), MAX_BYTES)
        } else {
            Self::with(name.into(), text, None)
        }
    }

    /// A source from text of whatever length, for data beside a document. Whoever reads it has bounded it.
    #[must_use]
    pub(crate) fn of_any_size(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self::with(name.into(), text.into(), None)
    }

    /// A source from a file's bytes.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self::from_bytes_up_to(name, bytes, MAX_BYTES)
    }

    /// A source from a file's bytes, for a kind of file of which more than [`MAX_BYTES`] are read.
    #[must_use]
    pub fn from_bytes_up_to(name: impl Into<String>, bytes: &[u8], most: usize) -> Self {
        let name = name.into();
        if bytes.len() > most {
            return Self::too_large(name, bytes, most);
        }
        match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(text) => Self::with(name, text.to_owned(), None),
            Cow::Owned(text) => {
                let defect = not_utf8(bytes);
                Self::with(name, text, Some(defect))
            }
        }
    }

    /// The name, usually the file's path as the user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text. Of a file that is not UTF-8, with U+FFFD in place of what could not be read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte; beyond the end, those of the end.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= byte.min(self.text.len()));
        let start = self.line_starts[line - 1];
        let before = self.text.as_bytes()[start..byte.min(self.text.len())].iter();
        // Counting the bytes that do not continue a character counts characters, even when `byte` is inside one.
        let column = before.filter(|byte| **byte & 0xC0 != 0x80).count() + 1;
        Position { line, column }
    }

    /// The text of a line counted from one, without its end; empty beyond the last.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else { return "" };
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        self.text[start..end].trim_end_matches('\r')
    }

    /// What is wrong with the file as a whole.
    pub(crate) fn defect(&self) -> Option<&Diagnostic> {
        self.defect.as_ref()
    }

    fn with(name: String, text: String, defect: Option<Diagnostic>) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Self { name, text, line_starts, defect }
    }

    fn too_large(name: String, bytes: &[u8], most: usize) -> Self {
        let message = format!("the file has {} bytes, more than the {most} that are read", bytes.len());
        let defect = Diagnostic::error("file-too-large", 0..0, message)
            .help("is this the right file? scenarios are much smaller");
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT_OF_TOO_LARGE)]).into_owned();
        Self::with(name, text, Some(defect))
    }
}

fn not_utf8(bytes: &[u8]) -> Diagnostic {
    let at = str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let byte = bytes.get(at).copied().unwrap_or_default();
    // In the lossy text the offending bytes have become U+FFFD, three bytes long.
    let span: Span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    Diagnostic::error("not-utf8", span, format!("byte {byte:#04x} here is not UTF-8"))
        .help("save the file as UTF-8 text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a.ron", "(\n  größe: 1\r\n)");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        let colon = source.text().find(':').unwrap();
        assert_eq!(source.position(colon), Position { line: 2, column: 8 });
        assert_eq!(source.position(9_999), Position { line: 3, column: 2 });
        assert_eq!((source.line(2), source.line(3), source.line(4), source.line(0)), ("  größe: 1", ")", "", ""));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_located() {
        let source = Source::from_bytes("a.ron", b"(\n a: \"\xff\")");
        let defect = source.defect().unwrap();
        assert_eq!(defect.code, "not-utf8");
        assert_eq!(source.position(defect.span.start), Position { line: 2, column: 6 });
    }

    #[test]
    fn a_file_above_the_limit_is_refused_and_not_kept() {
        let source = Source::from_bytes("a.ron", &vec![b'('; MAX_BYTES + 1]);
        assert_eq!(source.defect().unwrap().code, "file-too-large");
        assert!(source.text().len() < 5_000);
        assert!(Source::new("a.ron", "(".repeat(MAX_BYTES)).defect().is_none());
    }
}
