//! When faults start, change and heal: triggers, their conditions, and what those measure.

use crate::fault::{Condition, Measure, Trigger};
use crate::scenario::document::{self, Amount, Items, Moment};
use crate::text::{Decode, Diagnostic, Span, Spanned};
use crate::units::{Rate, Ratio, SimDuration};

use super::{Resolver, limits};

impl Resolver<'_, '_> {
    /// The changes of a fault with this start.
    pub(super) fn changes(
        &mut self,
        docs: &Items<(Moment, Spanned<Ratio>)>,
        start: Option<&Spanned<document::Trigger>>,
    ) -> Vec<(Trigger, f64)> {
        self.check_order(docs, start);
        let most = Ratio::new(100.0);
        let change = |(when, strength): &(Moment, Spanned<Ratio>)| {
            let when = self.change(&when.0, start);
            let strength = self.within(strength, Ratio::ZERO..=most, "the strength of a fault").as_fraction();
            Some((when?, strength))
        };
        docs.iter().filter_map(change).collect()
    }

    /// Changes with a time must be in its order, whatever changes on conditions stand between them.
    fn check_order(&mut self, docs: &Items<(Moment, Spanned<Ratio>)>, start: Option<&Spanned<document::Trigger>>) {
        // Instants and times since the start cannot be compared where the start is a condition.
        let (mut last_instant, mut last_span) = (None, None);
        for (Moment(when), _) in docs.iter() {
            let last = match when.value {
                document::Trigger::At(_) => &mut last_instant,
                document::Trigger::After(_) => &mut last_span,
                document::Trigger::When { .. } => continue,
            };
            let earlier = last.replace(&when.value);
            let other = if matches!(when.value, document::Trigger::At(_)) { last_span } else { last_instant };
            if [earlier, other].into_iter().flatten().any(|last| is_no_later(&when.value, last, start)) {
                self.error(
                    "out-of-order",
                    &when.span,
                    "this change is not later than the last one with a time above it",
                    "sort the changes by time",
                );
            }
        }
    }

    /// Warns of changes that are due when the fault has healed at a time of its own.
    pub(super) fn changes_after_the_heal(&mut self, doc: &document::Fault) {
        let Some(heal) = doc.heal.written() else { return };
        for (Moment(when), _) in doc.changes.iter() {
            if is_no_later(&heal.value, &when.value, doc.start.as_ref()) {
                let message = "the fault has healed by then, so that this change never takes effect";
                let help = "let the fault heal later, or leave the change out";
                self.diagnostics.push(Diagnostic::warning("after-the-heal", when.span.clone(), message).help(help));
            }
        }
    }

    fn change(
        &mut self,
        when: &Spanned<document::Trigger>,
        start: Option<&Spanned<document::Trigger>>,
    ) -> Option<Trigger> {
        match (&when.value, start.map(|start| &start.value)) {
            (document::Trigger::After(span), _) => {
                let span = Spanned::new(*span, when.span.clone());
                Some(Trigger::After(self.positive(&span, "the time of a change")))
            }
            (document::Trigger::At(at), Some(document::Trigger::At(start))) if at <= start => {
                let help = "write a later instant, or the time since the start, (\"2m\", \"50%\")";
                self.error("out-of-order", &when.span, "the fault changes no later than it starts", help);
                None
            }
            _ => self.trigger(when),
        }
    }

    pub(super) fn start(&mut self, doc: &Spanned<document::Trigger>) -> Option<Trigger> {
        if let document::Trigger::After(_) = doc.value {
            let help = "After(..) is for changes and healing; write start: At(\"2m\") or start: When(..)";
            self.error("no-such-trigger", &doc.span, "a fault cannot start after its own start", help);
            return None;
        }
        self.trigger(doc)
    }

    pub(super) fn heal(
        &mut self,
        doc: &Spanned<document::Trigger>,
        start: Option<&Spanned<document::Trigger>>,
    ) -> Option<Trigger> {
        let heal = self.trigger(doc)?;
        let backwards = match (&heal, start.map(|start| &start.value)) {
            (Trigger::After(span), _) => span.is_zero(),
            (Trigger::At(heal), Some(document::Trigger::At(start))) => heal <= start,
            _ => false,
        };
        if backwards {
            let help = "write a later instant, or heal: After(\"5m\")";
            self.error("zero-length", &doc.span, "the fault heals no later than it starts", help);
        }
        Some(heal)
    }

    fn trigger(&mut self, doc: &Spanned<document::Trigger>) -> Option<Trigger> {
        match &doc.value {
            document::Trigger::At(at) => Some(Trigger::At(self.instant(&Spanned::new(*at, doc.span.clone())))),
            document::Trigger::After(span) => {
                let span = Spanned::new(*span, doc.span.clone());
                Some(Trigger::After(self.within(&span, SimDuration::ZERO..=limits::SPAN, "the time since its start")))
            }
            document::Trigger::When { measure, above, below, holds } => {
                let holds = self.whole_seconds(holds);
                let help = "write When(measure: Utilisation(\"db\"), above: \"80%\") or below";
                let (above, amount) = self.side(&doc.span, (above.as_ref(), below.as_ref()), help)?;
                let threshold = self.threshold(measure, amount);
                let measure = self.measure(measure)?;
                Some(Trigger::When { condition: Condition { measure, above, threshold: threshold? }, holds })
            }
        }
    }

