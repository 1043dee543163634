//! Random systems: services that call later ones, populations that call any, faults, deploys and orders.

use brownout::fault::{Condition, DeploySpec, FaultKind, FaultSpec, Measure, Trigger, VariantSpec, Victims};
use brownout::ids::Id;
use brownout::model::{
    Balancing, CallStep, Capacity, Change, Discipline, Effect, EndpointSpec, ErrorKind, Hotfix, LinkSpec, OnLoss,
    Origin, Partition, QueueSpec, RolloutSpec, Selector, ServiceSpec, Setting, Step, Verb, VersionSpec,
};
use brownout::scenario::Scenario;
use brownout::traffic::{Arrivals, Beyond, InFlightLimit, Profile};
use brownout::units::{SimDuration, SimTime};

use super::dice::Dice;
use super::layers;
use crate::systems::{Builder, at, call};

/// When load stops, in seconds.
pub(super) const LOAD_ENDS: f64 = 20.0;

/// How many breakers may be shared.
const SHARED_BREAKERS: u32 = 2;

/// A generated run: the scenario, and orders in time order.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) orders: Vec<(SimTime, Verb)>,
    /// Whether all load ends, so that the system drains.
    pub(super) drains: bool,
}

/// The run of a seed.
pub(super) fn plan(seed: u64) -> Plan {
    let mut dice = Dice::new(seed);
    let mut maker = Maker { builder: Builder::default(), services: Vec::new(), effects: Vec::new() };
    maker.builder.system.shared_breakers = (0..SHARED_BREAKERS).map(|key| format!("shared {key}")).collect();
    let services = dice.range(1, 4);
    for index in 0..services {
        maker.service(&mut dice, index);
    }
    for index in (0..services as usize).rev() {
        maker.endpoints(&mut dice, index);
    }
    let populations = dice.range(1, 3);
    let drains = dice.chance(0.7);
    for _ in 0..populations {
        maker.population(&mut dice, drains);
    }
    maker.versions(&mut dice);
    maker.mention_shared_breakers();
    let faults = dice.range(0, 5);
    let variant = VariantSpec {
        name: "only".to_owned(),
        weight: 1.0,
        faults: (0..faults).map(|number| maker.fault(&mut dice, number)).collect(),
        deploys: (0..dice.range(0, 2)).map(|_| maker.deploy(&mut dice)).collect(),
    };
    let orders = maker.orders(&mut dice);
    maker.builder.variant = Some(variant);
    Plan { scenario: maker.builder.scenario(), orders, drains }
}

struct Maker {
    builder: Builder,
    services: Vec<Id<ServiceSpec>>,
    /// Changes that versions, faults and hotfixes may make, by service.
    effects: Vec<(Id<ServiceSpec>, Change)>,
}

impl Maker {
    fn service(&mut self, dice: &mut Dice, index: u32) {
        let capacity = match dice.range(0, 3) {
            0 => Capacity::Unlimited,
            1 => Capacity::ProcessorSharing { cores: dice.range(1, 4) },
            _ => Capacity::Workers(dice.range(1, 12)),
        };
        let id = self.builder.service(&format!("s{index}"), capacity);
        let spec = &mut self.builder.system.services[id];
        spec.instances = dice.range(1, 3);
        spec.queue = QueueSpec {
            capacity: dice.maybe(0.6, |dice| dice.range(0, 30)),
            discipline: dice.one_of(&[Discipline::Fifo, Discipline::Lifo, Discipline::Priority]),
        };
        spec.max_connections = dice.maybe(0.3, |dice| dice.range(1, 15));
        spec.connect_time = dice.distribution(5.0);
        spec.crash_detection = dice.span(10.0, 2_000.0);
        spec.start_time = dice.distribution(500.0);
        spec.rollout = RolloutSpec {
            preparation: dice.distribution(1_000.0),
            batch: dice.range(1, 3),
            drain: dice.span(0.0, 2_000.0),
            pause: dice.span(0.0, 500.0),
        };
        self.services.push(id);
    }

