//! Bad news: who brings it, how it is received, and what that does to how freely people speak.
//!
//! Whoever finds that bad news is blamed on its bearer speaks up later or not at all; this is what psychological safety names
//! (Edmondson, Psychological safety and learning behavior in work teams, 1999). No public number is known: every one is an assumption.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::rng::KeyedRng;
use crate::units::{SimDuration, SimTime};

use super::attention::Attended;
use super::hand_over::Fact;
use super::spec::{Habits, PeopleSpec, ResponderSpec};
use super::state::{People, Presence};
use super::task::{Owner, Task, WorkKind};
use super::{Fate, PeopleError, REDRAWS, site};

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

impl Frankness {
    /// For how long they hesitate to say something; `None` if they do not say it.
    pub(super) fn hesitates(self, habits: &Habits, luck: &mut KeyedRng) -> Option<SimDuration> {
        let speaks = luck.uniform() < self.speaks_up;
        let span = habits.hesitates.sample_duration(luck).mul_f64(self.hesitation);
        speaks.then_some(span)
    }

    /// The same, given that they have not said it for so long.
    pub(super) fn hesitates_longer(
        self,
        habits: &Habits,
        waited: SimDuration,
        luck: &mut KeyedRng,
    ) -> Option<SimDuration> {
        let mut draws = (0..REDRAWS).map(|_| self.hesitates(habits, luck));
        draws.find(|span| span.is_none_or(|span| span > waited)).flatten()
    }
}

/// The author of a fix, watching whether it helps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    task: Id<Task>,
    /// Since when they could tell.
    since: SimTime,
    /// When they say so if it does not; `None` if they will not.
    says: Option<SimTime>,
}

impl People {
    /// How readily somebody speaks now.
    pub(super) fn frankness(&self, spec: &PeopleSpec, id: Id<ResponderSpec>) -> Frankness {
        let candour = self.responders[id].candour;
        let hesitation = (1.0 / candour).min(MOST_HESITATION);
        Frankness { speaks_up: spec.responders[id].speaks_up * candour, hesitation }
    }

    /// The author of a fix that is everywhere watches it.
    pub(super) fn watch(&mut self, spec: &PeopleSpec, id: Id<Task>, fate: Fate, now: SimTime) {
        let task = &self.tasks[id];
        let (Owner::Responder(who), WorkKind::Writing) = (task.owner, task.work.kind) else { return };
        let frank = self.frankness(spec, who);
        let mut luck = fate.rng("people.task", id.index(), site::VERDICT);
        let since = now.saturating_add(spec.habits.watches);
        let says = frank.hesitates(&spec.habits, &mut luck).map(|span| since.saturating_add(span));
        self.watched.push(Watch { task: id, since, says });
    }

    /// Another luck is in force: whether and when authors say that their fix did not help is drawn again, given that they have not.
    pub(super) fn redraw_verdicts(&mut self, spec: &PeopleSpec, fate: Fate, now: SimTime) {
        for at in 0..self.watched.len() {
            let Watch { task, since, .. } = self.watched[at];
            let Owner::Responder(who) = self.tasks[task].owner else { continue };
            let frank = self.frankness(spec, who);
            let mut luck = fate.rng("people.task", task.index(), site::VERDICT);
            let span = frank.hesitates_longer(&spec.habits, now.since(since.min(now)), &mut luck);
            self.watched[at].says = span.map(|span| since.saturating_add(span));
        }
    }

    /// The fixes that are judged by now, each with its service.
    pub fn have_watched(&mut self, now: SimTime) -> Vec<(Id<Task>, Id<ServiceSpec>)> {
        let is_due = |watch: &Watch| watch.says.is_some_and(|at| now >= at);
        let due: Vec<Id<Task>> = self.watched.iter().filter(|watch| is_due(watch)).map(|watch| watch.task).collect();
        self.watched.retain(|watch| !is_due(watch));
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
