//! Brownout: a deterministic flight simulator for the person who leads an incident.
//!
//! The engine simulates a production system (services, pools, retries, breakers, networks, deploys) event by event, lets
//! somebody lead it through an incident, and forks it at any point. It has no files, threads, wall clock or printing.
//!
//! # The way through
//!
//! 1. A scenario is text. [`scenario::Scenario::parse`] reads it and reports everything that is wrong with it at once.
//! 2. A [`Simulation`] is one run of a scenario: a seed draws which of its hidden variants is true.
//! 3. [`Simulation::run_until`] runs events; [`Simulation::observe`] and [`Simulation::menu`] are what whoever leads can see
//!    and do; [`Simulation::command`] does it.
//! 4. A [`Session`] lets a [`policy::Policy`] lead through that same door; its [`record`] replays to the same digest.
//! 5. [`Simulation::recording`] holds what was measured, second by second; [`Simulation::digest`] proves that two runs are
//!    the same; [`Simulation::fork`] and [`Simulation::fork_with_luck`] branch.
//!
//! ```
//! use std::sync::Arc;
//!
//! use brownout::prelude::*;
//!
//! let text = r#"Scenario(
//!     format: 1, name: "shop", title: "A bad deploy", story: "", duration: "3m",
//!     services: {"api": (
//!         capacity: Workers(8),
//!         endpoints: {"buy": [Work(Exponential(mean: "20ms"))]},
//!         versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "60%")})},
//!     )},
//!     populations: {"web": (arrivals: Poisson("50/s"), mix: {"api.buy": 1})},
//!     variants: {"bad-deploy": (weight: 1, deploys: [(at: "1m", service: "api", version: "v2")])},
//! )"#;
//! let (scenario, _warnings) = Scenario::parse(&Source::new("shop.ron", text), &no_files).expect("a valid scenario");
//! let mut simulation = Simulation::new(Arc::new(scenario), 7);
//! simulation.run_until(SimTime::from_secs(95));
//!
//! let mut branch = simulation.fork();
//! branch.take("roll-back api").expect("there is a version to go back to");
//! simulation.run_to_end();
//! branch.run_to_end();
//!
//! let failed = |simulation: &Simulation| simulation.recording().totals.populations[0].failed();
//! assert!(failed(&branch) < failed(&simulation), "rolling back helped");
//! ```

pub mod coach;
pub mod debrief;
pub mod fault;
pub mod ids;
pub mod kernel;
pub mod model;
pub mod observe;
pub mod oracle;
pub mod policy;
pub mod prelude;
pub mod record;
pub mod response;
pub mod rng;
pub mod scenario;
mod session;
mod simulation;
pub mod summary;
pub mod text;
pub mod traffic;
pub mod units;

pub use session::{HintError, RewindError, Session, probes};
pub use simulation::{Chronicle, FaultMoment, Simulation, draw_variant};

/// The version of the engine. Digests are comparable between runs of one version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
