//! Which dependencies there are: those that callers declare, and plain ones for what they call without declaring it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Id;
use crate::model::{DependencySpec, ServiceSpec};
use crate::scenario::document::{self, Effect, FaultKind, Items, Step};
use crate::text::{Diagnostic, Diagnostics, Span, Spanned};
use crate::traffic::PopulationSpec;

use super::names::{Names, check_name_with, unknown};

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Caller {
    Service(Id<ServiceSpec>),
    Population(Id<PopulationSpec>),
}

/// A dependency before its settings are resolved.
#[derive(Clone, Debug)]
pub(super) struct Declared<'d> {
    pub(super) name: String,
    /// Whether the name is its own, not made from caller and target.
    pub(super) own_name: bool,
    pub(super) caller: Caller,
    pub(super) target: Id<ServiceSpec>,
    /// What the author wrote; `None` for a plain one.
    pub(super) doc: Option<&'d document::Dependency>,
}

/// All dependencies in id order.
#[derive(Debug, Default)]
pub(super) struct Dependencies<'d> {
    pub(super) list: Vec<Declared<'d>>,
    by_caller: BTreeMap<Caller, Vec<usize>>,
    by_name: BTreeMap<String, usize>,
    /// Whether a declaration could not be read or resolved, so that a missing name may be a consequence.
    vague: bool,
}

impl<'d> Dependencies<'d> {
    pub(super) fn collect(doc: &'d document::Scenario, names: &Names<'d>, diagnostics: &mut Diagnostics) -> Self {
        let mut all = Self::default();
        for (name, service) in doc.services.iter() {
            let (Some(service), Some(id)) = (service.as_ref(), names.find_service(name)) else {
                all.vague = true;
                continue;
            };
            let caller = Caller::Service(id);
            all.declare(caller, &service.calls, names, diagnostics);
            for target in mentioned_by(doc, name, service) {
                all.imply(caller, target, names);
            }
        }
        for (at, (_, population)) in doc.populations.iter().enumerate() {
            let Some(population) = population.as_ref() else {
                all.vague = true;
                continue;
            };
            let caller = Caller::Population(Id::from_usize(at));
            all.declare(caller, &population.calls, names, diagnostics);
            for (target, _) in population.mix.iter() {
                all.imply(caller, target, names);
            }
        }
        all
    }

    fn declare(
        &mut self,
        caller: Caller,
        calls: &'d Items<document::Dependency>,
        names: &Names<'d>,
        diagnostics: &mut Diagnostics,
    ) {
        self.vague |= !calls.complete;
        for doc in calls.iter() {
            let Some(target) = names.service(&doc.to, diagnostics) else {
                self.vague = true;
                continue;
            };
            let own = doc.name.written();
            if let Some(own) = own {
                check_name_with(own, "a dependency", ".>", diagnostics);
            }
            let name = own.map_or_else(|| default_name(caller, target, names), |own| own.value.clone());
            let span = own.map_or(&doc.to.span, |own| &own.span);
            if let Some(&first) = self.by_name.get(&name) {
                self.report_twice(&name, span, first, diagnostics);
                continue;
            }
            self.push(Declared { name, own_name: own.is_some(), caller, target, doc: Some(doc) });
        }
    }

    fn report_twice(&self, name: &str, span: &Span, first: usize, diagnostics: &mut Diagnostics) {
        let mut diagnostic =
            Diagnostic::error("duplicate-name", span.clone(), format!("the dependency `{name}` is declared twice"));
        if let Some(doc) = self.list[first].doc {
            diagnostic = diagnostic.label(doc.to.span.clone(), "first here");
        }
        diagnostics.push(diagnostic.help("give one of them a `name` of its own, and call it with `via`"));
    }

    /// A plain dependency on the service of an endpoint, unless there is one already.
    fn imply(&mut self, caller: Caller, endpoint: &str, names: &Names<'d>) {
        let Some(target) = endpoint.split_once('.').and_then(|(service, _)| names.find_service(service)) else {
            return;
        };
        if self.of_caller(caller).any(|at| self.list[at].target == target) {
            return;
        }
        let name = default_name(caller, target, names);
        if !self.by_name.contains_key(&name) {
            self.push(Declared { name, own_name: false, caller, target, doc: None });
        }
    }

    fn push(&mut self, declared: Declared<'d>) {
        let at = self.list.len();
        self.by_caller.entry(declared.caller).or_default().push(at);
        self.by_name.insert(declared.name.clone(), at);
        self.list.push(declared);
    }

