//! Deploys that change nothing, because the version that they bring runs already.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::document::Deploy;
use crate::text::{Diagnostic, Span};

use super::Resolver;

impl Resolver<'_, '_> {
    /// Warns of deploys of the version that runs at that time, whichever variant is true.
    pub(super) fn warn_redeploys(&mut self) {
        let doc = self.doc;
        let always: Vec<&Deploy> = doc.always.iter().flat_map(|always| always.deploys.iter()).collect();
        let mut histories: Vec<Vec<&Deploy>> =
            doc.variants.readable().map(|(_, variant)| variant.deploys.iter().collect()).collect();
        if histories.is_empty() {
            histories.push(Vec::new());
        }
        let of_all: BTreeSet<usize> = always.iter().map(|deploy| deploy.version.span.start).collect();
        let mut idle: BTreeMap<usize, (&Deploy, usize)> = BTreeMap::new();
        for history in &mut histories {
            history.extend(&always);
            history.sort_by_key(|deploy| deploy.at.value);
            for deploy in self.without_change(history) {
                idle.entry(deploy.version.span.start).or_insert((deploy, 0)).1 += 1;
            }
        }
        for (place, (deploy, times)) in idle {
            if times == histories.len() || !of_all.contains(&place) {
                self.warn_redeploy(deploy);
            }
        }
    }

    /// The deploys of one history, in order of time, that bring what is there.
    fn without_change<'a>(&self, history: &[&'a Deploy]) -> Vec<&'a Deploy> {
        let mut last: BTreeMap<&str, &Deploy> = BTreeMap::new();
        let mut found = Vec::new();
        for deploy in history {
            let version = deploy.version.value.as_str();
            let runs = match last.insert(&deploy.service.value, deploy) {
                Some(before) => before.effects.is_empty() && before.version.value == version,
                None => self.first_version(deploy) == Some(version),
            };
            if runs && deploy.effects.complete && deploy.effects.is_empty() {
                found.push(*deploy);
            }
        }
        found
    }

    /// What the service of a deploy runs at the start.
    fn first_version(&self, deploy: &Deploy) -> Option<&str> {
        let versions = &self.doc.services[self.names.find_service(&deploy.service.value)?.index()].1.as_ref()?.versions;
        versions.names().next().filter(|_| versions.complete)
    }

    fn warn_redeploy(&mut self, deploy: &Deploy) {
        let service = self.doc.services.readable().find(|(name, _)| name.value == deploy.service.value);
        let others: Vec<&str> = service.map_or_else(Vec::new, |(_, service)| {
            service.versions.names().filter(|name| *name != deploy.version.value).collect()
        });
        let message = format!("\"{}\" runs {} at this time already", deploy.service.value, deploy.version.value);
        let help = match others.as_slice() {
            [] => "add a version behind the first: the first one runs from the start".to_owned(),
            [only] => format!("the first version runs from the start; did you mean \"{only}\"?"),
            some => format!("the first version runs from the start; there are also {}", some.join(", ")),
        };
        let span: Span = deploy.version.span.clone();
        self.diagnostics.push(Diagnostic::warning("redeploy", span, message).help(help));
    }
}
