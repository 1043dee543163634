//! What was found in a scenario, or in a file used with it: diagnostics, each with the text it is about.
//!
//! One scenario can be several texts: its file, the overrides given beside it, the traces it names. While it is read,
//! the texts lie one after the other in one space of places, so that a place says which text it is in.

use crate::text::{Diagnostic, Diagnostics, Severity, Source, Span, render_plain};

/// The texts a scenario is made of, each with the place where it begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    list: Vec<(usize, Source)>,
    end: usize,
}

impl Sources {
    /// Adds a text and returns the place where it begins.
    pub(crate) fn add(&mut self, source: Source) -> usize {
        let base = self.end;
        // One place behind the last, so that "at the end of the file" is not the start of the next one.
        self.end = base + source.text().len() + 1;
        self.list.push((base, source));
        base
    }

    fn of(&self, place: usize) -> usize {
        self.list.partition_point(|(base, _)| *base <= place).saturating_sub(1)
    }
}

/// Errors and warnings about a scenario, in the order of its texts.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    sources: Vec<Source>,
    list: Vec<(usize, Diagnostic)>,
    dropped: usize,
}

impl Findings {
    /// Moves every place into its own text.
    pub(crate) fn new(sources: Sources, mut diagnostics: Diagnostics) -> Self {
        diagnostics.sort();
        let dropped = diagnostics.dropped();
        let list = diagnostics.into_iter().map(|diagnostic| localise(&sources, diagnostic)).collect();
        Self { sources: sources.list.into_iter().map(|(_, source)| source).collect(), list, dropped }
    }

    /// What was found in one text.
    pub(crate) fn of(source: &Source, diagnostics: Diagnostics) -> Self {
        let mut sources = Sources::default();
        sources.add(source.clone());
        Self::new(sources, diagnostics)
    }

    /// Each with its text, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Source, &Diagnostic)> {
        self.list.iter().map(|(source, diagnostic)| (&self.sources[*source], diagnostic))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many were found beyond those kept.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.dropped > 0 || self.list.iter().any(|(_, diagnostic)| diagnostic.severity == Severity::Error)
    }

    /// All of them as plain text.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text: String = self.iter().map(|(source, diagnostic)| render_plain(source, diagnostic)).collect();
        if self.dropped > 0 {
            text.push_str(&format!("and {} more\n", self.dropped));
        }
        text
    }
}

fn localise(sources: &Sources, mut diagnostic: Diagnostic) -> (usize, Diagnostic) {
    let at = sources.of(diagnostic.span.start);
    let Some((base, _)) = sources.list.get(at) else { return (0, diagnostic) };
    let shift = |span: &Span| span.start - base..span.end.max(span.start) - base;
    diagnostic.span = shift(&diagnostic.span);
    // A place in another text cannot be shown beside this one.
    diagnostic.labels.retain(|label| sources.of(label.span.start) == at);
    for label in &mut diagnostic.labels {
        label.span = shift(&label.span);
    }
    (at, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_moved_into_their_own_text() {
        let mut sources = Sources::default();
        assert_eq!(sources.add(Source::new("a.ron", "0123")), 0);
        let base = sources.add(Source::new("b.csv", "x\ny"));
        assert_eq!(base, 5);
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(
            Diagnostic::error("second", base + 2..base + 3, "y").label(base..base + 1, "x").label(0..1, "elsewhere"),
        );
        diagnostics.push(Diagnostic::warning("end", 4..4, "the end of the first"));
        let findings = Findings::new(sources, diagnostics);
        let seen: Vec<_> =
            findings.iter().map(|(source, found)| (source.name(), found.code, found.span.clone())).collect();
        assert_eq!(seen, [("a.ron", "end", 4..4), ("b.csv", "second", 2..3)]);
        let labels: Vec<_> =
            findings.iter().flat_map(|(_, found)| &found.labels).map(|label| label.span.clone()).collect();
        assert_eq!(labels, vec![Span { start: 0, end: 1 }], "a label in another text is left out");
        assert!(findings.has_errors() && findings.render().contains("b.csv:2:1"));
    }
}
