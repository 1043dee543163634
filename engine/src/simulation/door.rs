//! The door through which a simulation is led: what can be seen, what can be done, and doing it.

use crate::model::Verb;
use crate::observe::{Monitor, Observation, Sources};
use crate::response::{Actor, Command, HotfixOffer, Logged, Menu, Refusal};

use super::Simulation;

impl Simulation {
    /// What can be seen now.
    #[must_use]
    pub fn observe(&self) -> Observation {
        let scenario = self.scenario();
        let sources = Sources {
            system: self.system(),
            populations: &scenario.populations,
            monitoring: &scenario.monitoring,
            monitor: self.monitor(),
            recording: self.recording(),
            deploys: self.deploys(),
        };
        Observation::of(&sources, self.now())
    }

    /// The alerts as they are now, and the notifications that have arrived.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        self.world.resource::<Monitor>()
    }

    /// What can be ordered now.
    #[must_use]
    pub fn menu(&self) -> Menu {
        Menu::of(self.system(), self.deploys(), &self.offers())
    }

    /// Does something now, and puts it in the log.
    ///
    /// # Errors
    /// When it makes no sense now. Nothing has changed then; the log has it with the refusal.
    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), Refusal> {
        let done = self.carry_out(&command);
        let refused = done.as_ref().err().map(ToString::to_string);
        self.commands.push(Logged { at: self.now(), by, command, refused });
        done
    }

    /// Takes an option of the menu as the lead, by its name.
    ///
    /// # Errors
    /// When the menu has no such option now, or the model refuses the order.
    pub fn take(&mut self, option: &str) -> Result<(), Refusal> {
        self.command(Actor::Lead, Command::act(option, ""))
    }

    /// What has been done from outside so far, in time order; refused commands included.
    #[must_use]
    pub fn commands(&self) -> &[Logged] {
        &self.commands
    }

    fn carry_out(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Act { option, .. } => {
                let verb = self.menu().find(option).and_then(|option| option.verb(&self.offers()));
                let verb: Verb = verb.ok_or_else(|| Refusal::NotOnTheMenu(option.clone()))?;
                self.order_because(verb, Some(self.commands.len())).map_err(Refusal::Refused)
            }
        }
    }

    fn offers(&self) -> Vec<HotfixOffer<'_>> {
        let hotfixes = self.scenario().hotfixes.iter();
        hotfixes.map(|spec| HotfixOffer { name: &spec.name, title: &spec.title, hotfix: &spec.hotfix }).collect()
    }
}
