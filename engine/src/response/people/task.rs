//! Tasks: something that somebody has to do, with an owner, perhaps a time-box, and a true course that nobody sees.
//!
//! What a task takes at full speed is drawn when it is handed over. Every second its owner gets on with it at their own speed,
//! unless they are finding back to where they were before an interruption, or blocked. What the lead knows of it is what its owner
//! says: that they have it, what they think it will take, and how it goes when they are asked.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{ServiceSpec, Verb};
use crate::rng::{Distribution, KeyedRng};
use crate::units::{SimDuration, SimTime};

use super::bad_news::Frankness;
use super::spec::{Habits, ResponderSpec};
use super::{Fate, REDRAWS, site};

/// Who has a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// The lead, with their own hands.
    Lead,
    /// A responder.
    Responder(Id<ResponderSpec>),
}

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// What it is, in words: the option's name.
    pub title: String,
    /// The service it is about.
    pub service: Option<Id<ServiceSpec>>,
    /// What kind of work it is.
    pub kind: WorkKind,
    /// What it takes somebody who knows the service well and has nothing else to do, in nanoseconds.
    pub effort: Distribution,
    /// How much of that has been done when something that it consists of is done, in nanoseconds and in order, the last one left
    /// out; empty where it is all one.
    pub parts: Vec<f64>,
}

impl Work {
    /// What somebody does who asks instruments, one after the other, each of which takes so long.
    #[must_use]
    pub fn looking(title: String, service: Option<Id<ServiceSpec>>, takes: &[SimDuration]) -> Self {
        let ends = takes.iter().scan(0.0, |sum, span| {
            *sum += span.as_nanos() as f64;
            Some(*sum)
        });
        let mut parts: Vec<f64> = ends.collect();
        let all = parts.pop().unwrap_or(0.0);
        let effort = Distribution::constant(all).expect("spans of a scenario are in range");
        Self { title, service, kind: WorkKind::Looking, effort, parts }
    }

    /// Whether its owner may meet something they cannot get past: not with a glance at one instrument.
    const fn can_block(&self) -> bool {
        match self.kind {
            WorkKind::HandsOn => false,
            WorkKind::Writing => true,
            WorkKind::Looking => !self.parts.is_empty(),
        }
    }

    /// What somebody has to do by hand before these orders, which an option comes to, can be given.
    #[must_use]
    pub fn of(option: &str, verbs: &[Verb], habits: &Habits) -> Self {
        let (kind, effort) = match verbs.first() {
            Some(Verb::Hotfix(hotfix)) => (WorkKind::Writing, hotfix.duration.clone()),
            Some(Verb::Later { takes, .. }) => (WorkKind::HandsOn, takes.clone()),
            _ => (WorkKind::HandsOn, habits.hands_on.clone()),
        };
        Self { title: option.to_owned(), service: verbs.first().and_then(service_of), kind, effort, parts: Vec::new() }
    }
}

/// The service that somebody who gives an order has to know.
fn service_of(verb: &Verb) -> Option<Id<ServiceSpec>> {
    match verb {
        Verb::RollBack { service }
        | Verb::Restart { service, .. }
        | Verb::ScaleOut { service, .. }
        | Verb::Shed { service, .. }
        | Verb::RateLimit { service, .. } => Some(*service),
        Verb::Hotfix(hotfix) => Some(hotfix.service),
        Verb::Later { verbs, .. } => verbs.first().and_then(service_of),
        Verb::Set { .. } => None,
    }
}

/// The kinds of work, which an interruption costs differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkKind {
    /// Giving an order to the system: a minute with one's own hands.
    HandsOn,
    /// Writing and testing code.
    Writing,
    /// Looking for a cause.
    Looking,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Who has it.
    pub owner: Owner,
    /// What there is to do.
    pub work: Work,
    /// The position in the log of the command it came from.
    pub command: usize,
    /// When it was handed over.
    pub given: SimTime,
    /// For how long its owner was asked to try.
    pub time_box: Option<SimDuration>,
    /// Where it stands in truth.
    pub stage: Stage,
    /// When its owner said that they have it.
    pub acknowledged: Option<SimTime>,
    /// When the time-box began: with the task, and anew with every check-in.
    pub(super) box_began: Option<SimTime>,
    /// The last estimate of when it will be done.
    pub promised: Option<SimTime>,
    /// How many estimates there were.
    promises: u32,
    /// What becomes of the last one.
    slips: Slips,
    /// How often its owner was interrupted away from a natural break.
    pub interruptions: u32,
    /// How likely a fix is wrong, as a multiple of what its kind is.
    pub error_factor: f64,
    /// What is left of the work when it is hurried, as a factor; 1 without haste.
    hurry: f64,
    /// What it takes in truth, in nanoseconds at full speed.
    effort: f64,
    /// What has been done of it.
    done: f64,
    /// How many of its parts have been done.
    parts_done: usize,
    /// How long its owner needs to find back to where they were.
    resuming: SimDuration,
    /// The task from which it was taken over, with what had been done; `None` if it was begun anew.
    pub after: Option<Id<Task>>,
    /// What its owner may not get past alone.
    snag: Snag,
}

