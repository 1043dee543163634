//! Hidden variants, faults, deploys.

use crate::fault::{DeploySpec, FaultKind, FaultSpec, VariantSpec, Victims};
use crate::ids::{Id, Table};
use crate::model::{Capacity, Change, Effect, Partition, ServiceSpec};
use crate::scenario::document::{self, Entries, Items};
use crate::text::{Diagnostic, Span, Spanned};
use crate::traffic::PopulationSpec;
use crate::units::{Ratio, SimTime};

use super::effects::ExtraCalls;
use super::names::{check_name, unknown};
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    /// The variants, and what happens in each of them. A version that does more in a variant than it says becomes a
    /// further version of its service, with the same name.
    pub(super) fn variants(&mut self, services: &mut Table<ServiceSpec>) -> (Vec<VariantSpec>, VariantSpec) {
        let doc = self.doc;
        if doc.variants.len() > limits::VARIANTS {
            let message = format!("{} variants are too many", doc.variants.len());
            self.error("too-many", &doc.variants.head, message, format!("at most {}", limits::VARIANTS));
        }
        let mut variants = Vec::new();
        for (name, variant) in doc.variants.iter() {
            check_name(name, "a variant", self.diagnostics);
            let Some(variant) = variant.as_ref() else { continue };
            let weight = variant.weight.as_ref().map_or(1.0, |weight| self.above_zero(weight, 1e9, "a weight"));
            let (faults, deploys) = (self.faults(&variant.faults), self.deploys(&variant.deploys, services));
            variants.push(VariantSpec { name: name.value.clone(), weight, faults, deploys });
        }
        if doc.variants.is_empty() {
            variants.push(VariantSpec {
                name: "only".to_owned(),
                weight: 1.0,
                faults: Vec::new(),
                deploys: Vec::new(),
            });
        }
        let (faults, deploys) = match doc.always.as_ref() {
            Some(always) => (self.faults(&always.faults), self.deploys(&always.deploys, services)),
            None => (Vec::new(), Vec::new()),
        };
        (variants, VariantSpec { name: "always".to_owned(), weight: 1.0, faults, deploys })
    }

    fn deploys(&mut self, docs: &Items<document::Deploy>, services: &mut Table<ServiceSpec>) -> Vec<DeploySpec> {
        docs.iter().filter_map(|doc| self.deploy(doc, services)).collect()
    }

    fn deploy(&mut self, doc: &document::Deploy, services: &mut Table<ServiceSpec>) -> Option<DeploySpec> {
        let at = self.instant(&doc.at);
        let service = self.names.service(&doc.service, self.diagnostics)?;
        let versions: Vec<&str> =
            self.doc.services[service.index()].1.as_ref()?.versions.names().take(limits::VERSIONS).collect();
        let position = versions.iter().position(|version| *version == doc.version.value);
        if position.is_none() && self.doc.services[service.index()].1.as_ref()?.versions.complete {
            let what = format!("version of \"{}\"", self.names.service_name(service));
            unknown(&what, &doc.version, &versions, self.diagnostics);
        }
        let effects = self.hidden_effects(service, &doc.effects);
        let mut version = u16::try_from(position?).ok()?;
        if let Some(of_service) = services.get_mut(service)
            && !effects.is_empty()
        {
            version = self.guilty_version(of_service, version, effects, &doc.version.span)?;
        }
        Some(DeploySpec { at, service, version })
    }

    /// What a version does in one variant only.
    fn hidden_effects(&mut self, service: Id<ServiceSpec>, docs: &Entries<document::Effect>) -> Vec<Effect> {
        docs.readable().filter_map(|(name, effect)| self.effect(service, name, effect)).collect()
    }

    /// Adds the version with further effects to its service, under the same name.
    fn guilty_version(&mut self, service: &mut ServiceSpec, of: u16, effects: Vec<Effect>, span: &Span) -> Option<u16> {
        if service.versions.len() >= limits::VERSIONS {
            let message =
                format!("the versions of \"{}\", with those that do more in some variant, are too many", service.name);
            self.error("too-many", span, message, format!("at most {}", limits::VERSIONS));
            return None;
        }
        let mut version = service.versions.get(usize::from(of))?.clone();
        version.effects.extend(effects);
        service.versions.push(version);
        u16::try_from(service.versions.len() - 1).ok()
    }

    fn faults(&mut self, docs: &Entries<document::Fault>) -> Vec<FaultSpec> {
        for (name, _) in docs.iter() {
            check_name(name, "a fault", self.diagnostics);
        }
        let readable: Vec<_> = docs.readable().collect();
        readable.into_iter().filter_map(|(name, doc)| self.fault(name, doc)).collect()
    }

    fn fault(&mut self, name: &Spanned<String>, doc: &document::Fault) -> Option<FaultSpec> {
        let changes = self.changes(&doc.changes, doc.start.as_ref());
        let strongest = changes.iter().map(|change| change.1).fold(1.0, f64::max);
        let kind = doc.does.as_ref().and_then(|kind| self.fault_kind(kind, strongest));
        if let Some(kind) = &kind {
            self.check_strengths(kind, &doc.changes);
            self.check_rounding(kind, doc);
        }
        let start = doc.start.as_ref().and_then(|trigger| self.start(trigger));
        let heal = doc.heal.written().and_then(|trigger| self.heal(trigger, doc.start.as_ref()));
        self.changes_after_the_heal(doc);
        Some(FaultSpec { name: name.value.clone(), kind: kind?, start: start?, changes, heal })
    }

    /// A strength s scales a factor f to 1 + s(f - 1), which must not end up below zero, nor work take no time.
    fn check_strengths(&mut self, kind: &FaultKind, docs: &Items<(document::Moment, Spanned<Ratio>)>) {
        let (factor, zero_is_right) = match kind {
            FaultKind::Behaviour { change: Change::ServiceTime { factor }, .. } => (*factor, false),
            FaultKind::TrafficSpike { factor, .. } => (*factor, true),
            _ => return,
        };
        for (_, strength) in docs.iter() {
            let scaled = 1.0 + strength.value.as_fraction() * (factor - 1.0);
            if scaled < 0.0 || (scaled == 0.0 && !zero_is_right) {
                let message = format!("at a strength of {} the factor {factor} becomes {scaled}", strength.value);
                let below = if zero_is_right { "at most" } else { "less than" };
                let help =
                    format!("{below} {}, where 1 + strength x (factor - 1) is 0", Ratio::new(1.0 / (1.0 - factor)));
                self.error("out-of-range", &strength.span, message, help);
            }
        }
    }

    /// Workers are lost whole. Where that is far from the share as written, or nothing at all, the author is told.
    fn check_rounding(&mut self, kind: &FaultKind, doc: &document::Fault) {
        let FaultKind::LostCapacity { service, ratio: written } = kind else { return };
        let Some(document::FaultKind::LostCapacity { ratio, .. }) = doc.does.as_ref() else { return };
        self.warn_of_rounding(*service, *written, &ratio.span);
        for (_, strength) in doc.changes.iter() {
            self.warn_of_rounding(*service, written * strength.value.as_fraction(), &strength.span);
        }
    }

    fn warn_of_rounding(&mut self, service: Id<ServiceSpec>, share: f64, span: &Span) {
        const FAR: f64 = 0.1;
        let doc = self.doc.services[service.index()].1.as_ref();
        let capacity = doc.and_then(|doc| doc.capacity.as_ref()).map(|capacity| &capacity.value);
        let Some(document::Capacity::Workers(workers)) = capacity else { return };
        let (workers, instances) = (workers.saturated(), self.instances_of(service));
        let all = u64::from(workers) * u64::from(instances);
        if all == 0 || !(0.0..=1.0).contains(&share) || share == 0.0 {
            return;
        }
        let lost = Capacity::Workers(workers).workers_lost(u64::from(instances), share);
        if lost > 0 && (lost as f64 / all as f64 - share).abs() <= FAR {
            return;
        }
        let percent = Ratio::new(libm::round(share * 1e3) / 1e3);
        let name = self.names.service_name(service);
        let message = match lost {
            0 => format!(
                "{percent} of the workers of \"{name}\", of which there are {all} in all, are none: nothing is lost"
            ),
            _ => format!("{percent} of the workers of \"{name}\", of which there are {all} in all, are {lost}"),
        };
        let help = "workers are lost whole, and below 100% one stays: give the service more workers or instances, or \
                    ProcessorSharing(cores: ..), of which any share can be lost, or slow it down: Slowdown(service: .., factor: ..)";
        self.diagnostics.push(Diagnostic::warning("rounded", span.clone(), message).help(help));
    }

    /// A dependency that has a pool.
    pub(super) fn pooled(&mut self, name: &Spanned<String>) -> Option<usize> {
        let at = self.dependencies.named(name, self.diagnostics)?;
        self.require_pool(at, name);
        Some(at)
    }

    fn fault_kind(&mut self, doc: &document::FaultKind, strongest: f64) -> Option<FaultKind> {
        use document::FaultKind as Doc;
        Some(match doc {
            Doc::Slowdown { service, endpoint, factor } => {
                let change = self.slowdown(factor);
                self.behaviour(service, endpoint.as_ref(), change)?
            }
            Doc::AddedWork { service, endpoint, work } => {
                let change = Change::AddedWork { work: self.drawn(Some(work)) };
                self.behaviour(service, endpoint.as_ref(), change)?
            }
            Doc::Errors { service, endpoint, ratio, kind } => {
                let change = self.errors(ratio, kind);
                self.behaviour(service, endpoint.as_ref(), change)?
            }
            Doc::ExtraCalls { service, endpoint, call, via, count, optional } => {
                let extra = ExtraCalls { call, via: via.as_ref(), count, optional: *optional, strength: strongest };
                let caller = self.names.service(service, self.diagnostics)?;
                let only = self.only(caller, endpoint.as_ref())?;
                let change = self.extra_calls(caller, only, &extra)?;
                FaultKind::Behaviour { service: caller, endpoint: only, change }
            }
            Doc::ConnectionHold { service, endpoint, dependency, hold } => {
                let caller = self.names.service(service, self.diagnostics)?;
                let change = self.connection_hold(caller, dependency, hold)?;
                self.behaviour(service, endpoint.as_ref(), change)?
            }
            Doc::Crash { service, instances, instance } => {
                self.crash(service, instances.as_ref(), instance.as_ref())?
            }
            Doc::LostCapacity { service, ratio } => self.lost_capacity(service, ratio)?,
            Doc::Partition { dependency, instance, messages } => {
                let at = self.dependencies.named(dependency, self.diagnostics)?;
                let partition = match messages {
                    document::Messages::Drop => Partition::Drop,
                    document::Messages::Delay => Partition::Delay,
                };
                let target = self.dependencies.list[at].target;
                let instance = instance.as_ref().map(|number| self.instance_number(target, number));
                FaultKind::Partition { dependency: Self::dependency_id(at), instance, partition }
            }
            Doc::ConnectionLeak { dependency, ratio } => {
                let ratio = self.share(ratio, "the share of leaked connections");
                FaultKind::ConnectionLeak { dependency: Self::dependency_id(self.pooled(dependency)?), ratio }
            }
            Doc::TrafficSpike { population, factor } => self.traffic_spike(population, factor)?,
        })
    }

    fn behaviour(
        &mut self,
        service: &Spanned<String>,
        endpoint: Option<&Spanned<String>>,
        change: Change,
    ) -> Option<FaultKind> {
        let service = self.names.service(service, self.diagnostics)?;
        let endpoint = self.only(service, endpoint)?;
        Some(FaultKind::Behaviour { service, endpoint, change })
    }

    fn crash(
        &mut self,
        service: &Spanned<String>,
        instances: Option<&Spanned<document::Count>>,
        instance: Option<&Spanned<document::Count>>,
    ) -> Option<FaultKind> {
        let id: Id<ServiceSpec> = self.names.service(service, self.diagnostics)?;
        let there = self.instances_of(id).max(1);
        let what = format!("the number of crashing instances of \"{}\"", service.value);
        let number = instances.map(|instances| self.count(instances, 1..=there, &what));
        let Some(instance) = instance else {
            return Some(FaultKind::Crash { service: id, victims: Victims::First(number.unwrap_or(1)) });
        };
        if let Some(instances) = instances {
            let message = "both a number of instances and one instance are given";
            self.error("conflict", &instances.span, message, "leave `instances` out: `instance` is one by its number");
        }
        Some(FaultKind::Crash { service: id, victims: Victims::Only(self.instance_number(id, instance)) })
    }

    /// The number of an instance, counted from 0.
    fn instance_number(&mut self, service: Id<ServiceSpec>, number: &Spanned<document::Count>) -> u32 {
        let last = self.instances_of(service).max(1) - 1;
        let what = format!("the number of an instance of \"{}\"", self.names.service_name(service));
        self.count(number, 0..=last, &what)
    }

    fn lost_capacity(&mut self, service: &Spanned<String>, ratio: &Spanned<Ratio>) -> Option<FaultKind> {
        let ratio = self.share(ratio, "the share of lost capacity");
        let id: Id<ServiceSpec> = self.names.service(service, self.diagnostics)?;
        let capacity = self.doc.services[id.index()].1.as_ref().and_then(|doc| doc.capacity.as_ref());
        if capacity.is_some_and(|capacity| capacity.value == document::Capacity::Unlimited) {
            let message = format!("\"{}\" has unlimited capacity: there is none to lose", service.value);
            self.error("pointless", &service.span, message, "give it Workers(..) or ProcessorSharing(cores: ..)");
        }
        Some(FaultKind::LostCapacity { service: id, ratio })
    }

    fn traffic_spike(&mut self, population: &Spanned<String>, factor: &Spanned<f64>) -> Option<FaultKind> {
        let factor = self.number(factor, 0.0..=limits::FACTOR, "the factor of a traffic spike");
        let id: Id<PopulationSpec> = self.names.population(population, self.diagnostics)?;
        let arrivals = self.doc.populations[id.index()].1.as_ref().and_then(|doc| doc.arrivals.as_ref());
        let fixed = arrivals.and_then(|arrivals| match arrivals.value {
            document::Arrivals::Closed { .. } => Some("has a fixed number of users"),
            document::Arrivals::Trace { .. } => Some("is recorded"),
            _ => None,
        });
        if let Some(why) = fixed {
            let message = format!("the population \"{}\" {why}: it has no rate that could rise", population.value);
            self.error("pointless", &population.span, message, "spikes are for Poisson, Constant and Sessions");
        }
        Some(FaultKind::TrafficSpike { population: id, factor })
    }

    /// An instant that can be reached; a warning if the run ends before it.
    pub(super) fn instant(&mut self, at: &Spanned<SimTime>) -> SimTime {
        let last = SimTime::ZERO.saturating_add(limits::SPAN);
        if at.value > last {
            self.error("out-of-range", &at.span, format!("the instant is {}", at.value), format!("at most {last}"));
        } else if self.end().is_some_and(|end| at.value >= end) {
            let warning =
                Diagnostic::warning("after-the-end", at.span.clone(), "this happens after the end of the run");
            self.diagnostics.push(warning.help("lengthen the `duration`, or let it happen earlier"));
        }
        at.value
    }
}
