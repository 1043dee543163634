//! What whoever leads can do: a menu of options, and the commands by which things are done.
//!
//! This room cannot see faults or the hidden variant.

mod command;
pub mod comms;
mod menu;
pub mod people;

pub use command::{Actor, Command, Logged, Refusal};
pub use menu::{Action, HotfixOffer, Menu, MenuOption};
