//! Retries.

use super::settings::SettingKind;
use super::{Mechanism, Preset, Retry, RetryBudget, Settings, build, issues};
use crate::document;
use crate::model::{Backoff, ErrorKind, ErrorSet, Jitter, RetryBudgetSpec, RetrySpec};
use crate::scenario::document::SettingsDoc;
use crate::text::Decode;
use crate::units::{Ratio, SimDuration};

impl Mechanism for Retry {
    type Spec = RetrySpec;
    const NAME: &'static str = "Retry";
    const PRESETS: &'static [Preset<RetrySpec>] = &[
        Preset { name: "custom", source: "no product: every setting is the author's", read: custom },
        Preset { name: "none", source: "one attempt, as Envoy, gRPC and most HTTP clients do by default", read: none },
        Preset {
            name: "aws-standard-legacy",
            source: "AWS SDKs, standard mode before 2026 (botocore 1.43.67)",
            read: aws_legacy,
        },
        Preset {
            name: "aws-standard-2026",
            source: "AWS SDKs, standard mode, default since 2026-11-10 (botocore 1.44.0)",
            read: aws_2026,
        },
        Preset {
            name: "aws-standard-2026-dynamodb",
            source: "the same for DynamoDB and DynamoDB Streams",
            read: aws_2026_dynamodb,
        },
        Preset { name: "grpc", source: "gRPC proposal A6, retryPolicy", read: grpc },
        Preset { name: "resilience4j", source: "resilience4j 2.4.0, RetryConfig", read: resilience4j },
        Preset { name: "polly", source: "Polly v8 (commit 173d6d1), RetryStrategyOptions", read: polly },
        Preset { name: "envoy", source: "Envoy, router filter with retry_on set", read: envoy },
        Preset { name: "failsafe-go", source: "failsafe-go (commit 5759a5e), retrypolicy", read: failsafe_go },
    ];

    fn validate(spec: &RetrySpec) -> Vec<(&'static str, String, String)> {
        // The budget has been judged when it was read, at its own place.
        let alone = RetrySpec { budget: None, ..spec.clone() };
        let mut found = issues(alone.validate());
        for (_, _, help) in found.iter_mut().filter(|(field, ..)| *field == "max_attempts") {
            *help = format!("from 1, which means no retries, to {MOST_ATTEMPTS}");
        }
        if spec.max_attempts > MOST_ATTEMPTS {
            let message = format!("{} attempts of one call", spec.max_attempts);
            found.push(("max_attempts", message, format!("from 1, which means no retries, to {MOST_ATTEMPTS}")));
        }
        found
    }
}

/// More attempts than anybody makes on purpose: Square's clients made 500 (2017-03-16).
const MOST_ATTEMPTS: u32 = 1_000;

document! {
    /// The delay before a retry, before jitter.
    enum BackoffForm {
        /// At once.
        Immediate,
        /// Always the same.
        Fixed(SimDuration),
        /// Growing by the base each time.
        Linear {
            /// The first delay, and the increment.
            base: SimDuration,
            /// The longest.
            cap: SimDuration = SimDuration::MAX,
        },
        /// Growing by a factor each time.
        Exponential {
            /// The first delay.
            base: SimDuration,
            /// The factor.
            multiplier: f64 = 2.0,
            /// The longest.
            cap: SimDuration = SimDuration::MAX,
        },
    }
}

document! {
    /// How chance changes the delay.
    enum JitterForm {
        /// Not at all.
        NoJitter,
        /// Anything from 0 to the delay.
        Full,
        /// Anything from half the delay to the delay.
        Equal,
        /// From the base to three times the previous delay.
        Decorrelated,
        /// The curve of Polly v8.
        DecorrelatedV2,
        /// Up to this share more or less, of the delay after its cap.
        Proportional(Ratio),
        /// Up to this share more or less, before the cap.
        ProportionalThenCap(Ratio),
    }
}

/// Errors that a repetition may mend: all but the caller's own end.
const REPEATABLE: ErrorSet = ErrorSet::ALL.without(ErrorKind::Cancelled).without(ErrorKind::DeadlineExceeded);

