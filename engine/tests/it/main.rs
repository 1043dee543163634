//! Integration tests, one file a behaviour.

mod bad_input;
mod reference;
mod scenario_files;
mod systems;
