//! Settings of how services call each other: one value changes, everything else stays as it is in force.
//!
//! Only the team's own services have such options: how users' programs call is not the team's to set.

use serde::{Deserialize, Serialize};

use crate::model::{Layer, Setting, Verb};
use crate::units::{Ratio, SimDuration};

use super::action::Action;
use super::estimate::{Estimate, Reversibility};
use super::parameter::{Parameter, ParameterKind, Value};
use super::target::Target;
use super::{Draft, Drafts};

/// The parameter.
const VALUE: &str = "value";
/// The largest pool that is asked for; a bound of this menu, ten times the present one if that is more.
const LARGEST_POOL: u32 = 1_000;
/// The largest pool of the model.
const LARGEST_POOL_EVER: u32 = 100_000;
/// The most attempts that are asked for; a bound of this menu, the present number if that is more.
const MOST_ATTEMPTS: u32 = 10;
/// The floor of `HikariCP`'s `connectionTimeout`.
const LEAST_ACQUIRE: SimDuration = SimDuration::from_millis(250);
/// The longest span that is asked for; a bound of this menu.
const LONGEST: SimDuration = SimDuration::from_secs(3_600);

/// A setting of a dependency that can be changed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Knob {
    /// The largest number of connections in each caller's pool.
    PoolSize,
    /// How long a caller waits for a connection.
    AcquireTimeout,
    /// The time limit of an attempt.
    Timeout,
    /// The time limit of a call with everything it takes.
    Deadline,
    /// How often a call is attempted, the first time included.
    Attempts,
    /// The share of failures at which a breaker opens.
    BreakerThreshold,
    /// How long a breaker stays open.
    BreakerWait,
}

/// The value of such a setting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum KnobValue {
    /// A number.
    Count(u32),
    /// A span of time.
    Span(SimDuration),
    /// A share, 0 to 1.
    Share(f64),
}

impl std::fmt::Display for KnobValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Span(span) => write!(f, "{span}"),
            Self::Share(share) => write!(f, "{}", Ratio::new(*share)),
        }
    }
}

/// Whether calls through these layers take a connection of a pool.
pub(super) fn has_pool(layers: &[Layer]) -> bool {
    layers.iter().any(|layer| matches!(layer, Layer::Pool(_)))
}

impl Knob {
    /// Every one, in the order of a menu.
    pub const ALL: [Self; 7] = [
        Self::PoolSize,
        Self::AcquireTimeout,
        Self::Timeout,
        Self::Deadline,
        Self::Attempts,
        Self::BreakerThreshold,
        Self::BreakerWait,
    ];

    const fn action(self) -> Action {
        match self {
            Self::PoolSize => Action::SetPoolSize,
            Self::AcquireTimeout => Action::SetAcquireTimeout,
            Self::Timeout => Action::SetTimeout,
            Self::Deadline => Action::SetDeadline,
            Self::Attempts => Action::SetAttempts,
            Self::BreakerThreshold => Action::SetBreakerThreshold,
            Self::BreakerWait => Action::SetBreakerWait,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PoolSize => "pool size",
            Self::AcquireTimeout => "acquire timeout",
            Self::Timeout => "timeout of an attempt",
            Self::Deadline => "deadline",
            Self::Attempts => "number of attempts",
            Self::BreakerThreshold => "failure threshold of the breaker",
            Self::BreakerWait => "open time of the breaker",
        }
    }

