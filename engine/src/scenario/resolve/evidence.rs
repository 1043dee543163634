//! Instruments: how long each takes, which are not there, what they are blind to, and authored answers.

use crate::observe::{Clue, EvidenceSpec, Instrument, OwnInstrument, Subject};
use crate::scenario::document;
use crate::text::{Spanned, suggest};
use crate::units::SimDuration;

use super::names::{check_name, unknown};
use super::{Resolver, limits};

/// How long one of the scenario's own takes where nothing is said.
const USUAL: SimDuration = SimDuration::from_secs(120);

impl Resolver<'_, '_> {
    /// What can be asked.
    pub(super) fn evidence(&mut self) -> EvidenceSpec {
        let docs = &self.doc.evidence;
        let mut spec = EvidenceSpec::default();
        if docs.len() > limits::INSTRUMENTS {
            let message = format!("{} instruments are too many", docs.len());
            self.error("too-many", &docs.head, message, format!("at most {}", limits::INSTRUMENTS));
            return spec;
        }
        for (name, doc) in docs.readable() {
            match Instrument::from_name(name) {
                Some(instrument) => self.known_instrument(instrument, name, doc, &mut spec),
                None => {
                    let own = self.own_instrument(name, doc);
                    spec.own.push(own);
                }
            }
        }
        spec
    }

    fn known_instrument(
        &mut self,
        instrument: Instrument,
        name: &Spanned<String>,
        doc: &document::Instrument,
        spec: &mut EvidenceSpec,
    ) {
        if !doc.shows.is_empty() || doc.title.is_some() {
            let message = format!("`{instrument}` shows what was measured: nothing can be written for it");
            let help = "leave out `shows` and `title`, or give an instrument of your own another name";
            self.error("pointless", &name.span, message, help);
        }
        let takes = doc.takes.as_ref().map(|takes| self.looking(takes));
        let blind = doc.blind_to.iter().filter_map(|subject| self.blind_to(instrument, subject)).collect();
        let setting = spec.of_mut(instrument);
        setting.takes = takes.unwrap_or(setting.takes);
        setting.exists = doc.exists.written().map_or(setting.exists, |exists| exists.value);
        setting.blind = blind;
    }

    fn looking(&mut self, takes: &Spanned<SimDuration>) -> SimDuration {
        self.within(takes, SimDuration::ZERO..=limits::DURATION, "the time that an instrument takes")
    }

    fn blind_to(&mut self, instrument: Instrument, name: &Spanned<String>) -> Option<Subject> {
        let bare = Spanned::new(name.value.clone(), name.span.start + 1..name.span.end.saturating_sub(1));
        let subject = self.subject(&bare)?;
        let fits = match instrument {
            Instrument::Errors | Instrument::Capacity | Instrument::SlowQueries | Instrument::Breakers => {
                matches!(subject, Subject::Service(_))
            }
            Instrument::Traces => matches!(subject, Subject::Service(_) | Subject::Endpoint(_)),
            Instrument::Pool => matches!(subject, Subject::Dependency(_)),
            Instrument::Clients => matches!(subject, Subject::Population(_)),
            Instrument::Changes => false,
        };
        if !fits {
            let message = format!("`{instrument}` cannot be pointed at \"{}\" anyway", name.value);
            let help = match instrument {
                Instrument::Pool => "name a dependency, such as \"api->db\"",
                Instrument::Clients => "name a population, such as \"population web\"",
                Instrument::Changes => "it shows one thing only: leave out `blind_to`, or say exists: false",
                Instrument::Traces => "name a service, such as \"api\", or an endpoint, such as \"api.get\"",
                _ => "name a service, such as \"api\"",
            };
            self.error("pointless", &name.span, message, help);
        }
        fits.then_some(subject)
    }

    fn own_instrument(&mut self, name: &Spanned<String>, doc: &document::Instrument) -> OwnInstrument {
        check_name(name, "an instrument", self.diagnostics);
        let help = || match suggest(name, Instrument::ALL.into_iter().map(Instrument::name)) {
            Some(near) => format!("add shows: [(text: \"all is well\")], or did you mean `{near}`?"),
            None => "add shows: [(text: \"all is well\")]".to_owned(),
        };
        if doc.shows.is_empty() && doc.shows.complete {
            self.error("nothing", &name.span, format!("the instrument \"{}\" shows nothing", name.value), help());
        }
        if let Some(exists) = doc.exists.written() {
            let help = "leave out `exists`, or the whole instrument";
            self.error("pointless", &exists.span, "an instrument of the scenario's own is there", help);
        }
        if let Some(subject) = doc.blind_to.first() {
            let message = "an instrument of the scenario's own is not pointed at anything";
            self.error("pointless", &subject.span, message, "leave out `blind_to`");
        }
        OwnInstrument {
            name: name.value.clone(),
            title: doc.title.clone().unwrap_or_else(|| name.value.clone()),
            takes: doc.takes.as_ref().map_or(USUAL, |takes| self.looking(takes)),
            clues: doc.shows.iter().map(|clue| self.clue(clue)).collect(),
        }
    }

    fn clue(&mut self, doc: &document::Clue) -> Clue {
        if let Some(fault) = &doc.after {
            self.check_fault(fault);
        }
        let range = SimDuration::ZERO..=limits::DURATION;
        let delay = doc.delay.as_ref().map_or(SimDuration::ZERO, |delay| self.within(delay, range, "the delay"));
        Clue { text: doc.text.clone(), after: doc.after.as_ref().map(|fault| fault.value.clone()), delay }
    }

    /// Reports a fault that is in no variant.
    fn check_fault(&mut self, name: &Spanned<String>) {
        let doc = self.doc;
        let of_variants = doc.variants.readable().map(|(_, variant)| &variant.faults);
        let always = doc.always.as_ref().map(|always| &always.faults);
        let faults: Vec<_> = of_variants.chain(always).collect();
        let complete = doc.variants.complete && faults.iter().all(|faults| faults.complete);
        let names: Vec<&str> = faults.iter().flat_map(|faults| faults.names()).collect();
        if complete && !names.contains(&name.as_str()) {
            unknown("fault", name, &names, self.diagnostics);
        }
    }
}
