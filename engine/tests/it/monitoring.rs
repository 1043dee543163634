//! Monitoring in a running system: blind spots, readings, delays, telemetry that dies, alerts and who is told.

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::{Metric, Observation, Reason, Severity, Signal, Stage, Window};
use brownout::policy::Policy;
use brownout::response::{Command, Menu};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};

use crate::systems::at;

/// From 2:00 to 5:00 every answer of `api.get` is an error; `api.ping`, which is asked far more often, goes on well. The
/// clients of `api` ask once more.
fn shop(monitoring: &str) -> Arc<Scenario> {
    let text = format!(
        r#"Scenario(
        format: 1, name: "watched", duration: "20m",
        services: {{
            "api": (
                instances: 2,
                capacity: Workers(8),
                endpoints: {{"get": [Work("5ms"), Call("db.read")], "ping": [Work("1ms")]}},
                calls: [(to: "db", layers: [Pool(preset: "fixed", size: 4, acquire_timeout: "1s")])],
            ),
            "db": (capacity: ProcessorSharing(cores: 4), endpoints: {{"read": [Work("5ms")]}}),
        }},
        populations: {{"web": (
            arrivals: Constant("20/s"),
            mix: {{"api.get": 1, "api.ping": 9}},
            objective: (availability: "99%"),
            calls: [(to: "api", layers: [Retry(max_attempts: 2, backoff: Fixed("10ms"), jitter: NoJitter)])],
        )}},
        always: (faults: {{
            "errors": (does: Errors(service: "api", endpoint: "get", ratio: "100%"), start: At("2m"), heal: After("3m")),
            "crash": (does: Crash(service: "db"), start: At("10m"), heal: After("2m")),
        }}),
        {monitoring}
    )"#
    );
    let parsed = Scenario::parse(&Source::new("watched.ron", text), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn run(monitoring: &str, until: f64) -> Simulation {
    let mut simulation = Simulation::with_variant(shop(monitoring), 3, 0);
    simulation.run_until(at(until));
    simulation
}

fn seen(monitoring: &str, until: f64) -> Observation {
    run(monitoring, until).observe()
}

#[test]
fn without_the_section_services_and_their_calls_are_seen_and_nothing_else() {
    let seen = seen("", 180.0);
    assert_eq!((seen.scraped_at, seen.scrape_interval), (Some(at(180.0)), SimDuration::from_secs(15)));
    assert!(!seen.is_stale() && seen.alerts.is_empty() && seen.notifications.is_empty());
    let services: Vec<_> = seen.services.iter().map(|view| (view.name.as_str(), view.shows.len())).collect();
    assert_eq!(services, [("api", 8), ("db", 8)]);
    let dependencies: Vec<_> = seen.dependencies.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(dependencies, ["api->db"], "what clients know of their calls is theirs");
    assert!(seen.endpoints.is_empty() && seen.populations.is_empty());
    let api = &seen.services[0];
    assert!(api.error_ratio.unwrap() > 0.05 && api.utilisation.is_some() && api.queue.is_some(), "{api:?}");
    assert_eq!((api.instances, seen.dependencies[0].pool_maximum), (Some(2), Some(8)));
}

#[test]
fn between_two_readings_dashboards_stay_as_they_were() {
    let early = seen("", 14.0);
    assert_eq!((early.scraped_at, early.services[0].request_rate), (None, None));
    let (read, later) = (seen("", 135.0), seen("", 149.0));
    assert_eq!((later.scraped_at, &later.services), (Some(at(135.0)), &read.services));
    let often = seen(r#"monitoring: (scrape_interval: "5s"),"#, 149.0);
    assert_eq!((often.scraped_at, often.scrape_interval), (Some(at(145.0)), SimDuration::from_secs(5)));
}

#[test]
fn dashboards_show_a_delay_later_what_they_would_have_shown() {
    let at_once = seen("", 135.0);
    let delayed = seen(r#"monitoring: (delay: "20s"),"#, 155.0);
    assert_eq!((delayed.scraped_at, &delayed.services), (Some(at(135.0)), &at_once.services));
    assert_eq!(seen(r#"monitoring: (delay: "20s"),"#, 154.0).scraped_at, Some(at(120.0)));
    assert_eq!(seen(r#"monitoring: (delay: "20s"),"#, 30.0).scraped_at, None);
}

#[test]
fn what_is_not_instrumented_is_not_seen_and_an_average_hides() {
    let monitoring = r#"monitoring: (dashboards: {
        "api": ["request-rate", "p99-latency"],
        "api.get": All,
        "population web": ["error-ratio", "burn-rate", "amplification"],
    }),"#;
    let seen = seen(monitoring, 180.0);
    let api = &seen.services[0];
    assert_eq!(api.shows, [Metric::RequestRate, Metric::P99Latency]);
    assert!(api.request_rate.is_some() && api.p99_latency.is_some());
    assert!(api.error_ratio.is_none() && api.top_error.is_none() && api.utilisation.is_none() && api.queue.is_none());
    let db = &seen.services[1];
    assert!(db.shows.is_empty() && db.request_rate.is_none() && db.instances.is_none(), "{db:?}");
    assert!(seen.dependencies.is_empty());
    let endpoints: Vec<_> = seen.endpoints.iter().map(|view| (view.name.as_str(), view.error_ratio)).collect();
    assert_eq!(endpoints, [("api.get", Some(1.0))]);
    let web = &seen.populations[0];
    assert!((0.03..0.3).contains(&web.error_ratio.unwrap()), "one in ten, about: {web:?}");
    assert!(web.amplification.unwrap() > 1.02 && web.mean_latency.is_none() && web.affected_users.is_none());
    // A hundredth of the requests may be bad, and every failure is.
    assert!((web.burn_rate.unwrap() - 100.0 * web.error_ratio.unwrap()).abs() < 1e-3);
}

#[test]
fn the_values_of_dashboards_are_those_of_signals_by_their_names() {
    let simulation = run("", 180.0);
    let (system, populations) = (&**simulation.system(), &simulation.scenario().populations);
    let window = Window::ending(at(180.0), SimDuration::from_secs(15));
    let value = |name: &str| {
        let signal = Signal::find(name, system, populations).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(signal.name(system, populations), name);
        signal.value(simulation.recording(), window)
    };
    let seen = simulation.observe();
    assert_eq!(value("error-ratio of api"), seen.services[0].error_ratio);
    assert_eq!(value("request-rate of api"), seen.services[0].request_rate);
    assert_eq!(value("utilisation of db"), seen.services[1].utilisation);
    assert_eq!(value("request-rate of api->db"), seen.dependencies[0].call_rate);
    assert_eq!(value("error-ratio of api.get"), Some(1.0));
    assert!(value("burn-rate of population web").unwrap() > 1.0);
    for nothing in
        ["error-ratio of web", "queue of population web", "errors of api", "error-ratio", "queue of api.ping"]
    {
        assert_eq!(Signal::find(nothing, system, populations), None, "{nothing}");
    }
}

const ON_DB: &str = r#"monitoring: (
    depends_on: (service: "db"),
    alerts: {"silence": (rule: Threshold(signal: "request-rate of db", below: "100/s"), holds: "1m")},
),"#;

#[test]
fn telemetry_that_runs_on_a_dead_service_goes_stale_and_alerts_see_nothing() {
    let before = seen(ON_DB, 599.0);
    assert!(!before.is_stale());
    assert_eq!(before.alerts[0].stage, Stage::Firing);
    // The database dies at 10:00; the reading of that second still finds it.
    let dead = seen(ON_DB, 660.0);
    assert_eq!((dead.scraped_at, dead.stale_since), (Some(at(600.0)), Some(at(615.0))));
    assert!(dead.services[1].instances.is_some(), "the last picture stays on the screen");
    assert_eq!((dead.alerts[0].stage, dead.alerts[0].value), (Stage::Resolved, None));
    // It comes back at 12:00, once an instance has started.
    let back = seen(ON_DB, 780.0);
    assert_eq!((back.scraped_at, back.stale_since), (Some(at(780.0)), None));
}

const ALERTS: &str = r#"monitoring: (
    alerts: {
        "get-errors": (
            rule: Threshold(signal: "error-ratio of api.get", above: "90%", over: "30s"),
            holds: "1m", pages: "api-on-call", summary: "gets fail",
        ),
        "burning": (
            rule: BurnRate(population: "web", windows: [(rate: 5, long: "2m", short: "30s")]),
            severity: Ticket,
        ),
    },
    notify: (group_wait: "15s", group_interval: "1m", paging_delay: "7s"),
),"#;

#[test]
fn alerts_go_through_their_life_and_somebody_is_told() {
    let stage = |until: f64| {
        let seen = seen(ALERTS, until);
        (seen.alerts[0].stage, seen.alerts[0].active_since.map(SimTime::whole_secs))
    };
    assert_eq!(stage(134.0), (Stage::Inactive, None));
    assert_eq!(stage(135.0), (Stage::Inactive, None), "half of the window is well");
    assert_eq!(stage(150.0), (Stage::Pending, Some(150)));
    assert_eq!(stage(209.0), (Stage::Pending, Some(150)));
    assert_eq!(stage(210.0), (Stage::Firing, Some(150)));
    let end = seen(ALERTS, 500.0);
    let alert = &end.alerts[0];
    assert_eq!((alert.stage, alert.fired_at, alert.resolved_at), (Stage::Resolved, Some(at(210.0)), Some(at(315.0))));
    assert_eq!((alert.severity, alert.pages.as_str()), (Severity::Page, "api-on-call"));
    let pages: Vec<_> = end.notifications.iter().filter(|one| one.severity == Severity::Page).collect();
    let told: Vec<_> =
        pages.iter().map(|one| (one.sent.whole_secs(), one.at.whole_secs(), one.reason, one.firing.len())).collect();
    assert_eq!(told, [(225, 232, Reason::Firing, 1), (345, 352, Reason::Resolved, 0)]);
    let ticket = end.notifications.iter().find(|one| one.severity == Severity::Ticket).expect("it burns");
    assert_eq!(
        (ticket.to.as_str(), ticket.sent, ticket.firing.as_slice()),
        ("on-call", ticket.at, ["burning".to_owned()].as_slice())
    );
    assert!(ticket.at < at(300.0), "{ticket:?}");
}

#[test]
fn what_raises_no_alert_changes_nothing_of_the_run() {
    let plain = run("", 400.0);
    let watched = run(ALERTS, 400.0);
    assert_eq!(plain.recording().seconds, watched.recording().seconds);
}

#[test]
fn a_fork_and_a_snapshot_go_on_with_what_is_pending() {
    for until in [155.0, 228.0] {
        let mut original = run(ALERTS, until);
        let mut fork = original.fork();
        let mut restored =
            Simulation::from_snapshot(Arc::clone(original.scenario()), &original.snapshot()).expect("a snapshot of it");
        assert_eq!(restored.monitor(), original.monitor());
        for simulation in [&mut original, &mut fork, &mut restored] {
            simulation.run_until(at(500.0));
        }
        assert_eq!(original.observe().notifications.iter().filter(|one| one.to == "api-on-call").count(), 2);
        for other in [&fork, &restored] {
            assert_eq!((other.observe(), other.digest()), (original.observe(), original.digest()));
        }
    }
}

/// Notes when it is asked.
#[derive(Debug, Default)]
struct Clock(Vec<(u64, Option<u64>)>);

impl Policy for Clock {
    fn decide(&mut self, observation: &Observation, _: &Menu) -> Vec<Command> {
        self.0.push((observation.now.whole_secs(), observation.scraped_at.map(SimTime::whole_secs)));
        Vec::new()
    }
}

#[test]
fn a_policy_is_asked_when_there_is_something_new_to_see() {
    let asked = |monitoring: &str| {
        let mut session = brownout::Session::new(Simulation::with_variant(shop(monitoring), 3, 0));
        let mut clock = Clock::default();
        session.lead_until(&mut clock, at(60.0));
        clock.0
    };
    let usual: Vec<(u64, Option<u64>)> = (1..=4).map(|scrape| (scrape * 15, Some(scrape * 15))).collect();
    assert_eq!(asked(""), usual);
    assert_eq!(asked(r#"monitoring: (scrape_interval: "20s", delay: "7s"),"#), [(27, Some(20)), (47, Some(40))]);
}

#[test]
fn rules_that_take_longer_to_look_at_than_the_run_are_refused() {
    let alerts: String = (0..500)
        .map(|at| format!(r#""a{at}": (rule: Threshold(signal: "queue of api", above: 5, over: "1h")),"#))
        .collect();
    let text = format!(
        r#"Scenario(
        format: 1, name: "watched", duration: "20m",
        services: {{"api": (capacity: Workers(8), endpoints: {{"get": [Work("5ms")]}})}},
        populations: {{"web": (arrivals: Poisson("20/s"), mix: {{"api.get": 1}})}},
        monitoring: (evaluation_interval: "1s", alerts: {{{alerts}}}),
    )"#
    );
    let refused = Scenario::parse(&Source::new("watched.ron", text.clone()), &no_files).expect_err("2.16e9 seconds");
    assert!(refused.render().contains("[too-much-load]"), "{}", refused.render());
    let rarely = text.replace(r#""1s""#, r#""15s""#);
    assert!(Scenario::parse(&Source::new("watched.ron", rarely), &no_files).is_ok());
}
