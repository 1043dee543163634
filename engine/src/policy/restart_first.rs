//! A lead that restarts: whatever is sick is turned off and on again, nearest to users first.
//!
//! Of the sick services it restarts the first one listed that it has not restarted in this trouble. It waits until the change
//! log says that the restart is done, or half as long again as estimated, and five more minutes for it to show. If something
//! is still sick then, the next sick service is restarted. With all of them restarted it waits. When nothing has been sick for
//! five minutes, the trouble is over and everything may be restarted again.

use crate::observe::Observation;
use crate::response::{Action, Command, Menu, MenuOption};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;

/// How long the effect of a restart may take to show, and how long all must be well for the trouble to be over.
const PATIENCE: SimDuration = SimDuration::from_secs(5 * 60);
/// How much longer than its estimate a restart may take, as a multiple, before it is not waited for any more.
const OVERRUN: f64 = 1.5;

/// Restarts what is sick, one service after the other.
#[derive(Clone, Debug, Default)]
pub struct RestartFirst {
    alarm: Alarm,
    /// The services restarted in this trouble.
    restarted: Vec<usize>,
    under_way: Option<Restart>,
    /// Since when nothing has been sick.
    well_since: Option<SimTime>,
}

/// A restart that has not had its time to show yet.
#[derive(Clone, Copy, Debug)]
struct Restart {
    service: usize,
    ordered: SimTime,
    estimate: SimDuration,
    /// When it was seen to be done.
    done: Option<SimTime>,
}

impl Restart {
    /// Whether it has had its time to show.
    fn is_over(&mut self, observation: &Observation) -> bool {
        let now = observation.now;
        let mut since = observation.changes.iter().filter(|change| change.at >= self.ordered);
        let done = since.any(|change| change.service.index() == self.service && change.back && change.done);
        if done && self.done.is_none() {
            self.done = Some(now);
        }
        let ended = self.done.unwrap_or(self.ordered.saturating_add(self.estimate.mul_f64(OVERRUN)));
        now >= ended.saturating_add(PATIENCE)
    }
}

impl RestartFirst {
    /// Forgets a trouble that is over.
    fn note(&mut self, now: SimTime, sick: bool) {
        self.well_since = if sick { None } else { self.well_since.or(Some(now)) };
        if self.well_since.is_some_and(|since| now >= since.saturating_add(PATIENCE)) {
            self.restarted.clear();
        }
    }

    /// The restart of the first sick service that has not been restarted yet.
    fn next<'a>(&self, observation: &Observation, menu: &'a Menu) -> Option<(usize, &'a MenuOption)> {
        let sick = (0..observation.services.len()).filter(|service| self.alarm.is_sick(*service));
        let left = sick.filter(|service| !self.restarted.contains(service));
        let option = |service: usize| {
            let mut restarts = menu.of_kind(Action::Restart);
            restarts.find(|option| option.target.service_index() == Some(service)).map(|option| (service, option))
        };
        left.filter_map(option).next()
    }
}

impl Policy for RestartFirst {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(observation);
        let now = observation.now;
        let sick = (0..observation.services.len()).any(|service| self.alarm.is_sick(service));
        self.note(now, sick);
        if self.under_way.as_mut().is_some_and(|restart| !restart.is_over(observation)) {
            return Vec::new();
        }
        self.under_way = None;
        let Some((service, option)) = self.next(observation, menu) else { return Vec::new() };
        self.restarted.push(service);
        let estimate = option.estimate.takes.likely;
        self.under_way = Some(Restart { service, ordered: now, estimate, done: None });
        let reason = format!("{}: {}", observation.services[service].name, self.alarm.symptom(service));
        vec![Command::act(option.name.clone(), reason)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::{Stage, change, menu_option, view};

    fn stage() -> Stage<RestartFirst> {
        let services = vec![view("s0", 20.0, Some(0.0)), view("s1", 20.0, Some(0.0))];
        let options =
            vec![menu_option("restart s0", Action::Restart, 0), menu_option("restart s1", Action::Restart, 1)];
        Stage::of(RestartFirst::default(), services, options)
    }

    fn ail(stage: &mut Stage<RestartFirst>, errors: f64) {
        stage.services.iter_mut().for_each(|view| view.error_ratio = Some(errors));
    }

    fn orders(stage: &Stage<RestartFirst>) -> Vec<(u64, String)> {
        stage.orders()
    }

    #[test]
    fn one_after_the_other_is_restarted_and_then_none() {
        let mut stage = stage();
        stage.pass(300);
        ail(&mut stage, 0.5);
        stage.pass(330);
        assert_eq!(orders(&stage), [(330, "restart s0".to_owned())]);
        assert_eq!(stage.said[0].1.reason(), Some("s0: errors 50% for 30s"));
        stage.changes.push(change(330, 0, "v1", true, true));
        // Seen as done at 345 s, and five minutes to show.
        stage.pass(3_600);
        assert_eq!(orders(&stage)[1..], [(645, "restart s1".to_owned())]);
    }

    #[test]
    fn a_restart_that_is_never_done_is_not_waited_for_for_ever() {
        let mut stage = stage();
        ail(&mut stage, 0.5);
        // Two minutes estimated: three, and five more.
        stage.pass(3_600);
        assert_eq!(orders(&stage), [(30, "restart s0".to_owned()), (510, "restart s1".to_owned())]);
    }

    #[test]
    fn after_five_good_minutes_a_new_trouble_may_be_met_with_the_same() {
        let mut stage = stage();
        ail(&mut stage, 0.5);
        stage.pass(30);
        stage.changes.push(change(30, 0, "v1", true, true));
        ail(&mut stage, 0.0);
        stage.pass(900);
        ail(&mut stage, 0.5);
        stage.pass(930);
        assert_eq!(orders(&stage), [(30, "restart s0".to_owned()), (930, "restart s0".to_owned())]);
    }
}
