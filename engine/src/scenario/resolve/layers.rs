//! Dependencies: their layers, balancing and network.

use crate::ids::{Id, Table};
use crate::model::{Balancing, BreakerScope, BreakerSpec, DependencySpec, Layer, LinkSpec, OnLoss};
use crate::scenario::document::{self, Items};
use crate::scenario::preset::{self, ConfiguredBreaker, Scope};
use crate::text::{Diagnostic, Span, Spanned};
use crate::units::Ratio;

use super::dependencies::{Caller, Declared};
use super::{Resolver, SharedBreaker, limits};

/// Where a dependency and its layers stand in the text.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct LayerPlaces {
    /// The target's name; `None` for a plain dependency that nobody declared.
    pub(in crate::scenario) to: Option<Span>,
    /// Each layer, in the order of the layers.
    pub(in crate::scenario) layers: Vec<Span>,
}

impl Resolver<'_, '_> {
    pub(super) fn resolve_dependencies(&mut self) -> (Table<DependencySpec>, Vec<LayerPlaces>) {
        let declared = self.dependencies.list.clone();
        let (mut table, mut places) = (Table::default(), Vec::new());
        for one in &declared {
            let (spec, layers) = self.dependency(one);
            table.push(spec);
            places.push(LayerPlaces { to: one.doc.map(|doc| doc.to.span.clone()), layers });
        }
        (table, places)
    }

    fn dependency(&mut self, declared: &Declared<'_>) -> (DependencySpec, Vec<Span>) {
        let caller = match declared.caller {
            Caller::Service(id) => Some(id),
            Caller::Population(_) => None,
        };
        let doc = declared.doc;
        let (layers, places) = doc.map_or_else(Default::default, |doc| self.layers(&doc.layers, declared));
        let spec = DependencySpec {
            name: declared.name.clone(),
            caller,
            target: declared.target,
            layers,
            balancing: doc.and_then(|doc| doc.balancing.as_ref()).map_or(Balancing::RoundRobin, balancing),
            link: self.link(doc),
            cancels: doc.and_then(|doc| *doc.cancels).unwrap_or(false),
            propagates_deadline: doc.and_then(|doc| *doc.propagates_deadline).unwrap_or(false),
        };
        (spec, places)
    }

    fn link(&mut self, doc: Option<&document::Dependency>) -> LinkSpec {
        let latency = self.drawn(doc.and_then(|doc| doc.latency.as_ref()));
        let Some(doc) = doc else { return LinkSpec { latency, loss: 0.0, on_loss: OnLoss::Drop } };
        let most = Ratio::new(0.99);
        let loss = doc.loss.as_ref();
        let loss =
            loss.map_or(0.0, |loss| self.within(loss, Ratio::ZERO..=most, "the share of lost messages").as_fraction());
        let on_loss = match doc.on_loss.as_ref() {
            Some(on_loss) => match on_loss.value {
                document::OnLoss::Drop => OnLoss::Drop,
                document::OnLoss::Retransmit(timeout) => {
                    let timeout = Spanned::new(timeout, on_loss.span.clone());
                    OnLoss::Retransmit { timeout: self.positive(&timeout, "the retransmission time-out") }
                }
            },
            None => OnLoss::Drop,
        };
        LinkSpec { latency, loss, on_loss }
    }

