//! The client: arrivals, timers, retries, and the measures of what users get.

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::Output;
use nexosim::simulation::EventKey;
use serde::{Deserialize, Serialize};

use super::{Answer, Ticket, delay, nanoseconds};
use crate::luck::Stream;
use crate::measures::Measures;
use crate::model;

/// A user request in flight.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    born: u64,
    wait: u32,
    attempt: u8,
    timer: Option<EventKey>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Client {
    /// Attempts on their way to the service -- output port.
    pub(super) attempts: Output<Ticket>,
    model: model::Model,
    arrivals: Stream,
    backoff: Stream,
    requests: Vec<Request>,
    vacant: Vec<u32>,
    measures: Measures,
}

#[Model]
impl Client {
    pub(super) fn new(model: model::Model, arrivals: Stream, backoff: Stream, measures: Measures) -> Self {
        Self {
            attempts: Output::default(),
            model,
            arrivals,
            backoff,
            requests: Vec::new(),
            vacant: Vec::new(),
            measures,
        }
    }

    /// What users got -- replier port.
    pub(super) async fn measures(&mut self) -> Measures {
        self.measures.clone()
    }

    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.schedule_arrival(cx);
    }

    fn schedule_arrival(&mut self, cx: &Context<Self>) {
        let gap = self.arrivals.exponential(self.model.mean_gap(nanoseconds(cx.time())));
        cx.schedule_event(delay(gap), schedulable!(Self::arrive), ()).expect("a gap is positive");
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.schedule_arrival(cx);
        let now = nanoseconds(cx.time());
        self.measures.request(now);
        let slot = self.add_request(now);
        self.send(slot, cx).await;
    }

    fn add_request(&mut self, born: u64) -> u32 {
        if let Some(slot) = self.vacant.pop() {
            let request = &mut self.requests[slot as usize];
            request.born = born;
            request.attempt = 1;
            return slot;
        }
        self.requests.push(Request { born, wait: 0, attempt: 1, timer: None });
        self.requests.len() as u32 - 1
    }

    async fn send(&mut self, slot: u32, cx: &Context<Self>) {
        let timer = cx
            .schedule_keyed_event(delay(self.model.client_timeout), schedulable!(Self::time_out), slot)
            .expect("the timeout is positive");
        let request = &mut self.requests[slot as usize];
        request.timer = Some(timer);
        let wait = request.wait;
        self.attempts.send(Ticket { slot, wait }).await;
    }

    #[nexosim(schedulable)]
    async fn time_out(&mut self, slot: u32, cx: &Context<Self>) {
        self.measures.timeouts += 1;
        let request = &mut self.requests[slot as usize];
        request.wait += 1;
        request.timer = None;
        self.fail(slot, cx);
    }

    fn fail(&mut self, slot: u32, cx: &Context<Self>) {
        let request = &mut self.requests[slot as usize];
        if request.attempt == self.model.max_attempts {
            self.measures.failure(nanoseconds(cx.time()));
            self.vacant.push(slot);
            return;
        }
        let pause = self.backoff.uniform(self.model.backoff_width(request.attempt));
        request.attempt += 1;
        cx.schedule_event(delay(pause), schedulable!(Self::retry), slot).expect("a pause is positive");
    }

    #[nexosim(schedulable)]
    async fn retry(&mut self, slot: u32, cx: &Context<Self>) {
        self.measures.retry(nanoseconds(cx.time()));
        self.send(slot, cx).await;
    }

    /// Answers of the service -- input port.
    pub(super) async fn answer(&mut self, answer: Answer<Ticket>, cx: &Context<Self>) {
        let slot = answer.to.slot;
        let request = &mut self.requests[slot as usize];
        if request.wait != answer.to.wait {
            return;
        }
        request.wait += 1;
        if let Some(timer) = request.timer.take() {
            timer.cancel();
        }
        if answer.success {
            self.measures.success(nanoseconds(cx.time()), request.born);
            self.vacant.push(slot);
        } else {
            self.fail(slot, cx);
        }
    }
}
