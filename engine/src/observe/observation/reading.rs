//! Values by the names of signals, as the dashboards show them.

use crate::observe::signal::{Metric, Subject, SubjectText};
use crate::units::SimDuration;

use super::Observation;

/// What is measured, by name: as its dashboard is titled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Service(String),
    Endpoint(String),
    Dependency(String),
    Population(String),
}

impl Place {
    /// What the name of a subject says it is.
    pub(crate) fn of(text: &str) -> Self {
        let name = |name: &str| name.to_owned();
        match SubjectText::read(text) {
            SubjectText::Service(text) => Self::Service(name(text)),
            SubjectText::Endpoint(text) => Self::Endpoint(name(text)),
            SubjectText::Dependency(text) => Self::Dependency(name(text)),
            SubjectText::Population(text) => Self::Population(name(text)),
        }
    }

    /// In words, with an article.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "a service",
            Self::Endpoint(_) => "an endpoint",
            Self::Dependency(_) => "a dependency",
            Self::Population(_) => "a population",
        }
    }

    /// What can be measured of one of its kind.
    pub(crate) fn metrics(&self) -> &'static [Metric] {
        use crate::ids::Id;
        let any = match self {
            Self::Service(_) => Subject::Service(Id::new(0)),
            Self::Endpoint(_) => Subject::Endpoint(Id::new(0)),
            Self::Dependency(_) => Subject::Dependency(Id::new(0)),
            Self::Population(_) => Subject::Population(Id::new(0)),
        };
        any.metrics()
    }

    /// The metrics that its dashboard shows; `None` where it has none.
    pub(crate) fn shown<'a>(&self, seen: &'a Observation) -> Option<&'a [Metric]> {
        match self {
            Self::Service(name) => seen.services.iter().find(|view| view.name == *name).map(|view| &view.shows[..]),
            Self::Endpoint(name) => seen.endpoints.iter().find(|view| view.name == *name).map(|view| &view.shows[..]),
            Self::Dependency(name) => {
                seen.dependencies.iter().find(|view| view.name == *name).map(|view| &view.shows[..])
            }
            Self::Population(name) => {
                seen.populations.iter().find(|view| view.name == *name).map(|view| &view.shows[..])
            }
        }
    }
}

/// The value of a signal, in the unit of its metric, as the dashboards show it; `None` where they show none.
pub(crate) fn reading(seen: &Observation, place: &Place, metric: Metric) -> Option<f64> {
    let seconds = |span: Option<SimDuration>| span.map(SimDuration::as_secs_f64);
    match place {
        Place::Service(name) => {
            let view = seen.services.iter().find(|view| view.name == *name)?;
            match metric {
                Metric::RequestRate => view.request_rate,
                Metric::ErrorRatio => view.error_ratio,
                Metric::Goodput => view.goodput,
                Metric::MeanLatency => seconds(view.mean_latency),
                Metric::P99Latency => seconds(view.p99_latency),
                Metric::Utilisation => view.utilisation,
                Metric::Queue => view.queue.map(f64::from),
                Metric::Instances => view.instances.map(f64::from),
                _ => None,
            }
        }
        Place::Endpoint(name) => {
            let view = seen.endpoints.iter().find(|view| view.name == *name)?;
            match metric {
                Metric::RequestRate => view.request_rate,
                Metric::ErrorRatio => view.error_ratio,
                Metric::Goodput => view.goodput,
                Metric::MeanLatency => seconds(view.mean_latency),
                Metric::P99Latency => seconds(view.p99_latency),
                _ => None,
            }
        }
        Place::Dependency(name) => {
            let view = seen.dependencies.iter().find(|view| view.name == *name)?;
            match metric {
                Metric::RequestRate => view.call_rate,
                Metric::ErrorRatio => view.error_ratio,
                Metric::Goodput => view.goodput,
                Metric::MeanLatency => seconds(view.mean_latency),
                Metric::P99Latency => seconds(view.p99_latency),
                Metric::Amplification => view.amplification,
                Metric::PoolInUse => view.pool_in_use,
                Metric::PoolWaiting => view.pool_waiting,
                Metric::BreakersOpen => view.breakers_open.map(f64::from),
                _ => None,
            }
        }
        Place::Population(name) => {
            let view = seen.populations.iter().find(|view| view.name == *name)?;
            match metric {
                Metric::RequestRate => view.request_rate,
                Metric::ErrorRatio => view.error_ratio,
                Metric::Goodput => view.goodput,
                Metric::MeanLatency => seconds(view.mean_latency),
                Metric::P99Latency => seconds(view.p99_latency),
                Metric::Amplification => view.amplification,
                Metric::BurnRate => view.burn_rate,
                Metric::AffectedUsers => view.affected_users,
                _ => None,
            }
        }
    }
}
