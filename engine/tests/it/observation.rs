//! What can be seen says nothing of the variant or of the future until there is an effect to see.

use std::sync::Arc;

use brownout::observe::Observation;
use brownout::policy::BuiltIn;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::{Session, Simulation};

use crate::systems::at;

/// Three truths behind the same first three minutes: the deploy at 2:00 takes effect at 3:00 in one, a disk slows down at
/// 4:00 in another, nothing happens in the third.
const FAMILY: &str = r#"Scenario(
    format: 1, name: "family", title: "Three truths", story: "", duration: "8m",
    services: {
        "api": (
            capacity: Workers(8),
            endpoints: {"get": [Work(Exponential(mean: "5ms")), Call("db.read")]},
            versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "40%")}), "v3": ()},
            rollout: (preparation: "1m"),
            start_time: "5s",
        ),
        "db": (capacity: ProcessorSharing(cores: 4), endpoints: {"read": [Work(Lognormal(mean: "8ms", cv: 1))]}),
    },
    populations: {"web": (arrivals: Poisson("80/s"), mix: {"api.get": 1})},
    variants: {
        "bad-deploy": (weight: 1, deploys: [(at: "2m", service: "api", version: "v2")]),
        "slow-disk": (
            weight: 1,
            deploys: [(at: "2m", service: "api", version: "v2")],
            faults: {"disk": (does: Slowdown(service: "db", factor: 9), start: At("4m"))},
        ),
        "harmless": (weight: 1, deploys: [(at: "2m", service: "api", version: "v2")]),
    },
)"#;

fn family(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("family.ron", text), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{findings:?}")).0)
}

/// The observations of a variant, one for each scrape of 15 s.
fn watch(scenario: &Arc<Scenario>, variant: usize, scrapes: u32) -> Vec<Observation> {
    let mut simulation = Simulation::with_variant(Arc::clone(scenario), 5, variant);
    (1..=scrapes)
        .map(|scrape| {
            simulation.run_until(at(f64::from(scrape) * 15.0));
            simulation.observe()
        })
        .collect()
}

fn bytes(observations: &[Observation]) -> Vec<u8> {
    serde_json::to_vec(observations).unwrap()
}

#[test]
fn a_future_fault_is_invisible_until_its_first_effect() {
    let scenario = family(FAMILY);
    let bad_deploy = watch(&scenario, 0, 20);
    let slow_disk = watch(&scenario, 1, 20);
    assert_eq!(bytes(&bad_deploy[..16]), bytes(&slow_disk[..16]), "up to 4:00 nothing tells them apart");
    assert_ne!(bytes(&bad_deploy[16..]), bytes(&slow_disk[16..]), "afterwards something does");
}

/// All that can be watched, with alerts that are pending, fire and are told before the first effect.
const WATCHED: &str = r#"monitoring: (
        scrape_interval: "5s", delay: "2s",
        dashboards: {
            "api": All, "api.get": All, "db": All, "db.read": All, "api->db": All, "web->api": All, "population web": All,
        },
        depends_on: (service: "api", max_utilisation: "90%", max_error_ratio: "60%"),
        alerts: {
            "busy": (rule: Threshold(signal: "request-rate of api", above: "10/s", over: "1m"), holds: "1m"),
            "slow": (rule: Threshold(signal: "p99-latency of population web", above: "30ms"), keep_firing_for: "30s"),
            "burning": (rule: BurnRate(population: "web", windows: [(rate: 0.001, long: "2m", short: "30s")])),
        },
        notify: (group_by: [Alert], group_interval: "15s", repeat_interval: "30s", paging_delay: "3s"),
    ),
)"#;

