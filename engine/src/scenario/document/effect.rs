//! What versions change, and the hotfixes that undo it.

use super::{Count, Drawn, Entries, Lenient};
use crate::document;
use crate::text::Spanned;
use crate::units::Ratio;

document! {
    /// A version of a service.
    pub struct Version {
        /// What it does differently from the first version, by the names that hotfixes refer to.
        effects: Entries<Effect> = Entries::default(),
        /// Whether the team has tested that the version before works with what this one leaves behind, so that going back is
        /// safe; without it, nobody knows.
        compat_tested: Lenient<Option<bool>> = Lenient::default(),
    }
}

document! {
    /// One change to how a service behaves.
    pub enum Effect {
        /// Work takes longer.
        Slowdown {
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// How many times as long every work step takes, above 0.
            factor: Spanned<f64>,
        },
        /// Extra work before the plan.
        AddedWork {
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// How much.
            work: Drawn,
        },
        /// Requests that fail at once when their turn comes.
        Errors {
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The share that fails.
            ratio: Spanned<Ratio>,
            /// The error that callers see.
            kind: Spanned<String> = Spanned::implied("internal".to_owned()),
        },
        /// Calls that are made before the plan, one after the other.
        ExtraCalls {
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The endpoint called, `service.endpoint`.
            call: Spanned<String>,
            /// The name of the dependency they go through, where there are several to that service.
            via: Option<Spanned<String>>,
            /// How often.
            count: Spanned<Count> = Spanned::implied(Count::of(1)),
            /// Whether the request goes on when such a call fails.
            optional: bool = false,
        },
        /// Connections that go back to their pool only some time after the answer.
        ConnectionHold {
            /// The endpoint concerned; without it, every one.
            endpoint: Option<Spanned<String>>,
            /// The dependency whose connections are held: the service called, or the dependency's own name.
            dependency: Spanned<String>,
            /// How much longer.
            hold: Drawn,
        },
    }
}

document! {
    /// A hotfix that the team could write.
    pub struct Hotfix {
        /// What the team says it would do.
        title: Option<String>,
        /// The service it is for.
        service: Spanned<String>,
        /// The name of the effect it is meant to remove.
        removes: Spanned<String>,
        /// How long it takes until it can be rolled out; needed unless `testing` says so.
        duration: Lenient<Option<Drawn>> = Lenient(Some(None)),
        /// The probability that it does not remove the effect; 0% unless given.
        wrong: Lenient<Option<Spanned<Ratio>>> = Lenient(Some(None)),
        /// The ways to test it before it is rolled out, by name, the usual one first; in place of `duration` and `wrong`.
        testing: Entries<Testing> = Entries::default(),
        /// What a wrong one adds.
        adds: Lenient<Option<Effect>> = Lenient::default(),
    }
}

document! {
    /// One way to test a hotfix before it is rolled out.
    pub struct Testing {
        /// How long it takes until it can be rolled out, testing included.
        duration: Lenient<Drawn>,
        /// The probability that it is wrong all the same.
        wrong: Lenient<Spanned<Ratio>> = Lenient(Some(Spanned::implied(Ratio::ZERO))),
    }
}
