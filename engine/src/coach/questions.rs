//! What can be asked, from what is seen: a question a function, the most pressing first.

use crate::observe::{ChangeEntry, Observation, PeopleView, ServiceView, Stage, TaskState, TaskView, Whereabouts};
use crate::units::{SimDuration, SimTime};

use super::Hint;

/// A share of errors that is trouble.
const TROUBLE: f64 = 0.05;
/// So long before the trouble a change is worth asking about.
const BEFORE: SimDuration = SimDuration::from_secs(900);
/// After so long an effect should be seen.
const SHOULD_SHOW: SimDuration = SimDuration::from_secs(180);
/// How often it is asked what is expected, as long as there is trouble.
const AGAIN: SimDuration = SimDuration::from_secs(600);
/// After so long without a word somebody waits.
const WORD: SimDuration = SimDuration::from_secs(600);

/// Every question that what is seen gives rise to, the most pressing first.
pub(super) fn all(seen: &Observation) -> Vec<Hint> {
    let at = Situation::of(seen);
    let asked = [
        at.blocked(),
        at.out_of_time(),
        at.not_declared(),
        at.nobody_who_knows(),
        at.no_effect(),
        at.changes(),
        at.two_at_once(),
        at.own_hands(),
        at.where_it_begins(),
        at.broken_promise(),
        at.nobody_told(),
        at.is_it_over(),
        at.who_can_go(),
        at.what_is_expected(),
    ];
    asked.into_iter().flatten().collect()
}

/// What stands out.
struct Situation<'a> {
    seen: &'a Observation,
    people: Option<&'a PeopleView>,
    /// The services whose dashboards show trouble, the worst first.
    failing: Vec<&'a ServiceView>,
    /// Since when it is known that something is wrong: the first alert that is active; now, where only a dashboard shows it.
    since: Option<SimTime>,
}

fn hint(about: impl Into<String>, question: impl Into<String>) -> Option<Hint> {
    Some(Hint { about: about.into(), question: question.into() })
}

fn minutes(span: SimDuration) -> String {
    match span.as_secs_f64() / 60.0 {
        one if one < 1.5 => "a minute".to_owned(),
        more => format!("{more:.0} minutes"),
    }
}

impl<'a> Situation<'a> {
    fn of(seen: &'a Observation) -> Self {
        let ratio = |view: &ServiceView| view.error_ratio.unwrap_or(0.0);
        let mut failing: Vec<&ServiceView> = seen.services.iter().filter(|view| ratio(view) >= TROUBLE).collect();
        failing.sort_by(|one, other| ratio(other).total_cmp(&ratio(one)));
        let active = |stage| matches!(stage, Stage::Pending | Stage::Firing);
        let alerts = seen.alerts.iter().filter(|alert| active(alert.stage)).filter_map(|alert| alert.active_since);
        let since = alerts.min().or_else(|| (!failing.is_empty()).then_some(seen.now));
        Self { seen, people: seen.people.as_ref(), failing, since }
    }

    fn open_tasks(&self) -> impl Iterator<Item = &'a TaskView> + use<'a> {
        self.people.into_iter().flat_map(|people| &people.tasks).filter(|task| !task.state.is_over())
    }

    fn blocked(&self) -> Option<Hint> {
        let task = self.open_tasks().find(|task| task.state == TaskState::Blocked)?;
        let (owner, number) = (task.owner.as_deref()?, task.number);
        hint(
            format!("blocked {number}"),
            format!("{owner} is blocked in \"{}\": what is in the way that you can move, or who can?", task.title),
        )
    }

    fn out_of_time(&self) -> Option<Hint> {
        let late = |task: &&TaskView| task.time_box_ends.is_some_and(|ends| ends <= self.seen.now);
        let task = self.open_tasks().find(late)?;
        let (owner, ended) = (task.owner.as_deref()?, minutes(self.seen.now.since(task.time_box_ends?)));
        hint(
            format!("time-box {}", task.number),
            format!(
                "The time-box of \"{}\" ended {ended} ago: what would you need to hear from {owner}, to go on or to stop?",
                task.title
            ),
        )
    }

    fn not_declared(&self) -> Option<Hint> {
        let people = self.people?;
        (self.since.is_some() && people.declared.is_none()).then_some(())?;
        hint(
            "declare",
            "Is this an incident? Who would have to know if it were, and what does it cost to say so and be wrong?",
        )
    }

    /// Somebody knows a failing service well and is not called.
    fn nobody_who_knows(&self) -> Option<Hint> {
        let people = self.people?;
        let knows = |who: &crate::observe::ResponderView, view: &ServiceView| {
            let skill = who.skills.iter().find(|(service, _)| *service == view.service);
            skill.map_or(0.0, |(_, skill)| *skill) >= 0.5
        };
        let coming = |who: &&crate::observe::ResponderView| {
            !matches!(who.whereabouts, Whereabouts::Away | Whereabouts::NoAnswer | Whereabouts::Released)
        };
        let alone = self.failing.iter().find(|view| {
            let mut who_knows = people.responders.iter().filter(|who| knows(who, view)).peekable();
            who_knows.peek().is_some() && !who_knows.any(|who| coming(&who))
        })?;
        let name = &alone.name;
        hint(format!("who knows {name}"), format!("Who knows {name} best, and do they know yet that it is in trouble?"))
    }

