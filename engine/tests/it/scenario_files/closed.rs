//! Closed users who do not think.

use std::sync::Arc;

use brownout::Simulation;

use super::parsed;
use crate::systems::at;

/// Five users, two servers in a row, each exponential with a mean of 10 ms, and whatever else.
fn batch(rest: &str) -> Simulation {
    let text = format!(
        r#"Scenario(
            format: 1, name: "batch", duration: "10m",
            services: {{
                "front": (capacity: Workers(1), endpoints: {{"go": [Work(Exponential(mean: "10ms"))]}}),
                "api": (capacity: Unlimited, endpoints: {{"get": [Call("front.go"), Call("back.go")]}}),
                "back": (capacity: Workers(1), endpoints: {{"go": [Work(Exponential(mean: "10ms"))]}}),
            }},
            populations: {{"batch": (arrivals: Closed(users: 5, think: "0s"), mix: {{"api.get": 1}})}},
            {rest}
        )"#
    );
    Simulation::new(Arc::new(parsed(&text).0), 1)
}

/// The batch network of the textbooks (think time 0): N customers at M balanced exponential queues of mean S go round N /
/// ((N + M - 1) S) times a second (mean value analysis, Reiser and Lavenberg, 1980): 5 / (6 x 0.01) = 83.33, each round
/// taking 6 x 10 ms.
#[test]
fn users_who_do_not_think_make_a_batch_network() {
    let mut simulation = batch("");
    simulation.run_until(at(600.0));
    let flow = &simulation.recording().totals.populations[0];
    let rate = flow.succeeded as f64 / 600.0;
    assert!((rate / 83.333 - 1.0).abs() < 0.02, "{rate} a second");
    let mean = flow.latency.mean().as_millis_f64();
    assert!((mean / 60.0 - 1.0).abs() < 0.02, "{mean} ms");
    assert_eq!(flow.failed(), 0);
}

/// Requests that are refused at once would stop the clock; each user then pauses for a millisecond.
#[test]
fn users_who_do_not_think_and_are_refused_at_once_do_not_stop_the_clock() {
    let mut simulation =
        batch(r#"always: (faults: {"down": (does: Crash(service: "api"), start: At("10s"), heal: At("60s"))}),"#);
    simulation.run_until(at(30.0));
    let second = &simulation.recording().seconds[25].populations[0];
    assert_eq!((second.flow.succeeded, second.flow.offered), (0, 5_000), "five users, each once a millisecond");
}
