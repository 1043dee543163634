//! Messages that come in.

use crate::ids::Id;
use crate::response::comms::Audience;
use crate::response::people::{InjectMoment, InjectSpec};
use crate::scenario::document;
use crate::text::Spanned;
use crate::units::{SimDuration, SimTime};

use super::names::{check_name, unknown};
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    pub(super) fn injects(&mut self, people: &document::People, has_audiences: bool) -> Vec<InjectSpec> {
        if people.injects.len() > limits::INJECTS {
            let message = format!("{} messages are too many", people.injects.len());
            self.error("too-many", &people.injects.head, message, format!("at most {}", limits::INJECTS));
            return Vec::new();
        }
        let mut injects = Vec::new();
        for (name, doc) in people.injects.iter() {
            check_name(name, "a message", self.diagnostics);
            injects.extend(doc.as_ref().and_then(|doc| self.inject(name, doc, has_audiences)));
        }
        injects
    }

    fn inject(&mut self, name: &Spanned<String>, doc: &document::Inject, has_audiences: bool) -> Option<InjectSpec> {
        let takes = self.within(&doc.takes, SimDuration::ZERO..=limits::SPAN, "how long a message keeps the lead");
        let when = match doc.when.as_ref()? {
            document::When::At(at) => {
                if self.end().is_some_and(|end| SimTime::ZERO.saturating_add(at.value) >= end) {
                    let message = format!("the message comes at {}, when the run is over", at.value);
                    self.error("out-of-range", &at.span, message, "before the end of the run");
                }
                InjectMoment::At(SimTime::ZERO.saturating_add(at.value))
            }
            document::When::Alert { alert, after } => {
                let doc = self.doc.monitoring.written();
                let names: Vec<&str> = doc.iter().flat_map(|doc| doc.alerts.names()).collect();
                let Some(found) = names.iter().position(|name| *name == alert.as_str()) else {
                    if doc.is_none_or(|doc| doc.alerts.complete) {
                        unknown("alert", alert, &names, self.diagnostics);
                    }
                    return None;
                };
                let after = self.within(after, SimDuration::ZERO..=limits::SPAN, "the time after an alert");
                InjectMoment::Alert { alert: Id::from_usize(found), after }
            }
            document::When::Silence { audience, after } => {
                if !has_audiences {
                    let message = format!("nobody waits for word, so nobody can miss it in \"{}\"", name.value);
                    self.error("nothing", &after.span, message, "add audiences: ()");
                }
                let after = self.positive(after, "the silence");
                InjectMoment::Silence { audience: listener(audience), after }
            }
        };
        let (from, text) = (doc.from.0.clone()?, doc.text.0.clone()?);
        Some(InjectSpec { name: name.value.clone(), when, from, text, takes })
    }
}

const fn listener(doc: &document::Listener) -> Audience {
    match doc {
        document::Listener::StatusPage => Audience::StatusPage,
        document::Listener::Executives => Audience::Executives,
        document::Listener::Support => Audience::Support,
        document::Listener::Engineering => Audience::Engineering,
    }
}
