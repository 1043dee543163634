//! The queue that ate the database: requests wait ten seconds and more for a connection while the database idles.

use brownout::model::{Layer, PoolSpec, Setting};
use brownout::units::SimDuration;

use crate::play::{Play, Stage, assert_alike_before, at};

/// The first pod with 7.3 serves.
const FIRST: usize = 380;
/// The Monday peak begins to build up.
const PEAK: usize = 13 * 60;
/// The peak has been there for a while and somebody decides.
const DECISION: usize = 22 * 60;

fn stage() -> Stage {
    Stage::of("pool-exhaustion")
}

fn decision(stage: &Stage, variant: &str, seed: u64) -> Play {
    stage.until(variant, seed, DECISION as u64)
}

/// The longest of the seconds' 99th percentiles of the wait for a connection, in seconds.
fn longest_wait(stage: &Stage, play: &Play, from: usize, to: usize) -> f64 {
    let id = stage.dependency("api->proxy");
    let seconds = &play.simulation.recording().seconds[from..to];
    seconds.iter().map(|second| second.dependencies[id.index()].pool_wait_p99.as_secs_f64()).fold(0.0, f64::max)
}

/// The mean of the seconds' 99th percentiles of the wait for a connection, in seconds.
fn mean_wait(stage: &Stage, play: &Play, from: usize, to: usize) -> f64 {
    let id = stage.dependency("api->proxy");
    let seconds = &play.simulation.recording().seconds[from..to];
    let waits = seconds.iter().map(|second| second.dependencies[id.index()].pool_wait_p99.as_secs_f64());
    waits.sum::<f64>() / (to - from) as f64
}

fn mean_utilisation(stage: &Stage, play: &Play, service: &str, from: usize, to: usize) -> f64 {
    let id = stage.service(service);
    let seconds = &play.simulation.recording().seconds[from..to];
    seconds.iter().map(|second| second.services[id.index()].utilisation).sum::<f64>() / (to - from) as f64
}

fn pool_of(stage: &Stage, size: u32) -> Setting {
    let layers = &stage.scenario.system.dependencies[stage.dependency("api->proxy")].layers;
    let pool = layers.iter().find_map(|layer| if let Layer::Pool(pool) = layer { Some(pool.clone()) } else { None });
    Setting::Pool(PoolSpec { maximum_pool_size: size, ..pool.expect("a pool") })
}

#[test]
fn nothing_differs_before_the_first_effect() {
    for seed in 1..=3 {
        assert_alike_before(&stage(), seed, FIRST as u64);
    }
}

/// In the first two minutes of the peak hardly anything fails, and in the next three callers wait for connections, in
/// every variant: error ratios within 5 points, then the pool's connections all in use and a long queue.
#[test]
fn the_opening_looks_alike() {
    let stage = stage();
    for (variant, seed) in stage.variants().into_iter().flat_map(|variant| [(variant, 1), (variant, 2), (variant, 3)]) {
        let play = stage.until(variant, seed, 20 * 60);
        let errors = play.service(stage.service("api"), PEAK..PEAK + 120).error_ratio();
        assert!(errors < 0.05, "{variant}, seed {seed}: {errors} errors as the peak begins");
        let wait = longest_wait(&stage, &play, PEAK, PEAK + 300);
        assert!(wait > 1.0, "{variant}, seed {seed}: the wait is {wait} s five minutes into the peak");
        let seconds = &play.simulation.recording().seconds;
        let before = longest_wait(&stage, &play, 0, FIRST);
        assert!(before < 0.2, "{variant}, seed {seed}: {before} s before the release");
        let pool = &seconds[20 * 60 - 1].dependencies[stage.dependency("api->proxy").index()];
        assert!(pool.pool_in_use >= 11.0 && pool.pool_waiting > 100.0, "{variant}, seed {seed}: {pool:?}");
    }
}

/// Waits for a connection above ten seconds, the database below half, and its queries as fast as in a healthy run of the
/// same hour.
#[test]
fn the_pool_is_exhausted_and_the_database_is_not() {
    let stage = stage();
    let query = stage.endpoint("db", "query");
    let (from, to) = (21 * 60, 30 * 60);
    // A release that is rolled back before the peak.
    let healthy = stage.until("release", 1, FIRST as u64 + 20).after(stage.roll_back("api"), to as u64);
    assert!(longest_wait(&stage, &healthy, from, to) < 0.5, "the peak alone is no problem");
    let normal = healthy.endpoint(query, from..to);
    for variant in stage.variants() {
        let play = stage.until(variant, 1, to as u64);
        let wait = longest_wait(&stage, &play, from, to);
        assert!((10.0..=20.1).contains(&wait), "{variant}: the longest wait is {wait} s");
        let busy = mean_utilisation(&stage, &play, "db", from, to);
        assert!((0.25..0.5).contains(&busy), "{variant}: the database is at {busy}");
        let seen = play.endpoint(query, from..to);
        for (what, seen, normal) in [("mean", seen.mean, normal.mean), ("p90", seen.p90, normal.p90)] {
            assert!((0.8..1.2).contains(&(seen / normal)), "{variant}: {what} {seen} s, normally {normal} s");
        }
        assert!(seen.error_ratio() < 1e-9, "{variant}: no query fails");
    }
}

