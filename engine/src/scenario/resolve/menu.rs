//! What a scenario says of the menu: prepared actions, background work, tested roll-backs, kinds left out.

use crate::ids::Id;
use crate::model::{DependencySpec, Origin, Selector, ServiceSpec};
use crate::response::{Action, CustomAction, Deed, Knob, KnobValue, MenuSpec, rate_limit, rate_limits};
use crate::scenario::document;
use crate::text::{Diagnostic, Spanned};
use crate::units::{Rate, SimDuration};

use super::names::{check_name, unknown};
use super::{Resolver, limits};

impl<'d> Resolver<'d, '_> {
    pub(super) fn menu(&mut self) -> MenuSpec {
        MenuSpec {
            without: self.without(),
            others: self.others(),
            pausable: self.pausable(),
            compat_tested: self.compat_tested(),
            actions: self.actions(),
        }
    }

    fn without(&mut self) -> Vec<Action> {
        let Some(menu) = self.doc.menu.written() else { return Vec::new() };
        let known: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        let mut without = Vec::new();
        for name in menu.without.iter() {
            match Action::from_name(name) {
                Some(action) => without.push(action),
                None => unknown("kind of action", name, &known, self.diagnostics),
            }
        }
        without
    }

    fn others(&mut self) -> Vec<Id<ServiceSpec>> {
        let Some(menu) = self.doc.menu.written() else { return Vec::new() };
        menu.others.iter().filter_map(|name| self.of_service(name)).collect()
    }

    fn pausable(&self) -> Vec<Id<crate::traffic::PopulationSpec>> {
        let populations = self.doc.populations.iter().enumerate();
        let pausable = populations.filter(|(_, (_, doc))| doc.as_ref().is_some_and(|doc| doc.pausable));
        pausable.map(|(at, _)| Id::from_usize(at)).collect()
    }

    fn compat_tested(&self) -> Vec<(Id<ServiceSpec>, String, bool)> {
        let mut known = Vec::new();
        for (at, (_, service)) in self.doc.services.iter().enumerate() {
            for (name, version) in service.iter().flat_map(|service| service.versions.readable()) {
                let tested = version.compat_tested.written().copied();
                known.extend(tested.map(|tested| (Id::from_usize(at), name.value.clone(), tested)));
            }
        }
        known
    }

    fn actions(&mut self) -> Vec<CustomAction> {
        let actions = &self.doc.actions;
        if actions.len() > limits::ACTIONS {
            let message = format!("{} actions are too many", actions.len());
            self.error("too-many", &actions.head, message, format!("at most {}", limits::ACTIONS));
            return Vec::new();
        }
        for (name, _) in actions.iter() {
            check_name(name, "an action", self.diagnostics);
        }
        actions.readable().map(|(name, action)| self.action(name, action)).collect()
    }

    fn action(&mut self, name: &Spanned<String>, doc: &'d document::Action) -> CustomAction {
        if doc.does.is_empty() && doc.does.complete {
            let help = "add does: [Shed(service: \"api\", share: \"50%\")]";
            self.error("nothing", &name.span, format!("the action \"{}\" does nothing", name.value), help);
        }
        if doc.does.len() > limits::DEEDS {
            let message = format!("{} things in one action are too many", doc.does.len());
            self.error("too-many", &name.span, message, format!("at most {}", limits::DEEDS));
        }
        if let Some(undo) = doc.undo.written()
            && self.doc.actions.complete
            && !self.doc.actions.names().any(|other| other == undo.value)
        {
            let names: Vec<&str> = self.doc.actions.names().collect();
            unknown("action", undo, &names, self.diagnostics);
        }
        CustomAction {
            name: name.value.clone(),
            title: doc.title.clone().unwrap_or_else(|| name.value.clone()),
            does: doc.does.iter().flat_map(|deed| self.deed(deed)).collect(),
            takes: self.drawn(doc.takes.as_ref()),
            risk: doc.risk.clone().unwrap_or_else(|| "nobody has said".to_owned()),
            undo: doc.undo.written().map(|undo| undo.value.clone()),
        }
    }

    /// What one line of an action comes to; nothing where it cannot be resolved, which has been reported.
    fn deed(&mut self, doc: &document::Deed) -> Vec<Deed> {
        use document::Deed as Doc;
        let deed = match doc {
            Doc::RollBack { service } => self.of_service(service).map(|service| Deed::RollBack { service }),
            Doc::Restart { service } => self.of_service(service).map(|service| Deed::Restart { service }),
            Doc::ScaleOut { service, add } => {
                let add = self.count(add, 1..=limits::ADDED, "the number of added instances");
                self.of_service(service).map(|service| Deed::ScaleOut { service, add })
            }
            Doc::Shed { service, endpoint, population, share } => {
                let share = self.share(share, "the share to shed");
                let selected = self.selected(service, endpoint.as_ref(), population.as_ref());
                selected.map(|(service, selector)| Deed::Shed { service, selector, share })
            }
            Doc::RateLimit { service, endpoint, population, rate } => {
                let limit = rate.as_ref().map(|rate| rate_limit(self.limit(rate)));
                let selected = self.selected(service, endpoint.as_ref(), population.as_ref());
                selected.map(|(service, selector)| Deed::RateLimit { service, selector, limit })
            }
            Doc::Set { .. } => return self.settings(doc),
        };
        deed.into_iter().collect()
    }

    fn of_service(&mut self, name: &Spanned<String>) -> Option<Id<ServiceSpec>> {
        self.names.service(name, self.diagnostics)
    }

    /// A rate that a limit can have.
    fn limit(&mut self, rate: &Spanned<Rate>) -> Rate {
        let (low, high) = rate_limits();
        let rate = self.within(rate, low..=high, "the rate of a limit");
        if rate < low {
            low
        } else if rate > high {
            high
        } else {
            rate
        }
    }

    fn selected(
        &mut self,
        service: &Spanned<String>,
        endpoint: Option<&Spanned<String>>,
        population: Option<&Spanned<String>>,
    ) -> Option<(Id<ServiceSpec>, Selector)> {
        let service = self.of_service(service);
        let origin = match population {
            None => Some(None),
            Some(name) => self.names.population(name, self.diagnostics).map(Some),
        };
        let endpoint = self.only(service?, endpoint)?;
        let origin = origin?.map(|id| Origin(u16::try_from(id.raw()).unwrap_or(u16::MAX)));
        Some((service?, Selector { origin, endpoint }))
    }

    fn settings(&mut self, doc: &document::Deed) -> Vec<Deed> {
        let document::Deed::Set {
            dependency: name,
            pool_size,
            acquire_timeout,
            timeout,
            deadline,
            attempts,
            breaker_threshold,
            breaker_wait,
        } = doc
        else {
            return Vec::new();
        };
        let mut values = Vec::new();
        if let Some(count) = pool_size {
            let size = self.count(count, 1..=limits::POOL, "the size of a pool");
            values.push((Knob::PoolSize, &count.span, KnobValue::Count(size)));
        }
        if let Some(count) = attempts {
            let most = self.count(count, 1..=limits::ATTEMPTS, "the number of attempts");
            values.push((Knob::Attempts, &count.span, KnobValue::Count(most)));
        }
        if let Some(share) = breaker_threshold {
            let threshold = self.share(share, "the threshold of a breaker").max(1e-4);
            values.push((Knob::BreakerThreshold, &share.span, KnobValue::Share(threshold)));
        }
        let spans = [
            (Knob::AcquireTimeout, acquire_timeout),
            (Knob::Timeout, timeout),
            (Knob::Deadline, deadline),
            (Knob::BreakerWait, breaker_wait),
        ];
        for (knob, value) in spans {
            if let Some(value) = value {
                let least =
                    if knob == Knob::AcquireTimeout { SimDuration::from_millis(250) } else { SimDuration::MILLISECOND };
                let value_of = self.within(value, least..=limits::SPAN, &format!("the {}", knob.name()));
                values.push((knob, &value.span, KnobValue::Span(value_of)));
            }
        }
        if values.is_empty() {
            let help = "say what changes: Set(dependency: \"api->db\", timeout: \"1s\")";
            self.error("nothing", &name.span, "no setting is changed", help);
        }
        let Some(at) = self.dependencies.named(name, self.diagnostics) else { return Vec::new() };
        let dependency: Id<DependencySpec> = Self::dependency_id(at);
        let mut deeds = Vec::new();
        for (knob, place, value) in values {
            self.require_layer(at, knob, place);
            deeds.push(Deed::Set { dependency, knob, value });
        }
        deeds
    }

    /// Reports a dependency without the layer that a setting belongs to.
    fn require_layer(&mut self, at: usize, knob: Knob, place: &crate::text::Span) {
        let declared = &self.dependencies.list[at];
        let layers = declared.doc.map(|doc| &doc.layers);
        let has = layers
            .is_some_and(|layers| !layers.complete || layers.iter().any(|layer| layer.value.name() == layer_of(knob)));
        if !has {
            let message = format!("the dependency `{}` has no {} to set", declared.name, knob.name());
            let diagnostic = Diagnostic::error("no-layer", place.clone(), message);
            self.diagnostics.push(diagnostic.help(format!("add a layer {}(..) to it, or remove this", layer_of(knob))));
        }
    }
}

/// The layer that a setting belongs to, as a scenario file calls it.
const fn layer_of(knob: Knob) -> &'static str {
    match knob {
        Knob::PoolSize | Knob::AcquireTimeout => "Pool",
        Knob::Timeout => "Timeout",
        Knob::Deadline => "Deadline",
        Knob::Attempts => "Retry",
        Knob::BreakerThreshold | Knob::BreakerWait => "Breaker",
    }
}
