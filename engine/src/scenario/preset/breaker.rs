//! Circuit breakers.

use super::{Breaker, Mechanism, Preset, Settings, issues};
use crate::model::{AfterHalfOpenWait, BreakerSpec, LateResults, OpenGrowth, SlidingWindowType};
use crate::scenario::preset::settings::SettingKind;
use crate::text::{Kind, Spanned};
use crate::units::SimDuration;

/// A breaker as an author configures it.
#[derive(Clone, Debug)]
pub struct ConfiguredBreaker {
    /// The breaker.
    pub spec: BreakerSpec,
    /// What shares one.
    pub scope: Scope,
}

/// What shares one breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything a caller instance calls through the dependency.
    Service,
    /// What it calls at one endpoint.
    Endpoint,
    /// What it calls at one instance.
    Instance,
    /// Everything that names this key.
    Shared(Spanned<String>),
}

impl Mechanism for Breaker {
    type Spec = ConfiguredBreaker;
    const NAME: &'static str = "Breaker";
    const PRESETS: &'static [Preset<ConfiguredBreaker>] =
        &[Preset { name: "resilience4j", source: "resilience4j 2.4.0, CircuitBreakerConfig", read: resilience4j }];

    fn validate(breaker: &ConfiguredBreaker) -> Vec<(&'static str, String, String)> {
        issues(breaker.spec.validate())
    }
}

const WINDOWS: [(&str, SlidingWindowType); 2] =
    [("COUNT_BASED", SlidingWindowType::CountBased), ("TIME_BASED", SlidingWindowType::TimeBased)];
const AFTER_WAIT: [(&str, AfterHalfOpenWait); 2] =
    [("OPEN", AfterHalfOpenWait::Open), ("CLOSED", AfterHalfOpenWait::Closed)];
const LATE: [(&str, LateResults); 2] = [("Count", LateResults::Count), ("Ignore", LateResults::Ignore)];

fn resilience4j(settings: &mut Settings<'_>) -> ConfiguredBreaker {
    let mut spec = BreakerSpec::default();
    settings.choice("slidingWindowType", &mut spec.sliding_window_type, &WINDOWS, "what the window counts by");
    settings.count("slidingWindowSize", &mut spec.sliding_window_size, "calls, or seconds");
    settings.count("minimumNumberOfCalls", &mut spec.minimum_number_of_calls, "calls before rates mean anything");
    settings.percent(
        "failureRateThreshold",
        &mut spec.failure_rate_threshold,
        "opens at this share of failures, per cent",
    );
    settings.percent(
        "slowCallRateThreshold",
        &mut spec.slow_call_rate_threshold,
        "opens at this share of slow calls, per cent",
    );
    settings.millis(
        "slowCallDurationThreshold",
        &mut spec.slow_call_duration_threshold,
        "a call is slow when it took longer",
    );
    settings.millis(
        "waitDurationInOpenState",
        &mut spec.wait_duration_in_open_state,
        "how long the breaker stays open",
    );
    growth(&mut spec, settings);
    trial_calls(&mut spec, settings);
    settings.errors("recordExceptions", &mut spec.recorded, &[], false, "errors that count as failures");
    settings.errors("ignoreExceptions", &mut spec.ignored, &[], false, "errors that count as nothing");
    settings.choice("lateResults", &mut spec.late_results, &LATE, "what a result from before the last transition does");
    let scope = scope(settings);
    super::limits::observed(settings);
    for name in ["registerHealthIndicator", "allowHealthIndicatorToFail"] {
        settings.without_effect(name, SettingKind::Flag, "false", "health pages are not simulated");
    }
    ConfiguredBreaker { spec, scope }
}

/// The wait of the open state by the number of the opening; names of `CommonCircuitBreakerConfigurationProperties`.
fn growth(spec: &mut BreakerSpec, settings: &mut Settings<'_>) {
    let (mut grows, mut multiplier, mut cap) = (false, 1.5, SimDuration::MAX);
    settings.flag("enableExponentialBackoff", &mut grows, "whether it stays open longer each time a trial fails");
    settings.number("exponentialBackoffMultiplier", &mut multiplier, "by which factor");
    settings.millis("exponentialMaxWaitDurationInOpenState", &mut cap, "the longest it stays open then");
    spec.open_growth = grows.then_some(OpenGrowth { multiplier, cap });
    let why = "the open state lasts as long as it says, without chance";
    settings.without_effect("enableRandomizedWait", SettingKind::Flag, "false", why);
    settings.without_effect("randomizedWaitFactor", SettingKind::Share, "0.5", why);
}

fn trial_calls(spec: &mut BreakerSpec, settings: &mut Settings<'_>) {
    settings.count(
        "permittedNumberOfCallsInHalfOpenState",
        &mut spec.permitted_number_of_calls_in_half_open_state,
        "trial calls, and the size of their window",
    );
    settings.millis(
        "maxWaitDurationInHalfOpenState",
        &mut spec.max_wait_duration_in_half_open_state,
        "the longest stay half-open; 0 is for ever",
    );
    settings.choice(
        "transitionToStateAfterWaitDuration",
        &mut spec.transition_to_state_after_wait_duration,
        &AFTER_WAIT,
        "where that longest stay leads",
    );
    settings.flag(
        "automaticTransitionFromOpenToHalfOpenEnabled",
        &mut spec.automatic_transition_from_open_to_half_open_enabled,
        "whether a timer ends the open state, not the next call",
    );
}

/// `Service`, `Endpoint`, `Instance` or `Shared("key")`; not a setting of the product, which leaves it to the caller.
fn scope(settings: &mut Settings<'_>) -> Scope {
    const FORMS: &str = "Service, Endpoint, Instance or Shared(\"key\")";
    let doc = "what shares one breaker: Service, Endpoint, Instance or Shared(\"key\")";
    let Some(node) = settings.form("scope", SettingKind::Form(FORMS), Some("Service".to_owned()), doc) else {
        return Scope::Service;
    };
    match &node.kind {
        Kind::Ident(name) if name == "Service" => return Scope::Service,
        Kind::Ident(name) if name == "Endpoint" => return Scope::Endpoint,
        Kind::Ident(name) if name == "Instance" => return Scope::Instance,
        Kind::Named { name, body } if name.value == "Shared" => {
            if let Kind::Tuple(items) = &body.kind
                && let [key] = items.as_slice()
                && let Kind::Text(text) = &key.kind
            {
                return Scope::Shared(Spanned::new(text.clone(), key.span.clone()));
            }
        }
        _ => {}
    }
    settings.complain("wrong-type", node, format!("`scope` cannot be {}", node.describe()), &format!("write {FORMS}"));
    Scope::Service
}
