//! Located messages about a text, and the list they are collected in.

use std::ops::{Deref, Range};

use super::Vocabulary;

/// A range of bytes in a source's text.
pub type Span = Range<usize>;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not mean what its author wants.
    Warning,
}

/// A further place that explains a diagnostic, such as the first of two duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// One thing to say about a text: where, what is wrong, what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The kind of problem, a stable name in kebab case such as `unknown-field`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the text.
    pub span: Span,
    /// What would be right.
    pub help: Option<String>,
    /// Further places.
    pub labels: Vec<Label>,
}

impl Diagnostic {
    /// An error at `span`.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), span, help: None, labels: Vec::new() }
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
}

/// Diagnostics as they are collected, at most [`Diagnostics::LIMIT`] and a last one that counts the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    dropped: usize,
    /// The words in which helps are given.
    vocabulary: Vocabulary,
}

impl Default for Diagnostics {
    fn default() -> Self {
        Self { list: Vec::new(), dropped: 0, vocabulary: Vocabulary::NONE }
    }
}

impl Diagnostics {
    /// More than these many say no more to a reader; a file of nonsense must not fill the memory.
    pub const LIMIT: usize = 100;

    /// Lets the helps of what is reported from now on be given in the words of a kind of document.
    pub fn speak(&mut self, vocabulary: Vocabulary) {
        self.vocabulary = vocabulary;
    }

    /// The words in which helps are given.
    pub(super) fn words(&self) -> Vocabulary {
        self.vocabulary
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < Self::LIMIT {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Whether there is an error (not only warnings).
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.dropped > 0 || self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many were found beyond those kept.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Puts them into the order of the text.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| diagnostic.span.start);
    }
}

impl Deref for Diagnostics {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.list
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_not_errors() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(Diagnostic::warning("odd", 0..1, "odd"));
        assert!(!diagnostics.has_errors());
        diagnostics.push(Diagnostic::error("bad", 0..1, "bad"));
        assert!(diagnostics.has_errors());
    }

    #[test]
    fn beyond_the_limit_they_are_only_counted() {
        let mut diagnostics = Diagnostics::default();
        for at in 0..Diagnostics::LIMIT + 5 {
            diagnostics.push(Diagnostic::error("bad", at..at, "bad"));
        }
        assert_eq!((diagnostics.len(), diagnostics.dropped()), (Diagnostics::LIMIT, 5));
    }
}
