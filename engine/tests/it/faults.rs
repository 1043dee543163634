//! Faults that start, change and heal at a time or on a condition, and that hit one instance.
//!
//! Arrivals are evenly spaced and work takes the same time, so that each second can be counted by hand.

use std::sync::Arc;

use brownout::Simulation;
use brownout::model::Status;
use brownout::observe::Second;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;

use crate::systems::at;

/// Runs a service "api" with an endpoint `get` and these populations and faults to the end of a minute.
fn run(api: &str, populations: &str, faults: &str) -> Simulation {
    let mut simulation = start(api, populations, faults);
    simulation.run_until(at(60.0));
    simulation
}

fn start(api: &str, populations: &str, faults: &str) -> Simulation {
    let text = format!(
        r#"Scenario(format: 1, name: "faults", duration: "1m", services: {{"api": ({api})}},
        populations: {{{populations}}}, always: (faults: {{{faults}}}))"#
    );
    let parsed = Scenario::parse(&Source::new("faults.ron", &text), &no_files);
    let (scenario, _) = parsed.unwrap_or_else(|findings| panic!("{}", findings.render()));
    Simulation::new(Arc::new(scenario), 1)
}

/// A service without limits that takes 10 ms.
const API: &str = r#"capacity: Unlimited, endpoints: {"get": [Work("10ms")]}"#;
const WEB: &str = r#""web": (arrivals: Constant("100/s"), mix: {"api.get": 1})"#;

/// A number of each second.
fn each<T>(simulation: &Simulation, read: impl Fn(&Second) -> T) -> Vec<T> {
    simulation.recording().seconds.iter().map(|second| read(second)).collect()
}

/// How many requests of a population come in the seconds from one to before another.
fn offered(simulation: &Simulation, population: usize, from: usize, to: usize) -> u32 {
    each(simulation, |second| second.populations[population].flow.offered)[from..to].iter().sum()
}

#[track_caller]
fn assert_about(count: u32, expected: u32) {
    assert!(count.abs_diff(expected) <= 1, "{count} instead of {expected}");
}

/// A factor of 3 at a strength of 50 % is one of 2.
#[test]
fn a_spike_multiplies_the_rate_as_its_strength_says() {
    let faults = r#""rush": (
        does: TrafficSpike(population: "web", factor: 3), start: At("10s"), heal: After("30s"),
        changes: [("10s", "50%"), (At("30s"), "0%")],
    )"#;
    let run = run(API, WEB, faults);
    for (from, to, rate) in [(0, 10, 100), (10, 20, 300), (20, 30, 200), (30, 40, 100), (40, 60, 100)] {
        assert_about(offered(&run, 0, from, to), rate * (to - from) as u32);
    }
}

/// The rate is 200/s from 20 s to 40 s. The slowdown sees it in the seconds that end at 21, 22 and 23 s; from then on work
/// takes 40 ms, which half of the jobs exceed 30 ms with in the five seconds up to 28 s; from then on 100 ms. The rate is
/// below 150/s again in the seconds that end at 41 and 42 s.
#[test]
fn a_fault_starts_changes_and_heals_on_conditions() {
    let faults = r#"
        "rush": (does: TrafficSpike(population: "web", factor: 2), start: At("20s"), heal: At("40s")),
        "slow": (
            does: Slowdown(service: "api", factor: 4),
            start: When(measure: ArrivalRate("api"), above: "150/s", holds: "3s"),
            changes: [(When(measure: Latency(service: "api", quantile: "50%"), above: "30ms", holds: "5s"), "300%")],
            heal: When(measure: ArrivalRate("api"), below: "150/s", holds: "2s"),
        )"#;
    let run = run(API, WEB, faults);
    let longest = each(&run, |second| second.services[0].flow.max.as_nanos() / 1_000_000);
    let expected: Vec<u64> = (0..60)
        .map(|second| match second {
            23..28 => 40,
            // The last of the slow ones ends just after 42 s.
            28..43 => 100,
            _ => 10,
        })
        .collect();
    assert_eq!(longest, expected);
}

