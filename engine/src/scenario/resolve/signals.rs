//! Signals by their names: what is measured, and the amounts it is compared with.

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::observe::{Metric, Signal, Subject, SubjectText, Unit};
use crate::scenario::document::{Amount, SignalName};
use crate::text::{Decode, Span, Spanned};
use crate::units::{Rate, Ratio, SimDuration};

use super::dependencies::Caller;
use super::names::unknown;
use super::{Resolver, limits};

/// Part of a text, with its place in it. Where the text was written with escapes, the place is that of the whole.
fn part(text: &Spanned<String>, from: usize, to: usize) -> Spanned<String> {
    let value = text[from..to].to_owned();
    let plain = text.span.len() == text.len() + 2;
    let start = text.span.start + 1;
    Spanned::new(value, if plain { start + from..start + to } else { text.span.clone() })
}

/// The place of a name as if it stood in quotes of its own.
fn in_quotes(span: &Span) -> Span {
    span.start.saturating_sub(1)..span.end + 1
}

impl Resolver<'_, '_> {
    /// The signal of that name; `None` after reporting that there is none.
    pub(super) fn signal(&mut self, name: &SignalName) -> Option<Signal> {
        let SignalName(text) = name;
        let Some(split) = text.find(" of ") else {
            let message = format!("\"{}\" does not name a signal", text.value);
            let help = "write a metric and what it is measured of, such as \"error-ratio of api\"";
            self.error("unknown-name", &text.span, message, help);
            return None;
        };
        let subject = self.subject(&part(text, split + " of ".len(), text.len()));
        let metric = self.metric(&part(text, 0, split));
        let (subject, metric) = (subject?, metric?);
        let metric = self.metric_of(subject, metric, &text.span)?;
        self.require_mechanism(subject, metric, text);
        Some(Signal { metric, subject })
    }

    /// What is measured, by its name; the place is that of the bare name.
    pub(super) fn subject(&mut self, name: &Spanned<String>) -> Option<Subject> {
        let text = SubjectText::read(name);
        let skipped = name.len() - text.name().len();
        let bare = Spanned::new(
            text.name().to_owned(),
            name.span.start + skipped..name.span.end.max(name.span.start + skipped),
        );
        match text {
            SubjectText::Service(_) => self.names.service(&bare, self.diagnostics).map(Subject::Service),
            SubjectText::Endpoint(_) => {
                let quoted = Spanned::new(bare.value, in_quotes(&bare.span));
                self.names.endpoint(&quoted, self.diagnostics).map(|(_, id)| Subject::Endpoint(id))
            }
            SubjectText::Dependency(_) => {
                let at = self.dependencies.named(&bare, self.diagnostics)?;
                Some(Subject::Dependency(Id::from_usize(at)))
            }
            SubjectText::Population(_) => self.names.population(&bare, self.diagnostics).map(Subject::Population),
        }
    }

    /// The metric of that name; `None` after reporting that there is none.
    pub(super) fn metric(&mut self, name: &Spanned<String>) -> Option<Metric> {
        let found = Metric::from_name(name);
        if found.is_none() {
            let names: Vec<&str> = Metric::ALL.into_iter().map(Metric::name).collect();
            unknown("metric", name, &names, self.diagnostics);
        }
        found
    }

    /// The metric, if there is such a one of the subject; `None` after reporting that there is not.
    pub(super) fn metric_of(&mut self, subject: Subject, metric: Metric, span: &Span) -> Option<Metric> {
        if subject.metrics().contains(&metric) {
            return Some(metric);
        }
        let kind = match subject {
            Subject::Service(_) => "a service",
            Subject::Endpoint(_) => "an endpoint",
            Subject::Dependency(_) => "a dependency",
            Subject::Population(_) => "a population",
        };
        let names: Vec<&str> = subject.metrics().iter().map(|metric| metric.name()).collect();
        let message = format!("{metric} is not measured of {kind}");
        self.error("no-such-metric", span, message, format!("what is measured of {kind}: {}", names.join(", ")));
        None
    }

    /// Reports a pool or breaker that a signal is of and that is not there.
    fn require_mechanism(&mut self, subject: Subject, metric: Metric, name: &Spanned<String>) {
        let Subject::Dependency(id) = subject else { return };
        match metric {
            Metric::PoolInUse | Metric::PoolWaiting => self.require_pool(id.index(), name),
            Metric::BreakersOpen => self.require_breaker(id.index(), name),
            _ => {}
        }
    }

    /// The service that a subject belongs to, as [`Subject::service`] says.
    pub(super) fn service_of(&self, subject: Subject) -> Option<Id<ServiceSpec>> {
        match subject {
            Subject::Service(id) => Some(id),
            Subject::Endpoint(id) => Some(self.names.service_of(id)),
            Subject::Dependency(id) => {
                let declared = self.dependencies.list.get(id.index())?;
                match declared.caller {
                    Caller::Service(caller) => Some(caller),
                    Caller::Population(_) => Some(declared.target),
                }
            }
            Subject::Population(_) => None,
        }
    }

    /// An amount in the unit of a metric.
    pub(super) fn amount(&mut self, amount: &Amount, unit: Unit) -> Option<f64> {
        let node = &amount.node;
        match unit {
            Unit::Share => {
                let share = Spanned::<Ratio>::decode(node, self.diagnostics)?;
                Some(self.share(&share, "the threshold"))
            }
            Unit::Rate => Rate::decode(node, self.diagnostics).map(Rate::as_per_second),
            Unit::Seconds => {
                let span = Spanned::<SimDuration>::decode(node, self.diagnostics)?;
                Some(self.within(&span, SimDuration::ZERO..=limits::SPAN, "the threshold").as_secs_f64())
            }
            Unit::Number => {
                let number = Spanned::<f64>::decode(node, self.diagnostics)?;
                Some(self.number(&number, 0.0..=1e12, "the threshold"))
            }
        }
    }
}
