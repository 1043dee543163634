//! The end of a shift: it is said ten minutes before, and then they go.

use serde::{Deserialize, Serialize};

use crate::observe::NewsKind;
use crate::units::{SimDuration, SimTime};

use super::spec::PeopleSpec;
use super::state::{People, Presence};

/// How long before they go it is said.
const NOTICE: SimDuration = SimDuration::from_secs(600);

/// Where somebody is in their shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shift {
    /// In it.
    During,
    /// Near its end, and they have said so.
    Ending,
    /// After it. Who is called then stays.
    Over,
}

impl People {
    /// Shifts end. Whoever leads stays until they have handed over.
    pub(super) fn step_shifts(&mut self, spec: &PeopleSpec, now: SimTime) {
        for (id, who) in spec.responders.enumerate() {
            let Some(leaves) = who.leaves else { continue };
            let there = matches!(self.responders[id].presence, Presence::Here | Presence::ReadingUp { .. });
            let shift = self.responders[id].shift;
            if shift == Shift::During && now.saturating_add(NOTICE) >= leaves {
                self.responders[id].shift = Shift::Ending;
                if there && now < leaves {
                    let left = super::state::roughly(leaves.since(now));
                    let what = self.occupied_with(id).map_or_else(String::new, |task| {
                        let title = &self.tasks[task].work.title;
                        format!("; somebody else has to take {title} (task {})", task.raw())
                    });
                    let text = format!("my shift ends in {left}{what}");
                    self.say(now, who.name.clone(), NewsKind::Report, None, text);
                }
            }
            if shift != Shift::Over && now >= leaves && !self.leads_or_will(id) {
                self.responders[id].shift = Shift::Over;
                if there {
                    self.go(id);
                    self.say(now, who.name.clone(), NewsKind::Announced, None, "my shift is over; gone".to_owned());
                }
            }
        }
    }
}
