//! What a scenario takes to hold: instances, channels and the recording, each bounded for the scenario as a whole.
//!
//! It knows what is there at the start. Instances that a person adds during a run are not counted.

use crate::scenario::Scenario;
use crate::text::Span;
use crate::units::SimDuration;

use super::dependencies::Caller;
use super::{Resolver, limits};

impl Resolver<'_, '_> {
    /// Reports what is too much to be held in memory, at what takes most of it.
    pub(super) fn check_size(&mut self, scenario: &Scenario) {
        self.check_instances(scenario);
        self.check_channels();
        self.check_recording(scenario);
    }

    fn check_instances(&mut self, scenario: &Scenario) {
        let all: u64 = scenario.system.services.iter().map(|service| u64::from(service.instances)).sum();
        if all <= limits::ALL_INSTANCES {
            return;
        }
        let services = self.doc.services.readable();
        let written = services.filter_map(|(_, service)| service.instances.as_ref());
        let span = written.max_by_key(|count| count.value).map_or(&self.doc.services.head, |count| &count.span).clone();
        let message = format!("all services together have {all} instances, and no service more than this one");
        let help = format!("at most {} together: give the services fewer instances", limits::ALL_INSTANCES);
        self.error("too-many", &span, message, help);
    }

    fn check_channels(&mut self) {
        let (mut all, mut most, mut place) = (0, 0, None);
        for declared in &self.dependencies.list {
            let Caller::Service(caller) = declared.caller else { continue };
            let channels = u64::from(self.instances_of(caller));
            all += channels;
            if channels > most {
                (most, place) = (channels, Some(self.place_of(caller, declared.doc.map(|doc| &doc.to.span))));
            }
        }
        if let Some(span) = place.filter(|_| all > limits::CHANNELS) {
            let message =
                format!("each instance has a channel for each of its dependencies: {all} of them, {most} here");
            let help = format!("at most {}: give the callers fewer instances or dependencies", limits::CHANNELS);
            self.error("too-many", &span, message, help);
        }
    }

    /// Where a dependency is declared, or its caller's name.
    fn place_of(&self, caller: crate::ids::Id<crate::model::ServiceSpec>, declared: Option<&Span>) -> Span {
        let service = || self.doc.services.get(caller.index()).map(|(name, _)| name.span.clone());
        declared.cloned().or_else(service).unwrap_or_else(|| self.doc.services.head.clone())
    }

    fn check_recording(&mut self, scenario: &Scenario) {
        let Some(duration) = self.doc.duration.as_ref() else { return };
        let system = &scenario.system;
        let rows =
            system.services.len() + system.endpoints.len() + system.dependencies.len() + scenario.populations.len();
        let seconds = scenario.duration.as_nanos() / 1_000_000_000;
        let all = seconds.saturating_mul(rows as u64);
        if all > limits::RECORDED_ROWS {
            let message =
                format!("{seconds} seconds of {rows} services, endpoints, dependencies and populations are recorded");
            let longest = SimDuration::from_secs(limits::RECORDED_ROWS / rows as u64);
            let help =
                format!("a run of such a system may take {longest}: shorten the `duration`, or model fewer parts");
            self.error("too-large", &duration.span, message, help);
        }
    }
}
