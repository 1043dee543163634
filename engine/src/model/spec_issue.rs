//! What is wrong with one setting of a mechanism: the common currency of every spec's `validate`.
//!
//! It knows the setting by its real name but not where that setting was written: the scenario reader adds the place.

/// One setting that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecIssue {
    /// The setting, by the name it has in the spec.
    pub field: &'static str,
    /// What is wrong with it, the offending value included.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl SpecIssue {
    /// An issue with one setting.
    #[must_use]
    pub fn new(field: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { field, message: message.into(), help: help.into() }
    }
}

/// Notes an issue unless `valid`; the texts are only made when they are needed.
pub(super) fn require(
    issues: &mut Vec<SpecIssue>,
    valid: bool,
    field: &'static str,
    message: impl FnOnce() -> String,
    help: &str,
) {
    if !valid {
        issues.push(SpecIssue::new(field, message(), help));
    }
}
