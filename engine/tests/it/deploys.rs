//! Roll-outs, roll-backs, restarts, hotfixes and added instances: who is out when, with which version, and what a crash, a
//! newer order or fresh luck does to them.

use brownout::Simulation;
use brownout::fault::{DeploySpec, FaultKind, FaultSpec, Trigger, Victims};
use brownout::ids::Id;
use brownout::model::{
    Capacity, Change, Effect, ErrorKind, Hotfix, Instance, RolloutSpec, RolloutStage, ServiceSpec, Status, Step, Verb,
    VerbError, VersionSpec,
};
use brownout::rng::Distribution;
use brownout::scenario::Scenario;

use crate::systems::{Builder, at, call, constant, exponential, ms};

use RolloutStage::{Done, Draining, Pausing, Preparing, Superseded, Waiting};
use Status::{Down, Starting, Up};

/// The only service.
const API: Id<ServiceSpec> = Id::new(0);

/// A service of some instances with a request a second. v2, and what comes with it, is deployed at 100 s.
struct Shop {
    instances: u32,
    /// How many are replaced at a time.
    batch: u32,
    /// In seconds: the way of a request there or back, the time it takes, preparation, drain, pause and start.
    latency: f64,
    work: f64,
    preparation: f64,
    drain: f64,
    pause: f64,
    start: Distribution,
    /// Instead of the preparation.
    drawn: Option<Distribution>,
    effects: Vec<Effect>,
    /// When the first instance crashes and, if it does, comes back.
    crash: Option<(f64, Option<f64>)>,
    deployed: bool,
    /// Versions after v2.
    later: Vec<VersionSpec>,
    /// Further deploys: when, and which version.
    again: Vec<(f64, u16)>,
    seed: u64,
}

impl Default for Shop {
    fn default() -> Self {
        Self {
            instances: 3,
            batch: 1,
            latency: 0.0,
            work: 0.001,
            preparation: 60.0,
            drain: 30.0,
            pause: 20.0,
            start: constant(10e3),
            drawn: None,
            effects: Vec::new(),
            crash: None,
            deployed: true,
            later: Vec::new(),
            again: Vec::new(),
            seed: 3,
        }
    }
}

impl Shop {
    fn open(self) -> Simulation {
        let mut builder = Builder::default();
        let api = builder.service("api", Capacity::Unlimited);
        let get = builder.endpoint(api, "get", &[Step::Work(constant(self.work * 1e3))]);
        let to_api = builder.dependency(None, api, Vec::new());
        builder.system.dependencies[to_api].link.latency = constant(self.latency * 1e3);
        builder.poisson(1.0, call(to_api, get));
        let spec = &mut builder.system.services[api];
        spec.instances = self.instances;
        spec.start_time = self.start;
        spec.rollout = RolloutSpec {
            preparation: self.drawn.unwrap_or(constant(self.preparation * 1e3)),
            batch: self.batch,
            drain: ms(self.drain * 1e3),
            pause: ms(self.pause * 1e3),
        };
        spec.versions.push(VersionSpec { name: "v2".to_owned(), effects: self.effects });
        spec.versions.extend(self.later);
        let mut scenario: Scenario = builder.scenario();
        if self.deployed {
            scenario.always.deploys.push(DeploySpec { at: at(100.0), service: api, version: 1 });
        }
        let again = self.again.into_iter();
        scenario.always.deploys.extend(again.map(|(secs, version)| DeploySpec { at: at(secs), service: api, version }));
        scenario.always.faults.extend(self.crash.map(|(start, heal)| FaultSpec {
            name: "crash".to_owned(),
            kind: FaultKind::Crash { service: api, victims: Victims::First(1) },
            start: Trigger::At(at(start)),
            changes: Vec::new(),
            heal: heal.map(|heal| Trigger::At(at(heal))),
        }));
        Simulation::with_variant(scenario.into(), self.seed, 0)
    }
}

/// The state and version of every instance.
fn instances(simulation: &mut Simulation) -> Vec<(Status, u16)> {
    simulation.inspect(|model| model.instances(API).map(|(_, one)| (one.status, one.version)).collect())
}

fn instances_at(simulation: &mut Simulation, secs: f64) -> Vec<(Status, u16)> {
    simulation.run_until(at(secs));
    instances(simulation)
}

fn stages(simulation: &mut Simulation) -> Vec<RolloutStage> {
    simulation.inspect(|model| model.rollouts(API).map(|rollout| rollout.stage).collect())
}

