//! What the benchmarks share: reference model M1 as a scenario.
//!
//! Rates against other programs are `benches/peers`; here is what to watch while changing one part.

use std::sync::Arc;

use brownout::Simulation;
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::SimTime;

/// Reference model M1, as `benches/peers` defines it: 1500 requests a second through a service and a database.
///
/// # Panics
/// When the scenario file is not one.
#[must_use]
pub fn m1() -> Arc<Scenario> {
    let source = Source::new("m1.ron", include_str!("../peers/models/m1.ron"));
    let (scenario, _warnings) =
        Scenario::parse(&source, &no_files).unwrap_or_else(|findings| panic!("{}", findings.render()));
    Arc::new(scenario)
}

/// M1 after so many simulated seconds.
#[must_use]
pub fn m1_at(scenario: &Arc<Scenario>, secs: u64) -> Simulation {
    let mut simulation = Simulation::new(Arc::clone(scenario), 1);
    simulation.run_until(SimTime::from_secs(secs));
    simulation
}
