//! Bad news: who brings it, how it is received, and what that does to how freely people speak.
//!
//! Whoever finds that bad news is blamed on its bearer speaks up later or not at all; this is what psychological safety names
//! (Edmondson, Psychological safety and learning behavior in work teams, 1999). No public number is known: every one is an assumption.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::units::SimTime;

use super::PeopleError;
use super::attention::Attended;
use super::hand_over::Fact;
use super::spec::{Habits, PeopleSpec, ResponderSpec};
use super::state::{People, Presence};

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
