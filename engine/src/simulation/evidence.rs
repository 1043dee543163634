//! Instruments in a simulation: who asks them, and what they answer.
//!
//! Whether a fault has been met that an authored text waits for is known only up here; the text is all that goes down.

use std::sync::Arc;

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::observe::{Conclusion, Evidence, EvidenceLog, EvidenceSources, Question, Sources};
use crate::response::people::{
    Fact, Finished, Owner, People, PeopleSpec, conclude, investigation, report, root, trouble,
};
use crate::response::{Command, Refusal};
use crate::text::suggest;
use crate::units::SimTime;

use super::Simulation;

impl Simulation {
    /// What instruments have shown to whoever asked them, and what was concluded from it.
    #[must_use]
    pub fn evidence(&self) -> &EvidenceLog {
        self.world.resource::<EvidenceLog>()
    }

    /// What of it whoever leads knows.
    pub(super) fn known_evidence(&self) -> EvidenceLog {
        let mut log = self.evidence().clone();
        if let Some(people) = self.people() {
            let mut numbers = 0..;
            log.seen.retain(|_| numbers.next().is_some_and(|number| people.knows(Fact::Evidence(number))));
            let mut numbers = 0..;
            log.conclusions.retain(|_| numbers.next().is_some_and(|number| people.knows(Fact::Conclusion(number))));
        }
        log
    }

