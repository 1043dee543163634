//! What is turned away at the door of a service: a share, or what exceeds a rate, of a population or an endpoint or all.

use crate::ids::Id;
use crate::model::{EndpointSpec, Origin, RateLimitSpec, Selector, ServiceSpec, Verb};
use crate::traffic::PopulationSpec;
use crate::units::{Rate, Ratio, SimDuration};

use super::action::Action;
use super::estimate::{Estimate, Reversibility};
use super::parameter::{Parameter, ParameterKind, Values};
use super::standing::origin;
use super::target::Target;
use super::{Draft, Drafts};

/// The parameters.
const POPULATION: &str = "population";
const ENDPOINT: &str = "endpoint";
const SHARE: &str = "share";
const RATE: &str = "rate";
/// Whom a rule is about that is about everybody, or everything.
const ALL: &str = "all";
/// The period for which a rate limit counts its permits: rates down to the lowest are exact.
const PERIOD: SimDuration = SimDuration::from_secs(3_600);
/// The lowest and the highest rate that can be set.
const LOWEST: f64 = 0.1;
const HIGHEST: f64 = 1e6;

/// Whom a rule at the door of a service may be about: the first choice of both is all.
struct Door {
    service: Id<ServiceSpec>,
    populations: Vec<Id<PopulationSpec>>,
    endpoints: Vec<Id<EndpointSpec>>,
}

impl Door {
    fn of(drafts: &Drafts<'_>, service: Id<ServiceSpec>) -> Self {
        let there = |id: &Id<PopulationSpec>| drafts.reached[id.index()][service.index()];
        let populations = drafts.at.populations.ids().filter(there).collect();
        Self { service, populations, endpoints: drafts.at.system.services[service].endpoints.clone() }
    }

    fn parameters(&self, drafts: &Drafts<'_>, first: Parameter) -> Vec<Parameter> {
        let populations = self.populations.iter().map(|id| drafts.at.populations[*id].name.as_str());
        let endpoints = self.endpoints.iter().map(|id| drafts.at.system.endpoints[*id].name.as_str());
        let choice = |name: &str, what: &str, kind: ParameterKind| Parameter {
            name: name.to_owned(),
            what: what.to_owned(),
            kind,
            default: Some(ALL.to_owned()),
            now: None,
        };
        let populations = ParameterKind::choice(std::iter::once(ALL).chain(populations));
        let endpoints = ParameterKind::choice(std::iter::once(ALL).chain(endpoints));
        vec![
            first,
            choice(POPULATION, "whose requests", populations),
            choice(ENDPOINT, "requests to which endpoint", endpoints),
        ]
    }

    fn selector(&self, values: &Values) -> Selector {
        let origin: Option<Origin> = values.choice(POPULATION).checked_sub(1).map(|at| origin(self.populations[at]));
        Selector { origin, endpoint: values.choice(ENDPOINT).checked_sub(1).map(|at| self.endpoints[at]) }
    }
}

/// A token bucket of a rate, with a burst of one second.
pub(crate) fn limit(rate: Rate) -> RateLimitSpec {
    let permits = libm::round(rate.as_per_second() * PERIOD.as_secs_f64()).max(1.0) as u64;
    let burst = libm::ceil(rate.as_per_second()).max(1.0) as u64;
    RateLimitSpec::TokenBucket { permits, period: PERIOD, burst, max_wait: SimDuration::ZERO }
}

/// The rates that a limit can have.
pub(crate) const fn limits() -> (Rate, Rate) {
    (Rate::per_second(LOWEST), Rate::per_second(HIGHEST))
}

/// Shedding, by service.
pub(super) fn sheds(drafts: &mut Drafts<'_>) {
    for service in drafts.at.system.services.ids() {
        let (name, door) = (drafts.at.name(service), Door::of(drafts, service));
        let share = Parameter {
            name: SHARE.to_owned(),
            what: "the share turned away; 0% ends it".to_owned(),
            kind: ParameterKind::Share { low: Ratio::ZERO, high: Ratio::ONE },
            default: Some("50%".to_owned()),
            now: None,
        };
        drafts.push(Draft {
            action: Action::Shed,
            of: name.to_owned(),
            title: format!("Turn a share of the requests away at the door of {name}"),
            target: Target::service(drafts.at.system, service),
            parameters: door.parameters(drafts, share),
            estimate: estimate(drafts, service, &format!("{SHARE}=0%")),
            verbs: Box::new(move |values| {
                let (selector, ratio) = (door.selector(values), values.share(SHARE));
                vec![Verb::Shed { service: door.service, selector, ratio }]
            }),
        });
    }
}

/// Rate limits, by service.
pub(super) fn rate_limits(drafts: &mut Drafts<'_>) {
    for service in drafts.at.system.services.ids() {
        let (name, door) = (drafts.at.name(service), Door::of(drafts, service));
        let (low, high) = limits();
        let rate = Parameter {
            name: RATE.to_owned(),
            what: "how many are let in, all instances together, with bursts of a second; none ends it".to_owned(),
            kind: ParameterKind::Limit { low, high },
            default: None,
            now: None,
        };
        drafts.push(Draft {
            action: Action::RateLimit,
            of: name.to_owned(),
            title: format!("Limit the rate at which {name} lets requests in"),
            target: Target::service(drafts.at.system, service),
            parameters: door.parameters(drafts, rate),
            estimate: estimate(drafts, service, &format!("{RATE}=none")),
            verbs: Box::new(move |values| {
                let (selector, limit) = (door.selector(values), values.limit(RATE).map(limit));
                vec![Verb::RateLimit { service: door.service, selector, limit }]
            }),
        });
    }
}

fn estimate(drafts: &Drafts<'_>, service: Id<ServiceSpec>, undo: &str) -> Estimate {
    let undo = Reversibility::AtOnce { how: undo.to_owned() };
    let risk = "those turned away fail at once, and may come back by retrying";
    Estimate::at_once(undo, risk, drafts.affected(service))
}
