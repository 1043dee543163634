//! The kinds of actions, in the order in which a menu lists them.

use serde::{Deserialize, Serialize};

macro_rules! actions {
    ($($variant:ident $name:literal $group:ident $doc:literal;)*) => {
        /// The kinds of actions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Action {
            $(#[doc = $doc] $variant,)*
        }

        impl Action {
            /// Every kind, in the order of a menu.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name, with which the names of its options begin.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The group of a menu in which it stands.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group),* }
            }
        }
    };
}

actions! {
    RollBack "roll-back" Versions "Back to the version before.";
    Hotfix "hotfix" Versions "A fix that has yet to be written.";
    Custom "do" Prepared "Something that the scenario offers besides: a prepared switch, a runbook's step.";
    Restart "restart" Instances "The same version, started anew, on every instance.";
    RestartOne "restart-one" Instances "The same version, started anew, on one instance.";
    ScaleOut "scale-out" Instances "More instances.";
    Pause "pause" Traffic "Background work is turned away until it is resumed.";
    Resume "resume" Traffic "Background work that was paused is let in again.";
    Block "block" Traffic "A share of users is turned away where they come in.";
    ReAdmit "re-admit" Traffic "Users who were blocked are let in again, all or a share.";
    Shed "shed" Traffic "A share of what comes to a service is turned away at its door.";
    RateLimit "rate-limit" Traffic "What comes to a service beyond a rate is turned away at its door.";
    SetPoolSize "set-pool-size" Settings "The largest number of connections in each caller's pool.";
    SetAcquireTimeout "set-acquire-timeout" Settings "How long a caller waits for a connection of its pool.";
    SetTimeout "set-timeout" Settings "The time limit of an attempt.";
    SetDeadline "set-deadline" Settings "The time limit of a call with everything it takes.";
    SetAttempts "set-attempts" Settings "How often a call is attempted.";
    SetBreakerThreshold "set-breaker-threshold" Settings "The share of failures at which a breaker opens.";
    SetBreakerWait "set-breaker-wait" Settings "How long a breaker stays open.";
}

impl Action {
    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// The groups of a menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Back, or a fix.
    Versions,
    /// What the scenario offers besides.
    Prepared,
    /// Restart, or add.
    Instances,
    /// Turn traffic away, or let it in.
    Traffic,
    /// Settings of calls.
    Settings,
}

impl Group {
    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Versions => "Go back, or fix",
            Self::Prepared => "Prepared for this system",
            Self::Instances => "Restart, or add",
            Self::Traffic => "Turn traffic away, or let it in",
            Self::Settings => "Change how services call each other",
        }
    }
}
