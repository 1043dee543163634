//! Who does it: a policy that decides what to do, with a lead's usual way of getting it done.
//!
//! What is decided is given to the best of those who are there, know the service and have nothing else to do, with a time-box of
//! one and a half times the estimate. If nobody is there, whoever is on call for the service is paged; after five minutes without anybody the
//! lead does it with their own hands. When a time-box ends the lead asks how it goes, once each time.

use crate::observe::{Observation, PeopleView, ResponderView, TaskState, Whereabouts};
use crate::response::{Command, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

use super::{Cue, Policy};

/// How long the lead waits for somebody to come before they do it themselves.
const WAITS: SimDuration = SimDuration::from_secs(5 * 60);
/// The time-box, as a multiple of the estimate.
const TIME_BOX: f64 = 1.5;

/// A policy and how its lead gets things done.
#[derive(Debug)]
pub struct Staffed {
    decides: Box<dyn Policy>,
    staffing: Staffing,
}

/// A lead's usual way of getting things done.
#[derive(Clone, Debug, Default)]
pub(super) struct Staffing {
    /// What has been decided and has nobody to do it yet: the command, since when.
    open: Vec<(Command, SimTime)>,
    /// By task: the end of the time-box at which the lead has last asked.
    asked: Vec<Option<SimTime>>,
}

impl Staffed {
    /// Staffs what a policy decides.
    #[must_use]
    pub fn new(decides: Box<dyn Policy>) -> Self {
        Self { decides, staffing: Staffing::default() }
    }

    /// The same, in a box.
    pub(super) fn boxed(decides: impl Policy + 'static) -> Box<dyn Policy> {
        Box::new(Self::new(Box::new(decides)))
    }
}

impl Staffing {
    /// Somebody is to be found for an option that is taken.
    pub(super) fn give(&mut self, act: Command, now: SimTime) {
        self.open.push((act, now));
    }

    /// Asks the owners whose time-box has ended.
    fn check_in(&mut self, people: &PeopleView, now: SimTime) -> Vec<Command> {
        self.asked.resize(people.tasks.len(), None);
        let mut commands = Vec::new();
        for (task, asked) in people.tasks.iter().zip(&mut self.asked) {
            let working = matches!(task.state, TaskState::UnderWay | TaskState::Blocked) && task.owner.is_some();
            let ended = task.time_box_ends.filter(|ends| *ends <= now);
            if working && ended.is_some() && ended != *asked {
                *asked = ended;
                commands.push(Command::CheckIn { task: task.number });
            }
        }
        commands
    }

    /// Finds somebody for what is open. A time-box that was given with it stays.
    pub(super) fn staff(&mut self, people: &PeopleView, menu: &Menu, now: SimTime) -> Vec<Command> {
        let mut commands = Vec::new();
        let mut taken: Vec<String> = Vec::new();
        let mut left = Vec::new();
        for (command, since) in std::mem::take(&mut self.open) {
            let Command::Act { option, .. } = &command else { continue };
            let Some(offered) = menu.find(option) else { continue };
            let for_whom = |owner: Option<String>, limit: Option<SimDuration>| match command.clone() {
                Command::Act { option, arguments, reason, time_box, belief, .. } => {
                    let time_box = limit.map(|limit| time_box.unwrap_or(limit));
                    Command::Act { option, arguments, reason, owner, time_box, belief }
                }
                other => other,
            };
            if let Some(owner) = best(people, offered, &taken) {
                taken.push(owner.clone());
                let time_box = offered.estimate.takes.likely.mul_f64(TIME_BOX).max(SimDuration::SECOND);
                commands.push(for_whom(Some(owner), Some(time_box)));
            } else if now.since(since) >= WAITS {
                commands.push(for_whom(None, None));
            } else {
                let nobody_comes = !people.responders.iter().any(|who| is_coming(who.whereabouts));
                if since == now && nobody_comes {
                    commands.extend(on_call(people, offered));
                }
                left.push((command, since));
            }
        }
        self.open = left;
        commands
    }
}

/// The one who knows the service best of those who are there, have nothing to do and know it at all; the first one listed of
/// equals. What is done to no one service anybody can do.
fn best(people: &PeopleView, offered: &MenuOption, taken: &[String]) -> Option<String> {
    let busy = |name: &str| {
        taken.iter().any(|one| one == name)
            || people.tasks.iter().any(|task| !task.state.is_over() && task.owner.as_deref() == Some(name))
    };
    let free = people.responders.iter().filter(|who| who.whereabouts == Whereabouts::Here && !busy(&who.name));
    let free = free.filter(|who| offered.target.service.is_none() || skill(who, offered) > 0.0);
    free.fold(None, |best: Option<&ResponderView>, who| match best {
        Some(best) if skill(best, offered) >= skill(who, offered) => Some(best),
        _ => Some(who),
    })
    .map(|who| who.name.clone())
}

/// The one of those who are there to whom an option is best given, if anybody is.
fn best_owner(people: &PeopleView, offered: &MenuOption) -> Option<String> {
    best(people, offered, &[])
}

fn skill(who: &ResponderView, offered: &MenuOption) -> f64 {
    who.skills
        .iter()
        .find(|(known, _)| Some(known.index()) == offered.target.service_index())
        .map_or(0.0, |(_, skill)| *skill)
}

/// An option with what has to be said for it, in the best hands that are free.
pub(crate) fn in_the_best_hands(option: &MenuOption, seen: &Observation) -> Command {
    let owner = seen.people.as_ref().and_then(|people| best_owner(people, option));
    let needed = option.parameters.iter().filter(|parameter| parameter.default.is_none());
    let arguments = needed.map(|parameter| (parameter.name.clone(), parameter.example())).collect();
    Command::Act { option: option.name.clone(), arguments, reason: String::new(), owner, time_box: None, belief: None }
}

const fn is_coming(whereabouts: Whereabouts) -> bool {
    matches!(whereabouts, Whereabouts::Ringing | Whereabouts::ReadingUp)
}

/// A page to the team that owns the service, or else to the first one.
fn on_call(people: &PeopleView, offered: &MenuOption) -> Option<Command> {
    let owner = people
        .teams
        .iter()
        .find(|team| team.services.iter().any(|own| Some(own.index()) == offered.target.service_index()))
        .or(people.teams.first())?;
    Some(Command::Page { whom: owner.name.clone() })
}

impl Policy for Staffed {
    fn attend(&mut self, because: &[Cue]) {
        self.decides.attend(because);
    }

    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        let decided = self.decides.decide(observation, menu);
        let Some(people) = &observation.people else { return decided };
        let now = observation.now;
        let (acts, mut commands): (Vec<_>, Vec<_>) =
            decided.into_iter().partition(|command| matches!(command, Command::Act { owner: None, .. }));
        acts.into_iter().for_each(|act| self.staffing.give(act, now));
        commands.extend(self.staffing.check_in(people, now));
        commands.extend(self.staffing.staff(people, menu, now));
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;
    use crate::observe::{TaskView, TeamView};
    use crate::policy::views::{menu, observation, view};
    use crate::response::Action;

    /// Decides the same option once.
    #[derive(Debug)]
    struct Once(Option<Command>);

    impl Policy for Once {
        fn decide(&mut self, _: &Observation, _: &Menu) -> Vec<Command> {
            self.0.take().into_iter().collect()
        }
    }

    fn who(name: &str, whereabouts: Whereabouts, skill: f64) -> ResponderView {
        let skills = vec![(Id::new(0), skill)];
        ResponderView { name: name.to_owned(), role: String::new(), whereabouts, skills }
    }

    struct Room {
        lead: Staffed,
        people: PeopleView,
    }

    impl Room {
        fn with(responders: Vec<ResponderView>) -> Self {
            let decided = Command::act("restart s0", "because");
            let teams = ["other", "shop"].into_iter().zip([1, 0]);
            let team =
                |(name, service): (&str, u32)| TeamView { name: name.to_owned(), services: vec![Id::new(service)] };
            let people = PeopleView { responders, teams: teams.map(team).collect(), ..PeopleView::default() };
            Self { lead: Staffed::new(Box::new(Once(Some(decided)))), people }
        }

        fn at(&mut self, secs: u64) -> Vec<Command> {
            let mut seen = observation(vec![view("s0", 1.0, Some(0.0))]);
            seen.now = SimTime::from_secs(secs);
            seen.people = Some(self.people.clone());
            self.lead.decide(&seen, &menu(&[("restart s0", Action::Restart, 0)]))
        }
    }

    fn act(owner: Option<&str>) -> Command {
        Command::Act {
            option: "restart s0".to_owned(),
            arguments: std::collections::BTreeMap::new(),
            reason: "because".to_owned(),
            owner: owner.map(str::to_owned),
            // Two minutes are estimated.
            time_box: owner.map(|_| SimDuration::from_secs(180)),
            belief: None,
        }
    }

    #[test]
    fn the_best_one_who_is_free_gets_it() {
        use Whereabouts::{Away, Here};
        let mut strangers = Room::with(vec![who("a", Here, 0.0)]);
        assert_eq!(
            strangers.at(15),
            [Command::Page { whom: "shop".to_owned() }],
            "who knows nothing of it is not asked"
        );
        let mut room =
            Room::with(vec![who("a", Here, 0.2), who("b", Here, 0.9), who("c", Here, 0.9), who("d", Away, 1.0)]);
        assert_eq!(room.at(15), [act(Some("b"))]);
        assert_eq!(room.at(30), []);
    }

    #[test]
    fn nobody_there_means_a_page_a_wait_and_then_ones_own_hands() {
        let mut room = Room::with(vec![who("a", Whereabouts::Away, 1.0)]);
        assert_eq!(room.at(15), [Command::Page { whom: "shop".to_owned() }]);
        room.people.responders[0].whereabouts = Whereabouts::Ringing;
        assert_eq!(room.at(30), []);
        assert_eq!(room.at(300), []);
        assert_eq!(room.at(315), [act(None)]);
        assert_eq!(room.at(330), []);
        let mut room = Room::with(vec![who("a", Whereabouts::Ringing, 1.0)]);
        assert_eq!(room.at(15), [], "somebody comes");
        room.people.responders[0].whereabouts = Whereabouts::Here;
        assert_eq!(room.at(200), [act(Some("a"))]);
    }

    #[test]
    fn the_end_of_each_time_box_is_asked_about_once() {
        let mut room = Room::with(vec![who("a", Whereabouts::Here, 1.0)]);
        room.at(15);
        let task = TaskView {
            number: 0,
            title: "restart s0".to_owned(),
            service: Some(Id::new(0)),
            owner: Some("a".to_owned()),
            given: SimTime::from_secs(45),
            acknowledged: Some(SimTime::from_secs(45)),
            time_box_ends: Some(SimTime::from_secs(225)),
            promised: None,
            state: TaskState::UnderWay,
        };
        room.people.tasks.push(task);
        assert_eq!(room.at(210), []);
        assert_eq!(room.at(225), [Command::CheckIn { task: 0 }]);
        assert_eq!(room.at(240), []);
        room.people.tasks[0].time_box_ends = Some(SimTime::from_secs(450));
        assert_eq!(room.at(449), []);
        assert_eq!(room.at(450), [Command::CheckIn { task: 0 }]);
        room.people.tasks[0].time_box_ends = Some(SimTime::from_secs(700));
        room.people.tasks[0].state = TaskState::CarriedOut;
        assert_eq!(room.at(700), []);
    }
}
