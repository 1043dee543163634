//! Warnings: each misconfiguration that is known gives its warning at its place, and a sound file gives none.

use brownout::text::Severity;

use super::parsed;

/// A sound system of three tiers in which every warning can be provoked by one change.
const SOUND: &str = r#"Scenario(
    format: 1,
    name: "sound",
    duration: "30m",
    services: {
        "api": (
            instances: 4,
            capacity: Workers(50),
            queue: (capacity: 100),
            endpoints: {"get": [Work("5ms"), Call("db.query")]},
            calls: [(to: "db", layers: [
                Deadline("1s"),
                Breaker(slidingWindowType: TIME_BASED, slidingWindowSize: 60, minimumNumberOfCalls: 20),
                RateLimit(rate: "500/s", burst: 50),
                Timeout("500ms"),
                Pool(preset: "hikaricp", maximumPoolSize: 20, connectionTimeout: 400, validationTimeout: 250),
            ])],
        ),
        "db": (
            capacity: ProcessorSharing(cores: 16),
            max_connections: 100,
            endpoints: {"query": [Work("2ms")]},
        ),
    },
    populations: {
        "web": (
            arrivals: Poisson("100/s"),
            mix: {"api.get": 1},
            calls: [(to: "api", layers: [
                Deadline("8s"),
                Retry(max_attempts: 3, backoff: Exponential(base: "100ms", cap: "1s"), jitter: Full),
                Timeout("2s"),
            ])],
        ),
    },
)
"#;

/// The warnings of the sound system after changes: (line, code).
fn warnings(changes: &[(&str, &str)]) -> Vec<(usize, &'static str)> {
    let text = changes.iter().fold(SOUND.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    });
    let findings = parsed(&text).1;
    assert!(findings.iter().all(|(_, found)| found.severity == Severity::Warning && found.help.is_some()));
    findings.iter().map(|(source, found)| (source.position(found.span.start).line, found.code)).collect()
}

#[test]
fn a_sound_system_gives_none() {
    assert_eq!(warnings(&[]), []);
}

#[test]
fn a_pool_that_is_more_patient_than_its_callers() {
    // HikariCP's default of 30 s behind a limit of 500 ms, or behind one of a caller further up.
    let pool = ("connectionTimeout: 400, validationTimeout: 250", "minimumIdle: 5");
    assert_eq!(warnings(&[pool]), [(16, "pool-outlasts-caller")]);
    let without_own = [pool, ("Deadline(\"1s\"),\n", "\n"), ("Timeout(\"500ms\"),\n", "\n")];
    assert_eq!(warnings(&without_own), [(16, "pool-outlasts-caller")]);
    assert_eq!(warnings(&[("connectionTimeout: 400", "connectionTimeout: 0")]), [(16, "pool-outlasts-caller")]);
    assert_eq!(warnings(&[("connectionTimeout: 400", "connectionTimeout: 499")]), []);
}

#[test]
fn more_pooled_connections_than_the_database_accepts() {
    assert_eq!(warnings(&[("maximumPoolSize: 20", "maximumPoolSize: 25")]), [], "4 x 25 = 100");
    assert_eq!(warnings(&[("maximumPoolSize: 20", "maximumPoolSize: 26")]), [(21, "pools-exceed-connections")]);
    assert_eq!(warnings(&[("instances: 4", "instances: 6")]), [(21, "pools-exceed-connections")]);
}

#[test]
fn retries_on_top_of_retries() {
    let inner = ("Deadline(\"1s\"),\n", "Retry(max_attempts: 4, jitter: Full), \n");
    let found = warnings(&[inner, ("Timeout(\"500ms\")", "Timeout(\"450ms\")")]);
    assert_eq!(found, [(12, "layered-retries")]);
    assert_eq!(
        warnings(&[inner, ("max_attempts: 3", "max_attempts: 1"), ("Timeout(\"500ms\")", "Timeout(\"450ms\")")]),
        []
    );
}

