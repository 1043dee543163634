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

/// So many requests, 10 ms apart, to a service behind a breaker that decides after a hundred; what is said of it.
fn recorded(requests: u32) -> Vec<String> {
    let at: Vec<String> = (0..requests).map(|number| format!("\"{}ms\"", number * 10)).collect();
    let text = format!(
        r#"(format: 1, name: "recorded", duration: "10m",
            services: {{"db": (capacity: Unlimited, endpoints: {{"query": [Work("2ms")]}})}},
            populations: {{"web": (
                arrivals: Trace(at: [{}]), mix: {{"db.query": 1}},
                calls: [(to: "db", layers: [Breaker(preset: "resilience4j")])],
            )}},
        )"#,
        at.join(", ")
    );
    let blind = parsed(&text).1;
    blind.iter().filter(|(_, found)| found.code == "breaker-blind").map(|(_, found)| found.message.clone()).collect()
}

#[test]
fn a_breaker_sees_recorded_calls_as_they_come_and_no_more_of_them_than_there_are() {
    assert_eq!(recorded(250), [""; 0], "a hundred a second");
    let message = "the breaker decides after 100 calls, but each caller makes about 80 in the whole run";
    assert_eq!(recorded(80), [message]);
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

/// What the sound system is asked for: 100 requests a second, of which each works 5 ms at one of 4 x 50 workers of the api and
/// 2 ms at one of 16 cores of the database, through 4 x 20 connections.
#[test]
fn more_work_than_capacity() {
    // 100/s x 161 ms are 16.1 cores; the api holds 100/s x 166 ms = 16.6 workers.
    assert_eq!(warnings(&[("Work(\"2ms\")", "Work(\"159ms\")")]), []);
    let findings = parsed(&SOUND.replace("Work(\"2ms\")", "Work(\"200ms\")")).1;
    let (source, found) = findings.iter().next().expect("a warning");
    assert_eq!((findings.len(), found.code, source.position(found.span.start).line), (1, "overloaded", 20));
    assert_eq!(found.message, "`db` is asked for 20 cores of work and has 16 (125%), before anything goes wrong");
    assert_eq!(source.position(found.labels[0].span.start).line, 27, "the arrivals are shown");
}

#[test]
fn workers_are_held_during_calls_and_for_no_longer_than_their_time_limits() {
    // 4 workers for 100/s: 40 ms each, of which 5 are the api's own.
    let four = ("Workers(50)", "Workers(1)");
    assert_eq!(warnings(&[four, ("Work(\"2ms\")", "Work(\"34ms\")")]), []);
    assert_eq!(warnings(&[four, ("Work(\"2ms\")", "Work(\"36ms\")")]), [(8, "overloaded")]);
    let far = ("(to: \"db\", ", "(to: \"db\", latency: \"17ms\", ");
    assert_eq!(warnings(&[four, far]), [(8, "overloaded")], "5 + 2 x 17 + 2 ms");
    assert_eq!(warnings(&[four, far, ("Call(\"db.query\")", "Spawn(\"db.query\")")]), [], "nobody waits");
    assert_eq!(
        warnings(&[four, far, ("Call(\"db.query\")", "Chance(probability: \"50%\", then: [Call(\"db.query\")])")]),
        []
    );
    // Each call ends after 500 ms: 100/s x 505 ms are 50.5 workers, not 3000.
    let slow = [("Work(\"2ms\")", "Work(\"30s\")"), ("ProcessorSharing(cores: 16)", "Unlimited")];
    assert_eq!(warnings(&[slow[0], slow[1], ("Workers(50)", "Workers(13)")]), []);
    assert_eq!(warnings(&[slow[0], slow[1], ("Workers(50)", "Workers(12)")]), [(8, "overloaded")]);
}

#[test]
fn pools_are_held_for_the_time_of_their_calls() {
    // 100/s x 150 ms are 15 connections of 4 x 3, or of 4 x 4.
    let slow = ("Work(\"2ms\")", "Work(\"150ms\")");
    assert_eq!(warnings(&[slow, ("maximumPoolSize: 20", "maximumPoolSize: 4")]), []);
    assert_eq!(warnings(&[slow, ("maximumPoolSize: 20", "maximumPoolSize: 3")]), [(16, "overloaded")]);
}

#[test]
fn failures_and_repetitions_of_a_plan_count() {
    let plan = |steps: &'static str| ("Work(\"2ms\")", steps);
    // 1 / (1 - 0.5) = 2 rounds of 80 ms are 16 cores, of 81 ms more.
    assert_eq!(warnings(&[plan("Repeat(probability: \"50%\", body: [Work(\"79ms\")])")]), []);
    assert_eq!(warnings(&[plan("Repeat(probability: \"50%\", body: [Work(\"81ms\")])")]), [(20, "overloaded")]);
    // What stands behind a failure is not done.
    let fails = "Chance(probability: \"50%\", then: [Fail(\"internal\")]), Work(\"300ms\")";
    assert_eq!(warnings(&[plan(fails)]), [], "15 cores");
    let rounds = "Repeat(probability: \"50%\", body: [Work(\"150ms\"), Fail(\"internal\")])";
    assert_eq!(warnings(&[plan(rounds)]), [], "one round");
}

#[test]
fn loads_that_adapt_or_pass_are_no_overload() {
    let work = ("Work(\"2ms\")", "Work(\"20ms\")");
    let arrivals = |arrivals: &'static str| ("Poisson(\"100/s\")", arrivals);
    // 1000/s x 20 ms are 20 cores of 16.
    assert_eq!(warnings(&[work, arrivals("Poisson(\"1000/s\")")]), [(20, "overloaded")]);
    assert_eq!(warnings(&[work, arrivals("Constant(\"1000/s\")")]), [(20, "overloaded")]);
    let limited = ("RateLimit(rate: \"500/s\"", "RateLimit(rate: \"100/s\"");
    assert_eq!(warnings(&[work, arrivals("Poisson(\"1000/s\")"), limited]), [], "the 4 callers send 400/s");
    let peak = "Poisson([(\"0s\", \"100/s\"), (\"5m\", \"100/s\"), (\"6m\", \"5000/s\"), (\"7m\", \"100/s\")])";
    assert_eq!(warnings(&[work, arrivals(peak)]), [], "a peak of 100 cores, but 5.3 in the mean");
    assert_eq!(warnings(&[work, arrivals("Closed(users: 1000, think: \"500ms\")")]), []);
    let dropping = "Poisson(\"1000/s\"), max_in_flight: (limit: 10, beyond: Drop)";
    assert_eq!(warnings(&[work, arrivals(dropping)]), []);
    // Two requests a session.
    assert_eq!(
        warnings(&[work, arrivals("Sessions(starts: \"410/s\", continues: \"50%\", think: \"1s\")")]),
        [(20, "overloaded")]
    );
    assert_eq!(warnings(&[work, arrivals("Sessions(starts: \"390/s\", continues: \"50%\", think: \"1s\")")]), []);
}

#[test]
fn what_happens_later_is_no_overload_before() {
    let version = (
        "max_connections: 100,",
        "max_connections: 100, versions: {\"v1\": (), \"v2\": (effects: {\"slow\": Slowdown(factor: 100)})},",
    );
    let deploy = (
        "duration: \"30m\",",
        "duration: \"30m\", always: (deploys: [(at: \"5m\", service: \"db\", version: \"v2\")], faults: {\"rush\": (does: TrafficSpike(population: \"web\", factor: 100), start: At(\"9m\"))}),",
    );
    assert_eq!(warnings(&[version, deploy]), []);
}

#[test]
fn a_share_written_where_per_cent_are_taken() {
    let breaker = |threshold: &'static str| ("minimumNumberOfCalls: 20", threshold);
    let half = breaker("minimumNumberOfCalls: 20, failureRateThreshold: 0.5");
    assert_eq!(warnings(&[half]), [(13, "small-percentage")]);
    assert_eq!(warnings(&[breaker("minimumNumberOfCalls: 20, slowCallRateThreshold: 1")]), [(13, "small-percentage")]);
    assert_eq!(warnings(&[breaker("minimumNumberOfCalls: 20, failureRateThreshold: \"0.5%\"")]), [], "it is meant");
    assert_eq!(warnings(&[breaker("minimumNumberOfCalls: 20, failureRateThreshold: 50")]), []);
    let findings = parsed(&SOUND.replace(half.0, half.1)).1;
    let help = findings.iter().next().and_then(|(_, found)| found.help.clone()).expect("a remedy");
    assert!(help.contains("for 50 per cent write 50") && help.contains("\"0.5%\""), "{help}");
}

#[test]
fn a_pool_is_told_its_own_setting() {
    let help = |changes: &[(&str, &str)]| {
        let text = changes.iter().fold(SOUND.to_owned(), |text, (old, new)| text.replacen(old, new, 1));
        let findings = parsed(&text).1;
        let found = findings.iter().find(|(_, found)| found.code == "pool-outlasts-caller").expect("the warning").1;
        found.help.clone().expect("a remedy")
    };
    let pool = "preset: \"hikaricp\", maximumPoolSize: 20, connectionTimeout: 400, validationTimeout: 250";
    let hikari = help(&[(pool, "preset: \"hikaricp\", maximumPoolSize: 20")]);
    assert!(hikari.contains("connectionTimeout below \"500ms\"") && hikari.contains("\"250ms\""), "{hikari}");
    let fixed = help(&[(pool, "preset: \"fixed\", size: 20, acquire_timeout: \"9s\"")]);
    assert!(fixed.contains("acquire_timeout below \"500ms\""), "{fixed}");
    let hasty =
        help(&[(pool, "preset: \"hikaricp\", maximumPoolSize: 20"), ("Timeout(\"500ms\")", "Timeout(\"200ms\")")]);
    assert!(hasty.contains("more than 250ms"), "the product takes none below 250 ms: {hasty}");
}

#[test]
fn a_deploy_of_what_runs_already() {
    let versions = ("max_connections: 100,", "max_connections: 100, versions: {\"v1\": (), \"v2\": ()},");
    let found = |deploys: &str| {
        let text = SOUND.replacen(versions.0, versions.1, 1);
        let findings = parsed(&text.replacen("    services: {", &format!("    {deploys}\n    services: {{"), 1)).1;
        findings.iter().map(|(_, found)| (found.code, found.help.clone().unwrap_or_default())).collect::<Vec<_>>()
    };
    let deploy = |at: &str, version: &str| format!("(at: \"{at}\", service: \"db\", version: \"{version}\")");
    let always = |deploys: &[String]| format!("always: (deploys: [{}]),", deploys.join(", "));
    let first = found(&always(&[deploy("5m", "v1")]));
    assert_eq!(first.len(), 1);
    assert!(first[0].0 == "redeploy" && first[0].1.contains("did you mean \"v2\"?"), "{first:?}");
    assert!(found(&always(&[deploy("5m", "v2")])).is_empty());
    assert!(found(&always(&[deploy("5m", "v2"), deploy("6m", "v1")])).is_empty(), "back to the first");
    assert_eq!(found(&always(&[deploy("6m", "v2"), deploy("5m", "v2")])).len(), 1, "by time, not by place");
    let one_variant = format!("variants: {{\"a\": (deploys: [{}]), \"b\": ()}},", deploy("5m", "v1"));
    assert_eq!(found(&one_variant).len(), 1);
    // What is idle in one variant only has its sense in the other.
    let back = format!(
        "variants: {{\"a\": (deploys: [{}]), \"b\": ()}}, {}",
        deploy("5m", "v2"),
        always(&[deploy("6m", "v1")])
    );
    assert!(found(&back).is_empty());
    let guilty =
        "always: (deploys: [(at: \"5m\", service: \"db\", version: \"v1\", effects: {\"x\": Errors(ratio: \"1%\")})]),";
    assert!(found(guilty).is_empty(), "it does more than what runs");
}

/// What is shipped may go wrong, but not before anything goes wrong.
#[test]
fn nothing_in_the_library_is_overloaded_from_the_start() {
    let library = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/library");
    let mut read = 0;
    for folder in std::fs::read_dir(library).expect("the library") {
        let path = folder.expect("a folder").path().join("scenario.ron");
        let text = std::fs::read_to_string(path).expect("a scenario");
        let findings = parsed(&text).1;
        assert!(findings.iter().all(|(_, found)| found.code != "overloaded"), "{}", findings.render());
        read += 1;
    }
    assert!(read >= 2);
}

/// The api has 4 x 50 workers: any share of them can be lost as written. A single worker cannot lose part of itself.
#[test]
fn workers_that_are_lost_whole() {
    let fault = |ratio: &str, strength: &str| {
        let does = format!("does: LostCapacity(service: \"api\", ratio: \"{ratio}\"), start: At(\"1m\")");
        format!("duration: \"30m\", always: (faults: {{\"lost\": ({does}, changes: [(\"1m\", \"{strength}\")])}}),")
    };
    let of = |instances: &str, workers: &str, ratio: &str, strength: &str| {
        let fault = fault(ratio, strength);
        let changes = [
            ("duration: \"30m\",", fault.as_str()),
            ("instances: 4", instances),
            ("Workers(50)", workers),
            ("queue: (capacity: 100),", ""),
        ];
        warnings(&changes).into_iter().filter(|(_, code)| *code == "rounded").count()
    };
    assert_eq!(of("instances: 4", "Workers(50)", "33%", "50%"), 0);
    assert_eq!(of("instances: 1", "Workers(1)", "60%", "0%"), 1, "nothing is lost");
    assert_eq!(of("instances: 1", "Workers(1)", "60%", "50%"), 2, "nor at half the strength");
    assert_eq!(of("instances: 1", "Workers(1)", "100%", "100%"), 0, "all of it can be lost");
    assert_eq!(of("instances: 1", "Workers(2)", "99%", "51%"), 1, "one of two stays, which is far from 1%");
    assert_eq!(of("instances: 1", "ProcessorSharing(cores: 1)", "60%", "50%"), 0);
}
