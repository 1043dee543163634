//! Restarting instances, and adding some.

use crate::ids::Id;
use crate::model::{ServiceSpec, Verb};
use crate::units::SimDuration;

use super::action::Action;
use super::estimate::{Estimate, Reversibility};
use super::parameter::{Parameter, ParameterKind};
use super::rollout_time::{Moments, rollout};
use super::target::Target;
use super::{Draft, Drafts};

/// The parameters.
const INSTANCE: &str = "instance";
const ADD: &str = "add";
/// A service may have so many times the instances it is configured with, as a quota has it; an assumption.
const MOST_TIMES: u32 = 10;
/// And so many at least.
const MOST_AT_LEAST: u32 = 10;
/// The most that one order adds.
const MOST_ADDED: u32 = 1_000;

/// Restarts of all instances, by service.
pub(super) fn restarts(drafts: &mut Drafts<'_>) {
    for service in drafts.at.system.services.ids() {
        let name = drafts.at.name(service);
        let batch = drafts.at.system.services[service].rollout.batch;
        let risk = format!(
            "{batch} of {} at a time do not serve; what is under way after draining is lost, with all that is held in memory",
            drafts.instances(service)
        );
        drafts.push(Draft {
            action: Action::Restart,
            of: name.to_owned(),
            title: format!("Restart all instances of {name}"),
            target: Target::service(drafts.at.system, service),
            parameters: Vec::new(),
            estimate: restart_estimate(drafts, service, drafts.instances(service), risk),
            verbs: Box::new(move |_| vec![Verb::Restart { service, instance: None }]),
        });
    }
}

/// Restarts of one instance, by service that has several.
pub(super) fn single_restarts(drafts: &mut Drafts<'_>) {
    let at = drafts.at;
    for service in at.system.services.ids().filter(|id| at.services[*id].instances.len() > 1) {
        let (name, instances) = (at.name(service), &at.services[service].instances);
        let high = u32::try_from(instances.len()).unwrap_or(u32::MAX);
        let risk = "one instance does not serve meanwhile".to_owned();
        drafts.push(Draft {
            action: Action::RestartOne,
            of: name.to_owned(),
            title: format!("Restart one instance of {name}"),
            target: Target::service(at.system, service),
            parameters: vec![Parameter {
                name: INSTANCE.to_owned(),
                what: "which, by its number in the order in which they were added".to_owned(),
                kind: ParameterKind::Count { low: 1, high },
                default: None,
                now: None,
            }],
            estimate: restart_estimate(drafts, service, 1, risk),
            verbs: Box::new(move |values| {
                let instance = instances.get(values.count(INSTANCE) as usize - 1).copied();
                vec![Verb::Restart { service, instance }]
            }),
        });
    }
}

fn restart_estimate(drafts: &Drafts<'_>, service: Id<ServiceSpec>, instances: u32, risk: String) -> Estimate {
    Estimate {
        takes: rollout(&drafts.at.system.services[service], instances, Moments::default()),
        lead_time: SimDuration::ZERO,
        undo: Reversibility::No { why: "what was in memory is gone".to_owned() },
        wrong: None,
        risk,
        compat_tested: None,
        affected: drafts.affected(service),
    }
}

/// More instances, by service that may have more.
pub(super) fn scale_outs(drafts: &mut Drafts<'_>) {
    for service in drafts.at.system.services.ids() {
        let spec = &drafts.at.system.services[service];
        let (name, now) = (&spec.name, drafts.instances(service));
        let most = spec.instances.saturating_mul(MOST_TIMES).max(MOST_AT_LEAST);
        let high = most.saturating_sub(now).min(MOST_ADDED);
        if high == 0 {
            continue;
        }
        let mut risk = "what it calls gets more callers".to_owned();
        if spec.dependencies.iter().any(|id| super::settings::has_pool(drafts.at.layers(*id))) {
            risk.push_str(", each with connections of its own");
        }
        let estimate = Estimate {
            takes: Moments::of(&spec.start_time, 1.0).takes(),
            lead_time: SimDuration::from_nanos_f64(spec.start_time.mean()),
            undo: Reversibility::No { why: "instances that were added stay".to_owned() },
            wrong: None,
            risk,
            compat_tested: None,
            affected: drafts.affected(service),
        };
        drafts.push(Draft {
            action: Action::ScaleOut,
            of: name.clone(),
            title: format!("Add instances to {name}"),
            target: Target::service(drafts.at.system, service),
            parameters: vec![Parameter {
                name: ADD.to_owned(),
                what: "how many more".to_owned(),
                kind: ParameterKind::Count { low: 1, high },
                default: Some("1".to_owned()),
                now: Some(now.to_string()),
            }],
            estimate,
            verbs: Box::new(move |values| vec![Verb::ScaleOut { service, add: values.count(ADD) }]),
        });
    }
}