fn custom(settings: &mut Settings<'_>) -> RetrySpec {
    let mut spec = RetrySpec { max_attempts: 1, retry_on: REPEATABLE, ..RetrySpec::none() };
    settings.required_count("max_attempts", &mut spec.max_attempts, "attempts, the first included");
    let forms =
        "Immediate, Fixed(\"1s\"), Linear(base: .., cap: ..) or Exponential(base: .., multiplier: 2.0, cap: ..)";
    let doc = "the delay before a retry: Immediate, Fixed(..), Linear(..) or Exponential(..)";
    if let Some(node) = settings.form("backoff", SettingKind::Form(forms), Some("Immediate".to_owned()), doc)
        && let Some(form) = BackoffForm::decode(node, settings.diagnostics())
    {
        spec.backoff = backoff(&form);
        refuse_backwards("cap", &spec, settings);
    }
    let forms =
        "NoJitter, Full, Equal, Decorrelated, DecorrelatedV2, Proportional(\"20%\") or ProportionalThenCap(\"50%\")";
    let doc = "how chance changes it: NoJitter, Full, Equal, Decorrelated, DecorrelatedV2, Proportional(..) after the cap \
               or ProportionalThenCap(..)";
    if let Some(node) = settings.form("jitter", SettingKind::Form(forms), Some("NoJitter".to_owned()), doc)
        && let Some(form) = JitterForm::decode(node, settings.diagnostics())
    {
        spec.jitter = jitter(&form);
    }
    retry_on(&mut spec, settings);
    budget(&mut spec, settings);
    spec
}

const fn backoff(form: &BackoffForm) -> Backoff {
    match *form {
        BackoffForm::Immediate => Backoff::None,
        BackoffForm::Fixed(delay) => Backoff::Fixed { delay },
        BackoffForm::Linear { base, cap } => Backoff::Linear { base, cap },
        BackoffForm::Exponential { base, multiplier, cap } => Backoff::Exponential { base, multiplier, cap },
    }
}

const fn jitter(form: &JitterForm) -> Jitter {
    match *form {
        JitterForm::NoJitter => Jitter::None,
        JitterForm::Full => Jitter::Full,
        JitterForm::Equal => Jitter::Equal,
        JitterForm::Decorrelated => Jitter::Decorrelated,
        JitterForm::DecorrelatedV2 => Jitter::DecorrelatedV2,
        JitterForm::Proportional(ratio) => Jitter::Proportional { ratio: ratio.as_fraction() },
        JitterForm::ProportionalThenCap(ratio) => Jitter::ProportionalThenCap { ratio: ratio.as_fraction() },
    }
}

/// A longest delay below the first one, where the product refuses it or nobody can have meant it.
fn refuse_backwards(name: &str, spec: &RetrySpec, settings: &mut Settings<'_>) {
    if let Backoff::Linear { base, cap } | Backoff::Exponential { base, cap, .. } = spec.backoff
        && cap < base
    {
        let message = format!("Retry: {name}: the longest delay, {cap}, is less than the first, {base}");
        settings.refuse(name, message, "at least the base");
    }
}

fn none(_: &mut Settings<'_>) -> RetrySpec {
    RetrySpec::none()
}

fn aws_legacy(settings: &mut Settings<'_>) -> RetrySpec {
    aws(RetrySpec::aws_standard_legacy(), settings)
}

fn aws_2026(settings: &mut Settings<'_>) -> RetrySpec {
    aws(RetrySpec::aws_standard_2026(), settings)
}

fn aws_2026_dynamodb(settings: &mut Settings<'_>) -> RetrySpec {
    aws(RetrySpec::aws_standard_2026_dynamodb(), settings)
}

/// The names are those of `RetryConfig` in the SDK for Rust (smithy-rs); other languages differ in case only.
fn aws(mut spec: RetrySpec, settings: &mut Settings<'_>) -> RetrySpec {
    settings.count("max_attempts", &mut spec.max_attempts, "attempts, the first included");
    if let Backoff::Exponential { base, cap, .. } = &mut spec.backoff {
        settings.span("initial_backoff", base, "the delay before the first retry, before jitter");
        settings.span("max_backoff", cap, "the longest delay");
        let longest = *cap;
        if let Some(Backoff::Exponential { cap, .. }) = &mut spec.throttling_backoff {
            *cap = longest;
        }
    }
    retry_on(&mut spec, settings);
    budget(&mut spec, settings);
    spec
}

