//! Instances: where jobs run.

/// An instance (placeholder while the model is being built).
#[derive(Debug)]
pub struct Instance;
