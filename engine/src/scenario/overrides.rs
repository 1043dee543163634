//! Overrides: values put into the document's tree before it is read, `services.api.instances=8`.

use crate::text::{Diagnostic, Diagnostics, Field, Kind, Node, Source, Span, Spanned, read_tree};

use super::findings::Sources;
use super::preset::help_with;

/// The most steps that a path has.
const LONGEST_PATH: usize = 32;

/// Applies overrides to a tree, in order. What is wrong is reported in texts of their own, named `--set`.
pub(super) fn apply(tree: &mut Node, overrides: &[(&str, &str)], sources: &mut Sources, diagnostics: &mut Diagnostics) {
    for (path, value) in overrides {
        let base = sources.add(Source::new("--set", format!("{path}={value}")));
        let Some(node) = read_value(value, base + path.len() + 1, diagnostics) else { continue };
        let segments = segments(path, base);
        if segments.len() > LONGEST_PATH || segments.iter().any(|segment| segment.is_empty()) {
            let message = "this is not a path to a value";
            let diagnostic = Diagnostic::error("bad-path", base..base + path.len(), message);
            diagnostics.push(diagnostic.help("write names with dots in between, services.api.instances=8"));
            continue;
        }
        if let Some(indexed) = segments.iter().find(|segment| segment.contains('[')) {
            diagnostics.push(item_in_brackets(path, indexed));
            continue;
        }
        set(tree, &segments, node, diagnostics);
    }
}

/// `calls[0].latency`, where a path has `calls.0.latency`.
fn item_in_brackets(path: &str, segment: &Spanned<String>) -> Diagnostic {
    let plain: String = path.chars().filter(|c| !matches!(c, ']' | '"' | '\'')).collect();
    let list = segment.split('[').next().unwrap_or_default();
    let message = format!("`{}`: a path has dots only, and no brackets", segment.value);
    let help = format!("write {}, or {list}.<name> with the item's own name", plain.replace('[', "."));
    Diagnostic::error("bad-path", segment.span.clone(), message).help(help)
}

fn segments(path: &str, base: usize) -> Vec<Spanned<String>> {
    let mut at = base;
    let segment = |part: &str| {
        let start = at;
        at += part.len() + 1;
        Spanned::new(part.to_owned(), start..start + part.len())
    };
    path.split('.').map(segment).collect()
}

/// The value as it is written in a file, or a quantity without its quotes.
fn read_value(value: &str, base: usize, diagnostics: &mut Diagnostics) -> Option<Node> {
    if is_bare_quantity(value) {
        return Some(Node { kind: Kind::Text(value.to_owned()), span: base..base + value.len(), damaged: false });
    }
    let read = read_tree(&Source::new("--set", value));
    let errors = read.diagnostics.has_errors();
    for mut diagnostic in read.diagnostics {
        shift(&mut diagnostic.span, base);
        for label in &mut diagnostic.labels {
            shift(&mut label.span, base);
        }
        diagnostics.push(diagnostic);
    }
    let mut node = read.value.filter(|_| !errors)?;
    shift_node(&mut node, base);
    Some(node)
}

/// `250ms`, `80/s`, `5%`, `1:30`: starts with a digit, and is not a number.
fn is_bare_quantity(value: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '%' | ':' | '_');
    value.starts_with(|c: char| c.is_ascii_digit())
        && value.chars().all(word)
        && !value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E'))
}

fn shift(span: &mut Span, by: usize) {
    *span = span.start + by..span.end + by;
}

fn shift_node(node: &mut Node, by: usize) {
    shift(&mut node.span, by);
    match &mut node.kind {
        Kind::Some(inner) => shift_node(inner, by),
        Kind::Named { name, body } => {
            shift(&mut name.span, by);
            shift_node(body, by);
        }
        Kind::Struct(fields) => {
            for field in fields {
                shift(&mut field.name.span, by);
                shift_node(&mut field.value, by);
            }
        }
        Kind::Tuple(items) | Kind::List(items) => items.iter_mut().for_each(|item| shift_node(item, by)),
        Kind::Map(entries) => {
            for (key, value) in entries {
                shift_node(key, by);
                shift_node(value, by);
            }
        }
        _ => {}
    }
}

