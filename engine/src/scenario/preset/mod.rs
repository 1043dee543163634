//! Named presets of the mechanisms: the defaults of real products, to be overridden by the products' own setting names.
//!
//! The defaults themselves live with the mechanisms (`model`), each with its source; here they get the names by which
//! authors know them. [`presets`] lists everything for documentation.

mod breaker;
mod limits;
mod outside;
mod pool;
mod retry;
mod retry_budget;
mod schema;
mod settings;

pub use settings::{Setting, SettingKind};

pub(crate) use breaker::{ConfiguredBreaker, Scope};
pub(crate) use schema::schema;
pub(crate) use settings::{Settings, help_with};

use crate::scenario::document::{Configured, SettingsDoc};
use crate::text::{Diagnostic, Diagnostics};

/// The retry layer.
#[derive(Clone, Copy, Debug)]
pub enum Retry {}
/// The retry budget.
#[derive(Clone, Copy, Debug)]
pub enum RetryBudget {}
/// The circuit breaker.
#[derive(Clone, Copy, Debug)]
pub enum Breaker {}
/// The rate limit.
#[derive(Clone, Copy, Debug)]
pub enum RateLimit {}
/// The bulkhead.
#[derive(Clone, Copy, Debug)]
pub enum Bulkhead {}
/// The connection pool.
#[derive(Clone, Copy, Debug)]
pub enum Pool {}

/// A kind of mechanism that has presets.
pub trait Mechanism {
    /// What an author configures.
    type Spec: 'static;
    /// The name of the kind, as in a scenario file.
    const NAME: &'static str;
    /// The presets; the first is the one that is meant when none is named.
    #[doc(hidden)]
    const PRESETS: &'static [Preset<Self::Spec>];
    /// What is wrong with a finished spec: the setting (in any spelling), the problem, the remedy.
    #[doc(hidden)]
    fn validate(spec: &Self::Spec) -> Vec<(&'static str, String, String)>;
    /// Puts in what the preset's product uses in the place of what was written, and says so, as of what is allowed but
    /// hardly meant.
    #[doc(hidden)]
    fn settle(_preset: &str, _spec: &mut Self::Spec) -> Vec<Doubt> {
        Vec::new()
    }
}

/// What is allowed, and does not do what it seems to.
#[derive(Debug)]
#[doc(hidden)]
pub struct Doubt {
    pub(crate) code: &'static str,
    /// The settings that it is about; the first of them that was written is shown.
    pub(crate) fields: &'static [&'static str],
    pub(crate) message: String,
    pub(crate) help: String,
}

/// A preset: the function that reads its settings over its defaults.
#[derive(Debug)]
#[doc(hidden)]
pub struct Preset<T> {
    pub(crate) name: &'static str,
    pub(crate) source: &'static str,
    pub(crate) read: fn(&mut Settings<'_>) -> T,
}

/// A preset as it is documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetInfo {
    /// The kind of mechanism, as in a scenario file: `Pool`.
    pub mechanism: &'static str,
    /// Its name: `hikaricp`.
    pub name: &'static str,
    /// The product, its version, and where its defaults were read.
    pub source: &'static str,
    /// Its settings in order.
    pub settings: Vec<Setting>,
}

/// Every preset of every mechanism, with its settings, their defaults and its source.
#[must_use]
pub fn presets() -> Vec<PresetInfo> {
    let mut all = describe::<Retry>();
    all.extend(describe::<RetryBudget>());
    all.extend(describe::<Breaker>());
    all.extend(describe::<RateLimit>());
    all.extend(describe::<Bulkhead>());
    all.extend(describe::<Pool>());
    all
}

/// The presets of one mechanism.
pub(crate) fn describe<M: Mechanism>() -> Vec<PresetInfo> {
    let info = |preset: &Preset<M::Spec>| {
        let mut diagnostics = Diagnostics::default();
        let mut settings = Settings::describing(&mut diagnostics);
        (preset.read)(&mut settings);
        let settings = settings.into_offered();
        PresetInfo { mechanism: M::NAME, name: preset.name, source: preset.source, settings }
    };
    M::PRESETS.iter().map(info).collect()
}

/// The spec that an author configured; `None` only where the preset is unknown. What is wrong has been reported.
pub(crate) fn configure<M: Mechanism>(doc: &Configured<M>, diagnostics: &mut Diagnostics) -> Option<M::Spec> {
    build::<M>(doc, diagnostics)
}

/// As [`configure`], from settings that are not typed by their mechanism.
pub(crate) fn build<M: Mechanism>(doc: &SettingsDoc, diagnostics: &mut Diagnostics) -> Option<M::Spec> {
    let preset = choose::<M>(doc, diagnostics)?;
    let readable = outside::report::<M>(preset, doc, diagnostics);
    let doc = readable.as_ref().unwrap_or(doc);
    let mut settings = Settings::new(doc, diagnostics);
    if doc.preset.is_none() {
        let names: Vec<&str> = M::PRESETS.iter().map(|preset| preset.name).collect();
        settings.take_preset(&names);
    }
    let mut spec = (preset.read)(&mut settings);
    settings.finish(preset.name);
    // A spec of which a setting could not be read is not what the author wrote: judging it would only confuse.
    if settings.sound() {
        report_issues::<M>(&spec, &mut settings);
    }
    if settings.sound() {
        for doubt in M::settle(preset.name, &mut spec) {
            settings.warn(doubt.code, doubt.fields, format!("{}: {}", M::NAME, doubt.message), doubt.help);
        }
    }
    Some(spec)
}

fn choose<M: Mechanism>(doc: &SettingsDoc, diagnostics: &mut Diagnostics) -> Option<&'static Preset<M::Spec>> {
    let Some(name) = &doc.preset else { return M::PRESETS.first() };
    let preset = M::PRESETS.iter().find(|preset| preset.name == name.value);
    if preset.is_none() {
        let names: Vec<&str> = M::PRESETS.iter().map(|preset| preset.name).collect();
        let message = format!("there is no preset \"{}\" of {}", name.value, M::NAME);
        let diagnostic = Diagnostic::error("unknown-preset", name.span.clone(), message);
        diagnostics.push(diagnostic.help(help_with(name, &names)));
    }
    preset
}

fn report_issues<M: Mechanism>(spec: &M::Spec, settings: &mut Settings<'_>) {
    for (field, message, help) in M::validate(spec) {
        let written = settings.written(field);
        let span = written.map_or_else(|| settings.head(), |written| written.value.span.clone());
        let name = written.map_or(field, |written| written.name.as_str());
        let diagnostic = Diagnostic::error("bad-setting", span, format!("{}: {name}: {message}", M::NAME));
        settings.diagnostics().push(diagnostic.help(help));
    }
}

/// What a mechanism's own check found, in the form of [`Mechanism::validate`].
fn issues(found: Vec<crate::model::SpecIssue>) -> Vec<(&'static str, String, String)> {
    found.into_iter().map(|issue| (issue.field, issue.message, issue.help)).collect()
}