/// A change happens once: after it has, its condition is nothing to it any more, though it holds to the end.
#[test]
fn a_change_on_a_condition_happens_once() {
    let faults = r#""slow": (
        does: Slowdown(service: "api", factor: 2), start: At("5s"),
        changes: [
            (When(measure: ArrivalRate("api"), above: "50/s", holds: "2s"), "200%"),
            ("10s", "300%"),
        ],
    )"#;
    let run = run(API, WEB, faults);
    let longest = each(&run, |second| second.services[0].flow.max.as_nanos() / 1_000_000);
    assert_eq!((longest[4], longest[6], longest[10], longest[59]), (10, 20, 30, 40));
}

/// Nothing comes for 20 s: that is no latency below a second. Then it takes three seconds for the condition to hold.
#[test]
fn a_second_without_answers_is_on_neither_side_of_a_latency() {
    let populations = r#""web": (
        arrivals: Constant([("0s", "0/s"), ("20s", "0/s"), ("20s", "100/s")]), mix: {"api.get": 1},
    )"#;
    let faults = r#""broken": (
        does: Errors(service: "api", ratio: "100%"),
        start: When(measure: Latency(service: "api"), below: "1s", holds: "3s"),
    )"#;
    let run = run(API, populations, faults);
    let failed = each(&run, |second| second.populations[0].flow.failed());
    assert_eq!(failed.iter().position(|failed| *failed > 0), Some(23));
}

/// The same holds for the shares of errors: where nothing ends, nothing fails, and nothing goes well.
#[test]
fn a_second_without_answers_is_on_neither_side_of_a_share() {
    let populations = r#""web": (
        arrivals: Constant([("0s", "0/s"), ("20s", "0/s"), ("20s", "100/s")]), mix: {"api.get": 1},
    )"#;
    for measure in [r#"ErrorRatio("api")"#, r#"FailureRatio("web")"#] {
        let faults = format!(
            r#""broken": (
                does: Errors(service: "api", ratio: "100%"), start: When(measure: {measure}, below: "1%", holds: "3s"),
            )"#
        );
        let run = run(API, populations, &faults);
        let failed = each(&run, |second| second.populations[0].flow.failed());
        assert_eq!(failed.iter().position(|failed| *failed > 0), Some(23), "{measure}");
    }
}

/// Everything hangs from 10 s on. That nothing fails does not heal it.
#[test]
fn a_total_hang_is_no_small_share_of_errors() {
    for measure in [r#"ErrorRatio("api")"#, r#"FailureRatio("web")"#] {
        let faults = format!(
            r#""hang": (
                does: Partition(dependency: "web->api"), start: At("10s"),
                heal: When(measure: {measure}, below: "1%", holds: "3s"),
            )"#
        );
        let run = run(API, WEB, &faults);
        let ended = each(&run, |second| second.populations[0].flow.succeeded + second.populations[0].flow.failed());
        assert!(ended[..10].iter().all(|ended| *ended > 0), "{measure}: {ended:?}");
        assert_eq!(ended[11..].iter().sum::<u32>(), 0, "{measure}");
    }
}

