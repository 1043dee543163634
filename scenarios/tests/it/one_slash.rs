//! One slash: a release makes the endpoint with 99 % of the traffic fail at once; the roll-back takes minutes, the fix
//! hours. The figures are those of the postmortem that the scenario names.

use crate::play::{Play, Stage, assert_alike_before};

/// The first instance with a new version serves.
const FIRST: usize = 608;
/// All of them do.
const LAST: usize = 632;
/// Twelve minutes after the first effect: when the report's team was told and reacted.
const TOLD: usize = FIRST + 720;

fn stage() -> Stage {
    Stage::of("one-slash")
}

/// The variant with an order given twelve minutes into it, run for `minutes` more.
fn told(stage: &Stage, variant: &str, seed: u64) -> Play {
    stage.until(variant, seed, TOLD as u64)
}

fn minutes_after(told: usize, minutes: u64) -> u64 {
    told as u64 + 60 * minutes
}

#[test]
fn nothing_differs_before_the_first_effect() {
    for seed in 1..=3 {
        assert_alike_before(&stage(), seed, FIRST as u64);
    }
}

/// In the two minutes after the roll-out no variant can be told from another by the errors and the traffic of the registry
/// and the signer: errors within 3 points, rates within a fifth (slow failures repeat a little later than fast ones).
#[test]
fn the_first_two_minutes_look_alike() {
    let stage = stage();
    for seed in 1..=2 {
        let plays: Vec<Play> = stage.variants().iter().map(|name| stage.until(name, seed, 800)).collect();
        for service in ["registry", "links"] {
            for start in [LAST, LAST + 60] {
                let seen = plays.iter().map(|play| play.service(stage.service(service), start..start + 60));
                let (errors, rates): (Vec<f64>, Vec<f64>) = seen.map(|one| (one.error_ratio(), one.rate())).unzip();
                assert!(spread(&errors).0 > 0.97, "{service} from {start} s: error ratios {errors:?}");
                let (low, high) = spread(&rates);
                assert!(low > 0.8 * high, "{service} from {start} s: rates {rates:?}");
            }
        }
    }
}

fn spread(values: &[f64]) -> (f64, f64) {
    (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(f64::MIN, f64::max))
}

/// Three retries: at most 1 + 3 times the traffic. Mirrors retry once, so it is a little less.
#[test]
fn the_request_rate_rises_to_almost_four_times() {
    let stage = stage();
    let download = stage.endpoint("registry", "download");
    for variant in stage.variants() {
        let play = stage.until(variant, 1, TOLD as u64);
        let before = play.endpoint(download, 120..FIRST).rate();
        let during = play.endpoint(download, LAST + 30..TOLD).rate();
        assert!((3.0..=4.0).contains(&(during / before)), "{variant}: {before}/s, then {during}/s");
        let share = before / play.service(stage.service("registry"), 120..FIRST).rate();
        assert!(share > 0.985, "downloads are {share} of the traffic");
    }
}

/// 4,710 requests a second and 3.7 million failed ones, retries included, in 13 minutes.
#[test]
fn a_simulated_request_stands_for_the_reports_traffic() {
    let stage = stage();
    let download = stage.endpoint("registry", "download");
    let represents = stage.scenario.populations.iter().next().unwrap().represents;
    for seed in 1..=3 {
        let told = told(&stage, "bad-release", seed);
        let rate = told.endpoint(download, FIRST..TOLD).rate() * represents;
        assert!((4_240.0..5_180.0).contains(&rate), "{rate} requests a second, not 4,710 within 10 %");
        let play = told.after(stage.roll_back("registry"), minutes_after(TOLD, 5));
        let failed = play.endpoint(download, FIRST..TOLD + 300).failed * represents;
        assert!((3.3e6..4.1e6).contains(&failed), "{failed} failed, not 3.7 million within a tenth");
    }
}

