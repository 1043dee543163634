//! The settings an author wrote for one mechanism, matched with those that a preset has.
//!
//! A preset is a function that starts from the product's defaults and offers each of its settings, under the product's
//! own name, to a [`Settings`]. The same function serves three ends: reading overrides, describing the preset for
//! documentation and JSON Schema, and suggesting the nearest name for one that does not exist.
//!
//! A setting has the product's own name, or the same in the spelling of another language's library: `maxAttempts` and
//! `max_attempts`. Anything else is unknown, as it is to the product.

use crate::model::{ErrorKind, ErrorSet, MilliTokens};
use crate::scenario::document::SettingsDoc;
use crate::text::{Decode, Diagnostic, Diagnostics, Field, Kind, Node, Severity, Span, suggest};
use crate::units::SimDuration;

/// The longest span that may be written: 10,000 days, so that no sum of a few of them overflows.
const LONGEST_SPAN: SimDuration = SimDuration::from_secs(10_000 * 86_400);

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
    describing: bool,
    /// How many errors there were before these settings.
    errors: usize,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Settings<'a> {
    pub(crate) fn new(doc: &'a SettingsDoc, diagnostics: &'a mut Diagnostics) -> Self {
        let (used, errors) = (vec![false; doc.fields.len()], count_errors(diagnostics));
        let (fields, head) = (&*doc.fields, doc.head.clone());
        Self { fields, used, offered: Vec::new(), head, describing: false, errors, diagnostics }
    }

    /// Settings that only note what they are offered.
    pub(crate) fn describing(diagnostics: &'a mut Diagnostics) -> Self {
        let (used, offered) = (Vec::new(), Vec::new());
        Self { fields: &[], used, offered, head: 0..0, describing: true, errors: 0, diagnostics }
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

    /// A percentage, held as a number per cent.
    pub(crate) fn percent(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Percent, Some(value.to_string()), doc) {
            match &node.kind {
                Kind::Text(_) => self.share_of(node, 100.0, value),
                _ => drop(self.decode(node, value)),
            }
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

    /// A number that the author must give.
    pub(crate) fn required_number(&mut self, name: &'static str, value: &mut f64, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Number, None, doc) {
            self.decode(node, value);
        }
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &'static str, value: &mut bool, doc: &'static str) {
        if let Some(node) = self.offer(name, SettingKind::Flag, Some(value.to_string()), doc) {
            self.decode(node, value);
        }
    }

    /// An amount of tokens, in thousandths at the finest. `default` is `None` where the author must give it.
    pub(crate) fn tokens(&mut self, name: &'static str, value: &mut MilliTokens, required: bool, doc: &'static str) {
        let default = (!required).then(|| (value.thousandths() as f64 / 1e3).to_string());
        let Some(node) = self.offer(name, SettingKind::Number, default, doc) else { return };
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

    /// A set of error kinds, by our names or by the product's words, each of which may stand for several kinds.
    pub(crate) fn errors(
        &mut self,
        name: &'static str,
        value: &mut ErrorSet,
        words: &'static [(&'static str, &'static [ErrorKind])],
        required: bool,
        doc: &'static str,
    ) {
        let default = (!required).then(|| spell_errors(*value));
        let missing = required && !self.describing && !self.fields.iter().any(|field| is_called(&field.name, name));
        if missing {
            self.offered.push(Setting { name, kind: SettingKind::Errors(&NAMES), default, doc });
            return self.miss_errors(name, words, doc);
        }
        let Some(node) = self.offer(name, SettingKind::Errors(&NAMES), default, doc) else { return };
        let Kind::List(items) = &node.kind else {
            let help = in_a_list(node, words);
            return self.complain("wrong-type", node, format!("`{name}` cannot be {}", node.describe()), &help);
        };
        let mut set = ErrorSet::EMPTY;
        for item in items {
            let (Kind::Text(word) | Kind::Ident(word) | Kind::Number(word)) = &item.kind else {
                self.complain(
                    "wrong-type",
                    item,
                    format!("an error kind cannot be {}", item.describe()),
                    &one_of(&NAMES),
                );
                continue;
            };
            let known = words.iter().find(|known| known.0.eq_ignore_ascii_case(word));
            match (ErrorKind::from_name(word), known) {
                (Some(kind), _) => set = set.with(kind),
                (None, Some((_, []))) => {
                    let message = format!("`{word}` has no effect here: no error is called that");
                    let warning = Diagnostic::warning("no-effect", item.span.clone(), message);
                    self.diagnostics.push(warning.help("remove it"));
                }
                (None, Some((_, kinds))) => set = kinds.iter().fold(set, |set, kind| set.with(*kind)),
                (None, None) => {
                    let words = words.iter().map(|word| word.0).filter(|word| word.parse::<u32>().is_err());
                    let candidates: Vec<&str> = NAMES.iter().copied().chain(words).collect();
                    let help = help_with(word, &candidates);
                    self.complain("unknown-name", item, format!("there is no error kind `{word}`"), &help);
                }
            }
        }
        *value = set;
    }

    /// Reports that errors must be named, with the product's words for them.
    fn miss_errors(&mut self, name: &str, words: &[(&'static str, &'static [ErrorKind])], doc: &str) {
        let some: Vec<&str> = words.iter().filter(|(_, kinds)| !kinds.is_empty()).map(|(word, _)| *word).collect();
        let first = some.first().copied().unwrap_or("timeout");
        let help = format!("add {name}: [\"{first}\"]; {}, or error kinds: {}", one_of(&some), listed(&NAMES));
        let diagnostic = Diagnostic::error("missing-setting", self.head.clone(), format!("`{name}` is missing: {doc}"));
        self.diagnostics.push(diagnostic.help(help));
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
            self.diagnostics.push(Diagnostic::error("unknown-setting", field.name.span.clone(), message).help(help));
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
        let required = default.is_none();
        let example = format!("add {name}: {}; it has no default", example(&kind));
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
            let message = format!("`{name}` is missing: {doc}");
            let diagnostic = Diagnostic::error("missing-setting", self.head.clone(), message);
            self.diagnostics.push(diagnostic.help(example));
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

/// The error kinds' names, in declaration order.
const fn error_names() -> [&'static str; ErrorKind::COUNT] {
    let mut names = [""; ErrorKind::COUNT];
    let mut at = 0;
    while at < names.len() {
        names[at] = ErrorKind::ALL[at].name();
        at += 1;
    }
    names
}

static NAMES: [&str; ErrorKind::COUNT] = error_names();

fn spell_errors(set: ErrorSet) -> String {
    let kinds: Vec<&str> = ErrorKind::ALL.into_iter().filter(|kind| set.contains(*kind)).map(ErrorKind::name).collect();
    match kinds.len() {
        0 => "none".to_owned(),
        ErrorKind::COUNT => "all".to_owned(),
        _ => kinds.join(", "),
    }
}

/// The help where a list of error kinds is expected: the words that were written, each in quotes, or usual ones.
fn in_a_list(node: &Node, words: &[(&'static str, &'static [ErrorKind])]) -> String {
    let (Kind::Text(text) | Kind::Ident(text)) = &node.kind else {
        let first = words.first().map_or("timeout", |word| word.0);
        return format!("write a list: [\"{first}\", \"internal\"]");
    };
    let written: Vec<String> =
        text.split([',', ' ']).filter(|word| !word.is_empty()).map(|word| format!("\"{word}\"")).collect();
    format!("write a list: [{}]", written.join(", "))
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

fn unlimited(span: SimDuration) -> String {
    if span == SimDuration::MAX { "no limit".to_owned() } else { span.to_string() }
}

/// Whether a setting is meant by a name: its own name, or that in the spelling of other languages.
fn is_called(written: &str, name: &str) -> bool {
    written == name
        || (written.len() >= name.len() && written == super::schema::snake_case(name))
        || (written.len() <= name.len() && written == super::schema::camel_case(name))
}

/// Whether two names are the same but for case and separators.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> Vec<u8> {
        name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    a == b || plain(a) == plain(b)
}

/// The fields of a structure, with a name or without.
fn fields_of(node: &Node) -> &[Field] {
    match &node.kind {
        Kind::Struct(fields) => fields,
        Kind::Named { body, .. } => fields_of(body),
        _ => &[],
    }
}

/// The nearest name, if one is near, and the list of names where there is none or the list is short.
pub(crate) fn help_with(written: &str, names: &[&str]) -> String {
    const SHORT: usize = 6;
    match suggest(written, names.iter().copied()) {
        Some(near) if names.len() > SHORT || names.len() == 1 => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}`? there are {}", listed(names)),
        None if names.is_empty() => "there are none here".to_owned(),
        None => one_of(names),
    }
}

/// "one of: `a`, `b`", cut short where there are many.
pub(crate) fn one_of(names: &[&str]) -> String {
    format!("{}: {}", if names.len() == 1 { "the only one is" } else { "one of" }, listed(names))
}

fn listed(names: &[&str]) -> String {
    const MOST: usize = 24;
    let listed: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", listed.join(", "))
}
