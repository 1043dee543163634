//! A lead that does anything: what a menu does to somebody who does not look.
//!
//! After each scrape it acts with a chance of one in eight, every two minutes on average: it takes an option of the menu, each
//! with the same chance, and says something for each of its parameters that it may leave out with a chance of one in two.
//! What it says is anywhere in the range: shares and numbers evenly, spans and rates evenly on a logarithmic scale. It looks
//! at nothing, and draws from its own seed.

use crate::observe::Observation;
use crate::response::{Command, Menu, ParameterKind};
use crate::rng::{Key, KeyedRng};
use crate::units::{Rate, Ratio, SimDuration};

use super::{Cue, Policy};

/// The chance to act after a scrape.
const ACTS: f64 = 1.0 / 8.0;
/// The chance to say something where nothing need be said.
const SPEAKS: f64 = 0.5;

/// Takes options by chance.
#[derive(Clone, Debug)]
pub struct Random {
    key: Key,
    asked: u64,
    /// Whether it is asked for another reason than a scrape.
    passes: bool,
}

impl Random {
    /// One that draws from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { key: Key::named(seed, 0, "policy.random", 0), asked: 0, passes: false }
    }
}

impl Policy for Random {
    fn attend(&mut self, because: &[Cue]) {
        self.passes = !because.contains(&Cue::Scrape);
    }

    fn decide(&mut self, _: &Observation, menu: &Menu) -> Vec<Command> {
        if self.passes {
            return Vec::new();
        }
        let mut dice = self.key.rng(self.asked);
        self.asked += 1;
        if dice.uniform() >= ACTS || menu.options.is_empty() {
            return Vec::new();
        }
        let option = &menu.options[below(&mut dice, menu.options.len())];
        let mut command = Command::act(option.name.clone(), "by chance");
        for parameter in &option.parameters {
            if parameter.default.is_none() || dice.uniform() < SPEAKS {
                command = command.with(parameter.name.clone(), anything(&mut dice, &parameter.kind));
            }
        }
        vec![command]
    }
}

/// A whole number below a limit, which is 1 at least.
fn below(dice: &mut KeyedRng, limit: usize) -> usize {
    ((dice.uniform() * limit as f64) as usize).min(limit - 1)
}

/// Anything that may be said.
fn anything(dice: &mut KeyedRng, kind: &ParameterKind) -> String {
    match kind {
        ParameterKind::Share { low, high } => {
            let (low, high) = (low.as_fraction(), high.as_fraction());
            let percent = libm::round((low + dice.uniform() * (high - low)) * 100.0) / 100.0;
            Ratio::new(percent.clamp(low, high)).to_string()
        }
        ParameterKind::Count { low, high } => {
            let range = high.saturating_sub(*low) as usize + 1;
            (u64::from(*low) + below(dice, range) as u64).to_string()
        }
        ParameterKind::Span { low, high } => {
            let nanos = between(dice, low.as_nanos() as f64, high.as_nanos() as f64);
            let millis = SimDuration::from_millis(libm::round(nanos / 1e6) as u64);
            millis.clamp(*low, *high).to_string()
        }
        ParameterKind::Limit { low, high } => {
            let rate = libm::ceil(between(dice, low.as_per_second(), high.as_per_second()));
            Rate::per_second(rate.clamp(low.as_per_second(), high.as_per_second())).to_string()
        }
        ParameterKind::Choice(choices) if choices.is_empty() => String::new(),
        ParameterKind::Choice(choices) => choices[below(dice, choices.len())].value.clone(),
    }
}

/// A number evenly on a logarithmic scale.
fn between(dice: &mut KeyedRng, low: f64, high: f64) -> f64 {
    let low = low.max(1e-9);
    low * libm::pow((high / low).max(1.0), dice.uniform())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::{Stage, menu_option, view};
    use crate::response::{Action, MenuOption, Parameter};

    fn stage(seed: u64) -> Stage<Random> {
        let parameter = |name: &str, kind: ParameterKind, default: Option<&str>| Parameter {
            name: name.to_owned(),
            what: String::new(),
            kind,
            default: default.map(str::to_owned),
            now: None,
        };
        let span = ParameterKind::Span { low: SimDuration::MILLISECOND, high: SimDuration::from_secs(3_600) };
        let count = ParameterKind::Count { low: 2, high: 5 };
        let must = MenuOption {
            parameters: vec![parameter("value", span, None)],
            ..menu_option("set-timeout s0", Action::SetTimeout, 0)
        };
        let may = MenuOption {
            parameters: vec![parameter("add", count, Some("2"))],
            ..menu_option("scale-out s0", Action::ScaleOut, 0)
        };
        Stage::of(Random::new(seed), vec![view("s0", 1.0, Some(0.0))], vec![must, may])
    }

    #[test]
    fn it_acts_every_two_minutes_with_what_must_be_said_and_sometimes_what_may() {
        let orders = stage(3).pass(15 * 8_000).orders();
        assert!((orders.len() as f64 - 1_000.0).abs() < 4.0 * (8_000.0_f64 * 7.0 / 64.0).sqrt(), "{}", orders.len());
        let with = |start: &str| orders.iter().filter(|(_, order)| order.starts_with(start)).count();
        assert_eq!(with("set-timeout s0 value="), with("set-timeout s0"));
        let (plain, said) =
            (orders.iter().filter(|(_, order)| order == "scale-out s0").count(), with("scale-out s0 add="));
        assert!(plain > 150 && said > 150, "{plain} without, {said} with");
        let each: Vec<usize> = (2..=5).map(|add| with(&format!("scale-out s0 add={add}"))).collect();
        assert!(each.iter().all(|count| *count > 20), "{each:?}");
        assert_eq!(each.iter().sum::<usize>(), said);
    }

    #[test]
    fn the_same_seed_does_the_same_and_another_does_not() {
        let orders = |seed| stage(seed).pass(15 * 400).orders();
        assert_eq!(orders(3), orders(3));
        assert_ne!(orders(3), orders(4));
    }
}
