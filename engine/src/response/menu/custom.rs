//! What a scenario offers besides: prepared switches and steps of a runbook, whose orders come into force when their time is
//! over.

use crate::model::Verb;
use crate::units::SimDuration;

use super::action::Action;
use super::estimate::{Affected, Estimate, Reversibility};
use super::rollout_time::Moments;
use super::spec::{CustomAction, Deed};
use super::standing::Standing;
use super::target::Target;
use super::{Draft, Drafts};

/// The scenario's own actions, but for those that are under way.
pub(super) fn actions(drafts: &mut Drafts<'_>) {
    let at = drafts.at;
    let under_way =
        |action: &CustomAction| at.deploys.works.iter().any(|work| work.name == action.name && !work.finished);
    for action in at.spec.actions.iter().filter(|action| !under_way(action)) {
        let takes = Moments::of(&action.takes, 1.0).takes();
        drafts.push(Draft {
            action: Action::Custom,
            of: action.name.clone(),
            title: action.title.clone(),
            target: target(&at, action),
            parameters: Vec::new(),
            estimate: Estimate {
                takes,
                lead_time: takes.likely,
                undo: undo(&at, action),
                wrong: None,
                risk: action.risk.clone(),
                compat_tested: None,
                affected: affected(drafts, action),
            },
            verbs: Box::new(move |_| {
                let verbs = action.does.iter().filter_map(|deed| deed.verb(&at)).collect();
                vec![Verb::Later { name: action.name.clone(), takes: action.takes.clone(), verbs }]
            }),
        });
    }
}

fn undo(at: &Standing<'_>, action: &CustomAction) -> Reversibility {
    let other = action.undo.as_ref().and_then(|name| at.spec.actions.iter().find(|other| other.name == *name));
    match other {
        Some(other) => Reversibility::ByOrder {
            option: format!("{} {}", Action::Custom.name(), other.name),
            takes: SimDuration::from_nanos_f64(other.takes.mean()),
        },
        None => Reversibility::No { why: "nothing is prepared that would".to_owned() },
    }
}

/// The one service, if all of it is done to one.
fn target(at: &Standing<'_>, action: &CustomAction) -> Target {
    let mut services = action.does.iter().filter_map(|deed| deed.service(at));
    match services.next() {
        Some(first) if services.all(|other| other == first) => Target::service(at.system, first),
        _ => Target::default(),
    }
}

fn affected(drafts: &Drafts<'_>, action: &CustomAction) -> Affected {
    let one = target(&drafts.at, action).service;
    one.map(|service| drafts.affected(service.id)).unwrap_or_default()
}

impl Deed {
    /// The service it is done to; of a setting, the one that calls.
    fn service(&self, at: &Standing<'_>) -> Option<crate::ids::Id<crate::model::ServiceSpec>> {
        match self {
            Self::RollBack { service }
            | Self::Restart { service }
            | Self::ScaleOut { service, .. }
            | Self::Shed { service, .. }
            | Self::RateLimit { service, .. } => Some(*service),
            Self::Set { dependency, .. } => at.system.dependencies[*dependency].caller,
        }
    }

    /// The order, with the settings now in force for what it does not change.
    fn verb(&self, at: &Standing<'_>) -> Option<Verb> {
        Some(match self.clone() {
            Self::RollBack { service } => Verb::RollBack { service },
            Self::Restart { service } => Verb::Restart { service, instance: None },
            Self::ScaleOut { service, add } => Verb::ScaleOut { service, add },
            Self::Shed { service, selector, share } => Verb::Shed { service, selector, ratio: share },
            Self::RateLimit { service, selector, limit } => Verb::RateLimit { service, selector, limit },
            Self::Set { dependency, knob, value } => {
                Verb::Set { dependency, setting: knob.changed(at.layers(dependency), value)? }
            }
        })
    }
}
