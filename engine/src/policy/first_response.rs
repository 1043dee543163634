//! Two simple leads: one rolls back what changed last, the other has a hotfix written for it first.
//!
//! Both work on one suspicion at a time: a change that still stands at a service. They act on it, wait until what they ordered
//! is done, give it time to show, and judge. What did not help was not to blame, and the next change is suspected. Once all is
//! well again, every change that stands then is cleared. With nothing left to suspect they wait.

use std::cmp::Reverse;

use crate::observe::{ChangeEntry, Observation};
use crate::response::{Action, Command, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;
use super::suspects::{is_fix, standing};

/// How long the effect of what was done may take to show.
const PATIENCE: SimDuration = SimDuration::from_secs(5 * 60);
/// How much longer than its estimate something may take, as a multiple, before it is given up.
const OVERRUN: f64 = 1.5;

/// Suspects one change after the other, and does one kind of action about it, then the other kind.
#[derive(Clone, Debug)]
pub struct FirstResponse {
    first: Action,
    alarm: Alarm,
    trial: Option<Trial>,
    /// Changes that are not to blame: service and instant of the order.
    cleared: Vec<(usize, SimTime)>,
    /// The hotfixes ordered, by option, with their service.
    fixes: Vec<(String, usize)>,
}

/// Something that has been ordered and not been judged yet.
#[derive(Clone, Debug)]
struct Trial {
    action: Action,
    service: usize,
    ordered: SimTime,
    estimate: SimDuration,
    /// When it was seen to be done.
    done: Option<SimTime>,
    /// Whether it takes back a fix of one's own, under which lies what was sick before.
    undoes_fix: bool,
}

/// What has come of a trial.
enum Verdict {
    /// Too early to say.
    Open,
    /// Nobody suffers any more.
    Helped,
    /// In words, what has become of it.
    DidNotHelp(&'static str),
}

impl FirstResponse {
    /// Rolls back; orders a hotfix only where there is nothing to roll back.
    #[must_use]
    pub fn rollback_first() -> Self {
        Self::new(Action::RollBack)
    }

    /// Orders a hotfix; rolls back if that does not help.
    #[must_use]
    pub fn hotfix_first() -> Self {
        Self::new(Action::Hotfix)
    }

    fn new(first: Action) -> Self {
        Self { first, alarm: Alarm::default(), trial: None, cleared: Vec::new(), fixes: Vec::new() }
    }

    /// The service that is sick, the first one listed being nearest to users.
    fn sick(&self, observation: &Observation) -> Option<usize> {
        (0..observation.services.len()).find(|service| self.alarm.is_sick(*service))
    }

    /// Judges what is being tried. Returns what did not help, in words.
    fn judge(&mut self, observation: &Observation) -> Result<Option<String>, StillOpen> {
        let Some(mut trial) = self.trial.take() else { return Ok(None) };
        let verdict = trial.verdict(observation, self.sick(observation).is_some());
        let name = &observation.services[trial.service].name;
        match verdict {
            Verdict::Open => {
                self.trial = Some(trial);
                Err(StillOpen)
            }
            Verdict::Helped => {
                self.clear(observation);
                Ok(None)
            }
            Verdict::DidNotHelp(how) => Ok(Some(match trial.action {
                Action::Hotfix => format!("the hotfix for {name} {how}; "),
                _ if trial.undoes_fix => format!("{name} is back where it was sick; "),
                _ => format!("rolling back {name} {how}; "),
            })),
        }
    }

    /// Whatever runs now runs well; what is still on its way has not been seen.
    fn clear(&mut self, observation: &Observation) {
        for service in 0..observation.services.len() {
            let standing = standing(&observation.changes, service);
            self.cleared.extend(standing.into_iter().filter(|change| change.done).map(|change| (service, change.at)));
        }
    }

    /// The change to suspect: at a sick service before any other, then what changed last, then what is nearest to users. Only
    /// what can be rolled back already serves.
    fn suspect<'a>(&self, observation: &'a Observation, menu: &Menu) -> Option<&'a ChangeEntry> {
        let serves = |service: usize| offers(menu, Action::RollBack, service).next().is_some();
        let services = (0..observation.services.len()).filter(|service| serves(*service));
        let changes = services.filter_map(|service| standing(&observation.changes, service).pop());
        let suspects = changes.filter(|change| !self.cleared.contains(&(change.service.index(), change.at)));
        suspects.max_by_key(|change| (self.alarm.is_sick(change.service.index()), change.at, Reverse(change.service)))
    }

    /// What to do about a suspected change.
    fn remedy<'a>(&self, change: &ChangeEntry, menu: &'a Menu) -> Option<&'a MenuOption> {
        let service = change.service.index();
        let fix = (self.first == Action::Hotfix && !is_fix(change)).then(|| self.fix(menu, service)).flatten();
        fix.or_else(|| offers(menu, Action::RollBack, service).next())
    }

    /// The quickest hotfix for a service, if none has been ordered for it.
    fn fix<'a>(&self, menu: &'a Menu, service: usize) -> Option<&'a MenuOption> {
        let ordered = self.fixes.iter().any(|(_, of)| *of == service);
        let fixes = offers(menu, Action::Hotfix, service);
        (!ordered).then(|| fixes.min_by_key(|option| option.estimate.takes.likely)).flatten()
    }

    /// A hotfix for a sick service in which nothing has changed at all.
    fn old_trouble<'a>(&self, observation: &Observation, menu: &'a Menu) -> Option<&'a MenuOption> {
        let changed = |service: usize| observation.changes.iter().any(|change| change.service.index() == service);
        let sick = (0..observation.services.len()).filter(|service| self.alarm.is_sick(*service) && !changed(*service));
        sick.filter_map(|service| self.fix(menu, service)).next()
    }

    fn begin(&mut self, option: &MenuOption, undoes_fix: bool, now: SimTime) {
        let Some(service) = option.target.service_index() else { return };
        if option.action == Action::Hotfix {
            self.fixes.push((option.name.clone(), service));
        }
        let (action, estimate) = (option.action, option.estimate.takes.likely);
        self.trial = Some(Trial { action, service, ordered: now, estimate, done: None, undoes_fix });
    }
}

