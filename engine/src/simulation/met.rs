//! When faults are met: one may be there long before a job, call or connection comes to where it is.

use crate::fault::FaultKind;
use crate::model::Change as Behaviour;
use crate::observe::Second;
use crate::units::{SimDuration, SimTime};

use super::{FaultMoment, Simulation};

/// A fault from when it started to when it healed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    /// When it started.
    pub(crate) start: SimTime,
    /// The first second, as an instant not before its start, in which something came to where it is; `None` when nothing has so far,
    /// or did before it healed. What needs no traffic is met at its start.
    pub(crate) met: Option<SimTime>,
}

impl Simulation {
    /// The stay of a fault to which a moment of the chronicle belongs, by the moment's place there.
    pub(crate) fn stay(&self, moment: usize) -> Option<Stay> {
        let moments = self.chronicle().faults();
        let fault = moments.get(moment)?.fault;
        let of_fault = |other: &&FaultMoment| other.fault == fault;
        let start = moments[..=moment].iter().rev().filter(of_fault).find(|one| one.before <= 0.0)?.at;
        let heal = moments[moment..].iter().filter(of_fault).find(|one| one.after <= 0.0).map(|one| one.at);
        let kind = &self.plot.faults.get(fault as usize)?.kind;
        Some(Stay { start, met: self.came(kind, start, heal) })
    }

    /// When something first met a fault of that name, if it has.
    pub(super) fn first_met(&self, name: &str) -> Option<SimTime> {
        let is = |moment: &FaultMoment| self.plot.faults.get(moment.fault as usize).is_some_and(|one| one.name == name);
        let moments = self.chronicle().faults().iter().enumerate();
        let starts = moments.filter(|(_, moment)| moment.before <= 0.0 && is(moment));
        starts.filter_map(|(index, _)| self.stay(index)?.met).min()
    }

    fn came(&self, fault: &FaultKind, start: SimTime, heal: Option<SimTime>) -> Option<SimTime> {
        let came: Box<dyn Fn(&Second) -> u32> = match fault {
            FaultKind::Behaviour { endpoint: Some(endpoint), .. } => {
                let index = endpoint.index();
                Box::new(move |second| second.endpoints[index].offered)
            }
            FaultKind::Behaviour { change: Behaviour::ConnectionHold { dependency, .. }, .. }
            | FaultKind::Partition { dependency, .. }
            | FaultKind::ConnectionLeak { dependency, .. } => {
                let index = dependency.index();
                Box::new(move |second| second.dependencies[index].flow.offered)
            }
            FaultKind::Behaviour { service, .. } => {
                let index = service.index();
                Box::new(move |second| second.services[index].flow.offered)
            }
            FaultKind::Crash { .. } | FaultKind::LostCapacity { .. } | FaultKind::TrafficSpike { .. } => {
                return Some(start);
            }
        };
        // What came in the second in which it started may have come before it.
        let first = start.saturating_add(SimDuration::SECOND);
        let after = self.recording().seconds.iter().filter(|second| second.end >= first);
        let mut in_time = after.take_while(|second| heal.is_none_or(|heal| second.end <= heal));
        let second = in_time.find(|second| came(second) > 0)?;
        Some(start.max(SimTime::from_nanos(second.end.as_nanos().saturating_sub(SimDuration::SECOND.as_nanos()))))
    }
}
