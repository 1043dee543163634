//! What can be asked in the shipped scenarios: it tells the hidden variants apart, each instrument in its time.

use brownout::response::{Actor, Command};

use crate::play::{Stage, at};

/// What an instrument shows of a variant when the lead asks at `secs`, and has read the answer.
fn shown(stage: &Stage, variant: &str, secs: u64, instrument: &str, subject: Option<&str>) -> String {
    let mut simulation = stage.until(variant, 1, secs).simulation;
    simulation.command(Actor::Lead, Command::look(instrument, subject)).expect("it can be asked");
    // Whoever interrupts comes first, and the lead reads more slowly than who knows the service.
    simulation.run_until(at(secs + 900));
    let seen = simulation.observe().evidence;
    seen.into_iter().find(|one| one.instrument == instrument).expect("it has answered").text
}

#[test]
fn in_one_slash_the_signers_errors_say_what_lies_behind_them() {
    let stage = Stage::of("one-slash");
    for (variant, call) in
        [("bad-release", None), ("unknown-keys", Some("links->vault")), ("store-outage", Some("links->store"))]
    {
        let text = shown(&stage, variant, 660, "errors", Some("links"));
        let fails = |call: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(call)).unwrap_or_default();
            !line.is_empty() && !line.contains("error-ratio 0%")
        };
        assert!(fails("links:"), "{variant}: {text}");
        for other in ["links->vault", "links->store"] {
            assert_eq!(fails(other), call == Some(other), "{variant}, {other}: {text}");
        }
    }
}

#[test]
fn in_one_slash_users_write_after_seven_minutes_and_the_provider_after_fourteen() {
    let stage = Stage::of("one-slash");
    let inbox = |variant: &str, secs: u64| shown(&stage, variant, secs, "inbox", None);
    // Asked before, and read after the mails have come.
    assert!(inbox("bad-release", 1_020).contains("no build can download"));
    assert!(inbox("unknown-keys", 1_020).contains("cannot publish either"));
    assert!(inbox("store-outage", 1_020).contains("first some, now all of them"));
    let status = |variant: &str| shown(&stage, variant, 1_500, "provider-status", None);
    assert!(status("store-outage").contains("Investigating"));
    for innocent in ["bad-release", "storm", "unknown-keys"] {
        assert_eq!(status(innocent), "All systems operational.", "{innocent}");
    }
}

/// For how long connections are held, and where the time of a request goes: three causes, three pictures.
#[test]
fn in_pool_exhaustion_holds_and_traces_tell_the_causes_apart() {
    let stage = Stage::of("pool-exhaustion");
    let held = |variant: &str| {
        let text = shown(&stage, variant, 1_320, "pool", Some("api->proxy"));
        let (_, rest) = text.split_once("pool-held-p99 ").unwrap_or_else(|| panic!("{variant}: {text}"));
        rest.split(',').next().expect("a value").to_owned()
    };
    let seconds = |text: &str| text.parse::<brownout::units::SimDuration>().expect("a span").as_secs_f64();
    let [release, partner, abandoned] = ["release", "slow-partner", "abandoned"].map(|variant| seconds(&held(variant)));
    assert!(abandoned > 3.5 && release < 1.5 && partner < 1.5, "{release} {partner} {abandoned}");
    let rates = |variant: &str| shown(&stage, variant, 1_320, "traces", Some("proxy"));
    let slow = |text: &str| {
        let line = text.lines().find(|line| line.contains("proxy->partner")).unwrap_or_else(|| panic!("{text}"));
        let (_, rest) = line.split_once("mean-latency ").unwrap_or_else(|| panic!("{text}"));
        seconds(rest.split(',').next().expect("a value"))
    };
    let [release, partner] = ["release", "slow-partner"].map(|variant| slow(&rates(variant)));
    assert!(partner > 10.0 * release, "{release} {partner}");
}

/// What is said to the public between the 18th and the 48th minute reaches nobody, and nobody says so.
#[test]
fn in_pool_exhaustion_the_status_page_fails_in_silence() {
    use brownout::response::comms::{Audience, Extent, Statement};
    let stage = Stage::of("pool-exhaustion");
    let tickets = |secs: u64| {
        let mut simulation = stage.until("release", 1, secs).simulation;
        let statement = Statement { impact: Some(Extent::Most), action: "looking".to_owned(), ..Statement::default() };
        simulation.command(Actor::Lead, Command::Say { to: Audience::StatusPage, statement, by: None }).unwrap();
        let before = simulation.comms().expect("audiences").tickets();
        simulation.run_until(at(secs + 1_200));
        let said = simulation.observe().people.expect("people").comms.expect("audiences").said;
        assert_eq!(said.len(), 1, "to whoever wrote it, it is out");
        simulation.comms().expect("audiences").tickets() - before
    };
    let silent = {
        let mut simulation = stage.until("release", 1, 1_320).simulation;
        let before = simulation.comms().expect("audiences").tickets();
        simulation.run_until(at(1_320 + 1_200));
        simulation.comms().expect("audiences").tickets() - before
    };
    assert_eq!(tickets(1_320), silent, "as many write as if nothing had been said");
}