/// A trial goes on.
struct StillOpen;

fn offers(menu: &Menu, action: Action, service: usize) -> impl Iterator<Item = &MenuOption> {
    menu.options.iter().filter(move |option| option.action == action && option.target.service_index() == Some(service))
}

impl Trial {
    fn verdict(&mut self, observation: &Observation, sick: bool) -> Verdict {
        let now = observation.now;
        let overdue = self.ordered.saturating_add(self.estimate.mul_f64(OVERRUN)).saturating_add(PATIENCE);
        if self.done.is_none() && self.has_ended(observation) {
            self.done = Some(now);
        }
        match self.done {
            None if now < overdue => Verdict::Open,
            None if sick => Verdict::DidNotHelp("takes too long"),
            Some(done) if !self.undoes_fix && now < done.saturating_add(PATIENCE) => Verdict::Open,
            Some(_) if sick => Verdict::DidNotHelp("did not help"),
            _ => Verdict::Helped,
        }
    }

    /// Whether the change log says that what was ordered is everywhere, or that it was not needed.
    fn has_ended(&self, observation: &Observation) -> bool {
        let ordered = |change: &ChangeEntry| match self.action {
            Action::Hotfix => change.dropped || is_fix(change) && !change.back && change.done,
            _ => change.back && change.done,
        };
        let mut since = observation.changes.iter().filter(|change| change.at >= self.ordered);
        since.any(|change| change.service.index() == self.service && ordered(change))
    }
}

impl Policy for FirstResponse {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(observation);
        let Ok(before) = self.judge(observation) else { return Vec::new() };
        let Some(sick) = self.sick(observation) else { return Vec::new() };
        let suspect = self.suspect(observation, menu);
        let remedy = suspect.and_then(|change| self.remedy(change, menu));
        let Some(option) = remedy.or_else(|| self.old_trouble(observation, menu)) else { return Vec::new() };
        let undoes_fix = option.action == Action::RollBack && suspect.is_some_and(is_fix);
        self.begin(option, undoes_fix, observation.now);
        let own = option.target.service_index().filter(|own| self.alarm.is_sick(*own));
        let sick = own.unwrap_or(sick);
        let name = &observation.services[sick].name;
        let reason = format!("{}{name}: {}", before.unwrap_or_default(), self.alarm.symptom(sick));
        vec![Command::act(option.name.clone(), reason)]
    }
}

#[cfg(test)]
mod tests;
