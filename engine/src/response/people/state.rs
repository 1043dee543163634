//! Who is where, who has what, and what a second does to all of them.

use std::collections::BTreeSet;

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::model::{Deploys, RolloutStage, ServiceSpec};
use crate::observe::{News, NewsKind};
use crate::units::{SimDuration, SimTime};

use super::attention::{Attended, Attention, Doing};
use super::bad_news::Watch;
use super::condition::{alertness, speed};
use super::hand_over::{Fact, HandOver};
use super::paging::{LEAD, Page, Turn};
use super::shift::Shift;
use super::spec::{PeopleSpec, ResponderSpec};
use super::task::{Owner, Progress, Stage, Task};
use super::triage::Triage;
use super::{Fate, Severity};

/// Everybody's state.
#[derive(Clone, Debug, Default, Resource, Serialize, Deserialize)]
pub struct People {
    /// What the lead is doing.
    pub attention: Attention,
    /// The responders, in file order.
    pub responders: Table<Responder, ResponderSpec>,
    /// Every task there ever was, in the order in which they were handed over.
    pub tasks: Table<Task>,
    /// Every page that was sent.
    pub pages: Vec<Page>,
    /// What was said to the lead, in time order.
    pub news: Vec<News>,
    /// When it was declared an incident, and how bad it is said to be now.
    pub declared: Option<(SimTime, Severity)>,
    /// Who leads; `None` as long as whoever led at the start does.
    pub leading: Option<Id<ResponderSpec>>,
    /// Every time the lead was handed over.
    pub hand_overs: Vec<HandOver>,
    /// How many pages were said to have gone to the wrong team.
    pub misrouted: u32,
    /// Fixes whose authors watch whether they help.
    pub(super) watched: Vec<Watch>,
    /// What was and whoever leads now does not know.
    pub(super) unknown: BTreeSet<Fact>,
    /// How many times it was drawn what of a hand-over arrives.
    pub(super) settled: usize,
    /// How many notifications of alerts have been taken in.
    pub(super) notified: usize,
    /// By message of the scenario: whether it has been sent.
    pub(super) injected: Vec<bool>,
}

/// A responder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Responder {
    /// Where they are.
    pub presence: Presence,
    /// When they were woken, if they slept.
    pub woken: Option<SimTime>,
    /// How freely they speak, as a share of the most: how their bad news was received so far.
    pub candour: f64,
    /// Where they are in their shift.
    pub(super) shift: Shift,
    /// Until when they explain to somebody else what they have done.
    pub(super) explains_until: SimTime,
    /// Whether they look if what they were called for is theirs.
    pub(super) triage: Option<Triage>,
    /// What they knew of the incident when they handed the lead over; empty if they never had it.
    pub(super) remembers: BTreeSet<Fact>,
}

/// Where a responder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Not in the channel.
    Away,
    /// Reading up on what has happened.
    ReadingUp {
        /// Until when.
        until: SimTime,
    },
    /// In the channel, ready for a task.
    Here,
    /// Sent home.
    Released,
}

/// Something that has been done by hand, and is now for the system to carry out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finished {
    /// The task.
    pub task: Id<Task>,
    /// The position in the log of the command it came from.
    pub command: usize,
    /// How likely a fix is wrong, as a multiple of what its kind is.
    pub error_factor: f64,
    /// Which part of the task it is, from 0.
    pub part: usize,
    /// Whether it was the last.
    pub last: bool,
}

impl People {
    /// Everybody as they are at the start.
    #[must_use]
    pub fn new(spec: &PeopleSpec) -> Self {
        let responder = |who: &ResponderSpec| Responder {
            presence: if who.present { Presence::Here } else { Presence::Away },
            woken: None,
            candour: spec.habits.candour,
            shift: Shift::During,
            explains_until: SimTime::ZERO,
            triage: None,
            remembers: BTreeSet::new(),
        };
        Self { responders: spec.responders.iter().map(responder).collect(), ..Self::default() }
    }

    /// A second ends. Returns what has been done by hand in it, in the order in which it was.
    pub fn step(&mut self, spec: &PeopleSpec, deploys: &Deploys, fate: Fate, now: SimTime) -> Vec<Finished> {
        self.step_pages(spec, fate, now);
        self.step_arrivals(spec, fate, now);
        let mut finished = Vec::new();
        while let Some((doing, at)) = self.attention.next_done(now) {
            finished.extend(self.attend(spec, doing, fate, at));
        }
        for responder in spec.responders.ids() {
            finished.extend(self.step_work(spec, responder, fate, now));
        }
        self.step_carried(spec, deploys, fate, now);
        self.step_shifts(spec, now);
        self.attention.begin(now);
        finished
    }

