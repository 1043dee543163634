//! What whoever decides says they thought: the options weighed, what counted how much, how sure they are, and what they expect.
//!
//! It is for the record and for debriefs; nothing in the simulation depends on it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{shown, suggest};
use crate::units::SimDuration;

use super::command::{share_text, span_text};
use super::menu::Menu;

/// What is weighed against acting: to do nothing now.
pub const WAIT: &str = "wait";

/// What somebody says they thought when they decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Belief {
    /// The options that were weighed, by their names, `wait` among them; empty where nobody said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weighed: Vec<String>,
    /// What counted, by a name of one's own, and how much: 0 or more, in any unit, as only the proportions say anything.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub criteria: BTreeMap<String, f64>,
    /// How sure they are that it is right, 0 to 1; in the record a text such as `70%`.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "share_text")]
    pub confidence: Option<f64>,
    /// How long they expect it to take until it has worked.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "span_text")]
    pub expected: Option<SimDuration>,
}

/// What is wrong with what somebody says they thought.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BeliefError {
    /// Nothing that can be done is called that.
    NotAnOption {
        /// What it was called.
        name: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// A weight is below nothing, or no number.
    BadWeight {
        /// What counts.
        criterion: String,
        /// How much.
        weight: f64,
    },
    /// Nobody is surer than sure.
    BadConfidence(f64),
}

impl Belief {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it makes sense beside a menu.
    ///
    /// # Errors
    /// When an option is none of the menu's, or a number is out of range.
    pub fn check(&self, menu: &Menu) -> Result<(), BeliefError> {
        let names = || menu.options.iter().map(|option| option.name.as_str()).chain([WAIT]);
        if let Some(name) = self.weighed.iter().find(|name| !names().any(|known| known == **name)) {
            let near = suggest(name, names()).map(str::to_owned);
            return Err(BeliefError::NotAnOption { name: name.clone(), near });
        }
        let bad = |weight: f64| !weight.is_finite() || weight < 0.0;
        if let Some((criterion, weight)) = self.criteria.iter().find(|(_, weight)| bad(**weight)) {
            return Err(BeliefError::BadWeight { criterion: criterion.clone(), weight: *weight });
        }
        match self.confidence.filter(|sure| !(0.0..=1.0).contains(sure)) {
            Some(sure) => Err(BeliefError::BadConfidence(sure)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for BeliefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnOption { name, near: Some(near) } => {
                write!(f, "\"{}\" cannot have been weighed: it is not on the menu; did you mean `{near}`?", shown(name))
            }
            Self::NotAnOption { name, near: None } => write!(
                f,
                "\"{}\" cannot have been weighed: it is not on the menu; name its options, or `{WAIT}` for doing nothing",
                shown(name)
            ),
            Self::BadWeight { criterion, weight } => {
                write!(f, "\"{}\" cannot count {weight}: a weight is a number from 0 up", shown(criterion))
            }
            Self::BadConfidence(sure) => {
                write!(f, "nobody is {}% sure: confidence is from 0% to 100%", sure * 100.0)
            }
        }
    }
}

impl std::error::Error for BeliefError {}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::*;

    #[test]
    fn it_is_text_in_the_record_and_absent_where_nothing_is_said() {
        let belief = Belief {
            weighed: vec![WAIT.to_owned()],
            criteria: BTreeMap::from([("time".to_owned(), 3.0)]),
            confidence: Some(0.07),
            expected: Some(SimDuration::from_secs(240)),
        };
        let command = Command::act("restart api", "").believing(belief);
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(
            text,
            r#"{"act":{"option":"restart api","belief":{"weighed":["wait"],"criteria":{"time":3.0},"confidence":"7%","expected":"4m"}}}"#
        );
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
        let silent = serde_json::to_string(&Command::act("restart api", "").believing(Belief::default())).unwrap();
        assert_eq!(silent, r#"{"act":{"option":"restart api"}}"#);
        assert!(serde_json::from_str::<Belief>(r#"{"confidence":"7 apples"}"#).is_err());
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let menu = Menu { options: Vec::new(), looks: Vec::new() };
        let says = |belief: Belief| belief.check(&menu).unwrap_err().to_string();
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            let criteria = BTreeMap::from([("risk".to_owned(), weight)]);
            assert!(says(Belief { criteria, ..Belief::default() }).contains("from 0 up"));
        }
        for sure in [-0.01, 1.01, f64::NAN] {
            assert!(says(Belief { confidence: Some(sure), ..Belief::default() }).contains("0% to 100%"));
        }
        assert!(says(Belief { weighed: vec!["wat".to_owned()], ..Belief::default() }).contains("`wait`"));
        assert_eq!(
            Belief { weighed: vec![WAIT.to_owned()], confidence: Some(1.0), ..Belief::default() }.check(&menu),
            Ok(())
        );
    }
}
