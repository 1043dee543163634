//! What is measured: one record a second, running totals, and what users felt.
//!
//! The model counts (`model::Flow`); at every whole second this room closes the count, derives the rest and appends a
//! [`Second`] to the recorded history. History is shared between the branches of a run, never copied.

mod impact;
mod observation;
mod people;
mod record;

pub use impact::Impact;
pub use observation::{ChangeEntry, DependencyView, Observation, SCRAPE_INTERVAL, ServiceView};
pub use people::{
    CommsView, News, NewsKind, PeopleView, ResponderView, SaidView, TaskState, TaskView, TeamView, Whereabouts,
};
pub use record::{
    DependencySecond, FlowSecond, PopulationSecond, Recording, Second, ServiceSecond, Totals, close_second,
};