    /// The dependencies of a caller, in order.
    pub(super) fn of_caller(&self, caller: Caller) -> impl Iterator<Item = usize> + '_ {
        self.by_caller.get(&caller).into_iter().flatten().copied()
    }

    /// The dependency through which a caller calls a target. `None` when there is none, or after reporting that there are
    /// several.
    pub(super) fn between(
        &self,
        caller: Caller,
        target: Id<ServiceSpec>,
        call: &Spanned<String>,
        via: Option<&Spanned<String>>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Id<DependencySpec>> {
        let candidates: Vec<usize> = self.of_caller(caller).filter(|at| self.list[*at].target == target).collect();
        let names = || candidates.iter().map(|at| self.list[*at].name.as_str()).collect::<Vec<_>>();
        if let Some(via) = via {
            let found = candidates.iter().find(|at| self.list[**at].name == via.value);
            if found.is_none() && !self.vague {
                unknown(&format!("dependency for \"{}\"", call.value), via, &names(), diagnostics);
            }
            return found.map(|at| Id::from_usize(*at));
        }
        let mut unnamed = candidates.iter().filter(|at| !self.list[**at].own_name);
        match (unnamed.next(), candidates.as_slice()) {
            (Some(at), _) | (None, [at]) => Some(Id::from_usize(*at)),
            (None, []) => None,
            (None, _) => {
                let message = format!("there are several dependencies for \"{}\"", call.value);
                let help = format!("say which with `via`: {}", names().join(", "));
                diagnostics.push(Diagnostic::error("ambiguous", call.span.clone(), message).help(help));
                None
            }
        }
    }

    /// The dependency of that name, whoever calls.
    pub(super) fn named(&self, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<usize> {
        let found = self.by_name.get(name.as_str()).copied();
        if found.is_none() && !self.vague {
            let names: Vec<&str> = self.list.iter().map(|declared| declared.name.as_str()).collect();
            unknown("dependency", name, &names, diagnostics);
        }
        found
    }

    /// The dependency of a caller, by the service called or by its own name.
    pub(super) fn of_caller_named(
        &self,
        caller: Caller,
        name: &Spanned<String>,
        names: &Names<'d>,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        let own: Vec<usize> = self.of_caller(caller).collect();
        let service = |at: usize| names.service_name(self.list[at].target);
        let found = own.iter().find(|at| self.list[**at].name == name.value);
        let found = found.or_else(|| own.iter().find(|at| service(**at) == name.value));
        if found.is_none() && !self.vague {
            let candidates: Vec<&str> = own.iter().map(|at| service(*at)).collect();
            unknown("dependency of this service", name, &candidates, diagnostics);
        }
        found.copied()
    }
}

fn default_name(caller: Caller, target: Id<ServiceSpec>, names: &Names<'_>) -> String {
    let caller = match caller {
        Caller::Service(id) => names.service_name(id),
        Caller::Population(id) => names.population_name(id),
    };
    format!("{caller}->{}", names.service_name(target))
}

/// The endpoints that a service calls in plans, versions, faults and hotfixes, in that order, each once.
fn mentioned_by<'d>(doc: &'d document::Scenario, name: &str, service: &'d document::Service) -> Vec<&'d str> {
    let mut calls = Vec::new();
    for (_, plan) in service.endpoints.readable() {
        steps(plan, &mut calls);
    }
    for (_, version) in service.versions.readable() {
        calls.extend(version.effects.readable().filter_map(|(_, effect)| call_of(effect)));
    }
    let always = doc.always.iter().map(|always| &always.faults);
    let faults = doc.variants.readable().map(|(_, variant)| &variant.faults).chain(always);
    for fault in faults.flat_map(document::Entries::readable) {
        if let Some(FaultKind::ExtraCalls { service, call, .. }) = fault.1.does.as_ref()
            && service.value == name
        {
            calls.push(call.as_str());
        }
    }
    let hotfixes = doc.hotfixes.readable().filter(|(_, hotfix)| hotfix.service.value == name);
    calls.extend(hotfixes.filter_map(|(_, hotfix)| hotfix.adds.written().and_then(call_of)));
    let mut seen = BTreeSet::new();
    calls.retain(|call| seen.insert(*call));
    calls
}

fn call_of(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::ExtraCalls { call, .. } => Some(call.as_str()),
        _ => None,
    }
}

fn steps<'d>(plan: &'d [Step], calls: &mut Vec<&'d str>) {
    for step in plan {
        match step {
            Step::Call(call) | Step::Spawn(call) => calls.push(call.to.as_str()),
            Step::Parallel(branches) => branches.iter().for_each(|branch| steps(branch, calls)),
            Step::Chance { then, otherwise, .. } => {
                steps(then, calls);
                steps(otherwise, calls);
            }
            Step::Repeat { body, .. } => steps(body, calls),
            Step::Work(_) | Step::Fail(_) => {}
        }
    }
}
