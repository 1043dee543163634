//! What whoever leads can do besides: actions that the team has prepared, and kinds that are left out.

use super::{Count, Drawn, Items, Lenient};
use crate::document;
use crate::text::Spanned;
use crate::units::{Rate, Ratio, SimDuration};

document! {
    /// Something that the team has prepared: a switch, a step of its runbook.
    pub struct Action {
        /// What the team says it does; without it, the name.
        title: Option<String>,
        /// What is done, in order, when its time is over; what makes no sense any more by then is left out.
        does: Items<Deed>,
        /// How long that takes.
        takes: Lenient<Drawn> = Lenient(Some(Drawn::implied(SimDuration::ZERO))),
        /// What could go wrong, in words.
        risk: Option<String>,
        /// The name of the action that undoes it; without it, nothing prepared does.
        undo: Lenient<Option<Spanned<String>>> = Lenient::default(),
    }
}

document! {
    /// One thing that an action does.
    pub enum Deed {
        /// Rolls out the version before the present one.
        RollBack {
            /// The service.
            service: Spanned<String>,
        },
        /// Restarts all instances.
        Restart {
            /// The service.
            service: Spanned<String>,
        },
        /// Adds instances.
        ScaleOut {
            /// The service.
            service: Spanned<String>,
            /// How many.
            add: Spanned<Count>,
        },
        /// Turns a share of the requests away at the door of a service.
        Shed {
            /// The service.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The population concerned; without it, every one.
            population: Option<Spanned<String>>,
            /// The share; 0% ends it.
            share: Spanned<Ratio>,
        },
        /// Limits the rate at which a service lets requests in, all instances together, with bursts of a second.
        RateLimit {
            /// The service.
            service: Spanned<String>,
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The population concerned; without it, every one.
            population: Option<Spanned<String>>,
            /// The rate; without it, an earlier limit is lifted.
            rate: Option<Spanned<Rate>>,
        },
        /// Changes settings of a dependency, in every instance of its caller; what is left out stays as it is in force when the
        /// action is taken.
        Set {
            /// The dependency, by its name: `"api->db"`.
            dependency: Spanned<String>,
            /// The largest number of connections in each pool.
            pool_size: Option<Spanned<Count>>,
            /// How long a caller waits for a connection.
            acquire_timeout: Option<Spanned<SimDuration>>,
            /// The time limit of an attempt.
            timeout: Option<Spanned<SimDuration>>,
            /// The time limit of a call with everything it takes.
            deadline: Option<Spanned<SimDuration>>,
            /// How often a call is attempted, the first time included.
            attempts: Option<Spanned<Count>>,
            /// The share of failures at which the breaker opens.
            breaker_threshold: Option<Spanned<Ratio>>,
            /// How long the breaker stays open.
            breaker_wait: Option<Spanned<SimDuration>>,
        },
    }
}

document! {
    /// What the menu leaves out.
    pub struct Menu {
        /// Kinds of actions that are not offered, such as `"scale-out"` or `"restart-one"`.
        without: Items<Spanned<String>> = Items::default(),
        /// The services that are somebody else's: nothing is offered that is done to one. How our services call it is ours to set.
        others: Items<Spanned<String>> = Items::default(),
    }
}
