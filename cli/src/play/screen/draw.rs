//! The situation, from top to bottom: the clock and the lead, charts, alerts, people and tasks, what came up, the line.
//!
//! What there is no room for is folded to a count; the page of that name has everything.

use brownout::observe::Stage;
use brownout::text::shown;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::bar;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Sparkline, Wrap};

use super::super::feed::{Item, Kind};
use super::super::figures::{clock, number_of, percent, rate, span};
use super::super::show;
use super::app::App;
use super::over;
use super::sparks::{self, MOST, Measure};

/// How many lines one piece of news takes at most; the page `news` has it whole.
const LONGEST_NEWS: usize = 3;

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) colours: bool,
    pub(super) unicode: bool,
}

impl Look {
    fn coloured(self, colour: Color, otherwise: Modifier) -> Style {
        if self.colours { Style::new().fg(colour) } else { Style::new().add_modifier(otherwise) }
    }

    /// What is wrong: also marked by a character or a word, wherever it is used.
    pub(super) fn bad(self) -> Style {
        self.coloured(Color::Red, Modifier::BOLD).add_modifier(Modifier::BOLD)
    }

    fn of(self, kind: Kind) -> Style {
        match kind {
            Kind::Bad => self.bad(),
            Kind::Good => self.coloured(Color::Green, Modifier::empty()),
            Kind::Own => self.coloured(Color::Cyan, Modifier::BOLD),
            Kind::Said | Kind::Course | Kind::Change | Kind::Reading => Style::new(),
        }
    }

    pub(super) const fn rule(self) -> char {
        if self.unicode { '─' } else { '-' }
    }

    /// The heading of a part, with a rule to the right end.
    pub(super) fn heading(self, text: &str, width: u16) -> Line<'static> {
        let rule = self.rule();
        let mut line = format!("{rule}{rule} {text} ");
        let fill = usize::from(width).saturating_sub(line.chars().count());
        line.extend(std::iter::repeat_n(rule, fill));
        Line::from(line)
    }
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App<'_>, look: Look) {
    let area = frame.area();
    if area.width < 40 || area.height < 12 {
        frame.render_widget(
            Paragraph::new("too small: 40x12 is the least, 80x24 is enough").wrap(Wrap { trim: true }),
            area,
        );
        return;
    }
    let message = over::wrapped(&app.message.0, usize::from(area.width)).len().clamp(1, 3) as u16;
    let [status, body, said, line, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(message),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(status_line(app)).style(Style::new().add_modifier(Modifier::REVERSED)), status);
    match app.dialogs.last() {
        Some(dialog) => over::draw(frame, dialog, body, look),
        None => situation(frame, app, body, look),
    }
    draw_message(frame, app, said, look);
    draw_line(frame, app, line);
    frame.render_widget(Paragraph::new(hint(app)).style(Style::new().add_modifier(Modifier::DIM)), keys);
}

fn status_line(app: &App<'_>) -> String {
    let game = &app.game;
    let running = match (game.is_over(), app.is_waiting(), app.paused) {
        (true, _, _) => "OVER".to_owned(),
        _ if game.is_stopped() => "STOPPED".to_owned(),
        (_, true, _) => "AHEAD".to_owned(),
        (_, _, true) => "PAUSED".to_owned(),
        _ => format!("{}x", app.speed),
    };
    let seen = game.seen.last.as_ref();
    let title = &game.scenario().title;
    let title = shown(if title.is_empty() { &game.scenario().name } else { title }).into_owned();
    let severity = seen.and_then(|seen| seen.people.as_ref()).map(show::severity);
    let severity = severity.map(|severity| format!("  {severity}")).unwrap_or_default();
    let recorded = if game.record().is_some() { "  recording" } else { "" };
    format!(" {}{}  {running}  {}{severity}  {title}{recorded}", clock(game.now()), game.time_of_day(), game.mode())
}

fn draw_message(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, look: Look) {
    let (text, bad) = &app.message;
    let style = if *bad { look.bad() } else { Style::new().add_modifier(Modifier::BOLD) };
    let lines = over::wrapped(text, usize::from(area.width));
    frame.render_widget(Paragraph::new(lines.into_iter().map(Line::from).collect::<Vec<_>>()).style(style), area);
}

fn draw_line(frame: &mut Frame<'_>, app: &App<'_>, area: Rect) {
    let text = app.editor.text();
    let room = usize::from(area.width).saturating_sub(3);
    let from = app.editor.cursor().saturating_sub(room);
    let visible: String = text.chars().skip(from).take(room + 1).collect();
    frame.render_widget(Paragraph::new(format!("> {visible}")), area);
    let column =
        Line::from(text.chars().skip(from).take(app.editor.cursor() - from).collect::<String>()).width() as u16;
    frame.set_cursor_position(Position::new((area.x + 2 + column).min(area.right().saturating_sub(1)), area.y));
}

