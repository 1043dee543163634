//! What a rule file says, as it is written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::document;
use crate::text::{Amount, Decode, Diagnostics, Kind, NameMap, Node, Spanned, Vocabulary};
use crate::units::SimDuration;

/// What helps say about these files.
pub(super) const WORDS: Vocabulary = Vocabulary {
    examples: &[
        ("format", "1"),
        ("name", "\"bad deploy\""),
        ("when", "(signal: \"error-ratio of api\", above: \"5%\", holds: \"2m\")"),
        ("then", "[Act(option: \"roll-back api\")]"),
        ("rules", "[(name: \"bad deploy\", when: .., then: [..])]"),
        ("signal", "\"error-ratio of api\""),
        ("option", "\"roll-back api\""),
        ("rule", "\"bad deploy\""),
        ("service", "\"api\""),
        ("within", "\"15m\""),
        ("to", "\"status-page\""),
        ("criteria", "{\"speed\": 0.6, \"safety\": 0.4}"),
        ("options", "{\"roll-back api\": {\"speed\": 4, \"safety\": 5}}"),
    ],
    guesses: &[
        ("Rule", "do", "the actions stand in `then: [..]`"),
        ("Rule", "actions", "the actions stand in `then: [..]`"),
        ("Rule", "if", "the condition stands in `when: ..`"),
        ("Condition", "And", "write All([.., ..])"),
        ("Condition", "Or", "write Any([.., ..])"),
        ("Step", "Take", "write Act(option: \"roll-back api\")"),
    ],
    wraps: &[],
};

document! {
    /// A rule file.
    pub(super) struct Runbook {
        /// The version of the format: 1.
        format: Spanned<u32>,
        /// The rules, in the order in which they are looked at.
        rules: Spanned<Rules>,
    }
}

/// The rules that could be read; what is wrong with the others has been reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rules {
    pub(super) readable: Vec<Rule>,
    /// Whether these are all.
    pub(super) complete: bool,
}

impl Decode for Rules {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Kind::List(items) = &node.kind else {
            diagnostics.wrong_type(node, "a list", "write [(name: \"..\", when: .., then: [..]), ..]");
            return None;
        };
        let readable: Vec<Rule> = items.iter().filter_map(|item| Rule::decode(item, diagnostics)).collect();
        let complete = readable.len() == items.len() && !node.damaged;
        Some(Self { readable, complete })
    }
}

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "Rules".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Rules").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<Rule>>()
    }
}

document! {
    /// What to do when.
    pub(super) struct Rule {
        /// Its name, by which other rules and the record refer to it.
        name: Spanned<String>,
        /// When it acts.
        when: When,
        /// What it does, one after the other.
        then: Spanned<Vec<Step>>,
        /// How long after it has acted it may act again; without it, it acts once.
        again_after: Option<Spanned<SimDuration>>,
    }
}

/// A condition; one on a signal needs no name in front of its parentheses.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When(pub(super) Condition);

impl Decode for When {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match node.kind {
            Kind::Struct(_) => SignalCondition::decode(node, diagnostics).map(Condition::Signal),
            _ => Condition::decode(node, diagnostics),
        }
        .map(Self)
    }
}

impl JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::When").into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A condition.",
            "anyOf": [generator.subschema_for::<SignalCondition>(), generator.subschema_for::<Condition>()],
        })
    }
}

document! {
    /// When something is done.
    pub(super) enum Condition {
        /// A signal is above or below an amount.
        Signal(SignalCondition),
        /// An alert fires.
        Firing(Spanned<String>),
        /// Any alert that pages fires.
        Paging,
        /// So much time has passed since the start.
        After(SimDuration),
        /// Another rule has acted.
        Acted {
            /// The rule.
            rule: Spanned<String>,
            /// At least so long ago.
            ago: SimDuration = SimDuration::ZERO,
        },
        /// Something was rolled out, as the change log says.
        Deployed {
            /// To this service.
            service: Spanned<String>,
            /// No longer ago than this.
            within: SimDuration,
        },
        /// All of these hold.
        All(Spanned<Vec<When>>),
        /// At least one of these holds.
        Any(Spanned<Vec<When>>),
        /// This does not hold.
        Not(Box<When>),
    }
}

document! {
    /// A condition on a signal.
    pub(super) struct SignalCondition {
        /// The signal.
        signal: Spanned<String>,
        /// It holds above this.
        above: Option<Amount>,
        /// It holds below this.
        below: Option<Amount>,
        /// For how long it must have been so.
        holds: SimDuration = SimDuration::ZERO,
        /// With `above`: once it holds, it goes on until the signal is below this.
        until_below: Option<Amount>,
        /// With `below`: once it holds, it goes on until the signal is above this.
        until_above: Option<Amount>,
    }
}

document! {
    /// Something that a rule does.
    pub(super) enum Step {
        /// Takes an option of the menu.
        Act {
            /// The option.
            option: Spanned<String>,
            /// What is said for its parameters.
            arguments: NameMap<Spanned<String>> = NameMap::default(),
            /// Who is to do it.
            owner: Owner = Owner::Best,
            /// For how long they are to try.
            time_box: Option<SimDuration>,
        },
        /// Takes the option with the highest score of those that are on the menu, each once.
        Matrix {
            /// What is weighed, and how much it counts.
            criteria: Spanned<NameMap<Spanned<f64>>>,
            /// The options, each with a score for each criterion.
            options: Spanned<NameMap<Spanned<NameMap<f64>>>>,
            /// Who is to do it.
            owner: Owner = Owner::Best,
            /// For how long they are to try.
            time_box: Option<SimDuration>,
        },
        /// One thing or another.
        If {
            /// The condition.
            when: When,
            /// What is done if it holds.
            then: Vec<Step>,
            /// What is done if it does not.
            otherwise: Vec<Step> = Vec::new(),
        },
        /// Calls somebody, or whoever is on call for a team.
        Page(Spanned<String>),
        /// Asks whoever works at an option how it goes.
        CheckIn(Spanned<String>),
        /// Says that it is an incident, 1 being the worst and 5 the least.
        Declare(Spanned<u8>),
        /// Tells an audience something.
        Say {
            /// Who is told: `status-page`, `executives`, `support`, `engineering`.
            to: Spanned<String>,
            /// How much fails: `none`, `few`, `some`, `most`, or `seen` for what the dashboards show then.
            impact: Option<Spanned<String>>,
            /// What is concerned: services or populations.
            scope: Vec<Spanned<String>> = Vec::new(),
            /// What is said about the cause.
            cause: Option<Cause>,
            /// What is being done about it.
            action: String = String::new(),
            /// When there will be more.
            next_update: Option<SimDuration>,
            /// Whether it is over.
            resolved: bool = false,
            /// Who writes it; without, the lead does.
            by: Option<Spanned<String>>,
        },
        /// Waits before the next thing.
        Wait(SimDuration),
    }
}

document! {
    /// Who does something.
    pub(super) enum Owner {
        /// Whoever knows the service best of those who are there and free.
        Best,
        /// The lead, with their own hands.
        Lead,
        /// Somebody in particular.
        Person(Spanned<String>),
    }
}

document! {
    /// What is said about the cause.
    pub(super) enum Cause {
        /// That it is not known.
        Unknown,
        /// That a service is suspected.
        Suspected(Spanned<String>),
        /// That a service is known to be it.
        Known(Spanned<String>),
    }
}
