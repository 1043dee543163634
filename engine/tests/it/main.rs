//! Integration tests, one file a behaviour.

mod bad_input;
mod deploys;
mod layers;
mod observation;
mod reference;
mod scenario_files;
mod swarm;
mod systems;
mod theory;
