//! Load balancing: which instance of a service an attempt goes to.

use serde::{Deserialize, Serialize};

/// How a caller chooses among the instances in rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Balancing {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Any, with equal chances.
    Random,
    /// The one with the fewest unanswered attempts of this channel, the first of them on a tie.
    LeastRequests,
    /// Of two drawn at random the one with fewer unanswered attempts of this channel (Mitzenmacher, 2001; Envoy's
    /// default for `LEAST_REQUEST`).
    PowerOfTwo,
}