#[test]
fn attempts_that_outlast_the_caller() {
    // 5 attempts of 500 ms are 2.5 s, longer than the 2 s after which the client gives up.
    let inner =
        [("Deadline(\"1s\"),\n", "Retry(max_attempts: 5, jitter: Full), \n"), ("max_attempts: 3", "max_attempts: 1")];
    assert_eq!(warnings(&inner), [(11, "attempts-outlast-caller")]);
    let travelling = ("(to: \"db\", ", "(to: \"db\", propagates_deadline: true, ");
    assert_eq!(warnings(&[inner[0], inner[1], travelling]), []);
    assert_eq!(
        warnings(&[("Deadline(\"1s\")", "Deadline(\"3s\")"), ("Timeout(\"500ms\")", "Timeout(\"2500ms\")")]),
        [(11, "attempts-outlast-caller")]
    );
}

#[test]
fn an_attempt_as_long_as_the_whole_call() {
    assert_eq!(warnings(&[("Timeout(\"2s\")", "Timeout(\"8s\")")]), [(32, "timeout-exceeds-deadline")]);
}

#[test]
fn a_breaker_that_sees_too_few_calls() {
    // 25 calls a second and caller in a window of 60 s are 1500.
    assert_eq!(warnings(&[("minimumNumberOfCalls: 20", "minimumNumberOfCalls: 1490")]), []);
    assert_eq!(warnings(&[("minimumNumberOfCalls: 20", "minimumNumberOfCalls: 1510")]), [(13, "breaker-blind")]);
    let slow = [("slidingWindowType: TIME_BASED, ", ""), ("\"100/s\"", "\"0.1/s\"")];
    assert_eq!(warnings(&slow), [(13, "breaker-blind")], "20 calls take 800 s, most of the run");
}

#[test]
fn a_queue_that_outlasts_its_callers() {
    // 50 workers and 5 ms a request serve 20,000 in 2 s.
    assert_eq!(warnings(&[("queue: (capacity: 100)", "queue: (capacity: 20000)")]), []);
    assert_eq!(warnings(&[("queue: (capacity: 100)", "queue: (capacity: 21000)")]), [(9, "queue-outlasts-caller")]);
    assert_eq!(warnings(&[("            queue: (capacity: 100),\n", "\n")]), [(6, "queue-outlasts-caller")]);
}

#[test]
fn calls_that_may_never_end() {
    let lossy = ("(to: \"db\", ", "(to: \"db\", loss: \"1%\", ");
    assert_eq!(warnings(&[lossy]), [], "a timeout notices");
    let unlimited = [("Deadline(\"1s\"),\n", "\n"), ("Timeout(\"500ms\"),\n", "\n")];
    assert_eq!(warnings(&unlimited), []);
    assert_eq!(warnings(&[lossy, unlimited[0], unlimited[1]]), [(11, "waits-for-ever")]);
    let resent = ("(to: \"db\", ", "(to: \"db\", loss: \"1%\", on_loss: Retransmit(\"200ms\"), ");
    assert_eq!(warnings(&[resent, unlimited[0], unlimited[1]]), []);
    let cancelled = ("(to: \"api\", ", "(to: \"api\", cancels: true, ");
    assert_eq!(warnings(&[lossy, unlimited[0], unlimited[1], cancelled]), [], "the client gives up, and says so");
    let cut = (
        "duration: \"30m\",",
        "duration: \"30m\", always: (faults: {\"cut\": (does: Partition(dependency: \"api->db\"), start: At(\"5m\"))}),",
    );
    assert_eq!(warnings(&[cut]), []);
    assert_eq!(warnings(&[cut, unlimited[0], unlimited[1]]), [(11, "waits-for-ever")]);
    let resent = ("(to: \"db\", ", "(to: \"db\", on_loss: Retransmit(\"200ms\"), ");
    assert_eq!(warnings(&[cut, resent, unlimited[0], unlimited[1]]), [], "the remedy is one");
}

