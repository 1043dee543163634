//! How much of what users do fails, as far as the dashboards show.

use crate::observe::Observation;
use crate::response::{Action, Menu};

/// The share of what users do that fails, 0 to 1: what clients see of it where somebody graphs that, else the worst of the
/// services that they call themselves, as the menu's estimates for blocking them name it. `None` where nothing shows it.
pub(super) fn seen_to_fail(observation: &Observation, menu: &Menu) -> Option<f64> {
    let clients = observation.populations.iter().filter_map(|view| view.error_ratio);
    let edge = menu.of_kind(Action::Block).filter_map(|option| option.estimate.affected.error_ratio);
    clients.reduce(f64::max).or_else(|| edge.reduce(f64::max)).or_else(|| worst(observation))
}

fn worst(observation: &Observation) -> Option<f64> {
    observation.services.iter().filter_map(|view| view.error_ratio).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::PopulationView;
    use crate::policy::views::{menu, observation, view};
    use crate::response::Affected;

    #[test]
    fn what_clients_see_goes_before_what_the_edge_sees_and_that_before_any_service() {
        let mut seen = observation(vec![view("edge", 9.0, Some(0.2)), view("db", 9.0, Some(0.9))]);
        let mut offered = menu(&[("restart s0", Action::Restart, 0)]);
        assert_eq!(seen_to_fail(&seen, &offered), Some(0.9));
        let mut block = menu(&[("block web", Action::Block, 0)]).options.remove(0);
        block.estimate.affected = Affected { users: None, error_ratio: Some(0.2) };
        offered.options.push(block);
        assert_eq!(seen_to_fail(&seen, &offered), Some(0.2));
        seen.populations.push(PopulationView { error_ratio: Some(0.4), ..PopulationView::default() });
        assert_eq!(seen_to_fail(&seen, &offered), Some(0.4));
        assert_eq!(seen_to_fail(&observation(vec![view("edge", 9.0, None)]), &menu(&[])), None);
    }
}
