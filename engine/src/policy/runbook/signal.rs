//! Signals of a rule file, looked up: what is measured, the amounts it is compared with, whether a dashboard shows it.

use crate::observe::{Metric, Place, Unit};
use crate::text::{Amount, Decode, Spanned};
use crate::units::{Rate, Ratio, SimDuration};

use super::condition::{Test, Watch};
use super::document::SignalCondition;
use super::resolve::Resolver;

/// Part of a text, with its place in it. Where the text was written with escapes, the place is that of the whole.
fn part(text: &Spanned<String>, from: usize, to: usize) -> Spanned<String> {
    let plain = text.span.len() == text.len() + 2;
    let start = text.span.start + 1;
    let span = if plain { start + from..start + to } else { text.span.clone() };
    Spanned::new(text[from..to].to_owned(), span)
}

impl Resolver<'_> {
    /// A condition on a signal; one that no dashboard shows cannot be known.
    pub(super) fn watch(&mut self, doc: &SignalCondition) -> Option<Test> {
        let found = self.signal(&doc.signal);
        let side = self.side(doc);
        let ((place, metric), (above, threshold, until)) = (found?, side?);
        let threshold = self.amount(threshold, metric.unit());
        let until = until.map(|until| self.amount(until, metric.unit()));
        let (threshold, until) = (threshold?, until.map_or(Some(None), |until| until.map(Some))?);
        if until.is_some_and(|until| if above { until > threshold } else { until < threshold }) {
            let message = "the amount at which it ends lies beyond the one at which it begins";
            let help = if above { "until_below is at most above" } else { "until_above is at least below" };
            self.error("condition", &doc.signal.span, message, help);
            return None;
        }
        if !self.is_shown(&place, metric, &doc.signal) {
            return Some(Test::Unknown);
        }
        let watch =
            Watch { place, metric, above, threshold, until, holds: doc.holds, since: None, on: false, known: false };
        self.watches.push(watch);
        Some(Test::Signal(self.watches.len() - 1))
    }

    /// Which side of which amount, and where it ends.
    fn side<'d>(&mut self, doc: &'d SignalCondition) -> Option<(bool, &'d Amount, Option<&'d Amount>)> {
        let help =
            "write (signal: \"error-ratio of api\", above: \"5%\", until_below: \"2%\"), or below with until_above";
        match (&doc.above, &doc.below, &doc.until_below, &doc.until_above) {
            (Some(above), None, until, None) => Some((true, above, until.as_ref())),
            (None, Some(below), None, until) => Some((false, below, until.as_ref())),
            (Some(_), None, _, Some(_)) | (None, Some(_), Some(_), _) => {
                self.error(
                    "condition",
                    &doc.signal.span,
                    "what is above ends below, and what is below ends above",
                    help,
                );
                None
            }
            _ => {
                self.error("condition", &doc.signal.span, "a condition has either `above` or `below`", help);
                None
            }
        }
    }

    fn signal(&mut self, text: &Spanned<String>) -> Option<(Place, Metric)> {
        let Some(split) = text.find(" of ") else {
            let message = format!("\"{}\" does not name a signal", text.value);
            let help = "write a metric and what it is measured of, such as \"error-ratio of api\"";
            self.error("unknown-name", &text.span, message, help);
            return None;
        };
        let (metric_name, subject) = (part(text, 0, split), part(text, split + " of ".len(), text.len()));
        let known = self.names.subjects.contains(&subject.value);
        if !known {
            let candidates: Vec<&str> = self.names.subjects.iter().map(String::as_str).collect();
            self.unknown("service, endpoint, dependency or population", &subject, &candidates);
        }
        let metric = Metric::from_name(&metric_name);
        if metric.is_none() {
            self.unknown("metric", &metric_name, &Metric::ALL.map(Metric::name));
        }
        let (place, metric) = (known.then(|| Place::of(&subject))?, metric?);
        if !place.metrics().contains(&metric) {
            let names: Vec<&str> = place.metrics().iter().map(|metric| metric.name()).collect();
            let message = format!("{metric} is not measured of {}", place.kind());
            let help = format!("what is measured of {}: {}", place.kind(), names.join(", "));
            self.error("no-such-metric", &text.span, message, help);
            return None;
        }
        Some((place, metric))
    }

    /// Whether a dashboard shows it; says so where none does.
    fn is_shown(&mut self, place: &Place, metric: Metric, name: &Spanned<String>) -> bool {
        let shown = place.shown(self.names.observation).unwrap_or_default();
        if shown.contains(&metric) {
            return true;
        }
        let message =
            format!("no dashboard of this scenario shows {}: the condition is never known to hold", name.value);
        let names: Vec<&str> = shown.iter().map(|metric| metric.name()).collect();
        let help = match names[..] {
            [] => "nothing is shown of it; look at what calls it, or at what it calls".to_owned(),
            _ => format!("what is shown of it: {}", names.join(", ")),
        };
        self.warning("not-shown", &name.span, message, help);
        false
    }

    /// An amount in the unit of a metric.
    fn amount(&mut self, amount: &Amount, unit: Unit) -> Option<f64> {
        let (node, diagnostics) = (&amount.node, &mut *self.diagnostics);
        let value = match unit {
            Unit::Share => Ratio::decode(node, diagnostics)?.as_fraction(),
            Unit::Rate => Rate::decode(node, diagnostics)?.as_per_second(),
            Unit::Seconds => SimDuration::decode(node, diagnostics)?.as_secs_f64(),
            Unit::Number => f64::decode(node, diagnostics)?,
        };
        if value < 0.0 {
            self.error("out-of-range", &node.span, "the amount is negative", "write an amount from 0 on");
            return None;
        }
        Some(value)
    }
}