#[test]
fn changes_of_a_fault_that_has_healed() {
    let fault = |start: &str, changes: &str, heal: &str| {
        let does = r#"Slowdown(service: "db", factor: 2)"#;
        let fault = format!(r#""slow": (does: {does}, start: {start}, changes: [{changes}], heal: {heal})"#);
        warnings(&[("duration: \"30m\",", &format!("duration: \"30m\", always: (faults: {{{fault}}}),"))]).len()
    };
    let at = r#"At("5m")"#;
    assert_eq!(fault(at, r#"("1m", "50%")"#, r#"After("90s")"#), 0);
    assert_eq!(
        fault(at, r#"("1m", "50%"), ("90s", "80%"), ("4m", "100%")"#, r#"After("90s")"#),
        2,
        "at once, and later"
    );
    assert_eq!(fault(at, r#"(At("6m"), "50%"), ("2m", "80%")"#, r#"At("6m30s")"#), 1);
    let when = r#"When(measure: QueueLength("db"), above: 5)"#;
    assert_eq!(fault(when, r#"("2m", "80%")"#, r#"After("90s")"#), 1);
    assert_eq!(fault(when, r#"("2m", "80%")"#, r#"At("90s")"#), 0, "nobody knows when it starts");
    assert_eq!(fault(at, r#"("2m", "80%")"#, when), 0, "nobody knows when it heals");
}

#[test]
fn a_service_whose_workers_wait_for_each_other() {
    let inner = [
        ("Call(\"db.query\")]", "Call(\"db.query\"), Call(\"api.price\")], \"price\": [Work(\"1ms\")]"),
        ("calls: [(to: \"db\"", "calls: [(to: \"api\", layers: [Timeout(\"1s\")]), (to: \"db\""),
    ];
    assert_eq!(warnings(&inner), [(8, "waits-for-itself")]);
    let forgotten = (inner[0].0, "Call(\"db.query\"), Spawn(\"api.price\")], \"price\": [Work(\"1ms\")]");
    assert_eq!(warnings(&[forgotten, inner[1]]), [], "nobody waits for what is spawned");
    assert_eq!(warnings(&[inner[0], inner[1], ("Workers(50)", "Unlimited"), ("queue: (capacity: 100),", "")]), []);
}

#[test]
fn retries_without_jitter() {
    assert_eq!(warnings(&[(", jitter: Full", "")]), [(31, "no-jitter")]);
    assert_eq!(
        warnings(&[(
            "Retry(max_attempts: 3, backoff: Exponential(base: \"100ms\", cap: \"1s\"), jitter: Full)",
            "Retry(preset: \"resilience4j\")"
        )]),
        [(31, "no-jitter")]
    );
}

#[test]
fn a_rate_limit_left_at_its_default() {
    let open = ("RateLimit(rate: \"500/s\", burst: 50)", "RateLimit(preset: \"resilience4j\")");
    assert_eq!(warnings(&[open]), [(14, "limit-left-open")]);
}

#[test]
fn layers_in_an_order_that_surprises() {
    let pool = "Pool(preset: \"hikaricp\", maximumPoolSize: 20, connectionTimeout: 400, validationTimeout: 250),\n";
    let outside = [
        (pool, "\n"),
        (
            "Deadline(\"1s\"),",
            "Deadline(\"1s\"), Pool(size: 20, acquire_timeout: \"400ms\"), Retry(max_attempts: 2, jitter: Full), ",
        ),
    ];
    let found = warnings(&[outside[0], outside[1], ("max_attempts: 3", "max_attempts: 1")]);
    assert_eq!(found, [(12, "layer-order")]);
}

#[test]
fn what_is_never_used_or_never_happens() {
    let unused = ("calls: [(to: \"api\"", "calls: [(to: \"db\"), (to: \"api\"");
    assert_eq!(warnings(&[unused]), [(29, "unused")]);
    assert_eq!(warnings(&[("Poisson(\"100/s\")", "Poisson(\"0/s\")")]), [(27, "silent")]);
    let late = (
        "duration: \"30m\",",
        "duration: \"30m\", always: (faults: {\"late\": (does: Crash(service: \"db\"), start: At(\"31m\"))}),",
    );
    assert_eq!(warnings(&[late]), [(4, "after-the-end")]);
}
