//! The conditions of alert rules, and how one is looked at.

use serde::{Deserialize, Serialize};

use crate::observe::record::Recording;
use crate::observe::signal::{Signal, Window};
use crate::units::{SimDuration, SimTime};

use super::burn::{BurnRule, BurnSums};

/// The condition of an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// A signal is on one side of a number.
    Threshold(Threshold),
    /// The error budget of a population burns too fast.
    BurnRate(BurnRule),
}

/// A signal is on one side of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The signal.
    pub signal: Signal,
    /// Whether it must be above the number, or below it.
    pub above: bool,
    /// The number, in the unit of the metric.
    pub threshold: f64,
    /// Over how long the signal is taken.
    pub over: SimDuration,
}

impl Threshold {
    /// Whether a value is on the side that counts; the number itself is on neither.
    #[must_use]
    pub fn is_met_by(&self, value: f64) -> bool {
        if self.above { value > self.threshold } else { value < self.threshold }
    }
}

/// What one look at a condition finds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::observe) struct Reading {
    /// What was measured; `None` without data.
    pub(in crate::observe) value: Option<f64>,
    /// Whether the condition holds.
    pub(in crate::observe) holds: bool,
}

/// What a rule remembers from look to look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::observe) struct RuleState(BurnSums);

impl RuleState {
    /// Looks at a condition with what was read at `scraped`.
    pub(in crate::observe) fn look(&mut self, rule: &Rule, recording: &Recording, scraped: SimTime) -> Reading {
        match rule {
            Rule::Threshold(rule) => {
                let value = rule.signal.value(recording, Window::ending(scraped, rule.over));
                Reading { value, holds: value.is_some_and(|value| rule.is_met_by(value)) }
            }
            Rule::BurnRate(rule) => self.0.look(rule, recording, scraped),
        }
    }
}
