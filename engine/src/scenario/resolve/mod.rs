//! From the document to the scenario: names become ids, defaults and presets are filled in, every number is checked.
//!
//! Everything is checked before anything is given up, so that one reading reports all there is to report. A value that is
//! wrong is reported and replaced by some harmless one; the scenario is thrown away in the end if there was an error.

mod audiences;
mod checks;
mod csv;
mod cycles;
mod dependencies;
mod effects;
mod evidence;
mod faults;
mod injects;
mod layers;
mod limits;
mod load;
mod menu;
mod monitoring;
mod names;
mod people;
mod redeploys;
mod services;
mod signals;
mod size;
mod trace;
mod traffic;
mod triggers;

pub(super) use layers::LayerPlaces;
pub(super) use load::Load;
pub use trace::MAX_TRACE_BYTES;

use crate::ids::Id;
use crate::model::{BreakerSpec, EndpointSpec, Step, SystemSpec};
use crate::text::{Diagnostic, Diagnostics, Span, Spanned};
use crate::units::SimDuration;

use super::findings::Sources;
use super::{Files, Scenario, document};
use dependencies::Dependencies;
use names::Names;

/// A resolved scenario with what the checks for misconfigurations need besides it.
pub(super) struct Resolved {
    pub(super) scenario: Scenario,
    /// Where each dependency and its layers stand in the text.
    pub(super) places: Vec<LayerPlaces>,
    /// Where each service's capacity, queue and connection limit stand.
    pub(super) service_places: Vec<services::ServicePlaces>,
    /// Where each population's arrivals stand.
    pub(super) arrival_places: Vec<Span>,
    /// The plan of each endpoint, as a tree.
    pub(super) plans: Vec<Vec<Step>>,
    /// How much is expected to arrive where.
    pub(super) load: Load,
}

/// Resolves a document. What is wrong has been reported; `None` when there was an error.
pub(super) fn resolve(
    doc: &document::Scenario,
    sources: &mut Sources,
    files: Files<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Resolved> {
    let names = Names::collect(doc, diagnostics)?;
    let dependencies = Dependencies::collect(doc, &names, diagnostics);
    if dependencies.list.len() > limits::DEPENDENCIES {
        let message = format!("{} dependencies are too many", dependencies.list.len());
        let diagnostic = Diagnostic::error("too-many", doc.services.head.clone(), message);
        diagnostics.push(diagnostic.help(format!("at most {}", limits::DEPENDENCIES)));
        return None;
    }
    let mut resolver = Resolver {
        doc,
        edges: vec![Vec::new(); names.endpoint_count()],
        work: vec![0.0; names.endpoint_count()],
        steps_taken: vec![0.0; names.endpoint_count()],
        plans: Vec::new(),
        names,
        dependencies,
        shared_breakers: Vec::new(),
        diagnostics,
        sources,
        files,
    };
    resolver.resolve()
}

/// A call from one endpoint to another: how often a request makes it on average, and where it stands.
#[derive(Clone, Debug)]
struct Edge {
    to: Id<EndpointSpec>,
    dependency: usize,
    count: f64,
    span: Span,
}

/// A breaker that several dependencies share, as it was first declared.
#[derive(Clone, Debug)]
struct SharedBreaker {
    key: String,
    spec: BreakerSpec,
    span: Span,
}

struct Resolver<'d, 'x> {
    doc: &'d document::Scenario,
    names: Names<'d>,
    dependencies: Dependencies<'d>,
    /// By endpoint: what it calls.
    edges: Vec<Vec<Edge>>,
    /// By endpoint: the mean local work of a request, in nanoseconds.
    work: Vec<f64>,
    /// By endpoint: how many steps a request is expected to take.
    steps_taken: Vec<f64>,
    /// The plan of each endpoint.
    plans: Vec<Vec<Step>>,
    shared_breakers: Vec<SharedBreaker>,
    diagnostics: &'x mut Diagnostics,
    sources: &'x mut Sources,
    files: Files<'x>,
}

impl Resolver<'_, '_> {
    fn resolve(&mut self) -> Option<Resolved> {
        self.header();
        let (mut services, endpoints, service_places) = self.services();
        let (dependencies, places) = self.resolve_dependencies();
        let populations = self.populations();
        let (variants, always) = self.variants(&mut services);
        self.warn_redeploys();
        let hotfixes = self.hotfixes();
        let people = self.people();
        let menu = self.menu();
        let monitoring = self.monitoring(&populations);
        let evidence = self.evidence();
        let shared_breakers = std::mem::take(&mut self.shared_breakers).into_iter().map(|known| known.key).collect();
        let acyclic = self.check_cycles();
        if self.diagnostics.has_errors() || !acyclic {
            return None;
        }
        let doc = self.doc;
        let name = doc.name.as_ref()?.value.clone();
        let scenario = Scenario {
            title: doc.title.0.clone().unwrap_or_else(|| name.clone()),
            name,
            story: doc.story.0.clone().unwrap_or_default(),
            about: super::About::from(doc),
            duration: doc.duration.as_ref()?.value,
            system: SystemSpec { services, endpoints, dependencies, shared_breakers },
            populations,
            variants,
            always,
            hotfixes,
            people,
            menu,
            monitoring,
            evidence,
        };
        self.check_size(&scenario);
        self.check_depth();
        let load = self.load(&scenario);
        let arrival_places = self.arrival_places();
        let plans = std::mem::take(&mut self.plans);
        (!self.diagnostics.has_errors()).then_some(Resolved {
            scenario,
            places,
            service_places,
            arrival_places,
            plans,
            load,
        })
    }

    fn header(&mut self) {
        let doc = self.doc;
        if let Some(name) = doc.name.as_ref() {
            names::check_name(name, "a scenario", self.diagnostics);
        }
        if let Some(duration) = doc.duration.as_ref() {
            self.duration(duration);
        }
        if doc.services.complete && doc.services.is_empty() {
            self.error("nothing", &doc.services.head, "there are no services", "add {\"api\": (..)}");
        }
    }

    fn duration(&mut self, duration: &Spanned<SimDuration>) {
        let second = SimDuration::SECOND;
        self.within(duration, second..=limits::DURATION, "the duration of a run");
        if duration.value > second && !duration.as_nanos().is_multiple_of(second.as_nanos()) {
            let message = format!("the duration of a run is {}: measures are taken every second", duration.value);
            let whole = SimDuration::from_secs(duration.as_nanos().div_ceil(second.as_nanos()));
            self.error("out-of-range", &duration.span, message, format!("whole seconds, such as {whole}"));
        }
    }

    /// The id of a dependency by its position.
    fn dependency_id(at: usize) -> Id<crate::model::DependencySpec> {
        Id::from_usize(at)
    }
}
