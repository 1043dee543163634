//! A lead that looks before it acts, and looks where a minute tells the most.
//!
//! While a service is sick it asks one instrument after another about it (the nearest to users first): the one whose answer is worth the
//! most a second, by the weight that its belief gives to what the instrument can tell and the time it takes. The belief is over classes
//! of causes: a change of the service, what it depends on, load, connections held. What follows from an answer is what an investigator
//! would say of it. Where somebody is there who has nothing to do, they look as well, and what they think counts as an answer.
//!
//! It acts when a class is believed at 60%, when nothing is left that would tell more, or after six minutes of looking: with the first
//! option that the menu has against that class (`remedies`) and that it has not tried. Where the fault lies in a dependency it looks
//! there first. Then it waits until what it did should have shown, one and a half times the estimate and five minutes; if the service is
//! still sick, everything is looked at anew. The prior, the 60% and the six minutes are assumptions.

mod belief;

use crate::observe::{Cause, Evidence, Observation, SubjectText, Suspicion, Whereabouts};
use crate::response::people::conclude;
use crate::response::{Action, Command, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;
use super::suspects::standing;
use belief::{Belief, remedies};

/// A class that is believed so much is acted on.
const ENOUGH: f64 = 0.6;
/// How long it looks at most before it acts.
const LOOKS_FOR: SimDuration = SimDuration::from_secs(6 * 60);
/// How long the effect of what was done may take to show, beyond one and a half times its estimate.
const PATIENCE: SimDuration = SimDuration::from_secs(5 * 60);
/// How long an answer is waited for, as a multiple of how long it should take.
const WAITS: f64 = 3.0;
/// The time-box of those who look as well.
const INVESTIGATES: SimDuration = SimDuration::from_secs(10 * 60);

/// Looks, and acts on what is likeliest.
#[derive(Clone, Debug, Default)]
pub struct GreedyInformation {
    alarm: Alarm,
    round: Option<Round>,
    /// Until when what was done may take to show.
    waits: Option<SimTime>,
    /// The options that have been taken.
    tried: Vec<String>,
}

/// Looking at one service.
#[derive(Clone, Debug)]
struct Round {
    service: String,
    since: SimTime,
    /// What was asked, with when it is not waited for any more.
    asked: Vec<Asked>,
    /// Whether somebody else was asked to look.
    investigated: bool,
    /// The services that were looked at before because they depend on this one.
    callers: Vec<String>,
}

#[derive(Clone, Debug)]
struct Asked {
    instrument: String,
    subject: Option<String>,
    until: SimTime,
}

impl Round {
    fn at(service: &str, since: SimTime) -> Self {
        Self { service: service.to_owned(), since, asked: Vec::new(), investigated: false, callers: Vec::new() }
    }

    /// What has been seen of the service since it is looked at, by whomever.
    fn seen<'a>(&self, observation: &'a Observation) -> Vec<&'a Evidence> {
        let about = |one: &&Evidence| {
            one.asked >= self.since && one.subject.as_ref().is_none_or(|subject| self.is_about(subject, observation))
        };
        observation.evidence.iter().filter(about).collect()
    }

    /// Whether a subject is the service itself, or a call it makes.
    fn is_about(&self, subject: &str, observation: &Observation) -> bool {
        let (caller, _) = sides(subject, observation);
        caller == Some(&self.service)
    }

    /// What follows from what was seen, and what others think, the likeliest first.
    fn suspicions(&self, observation: &Observation) -> Vec<Suspicion> {
        let mut all = conclude(&self.service, &self.seen(observation));
        let said = observation.conclusions.iter().filter(|one| one.at >= self.since && one.service == self.service);
        all.extend(said.flat_map(|one| one.suspicions.iter().cloned()));
        all.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
        all
    }

    /// Whether an answer is still waited for.
    fn is_waiting(&self, observation: &Observation) -> bool {
        let answered = |asked: &Asked| {
            let same = |one: &&Evidence| one.instrument == asked.instrument && one.subject == asked.subject;
            self.seen(observation).iter().any(same)
        };
        self.asked.iter().any(|asked| observation.now < asked.until && !answered(asked))
    }

    /// The instrument that is worth the most a second, with what it is pointed at and how long it takes.
    fn best_look(
        &self,
        belief: Belief,
        observation: &Observation,
        menu: &Menu,
    ) -> Option<(String, Option<String>, SimDuration)> {
        let mut best = None;
        let mut most = 0.0;
        for offer in &menu.looks {
            let worth = belief.worth(&offer.instrument, offer.takes);
            for subject in self.subjects(&offer.subjects, observation) {
                let asked = self.asked.iter().any(|one| one.instrument == offer.instrument && one.subject == subject);
                if !asked && worth > most {
                    most = worth;
                    best = Some((offer.instrument.clone(), subject, offer.takes));
                }
            }
        }
        best
    }

    /// What an instrument can be pointed at that is about the service: itself, and the calls it makes.
    fn subjects(&self, offered: &[String], observation: &Observation) -> Vec<Option<String>> {
        if offered.is_empty() {
            return vec![None];
        }
        let own = |subject: &&String| self.is_about(subject, observation);
        offered.iter().filter(own).map(|subject| Some(subject.clone())).collect()
    }
}

