//! What authors of scenarios are told besides what is wrong: values to type, and the right place for the usual wrong guesses.

use crate::text::{Form, Vocabulary};

/// The words of scenario files.
pub(super) const WORDS: Vocabulary = Vocabulary { examples: EXAMPLES, guesses: GUESSES, wraps: WRAPS };

/// A value for every field that must be given, and for some that may.
const EXAMPLES: &[(&str, &str)] = &[
    ("when", "At(\"20m\")"),
    ("from", "\"the managing director\""),
    ("text", "\"What is going on?\""),
    ("alert", "\"api-errors\""),
    ("audience", "Executives"),
    ("after", "\"15m\""),
    ("on_call", "[\"mira\"]"),
    ("chance", "\"10%\""),
    ("responders", "{\"mira\": (role: \"first on call\")}"),
    ("role", "\"first on call\""),
    ("format", "1"),
    ("name", "\"my-scenario\""),
    ("title", "\"..\""),
    ("says", "\"..\""),
    ("duration", "\"10m\""),
    ("services", "{\"api\": (capacity: Workers(8), endpoints: {\"get\": [Work(\"10ms\")]})}"),
    ("capacity", "Workers(8)"),
    ("cores", "2"),
    ("endpoints", "{\"get\": [Work(\"10ms\")]}"),
    ("arrivals", "Poisson(\"10/s\")"),
    ("mix", "{\"api.get\": 1}"),
    ("users", "100"),
    ("think", "\"5s\""),
    ("starts", "\"10/s\""),
    ("continues", "\"80%\""),
    ("limit", "100"),
    ("to", "\"db\""),
    ("does", "Slowdown(service: \"db\", factor: 3)"),
    ("start", "At(\"5m\")"),
    (
        "measure",
        "Utilisation(\"db\") (the measures are Utilisation, QueueLength, ErrorRatio, ArrivalRate, PoolInUse, PoolWaiting, \
         FailureRatio, Latency, ResponseTime, OpenBreakers)",
    ),
    ("at", "\"5m\""),
    ("service", "\"api\""),
    ("population", "\"web\""),
    ("dependency", "\"api->db\""),
    ("version", "\"v2\""),
    ("factor", "3"),
    ("ratio", "\"5%\""),
    ("probability", "\"50%\""),
    ("body", "[Work(\"10ms\")]"),
    ("call", "\"db.query\""),
    ("work", "\"10ms\""),
    ("hold", "\"100ms\""),
    ("removes", "\"bug\""),
    ("mean", "\"10ms\""),
    ("low", "\"5ms\""),
    ("high", "\"20ms\""),
    ("sd", "\"2ms\""),
    ("add", "2"),
    ("share", "\"50%\""),
    ("k", "3"),
    ("cv", "1.5"),
    ("alpha", "1.5"),
    ("shape", "1.5"),
    ("base", "\"100ms\""),
    ("multiplier", "2"),
    ("cap", "\"2s\""),
    ("rule", "Threshold(signal: \"error-ratio of api\", above: \"5%\")"),
    ("signal", "\"error-ratio of api\""),
    ("rate", "14.4"),
    ("long", "\"1h\""),
    ("short", "\"5m\""),
];

/// Where a fault or deploy stands that does not depend on the variant.
const ALWAYS_FAULTS: &str = "what goes wrong in every variant stands under `always: (faults: {..})`, else in a variant";
const ALWAYS_DEPLOYS: &str = "deploys of every variant stand under `always: (deploys: [..])`, others in a variant";
const ALERTS: &str = "alerts stand with what else watches the system: write `monitoring: (alerts: {..})`";
const HOLDS: &str = "for how long the condition must hold is `holds`: write `holds: \"5m\"`";
const RULE: &str =
    "the condition is the `rule`: write `rule: Threshold(signal: \"error-ratio of api\", above: \"5%\")`";
const WORKERS: &str = "write `capacity: Workers(20)`";
const CORES: &str = "write `capacity: ProcessorSharing(cores: 2)`";
const LAYER: &str = "a layer stands within a dependency: write (to: \"service\", layers: [Timeout(\"3s\")])";
const TO_LAYERS: &str = "layers of calls stand in `layers`: write layers: [Timeout(\"3s\")]";
const IN_CALLS: &str = "layers stand with the call: write calls: [(to: \"service\", layers: [Timeout(\"3s\")])]";
const TO: &str = "the service called is named by `to`";

