//! The change log: what was rolled out, and when.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::model::{Deploys, HotfixWork, Rollout, RolloutStage, ServiceSpec, System};
use crate::units::SimTime;

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeEntry {
    /// When it was ordered; of a dropped hotfix, when it was ready.
    pub at: SimTime,
    /// What was changed.
    pub service: Id<ServiceSpec>,
    /// The name of what was changed.
    pub name: String,
    /// The version that was rolled out; of a dropped hotfix, the name it would have added to one.
    pub version: String,
    /// Whether it was ordered as a roll-back or a restart. The deploy of a version that has run before is neither.
    pub back: bool,
    /// Whether every instance runs it.
    pub done: bool,
    /// Whether it is a hotfix that was not needed any more when it was ready: the version to run did not have the effect it
    /// removes, and nothing was rolled out.
    pub dropped: bool,
}

/// The change log, oldest first.
pub(in crate::observe) fn changes(system: &System, deploys: &Deploys) -> Vec<ChangeEntry> {
    let entry = |rollout: &Rollout| ChangeEntry {
        at: rollout.ordered,
        service: rollout.service,
        name: system.services[rollout.service].name.clone(),
        version: deploys.versions[rollout.service.index()][usize::from(rollout.version)].name.clone(),
        back: rollout.is_back(),
        done: rollout.stage == RolloutStage::Done,
        dropped: false,
    };
    let mut log: Vec<_> = deploys.rollouts.iter().map(entry).collect();
    log.extend(dropped_hotfixes(system, deploys));
    log.sort_by_key(|entry| entry.at);
    log
}

fn dropped_hotfixes(system: &System, deploys: &Deploys) -> Vec<ChangeEntry> {
    let dropped = deploys.hotfixes.enumerate().filter(|(_, work)| work.dropped);
    let entry = |(id, work): (Id<HotfixWork>, &HotfixWork)| ChangeEntry {
        at: work.due,
        service: work.hotfix.service,
        name: system.services[work.hotfix.service].name.clone(),
        version: format!("hotfix{}", id.raw() + 1),
        back: false,
        done: false,
        dropped: true,
    };
    dropped.map(entry).collect()
}
