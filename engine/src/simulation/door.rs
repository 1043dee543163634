//! The door through which a simulation is led: what can be seen, what can be done, and doing it.

use std::collections::BTreeMap;

use crate::model::{Dependencies, Services, Verb};
use crate::observe::{EvidenceLog, Monitor, Observation};
use crate::response::{self, Actor, Command, HotfixOffer, Logged, Menu, Refusal, Standing};
use crate::scenario::HotfixSpec;
use crate::text::suggest;
use crate::units::SimDuration;

use super::Simulation;

impl Simulation {
    /// What can be seen now.
    #[must_use]
    pub fn observe(&self) -> Observation {
        let EvidenceLog { seen, conclusions } = self.known_evidence();
        Observation {
            people: self.people_view(),
            evidence: seen,
            conclusions,
            triggers: self.trigger_views(),
            ..Observation::of(&self.sources(), self.now())
        }
    }

    /// The alerts as they are now, and the notifications that have arrived.
    #[must_use]
    pub fn monitor(&self) -> &Monitor {
        self.world.resource::<Monitor>()
    }

    /// What can be ordered now: everything that makes sense and that nobody has in hand.
    #[must_use]
    pub fn menu(&self) -> Menu {
        let mut menu = self.with_standing(Menu::of);
        menu.options.retain(|option| !self.is_in_hand(&option.name));
        menu
    }

    /// Does something now, and puts it in the log.
    ///
    /// # Errors
    /// When it makes no sense now. Nothing has changed then; the log has it with the refusal, unless a number in it cannot be written
    /// down.
    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), Refusal> {
        if !command.can_be_written() {
            return Err(Refusal::NoNumber);
        }
        let done = self.carry_out(by, &command);
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

    fn carry_out(&mut self, by: Actor, command: &Command) -> Result<(), Refusal> {
        if let Command::Act { belief: Some(belief), .. } = command {
            belief.check(&self.with_standing(Menu::of)).map_err(Refusal::Belief)?;
        }
        match command {
            Command::Note { .. } | Command::Hint { .. } => Ok(()),
            Command::Reply { begins, .. } => self.is_service_or_none(begins.as_deref()),
            Command::Inject { .. } if by != Actor::Facilitator => Err(Refusal::Facilitators),
            Command::Act { option, arguments, owner, time_box, .. } => {
                let whose = (owner.as_deref(), *time_box);
                self.take_option(self.commands.len(), (option, arguments), whose)
            }
            Command::Trigger(trigger) => self.set_trigger(command, trigger),
            Command::Withdraw { trigger } => self.withdraw_trigger(*trigger),
            Command::Look { instrument, subject, by: None } if self.scenario.people.is_none() => {
                self.look_at_once(instrument, subject.as_deref())
            }
            _ => self.ask(command),
        }
    }

    /// Takes an option because of the command at that position of the log: with the lead's own hands, or somebody else's.
    pub(super) fn take_option(
        &mut self,
        command: usize,
        (option, arguments): (&str, &BTreeMap<String, String>),
        (owner, time_box): (Option<&str>, Option<SimDuration>),
    ) -> Result<(), Refusal> {
        match (&self.scenario.people, owner) {
            (Some(_), _) => self.ask_for_option(command, (option, arguments), (owner, time_box)),
            (None, Some(_)) => Err(Refusal::NobodyElse),
            // Where nobody takes part but the lead, what is ordered happens at once.
            (None, None) => {
                let verbs = self.orders_of(option, arguments)?;
                self.order_all(verbs, command).map_err(Refusal::Refused)
            }
        }
    }

    /// Whether a name is that of a service, or says that there is none.
    fn is_service_or_none(&self, name: Option<&str>) -> Result<(), Refusal> {
        let Some(name) = name.filter(|name| *name != response::NOWHERE) else { return Ok(()) };
        let known = || self.scenario.system.services.iter().map(|service| service.name.as_str());
        if known().any(|service| service == name) {
            return Ok(());
        }
        let near = suggest(name, known().chain([response::NOWHERE])).map(str::to_owned);
        Err(Refusal::NoSuchService { name: name.to_owned(), near })
    }

    /// What an option comes to now, with these arguments.
    pub(super) fn orders_of(&self, option: &str, arguments: &BTreeMap<String, String>) -> Result<Vec<Verb>, Refusal> {
        self.with_standing(|standing| response::orders(standing, option, arguments))
    }

    /// Hands over what the team knows now.
    fn with_standing<R>(&self, read: impl FnOnce(Standing<'_>) -> R) -> R {
        let scenario = self.scenario();
        let hotfixes: Vec<HotfixOffer<'_>> = scenario.hotfixes.iter().map(HotfixSpec::offer).collect();
        read(Standing {
            system: self.system(),
            populations: &scenario.populations,
            spec: &scenario.menu,
            evidence: &scenario.evidence,
            hotfixes: &hotfixes,
            deploys: self.deploys(),
            services: &self.world.resource::<Services>().0,
            dependencies: &self.world.resource::<Dependencies>().0,
            observation: &self.observe(),
        })
    }
}
