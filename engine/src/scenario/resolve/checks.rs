//! Checks of single values, and the distributions they make.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::model::ErrorKind;
use crate::rng::{Distribution, DistributionError};
use crate::scenario::document::{self, Count, Drawn};
use crate::text::{Diagnostic, Span, Spanned};
use crate::units::{Ratio, SimDuration, SimTime};

use super::names::unknown;
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    /// Reports an error.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, span.clone(), message).help(help));
    }

    /// The value, reported if it is outside its range.
    pub(super) fn within<T>(&mut self, value: &Spanned<T>, allowed: RangeInclusive<T>, what: &str) -> T
    where
        T: Copy + PartialOrd + Display,
    {
        if !allowed.contains(value) {
            let help = format!("from {} to {}", allowed.start(), allowed.end());
            self.error("out-of-range", &value.span, format!("{what} is {}", value.value), help);
        }
        value.value
    }

    /// A number of things. One outside its range is reported, and the nearest that can be counted with returned.
    pub(super) fn count(&mut self, count: &Spanned<Count>, allowed: RangeInclusive<u32>, what: &str) -> u32 {
        count.within(*allowed.start(), *allowed.end()).unwrap_or_else(|| {
            let help = format!("from {} to {}", allowed.start(), allowed.end());
            self.error("out-of-range", &count.span, format!("{what} is {}", count.value), help);
            count.saturated()
        })
    }

    /// A time limit, delay or period: above zero.
    pub(super) fn positive(&mut self, span: &Spanned<SimDuration>, what: &str) -> SimDuration {
        if span.is_zero() || span.value > limits::SPAN {
            let help = format!("above 0s and at most {}", limits::SPAN);
            self.error("out-of-range", &span.span, format!("{what} is {}", span.value), help);
        }
        span.value
    }

    /// A number with or without a fraction.
    pub(super) fn number(&mut self, value: &Spanned<f64>, allowed: RangeInclusive<f64>, what: &str) -> f64 {
        if !allowed.contains(&value.value) {
            let help = format!("from {} to {}", plain(*allowed.start()), plain(*allowed.end()));
            self.error("out-of-range", &value.span, format!("{what} is {}", plain(value.value)), help);
        }
        value.value
    }

    /// A factor or weight above zero.
    pub(super) fn above_zero(&mut self, value: &Spanned<f64>, most: f64, what: &str) -> f64 {
        if !(value.value > 0.0 && value.value <= most) {
            let message = format!("{what} is {}", plain(value.value));
            self.error("out-of-range", &value.span, message, format!("above 0 and at most {most}"));
        }
        value.value
    }

    /// A share or probability.
    pub(super) fn share(&mut self, value: &Spanned<Ratio>, what: &str) -> f64 {
        self.within(value, Ratio::ZERO..=Ratio::ONE, what).as_fraction()
    }

    /// A probability that something happens once more.
    pub(super) fn again(&mut self, value: &Spanned<Ratio>, what: &str) -> f64 {
        self.within(value, Ratio::ZERO..=Ratio::new(limits::AGAIN), what).as_fraction()
    }

    /// When the run ends; `None` if its duration could not be read or is none.
    pub(super) fn end(&self) -> Option<SimTime> {
        let duration = self.doc.duration.as_ref().filter(|run| run.value > SimDuration::ZERO);
        duration.map(|run| SimTime::ZERO.saturating_add(run.value))
    }

    /// The error kind of that name.
    pub(super) fn error_kind(&mut self, name: &Spanned<String>) -> ErrorKind {
        ErrorKind::from_name(name).unwrap_or_else(|| {
            let names: Vec<&str> = ErrorKind::ALL.into_iter().map(ErrorKind::name).collect();
            unknown("error kind", name, &names, self.diagnostics);
            ErrorKind::Internal
        })
    }

    /// The distribution, in nanoseconds.
    pub(super) fn drawn(&mut self, drawn: Option<&Drawn>) -> Distribution {
        let zero = || Distribution::constant(0.0).expect("zero is a duration");
        let Some(drawn) = drawn else { return zero() };
        match distribution(&drawn.law) {
            Ok(distribution) => distribution,
            Err(problem) => {
                self.error("bad-distribution", &drawn.span, problem.message, problem.help);
                zero()
            }
        }
    }
}

/// A number as a person would write it: not with three hundred digits.
pub(super) fn plain(value: f64) -> String {
    let writable = value == 0.0 || (1e-6..1e15).contains(&value.abs());
    if writable { value.to_string() } else { format!("{value:e}") }
}

struct Problem {
    message: String,
    help: String,
}

impl Problem {
    fn new(message: &str, help: &str) -> Self {
        Self { message: message.to_owned(), help: help.to_owned() }
    }
}

