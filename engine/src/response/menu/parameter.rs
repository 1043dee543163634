//! The parameters of options, and the arguments given for them: texts with units as in scenario files, read and refused in
//! one place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::text::{shown, suggest};
use crate::units::{Rate, Ratio, SimDuration, UnitError};

use super::estimate::Estimate;
use crate::response::Refusal;

/// What is said in place of a rate to end a limit.
const NO_LIMIT: &str = "none";
/// Longer texts are cut off where they are quoted.
const QUOTED: usize = 40;

/// Something that whoever takes an option may or must say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name, as in `share=50%`.
    pub name: String,
    /// What it is, in words.
    pub what: String,
    /// What may be said.
    pub kind: ParameterKind,
    /// What is taken when nothing is said; `None` when something must be said.
    pub default: Option<String>,
    /// What holds now, for what changes something that is in force.
    pub now: Option<String>,
}

/// What may be said for a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterKind {
    /// A share: `50%`.
    Share {
        /// The smallest.
        low: Ratio,
        /// The largest.
        high: Ratio,
    },
    /// A whole number: `2`.
    Count {
        /// The smallest.
        low: u32,
        /// The largest.
        high: u32,
    },
    /// A span of time: `500ms`.
    Span {
        /// The shortest.
        low: SimDuration,
        /// The longest.
        high: SimDuration,
    },
    /// A rate, `20/s`, or `none` for no limit.
    Limit {
        /// The lowest.
        low: Rate,
        /// The highest.
        high: Rate,
    },
    /// One of these.
    Choice(Vec<Choice>),
}

/// One of the texts that may be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The text.
    pub value: String,
    /// The estimate when this is chosen, where it makes a difference.
    pub estimate: Option<Estimate>,
}

/// An argument as read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Share(f64),
    Count(u32),
    Span(SimDuration),
    Limit(Option<Rate>),
    /// The dense index of the choice.
    Choice(usize),
}

/// One argument for every parameter of an option, given or by default.
#[derive(Debug)]
pub(super) struct Values(Vec<(String, Value)>);

macro_rules! read {
    ($($get:ident $variant:ident $type:ty;)*) => {$(
        pub(super) fn $get(&self, name: &str) -> $type {
            match self.get(name) {
                Value::$variant(value) => value,
                other => unreachable!("{name} is {other:?}"),
            }
        }
    )*};
}

impl Values {
    read! {
        share Share f64;
        count Count u32;
        limit Limit Option<Rate>;
        choice Choice usize;
    }

    pub(super) fn get(&self, name: &str) -> Value {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| *value).unwrap_or_else(|| unreachable!("{name} is a parameter of the option"))
    }
}

/// Reads the arguments of an option: one value for each of its parameters.
pub(super) fn read_arguments(
    option: &str,
    parameters: &[Parameter],
    arguments: &BTreeMap<String, String>,
) -> Result<Values, Refusal> {
    let refuse = |problem: String| Refusal::BadArgument { option: option.to_owned(), problem };
    if let Some(name) = arguments.keys().find(|name| parameters.iter().all(|known| known.name != **name)) {
        return Err(refuse(unknown(name, parameters)));
    }
    let value = |parameter: &Parameter| {
        let said = arguments.get(&parameter.name).or(parameter.default.as_ref());
        let read = match said {
            None => Err(format!("{} must be given", parameter.name)),
            Some(text) => parameter.kind.read(text).map_err(|problem| format!("{}: {problem}", parameter.name)),
        };
        let value = read.map_err(|problem| {
            refuse(format!("{problem}; {}, such as {}={}", parameter.kind, parameter.name, parameter.example()))
        })?;
        Ok((parameter.name.clone(), value))
    };
    parameters.iter().map(value).collect::<Result<_, _>>().map(Values)
}

fn unknown(name: &str, parameters: &[Parameter]) -> String {
    let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let help = match suggest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "it takes none".to_owned(),
        None => format!("it takes {}", names.join(", ")),
    };
    format!("it has no parameter called \"{}\"; {help}", quoted(name))
}

