//! The chart of a run in characters: load and goodput, error rate, latency, and below them what was changed when.
//!
//! A column stands for some seconds: counts and latencies are means over them, the error rate is that of all requests that
//! ended in them. A thin line above a column reaches to the highest ten seconds in it, so that a storm shorter than a column
//! shows. The vertical scales begin at zero and end at a round number that stands on the axis.

use super::changes::Change;
use super::curves::Curves;
use super::figures::{axis_count, axis_percent, axis_span, clock, round_up, three_digits};
use super::layout;
use super::peaks::{self, Peak};
use super::text::{Charset, Ink, TextStyle};

/// Columns that the labels of the vertical axis take, with the axis.
const GUTTER: usize = 9;
const NARROWEST: usize = 20;
/// More columns than this make a chart nobody can take in.
const WIDEST: usize = 200;
const LOAD_ROWS: usize = 7;
const ERROR_ROWS: usize = 3;
const LATENCY_ROWS: usize = 4;
/// A cell is filled in eighths.
const FULL: usize = 8;
/// Changes beyond these many get no mark of their own.
const MOST_MARKS: usize = 26;

/// The chart, with its legend and the list of changes. Empty without a second to show.
pub(super) fn chart(curves: &Curves, changes: &[Change], style: &TextStyle) -> String {
    if curves.seconds() == 0 {
        return String::new();
    }
    let plot = Plot { curves, columns: columns(style.width), style };
    let mut text = plot.load();
    text.push_str(&plot.panel(&Panel::errors(&plot)));
    text.push_str(&plot.panel(&Panel::latency(&plot)));
    text.push_str(&plot.time_axis());
    text.push_str(&plot.marks(changes));
    text
}

fn columns(width: usize) -> usize {
    width.saturating_sub(GUTTER + 1).clamp(NARROWEST, WIDEST)
}

struct Plot<'a> {
    curves: &'a Curves,
    columns: usize,
    style: &'a TextStyle,
}

/// What a column of the load panel is made of, in eighths of a row from the bottom.
struct Stack {
    goodput: usize,
    offered: usize,
    attempts: usize,
    /// How high attempts went for ten seconds.
    peak: usize,
}

/// One curve with its heading.
struct Panel {
    name: &'static str,
    /// What the heading says when the curve is zero throughout.
    none: &'static str,
    rows: usize,
    ink: Ink,
    means: Vec<Option<f64>>,
    peaks: Vec<Option<f64>>,
    label: fn(f64) -> String,
}

impl Panel {
    fn errors(plot: &Plot<'_>) -> Self {
        Self {
            name: "error rate",
            none: "none of what ended",
            rows: ERROR_ROWS,
            ink: Ink::Bad,
            means: plot.each_bin(|bin| peaks::error_rate(plot.curves, bin)),
            peaks: plot.each_peak(|range| peaks::error_rate(plot.curves, range)),
            label: axis_percent,
        }
    }

    fn latency(plot: &Plot<'_>) -> Self {
        Self {
            name: "p99 latency of successes",
            none: "none, nothing succeeded",
            rows: LATENCY_ROWS,
            ink: Ink::Slow,
            means: plot.each_bin(|bin| peaks::latency(plot.curves, bin)),
            peaks: plot.each_peak(|range| peaks::latency(plot.curves, range)),
            label: axis_span,
        }
    }

    fn highest(&self) -> f64 {
        self.means.iter().chain(&self.peaks).flatten().copied().fold(0.0, f64::max)
    }
}

