//! A lead that adds machines: whatever is sick gets more instances, the busiest first.
//!
//! Of the sick services it takes the one with the highest utilisation, the first one listed of equals, and adds half as many
//! instances as serve there, one at least and as many as the menu allows. It waits as long as the menu estimates at most, and
//! two more minutes for the backlog to go. If something is still sick then, it does so again, until there is nothing left to
//! add.

use crate::observe::Observation;
use crate::response::{Action, Command, Menu, MenuOption, ParameterKind};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;

/// How long a backlog may take to go once there are more to work it off.
const PATIENCE: SimDuration = SimDuration::from_secs(2 * 60);
/// What is added, as a share of what serves.
const STEP: f64 = 0.5;

/// Adds instances where it is sick and busiest.
#[derive(Clone, Debug, Default)]
pub struct ScaleFirst {
    alarm: Alarm,
    /// Until when what was added may take to show.
    waits_until: SimTime,
}

impl ScaleFirst {
    /// The busiest sick service that can be given more, and the option.
    fn busiest<'a>(&self, observation: &Observation, menu: &'a Menu) -> Option<(usize, &'a MenuOption)> {
        let mut sick: Vec<usize> =
            (0..observation.services.len()).filter(|service| self.alarm.is_sick(*service)).collect();
        // What is not measured is not known to be busy.
        let busy = |service: usize| observation.services[service].utilisation.unwrap_or(0.0);
        // Stable: of equals the first one listed.
        sick.sort_by(|one, other| busy(*other).total_cmp(&busy(*one)));
        let option = |service: usize| {
            let mut scale = menu.of_kind(Action::ScaleOut);
            scale.find(|option| option.target.service_index() == Some(service)).map(|option| (service, option))
        };
        sick.into_iter().filter_map(option).next()
    }
}

/// The parameter of an option that says how many, and the most of it.
fn most(option: &MenuOption) -> Option<(&str, u32)> {
    option.parameters.iter().find_map(|parameter| match parameter.kind {
        ParameterKind::Count { high, .. } => Some((parameter.name.as_str(), high)),
        _ => None,
    })
}

impl Policy for ScaleFirst {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(observation);
        if observation.now < self.waits_until {
            return Vec::new();
        }
        let Some((service, option)) = self.busiest(observation, menu) else { return Vec::new() };
        let Some((parameter, most)) = most(option) else { return Vec::new() };
        let view = &observation.services[service];
        let add = libm::ceil(f64::from(view.instances.unwrap_or(1)) * STEP).clamp(1.0, f64::from(most)) as u32;
        self.waits_until = observation.now.saturating_add(option.estimate.takes.high).saturating_add(PATIENCE);
        let busy = view.utilisation.map_or_else(String::new, |busy| format!(", {:.0}% busy", busy * 100.0));
        let reason = format!("{}: {}{busy}", view.name, self.alarm.symptom(service));
        vec![Command::act(option.name.clone(), reason).with(parameter, add.to_string())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::views::{Stage, menu_option, view};
    use crate::response::Parameter;

    fn option(name: &str, service: u32, high: u32) -> MenuOption {
        let kind = ParameterKind::Count { low: 1, high };
        let (what, default) = (String::new(), Some("1".to_owned()));
        let add = Parameter { name: "add".to_owned(), what, kind, default, now: None };
        MenuOption { parameters: vec![add], ..menu_option(name, Action::ScaleOut, service) }
    }

    fn stage(errors: f64) -> Stage<ScaleFirst> {
        let mut services = vec![view("s0", 20.0, Some(errors)), view("s1", 20.0, Some(errors))];
        services[1].utilisation = Some(0.9);
        services[1].instances = Some(6);
        Stage::of(ScaleFirst::default(), services, vec![option("scale-out s0", 0, 20), option("scale-out s1", 1, 2)])
    }

    fn order(at: u64, order: &str) -> (u64, String) {
        (at, order.to_owned())
    }

    #[test]
    fn the_busiest_sick_service_gets_half_as_many_again_as_far_as_the_menu_goes() {
        let mut stage = stage(0.5);
        stage.pass(30);
        assert_eq!(stage.orders(), [order(30, "scale-out s1 add=2")]);
        assert_eq!(stage.said[0].1.reason(), Some("s1: errors 50% for 30s, 90% busy"));
        // Two minutes estimated, and two for the backlog.
        stage.menu.options.pop();
        stage.pass(285);
        assert_eq!(stage.orders()[1..], [order(270, "scale-out s0 add=1")]);
    }

    #[test]
    fn busy_is_not_sick() {
        let mut stage = stage(0.0);
        assert_eq!(stage.pass(3_600).orders(), []);
    }
}
