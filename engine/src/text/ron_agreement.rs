//! The dialect against the `ron` crate: what is read here, `ron` reads as the same data; what `ron` refuses is refused
//! here. Over a corpus, and over random mutations of it that also show that no input makes the reader panic.

use ron::value::{Map, Number};

use super::mutation::{Random, mutate};
use super::{Kind, Node, Source, read_tree, render_plain};

/// Texts both read.
const AGREED: &[&str] = &[
    r##"// A scenario in miniature.
Scenario(
    format: 1, /* nested /* comments */ too */
    title: "One \"slash\"\n\u{1F600}\x41",
    services: {
        "edge": (workers: 64, timeout: Some("2s"), retry: (max: 3, jitter: Full)),
        "db": Service(workers: 0, timeout: None, plan: [Work("5ms"), Call("edge", 0.25), Wait]),
    },
    weights: [0.5, -1.5e-3, 1_000, +7, 0, -0.0, 18446744073709551615, 99999999999999999999999],
    notes: r#"raw "text" \n"#,
    letters: ('a', '\'', '\n', '"', ''', '\u{e9}'),
)
"##,
    "#![enable(implicit_some, unwrap_newtypes,)]\n#![type = \"Scenario\"]\n#![schema = \"x\"]\n(a: 1)",
    "#![enable(unwrap_variant_newtypes)] [Some(1), Some((a: 1)), Some(Foo), Some(Foo(a: 1),), Some([(), ( ), Foo()])]",
    "( )",
    "()",
    "Foo()",
    "Foo /* a */ ( /* b */ a /* c */ : /* d */ 1 /* e */ , /* f */ )",
    "{1: 2, \"a\": 'b', (1, 2): [true, false], Foo: None, {}: []}",
    "(true: 1, Some: 2, None: 3, inf: 4, r: 5, b: 6)",
    "\u{85}\u{200E}\u{200F}\u{2028}\u{2029}\u{B}\u{C}1 // the end",
    "\"a\\\n     b\\\r\n  c\"",
    "r\"\"",
    "r##\"a\"#b\"##",
    "(((((1),),),),)",
    "1.0e1_0",
];

/// Texts `ron` reads and the dialect leaves out.
const LEFT_OUT: &[&str] = &[
    "b\"bytes\"",
    "b'a'",
    "br#\"x\"#",
    "r#name",
    "(r#name: 1)",
    "0x10",
    "0b1",
    "0o7",
    "1u8",
    "1.5f32",
    "inf",
    "-inf",
    "NaN",
    "1..2",
    "..",
    "..=3",
    "1.",
    ".5",
    "größe",
    "(größe: 1)",
    "\"\\xc3\\xa9\"",
];

/// Texts nobody reads.
const REFUSED: &[&str] = &[
    "",
    "(",
    ")",
    "[1",
    "{1}",
    "{1: }",
    "(a: 1 b: 2)",
    "(a: 1,, b: 2)",
    "[,]",
    "(a 1)",
    "(a: 1, 2)",
    "(1, a: 2)",
    "1 2",
    "Some",
    "Some(1, 2)",
    "Some(a: 1)",
    "None()",
    "true()",
    "\"abc",
    "'ab'",
    "''",
    "\"\\q\"",
    "\"\\u{110000}\"",
    "/* abc",
    "/",
    "@",
    "--1",
    "1__a",
    "#![enable(nonsense)] 1",
    "#[x] 1",
    "Foo:",
    "Foo{a: 1}",
    "[1; 2]",
    "(a = 1)",
    "{\"a\" = 1}",
    "\u{FEFF}1",
    "\0",
];

/// The data of a tree as `ron` would give it. Numbers become floating-point ones on both sides.
fn data(node: &Node) -> ron::Value {
    match &node.kind {
        Kind::Broken => panic!("a broken node without a diagnostic"),
        Kind::Bool(value) => ron::Value::Bool(*value),
        Kind::Number(text) => number(text.replace('_', "").parse().unwrap()),
        Kind::Char(value) => ron::Value::Char(*value),
        Kind::Text(value) => ron::Value::String(value.clone()),
        Kind::None => ron::Value::Option(None),
        Kind::Some(inner) => ron::Value::Option(Some(Box::new(data(inner)))),
        Kind::Ident(_) => ron::Value::Unit,
        Kind::Named { body, .. } => data(body),
        Kind::Struct(fields) => {
            let named = |name: &str| ron::Value::String(name.to_owned());
            ron::Value::Map(fields.iter().map(|field| (named(&field.name), data(&field.value))).collect())
        }
        Kind::Tuple(items) | Kind::List(items) => sequence(items.iter().map(data).collect()),
        Kind::Map(entries) => ron::Value::Map(entries.iter().map(|(key, value)| (data(key), data(value))).collect()),
    }
}

/// What `ron` read in the same form: all numbers floating-point, no items the same as no value.
fn normal(value: ron::Value) -> ron::Value {
    match value {
        ron::Value::Number(value) => number(value.into_f64()),
        ron::Value::Option(Some(inner)) => ron::Value::Option(Some(Box::new(normal(*inner)))),
        ron::Value::Seq(items) => sequence(items.into_iter().map(normal).collect()),
        ron::Value::Map(map) => {
            ron::Value::Map(map.into_iter().map(|(key, value)| (normal(key), normal(value))).collect::<Map>())
        }
        other => other,
    }
}

fn number(value: f64) -> ron::Value {
    // Zeros are equal whatever their sign: a negative integer zero has none.
    ron::Value::Number(Number::F64((value + 0.0).into()))
}

fn sequence(items: Vec<ron::Value>) -> ron::Value {
    if items.is_empty() { ron::Value::Unit } else { ron::Value::Seq(items) }
}

/// The data, if the text is read here. Everything said about it is also rendered.
fn read_here(text: &str) -> Option<ron::Value> {
    let source = Source::new("test.ron", text);
    let read = read_tree(&source);
    for diagnostic in &read.diagnostics {
        assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= text.len(), "{text:?}");
        assert!(text.is_char_boundary(diagnostic.span.start) && text.is_char_boundary(diagnostic.span.end), "{text:?}");
        assert!(render_plain(&source, diagnostic).starts_with("test.ron:"));
    }
    assert!(read.value.is_some() || read.diagnostics.has_errors());
    read.into_result().ok().map(|(node, _)| data(&node))
}

/// Asserts the agreement for one text and says whether it was read.
fn agrees(text: &str) -> bool {
    let Some(here) = read_here(text) else { return false };
    match ron::from_str::<ron::Value>(text) {
        Ok(there) => assert_eq!(here, normal(there), "{text:?}"),
        Err(error) => panic!("read here, but ron says {error}: {text:?}"),
    }
    true
}

#[test]
fn both_read_the_same_data() {
    for text in AGREED {
        assert!(agrees(text), "{text:?}: {:?}", read_tree(&Source::new("t", *text)).diagnostics);
    }
}

#[test]
fn the_dialect_is_a_true_subset() {
    for text in LEFT_OUT {
        assert!(ron::from_str::<ron::Value>(text).is_ok(), "ron no longer reads {text:?}");
        assert!(read_here(text).is_none(), "{text:?}");
    }
}

#[test]
fn what_ron_refuses_is_refused() {
    for text in REFUSED {
        assert!(ron::from_str::<ron::Value>(text).is_err(), "ron reads {text:?}");
        assert!(read_here(text).is_none(), "{text:?}");
    }
}

#[test]
fn mutations_agree_and_never_panic() {
    let mut random = Random(1);
    let mut read = 0;
    for round in 0..20_000 {
        let text = mutate(AGREED[round % AGREED.len()], &mut random);
        read += usize::from(agrees(&text));
    }
    // Both outcomes must be common, or the mutations test nothing.
    assert!((1_000..19_000).contains(&read), "{read} of 20000 were read");
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random(2);
    for _ in 0..2_000 {
        let length = random.below(200);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        let source = Source::from_bytes("noise", &bytes);
        let read = read_tree(&source);
        for diagnostic in &read.diagnostics {
            assert!(render_plain(&source, diagnostic).starts_with("noise:"));
        }
    }
}

/// Half a megabyte each: were the time quadratic anywhere, this would take minutes.
#[test]
fn large_nonsense_does_not_hang() {
    let full = 1 << 19;
    for piece in [
        "(", "[", "{", ")", "\"", "'", "a", "a ", "a:", "1", "-", "/", "/*", "//", "\\", "\n", "#", "é", "[],",
        "(a:1),", "r#", ", ",
    ] {
        for start in ["", "[", "(a: ", "\"\\"] {
            let text = format!("{start}{}", piece.repeat((full - start.len()) / piece.len()));
            let source = Source::new("large", text);
            let read = read_tree(&source);
            assert!(read.diagnostics.len() <= super::Diagnostics::LIMIT);
        }
    }
}
