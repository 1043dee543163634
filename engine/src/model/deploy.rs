//! Versions, roll-outs and roll-backs: how a service changes, instance by instance.

use crate::rng::Distribution;
use crate::units::SimDuration;

use super::effect::Effect;

/// A version of a service: a bundle of effects on its instances.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionSpec {
    /// The name, such as `v42`.
    pub name: String,
    /// What this version does differently from the first one.
    pub effects: Vec<Effect>,
}

/// How a new version reaches the instances of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct RolloutSpec {
    /// How long it takes from the order until the first instance is touched (build, approval, pipeline), in nanoseconds.
    pub preparation: Distribution,
    /// How many instances are replaced at a time, 1 or more.
    pub batch: u32,
    /// How long an instance that is taken out of rotation may finish its jobs before it is stopped.
    pub drain: SimDuration,
    /// The pause between two batches.
    pub pause: SimDuration,
}
