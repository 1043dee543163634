//! Bad news: who brings it, how it is received, and what that does to how freely people speak.
//!
//! Whoever finds that bad news is blamed on its bearer speaks up later or not at all; this is what psychological safety names
//! (Edmondson, Psychological safety and learning behavior in work teams, 1999). No public number is known: every one is an assumption.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::units::SimTime;

use super::attention::Attended;
use super::hand_over::Fact;
use super::spec::{Habits, PeopleSpec, ResponderSpec};
use super::state::{People, Presence};
use super::task::{Owner, Task, WorkKind};
use super::{Fate, PeopleError, site};

/// However badly it was received, they hesitate no more than so many times as long.
const MOST_HESITATION: f64 = 20.0;

/// How the lead answers bad news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Thanks for having said so.
    Thank,
    /// Asks on, without a word on whoever said it.
    Neutral,
    /// Asks whose fault it is.
    Blame,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 3] = [Self::Thank, Self::Neutral, Self::Blame];

    /// The name by which commands refer to it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thank => "thank",
            Self::Neutral => "neutral",
            Self::Blame => "blame",
        }
    }

    /// How freely somebody speaks who was answered like this, and spoke so freely before; `share` of it reaches them.
    fn moves(self, habits: &Habits, candour: f64, share: f64) -> f64 {
        match self {
            Self::Thank => candour + (1.0 - candour) * habits.thanks_raise * share,
            Self::Neutral => candour,
            Self::Blame => candour * (1.0 - habits.blame_costs * share),
        }
    }
}

/// How readily somebody brings bad news unasked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frankness {
    /// The chance that they do.
    pub(super) speaks_up: f64,
    /// How many times as long as usual they hesitate.
    pub(super) hesitation: f64,
}

impl People {
    /// How readily somebody speaks now.
    pub(super) fn frankness(&self, spec: &PeopleSpec, id: Id<ResponderSpec>) -> Frankness {
        let candour = self.responders[id].candour;
        let hesitation = (1.0 / candour).min(MOST_HESITATION);
        Frankness { speaks_up: spec.responders[id].speaks_up * candour, hesitation }
    }

    /// The author of a fix that is everywhere watches it, if they are one to say that it was wrong.
    pub(super) fn watch(&mut self, spec: &PeopleSpec, id: Id<Task>, fate: Fate, now: SimTime) {
        let task = &self.tasks[id];
        let (Owner::Responder(who), WorkKind::Writing) = (task.owner, task.work.kind) else { return };
        let frank = self.frankness(spec, who);
        let mut luck = fate.rng("people.task", id.index(), site::VERDICT);
        if luck.uniform() < frank.speaks_up {
            let hesitates = spec.habits.hesitates.sample_duration(&mut luck).mul_f64(frank.hesitation);
            self.watched.push((id, now.saturating_add(spec.habits.watches).saturating_add(hesitates)));
        }
    }

    /// The fixes that are judged by now, each with its service.
    pub fn have_watched(&mut self, now: SimTime) -> Vec<(Id<Task>, Id<ServiceSpec>)> {
        let due: Vec<Id<Task>> = self.watched.iter().filter(|(_, at)| now >= *at).map(|(task, _)| *task).collect();
        self.watched.retain(|(_, at)| now < *at);
        due.into_iter().filter_map(|task| Some((task, self.tasks[task].work.service?))).collect()
    }

    /// The author of a fix sees that it did not help, and says so if they are still there.
    pub fn did_not_help(&mut self, spec: &PeopleSpec, id: Id<Task>, because: &str, now: SimTime) {
        let task = &self.tasks[id];
        let Owner::Responder(who) = task.owner else { return };
        if self.responders[who].presence == Presence::Here && !self.leads(who) {
            let text = format!(
                "{}: {because} still: my fix was wrong, or not all of it; need a decision on what next",
                task.work.title
            );
            self.say_badly(now, spec.responders[who].name.clone(), id, text);
        }
    }

    /// Whether bad news of this number waits for an answer.
    pub(super) fn answerable(&self, number: u32) -> Result<(), PeopleError> {
        let news = self.news.get(number as usize).filter(|_| self.knows(Fact::News(number)));
        let news = news.ok_or(PeopleError::NoSuchNews(number))?;
        let waits = |what: &Attended| matches!(what, Attended::Receive { news, .. } if *news == number);
        if !news.bad {
            Err(PeopleError::NotBadNews(number))
        } else if news.answered || self.attention.all().any(|doing| waits(&doing.what)) {
            Err(PeopleError::AnsweredAlready(number))
        } else {
            Ok(())
        }
    }

    /// The lead has answered bad news: whoever brought it, and less so whoever was there, will speak more freely or less.
    pub(super) fn receive(&mut self, spec: &PeopleSpec, number: u32, tone: Tone, now: SimTime) {
        let Some(news) = self.news.get_mut(number as usize) else { return };
        news.answered = true;
        let (from, task, habits) = (news.from.clone(), news.task.map(Id::new), &spec.habits);
        for id in spec.responders.ids() {
            let there = !matches!(self.responders[id].presence, Presence::Away | Presence::Released);
            let share = match spec.responders[id].name == from {
                true => 1.0,
                false if there => habits.overhears,
                false => 0.0,
            };
            let candour = self.responders[id].candour;
            self.responders[id].candour = tone.moves(habits, candour, share);
        }
        let text = match tone {
            Tone::Thank => format!("{from}: thank you for saying so; what do you need?"),
            Tone::Neutral => format!("{from}: understood; tell me more"),
            Tone::Blame => format!("{from}: how could that happen?"),
        };
        self.say(now, "lead", crate::observe::NewsKind::Announced, task, text);
    }
}
