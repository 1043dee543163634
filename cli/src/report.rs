//! Words on standard error: messages, and what was found in scenario files.

use std::io::{self, Write as _};

use brownout::scenario::Findings;
use brownout::text::{Diagnostic, Severity, Source, shown};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};

use crate::terminal;

/// Says a line.
pub(crate) fn say(message: &str) {
    let lines: Vec<_> = message.lines().map(shown).collect();
    // There is nobody left to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
}

/// Shows findings: with the source in a frame on a terminal, else one after the other as plain text.
pub(crate) fn findings(findings: &Findings) {
    let text = if terminal::error_is_terminal() { framed(findings) } else { findings.render() };
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn framed(findings: &Findings) -> String {
    let theme = match (terminal::has_unicode(), terminal::error_has_colours()) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, _) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(terminal::error_width());
    let mut text = String::new();
    for (source, diagnostic) in findings.iter() {
        let report = Report::new(in_its_terms(source, diagnostic))
            .with_source_code(NamedSource::new(shown(source.name()), harmless(source.text())));
        if handler.render_report(&mut text, report.as_ref()).is_err() {
            text.push_str(&brownout::text::render_plain(source, diagnostic));
        }
        text.push('\n');
    }
    if findings.dropped() > 0 {
        text.push_str(&format!("and {} more\n", findings.dropped()));
    }
    text
}

/// A text without the control characters that would command the terminal, each replaced by as many bytes, so that every
/// place in it stays where it is.
fn harmless(text: &str) -> String {
    let replace = |c: char| match c {
        '\n' | '\t' => c,
        // The others are U+0080 to U+009F, of two bytes.
        _ if c.is_control() => {
            if c.is_ascii() {
                ' '
            } else {
                '\u{a0}'
            }
        }
        _ => c,
    };
    text.chars().map(replace).collect()
}

/// A diagnostic as the drawing library wants it.
fn in_its_terms(source: &Source, diagnostic: &Diagnostic) -> MietteDiagnostic {
    let end = source.text().len();
    let range = |span: &std::ops::Range<usize>| span.start.min(end)..span.end.clamp(span.start.min(end), end);
    let mut labels = vec![LabeledSpan::new_primary_with_span(None, range(&diagnostic.span))];
    labels.extend(diagnostic.labels.iter().map(|label| LabeledSpan::at(range(&label.span), shown(&label.text))));
    let severity = match diagnostic.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let drawn = MietteDiagnostic::new(shown(&diagnostic.message))
        .with_code(diagnostic.code)
        .with_severity(severity)
        .with_labels(labels);
    match &diagnostic.help {
        Some(help) => drawn.with_help(shown(help)),
        None => drawn,
    }
}
