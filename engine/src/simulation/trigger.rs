//! Switch triggers in a simulation: set by the lead, decided at the end of a second, and what comes of them.

use std::sync::Arc;

use crate::observe::{Observation, TriggerView};
use crate::response::people::{Fact, People};
use crate::response::{Command, Known, Order, Refusal, Trigger, TriggerError, Triggers};
use crate::scenario::Scenario;
use crate::units::SimTime;

use super::Simulation;

impl Simulation {
    /// The switch triggers so far.
    #[must_use]
    pub fn triggers(&self) -> &Triggers {
        self.world.resource::<Triggers>()
    }

    /// What the lead sees of them.
    pub(super) fn trigger_views(&self) -> Vec<TriggerView> {
        let said = |command: usize| self.commands.get(command).and_then(|logged| logged.command.trigger());
        let mut views = self.triggers().view(said);
        views.retain(|view| self.knows_of_trigger(view.number));
        views
    }

    /// How many triggers that whoever leads knows of have been decided.
    pub(crate) fn triggers_decided(&self) -> usize {
        self.triggers().decided(|number| self.knows_of_trigger(number))
    }

    /// Whether whoever leads knows of a trigger.
    fn knows_of_trigger(&self, number: u32) -> bool {
        self.people().is_none_or(|people| people.knows(Fact::Trigger(number)))
    }

    /// The lead says what is to be done if a dashboard shows something. It will be the next in the log.
    pub(super) fn set_trigger(&mut self, command: &Command, trigger: &Trigger) -> Result<(), Refusal> {
        let scenario = Arc::clone(&self.scenario);
        let (now, position) = (self.now(), self.commands.len());
        let condition = trigger.resolve(known(&scenario), now).map_err(Refusal::Trigger)?;
        let Order { option, arguments, owner, .. } = &trigger.then;
        self.orders_of(option, arguments)?;
        match (&scenario.people, owner) {
            (None, Some(_)) => return Err(Refusal::NobodyElse),
            (None, None) => {}
            (Some(spec), owner) => {
                let saying = self.saying();
                People::is_somebody(spec, owner.as_deref()).map_err(Refusal::People)?;
                self.world.resource_mut::<People>().accept(spec, command, saying).map_err(Refusal::People)?;
            }
        }
        self.world.resource_mut::<Triggers>().set(trigger, condition, (position, now));
        Ok(())
    }

    /// The lead takes a trigger back.
    pub(super) fn withdraw_trigger(&mut self, number: u32) -> Result<(), Refusal> {
        let now = self.now();
        if !self.knows_of_trigger(number) {
            return Err(Refusal::Trigger(TriggerError::NoSuchTrigger(number)));
        }
        self.world.resource_mut::<Triggers>().withdraw(number, now).map_err(Refusal::Trigger)
    }

    /// A second passes for triggers, after people have acted.
    pub(super) fn pass_triggers_second(&mut self) {
        if !self.triggers().any_open() {
            return;
        }
        let seen = Observation::of(&self.sources(), self.now());
        let scenario = Arc::clone(&self.scenario);
        let known = known(&scenario);
        let decided = self.world.resource_scope::<Triggers, _>(|world, mut triggers| {
            let people = world.get_resource::<People>();
            triggers.look(&seen, known, |number, command| match people {
                Some(people) if !people.knows(Fact::Trigger(number)) => Some("whoever leads did not know of it"),
                Some(people) if people.is_attending(command) => Some("the lead had not come to it"),
                _ => None,
            })
        });
        for one in decided {
            let Some(trigger) = self.commands[one.command].command.trigger() else { continue };
            let order = trigger.then.clone();
            let whose = (order.owner.as_deref(), order.time_box);
            if one.met {
                self.announce(one.number, "is met");
                if let Err(why) = self.take_option(one.command, (&order.option, &order.arguments), whose) {
                    let why = format!("{}: {why}", order.option);
                    self.world.resource_mut::<Triggers>().refused(one.number, why.clone());
                    self.announce_text(&why);
                } else if let Some(mut people) = self.world.get_resource_mut::<People>() {
                    people.bring_forward(one.command);
                }
            } else {
                self.announce(one.number, "has lapsed");
                let now = self.now();
                if let Some(mut people) = self.world.get_resource_mut::<People>() {
                    people.give_up_setting(one.command, now);
                }
            }
        }
    }

    /// Tells what has become of a trigger, where there is anybody to tell.
    fn announce(&mut self, number: u32, what: &str) {
        let views = self.trigger_views();
        let Some(view) = views.iter().find(|view| view.number == number) else { return };
        let remark = if view.remark.is_empty() { String::new() } else { format!(" ({})", view.remark) };
        self.announce_text(&format!("trigger {number} {what}: {}, {}{remark}", view.condition, view.option));
    }

    fn announce_text(&mut self, text: &str) {
        let now = self.now();
        if let Some(mut people) = self.world.get_resource_mut::<People>() {
            people.announce(text, now);
        }
    }
}

fn known(scenario: &Scenario) -> Known<'_> {
    Known {
        system: &scenario.system,
        populations: &scenario.populations,
        monitoring: &scenario.monitoring,
        end: SimTime::ZERO + scenario.duration,
    }
}
