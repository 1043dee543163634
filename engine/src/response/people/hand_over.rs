//! Handing over: the lead to somebody else, and what of what the lead knew arrives there.
//!
//! A hand-over in parts follows I-PASS (Starmer et al., Changes in medical errors after implementation of a handoff program, 2014:
//! 23 % fewer errors, 30 % fewer preventable adverse events), here for incidents: how bad it is, what happened, who does what, what
//! could come and what was promised, and reading it back. What is not told in its part arrives by chance. What does not arrive is gone
//! from what the lead sees; what was to be done and did not arrive is not done. That parts and reading back help is known; the chances are assumptions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::observe::{EvidenceLog, News, NewsKind};
use crate::response::Triggers;
use crate::response::comms::{Audience, Comms};
use crate::units::SimTime;

use super::attention::{Attended, Doing};
use super::spec::{Habits, PeopleSpec, ResponderSpec};
use super::state::{People, Presence};
use super::task::{Owner, Stage, Task};
use super::{Fate, PeopleError};

/// A part of a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// How bad it is, and how it goes: the severity and the alerts.
    Severity,
    /// What happened, what was changed, what was seen and thought.
    Summary,
    /// Who does what, and until when.
    Actions,
    /// What could go wrong, what to watch for, what was promised to whom.
    Contingencies,
    /// Whoever takes over says it back and asks.
    ReadBack,
}

impl Part {
    /// Every part, in the order in which they are told.
    pub const ALL: [Self; 5] = [Self::Severity, Self::Summary, Self::Actions, Self::Contingencies, Self::ReadBack];

    /// The name by which commands refer to it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Summary => "summary",
            Self::Actions => "actions",
            Self::Contingencies => "contingencies",
            Self::ReadBack => "read-back",
        }
    }
}

/// Something that whoever leads knows, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fact {
    /// That it was declared an incident, and how bad it is said to be.
    Severity,
    /// What an instrument showed: the position among what was seen.
    Evidence(u32),
    /// What somebody concluded: the position among the conclusions.
    Conclusion(u32),
    /// When a task is to be done, by its estimate and its time-box.
    Task(Id<Task>),
    /// When an audience is to hear more: the position among what was said to it.
    Promise(Audience, u32),
    /// What was said, by its number.
    News(u32),
    /// What is to be done if a dashboard shows something: the trigger's number.
    Trigger(u32),
    /// What the lead was about to do: the position of the command in the log.
    Intent(u32),
}

impl Fact {
    /// What sets it apart in the luck of a hand-over.
    const fn site(self) -> u64 {
        let (kind, number) = match self {
            Self::Severity => (0, 0),
            Self::Evidence(number) => (1, number),
            Self::Conclusion(number) => (2, number),
            Self::Task(task) => (3, task.raw()),
            Self::Promise(audience, number) => (4 + audience as u64, number),
            Self::News(number) => (8, number),
            Self::Trigger(number) => (9, number),
            Self::Intent(number) => (10, number),
        };
        (kind << 32) + number as u64
    }
}

/// A fact in a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// The fact.
    pub fact: Fact,
    /// The part to which it belongs.
    pub part: Part,
    /// Whether it arrived.
    pub arrived: bool,
}

/// A hand-over of the lead: the ledger for whoever looks back at it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// When.
    pub at: SimTime,
    /// Who led before; `None` for whoever led at the start.
    pub from: Option<Id<ResponderSpec>>,
    /// Who leads from then on.
    pub to: Id<ResponderSpec>,
    /// What was told, each part once and in order.
    pub told: Vec<Part>,
    /// Everything that was known to whoever led before.
    pub facts: Vec<Handed>,
}

impl HandOver {
    /// How many facts there were, and how many arrived.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.facts.len(), self.facts.iter().filter(|handed| handed.arrived).count())
    }
}

/// Each part once and in order.
pub(super) fn in_order(told: &[Part]) -> Vec<Part> {
    Part::ALL.into_iter().filter(|part| told.contains(part)).collect()
}

/// What of what is known elsewhere may be handed over.
#[derive(Clone, Copy, Debug)]
pub struct KnownElsewhere<'a> {
    /// What instruments have shown, and what was concluded.
    pub evidence: &'a EvidenceLog,
    /// What was said to audiences; `None` where nobody waits for word.
    pub comms: Option<&'a Comms>,
    /// The switch triggers.
    pub triggers: &'a Triggers,
}

impl People {
    /// Whether whoever leads now knows something that has been.
    #[must_use]
    pub fn knows(&self, fact: Fact) -> bool {
        !self.unknown.contains(&fact)
    }

    /// Whoever leads learns something anew; whoever led before knows only how it was.
    pub(super) fn learn(&mut self, fact: Fact) {
        self.unknown.remove(&fact);
        for one in self.responders.iter_mut() {
            one.remembers.remove(&fact);
        }
    }

    /// A task by its number, and those from which it was taken over.
    #[must_use]
    pub fn taken_over(&self, task: Id<Task>) -> Vec<u32> {
        std::iter::successors(Some(task), |task| self.tasks[*task].after).map(Id::raw).collect()
    }

