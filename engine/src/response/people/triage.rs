//! Triage: whoever is called looks whether it is theirs at all, and says so when it is not.
//!
//! Between 4 and 92 % of the reports of a large system's services went to a wrong team first, and their triage took up to ten times as long
//! (Chen et al., An empirical investigation of incident triage for online service systems, 2019). Whoever looks knows no more than the
//! instruments show. How long it takes is an assumption.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::ServiceSpec;
use crate::observe::NewsKind;
use crate::units::{SimDuration, SimTime};

use super::spec::{PeopleSpec, ResponderSpec, TeamSpec};
use super::state::{People, Presence};
use super::{Fate, site};

/// Where the pages for a team go instead, now and then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Misroute {
    /// The chance.
    pub chance: f64,
    /// The team that is paged instead.
    pub to: Id<TeamSpec>,
}

/// Somebody looking whether what they were called for is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Triage {
    /// The page that called them.
    page: usize,
    began: SimTime,
    ends: SimTime,
}

impl PeopleSpec {
    /// The team that owns a service.
    pub(super) fn team_of(&self, service: Id<ServiceSpec>) -> Option<&TeamSpec> {
        self.teams.iter().find(|team| team.services.contains(&service))
    }

    /// Whether somebody is there for a service: they know it, or are on call for a team that owns it.
    fn is_theirs(&self, id: Id<ResponderSpec>, service: Id<ServiceSpec>) -> bool {
        let on_call = |team: &TeamSpec| team.on_call.contains(&id) && team.services.contains(&service);
        self.responders[id].skill(Some(service)) > 0.0 || self.teams.iter().any(on_call)
    }

    /// Whether somebody is there for any service at all.
    fn is_for_some(&self, id: Id<ResponderSpec>) -> bool {
        let on_call = |team: &TeamSpec| team.on_call.contains(&id) && !team.services.is_empty();
        self.responders[id].skills.iter().any(|(_, skill)| *skill > 0.0) || self.teams.iter().any(on_call)
    }
}

impl People {
    /// Somebody who was called has read up, and begins to look whether it is theirs.
    pub(super) fn begin_triage(&mut self, spec: &PeopleSpec, id: Id<ResponderSpec>, fate: Fate, now: SimTime) {
        let page = self.pages.iter().rposition(|page| page.responder == id);
        let Some(page) = page.filter(|_| spec.is_for_some(id)) else { return };
        let takes = spec.habits.triage.sample_duration(&mut fate.rng("people.triage", page, site::ANSWER));
        self.responders[id].triage = Some(Triage { page, began: now, ends: now.saturating_add(takes) });
    }

    /// Another luck is in force: when whoever looks whether it is theirs is done is drawn again, given that they are not.
    pub(super) fn redraw_triage(&mut self, spec: &PeopleSpec, fate: Fate, now: SimTime) {
        for triage in self.responders.iter_mut().filter_map(|one| one.triage.as_mut()) {
            let mut luck = fate.rng("people.triage", triage.page, site::ANSWER);
            let left = spec.habits.triage.remaining(now.since(triage.began).as_nanos() as f64, &mut luck);
            triage.ends = now.saturating_add(SimDuration::from_nanos_f64(left));
        }
    }

    /// Who has looked whether it is theirs by now. Whoever was given something to do has not, and whoever leads has not.
    pub fn have_triaged(&mut self, spec: &PeopleSpec, now: SimTime) -> Vec<Id<ResponderSpec>> {
        let mut found = Vec::new();
        for id in spec.responders.ids() {
            if self.responders[id].triage.is_none_or(|triage| now < triage.ends) {
                continue;
            }
            self.responders[id].triage = None;
            let free = self.responders[id].presence == Presence::Here && self.occupied_with(id).is_none();
            if free && !self.leads(id) {
                found.push(id);
            }
        }
        found
    }

    /// Somebody thinks that the trouble comes from a service, for this reason. If it is not theirs, they say whose it looks like.
    pub fn triaged(
        &mut self,
        spec: &PeopleSpec,
        id: Id<ResponderSpec>,
        (service, name): (Id<ServiceSpec>, &str),
        because: &str,
        now: SimTime,
    ) {
        if spec.is_theirs(id, service) {
            return;
        }
        self.misrouted += 1;
        let whose = match spec.team_of(service) {
            Some(team) => format!("looks like {}", team.name),
            None => format!("looks like {name}, which no team owns"),
        };
        let text = format!("not ours; {whose}: {because}");
        self.say(now, spec.responders[id].name.clone(), NewsKind::Report, None, text);
    }
}
