//! Names of services, endpoints and populations, and what they refer to.
//!
//! A name that could not be read has been reported; what refers to it is not reported again.

use std::collections::BTreeMap;

use crate::ids::Id;
use crate::model::{EndpointSpec, ServiceSpec};
use crate::scenario::document;
use crate::scenario::preset::help_with;
use crate::text::{Diagnostic, Diagnostics, Spanned};
use crate::traffic::PopulationSpec;

use super::limits;

/// Every name that others refer to.
#[derive(Debug)]
pub(super) struct Names<'d> {
    services: Vec<&'d str>,
    endpoints: Vec<(usize, &'d str)>,
    populations: Vec<&'d str>,
    by_service: BTreeMap<&'d str, Id<ServiceSpec>>,
    by_endpoint: BTreeMap<(usize, &'d str), Id<EndpointSpec>>,
    by_population: BTreeMap<&'d str, Id<PopulationSpec>>,
    /// Services of which not every endpoint is known.
    vague: Vec<bool>,
    services_complete: bool,
    populations_complete: bool,
}

impl<'d> Names<'d> {
    /// Collects and checks the names. `None` (reported) when there are too many of them to go on.
    pub(super) fn collect(doc: &'d document::Scenario, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut names = Self {
            services: Vec::new(),
            endpoints: Vec::new(),
            populations: Vec::new(),
            by_service: BTreeMap::new(),
            by_endpoint: BTreeMap::new(),
            by_population: BTreeMap::new(),
            vague: Vec::new(),
            services_complete: doc.services.complete,
            populations_complete: doc.populations.complete,
        };
        for (name, service) in doc.services.iter() {
            check_name(name, "a service", diagnostics);
            names.add_service(name, service.as_ref(), diagnostics);
        }
        for (name, _) in doc.populations.iter() {
            check_name(name, "a population", diagnostics);
            names.by_population.insert(name, Id::from_usize(names.populations.len()));
            names.populations.push(name);
        }
        names.within_limits(doc, diagnostics).then_some(names)
    }

    fn add_service(
        &mut self,
        name: &'d Spanned<String>,
        service: Option<&'d document::Service>,
        diagnostics: &mut Diagnostics,
    ) {
        let index = self.services.len();
        self.by_service.insert(name, Id::from_usize(index));
        self.services.push(name);
        self.vague.push(service.is_none_or(|service| !service.endpoints.complete));
        for (name, _) in service.iter().flat_map(|service| service.endpoints.iter()) {
            check_name(name, "an endpoint", diagnostics);
            self.by_endpoint.insert((index, name), Id::from_usize(self.endpoints.len()));
            self.endpoints.push((index, name));
        }
    }

    fn within_limits(&self, doc: &document::Scenario, diagnostics: &mut Diagnostics) -> bool {
        let counts = [
            (self.services.len(), limits::SERVICES, "services", &doc.services.head),
            (self.endpoints.len(), limits::ENDPOINTS, "endpoints", &doc.services.head),
            (self.populations.len(), limits::POPULATIONS, "populations", &doc.populations.head),
        ];
        let mut within = true;
        for (count, most, what, head) in counts {
            if count > most {
                let message = format!("{count} {what} are too many");
                diagnostics.push(Diagnostic::error("too-many", head.clone(), message).help(format!("at most {most}")));
                within = false;
            }
        }
        within
    }

    /// The service of that name. `None` after reporting that there is none.
    pub(super) fn service(&self, name: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Id<ServiceSpec>> {
        let found = self.by_service.get(name.as_str()).copied();
        if found.is_none() && self.services_complete {
            unknown("service", name, &self.services, diagnostics);
        }
        found
    }

    /// The endpoint of a service. `None` when there is none, which is reported unless the service could not be read.
    pub(super) fn endpoint_of(
        &self,
        service: Id<ServiceSpec>,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Id<EndpointSpec>> {
        let found = self.by_endpoint.get(&(service.index(), name.as_str())).copied();
        if found.is_none() && !self.vague[service.index()] {
            let candidates: Vec<&str> = self.endpoints_of(service).map(|(_, name)| name).collect();
            unknown(&format!("endpoint of \"{}\"", self.services[service.index()]), name, &candidates, diagnostics);
        }
        found
    }

    /// The endpoint named `service.endpoint`.
    pub(super) fn endpoint(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Id<ServiceSpec>, Id<EndpointSpec>)> {
        let Some((service, endpoint)) = name.split_once('.') else {
            self.not_an_endpoint(name, diagnostics);
            return None;
        };
        let (start, split) = (name.span.start, service.len());
        // Both parts are pointed at in the text: behind the opening quote, before the closing one.
        let service_name = Spanned::new(service.to_owned(), start + 1..start + 1 + split);
        let end = name.span.end.saturating_sub(1).max(start + split + 2);
        let endpoint_name = Spanned::new(endpoint.to_owned(), start + split + 2..end);
        let service = self.service(&service_name, diagnostics)?;
        let endpoint = self.endpoint_of(service, &endpoint_name, diagnostics)?;
        Some((service, endpoint))
    }

    fn not_an_endpoint(&self, name: &Spanned<String>, diagnostics: &mut Diagnostics) {
        let message = format!("\"{}\" does not name an endpoint", name.value);
        let example = self
            .by_service
            .get(name.as_str())
            .and_then(|service| self.endpoints_of(*service).next())
            .map(|(id, _)| self.endpoint_name(id));
        let help = match example {
            Some(example) => format!("write service.endpoint: \"{example}\""),
            None => "write service.endpoint, with a dot in between".to_owned(),
        };
        diagnostics.push(Diagnostic::error("unknown-name", name.span.clone(), message).help(help));
    }

    /// The population of that name. `None` after reporting that there is none.
    pub(super) fn population(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Id<PopulationSpec>> {
        let found = self.by_population.get(name.as_str()).copied();
        if found.is_none() && self.populations_complete {
            unknown("population", name, &self.populations, diagnostics);
        }
        found
    }

    /// The service of that name, without a word if there is none.
    pub(super) fn find_service(&self, name: &str) -> Option<Id<ServiceSpec>> {
        self.by_service.get(name).copied()
    }

    /// The name of a service.
    pub(super) fn service_name(&self, id: Id<ServiceSpec>) -> &'d str {
        self.services[id.index()]
    }

    /// The name of a population.
    pub(super) fn population_name(&self, id: Id<PopulationSpec>) -> &'d str {
        self.populations[id.index()]
    }

    /// `service.endpoint`.
    pub(super) fn endpoint_name(&self, id: Id<EndpointSpec>) -> String {
        let (service, name) = self.endpoints[id.index()];
        format!("{}.{name}", self.services[service])
    }

    /// The service of an endpoint.
    pub(super) fn service_of(&self, id: Id<EndpointSpec>) -> Id<ServiceSpec> {
        Id::from_usize(self.endpoints[id.index()].0)
    }

    /// The endpoints of a service, in order.
    pub(super) fn endpoints_of(&self, service: Id<ServiceSpec>) -> impl Iterator<Item = (Id<EndpointSpec>, &'d str)> {
        let from = self.endpoints.partition_point(|(owner, _)| *owner < service.index());
        let own = self.endpoints[from..].iter().take_while(move |(owner, _)| *owner == service.index());
        own.enumerate().map(move |(at, (_, name))| (Id::from_usize(from + at), *name))
    }

    /// How many endpoints there are.
    pub(super) fn endpoint_count(&self) -> usize {
        self.endpoints.len()
    }
}

/// Reports a name that is not among the candidates, with the nearest of them.
pub(super) fn unknown(what: &str, name: &Spanned<String>, candidates: &[&str], diagnostics: &mut Diagnostics) {
    // Beyond the limit nobody reads it, and looking for the nearest of many names takes time.
    let help = if diagnostics.len() < Diagnostics::LIMIT { help_with(name, candidates) } else { String::new() };
    let message = format!("there is no {what} called \"{}\"", shorten(name));
    diagnostics.push(Diagnostic::error("unknown-name", name.span.clone(), message).help(help));
}

fn shorten(name: &str) -> String {
    match name.char_indices().nth(limits::NAME) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}

/// Reports a name that could not be referred to.
pub(super) fn check_name(name: &Spanned<String>, what: &str, diagnostics: &mut Diagnostics) {
    check_name_with(name, what, "", diagnostics);
}

/// As [`check_name`], with further characters allowed.
pub(super) fn check_name_with(name: &Spanned<String>, what: &str, also: &str, diagnostics: &mut Diagnostics) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || also.contains(c);
    if !name.is_empty() && name.len() <= limits::NAME && name.chars().all(allowed) {
        return;
    }
    let message = format!("\"{}\" cannot be the name of {what}", shorten(name));
    let dots = if also.is_empty() { "" } else { ", dots" };
    let help = format!("use letters, digits, hyphens and underscores{dots}, 1 to {} of them", limits::NAME);
    diagnostics.push(Diagnostic::error("bad-name", name.span.clone(), message).help(help));
}
