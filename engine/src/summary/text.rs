//! A summary as text: what a person reads after a run, in a terminal or in a file.

use crate::units::SimDuration;

use super::Summary;
use super::chart;
use super::curves::Curves;
use super::figures::{grouped, percent, span_ms, three_digits};
use super::layout::{items, wrapped};
use super::parts::{Counts, DependencySummary, LatencyMs, PoolSummary, ServiceSummary};
use super::records::ByName;
use super::table::{Layout, NOTHING, table};
use super::verdict::verdict;

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Columns of the terminal or page, to which everything adapts.
    pub width: usize,
    /// Rows of the terminal, where there is one: on a low one the chart is lower.
    pub height: Option<usize>,
    /// Which characters may be used.
    pub charset: Charset,
    /// Whether there are colours.
    pub colours: Colours,
}

/// Which characters may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Block elements and lines.
    Unicode,
    /// ASCII only.
    Ascii,
}

/// Whether there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Plain text.
    None,
    /// The eight colours of every terminal, by escape sequences.
    Ansi,
}

/// What something is painted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Good,
    Bad,
    Retry,
    Slow,
    Mark,
    Heading,
}

impl TextStyle {
    /// The text in an ink, as it is where there are no colours.
    pub(super) fn paint(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Good => 32,
            Ink::Bad => 31,
            Ink::Retry => 33,
            Ink::Slow => 36,
            Ink::Mark => 35,
            Ink::Heading => 1,
        };
        if self.is_plain() { text.to_owned() } else { format!("\u{1b}[{code}m{text}\u{1b}[0m") }
    }

    pub(super) fn is_plain(&self) -> bool {
        self.colours == Colours::None
    }
}

const REQUESTS: Layout<'_> = Layout {
    heading: &["requests", "offered", "succeeded", "failed", "dropped", "unfinished", "attempts", "per request"],
    spare: &[&[6], &[2], &[5], &[4], &[7]],
};
const SERVICES: Layout<'_> = Layout {
    heading: &["service", "util", "util max", "queue", "queue max", "jobs", "failed", "mean", "p99"],
    spare: &[&[3, 4], &[7], &[1, 2], &[5], &[8]],
};
const DEPENDENCIES: Layout<'_> = Layout {
    heading: &[
        "dependency",
        "calls",
        "failed",
        "sent/call",
        "pool max",
        "waiting max",
        "wait p99",
        "usage p99",
        "breaker open",
    ],
    spare: &[&[6], &[5], &[1], &[8], &[4, 7], &[3]],
};

