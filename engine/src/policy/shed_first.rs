//! A lead that cuts the load: users are turned away where they come in, in steps, and let in again in steps.
//!
//! A system is overloaded when a service is sick and something is full: a service is busy to nine tenths or more, or has a
//! queue, or callers wait for a connection. While it is overloaded, a further share of all users is turned away each minute:
//! a quarter, half, three quarters, nine tenths. When nothing has been sick or full for two minutes, one step less is turned
//! away, and so on with every two good minutes. What was turned away on purpose is not taken for an error.

use crate::observe::{Observation, ServiceView};
use crate::response::{Action, Command, Menu, MenuOption};
use crate::units::{Ratio, SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;

/// The shares turned away, step after step.
const STEPS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 0.9];
/// How long a step may take to show before the next one.
const TIGHTENS: SimDuration = SimDuration::from_secs(60);
/// For how long all must be well before some are let in again.
const RELAXES: SimDuration = SimDuration::from_secs(2 * 60);
/// From which utilisation a service is full.
const FULL: f64 = 0.9;
/// The parameter of the options by which users are turned away and let in.
const SHARE: &str = "share";

/// Turns users away while the system is overloaded.
#[derive(Clone, Debug, Default)]
pub struct ShedFirst {
    alarm: Alarm,
    step: usize,
    /// When the last step was taken.
    stepped: SimTime,
    /// Since when nothing has been sick or full.
    well_since: Option<SimTime>,
}

/// Whether something is full.
fn is_full(observation: &Observation) -> bool {
    let queues =
        |view: &ServiceView| view.queue.zip(view.instances).is_some_and(|(queue, instances)| queue > instances);
    let service = |view: &ServiceView| view.utilisation.is_some_and(|busy| busy >= FULL) || queues(view);
    let waited_for = |waiting: Option<f64>| waiting.is_some_and(|waiting| waiting >= 1.0);
    observation.services.iter().any(service)
        || observation.dependencies.iter().any(|view| waited_for(view.pool_waiting))
}

/// What would be seen if nobody had been turned away on purpose.
fn without_shedding(observation: &Observation) -> Observation {
    let mut seen = observation.clone();
    for view in &mut seen.services {
        let shed = view.top_error.filter(|(kind, _)| kind.name() == "shed").map(|(_, count)| f64::from(count));
        let interval = observation.scrape_interval.as_secs_f64();
        if let (Some(shed), Some(errors)) = (shed, view.error_ratio) {
            let answers = (view.request_rate.unwrap_or(0.0) * interval).max(shed / errors);
            let left = answers - shed;
            view.request_rate = view.request_rate.map(|_| left.max(0.0) / interval);
            view.error_ratio = (left > 0.0).then(|| ((errors * answers - shed) / left).clamp(0.0, 1.0));
        }
    }
    seen
}

/// The option of a kind for all users, or for the only population there is.
fn for_all(menu: &Menu, action: Action) -> Option<&MenuOption> {
    let mut options = menu.of_kind(action);
    let first = options.next()?;
    (first.target.population.is_none() || options.next().is_none()).then_some(first)
}

impl ShedFirst {
    fn tighten(&mut self, now: SimTime, menu: &Menu, why: String) -> Vec<Command> {
        let due = self.step == 0 || now >= self.stepped.saturating_add(TIGHTENS);
        let next = self.step + 1;
        let (true, true, Some(option)) = (due, next < STEPS.len(), for_all(menu, Action::Block)) else {
            return Vec::new();
        };
        (self.step, self.stepped) = (next, now);
        vec![Command::act(option.name.clone(), why).with(SHARE, Ratio::new(STEPS[next]).to_string())]
    }

    fn relax(&mut self, now: SimTime, menu: &Menu) -> Vec<Command> {
        let since = (*self.well_since.get_or_insert(now)).max(self.stepped);
        let (true, true, Some(option)) =
            (now >= since.saturating_add(RELAXES), self.step > 0, for_all(menu, Action::ReAdmit))
        else {
            return Vec::new();
        };
        (self.step, self.stepped) = (self.step - 1, now);
        let let_in = Ratio::new(libm::round((1.0 - STEPS[self.step]) * 100.0) / 100.0);
        let why = format!("all is well, {let_in} are let in");
        vec![Command::act(option.name.clone(), why).with(SHARE, let_in.to_string())]
    }
}

