//! Hotfixes: work that takes time, may be wrong, and may not be needed any more when it is done.
//!
//! A hotfix is applied to the version that will run next: the one that is being prepared, be it by a deploy or by a
//! roll-back, or else the current one. If that version does not have the effect that the hotfix is meant to remove, there is
//! nothing to fix, and the hotfix is dropped. It never undoes a roll-back: the roll-back goes on while the fixed version is
//! prepared, which then follows it.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Class;
use crate::model::command::Hotfix;
use crate::model::event::Event;
use crate::model::service::ServiceSpec;
use crate::model::{Model, site};
use crate::units::SimTime;

use super::{Purpose, RolloutStage};

/// A hotfix that is being written, or has been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotfixWork {
    /// The order.
    pub hotfix: Hotfix,
    /// When it was ordered.
    pub ordered: SimTime,
    /// When it will be ready.
    pub(crate) due: SimTime,
    /// Whether it is ready: rolled out or dropped.
    pub finished: bool,
    /// Whether it was not needed any more when it was ready, and was not rolled out.
    pub dropped: bool,
}

impl Model<'_> {
    /// Starts the work on a hotfix.
    pub(crate) fn order_hotfix(&mut self, hotfix: Hotfix) {
        let now = self.agenda.now();
        let id = self.deploys.hotfixes.next_id();
        let mut rng = self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW);
        let due = now.saturating_add(hotfix.duration.sample_duration(&mut rng));
        self.deploys.hotfixes.push(HotfixWork { hotfix, ordered: now, due, finished: false, dropped: false });
        self.agenda.at(due, Class::Control, Event::HotfixReady(id));
    }

    /// A hotfix may be ready: it is applied to the version that runs next and rolled out, or dropped.
    pub(crate) fn hotfix_ready(&mut self, id: Id<HotfixWork>) {
        let now = self.agenda.now();
        let work = &mut self.deploys.hotfixes[id];
        if work.finished || now < work.due {
            return;
        }
        work.finished = true;
        let hotfix = work.hotfix.clone();
        let service = hotfix.service;
        let mut fixed = self.deploys.versions[service.index()][usize::from(self.next_version(service))].clone();
        if !fixed.effects.iter().any(|effect| effect.name == hotfix.removes) {
            self.deploys.hotfixes[id].dropped = true;
            return;
        }
        fixed.name = format!("{}+hotfix{}", fixed.name, id.raw() + 1);
        if self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW + 1).uniform() < hotfix.wrong {
            fixed.effects.extend(hotfix.adds);
        } else {
            fixed.effects.retain(|effect| effect.name != hotfix.removes);
        }
        let versions = &mut self.deploys.versions[service.index()];
        versions.push(fixed);
        let version = u16::try_from(versions.len() - 1).expect("fewer than 2^16 versions");
        self.supersede(service, |older| older.purpose == Purpose::Deploy);
        self.roll_out(service, version, Purpose::Deploy, None);
    }

    /// The version that the service will run once everything that is being prepared is there.
    fn next_version(&self, service: Id<ServiceSpec>) -> u16 {
        let prepared = self
            .rollouts(service)
            .filter(|one| one.stage == RolloutStage::Preparing && one.purpose != Purpose::Restart);
        prepared.last().map_or(self.services[service].version, |one| one.version)
    }

    /// The fixed version of what a roll-back leads to is prepared: what the roll-back has not done yet is left to it.
    pub(super) fn overtake_roll_back(&mut self, service: Id<ServiceSpec>) {
        let back = |one: &super::Rollout| one.purpose == Purpose::RollBack;
        if self.rollouts(service).any(|one| back(one) && one.stage == RolloutStage::Preparing) {
            self.deploys.history[service.index()].pop();
        }
        self.supersede(service, back);
    }

    pub(super) fn redraw_hotfixes(&mut self) {
        let now = self.agenda.now();
        for id in self.deploys.hotfixes.ids() {
            let work = &self.deploys.hotfixes[id];
            if work.finished || work.due <= now {
                continue;
            }
            let mut rng = self.rng(self.named_key("model.hotfix", id.raw()), site::DRAW);
            let due = now.saturating_add(work.hotfix.duration.remaining_duration(now.since(work.ordered), &mut rng));
            self.deploys.hotfixes[id].due = due;
            self.agenda.at(due, Class::Control, Event::HotfixReady(id));
        }
    }
}
