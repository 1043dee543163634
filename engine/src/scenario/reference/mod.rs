//! The reference of scenario files as Markdown: an example, every type with its fields and kinds, every preset.
//!
//! It is made of the JSON Schema and of [`presets`], and so of the types themselves: what it says is what is read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{PresetInfo, Setting, SettingKind, json_schema, presets};

/// A small scenario that begins the reference.
const EXAMPLE: &str = include_str!("example.ron");

/// The reference of scenario files, as Markdown.
#[must_use]
pub fn reference() -> String {
    let schema = json_schema();
    let mut text = format!(
        "# Writing a scenario: reference\n\n\
         Printed by `brownout check --reference`. A scenario is one RON file. Structures stand in parentheses, maps from \
         names in braces with the names in quotes, lists in brackets. Quantities are strings with their unit: `\"250ms\"`, \
         `\"1200/s\"`, `\"5%\"`.\n\n## A small scenario\n\n```ron\n{EXAMPLE}```\n\n## Scenario\n"
    );
    described(&mut text, &schema);
    fields(&mut text, &schema, "");
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut queue: Vec<String> = references(&schema, true);
    queue.retain(|name| seen.insert(name.clone()));
    let mut at = 0;
    while let Some(name) = queue.get(at).cloned() {
        let schema = &schema["$defs"][&name];
        type_of(&mut text, &name, schema);
        for next in references(schema, false) {
            if seen.insert(next.clone()) {
                queue.push(next);
            }
        }
        at += 1;
    }
    text.push_str(
        "\n## Presets\n\nThe first preset of a mechanism is meant where none is named. Durations of products that take \
                   bare milliseconds can be written so; a setting may be written in snake_case or camelCase.\n",
    );
    presets().iter().for_each(|info| preset(&mut text, info));
    text
}

/// The types that a schema refers to, what it demands first. Those of mechanisms are described by their presets.
fn references(schema: &Value, root: bool) -> Vec<String> {
    let mut names = Vec::new();
    match schema {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
                names.push(name.to_owned());
            }
            for (_, value) in object.iter().filter(|(key, _)| !root || *key != "$defs") {
                names.extend(references(value, false));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names.extend(references(item, false))),
        _ => {}
    }
    names.retain(|name| !is_mechanism(name));
    names
}

fn is_mechanism(name: &str) -> bool {
    presets().iter().any(|info| info.mechanism == name)
}

fn type_of(text: &mut String, name: &str, schema: &Value) {
    text.push_str(&format!("\n## {name}\n"));
    described(text, schema);
    if schema.get("properties").is_some() {
        fields(text, schema, "");
    } else if let Some(kinds) = schema.get("oneOf").and_then(Value::as_array) {
        text.push('\n');
        kinds.iter().for_each(|one| kind(text, one));
    } else {
        text.push_str(&format!("\nWritten as {}.\n", form(schema)));
    }
}

fn described(text: &mut String, schema: &Value) {
    if let Some(description) = schema.get("description").and_then(Value::as_str) {
        text.push_str(&format!("\n{description}\n"));
    }
}

/// One kind of an enumeration, with its value or its fields below it.
fn kind(text: &mut String, schema: &Value) {
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    if let Some(name) = schema.get("const").and_then(Value::as_str) {
        text.push_str(&format!("- `{name}`: {description}\n"));
        return;
    }
    let Some((name, value)) = schema.get("properties").and_then(Value::as_object).and_then(|all| all.iter().next())
    else {
        return;
    };
    if value.get("properties").is_some() {
        text.push_str(&format!("- `{name}(..)`: {description}\n"));
        fields(text, value, "  ");
    } else {
        text.push_str(&format!("- `{name}(..)` with {}: {description}\n", form(value)));
    }
}

/// The fields of a structure, those that must be given first.
fn fields(text: &mut String, schema: &Value, indent: &str) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if indent.is_empty() {
        text.push('\n');
    }
    for wanted in [true, false] {
        for (name, field) in properties.iter().filter(|(name, _)| required.contains(&name.as_str()) == wanted) {
            let description = field.get("description").and_then(Value::as_str).unwrap_or_default();
            let optional = if wanted { "required" } else { "optional" };
            text.push_str(&format!("{indent}- `{name}`, {optional}, {}: {description}\n", form(field)));
        }
    }
}