/// Puts the value where the path leads.
fn set(node: &mut Node, path: &[Spanned<String>], value: Node, diagnostics: &mut Diagnostics) {
    let Some((first, rest)) = path.split_first() else { return replace(node, value) };
    // `()` has no fields yet; writing one makes it a struct.
    if matches!(&node.kind, Kind::Tuple(items) if items.is_empty()) {
        node.kind = Kind::Struct(Vec::new());
    }
    match &mut node.kind {
        Kind::Some(inner) => set(inner, path, value, diagnostics),
        Kind::Struct(fields) => set_field(fields, first, rest, value, diagnostics),
        Kind::Map(entries) => match longest_key(entries, path) {
            Some((at, taken)) => set(&mut entries[at].1, &path[taken..], value, diagnostics),
            None => report_unknown(first, &keys(entries), diagnostics),
        },
        Kind::List(items) => {
            let number = first.value.parse().ok().filter(|number: &usize| *number < items.len());
            match items.iter().position(|item| is_called(item, first)).or(number) {
                Some(at) => set(&mut items[at], rest, value, diagnostics),
                None => report_unknown(first, &names_of(items), diagnostics),
            }
        }
        // Through a variant to its fields, or to its only value.
        Kind::Named { name, body } if name.value == first.value && !has_field(body, first) => {
            let message = format!("the path is in `{}` already", first.value);
            let diagnostic = Diagnostic::error("bad-path", first.span.clone(), message);
            let rest: String = rest.iter().map(|segment| format!(".{}", segment.value)).collect();
            let help = format!("drop `{}{}`", first.value, if rest.is_empty() { "" } else { "." });
            diagnostics.push(diagnostic.help(help));
        }
        Kind::Named { body, .. } => match &mut body.kind {
            Kind::Tuple(items) if items.len() == 1 => set(&mut items[0], path, value, diagnostics),
            _ => set(body, path, value, diagnostics),
        },
        _ => {
            let message = format!("`{}` leads into {}, which has no parts", first.value, node.describe());
            let diagnostic = Diagnostic::error("bad-path", first.span.clone(), message);
            diagnostics.push(diagnostic.help("end the path before it, and give the whole value"));
        }
    }
}

fn has_field(body: &Node, name: &str) -> bool {
    matches!(&body.kind, Kind::Struct(fields) if fields.iter().any(|field| field.name.value == name))
}

/// The entry that the path leads to, and how many of its segments the key takes: keys may have dots, `mix.api.get`.
fn longest_key(entries: &[(Node, Node)], path: &[Spanned<String>]) -> Option<(usize, usize)> {
    (1..=path.len()).rev().find_map(|taken| {
        let names: Vec<&str> = path[..taken].iter().map(|segment| segment.value.as_str()).collect();
        let wanted = names.join(".");
        let found = entries.iter().position(|(key, _)| matches!(&key.kind, Kind::Text(key) if *key == wanted));
        found.map(|at| (at, taken))
    })
}

fn set_field(
    fields: &mut Vec<Field>,
    name: &Spanned<String>,
    rest: &[Spanned<String>],
    value: Node,
    diagnostics: &mut Diagnostics,
) {
    if let Some(field) = fields.iter_mut().find(|field| field.name.value == name.value) {
        return set(&mut field.value, rest, value, diagnostics);
    }
    // A field that is not written yet: whether there is one of that name is seen when the document is read.
    let mut added = value;
    for segment in rest.iter().rev() {
        let span = added.span.clone();
        let field = Field { name: segment.clone(), value: added };
        added = Node { kind: Kind::Struct(vec![field]), span, damaged: false };
    }
    fields.push(Field { name: name.clone(), value: added });
}

/// Replaces a node. A bare value goes into a variant that holds one, `Timeout("1s")`; anything else replaces it.
fn replace(node: &mut Node, value: Node) {
    let bare = matches!(value.kind, Kind::Text(_) | Kind::Number(_) | Kind::List(_));
    if let Kind::Named { body, .. } = &mut node.kind
        && let Kind::Tuple(items) = &mut body.kind
        && let [only] = items.as_mut_slice()
        && bare
    {
        *only = value;
    } else {
        *node = value;
    }
}

/// Whether an item of a list is meant by a name: a variant of that name, a struct with that `name` or `to`.
fn is_called(item: &Node, name: &str) -> bool {
    calling(item).iter().any(|own| own == name)
}