    /// What has been done by hand was taken up by the system, or was refused. `service` is the one whose roll-outs end it.
    pub fn carried_out(
        &mut self,
        spec: &PeopleSpec,
        task: Id<Task>,
        outcome: Result<Option<Id<ServiceSpec>>, String>,
        now: SimTime,
    ) {
        let from = self.owner_name(spec, self.tasks[task].owner);
        let title = self.tasks[task].work.title.clone();
        let (stage, kind, text) = match outcome {
            Ok(Some(service)) => {
                (Stage::Carrying { service, since: now }, NewsKind::Report, format!("{title}: started"))
            }
            Ok(None) => (Stage::Done, NewsKind::Done, format!("{title}: done")),
            Err(why) => (Stage::Failed, NewsKind::Failed, format!("{title}: could not be done: {why}")),
        };
        self.tasks[task].stage = stage;
        self.say(now, from, kind, Some(task), text);
    }

    /// Somebody has asked an instrument and tells what it shows.
    pub fn found(&mut self, spec: &PeopleSpec, task: Id<Task>, text: &str, now: SimTime) {
        let from = self.owner_name(spec, self.tasks[task].owner);
        self.say(now, from, NewsKind::Found, Some(task), text.replace('\n', "; "));
    }

    /// Somebody who looked for a cause says what they think. Returns their name.
    pub fn concluded(&mut self, spec: &PeopleSpec, task: Id<Task>, text: String, now: SimTime) -> String {
        let from = self.owner_name(spec, self.tasks[task].owner);
        self.say(now, from.clone(), NewsKind::Report, Some(task), text);
        from
    }

    /// Something that the lead has noted down comes up.
    pub fn announce(&mut self, text: &str, now: SimTime) {
        self.say(now, "notes", NewsKind::Report, None, text.to_owned());
    }

    pub(super) fn say(
        &mut self,
        at: SimTime,
        from: impl Into<String>,
        kind: NewsKind,
        task: Option<Id<Task>>,
        text: String,
    ) {
        let number = u32::try_from(self.news.len()).expect("fewer than 2^32 news");
        let (from, task) = (from.into(), task.map(Id::raw));
        // What the lead ends within a second is said after what was said at its end.
        let at = self.news.last().map_or(at, |last| at.max(last.at));
        // What the lead could not do is nobody's bad news.
        let bad = kind == NewsKind::Failed && from != LEAD;
        self.news.push(News { number, at, from, kind, task, text, bad, answered: false });
    }

    /// Somebody says how a task goes, and it does not go well.
    pub(super) fn say_badly(&mut self, at: SimTime, from: impl Into<String>, task: Id<Task>, text: String) {
        self.say(at, from, NewsKind::Report, Some(task), text);
        if let Some(news) = self.news.last_mut() {
            news.bad = true;
        }
    }

    pub(super) fn owner_name(&self, spec: &PeopleSpec, owner: Owner) -> String {
        match owner {
            Owner::Lead => LEAD.to_owned(),
            Owner::Responder(id) => spec.responders[id].name.clone(),
        }
    }

    /// How many people report to the lead: those in the channel.
    #[must_use]
    pub fn reports(&self) -> usize {
        let there = self.responders.iter().filter(|one| !matches!(one.presence, Presence::Away | Presence::Released));
        there.count() - usize::from(self.leading.is_some())
    }

    /// How fast somebody gets on with work on a service.
    pub(super) fn speed(&self, spec: &PeopleSpec, id: Id<ResponderSpec>, task: &Task, now: SimTime) -> f64 {
        let (who, state) = (&spec.responders[id], &self.responders[id]);
        let awake =
            if state.woken.is_some() { SimDuration::ZERO } else { who.clock(spec.starts_at, now).since(who.sleeps.1) };
        speed(&spec.habits, who.skill(task.work.service), alertness(&spec.habits, state.woken, awake, now), who.load)
    }

