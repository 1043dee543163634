//! Integration tests, one file a behaviour.

mod bad_input;
mod layers;
mod observation;
mod pools;
mod reference;
mod scenario_files;
mod swarm;
mod systems;
mod theory;
