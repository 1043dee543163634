//! Brownout: a deterministic flight simulator for the person who leads an incident.

pub mod fault;
pub mod ids;
pub mod kernel;
pub mod model;
pub mod rng;
pub mod text;
pub mod traffic;
pub mod units;
