//! Effects of versions, faults and hotfixes, and the hotfixes themselves.

use crate::ids::Id;
use crate::model::{Change, Effect, EndpointSpec, Hotfix, ServiceSpec};
use crate::response::Testing;
use crate::scenario::{HotfixSpec, document};
use crate::text::Spanned;
use crate::units::Ratio;

use super::dependencies::Caller;
use super::names::{check_name, unknown};
use super::services::Origin;
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    /// An effect on a service; `None` when it cannot be resolved, which has been reported.
    pub(super) fn effect(
        &mut self,
        service: Id<ServiceSpec>,
        name: &Spanned<String>,
        doc: &document::Effect,
    ) -> Option<Effect> {
        check_name(name, "an effect", self.diagnostics);
        self.named_effect(service, name.value.clone(), doc)
    }

    fn named_effect(&mut self, service: Id<ServiceSpec>, name: String, doc: &document::Effect) -> Option<Effect> {
        use document::Effect as Doc;
        let (Doc::Slowdown { endpoint, .. }
        | Doc::AddedWork { endpoint, .. }
        | Doc::Errors { endpoint, .. }
        | Doc::ExtraCalls { endpoint, .. }
        | Doc::ConnectionHold { endpoint, .. }) = doc;
        let only = self.only(service, endpoint.as_ref());
        let change = match doc {
            Doc::Slowdown { factor, .. } => self.slowdown(factor),
            Doc::AddedWork { work, .. } => Change::AddedWork { work: self.drawn(Some(work)) },
            Doc::Errors { ratio, kind, .. } => self.errors(ratio, kind),
            Doc::ExtraCalls { call, via, count, optional, .. } => {
                let via = via.as_ref();
                self.extra_calls(
                    service,
                    only.flatten(),
                    &ExtraCalls { call, via, count, optional: *optional, strength: 1.0 },
                )?
            }
            Doc::ConnectionHold { dependency, hold, .. } => self.connection_hold(service, dependency, hold)?,
        };
        Some(Effect { name, endpoint: only?, change })
    }

    /// The endpoint an effect is limited to: `Some(None)` for all, `None` when it is unknown (reported).
    pub(super) fn only(
        &mut self,
        service: Id<ServiceSpec>,
        endpoint: Option<&Spanned<String>>,
    ) -> Option<Option<Id<EndpointSpec>>> {
        match endpoint {
            None => Some(None),
            Some(name) => self.names.endpoint_of(service, name, self.diagnostics).map(Some),
        }
    }

    pub(super) fn slowdown(&mut self, factor: &Spanned<f64>) -> Change {
        Change::ServiceTime { factor: self.above_zero(factor, limits::FACTOR, "the factor of a slowdown") }
    }

    pub(super) fn errors(&mut self, ratio: &Spanned<Ratio>, kind: &Spanned<String>) -> Change {
        Change::Errors { ratio: self.share(ratio, "the share of errors"), kind: self.error_kind(kind) }
    }

    pub(super) fn extra_calls(
        &mut self,
        service: Id<ServiceSpec>,
        only: Option<Id<EndpointSpec>>,
        extra: &ExtraCalls<'_>,
    ) -> Option<Change> {
        let count = self.count(extra.count, 1..=limits::EXTRA_CALLS, "the number of extra calls");
        if f64::from(count) * extra.strength > f64::from(limits::EXTRA_CALLS) {
            let message = format!("{count} extra calls at a strength of {} are too many", Ratio::new(extra.strength));
            let help = format!(
                "at most {} when the fault is strongest: lower the count or its strengths",
                limits::EXTRA_CALLS
            );
            self.error("out-of-range", &extra.count.span, message, help);
        }
        let endpoints = match only {
            Some(one) => vec![one],
            None => self.names.endpoints_of(service).map(|(id, _)| id).collect(),
        };
        let origin = Origin {
            caller: Caller::Service(service),
            endpoints: &endpoints,
            count: f64::from(count) * extra.strength,
        };
        let call = self.call_to(extra.call, extra.via, extra.optional, origin)?;
        Some(Change::ExtraCalls { call, count })
    }

    pub(super) fn connection_hold(
        &mut self,
        service: Id<ServiceSpec>,
        dependency: &Spanned<String>,
        hold: &document::Drawn,
    ) -> Option<Change> {
        let hold = self.drawn(Some(hold));
        let caller = Caller::Service(service);
        let at = self.dependencies.of_caller_named(caller, dependency, &self.names, self.diagnostics)?;
        self.require_pool(at, dependency);
        Some(Change::ConnectionHold { dependency: Self::dependency_id(at), hold })
    }

    /// Reports a dependency without a pool where one is needed.
    pub(super) fn require_pool(&mut self, at: usize, name: &Spanned<String>) {
        let declared = &self.dependencies.list[at];
        let layers = declared.doc.map(|doc| &doc.layers);
        let has_pool = layers.is_some_and(|layers| {
            !layers.complete || layers.iter().any(|layer| matches!(layer.value, document::Layer::Pool(_)))
        });
        if !has_pool {
            let message = format!("the dependency `{}` has no pool of connections", declared.name);
            self.error("no-pool", &name.span, message, "add a layer Pool(..) to it");
        }
    }

    pub(super) fn hotfix(&mut self, name: &Spanned<String>, doc: &document::Hotfix) -> Option<HotfixSpec> {
        let testing = self.testing(name, doc);
        let service = self.names.service(&doc.service, self.diagnostics)?;
        self.check_removes(service, &doc.removes);
        let adds = doc.adds.written().map(|effect| self.named_effect(service, format!("wrong-{}", name.value), effect));
        let adds = match adds {
            None => None,
            Some(effect) => Some(effect?),
        };
        let title = doc.title.clone().unwrap_or_else(|| name.value.clone());
        let usual = testing.first()?;
        let (duration, wrong) = (usual.duration.clone(), usual.wrong);
        let (own, removes) = (name.value.clone(), doc.removes.value.clone());
        let hotfix = Hotfix { name: own, service, removes, duration, wrong, adds };
        // The one way of a hotfix that has no name for it is no choice.
        let testing = if doc.testing.is_empty() { Vec::new() } else { testing };
        Some(HotfixSpec { name: name.value.clone(), title, hotfix, testing })
    }

    /// The ways to test a hotfix, one at least unless something is wrong.
    fn testing(&mut self, name: &Spanned<String>, doc: &document::Hotfix) -> Vec<Testing> {
        let what = "the probability of a wrong hotfix";
        if doc.testing.is_empty() {
            let wrong = doc.wrong.written().map_or(0.0, |wrong| self.share(wrong, what));
            if doc.duration.0 == Some(None) && doc.testing.complete {
                let message = format!("the hotfix \"{}\" does not say how long it takes", name.value);
                let help = "add duration: \"40m\", or testing: {\"none\": (duration: \"20m\", wrong: \"30%\"), ..}";
                self.error("missing-field", &name.span, message, help);
            }
            let duration = self.drawn(doc.duration.written());
            return vec![Testing { name: String::new(), duration, wrong }];
        }
        let twice = doc.duration.written().map(|duration| &duration.span);
        if let Some(span) = twice.or_else(|| doc.wrong.written().map(|wrong| &wrong.span)).cloned() {
            let message = "each way of `testing` has a duration and a chance to be wrong of its own";
            self.error("contradiction", &span, message, "remove it here");
        }
        for (name, _) in doc.testing.iter() {
            check_name(name, "a way to test", self.diagnostics);
        }
        let ways: Vec<_> = doc.testing.readable().collect();
        let way = |(name, doc): (&Spanned<String>, &document::Testing)| Testing {
            name: name.value.clone(),
            duration: self.drawn(doc.duration.as_ref()),
            wrong: doc.wrong.as_ref().map_or(0.0, |wrong| self.share(wrong, what)),
        };
        ways.into_iter().map(way).collect()
    }

    /// A hotfix must name an effect of some version of its service, in some variant, or it could never help.
    fn check_removes(&mut self, service: Id<ServiceSpec>, removes: &Spanned<String>) {
        let Some(doc) = self.doc.services[service.index()].1.as_ref() else { return };
        let effects_known = |version: &document::Version| version.effects.complete;
        let versions = &doc.versions;
        let readable =
            versions.complete && versions.iter().all(|(_, version)| version.as_ref().is_some_and(effects_known));
        let mut effects: Vec<&str> = doc.versions.readable().flat_map(|(_, version)| version.effects.names()).collect();
        effects.extend(self.hidden_effect_names(service));
        if readable && self.deploys_are_known() && !effects.contains(&removes.as_str()) {
            let what = format!("effect in any version of \"{}\"", self.names.service_name(service));
            unknown(&what, removes, &effects, self.diagnostics);
        }
    }
}

