//! The reference models in NeXosim 1.0: one model for each component, ports between them, keyed timers, one thread.
//!
//! Client, service and database exchange events through mailboxes; a hop takes no simulated time. Delays of 0 ns
//! become 1 ns, because NeXosim schedules into the future only.

mod client;
mod database;
mod service;

use std::time::Duration;

use nexosim::ports::QuerySource;
use nexosim::simulation::{Mailbox, SimInit, SimulationError};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::breaker::Era;
use crate::luck::{Purpose, Stream};
use crate::measures::Measures;
use crate::model::{Model, SECOND};

use client::Client;
use database::Database;
use service::Service;

/// An attempt as it travels: the client's slot, and how often that slot has stopped waiting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Ticket {
    slot: u32,
    wait: u32,
}

/// A call of the service to the database.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Call {
    ticket: Ticket,
    era: Era,
}

/// An answer on its way back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Answer<T> {
    to: T,
    success: bool,
}

/// Simulates `horizon` seconds of a model.
///
/// # Panics
/// If NeXosim finds the assembly or the run at fault, which is a mistake in this module.
#[must_use]
pub fn run(model: &Model, horizon: u64, seed: u64) -> Measures {
    simulate(model, horizon, seed).expect("the assembly is closed and every deadline lies ahead")
}

fn simulate(model: &Model, horizon: u64, seed: u64) -> Result<Measures, SimulationError> {
    let stream = |purpose| Stream::new(seed, purpose);
    let mut client =
        Client::new(model.clone(), stream(Purpose::Arrivals), stream(Purpose::Backoff), Measures::new(horizon));
    let mut service = Service::new(model, stream(Purpose::Cpu));
    let mut database = Database::new(model, stream(Purpose::Database));

    let (at_client, at_service, at_database) = (Mailbox::new(), Mailbox::new(), Mailbox::new());
    client.attempts.connect(Service::attempt, &at_service);
    service.answers.connect(Client::answer, &at_client);
    service.calls.connect(Database::call, &at_database);
    database.answers.connect(Service::database_answer, &at_service);

    let mut assembly = SimInit::with_num_threads(1);
    let client_measures = QuerySource::new().connect(Client::measures, &at_client).register(&mut assembly);
    let service_counts = QuerySource::new().connect(Service::counts, &at_service).register(&mut assembly);
    let pool_timeouts = QuerySource::new().connect(Database::pool_timeouts, &at_database).register(&mut assembly);
    let mut simulation = assembly
        .add_model(client, at_client, "client")
        .add_model(service, at_service, "service")
        .add_model(database, at_database, "database")
        .init(MonotonicTime::EPOCH)?;
    simulation.step_until(Duration::from_secs(horizon))?;

    let mut measures = simulation.process_query(&client_measures, ())?;
    let counts = simulation.process_query(&service_counts, ())?;
    measures.rejects = counts.rejects;
    measures.breaker_rejects = counts.breaker_rejects;
    measures.breaker_opens = counts.breaker_opens;
    measures.pool_timeouts = simulation.process_query(&pool_timeouts, ())?;
    Ok(measures)
}

/// Simulated time as this package counts it: nanoseconds since the start.
fn nanoseconds(time: MonotonicTime) -> u64 {
    time.as_secs().unsigned_abs() * SECOND + u64::from(time.subsec_nanos())
}

/// A delay NeXosim accepts.
fn delay(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit;
    use crate::model::ModelName;

    #[test]
    fn counts_what_the_limit_counts() {
        for (name, horizon) in [(ModelName::M1, 60), (ModelName::M2b, 240)] {
            let model = Model::named(name);
            assert_eq!(run(&model, horizon, 3), limit::run(&model, horizon, 3), "{name:?}");
        }
    }
}
