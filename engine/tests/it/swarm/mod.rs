//! A swarm of generated systems under faults and orders, and what must hold in every one of them.
//!
//! Each seed makes a system, a course of faults and deploys, and orders (`generate.rs`). The run is stepped at random
//! instants; at each the books are audited. `SWARM_SEED=n` runs one seed and prints its plan when it fails;
//! `SWARM_RUNS=n` runs so many.

mod dice;
mod generate;
mod layers;
mod records;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{Origin, Verb};
use brownout::scenario::Scenario;
use brownout::traffic::Beyond;
use brownout::units::{SimDuration, SimTime};

use self::dice::Dice;
use self::generate::{LOAD_ENDS, Plan, plan};
use crate::systems::at;
use crate::theory::replicate;

/// How many seeds an ordinary test run takes.
const RUNS: u64 = 300;

/// By when everything that was under way when the load ended has come to its end, in seconds: a backlog may last.
const DRAINED: f64 = LOAD_ENDS + 2_000.0;

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Runs a check for every seed; a failure names its seed and shows its plan.
fn for_every_seed(runs: u64, check: impl Fn(u64, &Plan) + Sync) {
    let (first, runs) = match number_from("SWARM_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number_from("SWARM_RUNS").unwrap_or(runs)),
    };
    let failures: Vec<u64> = replicate(runs, |number| {
        let seed = first + number;
        let plan = plan(seed);
        let failed = catch_unwind(AssertUnwindSafe(|| check(seed, &plan))).is_err();
        assert!(!(failed && runs == 1), "seed {seed}: {plan:#?}");
        failed.then_some(seed)
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(
        failures.is_empty(),
        "{} of {runs} seeds failed: SWARM_SEED={:?}",
        failures.len(),
        &failures[..failures.len().min(30)]
    );
}

/// A run of a plan that gives its orders when they are due.
struct Player<'a> {
    simulation: Simulation,
    orders: &'a [(SimTime, Verb)],
}

impl<'a> Player<'a> {
    fn new(scenario: &Arc<Scenario>, plan: &'a Plan, seed: u64) -> Self {
        Self { simulation: Simulation::with_variant(Arc::clone(scenario), seed, 0), orders: &plan.orders }
    }

    fn run_until(&mut self, until: SimTime) {
        while let Some(((at, verb), rest)) = self.orders.split_first()
            && *at < until
        {
            self.simulation.run_until(*at);
            // An order that makes no sense here is refused, which is no failure of the system.
            let _ = self.simulation.order(verb.clone());
            self.orders = rest;
        }
        self.simulation.run_until(until);
    }

    fn branch(&self, simulation: Simulation) -> Self {
        Self { simulation, orders: self.orders }
    }
}

#[track_caller]
fn audit(seed: u64, simulation: &mut Simulation) {
    let errors = simulation.audit();
    assert!(errors.is_empty(), "seed {seed} at {:?}:\n{}", simulation.now(), errors.join("\n"));
}

/// Offered = succeeded + failed + under way, at a whole second, for every population, service and dependency.
#[track_caller]
fn conserved(seed: u64, simulation: &mut Simulation) {
    let totals = simulation.recording().totals.clone();
    let scenario = Arc::clone(simulation.scenario());
    let now = simulation.now();
    let check = |what: String, offered: u64, ended: u64, inside: u64| {
        assert_eq!(offered, ended + inside, "seed {seed} at {now:?}: {what}: offered = ended + {inside} under way");
    };
    for (index, flow) in totals.services.iter().enumerate() {
        let inside = simulation.inspect(|model| model.jobs_under_way(Id::from_usize(index)));
        check(format!("service {index}"), flow.offered, flow.finished(), inside as u64);
    }
    for (index, flow) in totals.dependencies.iter().enumerate() {
        let inside = simulation.inspect(|model| model.calls_under_way(Id::from_usize(index)));
        check(format!("dependency {index}"), flow.offered, flow.finished(), inside as u64);
    }
    for (index, flow) in totals.populations.iter().enumerate() {
        let spec = &scenario.populations[Id::from_usize(index)];
        let inside = simulation.inspect(|model| model.requests_under_way(Origin(index as u16))) as u64;
        let ended = flow.finished() + totals.dropped[index];
        if spec.max_in_flight.is_some_and(|limit| limit.beyond == Beyond::Wait) {
            assert!(flow.offered >= ended + inside, "seed {seed}: population {index}");
        } else {
            check(format!("population {index}"), flow.offered, ended, inside);
        }
        if let Some(second) = simulation.recording().seconds.last() {
            assert_eq!(u64::from(second.populations[index].in_flight), inside, "seed {seed}: population {index}");
        }
    }
}

/// The books balance at random instants, requests are conserved at every whole second, and the clock goes forward.
#[test]
fn books_balance_in_every_system() {
    for_every_seed(RUNS, |seed, plan| {
        let mut dice = Dice::new(!seed);
        let scenario = Arc::new(plan.scenario.clone());
        let mut player = Player::new(&scenario, plan, seed);
        let end = at(LOAD_ENDS + 5.0);
        audit(seed, &mut player.simulation);
        while player.simulation.now() < end {
            let before = player.simulation.now();
            let next = before + dice.span(1.0, 1_500.0);
            let second = SimTime::from_secs(before.whole_secs() + 1);
            let until = next.min(second);
            player.run_until(until);
            assert_eq!(player.simulation.now(), until, "seed {seed}");
            audit(seed, &mut player.simulation);
            if until == second {
                conserved(seed, &mut player.simulation);
            }
        }
    });
}

/// When the load has ended and every call has a time limit, in the end nothing is under way, nobody waits for a
/// connection, and only leaked ones are in use.
#[test]
fn everything_ends_when_the_load_does() {
    for_every_seed(RUNS, |seed, plan| {
        if !plan.drains {
            return;
        }
        let scenario = Arc::new(plan.scenario.clone());
        let mut player = Player::new(&scenario, plan, seed);
        player.run_until(at(LOAD_ENDS + 20.0));
        while player.simulation.under_way() > 0 && player.simulation.now() < at(DRAINED) {
            let next = player.simulation.now() + SimDuration::from_secs(20);
            player.run_until(next);
        }
        audit(seed, &mut player.simulation);
        conserved(seed, &mut player.simulation);
        let under_way = player.simulation.under_way();
        assert_eq!(under_way, 0, "seed {seed}: still under way at {:?}", player.simulation.now());
        for id in scenario.system.dependencies.ids() {
            let pool = player.simulation.inspect(|model| model.pool_gauges(id));
            assert_eq!((pool.active, pool.pending), (pool.leaked, 0), "seed {seed}, dependency {}: {pool:?}", id.raw());
        }
    });
}

/// A branch, a replay and a reloaded snapshot end as the run itself does.
#[test]
fn branches_replays_and_snapshots_agree_in_every_system() {
    for_every_seed(RUNS, |seed, plan| {
        let mut dice = Dice::new(seed ^ 0x5eed);
        let scenario = Arc::new(plan.scenario.clone());
        let (first, second) = (dice.real(0.0, LOAD_ENDS), dice.real(0.0, LOAD_ENDS));
        let (first, second) = (at(first.min(second)), at(first.max(second)));
        let end = at(LOAD_ENDS + 2.0);
        let mut original = Player::new(&scenario, plan, seed);
        original.run_until(first);
        let mut branch = original.branch(original.simulation.fork());
        original.run_until(second);
        let bytes = original.simulation.snapshot();
        let restored = Simulation::from_snapshot(Arc::clone(&scenario), &bytes).expect("its own snapshot");
        assert_eq!(restored.snapshot(), bytes, "seed {seed}: a snapshot of what was restored");
        let mut restored = original.branch(restored);
        original.run_until(end);
        let expected = original.simulation.digest();
        let mut replay = Player::new(&scenario, plan, seed);
        replay.run_until(end);
        branch.run_until(end);
        restored.run_until(end);
        for (what, other) in [("replay", replay), ("branch", branch), ("snapshot", restored)] {
            assert_eq!(other.simulation.digest(), expected, "seed {seed}: the {what} went another way");
            assert_eq!(other.simulation.orders(), original.simulation.orders(), "seed {seed}: orders of the {what}");
        }
    });
}
