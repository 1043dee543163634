//! The record of a run as JSON lines: a header, the orders in time order, and the digest at the end.
//!
//! Scenario, overrides, seed, variant and orders determine the run; the digest proves it. Nothing derived is stored. Orders
//! name services, endpoints (`service.endpoint`), dependencies and populations as the scenario does.

use std::io::{self, Write};

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::Verb;
use brownout::scenario::Scenario;
use brownout_lab::{Target, WriteError};
use serde::Serialize;
use serde_json::Value;

use super::plan::Plan;

/// The version of this format.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize)]
struct Header<'a> {
    format: u32,
    engine_version: &'a str,
    scenario: &'a str,
    /// The BLAKE3 hash of the scenario's text and of the files it names.
    scenario_hash: &'a str,
    /// The values replaced in it, in order.
    overrides: &'a [(String, String)],
    seed: u64,
    variant: &'a str,
    /// Whether the seed drew the variant.
    variant_drawn: bool,
    policy: &'a str,
}

/// One order.
#[derive(Debug, Serialize)]
struct Order {
    at_nanos: u64,
    order: Value,
}

/// The last line.
#[derive(Debug, Serialize)]
struct End {
    end_nanos: u64,
    digest: String,
}

/// Writes the record of a run.
pub(super) fn write(target: &Target, plan: &Plan, simulation: &Simulation) -> Result<(), WriteError> {
    target.write(|file| {
        line(file, &header(plan))?;
        for (at, order) in simulation.orders() {
            let order = order_by_names(order, &plan.scenario)?;
            line(file, &Order { at_nanos: at.as_nanos(), order })?;
        }
        line(file, &End { end_nanos: simulation.now().as_nanos(), digest: simulation.digest().to_string() })
    })
}

fn header(plan: &Plan) -> Header<'_> {
    Header {
        format: FORMAT,
        engine_version: env!("CARGO_PKG_VERSION"),
        scenario: &plan.scenario.name,
        scenario_hash: &plan.hash,
        overrides: &plan.overrides,
        seed: plan.seed,
        variant: &plan.scenario.variants[plan.variant].name,
        variant_drawn: plan.variant_drawn,
        policy: plan.policy.name,
    }
}

/// An order with names in the place of ids.
fn order_by_names(order: &Verb, scenario: &Scenario) -> io::Result<Value> {
    let mut order = serde_json::to_value(order)?;
    name_ids(&mut order, scenario);
    Ok(order)
}

fn name_ids(value: &mut Value, scenario: &Scenario) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match name_of(key, value, scenario) {
                    Some(name) => *value = Value::String(name),
                    None => name_ids(value, scenario),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| name_ids(item, scenario)),
        _ => {}
    }
}

/// The name of what a field refers to; `None` if the field holds no id.
fn name_of(field: &str, value: &Value, scenario: &Scenario) -> Option<String> {
    let at = usize::try_from(value.as_u64()?).ok()?;
    let system = &scenario.system;
    Some(match field {
        "service" => system.services[Id::from_usize(at)].name.clone(),
        "dependency" => system.dependencies[Id::from_usize(at)].name.clone(),
        "endpoint" => {
            let endpoint = &system.endpoints[Id::from_usize(at)];
            format!("{}.{}", system.services[endpoint.service].name, endpoint.name)
        }
        "Population" => scenario.populations[Id::from_usize(at)].name.clone(),
        _ => return None,
    })
}

fn line(file: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *file, value)?;
    file.write_all(b"\n")
}