    /// Something was done a while ago, and it is as before.
    fn no_effect(&self) -> Option<Hint> {
        let done = |change: &&ChangeEntry| change.back && change.done && self.seen.now.since(change.at) > SHOULD_SHOW;
        let change = self.seen.changes.iter().rev().find(done)?;
        let failing = self.failing.first()?;
        let (name, ago) = (&change.name, minutes(self.seen.now.since(change.at)));
        hint(
            format!("effect {name} {}", change.at.whole_secs()),
            format!(
                "{name} was taken back {ago} ago, and {} still fails: what would you see by now if it had been the cause? What does that leave?",
                failing.name
            ),
        )
    }

    /// There is trouble, and nothing else to ask.
    fn what_is_expected(&self) -> Option<Hint> {
        let since = self.since.filter(|_| !self.failing.is_empty())?;
        hint(
            format!("expected {}", self.seen.now.since(since).as_nanos() / AGAIN.as_nanos()),
            "What do you expect to see in the next minutes if you are right, and what would make you change your mind?",
        )
    }

    fn changes(&self) -> Option<Hint> {
        let (since, seen) = (self.since?, self.seen);
        if seen.evidence.iter().any(|one| one.instrument == "changes") {
            return None;
        }
        let near = |change: &&ChangeEntry| !change.back && change.at <= since && since.since(change.at) <= BEFORE;
        match seen.changes.iter().filter(near).count() {
            0 => None,
            1 => hint(
                "changes",
                "What changed in the quarter of an hour before it began, and what would you expect to see if that were the cause?",
            ),
            _ => hint(
                "changes",
                "More than one thing changed shortly before it began: which of them could make what you see, and how could you tell them apart?",
            ),
        }
    }

    fn two_at_once(&self) -> Option<Hint> {
        let under_way = self.seen.changes.iter().filter(|change| !change.done && !change.dropped).count();
        (under_way >= 2 && self.since.is_some()).then_some(())?;
        hint(
            "two at once",
            "Two changes are under way at the same time: if it gets better, or worse, how will you know which of them it was?",
        )
    }

    fn own_hands(&self) -> Option<Hint> {
        let people = self.people?;
        let own = self.open_tasks().find(|task| task.owner.is_none() && task.service.is_some())?;
        let busy = |name: &str| self.open_tasks().any(|task| task.owner.as_deref() == Some(name));
        let free = people.responders.iter().find(|who| who.whereabouts == Whereabouts::Here && !busy(&who.name))?;
        hint(
            format!("own hands {}", own.number),
            format!(
                "You are at \"{}\" yourself while {} is free: what do you not see meanwhile?",
                own.title, free.name
            ),
        )
    }

    fn where_it_begins(&self) -> Option<Hint> {
        let worst = self.failing.first()?;
        self.seen.evidence.is_empty().then_some(())?;
        hint(
            "where it begins",
            format!(
                "{} fails: by itself, or because something behind it does? What could tell you within two minutes?",
                worst.name
            ),
        )
    }

    fn broken_promise(&self) -> Option<Hint> {
        let comms = self.people?.comms.as_ref()?;
        let mut last: Vec<&crate::observe::SaidView> = Vec::new();
        for said in &comms.said {
            last.retain(|other| other.to != said.to);
            last.push(said);
        }
        let late = last.into_iter().find(|said| said.promised.is_some_and(|promised| promised < self.seen.now))?;
        hint(
            format!("promise {} {}", late.to, late.promised?.whole_secs()),
            format!("You told {} when they would hear more, and that time is over: what do they think now?", late.to),
        )
    }

    fn nobody_told(&self) -> Option<Hint> {
        let comms = self.people?.comms.as_ref()?;
        let waited = self.seen.now.since(self.since?);
        let told = |to: &str| comms.said.iter().any(|said| said.to == to);
        let untold = ["status-page", "executives", "support"].into_iter().find(|to| !told(to))?;
        (waited >= SHOULD_SHOW).then_some(())?;
        let question = match untold {
            "status-page" => {
                "What do users read on the status page now, and what would you want to read there as one of them?"
            }
            "executives" => "What do those know who answer for the business, and from whom do they hear it first?",
            _ => "What does support say to customers who write now?",
        };
        hint(format!("word {untold}"), question)
    }

    fn is_it_over(&self) -> Option<Hint> {
        let people = self.people?;
        let comms = people.comms.as_ref()?;
        (people.declared.is_some() && self.since.is_none() && !comms.said.iter().any(|said| said.resolved))
            .then_some(())?;
        hint(
            "over",
            "Nothing fails that you can see: for how long has that to be so before you say it is over, and who has to hear it?",
        )
    }

    fn who_can_go(&self) -> Option<Hint> {
        let people = self.people?;
        let since = people.declared?.0;
        (self.since.is_none() && self.seen.now.since(since) >= WORD).then_some(())?;
        let here = people.responders.iter().filter(|who| who.whereabouts == Whereabouts::Here).count();
        (here >= 2 && self.open_tasks().next().is_none()).then_some(())?;
        hint("who can go", "Everybody is still in the channel: whom do you still need, and who may go?")
    }
}