/// The summary of a run as text: the tables, and below them the verdict with a chart of the curves, so that a terminal too low
/// for all of it keeps the verdict on the screen. Ends with a newline.
#[must_use]
pub fn render(summary: &Summary, curves: &Curves, style: &TextStyle) -> String {
    let parts = [
        requests(summary, style.width),
        services(&summary.services, style.width),
        dependencies(&summary.dependencies, style.width),
        failures(&summary.dependencies, style.width),
        remarks(summary, style.width),
        heading(summary, style),
        chart::chart(curves, &summary.changes, &summary.incident, style),
        verdict(summary, curves, style.width),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn heading(summary: &Summary, style: &TextStyle) -> String {
    let named = if summary.title.is_empty() || summary.title == summary.scenario {
        summary.scenario.clone()
    } else {
        format!("{} ({})", summary.title, summary.scenario)
    };
    let facts = [
        format!("variant {} ", summary.variant),
        format!("policy {} ", summary.policy),
        format!("{} simulated", SimDuration::from_secs_f64(summary.sim_seconds)),
    ];
    let seed = items(&format!("seed {} ", summary.seed), facts, style.width);
    let digest =
        items(&format!("digest {} ", summary.digest), [format!("engine {}", summary.engine_version)], style.width);
    format!("{}\n{seed}{digest}", style.paint(Ink::Heading, &named))
}

fn requests(summary: &Summary, width: usize) -> String {
    let of_population = summary.requests.by_population.iter();
    let mut rows: Vec<Vec<String>> =
        of_population.map(|(name, one)| request_row(name, &one.counts, one.dropped, one.unfinished)).collect();
    if rows.len() != 1 {
        let all = &summary.requests;
        rows.push(request_row("all", &all.total, all.dropped, all.unfinished));
    }
    let rate = three_digits(summary.goodput_per_s);
    let mut text = table(&REQUESTS, &rows, width);
    text.push_str(&format!("goodput  {rate} a second\n"));
    text.push_str(&items("latency", latency(&summary.latency_ms), width));
    let errors = &summary.requests.total.errors;
    if !errors.is_empty() {
        text.push_str(&items("errors ", kinds(errors), width));
    }
    if summary.requests.overdue > 0 {
        let overdue = grouped(summary.requests.overdue);
        text.push_str(&wrapped("waiting  ", &format!("{overdue} without an answer for longer than promised"), width));
    }
    text
}

fn request_row(name: &str, counts: &Counts, dropped: u64, unfinished: u64) -> Vec<String> {
    let some = |count: u64| if count == 0 { NOTHING.to_owned() } else { grouped(count) };
    vec![
        name.to_owned(),
        grouped(counts.offered),
        grouped(counts.succeeded),
        grouped(counts.failed),
        some(dropped),
        some(unfinished),
        grouped(counts.attempts),
        each(counts),
    ]
}

/// Attempts for each request or call; nothing where there were none.
fn each(counts: &Counts) -> String {
    if counts.offered == 0 { NOTHING.to_owned() } else { format!("{:.2}", counts.amplification) }
}

/// Whether some ended before anything was sent.
fn refuses_unsent(counts: &Counts) -> bool {
    counts.offered > 0 && counts.amplification < 0.995
}

fn latency(latency: &LatencyMs) -> Vec<String> {
    let parts = [
        ("mean", latency.mean),
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p99", latency.p99),
        ("max", latency.max),
    ];
    let figures = parts.map(|(name, ms)| format!("{name} {}", span_ms(ms)));
    std::iter::once("of successes:".to_owned()).chain(figures).collect()
}

/// The kinds of errors with their counts.
fn kinds(errors: &ByName<u64>) -> Vec<String> {
    errors.iter().map(|(kind, count)| format!("{kind} {}", grouped(*count))).collect()
}

fn services(services: &ByName<ServiceSummary>, width: usize) -> String {
    let row = |(name, one): (&str, &ServiceSummary)| {
        vec![
            name.to_owned(),
            busy(one.utilisation, one.jobs_mean),
            busy(one.utilisation_max, one.jobs_max),
            three_digits(one.queue.mean),
            grouped(u64::from(one.queue.max)),
            grouped(one.offered),
            grouped(one.failed),
            span_ms(one.latency_ms.mean),
            span_ms(one.latency_ms.p99),
        ]
    };
    let rows: Vec<_> = services.iter().map(row).collect();
    table(&SERVICES, &rows, width)
}

/// A share; of a service without a limit, how many jobs there were.
fn busy(utilisation: Option<f64>, jobs: Option<f64>) -> String {
    utilisation.map_or_else(|| format!("{} jobs", three_digits(jobs.unwrap_or(0.0))), percent)
}

fn dependencies(dependencies: &ByName<DependencySummary>, width: usize) -> String {
    let row = |(name, one): (&str, &DependencySummary)| {
        let pool = one.pool.as_ref();
        let pooled = |text: fn(&PoolSummary) -> String| pool.map_or_else(|| NOTHING.to_owned(), text);
        vec![
            name.to_owned(),
            grouped(one.counts.offered),
            grouped(one.counts.failed),
            each(&one.counts),
            pooled(|pool| format!("{}/{}", pool.in_use_max, pool.maximum)),
            pooled(|pool| grouped(u64::from(pool.waiting_max))),
            pooled(|pool| span_ms(pool.wait_ms.p99)),
            pooled(|pool| span_ms(pool.usage_ms.p99)),
            one.breaker.map_or_else(
                || NOTHING.to_owned(),
                |breaker| format!("{} times, {} s", breaker.opened, breaker.open_seconds),
            ),
        ]
    };
    let rows: Vec<_> = dependencies.iter().map(row).collect();
    if rows.is_empty() { String::new() } else { table(&DEPENDENCIES, &rows, width) }
}

/// Why calls failed, dependency by dependency: what callers further up see only as an internal error has its name here.
fn failures(dependencies: &ByName<DependencySummary>, width: usize) -> String {
    let failed: Vec<_> = dependencies.iter().filter(|(_, one)| one.counts.failed > 0).collect();
    let longest = failed.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let line = |(name, one): &(&str, &DependencySummary)| {
        items(&format!("{name:<longest$}"), kinds(&one.counts.errors), width)
    };
    let lines: String = failed.iter().map(line).collect();
    if failed.is_empty() { lines } else { format!("why calls failed\n{lines}") }
}

/// What needs a word.
fn remarks(summary: &Summary, width: usize) -> String {
    let requests = summary.requests.by_population.iter().any(|(_, one)| refuses_unsent(&one.counts));
    let calls = summary.dependencies.iter().any(|(_, one)| refuses_unsent(&one.counts));
    if !requests && !calls {
        return String::new();
    }
    let text = "attempts per request or call; below 1, some were not sent: refused by a breaker, a bulkhead, a rate limit or a \
                pool, or given up while they waited";
    wrapped("note     ", text, width)
}

#[cfg(test)]
mod tests;