/// A text of somebody else's, short and without control characters.
pub(in crate::response) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}..", shown(&text[..end])),
        None => shown(text).into_owned(),
    }
}

impl Parameter {
    /// A text that may be said.
    #[must_use]
    pub fn example(&self) -> String {
        if let Some(default) = &self.default {
            return default.clone();
        }
        match &self.kind {
            ParameterKind::Share { low, high } => {
                Ratio::new((low.as_fraction() + high.as_fraction()) / 2.0).to_string()
            }
            ParameterKind::Count { low, .. } => low.to_string(),
            ParameterKind::Span { low, high } => SimDuration::SECOND.clamp(*low, *high).to_string(),
            ParameterKind::Limit { high, .. } => Rate::per_second(high.as_per_second().min(100.0)).to_string(),
            ParameterKind::Choice(choices) => choices.first().map(|choice| choice.value.clone()).unwrap_or_default(),
        }
    }
}

impl ParameterKind {
    /// A choice between texts that make no difference to the estimate.
    pub(super) fn choice<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let choice = |value: &str| Choice { value: value.to_owned(), estimate: None };
        Self::Choice(values.into_iter().map(choice).collect())
    }

    /// Whether something may be said for it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn check(&self, text: &str) -> Result<(), String> {
        self.read(text).map(drop).map_err(|why| format!("{why}; it is {self}"))
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let outside = || format!("\"{}\" is out of range", quoted(text));
        let within = |inside: bool, value: Value| if inside { Ok(value) } else { Err(outside()) };
        let unreadable = |error: UnitError| format!("\"{}\": {}", quoted(text), error.help());
        match self {
            Self::Share { low, high } => {
                let share: Ratio = short(text)?.parse().map_err(unreadable)?;
                within((*low..=*high).contains(&share), Value::Share(share.as_fraction()))
            }
            Self::Count { low, high } => {
                let count: u32 =
                    text.trim().parse().map_err(|_not_one| format!("\"{}\" is no such number", quoted(text)))?;
                within((*low..=*high).contains(&count), Value::Count(count))
            }
            Self::Span { low, high } => {
                let span: SimDuration = short(text)?.parse().map_err(unreadable)?;
                within((*low..=*high).contains(&span), Value::Span(span))
            }
            Self::Limit { .. } if text.trim() == NO_LIMIT => Ok(Value::Limit(None)),
            Self::Limit { low, high } => {
                let rate: Rate = short(text)?.parse().map_err(unreadable)?;
                within((*low..=*high).contains(&rate), Value::Limit(Some(rate)))
            }
            Self::Choice(choices) => {
                let at = choices.iter().position(|choice| choice.value == text.trim());
                at.map(Value::Choice).ok_or_else(|| not_among(text, choices))
            }
        }
    }
}

/// No quantity needs a longer text, and messages quote it.
fn short(text: &str) -> Result<&str, String> {
    if text.len() <= 100 { Ok(text) } else { Err(format!("\"{}\" is too long", quoted(text))) }
}

fn not_among(text: &str, choices: &[Choice]) -> String {
    let near = suggest(text, choices.iter().map(|choice| choice.value.as_str()));
    let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
    format!("\"{}\" is none of the choices{near}", quoted(text))
}

impl std::fmt::Display for ParameterKind {
    /// What may be said, in words: `from 0% to 100%`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Share { low, high } => write!(f, "from {low} to {high}"),
            Self::Count { low, high } => write!(f, "from {low} to {high}"),
            Self::Span { low, high } => write!(f, "from {low} to {high}"),
            Self::Limit { low, high } => write!(f, "from {low} to {high}, or {NO_LIMIT}"),
            Self::Choice(choices) => {
                const LISTED: usize = 12;
                let shown: Vec<&str> = choices.iter().take(LISTED).map(|choice| choice.value.as_str()).collect();
                let more = choices.len().saturating_sub(LISTED);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                write!(f, "one of {}{more}", shown.join(", "))
            }
        }
    }
}
