//! Quantities with units in a text: strings in the form their type reads.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::ast::shorten;
use super::decode::in_quotes;
use super::{Decode, Diagnostic, Diagnostics, Kind, Node};
use crate::units::{Bytes, Money, Quantity, Rate, Ratio, SimDuration, SimTime, UnitError};

/// No quantity needs a longer text, and messages quote it.
const LONGEST: usize = 100;

/// Reads the text of a quantity; a bare number is read too, and its error then says which unit it lacks.
fn decode_quantity<T: FromStr<Err = UnitError>>(
    node: &Node,
    quantity: Quantity,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let (Kind::Text(text) | Kind::Number(text)) = &node.kind else {
        let help = in_quotes(node).unwrap_or_else(|| format!("write a string: {}", quantity.examples()));
        diagnostics.wrong_type(node, quantity.name(), help);
        return None;
    };
    if text.len() > LONGEST {
        let message = format!("`{}` is too long for {}", shorten(text), quantity.name());
        diagnostics.push(Diagnostic::error("bad-quantity", node.span.clone(), message).help(quantity.examples()));
        return None;
    }
    let bare = matches!(node.kind, Kind::Number(_));
    let error = match text.parse() {
        Ok(value) if !bare || quantity == Quantity::Ratio => return Some(value),
        Ok(_) => UnitError::UnitMissing { quantity, number: text.clone() },
        Err(error) => error,
    };
    let quotes = if bare { ", in double quotes" } else { "" };
    let help = format!("{}{quotes}", error.help());
    diagnostics.push(Diagnostic::error(code(&error), node.span.clone(), error.to_string()).help(help));
    None
}

fn code(error: &UnitError) -> &'static str {
    match error {
        UnitError::UnitMissing { .. } | UnitError::AmbiguousRatio { .. } => "unit-missing",
        UnitError::UnknownUnit { .. } => "unknown-unit",
        UnitError::Negative(_) | UnitError::TooLarge(_) | UnitError::TooFine(_) => "out-of-range",
        _ => "bad-quantity",
    }
}

macro_rules! quantities {
    ($($type:ident $quantity:ident $pattern:literal $description:literal;)*) => {$(
        impl Decode for $type {
            fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
                decode_quantity(node, Quantity::$quantity, diagnostics)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn schema_id() -> Cow<'static, str> {
                concat!("brownout::units::", stringify!($type)).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let examples: Vec<&str> = Quantity::$quantity.examples().split(", ").collect();
                json_schema!({
                    "type": "string",
                    "description": format!("{} For example {}.", $description, examples.join(", ")),
                    "pattern": $pattern,
                })
            }
        }
    )*};
}

quantities! {
    SimDuration Duration r"^([0-9][0-9_.]*\s*(ns|us|ms|s|m|h|d)\s*)+$" "A span of time with its unit.";
    SimTime Instant r"^([0-9]+:)?[0-9]+:[0-5][0-9](\.[0-9]+)?$|^([0-9][0-9_.]*\s*(ns|us|ms|s|m|h|d)\s*)+$"
        "An instant, counted from the start.";
    Rate Rate r"^[0-9][0-9_.]*\s*/(s|min|h)$" "Events per time.";
    Bytes Bytes r"^[0-9][0-9_.]*\s*([kMGT]?B|[KMGT]iB)$" "An amount of data.";
    Money Money r"^-?[0-9][0-9_.]*\s*[A-Z]{3}$" "An amount of money with its currency.";
}

impl Decode for Ratio {
    /// A string, or a bare number from 0 to 1.
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        decode_quantity(node, Quantity::Ratio, diagnostics)
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> Cow<'static, str> {
        "Ratio".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "brownout::units::Ratio".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A fraction: a percentage such as \"5%\", or a number from 0 to 1.",
            "anyOf": [
                { "type": "string", "pattern": r"^[0-9][0-9_.]*\s*%$|^0(\.[0-9_]+)?$|^1(\.0+)?$" },
                { "type": "number", "minimum": 0, "maximum": 1 },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Source, read};

    fn diagnostic<T: Decode>(text: &str) -> Diagnostic {
        let read = read::<T>(&Source::new("test.ron", text));
        assert_eq!(read.diagnostics.len(), 1);
        read.diagnostics[0].clone()
    }

    #[test]
    fn quantities_are_strings() {
        let value = |text: &str| read::<SimDuration>(&Source::new("t", text)).into_result().unwrap().0;
        assert_eq!(value("\"1h30m\""), SimDuration::from_secs(5_400));
        let ratio = |text: &str| read::<Ratio>(&Source::new("t", text)).into_result().unwrap().0;
        assert_eq!((ratio("\"5%\""), ratio("0.05")), (Ratio::new(0.05), Ratio::new(0.05)));
    }

    #[test]
    fn a_bare_number_lacks_its_unit() {
        let missing = diagnostic::<SimDuration>("250");
        assert_eq!(missing.code, "unit-missing");
        assert_eq!(missing.help.unwrap(), "write 250ms, 250s, 250m, in double quotes");
        assert_eq!(diagnostic::<Rate>("1200").code, "unit-missing");
        assert_eq!(diagnostic::<Bytes>("16").code, "unit-missing");
        assert_eq!(diagnostic::<Ratio>("5").code, "unit-missing");
    }

    #[test]
    fn errors_have_their_codes() {
        assert_eq!(diagnostic::<SimDuration>("\"5 parsecs\"").code, "unknown-unit");
        assert_eq!(diagnostic::<SimDuration>("\"-5s\"").code, "out-of-range");
        assert_eq!(diagnostic::<SimDuration>("-5").code, "out-of-range");
        assert_eq!(diagnostic::<Money>("\"much\"").code, "bad-quantity");
        assert_eq!(diagnostic::<SimTime>("[1]").code, "wrong-type");
    }
}
