//! The settings an author wrote for one mechanism, matched with those that a preset has.
//!
//! A preset is a function that starts from the product's defaults and offers each of its settings, under the product's
//! own name, to a [`Settings`]. The same function serves three ends: reading overrides, describing the preset for
//! documentation and JSON Schema, and suggesting the nearest name for one that does not exist.
//!
//! A setting has the product's own name, or the same in the spelling of another language's library: `maxAttempts` and
//! `max_attempts`. Anything else is unknown, as it is to the product.

mod errors;
mod values;
mod wording;

use crate::scenario::document::SettingsDoc;
use crate::text::{Decode, Diagnostic, Diagnostics, Field, Kind, Node, Severity, Span};

use wording::meant;
pub(crate) use wording::{help_with, same};

/// What can be written for a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number.
    Count,
    /// A duration with its unit.
    Duration,
    /// A duration with its unit, or a bare number of milliseconds, as the product takes it.
    DurationOrMillis,
    /// A bare percentage (`50`) or one with its sign (`"50%"`).
    Percent,
    /// A number.
    Number,
    /// A fraction (`0.2`) or a percentage with its sign (`"20%"`).
    Share,
    /// A rate with its unit.
    Rate,
    /// `true` or `false`.
    Flag,
    /// A list of error kinds, or of the product's own words for them.
    Errors(&'static [&'static str]),
    /// One of these names.
    Choice(Vec<&'static str>),
    /// One of these forms, written as a variant.
    Form(&'static str),
    /// Any text.
    Text,
    /// The settings of a retry budget, with the preset that is meant when none is named.
    Budget(&'static str),
}

/// One setting of a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The product's name for it.
    pub name: &'static str,
    /// What can be written.
    pub kind: SettingKind,
    /// The preset's value as text; `None` where the author must give one.
    pub default: Option<String>,
    /// What it does.
    pub doc: &'static str,
}

/// Settings as written, on their way into a spec.
#[derive(Debug)]
pub(crate) struct Settings<'a> {
    fields: &'a [Field],
    used: Vec<bool>,
    offered: Vec<Setting>,
    head: Span,
    /// What must be written and is not; somebody may have meant it by another name.
    missing: Vec<(&'static str, Diagnostic)>,
    describing: bool,
    /// Which preset was taken because none was named, with the others, in words; empty where one was.
    taken: String,
    /// How many errors there were before these settings.
    errors: usize,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(doc: &'a SettingsDoc, diagnostics: &'a mut Diagnostics) -> Self {
        let (used, errors) = (vec![false; doc.fields.len()], count_errors(diagnostics));
        let (fields, head) = (&*doc.fields, doc.head.clone());
        let (offered, missing, taken) = (Vec::new(), Vec::new(), String::new());
        Self { fields, used, offered, head, missing, describing: false, taken, errors, diagnostics }
    }

    /// Settings that only note what they are offered.
    pub(crate) fn describing(diagnostics: &'a mut Diagnostics) -> Self {
        let (used, offered) = (Vec::new(), Vec::new());
        let (missing, taken) = (Vec::new(), String::new());
        Self { fields: &[], used, offered, head: 0..0, missing, describing: true, taken, errors: 0, diagnostics }
    }

    /// Nobody named a preset, and the first of these was taken: whoever misses a setting is told so.
    pub(crate) fn take_preset(&mut self, presets: &[&str]) {
        if let [taken, others @ ..] = presets {
            let others = if others.is_empty() { String::new() } else { format!(", not {}", wording::listed(others)) };
            self.taken = format!(" (no `preset` is named: it is \"{taken}\"{others})");
        }
    }

    /// What has been offered so far.
    pub(crate) fn into_offered(self) -> Vec<Setting> {
        self.offered
    }

    pub(crate) fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// Whether no error has been found in them.
    pub(crate) fn sound(&self) -> bool {
        count_errors(self.diagnostics) == self.errors
    }

    /// Refuses the value of a setting, at its place if it was written.
    pub(crate) fn refuse(&mut self, name: &str, message: String, help: &str) {
        let span = self.written(name).map(|field| field.value.span.clone()).unwrap_or_else(|| self.head());
        self.diagnostics.push(Diagnostic::error("bad-setting", span, message).help(help));
    }

    /// Warns of settings, at the place of the first that was written.
    pub(crate) fn warn(&mut self, code: &'static str, names: &[&str], message: String, help: impl Into<String>) {
        let span = names
            .iter()
            .find_map(|name| self.written(name))
            .map(|field| field.value.span.clone())
            .unwrap_or_else(|| self.head());
        self.diagnostics.push(Diagnostic::warning(code, span, message).help(help));
    }

    /// A setting of the product that changes nothing here. What was written for it is not read.
    pub(crate) fn without_effect(&mut self, name: &'static str, kind: SettingKind, default: &str, why: &'static str) {
        if let Some(node) = self.offer(name, kind, Some(default.to_owned()), why) {
            let message = format!("`{name}` has no effect here: {why}");
            let warning = Diagnostic::warning("no-effect", node.span.clone(), message);
            self.diagnostics.push(warning.help("remove it; the product has it, and nothing in a run depends on it"));
        }
    }

    /// Where the settings as a whole stand.
    pub(crate) fn head(&self) -> Span {
        self.head.clone()
    }

    /// A setting as it was written, by its name in any spelling; also one within the value of another, if it is the only one.
    pub(crate) fn written(&self, name: &str) -> Option<&'a Field> {
        let called = |field: &&'a Field| same(&field.name, name);
        self.fields.iter().find(called).or_else(|| {
            let mut within = self.fields.iter().flat_map(|field| fields_of(&field.value)).filter(called);
            let found = within.next();
            found.filter(|_| within.next().is_none())
        })
    }

    /// Whether a list without items was written for a setting.
    pub(crate) fn is_empty_list(&self, name: &str) -> bool {
        let field = self.fields.iter().find(|field| same(&field.name, name));
        field.is_some_and(|field| matches!(&field.value.kind, Kind::List(items) if items.is_empty()))
    }

    /// Whether a word or number is among the list written for a setting.
    pub(crate) fn lists(&self, name: &str, word: &str) -> bool {
        let field = self.fields.iter().find(|field| same(&field.name, name));
        let is_it = |item: &Node| {
            let (Kind::Text(written) | Kind::Ident(written) | Kind::Number(written)) = &item.kind else { return false };
            written.eq_ignore_ascii_case(word)
        };
        field.is_some_and(|field| matches!(&field.value.kind, Kind::List(items) if items.iter().any(is_it)))
    }

    /// A setting that is read by its own function.
    pub(crate) fn form(
        &mut self,
        name: &'static str,
        kind: SettingKind,
        default: Option<String>,
        doc: &'static str,
    ) -> Option<&'a Node> {
        self.offer(name, kind, default, doc)
    }

    /// Reports what was written but never offered, with the nearest name that was.
    pub(crate) fn finish(&mut self, preset: &str) {
        let names: Vec<&'static str> = self.offered.iter().map(|setting| setting.name).collect();
        for (field, _) in self.fields.iter().zip(&self.used).filter(|(_, used)| !**used) {
            let message = format!("the preset \"{preset}\" has no setting `{}`", *field.name);
            // Beyond the limit nobody reads it, and looking for the nearest name takes time.
            let full = self.diagnostics.len() >= Diagnostics::LIMIT;
            let help = if full { String::new() } else { help_with(&field.name, &names) };
            let near = if full { None } else { meant(&field.name, &names) };
            self.missing.retain(|(name, _)| near != Some(*name));
            self.diagnostics.push(Diagnostic::error("unknown-setting", field.name.span.clone(), message).help(help));
        }
        for (_, diagnostic) in std::mem::take(&mut self.missing) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Notes the setting and returns what was written for it. A setting without a default must be written.
    fn offer(
        &mut self,
        name: &'static str,
        kind: SettingKind,
        default: Option<String>,
        doc: &'static str,
    ) -> Option<&'a Node> {
        let example = example(&kind);
        self.offer_like(name, kind, default, doc, &example)
    }

    /// [`Settings::offer`] with an example of its own for the author who has left it out.
    fn offer_like(
        &mut self,
        name: &'static str,
        kind: SettingKind,
        default: Option<String>,
        doc: &'static str,
        example: &str,
    ) -> Option<&'a Node> {
        let required = default.is_none();
        let example = format!("add {name}: {example}; it has no default");
        self.offered.push(Setting { name, kind, default, doc });
        let fields = self.fields;
        let mut found = None;
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| is_called(&field.name, name)) {
            self.used[at] = true;
            match found {
                None => found = Some(field),
                Some(first) => self.diagnostics.push(twice(first, field)),
            }
        }
        if found.is_none() && required && !self.describing {
            let message = format!("`{name}` is missing: {doc}{}", self.taken);
            let diagnostic = Diagnostic::error("missing-setting", self.head.clone(), message);
            self.missing.push((name, diagnostic.help(example)));
        }
        found.map(|field| &field.value)
    }

    fn decode<T: Decode>(&mut self, node: &Node, value: &mut T) -> bool {
        match T::decode(node, self.diagnostics) {
            Some(decoded) => {
                *value = decoded;
                true
            }
            None => false,
        }
    }

    pub(crate) fn complain(&mut self, code: &'static str, node: &Node, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::error(code, node.span.clone(), message).help(help));
    }
}