impl GreedyInformation {
    /// The service to look at: the sick one that is nearest to users.
    fn sick(&self, observation: &Observation) -> Option<usize> {
        (0..observation.services.len()).find(|service| self.alarm.is_sick(*service))
    }

    /// Asks the next instrument, and whoever has nothing to do; nothing when there is nothing left to ask.
    fn look(&mut self, belief: Belief, observation: &Observation, menu: &Menu) -> Vec<Command> {
        let Some(round) = &mut self.round else { return Vec::new() };
        let mut commands = Vec::new();
        if let Some((instrument, subject, takes)) = round.best_look(belief, observation, menu) {
            let until = observation.now.saturating_add(takes.mul_f64(WAITS));
            commands.push(Command::look(instrument.clone(), subject.as_deref()));
            round.asked.push(Asked { instrument, subject, until });
        }
        if !round.investigated
            && let Some(owner) = idle(observation)
        {
            round.investigated = true;
            let service = round.service.clone();
            commands.push(Command::Investigate { service, owner, time_box: Some(INVESTIGATES) });
        }
        commands
    }

    /// Acts on the likeliest suspicion against which there is something to do.
    fn act(&mut self, likeliest: Cause, observation: &Observation, menu: &Menu) -> Vec<Command> {
        let Some(round) = self.round.take() else { return Vec::new() };
        let mut suspicions = round.suspicions(observation);
        suspicions.sort_by_key(|one| one.cause != likeliest);
        let unknown =
            |of: &str| Suspicion { cause: Cause::Unknown, of: of.to_owned(), confidence: 0.0, because: String::new() };
        suspicions.push(unknown(&round.service));
        suspicions.extend(round.callers.iter().map(|caller| unknown(caller)));
        let found = suspicions.iter().find_map(|one| Some((one, self.remedy(one, &round, observation, menu)?)));
        let Some((suspicion, option)) = found else {
            // Everything has been tried once; what is tried again may help now.
            self.tried.clear();
            return Vec::new();
        };
        let why =
            if suspicion.because.is_empty() { format!("{} is sick", round.service) } else { suspicion.because.clone() };
        let takes = option.estimate.takes.likely.mul_f64(1.5);
        self.waits = Some(observation.now.saturating_add(takes).saturating_add(PATIENCE));
        self.tried.push(option.name.clone());
        let needed = option.parameters.iter().filter(|parameter| parameter.default.is_none());
        let act = Command::act(option.name.clone(), why);
        vec![needed.fold(act, |act, parameter| act.with(parameter.name.clone(), parameter.example()))]
    }

