//! Paging: somebody is called, notices it or not, and after a while the next one on call is.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::observe::{NewsKind, Notification, Reason, Severity};
use crate::rng::KeyedRng;
use crate::units::SimTime;

use super::spec::{Habits, PeopleSpec, ResponderSpec, TeamSpec};
use super::state::People;
use super::triage::Misroute;
use super::{Fate, REDRAWS, site};

/// The name by which an alert tells the lead.
pub(crate) const LEAD: &str = "lead";

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// One person, and nobody after them.
    Responder(Id<ResponderSpec>),
    /// Whoever is on call for a team, one after the other.
    Team(Id<TeamSpec>),
}

/// A page that was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Whom it rings.
    pub responder: Id<ResponderSpec>,
    /// The team it went to, and which of those on call this is; `None` where one person was meant.
    pub(super) team: Option<(Id<TeamSpec>, usize)>,
    /// When it was sent.
    pub sent: SimTime,
    /// Whether it wakes somebody up.
    asleep: bool,
    /// When it is acknowledged; `None` when it is not noticed.
    pub(super) answered: Option<SimTime>,
    /// When the next one is paged, unless somebody has acknowledged.
    pub(super) escalates: SimTime,
    /// Whether it is over: acknowledged, or given up.
    pub over: bool,
    /// Whether it was said that it has not been acknowledged. It may be still, and until then nobody can tell.
    pub(super) unanswered: bool,
}

/// What has become of a page.
pub(super) enum Turn {
    /// It rings.
    Rings,
    /// It has been acknowledged.
    Acknowledged,
    /// Nobody has, in time.
    Unanswered,
}

impl Page {
    /// A page to somebody, the `number`th of all.
    pub(super) fn send(
        people: &PeopleSpec,
        responder: Id<ResponderSpec>,
        team: Option<(Id<TeamSpec>, usize)>,
        (sent, asleep): (SimTime, bool),
        (fate, number): (Fate, usize),
    ) -> Self {
        let escalates = sent.saturating_add(people.habits.escalates_after);
        let mut page =
            Self { responder, team, sent, asleep, answered: None, escalates, over: false, unanswered: false };
        page.answered = page.draw(&people.habits, &mut fate.rng("people.page", number, site::ANSWER));
        page
    }

    /// When it is acknowledged, if it is noticed.
    fn draw(&self, habits: &Habits, luck: &mut KeyedRng) -> Option<SimTime> {
        let noticed = luck.uniform() >= habits.misses;
        let takes = if self.asleep { &habits.acknowledges_asleep } else { &habits.acknowledges };
        let takes = takes.sample_duration(luck);
        noticed.then(|| self.sent.saturating_add(takes))
    }

    /// Another luck is in force: whether and when it is acknowledged is drawn again, given that it has not been yet. What would have been
    /// acknowledged by now is rejected, which leaves the right odds that it was not noticed.
    pub(super) fn redraw(&mut self, habits: &Habits, (fate, number): (Fate, usize), now: SimTime) {
        if self.over {
            return;
        }
        let mut luck = fate.rng("people.page", number, site::ANSWER);
        let tries = (0..REDRAWS).map(|_| self.draw(habits, &mut luck));
        self.answered = tries.into_iter().find(|answered| answered.is_none_or(|at| at > now)).flatten();
    }

    /// Whether it rings, as far as anybody can tell.
    pub(super) const fn rings(&self) -> bool {
        !self.over && !self.unanswered
    }

    pub(super) fn turn(&self, now: SimTime) -> Turn {
        match self.answered {
            // Who acknowledges after the next one was paged comes as well.
            Some(at) if at <= now => Turn::Acknowledged,
            _ if now >= self.escalates => Turn::Unanswered,
            _ => Turn::Rings,
        }
    }
}

impl PeopleSpec {
    /// Whom a name is for; `None` if it is nobody's.
    pub(super) fn target(&self, name: &str) -> Option<Target> {
        let responder = self.responders.enumerate().find(|(_, one)| one.name == name);
        let team = || self.teams.enumerate().find(|(_, team)| team.name == name);
        responder.map(|(id, _)| Target::Responder(id)).or_else(|| team().map(|(id, _)| Target::Team(id)))
    }
}

/// Where a page of the `number`th notification goes.
fn misrouted(spec: &PeopleSpec, target: Target, (fate, number): (Fate, usize)) -> Target {
    match target {
        Target::Team(team) => match spec.teams[team].misroutes {
            Some(Misroute { chance, to }) if fate.rng("people.misroute", number, site::ANSWER).uniform() < chance => {
                Target::Team(to)
            }
            _ => target,
        },
        Target::Responder(_) => target,
    }
}

impl People {
    /// Takes in the notifications that have arrived since the last time. A page rings whoever it is for, with no help of the lead;
    /// a ticket, a resolution, and what is for the lead are read in the channel.
    pub fn take_notifications(&mut self, spec: &PeopleSpec, all: &[Notification], fate: Fate, now: SimTime) {
        for (number, notification) in all.iter().enumerate().skip(self.notified) {
            let (kind, text) = match notification.reason {
                Reason::Firing | Reason::Repeat => (NewsKind::Alerted, notification.firing.join(", ")),
                Reason::SomeResolved => (NewsKind::Resolved, notification.resolved.join(", ")),
                Reason::Resolved => (NewsKind::Resolved, format!("{}: all is well", notification.resolved.join(", "))),
            };
            self.say(now, "pager", kind, None, text);
            if kind == NewsKind::Alerted
                && notification.severity == Severity::Page
                && let Some(target) = spec.target(&notification.to)
            {
                self.send_page(spec, misrouted(spec, target, (fate, number)), fate, now);
            }
        }
        self.notified = all.len();
    }
}
