//! What the lead sees of people: what was said, and who is there.

use crate::ids::Id;
use crate::observe::{PeopleView, ResponderView, TaskState, TaskView, TeamView, Whereabouts};
use crate::units::SimTime;

use super::hand_over::Fact;
use super::spec::{PeopleSpec, ResponderSpec};
use super::state::{People, Presence};
use super::task::{Owner, Stage, Task};

impl People {
    /// What can be seen and heard of everybody.
    #[must_use]
    pub fn view(&self, spec: &PeopleSpec) -> PeopleView {
        let team = |team: &super::TeamSpec| TeamView { name: team.name.clone(), services: team.services.clone() };
        PeopleView {
            doing: self.attention.now().map(|(title, until)| (title.to_owned(), until)),
            waiting: self.attention.waiting().map(str::to_owned).collect(),
            teams: spec.teams.iter().map(team).collect(),
            responders: spec.responders.enumerate().map(|(id, who)| self.responder_view(id, who)).collect(),
            tasks: self.tasks.enumerate().map(|(id, task)| self.task_view(spec, id, task)).collect(),
            news: self.news.iter().filter(|news| self.knows(Fact::News(news.number))).cloned().collect(),
            declared: self
                .declared
                .filter(|_| self.knows(Fact::Severity))
                .map(|(since, severity): (SimTime, _)| (since, severity.into())),
            lead: self.leading.map(|id| spec.responders[id].name.clone()),
            misrouted: self.misrouted,
            comms: None,
        }
    }

    fn responder_view(&self, id: Id<ResponderSpec>, spec: &ResponderSpec) -> ResponderView {
        let ringing = || self.pages.iter().any(|page| page.responder == id && page.rings());
        let whereabouts = match self.responders[id].presence {
            Presence::Away | Presence::Released if ringing() => Whereabouts::Ringing,
            Presence::Away if self.pages.iter().any(|page| page.responder == id) => Whereabouts::NoAnswer,
            Presence::Away => Whereabouts::Away,
            Presence::Released => Whereabouts::Released,
            Presence::ReadingUp { .. } => Whereabouts::ReadingUp,
            Presence::Here if self.leads(id) => Whereabouts::Leading,
            Presence::Here => Whereabouts::Here,
        };
        ResponderView { name: spec.name.clone(), role: spec.role.clone(), whereabouts, skills: spec.skills.clone() }
    }

    fn task_view(&self, spec: &PeopleSpec, id: Id<Task>, task: &Task) -> TaskView {
        let state = match task.stage {
            Stage::Waiting => TaskState::Waiting,
            Stage::Working if task.owner == Owner::Lead && !self.attention.is_at(id) => TaskState::Waiting,
            Stage::Working | Stage::Blocked { known: false, .. } => TaskState::UnderWay,
            Stage::Blocked { known: true, .. } => TaskState::Blocked,
            Stage::Carrying { .. } => TaskState::CarriedOut,
            Stage::Done => TaskState::Done,
            Stage::Failed => TaskState::Failed,
            Stage::Dropped => TaskState::Dropped,
        };
        let known = self.knows(Fact::Task(id));
        TaskView {
            number: id.raw(),
            title: task.work.title.clone(),
            service: task.work.service,
            owner: (task.owner != Owner::Lead).then(|| self.owner_name(spec, task.owner)),
            given: task.given,
            acknowledged: task.acknowledged,
            time_box_ends: task.time_box_ends().filter(|_| known),
            promised: self.attention.done_with(id).or(task.promised).filter(|_| known),
            state,
        }
    }
}
