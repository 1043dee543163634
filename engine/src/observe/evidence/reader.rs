//! Reading instruments: what was measured in the last minutes, and what was usual before.

use std::sync::Arc;

use crate::ids::Id;
use crate::model::{DependencySpec, EndpointSpec, ServiceSpec, SystemSpec};
use crate::observe::flow_sum::FlowSum;
use crate::observe::observation::Sources;
use crate::observe::record::{DependencySecond, Second};
use crate::observe::signal::{Subject, Window};
use crate::units::{SimDuration, SimTime};

use super::instrument::Instrument;
use super::question::{Asked, Question};
use super::row::{Row, lines, span};
use super::spec::EvidenceSpec;
use super::{breakers, capacity, changes, clients, errors, pool, slow_queries, traces};

/// Over how long logs, traces and counts are taken.
pub(super) const RECENT: SimDuration = SimDuration::from_secs(300);
/// Over how long what is there now is taken: utilisation, connections, queues.
pub(super) const NOW: SimDuration = SimDuration::from_secs(60);
/// What is usual is what was so in the hour before this long ago.
const EARLIER: SimDuration = SimDuration::from_secs(600);
/// How far back one looks for what is usual, and for changes.
pub(super) const HOUR: SimDuration = SimDuration::from_secs(3_600);

/// What instruments read.
#[derive(Clone, Copy)]
pub struct EvidenceSources<'a> {
    /// The instruments.
    pub spec: &'a EvidenceSpec,
    /// What is observed.
    pub observed: &'a Sources<'a>,
    /// What was ordered, by its name, in time order.
    pub ordered: &'a [(SimTime, String)],
    /// When something first happened that a text waits for, by its name; `None` if it has not.
    pub happened: &'a dyn Fn(&str) -> Option<SimTime>,
}

impl std::fmt::Debug for EvidenceSources<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvidenceSources").field("ordered", &self.ordered).finish_non_exhaustive()
    }
}

impl EvidenceSources<'_> {
    /// What an instrument shows at an instant: as numbers, and as text.
    #[must_use]
    pub fn read(&self, question: &Question, now: SimTime) -> (Vec<Row>, String) {
        let (instrument, subject) = match question.asked {
            Asked::Own(position) => return (Vec::new(), self.own(position, now)),
            Asked::Of(instrument, subject) => (instrument, subject),
        };
        let reader = Reader::new(self, instrument, now);
        let rows = match (instrument, subject) {
            (Instrument::Errors, Some(Subject::Service(id))) => errors::rows(&reader, id),
            (Instrument::Traces, Some(Subject::Service(id))) => traces::of_service(&reader, id),
            (Instrument::Traces, Some(Subject::Endpoint(id))) => traces::of_endpoint(&reader, id),
            (Instrument::SlowQueries, Some(Subject::Service(id))) => slow_queries::rows(&reader, id),
            (Instrument::Pool, Some(Subject::Dependency(id))) => pool::rows(&reader, id),
            (Instrument::Breakers, Some(Subject::Service(id))) => breakers::rows(&reader, id),
            (Instrument::Changes, None) => changes::rows(&reader, self.ordered),
            (Instrument::Capacity, Some(Subject::Service(id))) => capacity::rows(&reader, id),
            (Instrument::Clients, Some(Subject::Population(id))) => clients::rows(&reader, id),
            _ => Vec::new(),
        };
        let heading = format!("{}, {}", question.name, reader.when(instrument));
        let text =
            if instrument == Instrument::Changes { changes::text(&heading, &rows) } else { lines(&heading, &rows) };
        (rows, text)
    }

    fn own(&self, position: usize, now: SimTime) -> String {
        let said = self.spec.own.get(position).and_then(|own| own.says(now, self.happened));
        said.unwrap_or("nothing").to_owned()
    }
}

/// What can be read at an instant.
pub(super) struct Reader<'a> {
    pub(super) sources: &'a Sources<'a>,
    /// The instant.
    pub(super) now: SimTime,
    /// The last instant of which anything was kept; `None` for none.
    kept: Option<SimTime>,
    /// Since when nothing has been kept, because the telemetry is down.
    down: Option<SimTime>,
}

impl<'a> Reader<'a> {
    fn new(sources: &EvidenceSources<'a>, instrument: Instrument, now: SimTime) -> Self {
        let observed = sources.observed;
        // The log of changes and the clients' own measure do not go through the telemetry.
        let through = !matches!(instrument, Instrument::Changes | Instrument::Clients);
        let last = observed.monitor.last_scrape(observed.monitoring, now);
        let down = last.failing_since.filter(|_| through);
        Self { sources: observed, now, kept: if down.is_some() { last.at } else { Some(now) }, down }
    }

    fn when(&self, instrument: Instrument) -> String {
        let length = match instrument {
            Instrument::Changes => HOUR,
            Instrument::Pool | Instrument::Capacity => NOW,
            _ => RECENT,
        };
        let last = format!("the last {}", span(length.as_secs_f64()));
        match self.down {
            None => last,
            Some(since) => {
                format!("{last} before the telemetry went down {} ago", span(self.now.since(since).as_secs_f64()))
            }
        }
    }

    pub(super) fn system(&self) -> &'a SystemSpec {
        self.sources.system
    }

    pub(super) fn name(&self, subject: Subject) -> String {
        subject.name(self.sources.system, self.sources.populations)
    }

    /// The last seconds of which anything was kept.
    pub(super) fn last(&self, length: SimDuration) -> &'a [Arc<Second>] {
        let kept = self.kept.unwrap_or(SimTime::ZERO);
        Window::ending(kept, length).of(self.sources.recording)
    }

    /// The seconds that show what is usual; none early in a run.
    pub(super) fn earlier(&self) -> &'a [Arc<Second>] {
        let kept = self.kept.map_or(0, SimTime::as_nanos);
        Window::ending(SimTime::from_nanos(kept.saturating_sub(EARLIER.as_nanos())), HOUR).of(self.sources.recording)
    }

    pub(super) fn of_service(&self, id: Id<ServiceSpec>, length: SimDuration) -> FlowSum {
        FlowSum::of(self.last(length).iter().map(|second| &second.services[id.index()].flow))
    }

    pub(super) fn of_endpoint(&self, id: Id<EndpointSpec>, length: SimDuration) -> FlowSum {
        FlowSum::of(self.last(length).iter().map(|second| &second.endpoints[id.index()]))
    }

    pub(super) fn of_dependency(&self, id: Id<DependencySpec>, length: SimDuration) -> FlowSum {
        FlowSum::of(self.last(length).iter().map(|second| &second.dependencies[id.index()].flow))
    }

    /// One dependency, second by second.
    pub(super) fn dependency(
        &self,
        id: Id<DependencySpec>,
        length: SimDuration,
    ) -> impl Iterator<Item = &'a DependencySecond> + use<'a> {
        self.last(length).iter().map(move |second| &second.dependencies[id.index()])
    }
}

/// The median of what there is; `None` when there is nothing.
pub(super) fn typical(values: impl Iterator<Item = SimDuration>) -> Option<SimDuration> {
    let mut values: Vec<SimDuration> = values.filter(|value| !value.is_zero()).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}