    /// One or two endpoints, the later services' being known already.
    fn endpoints(&mut self, dice: &mut Dice, index: usize) {
        let id = self.services[index];
        let later: Vec<_> = self.services[index + 1..].to_vec();
        let mut calls = Vec::new();
        for target in later {
            if dice.chance(0.6) {
                calls.extend(self.calls_to(dice, Some(id), target));
            }
        }
        for number in 0..dice.range(1, 2) {
            let steps = steps(dice, &calls, 2);
            self.builder.endpoint(id, &format!("e{number}"), &steps);
        }
        self.effects.push((id, Change::ServiceTime { factor: dice.real(0.5, 6.0) }));
        self.effects.push((id, Change::AddedWork { work: dice.distribution(20.0) }));
        let kind = dice.one_of(&[ErrorKind::Internal, ErrorKind::RateLimited, ErrorKind::Shed]);
        self.effects.push((id, Change::Errors { ratio: dice.real(0.05, 1.0), kind }));
        if let Some(call) = calls.first() {
            self.effects.push((id, Change::ExtraCalls { call: *call, count: dice.range(1, 3) }));
            let hold = dice.distribution(200.0);
            self.effects.push((id, Change::ConnectionHold { dependency: call.dependency, hold }));
        }
    }

    /// A new dependency, and a call through it to each endpoint of the target.
    fn calls_to(&mut self, dice: &mut Dice, caller: Option<Id<ServiceSpec>>, target: Id<ServiceSpec>) -> Vec<CallStep> {
        let dependency = self.builder.dependency(caller, target, layers::stack(dice, SHARED_BREAKERS));
        let spec = &mut self.builder.system.dependencies[dependency];
        spec.balancing =
            dice.one_of(&[Balancing::RoundRobin, Balancing::Random, Balancing::LeastRequests, Balancing::PowerOfTwo]);
        spec.cancels = dice.chance(0.5);
        spec.propagates_deadline = dice.chance(0.5);
        if dice.chance(0.6) {
            spec.link = LinkSpec {
                latency: dice.distribution(3.0),
                loss: if dice.chance(0.3) { 0.1 } else { 0.0 },
                on_loss: dice.one_of(&[OnLoss::Drop, OnLoss::Retransmit { timeout: SimDuration::from_millis(200) }]),
            };
        }
        let endpoints = self.builder.system.services[target].endpoints.clone();
        endpoints
            .into_iter()
            .map(|id: Id<EndpointSpec>| CallStep { optional: dice.chance(0.3), ..call(dependency, id) })
            .collect()
    }

    fn population(&mut self, dice: &mut Dice, drains: bool) {
        let target =
            self.services[if dice.chance(0.7) { 0 } else { dice.range(0, self.services.len() as u32 - 1) as usize }];
        let calls = self.calls_to(dice, None, target);
        let rate = dice.real(5.0, 120.0);
        let until = |rate| {
            Profile::new(vec![(SimTime::ZERO, rate), (at(LOAD_ENDS), rate), (at(LOAD_ENDS), 0.0)])
                .expect("a valid profile")
        };
        let think = dice.distribution(300.0);
        let arrivals = match dice.range(0, 3) {
            0 => Arrivals::Constant(until(libm::ceil(rate))),
            1 => Arrivals::Sessions { starts: until(rate / 3.0), continues: 0.6, think },
            2 if !drains => Arrivals::Closed { users: dice.range(1, 60), think },
            _ => Arrivals::Poisson(until(rate)),
        };
        let id = self.builder.population(arrivals, calls[0]);
        let spec = &mut self.builder.populations[id];
        if let Some(other) = calls.get(1) {
            spec.mix.push(brownout::traffic::MixEntry { weight: 0.5, call: *other });
        }
        spec.priority = dice.range(0, 2) as u8;
        let beyond = dice.one_of(&[Beyond::Wait, Beyond::Drop]);
        spec.max_in_flight = dice.maybe(0.3, |dice| InFlightLimit { limit: dice.range(1, 40), beyond });
    }