    /// What can be observed.
    pub(super) fn sources(&self) -> Sources<'_> {
        Sources {
            system: self.system(),
            populations: &self.scenario.populations,
            monitoring: &self.scenario.monitoring,
            monitor: self.monitor(),
            recording: self.recording(),
            deploys: self.deploys(),
        }
    }

    /// The question that an instrument and a subject, by their names, come to.
    pub(super) fn question(&self, instrument: &str, subject: Option<&str>) -> Result<Question, Refusal> {
        let scenario = &self.scenario;
        let known = (&scenario.system, &scenario.populations);
        scenario.evidence.question(known, instrument, subject).map_err(Refusal::Evidence)
    }

    /// What somebody asks who looks for the cause of trouble at a service.
    pub(super) fn investigation(&self, service: &str) -> Result<(Id<ServiceSpec>, Vec<Question>), Refusal> {
        let services = &self.scenario.system.services;
        let found = services.enumerate().find(|(_, spec)| spec.name == service);
        let Some((id, _)) = found else {
            let near = suggest(service, services.iter().map(|spec| spec.name.as_str())).map(str::to_owned);
            return Err(Refusal::NoSuchService { name: service.to_owned(), near });
        };
        let scenario = &self.scenario;
        let questions = investigation(&scenario.evidence, &scenario.system, &scenario.populations, id);
        if questions.is_empty() { Err(Refusal::NothingToLookAt(service.to_owned())) } else { Ok((id, questions)) }
    }

    /// The lead looks, and sees at once: nobody else takes part, and nothing takes anybody's time.
    pub(super) fn look_at_once(&mut self, instrument: &str, subject: Option<&str>) -> Result<(), Refusal> {
        let question = self.question(instrument, subject)?;
        let evidence = self.answer(&question, self.now(), (None, None));
        self.world.resource_mut::<EvidenceLog>().seen.push(evidence);
        Ok(())
    }

    /// Somebody has asked an instrument and read its answer, or one of those that they had to ask. Returns whether this was what
    /// they had to do.
    pub(super) fn has_looked(&mut self, people: &PeopleSpec, finished: &Finished) -> bool {
        let asked = &self.commands[finished.command];
        let question = match &asked.command {
            Command::Look { instrument, subject, .. } => self.question(instrument, subject.as_deref()).ok(),
            Command::Investigate { service, .. } => {
                let questions = self.investigation(service).map(|(_, questions)| questions);
                questions.ok().and_then(|questions| questions.into_iter().nth(finished.part))
            }
            _ => return false,
        };
        let Some(question) = question else { return false };
        let (asked, now) = (asked.at, self.now());
        let by = match self.world.resource::<People>().tasks[finished.task].owner {
            Owner::Lead => None,
            Owner::Responder(id) => Some(people.responders[id].name.clone()),
        };
        let evidence = self.answer(&question, asked, (by, Some(finished.task.raw())));
        self.world.resource_mut::<People>().found(people, finished.task, &evidence.text, now);
        self.world.resource_mut::<EvidenceLog>().seen.push(evidence);
        if finished.last {
            self.conclude(people, finished);
        }
        true
    }

    /// Somebody who looked for a cause says what they think it is.
    fn conclude(&mut self, people: &PeopleSpec, finished: &Finished) {
        let Command::Investigate { service, .. } = &self.commands[finished.command].command else { return };
        let (service, now, task) = (service.clone(), self.now(), finished.task.raw());
        let tasks = self.world.resource::<People>().taken_over(finished.task);
        let known = |one: &&Evidence| one.task.is_some_and(|task| tasks.contains(&task));
        let seen: Vec<&Evidence> = self.evidence().seen.iter().filter(known).collect();
        let suspicions = conclude(&service, &seen);
        let looks = seen.len();
        let by = {
            let mut state = self.world.resource_mut::<People>();
            let text = report(&state.tasks[finished.task].work.title, &suspicions, looks);
            state.concluded(people, finished.task, text, now)
        };
        let conclusion = Conclusion { at: now, by, task, service, suspicions };
        self.world.resource_mut::<EvidenceLog>().conclusions.push(conclusion);
    }

    /// Those who were called and have looked whether it is theirs say so if it is not.
    pub(super) fn triage(&mut self, people: &PeopleSpec) {
        let now = self.now();
        for id in self.world.resource_mut::<People>().have_triaged(people, now) {
            let looks: Vec<(Id<ServiceSpec>, Vec<Evidence>)> =
                self.system().services.ids().map(|service| (service, self.looks(service))).collect();
            let Some((service, because)) = root(self.system(), &looks) else { continue };
            let name = self.scenario.system.services[service].name.clone();
            self.world.resource_mut::<People>().triaged(people, id, (service, &name), &because, now);
        }
    }

    /// Those who have watched what their fix does say so if it did not help.
    pub(super) fn judge_fixes(&mut self, people: &PeopleSpec) {
        let now = self.now();
        for (task, service) in self.world.resource_mut::<People>().have_watched(now) {
            let name = &self.system().services[service].name;
            let Some(because) = trouble(name, &self.looks(service)) else { continue };
            self.world.resource_mut::<People>().did_not_help(people, task, &because, now);
        }
    }

    /// What the instruments show of a service now.
    fn looks(&self, service: Id<ServiceSpec>) -> Vec<Evidence> {
        let scenario = &self.scenario;
        let questions = investigation(&scenario.evidence, &scenario.system, &scenario.populations, service);
        questions.iter().map(|question| self.answer(question, self.now(), (None, None))).collect()
    }

    /// What an instrument shows now.
    fn answer(&self, question: &Question, asked: SimTime, (by, task): (Option<String>, Option<u32>)) -> Evidence {
        let scenario = Arc::clone(&self.scenario);
        let (observed, ordered) = (self.sources(), self.ordered());
        let happened = |name: &str| self.first_met(name);
        let sources =
            EvidenceSources { spec: &scenario.evidence, observed: &observed, ordered: &ordered, happened: &happened };
        let (rows, text) = sources.read(question, self.now());
        let (instrument, subject) = match question.name.split_once(' ') {
            Some((instrument, subject)) => (instrument.to_owned(), Some(subject.to_owned())),
            None => (question.name.clone(), None),
        };
        Evidence { asked, at: self.now(), by, task, instrument, subject, rows, text }
    }

    /// What was ordered through the menu, by its name: each option once, however many orders it came to.
    fn ordered(&self) -> Vec<(SimTime, String)> {
        let mut ordered: Vec<(SimTime, String)> = Vec::new();
        let mut last = None;
        for ((at, _), cause) in self.orders.iter().zip(&self.causes) {
            let Some(cause) = cause.filter(|cause| last != Some(*cause)) else { continue };
            last = Some(cause);
            if let Some((option, _)) = self.commands[cause].command.takes() {
                ordered.push((*at, option.clone()));
            }
        }
        ordered
    }
}
