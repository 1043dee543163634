//! A lead that only talks: says that it is an incident, says what the dashboards show, keeps every promise, and does nothing else.
//!
//! It begins when an alert pages or a service is sick. Each audience hears how much fails, where, that the cause is not known,
//! and when there will be more: after 20 minutes in public, 30 for executives and support (PagerDuty's incident response
//! documentation), 15 for engineering. The next word comes in time for the promise, or when the extent has changed, though not
//! within five minutes of the last. After ten minutes in which all was well it says that it is over.

use crate::observe::{CommsView, Observation, PeopleView, Severity as Urgency, Stage};
use crate::response::comms::{Audience, Cause, Extent, Statement};
use crate::response::people::Severity;
use crate::response::{Command, Menu};
use crate::units::{SimDuration, SimTime};

use super::Policy;
use super::alarm::Alarm;
use super::extent::seen_to_fail;

/// How soon one statement follows another at the earliest.
const NOT_BEFORE: SimDuration = SimDuration::from_secs(5 * 60);
/// How long before a promise is due the next statement is begun: everybody's statements take a lead about four minutes to write.
const AHEAD: SimDuration = SimDuration::from_secs(5 * 60);
/// For how long all must have been well before it is over.
const WELL: SimDuration = SimDuration::from_secs(10 * 60);
/// After how long a statement that has not appeared is taken for lost.
const LOST: SimDuration = SimDuration::from_secs(15 * 60);
/// In which order they are told: those who wait least, first.
const ORDER: [Audience; 4] = [Audience::StatusPage, Audience::Engineering, Audience::Support, Audience::Executives];

/// Talks, and does nothing else.
#[derive(Clone, Debug, Default)]
pub struct CommunicateOnly {
    alarm: Alarm,
    /// Whether it goes on, as far as it has been said.
    open: bool,
    /// Since when all has been well.
    well_since: Option<SimTime>,
    /// What was said to be concerned.
    scope: Vec<String>,
    /// By audience, as in [`ORDER`]: the last word.
    told: [Option<Told>; 4],
}

/// The last word to an audience.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When it was begun.
    begun: SimTime,
    extent: Extent,
}

/// How often an audience hears something, usually.
const fn cadence(audience: Audience) -> SimDuration {
    SimDuration::from_secs(
        60 * match audience {
            Audience::StatusPage => 20,
            Audience::Executives | Audience::Support => 30,
            Audience::Engineering => 15,
        },
    )
}

/// How bad an incident of this extent is; an assumption, since every company has a scale of its own.
fn severity(extent: Extent) -> Severity {
    let number = match extent {
        Extent::Most => 1,
        Extent::Some => 2,
        Extent::Few | Extent::None => 3,
    };
    Severity::new(number).expect("1 to 5")
}

/// When an audience was last told, if what was begun at `begun` has been said.
fn said_since(comms: &CommsView, to: Audience, begun: SimTime) -> Option<Option<SimTime>> {
    let mut said = comms.said.iter().rev().filter(|said| said.to == to.name());
    said.next().filter(|said| said.at >= begun).map(|said| said.promised)
}

impl CommunicateOnly {
    /// How much fails; where a service has stopped to answer, most of it.
    fn extent(&self, observation: &Observation, menu: &Menu) -> Extent {
        let sick = self.sick(observation).next().is_some();
        match seen_to_fail(observation, menu) {
            Some(share) => Extent::of(share),
            None if sick => Extent::Most,
            None => Extent::None,
        }
    }

    fn sick<'a>(&'a self, observation: &'a Observation) -> impl Iterator<Item = &'a str> {
        let services = observation.services.iter().enumerate();
        services.filter(|(at, _)| self.alarm.is_sick(*at)).map(|(_, view)| view.name.as_str())
    }

    /// Names what is concerned: what is sick, else what errs, else what was named before, else what is nearest to users.
    fn name_scope(&mut self, observation: &Observation) {
        let sick: Vec<String> = self.sick(observation).map(str::to_owned).collect();
        let errs = observation.services.iter().filter(|view| view.error_ratio.is_some_and(|ratio| ratio >= 0.01));
        let errs = errs.map(|view| view.name.clone()).collect();
        let nearest = observation.services.iter().take(1).map(|view| view.name.clone()).collect();
        let known = [sick, errs, std::mem::take(&mut self.scope), nearest];
        self.scope = known.into_iter().find(|names| !names.is_empty()).unwrap_or_default();
    }

    /// Says it to whoever should hear something now.
    fn update(&mut self, extent: Extent, comms: &CommsView, observation: &Observation) -> Vec<Command> {
        let now = observation.now;
        let ahead = AHEAD.saturating_add(observation.scrape_interval);
        let mut commands = Vec::new();
        for (to, told) in ORDER.into_iter().zip(&mut self.told) {
            let due = match told {
                None => true,
                Some(last) => match said_since(comms, to, last.begun) {
                    // It is still being written.
                    None => now.since(last.begun) >= LOST,
                    Some(promised) => {
                        let changed = last.extent != extent;
                        let due = promised.is_some_and(|promised| now.saturating_add(ahead) >= promised);
                        (changed || due) && now.since(last.begun) >= NOT_BEFORE
                    }
                },
            };
            if due {
                *told = Some(Told { begun: now, extent });
                let statement = Statement {
                    impact: Some(extent),
                    scope: self.scope.clone(),
                    cause: Some(Cause::Unknown),
                    action: "investigating".to_owned(),
                    next_update: Some(cadence(to)),
                    resolved: false,
                };
                commands.push(Command::Say { to, statement, by: None });
            }
        }
        commands
    }

    /// Says to everybody that it is over.
    fn end(&mut self) -> Vec<Command> {
        (self.open, self.told, self.scope) = (false, [None; 4], Vec::new());
        let statement = Statement { resolved: true, ..Statement::default() };
        ORDER.into_iter().map(|to| Command::Say { to, statement: statement.clone(), by: None }).collect()
    }

    fn begin(&mut self, people: &PeopleView, extent: Extent) -> Option<Command> {
        self.open = true;
        people.declared.is_none().then(|| Command::Declare { severity: severity(extent) })
    }
}

/// Whether an alert that pages fires.
pub(super) fn is_paging(observation: &Observation) -> bool {
    observation.alerts.iter().any(|alert| alert.severity == Urgency::Page && alert.stage == Stage::Firing)
}

impl Policy for CommunicateOnly {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        self.alarm.observe(observation);
        let Some(people) = &observation.people else { return Vec::new() };
        let Some(comms) = &people.comms else { return Vec::new() };
        let extent = self.extent(observation, menu);
        let alarming = is_paging(observation) || self.sick(observation).next().is_some();
        let well = !alarming && extent == Extent::None;
        self.well_since = well.then(|| self.well_since.unwrap_or(observation.now));
        if !self.open && !alarming {
            return Vec::new();
        }
        let mut commands = Vec::new();
        if !self.open {
            commands.extend(self.begin(people, extent));
        }
        if self.well_since.is_some_and(|since| observation.now.since(since) >= WELL) {
            commands.extend(self.end());
            return commands;
        }
        self.name_scope(observation);
        commands.extend(self.update(extent, comms, observation));
        commands
    }
}

#[cfg(test)]
mod tests;
