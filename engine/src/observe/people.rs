//! What can be seen and heard of people: who is there, who has what as far as they said, and what was said.
//!
//! These are plain data. The room of people fills them in; what is true of a task and was not said is not here.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::units::SimTime;

/// People as whoever leads sees them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeopleView {
    /// What the lead is doing and until when; `None` when nothing.
    pub doing: Option<(String, SimTime)>,
    /// What waits for the lead, the next one first.
    pub waiting: Vec<String>,
    /// The teams, each with the services it owns; whoever is on call for one can be paged by its name.
    pub teams: Vec<TeamView>,
    /// The responders, in a fixed order.
    pub responders: Vec<ResponderView>,
    /// Every task there was, by number.
    pub tasks: Vec<TaskView>,
    /// What was said, in time order; what was lost in a hand-over is left out.
    pub news: Vec<News>,
    /// Who leads, by name; `None` as long as whoever led at the start does.
    pub lead: Option<String>,
    /// How many of those who were paged have said that it is not theirs.
    pub misrouted: u32,
    /// When it was declared an incident, and how bad it is said to be, 1 to 5.
    pub declared: Option<(SimTime, u8)>,
    /// What was said to whom, and what comes back; `None` where nobody waits for word.
    pub comms: Option<CommsView>,
}

/// Communication as whoever leads sees it. What audiences think is not here; what they do is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommsView {
    /// What was said, in time order.
    pub said: Vec<SaidView>,
    /// Tickets that customers have written so far.
    pub tickets: u64,
    /// Those of the ten minutes before the last full minute.
    pub recent_tickets: u64,
}

/// Something that was said, as far as whoever said it knows: not whether it got there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaidView {
    /// When.
    pub at: SimTime,
    /// To whom: `status-page`, `executives`, `support`, `engineering`.
    pub to: String,
    /// When there was to be more.
    pub promised: Option<SimTime>,
    /// Whether it was said to be over.
    pub resolved: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamView {
    /// Its name.
    pub name: String,
    /// The services it owns.
    pub services: Vec<Id<ServiceSpec>>,
}

/// A responder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponderView {
    /// The name, by which commands refer to them.
    pub name: String,
    /// What they do.
    pub role: String,
    /// Where they are.
    pub whereabouts: Whereabouts,
    /// How well they are known to know a service, 0 to 1; those that are not listed, not at all.
    pub skills: Vec<(Id<ServiceSpec>, f64)>,
}

/// Where a responder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whereabouts {
    /// Not in the channel.
    Away,
    /// Not in the channel; a page to them is ringing.
    Ringing,
    /// Not in the channel; they have not acknowledged the last page to them.
    NoAnswer,
    /// Reading up on what has happened.
    ReadingUp,
    /// In the channel, ready for a task or at work.
    Here,
    /// They lead.
    Leading,
    /// Sent home.
    Released,
}

/// A task as far as its owner has said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    /// Its number, by which commands refer to it.
    pub number: u32,
    /// What it is: the option's name.
    pub title: String,
    /// The service it is about.
    pub service: Option<Id<ServiceSpec>>,
    /// Who has it; `None` for the lead.
    pub owner: Option<String>,
    /// When it was handed over.
    pub given: SimTime,
    /// When its owner said that they have it.
    pub acknowledged: Option<SimTime>,
    /// When its time-box ends.
    pub time_box_ends: Option<SimTime>,
    /// When its owner said that it would be done.
    pub promised: Option<SimTime>,
    /// Where it stands, by what was said.
    pub state: TaskState,
}

/// Where a task stands, by what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// Its owner has not begun.
    Waiting,
    /// Its owner has it.
    UnderWay,
    /// Its owner said that they are blocked.
    Blocked,
    /// The order has been given, and the system is carrying it out.
    CarriedOut,
    /// It is done.
    Done,
    /// It could not be done.
    Failed,
    /// Somebody else has it, or nobody wants it any more.
    Dropped,
}

impl TaskState {
    /// Whether it is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Dropped)
    }
}

/// Something that somebody said, or that the lead noticed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// Its number, by which commands refer to it: how much was said before it.
    pub number: u32,
    /// When.
    pub at: SimTime,
    /// Who said it.
    pub from: String,
    /// What kind of news it is.
    pub kind: NewsKind,
    /// The task it is about, by its number.
    pub task: Option<u32>,
    /// What was said.
    pub text: String,
    /// Whether it is bad news that somebody brought: blocked, late, or not to be done. The lead can answer it once.
    pub bad: bool,
    /// Whether the lead has answered it.
    pub answered: bool,
}

/// The kinds of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NewsKind {
    /// Alerts fire.
    Alerted,
    /// Alerts have been resolved.
    Resolved,
    /// A page went out.
    Paged,
    /// Somebody has acknowledged a page, or a task.
    Acknowledged,
    /// Nobody has acknowledged a page in time.
    Unanswered,
    /// Somebody has read up and can start.
    Here,
    /// How a task goes: condition, action, need.
    Report,
    /// Somebody has asked an instrument: what it shows.
    Found,
    /// A task is done.
    Done,
    /// A task could not be done.
    Failed,
    /// Something was said to everybody.
    Announced,
    /// Somebody interrupted the lead, and was answered.
    Interrupted,
}
