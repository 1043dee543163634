//! A summary as text: what a person reads after a run, in a terminal or in a file.

use crate::units::SimDuration;

use super::Summary;
use super::chart;
use super::curves::Curves;
use super::figures::{grouped, percent, span_ms, three_digits};
use super::parts::{Counts, DependencySummary, ImpactSummary, LatencyMs, PoolSummary, ServiceSummary};
use super::records::ByName;
use super::table::{NOTHING, table};

/// How text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Columns of the terminal or page; the chart adapts to it, tables take what they need.
    pub width: usize,
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

/// The summary of a run as text, with a chart of its curves. Ends with a newline.
#[must_use]
pub fn render(summary: &Summary, curves: &Curves, style: &TextStyle) -> String {
    let parts = [
        heading(summary, style),
        chart::chart(curves, &summary.changes, style),
        requests(summary, style),
        services(&summary.services),
        dependencies(&summary.dependencies),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn heading(summary: &Summary, style: &TextStyle) -> String {
    let named = if summary.title.is_empty() || summary.title == summary.scenario {
        summary.scenario.clone()
    } else {
        format!("{} ({})", summary.title, summary.scenario)
    };
    format!(
        "{}\nseed {}   variant {}   policy {}   {} simulated\ndigest {}   engine {}\n",
        style.paint(Ink::Heading, &named),
        summary.seed,
        summary.variant,
        summary.policy,
        SimDuration::from_secs_f64(summary.sim_seconds),
        summary.digest,
        summary.engine_version,
    )
}

fn requests(summary: &Summary, style: &TextStyle) -> String {
    let of_population = summary.requests.by_population.iter();
    let mut rows: Vec<Vec<String>> =
        of_population.map(|(name, one)| request_row(name, &one.counts, one.dropped, one.unfinished)).collect();
    if rows.len() != 1 {
        let all = &summary.requests;
        rows.push(request_row("all", &all.total, all.dropped, all.unfinished));
    }
    let heading = ["requests", "offered", "succeeded", "failed", "dropped", "unfinished", "attempts", "per request"];
    let rate = three_digits(summary.goodput_per_s);
    let mut text = table(&heading, &rows);
    text.push_str(&format!("goodput  {rate} a second\nlatency  {}\n", latency(&summary.latency_ms)));
    text.push_str(&errors(&summary.requests.total.errors, style.width));
    text.push_str(&impact(&summary.impact));
    text
}

fn impact(impact: &ImpactSummary) -> String {
    format!(
        "impact   {} affected user-minutes, {} users at worst\nbudget   {} of the error budget spent\n",
        three_digits(impact.affected_user_minutes),
        three_digits(impact.affected_users_max),
        percent(impact.error_budget_burn),
    )
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
        format!("{:.2}", counts.amplification),
    ]
}

fn latency(latency: &LatencyMs) -> String {
    let parts = [
        ("mean", latency.mean),
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p99", latency.p99),
        ("max", latency.max),
    ];
    parts.map(|(name, ms)| format!("{name} {}", span_ms(ms))).join("  ")
}

/// The kinds of errors with their counts, in as many lines as they need.
fn errors(errors: &ByName<u64>, width: usize) -> String {
    let (mut text, mut line) = (String::new(), "errors ".to_owned());
    for (kind, count) in errors.iter() {
        let item = format!("  {kind} {}", grouped(*count));
        if line.len() + item.len() > width {
            text.push_str(&format!("{line}\n"));
            line = "       ".to_owned();
        }
        line.push_str(&item);
    }
    if errors.is_empty() { text } else { format!("{text}{line}\n") }
}

fn services(services: &ByName<ServiceSummary>) -> String {
    let row = |(name, one): (&str, &ServiceSummary)| {
        vec![
            name.to_owned(),
            busy(one, one.utilisation),
            busy(one, one.utilisation_max),
            three_digits(one.queue.mean),
            grouped(u64::from(one.queue.max)),
            grouped(one.offered),
            grouped(one.failed),
            span_ms(one.latency_ms.mean),
            span_ms(one.latency_ms.p99),
        ]
    };
    let rows: Vec<_> = services.iter().map(row).collect();
    table(&["service", "util", "peak", "queue", "peak", "jobs", "failed", "mean", "p99"], &rows)
}

/// A share; of a service without a limit, how many jobs there were.
fn busy(service: &ServiceSummary, utilisation: f64) -> String {
    if service.capacity == "unlimited" { format!("{} jobs", three_digits(utilisation)) } else { percent(utilisation) }
}

fn dependencies(dependencies: &ByName<DependencySummary>) -> String {
    let row = |(name, one): (&str, &DependencySummary)| {
        let pool = one.pool.as_ref();
        let pooled = |text: fn(&PoolSummary) -> String| pool.map_or_else(|| NOTHING.to_owned(), text);
        vec![
            name.to_owned(),
            grouped(one.counts.offered),
            grouped(one.counts.failed),
            format!("{:.2}", one.counts.amplification),
            pooled(|pool| format!("{}/{}", pool.in_use_max, pool.maximum)),
            pooled(|pool| grouped(u64::from(pool.waiting_max))),
            pooled(|pool| span_ms(pool.wait_ms.p99)),
            one.breaker.map_or_else(
                || NOTHING.to_owned(),
                |breaker| format!("{}x {} s", breaker.opened, breaker.open_seconds),
            ),
        ]
    };
    let rows: Vec<_> = dependencies.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let heading = ["dependency", "calls", "failed", "attempts", "pool peak", "waiting", "wait p99", "open"];
    table(&heading, &rows)
}
