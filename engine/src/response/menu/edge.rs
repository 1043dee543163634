//! What is done to populations where they come in: blocking users and letting them in again, pausing and resuming
//! background work. Each is shedding at the services that a population calls itself, of all that comes for that population.

use crate::ids::Id;
use crate::model::{ServiceSpec, Verb};
use crate::traffic::PopulationSpec;
use crate::units::Ratio;

use super::action::Action;
use super::estimate::{Estimate, Reversibility};
use super::parameter::{Parameter, ParameterKind};
use super::standing::{Standing, all_of};
use super::target::Target;
use super::{Draft, Drafts};

/// The parameter.
const SHARE: &str = "share";

/// Populations with the share of them that is turned away now: the highest of any of them at any service they call.
struct Gate {
    populations: Vec<Id<PopulationSpec>>,
    closed: f64,
}

impl Gate {
    fn of(at: &Standing<'_>, populations: Vec<Id<PopulationSpec>>) -> Self {
        let shed = |id: Id<PopulationSpec>| {
            let edge = at.edge(id).into_iter();
            edge.map(move |service| at.services[service].shed_share(all_of(id)))
        };
        let closed = populations.iter().copied().flat_map(shed).fold(0.0, f64::max);
        Self { populations, closed }
    }

    /// The places where they come in.
    fn places(&self, at: &Standing<'_>) -> Vec<(Id<ServiceSpec>, Id<PopulationSpec>)> {
        let of = |id: &Id<PopulationSpec>| at.edge(*id).into_iter().map(|service| (service, *id)).collect::<Vec<_>>();
        self.populations.iter().flat_map(of).collect()
    }
}

/// What is left of a whole, in millionths: 10% is left of 90%.
fn rest(share: f64) -> f64 {
    libm::round((1.0 - share) * 1e6) / 1e6
}

fn shed(places: &[(Id<ServiceSpec>, Id<PopulationSpec>)], ratio: f64) -> Vec<Verb> {
    let verb = |(service, population): &(Id<ServiceSpec>, Id<PopulationSpec>)| Verb::Shed {
        service: *service,
        selector: all_of(*population),
        ratio,
    };
    places.iter().map(verb).collect()
}

/// Pausing and resuming, by population that is background work.
pub(super) fn background(drafts: &mut Drafts<'_>, action: Action) {
    let at = drafts.at;
    for population in at.spec.pausable.iter().copied() {
        let gate = Gate::of(&at, vec![population]);
        let pause = action == Action::Pause;
        if pause && gate.closed >= 1.0 || !pause && gate.closed <= 0.0 {
            continue;
        }
        let spec = &at.populations[population];
        let (verb, other) = if pause { ("Pause", Action::Resume) } else { ("Resume", Action::Pause) };
        let undo = Reversibility::AtOnce { how: format!("{} {}", other.name(), spec.name) };
        let risk =
            if pause { "what it would do is not done meanwhile" } else { "what has piled up may come all at once" };
        let (places, ratio) = (gate.places(&at), if pause { 1.0 } else { 0.0 });
        drafts.push(Draft {
            action,
            of: spec.name.clone(),
            title: format!("{verb} the background work of {}", spec.name),
            target: Target::population(population, spec),
            parameters: Vec::new(),
            estimate: Estimate::at_once(undo, risk, at.affected_of(&gate.populations)),
            verbs: Box::new(move |_| shed(&places, ratio)),
        });
    }
}

/// Blocking, or letting in again: all users, then each population, but for background work.
pub(super) fn users(drafts: &mut Drafts<'_>, action: Action) {
    let at = drafts.at;
    let all: Vec<_> = at.populations.ids().filter(|id| !at.spec.pausable.contains(id)).collect();
    if all.len() > 1 {
        gate(drafts, action, "", "all users", Target::default(), Gate::of(&at, all.clone()));
    }
    for population in all {
        let spec = &at.populations[population];
        let target = Target::population(population, spec);
        gate(drafts, action, &spec.name, &spec.name, target, Gate::of(&at, vec![population]));
    }
}

fn gate(drafts: &mut Drafts<'_>, action: Action, of: &str, whom: &str, target: Target, gate: Gate) {
    let at = drafts.at;
    let places = gate.places(&at);
    let blocks = action == Action::Block;
    if places.is_empty() || !blocks && gate.closed <= 0.0 {
        return;
    }
    let (title, what, low) = if blocks {
        let title = format!("Turn a share of {whom} away where they come in");
        (title, "the share turned away; 0% ends it", Ratio::ZERO)
    } else {
        let title = format!("Let {whom} in again, all or a share");
        (title, "the share let in from now on", Ratio::new(rest(gate.closed)))
    };
    let now = Ratio::new(if blocks { gate.closed } else { rest(gate.closed) });
    let undo = Reversibility::AtOnce { how: format!("{SHARE}={}", if blocks { Ratio::ZERO } else { now }) };
    let risk = if blocks {
        "those turned away see an error, and may come back by retrying"
    } else {
        "those let in may be more than usual, with what they retry and catch up on"
    };
    drafts.push(Draft {
        action,
        of: of.to_owned(),
        title,
        target,
        parameters: vec![Parameter {
            name: SHARE.to_owned(),
            what: what.to_owned(),
            kind: ParameterKind::Share { low, high: Ratio::ONE },
            default: Some("100%".to_owned()),
            now: Some(now.to_string()),
        }],
        estimate: Estimate::at_once(undo, risk, at.affected_of(&gate.populations)),
        verbs: Box::new(move |values| {
            let share = values.share(SHARE);
            shed(&places, if blocks { share } else { rest(share) })
        }),
    });
}
