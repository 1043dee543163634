//! People in a simulation: they act at whole seconds, after the measures of the second have been taken.

use std::collections::BTreeMap;

use crate::ids::Id;
use crate::model::{Deploys, Luck, ServiceSpec, Verb};
use crate::observe::{EvidenceLog, Monitor, PeopleView};
use crate::response::comms::{Audience, Comms, Felt, Statement};
use crate::response::people::{Fact, Fate, Finished, KnownElsewhere, People, PeopleSpec, Saying, Task, Work};
use crate::response::{Command, Refusal, Triggers};
use crate::rng::Distribution;
use crate::units::SimDuration;

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
        let people = self.people()?;
        let promised = |to: Audience, number: u32| people.knows(Fact::Promise(to, number));
        let comms = self.comms().map(|comms| comms.view(promised));
        Some(PeopleView { comms, ..people.view(self.scenario.people.as_ref()?) })
    }

    /// The state of all communication, where somebody waits for word. Only debriefs and tools may see it.
    #[must_use]
    pub fn comms(&self) -> Option<&Comms> {
        self.world.get_resource::<Comms>()
    }

    /// Takes a command that somebody has to carry out, or that is about people. It will be the next in the log.
    pub(super) fn ask(&mut self, command: &Command) -> Result<(), Refusal> {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = &scenario.people else { return Err(Refusal::NobodyElse) };
        let saying = self.saying();
        match command {
            Command::Say { to, by, .. } => {
                let comms = spec.comms.as_ref().ok_or(Refusal::NobodyListens)?;
                let work = comms.writing(*to);
                self.world.resource_mut::<People>().act(spec, work, by.as_deref(), None, saying)
            }
            Command::Look { instrument, subject, by } => {
                let question = self.question(instrument, subject.as_deref())?;
                if self.is_in_hand(&question.name) {
                    return Err(Refusal::InHand(question.name));
                }
                let work = Work::looking(question.name, question.service, &[question.takes]);
                self.world.resource_mut::<People>().act(spec, work, by.as_deref(), None, saying)
            }
            Command::Investigate { service, owner, time_box } => {
                let (id, questions) = self.investigation(service)?;
                let title = format!("investigate {service}");
                if self.is_in_hand(&title) {
                    return Err(Refusal::InHand(title));
                }
                let takes: Vec<SimDuration> = questions.iter().map(|question| question.takes).collect();
                let work = Work::looking(title, Some(id), &takes);
                self.world.resource_mut::<People>().act(spec, work, Some(owner), *time_box, saying)
            }
            _ => self.world.resource_mut::<People>().accept(spec, command, saying),
        }
        .map_err(Refusal::People)
    }

    /// What is said now, as the next command of the log.
    pub(super) fn saying(&self) -> Saying {
        Saying { command: self.commands.len(), now: self.now(), fate: self.fate() }
    }

    /// Somebody is to do what an option comes to.
    pub(super) fn ask_for_option(
        &mut self,
        command: usize,
        (option, arguments): (&str, &BTreeMap<String, String>),
        (owner, time_box): (Option<&str>, Option<SimDuration>),
    ) -> Result<(), Refusal> {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = &scenario.people else { return Err(Refusal::NobodyElse) };
        // What is under way may be on the menu no more because of that.
        if self.is_in_hand(option) {
            return Err(Refusal::InHand(option.to_owned()));
        }
        let verbs = self.orders_of(option, arguments)?;
        let (work, saying) = (Work::of(option, &verbs, &spec.habits), Saying { command, ..self.saying() });
        self.world.resource_mut::<People>().act(spec, work, owner, time_box, saying).map_err(Refusal::People)
    }

    /// A second passes for everybody.
    pub(super) fn pass_peoples_second(&mut self) {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = &scenario.people else { return };
        let (now, fate) = (self.now(), self.fate());
        self.pass_audiences_second(spec);
        let finished = self.world.resource_scope::<People, _>(|world, mut people| {
            let monitor = world.resource::<Monitor>();
            people.take_notifications(spec, monitor.notifications(), fate, now);
            people.step_injects(spec, monitor.alerts(), world.get_resource::<Comms>(), now);
            people.step(spec, world.resource::<Deploys>(), fate, now)
        });
        for finished in finished {
            if self.has_looked(spec, &finished) {
                continue;
            }
            let outcome = self.hand_to_the_system(&finished).map_err(|why| why.to_string());
            self.world.resource_mut::<People>().carried_out(spec, finished.task, outcome, now);
        }
        self.triage(spec);
        self.judge_fixes(spec);
        self.world.resource_scope::<People, _>(|world, mut people| {
            let known = KnownElsewhere {
                evidence: world.resource::<EvidenceLog>(),
                comms: world.get_resource::<Comms>(),
                triggers: world.resource::<Triggers>(),
            };
            people.settle_hand_overs(spec, known, fate, now);
        });
    }

    /// Gives the orders that somebody has prepared. Returns the service whose roll-outs they lead to, if they do.
    fn hand_to_the_system(&mut self, finished: &Finished) -> Result<Option<Id<ServiceSpec>>, Refusal> {
        let command = &self.commands[finished.command].command;
        if let Command::Say { to, statement, .. } = command {
            self.publish(*to, statement.clone());
            return Ok(None);
        }
        let Some((option, arguments)) = command.takes() else { return Ok(None) };
        let verbs = self.orders_of(option, arguments)?;
        let verbs: Vec<Verb> = verbs.into_iter().flat_map(|verb| by_hand(verb, finished.error_factor)).collect();
        let rolls = verbs.iter().find_map(rolls_out);
        self.order_all(verbs, finished.command).map_err(Refusal::Refused)?;
        Ok(rolls)
    }

    /// A second passes for those who wait for word; some of them do not wait.
    fn pass_audiences_second(&mut self, people: &PeopleSpec) {
        let Some(spec) = &people.comms else { return };
        let (felt, now, fate) = (self.felt(), self.now(), self.fate());
        let interruptions = self.world.resource_mut::<Comms>().step(spec, felt, fate, now);
        for who in interruptions {
            let (from, text) = who.words();
            self.world.resource_mut::<People>().hear(people, from.to_owned(), text, spec.habits.interruption, now);
        }
    }

    /// Something has been written and goes out.
    fn publish(&mut self, to: Audience, statement: Statement) {
        let scenario = std::sync::Arc::clone(&self.scenario);
        let Some(spec) = scenario.people.as_ref().and_then(|people| people.comms.as_ref()) else { return };
        let (seen, felt, now) = (self.seen_to_fail(), self.felt(), self.now());
        self.world.resource_mut::<Comms>().publish(spec, (to, statement), seen, felt, now);
    }

    /// What users felt in the last minute.
    fn felt(&self) -> Felt {
        let seconds = &self.recording().seconds;
        let minute = &seconds[seconds.len().saturating_sub(60)..];
        let (mut bad, mut ended) = (0.0, 0.0);
        for second in minute {
            for (population, spec) in second.populations.iter().zip(self.scenario.populations.iter()) {
                let all = population.flow.succeeded + population.flow.failed() + population.dropped;
                bad += f64::from(population.bad) * spec.represents;
                ended += f64::from(all.max(population.bad)) * spec.represents;
            }
        }
        let affected =
            minute.last().map_or(0.0, |second| second.populations.iter().map(|one| one.affected_users).sum());
        Felt { bad: if ended > 0.0 { bad / ended } else { 0.0 }, affected }
    }

    /// The worst share of errors that the dashboards of the services show which users call; `None` where none shows any answer.
    fn seen_to_fail(&self) -> Option<f64> {
        let services = self.observe().services;
        let called = |service: Id<ServiceSpec>| {
            let mix = self.scenario.populations.iter().flat_map(|population| &population.mix);
            mix.into_iter().any(|entry| self.system.endpoints[entry.call.endpoint].service == service)
        };
        services.iter().filter(|view| called(view.service)).filter_map(|view| view.error_ratio).reduce(f64::max)
    }

    /// The luck that people meet.
    fn fate(&self) -> Fate {
        let Luck { seed, salt, .. } = *self.world.resource::<Luck>();
        Fate { seed, salt }
    }

    /// Draws what is under way among people with the luck now in force.
    pub(super) fn redraw_people(&mut self) {
        let (fate, now, scenario) = (self.fate(), self.now(), std::sync::Arc::clone(&self.scenario));
        let people = self.world.get_resource_mut::<People>();
        if let (Some(mut people), Some(spec)) = (people, &scenario.people) {
            people.redraw(spec, fate, now);
        }
        if let Some(mut comms) = self.world.get_resource_mut::<Comms>() {
            comms.redraw();
        }
    }

    /// Whether somebody has an option in hand, or is about to be given it.
    pub(super) fn is_in_hand(&self, option: &str) -> bool {
        let wanted = |task: &Task| task.work.title == option && task.is_open();
        self.people().is_some_and(|people| people.will_give(option) || people.tasks.iter().any(wanted))
    }
}

/// What is left to order when somebody has done by hand what takes time: they wrote the fix, they went through the steps.
fn by_hand(verb: Verb, error_factor: f64) -> Vec<Verb> {
    match verb {
        Verb::Hotfix(mut hotfix) => {
            hotfix.duration = Distribution::constant(0.0).expect("nothing is in range");
            hotfix.wrong = (hotfix.wrong * error_factor).min(hotfix.wrong.max(MOST_WRONG));
            vec![Verb::Hotfix(hotfix)]
        }
        Verb::Later { verbs, .. } => verbs,
        verb => vec![verb],
    }
}

/// The service whose instances an order replaces.
fn rolls_out(verb: &Verb) -> Option<Id<ServiceSpec>> {
    match verb {
        Verb::RollBack { service } | Verb::Restart { service, .. } => Some(*service),
        Verb::Hotfix(hotfix) => Some(hotfix.service),
        _ => None,
    }
}