    /// Whether somebody can take over the lead.
    pub(super) fn can_take_over(&self, spec: &PeopleSpec, id: Id<ResponderSpec>) -> Result<(), PeopleError> {
        let name = || spec.responders[id].name.clone();
        match self.responders[id].presence {
            _ if self.leads(id) => return Err(PeopleError::Leads(name())),
            Presence::Here => {}
            Presence::ReadingUp { .. } => return Err(PeopleError::NotReady(name())),
            Presence::Away | Presence::Released => return Err(PeopleError::NotThere(name())),
        }
        match self.occupied_with(id) {
            Some(task) => Err(PeopleError::HoldsTask { name: name(), task: task.raw() }),
            None if self.will_be_given(id) => Err(PeopleError::WillHoldTask(name())),
            None => Ok(()),
        }
    }

    /// Whether somebody leads.
    pub(super) fn leads(&self, id: Id<ResponderSpec>) -> bool {
        self.leading == Some(id)
    }

    /// Whether somebody leads, or is about to.
    pub(super) fn leads_or_will(&self, id: Id<ResponderSpec>) -> bool {
        let will = |what: &Attended| matches!(what, Attended::HandOver(to, _) if *to == id);
        self.leads(id) || self.attention.all().any(|doing| will(&doing.what))
    }

    /// Whether the lead is about to give somebody a task.
    fn will_be_given(&self, id: Id<ResponderSpec>) -> bool {
        self.attention.all().any(|doing| match doing.what {
            Attended::Assign { owner, .. } => owner == Owner::Responder(id),
            Attended::Reassign(_, to, _) => to == id,
            _ => false,
        })
    }

    /// The first task that somebody still has to do something for.
    pub(super) fn occupied_with(&self, id: Id<ResponderSpec>) -> Option<Id<Task>> {
        let occupies = |task: &Task| task.owner == Owner::Responder(id) && task.occupies();
        self.tasks.enumerate().find(|(_, task)| occupies(task)).map(|(id, _)| id)
    }

    /// How well whoever leads knows a service; everybody knows how to do what is about none.
    pub(super) fn leads_skill(&self, spec: &PeopleSpec, task: &Task) -> f64 {
        match (task.work.service, self.leading) {
            (None, _) => 1.0,
            (Some(_), None) => spec.lead.skill,
            (service, Some(id)) => spec.responders[id].skill(service),
        }
    }

    /// The lead has told what they wanted to tell; somebody else leads from now on. What arrives there is drawn when the second is
    /// over, by [`People::settle_hand_overs`].
    pub(super) fn hand_over(&mut self, spec: &PeopleSpec, to: Id<ResponderSpec>, told: Vec<Part>, now: SimTime) {
        if let Err(why) = self.can_take_over(spec, to) {
            let text = format!("handing over to {}: could not be done: {why}", spec.responders[to].name);
            self.say(now, super::LEAD, NewsKind::Failed, None, text);
            return;
        }
        let from = self.leading.replace(to);
        self.hand_overs.push(HandOver { at: now, from, to, told, facts: Vec::new() });
    }

    /// Draws what arrived of what was handed over in this second.
    pub fn settle_hand_overs(&mut self, spec: &PeopleSpec, known: KnownElsewhere<'_>, fate: Fate, now: SimTime) {
        for number in self.settled..self.hand_overs.len() {
            let HandOver { from, to, .. } = self.hand_overs[number];
            let (facts, unknown) = self.handed(spec, known, (fate, number));
            let handed_by = facts.iter().map(|handed| handed.fact).collect();
            if let Some(from) = from {
                self.responders[from].remembers = handed_by;
            }
            self.unknown = unknown;
            self.forget(known.triggers, now);
            self.hand_overs[number].facts = facts;
            let name = &spec.responders[to].name;
            self.say(now, super::LEAD, NewsKind::Announced, None, format!("{name} leads from now on"));
        }
        self.settled = self.hand_overs.len();
    }

    /// Everything that was known to whoever led before, with whether it arrived; and everything that whoever leads now does not know.
    fn handed(
        &self,
        spec: &PeopleSpec,
        known: KnownElsewhere<'_>,
        (fate, number): (Fate, usize),
    ) -> (Vec<Handed>, BTreeSet<Fact>) {
        let HandOver { to, told, .. } = &self.hand_overs[number];
        let name = &spec.responders[*to].name;
        let remembers = &self.responders[*to].remembers;
        // What was lost before and is not told of any more stays lost.
        let mut unknown: BTreeSet<Fact> = self.unknown.difference(remembers).copied().collect();
        let mut handed = Vec::new();
        for (fact, part, drawn, from) in self.facts(known) {
            let luck = fate.rng("people.hand-over", number, drawn.site()).uniform();
            let told = self.knows(fact) && luck < chance(&spec.habits, told, part);
            // Whoever found or said something knows it, and whoever has led remembers.
            let arrived = told || from == Some(name) || remembers.contains(&fact);
            if self.knows(fact) {
                handed.push(Handed { fact, part, arrived });
            }
            if arrived {
                unknown.remove(&fact);
            } else {
                unknown.insert(fact);
            }
        }
        (handed, unknown)
    }

