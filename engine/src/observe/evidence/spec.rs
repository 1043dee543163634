//! The instruments of a scenario: how long each takes, which are not there, and those with authored answers.

use crate::observe::signal::Subject;
use crate::units::{SimDuration, SimTime};

use super::instrument::Instrument;

/// What can be asked in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceSpec {
    /// The instruments that every system has, in the order of [`Instrument::ALL`].
    settings: [InstrumentSpec; Instrument::ALL.len()],
    /// The scenario's own instruments, in file order.
    pub own: Vec<OwnInstrument>,
}

/// An instrument as it is in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentSpec {
    /// How long it takes somebody who knows the service.
    pub takes: SimDuration,
    /// Whether it is there at all.
    pub exists: bool,
    /// What it shows nothing of, although it could be pointed at it.
    pub blind: Vec<Subject>,
}

impl Default for EvidenceSpec {
    /// Everything but the clients' own measure, in the usual times.
    fn default() -> Self {
        let usual = |one: Instrument| InstrumentSpec {
            takes: one.usually_takes(),
            exists: one.usually_exists(),
            blind: Vec::new(),
        };
        Self { settings: Instrument::ALL.map(usual), own: Vec::new() }
    }
}

impl EvidenceSpec {
    /// An instrument as it is here.
    #[must_use]
    pub const fn of(&self, instrument: Instrument) -> &InstrumentSpec {
        &self.settings[instrument as usize]
    }

    /// The same, to change it.
    pub const fn of_mut(&mut self, instrument: Instrument) -> &mut InstrumentSpec {
        &mut self.settings[instrument as usize]
    }
}

/// An instrument whose answers the author has written: a vendor's status page, a colleague in another building.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnInstrument {
    /// The name by which it is asked.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// How long it takes.
    pub takes: SimDuration,
    /// What it says: the last of these that has been laid.
    pub clues: Vec<Clue>,
}

/// Something that an instrument says, perhaps only from some time on.
#[derive(Clone, Debug, PartialEq)]
pub struct Clue {
    /// What it says.
    pub text: String,
    /// What must have happened first, by a name that this room does not understand; `None` for nothing.
    pub after: Option<String>,
    /// How much later it is said.
    pub delay: SimDuration,
}

impl OwnInstrument {
    /// What it says at an instant, where `happened` knows when something first happened; `None` when nothing is to be said.
    pub(super) fn says(&self, now: SimTime, happened: &dyn Fn(&str) -> Option<SimTime>) -> Option<&str> {
        let laid = |clue: &&Clue| {
            let since = clue.after.as_ref().map_or(Some(SimTime::ZERO), |name| happened(name));
            since.is_some_and(|since| since.saturating_add(clue.delay) <= now)
        };
        self.clues.iter().rev().find(laid).map(|clue| clue.text.as_str())
    }
}
