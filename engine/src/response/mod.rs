//! What whoever leads can do: a menu of options, and the commands by which things are done.
//!
//! This room cannot see faults or the hidden variant.

mod belief;
mod command;
pub mod comms;
mod menu;
pub mod people;
mod trigger;

pub use belief::{Belief, BeliefError, WAIT};
pub use command::{Actor, Command, Logged, NOWHERE, Refusal};
pub use menu::{
    Action, Affected, Choice, CustomAction, Deed, Estimate, Group, HotfixOffer, Knob, KnobValue, Menu, MenuOption,
    MenuSpec, Named, Parameter, ParameterKind, Reversibility, Standing, Takes, Target, Testing,
};
pub(crate) use menu::{orders, rate_limit, rate_limits};
pub(crate) use trigger::Known;
pub use trigger::{Order, Trigger, TriggerError, Triggers};
