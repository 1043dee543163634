//! The menu of whoever leads: what options do through the mechanisms, what is estimated, and what is refused.

mod estimates;
mod options;
mod refusals;
mod sessions;

use std::sync::Arc;

use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::{Simulation, response::Actor, response::Command};

use crate::systems::at;

/// A shop with everything that options are about.
const SHOP: &str = r#"Scenario(
    format: 1, name: "shop", duration: "30m",
    services: {
        "api": (
            instances: 4,
            capacity: Workers(8),
            queue: (capacity: 20),
            start_time: Lognormal(mean: "5s", cv: 0.3),
            rollout: (preparation: Lognormal(mean: "20s", cv: 0.4), batch: 2, drain: "4s", pause: "1s"),
            versions: {
                "v1": (),
                "v2": (effects: {"bug": Errors(endpoint: "buy", ratio: "40%")}, compat_tested: true),
            },
            endpoints: {
                "buy": [Work(Exponential(mean: "10ms")), Call("db.read"), Call(to: "mail.send", optional: true)],
                "look": [Work("2ms")],
            },
            calls: [
                (to: "db", layers: [
                    Deadline("2s"),
                    Retry(max_attempts: 2, backoff: Fixed("50ms"), jitter: NoJitter),
                    Breaker(preset: "resilience4j"),
                    Timeout("500ms"),
                    Pool(preset: "hikaricp", maximumPoolSize: 4, connectionTimeout: 1000, validationTimeout: 500),
                ]),
                (to: "mail", layers: [Timeout("300ms")]),
            ],
        ),
        "db": (capacity: ProcessorSharing(cores: 2), endpoints: {"read": [Work(Exponential(mean: "8ms"))]}),
        "mail": (instances: 2, capacity: Workers(4), endpoints: {"send": [Work("5ms")]}),
    },
    populations: {
        "web": (arrivals: Poisson("20/s"), mix: {"api.buy": 3, "api.look": 1}, represents: 10, requests_per_user_minute: 4),
        "jobs": (arrivals: Closed(users: 2, think: "500ms"), mix: {"mail.send": 1}, pausable: true),
    },
    variants: {
        "bad-deploy": (weight: 1, deploys: [(at: "2s", service: "api", version: "v2")]),
        "slow-disk": (weight: 1, faults: {"disk": (does: Slowdown(service: "db", factor: 9), start: At("8s"))}),
    },
    hotfixes: {
        "patch": (
            service: "api", removes: "bug",
            testing: {
                "none": (duration: Lognormal(mean: "30s", cv: 0.4), wrong: "50%"),
                "staging": (duration: Lognormal(mean: "3m", cv: 0.2), wrong: "1%"),
            },
        ),
    },
    actions: {
        "no-mail": (
            title: "Send no mail, and wait less for the database",
            does: [Shed(service: "mail", share: "100%"), Set(dependency: "api->db", timeout: "100ms", pool_size: 2)],
            takes: "10s", risk: "mail is lost", undo: "mail-again",
        ),
        "mail-again": (does: [Shed(service: "mail", share: "0%")]),
    },
)"#;

fn parse(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("shop.ron", text), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

/// The shop in its first variant, run for so many seconds.
fn shop(seed: u64, seconds: f64) -> Simulation {
    let mut simulation = Simulation::with_variant(parse(SHOP), seed, 0);
    simulation.run_until(at(seconds));
    simulation
}

/// Takes an option now, with arguments such as `share=50%`.
#[track_caller]
fn take(simulation: &mut Simulation, option: &str, arguments: &[&str]) {
    let done = simulation.command(Actor::Lead, act(option, arguments));
    assert!(done.is_ok(), "{option} {arguments:?}: {done:?}");
}

fn act(option: &str, arguments: &[&str]) -> Command {
    let split = |argument: &&str| -> (String, String) {
        let (name, value) = argument.split_once('=').expect("name=value");
        (name.to_owned(), value.to_owned())
    };
    let arguments = arguments.iter().map(split);
    arguments.fold(Command::act(option, "because"), |command, (name, value)| command.with(name, value))
}
