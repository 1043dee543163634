//! What lies over the situation: pages, lists and forms. And lines that are broken to fit.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::figures::number_of;
use super::app::PER_PAGE;
use super::dialog::{Dialog, Entry, Form};
use super::draw::Look;

/// Draws a dialog over an area.
pub(super) fn draw(frame: &mut Frame<'_>, dialog: &Dialog, area: Rect, look: Look) {
    let lines = match dialog {
        Dialog::Page { title, text, top } => page(title, text, *top, area, look),
        Dialog::Pick { title, entries, page } => pick(title, entries, *page, area, look),
        Dialog::Form(form) => form_lines(form, area, look),
    };
    frame.render_widget(Paragraph::new(lines), area);
}

/// What keys do there.
pub(super) const fn hint(dialog: &Dialog) -> &'static str {
    match dialog {
        Dialog::Page { .. } => "Down, Up, Space scroll  Esc closes",
        Dialog::Pick { .. } => "a number chooses  Space next page  Esc back",
        Dialog::Form(_) => "Enter takes the value in brackets, or what you type  Up back  Esc away",
    }
}

fn page(title: &str, text: &str, top: usize, area: Rect, look: Look) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let indent = |line: &str| line.chars().take_while(|c| *c == ' ').count().min(20);
    let all: Vec<String> = text.lines().flat_map(|line| wrapped_with(line, width, indent(line) + 2)).collect();
    let rows = usize::from(area.height).saturating_sub(1);
    let top = top.min(all.len().saturating_sub(rows));
    let below = all.len().saturating_sub(top + rows);
    let more = if below > 0 { format!(", {} below", number_of(below, "line")) } else { String::new() };
    let mut lines = vec![look.heading(&format!("{title}{more}"), area.width)];
    lines.extend(all.into_iter().skip(top).take(rows).map(Line::from));
    lines
}

fn pick(title: &str, entries: &[Entry], page: usize, area: Rect, look: Look) -> Vec<Line<'static>> {
    let pages = entries.len().div_ceil(PER_PAGE).max(1);
    let of = if pages > 1 { format!(", page {} of {pages}", page + 1) } else { String::new() };
    let mut lines = vec![look.heading(&format!("{title}{of}"), area.width)];
    let width = usize::from(area.width);
    let mine: Vec<&Entry> = entries.iter().skip(page * PER_PAGE).take(PER_PAGE).collect();
    let label = mine.iter().map(|entry| entry.label.chars().count()).max().unwrap_or(0).min(width / 2);
    for (number, entry) in mine.into_iter().enumerate() {
        let text = format!("{}  {:label$}  {}", number + 1, entry.label, entry.detail);
        let text = wrapped_with(&text, width, label + 5);
        lines.extend(text.into_iter().map(Line::from));
    }
    lines
}

fn form_lines(form: &Form, area: Rect, look: Look) -> Vec<Line<'static>> {
    let width = usize::from(area.width);
    let mut lines = vec![look.heading(&form.title, area.width)];
    if !form.about.is_empty() {
        lines.extend(wrapped_with(&form.about, width, 0).into_iter().map(Line::from));
    }
    let label = form.fields.iter().map(|field| field.label.chars().count()).max().unwrap_or(0);
    for (at, field) in form.fields.iter().enumerate() {
        let here = at == form.at;
        let mark = if here { '>' } else { ' ' };
        let value = if field.value.is_empty() { "nothing" } else { &field.value };
        let style = if here { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
        lines.push(Line::styled(cut(&format!("{mark} {:label$}  [{value}]", field.label), width), style));
        if here {
            lines.extend(wrapped_with(&format!("    {}", field.hint), width, 4).into_iter().map(Line::from));
            let choices: Vec<String> =
                field.choices.iter().enumerate().map(|(at, choice)| format!("{} {choice}", at + 1)).collect();
            if !choices.is_empty() {
                let text = format!("    {}", choices.join("   "));
                lines.extend(wrapped_with(&text, width, 4).into_iter().map(Line::from));
            }
        }
    }
    lines.push(Line::from(""));
    let says = if form.is_complete() { "Enter gives it:" } else { "so far:" };
    let style = if form.is_complete() { Style::new().add_modifier(Modifier::BOLD) } else { Style::new() };
    let text = wrapped_with(&format!("{says} {}", form.line()), width, 4);
    lines.extend(text.into_iter().map(|line| Line::styled(line, style)));
    lines
}

/// A text that fits a width, with dots where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(2)).collect();
    format!("{kept}..")
}

/// A text in lines that fit a width.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    wrapped_with(text, width, 2)
}

/// A text in lines that fit a width, broken at blanks where there are any, those after the first indented.
pub(super) fn wrapped_with(text: &str, width: usize, indent: usize) -> Vec<String> {
    let width = width.max(8);
    let indent = indent.min(width / 2);
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    let mut before = String::new();
    loop {
        let room = width - before.len();
        if rest.len() <= room {
            lines.push(format!("{before}{}", rest.iter().collect::<String>()));
            return lines;
        }
        let blank = rest[..=room].iter().rposition(|c| *c == ' ').filter(|at| *at > room / 2);
        let at = blank.unwrap_or(room);
        lines.push(format!("{before}{}", rest[..at].iter().collect::<String>()));
        let skipped = rest[at..].iter().take_while(|c| **c == ' ').count();
        rest.drain(..at + skipped);
        before = " ".repeat(indent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_broken_to_fit() {
        assert_eq!(wrapped_with("one two three four", 10, 2), ["one two", "  three", "  four"]);
        assert_eq!(wrapped_with("abcdefghijklmnop", 8, 2), ["abcdefgh", "  ijklmn", "  op"]);
        assert_eq!(wrapped("", 20), [""]);
        assert_eq!((cut("abcdef", 5).as_str(), cut("abc", 5).as_str()), ("abc..", "abc"));
    }
}