fn hint(app: &App<'_>) -> String {
    if !app.completions.is_empty() {
        let last = |line: &String| line.rsplit(' ').next().unwrap_or_default().to_owned();
        return app.completions.iter().map(last).collect::<Vec<_>>().join("  ");
    }
    if app.game.is_over() {
        return "the scenario is over: Enter shows what came of it".to_owned();
    }
    match app.dialogs.last() {
        Some(dialog) => over::hint(dialog).to_owned(),
        None if app.is_waiting() => "any key breaks the wait off".to_owned(),
        None => {
            let pause = match (app.game.may_pause(), app.paused) {
                (false, _) => "",
                (_, true) => "Space go  ",
                (_, false) => "Space pause  ",
            };
            format!("Enter menu  Tab completes  {pause}+/- speed  ? help  `wait 5m` runs ahead")
        }
    }
}

/// How many rows each part gets.
struct Shares {
    charts: usize,
    chart_height: usize,
    alerts: usize,
    people: usize,
}

fn shares(app: &App<'_>, height: usize) -> Shares {
    let more = height.saturating_sub(20) / 4;
    let seen = app.game.seen.last.as_ref();
    let charts = app.game.seen.rows.len().min(3 + more);
    let alerts = seen.map_or(0, |seen| show::alerts(seen).count()).min(3 + more);
    let people = seen.map_or(0, |seen| show::people(seen).count().max(show::open_tasks(seen).count()));
    let people = people.min(4 + 2 * more);
    let headings = [charts, alerts, people].into_iter().filter(|rows| *rows > 0).count();
    let spare = height.saturating_sub(headings + charts + alerts + people + 7);
    let chart_height = (1 + spare / charts.max(1)).clamp(1, 3);
    Shares { charts, chart_height, alerts, people }
}

fn situation(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, look: Look) {
    let shares = shares(app, usize::from(area.height));
    let rows = |rows: usize| Constraint::Length(if rows == 0 { 0 } else { rows as u16 + 1 });
    let lead = app.game.seen.last.as_ref().and_then(|seen| seen.people.as_ref());
    let [doing, charts, alerts, people, news] = Layout::vertical([
        Constraint::Length(u16::from(lead.is_some())),
        rows(shares.charts * shares.chart_height),
        rows(shares.alerts),
        rows(shares.people),
        Constraint::Min(0),
    ])
    .areas(area);
    if let Some(people) = lead {
        let text = over::cut(&show::doing(people, app.game.now()), usize::from(area.width));
        frame.render_widget(Paragraph::new(text).style(Style::new().add_modifier(Modifier::BOLD)), doing);
    }
    draw_charts(frame, app, charts, &shares, look);
    draw_alerts(frame, app, alerts, look);
    draw_people(frame, app, people, look);
    draw_news(frame, app, news, look);
}

fn draw_charts(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, shares: &Shares, look: Look) {
    if area.height == 0 {
        return;
    }
    let seen = &app.game.seen;
    let name = seen.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).clamp(4, 14) as u16;
    let cell = area.width.saturating_sub(name + 1) / 3;
    let columns = usize::from(cell.saturating_sub(10));
    let interval = seen.last.as_ref().map_or(0.0, |last| last.scrape_interval.as_secs_f64());
    let minutes = sparks::per_column(columns) as f64 * columns as f64 * interval / 60.0;
    let hidden = seen.rows.len() - shares.charts;
    let more = if hidden > 0 { format!(", {hidden} more: charts") } else { String::new() };
    let stale = if seen.last.as_ref().is_some_and(brownout::observe::Observation::is_stale) { ", STALE" } else { "" };
    let cell_width = usize::from(cell);
    let mut line = vec![look.rule(); usize::from(area.width)];
    let labels =
        ["requests a second".to_owned(), "errors".to_owned(), format!("latency p99, {minutes:.0}m{stale}{more}")];
    for (at, label) in labels.iter().enumerate() {
        let start = if at == 0 { 2 } else { usize::from(name) + at * cell_width };
        for (offset, c) in format!(" {label} ").chars().enumerate() {
            if let Some(place) = line.get_mut(start + offset) {
                *place = c;
            }
        }
    }
    frame.render_widget(Paragraph::new(line.into_iter().collect::<String>()), Rect { height: 1, ..area });
    let height = shares.chart_height as u16;
    for (at, row) in seen.rows.iter().take(shares.charts).enumerate() {
        let y = area.y + 1 + at as u16 * height;
        let last = row.points.last();
        let bad = last.and_then(|point| point.errors).is_some_and(|errors| errors >= 0.01);
        let label: String = shown(&row.name).chars().take(usize::from(name)).collect();
        let style = if bad { look.bad() } else { Style::new() };
        frame.render_widget(Paragraph::new(label).style(style), Rect::new(area.x, y, name, 1));
        for (number, measure) in Measure::ALL.into_iter().enumerate() {
            let x = area.x + name + 1 + number as u16 * cell;
            let value = last.and_then(|point| measure.of(point));
            let text = match (value, row.measured, row.points.is_empty()) {
                (Some(value), _, _) => figure(measure, value),
                (None, false, _) => "no graph".to_owned(),
                (None, true, true) => "not yet".to_owned(),
                (None, true, false) => "none".to_owned(),
            };
            let style = if bad && measure == Measure::Errors { look.bad() } else { Style::new() };
            frame.render_widget(Paragraph::new(format!("{text:>8}")).style(style), Rect::new(x, y, 8, 1));
            let data = sparks::columns(row, measure, columns);
            let spark = Sparkline::default()
                .data(data)
                .max(MOST)
                .absent_value_symbol(if look.unicode { "·" } else { " " })
                .bar_set(if look.unicode { bar::NINE_LEVELS } else { sparks::ASCII })
                .style(style);
            frame.render_widget(spark, Rect::new(x + 9, y, columns as u16, height));
        }
    }
}