impl From<DistributionError> for Problem {
    fn from(error: DistributionError) -> Self {
        if let DistributionError::Parameter { family, parameter, value, allowed } = &error
            && ["mean", "low", "high", "scale", "sd", "value"].contains(parameter)
        {
            let text = |nanos: f64| SimDuration::from_nanos_f64(nanos).to_string();
            let least = if *allowed.start() > 0.0 { "above 0s".to_owned() } else { "from 0s".to_owned() };
            return Self {
                message: format!("{family}: {parameter} is {}", text(*value)),
                help: format!("{least} to {}", text(*allowed.end())),
            };
        }
        if let DistributionError::Bounds { family, low, high } = &error {
            let text = |nanos: f64| SimDuration::from_nanos_f64(nanos).to_string();
            return Self {
                message: format!("{family}: low, {}, is not below high, {}", text(*low), text(*high)),
                help: error.remedy(),
            };
        }
        Self { message: error.problem(), help: error.remedy() }
    }
}

fn distribution(law: &document::Distribution) -> Result<Distribution, Problem> {
    use document::Distribution as Law;
    let made = match law {
        Law::Constant(value) => Distribution::constant(nanos(*value)),
        Law::Uniform { low, high } => Distribution::uniform(nanos(*low), nanos(*high)),
        Law::Exponential { mean } => Distribution::exponential(nanos(*mean)),
        Law::Erlang { k, mean } => Distribution::erlang(*k, nanos(*mean)),
        Law::Hyperexponential { mean, cv, phases } => return hyperexponential(*mean, *cv, phases.as_deref()),
        Law::TruncatedNormal { mean, sd, low, high } => {
            let high = high.map_or(f64::INFINITY, nanos);
            Distribution::truncated_normal(nanos(*mean), nanos(*sd), nanos(*low), high)
        }
        Law::Lognormal { mean, cv } => Distribution::lognormal(nanos(*mean), *cv),
        Law::BoundedPareto { alpha, low, high } => Distribution::bounded_pareto(*alpha, nanos(*low), nanos(*high)),
        Law::Weibull { shape, scale, mean } => return weibull(*shape, *scale, *mean),
        Law::Gamma { mean, cv, shape, scale } => return gamma(*mean, *cv, *shape, *scale),
        Law::Empirical(values) => {
            let values: Vec<(f64, f64)> = values.iter().map(|(value, weight)| (nanos(*value), *weight)).collect();
            Distribution::empirical(&values)
        }
    };
    Ok(made?)
}

fn hyperexponential(
    mean: Option<SimDuration>,
    cv: Option<f64>,
    phases: Option<&[(SimDuration, f64)]>,
) -> Result<Distribution, Problem> {
    Ok(match (mean, cv, phases) {
        (Some(mean), Some(cv), None) => Distribution::hyperexponential_by_cv(nanos(mean), cv)?,
        (None, None, Some(phases)) => {
            let phases: Vec<(f64, f64)> = phases.iter().map(|(mean, weight)| (*weight, nanos(*mean))).collect();
            Distribution::hyperexponential(&phases)?
        }
        _ => {
            let help = "write Hyperexponential(mean: .., cv: ..) or Hyperexponential(phases: [(mean, weight), ..])";
            return Err(Problem::new("a hyperexponential needs either mean and cv or phases", help));
        }
    })
}

fn weibull(shape: f64, scale: Option<SimDuration>, mean: Option<SimDuration>) -> Result<Distribution, Problem> {
    Ok(match (scale, mean) {
        (Some(scale), None) => Distribution::weibull(shape, nanos(scale))?,
        (None, Some(mean)) => Distribution::weibull_by_mean(shape, nanos(mean))?,
        _ => {
            let help = "write Weibull(shape: .., mean: ..) or Weibull(shape: .., scale: ..)";
            return Err(Problem::new("a Weibull needs either its scale or its mean", help));
        }
    })
}

fn gamma(
    mean: Option<SimDuration>,
    cv: Option<f64>,
    shape: Option<f64>,
    scale: Option<SimDuration>,
) -> Result<Distribution, Problem> {
    Ok(match (mean, cv, shape, scale) {
        (Some(mean), Some(cv), None, None) => Distribution::gamma_by_cv(nanos(mean), cv)?,
        (None, None, Some(shape), Some(scale)) => Distribution::gamma(shape, nanos(scale))?,
        _ => {
            let help = "write Gamma(mean: .., cv: ..) or Gamma(shape: .., scale: ..)";
            return Err(Problem::new("a gamma needs either mean and cv or shape and scale", help));
        }
    })
}

fn nanos(span: SimDuration) -> f64 {
    span.as_nanos() as f64
}