/// What can be written for a schema, in words.
fn form(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        let heading = if is_mechanism(name) { "presets".to_owned() } else { name.to_lowercase() };
        return format!("[{name}](#{heading})");
    }
    if let Some(forms) = schema.get("anyOf").and_then(Value::as_array) {
        let forms: Vec<String> = forms.iter().filter(|one| one["type"] != "null").map(form).collect();
        return forms.join(" or ");
    }
    let types = &schema["type"];
    let is = |wanted: &str| types == wanted || types.as_array().is_some_and(|all| all.iter().any(|one| one == wanted));
    if is("array") {
        return match schema.get("prefixItems").and_then(Value::as_array) {
            Some(items) => format!("({})", items.iter().map(form).collect::<Vec<_>>().join(", ")),
            None => format!("a list of {}", form(&schema["items"])),
        };
    }
    if let Some(value) = schema.get("additionalProperties").filter(|value| value.is_object()) {
        return format!("a map from names to {}", form(value));
    }
    let words = [
        ("integer", "a whole number"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("string", "a string"),
        ("object", "fields in parentheses"),
    ];
    let words: Vec<&str> = words.iter().filter(|(name, _)| is(name)).map(|(_, words)| *words).collect();
    words.join(" or ")
}

fn preset(text: &mut String, info: &PresetInfo) {
    text.push_str(&format!("\n### {}(preset: \"{}\")\n\n{}\n\n", info.mechanism, info.name, info.source));
    if info.settings.is_empty() {
        text.push_str("It has no settings.\n");
        return;
    }
    text.push_str("| setting | takes | default | what it does |\n|---|---|---|---|\n");
    for Setting { name, kind, default, doc } in &info.settings {
        let default = default.as_deref().unwrap_or("must be given");
        text.push_str(&format!("| `{name}` | {} | {default} | {doc} |\n", takes(kind)));
    }
}

fn takes(kind: &SettingKind) -> String {
    let words = match kind {
        SettingKind::Count => "a whole number",
        SettingKind::Duration => "a duration",
        SettingKind::DurationOrMillis => "a duration, or milliseconds",
        SettingKind::Percent => "per cent: `50` or `\"50%\"`",
        SettingKind::Number => "a number",
        SettingKind::Share => "a share: `0.5` or `\"50%\"`",
        SettingKind::Rate => "a rate",
        SettingKind::Flag => "true or false",
        SettingKind::Errors(_) => "a list of error kinds",
        SettingKind::Choice(names) => return names.join(", "),
        SettingKind::Form(forms) => forms,
        SettingKind::Text => "a string",
        SettingKind::Budget(_) => "a RetryBudget",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page says is what is read; `brownout check --reference > docs/scenario-reference.md` makes it so again.
    #[test]
    fn the_committed_page_is_the_generated_one() {
        let page = include_str!("../../../../docs/scenario-reference.md");
        assert!(page == reference(), "docs/scenario-reference.md is not what `brownout check --reference` prints");
    }

    #[test]
    fn every_kind_field_and_setting_is_on_the_page() {
        let page = reference();
        let schema = json_schema();
        for (name, schema) in schema["$defs"].as_object().expect("types").iter().filter(|(name, _)| !is_mechanism(name))
        {
            assert!(page.contains(&format!("\n## {name}\n")), "{name}");
            for (field, _) in schema["properties"].as_object().into_iter().flatten() {
                assert!(page.contains(&format!("- `{field}`, ")), "{name}.{field}");
            }
        }
        for info in presets() {
            assert!(page.contains(&format!("{}(preset: \"{}\")", info.mechanism, info.name)));
        }
        for kind in
            ["Lognormal(..)", "LostCapacity(..)", "OpenBreakers(..)", "Repeat(..)", "Sessions(..)", "RoundRobin"]
        {
            assert!(page.contains(&format!("`{kind}`")), "{kind}");
        }
    }
}