impl Plot<'_> {
    /// The seconds that a column stands for, at least one.
    fn bin(&self, column: usize) -> std::ops::Range<usize> {
        let seconds = self.curves.seconds();
        let start = column * seconds / self.columns;
        start..((column + 1) * seconds / self.columns).max(start + 1)
    }

    fn each_bin<T>(&self, of: impl Fn(std::ops::Range<usize>) -> T) -> Vec<T> {
        (0..self.columns).map(|column| of(self.bin(column))).collect()
    }

    fn means(&self, values: &[f64]) -> Vec<f64> {
        self.each_bin(|bin| peaks::mean(&values[bin]))
    }

    /// The highest ten seconds of each column; `None` where a column is not much longer than that.
    fn each_peak(&self, measure: impl Fn(std::ops::Range<usize>) -> Option<f64>) -> Vec<Option<f64>> {
        self.each_bin(|bin| {
            let long = bin.len() >= 2 * peaks::SPAN;
            long.then(|| peaks::highest(bin, self.curves.seconds(), &measure)).flatten().map(|peak| peak.value)
        })
    }

    /// Goodput, what was offered beyond it, and what clients sent beyond that, one on top of the other.
    fn load(&self) -> String {
        let goodput = self.means(&self.curves.goodput);
        let (offered, attempts) = (self.means(&self.curves.offered), self.means(&self.curves.attempts));
        let highest = self.each_peak(|range| Some(peaks::mean(&self.curves.attempts[range])));
        let all = goodput.iter().chain(&offered).chain(&attempts).chain(highest.iter().flatten());
        let top = round_up(all.copied().fold(0.0, f64::max));
        let level = |value: f64| level(value, top, LOAD_ROWS);
        let stacks: Vec<Stack> = (0..self.columns)
            .map(|column| Stack {
                goodput: level(goodput[column]),
                offered: level(offered[column]),
                attempts: level(attempts[column]),
                peak: highest[column].map_or(0, level),
            })
            .collect();
        let mut text = self.load_heading(top, highest.iter().any(Option::is_some));
        for row in (0..LOAD_ROWS).rev() {
            let cells = stacks.iter().map(|stack| self.stack_cell(stack, row)).collect();
            let label = if row == LOAD_ROWS - 1 { axis_count(top) } else { String::new() };
            text.push_str(&self.row(&label, cells));
        }
        text
    }

    fn load_heading(&self, top: f64, peaks: bool) -> String {
        let glyphs = self.style.charset.glyphs();
        let title = format!("requests a second, 0 to {}", axis_count(top));
        let keys = [
            (Ink::Good, glyphs.full(), "goodput"),
            (Ink::Bad, glyphs.missed, "also offered"),
            (Ink::Retry, glyphs.retried, "retries"),
            (Ink::Retry, glyphs.peak, "10 s peak"),
        ];
        let keys = if peaks { &keys[..] } else { &keys[..3] };
        // Letters of an ink take no room, so that lines are broken before they are painted.
        let mut text =
            layout::items(&title, keys.iter().map(|(_, glyph, what)| format!("{glyph} {what}")), self.style.width - 1);
        for (ink, glyph, what) in keys {
            let painted = format!("{} {what}", self.style.paint(*ink, &glyph.to_string()));
            text = text.replacen(&format!("{glyph} {what}"), &painted, 1);
        }
        text
    }

    /// The cell shows whatever covers half of it, goodput first; where nothing lies on top, goodput ends in eighths.
    fn stack_cell(&self, stack: &Stack, row: usize) -> (char, Ink) {
        let glyphs = self.style.charset.glyphs();
        let within = |level: usize| level.saturating_sub(row * FULL).min(FULL);
        let (goodput, offered, attempts) = (within(stack.goodput), within(stack.offered), within(stack.attempts));
        // A difference of an eighth is the rounding of two means, and requests that are still under way.
        let alone = offered <= goodput + 1 && attempts <= goodput + 1;
        if goodput >= FULL / 2 || alone && goodput > 0 {
            (glyphs.blocks[if alone { goodput } else { FULL }], Ink::Good)
        } else if offered >= FULL / 2 {
            (glyphs.missed, Ink::Bad)
        } else if attempts >= FULL / 2 {
            (glyphs.retried, Ink::Retry)
        } else if within(stack.peak) >= FULL / 2 {
            (glyphs.peak, Ink::Retry)
        } else {
            (glyphs.blocks[goodput], Ink::Good)
        }
    }

    /// One curve as a panel with a heading.
    fn panel(&self, panel: &Panel) -> String {
        let Panel { name, rows, label, .. } = *panel;
        let highest = panel.highest();
        if highest <= 0.0 {
            return format!("{name}: {}\n", panel.none);
        }
        let top = round_up(highest);
        let levels = |values: &[Option<f64>]| -> Vec<usize> {
            values.iter().map(|value| value.map_or(0, |value| level(value, top, rows))).collect()
        };
        let (means, peaks) = (levels(&panel.means), levels(&panel.peaks));
        let mut text = format!("{name}, 0 to {}\n", label(top));
        for row in (0..rows).rev() {
            let cells = means.iter().zip(&peaks).map(|(mean, peak)| (self.curve_cell(*mean, *peak, row), panel.ink));
            let label = if row == rows - 1 { label(top) } else { String::new() };
            text.push_str(&self.row(&label, cells.collect()));
        }
        text
    }

    fn curve_cell(&self, mean: usize, peak: usize, row: usize) -> char {
        let glyphs = self.style.charset.glyphs();
        let within = |level: usize| level.saturating_sub(row * FULL).min(FULL);
        if within(mean) == 0 && within(peak) >= FULL / 2 { glyphs.peak } else { glyphs.blocks[within(mean)] }
    }

    fn row(&self, label: &str, cells: Vec<(char, Ink)>) -> String {
        let axis = self.style.charset.glyphs().axis;
        let mut text = format!("{label:>width$} {axis}", width = GUTTER - 2);
        let mut cells = cells.into_iter().peekable();
        while let Some((first, ink)) = cells.next() {
            let mut run = String::from(first);
            while let Some((cell, _)) = cells.next_if(|(_, next)| *next == ink) {
                run.push(cell);
            }
            text.push_str(&self.style.paint(ink, &run));
        }
        // Blanks in colour are blanks; those at the end are left out only where there is none.
        if self.style.is_plain() { format!("{}\n", text.trim_end()) } else { text + "\n" }
    }

    fn time_axis(&self) -> String {
        let glyphs = self.style.charset.glyphs();
        let step = self.tick_step();
        let mut line: Vec<char> = vec![glyphs.line; self.columns];
        let mut labels = vec![' '; self.columns + GUTTER];
        for tick in (0..self.curves.seconds()).step_by(step) {
            let column = self.column_of(tick as f64);
            line[column] = glyphs.tick;
            for (offset, letter) in clock(tick as f64).chars().enumerate() {
                if let Some(place) = labels.get_mut(column + offset) {
                    *place = letter;
                }
            }
        }
        let gutter = " ".repeat(GUTTER - 2);
        let line: String = line.into_iter().collect();
        let labels: String = labels.into_iter().collect();
        format!("{gutter}0{}{line}\n{}{}\n", glyphs.corner, " ".repeat(GUTTER), labels.trim_end())
    }

    /// The seconds between two ticks, so that their labels stay apart.
    fn tick_step(&self) -> usize {
        const STEPS: [usize; 15] = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
        const APART: usize = 9;
        let least = (self.curves.seconds() * APART).div_ceil(self.columns);
        STEPS.into_iter().find(|step| *step >= least).unwrap_or(86_400)
    }

    fn column_of(&self, seconds: f64) -> usize {
        let column = seconds / self.curves.seconds() as f64 * self.columns as f64;
        (column as usize).min(self.columns - 1)
    }

    /// A letter under the time of each change, and the list of them; among them, marked with its own sign, the ten seconds
    /// in which clients sent most.
    fn marks(&self, changes: &[Change]) -> String {
        let letters = ('A'..='Z').zip(changes);
        let mut entries: Vec<(char, f64, String)> =
            letters.map(|(letter, change)| (letter, change.at_seconds, change.line())).collect();
        if let Some(peak) = peaks::most_attempts(self.curves) {
            let place = entries.partition_point(|(_, at, _)| *at <= peak.second as f64);
            entries.insert(place, ('^', peak.second as f64, self.peak_line(peak)));
        }
        if entries.is_empty() {
            return String::new();
        }
        let mut line = vec![' '; self.columns];
        let mut list = String::new();
        for (sign, at, text) in &entries {
            // Marks of one moment stand side by side.
            if let Some(free) = (self.column_of(*at)..self.columns).find(|column| line[*column] == ' ') {
                line[free] = *sign;
            }
            let head = format!("  {sign} {:>7}  ", clock(*at));
            let entry = layout::wrapped(&head, text, self.style.width - 1);
            list.push_str(&entry.replacen(*sign, &self.style.paint(Ink::Mark, &sign.to_string()), 1));
        }
        if changes.len() > MOST_MARKS {
            list.push_str(&format!("  and {} more\n", changes.len() - MOST_MARKS));
        }
        let line: String = line.into_iter().collect();
        format!("{}{}\n{list}", " ".repeat(GUTTER), self.style.paint(Ink::Mark, line.trim_end()))
    }

    fn peak_line(&self, peak: Peak) -> String {
        let range = peak.second..peak.second + peaks::SPAN;
        let offered = peaks::mean(&self.curves.offered[range]);
        let each =
            if offered > 0.0 { format!(", {:.1} for each request", peak.value / offered) } else { String::new() };
        format!("peak: {} attempts a second{each}", three_digits(peak.value))
    }
}

