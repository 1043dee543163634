use std::collections::BTreeSet;

use serde_json::Value;

use crate::{STORM, brownout, command};

fn summary(args: &[&str]) -> Value {
    brownout(&[&["run", STORM, "--json"], args].concat()).quietly().json()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_documented_keys_are_there() {
    let summary = summary(&[]);
    let documented = [
        "scenario",
        "seed",
        "variant",
        "policy",
        "digest",
        "engine_version",
        "sim_seconds",
        "requests",
        "latency_ms",
        "goodput_per_s",
        "services",
        "impact",
        "incident",
    ];
    let more = ["title", "endpoints", "dependencies", "changes"];
    assert_eq!(keys(&summary), documented.into_iter().chain(more).collect());
    let counts = ["offered", "attempts", "succeeded", "failed"];
    assert!(keys(&summary["requests"]).is_superset(&counts.into()));
    assert_eq!(keys(&summary["requests"]["by_population"]), ["web", "mobile"].into());
    assert!(keys(&summary["requests"]["by_population"]["web"]).is_superset(&counts.into()));
    assert_eq!(summary["requests"]["by_population"]["web"]["represents"], 100.0);
    let of_incident = [
        "threshold",
        "window_seconds",
        "begin_seconds",
        "end_seconds",
        "ongoing",
        "total_seconds",
        "longest_seconds",
        "first_order_after_seconds",
        "recovered_after_seconds",
        "stretches",
    ];
    assert_eq!(keys(&summary["incident"]), of_incident.into());
    assert_eq!(keys(&summary["latency_ms"]), ["mean", "p50", "p90", "p99", "max"].into());
    assert_eq!(keys(&summary["services"]), ["shop", "db"].into());
    let of_a_service = ["utilisation", "queue", "errors", "pool_waits_ms"];
    assert!(keys(&summary["services"]["shop"]).is_superset(&of_a_service.into()));
    assert!(keys(&summary["impact"]).is_superset(&["affected_user_minutes", "error_budget_burn"].into()));
}

/// Every key of an object and of what is in it; the names that a scenario gives are no keys.
fn all_keys<'a>(value: &'a Value, keys: &mut BTreeSet<&'a str>) {
    const BY_NAME: [&str; 6] = ["by_population", "services", "endpoints", "dependencies", "errors", "pool_waits_ms"];
    for item in value.as_array().into_iter().flatten() {
        all_keys(item, keys);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        keys.insert(key);
        let named = value.as_object().filter(|_| BY_NAME.contains(&key.as_str()));
        match named {
            Some(named) => named.values().for_each(|one| all_keys(one, keys)),
            None => all_keys(value, keys),
        }
    }
}

#[test]
fn the_readme_lists_every_key_and_no_other() {
    let readme = include_str!("../../../README.md");
    let table = readme.split("All of its keys are stable").nth(1).and_then(|rest| rest.split("`run --series`").next());
    let documented: BTreeSet<&str> = table.expect("the table of keys").split('`').skip(1).step_by(2).collect();
    let summary = summary(&["--variant", "bad-deploy", "--policy", "rollback-first"]);
    let mut printed = BTreeSet::new();
    all_keys(&summary, &mut printed);
    let missing: Vec<_> = printed.difference(&documented).collect();
    assert!(missing.is_empty(), "{missing:?} are printed and not in README.md");
    // Values of `capacity` and `kind`, the form of an endpoint's name, and what the small scenario has none of.
    let others = ["workers", "cores", "unlimited", "service.endpoint", "deploy", "order", "outcome", "done", "fault"];
    let absent = ["opened", "open_seconds", "half_open_seconds", "open_max", "amount", "currency"];
    let known: BTreeSet<&str> = printed.iter().copied().chain(others).chain(absent).collect();
    let stale: Vec<_> = documented.difference(&known).collect();
    assert!(stale.is_empty(), "{stale:?} are in README.md and not printed");
}