fn figure(measure: Measure, value: f64) -> String {
    match measure {
        Measure::Rate => rate(value),
        Measure::Errors => percent(value),
        Measure::Latency => span(value),
    }
}

fn draw_alerts(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, look: Look) {
    let Some(seen) = app.game.seen.last.as_ref().filter(|_| area.height > 0) else { return };
    let firing = seen.alerts.iter().filter(|alert| alert.stage == Stage::Firing).count();
    let mut lines = vec![look.heading(&format!("alerts: {firing} of {} firing", seen.alerts.len()), area.width)];
    let all = show::alerts(seen).map(|text| {
        let style = if text.starts_with("FIRING") { look.bad() } else { Style::new() };
        Line::styled(over::cut(&text, usize::from(area.width)), style)
    });
    lines.extend(all.take(usize::from(area.height) - 1));
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_people(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, look: Look) {
    let Some(seen) = app.game.seen.last.as_ref().filter(|_| area.height > 0) else { return };
    let tickets = seen.people.as_ref().and_then(|people| people.comms.as_ref());
    let tickets = tickets
        .map(|comms| format!(", {} ({} in 10m)", number_of(comms.tickets as usize, "ticket"), comms.recent_tickets));
    let mut people: Vec<String> = show::people(seen).collect();
    let tasks: Vec<String> = show::open_tasks(seen).map(|task| show::task_line(task, seen.now)).collect();
    let tickets = tickets.unwrap_or_default();
    if !tasks.is_empty() {
        // Beside tasks there is room for who is where; the page `people` tells what they are there for.
        people.iter_mut().for_each(|line| line.truncate(line.find(" (").unwrap_or(line.len())));
    }
    let (people_heading, tasks_heading, left) = match tasks.is_empty() {
        true => (format!("people, no task under way{tickets}"), String::new(), 100),
        false => ("people".to_owned(), format!("tasks{tickets}"), 40),
    };
    let [left, right] = Layout::horizontal([Constraint::Percentage(left), Constraint::Fill(1)]).areas(area);
    for (area, heading, lines, page) in
        [(left, &people_heading, people, "people"), (right, &tasks_heading, tasks, "tasks")]
    {
        if area.width == 0 {
            continue;
        }
        let rows = usize::from(area.height) - 1;
        let mut text = vec![look.heading(heading, area.width)];
        let shown = if lines.len() > rows { rows.saturating_sub(1) } else { lines.len() };
        let width = usize::from(area.width).saturating_sub(1);
        let styled = |line: &String| {
            let wrong = line.contains("BLOCKED") || line.contains(" over");
            Line::styled(over::cut(line, width), if wrong { look.bad() } else { Style::new() })
        };
        text.extend(lines.iter().take(shown).map(styled));
        if lines.len() > shown {
            text.push(Line::from(format!("{} more: {page}", lines.len() - shown)));
        }
        frame.render_widget(Paragraph::new(text), area);
    }
}

fn draw_news(frame: &mut Frame<'_>, app: &App<'_>, area: Rect, look: Look) {
    if area.height == 0 {
        return;
    }
    let rows = usize::from(area.height) - 1;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for item in app.game.feed.items.iter().rev() {
        let mut wrapped = news_lines(item, usize::from(area.width));
        let most = if item.kind == Kind::Own { 1 } else { LONGEST_NEWS.min(rows) };
        if wrapped.len() > most {
            wrapped.truncate(most);
            let more = if item.kind == Kind::Own { " .." } else { "  .. more: news" };
            if let Some(last) = wrapped.last_mut() {
                let kept = usize::from(area.width).saturating_sub(more.len());
                *last = last.chars().take(kept).chain(more.chars()).collect();
            }
        }
        if lines.len() + wrapped.len() > rows {
            break;
        }
        let style = look.of(item.kind);
        lines.extend(wrapped.into_iter().rev().map(|line| Line::from(Span::styled(line, style))));
    }
    if app.game.feed.items.is_empty() {
        lines.push(Line::from("nothing yet"));
    }
    lines.push(look.heading("what came up", area.width));
    lines.reverse();
    frame.render_widget(Paragraph::new(lines), area);
}

/// When, a mark for what kind it is, who, what.
fn news_lines(item: &Item, width: usize) -> Vec<String> {
    let mark = match item.kind {
        Kind::Bad => '!',
        Kind::Good => '+',
        Kind::Own => '>',
        Kind::Change | Kind::Reading => '~',
        Kind::Said | Kind::Course => ' ',
    };
    let text = format!("{:>7} {mark} {}: {}", clock(item.at), item.from, item.text);
    let indent = 10;
    over::wrapped_with(&text, width, indent)
}
