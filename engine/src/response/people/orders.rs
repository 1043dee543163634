//! What the lead does with people: accepted or refused when it is said, in effect when the lead has attended to it.

use crate::ids::Id;
use crate::observe::NewsKind;
use crate::response::command::Command;
use crate::response::menu::quoted;
use crate::text::suggest;
use crate::units::{SimDuration, SimTime};

use super::attention::{Attended, Doing};
use super::hand_over::{Fact, in_order};
use super::paging::Target;
use super::spec::{PeopleSpec, ResponderSpec};
use super::state::{Finished, People, Presence, roughly};
use super::task::{Owner, Stage, Task, Work};
use super::{Fate, PeopleError, Severity};

/// An estimate that is so much later than the one before is bad news.
const SLIPPED: SimDuration = SimDuration::from_secs(60);

/// A command on its way: its position in the log, when it was said, and the luck it meets.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// The position in the log.
    pub command: usize,
    /// When.
    pub now: SimTime,
    /// The luck.
    pub fate: Fate,
}

impl People {
    /// Takes a command that makes work: somebody is to do it.
    ///
    /// # Errors
    /// When nobody is called that, or they are not there; nothing has changed then.
    pub fn act(
        &mut self,
        spec: &PeopleSpec,
        work: Work,
        owner: Option<&str>,
        time_box: Option<SimDuration>,
        saying: Saying,
    ) -> Result<(), PeopleError> {
        if time_box == Some(SimDuration::ZERO) {
            return Err(PeopleError::EmptyTimeBox);
        }
        let Some(name) = owner else {
            self.take_in_hand(spec, work, saying);
            return Ok(());
        };
        let id = self.coming(spec, name)?;
        let title = format!("asking {name} to {}", work.title);
        let what = Attended::Assign { owner: Owner::Responder(id), work, time_box };
        self.will(spec, saying, what, spec.lead.assigning, title);
        Ok(())
    }

    /// Takes a command that is about people.
    ///
    /// # Errors
    /// When it makes no sense now; nothing has changed then.
    pub fn accept(&mut self, spec: &PeopleSpec, command: &Command, saying: Saying) -> Result<(), PeopleError> {
        let lead = &spec.lead;
        match command {
            Command::Page { whom } => {
                let target = self.pageable(spec, whom)?;
                self.will(spec, saying, Attended::Page(target), lead.paging, format!("paging {whom}"));
            }
            Command::CheckIn { task } => {
                let id = self.others_task(*task)?;
                let title = format!("asking how {} goes", self.tasks[id].work.title);
                self.will(spec, saying, Attended::CheckIn(id), lead.checking_in, title);
            }
            Command::Reassign { task, to, told } => {
                let id = self.open_task(*task)?;
                let who = self.coming(spec, to)?;
                if self.tasks[id].owner == Owner::Responder(who) {
                    return Err(PeopleError::HasItAlready(to.clone()));
                }
                self.put_down(id, saying.now);
                let title = format!("giving {} to {to}", self.tasks[id].work.title);
                let told = in_order(told);
                let takes = lead.assigning.saturating_add(lead.explaining.mul_f64(told.len() as f64));
                self.will(spec, saying, Attended::Reassign(id, who, told), takes, title);
            }
            Command::HandOver { to, told } => {
                let who = somebody(spec, to)?;
                self.can_take_over(spec, who)?;
                if self.leads_or_will(who) {
                    return Err(PeopleError::Leads(to.clone()));
                }
                let told = in_order(told);
                let takes = lead.handing_over.saturating_add(lead.explaining.mul_f64(told.len() as f64));
                self.will(spec, saying, Attended::HandOver(who, told), takes, format!("handing over to {to}"));
            }
            Command::Answer { news, tone } => {
                self.answerable(*news)?;
                let title = format!("answering {}", self.news[*news as usize].from);
                self.will(spec, saying, Attended::Receive { news: *news, tone: *tone }, lead.answering, title);
            }
            Command::Cancel { task } => {
                let id = self.open_task(*task)?;
                if self.put_down(id, saying.now) {
                    self.cancel(spec, id, saying.now);
                } else {
                    let title = format!("calling off {}", self.tasks[id].work.title);
                    self.will(spec, saying, Attended::Cancel(id), lead.telling, title);
                }
            }
            Command::Release { whom } => {
                let id = self.coming(spec, whom)?;
                self.will(spec, saying, Attended::Release(id), lead.telling, format!("releasing {whom}"));
            }
            Command::Declare { severity } => {
                if self.is_said_to_be(*severity) {
                    return Err(PeopleError::DeclaredAlready(*severity));
                }
                let title = format!("declaring {severity}");
                self.will(spec, saying, Attended::Declare(*severity), lead.telling, title);
            }
            Command::Inject { from, text, takes } => {
                let takes = takes.unwrap_or(lead.checking_in);
                self.hear(spec, quoted(from), &quoted(text), takes, saying.now);
            }
            Command::Trigger(trigger) => {
                let title = format!("setting a trigger for {}", trigger.then.option);
                self.will(spec, saying, Attended::Trigger, lead.telling, title);
            }
            Command::Note { .. } | Command::Hint { .. } | Command::Reply { .. } | Command::Withdraw { .. } => {}
            Command::Act { .. } | Command::Say { .. } | Command::Look { .. } | Command::Investigate { .. } => {
                unreachable!("this is taken by People::act")
            }
        }
        Ok(())
    }

