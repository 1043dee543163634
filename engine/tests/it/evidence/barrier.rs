//! What instruments show says nothing of the variant or of the future until there is an effect to see.

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::{Evidence, LookOffer};
use brownout::response::{Actor, Command};
use brownout::scenario::Scenario;
use brownout::units::SimTime;

use super::{look, parsed, small};

/// The same deploy in every variant, which is guilty in one; in another a disk slows down at 2:00, of which somebody else knows.
const FAMILY: &str = r#"Scenario(
    format: 1, name: "family", duration: "5m",
    services: {
        "api": (
            capacity: Workers(16), rollout: (preparation: "1m"), start_time: "1s",
            versions: {"v1": (), "v2": ()},
            endpoints: {"get": [Work(Exponential(mean: "5ms")), Call("db.read")]},
            calls: [(to: "db", layers: [
                Retry(max_attempts: 2, backoff: Fixed("10ms"), jitter: NoJitter),
                Breaker(failureRateThreshold: 50, minimumNumberOfCalls: 20),
                Pool(preset: "fixed", size: 8, acquire_timeout: "1s"),
            ])],
        ),
        "db": (capacity: ProcessorSharing(cores: 4), endpoints: {"read": [Work(Lognormal(mean: "8ms", cv: 1))]}),
    },
    populations: {"web": (arrivals: Poisson("20/s"), mix: {"api.get": 1})},
    variants: {
        "guilty": (weight: 1, deploys: [
            (at: "1m", service: "api", version: "v2", effects: {"bug": Errors(ratio: "40%")}),
        ]),
        "slow-disk": (
            weight: 1,
            deploys: [(at: "1m", service: "api", version: "v2")],
            faults: {"disk": (does: Slowdown(service: "db", factor: 9), start: At("2m"))},
        ),
        "harmless": (weight: 1, deploys: [(at: "1m", service: "api", version: "v2")]),
    },
    evidence: {
        "clients": (exists: true),
        "vendor-status": (shows: [
            (text: "All systems operational."), (after: "disk", text: "Elevated latency."),
            (after: "disk", delay: "1m", text: "Elevated latency of volumes in one zone."),
        ]),
    },
)"#;

fn command(offer: &LookOffer, subject: Option<&str>) -> Command {
    Command::look(offer.instrument.clone(), subject)
}

/// Everything that can be asked, asked in every second: by second, what all the instruments showed.
fn ask_everything(scenario: &Arc<Scenario>, variant: usize, until: u64) -> Vec<Vec<Evidence>> {
    let mut simulation = Simulation::with_variant(Arc::clone(scenario), 5, variant);
    let mut seconds = Vec::new();
    for second in 1..=until {
        simulation.run_until(SimTime::from_secs(second));
        // Asked of a branch, so that what was seen before is not carried along.
        let mut branch = simulation.fork();
        for offer in branch.menu().looks {
            if offer.subjects.is_empty() {
                branch.command(Actor::Lead, command(&offer, None)).unwrap();
            }
            for subject in &offer.subjects {
                branch.command(Actor::Lead, command(&offer, Some(subject))).unwrap();
            }
        }
        seconds.push(branch.evidence().seen.clone());
    }
    seconds
}

fn instruments(evidence: &[Evidence]) -> usize {
    let mut names: Vec<&str> = evidence.iter().map(|one| one.instrument.as_str()).collect();
    names.dedup();
    names.len()
}

#[test]
fn before_the_first_effect_every_instrument_shows_the_same_in_every_variant() {
    let scenario = parsed(FAMILY);
    let [guilty, disk, harmless] = [0, 1, 2].map(|variant| ask_everything(&scenario, variant, 150));
    assert_eq!(instruments(&harmless[0]), 9, "all eight and the vendor's");
    let shown = |seconds: &[Vec<Evidence>]| serde_json::to_string(seconds).unwrap();
    // The disk slows down at 2:00; the version is on no instance before that either.
    assert!(shown(&guilty[..120]) == shown(&harmless[..120]));
    assert!(shown(&disk[..119]) == shown(&harmless[..119]));
    assert!(guilty[149] != harmless[149] && disk[149] != harmless[149]);
}

#[test]
fn the_vendor_knows_of_a_fault_when_it_has_been_met_and_in_no_other_variant() {
    let scenario = parsed(FAMILY);
    let says = |variant: usize, secs: u64| {
        let mut simulation = Simulation::with_variant(Arc::clone(&scenario), 5, variant);
        simulation.run_until(SimTime::from_secs(secs));
        super::shown(&mut simulation, "vendor-status", None).text
    };
    assert_eq!((says(1, 119).as_str(), says(1, 123).as_str()), ("All systems operational.", "Elevated latency."));
    assert_eq!(says(1, 181), "Elevated latency of volumes in one zone.");
    assert_eq!(
        (says(0, 290).as_str(), says(2, 290).as_str()),
        ("All systems operational.", "All systems operational.")
    );
}

#[test]
fn word_of_a_fault_that_never_strikes_is_never_heard() {
    let never = r#""never": (does: Crash(service: "db"), start: When(measure: Utilisation("db"), above: "99%"))"#;
    let own = r#"evidence: {"colleague": (shows: [(after: "never", text: "I saw it.")])}"#;
    assert_eq!(look(&small("", never, own), 30, "colleague", None).text, "nothing");
}
