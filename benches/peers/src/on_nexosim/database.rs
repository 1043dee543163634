//! The database and the pool in front of it: connections, the waiting line, and its acquisition timers.

use std::collections::VecDeque;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::EventKey;
use serde::{Deserialize, Serialize};

use super::{Answer, Call, delay};
use crate::luck::{LogNormal, Stream};
use crate::model;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Database {
    /// Answers on their way to the service -- output port.
    pub(super) answers: Output<Answer<Call>>,
    acquisition_timeout: u64,
    law: LogNormal,
    luck: Stream,
    free_connections: u32,
    waiting: VecDeque<(Call, EventKey)>,
    pool_timeouts: u64,
}

#[Model]
impl Database {
    pub(super) fn new(model: &model::Model, luck: Stream) -> Self {
        Self {
            answers: Output::default(),
            acquisition_timeout: model.acquisition_timeout,
            law: model.database,
            luck,
            free_connections: model.connections,
            waiting: VecDeque::new(),
            pool_timeouts: 0,
        }
    }

    /// How many calls got no connection in time -- replier port.
    pub(super) async fn pool_timeouts(&mut self) -> u64 {
        self.pool_timeouts
    }

    /// Calls of the service -- input port.
    pub(super) async fn call(&mut self, call: Call, cx: &Context<Self>) {
        if self.free_connections > 0 {
            self.free_connections -= 1;
            self.start(call, cx);
        } else {
            let timer = cx
                .schedule_keyed_event(delay(self.acquisition_timeout), schedulable!(Self::time_out), ())
                .expect("the timeout is positive");
            self.waiting.push_back((call, timer));
        }
    }

    fn start(&mut self, call: Call, cx: &Context<Self>) {
        let work = self.luck.lognormal(self.law);
        cx.schedule_event(delay(work), schedulable!(Self::finish), call).expect("work is positive");
    }

    /// The timer that expires first belongs to the call that has waited longest.
    #[nexosim(schedulable)]
    async fn time_out(&mut self) {
        if let Some((call, _)) = self.waiting.pop_front() {
            self.pool_timeouts += 1;
            self.answers.send(Answer { to: call, success: false }).await;
        }
    }

    #[nexosim(schedulable)]
    async fn finish(&mut self, call: Call, cx: &Context<Self>) {
        match self.waiting.pop_front() {
            Some((next, timer)) => {
                timer.cancel();
                self.start(next, cx);
            }
            None => self.free_connections += 1,
        }
        self.answers.send(Answer { to: call, success: true }).await;
    }
}
