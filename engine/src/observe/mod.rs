//! What is measured, what is seen of it, and what raises an alert.
//!
//! The model counts (`model::Flow`); at every whole second this room closes the count, derives the rest and appends a
//! [`Second`] to the recorded history. History is shared between the branches of a run, never copied.
//!
//! Monitoring looks at history and nothing else. A [`Signal`] is a metric of a subject over a window of it; a [`MonitoringSpec`]
//! says what is instrumented, how often it is read and what raises an alert; the [`Monitor`] does it, second by second; an
//! [`Observation`] is what whoever leads sees of all that, with the [`Evidence`] that instruments have shown when they were asked. This room knows no people: whom an alert pages is a name.

mod alert;
mod evidence;
mod flow_sum;
mod impact;
mod monitor;
mod monitoring;
mod notification;
mod observation;
mod people;
mod record;
mod signal;
mod trigger;

pub use alert::{AlertSpec, AlertState, BurnRule, BurnWindow, Rule, Severity, Stage, Threshold};
pub use evidence::{
    Asked, Cause, Clue, Conclusion, Evidence, EvidenceError, EvidenceLog, EvidenceSources, EvidenceSpec, Instrument,
    InstrumentSpec, LookOffer, OwnInstrument, Question, Row, Suspicion,
};
pub use impact::Impact;
pub use monitor::Monitor;
pub use monitoring::{Dashboards, MonitoringSpec, SCRAPE_INTERVAL, TelemetryHost};
pub use notification::{GroupLabel, GroupSpec, Notification, NotifySpec, Reason};
pub use observation::{
    AlertView, ChangeEntry, DependencyView, EndpointView, Observation, PopulationView, ServiceView, Sources,
};
pub(crate) use observation::{Place, reading};
pub use people::{
    CommsView, News, NewsKind, PeopleView, ResponderView, SaidView, TaskState, TaskView, TeamView, Whereabouts,
};
pub use record::{
    DependencySecond, FlowSecond, PopulationSecond, Recording, Second, ServiceSecond, Totals, close_second,
};
pub use signal::{Metric, Signal, Subject, SubjectText, Unit, Window};
pub use trigger::{TriggerState, TriggerView};
