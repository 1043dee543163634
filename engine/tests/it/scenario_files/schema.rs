//! The JSON Schema: it accepts the files that are accepted, and refuses what it can see is wrong.

use std::fs;
use std::path::Path;

use brownout::scenario::json_schema;
use brownout::text::{Kind, Node, Source, read_tree};
use serde_json::{Map, Value, json};

use super::text;

/// A document as the schema sees it: fields and maps are objects, variants are tagged from outside.
fn document(text: &str) -> Value {
    let tree = read_tree(&Source::new("test.ron", text)).value.expect("a document");
    match &tree.kind {
        Kind::Named { body, .. } => value(body),
        _ => value(&tree),
    }
}

fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Bool(flag) => json!(flag),
        Kind::Number(number) => serde_json::from_str(&number.replace('_', "")).expect("a number"),
        Kind::Text(text) | Kind::Ident(text) => json!(text),
        Kind::Named { name, body } => {
            let body = match &body.kind {
                Kind::Tuple(items) if items.len() == 1 => value(&items[0]),
                _ => value(body),
            };
            json!({ name.value.as_str(): body })
        }
        Kind::Struct(fields) => fields.iter().map(|field| (field.name.value.clone(), value(&field.value))).collect(),
        Kind::Tuple(items) if items.is_empty() => json!({}),
        Kind::Tuple(items) | Kind::List(items) => items.iter().map(value).collect(),
        Kind::Map(entries) => {
            let entry = |(key, one): &(Node, Node)| (value(key).as_str().expect("a name").to_owned(), value(one));
            Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
        }
        Kind::None => Value::Null,
        Kind::Some(inner) => value(inner),
        Kind::Char(_) | Kind::Broken => panic!("not used in scenarios"),
    }
}

/// Whether a value fits a schema: the keywords that the generated one uses, patterns left out.
struct Schema<'a> {
    root: &'a Value,
}

impl Schema<'_> {
    fn fits(&self, schema: &Value, value: &Value) -> bool {
        if let Some(flag) = schema.as_bool() {
            return flag;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !self.fits(self.root.pointer(&reference[1..]).expect("a definition"), value)
        {
            return false;
        }
        let list = |key: &str| schema.get(key).and_then(Value::as_array);
        list("anyOf").is_none_or(|all| all.iter().any(|one| self.fits(one, value)))
            && list("oneOf").is_none_or(|all| all.iter().filter(|one| self.fits(one, value)).count() == 1)
            && list("enum").is_none_or(|all| all.contains(value))
            && schema.get("const").is_none_or(|only| only == value)
            && schema.get("type").is_none_or(|types| has_type(types, value))
            && schema
                .get("minimum")
                .and_then(Value::as_f64)
                .is_none_or(|least| value.as_f64().is_none_or(|v| v >= least))
            && schema.get("maximum").and_then(Value::as_f64).is_none_or(|most| value.as_f64().is_none_or(|v| v <= most))
            && value.as_object().is_none_or(|object| self.object_fits(schema, object))
            && value.as_array().is_none_or(|items| self.array_fits(schema, items))
    }

    fn object_fits(&self, schema: &Value, object: &Map<String, Value>) -> bool {
        let required = schema.get("required").and_then(Value::as_array);
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        required.is_none_or(|names| names.iter().all(|name| object.contains_key(name.as_str().expect("a name"))))
            && object.iter().all(|(name, value)| match properties.and_then(|known| known.get(name)) {
                Some(known) => self.fits(known, value),
                None => others.is_none_or(|others| self.fits(others, value)),
            })
    }

    fn array_fits(&self, schema: &Value, items: &[Value]) -> bool {
        let firsts = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let limit = |key: &str| schema.get(key).and_then(Value::as_u64).map(|limit| limit as usize);
        limit("minItems").is_none_or(|least| items.len() >= least)
            && limit("maxItems").is_none_or(|most| items.len() <= most)
            && firsts.iter().zip(items).all(|(schema, item)| self.fits(schema, item))
            && schema.get("items").is_none_or(|rest| items.iter().skip(firsts.len()).all(|item| self.fits(rest, item)))
    }
}

fn has_type(types: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not known here"),
    };
    types.as_array().map_or_else(|| is(types), |types| types.iter().any(is))
}

#[test]
fn the_schema_accepts_what_is_accepted() {
    let root = json_schema();
    let schema = Schema { root: &root };
    for name in ["minimal.ron", "shop.ron", "trace.ron"] {
        let document = document(&text(name));
        for (field, value) in document.as_object().expect("an object") {
            assert!(schema.fits(&root["properties"][field], value), "{name}: {field}");
        }
        assert!(schema.fits(&root, &document), "{name}");
    }
}

#[test]
fn the_schema_accepts_every_scenario_of_the_library() {
    let root = json_schema();
    let schema = Schema { root: &root };
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/library");
    let mut seen = 0;
    for folder in fs::read_dir(library).expect("the library is there") {
        let file = folder.expect("a folder").path().join("scenario.ron");
        let text = fs::read_to_string(&file).expect("every folder holds a scenario");
        assert!(schema.fits(&root, &document(&text)), "{}", file.display());
        seen += 1;
    }
    assert!(seen >= 2, "{seen} scenarios");
}

#[test]
fn the_schema_refuses_what_it_can_see_is_wrong() {
    let root = json_schema();
    let schema = Schema { root: &root };
    let wrong = [
        ("instances: 4", "instances: \"4\""),
        ("instances: 4", "instances: -4"),
        ("queue: (capacity: 100, discipline: Fifo)", "queue: (capacity: 100, disciplin: Fifo)"),
        ("capacity: Workers(32)", "capacity: Wokers(32)"),
        ("Call(\"db.query\")", "Cal(\"db.query\")"),
        ("maximumPoolSize: 20", "maximumPoolSze: 20"),
        ("preset: \"hikaricp\"", "preset: \"hikari\""),
        ("scope: Endpoint", "minimumNumberOfCalls: true"),
        ("difficulty: Intermediate", "difficulty: Hard"),
        ("duration: \"20m\"", "duration: 1200"),
    ];
    for (right, instead) in wrong {
        let text = text("shop.ron");
        assert!(text.contains(right), "{right}");
        assert!(!schema.fits(&root, &document(&text.replacen(right, instead, 1))), "{instead}");
    }
}

#[test]
fn everything_in_the_schema_is_described() {
    fn walk(at: &str, schema: &Value) {
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let described = property.get("description").is_some() || schema.get("description").is_some();
            assert!(described, "{at}.{name}");
        }
    }
    let root = json_schema();
    walk("Scenario", &root);
    for (name, definition) in root["$defs"].as_object().expect("definitions") {
        assert!(definition.get("description").is_some(), "{name}");
        walk(name, definition);
    }
}