/// The pool's size was what kept the application off the shared limit. Beyond it, pods that lose a connection do not get
/// it back, and whoever opens connections on demand gets none.
#[test]
fn a_bigger_pool_reaches_the_shared_limit_and_is_worse() {
    let stage = stage();
    let (from, to) = (DECISION + 300, DECISION + 1_500);
    let (mut all_waited, mut all_raised) = (0, 0);
    for (variant, seed) in [("release", 1), ("release", 2), ("release", 3), ("slow-partner", 1)] {
        let before = decision(&stage, variant, seed);
        let raised = before.after(stage.set("api->proxy", pool_of(&stage, 9)), to as u64);
        let mut waited = Play { simulation: before.simulation.fork() };
        waited.simulation.run_until(at(to as u64));
        for population in ["web", "partners", "webhooks", "batch"] {
            let id = stage.population(population);
            let (good, bad) =
                (waited.population(id, from..to).error_ratio(), raised.population(id, from..to).error_ratio());
            assert!(good < 0.02 && bad > 0.15, "{variant}, seed {seed}: {population} {good}, then {bad}");
        }
        let (waited, raised) = (waited.failed() - before.failed(), raised.failed() - before.failed());
        assert!(raised > waited, "{variant}, seed {seed}: {waited} failed, with the bigger pool {raised}");
        (all_waited, all_raised) = (all_waited + waited, all_raised + raised);
    }
    assert!(all_raised as f64 > 1.3 * all_waited as f64, "{all_waited} failed, with the bigger pool {all_raised}");
}

/// 8 minutes to the first effect and 20 to the last is what a published roll-back took; here it is at most that.
#[test]
fn rolling_back_heals_the_guilty_release_only() {
    let stage = stage();
    let api = stage.service("api");
    for seed in 1..=3 {
        let play = decision(&stage, "release", seed).after(stage.roll_back("api"), 50 * 60);
        let healed = play.healed(api, DECISION).expect("the roll-back ends it") - DECISION;
        assert!((6 * 60..=20 * 60).contains(&healed), "seed {seed}: healed {healed} s after the order");
        let wait = longest_wait(&stage, &play, DECISION + healed + 60, 50 * 60);
        assert!(wait < 0.5, "seed {seed}: still {wait} s");
    }
    for variant in ["slow-partner", "abandoned"] {
        let play = decision(&stage, variant, 1).after(stage.roll_back("api"), 50 * 60);
        let wait = longest_wait(&stage, &play, DECISION + 20 * 60, 50 * 60);
        assert!(wait > 10.0, "{variant}: the wait is {wait} s after the roll-back");
    }
}

#[test]
fn a_hotfix_takes_longer_than_a_roll_back() {
    let stage = stage();
    let api = stage.service("api");
    let end = 80 * 60;
    let mut slower = 0;
    for seed in 1..=5 {
        let before = decision(&stage, "release", seed);
        let back = before.after(stage.roll_back("api"), end).healed(api, DECISION).expect("the roll-back ends it");
        let fixed = before.after(stage.hotfix("api-through-staging"), end).healed(api, DECISION);
        slower += u32::from(fixed.is_none_or(|fixed| fixed > back + 8 * 60));
    }
    assert!(slower >= 4, "the hotfix was slower in {slower} of 5 runs");
}

/// Shedding brings demand below capacity whatever the cause; a short time limit on the partner helps where it is to blame.
#[test]
fn less_load_helps_always_and_a_time_limit_where_it_fits() {
    let stage = stage();
    for variant in stage.variants() {
        let play = decision(&stage, variant, 1).after(stage.shed("api", 0.5), 30 * 60);
        let full = mean_wait(&stage, &play, 20 * 60, 22 * 60);
        let half = mean_wait(&stage, &play, 25 * 60, 30 * 60);
        assert!(half < full / 3.0, "{variant}: {half} s while half is shed, {full} s before");
    }
    let limit = |variant| {
        let setting = Setting::Timeout(SimDuration::from_millis(100));
        let play = decision(&stage, variant, 1).after(stage.set("proxy->partner", setting), 30 * 60);
        longest_wait(&stage, &play, 25 * 60, 30 * 60)
    };
    assert!(limit("slow-partner") < 0.5 && limit("release") > 10.0);
}

#[test]
fn a_run_is_small() {
    let stage = stage();
    for variant in stage.variants() {
        let play = stage.whole(variant, 1);
        assert!(play.offered() <= 200_000, "{variant}: {} requests", play.offered());
        assert!(play.executions() <= 1_000_000, "{variant}: {} executions", play.executions());
    }
}