/// What somebody may not get past alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Snag {
    /// Nobody knows yet whether there is one.
    Ahead {
        /// What had been done before it could have lain anywhere.
        from: f64,
        /// What has to be done before they meet it; `None` where there is none.
        at: Option<f64>,
    },
    /// They have met it, or there can be none.
    Behind,
}

impl Snag {
    /// Whether there is one in what is to be done, and where.
    fn draw(habits: &Habits, from: f64, effort: f64, luck: &mut KeyedRng) -> Option<f64> {
        let there_is = luck.uniform() < habits.blocked;
        there_is.then(|| from + (effort - from) * luck.uniform())
    }
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Its owner is not there yet, or has another one.
    Waiting,
    /// Its owner works on it.
    Working,
    /// Its owner cannot get past something.
    Blocked {
        /// Since when.
        since: SimTime,
        /// When they will say so unasked; `None` if they will not.
        says: Option<SimTime>,
        /// When they have found a way alone.
        alone: SimTime,
        /// When they have found one with help; `None` without.
        helped: Option<SimTime>,
        /// Whether the lead knows.
        known: bool,
    },
    /// The order has been given, and the system is carrying it out.
    Carrying {
        /// The service whose roll-outs have to end.
        service: Id<ServiceSpec>,
        /// Since when.
        since: SimTime,
    },
    /// It is done.
    Done,
    /// It could not be done.
    Failed,
    /// Somebody else has it, or nobody wants it any more.
    Dropped,
}

/// What becomes of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Slips {
    /// It may still hold.
    Not,
    /// It does not.
    Seen {
        /// When they saw it.
        since: SimTime,
        /// When they will say so; `None` if they will not.
        says: Option<SimTime>,
    },
}

/// What a second of work has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing that anybody would notice.
    Quiet,
    /// Its owner says that they are blocked.
    SpeaksUp,
    /// Its owner says that it takes longer than they said.
    SaysItSlips,
    /// A part of it is done.
    Part,
    /// All that there was to do by hand has been done.
    Finished,
}

impl Task {
    /// A task that has been handed over, the `number`th of all.
    pub(super) fn hand_over(
        habits: &Habits,
        (owner, work, time_box): (Owner, Work, Option<SimDuration>),
        (command, given): (usize, SimTime),
        (fate, number): (Fate, usize),
    ) -> Self {
        let effort = work.effort.sample(&mut fate.rng("people.task", number, site::EFFORT));
        let snag = if work.can_block() {
            let at = Snag::draw(habits, 0.0, effort, &mut fate.rng("people.task", number, site::BLOCK));
            Snag::Ahead { from: 0.0, at }
        } else {
            Snag::Behind
        };
        Self {
            owner,
            work,
            command,
            given,
            time_box,
            stage: Stage::Waiting,
            acknowledged: None,
            box_began: None,
            promised: None,
            promises: 0,
            slips: Slips::Not,
            interruptions: 0,
            error_factor: 1.0,
            hurry: 1.0,
            effort,
            done: 0.0,
            parts_done: 0,
            resuming: SimDuration::ZERO,
            after: None,
            snag,
        }
    }

    /// A share of what was done before by somebody else can be used; whole parts of it, where it has some. Explaining it takes a while.
    pub(super) fn take_over(&mut self, (id, old): (Id<Self>, &Self), share: f64, explaining: SimDuration) {
        let usable = old.done * share.min(1.0);
        self.after = Some(id);
        self.resuming = explaining;
        self.parts_done = old.work.parts[..old.parts_done].iter().take_while(|end| **end <= usable).count();
        let kept = if self.work.parts.is_empty() {
            usable
        } else {
            self.parts_done.checked_sub(1).map_or(0.0, |last| self.work.parts[last])
        };
        self.done = kept.min(self.effort);
        let left = self.effort - self.done;
        // What nobody gets past alone lies in what is left.
        self.snag = match self.snag {
            Snag::Ahead { at, .. } if left > 0.0 => {
                Snag::Ahead { from: self.done, at: at.map(|at| self.done + at * left / self.effort) }
            }
            _ => Snag::Behind,
        };
    }

