//! Retries: in step, too long, and on top of each other.

use crate::ids::Id;
use crate::model::{Backoff, DependencySpec, Jitter, Layer, RetrySpec};
use crate::units::SimDuration;

use super::{Linter, about, retrying};

impl Linter<'_> {
    pub(super) fn retries(&mut self, id: Id<DependencySpec>) {
        let dependency = &self.dependencies()[id];
        if let Some((at, retry)) = retrying(dependency) {
            self.jitter(id, at, retry);
            self.attempt_against_deadline(id, dependency, at);
        }
        self.against_callers(id, dependency);
    }

    fn jitter(&mut self, id: Id<DependencySpec>, at: usize, retry: &RetrySpec) {
        if retry.jitter == Jitter::None {
            let what = if retry.backoff == Backoff::None { "at once" } else { "in step" };
            let message = format!("without jitter, callers that fail together retry {what}, together");
            self.warn("no-jitter", self.layer_place(id, at), message, "set a jitter, for example jitter: Full");
        }
    }

    /// A time limit of an attempt that leaves no time for a second one.
    fn attempt_against_deadline(&mut self, id: Id<DependencySpec>, dependency: &DependencySpec, retry: usize) {
        let outside = dependency.layers[..retry].iter().filter_map(super::limit).min();
        let inside = dependency.layers[retry..].iter().enumerate().find_map(|(at, layer)| match layer {
            Layer::Timeout(limit) => Some((retry + at, *limit)),
            _ => None,
        });
        if let (Some(deadline), Some((at, timeout))) = (outside, inside)
            && timeout >= deadline
        {
            let message = format!(
                "an attempt may take {timeout}, the whole call only {deadline}: a slow attempt is never retried"
            );
            let help = format!("at most {} for {} attempts", deadline.mul_f64(0.5), 2);
            self.warn("timeout-exceeds-deadline", self.layer_place(id, at), message, help);
        }
    }

    /// Attempts that go on after whoever wants the answer has given up.
    fn against_callers(&mut self, id: Id<DependencySpec>, dependency: &DependencySpec) {
        let Some(caller) = dependency.caller.filter(|_| !dependency.propagates_deadline) else { return };
        let (Some(longest), Some((outer, patience))) = (longest(dependency), self.least_patience(caller)) else {
            return;
        };
        let Some(to) = self.resolved.places[id.index()].to.clone() else { return };
        if longest > patience {
            let message = format!(
                "a call through `{}` may take up to {}, but `{}` gives up after {patience}",
                dependency.name,
                about(longest),
                outer.name
            );
            let help = "shorten the attempts, make fewer, or let the deadline travel: propagates_deadline: true";
            self.warn("attempts-outlast-caller", to, message, help);
        }
    }

    /// Retries at several layers multiply.
    pub(super) fn layered_retries(&mut self) {
        let load = &self.resolved.load;
        let mut arriving = vec![1_u64; load.edges.len()];
        let mut worst = vec![0_u64; self.dependencies().len()];
        for population in &self.resolved.scenario.populations {
            for entry in &population.mix {
                let attempts = attempts(&self.dependencies()[entry.call.dependency]);
                let at = entry.call.endpoint.index();
                arriving[at] = arriving[at].max(attempts);
            }
        }
        for &at in &load.order {
            for &(dependency, to) in &load.edges[at] {
                let own = attempts(&self.dependencies()[Id::from_usize(dependency)]);
                let all = arriving[at].saturating_mul(own);
                arriving[to] = arriving[to].max(all);
                if own > 1 && arriving[at] > 1 {
                    worst[dependency] = worst[dependency].max(all);
                }
            }
        }
        for (at, attempts) in worst.into_iter().enumerate().filter(|(_, attempts)| *attempts > 0) {
            self.warn_layered(Id::from_usize(at), attempts);
        }
    }

    fn warn_layered(&mut self, id: Id<DependencySpec>, attempts: u64) {
        let dependency = &self.dependencies()[id];
        let Some((layer, _)) = retrying(dependency) else { return };
        let target = &self.system.services[dependency.target].name;
        let message =
            format!("callers further up retry too: one request may become {attempts} attempts at \"{target}\"");
        self.warn(
            "layered-retries",
            self.layer_place(id, layer),
            message,
            "retry at one layer only, or give each a budget",
        );
    }
}

fn attempts(dependency: &DependencySpec) -> u64 {
    retrying(dependency).map_or(1, |(_, retry)| u64::from(retry.max_attempts))
}

/// How long a call may take at most, with the delays that the back-off has without jitter; `None` without any limit.
fn longest(dependency: &DependencySpec) -> Option<SimDuration> {
    let mut total = None;
    for layer in dependency.layers.iter().rev() {
        match layer {
            Layer::Timeout(limit) | Layer::Deadline(limit) => {
                total = Some(total.map_or(*limit, |inner: SimDuration| inner.min(*limit)));
            }
            Layer::Retry(retry) => {
                total = total.map(|attempt: SimDuration| {
                    let waits = (1..retry.max_attempts).map(|number| retry.backoff.delay(number));
                    waits.fold(attempt.mul_f64(f64::from(retry.max_attempts)), SimDuration::saturating_add)
                });
            }
            _ => {}
        }
    }
    total
}
