//! Presets: each has the defaults that its product documents, under the product's names.

use brownout::model::{ErrorKind, ErrorSet, Layer, OpenGrowth, PoolSpec, RetryProgress, RetrySpec};
use brownout::scenario::{PresetInfo, Scenario, no_files, presets};
use brownout::text::{Severity, Source};
use brownout::units::SimDuration;

use super::{millis as millis_of, parsed, secs, text};

fn preset(mechanism: &str, name: &str) -> PresetInfo {
    presets().into_iter().find(|preset| preset.mechanism == mechanism && preset.name == name).expect("there is one")
}

/// Checks documented defaults: product name and value as text; `-` where the product has none and demands a value.
#[track_caller]
fn documented(mechanism: &str, name: &str, defaults: &[(&str, &str)]) {
    let preset = preset(mechanism, name);
    for (setting, value) in defaults {
        let found = preset.settings.iter().find(|found| found.name == *setting);
        let found = found.unwrap_or_else(|| panic!("{name} has no {setting}"));
        assert_eq!(found.default.as_deref().unwrap_or("-"), *value, "{name}.{setting}");
    }
}

#[test]
fn hikaricp_6_0_0() {
    // README and HikariConfig of HikariCP 6.0.0.
    documented(
        "Pool",
        "hikaricp",
        &[
            ("maximumPoolSize", "10"),
            ("minimumIdle", "unset"),
            ("connectionTimeout", "30s"),
            ("validationTimeout", "5s"),
            ("idleTimeout", "10m"),
            ("maxLifetime", "30m"),
            ("keepaliveTime", "0s"),
            ("leakDetectionThreshold", "0s"),
            ("aliveBypassWindowMs", "500ms"),
            ("housekeepingPeriodMs", "30s"),
        ],
    );
    documented("Pool", "hikaricp-after-6.0", &[("keepaliveTime", "2m"), ("lifeTimeVarianceFactor", "4")]);
}

#[test]
fn resilience4j_2_4_0() {
    // CircuitBreakerConfig, RetryConfig, RateLimiterConfig, BulkheadConfig.
    documented(
        "Breaker",
        "resilience4j",
        &[
            ("slidingWindowType", "COUNT_BASED"),
            ("slidingWindowSize", "100"),
            ("minimumNumberOfCalls", "100"),
            ("failureRateThreshold", "50"),
            ("slowCallRateThreshold", "100"),
            ("slowCallDurationThreshold", "1m"),
            ("waitDurationInOpenState", "1m"),
            ("permittedNumberOfCallsInHalfOpenState", "10"),
            ("maxWaitDurationInHalfOpenState", "0s"),
            ("transitionToStateAfterWaitDuration", "OPEN"),
            ("automaticTransitionFromOpenToHalfOpenEnabled", "false"),
            ("recordExceptions", "all"),
            ("ignoreExceptions", "none"),
        ],
    );
    documented(
        "Retry",
        "resilience4j",
        &[
            ("maxAttempts", "3"),
            ("waitDuration", "500ms"),
            ("enableExponentialBackoff", "false"),
            ("exponentialBackoffMultiplier", "1.5"),
            ("enableRandomizedWait", "false"),
            ("randomizedWaitFactor", "0.5"),
        ],
    );
    documented(
        "RateLimit",
        "resilience4j",
        &[
            ("limitForPeriod", "50"),
            ("limitRefreshPeriod", "500ns"),
            ("timeoutDuration", "5s"),
            ("rejection", "AfterTimeout"),
        ],
    );
    documented("Bulkhead", "resilience4j", &[("maxConcurrentCalls", "25"), ("maxWaitDuration", "0s")]);
}

#[test]
fn aws_sdks() {
    // botocore 1.43.67: retries/standard.py, retries/quota.py, with and without AWS_NEW_RETRIES_2026.
    let retry = [("max_attempts", "3"), ("max_backoff", "20s")];
    documented("Retry", "aws-standard-legacy", &retry);
    documented("Retry", "aws-standard-2026", &retry);
    documented("Retry", "aws-standard-legacy", &[("initial_backoff", "1s"), ("budget", "aws-legacy")]);
    documented("Retry", "aws-standard-2026", &[("initial_backoff", "50ms"), ("budget", "aws-2026")]);
    documented("Retry", "aws-standard-2026-dynamodb", &[("max_attempts", "4"), ("initial_backoff", "25ms")]);
    let quota = [("capacity", "500"), ("cost_throttling", "5"), ("success_refund", "1")];
    documented("RetryBudget", "aws-legacy", &quota);
    documented("RetryBudget", "aws-2026", &quota);
    documented("RetryBudget", "aws-legacy", &[("cost_transient", "5"), ("cost_timeout", "10")]);
    documented("RetryBudget", "aws-2026", &[("cost_transient", "14"), ("cost_timeout", "14")]);
}

