//! Who waits for word.

use crate::response::comms::{AudienceSpec, CommsHabits, CommsSpec};
use crate::scenario::document;
use crate::text::Spanned;

use super::Resolver;

impl Resolver<'_, '_> {
    pub(super) fn audiences(&mut self, doc: &document::Audiences) -> CommsSpec {
        let usual = CommsSpec::default();
        let written = [&doc.status_page, &doc.executives, &doc.support, &doc.engineering];
        let mut usual_ones = usual.audiences.into_iter();
        let audiences = written.map(|doc| {
            let usual = usual_ones.next().expect("there are as many");
            doc.as_ref().map_or(usual.clone(), |doc| self.audience(doc, usual))
        });
        CommsSpec { audiences, habits: self.comms_habits(doc, usual.habits) }
    }

    fn audience(&mut self, doc: &document::Audience, usual: AudienceSpec) -> AudienceSpec {
        let silently_fails = doc.silently_fails.as_ref().map(|(from, to)| {
            if from.value >= to.value {
                let message = format!("it fails from {} to {}", from.value, to.value);
                self.error("out-of-range", &to.span, message, format!("an end after {}", from.value));
            }
            (from.value, to.value)
        });
        AudienceSpec {
            composing: self.or_span(doc.composing.as_ref(), usual.composing, "what writing takes"),
            first: self.or_span(doc.first.as_ref(), usual.first, "the patience for the first word"),
            cadence: match &doc.cadence {
                Some(cadence) => self.positive(cadence, "the cadence"),
                None => usual.cadence,
            },
            trust: self.or_share(doc.trust.as_ref(), usual.trust, "trust"),
            silently_fails,
        }
    }

    fn comms_habits(&mut self, doc: &document::Audiences, usual: CommsHabits) -> CommsHabits {
        CommsHabits {
            silence_costs: self.or_share(doc.silence_costs.as_ref(), usual.silence_costs, "what silence costs"),
            broken_promise_costs: self.or_share(
                doc.broken_promise_costs.as_ref(),
                usual.broken_promise_costs,
                "what a broken promise costs",
            ),
            falsehood_costs: self.or_share(
                doc.falsehood_costs.as_ref(),
                usual.falsehood_costs,
                "what a falsehood costs",
            ),
            repairs: self.or_share(doc.repairs.as_ref(), usual.repairs, "what comes back"),
            not_before: usual.not_before,
            tickets_per_user_minute: self.or_number(
                doc.tickets_per_user_minute.as_ref(),
                usual.tickets_per_user_minute,
                "tickets a user and minute",
            ),
            told_writes: self.or_share(doc.told_writes.as_ref(), usual.told_writes, "the share that still writes"),
            interrupts_per_minute: self.or_number(
                doc.interrupts_per_minute.as_ref(),
                usual.interrupts_per_minute,
                "interruptions a minute",
            ),
            silence_interrupts: self.or_number(
                doc.silence_interrupts.as_ref(),
                usual.silence_interrupts,
                "how much more often they interrupt",
            ),
            interruption: self.or_span(doc.interruption.as_ref(), usual.interruption, "an interruption"),
            calls_per_minute: self.or_number(doc.calls_per_minute.as_ref(), usual.calls_per_minute, "calls a minute"),
            many_tickets: match &doc.many_tickets {
                Some(count) => self.above_zero(count, 1e9, "how many tickets are many"),
                None => usual.many_tickets,
            },
            told_calls: self.or_share(doc.told_calls.as_ref(), usual.told_calls, "the share that still calls"),
        }
    }

    fn or_number(&mut self, doc: Option<&Spanned<f64>>, usual: f64, what: &str) -> f64 {
        doc.map_or(usual, |number| self.number(number, 0.0..=1_000.0, what))
    }
}