/// The network takes 20 ms each way: users see 50 ms where the service sees 10 ms.
#[test]
fn a_response_time_is_the_users_and_a_latency_the_services() {
    let calls = r#"calls: [(to: "api", latency: "20ms")]"#;
    let population = |name: &str| format!(r#""{name}": (arrivals: Constant("100/s"), mix: {{"api.get": 1}}, {calls})"#);
    let faults = r#"
        "seen": (
            does: TrafficSpike(population: "web", factor: 2),
            start: When(measure: ResponseTime(population: "web", quantile: "50%"), above: "30ms", holds: "10s"),
        ),
        "unseen": (
            does: TrafficSpike(population: "app", factor: 2),
            start: When(measure: Latency(service: "api", quantile: "50%"), above: "30ms", holds: "10s"),
        )"#;
    let run = run(API, &format!("{}, {}", population("web"), population("app")), faults);
    assert_about(offered(&run, 0, 0, 10), 1_000);
    assert_about(offered(&run, 0, 10, 20), 2_000);
    assert_about(offered(&run, 1, 0, 60), 6_000);
}

/// From 10 s on everything fails: after ten failures among a hundred calls at the latest the breaker is open, for a minute.
/// The seconds that end at 11 and 12 s see it so.
#[test]
fn an_open_breaker_is_a_condition() {
    let populations = r#"
        "web": (arrivals: Constant("100/s"), mix: {"api.get": 1}, calls: [(to: "api", layers: [
            Breaker(preset: "resilience4j", slidingWindowSize: 10, minimumNumberOfCalls: 10),
        ])]),
        "app": (arrivals: Constant("100/s"), mix: {"api.get": 1})"#;
    let faults = r#"
        "broken": (does: Errors(service: "api", ratio: "100%"), start: At("10s")),
        "panic": (
            does: TrafficSpike(population: "app", factor: 2),
            start: When(measure: OpenBreakers("web->api"), above: 0, holds: "2s"),
        )"#;
    let run = run(API, populations, faults);
    assert_about(offered(&run, 1, 0, 12), 1_200);
    assert_about(offered(&run, 1, 12, 20), 1_600);
}

/// Three instances, of which the one in the middle crashes and comes back.
#[test]
fn a_crash_hits_the_instance_it_names() {
    let api = format!(r#"{API}, instances: 3, start_time: "0s""#);
    let faults = r#""crash": (does: Crash(service: "api", instance: 1), start: At("10s"), heal: After("10s"))"#;
    let mut run = start(&api, WEB, faults);
    let mut statuses = |secs: f64| {
        run.run_until(at(secs));
        let service = brownout::ids::Id::from_usize(0);
        run.inspect(|model| model.instances(service).map(|(_, one)| one.status).collect::<Vec<_>>())
    };
    assert_eq!(statuses(9.0), [Status::Up; 3]);
    assert_eq!(statuses(19.0), [Status::Up, Status::Down, Status::Up]);
    assert_eq!(statuses(21.0), [Status::Up; 3]);
}

/// Two instances in turn, one of them cut off from 10 s to 20 s: every second call is lost and times out; the other
/// instance serves as ever.
#[test]
fn a_partition_that_drops_cuts_off_the_instance_it_names() {
    let api = format!("{API}, instances: 2");
    let web = r#""web": (
        arrivals: Constant("100/s"), mix: {"api.get": 1}, calls: [(to: "api", layers: [Timeout("100ms")])],
    )"#;
    let faults = |instance: &str| {
        let does = format!(r#"Partition(dependency: "web->api"{instance})"#);
        format!(r#""cut": (does: {does}, start: At("10s"), heal: After("10s"))"#)
    };
    let one = run(&api, web, &faults(", instance: 1"));
    let all = run(&api, web, &faults(""));
    for (run, lost) in [(one, 500), (all, 1_000)] {
        let failed = each(&run, |second| second.populations[0].flow.failed());
        // The answer to what came just before 10 s is lost as well.
        assert_about(failed.iter().sum(), lost);
        assert_eq!(failed[..10].iter().chain(&failed[21..]).sum::<u32>(), 0);
        assert_about(each(&run, |second| second.services[0].flow.offered).iter().sum(), 6_000 - lost);
    }
}

/// What a delaying partition keeps for one instance comes through when it heals: half of the calls take up to 10 s.
#[test]
fn a_partition_that_delays_keeps_the_messages_of_the_instance_it_names() {
    let api = format!("{API}, instances: 2");
    let faults = r#""cut": (
        does: Partition(dependency: "web->api", instance: 0, messages: Delay), start: At("10s"), heal: At("20s"),
    )"#;
    let run = run(&api, WEB, faults);
    let succeeded = each(&run, |second| second.populations[0].flow.succeeded);
    assert!((10..20).all(|second| succeeded[second].abs_diff(50) <= 1), "{succeeded:?}");
    assert_about(succeeded[20], 600);
    let total = &run.recording().totals.populations[0];
    assert_eq!(total.failed(), 0);
    assert!((9.9..=10.02).contains(&total.latency.max().as_secs_f64()), "{:?}", total.latency.max());
}
