//! The lines of words below the chart: when it was bad, what users felt, what retried, in which scale all of that is.

use crate::units::SimDuration;

use super::Summary;
use super::curves::Curves;
use super::figures::{axis_count, axis_percent, clock, percent, three_digits};
use super::impact::ImpactSummary;
use super::incident::IncidentSummary;
use super::layout::{items, wrapped};
use super::peaks;
use super::retrying::Retrying;

/// Labels are as wide as this, and end in a blank.
const LABEL: usize = 9;

/// The verdict in words, a label before each line.
pub(super) fn verdict(summary: &Summary, curves: &Curves, width: usize) -> String {
    let mut text = labelled("incident", &incident(&summary.incident), width);
    text.push_str(&impact(&summary.impact, width));
    text.push_str(&retries(summary, width));
    text + &scale(summary, curves, width)
}

fn labelled(label: &str, words: &str, width: usize) -> String {
    wrapped(&format!("{label:<LABEL$}"), words, width)
}

/// `10:08 to 12:07, 1m59s with more than 1% bad; first order 22s after it began, recovered 1m37s after that`.
fn incident(incident: &IncidentSummary) -> String {
    let threshold = format!("more than {} bad", axis_percent(incident.threshold));
    let (Some(begin), Some(last)) = (incident.begin_seconds, incident.stretches.last()) else {
        return format!("none: no stretch with {threshold}");
    };
    let until = match incident.end_seconds {
        Some(end) => format!("{} to {}", clock(begin), clock(end)),
        None => format!("from {} on, goes on at the end", clock(begin)),
    };
    let how_long = match &incident.stretches[..] {
        [_] => span(last.seconds()),
        many => {
            let (all, longest) = (span(incident.total_seconds), span(incident.longest_seconds));
            format!("{} bad stretches, {all} in all, the longest {longest},", many.len())
        }
    };
    format!("{until}, {how_long} with {threshold}{}", orders(incident))
}

fn orders(incident: &IncidentSummary) -> String {
    let Some(first) = incident.first_order_after_seconds else { return "; no order".to_owned() };
    let recovered = match incident.recovered_after_seconds {
        Some(after) => format!(", recovered {} after that", span(after)),
        None if incident.ongoing => ", not recovered".to_owned(),
        None => ", when it was over".to_owned(),
    };
    let when = if first < 0.0 { "before" } else { "after" };
    format!("; first order {} {when} it began{recovered}", span(first.abs()))
}

fn span(seconds: f64) -> String {
    SimDuration::from_secs_f64(seconds).to_string()
}

fn impact(impact: &ImpactSummary, width: usize) -> String {
    let minutes = format!("{} affected user-minutes,", three_digits(impact.affected_user_minutes));
    let users = format!("{} users at worst", three_digits(impact.affected_users_max));
    let mut text = labelled("impact", &format!("{minutes} {users}"), width);
    if let Some(cost) = &impact.cost {
        text.push_str(&format!("cost     {} {}\n", three_digits(cost.amount), cost.currency));
    }
    if let Some((name, worst)) = impact.worst_off() {
        let burn = percent(worst.error_budget_burn);
        let budget = format!("{burn} of the error budget of {name} spent ({})", worst.objective);
        text.push_str(&labelled("budget", &budget, width));
    }
    text
}

/// Retries between services, which the chart does not show.
fn retries(summary: &Summary, width: usize) -> String {
    let line = |one: &Retrying| {
        let peak = |peak: peaks::Peak| {
            format!(", {:.2} for each new one in the ten seconds from {}", peak.value, clock(peak.second as f64))
        };
        let worst = one.peak.map_or_else(String::new, peak);
        labelled("retries", &format!("{} sends {:.2} attempts a call{worst}", one.dependency, one.mean), width)
    };
    summary.retrying.iter().map(line).collect()
}

/// How many real requests a simulated one stands for, and what that makes of the peak and of the failures; nothing where each
/// stands for itself.
fn scale(summary: &Summary, curves: &Curves, width: usize) -> String {
    let populations = || summary.requests.by_population.iter();
    let Some((_, first)) = populations().next() else { return String::new() };
    let same = |represents: f64| populations().all(|(_, one)| one.represents.to_bits() == represents.to_bits());
    if same(1.0) {
        return String::new();
    }
    let stands = if same(first.represents) {
        vec![format!("each request stands for {} real ones", axis_count(first.represents))]
    } else {
        let each = populations().map(|(name, one)| format!("{} for one of {name}", axis_count(one.represents)));
        std::iter::once("real requests:".to_owned()).chain(each).collect()
    };
    let highest = |values: &[f64]| {
        let peak = peaks::highest(0..curves.seconds(), curves.seconds(), |range| Some(peaks::mean(&values[range])));
        peak.map(|peak| three_digits(peak.value))
    };
    let peaks = highest(&curves.real_offered).zip(highest(&curves.real_attempts));
    let peaks = peaks.map(|(offered, sent)| format!("{offered} offered and {sent} attempted a second at the peaks"));
    let failed: f64 = populations().map(|(_, one)| one.counts.failed as f64 * one.represents).sum();
    let failed = if failed > 0.0 { format!("{} failed", three_digits(failed)) } else { "none failed".to_owned() };
    items("scale  ", stands.into_iter().chain(peaks).chain([failed]), width)
}
