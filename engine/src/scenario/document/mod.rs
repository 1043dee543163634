//! What a scenario file says, as it says it: the serialised form, before any name is looked up.
//!
//! The types here are what the JSON Schema is generated from, and their names are those an author may write and reads in
//! messages. They check no more than the form: types, units, unknown and missing fields. A part that cannot be read is
//! left out ([`Lenient`], [`Entries`], [`Items`]) after it has been reported, so that what refers to it is still checked.
//!
//! What they mean is the business of `resolve`.

mod configured;
mod containers;
mod count;
mod dependency;
mod distribution;
mod effect;
mod evidence;
mod fault;
mod menu;
mod monitoring;
mod people;
mod plan;
mod service;
mod traffic;

pub use configured::Configured;
pub(crate) use configured::SettingsDoc;
pub use containers::{Entries, Items, Lenient};
pub use count::Count;
pub use dependency::{Balancing, Dependency, Layer, OnLoss};
pub use distribution::{Distribution, Drawn};
pub use effect::{Effect, Hotfix, Testing, Version};
pub use evidence::{Clue, Instrument};
pub use fault::{Always, Deploy, Fault, FaultKind, Measure, Messages, Moment, Trigger, Variant};
pub use menu::{Action, Deed, Menu};
pub use monitoring::{
    Alert, BurnWindow, DependsOn, GroupLabel, Metrics, Monitoring, Notify, Rule, Severity, SignalName,
};
pub use people::{Audience, Audiences, Habits, Inject, Lead, Listener, Misroute, People, Responder, Team, When};
pub use plan::{Call, Step};
pub use service::{Capacity, Discipline, Queue, Rollout, Service};
pub use traffic::{Arrivals, Beyond, InFlight, Objective, Population, Profile};

pub use crate::text::Amount;

use crate::document;
use crate::text::Spanned;
use crate::units::SimDuration;

document! {
    /// A scenario: a system, its load, and what goes wrong in one of several hidden ways.
    pub struct Scenario {
        /// The version of this format: 1.
        format: Spanned<u32>,
        /// The name by which it is called: lower-case letters, digits and hyphens.
        name: Lenient<Spanned<String>>,
        /// The title a person reads; without it, the name.
        title: Lenient<String> = Lenient::default(),
        /// The story, as Markdown.
        story: Lenient<String> = Lenient::default(),
        /// How hard it is for whoever leads.
        difficulty: Lenient<Option<Difficulty>> = Lenient::default(),
        /// How long a session with a person takes, roughly.
        length: Lenient<Option<SimDuration>> = Lenient::default(),
        /// The mechanisms it shows, in words.
        mechanisms: Lenient<Vec<String>> = Lenient::default(),
        /// The skills it trains, in words.
        skills: Lenient<Vec<String>> = Lenient::default(),
        /// The public sources it is built from.
        sources: Items<SourceNote> = Items::default(),
        /// What no source says and the author chose.
        designer_choices: Lenient<Vec<String>> = Lenient::default(),
        /// How much simulated time a run takes, up to 7 days.
        duration: Lenient<Spanned<SimDuration>>,
        /// The services by name.
        services: Entries<Service>,
        /// The populations of clients by name.
        populations: Entries<Population> = Entries::default(),
        /// What happens whichever variant is true.
        always: Lenient<Always> = Lenient(Some(Always { faults: Entries::default(), deploys: Items::default() })),
        /// The hidden variants by name, one of which is true; without any, nothing else happens.
        variants: Entries<Variant> = Entries::default(),
        /// The hotfixes that the team could write, by name.
        hotfixes: Entries<Hotfix> = Entries::default(),
        /// Who takes part besides the lead; without it nobody does, and what is ordered happens at once.
        people: Lenient<Option<People>> = Lenient::default(),
        /// What the team has prepared besides, by name: switches, steps of its runbook.
        actions: Entries<Action> = Entries::default(),
        /// What the menu of whoever leads leaves out.
        menu: Lenient<Option<Menu>> = Lenient::default(),
        /// How the system is watched. Without it, everything that services measure of themselves and of their calls is seen, read
        /// every 15s, and there are no alerts.
        monitoring: Lenient<Option<Monitoring>> = Lenient::default(),
        /// The instruments that answer when they are asked, by name: how long each takes, which are not there, what they are blind
        /// to, and those of the scenario's own.
        evidence: Entries<Instrument> = Entries::default(),
    }
}

document! {
    /// A public source.
    pub struct SourceNote {
        /// Its title, with its date or version.
        title: String,
        /// Where it can be read.
        url: Option<String>,
        /// What this scenario takes from it.
        says: String,
    }
}

document! {
    /// How hard a scenario is for whoever leads.
    pub enum Difficulty {
        /// One cause, plain symptoms.
        Introductory,
        /// Misleading symptoms, or a choice with a price.
        Intermediate,
        /// Several causes, or a remedy that makes it worse.
        Advanced,
        /// All of it at once.
        Expert,
    }
}
