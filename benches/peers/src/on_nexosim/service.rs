//! The service: workers, their queue, the work before the database call, and the breaker in front of it.

use std::collections::VecDeque;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use serde::{Deserialize, Serialize};

use super::{Answer, Call, Ticket, delay, nanoseconds};
use crate::breaker::Breaker;
use crate::luck::Stream;
use crate::model;

/// What the service counts.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) rejects: u64,
    pub(super) breaker_rejects: u64,
    pub(super) breaker_opens: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Service {
    /// Answers on their way to the client -- output port.
    pub(super) answers: Output<Answer<Ticket>>,
    /// Calls on their way to the database -- output port.
    pub(super) calls: Output<Call>,
    queue_limit: usize,
    cpu_mean: f64,
    cpu: Stream,
    free_workers: u32,
    queue: VecDeque<Ticket>,
    breaker: Option<Breaker>,
    counts: Counts,
}

#[Model]
impl Service {
    pub(super) fn new(model: &model::Model, cpu: Stream) -> Self {
        Self {
            answers: Output::default(),
            calls: Output::default(),
            queue_limit: model.queue_limit,
            cpu_mean: model.cpu_mean,
            cpu,
            free_workers: model.workers,
            queue: VecDeque::new(),
            breaker: model.breaker.then(Breaker::default),
            counts: Counts::default(),
        }
    }

    /// What it has counted so far -- replier port.
    pub(super) async fn counts(&mut self) -> Counts {
        Counts { breaker_opens: self.breaker.as_ref().map_or(0, Breaker::opens), ..self.counts }
    }

    /// Attempts of the client -- input port.
    pub(super) async fn attempt(&mut self, ticket: Ticket, cx: &Context<Self>) {
        if self.free_workers > 0 {
            self.free_workers -= 1;
            self.start_cpu(ticket, cx);
        } else if self.queue.len() < self.queue_limit {
            self.queue.push_back(ticket);
        } else {
            self.counts.rejects += 1;
            self.answers.send(Answer { to: ticket, success: false }).await;
        }
    }

    fn start_cpu(&mut self, ticket: Ticket, cx: &Context<Self>) {
        let work = self.cpu.exponential(self.cpu_mean);
        cx.schedule_event(delay(work), schedulable!(Self::finish_cpu), ticket).expect("work is positive");
    }

    #[nexosim(schedulable)]
    async fn finish_cpu(&mut self, ticket: Ticket, cx: &Context<Self>) {
        let admitted = match &mut self.breaker {
            Some(breaker) => breaker.admit(nanoseconds(cx.time())),
            None => Some(0),
        };
        match admitted {
            Some(era) => self.calls.send(Call { ticket, era }).await,
            None => {
                self.counts.breaker_rejects += 1;
                self.leave(ticket, false, cx).await;
            }
        }
    }

    /// Answers of the database -- input port.
    pub(super) async fn database_answer(&mut self, answer: Answer<Call>, cx: &Context<Self>) {
        if let Some(breaker) = &mut self.breaker {
            breaker.record(nanoseconds(cx.time()), answer.to.era, answer.success);
        }
        self.leave(answer.to.ticket, answer.success, cx).await;
    }

    async fn leave(&mut self, ticket: Ticket, success: bool, cx: &Context<Self>) {
        self.answers.send(Answer { to: ticket, success }).await;
        match self.queue.pop_front() {
            Some(next) => self.start_cpu(next, cx),
            None => self.free_workers += 1,
        }
    }
}