    fn step_pages(&mut self, spec: &PeopleSpec, fate: Fate, now: SimTime) {
        for number in 0..self.pages.len() {
            let page = &self.pages[number];
            if page.over {
                continue;
            }
            let (responder, team) = (page.responder, page.team);
            let name = &spec.responders[responder].name;
            match page.turn(now) {
                Turn::Rings => {}
                Turn::Acknowledged => {
                    let of_theirs = self.pages.iter_mut().filter(|page| page.responder == responder);
                    of_theirs.for_each(|page| page.over = true);
                    self.arrive(spec, responder, now);
                }
                Turn::Unanswered => {
                    self.pages[number].over = self.pages[number].answered.is_none();
                    self.pages[number].escalates = SimTime::NEVER;
                    self.pages[number].unanswered = true;
                    let text = format!("{name} has not acknowledged");
                    self.say(now, "pager", NewsKind::Unanswered, None, text);
                    self.escalate(spec, team, fate, now);
                }
            }
        }
    }

    fn escalate(&mut self, spec: &PeopleSpec, team: Option<(Id<super::TeamSpec>, usize)>, fate: Fate, now: SimTime) {
        let Some((team, position)) = team else { return };
        let on_call = &spec.teams[team].on_call;
        let next = (position + 1..on_call.len()).find(|next| self.can_be_paged(on_call[*next]));
        match next {
            Some(next) => self.page(spec, on_call[next], Some((team, next)), fate, now),
            None => {
                let text = format!("nobody else is on call for {}", spec.teams[team].name);
                self.say(now, "pager", NewsKind::Unanswered, None, text);
            }
        }
    }

    /// Whether a page to somebody makes sense: they are not there, and none is ringing.
    pub(super) fn can_be_paged(&self, id: Id<ResponderSpec>) -> bool {
        let away = matches!(self.responders[id].presence, Presence::Away | Presence::Released);
        away && self.pages.iter().all(|page| !page.rings() || page.responder != id)
    }

    pub(super) fn page(
        &mut self,
        spec: &PeopleSpec,
        id: Id<ResponderSpec>,
        team: Option<(Id<super::TeamSpec>, usize)>,
        fate: Fate,
        now: SimTime,
    ) {
        let asleep = spec.responders[id].is_asleep(spec.starts_at, now) && self.responders[id].woken.is_none();
        let page = Page::send(spec, id, team, (now, asleep), (fate, self.pages.len()));
        self.pages.push(page);
        self.say(now, "pager", NewsKind::Paged, None, format!("paging {}", spec.responders[id].name));
    }

    fn arrive(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, now: SimTime) {
        let who = &spec.responders[id];
        let asleep = who.is_asleep(spec.starts_at, now);
        let until = now.saturating_add(spec.habits.briefing);
        let state = &mut self.responders[id];
        state.presence = Presence::ReadingUp { until };
        if asleep && state.woken.is_none() {
            state.woken = Some(now);
        }
        for task in self.tasks.iter_mut() {
            task.hold_up(spec.habits.joining);
        }
        let text = if asleep { "acknowledged; just woke up, reading up" } else { "acknowledged; reading up" };
        self.say(now, who.name.clone(), NewsKind::Acknowledged, None, text.to_owned());
    }

    fn step_arrivals(&mut self, spec: &PeopleSpec, fate: Fate, now: SimTime) {
        for id in spec.responders.ids() {
            if let Presence::ReadingUp { until } = self.responders[id].presence
                && now >= until
            {
                self.responders[id].presence = Presence::Here;
                self.begin_triage(spec, id, fate, now);
                let who = &spec.responders[id];
                self.say(now, who.name.clone(), NewsKind::Here, None, format!("here ({})", who.role));
            }
        }
    }

    /// Somebody works for a second on the first of their tasks that is not done.
    fn step_work(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, fate: Fate, now: SimTime) -> Option<Finished> {
        if self.responders[id].presence != Presence::Here || now < self.responders[id].explains_until {
            return None;
        }
        let task = self.occupied_with(id)?;
        let speed = self.speed(spec, id, &self.tasks[task], now);
        if self.tasks[task].stage == Stage::Waiting {
            self.begin(spec, id, task, speed, now);
            return None;
        }
        let frankness = self.frankness(spec, id);
        match self.tasks[task].work(&spec.habits, speed, frankness, (fate, task.index()), now) {
            Progress::Quiet => None,
            Progress::SpeaksUp => {
                self.speak_up(spec, id, task, now);
                None
            }
            Progress::SaysItSlips => {
                self.say_it_slips(spec, id, task, speed, now);
                None
            }
            Progress::Part => {
                let Task { command, error_factor, .. } = self.tasks[task];
                let part = self.tasks[task].parts_done() - 1;
                Some(Finished { task, command, error_factor, part, last: false })
            }
            Progress::Finished => Some(self.finish(task)),
        }
    }