    /// A second and third version for some services.
    fn versions(&mut self, dice: &mut Dice) {
        for id in self.services.clone() {
            for number in 2..=dice.range(1, 3) {
                let effects = (0..dice.range(0, 2)).filter_map(|_| self.effect(dice, id)).collect();
                let version = VersionSpec { name: format!("v{number}"), effects };
                self.builder.system.services[id].versions.push(version);
            }
        }
    }

    fn effect(&self, dice: &mut Dice, service: Id<ServiceSpec>) -> Option<Effect> {
        let own: Vec<_> =
            self.effects.iter().filter(|(of, _)| *of == service).map(|(_, change)| change.clone()).collect();
        let endpoints = &self.builder.system.services[service].endpoints;
        let endpoint = dice.maybe(0.3, |dice| dice.one_of(endpoints));
        (!own.is_empty()).then(|| Effect { name: "effect".to_owned(), endpoint, change: dice.one_of(&own) })
    }

    /// A shared breaker that no dependency uses has no settings; the names of such are dropped, and the keys follow.
    fn mention_shared_breakers(&mut self) {
        use brownout::model::{BreakerScope, Layer};
        let mut used = Vec::new();
        for dependency in self.builder.system.dependencies.iter_mut() {
            for layer in &mut dependency.layers {
                if let Layer::Breaker { scope: BreakerScope::Shared { key }, .. } = layer {
                    let position = used.iter().position(|other| *other == *key).unwrap_or_else(|| {
                        used.push(*key);
                        used.len() - 1
                    });
                    *key = position as u16;
                }
            }
        }
        self.builder.system.shared_breakers.truncate(used.len());
    }

    fn fault(&self, dice: &mut Dice, number: u32) -> FaultSpec {
        let services = &self.builder.system.services;
        let service = dice.one_of(&self.services);
        let dependency = Id::from_usize(dice.range(0, self.builder.system.dependencies.len() as u32 - 1) as usize);
        let population = Id::from_usize(dice.range(0, self.builder.populations.len() as u32 - 1) as usize);
        let kind = match dice.range(0, 6) {
            0 => {
                let instances = services[service].instances;
                let victims = if dice.chance(0.5) {
                    Victims::First(dice.range(1, instances))
                } else {
                    Victims::Only(dice.range(0, instances - 1))
                };
                FaultKind::Crash { service, victims }
            }
            1 => FaultKind::LostCapacity { service, ratio: dice.one_of(&[0.3, 0.7, 1.0]) },
            2 => {
                let target = self.builder.system.dependencies[dependency].target;
                let instance = dice.maybe(0.5, |dice| dice.range(0, services[target].instances - 1));
                let partition = dice.one_of(&[Partition::Drop, Partition::Delay]);
                FaultKind::Partition { dependency, instance, partition }
            }
            3 => FaultKind::ConnectionLeak { dependency, ratio: dice.real(0.01, 0.5) },
            4 => FaultKind::TrafficSpike { population, factor: dice.one_of(&[0.0, 0.5, 3.0]) },
            _ => match self.effect(dice, service) {
                Some(Effect { endpoint, change, .. }) => FaultKind::Behaviour { service, endpoint, change },
                None => FaultKind::Crash { service, victims: Victims::First(1) },
            },
        };
        let when = Condition { measure: Measure::ArrivalRate(service), above: true, threshold: 30.0 };
        let slow = Condition { measure: Measure::Latency(service, 0.9), above: true, threshold: 0.05 };
        let start = if dice.chance(0.2) {
            Trigger::When { condition: when, holds: dice.range(1, 3) }
        } else {
            Trigger::At(SimTime::ZERO + dice.span(0.0, 1e3 * LOAD_ENDS))
        };
        FaultSpec {
            name: format!("fault {number}"),
            kind,
            start,
            changes: dice
                .maybe(0.3, |dice| {
                    let timed = (Trigger::After(dice.span(0.0, 4_000.0)), dice.real(0.0, 2.0));
                    vec![timed, (Trigger::When { condition: slow, holds: 1 }, dice.real(0.0, 2.0))]
                })
                .unwrap_or_default(),
            heal: Some(Trigger::After(dice.span(1.0, 8_000.0))),
        }
    }

