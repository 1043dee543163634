//! Integration tests, one file a behaviour.

mod bad_input;
mod deploys;
mod determinism;
mod layers;
mod observation;
mod pools;
mod recording;
mod reference;
mod rejections;
mod retries;
mod scenario_files;
mod swarm;
mod systems;
mod theory;
