//! The debrief: what was decided, what else could have been, and what each would have come to.
//!
//! This room changes nothing: it says which forks it needs ([`Comparison::next_round`]) and folds in what came of them. Whoever has
//! threads runs them side by side; the result is the same in any order.

mod comparison;
mod counterfactual;
mod estimate;
mod known;
mod points;

pub use comparison::{Comparison, ComparisonError, ComparisonSpec, Half, Job};
pub use counterfactual::{Alternative, Counterfactual, Onwards};
pub use estimate::{Estimate, Standing};
pub use known::{Finding, Findings, Inquiry, Known, ReplayJob};
pub use points::{DecisionPoint, SILENCE, Taken};