#[test]
fn other_clients() {
    // Polly v8 RetryStrategyOptions; Envoy router filter; failsafe-go retrypolicy; gRPC A6; Finagle RetryBudget.
    documented(
        "Retry",
        "polly",
        &[("MaxRetryAttempts", "3"), ("Delay", "2s"), ("BackoffType", "Constant"), ("UseJitter", "false")],
    );
    documented(
        "Retry",
        "envoy",
        &[("retry_on", "-"), ("num_retries", "1"), ("base_interval", "25ms"), ("max_interval", "250ms")],
    );
    documented("Retry", "failsafe-go", &[("MaxRetries", "2"), ("Delay", "0s")]);
    let mandatory = ["maxAttempts", "initialBackoff", "maxBackoff", "backoffMultiplier", "retryableStatusCodes"];
    documented("Retry", "grpc", &mandatory.map(|name| (name, "-")));
    documented("RetryBudget", "grpc", &[("maxTokens", "-"), ("tokenRatio", "-")]);
    documented("RetryBudget", "finagle", &[("percentCanRetry", "0.2"), ("minRetriesPerSec", "10"), ("ttl", "10s")]);
}

#[test]
fn every_preset_says_where_it_comes_from_and_what_its_settings_do() {
    for preset in presets() {
        assert!(preset.source.len() > 10, "{}", preset.name);
        for setting in &preset.settings {
            assert!(setting.doc.len() > 8, "{}.{}", preset.name, setting.name);
            let same = preset.settings.iter().filter(|other| other.name.eq_ignore_ascii_case(setting.name)).count();
            assert_eq!(same, 1, "{}.{}", preset.name, setting.name);
        }
    }
}

/// What the first layer around a call becomes, with the codes of the warnings about its settings.
fn layer(written: &str) -> (Layer, Vec<&'static str>) {
    let mix = format!("calls: [(to: \"server\", layers: [{written}])], mix: {{");
    let (scenario, findings) = parsed(&text("minimal.ron").replace("mix: {", &mix));
    let known = ["replaced-setting", "validation-outlasts-wait", "no-effect", "bulkhead-of-nobody"];
    let codes = findings.iter().map(|(_, found)| found.code).filter(|code| known.contains(code)).collect();
    let dependency = scenario.system.dependencies.iter().next().expect("the one with the layer");
    (dependency.layers[0].clone(), codes)
}

fn pool(written: &str) -> (PoolSpec, Vec<&'static str>) {
    match layer(&format!("Pool(preset: \"hikaricp\", {written})")) {
        (Layer::Pool(spec), codes) => (spec, codes),
        (other, _) => panic!("{other:?}"),
    }
}

fn retry(written: &str) -> (RetrySpec, Vec<&'static str>) {
    match layer(&format!("Retry({written})")) {
        (Layer::Retry(spec), codes) => (spec, codes),
        (other, _) => panic!("{other:?}"),
    }
}

/// `HikariConfig.validateNumerics` compares no time-out with the other: the default of 5 s is in force beside any wait.
#[test]
fn a_hikaricp_wait_may_be_shorter_than_its_validation() {
    for millis in [250, 500, 5_000] {
        let (spec, codes) = pool(&format!("connectionTimeout: {millis}"));
        assert_eq!((spec.connection_timeout, spec.validation_timeout), (millis_of(millis), secs(5)));
        assert_eq!(codes, ["validation-outlasts-wait"]);
    }
    assert_eq!(pool("connectionTimeout: 5001").1, [""; 0]);
    assert_eq!(pool("connectionTimeout: 500, validationTimeout: 250").1, [""; 0]);
}

/// `HikariConfig.validateNumerics` 6.0.0 puts right what it can; the numbers are its own.
#[test]
fn hikaricp_puts_settings_right() {
    let replaced = ["replaced-setting"];
    let (spec, codes) = pool("minimumIdle: 2, maxLifetime: 300000");
    assert_eq!((spec.idle_timeout, spec.minimum_idle, spec.max_lifetime), (SimDuration::ZERO, Some(2), secs(300)));
    assert_eq!(codes, replaced);
    let (spec, codes) = pool("minimumIdle: 20");
    assert_eq!((spec.resolved_minimum_idle(), codes.as_slice()), (10, &replaced[..]));
    let (spec, codes) = pool("keepaliveTime: 120000, maxLifetime: 60000");
    assert_eq!(
        (spec.keepalive_time, spec.max_lifetime, codes.as_slice()),
        (SimDuration::ZERO, secs(60), &replaced[..])
    );
    let (spec, codes) = pool("maxLifetime: 10000");
    assert_eq!((spec.max_lifetime, codes.as_slice()), (secs(1_800), &replaced[..]));
    let (spec, codes) = pool("minimumIdle: 1, idleTimeout: 5000");
    assert_eq!((spec.idle_timeout, codes.as_slice()), (secs(600), &replaced[..]));
    assert_eq!(pool("idleTimeout: 60000").1, replaced, "a pool of fixed size does not time out");
}

