//! Sets of error kinds as settings: our names, or the words of a product, each of which may stand for several kinds.

use crate::model::{ErrorKind, ErrorSet};
use crate::text::{Diagnostic, Kind, Node};

use super::wording::{help_with, listed, one_of};
use super::{Setting, SettingKind, Settings, is_called};

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

impl Settings<'_> {
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
        let message = format!("`{name}` is missing: {doc}{}", self.taken);
        let diagnostic = Diagnostic::error("missing-setting", self.head.clone(), message);
        self.diagnostics.push(diagnostic.help(help));
    }
}

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
