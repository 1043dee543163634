//! What an endpoint does with a request: a plan of steps, and the flat program it is compiled to.
//!
//! A plan is a tree as it is written ([`Step`]). Running it walks a flat list of [`Op`]s with jump targets, so that a job
//! needs only a program counter to be suspended at a call and resumed by its answer.

use serde::{Deserialize, Serialize};

use crate::ids::Id;
use crate::rng::Distribution;

use super::dependency::DependencySpec;
use super::outcome::ErrorKind;
use super::service::EndpointSpec;

/// One step of an endpoint's plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Local work of a drawn duration in nanoseconds, on the job's worker or its share of the processor.
    Work(Distribution),
    /// A call whose answer is awaited before the next step.
    Call(CallStep),
    /// A call whose answer nobody awaits (fire and forget).
    Spawn(CallStep),
    /// Branches that run at the same time; the next step starts when all have ended, and fails if one failed.
    Parallel(Vec<Vec<Step>>),
    /// One of two sequences, the first with probability `probability`.
    Chance {
        /// The probability of `then`, 0 to 1.
        probability: f64,
        /// What is done with that probability.
        then: Vec<Step>,
        /// What is done otherwise.
        otherwise: Vec<Step>,
    },
    /// A sequence done once, and again with probability `probability` after each time.
    Repeat {
        /// The probability of going round once more, 0 to below 1.
        probability: f64,
        /// What is repeated.
        body: Vec<Step>,
    },
    /// The job ends here with an error.
    Fail(ErrorKind),
}

/// Which endpoint is called, and through which dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStep {
    /// The caller's way of calling that service.
    pub dependency: Id<DependencySpec>,
    /// The endpoint called.
    pub endpoint: Id<EndpointSpec>,
    /// Whether the plan goes on when the call fails (a fallback), instead of failing the job.
    pub optional: bool,
}

/// One operation of a compiled plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Work(Distribution),
    Call(CallStep),
    Spawn(CallStep),
    /// Starts a strand at each target; goes on at `join` when all have ended.
    Parallel {
        branches: Box<[u32]>,
        join: u32,
    },
    /// Goes on at the next op with the probability, else at `otherwise`.
    Chance {
        probability: f64,
        otherwise: u32,
    },
    /// Goes back to `start` with the probability.
    Again {
        probability: f64,
        start: u32,
    },
    Jump(u32),
    Fail(ErrorKind),
    /// The end of the plan, or of a branch.
    End,
}

/// A compiled plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub(crate) ops: Box<[Op]>,
}

impl Plan {
    /// Compiles steps.
    #[must_use]
    pub fn new(steps: &[Step]) -> Self {
        let mut ops = Vec::new();
        compile(steps, &mut ops);
        ops.push(Op::End);
        Self { ops: ops.into() }
    }
}

impl Plan {
    /// The calls whose answers it awaits.
    pub fn awaited(&self) -> impl Iterator<Item = &CallStep> {
        self.ops.iter().filter_map(|op| match op {
            Op::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The work that it begins with, if it does.
    #[inline]
    pub(crate) fn first_work(&self) -> Option<&Distribution> {
        match &*self.ops {
            [Op::Work(work), ..] => Some(work),
            _ => None,
        }
    }
}

fn position(ops: &[Op]) -> u32 {
    u32::try_from(ops.len()).expect("a plan has fewer than 2^32 steps")
}

fn compile(steps: &[Step], ops: &mut Vec<Op>) {
    for step in steps {
        match step {
            Step::Work(duration) => ops.push(Op::Work(duration.clone())),
            Step::Call(call) => ops.push(Op::Call(*call)),
            Step::Spawn(call) => ops.push(Op::Spawn(*call)),
            Step::Fail(kind) => ops.push(Op::Fail(*kind)),
            Step::Parallel(branches) => compile_parallel(branches, ops),
            Step::Chance { probability, then, otherwise } => compile_chance(*probability, then, otherwise, ops),
            Step::Repeat { probability, body } => {
                let start = position(ops);
                compile(body, ops);
                ops.push(Op::Again { probability: *probability, start });
            }
        }
    }
}

fn compile_parallel(branches: &[Vec<Step>], ops: &mut Vec<Op>) {
    let fork = ops.len();
    ops.push(Op::End);
    let mut targets = Vec::with_capacity(branches.len());
    for branch in branches {
        targets.push(position(ops));
        compile(branch, ops);
        ops.push(Op::End);
    }
    ops[fork] = Op::Parallel { branches: targets.into(), join: position(ops) };
}

fn compile_chance(probability: f64, then: &[Step], otherwise: &[Step], ops: &mut Vec<Op>) {
    let branch = ops.len();
    ops.push(Op::End);
    compile(then, ops);
    let jump = ops.len();
    ops.push(Op::End);
    ops[branch] = Op::Chance { probability, otherwise: position(ops) };
    compile(otherwise, ops);
    ops[jump] = Op::Jump(position(ops));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_and_loops_compile_to_jumps() {
        let work = || Step::Work(Distribution::constant(1.0).unwrap());
        let plan = Plan::new(&[
            Step::Chance { probability: 0.25, then: vec![work()], otherwise: vec![Step::Fail(ErrorKind::Internal)] },
            Step::Repeat { probability: 0.5, body: vec![work()] },
            Step::Parallel(vec![vec![work()], vec![]]),
        ]);
        let shape: Vec<String> = plan
            .ops
            .iter()
            .map(|op| match op {
                Op::Work(_) => "work".to_owned(),
                Op::Chance { otherwise, .. } => format!("else {otherwise}"),
                Op::Again { start, .. } => format!("again {start}"),
                Op::Jump(to) => format!("jump {to}"),
                Op::Parallel { branches, join } => format!("fork {branches:?} join {join}"),
                Op::Fail(_) => "fail".to_owned(),
                Op::End => "end".to_owned(),
                Op::Call(_) | Op::Spawn(_) => "call".to_owned(),
            })
            .collect();
        assert_eq!(
            shape,
            ["else 3", "work", "jump 4", "fail", "work", "again 4", "fork [7, 9] join 10", "work", "end", "end", "end"]
        );
    }
}
