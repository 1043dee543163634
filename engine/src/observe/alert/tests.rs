//! Every step of an alert's life, at its edges.

use super::*;
use crate::observe::signal::{Metric, Signal, Subject};

fn spec(holds: u64, keep_firing_for: u64) -> AlertSpec {
    let signal = Signal { metric: Metric::ErrorRatio, subject: Subject::Service(Id::new(0)) };
    AlertSpec {
        name: "errors".to_owned(),
        summary: String::new(),
        rule: Rule::Threshold(Threshold { signal, above: true, threshold: 0.5, over: SimDuration::SECOND }),
        holds: SimDuration::from_secs(holds),
        keep_firing_for: SimDuration::from_secs(keep_firing_for),
        severity: Severity::Page,
        pages: "on-call".to_owned(),
        service: None,
    }
}

/// The stages after looks every ten seconds from 0:10 on: `x` where the condition holds, `.` where it does not, `-` without data.
fn stages(spec: &AlertSpec, looks: &str) -> (String, AlertState) {
    let mut state = AlertState::default();
    let letters = looks.chars().zip(1..).map(|(look, at)| {
        let value = match look {
            'x' => Some(0.9),
            '.' => Some(0.1),
            _ => None,
        };
        let reading = Reading { value, holds: look == 'x' };
        state.take(spec, reading, SimTime::from_secs(at * 10));
        match state.stage {
            Stage::Inactive => 'i',
            Stage::Pending => 'p',
            Stage::Firing => 'F',
            Stage::Resolved => 'r',
        }
    });
    let letters = letters.collect();
    (letters, state)
}

fn life(holds: u64, keep_firing_for: u64, looks: &str) -> String {
    stages(&spec(holds, keep_firing_for), looks).0
}

#[test]
fn without_a_time_it_fires_at_once() {
    assert_eq!(life(0, 0, ".x."), "iFr");
}

#[test]
fn it_fires_when_the_time_is_exactly_reached() {
    assert_eq!(life(20, 0, "xxxx"), "ppFF");
    assert_eq!(life(21, 0, "xxxx"), "pppF");
    assert_eq!(life(19, 0, "xxxx"), "ppFF");
}

#[test]
fn flapping_starts_the_time_anew() {
    assert_eq!(life(20, 0, "xx.xx.xxx"), "ppippippF");
}

#[test]
fn no_data_ends_what_is_pending_and_resolves_what_fires() {
    assert_eq!(life(20, 0, "xx-xxx-"), "ppippFr");
}

#[test]
fn it_goes_on_firing_for_its_time_after_the_condition() {
    assert_eq!(life(0, 20, "x...x"), "FFFrF");
    assert_eq!(life(0, 21, "x...."), "FFFFr");
    assert_eq!(life(0, 20, "x.x..."), "FFFFFr", "a condition that holds again starts the time anew");
    assert_eq!(life(0, 20, "x---"), "FFFr", "so does it without data");
    assert_eq!(life(20, 20, "xx."), "ppi", "what is pending is not kept");
}

#[test]
fn what_is_resolved_begins_again() {
    let (letters, state) = stages(&spec(10, 0), "xx.x");
    assert_eq!((letters.as_str(), state.active_since), ("pFrp", Some(SimTime::from_secs(40))));
    assert_eq!((state.fired_at, state.resolved_at), (None, None));
    let (_, resolved) = stages(&spec(10, 0), "xx.");
    assert_eq!(resolved.fired_at, Some(SimTime::from_secs(20)));
    assert_eq!((resolved.resolved_at, resolved.value), (Some(SimTime::from_secs(30)), Some(0.1)));
}

#[test]
fn the_number_itself_is_on_neither_side() {
    let Rule::Threshold(above) = spec(0, 0).rule else { unreachable!("a threshold") };
    let below = Threshold { above: false, ..above };
    assert!(above.is_met_by(0.51) && !above.is_met_by(0.5));
    assert!(below.is_met_by(0.49) && !below.is_met_by(0.5));
}