fn nth(simulation: &mut Simulation, position: usize) -> Id<Instance> {
    simulation.inspect(|model| model.instances(API).nth(position).unwrap().0)
}

fn order_at(simulation: &mut Simulation, secs: f64, verb: Verb) {
    simulation.run_until(at(secs));
    simulation.order(verb).unwrap();
}

fn restart_one(simulation: &mut Simulation, secs: f64, position: usize) {
    let instance = Some(nth(simulation, position));
    order_at(simulation, secs, Verb::Restart { service: API, instance });
}

const ROLL_BACK: Verb = Verb::RollBack { service: API };
const RESTART: Verb = Verb::Restart { service: API, instance: None };

#[test]
fn a_roll_out_prepares_and_then_replaces_instance_by_instance_with_pauses() {
    let simulation = &mut Shop::default().open();
    assert_eq!(instances_at(simulation, 159.9), [(Up, 0), (Up, 0), (Up, 0)]);
    assert_eq!(stages(simulation), [Preparing]);
    assert_eq!(instances_at(simulation, 165.0), [(Starting, 1), (Up, 0), (Up, 0)]);
    assert_eq!(instances_at(simulation, 175.0), [(Up, 1), (Up, 0), (Up, 0)]);
    assert_eq!(stages(simulation), [Pausing]);
    assert_eq!(instances_at(simulation, 195.0), [(Up, 1), (Starting, 1), (Up, 0)]);
    assert_eq!(instances_at(simulation, 225.0), [(Up, 1), (Up, 1), (Starting, 1)]);
    assert_eq!(instances_at(simulation, 231.0), [(Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(stages(simulation), [Done]);
}

#[test]
fn an_instance_is_drained_until_it_is_empty_and_no_longer_than_the_drain_time() {
    let patient = &mut Shop { work: 8.0, ..Shop::default() }.open();
    assert_eq!(instances_at(patient, 161.0)[0], (Status::Draining, 0));
    assert_eq!(instances_at(patient, 169.0)[0], (Starting, 1));
    let lost =
        |simulation: &Simulation| simulation.recording().totals.services[0].errors[ErrorKind::ConnectionLost as usize];
    assert_eq!(lost(patient), 0);
    let endless = &mut Shop { work: 100.0, ..Shop::default() }.open();
    assert_eq!(instances_at(endless, 189.0)[0], (Status::Draining, 0));
    assert_eq!(stages(endless), [Draining]);
    assert_eq!(instances_at(endless, 191.0)[0], (Starting, 1));
    assert!(lost(endless) > 0);
}

/// Requests need a second to reach their instance and two there: three seconds after a batch was taken out of rotation it
/// is empty, whichever of its instances had nothing to do at first.
#[test]
fn a_batch_is_drained_when_the_last_request_on_its_way_to_it_has_been_served() {
    for seed in 1..=40 {
        let simulation = &mut Shop { batch: 2, latency: 1.0, work: 2.0, seed, ..Shop::default() }.open();
        assert_eq!(instances_at(simulation, 160.0)[..2], [(Up, 0), (Up, 0)], "seed {seed}");
        assert_eq!(instances_at(simulation, 163.01)[..2], [(Starting, 1), (Starting, 1)], "seed {seed}");
        let errors = simulation.recording().totals.services[0].errors;
        assert!(errors.iter().all(|count| *count == 0), "seed {seed}: {errors:?}");
    }
}

#[test]
fn a_roll_back_brings_back_the_version_before_after_its_own_preparation() {
    let simulation = &mut Shop::default().open();
    order_at(simulation, 300.0, ROLL_BACK);
    assert_eq!(instances_at(simulation, 359.0), [(Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 365.0), [(Starting, 0), (Up, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 500.0), [(Up, 0), (Up, 0), (Up, 0)]);
    assert_eq!(simulation.order(ROLL_BACK), Err(VerbError::NothingToRollBack));
}

/// The pipeline runs twice, or somebody applies what is there already: one roll-back still leads to the version before.
#[test]
fn a_deploy_of_what_runs_already_is_no_step_to_go_back_by() {
    let simulation = &mut Shop { again: vec![(20.0, 0), (110.0, 1), (300.0, 1)], ..Shop::default() }.open();
    simulation.run_until(at(115.0));
    assert_eq!(simulation.order(ROLL_BACK), Err(VerbError::NothingToRollBack), "v1 over v1 is nothing new");
    assert_eq!(instances_at(simulation, 450.0), [(Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(stages(simulation), [Done, Superseded, Done, Done]);
    order_at(simulation, 500.0, ROLL_BACK);
    assert_eq!(instances_at(simulation, 700.0), [(Up, 0), (Up, 0), (Up, 0)]);
    assert_eq!(simulation.order(ROLL_BACK), Err(VerbError::NothingToRollBack));
}

#[test]
fn a_restart_replaces_instance_by_instance_at_once_and_keeps_the_version() {
    let simulation = &mut Shop::default().open();
    order_at(simulation, 300.0, RESTART);
    assert_eq!(instances_at(simulation, 305.0), [(Starting, 1), (Up, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 335.0), [(Up, 1), (Starting, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 365.0), [(Up, 1), (Up, 1), (Starting, 1)]);
    assert_eq!(instances_at(simulation, 371.0), [(Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(stages(simulation), [Done, Done]);
}

#[test]
fn added_instances_serve_after_their_start_time() {
    let simulation = &mut Shop { instances: 1, work: 10.0, deployed: false, ..Shop::default() }.open();
    order_at(simulation, 50.0, Verb::ScaleOut { service: API, add: 2 });
    let busy = |simulation: &mut Simulation| -> Vec<bool> {
        simulation.inspect(|model| model.instances(API).map(|(_, one)| one.busy.inside() > 0).collect())
    };
    assert_eq!(instances_at(simulation, 59.0), [(Up, 0), (Starting, 0), (Starting, 0)]);
    assert_eq!(busy(simulation), [true, false, false]);
    assert_eq!(instances_at(simulation, 75.0), [(Up, 0), (Up, 0), (Up, 0)]);
    assert_eq!(busy(simulation), [true, true, true]);
}

#[test]
fn neither_a_restart_nor_an_added_instance_gets_a_version_before_it_is_prepared() {
    let simulation = &mut Shop::default().open();
    order_at(simulation, 300.0, ROLL_BACK);
    order_at(simulation, 305.0, RESTART);
    order_at(simulation, 306.0, Verb::ScaleOut { service: API, add: 1 });
    assert_eq!(instances_at(simulation, 317.0), [(Up, 1), (Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 359.0)[0], (Up, 1));
    assert_eq!(instances_at(simulation, 500.0), [(Up, 0), (Up, 0), (Up, 0), (Up, 0)]);
    assert_eq!(stages(simulation), [Done, Done, Superseded]);
}

fn failing(name: &str, kind: ErrorKind) -> Effect {
    Effect { name: name.to_owned(), endpoint: None, change: Change::Errors { ratio: 1.0, kind } }
}

/// Written in 100 s, rolled out 60 s later.
fn hotfix(wrong: f64) -> Verb {
    let adds = Some(failing("worse", ErrorKind::RateLimited));
    let (name, removes) = ("fix".to_owned(), "bug".to_owned());
    Verb::Hotfix(Hotfix { name, service: API, removes, duration: constant(100e3), wrong, adds })
}

fn buggy() -> Simulation {
    Shop { effects: vec![failing("bug", ErrorKind::Internal)], instances: 1, ..Shop::default() }.open()
}

/// How many requests ended with internal and with rate-limited errors, and all, from an instant to a minute later.
fn minute_from(simulation: &mut Simulation, secs: f64) -> [u64; 3] {
    let read = |simulation: &Simulation| {
        let flow = &simulation.recording().totals.services[0];
        [flow.errors[ErrorKind::Internal as usize], flow.errors[ErrorKind::RateLimited as usize], flow.offered]
    };
    simulation.run_until(at(secs));
    let before = read(simulation);
    simulation.run_until(at(secs + 60.0));
    let after = read(simulation);
    std::array::from_fn(|index| after[index] - before[index])
}

fn version_of_last_change(simulation: &Simulation) -> String {
    simulation.observe().changes.last().unwrap().version.clone()
}

#[test]
fn a_right_hotfix_takes_its_effect_away_and_a_wrong_one_adds_another() {
    for (wrong, expected) in [(0.0, false), (1.0, true)] {
        let simulation = &mut buggy();
        order_at(simulation, 300.0, hotfix(wrong));
        let [internal, _, all] = minute_from(simulation, 395.0);
        assert_eq!(internal, all, "neither written nor rolled out before 460 s");
        assert_eq!(version_of_last_change(simulation), "v2+hotfix1");
        let [internal, limited, all] = minute_from(simulation, 480.0);
        assert!(all > 20);
        assert_eq!(internal + limited, if expected { all } else { 0 });
    }
}

#[test]
fn a_hotfix_is_applied_to_hotfixes_on_their_way() {
    let twice = &mut buggy();
    order_at(twice, 300.0, hotfix(1.0));
    order_at(twice, 310.0, hotfix(0.0));
    twice.run_until(at(415.0));
    assert_eq!(version_of_last_change(twice), "v2+hotfix1+hotfix2");
}

/// Ready at 400 s, while the roll-back is prepared until 450 s or when it is over: v1 has nothing to fix.
#[test]
fn a_hotfix_that_a_roll_back_has_made_needless_is_dropped() {
    for rolled_back in [390.0, 310.0] {
        let simulation = &mut buggy();
        order_at(simulation, 300.0, hotfix(0.0));
        order_at(simulation, rolled_back, ROLL_BACK);
        simulation.run_until(at(600.0));
        assert_eq!((instances(simulation), stages(simulation)), (vec![(Up, 0)], vec![Done, Done]));
        let changes = simulation.observe().changes;
        let log: Vec<_> = changes.iter().map(|one| (one.at, one.version.as_str(), one.dropped)).collect();
        let expected = [(at(100.0), "v2", false), (at(rolled_back), "v1", false), (at(400.0), "hotfix1", true)];
        assert_eq!(log, expected);
        assert_eq!(simulation.order(ROLL_BACK), Err(VerbError::NothingToRollBack));
    }
}

/// v2 and v3 over it, both with the bug; a hotfix that is ready at 4100 s.
fn buggy_twice(rolled_back: f64, preparation: Option<Distribution>, seed: u64) -> Simulation {
    let bug = || failing("bug", ErrorKind::Internal);
    let later = vec![VersionSpec { name: "v3".to_owned(), effects: vec![bug()] }];
    let again = vec![(2_000.0, 2)];
    let shop = Shop { effects: vec![bug()], later, again, instances: 1, seed, drawn: preparation, ..Shop::default() };
    let mut simulation = shop.open();
    order_at(&mut simulation, 4_000.0, hotfix(0.0));
    order_at(&mut simulation, rolled_back, ROLL_BACK);
    simulation
}

/// From the fixed v2 the way back leads to v2, and then to v1: the roll-back counts.
fn assert_follows_the_roll_back(simulation: &mut Simulation) {
    let [internal, _, all] = minute_from(simulation, 6_000.0);
    assert!(internal == 0 && all > 20, "{internal} of {all}");
    assert_eq!(instances(simulation), [(Up, 3)]);
    for (until, version) in [(8_000.0, 1), (10_000.0, 0)] {
        simulation.order(ROLL_BACK).unwrap();
        assert_eq!(instances_at(simulation, until), [(Up, version)]);
    }
    assert_eq!(simulation.order(ROLL_BACK), Err(VerbError::NothingToRollBack));
}

/// The roll-back is over at 4070 s, or under way at 4160 s, when the fixed v2 is prepared.
#[test]
fn a_hotfix_for_what_a_roll_back_leads_to_follows_the_roll_back() {
    for (rolled_back, at_4155) in [(4_000.0, 1), (4_099.0, 2)] {
        let simulation = &mut buggy_twice(rolled_back, None, 3);
        assert_eq!(instances_at(simulation, 4_155.0), [(Up, at_4155)]);
        assert_eq!(version_of_last_change(simulation), "v2+hotfix1");
        assert_follows_the_roll_back(simulation);
    }
}

#[test]
fn a_hotfix_that_is_prepared_sooner_than_the_roll_back_before_it_takes_over() {
    let mut overtaken = 0;
    for seed in 1..=12 {
        let simulation = &mut buggy_twice(4_090.0, Some(exponential(60e3)), seed);
        simulation.run_until(at(6_000.0));
        overtaken += u32::from(stages(simulation)[2] == Superseded);
        assert_follows_the_roll_back(simulation);
    }
    assert!((1..12).contains(&overtaken), "{overtaken} of 12");
}

#[test]
fn the_restart_of_one_instance_leaves_a_roll_out_to_go_on() {
    let simulation = &mut Shop::default().open();
    restart_one(simulation, 175.0, 2);
    assert_eq!(instances_at(simulation, 180.0), [(Up, 1), (Up, 0), (Starting, 0)]);
    assert_eq!(instances_at(simulation, 231.0), [(Up, 1), (Up, 1), (Up, 1)]);
    assert_eq!(stages(simulation), [Done, Done]);
}

#[test]
fn a_roll_out_whose_rest_is_left_to_a_newer_one_never_counts_as_done() {
    for ordered in [165.0, 175.0] {
        let simulation = &mut Shop::default().open();
        order_at(simulation, ordered, ROLL_BACK);
        simulation.run_until(at(600.0));
        assert_eq!(stages(simulation), [Superseded, Done]);
        let done: Vec<bool> = simulation.observe().changes.iter().map(|change| change.done).collect();
        assert_eq!(done, [false, true]);
        assert_eq!(instances(simulation), [(Up, 0), (Up, 0), (Up, 0)]);
    }
}

#[test]
fn a_crash_while_starting_does_not_stop_the_roll_out_and_a_restart_brings_the_instance_back() {
    let simulation = &mut Shop { crash: Some((165.0, None)), ..Shop::default() }.open();
    assert_eq!(instances_at(simulation, 231.0), [(Down, 1), (Up, 1), (Up, 1)]);
    assert_eq!(stages(simulation), [Done]);
    restart_one(simulation, 240.0, 0);
    assert_eq!(instances_at(simulation, 251.0), [(Up, 1), (Up, 1), (Up, 1)]);
}

#[test]
fn an_instance_that_crashed_while_starting_comes_back_when_the_fault_heals() {
    let simulation = &mut Shop { crash: Some((165.0, Some(300.0))), ..Shop::default() }.open();
    assert_eq!(instances_at(simulation, 299.0), [(Down, 1), (Up, 1), (Up, 1)]);
    assert_eq!(instances_at(simulation, 311.0), [(Up, 1), (Up, 1), (Up, 1)]);
}

#[test]
fn a_crash_while_draining_ends_the_drain() {
    let simulation = &mut Shop { work: 100.0, drain: 300.0, crash: Some((170.0, None)), ..Shop::default() }.open();
    assert_eq!(instances_at(simulation, 169.0)[0], (Status::Draining, 0));
    assert_eq!(instances_at(simulation, 175.0)[0], (Starting, 1));
}

#[test]
fn two_orders_never_have_instances_out_at_the_same_time() {
    let shop = Shop { instances: 2, preparation: 0.0, pause: 0.0, ..Shop::default() };
    let simulation = &mut shop.open();
    // The second instance is starting when the first is to be rolled back.
    order_at(simulation, 115.0, ROLL_BACK);
    simulation.run_until(at(116.0));
    assert_eq!(stages(simulation), [RolloutStage::Starting, Waiting]);
    for half_second in 0..60 {
        let now = instances_at(simulation, 116.0 + f64::from(half_second) / 2.0);
        assert!(now.iter().any(|(status, _)| *status == Up), "{now:?} after {half_second} half seconds");
    }
    assert_eq!(instances(simulation), [(Up, 0), (Up, 0)]);
}

#[test]
fn starts_under_way_are_redrawn_with_fresh_luck_given_that_they_have_not_ended() {
    let start = exponential(60e3);
    let simulation = &mut Shop { instances: 1, start, deployed: false, ..Shop::default() }.open();
    order_at(simulation, 100.0, Verb::ScaleOut { service: API, add: 400 });
    let starting = |now: &[(Status, u16)]| now.iter().filter(|(status, _)| *status == Starting).count() as f64;
    let before = instances_at(simulation, 130.0);
    let mut branch = simulation.fork_with_luck(1);
    let (same, fresh) = (instances_at(simulation, 160.0), instances_at(&mut branch, 160.0));
    assert_ne!(same, fresh);
    assert!(before.iter().zip(&fresh).all(|(before, after)| before.0 != Up || after.0 == Up));
    // Exponential, so that of those left half a mean later exp(-1/2) are left: binomial.
    let (all, share) = (starting(&before), libm::exp(-0.5));
    let spread = libm::sqrt(all * share * (1.0 - share));
    assert!((starting(&fresh) - all * share).abs() < 4.0 * spread, "{} of {all} are left", starting(&fresh));
}

#[test]
fn a_start_of_fixed_length_ends_at_the_same_instant_whatever_the_luck() {
    let simulation = &mut Shop { instances: 1, deployed: false, ..Shop::default() }.open();
    order_at(simulation, 100.0, Verb::ScaleOut { service: API, add: 1 });
    simulation.run_until(at(104.0));
    let branch = &mut simulation.fork_with_luck(1);
    assert_eq!(instances_at(branch, 109.9)[1], (Starting, 0));
    assert_eq!(instances_at(branch, 110.1)[1], (Up, 0));
}
