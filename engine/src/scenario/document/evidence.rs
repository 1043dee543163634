//! Instruments that answer when they are asked.

use super::{Items, Lenient};
use crate::document;
use crate::text::Spanned;
use crate::units::SimDuration;

document! {
    /// An instrument that answers when it is asked. Every system has `errors`, `traces`, `slow-queries`, `pool`, `breakers`, `changes`
    /// and `capacity`, and `clients` where the scenario says so; under another name it is one of the scenario's own, whose answers
    /// are written here.
    pub struct Instrument {
        /// What it is, for one of the scenario's own; without it, the name.
        title: Option<String>,
        /// How long it takes somebody who knows the service to ask it and to read the answer. Without it 1m (`breakers`, `changes`,
        /// `capacity`), 2m (`errors`, `pool`, the scenario's own), 3m (`traces`, `slow-queries`) or 4m (`clients`); these are assumptions.
        takes: Option<Spanned<SimDuration>>,
        /// Whether it is there; without it, all are but `clients`.
        exists: Lenient<Option<Spanned<bool>>> = Lenient::default(),
        /// What it shows nothing of: `db` for a service without traces, `api->db` for a pool without metrics.
        blind_to: Items<Spanned<String>> = Items::default(),
        /// What one of the scenario's own says: the last of these that is to be said when it is asked.
        shows: Items<Clue> = Items::default(),
    }
}

document! {
    /// Something that an instrument says.
    pub struct Clue {
        /// What it says.
        text: String,
        /// The fault that a request must have met first, by its name; it is not said in a variant without it. Without a name, it is
        /// said from the start.
        after: Option<Spanned<String>>,
        /// How much later it is said: word of somebody else's trouble takes its time.
        delay: Option<Spanned<SimDuration>>,
    }
}
