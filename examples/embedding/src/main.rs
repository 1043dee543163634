//! Demonstrates embedding: a scenario from a string, led by a policy, and its result.

use std::sync::Arc;

use brownout::policy::BuiltIn;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::{Session, Simulation};

const SHOP: &str = r#"Scenario(
    format: 1, name: "shop", title: "A bad deploy", story: "", duration: "5m",
    services: {"api": (
        capacity: Workers(8),
        endpoints: {"buy": [Work(Exponential(mean: "20ms"))]},
        versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "60%")})},
        rollout: (preparation: "20s"),
    )},
    populations: {"web": (arrivals: Poisson("100/s"), mix: {"api.buy": 1})},
    variants: {"bad-deploy": (weight: 1, deploys: [(at: "1m", service: "api", version: "v2")])},
)"#;

fn main() {
    let (scenario, _warnings) = Scenario::parse(&Source::new("shop.ron", SHOP), &no_files).expect("the scenario is valid");
    let scenario = Arc::new(scenario);
    for policy in ["none", "rollback-first"] {
        let simulation = Simulation::new(Arc::clone(&scenario), 1);
        let mut session = Session::new(simulation);
        session.lead_to_end(&mut *BuiltIn::find(policy).expect("a built-in policy").start(7));
        let simulation = session.into_simulation();
        let web = &simulation.recording().totals.populations[0];
        println!("{policy}: {} of {} requests failed, digest {}", web.failed(), web.offered, simulation.digest());
    }
}