    fn whole_seconds(&mut self, holds: &Spanned<SimDuration>) -> u32 {
        let span = self.within(holds, SimDuration::SECOND..=limits::DURATION, "the time a condition must hold");
        if !span.as_nanos().is_multiple_of(1_000_000_000) {
            self.error(
                "out-of-range",
                &holds.span,
                format!("`holds` is {span}"),
                "whole seconds: conditions are looked at every second",
            );
        }
        u32::try_from(span.as_nanos() / 1_000_000_000).unwrap_or(u32::MAX)
    }

    /// Whether a condition is met above, and the number; what has both or neither is reported, with what would be right.
    pub(super) fn side<'a>(
        &mut self,
        span: &Span,
        (above, below): (Option<&'a Amount>, Option<&'a Amount>),
        help: &str,
    ) -> Option<(bool, &'a Amount)> {
        match (above, below) {
            (Some(amount), None) => Some((true, amount)),
            (None, Some(amount)) => Some((false, amount)),
            _ => {
                self.error("condition", span, "a condition has either `above` or `below`", help);
                None
            }
        }
    }

    fn threshold(&mut self, measure: &document::Measure, amount: &Amount) -> Option<f64> {
        use document::Measure as Doc;
        let node = &amount.node;
        match measure {
            Doc::Utilisation(_) | Doc::ErrorRatio(_) | Doc::FailureRatio(_) => {
                let ratio = Spanned::<Ratio>::decode(node, self.diagnostics)?;
                Some(self.share(&ratio, "the threshold"))
            }
            Doc::ArrivalRate(_) => Rate::decode(node, self.diagnostics).map(Rate::as_per_second),
            Doc::Latency { .. } | Doc::ResponseTime { .. } => {
                let latency = Spanned::<SimDuration>::decode(node, self.diagnostics)?;
                Some(self.within(&latency, SimDuration::ZERO..=limits::SPAN, "the threshold").as_secs_f64())
            }
            Doc::QueueLength(_) | Doc::PoolInUse(_) | Doc::PoolWaiting(_) | Doc::OpenBreakers(_) => {
                let count = Spanned::<f64>::decode(node, self.diagnostics)?;
                Some(self.number(&count, 0.0..=1e12, "the threshold"))
            }
        }
    }

    fn measure(&mut self, doc: &document::Measure) -> Option<Measure> {
        use document::Measure as Doc;
        Some(match doc {
            Doc::Utilisation(name) => Measure::Utilisation(self.names.service(name, self.diagnostics)?),
            Doc::QueueLength(name) => Measure::QueueLength(self.names.service(name, self.diagnostics)?),
            Doc::ErrorRatio(name) => Measure::ErrorRatio(self.names.service(name, self.diagnostics)?),
            Doc::ArrivalRate(name) => Measure::ArrivalRate(self.names.service(name, self.diagnostics)?),
            Doc::PoolInUse(name) => Measure::PoolInUse(Self::dependency_id(self.pooled(name)?)),
            Doc::PoolWaiting(name) => Measure::PoolWaiting(Self::dependency_id(self.pooled(name)?)),
            Doc::FailureRatio(name) => Measure::FailureRatio(self.names.population(name, self.diagnostics)?),
            Doc::Latency { service, quantile } => {
                let quantile = self.share(quantile, "a quantile");
                Measure::Latency(self.names.service(service, self.diagnostics)?, quantile)
            }
            Doc::ResponseTime { population, quantile } => {
                let quantile = self.share(quantile, "a quantile");
                Measure::ResponseTime(self.names.population(population, self.diagnostics)?, quantile)
            }
            Doc::OpenBreakers(name) => {
                let at = self.dependencies.named(name, self.diagnostics)?;
                self.require_breaker(at, name);
                Measure::OpenBreakers(Self::dependency_id(at))
            }
        })
    }

    /// Reports a dependency without a breaker where one is needed.
    pub(super) fn require_breaker(&mut self, at: usize, name: &Spanned<String>) {
        let declared = &self.dependencies.list[at];
        let layers = declared.doc.map(|doc| &doc.layers);
        let has_breaker = layers.is_some_and(|layers| {
            !layers.complete || layers.iter().any(|layer| matches!(layer.value, document::Layer::Breaker(_)))
        });
        if !has_breaker {
            let message = format!("the dependency `{}` has no circuit breaker", declared.name);
            self.error("no-breaker", &name.span, message, "add a layer Breaker(..) to it");
        }
    }
}

/// Whether two triggers of a fault with this start have times that can be compared, and the first is not the later one.
fn is_no_later(one: &document::Trigger, other: &document::Trigger, start: Option<&Spanned<document::Trigger>>) -> bool {
    use document::Trigger::{After, At};
    let started = match start.map(|start| &start.value) {
        Some(At(start)) => Some(*start),
        _ => None,
    };
    match (one, other) {
        (At(one), At(other)) => one <= other,
        (After(one), After(other)) => one <= other,
        (At(one), After(other)) => started.is_some_and(|start| *one <= start.saturating_add(*other)),
        (After(one), At(other)) => started.is_some_and(|start| start.saturating_add(*one) <= *other),
        _ => false,
    }
}