    /// What whoever led before was about to do, and whoever leads now does not know of, is not done.
    fn forget(&mut self, triggers: &Triggers, now: SimTime) {
        let fact = |doing: &Doing| {
            let command = doing.command?;
            match doing.what {
                Attended::Trigger => triggers.open().find(|(_, by)| *by == command).map(|(at, _)| Fact::Trigger(at)),
                _ => Some(intent(command)),
            }
        };
        let unknown = &self.unknown;
        let forgotten = self.attention.forget(|doing| fact(doing).is_some_and(|fact| unknown.contains(&fact)), now);
        for doing in forgotten {
            // What was in the lead's own hands, or on its way out of them, is in nobody's.
            if let Attended::Own(task) | Attended::Reassign(task, ..) = doing.what
                && self.tasks[task].owner == Owner::Lead
            {
                self.tasks[task].stage = Stage::Dropped;
            }
        }
    }

    /// Everything that whoever leads could know: the part it belongs to, the fact with whose luck it is drawn, and whom it comes from.
    fn facts<'a>(&'a self, known: KnownElsewhere<'a>) -> Vec<(Fact, Part, Fact, Option<&'a String>)> {
        let mut facts = Vec::new();
        let own = |fact: Fact, part: Part, from: Option<&'a String>| (fact, part, fact, from);
        facts.extend(self.declared.map(|_| own(Fact::Severity, Part::Severity, None)));
        let numbered = |at: usize| u32::try_from(at).expect("fewer than 2^32 of a kind");
        let seen = known.evidence.seen.iter().enumerate();
        facts.extend(seen.map(|(at, one)| own(Fact::Evidence(numbered(at)), Part::Summary, one.by.as_ref())));
        let concluded = known.evidence.conclusions.iter().enumerate();
        facts.extend(concluded.map(|(at, one)| own(Fact::Conclusion(numbered(at)), Part::Summary, Some(&one.by))));
        let open = self.tasks.enumerate().filter(|(_, task)| task.is_open());
        facts.extend(open.map(|(id, _)| own(Fact::Task(id), Part::Actions, None)));
        for (audience, state) in
            Audience::ALL.into_iter().zip(known.comms.into_iter().flat_map(|comms| &comms.audiences))
        {
            let last = state.said.len().checked_sub(1).filter(|last| state.said[*last].promised.is_some());
            facts.extend(last.map(|at| own(Fact::Promise(audience, numbered(at)), Part::Contingencies, None)));
        }
        facts.extend(self.attention.all().filter_map(|doing| match (doing.command, &doing.what) {
            (None, _) | (_, Attended::Trigger) => None,
            (Some(command), Attended::Own(task)) => Some((intent(command), Part::Actions, Fact::Task(*task), None)),
            (Some(command), _) => Some(own(intent(command), Part::Actions, None)),
        }));
        facts.extend(known.triggers.open().map(|(at, _)| own(Fact::Trigger(at), Part::Contingencies, None)));
        facts.extend(self.news.iter().map(|news| {
            let fact = Fact::News(news.number);
            (fact, self.part_of(news), same_as(news, known.evidence).unwrap_or(fact), Some(&news.from))
        }));
        facts
    }

    /// The part to which something that was said belongs.
    fn part_of(&self, news: &News) -> Part {
        let open = news.task.is_some_and(|task| self.tasks.get(Id::new(task)).is_some_and(Task::is_open));
        match news.kind {
            NewsKind::Alerted | NewsKind::Resolved => Part::Severity,
            NewsKind::Found => Part::Summary,
            _ if open => Part::Actions,
            _ => Part::Summary,
        }
    }
}

/// What a command is to whoever has yet to attend to it.
fn intent(command: usize) -> Fact {
    Fact::Intent(u32::try_from(command).expect("fewer than 2^32 commands"))
}

/// What was said of what an instrument showed, or of what was concluded, arrives with it or not at all.
fn same_as(news: &News, evidence: &EvidenceLog) -> Option<Fact> {
    let numbered = |at: usize| u32::try_from(at).expect("fewer than 2^32 of a kind");
    let task = news.task?;
    match news.kind {
        NewsKind::Found => {
            let same = evidence.seen.iter().position(|one| one.task == Some(task) && one.at == news.at);
            same.map(|at| Fact::Evidence(numbered(at)))
        }
        NewsKind::Report => {
            let same = evidence.conclusions.iter().position(|one| one.task == task && one.at == news.at);
            same.map(|at| Fact::Conclusion(numbered(at)))
        }
        _ => None,
    }
}

/// The chance that a fact of a part arrives.
fn chance(habits: &Habits, told: &[Part], part: Part) -> f64 {
    match (told.contains(&part), told.contains(&Part::ReadBack)) {
        (false, _) => habits.arrives_untold,
        (true, false) => habits.arrives_told,
        (true, true) => habits.arrives_read_back,
    }
}

impl Task {
    /// Whether its owner has to do something for it.
    pub(super) const fn occupies(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Working | Stage::Blocked { .. })
    }
}
