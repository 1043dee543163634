//! The oracle: a lead that sees what nobody can see, for bounds only.
//!
//! It forks the true world, with its hidden variant, its faults to come and its luck, tries every option of the menu in it, and takes the
//! one after which users lose the least. What it reaches is about what could have been reached; that no policy, no person and nothing
//! that they can see comes near it is what the rooms are for: nothing below may use this one.
//!
//! It is greedy. At each instant it is asked it compares single options, each with the arguments it takes by default (an example where
//! there is no default) and in the best hands that are free, and waiting, over the same stretch of the future in which nothing more is
//! done. So it may miss what helps only together with something else, or only later than its horizon; it is a strong lead, not the best
//! possible one.

use crate::policy::in_the_best_hands;
use crate::response::{Actor, Command};
use crate::simulation::Simulation;
use crate::units::{SimDuration, SimTime};

/// How the oracle looks ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OracleSpec {
    /// How often it is asked, whole seconds above 0.
    pub spacing: SimDuration,
    /// How far it looks ahead.
    pub horizon: SimDuration,
    /// How many forks it makes at most each time, two at least; what comes later in the menu is not tried then.
    pub forks_each_time: usize,
    /// How many forks it makes at most in all.
    pub forks: usize,
    /// The share of bad requests since it was last asked from which on something is wrong.
    pub wrong: f64,
    /// The share by which an option must lose less than waiting does.
    pub margin: f64,
}

impl Default for OracleSpec {
    /// Every minute, twenty minutes ahead, 48 forks each time and 1,000 in all, from one bad request in a hundred on, for one part in
    /// a hundred.
    fn default() -> Self {
        Self {
            spacing: SimDuration::from_secs(60),
            horizon: SimDuration::from_secs(20 * 60),
            forks_each_time: 48,
            forks: 1_000,
            wrong: 0.01,
            margin: 0.01,
        }
    }
}

/// A lead that tries everything first.
#[derive(Clone, Debug)]
pub struct Oracle {
    spec: OracleSpec,
    forks: usize,
}

impl Oracle {
    /// The name by which it is chosen.
    pub const NAME: &'static str = "oracle";

    /// One that looks ahead like this.
    #[must_use]
    pub const fn new(spec: OracleSpec) -> Self {
        Self { spec, forks: 0 }
    }

    /// How it looks ahead.
    #[must_use]
    pub const fn spec(&self) -> &OracleSpec {
        &self.spec
    }

    /// How many forks it has made.
    #[must_use]
    pub const fn forks(&self) -> usize {
        self.forks
    }

    /// What is best done now; nothing when all is well, or when waiting is as good as anything.
    #[must_use]
    pub fn decide(&mut self, truth: &Simulation) -> Vec<Command> {
        if !self.is_wrong(truth) || self.forks + 2 > self.spec.forks {
            return Vec::new();
        }
        let left = (self.spec.forks - self.forks).min(self.spec.forks_each_time.max(2));
        let menu = truth.menu();
        let seen = truth.observe();
        let tries = menu.options.iter().map(|option| in_the_best_hands(option, &seen)).take(left - 1);
        let waiting = self.loss_after(truth, None).unwrap_or(f64::INFINITY);
        let enough = waiting * (1.0 - self.spec.margin);
        let mut best: Option<(f64, Command)> = None;
        for command in tries {
            let Some(loss) = self.loss_after(truth, Some(&command)) else { continue };
            if loss < best.as_ref().map_or(enough, |(least, _)| *least) {
                best = Some((loss, command));
            }
        }
        best.map(|(loss, command)| because(command, waiting, loss)).into_iter().collect()
    }

    /// Whether users lose anything to speak of since it was last asked.
    fn is_wrong(&self, truth: &Simulation) -> bool {
        let since = truth.now().whole_secs().saturating_sub(self.spec.spacing.as_nanos() / 1_000_000_000);
        let (bad, finished) = losses(truth, SimTime::from_secs(since));
        finished > 0.0 && bad / finished >= self.spec.wrong
    }

    /// What users lose over the horizon after a command, or after waiting; `None` where the command is refused.
    fn loss_after(&mut self, truth: &Simulation, command: Option<&Command>) -> Option<f64> {
        self.forks += 1;
        let mut branch = truth.fork();
        if let Some(command) = command {
            branch.command(Actor::Lead, command.clone()).ok()?;
        }
        let end = SimTime::ZERO + truth.scenario().duration;
        branch.run_until(truth.now().saturating_add(self.spec.horizon).min(end));
        Some(losses(&branch, truth.now()).0)
    }
}

/// The same with what it saw for a reason.
fn because(command: Command, waiting: f64, loss: f64) -> Command {
    match command {
        Command::Act { option, arguments, owner, time_box, .. } => {
            let reason = format!("seen ahead: {loss:.0} bad requests instead of {waiting:.0}");
            Command::Act { option, arguments, reason, owner, time_box, belief: None }
        }
        other => other,
    }
}

/// The bad requests of real users since an instant, and all that were finished.
fn losses(simulation: &Simulation, since: SimTime) -> (f64, f64) {
    let seconds = &simulation.recording().seconds;
    let from = (since.whole_secs() as usize).min(seconds.len());
    let (mut bad, mut finished) = (0.0, 0.0);
    for second in &seconds[from..] {
        for (population, spec) in second.populations.iter().zip(simulation.scenario().populations.iter()) {
            bad += f64::from(population.bad) * spec.represents;
            finished += f64::from(population.finished) * spec.represents;
        }
    }
    (bad, finished)
}
