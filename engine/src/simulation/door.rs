//! The door through which a simulation is led: what can be seen, what can be done, and doing it.

use crate::model::Verb;
use crate::observe::Observation;
use crate::response::{Actor, Command, HotfixOffer, Logged, Menu, Refusal};

use super::Simulation;

impl Simulation {
    /// What can be seen now.
    #[must_use]
    pub fn observe(&self) -> Observation {
        let seen = Observation::of(self.system(), self.recording(), self.deploys(), self.now());
        Observation { people: self.people_view(), ..seen }
    }

    /// What can be ordered now: everything that makes sense and that nobody has in hand.
    #[must_use]
    pub fn menu(&self) -> Menu {
        let mut menu = self.whole_menu();
        menu.options.retain(|option| !self.is_in_hand(&option.name));
        menu
    }

    /// Everything that makes sense, whoever has it in hand.
    pub(super) fn whole_menu(&self) -> Menu {
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
            // Where nobody takes part but the lead, what is ordered happens at once.
            Command::Act { option, owner: None, .. } if self.scenario.people.is_none() => {
                let verb = self.menu().find(option).and_then(|option| option.verb(&self.offers()));
                let verb: Verb = verb.ok_or_else(|| Refusal::NotOnTheMenu(option.clone()))?;
                self.order_because(verb, Some(self.commands.len())).map_err(Refusal::Refused)
            }
            _ => self.ask(command),
        }
    }

    pub(super) fn offers(&self) -> Vec<HotfixOffer<'_>> {
        let hotfixes = self.scenario().hotfixes.iter();
        hotfixes.map(|spec| HotfixOffer { name: &spec.name, title: &spec.title, hotfix: &spec.hotfix }).collect()
    }
}
