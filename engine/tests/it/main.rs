//! Integration tests, one file a behaviour.

mod layers;
mod reference;
mod systems;
