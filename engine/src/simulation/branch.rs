//! Branching a simulation, keeping it and knowing it again: fork, snapshot and digest walk the one list of state.

use std::sync::Arc;

use bevy_ecs::prelude::World;

use crate::kernel::{Digest, SnapshotError};
use crate::model::{Luck, Verb};
use crate::rng::Key;
use crate::scenario::Scenario;
use crate::units::SimTime;

use super::Simulation;

impl Simulation {
    /// The digest of the whole state: two simulations with equal digests go on equally under equal orders.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.registry.digest(&self.world)
    }

    /// A branch with the same luck: under the same orders it goes on exactly as this one.
    #[must_use]
    pub fn fork(&self) -> Self {
        let mut world = World::new();
        self.registry.copy(&self.world, &mut world);
        let mut branch = Self::around(
            world,
            Arc::clone(&self.registry),
            Arc::clone(&self.scenario),
            self.system.clone(),
            self.plot.clone(),
            self.variant,
        );
        branch.commands.clone_from(&self.commands);
        branch.orders.clone_from(&self.orders);
        branch.causes.clone_from(&self.causes);
        branch
    }

    /// A branch with the same past and fresh luck, the `luck`th of its kind; 0 is the luck of the run itself. Roll-outs in
    /// preparation, starts and hotfixes under way have what is left of them redrawn, given that they have not ended yet, and
    /// so has the gap before the next arrival of a Poisson process. Among people, pages that ring, what is left of tasks, what
    /// somebody does not get past, and whether and when they say so are drawn again, given what has been. Work that a job has begun,
    /// messages on their way, thoughts begun, evenly spaced or recorded arrivals, and what the lead has in their own hands keep their instants.
    #[must_use]
    pub fn fork_with_luck(&self, luck: u64) -> Self {
        let mut branch = self.fork();
        if luck == 0 {
            return branch;
        }
        let seed = branch.seed();
        // The instant is part of the fresh luck: a fork of a fork with the same number is fresh again.
        let salt = Key::named(seed, luck, "luck", 0).child(branch.now().as_nanos()).bits();
        branch.world.insert_resource(Luck { seed, luck, salt });
        branch.with_parts(|model, traffic, _| {
            traffic.refresh_luck(model, seed, salt);
            model.redraw_remaining();
        });
        branch.redraw_people();
        branch
    }

    /// All state as bytes, for [`Simulation::from_snapshot`].
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mark = scenario_mark(&self.scenario);
        // Commands leave out what they do not say, so their form has to describe itself.
        let commands = serde_json::to_vec(&self.commands).expect("commands are plain data");
        let doings = (commands, &self.orders, &self.causes);
        let parts = (mark, self.variant, doings, self.registry.save(&self.world));
        postcard::to_allocvec(&parts).expect("state is plain data")
    }

    /// How many bytes each part of the state takes in a snapshot, by its name: what a run keeps for later, without the spare
    /// room of collections.
    #[must_use]
    pub fn state_sizes(&self) -> Vec<(&'static str, usize)> {
        self.registry.sizes(&self.world).collect()
    }

    /// The simulation that a snapshot was taken of. The scenario must be the same.
    ///
    /// # Errors
    /// When the bytes are damaged, of another engine version, or of another scenario.
    pub fn from_snapshot(scenario: Arc<Scenario>, bytes: &[u8]) -> Result<Self, SnapshotError> {
        type Doings = (Vec<u8>, Vec<(SimTime, Verb)>, Vec<Option<usize>>);
        type Parts = (u64, usize, Doings, Vec<u8>);
        let (mark, variant, doings, state): Parts =
            postcard::from_bytes(bytes).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        if mark != scenario_mark(&scenario) || variant >= scenario.variants.len() {
            return Err(SnapshotError::OtherScenario);
        }
        let mut simulation = Self::with_variant(scenario, 0, variant);
        let registry = Arc::clone(&simulation.registry);
        registry.load(&mut simulation.world, &state)?;
        let (commands, orders, causes) = doings;
        simulation.commands =
            serde_json::from_slice(&commands).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        (simulation.orders, simulation.causes) = (orders, causes);
        Ok(simulation)
    }
}

/// Tells scenarios apart, for snapshots.
fn scenario_mark(scenario: &Scenario) -> u64 {
    let hash = blake3::hash(format!("{scenario:?}").as_bytes());
    u64::from_le_bytes(hash.as_bytes()[..8].try_into().expect("eight bytes"))
}
