//! A mechanism with settings: a preset by its name, and overrides by the product's own setting names.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::scenario::preset::Mechanism;
use crate::text::{Decode, Diagnostic, Diagnostics, Field, Kind, Node, Span, Spanned};

/// The settings of a mechanism `M` as written: `(preset: "hikaricp", maximumPoolSize: 20)`.
pub struct Configured<M> {
    settings: SettingsDoc,
    mechanism: PhantomData<fn() -> M>,
}

/// Settings as written, of whatever mechanism.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsDoc {
    /// The name of the preset.
    pub(crate) preset: Option<Spanned<String>>,
    /// Everything else.
    pub(crate) fields: Vec<Field>,
    /// Where they stand.
    pub(crate) head: Span,
}

impl<M> Deref for Configured<M> {
    type Target = SettingsDoc;

    fn deref(&self) -> &SettingsDoc {
        &self.settings
    }
}

impl<M> Clone for Configured<M> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone(), mechanism: PhantomData }
    }
}

impl<M> PartialEq for Configured<M> {
    fn eq(&self, other: &Self) -> bool {
        self.settings == other.settings
    }
}

impl<M> fmt::Debug for Configured<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

impl SettingsDoc {
    /// The settings at a node, or `None` after reporting that there are none.
    pub(crate) fn read(node: &Node, owner: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let head = node.head();
        match &node.kind {
            Kind::Tuple(items) if items.is_empty() => Some(Self { head, ..Self::default() }),
            Kind::Struct(written) => Some(Self::split(written, head, diagnostics)),
            _ => {
                let help = format!("write {owner}(preset: \"..\"), with the settings that differ behind it");
                diagnostics.wrong_type(node, &format!("{owner}(preset: \"..\", setting: value, ..)"), help);
                None
            }
        }
    }

    fn split(written: &[Field], head: Span, diagnostics: &mut Diagnostics) -> Self {
        let mut settings = Self { head, ..Self::default() };
        for field in written {
            if field.name.value != "preset" {
                settings.fields.push(field.clone());
            } else if let Some(first) = &settings.preset {
                let message = "a preset is named for the second time";
                let diagnostic = Diagnostic::error("duplicate-field", field.name.span.clone(), message);
                diagnostics.push(diagnostic.label(first.span.clone(), "first here").help("remove one of the two"));
            } else {
                settings.preset = Spanned::decode(&field.value, diagnostics);
            }
        }
        settings
    }
}

impl<M: Mechanism> Decode for Configured<M> {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let settings = SettingsDoc::read(node, M::NAME, diagnostics)?;
        Some(Self { settings, mechanism: PhantomData })
    }
}

impl<M: Mechanism> JsonSchema for Configured<M> {
    fn schema_name() -> Cow<'static, str> {
        M::NAME.into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("{}::{}", module_path!(), M::NAME).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        crate::scenario::preset::schema::<M>()
    }
}
