//! Work that ends in orders: a prepared switch that somebody has to carry out, a step of a runbook.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::kernel::Class;
use crate::model::command::Verb;
use crate::model::event::Event;
use crate::model::{Model, site};
use crate::rng::Distribution;
use crate::units::SimTime;

/// Work that is being done, or has been.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// What it is called.
    pub name: String,
    /// How long it takes, in nanoseconds.
    pub takes: Distribution,
    /// The orders that take effect when it is done.
    pub verbs: Vec<Verb>,
    /// When it was ordered.
    pub ordered: SimTime,
    /// When it will be done.
    pub(crate) due: SimTime,
    /// Whether it is done.
    pub finished: bool,
}

impl Model<'_> {
    /// Starts some work.
    pub(crate) fn begin_work(&mut self, name: String, takes: Distribution, verbs: Vec<Verb>) {
        let now = self.agenda.now();
        let id = self.deploys.works.next_id();
        let mut rng = self.rng(self.named_key("model.work", id.raw()), site::DRAW);
        let due = now.saturating_add(takes.sample_duration(&mut rng));
        self.deploys.works.push(Work { name, takes, verbs, ordered: now, due, finished: false });
        self.agenda.at(due, Class::Control, Event::WorkFinished(id));
    }

    /// Some work may be done: its orders take effect, but for those that make no sense any more.
    pub(crate) fn work_finished(&mut self, id: Id<Work>) {
        let now = self.agenda.now();
        let work = &mut self.deploys.works[id];
        if work.finished || now < work.due {
            return;
        }
        work.finished = true;
        for verb in work.verbs.clone() {
            // A refused order has changed nothing; whoever ordered the work sees that nothing came of it.
            let _ = self.order(&verb);
        }
    }

    pub(super) fn redraw_works(&mut self) {
        let now = self.agenda.now();
        for id in self.deploys.works.ids() {
            let work = &self.deploys.works[id];
            if work.finished || work.due <= now {
                continue;
            }
            let mut rng = self.rng(self.named_key("model.work", id.raw()), site::DRAW);
            let due = now.saturating_add(work.takes.remaining_duration(now.since(work.ordered), &mut rng));
            self.deploys.works[id].due = due;
            self.agenda.at(due, Class::Control, Event::WorkFinished(id));
        }
    }
}
