//! Integration tests, one file a behaviour.

mod layers;
mod observation;
mod reference;
mod systems;