/// Rolled back at twelve minutes, it is over within two more; the fix, through staging, takes most of the afternoon.
#[test]
fn the_roll_back_takes_minutes_and_the_fix_hours() {
    let stage = stage();
    let registry = stage.service("registry");
    for seed in 1..=3 {
        let told = told(&stage, "bad-release", seed);
        let back = told.after(stage.roll_back("registry"), minutes_after(TOLD, 10));
        let healed = back.healed(registry, TOLD).expect("the roll-back ends it") - TOLD;
        assert!((60..=120).contains(&healed), "healed {healed} s after the order");
        let fixed = told.after(stage.hotfix("registry-through-staging"), 9_000);
        let healed = fixed.healed(registry, TOLD).map_or(9_000 - TOLD, |second| second - TOLD);
        assert!(healed > 45 * 60, "the fix was live after {healed} s");
        let fixed = told.after(stage.hotfix("registry-straight-to-production"), 9_000);
        let healed = fixed.healed(registry, TOLD).map_or(9_000 - TOLD, |second| second - TOLD);
        assert!(healed > 8 * 60, "even the hurried fix cannot be live after {healed} s");
    }
}

#[test]
fn rolling_back_the_innocent_release_changes_nothing() {
    let stage = stage();
    let registry = stage.service("registry");
    for variant in ["unknown-keys", "store-outage"] {
        let play = told(&stage, variant, 1).after(stage.roll_back("registry"), minutes_after(TOLD, 15));
        let errors = play.service(registry, TOLD + 120..TOLD + 900).error_ratio();
        assert!(errors > 0.97, "{variant}: {errors} of the answers are errors after the roll-back");
    }
}

#[test]
fn rolling_back_the_keys_ends_it_where_they_are_to_blame() {
    let stage = stage();
    let registry = stage.service("registry");
    let rolled_back = |variant| told(&stage, variant, 1).after(stage.roll_back("links"), minutes_after(TOLD, 10));
    let healed = rolled_back("unknown-keys").healed(registry, TOLD).expect("the keys' roll-back ends it") - TOLD;
    assert!((60..=120).contains(&healed), "healed {healed} s after the order");
    for variant in ["bad-release", "store-outage"] {
        assert_eq!(rolled_back(variant).healed(registry, TOLD), None, "{variant}");
    }
}

/// The object store comes back after 37 minutes, and the retries do not keep the signer down.
#[test]
fn the_store_heals_by_itself() {
    let stage = stage();
    let registry = stage.service("registry");
    for seed in 1..=2 {
        let play = stage.until("store-outage", seed, 60 * 60);
        let healed = play.healed(registry, TOLD).expect("it heals") - FIRST;
        assert!((35 * 60..=40 * 60).contains(&healed), "seed {seed}: after {healed} s");
    }
}

/// Where failing costs the signer its capacity, the roll-back is not enough: the retries sustain it until load is shed.
#[test]
fn the_storm_outlives_its_cause_until_load_is_shed() {
    let stage = stage();
    let registry = stage.service("registry");
    for seed in 1..=2 {
        let rolled_back = told(&stage, "storm", seed).after(stage.roll_back("registry"), minutes_after(TOLD, 30));
        assert_eq!(rolled_back.healed(registry, TOLD), None, "seed {seed}: half an hour after the roll-back");
        let end = rolled_back.simulation.now().whole_secs();
        let mut shed = rolled_back.after(stage.shed("registry", 0.6), end + 120);
        shed.order(stage.shed("registry", 0.0), end + 900);
        let healed = shed.healed(registry, TOLD).expect("shedding ends it");
        assert!(healed as u64 <= end + 135, "seed {seed}: healed at {healed} s, shed from {end} s for 120 s");
        let later = shed.service(registry, healed..end as usize + 900).error_ratio();
        assert!(later < 0.001, "seed {seed}: {later} errors afterwards");
    }
}

#[test]
fn a_run_is_small() {
    let stage = stage();
    for variant in stage.variants() {
        let play = stage.whole(variant, 1);
        assert!(play.offered() <= 200_000, "{variant}: {} requests", play.offered());
        assert!(play.executions() <= 3_000_000, "{variant}: {} executions", play.executions());
    }
}