fn count_errors(diagnostics: &Diagnostics) -> usize {
    let kept = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    kept + diagnostics.dropped()
}

/// A value of a kind, as an example of how it is written.
fn example(kind: &SettingKind) -> String {
    match kind {
        SettingKind::Count => "3".to_owned(),
        SettingKind::Duration | SettingKind::DurationOrMillis => "\"100ms\"".to_owned(),
        SettingKind::Percent => "50".to_owned(),
        SettingKind::Number => "1.5".to_owned(),
        SettingKind::Share => "\"20%\"".to_owned(),
        SettingKind::Rate => "\"100/s\"".to_owned(),
        SettingKind::Flag => "true".to_owned(),
        SettingKind::Choice(names) => names.first().copied().unwrap_or("..").to_owned(),
        _ => "..".to_owned(),
    }
}

fn twice(first: &Field, second: &Field) -> Diagnostic {
    let message = format!("`{}` is written twice", *second.name);
    Diagnostic::error("duplicate-field", second.name.span.clone(), message)
        .label(first.name.span.clone(), format!("first written here, as `{}`", *first.name))
        .help("remove one of them")
}

/// Whether a setting is meant by a name: its own name, or that in the spelling of other languages.
fn is_called(written: &str, name: &str) -> bool {
    written == name
        || (written.len() >= name.len() && written == crate::scenario::preset::schema::snake_case(name))
        || (written.len() <= name.len() && written == crate::scenario::preset::schema::camel_case(name))
}

/// The fields of a structure, with a name or without.
fn fields_of(node: &Node) -> &[Field] {
    match &node.kind {
        Kind::Struct(fields) => fields,
        Kind::Named { body, .. } => fields_of(body),
        _ => &[],
    }
}
