//! What whoever leads has taken notice of, and what is new since.

use crate::observe::Stage;
use crate::policy::Cue;
use crate::simulation::Simulation;
use crate::units::SimTime;

/// How much has been seen and heard: news, notifications and what instruments showed only grow, at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hearing {
    notifications: usize,
    stages: Vec<Stage>,
    news: usize,
    evidence: usize,
    /// Triggers that have been decided.
    triggers: usize,
}

impl Hearing {
    /// Everything that can be seen and heard by now.
    pub(super) fn of(simulation: &Simulation) -> Self {
        let monitor = simulation.monitor();
        Self {
            notifications: monitor.notifications().len(),
            stages: monitor.alerts().iter().map(|alert| alert.stage).collect(),
            news: simulation.people().map_or(0, |people| people.news.len()),
            evidence: simulation.evidence().seen.len(),
            triggers: simulation.triggers_decided(),
        }
    }

    /// Takes notice of everything, and says what of it was new.
    pub(super) fn catch_up(&mut self, simulation: &Simulation, since: SimTime) -> Vec<Cue> {
        let before = std::mem::replace(self, Self::of(simulation));
        let mut cues = Vec::new();
        if simulation.scenario().monitoring.next_view(since) <= simulation.now() {
            cues.push(Cue::Scrape);
        }
        if (before.notifications, &before.stages) != (self.notifications, &self.stages) {
            cues.push(Cue::Alert);
        }
        // Where nobody else takes part, instruments answer whoever asked them on the spot.
        if let Some(people) = simulation.people() {
            cues.extend(people.news[before.news..].iter().map(|news| Cue::of(news.kind)));
            cues.extend((self.evidence > before.evidence).then_some(Cue::Report));
        }
        cues.extend((self.triggers > before.triggers).then_some(Cue::Report));
        cues.sort_unstable();
        cues.dedup();
        cues
    }
}
