//! What happened behind the scenes, and when: faults as they start, change and heal, and roll-outs as they end.
//!
//! Whoever leads never sees it; a summary or a debrief may show it. Faults are noted at their instant, the end of a roll-out by
//! the second in which it lies.

use bevy_ecs::resource::Resource;
use serde::{Deserialize, Serialize};

use crate::fault::Faults;
use crate::model::{Deploys, RolloutStage};
use crate::units::{SimDuration, SimTime};

/// What has happened so far, in time order.
#[derive(Clone, Debug, Default, PartialEq, Resource, Serialize, Deserialize)]
pub struct Chronicle {
    faults: Vec<FaultMoment>,
    /// By fault: its strength when it was last looked at.
    strengths: Vec<f64>,
    /// By roll-out: when every instance had been replaced.
    ended: Vec<Option<SimTime>>,
}

/// A fault changed its strength.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultMoment {
    /// When.
    pub at: SimTime,
    /// The dense index of the fault: those of every variant first, then those of the one that is true.
    pub fault: u32,
    /// The strength before, 1 being full strength; 0 when it starts.
    pub before: f64,
    /// The strength from now on; 0 when it heals.
    pub after: f64,
}

impl Chronicle {
    /// How faults started, changed and healed, in time order.
    #[must_use]
    pub fn faults(&self) -> &[FaultMoment] {
        &self.faults
    }

    /// The second in which a roll-out, by its dense index, had replaced every instance; `None` when it has not, or has left
    /// the rest to a newer order.
    #[must_use]
    pub fn rollout_ended(&self, rollout: usize) -> Option<SimTime> {
        self.ended.get(rollout).copied().flatten()
    }

    /// Notes what has become of the faults.
    pub(super) fn note_faults(&mut self, now: SimTime, faults: &Faults) {
        for (index, strength) in faults.strengths().enumerate() {
            if self.strengths.len() <= index {
                self.strengths.push(0.0);
            }
            let before = std::mem::replace(&mut self.strengths[index], strength);
            if before.to_bits() != strength.to_bits() {
                self.faults.push(FaultMoment { at: now, fault: index as u32, before, after: strength });
            }
        }
    }

    /// Notes which roll-outs have ended in the second that ends now.
    pub(super) fn note_rollouts(&mut self, now: SimTime, deploys: &Deploys) {
        let second = SimTime::from_nanos(now.as_nanos().saturating_sub(SimDuration::SECOND.as_nanos()));
        self.ended.resize(deploys.rollouts.len(), None);
        for (ended, rollout) in self.ended.iter_mut().zip(deploys.rollouts.iter()) {
            if ended.is_none() && rollout.stage == RolloutStage::Done {
                *ended = Some(second.max(rollout.ordered));
            }
        }
    }
}