/// Settings that the products have, and that configurations hold, are read; those without effect say so.
#[test]
fn settings_without_effect_are_accepted() {
    let hikari = "poolName: \"main\", connectionTestQuery: \"SELECT 1\", initializationFailTimeout: -1";
    assert_eq!(pool(hikari).1, ["no-effect"; 3]);
    let (spec, codes) = retry("preset: \"resilience4j\", failAfterMaxAttempts: true");
    assert_eq!((spec, codes.as_slice()), (RetrySpec::resilience4j(), &["no-effect"][..]));
    let bulkhead = |written: &str| layer(&format!("Bulkhead({written})")).1;
    assert_eq!(bulkhead("fairCallHandlingEnabled: true"), [""; 0], "waiters are served in order");
    assert_eq!(bulkhead("fairCallHandlingEnabled: false"), ["no-effect"]);
    assert_eq!(layer("Breaker(registerHealthIndicator: true, enableRandomizedWait: true)").1, ["no-effect"; 2]);
}

/// `BulkheadConfig` allows 0; `RetryConfig.ignoreExceptions` comes before `retryExceptions`; the breaker's wait grows by
/// `IntervalFunction.ofExponentialBackoff`, 1.5 being its default factor.
#[test]
fn resilience4j_settings_with_an_effect() {
    let (bulkhead, codes) = layer("Bulkhead(maxConcurrentCalls: 0)");
    assert!(matches!(bulkhead, Layer::Bulkhead(spec) if spec.max_concurrent_calls == 0));
    assert_eq!(codes, ["bulkhead-of-nobody"]);
    let (spec, codes) = retry("preset: \"resilience4j\", ignoreExceptions: [\"internal\", \"breaker_open\"]");
    let kept = |kind: &ErrorKind| !matches!(kind, ErrorKind::Internal | ErrorKind::BreakerOpen);
    assert!(ErrorKind::ALL.iter().all(|kind| spec.retry_on.contains(*kind) == kept(kind)) && codes.is_empty());
    let (spec, _) = retry(
        "preset: \"resilience4j\", retryExceptions: [\"timeout\", \"internal\"], ignoreExceptions: [\"internal\"]",
    );
    assert_eq!(spec.retry_on, ErrorSet::EMPTY.with(ErrorKind::Timeout));
    let (breaker, codes) =
        layer("Breaker(enableExponentialBackoff: true, exponentialMaxWaitDurationInOpenState: \"5m\")");
    let Layer::Breaker { spec, .. } = breaker else { panic!("{breaker:?}") };
    assert_eq!((spec.open_growth, codes), (Some(OpenGrowth { multiplier: 1.5, cap: secs(300) }), Vec::new()));
    assert!(matches!(layer("Breaker()").0, Layer::Breaker { spec, .. } if spec.open_growth.is_none()));
}

/// gRPC proposal A6, Validation of retryPolicy.
#[test]
fn grpc_policies_that_a6_allows() {
    let policy = |rest: &str| retry(&format!("preset: \"grpc\", {rest}"));
    let (spec, codes) = policy(
        "maxAttempts: 9, initialBackoff: \"2s\", maxBackoff: \"1s\", backoffMultiplier: 0.5, \
         retryableStatusCodes: [\"UNKNOWN\", \"unavailable\", 8, \"NOT_FOUND\"]",
    );
    assert_eq!(codes, ["no-effect"], "no error here is NOT_FOUND");
    let retried = [
        ErrorKind::Internal,
        ErrorKind::QueueFull,
        ErrorKind::Shed,
        ErrorKind::ConnectionRefused,
        ErrorKind::ConnectionLost,
        ErrorKind::RateLimited,
        ErrorKind::BulkheadFull,
        ErrorKind::PoolTimeout,
    ];
    assert_eq!(spec.retry_on, retried.into_iter().fold(ErrorSet::EMPTY, ErrorSet::with));
    assert_eq!(spec.max_attempts, 5, "more than 5 are 5");
    // min(initialBackoff multiplier^(n-1), maxBackoff): 2, 1, 0.5, 0.25 s, of which the first is cut.
    assert_eq!([1, 2, 3, 4].map(|n| spec.backoff.delay(n)), [1_000, 1_000, 500, 250].map(millis_of));
}

