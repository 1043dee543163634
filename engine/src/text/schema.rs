//! JSON Schemas of documents: RON with fields and variants written as JSON objects, variants tagged from outside.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Map, Value, json};

use super::Decode;

/// The JSON Schema (draft 2020-12) of a document, definitions included.
#[must_use]
pub fn json_schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

/// The schema of a struct as it is put together field by field.
#[derive(Debug)]
pub struct ObjectSchema {
    description: String,
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl ObjectSchema {
    /// A struct with the lines of its doc comment.
    #[must_use]
    pub fn new(docs: &[&str]) -> Self {
        Self { description: description(docs), properties: Map::new(), required: Vec::new() }
    }

    /// Adds a field with the lines of its doc comment. It is required if it has no default and its type none either.
    #[must_use]
    pub fn field<T: Decode>(
        mut self,
        name: &'static str,
        docs: &[&str],
        has_default: bool,
        generator: &mut SchemaGenerator,
    ) -> Self {
        let mut schema = generator.subschema_for::<T>();
        describe(&mut schema, description(docs));
        self.properties.insert(name.to_owned(), schema.into());
        if !has_default && T::absent().is_none() {
            self.required.push(name);
        }
        self
    }

    /// The finished schema. It allows no other fields.
    #[must_use]
    pub fn finish(self) -> Schema {
        let mut schema = json_schema!({
            "type": "object",
            "properties": self.properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), json!(self.required));
        }
        describe(&mut schema, self.description);
        schema
    }
}

/// The schema of an enum as it is put together variant by variant.
#[derive(Debug)]
pub struct VariantsSchema {
    description: String,
    variants: Vec<Value>,
}

impl VariantsSchema {
    /// An enum with the lines of its doc comment.
    #[must_use]
    pub fn new(docs: &[&str]) -> Self {
        Self { description: description(docs), variants: Vec::new() }
    }

    /// Adds a variant without values: its name as a string.
    pub fn unit(&mut self, name: &str, docs: &[&str]) {
        self.push(json_schema!({ "type": "string", "const": name }), docs);
    }

    /// Adds a variant with a value: an object with the name as its only key.
    pub fn tagged(&mut self, name: &str, docs: &[&str], value: Schema) {
        let schema = json_schema!({
            "type": "object",
            "properties": { name: value },
            "required": [name],
            "additionalProperties": false,
        });
        self.push(schema, docs);
    }

    /// The finished schema: exactly one of the variants.
    #[must_use]
    pub fn finish(self) -> Schema {
        let mut schema = json_schema!({ "oneOf": self.variants });
        describe(&mut schema, self.description);
        schema
    }

    fn push(&mut self, mut schema: Schema, docs: &[&str]) {
        describe(&mut schema, description(docs));
        self.variants.push(schema.into());
    }
}

fn describe(schema: &mut Schema, description: String) {
    if !description.is_empty() {
        schema.insert("description".to_owned(), description.into());
    }
}

/// The lines of a doc comment as paragraphs.
fn description(docs: &[&str]) -> String {
    let mut text = String::new();
    for line in docs.iter().map(|line| line.trim()) {
        let separator = if line.is_empty() { "\n\n" } else { " " };
        if !text.is_empty() && !text.ends_with("\n\n") {
            text.push_str(separator);
        }
        text.push_str(line);
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doc_comments_become_paragraphs() {
        assert_eq!(description(&[" One", " sentence.", "", " Another.", ""]), "One sentence.\n\nAnother.");
        assert_eq!(description(&[]), "");
    }
}
