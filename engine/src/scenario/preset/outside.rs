//! Whole numbers that no setting could be: below zero, or beyond 2^32 where the setting ends before.
//!
//! The type of a setting knows no range but its own, 0 to 4294967295; the range that counts is judged on the finished spec.
//! So the preset is read once more with the nearest number in its place, and what is said about that one is said.

use super::settings::same;
use super::{Mechanism, Preset, Settings};
use crate::scenario::document::SettingsDoc;
use crate::text::{Diagnostic, Diagnostics, Field, Kind, Node, OUTSIDE_OF_TYPE, Span};

/// Reports such numbers. Returns the settings without them, or `None` if there are none.
pub(super) fn report<M: Mechanism>(
    preset: &Preset<M::Spec>,
    doc: &SettingsDoc,
    diagnostics: &mut Diagnostics,
) -> Option<SettingsDoc> {
    doc.fields.iter().find_map(nearest)?;
    let refused = refused::<M>(preset, doc);
    let outside = |field: &Field| nearest(field).filter(|_| refused.contains(&field.value.span));
    let nearest: Vec<Option<&str>> = doc.fields.iter().map(outside).collect();
    let mut readable = doc.clone();
    for (field, nearest) in readable.fields.iter_mut().zip(&nearest) {
        if let Some(nearest) = nearest {
            field.value.kind = Kind::Number((*nearest).to_owned());
        }
    }
    let remedies = remedies::<M>(preset, &readable);
    for (at, nearest) in nearest.into_iter().enumerate().filter_map(|(at, nearest)| Some((at, nearest?))) {
        let field = &doc.fields[at];
        let remedy = remedies.iter().find(|(name, _)| same(name, &field.name)).map(|(_, remedy)| remedy.as_str());
        let remedy = remedy.unwrap_or(if nearest == "0" { "at least 0" } else { "a number below 2^32" });
        let message = format!("{}: {} is {}", M::NAME, *field.name, number(&field.value));
        diagnostics.push(Diagnostic::error("out-of-range", field.value.span.clone(), message).help(remedy));
        readable.fields[at].value.kind = Kind::Broken;
    }
    Some(readable)
}

/// The places of whole numbers that are outside of their setting's type. A product may well allow -1.
fn refused<M: Mechanism>(preset: &Preset<M::Spec>, doc: &SettingsDoc) -> Vec<Span> {
    let mut found = Diagnostics::default();
    (preset.read)(&mut Settings::new(doc, &mut found));
    let by_type = |help: &str| help.starts_with(OUTSIDE_OF_TYPE);
    let refused =
        found.into_iter().filter(|one| one.code == "out-of-range" && one.help.as_deref().is_some_and(by_type));
    refused.map(|one| one.span).collect()
}

/// The nearest number that can be read, of a whole number that may be outside of everything.
fn nearest(field: &Field) -> Option<&'static str> {
    let Kind::Number(text) = &field.value.kind else { return None };
    let value: i128 = text.replace('_', "").parse().ok()?;
    match value {
        ..0 => Some("0"),
        0x1_0000_0000.. => Some("4294967295"),
        _ => None,
    }
}

/// A number as written, if it is not absurdly long.
fn number(node: &Node) -> String {
    const LONGEST: usize = 40;
    match &node.kind {
        Kind::Number(text) if text.len() <= LONGEST => text.clone(),
        _ => "out of range".to_owned(),
    }
}

/// What would be right, by setting.
fn remedies<M: Mechanism>(preset: &Preset<M::Spec>, doc: &SettingsDoc) -> Vec<(String, String)> {
    let mut found = Diagnostics::default();
    let mut settings = Settings::new(doc, &mut found);
    let spec = (preset.read)(&mut settings);
    let judged = M::validate(&spec).into_iter().map(|(name, _, help)| (name.to_owned(), help));
    let read = doc.fields.iter().filter_map(|field| {
        let about = found.iter().find(|found| found.span == field.value.span)?;
        Some((field.name.value.clone(), about.help.clone()?))
    });
    judged.chain(read).collect()
}
