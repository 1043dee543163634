//! Declaring document types: one text for the type, for how it is read, and for its JSON Schema.

/// Declares a document type: a struct or an enum with its [`Decode`](crate::text::Decode) and
/// [`JsonSchema`](schemars::JsonSchema) implementations.
///
/// - Doc comments are required where the lints require them, and become the schema's descriptions.
/// - Fields have the visibility of the type. A field is required unless it has a default (`= expression`) or its type
///   has a value when absent ([`Option`] has).
/// - Variants hold nothing, one value `Name(Type)`, or fields `Name { .. }`, and are tagged from outside as usual in
///   RON.
/// - The types are [`Clone`], [`Debug`] and [`PartialEq`].
///
/// ```
/// use brownout::text::{Diagnostic, Source, Spanned, read, suggest};
/// use brownout::units::SimDuration;
///
/// brownout::document! {
///     /// A service and how it waits.
///     pub struct Service {
///         /// What others call it.
///         name: Spanned<String>,
///         /// How many requests it serves at once.
///         workers: u32 = 4,
///         /// How long a request may take; without it, any time.
///         timeout: Option<SimDuration>,
///         /// What happens between two tries.
///         backoff: Backoff = Backoff::Immediate,
///     }
/// }
///
/// brownout::document! {
///     /// The time between two tries.
///     pub enum Backoff {
///         /// None at all.
///         Immediate,
///         /// Always the same.
///         Fixed(SimDuration),
///         /// Growing.
///         Exponential {
///             /// The first.
///             base: SimDuration,
///             /// How much longer the next one is.
///             factor: f64 = 2.0,
///         },
///     }
/// }
///
/// let text = r#"Service(name: "chekout", timeout: "2s", backoff: Exponential(base: "100ms"))"#;
/// let mut read = read::<Service>(&Source::new("service.ron", text));
/// let service = read.value.as_ref().unwrap();
/// assert_eq!(service.workers, 4);
///
/// // A check that comes after reading points at the value it is about.
/// let known = ["cart", "checkout"];
/// if !known.contains(&service.name.as_str()) {
///     let message = format!("there is no service \"{}\"", service.name.value);
///     let mut diagnostic = Diagnostic::error("unknown-service", service.name.span.clone(), message);
///     if let Some(near) = suggest(&service.name, known) {
///         diagnostic = diagnostic.help(format!("did you mean \"{near}\"?"));
///     }
///     read.diagnostics.push(diagnostic);
/// }
/// assert!(read.into_result().is_err());
/// ```
#[macro_export]
macro_rules! document {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $field_doc:literal])* $field:ident : $type:ty $(= $default:expr)? ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $field_doc])* $vis $field: $type, )*
        }

        impl $crate::text::Decode for $name {
            fn decode(
                node: &$crate::text::Node,
                diagnostics: &mut $crate::text::Diagnostics,
            ) -> ::core::option::Option<Self> {
                const NAMES: &[&str] = &[$(stringify!($field)),*];
                let mut fields = $crate::text::Fields::open(node, stringify!($name), NAMES, diagnostics)?;
                $( let $field = $crate::document!(@field fields diagnostics $field $type $(= $default)?); )*
                fields.close(diagnostics);
                ::core::option::Option::Some(Self { $($field: $field?),* })
            }
        }

        $crate::document!(@schema $name, |_generator| {
            $crate::text::ObjectSchema::new(&[$($doc),*])
                $( .field::<$type>(
                    stringify!($field), &[$($field_doc),*], $crate::document!(@given $($default)?), _generator,
                ) )*
                .finish()
        });
    };

    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident {
            $(
                $(#[doc = $variant_doc:literal])*
                $variant:ident
                $( ( $newtype:ty ) )?
                $( { $( $(#[doc = $field_doc:literal])* $field:ident : $type:ty $(= $default:expr)? ),* $(,)? } )?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq)]
        $vis enum $name {
            $(
                $(#[doc = $variant_doc])*
                $variant $( ( $newtype ) )? $( { $( $(#[doc = $field_doc])* $field: $type, )* } )?,
            )*
        }

        impl $crate::text::Decode for $name {
            fn decode(
                node: &$crate::text::Node,
                diagnostics: &mut $crate::text::Diagnostics,
            ) -> ::core::option::Option<Self> {
                const VARIANTS: &[&str] = &[$(stringify!($variant)),*];
                let (name, _body) = $crate::text::variant(node, stringify!($name), VARIANTS, diagnostics)?;
                $(
                    if name == stringify!($variant) {
                        return $crate::document!(
                            @variant node _body diagnostics $name $variant
                            $( ( $newtype ) )? $( { $( $field : $type $(= $default)? ),* } )?
                        );
                    }
                )*
                ::core::option::Option::None
            }
        }

        $crate::document!(@schema $name, |_generator| {
            let mut variants = $crate::text::VariantsSchema::new(&[$($doc),*]);
            $( $crate::document!(
                @variant_schema variants _generator $variant [$($variant_doc),*]
                $( ( $newtype ) )? $( { $( [$($field_doc),*] $field : $type $(= $default)? ),* } )?
            ); )*
            variants.finish()
        });
    };

    (@field $fields:ident $diagnostics:ident $field:ident $type:ty) => {
        $fields.required::<$type>(stringify!($field), $diagnostics)
    };
    (@field $fields:ident $diagnostics:ident $field:ident $type:ty = $default:expr) => {
        $fields.optional::<$type>(stringify!($field), || $default, $diagnostics)
    };

    (@given) => { false };
    (@given $default:expr) => { true };

    (@variant $node:ident $body:ident $diagnostics:ident $name:ident $variant:ident) => {
        $crate::text::unit_variant($node, stringify!($variant), $body, $diagnostics).map(|()| $name::$variant)
    };
    (@variant $node:ident $body:ident $diagnostics:ident $name:ident $variant:ident ( $newtype:ty )) => {
        $crate::text::newtype_variant::<$newtype>($node, stringify!($variant), $body, $diagnostics).map($name::$variant)
    };
    (@variant $node:ident $body:ident $diagnostics:ident $name:ident $variant:ident {
        $( $field:ident : $type:ty $(= $default:expr)? ),*
    }) => {{
        const NAMES: &[&str] = &[$(stringify!($field)),*];
        let mut fields = $crate::text::struct_variant($node, stringify!($variant), NAMES, $diagnostics)?;
        $( let $field = $crate::document!(@field fields $diagnostics $field $type $(= $default)?); )*
        fields.close($diagnostics);
        ::core::option::Option::Some($name::$variant { $($field: $field?),* })
    }};

    (@variant_schema $variants:ident $generator:ident $variant:ident [$($doc:literal),*]) => {
        $variants.unit(stringify!($variant), &[$($doc),*]);
    };
    (@variant_schema $variants:ident $generator:ident $variant:ident [$($doc:literal),*] ( $newtype:ty )) => {
        let value = $generator.subschema_for::<$newtype>();
        $variants.tagged(stringify!($variant), &[$($doc),*], value);
    };
    (@variant_schema $variants:ident $generator:ident $variant:ident [$($doc:literal),*] {
        $( [$($field_doc:literal),*] $field:ident : $type:ty $(= $default:expr)? ),*
    }) => {
        let object = $crate::text::ObjectSchema::new(&[])
            $( .field::<$type>(
                stringify!($field), &[$($field_doc),*], $crate::document!(@given $($default)?), $generator,
            ) )*
            .finish();
        $variants.tagged(stringify!($variant), &[$($doc),*], object);
    };

    (@schema $name:ident, |$generator:ident| $body:block) => {
        impl $crate::text::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(stringify!($name))
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(concat!(module_path!(), "::", stringify!($name)))
            }

            fn json_schema($generator: &mut $crate::text::schemars::SchemaGenerator) -> $crate::text::schemars::Schema {
                $body
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::text::mutation::{Random, mutate};
    use crate::text::{Diagnostics, NameMap, Source, Spanned, json_schema, read};
    use crate::units::{Ratio, SimDuration};

    document! {
        /// A whole file.
        struct Scenario {
            /// The version of the format.
            format: u32,
            services: NameMap<Service> = NameMap::default(),
        }
    }

    document! {
        /// A service.
        struct Service {
            /// How many requests it serves
            /// at once.
            workers: Spanned<u32>,
            timeout: Option<SimDuration>,
            backoff: Backoff = Backoff::Immediate,
            steps: Vec<Step> = Vec::new(),
        }
    }

    document! {
        /// The time between two tries.
        enum Backoff {
            /// None at all.
            Immediate,
            Fixed(SimDuration),
            Exponential { base: SimDuration, factor: f64 = 2.0, jitter: Option<Ratio> },
            Nested(Nothing),
        }
    }

    document! {
        /// Contains itself.
        enum Step {
            Work(SimDuration),
            Parallel(Vec<Step>),
        }
    }

    document! {
        struct Nothing {}
    }

    fn scenario(text: &str) -> (Option<Scenario>, Diagnostics) {
        let read = read::<Scenario>(&Source::new("test.ron", text));
        (read.value, read.diagnostics)
    }

    /// Where each code stands, as the text behind it.
    fn found<'a>(text: &'a str, diagnostics: &Diagnostics) -> Vec<(&'static str, &'a str)> {
        diagnostics.iter().map(|diagnostic| (diagnostic.code, &text[diagnostic.span.clone()])).collect()
    }

    fn backoff(text: &str) -> Backoff {
        read::<Backoff>(&Source::new("test.ron", text)).into_result().unwrap().0
    }

    #[test]
    fn reads_fields_defaults_and_options() {
        let text = r#"Scenario(format: 1, services: {
            "a": (workers: 4),
            "b": Service(workers: 2, timeout: "2s", steps: [Work("1ms"), Parallel([Work("2ms")])]),
        })"#;
        let (value, diagnostics) = scenario(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let services = value.unwrap().services;
        let (a, b) = (services.find("a").unwrap(), services.find("b").unwrap());
        assert_eq!((a.workers.value, a.timeout, &a.backoff), (4, None, &Backoff::Immediate));
        assert_eq!(&text[a.workers.span.clone()], "4");
        assert_eq!(b.timeout, Some(SimDuration::from_secs(2)));
        assert_eq!(b.steps[1], Step::Parallel(vec![Step::Work(SimDuration::from_millis(2))]));
    }

    #[test]
    fn reads_every_shape_of_variant() {
        assert_eq!(backoff("Immediate"), Backoff::Immediate);
        assert_eq!(backoff("Fixed(\"1s\")"), Backoff::Fixed(SimDuration::SECOND));
        let exponential = Backoff::Exponential { base: SimDuration::SECOND, factor: 2.0, jitter: None };
        assert_eq!(backoff("Exponential(base: \"1s\")"), exponential);
        for text in ["Nested()", "Nested(())", "Nested(Nothing())"] {
            assert_eq!(backoff(text), Backoff::Nested(Nothing {}));
        }
    }

    #[test]
    fn everything_wrong_is_reported_in_one_pass() {
        let text = r#"Scenario(format: "1", services: {
            "a": (wrokers: 4, timeout: 250, colour: 1),
            "b": (timeout: "2 parsecs", backoff: Expo, steps: [Work(5), Sleep, Work]),
            "a": (workers: 1, workers: 300000000000),
            "c": (workers: 1, backoff: Exponential(factor: 1e999)),
        }, 7: 1)"#;
        let (value, diagnostics) = scenario(text);
        assert!(value.is_none());
        let expected = [
            ("wrong-type", "\"1\""),
            ("unknown-field", "wrokers"),
            ("unit-missing", "250"),
            ("unknown-field", "colour"),
            ("missing-field", "("),
            ("unknown-unit", "\"2 parsecs\""),
            ("unknown-kind", "Expo"),
            ("unit-missing", "5"),
            ("unknown-kind", "Sleep"),
            ("wrong-type", "Work"),
            ("duplicate-name", "\"a\""),
            ("duplicate-field", "workers"),
            ("missing-field", "Exponential"),
            ("out-of-range", "1e999"),
            ("syntax", "7"),
        ];
        assert_eq!(found(text, &diagnostics), expected);
    }

    #[test]
    fn help_names_what_was_probably_meant() {
        let help = |text: &str| scenario(text).1[0].help.clone().unwrap();
        assert_eq!(help("(formt: 1)"), "did you mean `format`?");
        assert_eq!(help("(format: 1, colour: 2)"), "the fields of `Scenario` are format, services");
        assert_eq!(help("()"), "add format: ..");
        let service = |text: &str| help(&format!("(format: 1, services: {{\"a\": (workers: 1, {text})}})"));
        assert_eq!(service("backoff: Fxied(\"1s\")"), "did you mean `Fixed`?");
        assert_eq!(service("backoff: \"immediate\""), "write Immediate, without quotes");
        assert_eq!(service("backoff: Immediate()"), "write Immediate, without parentheses");
        assert_eq!(service("backoff: Exponential"), "write Exponential(base: .., factor: .., jitter: ..)");
        assert_eq!(service("backoff: Fixed"), "write Fixed(value)");
    }

    #[test]
    fn a_value_can_be_built_in_spite_of_errors() {
        let (value, diagnostics) = scenario("(format: 1, unheard_of: 2)");
        assert_eq!(value.map(|scenario| scenario.format), Some(1));
        assert!(diagnostics.has_errors());
    }

    #[test]
    fn damage_is_not_reported_as_missing() {
        let (_, diagnostics) = scenario("(services: {}, 1format: 1)");
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    }

    #[test]
    fn the_schema_says_what_is_required_and_what_it_means() {
        let schema: Value = json_schema::<Scenario>().into();
        assert_eq!(schema["description"], "A whole file.");
        assert_eq!(schema["required"], json!(["format"]));
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["format"]["description"], "The version of the format.");
        let service = &schema["$defs"]["Service"];
        assert_eq!(service["required"], json!(["workers"]));
        assert_eq!(service["properties"]["workers"]["description"], "How many requests it serves at once.");
        assert_eq!(schema["$defs"]["SimDuration"]["type"], "string");
    }

    #[test]
    fn the_schema_of_an_enum_lists_its_variants() {
        let schema: Value = json_schema::<Backoff>().into();
        let variants = schema["oneOf"].as_array().unwrap();
        assert_eq!(variants[0], json!({ "type": "string", "const": "Immediate", "description": "None at all." }));
        assert_eq!(variants[1]["required"], json!(["Fixed"]));
        assert_eq!(variants[2]["properties"]["Exponential"]["required"], json!(["base"]));
    }

    #[test]
    fn mutations_never_panic_and_nothing_fails_silently() {
        let text = r#"Scenario(format: 1, services: {
            "a": (workers: 4, timeout: Some("2s"), backoff: Exponential(base: "1ms", factor: 1.5, jitter: "5%")),
            "b": Service(workers: 2, backoff: Fixed("1s"), steps: [Work("1ms"), Parallel([Work("2ms")])]),
        })"#;
        let mut random = Random(3);
        let mut sound = 0;
        for _ in 0..10_000 {
            let mutated = mutate(text, &mut random);
            let (value, diagnostics) = scenario(&mutated);
            assert!(value.is_some() || diagnostics.has_errors(), "{mutated}");
            sound += usize::from(!diagnostics.has_errors());
        }
        assert!((500..9_500).contains(&sound), "{sound} of 10000 were sound");
    }

    #[test]
    fn messages_stay_short_whatever_the_file_says() {
        let long = "9".repeat(100_000);
        for bad in [
            format!("\"{long}\""),
            long.clone(),
            format!("x{long}"),
            format!("x{long}()"),
            format!("r{}\"", "#".repeat(100_000)),
        ] {
            for field in ["workers", "timeout", "backoff", &format!("x{long}")] {
                let text = format!("(format: 1, services: {{\"a\": (workers: 1, {field}: {bad})}})");
                for diagnostic in scenario(&text).1 {
                    let length = diagnostic.message.len() + diagnostic.help.map_or(0, |help| help.len());
                    assert!(length < 500, "{} has {length} bytes", diagnostic.code);
                }
            }
        }
    }
}
