//! Going back to the version before, and hotfixes.

use crate::ids::Id;
use crate::model::{ServiceSpec, Verb};
use crate::units::{Ratio, SimDuration};

use super::action::Action;
use super::estimate::{Estimate, Reversibility};
use super::parameter::{Choice, Parameter, ParameterKind};
use super::rollout_time::{Moments, rollout};
use super::spec::HotfixOffer;
use super::target::Target;
use super::{Draft, Drafts};

/// The parameter of a hotfix.
const TESTING: &str = "testing";

/// Roll-backs, by service.
pub(super) fn roll_backs<'a>(drafts: &mut Drafts<'a>) {
    let at = drafts.at;
    for service in at.system.services.ids().filter(|id| at.deploys.can_roll_back(*id)) {
        let spec = &at.system.services[service];
        let before = Moments::of(&spec.rollout.preparation, 1.0);
        let estimate = Estimate {
            takes: rollout(spec, drafts.instances(service), before),
            lead_time: mean(&spec.rollout.preparation),
            undo: Reversibility::No { why: "the version that is left has to be deployed anew".to_owned() },
            wrong: None,
            risk:
                "the version before may not know what the present one has left behind; fewer instances serve meanwhile"
                    .to_owned(),
            compat_tested: compat_tested(drafts, service),
            affected: drafts.affected(service),
        };
        drafts.push(Draft {
            action: Action::RollBack,
            of: spec.name.clone(),
            title: format!("Roll {} back to the version before", spec.name),
            target: Target::service(at.system, service),
            parameters: Vec::new(),
            estimate,
            verbs: Box::new(move |_| vec![Verb::RollBack { service }]),
        });
    }
}

/// Whether going back from the version that a service should run has been tested.
fn compat_tested(drafts: &Drafts<'_>, service: Id<ServiceSpec>) -> Option<bool> {
    let at = drafts.at;
    let current = &at.deploys.versions[service.index()][usize::from(at.services[service].version)].name;
    let known = at.spec.compat_tested.iter().find(|(of, version, _)| *of == service && version == current);
    known.map(|(_, _, tested)| *tested)
}

/// Hotfixes, each of which can be ordered once.
pub(super) fn hotfixes<'a>(drafts: &mut Drafts<'a>) {
    let at = drafts.at;
    let ordered = |offer: &HotfixOffer<'_>| at.deploys.hotfixes.iter().any(|work| offer.is_ordered_by(&work.hotfix));
    for offer in at.hotfixes.iter().filter(|offer| !ordered(offer)) {
        let offer = *offer;
        drafts.push(Draft {
            action: Action::Hotfix,
            of: offer.name.to_owned(),
            title: offer.title.to_owned(),
            target: Target::service(at.system, offer.hotfix.service),
            parameters: testing(drafts, &offer),
            estimate: estimate(drafts, &offer, 0),
            verbs: Box::new(move |values| {
                let testing = if offer.testing.is_empty() { 0 } else { values.choice(TESTING) };
                vec![Verb::Hotfix(offer.tested(testing))]
            }),
        });
    }
}

fn testing(drafts: &Drafts<'_>, offer: &HotfixOffer<'_>) -> Vec<Parameter> {
    let choice = |(at, testing): (usize, &super::spec::Testing)| Choice {
        value: testing.name.clone(),
        estimate: Some(estimate(drafts, offer, at)),
    };
    let choices: Vec<Choice> = offer.testing.iter().enumerate().map(choice).collect();
    let Some(usual) = choices.first() else { return Vec::new() };
    let default = Some(usual.value.clone());
    let what = "how it is tested before it is rolled out".to_owned();
    vec![Parameter { name: TESTING.to_owned(), what, kind: ParameterKind::Choice(choices), default, now: None }]
}

fn estimate(drafts: &Drafts<'_>, offer: &HotfixOffer<'_>, testing: usize) -> Estimate {
    let hotfix = offer.tested(testing);
    let (service, spec) = (hotfix.service, &drafts.at.system.services[hotfix.service]);
    let preparation = &spec.rollout.preparation;
    let before = Moments::of(&hotfix.duration, 1.0).then(Moments::of(preparation, 1.0));
    let back = rollout(spec, drafts.instances(service), Moments::of(preparation, 1.0)).likely;
    let wrong = Ratio::new(hotfix.wrong);
    Estimate {
        takes: rollout(spec, drafts.instances(service), before),
        lead_time: mean(&hotfix.duration).saturating_add(mean(preparation)),
        undo: Reversibility::ByOrder { option: format!("{} {}", Action::RollBack.name(), spec.name), takes: back },
        wrong: Some(hotfix.wrong),
        risk: format!(
            "wrong with a chance of {wrong}; dropped if what it fixes is not there any more when it is ready"
        ),
        compat_tested: None,
        affected: drafts.affected(service),
    }
}

fn mean(distribution: &crate::rng::Distribution) -> SimDuration {
    SimDuration::from_nanos_f64(distribution.mean())
}