    /// Something will need the lead's attention.
    fn will(&mut self, spec: &PeopleSpec, saying: Saying, what: Attended, takes: SimDuration, title: String) {
        let takes = self.takes(spec, takes);
        self.attention.add(Doing { command: Some(saying.command), what, takes, title });
        self.attention.begin(saying.now);
    }

    /// The lead does something with their own hands, and nothing else meanwhile.
    fn take_in_hand(&mut self, spec: &PeopleSpec, work: Work, saying: Saying) {
        let Saying { command, now, fate } = saying;
        let title = work.title.clone();
        let number = self.tasks.len();
        let mut task = Task::hand_over(&spec.habits, (Owner::Lead, work, None), (command, now), (fate, number));
        let skill = self.leads_skill(spec, &task);
        let takes = task.in_the_leads_hands(&spec.habits, skill, now);
        let id = self.tasks.push(task);
        self.attention.add(Doing { command: Some(command), what: Attended::Own(id), takes, title });
        self.attention.begin(now);
    }

    /// It is too late to set a trigger that a command asks for; the lead turns to what comes after it.
    pub fn give_up_setting(&mut self, command: usize, now: SimTime) {
        let is_it = |doing: &Doing| doing.command == Some(command) && doing.what == Attended::Trigger;
        self.attention.forget(is_it, now);
    }

    /// What a command asks for was decided long ago: the lead turns to it next.
    pub fn bring_forward(&mut self, command: usize) {
        self.attention.bring_forward(command);
    }

    /// What the lead has in their own hands is out of them at once, with what has been done of it. Returns whether it was in them.
    fn put_down(&mut self, id: Id<Task>, now: SimTime) -> bool {
        if self.tasks[id].owner != Owner::Lead {
            return false;
        }
        let done = self.attention.share_done(id, now);
        // What was about to be given away has been put down already.
        let is_it = |doing: &Doing| match doing.what {
            Attended::Own(task) | Attended::Reassign(task, ..) => task == id,
            _ => false,
        };
        let put_down = self.attention.forget(is_it, now);
        if put_down.iter().any(|doing| matches!(doing.what, Attended::Own(_))) {
            self.tasks[id].put_down(done);
        }
        !put_down.is_empty()
    }

    /// Whether it is said to be so bad, as far as whoever leads knows, or is about to be.
    fn is_said_to_be(&self, severity: Severity) -> bool {
        let waiting = self.attention.all().filter_map(|doing| match doing.what {
            Attended::Declare(severity) => Some(severity),
            _ => None,
        });
        let known = self.declared.filter(|_| self.knows(Fact::Severity)).map(|(_, severity)| severity);
        waiting.last().or(known) == Some(severity)
    }

    /// What the lead has attended to takes effect.
    pub(super) fn attend(&mut self, spec: &PeopleSpec, doing: Doing, fate: Fate, now: SimTime) -> Option<Finished> {
        let command = doing.command;
        match doing.what {
            Attended::Page(target) => self.send_page(spec, target, fate, now),
            Attended::Assign { owner, work, time_box } => {
                let given = (command.expect("an assignment comes from a command"), now);
                let number = self.tasks.len();
                let task = Task::hand_over(&spec.habits, (owner, work, time_box), given, (fate, number));
                self.tasks.push(task);
            }
            Attended::CheckIn(task) => {
                let began = SimTime::from_nanos(now.as_nanos().saturating_sub(doing.takes.as_nanos()));
                self.check_in(spec, task, fate, (began, now));
            }
            Attended::Help(task) => self.tasks[task].help(&spec.habits, now),
            Attended::Reassign(task, to, told) => self.reassign(spec, (task, to, told.len()), (command, fate), now),
            Attended::HandOver(to, told) => self.hand_over(spec, to, told, now),
            Attended::Cancel(task) => self.cancel(spec, task, now),
            Attended::Release(who) => self.release(spec, who, now),
            Attended::Declare(severity) => self.declare(severity, now),
            Attended::Receive { news, tone } => self.receive(spec, news, tone, now),
            Attended::Own(task) if self.tasks[task].is_open() => return Some(self.finish(task)),
            Attended::Own(_) | Attended::Answered | Attended::Trigger => {}
        }
        None
    }