/// Usual wrong guesses: the type, what is written, what is right.
const GUESSES: &[(&str, &str, &str)] = &[
    ("Scenario", "faults", ALWAYS_FAULTS),
    ("Scenario", "fault", ALWAYS_FAULTS),
    ("Scenario", "deploys", ALWAYS_DEPLOYS),
    ("Scenario", "deploy", ALWAYS_DEPLOYS),
    ("Scenario", "version", "the version of the format is `format: 1`; versions of a service stand in the service"),
    ("Scenario", "alerts", ALERTS),
    (
        "Scenario",
        "dashboards",
        "dashboards stand with what else watches the system: write `monitoring: (dashboards: {..})`",
    ),
    ("Alert", "for", HOLDS),
    ("Alert", "duration", HOLDS),
    ("Alert", "expr", RULE),
    ("Alert", "signal", RULE),
    ("Alert", "receiver", "who is told is named by `pages`"),
    ("Scenario", "clients", "who sends requests stands in `populations`"),
    ("Scenario", "load", "who sends requests stands in `populations`"),
    ("Scenario", "traffic", "who sends requests stands in `populations`"),
    ("Service", "workers", WORKERS),
    ("Service", "threads", WORKERS),
    ("Service", "concurrency", WORKERS),
    ("Service", "cores", CORES),
    ("Service", "cpus", CORES),
    ("Service", "replicas", "write `instances: 3`"),
    ("Service", "dependencies", "how it calls others stands in `calls`: [(to: \"db\", layers: [..])]"),
    ("Service", "layers", IN_CALLS),
    ("Service", "timeout", IN_CALLS),
    ("Service", "retry", IN_CALLS),
    ("Service", "pool", IN_CALLS),
    ("Population", "layers", IN_CALLS),
    ("Population", "rate", "write `arrivals: Poisson(\"10/s\")`"),
    ("Population", "users", "write `arrivals: Closed(users: 100, think: \"5s\")`"),
    ("Population", "endpoints", "what it asks for stands in `mix`: {\"api.get\": 1}"),
    ("Population", "timeout", IN_CALLS),
    ("Population", "retry", IN_CALLS),
    ("Dependency", "timeout", TO_LAYERS),
    ("Dependency", "retry", TO_LAYERS),
    ("Dependency", "retries", TO_LAYERS),
    ("Dependency", "pool", TO_LAYERS),
    ("Dependency", "breaker", TO_LAYERS),
    ("Dependency", "service", TO),
    ("Dependency", "target", TO),
    ("Dependency", "Deadline", LAYER),
    ("Dependency", "Retry", LAYER),
    ("Dependency", "Breaker", LAYER),
    ("Dependency", "RateLimit", LAYER),
    ("Dependency", "Bulkhead", LAYER),
    ("Dependency", "Timeout", LAYER),
    ("Dependency", "Pool", LAYER),
    ("Layer", "CircuitBreaker", "did you mean `Breaker`?"),
    ("Layer", "Retries", "did you mean `Retry`?"),
    ("Layer", "RateLimiter", "did you mean `RateLimit`?"),
    ("Layer", "ConnectionPool", "did you mean `Pool`?"),
    ("Fault", "kind", "what it does is `does`"),
    ("Fault", "at", "write `start: At(\"5m\")`"),
    ("Fault", "end", "write `heal: After(\"10m\")`"),
    ("Fault", "duration", "write `heal: After(\"10m\")`"),
    ("Deploy", "start", "write `at: \"5m\"`"),
];

/// Plain values where something with a name belongs.
const WRAPS: &[(&str, Form, &str)] = &[
    ("Trigger", Form::Text, "write At({})"),
    ("Capacity", Form::Number, "write Workers({})"),
    ("Arrivals", Form::Text, "write Poisson({})"),
    ("OnLoss", Form::Text, "write Retransmit({})"),
    ("Measure", Form::Text, "write Utilisation({})"),
    ("Step", Form::Text, "write Work({}) for work, Call({}) for a call"),
    ("Layer", Form::Text, "write Timeout({})"),
    ("BackoffForm", Form::Text, "write Fixed({})"),
    ("JitterForm", Form::Text, "write Proportional({})"),
    ("Dependency", Form::Text, "write (to: {})"),
    ("DependsOn", Form::Text, "write (service: {})"),
    ("Rule", Form::Text, "write Threshold(signal: {}, above: ..)"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::scenario::json_schema;

    /// The names of all fields that any type demands, those of presets left out.
    fn demanded(schema: &Value, fields: &mut BTreeSet<String>) {
        match schema {
            Value::Object(object) => {
                let properties = object.get("properties").and_then(Value::as_object);
                let names = object.get("required").and_then(Value::as_array).into_iter().flatten();
                let preset = properties.is_some_and(|properties| properties.contains_key("preset"));
                let names = names.filter_map(Value::as_str).filter(|name| name.starts_with(char::is_lowercase));
                fields.extend(names.filter(|_| !preset).map(str::to_owned));
                object.values().for_each(|value| demanded(value, fields));
            }
            Value::Array(items) => items.iter().for_each(|item| demanded(item, fields)),
            _ => {}
        }
    }

    #[test]
    fn every_field_that_must_be_given_has_an_example() {
        let mut fields = BTreeSet::new();
        demanded(&json_schema(), &mut fields);
        assert!(fields.contains("arrivals") && fields.len() > 20, "{fields:?}");
        let known: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
        let lacking: Vec<_> = fields.difference(&known).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }

    #[test]
    fn every_measure_is_listed() {
        let schema = json_schema();
        let measures = schema["$defs"]["Measure"]["oneOf"].as_array().expect("kinds");
        let (_, listed) = EXAMPLES.iter().find(|(name, _)| *name == "measure").expect("an example");
        for measure in measures {
            let name = measure["required"][0].as_str().expect("a name");
            assert!(listed.contains(name), "{name}");
        }
    }
}
