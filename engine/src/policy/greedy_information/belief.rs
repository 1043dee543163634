//! A belief over the classes of causes, and what an instrument is worth to it.

use crate::observe::{Cause, Suspicion};
use crate::response::Action;
use crate::units::SimDuration;

/// The classes with what is believed of each before anything has been seen: most incidents follow a change, then come load and what is
/// depended on. An assumption.
const PRIOR: [(Cause, f64); 4] =
    [(Cause::Change, 0.4), (Cause::Overload, 0.3), (Cause::Dependency, 0.2), (Cause::HeldConnections, 0.1)];
/// What is left of a class of which an instrument could have shown something, and did not.
const CLEARED: f64 = 0.2;
/// No suspicion is surer than this.
const SUREST: f64 = 0.95;

/// Which classes each instrument can show something of.
const TELLS: [(&str, &[Cause]); 6] = [
    ("changes", &[Cause::Change]),
    ("capacity", &[Cause::Overload]),
    ("errors", &[Cause::Dependency, Cause::Change]),
    ("pool", &[Cause::HeldConnections]),
    ("traces", &[Cause::Dependency]),
    ("slow-queries", &[Cause::Overload]),
];

/// How likely each class is, in the order of the prior; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Belief([f64; PRIOR.len()]);

impl Belief {
    /// What is believed after these instruments have been read, with what follows from what they showed. A suspicion multiplies the
    /// odds of its class; a class that was looked for and not suspected loses most of its weight.
    pub(super) fn after<'a>(instruments: impl Iterator<Item = &'a str> + Clone, suspicions: &[Suspicion]) -> Self {
        let mut weights = PRIOR.map(|(cause, prior)| {
            let of_it = suspicions.iter().filter(|one| one.cause == cause).map(|one| one.confidence.min(SUREST));
            match of_it.reduce(f64::max) {
                Some(sure) => prior * (1.0 + sure / (1.0 - sure)),
                None if instruments.clone().any(|name| tells(name).contains(&cause)) => prior * CLEARED,
                None => prior,
            }
        });
        let all: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= all);
        Self(weights)
    }

    /// How likely a class is.
    pub(super) fn of(self, cause: Cause) -> f64 {
        PRIOR.iter().zip(self.0).find(|((known, _), _)| *known == cause).map_or(0.0, |(_, belief)| belief)
    }

    /// The likeliest class, the first of equals.
    pub(super) fn likeliest(self) -> (Cause, f64) {
        let all = PRIOR.iter().map(|(cause, _)| *cause).zip(self.0);
        all.fold((Cause::Unknown, 0.0), |best, one| if one.1 > best.1 { one } else { best })
    }

    /// What an instrument is worth a second: the weight of what it may tell, as far as that is still open.
    pub(super) fn worth(self, instrument: &str, takes: SimDuration) -> f64 {
        let open: f64 = tells(instrument).iter().map(|cause| self.of(*cause) * (1.0 - self.of(*cause))).sum();
        open / takes.as_secs_f64().max(1.0)
    }
}

fn tells(instrument: &str) -> &'static [Cause] {
    TELLS.iter().find(|(name, _)| *name == instrument).map_or(&[], |(_, causes)| causes)
}

/// What helps against a class, the best first.
pub(super) const fn remedies(cause: Cause) -> &'static [Action] {
    match cause {
        Cause::Change => &[Action::RollBack, Action::Hotfix, Action::Restart],
        Cause::Overload => &[Action::ScaleOut, Action::Shed, Action::Block, Action::RateLimit],
        Cause::HeldConnections => &[Action::RollBack, Action::Restart, Action::SetPoolSize],
        Cause::Dependency => &[Action::RollBack, Action::Restart, Action::ScaleOut],
        Cause::Unknown => &[Action::RollBack, Action::Restart, Action::ScaleOut],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspicion(cause: Cause, confidence: f64) -> Suspicion {
        Suspicion { cause, of: "api".to_owned(), confidence, because: String::new() }
    }

    #[test]
    fn what_is_seen_moves_it_and_it_adds_up() {
        let before = Belief::after(std::iter::empty(), &[]);
        assert_eq!(before.likeliest().0, Cause::Change);
        assert!((before.of(Cause::Change) - 0.4).abs() < 1e-9, "{before:?}");
        let busy = Belief::after(["capacity", "changes"].into_iter(), &[suspicion(Cause::Overload, 0.9)]);
        assert_eq!(busy.likeliest().0, Cause::Overload);
        assert!(busy.of(Cause::Overload) > 0.8 && busy.of(Cause::Change) < 0.1, "{busy:?}");
        let sum: f64 = busy.0.iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_cheap_and_telling_come_first_and_what_is_known_is_worth_nothing() {
        let belief = Belief::after(std::iter::empty(), &[]);
        let worth = |belief: Belief, name: &str, secs: u64| belief.worth(name, SimDuration::from_secs(secs));
        assert!(worth(belief, "changes", 60) > worth(belief, "capacity", 60));
        assert!(worth(belief, "changes", 60) > worth(belief, "errors", 120));
        assert_eq!(worth(belief, "vendor-status", 60), 0.0);
        let sure = Belief::after(["changes"].into_iter(), &[suspicion(Cause::Change, 0.95)]);
        assert!(worth(sure, "changes", 60) < worth(belief, "changes", 60) / 2.0);
    }
}