    /// A page goes out, if it makes sense now.
    pub(super) fn send_page(&mut self, spec: &PeopleSpec, target: Target, fate: Fate, now: SimTime) {
        match target {
            Target::Responder(id) if self.can_be_paged(id) => self.page(spec, id, None, fate, now),
            Target::Team(team) => {
                let on_call = &spec.teams[team].on_call;
                let first = (0..on_call.len()).find(|position| self.can_be_paged(on_call[*position]));
                if let Some(position) = first {
                    self.page(spec, on_call[position], Some((team, position)), fate, now);
                }
            }
            Target::Responder(_) => {}
        }
    }

    /// The lead has asked how it goes, from `began` to now.
    fn check_in(&mut self, spec: &PeopleSpec, id: Id<Task>, fate: Fate, (began, now): (SimTime, SimTime)) {
        let task = &self.tasks[id];
        let (Owner::Responder(who), true) = (task.owner, task.is_open()) else { return };
        let title = task.work.title.clone();
        let owner = &spec.responders[who];
        let mut bad = matches!(task.stage, Stage::Blocked { .. });
        let text = match task.stage {
            Stage::Waiting => format!("{title}: not begun yet"),
            Stage::Blocked { .. } => {
                self.tasks[id].help(&spec.habits, now);
                format!("{title}: blocked; trying around it; what you just told me helps")
            }
            Stage::Carrying { .. } => format!("{title}: under way, watching it"),
            _ => {
                let speed = self.speed(spec, who, task, now);
                let left = task.estimate(owner, speed);
                let (before, after) = (task.promised, now.saturating_add(left));
                bad = before.is_some_and(|before| after > before.saturating_add(SLIPPED));
                self.tasks[id].promise(after);
                self.learn(Fact::Task(id));
                self.tasks[id].interrupt(&spec.habits, (fate, id.index()), began, now);
                format!("{title}: getting on; going on with it; nothing needed; about {} left", roughly(left))
            }
        };
        match bad {
            true => self.say_badly(now, owner.name.clone(), id, text),
            false => self.say(now, owner.name.clone(), NewsKind::Report, Some(id), text),
        }
    }

    /// What has been done so far is lost but for what was told in so many parts, for which the old owner explains it to the new one.
    fn reassign(
        &mut self,
        spec: &PeopleSpec,
        (id, to, told): (Id<Task>, Id<ResponderSpec>, usize),
        (command, fate): (Option<usize>, Fate),
        now: SimTime,
    ) {
        let task = &mut self.tasks[id];
        if !task.is_open() || matches!(task.stage, Stage::Carrying { .. }) {
            return;
        }
        task.stage = Stage::Dropped;
        let (work, time_box, first) = (task.work.clone(), task.time_box, task.command);
        let number = self.tasks.len();
        let given = (command.unwrap_or(first), now);
        let handed = (Owner::Responder(to), work, time_box);
        // What is done when it is finished is what the first command asked for.
        let mut new = Task::hand_over(&spec.habits, handed, given, (fate, number));
        new.command = first;
        if told > 0 {
            let explaining = spec.lead.explaining.mul_f64(told as f64);
            new.take_over((id, &self.tasks[id]), spec.habits.explained_keeps * told as f64, explaining);
            if let Owner::Responder(old) = self.tasks[id].owner {
                self.responders[old].explains_until = now.saturating_add(explaining);
            }
        }
        self.tasks.push(new);
    }

    fn cancel(&mut self, spec: &PeopleSpec, id: Id<Task>, now: SimTime) {
        let task = &mut self.tasks[id];
        if !task.is_open() || matches!(task.stage, Stage::Carrying { .. }) {
            return;
        }
        task.stage = Stage::Dropped;
        let (owner, title) = (task.owner, task.work.title.clone());
        let from = self.owner_name(spec, owner);
        self.say(now, from, NewsKind::Report, Some(id), format!("{title}: dropped it"));
    }

    /// What they had to do is dropped.
    fn release(&mut self, spec: &PeopleSpec, who: Id<ResponderSpec>, now: SimTime) {
        if self.leads(who) {
            return;
        }
        self.go(who);
        self.say(now, "lead", NewsKind::Announced, None, format!("{} is released", spec.responders[who].name));
    }