    const fn risk(self) -> &'static str {
        match self {
            Self::PoolSize => "more connections reach limits that others share; fewer make callers wait",
            Self::AcquireTimeout => "a shorter wait fails sooner; a longer one holds more callers",
            Self::Timeout | Self::Deadline => "a shorter one fails what would have come; a longer one holds its caller",
            Self::Attempts => "more attempts are more load on what fails; fewer let chance failures through",
            Self::BreakerThreshold => "a lower one cuts off what would have worked; a higher one lets failures through",
            Self::BreakerWait => "a longer wait keeps a healed service cut off; a shorter one asks a sick one again",
        }
    }

    /// Its value in a stack of layers; `None` where no layer has it.
    #[must_use]
    pub fn value(self, layers: &[Layer]) -> Option<KnobValue> {
        layers.iter().find_map(|layer| match (self, layer) {
            (Self::PoolSize, Layer::Pool(spec)) => Some(KnobValue::Count(spec.maximum_pool_size)),
            (Self::AcquireTimeout, Layer::Pool(spec)) => Some(KnobValue::Span(spec.connection_timeout)),
            (Self::Timeout, Layer::Timeout(limit)) | (Self::Deadline, Layer::Deadline(limit)) => {
                Some(KnobValue::Span(*limit))
            }
            (Self::Attempts, Layer::Retry(spec)) => Some(KnobValue::Count(spec.max_attempts)),
            (Self::BreakerThreshold, Layer::Breaker { spec, .. }) => {
                Some(KnobValue::Share(spec.failure_rate_threshold / 100.0))
            }
            (Self::BreakerWait, Layer::Breaker { spec, .. }) => Some(KnobValue::Span(spec.wait_duration_in_open_state)),
            _ => None,
        })
    }

    /// The settings of the layer with another value; `None` where no layer has it, or it has no such value.
    #[must_use]
    pub fn changed(self, layers: &[Layer], value: KnobValue) -> Option<Setting> {
        use KnobValue::{Count, Share, Span};
        layers.iter().find_map(|layer| match (self, layer, value) {
            (Self::PoolSize, Layer::Pool(spec), Count(size)) => {
                let mut spec = spec.clone();
                spec.maximum_pool_size = size;
                Some(Setting::Pool(spec))
            }
            (Self::AcquireTimeout, Layer::Pool(spec), Span(wait)) => {
                let mut spec = spec.clone();
                spec.connection_timeout = wait;
                Some(Setting::Pool(spec))
            }
            (Self::Timeout, Layer::Timeout(_), Span(limit)) => Some(Setting::Timeout(limit)),
            (Self::Deadline, Layer::Deadline(_), Span(limit)) => Some(Setting::Deadline(limit)),
            (Self::Attempts, Layer::Retry(spec), Count(max_attempts)) => {
                Some(Setting::Retry(crate::model::RetrySpec { max_attempts, ..spec.clone() }))
            }
            (Self::BreakerThreshold, Layer::Breaker { spec, .. }, Share(share)) => {
                let mut spec = spec.clone();
                spec.failure_rate_threshold = share * 100.0;
                Some(Setting::Breaker(spec))
            }
            (Self::BreakerWait, Layer::Breaker { spec, .. }, Span(wait)) => {
                let mut spec = spec.clone();
                spec.wait_duration_in_open_state = wait;
                Some(Setting::Breaker(spec))
            }
            _ => None,
        })
    }

    /// The values that may be set, given the present one.
    #[must_use]
    pub fn range(self, now: KnobValue) -> ParameterKind {
        let millisecond = SimDuration::MILLISECOND;
        match (self, now) {
            (Self::PoolSize, KnobValue::Count(now)) => {
                let high = now.saturating_mul(10).clamp(LARGEST_POOL, LARGEST_POOL_EVER);
                ParameterKind::Count { low: 1, high }
            }
            (Self::Attempts, KnobValue::Count(now)) => ParameterKind::Count { low: 1, high: now.max(MOST_ATTEMPTS) },
            (_, KnobValue::Count(_)) => ParameterKind::Count { low: 1, high: 1 },
            (Self::AcquireTimeout, KnobValue::Span(_)) => ParameterKind::Span { low: LEAST_ACQUIRE, high: LONGEST },
            (_, KnobValue::Span(_)) => ParameterKind::Span { low: millisecond, high: LONGEST },
            (_, KnobValue::Share(_)) => ParameterKind::Share { low: Ratio::new(0.01), high: Ratio::ONE },
        }
    }
}

/// One setting, by dependency of a service that has it.
pub(super) fn settings(drafts: &mut Drafts<'_>, knob: Knob) {
    let at = drafts.at;
    for (dependency, spec) in at.system.dependencies.enumerate() {
        let layers = at.layers(dependency);
        let (Some(caller), Some(now)) = (spec.caller, knob.value(layers)) else { continue };
        let undo = Reversibility::AtOnce { how: format!("{VALUE}={now}") };
        drafts.push(Draft {
            action: knob.action(),
            of: spec.name.clone(),
            title: format!("Set the {} of {}, now {now}", knob.name(), spec.name),
            target: Target::dependency(at.system, dependency),
            parameters: vec![Parameter {
                name: VALUE.to_owned(),
                what: format!("the {}, in every instance of {}", knob.name(), at.name(caller)),
                kind: knob.range(now),
                default: None,
                now: Some(now.to_string()),
            }],
            estimate: Estimate::at_once(undo, knob.risk(), drafts.affected(caller)),
            verbs: Box::new(move |values| {
                let value = match values.get(VALUE) {
                    Value::Count(count) => KnobValue::Count(count),
                    Value::Span(span) => KnobValue::Span(span),
                    Value::Share(share) => KnobValue::Share(share),
                    other => unreachable!("a setting is no {other:?}"),
                };
                let setting = knob.changed(layers, value);
                setting.map(|setting| Verb::Set { dependency, setting }).into_iter().collect()
            }),
        });
    }
}
