//! Integration tests, one file a behaviour.

mod reference;
mod systems;
mod theory;