    /// The first option against a suspicion that has not been tried.
    fn remedy<'a>(
        &self,
        suspicion: &Suspicion,
        round: &Round,
        observation: &Observation,
        menu: &'a Menu,
    ) -> Option<&'a MenuOption> {
        // Of a call, the side that is to blame: the one that holds its connections, or the one that answers late.
        let (caller, called) = sides(&suspicion.of, observation);
        let name = if suspicion.cause == Cause::HeldConnections { caller } else { called };
        let known = name.filter(|name| observation.services.iter().any(|view| view.name == *name));
        let name = known.unwrap_or(&round.service);
        let service = observation.services.iter().position(|view| view.name == name)?;
        let changed = standing(&observation.changes, service).iter().any(|change| !change.dropped);
        let fits = |option: &&MenuOption| match option.action {
            // Nothing is undone where nothing was done.
            Action::RollBack | Action::Hotfix if !changed => false,
            Action::Block => true,
            _ => option.target.service_index() == Some(service),
        };
        let free = |option: &&MenuOption| !self.tried.contains(&option.name);
        remedies(suspicion.cause).iter().find_map(|action| menu.of_kind(*action).filter(fits).find(free))
    }

    /// Goes on to what the service depends on, where the fault seems to lie there and it has not been looked at.
    fn follow(&mut self, observation: &Observation) -> bool {
        let Some(round) = &self.round else { return false };
        let suspicions = round.suspicions(observation);
        let behind = suspicions.iter().find(|one| one.cause == Cause::Dependency);
        let Some(called) = behind.and_then(|one| sides(&one.of, observation).1) else { return false };
        let known = observation.services.iter().any(|view| view.name == called);
        if !known || called == round.service || round.callers.iter().any(|caller| caller == called) {
            return false;
        }
        let mut next = Round::at(called, round.since);
        next.callers = round.callers.iter().chain([&round.service]).cloned().collect();
        self.round = Some(next);
        true
    }
}

/// Who calls and who is called where that is a dependency; both are the service where it is one. `None` where it is not known.
fn sides<'a>(subject: &'a str, observation: &'a Observation) -> (Option<&'a str>, Option<&'a str>) {
    let name = match SubjectText::read(subject) {
        SubjectText::Dependency(name) => name,
        SubjectText::Service(name) => return (Some(name), Some(name)),
        // Where it is not a service that calls or is called, it is none of a service's own.
        SubjectText::Endpoint(_) | SubjectText::Population(_) => return (None, None),
    };
    match observation.dependencies.iter().find(|view| view.name == name) {
        Some(view) => (view.caller.as_deref(), Some(&view.target)),
        None => name.split_once("->").map_or((None, None), |(caller, called)| (Some(caller), Some(called))),
    }
}

/// Somebody who is there and has nothing to do.
fn idle(observation: &Observation) -> Option<String> {
    let people = observation.people.as_ref()?;
    let busy =
        |name: &str| people.tasks.iter().any(|task| !task.state.is_over() && task.owner.as_deref() == Some(name));
    let free = people.responders.iter().find(|who| who.whereabouts == Whereabouts::Here && !busy(&who.name))?;
    Some(free.name.clone())
}

impl Policy for GreedyInformation {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(observation);
        let now = observation.now;
        let Some(sick) = self.sick(observation) else {
            (self.round, self.waits) = (None, None);
            return Vec::new();
        };
        if self.waits.is_some_and(|until| now < until) {
            return Vec::new();
        }
        self.waits = None;
        let round = self.round.get_or_insert_with(|| Round::at(&observation.services[sick].name, now));
        if round.is_waiting(observation) {
            return Vec::new();
        }
        let instruments: Vec<&str> = round.seen(observation).iter().map(|one| one.instrument.as_str()).collect();
        let belief = Belief::after(instruments.iter().copied(), &round.suspicions(observation));
        let (likeliest, believed) = belief.likeliest();
        let late = now.since(round.since) >= LOOKS_FOR;
        let seen_anything = !instruments.is_empty();
        if !(late || seen_anything && believed >= ENOUGH) {
            let commands = self.look(belief, observation, menu);
            if !commands.is_empty() {
                return commands;
            }
        }
        if !late && likeliest == Cause::Dependency && self.follow(observation) {
            return self.decide(observation, menu);
        }
        self.act(likeliest, observation, menu)
    }
}