impl Policy for ShedFirst {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(&without_shedding(observation));
        let (now, full) = (observation.now, is_full(observation));
        let sick = (0..observation.services.len()).find(|service| self.alarm.is_sick(*service));
        if sick.is_some() || full {
            self.well_since = None;
        }
        match sick {
            Some(sick) if full => {
                let why = format!("{}: {}", observation.services[sick].name, self.alarm.symptom(sick));
                self.tighten(now, menu, why)
            }
            None if !full => self.relax(now, menu),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::{Stage, menu_option, view};
    use crate::response::Target;

    fn option(name: &str, action: Action) -> MenuOption {
        MenuOption { target: Target::default(), ..menu_option(name, action, 0) }
    }

    fn stage() -> Stage<ShedFirst> {
        let options = vec![option("block", Action::Block), option("re-admit", Action::ReAdmit)];
        Stage::of(ShedFirst::default(), vec![view("s0", 20.0, Some(0.0))], options)
    }

    fn set(stage: &mut Stage<ShedFirst>, errors: f64, utilisation: f64) {
        let view = &mut stage.services[0];
        (view.error_ratio, view.utilisation) = (Some(errors), Some(utilisation));
    }

    fn orders(stage: &Stage<ShedFirst>) -> Vec<(u64, String)> {
        stage.orders()
    }

    /// So many refusals on purpose as the most frequent error.
    fn sheds<T: serde::de::DeserializeOwned>(count: u32) -> Option<(T, u32)> {
        Some((serde_json::from_str("\"Shed\"").expect("a kind of error"), count))
    }

    fn order(at: u64, order: &str) -> (u64, String) {
        (at, order.to_owned())
    }

    #[test]
    fn steps_follow_each_other_minute_by_minute_while_it_is_overloaded() {
        let mut stage = stage();
        set(&mut stage, 0.5, 0.95);
        stage.pass(600);
        let expected = [(30, "25%"), (90, "50%"), (150, "75%"), (210, "90%")];
        let expected: Vec<_> = expected.iter().map(|(at, share)| order(*at, &format!("block share={share}"))).collect();
        assert_eq!(orders(&stage), expected);
    }

    #[test]
    fn errors_without_load_are_no_reason_nor_is_load_without_trouble() {
        for (errors, utilisation) in [(1.0, 0.3), (0.0, 0.99)] {
            let mut stage = stage();
            set(&mut stage, errors, utilisation);
            assert_eq!(stage.pass(1_200).orders(), []);
        }
    }

    #[test]
    fn what_is_turned_away_on_purpose_is_no_error_and_good_minutes_let_users_in_again() {
        let mut stage = stage();
        set(&mut stage, 0.5, 0.95);
        stage.pass(90);
        // Half of 300 answers are refusals on purpose, and nothing else is wrong.
        set(&mut stage, 0.5, 0.4);
        stage.services[0].top_error = sheds(150);
        stage.pass(450);
        let taken = orders(&stage)[2..].to_vec();
        assert_eq!(taken, [order(225, "re-admit share=75%"), order(345, "re-admit share=100%")]);
    }

    #[test]
    fn other_errors_are_counted_among_those_let_in() {
        let mut busy = view("s0", 20.0, Some(0.55));
        busy.top_error = sheds(150);
        let seen = without_shedding(&crate::policy::views::observation(vec![busy]));
        // 300 answers, 165 errors: 15 of the 150 that were let in.
        assert!((seen.services[0].error_ratio.unwrap() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn a_service_at_which_nobody_was_let_in_is_quiet_and_not_silent() {
        let mut stage = stage();
        stage.pass(300);
        set(&mut stage, 1.0, 0.95);
        stage.services[0].top_error = sheds(300);
        assert_eq!(stage.pass(600).orders(), []);
    }
}
