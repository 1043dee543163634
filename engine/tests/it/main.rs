//! Integration tests, one file a behaviour.

mod bad_input;
mod balancing;
mod deploys;
mod determinism;
mod layers;
mod memory;
mod observation;
mod patience;
mod pools;
mod reference;
mod retries;
mod scenario_files;
mod swarm;
mod systems;
mod theory;
