//! What would have come of it: every option that was open at a decision point, in every variant, forked and led on by a reference policy.
//!
//! The state of a variant at that point is its own replay from the start with the commands of the record. A fork has fresh luck from
//! there; the option is taken, nothing else is done for as long as a silence lasts, and then the reference policy leads. What it loses is
//! counted from the point to the horizon, in affected user-minutes.

use std::sync::Arc;

use crate::policy::{BuiltIn, in_the_best_hands};
use crate::response::{Actor, Command, Logged};
use crate::scenario::Scenario;
use crate::session::Session;
use crate::simulation::Simulation;
use crate::units::{SimDuration, SimTime};

use super::comparison::Job;
use super::points::{DecisionPoint, SILENCE, Taken};

/// Something that could have been done at a decision point.
#[derive(Clone, Debug, PartialEq)]
pub enum Alternative {
    /// Nothing.
    Wait,
    /// A command.
    Give(Box<Command>),
}

impl Alternative {
    /// What it is, in words: the option's name, or `wait`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Wait => crate::response::WAIT,
            Self::Give(command) => command.takes().map_or("trigger", |(option, _)| option),
        }
    }
}

/// How far and by whom branches are led on.
#[derive(Clone, Copy, Debug)]
pub struct Onwards {
    /// The policy that leads after the silence, which is to be stated wherever a result is shown.
    pub reference: &'static BuiltIn,
    /// For how long losses are counted.
    pub horizon: SimDuration,
}

/// A decision point with all that could have been done there, in every variant.
#[derive(Debug)]
pub struct Counterfactual {
    point: DecisionPoint,
    /// By variant, as it was just before.
    worlds: Vec<Simulation>,
    options: Vec<Alternative>,
    taken: usize,
    onwards: Onwards,
}

impl Counterfactual {
    /// What could have been done at a decision point of a session of this scenario, seed and true variant (dense index). Options are
    /// those of the menu then, each with the arguments it takes by default and in the best hands that were free, what was taken as it
    /// was taken, and waiting.
    ///
    /// # Panics
    /// When the scenario has no such variant, or the point is not of this log.
    #[must_use]
    pub fn new(
        scenario: &Arc<Scenario>,
        (seed, variant): (u64, usize),
        log: &[Logged],
        point: DecisionPoint,
        onwards: Onwards,
    ) -> Self {
        let before = match point.taken {
            Taken::Command(position) => &log[..position],
            Taken::Waited => &log[..log.partition_point(|logged| logged.at <= point.at)],
        };
        let world = |variant: usize| {
            let mut world = Simulation::with_variant(Arc::clone(scenario), seed, variant);
            for logged in before {
                world.run_until(logged.at);
                // What was refused in one variant may be possible in another, and the other way round.
                let _ = world.command(logged.by, logged.command.clone());
            }
            world.run_until(point.at);
            world
        };
        let worlds: Vec<Simulation> = (0..scenario.variants.len()).map(world).collect();
        let mut options = vec![Alternative::Wait];
        let given = match point.taken {
            Taken::Command(position) => Some(&log[position].command),
            Taken::Waited => None,
        };
        options.extend(given.map(|command| Alternative::Give(Box::new(command.clone()))));
        let taken = options.len() - 1;
        let seen = worlds[variant].observe();
        // What was to be done later, by a trigger, could have been done at once.
        let same = |name: &str| matches!(given, Some(Command::Act { option, .. }) if option == name);
        let menu = worlds[variant].menu();
        let others = menu.options.iter().filter(|option| !same(&option.name));
        options.extend(others.map(|option| Alternative::Give(Box::new(in_the_best_hands(option, &seen)))));
        Self { point, worlds, options, taken, onwards }
    }

    /// The decision point.
    #[must_use]
    pub const fn point(&self) -> DecisionPoint {
        self.point
    }

    /// Everything that could have been done, waiting first.
    #[must_use]
    pub fn options(&self) -> &[Alternative] {
        &self.options
    }

    /// What was done, by its position among the options.
    #[must_use]
    pub const fn taken(&self) -> usize {
        self.taken
    }

    /// What users lose in one fork, in affected user-minutes from the point to the horizon, or to the end of the scenario where that comes
    /// first. An option that cannot be taken in a world is waiting there.
    ///
    /// # Panics
    /// When there is no such option or world.
    #[must_use]
    pub fn loss(&self, job: &Job) -> f64 {
        let world = &self.worlds[job.world];
        let before = user_minutes(world);
        let mut branch = world.fork_with_luck(job.luck());
        if let Alternative::Give(command) = &self.options[job.option] {
            let _ = branch.command(Actor::Lead, Command::clone(command));
        }
        let end = SimTime::ZERO + world.scenario().duration;
        let until = self.point.at.saturating_add(self.onwards.horizon).min(end);
        branch.run_until(self.point.at.saturating_add(SILENCE).min(until));
        let mut session = Session::new(branch);
        session.lead_until(&mut *self.onwards.reference.start(job.luck()), until);
        user_minutes(session.simulation()) - before
    }
}

/// The affected user-minutes of a run so far.
fn user_minutes(simulation: &Simulation) -> f64 {
    let populations = simulation.scenario().populations.iter();
    let impacts = &simulation.recording().totals.impact;
    impacts.iter().zip(populations).map(|(impact, spec)| impact.user_minutes(spec)).sum()
}