/// The errors for which servers and clients that find nobody answer `UNAVAILABLE`.
const UNAVAILABLE: &[ErrorKind] =
    &[ErrorKind::QueueFull, ErrorKind::Shed, ErrorKind::ConnectionRefused, ErrorKind::ConnectionLost];

/// What stands for `RESOURCE_EXHAUSTED`: a limit of calls, at the server or in front of it.
const EXHAUSTED: &[ErrorKind] = &[ErrorKind::RateLimited, ErrorKind::BulkheadFull, ErrorKind::PoolTimeout];

/// What stands for `DEADLINE_EXCEEDED`: the client's own time limit, or the request's deadline as its server sees it.
const DEADLINE: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::DeadlineExceeded];

/// gRPC's status codes by name and number (A6 allows both), and the errors they stand for here. A handler that fails
/// without a status of its own answers `UNKNOWN`. `OK`, number 0, is no failure: grpc-java refuses it.
const GRPC_CODES: &[(&str, &[ErrorKind])] = &[
    ("OK", &[]),
    ("0", &[]),
    ("CANCELLED", &[ErrorKind::Cancelled]),
    ("1", &[ErrorKind::Cancelled]),
    ("UNKNOWN", &[ErrorKind::Internal]),
    ("2", &[ErrorKind::Internal]),
    ("INVALID_ARGUMENT", &[]),
    ("3", &[]),
    ("DEADLINE_EXCEEDED", DEADLINE),
    ("4", DEADLINE),
    ("NOT_FOUND", &[]),
    ("5", &[]),
    ("ALREADY_EXISTS", &[]),
    ("6", &[]),
    ("PERMISSION_DENIED", &[]),
    ("7", &[]),
    ("RESOURCE_EXHAUSTED", EXHAUSTED),
    ("8", EXHAUSTED),
    ("FAILED_PRECONDITION", &[]),
    ("9", &[]),
    ("ABORTED", &[]),
    ("10", &[]),
    ("OUT_OF_RANGE", &[]),
    ("11", &[]),
    ("UNIMPLEMENTED", &[]),
    ("12", &[]),
    ("INTERNAL", &[ErrorKind::Internal]),
    ("13", &[ErrorKind::Internal]),
    ("UNAVAILABLE", UNAVAILABLE),
    ("14", UNAVAILABLE),
    ("DATA_LOSS", &[]),
    ("15", &[]),
    ("UNAUTHENTICATED", &[]),
    ("16", &[]),
];

fn grpc(settings: &mut Settings<'_>) -> RetrySpec {
    let (mut attempts, mut initial, mut longest) = (2, SimDuration::MILLISECOND, SimDuration::MAX);
    let (mut multiplier, mut retryable) = (2.0, ErrorSet::EMPTY);
    settings.required_count("maxAttempts", &mut attempts, "attempts, the first included; more than 5 count as 5");
    settings.required_span("initialBackoff", &mut initial, "the delay before the first retry, before jitter");
    settings.required_span("maxBackoff", &mut longest, "the longest delay");
    settings.required_number("backoffMultiplier", &mut multiplier, "the growth a retry");
    settings.errors(
        "retryableStatusCodes",
        &mut retryable,
        GRPC_CODES,
        true,
        "status codes, or error kinds, that are retried",
    );
    let spec = RetrySpec::grpc(attempts, initial, longest, multiplier, retryable);
    refuse_by_a6(attempts, &spec, settings);
    let mut spec = spec;
    budget_named("retryThrottling", "grpc", &mut spec, settings);
    spec
}

/// The rules of A6, Validation of retryPolicy, that the mechanism does not demand itself.
fn refuse_by_a6(attempts: u32, spec: &RetrySpec, settings: &mut Settings<'_>) {
    if attempts < 2 {
        let message = format!("Retry: maxAttempts: {attempts} is not greater than 1");
        settings.refuse("maxAttempts", message, "at least 2; for no retries leave the Retry out");
    }
    let Backoff::Exponential { base, cap, .. } = spec.backoff else { return };
    for (name, span) in [("initialBackoff", base), ("maxBackoff", cap)] {
        if span.is_zero() {
            settings.refuse(name, format!("Retry: {name}: 0s is not greater than 0"), "above 0s");
        }
    }
    if ["OK", "0"].iter().any(|code| settings.lists("retryableStatusCodes", code)) {
        let message = "Retry: retryableStatusCodes: OK is no failure".to_owned();
        settings.refuse("retryableStatusCodes", message, "leave it out: what succeeds is not retried");
    }
    if settings.is_empty_list("retryableStatusCodes") {
        let message = "Retry: retryableStatusCodes: an empty list".to_owned();
        settings.refuse("retryableStatusCodes", message, "one code at least: [\"UNAVAILABLE\"]");
    }
}

