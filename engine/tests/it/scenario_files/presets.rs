//! Presets: each has the defaults that its product documents, under the product's names.

use brownout::scenario::{PresetInfo, presets};

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
        &[("limitForPeriod", "50"), ("limitRefreshPeriod", "500ns"), ("timeoutDuration", "5s")],
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
