//! Diagnostics as plain text, for logs, tests and shells without a terminal.

use std::borrow::Cow;

use super::{Diagnostic, Severity, Source, Span};

/// The longest stretch of a line that is shown, in characters.
const SHOWN: usize = 120;

/// One diagnostic in the form `file:line:column: error[code]: message`, followed by the source line with the place
/// marked, the other places, and the help. Ends with a newline.
#[must_use]
pub fn render_plain(source: &Source, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!(
        "{}: {severity}[{}]: {}\n",
        place(source, &diagnostic.span),
        diagnostic.code,
        shown(&diagnostic.message)
    );
    out.push_str(&excerpt(source, &diagnostic.span));
    for label in &diagnostic.labels {
        out.push_str(&format!("  {}: {}\n", place(source, &label.span), shown(&label.text)));
    }
    if let Some(help) = &diagnostic.help {
        out.push_str(&format!("  help: {}\n", shown(help)));
    }
    out
}

fn place(source: &Source, span: &Span) -> String {
    let position = source.position(span.start);
    format!("{}:{}:{}", shown(source.name()), position.line, position.column)
}

/// The line of the span's start with carets under the span, as far as it lies in that line.
fn excerpt(source: &Source, span: &Span) -> String {
    let start = source.position(span.start);
    let end = source.position(span.end.max(span.start));
    let line = source.line(start.line);
    let length = line.chars().count();
    let last = if end.line == start.line { end.column } else { length + 1 };
    let first_shown = start.column.saturating_sub(SHOWN / 2);
    let shown: String = line.chars().skip(first_shown).take(SHOWN).map(printable).collect();
    let before = start.column - 1 - first_shown.min(start.column - 1);
    let indent = " ".repeat(before);
    let carets = "^".repeat(last.saturating_sub(start.column).clamp(1, SHOWN - before));
    format!("  | {shown}\n  | {indent}{carets}\n")
}

/// A text that quotes a file, with its control characters spelled out: `\u{1b}` as it would be written, not as the order
/// that it is to a terminal.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let spell = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(spell).collect())
}

/// Control characters would move the carets or worse.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_place_line_caret_labels_and_help() {
        let source = Source::new("pool.ron", "(\n    name: \"a\",\n    nmae: \"b\",\n)\n");
        let at = source.text().find("nmae").unwrap();
        let diagnostic = Diagnostic::error("unknown-field", at..at + 4, "unknown field `nmae`")
            .label(6..10, "`name` is here")
            .help("did you mean `name`?");
        let expected = "pool.ron:3:5: error[unknown-field]: unknown field `nmae`\n  |     nmae: \"b\",\n  |     ^^^^\n  \
                        pool.ron:2:5: `name` is here\n  help: did you mean `name`?\n";
        assert_eq!(render_plain(&source, &diagnostic), expected);
    }

    #[test]
    fn long_lines_and_spans_beyond_the_end_are_cut() {
        let source = Source::new("long.ron", "x".repeat(10_000));
        for span in [5_000..9_000, 20_000..30_000, 0..10_000] {
            let rendered = render_plain(&source, &Diagnostic::warning("odd", span, "odd"));
            assert!(rendered.lines().all(|line| line.chars().count() < 140), "{rendered}");
            assert!(rendered.contains('^'));
        }
    }
}