fn resilience4j(settings: &mut Settings<'_>) -> RetrySpec {
    let mut spec = RetrySpec::resilience4j();
    let (mut wait, mut exponential, mut multiplier) = (SimDuration::from_millis(500), false, 1.5);
    let (mut longest, mut randomised, mut factor) = (SimDuration::MAX, false, 0.5);
    settings.count("maxAttempts", &mut spec.max_attempts, "attempts, the first included");
    settings.millis("waitDuration", &mut wait, "the delay before the first retry");
    settings.flag("enableExponentialBackoff", &mut exponential, "whether the delay grows");
    settings.number("exponentialBackoffMultiplier", &mut multiplier, "the growth a retry");
    settings.millis("exponentialMaxWaitDuration", &mut longest, "the longest delay");
    settings.flag("enableRandomizedWait", &mut randomised, "whether chance changes the delay");
    settings.share("randomizedWaitFactor", &mut factor, "by up to which share");
    settings.errors("retryExceptions", &mut spec.retry_on, &[], false, "errors that are retried");
    let mut ignored = ErrorSet::EMPTY;
    settings.errors("ignoreExceptions", &mut ignored, &[], false, "errors that are not, even if they are listed");
    for kind in ErrorKind::ALL.into_iter().filter(|kind| ignored.contains(*kind)) {
        spec.retry_on = spec.retry_on.without(kind);
    }
    let why = "a call whose last attempt fails has failed, whatever exception says so";
    settings.without_effect("failAfterMaxAttempts", SettingKind::Flag, "false", why);
    let why = "it is how many events a console shows";
    settings.without_effect("eventConsumerBufferSize", SettingKind::Count, "100", why);
    spec.backoff = Backoff::Fixed { delay: wait };
    if exponential {
        spec.backoff = Backoff::Exponential { base: wait, multiplier, cap: longest };
    }
    if randomised {
        spec.jitter = Jitter::ProportionalThenCap { ratio: factor };
    }
    budget(&mut spec, settings);
    spec
}

/// `DelayBackoffType` of Polly.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PollyBackoff {
    Constant,
    Linear,
    Exponential,
}

fn polly(settings: &mut Settings<'_>) -> RetrySpec {
    const TYPES: [(&str, PollyBackoff); 3] = [
        ("Constant", PollyBackoff::Constant),
        ("Linear", PollyBackoff::Linear),
        ("Exponential", PollyBackoff::Exponential),
    ];
    let mut spec = RetrySpec::polly();
    let (mut retries, mut delay, mut longest) = (spec.max_attempts - 1, SimDuration::from_secs(2), SimDuration::MAX);
    let (mut growth, mut jitter) = (PollyBackoff::Constant, false);
    settings.count("MaxRetryAttempts", &mut retries, "retries, the first attempt not included");
    settings.span("Delay", &mut delay, "the delay before the first retry");
    settings.span("MaxDelay", &mut longest, "the longest delay");
    settings.choice("BackoffType", &mut growth, &TYPES, "how the delay grows");
    settings.flag("UseJitter", &mut jitter, "25 % more or less, or with Exponential the decorrelated curve");
    retry_on(&mut spec, settings);
    budget(&mut spec, settings);
    spec.max_attempts = retries.saturating_add(1);
    spec.backoff = match growth {
        // A constant with a cap, which with jitter may act even where the delay itself is shorter.
        PollyBackoff::Constant if longest < SimDuration::MAX => {
            Backoff::Exponential { base: delay, multiplier: 1.0, cap: longest }
        }
        PollyBackoff::Constant => Backoff::Fixed { delay },
        PollyBackoff::Linear => Backoff::Linear { base: delay, cap: longest },
        PollyBackoff::Exponential => Backoff::Exponential { base: delay, multiplier: 2.0, cap: longest },
    };
    spec.jitter = match (jitter, growth) {
        (false, _) => Jitter::None,
        (true, PollyBackoff::Exponential) => Jitter::DecorrelatedV2,
        (true, _) => Jitter::ProportionalThenCap { ratio: 0.25 },
    };
    spec
}