#[test]
fn the_numbers_add_up() {
    let summary = summary(&["--variant", "bad-deploy"]);
    let count = |value: &Value, key: &str| value[key].as_u64().unwrap();
    let all = &summary["requests"];
    let ended = count(all, "succeeded") + count(all, "failed") + count(all, "dropped") + count(all, "unfinished");
    assert_eq!(count(all, "offered"), ended);
    for key in ["offered", "attempts", "retries", "succeeded", "failed", "dropped", "unfinished"] {
        let sum: u64 = all["by_population"].as_object().unwrap().values().map(|one| count(one, key)).sum();
        assert_eq!(count(all, key), sum, "{key}");
    }
    let errors: u64 = all["errors"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(count(all, "failed"), errors);
    assert_eq!(summary["sim_seconds"].as_f64(), Some(1_200.0));
    let goodput = count(all, "succeeded") as f64 / 1_200.0;
    assert!((summary["goodput_per_s"].as_f64().unwrap() - goodput).abs() < 1e-9);
    // 60 and 10 requests a second for 20 minutes; the constant one is exact but for its last.
    assert!(count(&all["by_population"]["mobile"], "offered").abs_diff(12_000) <= 1);
    assert!(count(&all["by_population"]["web"], "offered").abs_diff(72_000) < 5 * 268);
}

/// The mechanisms: four attempts of which each fails four times in five are 1 + 0.8 + 0.64 + 0.512 = 2.952 attempts.
#[test]
fn retries_show_as_amplification_while_the_deploy_is_bad() {
    let bad = summary(&["--variant", "bad-deploy", "--until", "5m"]);
    assert_eq!(bad["requests"]["failed"], 0);
    let long = ["--variant", "bad-deploy", "--set", "variants.bad-deploy.deploys.0.at=0:00"];
    let all_bad = summary(&long);
    let amplification = all_bad["requests"]["by_population"]["web"]["amplification"].as_f64().unwrap();
    // The roll-out takes the first minute of twenty.
    assert!((2.7..2.952).contains(&amplification), "{amplification}");
}

#[test]
fn seed_variant_policy_and_version_are_printed() {
    let text = brownout(&["run", STORM]).quietly().stdout;
    assert!(text.contains("seed 2 ") && text.contains("policy none"), "{text}");
    assert!(text.contains("engine 0.1.0"), "{text}");
    assert_eq!(summary(&["--seed", "18446744073709551615"])["seed"], u64::MAX);
}

#[test]
fn two_processes_come_to_the_same_digest() {
    let digest = |args: &[&str]| summary(args)["digest"].as_str().unwrap().to_owned();
    let first = digest(&["--policy", "rollback-first"]);
    assert_eq!(first, digest(&["--policy", "rollback-first"]));
    assert_ne!(first, digest(&["--policy", "rollback-first", "--seed", "3"]));
    assert!(brownout(&["run", STORM, "--policy", "rollback-first"]).stdout.contains(&first));
}

#[test]
fn the_seed_draws_the_variant_and_the_option_picks_it() {
    let drawn: BTreeSet<String> = (0..12)
        .map(|seed: u32| summary(&["--until", "1s", "--seed", &seed.to_string()])["variant"].to_string())
        .collect();
    assert_eq!(drawn.len(), 2, "twelve seeds draw both variants: {drawn:?}");
    for variant in ["bad-deploy", "slow-database"] {
        assert_eq!(summary(&["--until", "1s", "--variant", variant])["variant"], variant);
    }
}

#[test]
fn a_policy_acts_and_its_orders_stand_in_the_change_log() {
    let led = summary(&["--variant", "bad-deploy", "--policy", "rollback-first"]);
    let unled = summary(&["--variant", "bad-deploy"]);
    let failed = |summary: &Value| summary["requests"]["failed"].as_u64().unwrap();
    assert!(failed(&led) * 3 < failed(&unled), "{} of {}", failed(&led), failed(&unled));
    let texts = |summary: &Value| -> Vec<String> {
        summary["changes"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&unled), ["deploy shop v2", "shop is all on v2"]);
    assert_eq!(unled["changes"][0]["at_seconds"], 300.0);
    assert_eq!(texts(&led)[0], "deploy shop v2");
    let order = texts(&led).iter().position(|text| text == "roll back shop").expect("the policy rolls back");
    assert!(led["changes"][order]["at_seconds"].as_f64().unwrap() > 300.0);
}

#[test]
fn until_stops_earlier_and_a_longer_run_goes_on_from_there() {
    let short = summary(&["--until", "90s"]);
    assert_eq!(short["sim_seconds"], 90.0);
    assert!(short["requests"]["offered"].as_u64() < summary(&[])["requests"]["offered"].as_u64());
}

#[test]
fn until_beyond_the_end_or_between_seconds_is_refused() {
    brownout(&["run", STORM, "--until", "21m"]).refused(&["lasts 20m", "--set duration=21m"]);
    brownout(&["run", STORM, "--until", "1500ms"]).refused(&["whole number of seconds"]);
    brownout(&["run", STORM, "--until", "0s"]).refused(&["above 0"]);
    assert_eq!(summary(&["--until", "21m", "--set", "duration=21m"])["sim_seconds"], 1_260.0);
}

#[test]
fn set_replaces_values_of_the_file() {
    let faster = summary(&["--until", "2m", "--set", "populations.mobile.arrivals=20/s"]);
    let offered = faster["requests"]["by_population"]["mobile"]["offered"].as_u64().unwrap();
    assert!(offered.abs_diff(2_400) <= 1, "{offered}");
    let both = ["--until", "2m", "--set", "services.shop.instances=1", "--set", "services.shop.capacity=Workers(2)"];
    assert!(
        summary(&both)["services"]["shop"]["utilisation"].as_f64() > faster["services"]["shop"]["utilisation"].as_f64()
    );
    brownout(&["run", STORM, "--set", "services.shpo.instances=1"]).refused(&["--set:1:10", "shpo", "shop"]);
    brownout(&["run", STORM, "--set", "services.shop.instances=-1"]).refused(&["--set:1:"]);
}

#[test]
fn unknown_names_are_refused_with_the_nearest_and_the_list() {
    brownout(&["run", STORM, "--policy", "rolback-first"]).refused(&[
        "rolback-first",
        "did you mean rollback-first?",
        "none, rollback-first, hotfix-first",
    ]);
    brownout(&["run", STORM, "--variant", "bad-deplyo"]).refused(&[
        "bad-deplyo",
        "did you mean bad-deploy?",
        "bad-deploy, slow-database",
    ]);
}

#[test]
fn a_bad_scenario_is_refused_with_its_place() {
    let folder = crate::Folder::new("run-bad");
    let path = folder.with("bad.ron", "(\n  format: 1,\n  nmae: \"x\",\n)");
    brownout(&["run", &path]).refused(&[&format!("{path}:3:3: error[unknown-field]"), "name"]);
}

#[test]
fn the_text_shows_the_incident_and_fits_its_page() {
    let run = brownout(&["run", STORM, "--variant", "bad-deploy", "--policy", "rollback-first"]).quietly();
    for part in [
        "requests a second, 0 to",
        "error rate, 0 to",
        "p99 latency of successes, 0 to",
        "roll back shop",
        "█",
        "▒",
        "░",
    ] {
        assert!(run.stdout.contains(part), "{part} is not in:\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "no escapes outside of a terminal");
    let args = ["run", STORM, "--variant", "bad-deploy"];
    let ascii = crate::Run::of(command(&args).env("LC_ALL", "C").output().unwrap()).quietly();
    assert!(ascii.stdout.is_ascii(), "{}", ascii.stdout);
    let wide = crate::Run::of(command(&args).env("COLUMNS", "120").output().unwrap()).quietly();
    let longest = wide.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!((110..=120).contains(&longest), "{longest}");
}

#[test]
fn until_takes_a_clock_time_as_files_and_the_chart_do() {
    assert_eq!(summary(&["--until", "1:30"])["sim_seconds"], 90.0);
    assert_eq!(summary(&["--until", "0:01:30"])["sim_seconds"], 90.0);
    brownout(&["run", STORM, "--until", "1:75"]).refused(&["--until", "12:30"]);
}

#[test]
fn nobody_who_suffers_is_no_negative_zero() {
    let quiet = brownout(&["run", STORM, "--json", "--until", "1s", "--set", "populations={}"]);
    assert_eq!(quiet.stderr.lines().count(), 1, "a note that there is a warning: {}", quiet.stderr);
    let quiet = quiet.json();
    assert_eq!(quiet["impact"]["affected_user_minutes"].to_string(), "0.0");
}

#[test]
fn a_number_below_zero_is_told_the_range_that_counts() {
    let path = "services.shop.instances=-1";
    brownout(&["run", STORM, "--set", path]).refused(&["--set:1:25", "from 1 to 10000"]);
    let retries = "populations.web.calls.shop.layers.Retry.max_attempts=-1";
    brownout(&["run", STORM, "--set", retries]).refused(&["from 1, which means no retries, to 1000"]);
}

/// The deploy at 5:00 prepares for 20 s and has its first instance after 10 s of starting: errors from 5:30 on, of which 41 %
/// are left after four attempts.
#[test]
fn the_incident_has_a_beginning_an_order_and_an_end() {
    let bad = ["--variant", "bad-deploy"];
    let incident = &summary(&[&bad[..], &["--policy", "rollback-first"]].concat())["incident"];
    let seconds = |key: &str| incident[key].as_f64().unwrap_or_else(|| panic!("{key} of {incident}"));
    assert!((325.0..345.0).contains(&seconds("begin_seconds")), "{incident}");
    assert!((15.0..90.0).contains(&seconds("first_order_after_seconds")), "{incident}");
    let to_end = seconds("first_order_after_seconds") + seconds("recovered_after_seconds");
    assert_eq!(seconds("begin_seconds") + to_end, seconds("end_seconds"));
    assert_eq!((incident["ongoing"].as_bool(), seconds("total_seconds")), (Some(false), to_end));
    let unled = &summary(&bad)["incident"];
    assert_eq!((unled["ongoing"].as_bool(), &unled["end_seconds"]), (Some(true), &Value::Null));
    let text = brownout(&[&["run", STORM, "--policy", "none"], &bad[..]].concat()).quietly().stdout;
    let text = text.replace("\n         ", " ");
    assert!(text.contains("goes on at the end") && text.contains("bad; no order"), "{text}");
    assert!(text.contains("\nscale    real requests:  100 for one of web  1 for one of mobile "), "{text}");
}

/// On a terminal too low for all of it, what comes last stays.
#[test]
fn the_verdict_comes_last() {
    let text = brownout(&["run", STORM, "--variant", "slow-database"]).quietly().stdout;
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{text}"));
    let order = ["service ", "dependency ", "A storm in a test", "requests a second", "\nincident ", "\nimpact "];
    assert!(order.map(place).is_sorted(), "{text}");
}
