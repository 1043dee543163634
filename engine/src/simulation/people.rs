//! People in a simulation: they act at whole seconds, after the measures of the second have been taken.

use crate::ids::Id;
use crate::model::{Deploys, Luck, ServiceSpec, Verb};
use crate::observe::PeopleView;
use crate::response::people::{Fate, Finished, People, Saying, Task};
use crate::response::{Action, Command, MenuOption, Refusal};
use crate::rng::Distribution;

use super::Simulation;

/// However many reasons there are for a fix to be wrong, some are right.
const MOST_WRONG: f64 = 0.95;

impl Simulation {
    /// Everybody's state, where somebody takes part besides the lead. Only debriefs and tools may see it.
    #[must_use]
    pub fn people(&self) -> Option<&People> {
        self.world.get_resource::<People>()
    }

    /// What the lead sees of people.
    pub(super) fn people_view(&self) -> Option<PeopleView> {
        Some(self.people()?.view(self.scenario.people.as_ref()?))
    }

    /// Takes a command that somebody has to carry out, or that is about people. It will be the next in the log.
    pub(super) fn ask(&mut self, command: &Command) -> Result<(), Refusal> {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = &scenario.people else { return Err(Refusal::NobodyElse) };
        let work = match command {
            Command::Act { option, .. } => {
                let offered = self.menu().find(option).cloned();
                let offered = offered.ok_or_else(|| Refusal::NotOnTheMenu(option.clone()))?;
                Some(offered.work(&self.offers(), &spec.habits))
            }
            _ => None,
        };
        let saying = Saying { command: self.commands.len(), now: self.now(), fate: self.fate() };
        let mut people = self.world.resource_mut::<People>();
        match (command, work) {
            (Command::Act { owner, time_box, .. }, Some(work)) => {
                people.act(spec, work, owner.as_deref(), *time_box, saying)
            }
            _ => people.accept(spec, command, saying),
        }
        .map_err(Refusal::People)
    }

    /// A second passes for everybody.
    pub(super) fn pass_peoples_second(&mut self) {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = &scenario.people else { return };
        let (now, fate) = (self.now(), self.fate());
        let finished = self
            .world
            .resource_scope::<People, _>(|world, mut people| people.step(spec, world.resource::<Deploys>(), fate, now));
        for finished in finished {
            let outcome = self.hand_to_the_system(&finished).map_err(|why| why.to_string());
            self.world.resource_mut::<People>().carried_out(spec, finished.task, outcome, now);
        }
    }

    /// Gives the order that somebody has prepared. Returns the service whose roll-outs it leads to, if it does.
    fn hand_to_the_system(&mut self, finished: &Finished) -> Result<Option<Id<ServiceSpec>>, Refusal> {
        let Command::Act { option, .. } = &self.commands[finished.command].command else {
            return Ok(None);
        };
        let found = self.whole_menu().find(option).cloned();
        let found: MenuOption = found.ok_or_else(|| Refusal::NotOnTheMenu(option.clone()))?;
        let verb = found.verb(&self.offers()).ok_or_else(|| Refusal::NotOnTheMenu(option.clone()))?;
        let verb = match verb {
            // It has been written: what is left is to roll it out.
            Verb::Hotfix(mut hotfix) => {
                hotfix.duration = Distribution::constant(0.0).expect("nothing is in range");
                hotfix.wrong = (hotfix.wrong * finished.error_factor).min(MOST_WRONG);
                Verb::Hotfix(hotfix)
            }
            verb => verb,
        };
        self.order_because(verb, Some(finished.command)).map_err(Refusal::Refused)?;
        let rolls = matches!(found.action, Action::RollBack | Action::Hotfix | Action::Restart);
        Ok(rolls.then_some(found.service))
    }

    /// The luck that people meet.
    fn fate(&self) -> Fate {
        let Luck { seed, salt, .. } = *self.world.resource::<Luck>();
        Fate { seed, salt }
    }

    /// Draws what is under way among people with the luck now in force.
    pub(super) fn redraw_people(&mut self) {
        let fate = self.fate();
        if let Some(mut people) = self.world.get_resource_mut::<People>() {
            people.redraw(fate);
        }
    }

    /// Whether somebody has an option in hand already, or has done it.
    pub(super) fn is_in_hand(&self, option: &str) -> bool {
        let wanted = |task: &Task| task.work.title == option && task.is_open();
        self.people().is_some_and(|people| people.tasks.iter().any(wanted))
    }
}
