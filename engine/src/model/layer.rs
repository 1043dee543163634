//! The layers around a call, each between the call and its mechanism's state in the channel.
//!
//! A layer is entered on the way in, left with an outcome on the way out, and given up when something further out has
//! lost patience. The rules are in the mechanisms' own files; here they are asked.

use crate::ids::Id;
use crate::kernel::{Class, Handle};
use crate::units::SimTime;

use super::breaker::{Breaker, BreakerSpec};
use super::bulkhead::Admission;
use super::call::{Call, Entry, Exit};
use super::channel::{Channel, Dependency, Waiter};
use super::dependency::{BreakerScope, DependencySpec, Layer, LayerKind};
use super::event::Event;
use super::outcome::{ErrorKind, Outcome};
use super::pool::Departure;
use super::rate_limit::Decision;
use super::{Model, site};

impl Model<'_> {
    /// Enters time limits and retries, which pass every call, until there is a layer that may not, and says which; `None`
    /// when there is none, and the call may be sent. `passed` is 1 if the call has just passed a layer, else 0.
    #[inline(always)]
    pub(crate) fn enter_limits(&mut self, handle: Handle<Call>, passed: u8) -> Option<(LayerKind, usize)> {
        let call = &mut self.calls[handle];
        call.entered += passed;
        let dependency = &self.dependencies[call.dependency];
        while let Some(step) = dependency.steps.get(usize::from(call.entered)) {
            match step.kind {
                LayerKind::Timeout => {
                    call.timeout = self.agenda.now().saturating_add(step.limit);
                    call.timeout_timer = self.agenda.arm(step.lane, Event::Timeout(handle));
                }
                LayerKind::Deadline => {
                    call.deadline = self.agenda.now().saturating_add(step.limit);
                    call.deadline_timer = self.agenda.arm(step.lane, Event::DeadlineLayer(handle));
                }
                LayerKind::Retry if !step.budget => {}
                other => return Some((other, usize::from(call.entered))),
            }
            call.entered += 1;
        }
        None
    }

    /// Enters the layer that comes next, which is of this kind.
    #[inline(always)]
    pub(crate) fn enter(&mut self, handle: Handle<Call>, kind: LayerKind, layer: usize) -> Entry {
        match kind {
            LayerKind::Pool => self.acquire_connection(handle, layer),
            LayerKind::Breaker => self.enter_breaker(handle, layer),
            LayerKind::RateLimit => self.enter_rate_limit(handle, layer),
            LayerKind::Bulkhead => self.enter_bulkhead(handle, layer),
            LayerKind::Retry => self.enter_retry(handle, layer),
            LayerKind::Timeout | LayerKind::Deadline => Entry::Passed,
        }
    }

    /// Leaves layers that have nothing to say about the outcome, and returns the first that has, by then off `entered`;
    /// `None` when the call has left all.
    #[inline(always)]
    pub(crate) fn leave_limits(&mut self, handle: Handle<Call>, outcome: Outcome) -> Option<(LayerKind, usize)> {
        let call = &mut self.calls[handle];
        let dependency = &self.dependencies[call.dependency];
        loop {
            call.entered = call.entered.checked_sub(1)?;
            let step = &dependency.steps[usize::from(call.entered)];
            match step.kind {
                LayerKind::Timeout => {
                    call.timeout = SimTime::NEVER;
                    self.agenda.cancel(std::mem::replace(&mut call.timeout_timer, Handle::NONE));
                }
                LayerKind::Deadline => {
                    call.deadline = SimTime::NEVER;
                    self.agenda.cancel(std::mem::replace(&mut call.deadline_timer, Handle::NONE));
                }
                LayerKind::Retry if !step.budget && outcome.is_ok() => {}
                LayerKind::RateLimit => {}
                other => return Some((other, usize::from(call.entered))),
            }
        }
    }

    /// Leaves the layer just taken off `entered`, with an outcome that it may only look at.
    #[inline(always)]
    pub(crate) fn leave(&mut self, handle: Handle<Call>, kind: LayerKind, layer: usize, outcome: Outcome) -> Exit {
        match kind {
            LayerKind::Pool => self.release_connection(handle, layer),
            LayerKind::Breaker => self.leave_breaker(handle, layer, Some(outcome)),
            LayerKind::Bulkhead => self.leave_bulkhead(handle, layer),
            LayerKind::Retry => return self.leave_retry(handle, layer, outcome),
            LayerKind::RateLimit | LayerKind::Timeout | LayerKind::Deadline => {}
        }
        Exit::Out
    }

    /// Leaves the layer just taken off `entered` because something further out gives the call up: with `limit` because a
    /// time limit has passed, without because nobody wants the answer any more.
    ///
    /// A breaker records the first at once as a failure that took until then, and hands the permit of the second back. The
    /// product does the same where the limit interrupts the call: the `TimeLimiter` of resilience4j 2.4.0 cancels the
    /// future (`cancelRunningFuture`, on by default), the interrupted call throws, and the breaker inside records that. A
    /// call that cannot be interrupted would be recorded when it ends, which the caller's side does not know.
    pub(crate) fn give_up(&mut self, handle: Handle<Call>, kind: LayerKind, limit: Option<ErrorKind>) {
        let layer = usize::from(self.calls[handle].entered);
        match kind {
            LayerKind::Deadline | LayerKind::Timeout => self.disarm(handle, kind),
            LayerKind::Breaker => self.leave_breaker(handle, layer, limit.map(Err)),
            LayerKind::Bulkhead => self.leave_bulkhead(handle, layer),
            LayerKind::Pool => self.abandon_connection(handle, layer),
            LayerKind::Retry | LayerKind::RateLimit => {}
        }
    }

    /// Stops waiting for the layer that was to be entered next.
    pub(crate) fn stop_waiting(&mut self, handle: Handle<Call>, kind: LayerKind, why: Departure) {
        let timer = std::mem::replace(&mut self.calls[handle].wait_timer, Handle::NONE);
        self.agenda.cancel(timer);
        match kind {
            LayerKind::Pool => self.stop_waiting_for_connection(handle, why),
            LayerKind::Bulkhead => self.stop_waiting_for_bulkhead(handle),
            _ => {}
        }
    }

    fn disarm(&mut self, handle: Handle<Call>, kind: LayerKind) {
        let call = &mut self.calls[handle];
        let timer = if kind == LayerKind::Timeout {
            call.timeout = SimTime::NEVER;
            &mut call.timeout_timer
        } else {
            call.deadline = SimTime::NEVER;
            &mut call.deadline_timer
        };
        self.agenda.cancel(std::mem::replace(timer, Handle::NONE));
    }

    #[inline(never)]
    fn enter_retry(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let call = &self.calls[handle];
        if let Layer::Retry(spec) = &self.dependencies[call.dependency].layers[layer]
            && let (Some(spec), Some(budget)) = (&spec.budget, &mut self.channels[call.channel].budget)
        {
            budget.on_first_try(spec, self.agenda.now());
        }
        Entry::Passed
    }

    #[inline(never)]
    fn leave_retry(&mut self, handle: Handle<Call>, layer: usize, outcome: Outcome) -> Exit {
        let now = self.agenda.now();
        let salt = self.salt;
        let call = &mut self.calls[handle];
        let Layer::Retry(spec) = &self.dependencies[call.dependency].layers[layer] else { return Exit::Out };
        let retry_on = spec.retry_on;
        let mut budget = spec.budget.as_ref().zip(self.channels[call.channel].budget.as_mut());
        let kind = match outcome {
            Ok(()) => {
                if let Some((spec, budget)) = &mut budget {
                    budget.on_success(spec, call.retry_token.take());
                }
                return Exit::Out;
            }
            Err(kind) => kind,
        };
        if let Some((spec, budget)) = &mut budget
            && retry_on.contains(kind)
        {
            budget.on_failure(spec, kind);
        }
        if !spec.allows(&call.retries, kind) {
            return Exit::Out;
        }
        if let Some((spec, budget)) = &mut budget {
            call.retry_token = budget.try_withdraw(spec, now, kind);
            if call.retry_token.is_none() {
                return Exit::Out;
            }
        }
        let uniform = call.key.rng((site::BACKOFF + u64::from(call.attempt)) ^ salt).uniform();
        Exit::Again(spec.next_delay(&mut call.retries, kind, uniform))
    }

    #[inline(never)]
    fn enter_breaker(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let call = &self.calls[handle];
        let Layer::Breaker { scope, .. } = &self.dependencies[call.dependency].layers[layer] else {
            unreachable!("a breaker layer")
        };
        let index = match *scope {
            BreakerScope::Service => 0,
            BreakerScope::Endpoint => self.spec.endpoint_position(call.endpoint) as u16,
            BreakerScope::Shared { key } => key,
            BreakerScope::Instance => match self.breaker_of_instance(handle) {
                Some(index) => index,
                None => return Entry::Rejected(ErrorKind::ConnectionRefused),
            },
        };
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let (spec, scope) = breaker_layer(&self.dependencies[call.dependency], layer);
        let breaker = breaker_in(&mut self.shared_breakers, &mut self.channels[call.channel], scope, index);
        let before = breaker.generation();
        let entry = match breaker.try_acquire(spec, now) {
            Ok(permit) => {
                call.permit = Some((index, permit));
                Entry::Passed
            }
            Err(_) => Entry::Rejected(ErrorKind::BreakerOpen),
        };
        if breaker.generation() != before {
            let (id, timer) = (call.channel, breaker.next_timer(spec));
            self.arm_breaker(id, scope, index, timer);
        }
        entry
    }

    /// Gives the breaker's permit back, if the call has one, with the outcome or without.
    #[inline(never)]
    pub(crate) fn leave_breaker(&mut self, handle: Handle<Call>, layer: usize, outcome: Option<Outcome>) {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let Some((index, permit)) = call.permit.take() else { return };
        let (spec, scope) = breaker_layer(&self.dependencies[call.dependency], layer);
        let breaker = breaker_in(&mut self.shared_breakers, &mut self.channels[call.channel], scope, index);
        let before = breaker.generation();
        match &outcome {
            Some(outcome) => breaker.record(spec, now, permit, outcome),
            None => breaker.release(spec, permit),
        }
        if breaker.generation() != before {
            let (id, timer) = (call.channel, breaker.next_timer(spec));
            self.arm_breaker(id, scope, index, timer);
        }
    }

    /// The breaker of the instance that a call goes to; `None` when there is no instance.
    #[inline(never)]
    fn breaker_of_instance(&mut self, handle: Handle<Call>) -> Option<u16> {
        let instance = self.choose_instance(handle)?;
        let call = &mut self.calls[handle];
        call.instance = Some(instance);
        let ordinal = self.instances[instance].ordinal as usize;
        let breakers = &mut self.channels[call.channel].breakers;
        if let Some((spec, _)) = self.dependencies[call.dependency].breaker()
            && breakers.len() <= ordinal
        {
            breakers.resize(ordinal + 1, Breaker::new(spec));
        }
        Some(ordinal as u16)
    }

    fn arm_breaker(&mut self, id: Id<Channel>, scope: BreakerScope, index: u16, at: Option<SimTime>) {
        let Some(at) = at else { return };
        let shared = matches!(scope, BreakerScope::Shared { .. });
        let event = Event::BreakerTimer { channel: id, shared, breaker: index };
        self.agenda.at(at.max(self.agenda.now()), Class::Traffic, event);
    }

    /// Arms the timers that a dependency's breakers want now; one that is no longer wanted does nothing.
    pub(crate) fn arm_breakers(&mut self, dependency: Id<DependencySpec>) {
        let Some((spec, scope)) = self.dependencies[dependency].breaker() else { return };
        let spec = spec.clone();
        for id in self.channels.ids() {
            if self.channels[id].dependency != dependency {
                continue;
            }
            let breakers = match scope {
                BreakerScope::Shared { key } => &self.shared_breakers[usize::from(key)..=usize::from(key)],
                _ => &self.channels[id].breakers,
            };
            let first = if let BreakerScope::Shared { key } = scope { key } else { 0 };
            let timers: Vec<_> = (first..).zip(breakers.iter().map(|breaker| breaker.next_timer(&spec))).collect();
            for (index, timer) in timers {
                self.arm_breaker(id, scope, index, timer);
            }
        }
    }

    /// A breaker may have to change its state by itself.
    pub(crate) fn breaker_timer(&mut self, id: Id<Channel>, shared: bool, index: u16) {
        let now = self.agenda.now();
        let Some((spec, scope)) = self.dependencies[self.channels[id].dependency].breaker() else { return };
        let breakers = if shared { &mut *self.shared_breakers } else { &mut self.channels[id].breakers };
        let Some(breaker) = breakers.get_mut(usize::from(index)) else { return };
        let before = breaker.generation();
        breaker.on_timer(spec, now);
        let timer = (breaker.generation() != before).then(|| breaker.next_timer(spec)).flatten();
        self.arm_breaker(id, scope, index, timer);
    }

    #[inline(never)]
    fn enter_rate_limit(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let now = self.agenda.now();
        let call = &self.calls[handle];
        let Layer::RateLimit(spec) = &self.dependencies[call.dependency].layers[layer] else {
            unreachable!("a rate limit layer")
        };
        let limiter = self.channels[call.channel].limiter.as_mut().expect("a rate limit layer has a limiter");
        match limiter.try_acquire(spec, now) {
            Decision::Granted => Entry::Passed,
            Decision::Rejected => self.turn_away(handle, layer),
            Decision::WaitUntil(at) => {
                let waiter = self.begin_wait(handle);
                // What is left of an earlier wait that ends now must not end this one.
                self.calls[handle].wait_until = SimTime::NEVER;
                self.agenda.at(at, Class::Traffic, Event::Resume { call: handle, wait: waiter.wait });
                Entry::Waits
            }
        }
    }

    /// A call gets no permit: it learns of it now, or when the limit lets go of its caller.
    fn turn_away(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let step = &self.dependencies[self.calls[handle].dependency].steps[layer];
        let (limit, lane) = (step.limit, step.lane);
        if limit.is_zero() {
            return Entry::Rejected(ErrorKind::RateLimited);
        }
        let _ = self.begin_wait(handle);
        let call = &mut self.calls[handle];
        call.wait_until = self.agenda.now().saturating_add(limit);
        call.wait_timer = self.agenda.arm(lane, Event::WaitOver(handle));
        Entry::Waits
    }

    fn begin_wait(&mut self, handle: Handle<Call>) -> Waiter {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        call.wait += 1;
        call.waiting_since = now;
        Waiter { call: handle, wait: call.wait }
    }

    #[inline(never)]
    fn enter_bulkhead(&mut self, handle: Handle<Call>, layer: usize) -> Entry {
        let now = self.agenda.now();
        let waiter = self.begin_wait(handle);
        let call = &mut self.calls[handle];
        let dependency = &self.dependencies[call.dependency];
        let Layer::Bulkhead(spec) = &dependency.layers[layer] else { unreachable!("a bulkhead layer") };
        let bulkhead = self.channels[call.channel].bulkhead.as_mut().expect("a bulkhead layer has a bulkhead");
        match bulkhead.acquire(spec, now, waiter) {
            Admission::Acquired => Entry::Passed,
            Admission::Rejected => Entry::Rejected(ErrorKind::BulkheadFull),
            Admission::Queued(ticket) => {
                call.line = Some(ticket);
                call.wait_until = now.saturating_add(spec.max_wait_duration);
                call.wait_timer = self.agenda.arm(dependency.steps[layer].lane, Event::WaitOver(handle));
                Entry::Waits
            }
        }
    }

    #[inline(never)]
    fn leave_bulkhead(&mut self, handle: Handle<Call>, layer: usize) {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        call.line = None;
        let Layer::Bulkhead(spec) = &self.dependencies[call.dependency].layers[layer] else { return };
        let bulkhead = self.channels[call.channel].bulkhead.as_mut().expect("a bulkhead layer has a bulkhead");
        if let Some(next) = bulkhead.release(spec, now) {
            self.resume_soon(next);
        }
    }

    fn stop_waiting_for_bulkhead(&mut self, handle: Handle<Call>) {
        let now = self.agenda.now();
        let call = &mut self.calls[handle];
        let (layer, channel) = (usize::from(call.entered), call.channel);
        let Some(ticket) = call.line.take() else { return };
        let bulkhead = self.channels[channel].bulkhead.as_mut().expect("the bulkhead waited for");
        if bulkhead.abandon(now, ticket).is_none() {
            // Its permit was granted in this very instant.
            self.leave_bulkhead(handle, layer);
        }
    }

    /// Lets a call go on, as an event of its own: a long line of waiters must not become a deep recursion.
    pub(crate) fn resume_soon(&mut self, waiter: Waiter) {
        self.agenda.soon(Event::Resume { call: waiter.call, wait: waiter.wait });
    }

    fn abandon_connection(&mut self, handle: Handle<Call>, layer: usize) {
        let job = self.calls[handle].job;
        if job.is_none() {
            self.release_connection(handle, layer);
        } else {
            self.break_connection(handle, layer, job);
        }
    }
}

#[inline(always)]
fn breaker_layer(dependency: &Dependency, layer: usize) -> (&BreakerSpec, BreakerScope) {
    match &dependency.layers[layer] {
        Layer::Breaker { spec, scope } => (spec, *scope),
        other => unreachable!("{other:?} is no breaker"),
    }
}

/// The breaker with this index among those of its scope.
#[inline(always)]
fn breaker_in<'a>(
    shared: &'a mut [Breaker],
    channel: &'a mut Channel,
    scope: BreakerScope,
    index: u16,
) -> &'a mut Breaker {
    let breakers = if matches!(scope, BreakerScope::Shared { .. }) { shared } else { &mut *channel.breakers };
    &mut breakers[usize::from(index)]
}