    /// How many of its parts have been done, the last one not counted.
    pub(super) const fn parts_done(&self) -> usize {
        self.parts_done
    }

    /// Whether there is something left to do for its owner.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Done | Stage::Failed | Stage::Dropped)
    }

    /// Its owner begins: says so, and what it will take.
    pub(super) fn begin(&mut self, habits: &Habits, owner: &ResponderSpec, speed: f64, now: SimTime) {
        self.stage = Stage::Working;
        (self.acknowledged, self.box_began) = (Some(now), Some(now));
        let skill = owner.skill(self.work.service);
        self.error_factor = habits.stranger_errors + (1.0 - habits.stranger_errors) * skill;
        let estimate = self.estimate(owner, speed);
        self.promise(now.saturating_add(estimate));
        if self.time_box.is_some_and(|time_box| self.work.kind == WorkKind::Writing && time_box < estimate) {
            self.hurry = 1.0 - habits.haste_saves;
            self.effort *= self.hurry;
            self.error_factor *= habits.haste_errors;
        }
    }

    /// The lead has it in hand. Returns how long it will take; nothing blocks somebody who can ask themselves.
    pub(super) fn in_the_leads_hands(&mut self, habits: &Habits, skill: f64, now: SimTime) -> SimDuration {
        self.stage = Stage::Working;
        self.acknowledged = Some(now);
        self.snag = Snag::Behind;
        self.error_factor = habits.stranger_errors + (1.0 - habits.stranger_errors) * skill;
        let speed = habits.stranger_speed + (1.0 - habits.stranger_speed) * skill;
        let takes = SimDuration::from_nanos_f64(self.effort / speed);
        self.promised = Some(now.saturating_add(takes));
        takes
    }

    /// The lead puts it down, having done a share of it.
    pub(super) fn put_down(&mut self, share: f64) {
        self.done = share.clamp(0.0, 1.0) * self.effort;
        self.promised = None;
        self.parts_done = self.work.parts.iter().take_while(|end| **end <= self.done).count();
    }

    /// What its owner thinks is left: what it takes on average less what has been done, a fifth of it at least, seen through
    /// their optimism. They know no more about what it will really take.
    pub(super) fn estimate(&self, owner: &ResponderSpec, speed: f64) -> SimDuration {
        let mean = self.work.effort.mean();
        SimDuration::from_nanos_f64((mean - self.done).max(mean / 5.0) / speed * owner.optimism)
    }

    /// Its owner says when it will be done.
    pub(super) const fn promise(&mut self, at: SimTime) {
        self.promised = Some(at);
        self.promises += 1;
        self.slips = Slips::Not;
    }

    /// Its owner sees that their estimate does not hold. Returns whether they say so now.
    fn slips(&mut self, habits: &Habits, frank: Frankness, (fate, number): (Fate, usize), now: SimTime) -> bool {
        match self.slips {
            Slips::Not if self.promised.is_some_and(|promised| now >= promised) => {
                let mut luck = fate.rng("people.task", number, site::LATE + u64::from(self.promises));
                let says = frank.hesitates(habits, &mut luck).map(|span| now.saturating_add(span));
                self.slips = Slips::Seen { since: now, says };
                false
            }
            Slips::Seen { says, .. } => says.is_some_and(|at| now >= at),
            Slips::Not => false,
        }
    }

    /// A second passes in which its owner works at this speed.
    pub(super) fn work(
        &mut self,
        habits: &Habits,
        speed: f64,
        frank: Frankness,
        luck: (Fate, usize),
        now: SimTime,
    ) -> Progress {
        match self.stage {
            Stage::Working => {
                if !self.resuming.is_zero() {
                    self.resuming = self.resuming.saturating_sub(SimDuration::SECOND);
                    return Progress::Quiet;
                }
                self.done += speed * 1e9;
                if matches!(self.snag, Snag::Ahead { at: Some(at), .. } if self.done >= at) {
                    self.snag = Snag::Behind;
                    self.block(habits, frank, luck, now);
                    Progress::Quiet
                } else if self.work.parts.get(self.parts_done).is_some_and(|end| self.done >= *end) {
                    self.parts_done += 1;
                    Progress::Part
                } else if self.done >= self.effort {
                    Progress::Finished
                } else if self.slips(habits, frank, luck, now) {
                    Progress::SaysItSlips
                } else {
                    Progress::Quiet
                }
            }
            Stage::Blocked { alone, helped, .. } if now >= alone || helped.is_some_and(|at| now >= at) => {
                self.stage = Stage::Working;
                Progress::Quiet
            }
            Stage::Blocked { says: Some(at), known: false, .. } if now >= at => Progress::SpeaksUp,
            _ => Progress::Quiet,
        }
    }

    fn block(&mut self, habits: &Habits, frank: Frankness, (fate, number): (Fate, usize), now: SimTime) {
        let mut luck = fate.rng("people.task", number, site::SILENCE);
        let says = frank.hesitates(habits, &mut luck).map(|span| now.saturating_add(span));
        let alone = now.saturating_add(habits.alone.sample_duration(&mut luck));
        self.stage = Stage::Blocked { since: now, says, alone, helped: None, known: false };
    }

    /// Its owner was asked how it goes, from `began` to now. Away from a natural break that costs them what it takes to find
    /// back; who was about to find back anyway loses no more than the talk took.
    pub(super) fn interrupt(&mut self, habits: &Habits, (fate, number): (Fate, usize), began: SimTime, now: SimTime) {
        let natural =
            self.time_box_ends().is_some_and(|ends| ends.max(began).since(ends.min(began)) <= habits.natural_break);
        self.box_began = Some(now);
        if self.stage != Stage::Working || natural {
            return;
        }
        let law = match self.work.kind {
            WorkKind::HandsOn => return,
            WorkKind::Writing => &habits.resumes_writing,
            WorkKind::Looking => &habits.resumes_looking,
        };
        let site = site::INTERRUPTION + u64::from(self.interruptions);
        self.interruptions += 1;
        if self.resuming.is_zero() {
            let takes = law.sample_duration(&mut fate.rng("people.task", number, site));
            self.resuming = takes.min(habits.resumes_at_most);
        } else {
            self.resuming = self.resuming.saturating_add(now.since(began));
        }
    }

    /// Somebody who joins holds its owner up.
    pub(super) fn hold_up(&mut self, span: SimDuration) {
        if self.stage == Stage::Working {
            self.resuming = self.resuming.max(span);
        }
    }

    /// The lead knows that its owner is blocked, and helps.
    pub(super) fn help(&mut self, habits: &Habits, now: SimTime) {
        self.box_began = self.box_began.map(|_| now);
        if let Stage::Blocked { helped, known, .. } = &mut self.stage {
            *known = true;
            helped.get_or_insert(now.saturating_add(habits.help));
        }
    }

    /// When the time-box ends; `None` without one, or before its owner has begun. With a check-in it begins anew.
    #[must_use]
    pub fn time_box_ends(&self) -> Option<SimTime> {
        Some(self.box_began?.saturating_add(self.time_box?))
    }

    /// Another luck is in force: what is left to do, what its owner does not get past, and when they say what is drawn again, given what
    /// has been so far. What it takes somebody to find back stays.
    pub(super) fn redraw(&mut self, habits: &Habits, frank: Frankness, (fate, number): (Fate, usize), now: SimTime) {
        if !self.is_open() || self.done >= self.effort {
            return;
        }
        let luck = |site: u64| fate.rng("people.task", number, site);
        let (mut efforts, mut snags) = (luck(site::EFFORT), luck(site::BLOCK));
        let mut left = || self.done + self.hurry * self.work.effort.remaining(self.done / self.hurry, &mut efforts);
        if let Snag::Ahead { from, .. } = self.snag {
            // Together: that none has been met so far makes long work likelier.
            let mut draws = (0..REDRAWS).map(|_| {
                let effort = left();
                (effort, Snag::draw(habits, from, effort, &mut snags))
            });
            if let Some((effort, at)) = draws.find(|(_, at)| at.is_none_or(|at| at > self.done)) {
                (self.effort, self.snag) = (effort, Snag::Ahead { from, at });
            }
        } else {
            self.effort = left();
        }
        if let Stage::Blocked { since, says, alone, known, .. } = &mut self.stage {
            let (waited, mut luck) = (now.since(*since), luck(site::SILENCE));
            if !*known {
                *says = frank.hesitates_longer(habits, waited, &mut luck).map(|span| since.saturating_add(span));
            }
            let left = habits.alone.remaining(waited.as_nanos() as f64, &mut luck);
            *alone = now.saturating_add(SimDuration::from_nanos_f64(left));
        }
        if let Slips::Seen { since, says } = &mut self.slips {
            let mut luck = luck(site::LATE + u64::from(self.promises));
            let span = frank.hesitates_longer(habits, now.since(*since), &mut luck);
            *says = span.map(|span| since.saturating_add(span));
        }
    }
}
