//! Integration tests, one file a behaviour.

mod bad_input;
mod balancing;
mod breakers;
mod deploys;
mod determinism;
mod disciplines;
mod faults;
mod giving_up;
mod layers;
mod limits;
mod memory;
mod network;
mod observation;
mod orders;
mod patience;
mod plans;
mod pools;
mod recording;
mod reference;
mod rejections;
mod retries;
mod scenario_files;
mod swarm;
mod systems;
mod theory;
mod users;