    fn deploy(&self, dice: &mut Dice) -> DeploySpec {
        let service = dice.one_of(&self.services);
        let versions = self.builder.system.services[service].versions.len() as u32;
        DeploySpec {
            at: SimTime::ZERO + dice.span(0.0, 1e3 * LOAD_ENDS),
            service,
            version: dice.range(0, versions - 1) as u16,
        }
    }

    fn orders(&self, dice: &mut Dice) -> Vec<(SimTime, Verb)> {
        let mut orders: Vec<_> = (0..dice.range(0, 8))
            .map(|_| (SimTime::ZERO + dice.span(0.0, 1e3 * LOAD_ENDS), self.order(dice)))
            .collect();
        orders.sort_by_key(|(at, _)| *at);
        orders
    }

    fn order(&self, dice: &mut Dice) -> Verb {
        let service = dice.one_of(&self.services);
        let origin = dice.maybe(0.5, |dice| Origin(dice.range(0, self.builder.populations.len() as u32 - 1) as u16));
        let selector = Selector { origin, endpoint: None };
        let dependency = Id::from_usize(dice.range(0, self.builder.system.dependencies.len() as u32 - 1) as usize);
        let set = |setting| Verb::Set { dependency, setting };
        match dice.range(0, 11) {
            0 | 1 => Verb::RollBack { service },
            2 => Verb::Hotfix(Hotfix {
                name: "fix".to_owned(),
                service,
                removes: "effect".to_owned(),
                duration: dice.distribution(2_000.0),
                wrong: 0.5,
                adds: self.effect(dice, service),
            }),
            3 => Verb::Restart { service, instance: None },
            4 => Verb::ScaleOut { service, add: dice.range(1, 3) },
            5 => Verb::Shed { service, selector, ratio: dice.one_of(&[0.0, 0.5, 1.0]) },
            6 => Verb::RateLimit { service, selector, limit: dice.maybe(0.7, layers::rate_limit) },
            7 => set(Setting::Deadline(dice.span(20.0, 2_000.0))),
            8 => set(Setting::Timeout(dice.span(10.0, 2_000.0))),
            9 => set(Setting::Retry(layers::retry(dice))),
            10 => set(Setting::Breaker(layers::breaker(dice))),
            _ => set(Setting::Pool(layers::pool(dice))),
        }
    }
}

/// Up to three random steps, nested no deeper than `depth`.
fn steps(dice: &mut Dice, calls: &[CallStep], depth: u32) -> Vec<Step> {
    (0..dice.range(1, 3)).map(|_| step(dice, calls, depth)).collect()
}

fn step(dice: &mut Dice, calls: &[CallStep], depth: u32) -> Step {
    let work = |dice: &mut Dice| {
        let mean = dice.real(0.0, 15.0);
        Step::Work(dice.distribution(mean))
    };
    match dice.range(0, 9) {
        0 | 1 if !calls.is_empty() => Step::Call(dice.one_of(calls)),
        2 if !calls.is_empty() => Step::Spawn(dice.one_of(calls)),
        3 if depth > 0 => Step::Parallel((0..dice.range(0, 3)).map(|_| steps(dice, calls, depth - 1)).collect()),
        4 if depth > 0 => Step::Chance {
            probability: dice.real(0.0, 1.0),
            then: steps(dice, calls, depth - 1),
            otherwise: steps(dice, calls, depth - 1),
        },
        5 if depth > 0 => Step::Repeat { probability: 0.3, body: steps(dice, calls, depth - 1) },
        6 if dice.chance(0.2) => Step::Fail(ErrorKind::Internal),
        _ => work(dice),
    }
}