    /// Somebody leaves the channel, and drops what they had to do.
    pub(super) fn go(&mut self, who: Id<ResponderSpec>) {
        self.responders[who].presence = Presence::Released;
        for task in self.tasks.iter_mut().filter(|task| task.owner == Owner::Responder(who) && task.occupies()) {
            task.stage = Stage::Dropped;
        }
    }

    fn declare(&mut self, severity: Severity, now: SimTime) {
        let text = match self.declared {
            None => format!("this is an incident, {severity}"),
            Some(_) => format!("the severity is {severity}"),
        };
        let since = self.declared.map_or(now, |(since, _)| since);
        self.declared = Some((since, severity));
        self.learn(Fact::Severity);
        self.say(now, "lead", NewsKind::Announced, None, text);
    }

    /// Whether somebody is called that, where anybody is named at all.
    ///
    /// # Errors
    /// When nobody is.
    pub fn is_somebody(spec: &PeopleSpec, name: Option<&str>) -> Result<(), PeopleError> {
        let known = |name: &&str| spec.responders.iter().any(|one| one.name == *name);
        match name.filter(|name| !known(name)) {
            Some(name) => Err(unknown(spec, name)),
            None => Ok(()),
        }
    }

    /// Whether the lead does, or has yet to do, what the command at that position of the log asks for.
    #[must_use]
    pub fn is_attending(&self, command: usize) -> bool {
        self.attention.all().any(|doing| doing.command == Some(command))
    }

    /// Whether the lead is about to give somebody something to do, by its title.
    #[must_use]
    pub fn will_give(&self, title: &str) -> bool {
        let gives = |what: &Attended| matches!(what, Attended::Assign { work, .. } if work.title == title);
        self.attention.all().any(|doing| gives(&doing.what))
    }

    /// Somebody who is in the channel, or will be.
    fn coming(&self, spec: &PeopleSpec, name: &str) -> Result<Id<ResponderSpec>, PeopleError> {
        let id = somebody(spec, name)?;
        if self.leads_or_will(id) {
            return Err(PeopleError::Leads(name.to_owned()));
        }
        let ringing = self.pages.iter().any(|page| page.responder == id && page.rings());
        let away = matches!(self.responders[id].presence, Presence::Away | Presence::Released);
        if away && !ringing { Err(PeopleError::NotThere(name.to_owned())) } else { Ok(id) }
    }

    fn pageable(&self, spec: &PeopleSpec, name: &str) -> Result<Target, PeopleError> {
        let target = spec.target(name).ok_or_else(|| unknown(spec, name))?;
        let somebody = match target {
            Target::Responder(id) => self.can_be_paged(id),
            Target::Team(team) => spec.teams[team].on_call.iter().any(|one| self.can_be_paged(*one)),
        };
        let sensible = somebody && !self.will_page(target);
        sensible.then_some(target).ok_or_else(|| PeopleError::NoNeedToPage(name.to_owned()))
    }

    fn will_page(&self, target: Target) -> bool {
        self.attention.all().any(|doing| matches!(doing.what, Attended::Page(waiting) if waiting == target))
    }

    /// A task that is not over.
    fn open_task(&self, number: u32) -> Result<Id<Task>, PeopleError> {
        let id = Id::new(number);
        let task = self.tasks.get(id).ok_or(PeopleError::NoSuchTask(number))?;
        if task.is_open() { Ok(id) } else { Err(PeopleError::TaskOver(number)) }
    }

    /// A task that somebody else than the lead has, and that is not over.
    fn others_task(&self, number: u32) -> Result<Id<Task>, PeopleError> {
        let id = self.open_task(number)?;
        match self.tasks[id].owner {
            Owner::Lead => Err(PeopleError::LeadsOwn(number)),
            Owner::Responder(_) => Ok(id),
        }
    }
}

fn somebody(spec: &PeopleSpec, name: &str) -> Result<Id<ResponderSpec>, PeopleError> {
    let found = spec.responders.enumerate().find(|(_, one)| one.name == name);
    found.map(|(id, _)| id).ok_or_else(|| unknown(spec, name))
}

fn unknown(spec: &PeopleSpec, name: &str) -> PeopleError {
    let people = spec.responders.iter().map(|one| one.name.as_str());
    let near = suggest(name, people.chain(spec.teams.iter().map(|team| team.name.as_str())));
    PeopleError::Unknown { name: quoted(name), near: near.map(str::to_owned) }
}
