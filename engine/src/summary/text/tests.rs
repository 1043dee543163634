//! What a person reads after a run, on pages of several widths.

use std::sync::Arc;

use super::*;
use crate::scenario::{Scenario, no_files};
use crate::simulation::Simulation;
use crate::text::Source;

/// A slow back behind a bulkhead of one, a rate limit for one population, and a population that never comes.
const BULKHEAD: &str = r#"(format: 1, name: "bulkhead", duration: "2m",
    services: {
        "front": (
            capacity: Workers(50),
            endpoints: {"slow": [Call("back.slow")], "fast": [Work("5ms")]},
            calls: [(to: "back", layers: [Bulkhead(preset: "resilience4j", maxConcurrentCalls: 1, maxWaitDuration: 0)])],
        ),
        "back": (capacity: Workers(20), endpoints: {"slow": [Work("400ms")]}),
    },
    populations: {
        "web": (arrivals: Constant("10/s"), mix: {"front.slow": 1}, calls: [(to: "front")]),
        "limited": (
            arrivals: Constant("8/s"), mix: {"front.fast": 1},
            calls: [(to: "front", layers: [RateLimit(rate: "6/s", burst: 1)])],
            objective: (availability: "95%", latency: "500ms", window: "7d"),
            cost_per_user_minute: "0.50 EUR",
        ),
        "nobody": (arrivals: Constant([("0s", "0/s"), ("90s", "0/s"), ("2m", "0.01/s")]), mix: {"front.fast": 1}),
    },
)"#;

fn run(text: &str) -> (Summary, Curves) {
    let parsed = Scenario::parse(&Source::new("t.ron", text), &no_files);
    let scenario = parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0;
    let mut simulation = Simulation::with_variant(Arc::new(scenario), 1, 0);
    simulation.run_to_end();
    (Summary::of(&simulation, "none"), Curves::of(&simulation))
}

fn page(text: &str, width: usize) -> String {
    let (summary, curves) = run(text);
    render(&summary, &curves, &TextStyle { width, height: None, charset: Charset::Unicode, colours: Colours::None })
}

/// The line that begins with a word.
fn line<'a>(page: &'a str, begins: &str) -> &'a str {
    page.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("no {begins} in\n{page}"))
}

#[test]
fn why_calls_failed_is_said_where_callers_see_internal_errors_only() {
    let page = page(BULKHEAD, 80);
    assert!(line(&page, "errors").contains("internal"), "{page}");
    let failures = page.split("why calls failed\n").nth(1).expect("a list of failures");
    assert!(line(failures, "front->back").contains("bulkhead_full"), "{page}");
    assert!(line(failures, "limited->front").contains("rate_limited"), "{page}");
}

#[test]
fn latency_and_budget_say_of_what() {
    let page = page(BULKHEAD, 80);
    assert!(page.contains("p99 latency of successes, 0 to"), "{page}");
    assert!(line(&page, "latency").starts_with("latency  of successes:  mean "), "{page}");
    // Three of four of web's requests fail, of 0.1 % that may.
    assert!(line(&page, "budget").contains("of the error budget of web spent"), "{page}");
    assert!(page.replace("\n         ", " ").contains("(99.9% over 30d, each within 10s, the default)"), "{page}");
    let declared = page_of_limited();
    assert!(declared.contains("(95% over 7d, each within 500ms)"), "{declared}");
}

/// The same with the only population whose objective is declared.
fn page_of_limited() -> String {
    let gone = BULKHEAD.replace("\"10/s\"", "\"0/s\"");
    page(&gone, 80).replace("\n         ", " ")
}

#[test]
fn attempts_per_request_are_explained_below_one_and_absent_without_requests() {
    let page = page(BULKHEAD, 80);
    assert!(line(&page, "limited ").ends_with(" 0.50"), "{page}");
    assert!(line(&page, "nobody ").ends_with(" -"), "{page}");
    assert!(line(&page, "note").contains("below 1"), "{page}");
    let open = BULKHEAD.replace("RateLimit(rate: \"6/s\", burst: 1)", "").replace("maxConcurrentCalls: 1,", "");
    let open = self::page(&open, 80);
    assert!(!open.contains("\nnote "), "{open}");
}

#[test]
fn affected_minutes_become_money() {
    let (summary, curves) = run(BULKHEAD);
    let cost = summary.impact.cost.clone().expect("one population has a price");
    let limited = summary.impact.by_population.find("limited").unwrap();
    // A token takes a sixth of a second, and requests come every eighth: every other one of 960 fails, each costing a sixth
    // of a minute at 0.50 EUR.
    assert!((limited.affected_user_minutes - 80.0).abs() < 1.0, "{limited:?}");
    assert!((cost.amount - 0.5 * limited.affected_user_minutes).abs() < 0.005 && cost.currency == "EUR", "{cost:?}");
    assert_eq!(summary.impact.by_population.find("web").unwrap().cost, None);
    let style = TextStyle { width: 80, height: None, charset: Charset::Unicode, colours: Colours::None };
    assert!(line(&render(&summary, &curves, &style), "cost").ends_with(" EUR"));
    let free = run(&BULKHEAD.replace("cost_per_user_minute: \"0.50 EUR\",", ""));
    assert_eq!(free.0.impact.cost, None);
}

#[test]
fn every_line_fits_its_page() {
    for width in [40, 52, 60, 74, 80, 100] {
        let page = page(BULKHEAD, width);
        let too_long: Vec<&str> = page.lines().filter(|line| line.chars().count() > width).collect();
        assert!(too_long.is_empty(), "{width}: {too_long:#?}");
        // What a table is for stays.
        let needed = ["requests", "failed", "service", "dependency", "errors", "impact", "budget"];
        assert!(needed.iter().all(|word| page.contains(word)), "{width}:\n{page}");
    }
}
