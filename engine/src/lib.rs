//! Brownout: a deterministic flight simulator for the person who leads an incident.

pub mod fault;
pub mod ids;
pub mod kernel;
pub mod model;
pub mod observe;
pub mod policy;
pub mod response;
pub mod rng;
pub mod scenario;
mod session;
mod simulation;
pub mod summary;
pub mod text;
pub mod traffic;
pub mod units;

pub use session::{Decision, Session, TakeError};
pub use simulation::{Simulation, draw_variant};
