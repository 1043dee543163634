//! How the value of one setting is read, kind by kind.

use crate::model::MilliTokens;
use crate::text::{Kind, Node};
use crate::units::SimDuration;

use super::wording::{help_with, one_of, same};
use super::{SettingKind, Settings};

/// No number that is meant as one is longer, and messages quote it.
const LONGEST_NUMBER: usize = 20;

/// The longest span that may be written: 10,000 days, so that no sum of a few of them overflows.
const LONGEST_SPAN: SimDuration = SimDuration::from_secs(10_000 * 86_400);

impl Settings<'_> {
    /// A whole number.
    pub(crate) fn count(&mut self, name: &'static str, value: &mut u32, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Count, Some(value.to_string()), doc) {
            self.decode(node, value);
        }
    }

    /// A whole number that may be unset.
    pub(crate) fn optional_count(&mut self, name: &'static str, value: &mut Option<u32>, doc: &'static str) {
        let default = value.map_or_else(|| "unset".to_owned(), |value| value.to_string());
        if let Some(node) = self.offer(name, SettingKind::Count, Some(default), doc) {
            self.decode(node, value);
        }
    }

    /// A whole number that the author must give.
    pub(crate) fn required_count(&mut self, name: &'static str, value: &mut u32, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Count, None, doc) {
            self.decode(node, value);
        }
    }

    /// A large whole number.
    pub(crate) fn large_count(&mut self, name: &'static str, value: &mut u64, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Count, Some(value.to_string()), doc) {
            self.decode(node, value);
        }
    }

    /// A duration with its unit.
    pub(crate) fn span(&mut self, name: &'static str, value: &mut SimDuration, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Duration, Some(unlimited(*value)), doc) {
            self.decode_span(name, node, value);
        }
    }

    /// A duration with its unit that the author must give.
    pub(crate) fn required_span(&mut self, name: &'static str, value: &mut SimDuration, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Duration, None, doc) {
            self.decode_span(name, node, value);
        }
    }

    fn decode_span(&mut self, name: &str, node: &Node, value: &mut SimDuration) {
        let mut span = SimDuration::ZERO;
        if self.decode(node, &mut span) {
            self.assign_span(name, node, span, value);
        }
    }

    fn assign_span(&mut self, name: &str, node: &Node, span: SimDuration, value: &mut SimDuration) {
        if span > LONGEST_SPAN {
            self.complain("out-of-range", node, format!("`{name}` is {span}"), &format!("at most {LONGEST_SPAN}"));
        } else {
            *value = span;
        }
    }

    /// A duration with its unit, or a bare number of milliseconds.
    pub(crate) fn millis(&mut self, name: &'static str, value: &mut SimDuration, doc: &'static str) {
        let Some(node) = self.offer(name, SettingKind::DurationOrMillis, Some(unlimited(*value)), doc) else { return };
        if let Kind::Number(_) = node.kind {
            let mut millis = 0_u64;
            if self.decode(node, &mut millis) {
                self.assign_span(name, node, SimDuration::from_nanos(millis.saturating_mul(1_000_000)), value);
            }
        } else {
            self.decode_span(name, node, value);
        }
    }

    /// A percentage, held as a number per cent: bare as the product takes it, or with its sign in quotes. Elsewhere in a file a
    /// number in quotes is a fraction, so that one without a sign would mean something else with quotes than without.
    pub(crate) fn percent(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        let Some(node) = self.offer(name, SettingKind::Percent, Some(value.to_string()), doc) else { return };
        match &node.kind {
            Kind::Text(text) if text.trim().parse::<f64>().is_ok_and(f64::is_finite) && text.len() < LONGEST_NUMBER => {
                let number = text.trim();
                let message = format!("`{name}` is given as \"{number}\", without a unit");
                let help = format!("write {number} (per cent, as the product takes it) or \"{number}%\"");
                self.complain("unit-missing", node, message, &help);
            }
            Kind::Text(_) => self.share_of(node, 100.0, value),
            _ => {
                if self.decode(node, value) {
                    self.doubt_fraction(name, *value);
                }
            }
        }
    }

    /// Who writes 0.5 for a half gets half a per cent, and a breaker that opens at the first failure.
    fn doubt_fraction(&mut self, name: &'static str, value: f64) {
        if value > 0.0 && value <= 1.0 {
            let message = format!("`{name}: {value}` is {value} per cent, as in the product");
            let help = format!(
                "for {:.0} per cent write {:.0}; if it is meant, write \"{value}%\"",
                100.0 * value,
                100.0 * value
            );
            self.warn("small-percentage", &[name], message, help);
        }
    }

    /// A fraction.
    pub(crate) fn share(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Share, Some(value.to_string()), doc) {
            match &node.kind {
                Kind::Text(_) => self.share_of(node, 1.0, value),
                _ => drop(self.decode(node, value)),
            }
        }
    }

    fn share_of(&mut self, node: &Node, scale: f64, value: &mut f64) {
        let mut ratio = crate::units::Ratio::ZERO;
        if self.decode(node, &mut ratio) {
            *value = ratio.as_fraction() * scale;
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Number, Some(value.to_string()), doc) {
            self.decode(node, value);
        }
    }

    /// A number that the author must give. The value before is an example in the help where it is missing.
    pub(crate) fn required_number(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        let example = value.to_string();
        if let Some(node) = self.offer_like(name, SettingKind::Number, None, doc, &example) {
            self.decode(node, value);
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str, value: &mut bool, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Flag, Some(value.to_string()), doc) {
            self.decode(node, value);
        }
    }

    /// An amount of tokens, in thousandths at the finest. Where the author must give it, the value before is an example.
    pub(crate) fn tokens(&mut self, name: &'static str, value: &mut MilliTokens, required: bool, doc: &'static str) {
        let before = (value.thousandths() as f64 / 1e3).to_string();
        let default = (!required).then(|| before.clone());
        let Some(node) = self.offer_like(name, SettingKind::Number, default, doc, &before) else { return };
        let mut tokens = 0.0;
        if self.decode(node, &mut tokens) {
            if (0.0..=1e12).contains(&tokens) {
                *value = MilliTokens::new((tokens * 1e3).round() as u64);
            } else {
                self.complain(
                    "out-of-range",
                    node,
                    format!("`{name}` is {tokens}"),
                    "a number of tokens from 0 to 1e12",
                );
            }
        }
    }

    /// One of several names. Returns the chosen value, if there is one.
    pub(crate) fn choice<T: Copy + PartialEq>(
        &mut self,
        name: &'static str,
        value: &mut T,
        options: &[(&'static str, T)],
        doc: &'static str,
    ) {
        let names: Vec<&'static str> = options.iter().map(|option| option.0).collect();
        let default = options.iter().find(|option| option.1 == *value).map(|option| option.0.to_owned());
        let Some(node) = self.offer(name, SettingKind::Choice(names.clone()), default, doc) else { return };
        let (Kind::Ident(written) | Kind::Text(written)) = &node.kind else {
            return self.complain(
                "wrong-type",
                node,
                format!("`{name}` cannot be {}", node.describe()),
                &one_of(&names),
            );
        };
        match options.iter().find(|option| same(option.0, written)) {
            Some(option) => *value = option.1,
            None => {
                let help = help_with(written, &names);
                self.complain("unknown-name", node, format!("`{written}` is not a value of `{name}`"), &help);
            }
        }
    }
}

fn unlimited(span: SimDuration) -> String {
    if span == SimDuration::MAX { "no limit".to_owned() } else { span.to_string() }
}
