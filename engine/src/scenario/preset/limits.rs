//! Rate limits and bulkheads.

use super::settings::SettingKind;
use super::{Bulkhead, Doubt, Mechanism, Preset, RateLimit, Settings, issues};
use crate::model::{BulkheadSpec, RateLimitSpec, Rejection};
use crate::text::Decode;
use crate::units::{Rate, SimDuration};

impl Mechanism for RateLimit {
    type Spec = RateLimitSpec;
    const NAME: &'static str = "RateLimit";
    const PRESETS: &'static [Preset<RateLimitSpec>] = &[
        Preset { name: "token-bucket", source: "the token bucket of the textbooks", read: token_bucket },
        Preset { name: "resilience4j", source: "resilience4j 2.4.0, RateLimiterConfig", read: resilience4j },
    ];

    fn validate(spec: &RateLimitSpec) -> Vec<(&'static str, String, String)> {
        issues(spec.validate())
    }
}

impl Mechanism for Bulkhead {
    type Spec = BulkheadSpec;
    const NAME: &'static str = "Bulkhead";
    const PRESETS: &'static [Preset<BulkheadSpec>] =
        &[Preset { name: "resilience4j", source: "resilience4j 2.4.0, BulkheadConfig", read: bulkhead }];

    fn validate(_: &BulkheadSpec) -> Vec<(&'static str, String, String)> {
        Vec::new()
    }

    fn settle(_: &str, spec: &mut BulkheadSpec) -> Vec<Doubt> {
        let nobody = Doubt {
            code: "bulkhead-of-nobody",
            fields: &["maxConcurrentCalls"],
            message: "no call ever gets a permit".to_owned(),
            help: "at least 1, or remove the calls".to_owned(),
        };
        if spec.max_concurrent_calls == 0 { vec![nobody] } else { Vec::new() }
    }
}

/// Settings of every resilience4j module that say nothing about what it does with calls.
const OBSERVED: [(&str, SettingKind, &str, &str); 2] = [
    ("eventConsumerBufferSize", SettingKind::Count, "100", "it is how many events a console shows"),
    ("writableStackTraceEnabled", SettingKind::Flag, "true", "exceptions have no stack traces here"),
];

/// Offers the settings of a resilience4j module that change nothing here.
pub(super) fn observed(settings: &mut Settings<'_>) {
    for (name, kind, default, why) in OBSERVED {
        settings.without_effect(name, kind, default, why);
    }
}

fn bulkhead(settings: &mut Settings<'_>) -> BulkheadSpec {
    let mut spec = BulkheadSpec::default();
    settings.count("maxConcurrentCalls", &mut spec.max_concurrent_calls, "calls at one time");
    settings.millis("maxWaitDuration", &mut spec.max_wait_duration, "the longest wait for a permit");
    // The builder calls it one way, its getter and the log another.
    for name in ["fairCallHandlingEnabled", "fairCallHandlingStrategyEnabled"] {
        let mut fair = true;
        settings.flag(name, &mut fair, "whether the longest waiting gets the next permit");
        if !fair {
            let message = format!("`{name}` has no effect here: who waits is always served in order");
            settings.warn("no-effect", &[name], message, "remove it");
        }
    }
    observed(settings);
    spec
}

fn token_bucket(settings: &mut Settings<'_>) -> RateLimitSpec {
    let (permits, period) = rate(settings);
    let (mut burst, mut max_wait) = (permits.max(1), SimDuration::ZERO);
    settings.large_count("burst", &mut burst, "permits the bucket holds; by default those of one period");
    settings.span("max_wait", &mut max_wait, "the longest wait for a permit");
    RateLimitSpec::TokenBucket { permits, period, burst, max_wait }
}

/// A rate as whole permits a period: exactly where it is a whole number a second, else to the nanosecond.
fn rate(settings: &mut Settings<'_>) -> (u64, SimDuration) {
    let Some(node) = settings.form("rate", SettingKind::Rate, None, "how many permits there are in time, \"100/s\"")
    else {
        return (1, SimDuration::SECOND);
    };
    let Some(rate) = Rate::decode(node, settings.diagnostics()) else { return (1, SimDuration::SECOND) };
    let per_second = rate.as_per_second();
    if per_second <= 0.0 || per_second > 1e9 {
        settings.complain("out-of-range", node, format!("a limit of {rate}"), "above 0/s and at most 1000000000/s");
        (1, SimDuration::SECOND)
    } else if per_second.fract() == 0.0 {
        (per_second as u64, SimDuration::SECOND)
    } else {
        // A million permits in however long they take: the period's rounding to nanoseconds is far below a millionth.
        let permits = if per_second < 1.0 { 1 } else { 1_000 };
        (permits, SimDuration::from_secs_f64(permits as f64 / per_second))
    }
}

fn resilience4j(settings: &mut Settings<'_>) -> RateLimitSpec {
    const REJECTIONS: [(&str, Rejection); 2] =
        [("AfterTimeout", Rejection::AfterTimeout), ("AtOnce", Rejection::AtOnce)];
    let RateLimitSpec::Cycles { mut limit_for_period, mut limit_refresh_period, mut timeout_duration, mut rejection } =
        RateLimitSpec::resilience4j()
    else {
        unreachable!("resilience4j limits by cycles")
    };
    settings.large_count("limitForPeriod", &mut limit_for_period, "permits of each period");
    settings.millis("limitRefreshPeriod", &mut limit_refresh_period, "the period");
    settings.millis("timeoutDuration", &mut timeout_duration, "the longest wait for a permit");
    settings.choice(
        "rejection",
        &mut rejection,
        &REJECTIONS,
        "when a caller learns that it gets none: after the timeout (acquirePermission) or at once (reservePermission)",
    );
    observed(settings);
    RateLimitSpec::Cycles { limit_for_period, limit_refresh_period, timeout_duration, rejection }
}