fn calling(item: &Node) -> Vec<String> {
    match &item.kind {
        Kind::Ident(own) => vec![own.clone()],
        Kind::Named { name, .. } => vec![name.value.clone()],
        Kind::Struct(fields) => {
            let named = fields.iter().filter(|field| matches!(field.name.value.as_str(), "name" | "to"));
            named
                .filter_map(|field| if let Kind::Text(own) = &field.value.kind { Some(own.clone()) } else { None })
                .collect()
        }
        _ => Vec::new(),
    }
}

fn names_of(items: &[Node]) -> Vec<String> {
    items.iter().flat_map(calling).collect()
}

fn keys(entries: &[(Node, Node)]) -> Vec<String> {
    let text = |key: &Node| if let Kind::Text(text) = &key.kind { Some(text.clone()) } else { None };
    entries.iter().filter_map(|(key, _)| text(key)).collect()
}

fn report_unknown(name: &Spanned<String>, candidates: &[String], diagnostics: &mut Diagnostics) {
    let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let diagnostic = Diagnostic::error("unknown-name", name.span.clone(), format!("there is no `{}` here", name.value));
    diagnostics.push(diagnostic.help(help_with(name, &candidates)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_need_no_quotes_and_numbers_stay_numbers() {
        for quantity in ["250ms", "80/s", "5%", "1:30", "1h30m", "1_000/s"] {
            assert!(is_bare_quantity(quantity), "{quantity}");
        }
        for other in ["8", "1.5", "1e3", "1_000", "Poisson(\"80/s\")", "\"5s\"", "true", "", "-5ms"] {
            assert!(!is_bare_quantity(other), "{other}");
        }
    }

    #[test]
    fn a_value_goes_where_the_path_leads() {
        let after = |text: &str, path: &str, value: &str| {
            let mut tree = read_tree(&Source::new("t", text)).value.expect("a tree");
            let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
            sources.add(Source::new("t", text));
            apply(&mut tree, &[(path, value)], &mut sources, &mut diagnostics);
            assert!(diagnostics.is_empty(), "{diagnostics:?}");
            plain(&tree)
        };
        assert_eq!(after("(a: 1, b: 2)", "b", "3"), "(a:1,b:3)");
        assert_eq!(after("(a: 1)", "b.c", "3"), "(a:1,b:(c:3))");
        assert_eq!(after("(a: ())", "a.b", "3"), "(a:(b:3))");
        assert_eq!(after("(a: {\"x\": 1})", "a.x", "3"), "(a:{x:3})");
        assert_eq!(after("(a: {\"x.y\": 1, \"z\": 2})", "a.x.y", "3"), "(a:{x.y:3,z:2})");
        let both = "(a: {\"x\": (y: 1), \"x.y\": (z: 1)})";
        assert_eq!(after(both, "a.x.y.z", "3"), "(a:{x:(y:1),x.y:(z:3)})", "the longest key");
        assert_eq!(after("(a: [(to: \"x\", n: 1), (to: \"y\", n: 1)])", "a.y.n", "3"), "(a:[(to:x,n:1),(to:y,n:3)])");
        assert_eq!(after("(a: [T(\"1s\"), P(n: 1)])", "a.T", "3s"), "(a:[T(3s),P(n:1)])");
        assert_eq!(after("(a: [T(\"1s\"), P(n: 1)])", "a.P.n", "3"), "(a:[T(1s),P(n:3)])");
        assert_eq!(after("(a: [T(\"1s\")])", "a.0", "P(n: 3)"), "(a:[P(n:3)])");
        assert_eq!(after("(a: Some((b: 1)))", "a.b", "3"), "(a:(b:3))");
    }

    /// A tree as text, without what does not matter.
    fn plain(node: &Node) -> String {
        let join = |items: Vec<String>| items.join(",");
        match &node.kind {
            Kind::Number(text) | Kind::Text(text) | Kind::Ident(text) => text.clone(),
            Kind::Named { name, body } => format!("{}{}", name.value, plain(body)),
            Kind::Some(inner) => plain(inner),
            Kind::Struct(fields) => {
                let field = |field: &Field| format!("{}:{}", field.name.value, plain(&field.value));
                format!("({})", join(fields.iter().map(field).collect()))
            }
            Kind::Tuple(items) => format!("({})", join(items.iter().map(plain).collect())),
            Kind::List(items) => format!("[{}]", join(items.iter().map(plain).collect())),
            Kind::Map(entries) => {
                let entry = |(key, value): &(Node, Node)| format!("{}:{}", plain(key), plain(value));
                format!("{{{}}}", join(entries.iter().map(entry).collect()))
            }
            _ => "?".to_owned(),
        }
    }
}