impl<'d> Resolver<'d, '_> {
    /// Whether every deploy of every variant could be read, with its effects.
    fn deploys_are_known(&self) -> bool {
        let known = |deploys: &document::Items<document::Deploy>| {
            deploys.complete && deploys.iter().all(|deploy| deploy.effects.complete)
        };
        let variant = |variant: &document::Variant| known(&variant.deploys);
        let variants = &self.doc.variants;
        variants.complete
            && variants.iter().all(|(_, one)| one.as_ref().is_some_and(variant))
            && self.doc.always.is_some()
            && self.doc.always.iter().all(|always| known(&always.deploys))
    }

    /// The names of what the versions of a service do in some variants only.
    fn hidden_effect_names(&self, service: Id<ServiceSpec>) -> impl Iterator<Item = &'d str> {
        let name = self.names.service_name(service).to_owned();
        let variants = self.doc.variants.readable().flat_map(|(_, variant)| variant.deploys.iter());
        let always = self.doc.always.as_ref().into_iter().flat_map(|always| always.deploys.iter());
        variants
            .chain(always)
            .filter(move |deploy| deploy.service.value == name)
            .flat_map(|deploy| deploy.effects.names())
    }
}

/// Extra calls as written.
pub(super) struct ExtraCalls<'a> {
    pub(super) call: &'a Spanned<String>,
    pub(super) via: Option<&'a Spanned<String>>,
    pub(super) count: &'a Spanned<document::Count>,
    pub(super) optional: bool,
    /// The greatest strength at which they are made.
    pub(super) strength: f64,
}
