//! A session: a policy leads a simulation, through the same door as a person.

use crate::model::Verb;
use crate::observe::{Observation, SCRAPE_INTERVAL};
use crate::policy::{Choice, Policy};
use crate::response::{HotfixOffer, Menu};
use crate::simulation::Simulation;
use crate::units::SimTime;

/// A simulation and who leads it.
#[derive(Debug)]
pub struct Session {
    simulation: Simulation,
    policy: Box<dyn Policy>,
    decisions: Vec<Decision>,
}

/// Something that was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: SimTime,
    /// The option that was taken.
    pub option: String,
    /// Why, in the policy's words.
    pub reason: String,
    /// Why it could not be carried out; `None` when it was.
    pub refused: Option<String>,
}

impl Session {
    /// A session that goes on from where the simulation is.
    #[must_use]
    pub fn new(simulation: Simulation, policy: Box<dyn Policy>) -> Self {
        Self { simulation, policy, decisions: Vec::new() }
    }

    /// The simulation.
    #[must_use]
    pub const fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// The simulation, as it is when nobody leads it any more.
    #[must_use]
    pub fn into_simulation(self) -> Simulation {
        self.simulation
    }

    /// What has been decided so far.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Runs until an instant; the policy is asked after each scrape on the way.
    pub fn run_until(&mut self, until: SimTime) {
        let interval = SCRAPE_INTERVAL.as_nanos();
        while self.simulation.now() < until {
            let next = SimTime::from_nanos((self.simulation.now().as_nanos() / interval + 1).saturating_mul(interval));
            self.simulation.run_until(next.min(until));
            if next <= until {
                self.decide();
            }
        }
    }

    /// Runs to the end of the scenario.
    pub fn run_to_end(&mut self) {
        self.run_until(SimTime::ZERO + self.simulation.scenario().duration);
    }

    fn decide(&mut self) {
        let observation = self.simulation.observe();
        let menu = self.simulation.menu();
        for Choice { option, reason } in self.policy.decide(&observation, &menu) {
            let refused = self.simulation.take(&option).err().map(|error| error.to_string());
            if refused.is_none() && !reason.is_empty() {
                self.simulation.explain_last_order(&reason);
            }
            self.decisions.push(Decision { at: observation.now, option, reason, refused });
        }
    }
}

impl Simulation {
    /// What can be seen now.
    #[must_use]
    pub fn observe(&self) -> Observation {
        Observation::of(self.system(), self.recording(), self.deploys(), self.now())
    }

    /// What can be ordered now.
    #[must_use]
    pub fn menu(&self) -> Menu {
        Menu::of(self.system(), self.deploys(), &self.offers())
    }

    /// Takes an option of the menu, by its name.
    ///
    /// # Errors
    /// When the menu has no such option now, or the model refuses the order.
    pub fn take(&mut self, name: &str) -> Result<(), TakeError> {
        let verb = self.menu().find(name).and_then(|option| option.verb(&self.offers()));
        let verb: Verb = verb.ok_or_else(|| TakeError::NotOnTheMenu(name.to_owned()))?;
        self.order(verb).map_err(TakeError::Refused)
    }

    fn offers(&self) -> Vec<HotfixOffer<'_>> {
        let hotfixes = self.scenario().hotfixes.iter();
        hotfixes.map(|spec| HotfixOffer { name: &spec.name, title: &spec.title, hotfix: &spec.hotfix }).collect()
    }
}

/// Why an option cannot be taken. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TakeError {
    /// The menu has no option of that name now.
    NotOnTheMenu(String),
    /// The model refuses the order.
    Refused(crate::model::VerbError),
}

impl std::fmt::Display for TakeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotOnTheMenu(name) => write!(f, "{name:?} is not on the menu now"),
            Self::Refused(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for TakeError {}