/// Envoy's `retry_on` conditions, and the errors they stand for here.
const ENVOY_CONDITIONS: &[(&str, &[ErrorKind])] = &[
    (
        "5xx",
        &[
            ErrorKind::Timeout,
            ErrorKind::Internal,
            ErrorKind::QueueFull,
            ErrorKind::Shed,
            ErrorKind::ConnectionRefused,
            ErrorKind::ConnectionLost,
        ],
    ),
    ("gateway-error", &[ErrorKind::QueueFull, ErrorKind::Shed, ErrorKind::Timeout]),
    ("reset", &[ErrorKind::Timeout, ErrorKind::ConnectionRefused, ErrorKind::ConnectionLost]),
    ("connect-failure", &[ErrorKind::ConnectionRefused]),
    ("envoy-ratelimited", &[ErrorKind::RateLimited]),
];

fn envoy(settings: &mut Settings<'_>) -> RetrySpec {
    let mut condition = ErrorSet::EMPTY;
    settings.errors(
        "retry_on",
        &mut condition,
        ENVOY_CONDITIONS,
        true,
        "Envoy's conditions, or error kinds, that are retried",
    );
    let mut spec = RetrySpec::envoy(condition);
    let mut retries = spec.max_attempts - 1;
    settings.count("num_retries", &mut retries, "retries, the first attempt not included");
    spec.max_attempts = retries.saturating_add(1);
    if let Backoff::Exponential { base, cap, .. } = &mut spec.backoff {
        settings.span("base_interval", base, "the delay before the first retry, before jitter");
        // Envoy: the maximum is ten times the base unless it is set.
        *cap = base.mul_f64(10.0);
        settings.span("max_interval", cap, "the longest delay; by default ten times base_interval");
        refuse_backwards("max_interval", &spec, settings);
    }
    budget(&mut spec, settings);
    spec
}

fn failsafe_go(settings: &mut Settings<'_>) -> RetrySpec {
    let mut spec = RetrySpec::failsafe_go();
    let (mut retries, mut delay) = (spec.max_attempts - 1, SimDuration::ZERO);
    settings.count("MaxRetries", &mut retries, "retries, the first attempt not included");
    settings.span("Delay", &mut delay, "the delay before a retry");
    retry_on(&mut spec, settings);
    budget(&mut spec, settings);
    spec.max_attempts = retries.saturating_add(1);
    if !delay.is_zero() {
        spec.backoff = Backoff::Fixed { delay };
    }
    spec
}

fn retry_on(spec: &mut RetrySpec, settings: &mut Settings<'_>) {
    settings.errors("retry_on", &mut spec.retry_on, &[], false, "errors that are retried");
}

fn budget(spec: &mut RetrySpec, settings: &mut Settings<'_>) {
    let default = match &spec.budget {
        None => "none",
        Some(budget) if *budget == RetryBudgetSpec::aws_2026() => "aws-2026",
        Some(budget) if *budget == RetryBudgetSpec::aws_legacy() => "aws-legacy",
        Some(_) => "the preset's",
    };
    budget_named("budget", default, spec, settings);
}

/// A budget by its own presets; with the setting name of gRPC, the preset may be left out.
fn budget_named(name: &'static str, default: &'static str, spec: &mut RetrySpec, settings: &mut Settings<'_>) {
    let shown = if name == "budget" { default } else { "none" };
    let doc = "the shared limit on retries, a preset of RetryBudget with its settings";
    let Some(node) = settings.form(
        name,
        SettingKind::Budget(if name == "budget" { "ratio" } else { default }),
        Some(shown.to_owned()),
        doc,
    ) else {
        return;
    };
    let Some(mut written) = SettingsDoc::read(node, "RetryBudget", settings.diagnostics()) else { return };
    if name != "budget" && written.preset.is_none() {
        written.preset = Some(crate::text::Spanned::new(default.to_owned(), node.span.clone()));
    }
    if let Some(budget) = build::<RetryBudget>(&written, settings.diagnostics()) {
        spec.budget = budget;
    }
}