    fn layers(&mut self, docs: &Items<Spanned<document::Layer>>, declared: &Declared<'_>) -> (Vec<Layer>, Vec<Span>) {
        let (mut layers, mut places) = (Vec::new(), Vec::new());
        let mut seen: Vec<(&str, &Span)> = Vec::new();
        for doc in docs.iter() {
            let name = doc.value.name();
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
                let message = format!("a second {name} layer");
                let diagnostic = Diagnostic::error("duplicate-layer", doc.span.clone(), message);
                let diagnostic = diagnostic.label((*first).clone(), "first here");
                self.diagnostics.push(diagnostic.help("each kind of layer stands once: remove one of the two"));
                continue;
            }
            seen.push((name, &doc.span));
            if let document::Layer::Pool(_) = doc.value {
                self.refuse_breakers_of_instances(&layers, &places);
            }
            if let Some(layer) = self.layer(doc, declared) {
                layers.push(layer);
                places.push(doc.span.clone());
            }
        }
        (layers, places)
    }

    /// Outside of a pool nobody knows yet which instance a call will reach: the pool's connection decides.
    fn refuse_breakers_of_instances(&mut self, outside: &[Layer], places: &[Span]) {
        for (layer, span) in outside.iter().zip(places) {
            if let Layer::Breaker { scope: BreakerScope::Instance, .. } = layer {
                let help = "move the Breaker below the Pool, or give it another scope: Service";
                self.error(
                    "wrong-order",
                    span,
                    "a breaker of instances outside of the pool that chooses the instance",
                    help,
                );
            }
        }
    }

    fn layer(&mut self, doc: &Spanned<document::Layer>, declared: &Declared<'_>) -> Option<Layer> {
        Some(match &doc.value {
            document::Layer::Deadline(limit) => Layer::Deadline(self.positive(limit, "a deadline")),
            document::Layer::Timeout(limit) => Layer::Timeout(self.positive(limit, "a timeout")),
            document::Layer::Retry(retry) => Layer::Retry(preset::configure(retry, self.diagnostics)?),
            document::Layer::RateLimit(limit) => Layer::RateLimit(preset::configure(limit, self.diagnostics)?),
            document::Layer::Bulkhead(bulkhead) => Layer::Bulkhead(preset::configure(bulkhead, self.diagnostics)?),
            document::Layer::Pool(pool) => {
                let spec = preset::configure(pool, self.diagnostics)?;
                self.check_slots(&doc.span, spec.maximum_pool_size, declared, "connections");
                Layer::Pool(spec)
            }
            document::Layer::Breaker(breaker) => {
                let ConfiguredBreaker { spec, scope } = preset::configure(breaker, self.diagnostics)?;
                self.check_slots(&doc.span, spec.sliding_window_size, declared, "results in windows");
                let scope = self.scope(&scope, &spec, &doc.span);
                Layer::Breaker { spec, scope }
            }
        })
    }

    fn scope(&mut self, scope: &Scope, spec: &BreakerSpec, span: &Span) -> BreakerScope {
        match scope {
            Scope::Service => BreakerScope::Service,
            Scope::Endpoint => BreakerScope::Endpoint,
            Scope::Instance => BreakerScope::Instance,
            Scope::Shared(key) => {
                super::names::check_name(key, "a shared breaker", self.diagnostics);
                let at = self.shared_breaker(key, spec, span);
                BreakerScope::Shared { key: u16::try_from(at).unwrap_or(u16::MAX) }
            }
        }
    }

    /// The position of a shared breaker. There is one window and one state, so there can be one set of settings only.
    fn shared_breaker(&mut self, key: &Spanned<String>, spec: &BreakerSpec, span: &Span) -> usize {
        let Some(at) = self.shared_breakers.iter().position(|known| known.key == key.value) else {
            let (key, spec, span) = (key.value.clone(), spec.clone(), span.clone());
            self.shared_breakers.push(SharedBreaker { key, spec, span });
            return self.shared_breakers.len() - 1;
        };
        let first = &self.shared_breakers[at];
        if first.spec != *spec {
            let message = format!("the breaker shared as \"{}\" has other settings here than elsewhere", key.value);
            let diagnostic = Diagnostic::error("breaker-mismatch", span.clone(), message);
            let diagnostic = diagnostic.label(first.span.clone(), "first declared here");
            self.diagnostics
                .push(diagnostic.help("write the same settings at both places, or share under another key"));
        }
        at
    }

    /// Each instance of the caller has its own pool or window: together they must fit into memory.
    fn check_slots(&mut self, span: &Span, each: u32, declared: &Declared<'_>, what: &str) {
        let callers = match declared.caller {
            Caller::Service(id) => self.instances_of(id),
            Caller::Population(_) => 1,
        };
        let all = u64::from(callers) * u64::from(each);
        if all > limits::SLOTS {
            let message = format!("{callers} callers with {each} each make {all} {what}");
            self.error("too-many", span, message, format!("at most {}", limits::SLOTS));
        }
    }

    /// The number of instances of a service as written, if that is allowed.
    pub(super) fn instances_of(&self, service: Id<crate::model::ServiceSpec>) -> u32 {
        let doc = self.doc.services.get(service.index()).and_then(|(_, doc)| doc.as_ref());
        doc.and_then(|doc| doc.instances.as_ref()).map_or(1, |instances| instances.saturated().min(limits::INSTANCES))
    }
}

const fn balancing(doc: &document::Balancing) -> Balancing {
    match doc {
        document::Balancing::RoundRobin => Balancing::RoundRobin,
        document::Balancing::Random => Balancing::Random,
        document::Balancing::LeastRequests => Balancing::LeastRequests,
        document::Balancing::PowerOfTwo => Balancing::PowerOfTwo,
    }
}
