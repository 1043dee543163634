//! The chart of a run in characters: load and goodput, error rate, latency, and below them what was changed when.
//!
//! A column stands for some seconds: counts and latencies are means over them, the error rate is that of all requests that
//! ended in them. A thin line above a column reaches to the highest ten seconds in it, so that a storm shorter than a column
//! shows. The vertical scales begin at zero and end at a round number that stands on the axis.

use std::ops::Range;

use crate::units::SimDuration;

use super::changes::{Change, ChangeKind};
use super::curves::Curves;
use super::extent;
use super::figures::{axis_count, axis_percent, axis_span, clock, grouped, round_up};
use super::incident::IncidentSummary;
use super::layout;
use super::marks;
use super::peaks;
use super::text::{Charset, Ink, TextStyle};

/// Columns that the labels of the vertical axis take, with the axis.
pub(super) const GUTTER: usize = 9;
const NARROWEST: usize = 20;
/// More columns than this make a chart nobody can take in.
const WIDEST: usize = 200;
/// A cell is filled in eighths.
const FULL: usize = 8;

/// The chart of the stretch in which something happened, with its legend and the list of changes. Empty without a second to
/// show.
pub(super) fn chart(curves: &Curves, changes: &[Change], incident: &IncidentSummary, style: &TextStyle) -> String {
    if curves.seconds() == 0 {
        return String::new();
    }
    let columns = columns(style.width);
    let range = extent::extent(curves, changes, incident, columns);
    let plot = Plot { curves, range, columns, style };
    let mut text = plot.title(changes);
    text.push_str(&plot.load());
    text.push_str(&plot.panel(&Panel::errors(&plot)));
    text.push_str(&plot.panel(&Panel::latency(&plot)));
    text.push_str(&plot.time_axis());
    text.push_str(&marks::marks(&plot, changes, incident));
    text
}

fn columns(width: usize) -> usize {
    width.saturating_sub(GUTTER + 1).clamp(NARROWEST, WIDEST)
}

/// What is drawn, and how large.
pub(super) struct Plot<'a> {
    pub(super) curves: &'a Curves,
    /// The seconds shown, at least one.
    pub(super) range: Range<usize>,
    pub(super) columns: usize,
    pub(super) style: &'a TextStyle,
}

/// The heights of the panels in rows.
struct Heights {
    load: usize,
    errors: usize,
    latency: usize,
}

/// What a usual page has room for.
const TALL: Heights = Heights { load: 7, errors: 3, latency: 4 };
/// So that the whole chart and the lines below it fit a terminal of 24 rows, or nearly.
const LOW: Heights = Heights { load: 4, errors: 2, latency: 2 };
/// A terminal with fewer rows than this is low.
const LOW_BELOW: usize = 40;

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
            none: "no errors",
            rows: plot.heights().errors,
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
            rows: plot.heights().latency,
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
    fn heights(&self) -> &'static Heights {
        if self.style.height.is_some_and(|rows| rows < LOW_BELOW) { &LOW } else { &TALL }
    }

    /// Which stretch of how long a run is shown, and that the rest is dull; nothing where the whole run is.
    fn title(&self, changes: &[Change]) -> String {
        let Range { start, end } = self.range;
        if self.range.len() == self.curves.seconds() {
            return String::new();
        }
        let outside = |values: &[f64]| values[..start].iter().chain(&values[end..]).sum::<f64>() as u64;
        let idle = changes.iter().any(|change| change.kind == ChangeKind::Fault && change.idle);
        let changed = if idle { "no change that mattered" } else { "no change" };
        let bad = match outside(&self.curves.bad) {
            0 => "no bad request".to_owned(),
            bad => format!("{} of {} requests bad", grouped(bad), grouped(outside(&self.curves.offered))),
        };
        let whole = SimDuration::from_secs(self.curves.seconds() as u64);
        let shown = format!("{} to {} of {whole}; outside of it", clock(start as f64), clock(end as f64));
        layout::wrapped("", &format!("{shown} {changed} and {bad}"), self.style.width - 1)
    }

    /// The seconds that a column stands for, at least one.
    pub(super) fn bin(&self, column: usize) -> Range<usize> {
        let at = |column: usize| self.range.start + column * self.range.len() / self.columns;
        at(column)..at(column + 1).max(at(column) + 1)
    }

    /// The first column that shows the second in which an instant lies; the end of the run belongs to its last second. `None`
    /// for what is not in the stretch.
    pub(super) fn column_of(&self, seconds: f64) -> Option<usize> {
        let second = (seconds as usize).min(self.curves.seconds() - 1);
        (0..self.columns).find(|column| self.bin(*column).contains(&second))
    }

    fn each_bin<T>(&self, of: impl Fn(Range<usize>) -> T) -> Vec<T> {
        (0..self.columns).map(|column| of(self.bin(column))).collect()
    }

    fn means(&self, values: &[f64]) -> Vec<f64> {
        self.each_bin(|bin| peaks::mean(&values[bin]))
    }

    /// The highest ten seconds of each column; `None` where a column is not much longer than that.
    fn each_peak(&self, measure: impl Fn(Range<usize>) -> Option<f64>) -> Vec<Option<f64>> {
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
        let rows = self.heights().load;
        let level = |value: f64| level(value, top, rows);
        let stacks: Vec<Stack> = (0..self.columns)
            .map(|column| Stack {
                goodput: level(goodput[column]),
                offered: level(offered[column]),
                attempts: level(attempts[column]),
                peak: highest[column].map_or(0, level),
            })
            .collect();
        let mut text = self.load_heading(top, highest.iter().any(Option::is_some));
        for row in (0..rows).rev() {
            let cells = stacks.iter().map(|stack| self.stack_cell(stack, row)).collect();
            let label = if row == rows - 1 { axis_count(top) } else { String::new() };
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
            (Ink::Retry, glyphs.retried, "clients' retries"),
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
        let step = extent::tick_step(self.range.len(), self.columns);
        let mut line: Vec<char> = vec![glyphs.line; self.columns];
        let mut labels = vec![' '; self.columns + GUTTER];
        let ticks = (self.range.start..self.range.end).filter(|second| second.is_multiple_of(step));
        for (tick, column) in ticks.filter_map(|tick| Some((tick, self.column_of(tick as f64)?))) {
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
mod tests;