/// How high a value reaches on a scale from 0 to `top`, in eighths of a row; what is above zero shows.
fn level(value: f64, top: f64, rows: usize) -> usize {
    let eighths = libm::round(value / top * (rows * FULL) as f64) as usize;
    if value > 0.0 { eighths.max(1) } else { 0 }
}

/// The characters of a chart.
pub(super) struct Glyphs {
    /// A cell filled from the bottom by so many eighths.
    blocks: [char; FULL + 1],
    missed: char,
    retried: char,
    /// From a mean up to the highest ten seconds.
    peak: char,
    axis: char,
    corner: char,
    line: char,
    tick: char,
}

impl Glyphs {
    fn full(&self) -> char {
        self.blocks[FULL]
    }
}

impl Charset {
    fn glyphs(self) -> &'static Glyphs {
        match self {
            Self::Unicode => &Glyphs {
                blocks: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
                missed: '▒',
                retried: '░',
                peak: '┊',
                axis: '│',
                corner: '└',
                line: '─',
                tick: '┴',
            },
            Self::Ascii => &Glyphs {
                blocks: [' ', '_', '_', '_', '#', '#', '#', '#', '#'],
                missed: '+',
                retried: ':',
                peak: '!',
                axis: '|',
                corner: '+',
                line: '-',
                tick: '+',
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{ChangeKind, Colours};

    const PLAIN: TextStyle = TextStyle { width: 80, charset: Charset::Unicode, colours: Colours::None };

    /// Ten minutes: quiet, then five minutes in which three of four fail and are retried, then quiet.
    fn incident() -> Curves {
        let bad = |second: usize| (150..450).contains(&second);
        let each = |of: fn(bool) -> f64| (0..600).map(|second| of(bad(second))).collect();
        Curves {
            offered: each(|_| 100.0),
            attempts: each(|bad| if bad { 350.0 } else { 100.0 }),
            goodput: each(|bad| if bad { 20.0 } else { 100.0 }),
            failed: each(|bad| if bad { 80.0 } else { 0.0 }),
            p99_ms: (0..600).map(|second| Some(if bad(second) { 1_800.0 } else { 90.0 })).collect(),
        }
    }

    fn change(at_seconds: f64, text: &str) -> Change {
        Change { at_seconds, kind: ChangeKind::Order, text: text.to_owned(), reason: None }
    }

    fn column(chart: &str, column: usize) -> String {
        let rows = chart.lines().skip(1).take(LOAD_ROWS);
        rows.map(|row| row.chars().nth(GUTTER + column).unwrap_or(' ')).collect()
    }

    #[test]
    fn the_load_panel_stacks_goodput_misses_and_retries() {
        let drawn = chart(&incident(), &[], &PLAIN);
        // The scale ends at 400: 100 is 1.75 rows of 7, 20 is 0.35 rows, 350 is 6.1 rows.
        assert!(drawn.starts_with("requests a second, 0 to 400 "), "{drawn}");
        assert_eq!(column(&drawn, 5), "     ▆█");
        assert_eq!(column(&drawn, 35), " ░░░░▒▒");
        assert_eq!(column(&drawn, 65), "     ▆█");
    }

    /// Two hours and a half at 80 columns, of which half a minute has four times the attempts and nothing but errors.
    #[test]
    fn a_storm_shorter_than_a_column_shows_with_its_height_and_its_time() {
        let seconds = 9_000;
        let storm = |second: usize| (620..650).contains(&second);
        let each = |of: fn(bool) -> f64| (0..seconds).map(|second| of(storm(second))).collect::<Vec<f64>>();
        let curves = Curves {
            offered: each(|_| 20.0),
            attempts: each(|storm| if storm { 80.0 } else { 20.0 }),
            goodput: each(|storm| if storm { 0.0 } else { 20.0 }),
            failed: each(|storm| if storm { 20.0 } else { 0.0 }),
            p99_ms: vec![Some(100.0); seconds],
        };
        let drawn = chart(&curves, &[], &PLAIN);
        assert!(drawn.starts_with("requests a second, 0 to 80 "), "{drawn}");
        assert!(drawn.contains("error rate, 0 to 100%"), "{drawn}");
        // The column from 514 to 642 s has 22 of the 30 seconds: a mean of 30, which is 2.7 rows of 7, below the peak.
        assert_eq!(column(&drawn, 4), "┊┊┊┊░██", "{drawn}");
        assert_eq!(column(&drawn, 3), "     ▆█");
        assert!(drawn.contains("  ^   10:20  peak: 80.0 attempts a second, 4.0 for each request\n"), "{drawn}");
    }

    #[test]
    fn error_rate_and_latency_state_their_scale() {
        let drawn = chart(&incident(), &[], &PLAIN);
        assert!(drawn.contains("error rate, 0 to 80%"), "{drawn}");
        assert!(drawn.contains("p99 latency of successes, 0 to 2s"), "{drawn}");
        let calm = Curves { failed: vec![0.0; 600], ..incident() };
        assert!(chart(&calm, &[], &PLAIN).contains("error rate: none of what ended"));
    }

    #[test]
    fn every_change_has_a_letter_under_its_time() {
        let changes = [change(150.0, "deploy shop v2"), change(450.0, "roll back shop"), change(450.0, "restart shop")];
        let drawn = chart(&incident(), &changes, &PLAIN);
        let line = drawn.lines().find(|line| line.trim_start().starts_with('A')).unwrap();
        let place = |letter| line.chars().position(|c| c == letter).unwrap() - GUTTER;
        assert_eq!((place('A'), place('B'), place('C')), (70 / 4, 70 * 3 / 4, 70 * 3 / 4 + 1));
        assert!(drawn.contains("  B    7:30  roll back shop\n"), "{drawn}");
    }

    #[test]
    fn it_fits_its_width_in_every_charset_and_length() {
        for (width, charset, seconds) in [
            (80, Charset::Unicode, 600),
            (120, Charset::Ascii, 600),
            (80, Charset::Ascii, 1),
            (100, Charset::Unicode, 7),
        ] {
            let cut = |values: Vec<f64>| values[..seconds].to_vec();
            let curves = incident();
            let curves = Curves {
                offered: cut(curves.offered),
                attempts: cut(curves.attempts),
                goodput: cut(curves.goodput),
                failed: cut(curves.failed),
                p99_ms: curves.p99_ms[..seconds].to_vec(),
            };
            let drawn = chart(&curves, &[change(0.0, "deploy")], &TextStyle { width, charset, colours: Colours::None });
            assert!(drawn.lines().all(|line| line.chars().count() < width), "{drawn}");
            assert!(charset == Charset::Unicode || drawn.is_ascii(), "{drawn}");
        }
        assert_eq!(chart(&Curves::default(), &[], &PLAIN), "");
    }

    #[test]
    fn colours_add_nothing_but_escapes() {
        let changes = [change(150.0, "deploy shop v2")];
        let coloured = chart(&incident(), &changes, &TextStyle { colours: Colours::Ansi, ..PLAIN });
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(&stripped), lines(&chart(&incident(), &changes, &PLAIN)));
        assert!(coloured.contains("\u{1b}[32m"));
    }
}