    fn begin(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, task: Id<Task>, speed: f64, now: SimTime) {
        let who = &spec.responders[id];
        self.tasks[task].begin(&spec.habits, who, speed, now);
        self.learn(Fact::Task(task));
        self.responders[id].triage = None;
        let left = self.tasks[task].promised.map_or(SimDuration::ZERO, |at| at.since(now));
        let text = format!("{}: I have it, about {}", self.tasks[task].work.title, roughly(left));
        self.say(now, who.name.clone(), NewsKind::Acknowledged, Some(task), text);
    }

    fn speak_up(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, task: Id<Task>, now: SimTime) {
        if let Stage::Blocked { known, .. } = &mut self.tasks[task].stage {
            *known = true;
        }
        let title = self.tasks[task].work.title.clone();
        let name = spec.responders[id].name.clone();
        let text = format!("{title}: blocked; trying around it; need somebody to unblock me");
        self.say_badly(now, name.clone(), task, text);
        let takes = self.takes(spec, spec.lead.checking_in);
        self.attention.interrupt(Doing {
            command: None,
            what: Attended::Help(task),
            takes,
            title: format!("{name} is blocked"),
        });
    }

    /// Somebody says unasked that it takes longer than they said.
    fn say_it_slips(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, task: Id<Task>, speed: f64, now: SimTime) {
        let who = &spec.responders[id];
        let left = self.tasks[task].estimate(who, speed);
        self.tasks[task].promise(now.saturating_add(left));
        self.learn(Fact::Task(task));
        let title = &self.tasks[task].work.title;
        let text = format!(
            "{title}: takes longer than I said; going on with it; nothing needed; about {} left",
            roughly(left)
        );
        self.say_badly(now, who.name.clone(), task, text);
    }

    /// All that there was to do by hand is done.
    pub(super) fn finish(&mut self, task: Id<Task>) -> Finished {
        // Until the system says what has become of it, nobody works on it.
        self.tasks[task].stage = Stage::Done;
        let Task { command, error_factor, .. } = self.tasks[task];
        Finished { task, command, error_factor, part: self.tasks[task].parts_done(), last: true }
    }

    /// How long something takes the lead, with so many people to lead.
    pub(super) fn takes(&self, spec: &PeopleSpec, span: SimDuration) -> SimDuration {
        let above = self.reports().saturating_sub(spec.lead.span_of_control as usize);
        span.mul_f64(1.0 + spec.lead.overload * above as f64)
    }

    fn step_carried(&mut self, spec: &PeopleSpec, deploys: &Deploys, fate: Fate, now: SimTime) {
        for task in self.tasks.ids() {
            let Stage::Carrying { service, since } = self.tasks[task].stage else { continue };
            let mut ordered =
                deploys.rollouts.iter().filter(|rollout| rollout.service == service && rollout.ordered >= since);
            let ended = |stage| matches!(stage, RolloutStage::Done | RolloutStage::Superseded);
            // What a fix leads to is ordered in the second after it is ready.
            if now.since(since) > SimDuration::SECOND && ordered.all(|rollout| ended(rollout.stage)) {
                self.tasks[task].stage = Stage::Done;
                let from = self.owner_name(spec, self.tasks[task].owner);
                let text = format!("{}: done, everywhere", self.tasks[task].work.title);
                self.say(now, from, NewsKind::Done, Some(task), text);
                self.watch(spec, task, fate, now);
            }
        }
    }

    /// Another luck is in force: what is under way is drawn again, given that it has not ended.
    pub fn redraw(&mut self, spec: &PeopleSpec, fate: Fate, now: SimTime) {
        for (number, page) in self.pages.iter_mut().enumerate() {
            page.redraw(&spec.habits, (fate, number), now);
        }
        for id in self.tasks.ids() {
            // What the lead does is on their own clock, which they see.
            let Owner::Responder(owner) = self.tasks[id].owner else { continue };
            let frank = self.frankness(spec, owner);
            self.tasks[id].redraw(&spec.habits, frank, (fate, id.index()), now);
        }
        self.redraw_verdicts(spec, fate, now);
        self.redraw_triage(spec, fate, now);
    }
}

/// A span as one says it: in minutes, or seconds below two of them.
pub(super) fn roughly(span: SimDuration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 120.0 {
        format!("{:.0} seconds", libm::ceil(seconds / 10.0) * 10.0)
    } else {
        format!("{:.0} minutes", libm::round(seconds / 60.0))
    }
}