/// The same proposal: maxAttempts greater than 1, backoffs and multiplier greater than 0, one code at least.
#[test]
fn grpc_policies_that_a6_refuses() {
    let good = [
        ("maxAttempts", "3"),
        ("initialBackoff", "\"1s\""),
        ("maxBackoff", "\"1s\""),
        ("backoffMultiplier", "2"),
        ("retryableStatusCodes", "[\"UNAVAILABLE\"]"),
    ];
    let bad = [
        ("maxAttempts", "1"),
        ("initialBackoff", "\"0s\""),
        ("maxBackoff", "\"0s\""),
        ("backoffMultiplier", "0"),
        ("retryableStatusCodes", "[]"),
        // grpc-java: "retryableStatusCodes must not contain OK".
        ("retryableStatusCodes", "[\"UNAVAILABLE\", \"OK\"]"),
    ];
    let file = |changed: Option<(&str, &str)>| {
        let value = |name, good| changed.filter(|(changed, _)| *changed == name).map_or(good, |(_, bad)| bad);
        let settings: Vec<_> = good.iter().map(|(name, good)| format!("{name}: {}", value(*name, *good))).collect();
        let retry =
            format!("calls: [(to: \"server\", layers: [Retry(preset: \"grpc\", {})])], mix: {{", settings.join(", "));
        let text = text("minimal.ron").replace("mix: {", &retry);
        Scenario::parse(&Source::new("grpc.ron", text), &no_files)
    };
    assert!(file(None).is_ok());
    for change in bad {
        let findings = file(Some(change)).expect_err(change.0);
        let errors: Vec<_> = findings.iter().filter(|(_, found)| found.severity == Severity::Error).collect();
        assert_eq!((errors.len(), errors[0].1.code), (1, "bad-setting"), "{change:?}: {}", findings.render());
    }
}

/// resilience4j `IntervalFunction.ofExponentialRandomBackoff(initial, multiplier, factor, max)`: chance first, then the
/// longest. Polly v8 `RetryHelper.GetRetryDelay`: likewise `MaxDelay`.
#[test]
fn the_longest_delay_comes_last_where_the_product_has_it_so() {
    let next = |spec: &RetrySpec, retry: u32, uniform: f64| {
        let mut progress = RetryProgress::default();
        let mut draw = |uniform| spec.next_delay(&mut progress, ErrorKind::Timeout, uniform);
        let delays: Vec<_> = (1..retry).map(|_| draw(0.5)).collect();
        assert_eq!(delays.len() + 1, retry as usize);
        draw(uniform)
    };
    let resilience4j = retry(
        "preset: \"resilience4j\", maxAttempts: 9, waitDuration: 500, enableExponentialBackoff: true, \
         exponentialBackoffMultiplier: 2, exponentialMaxWaitDuration: 1500, enableRandomizedWait: true",
    )
    .0;
    assert_eq!(next(&resilience4j, 1, 0.0), millis_of(250));
    assert_eq!(next(&resilience4j, 3, 0.0), millis_of(1_000), "half of 2 s, not of 1.5 s");
    assert_eq!(next(&resilience4j, 3, 0.999), millis_of(1_500));
    assert_eq!(next(&resilience4j, 5, 0.0), millis_of(1_500), "half of 8 s is cut");
    let polly = |kind: &str| {
        retry(&format!("preset: \"polly\", Delay: \"1s\", MaxDelay: \"1100ms\", UseJitter: true, BackoffType: {kind}"))
            .0
    };
    assert_eq!(next(&polly("Constant"), 2, 0.999), millis_of(1_100), "25 % more, cut");
    assert_eq!(next(&polly("Constant"), 2, 0.0), millis_of(750));
    assert_eq!(next(&polly("Linear"), 2, 0.0), millis_of(1_100), "three quarters of 2 s, cut");
    let grpc = RetrySpec::grpc(5, secs(1), secs(1), 2.0, ErrorSet::ALL);
    assert_eq!(next(&grpc, 2, 1.0), millis_of(1_200), "gRPC A6: 20 % more than the longest");
}

/// A shared breaker has one window, so it can have one set of settings only.
#[test]
fn a_shared_breaker_with_two_settings_is_refused_with_both_places() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/bad/layer_shared_breaker_with_two_settings.ron"
    ))
    .expect("the file is there");
    let parse = |text: &str| Scenario::parse(&Source::new("shared.ron", text), &no_files);
    let findings = parse(&text).expect_err("the settings differ");
    let (source, found) = findings.iter().find(|(_, found)| found.code == "breaker-mismatch").expect("it is said");
    let line = |span: &brownout::text::Span| source.position(span.start).line;
    assert_eq!((line(&found.span), line(&found.labels[0].span)), (32, 18));
    assert!(parse(&text.replace("slidingWindowSize: 50", "slidingWindowSize: 20")).is_ok());
}