#[test]
fn alerts_and_everything_that_can_be_watched_say_nothing_of_the_future_either() {
    let text = FAMILY.strip_suffix(')').expect("the end").to_owned() + WATCHED;
    let scenario = family(&text);
    let watch = |scenario: &Arc<Scenario>, variant: usize| {
        let mut simulation = Simulation::with_variant(Arc::clone(scenario), 5, variant);
        let seconds = (1..=300).map(|second| {
            simulation.run_until(at(f64::from(second)));
            simulation.observe()
        });
        seconds.collect::<Vec<_>>()
    };
    let (slow_disk, harmless) = (watch(&scenario, 1), watch(&scenario, 2));
    assert!(!harmless[150].notifications.is_empty(), "somebody has been told before");
    // The disk slows down at 4:00, the version takes effect at 3:00 at the earliest.
    assert!(bytes(&slow_disk[..240]) == bytes(&harmless[..240]));
    assert!(bytes(&slow_disk[240..]) != bytes(&harmless[240..]));
    let milder = watch(&family(&text.replace("40%", "5%")), 2);
    assert!(bytes(&milder[..180]) == bytes(&harmless[..180]));
    assert!(bytes(&milder[180..]) != bytes(&harmless[180..]));
}

#[test]
fn a_change_of_hidden_text_is_invisible_too() {
    let scenario = family(FAMILY);
    let other = FAMILY.replace("factor: 9", "factor: 2").replace(r#"start: At("4m")"#, r#"start: At("4m30s")"#);
    let other = family(&other);
    assert_eq!(bytes(&watch(&scenario, 1, 16)), bytes(&watch(&other, 1, 16)));
}

#[test]
fn the_menu_says_nothing_of_the_variant() {
    let scenario = family(FAMILY);
    let menus: Vec<_> = (0..3)
        .map(|variant| {
            let mut simulation = Simulation::with_variant(Arc::clone(&scenario), 5, variant);
            simulation.run_until(at(150.0));
            simulation.menu()
        })
        .collect();
    assert!(menus.iter().all(|menu| *menu == menus[0]));
}

#[test]
fn orders_on_record_replay_to_the_same_digest() {
    let scenario = family(FAMILY);
    let mut policy = BuiltIn::find("rollback-first").unwrap().start(0);
    let mut session = Session::new(Simulation::with_variant(Arc::clone(&scenario), 9, 0));
    session.lead_to_end(&mut *policy);
    let played = session.into_simulation();
    assert!(!played.orders().is_empty(), "the policy acted");
    let mut replayed = Simulation::with_variant(scenario, 9, 0);
    for (when, verb) in played.orders() {
        replayed.run_until(*when);
        replayed.order(verb.clone()).unwrap();
    }
    replayed.run_to_end();
    assert_eq!(replayed.digest(), played.digest());
}

#[test]
fn rolling_back_first_helps_against_a_bad_deploy() {
    let scenario = family(FAMILY);
    let failed = |policy: &str| {
        let mut policy = BuiltIn::find(policy).unwrap().start(0);
        let mut session = Session::new(Simulation::with_variant(Arc::clone(&scenario), 3, 0));
        session.lead_to_end(&mut *policy);
        session.simulation().recording().totals.populations[0].failed()
    };
    let (none, rollback) = (failed("none"), failed("rollback-first"));
    assert!(rollback * 2 < none, "{rollback} failed with a roll-back, {none} without");
}

/// v2 is rolled back, and somebody deploys it once more: that is a deploy, and to blame like the first one.
#[test]
fn a_version_that_was_rolled_back_and_is_deployed_again_is_rolled_back_again() {
    let again = r#"{"bad-deploy": (weight: 1, deploys: [
        (at: "1m", service: "api", version: "v2"), (at: "6m", service: "api", version: "v2"),
    ])}"#;
    let start = FAMILY.find("variants: {").unwrap();
    let text = format!("{}variants: {again})", &FAMILY[..start]).replace(r#"duration: "8m""#, r#"duration: "20m""#);
    let mut policy = BuiltIn::find("rollback-first").unwrap().start(0);
    let mut session = Session::new(Simulation::with_variant(family(&text), 3, 0));
    session.lead_to_end(&mut *policy);
    let changes = session.simulation().observe().changes;
    let log: Vec<_> = changes.iter().map(|entry| (entry.version.as_str(), entry.back, entry.done)).collect();
    assert_eq!(log, [("v2", false, true), ("v1", true, true), ("v2", false, true), ("v1", true, true)]);
}
