//! Statements: what is said to whom, in parts that can be held against the facts.

use serde::{Deserialize, Serialize};

use crate::units::SimDuration;

/// Who is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// The public, through the status page.
    StatusPage,
    /// Those who answer for the business.
    Executives,
    /// Those who answer customers.
    Support,
    /// Everybody at work on it, in the incident's channel.
    Engineering,
}

impl Audience {
    /// Every audience, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::StatusPage, Self::Executives, Self::Support, Self::Engineering];

    /// Its name: `status-page`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StatusPage => "status-page",
            Self::Executives => "executives",
            Self::Support => "support",
            Self::Engineering => "engineering",
        }
    }
}

/// What is said. What is left out is not said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Statement {
    /// How much of what users do fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Extent>,
    /// What is concerned: services or populations, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// What is said about the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What is being done about it, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// When there will be more.
    #[serde(skip_serializing_if = "Option::is_none", with = "crate::response::command::span_text")]
    pub next_update: Option<SimDuration>,
    /// Whether it is said to be over.
    #[serde(skip_serializing_if = "is_false")]
    pub resolved: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// How much of what users do fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Less than 1 %.
    None,
    /// From 1 % to below 10 %.
    Few,
    /// From 10 % to below 50 %.
    Some,
    /// Half and more.
    Most,
}

impl Extent {
    /// The extent of a share, 0 to 1.
    #[must_use]
    pub fn of(share: f64) -> Self {
        match share {
            share if share < 0.01 => Self::None,
            share if share < 0.1 => Self::Few,
            share if share < 0.5 => Self::Some,
            _ => Self::Most,
        }
    }
}

/// What is said about the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// That it is not known.
    Unknown,
    /// That something is suspected: a service, by name.
    Suspected(String),
    /// That something is known to be it: a service, by name.
    Known(String),
}

impl Statement {
    /// The parts that a statement should have and this one lacks: impact, scope, action, next update. Who says that it is over
    /// need promise nothing more.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let parts = [
            ("impact", self.impact.is_some() || self.resolved),
            ("scope", !self.scope.is_empty() || self.resolved),
            ("action", !self.action.is_empty() || self.resolved),
            ("next update", self.next_update.is_some() || self.resolved),
        ];
        parts.into_iter().filter(|(_, there)| !there).map(|(part, _)| part).collect()
    }

    /// What of it a share of failing requests, 0 to 1, contradicts, in words; `None` where nothing. A statement may be off by one
    /// step, as those are who look at two graphs; but not deny what there is.
    #[must_use]
    pub fn contradicted_by(&self, share: f64) -> Option<String> {
        let true_extent = Extent::of(share);
        let percent = share * 100.0;
        if self.resolved && true_extent > Extent::None {
            return Some(format!("it was said to be over while {percent:.0}% failed"));
        }
        let said = self.impact?;
        let steps = (said as u8).abs_diff(true_extent as u8);
        let denied = said == Extent::None && true_extent > Extent::None;
        (denied || steps > 1).then(|| format!("{} was said to fail while {percent:.0}% did", said.words()))
    }
}

impl Extent {
    /// In words: `a few requests`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Few => "a few requests",
            Self::Some => "some requests",
            Self::Most => "most requests",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(impact: Extent) -> Statement {
        Statement { impact: Some(impact), ..Statement::default() }
    }

    #[test]
    fn the_edges_of_the_extents() {
        let extents = [0.0, 0.0099, 0.01, 0.0999, 0.1, 0.4999, 0.5, 1.0].map(Extent::of);
        use Extent::{Few, Most, None, Some};
        assert_eq!(extents, [None, None, Few, Few, Some, Some, Most, Most]);
    }

    #[test]
    fn one_step_off_is_no_lie_and_denying_is() {
        assert_eq!(says(Extent::Few).contradicted_by(0.3), None);
        assert_eq!(says(Extent::Few).contradicted_by(0.001), None);
        let lie = says(Extent::None).contradicted_by(0.02);
        assert_eq!(lie.as_deref(), Some("nothing was said to fail while 2% did"));
        assert!(says(Extent::Few).contradicted_by(0.8).is_some());
        assert!(says(Extent::Most).contradicted_by(0.05).is_some());
        let over = Statement { resolved: true, ..Statement::default() };
        assert_eq!(over.contradicted_by(0.5).as_deref(), Some("it was said to be over while 50% failed"));
        assert_eq!(over.contradicted_by(0.0), None);
        assert_eq!(Statement::default().contradicted_by(1.0), None, "nothing said, nothing denied");
    }

    #[test]
    fn what_a_statement_lacks() {
        assert_eq!(says(Extent::Few).missing(), ["scope", "action", "next update"]);
        assert_eq!(Statement { resolved: true, ..Statement::default() }.missing(), Vec::<&str>::new());
    }
}
