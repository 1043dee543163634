//! JSON Schema of configured mechanisms: for each preset an object with exactly its settings.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use super::{Mechanism, PresetInfo, RetryBudget, Setting, SettingKind, describe};

/// The schema of a mechanism's settings: those of any one of its presets.
pub(crate) fn schema<M: Mechanism>() -> Schema {
    schema_with::<M>(M::PRESETS.first().map_or("", |preset| preset.name))
}

fn schema_with<M: Mechanism>(default: &str) -> Schema {
    let presets: Vec<Value> = describe::<M>().iter().map(|info| preset(info, info.name == default)).collect();
    json_schema!({
        "description": format!("{}: a preset and overrides of its settings.", M::NAME),
        "anyOf": presets,
    })
}

fn preset(info: &PresetInfo, default: bool) -> Value {
    let mut properties = Map::new();
    properties.insert("preset".to_owned(), json!({ "const": info.name, "description": info.source }));
    let mut required: Vec<&str> = if default { Vec::new() } else { vec!["preset"] };
    for setting in &info.settings {
        properties.insert(setting.name.to_owned(), property(setting));
        // The spelling of other languages' libraries is read too.
        for spelling in [snake_case(setting.name), camel_case(setting.name)] {
            properties.insert(spelling, property(setting));
        }
        if setting.default.is_none() {
            required.push(setting.name);
        }
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(setting: &Setting) -> Value {
    let mut value = of_kind(&setting.kind);
    let default = setting.default.as_ref().map_or_else(String::new, |default| format!(" Default: {default}."));
    value["description"] = format!("{}.{default}", setting.doc).into();
    value
}

fn of_kind(kind: &SettingKind) -> Value {
    match kind {
        SettingKind::Count => json!({ "type": "integer", "minimum": 0 }),
        SettingKind::Duration | SettingKind::Rate | SettingKind::Text => json!({ "type": "string" }),
        SettingKind::DurationOrMillis | SettingKind::Percent | SettingKind::Share => {
            json!({ "type": ["number", "string"] })
        }
        SettingKind::Number => json!({ "type": "number" }),
        SettingKind::Flag => json!({ "type": "boolean" }),
        SettingKind::Errors(names) => {
            json!({ "type": "array", "items": { "anyOf": [{ "enum": names }, { "type": ["string", "integer"] }] } })
        }
        SettingKind::Choice(names) => json!({ "enum": names }),
        SettingKind::Form(_) => json!({ "type": ["string", "object"] }),
        SettingKind::Budget(default) => Value::from(schema_with::<RetryBudget>(default)),
    }
}

/// `maximumPoolSize` as `maximum_pool_size`.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for (at, c) in name.char_indices() {
        if c.is_ascii_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// `max_attempts` as `maxAttempts`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = snake_case(name).split('_').map(str::to_owned).collect::<Vec<_>>();
    for word in words.iter_mut().skip(1) {
        if let Some(first) = word.get_mut(..1) {
            first.make_ascii_uppercase();
        }
    }
    words.concat()
}
