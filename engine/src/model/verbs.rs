//! Carrying out orders: each verb checks its numbers, then asks the mechanism concerned.

use crate::ids::Id;
use crate::units::SimDuration;

use super::command::{Hotfix, Setting, Verb, VerbError};
use super::dependency::{BreakerScope, DependencySpec, Layer};
use super::effect::Change;
use super::pool::PoolSpec;
use super::rate_limit::{RateLimitSpec, RateLimiter};
use super::retry::RetrySpec;
use super::retry_budget::RetryBudget;
use super::service::{AdmissionMeasure, AdmissionRule, Selector, ServiceSpec};
use super::spec_issue::SpecIssue;
use super::{BreakerSpec, Model};

/// The most instances one order may add.
const MOST_ADDED: u32 = 1_000;

impl Model<'_> {
    /// Carries out an order.
    ///
    /// # Errors
    /// When it makes no sense in this system; nothing has changed then.
    pub fn order(&mut self, verb: &Verb) -> Result<(), VerbError> {
        match verb {
            Verb::RollBack { service } => self.known(*service).and_then(|()| self.roll_back(*service)),
            Verb::Hotfix(hotfix) => {
                self.known(hotfix.service)?;
                self.check_hotfix(hotfix)?;
                self.order_hotfix(hotfix.clone());
                Ok(())
            }
            Verb::Restart { service, instance } => {
                self.known(*service)?;
                if instance.is_some_and(|id| !self.services[*service].instances.contains(&id)) {
                    return Err(VerbError::Unknown("instance of this service"));
                }
                self.restart(*service, *instance);
                Ok(())
            }
            Verb::ScaleOut { service, add } => self.scale_out(*service, *add),
            Verb::Shed { service, selector, ratio } => self.shed(*service, *selector, *ratio),
            Verb::RateLimit { service, selector, limit } => self.limit_rate(*service, *selector, limit.as_ref()),
            Verb::Set { dependency, setting } => self.set(*dependency, setting),
            Verb::Later { name, takes, verbs } => {
                if verbs.iter().any(|verb| matches!(verb, Verb::Later { .. })) {
                    return Err(VerbError::OutOfRange { what: "an order for later", allowed: "one for then" });
                }
                self.begin_work(name.clone(), takes.clone(), verbs.clone());
                Ok(())
            }
        }
    }

    fn known(&self, service: Id<ServiceSpec>) -> Result<(), VerbError> {
        self.services.get(service).map(|_| ()).ok_or(VerbError::Unknown("service"))
    }

    fn check_hotfix(&self, hotfix: &Hotfix) -> Result<(), VerbError> {
        if !(0.0..=1.0).contains(&hotfix.wrong) {
            return Err(VerbError::OutOfRange { what: "the chance to be wrong", allowed: "0 % to 100 %" });
        }
        let Some(adds) = &hotfix.adds else { return Ok(()) };
        let own = &self.spec.services[hotfix.service];
        if adds.endpoint.is_some_and(|endpoint| !own.endpoints.contains(&endpoint)) {
            return Err(VerbError::Unknown("endpoint of this service"));
        }
        let dependency = match &adds.change {
            Change::ExtraCalls { call, .. } => Some(call.dependency),
            Change::ConnectionHold { dependency, .. } => Some(*dependency),
            Change::ServiceTime { .. } | Change::AddedWork { .. } | Change::Errors { .. } => None,
        };
        match dependency {
            Some(dependency) if !own.dependencies.contains(&dependency) => {
                Err(VerbError::Unknown("dependency of this service"))
            }
            _ => Ok(()),
        }
    }

    fn scale_out(&mut self, service: Id<ServiceSpec>, add: u32) -> Result<(), VerbError> {
        self.known(service)?;
        if !(1..=MOST_ADDED).contains(&add) {
            return Err(VerbError::OutOfRange { what: "the number of added instances", allowed: "1 to 1000" });
        }
        for _ in 0..add {
            let id = self.add_instance(service);
            self.start(id);
        }
        Ok(())
    }

    fn shed(&mut self, service: Id<ServiceSpec>, selector: Selector, ratio: f64) -> Result<(), VerbError> {
        self.known(service)?;
        if !(0.0..=1.0).contains(&ratio) {
            return Err(VerbError::OutOfRange { what: "the share to shed", allowed: "0 % to 100 %" });
        }
        let rules = &mut self.services[service].admission;
        rules.retain(|rule| rule.selector != selector || !matches!(rule.measure, AdmissionMeasure::Shed { .. }));
        if ratio > 0.0 {
            rules.push(AdmissionRule { selector, measure: AdmissionMeasure::Shed { ratio } });
        }
        Ok(())
    }

    fn limit_rate(
        &mut self,
        service: Id<ServiceSpec>,
        selector: Selector,
        limit: Option<&RateLimitSpec>,
    ) -> Result<(), VerbError> {
        self.known(service)?;
        if let Some(spec) = limit {
            valid(spec.validate())?;
        }
        let now = self.agenda.now();
        let rules = &mut self.services[service].admission;
        rules.retain(|rule| rule.selector != selector || !matches!(rule.measure, AdmissionMeasure::RateLimit { .. }));
        if let Some(spec) = limit {
            // A permit that is reserved for later is lost on a request that is refused now.
            let spec = spec.without_wait();
            let state = RateLimiter::new(&spec, now);
            let measure = AdmissionMeasure::RateLimit { spec, state };
            rules.push(AdmissionRule { selector, measure });
        }
        Ok(())
    }

    fn set(&mut self, dependency: Id<DependencySpec>, setting: &Setting) -> Result<(), VerbError> {
        if self.dependencies.get(dependency).is_none() {
            return Err(VerbError::Unknown("dependency"));
        }
        if let Setting::Deadline(SimDuration::ZERO) | Setting::Timeout(SimDuration::ZERO) = setting {
            return Err(VerbError::OutOfRange { what: "a time limit", allowed: "above zero" });
        }
        match setting {
            Setting::Deadline(limit) => self.set_limit(dependency, "deadline", |layer| match layer {
                Layer::Deadline(old) => Some(std::mem::replace(old, *limit)),
                _ => None,
            }),
            Setting::Timeout(limit) => self.set_limit(dependency, "timeout", |layer| match layer {
                Layer::Timeout(old) => Some(std::mem::replace(old, *limit)),
                _ => None,
            }),
            Setting::Retry(spec) => self.set_retry(dependency, spec),
            Setting::Breaker(spec) => self.set_breaker(dependency, spec),
            Setting::Pool(spec) => self.set_pool(dependency, spec),
        }
    }

    fn set_limit<T>(
        &mut self,
        dependency: Id<DependencySpec>,
        name: &'static str,
        change: impl FnMut(&mut Layer) -> Option<T>,
    ) -> Result<(), VerbError> {
        let state = &mut self.dependencies[dependency];
        state.layers.iter_mut().find_map(change).ok_or(VerbError::NoSuchLayer(name))?;
        state.prepare_steps(&mut self.agenda);
        Ok(())
    }

    fn set_retry(&mut self, dependency: Id<DependencySpec>, new: &RetrySpec) -> Result<(), VerbError> {
        valid(new.validate())?;
        let now = self.agenda.now();
        let state = &mut self.dependencies[dependency];
        let old = state
            .layers
            .iter_mut()
            .find_map(|layer| match layer {
                Layer::Retry(spec) => Some(std::mem::replace(spec, new.clone())),
                _ => None,
            })
            .ok_or(VerbError::NoSuchLayer("retry"))?;
        state.prepare_steps(&mut self.agenda);
        for channel in self.channels.iter_mut().filter(|channel| channel.dependency == dependency) {
            match (&old.budget, &new.budget, &mut channel.budget) {
                (Some(old), Some(new), Some(budget)) => budget.reconfigure(old, new, now),
                (_, Some(new), budget) => *budget = Some(RetryBudget::new(new, now)),
                (_, None, budget) => *budget = None,
            }
        }
        Ok(())
    }

    fn set_breaker(&mut self, dependency: Id<DependencySpec>, new: &BreakerSpec) -> Result<(), VerbError> {
        valid(new.validate())?;
        let now = self.agenda.now();
        let layers = &mut self.dependencies[dependency].layers;
        let (old, scope) = layers
            .iter_mut()
            .find_map(|layer| match layer {
                Layer::Breaker { spec, scope } => Some((std::mem::replace(spec, new.clone()), *scope)),
                _ => None,
            })
            .ok_or(VerbError::NoSuchLayer("breaker"))?;
        if let BreakerScope::Shared { key } = scope {
            self.share_breaker_settings(scope, new);
            self.shared_breakers[usize::from(key)].reconfigure(&old, new, now);
        }
        for channel in self.channels.iter_mut().filter(|channel| channel.dependency == dependency) {
            channel.breakers.iter_mut().for_each(|breaker| breaker.reconfigure(&old, new, now));
        }
        self.arm_breakers(dependency);
        Ok(())
    }

    /// Whoever shares the breaker judges it by the same settings.
    fn share_breaker_settings(&mut self, shared: BreakerScope, new: &BreakerSpec) {
        for layer in self.dependencies.iter_mut().flat_map(|dependency| &mut dependency.layers) {
            if let Layer::Breaker { spec, scope } = layer
                && *scope == shared
            {
                spec.clone_from(new);
            }
        }
    }

    fn set_pool(&mut self, dependency: Id<DependencySpec>, new: &PoolSpec) -> Result<(), VerbError> {
        // The setters' rules, as through `HikariConfigMXBean`: what a start would replace is taken as it is.
        valid(new.validate())?;
        let now = self.agenda.now();
        let state = &mut self.dependencies[dependency];
        let kept = |old: &PoolSpec| old.establishment == new.establishment;
        if state.layers.iter().any(|layer| matches!(layer, Layer::Pool(old) if !kept(old))) {
            return Err(VerbError::OutOfRange { what: "the establishment of connections", allowed: "as it was" });
        }
        let old = state
            .layers
            .iter_mut()
            .find_map(|layer| match layer {
                Layer::Pool(spec) => Some(std::mem::replace(spec, new.clone())),
                _ => None,
            })
            .ok_or(VerbError::NoSuchLayer("pool"))?;
        state.prepare_steps(&mut self.agenda);
        for id in self.channels.ids() {
            let channel = &mut self.channels[id];
            if channel.dependency == dependency
                && let Some(pool) = &mut channel.pool
            {
                pool.reconfigure(&old, new, now);
                self.settle_pool(id);
            }
        }
        Ok(())
    }
}

fn valid(issues: Vec<SpecIssue>) -> Result<(), VerbError> {
    issues.into_iter().next().map_or(Ok(()), |issue| Err(VerbError::Setting(issue)))
}
