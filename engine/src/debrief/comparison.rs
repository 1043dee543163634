//! Comparing options over worlds: which forks to make, and what follows from their losses.
//!
//! Every option is tried in each world under the same lucks, so that differences vary little. The lucks fall into two halves. The one
//! that **chooses** says which option is best, which ones are out of the question, where more lucks are worth most, and when enough is
//! enough; the one that **judges** says how far options are apart. Since nothing that the judging half shows decides how much of it
//! there is, its intervals hold what they promise in spite of the choosing (sampling goes on in rounds, and the best of several looks
//! better than it is on the lucks by which it was chosen).
//!
//! Rounds are of fixed size, and what is spent is counted in forks, never in time: the result is the same on every machine.

use serde::{Deserialize, Serialize};

use super::estimate::{Estimate, moments};

/// An option is out of the question when it is this much worse than the best, in half widths of the choosing half beyond what does not
/// matter.
const CLEARLY: f64 = 1.5;

/// What is compared, and how finely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSpec {
    /// How many options there are, at least one.
    pub options: usize,
    /// The option that was taken, which is never out of the question.
    pub taken: usize,
    /// How likely each world is, given what was seen; they add up to 1.
    pub worlds: Vec<f64>,
    /// A difference of losses that does not matter, in the unit of losses; above 0.
    pub does_not_matter: f64,
    /// How many lucks each half of a round has for each world, on average; at least 2.
    pub lucks: u32,
    /// After so many rounds it ends, however open it is; at least 1.
    pub rounds: u32,
}

/// What is wrong with what is to be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComparisonError {
    /// There is no option, or the one that was taken is none of them.
    Options,
    /// The worlds' shares are negative, or do not add up to 1.
    Worlds,
    /// A number is not above what it must be.
    Number(&'static str),
}

impl std::fmt::Display for ComparisonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Options => f.write_str("there must be options, and the one that was taken among them"),
            Self::Worlds => f.write_str("what worlds are likely must not be negative and must add up to 1"),
            Self::Number(what) => write!(f, "{what}"),
        }
    }
}

impl std::error::Error for ComparisonError {}

/// What a luck is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// It says which option is best, and how much is sampled.
    Chooses,
    /// It says how far options are apart.
    Judges,
}

impl Half {
    const BOTH: [Self; 2] = [Self::Chooses, Self::Judges];
}

/// A fork that is asked for: an option, in a world, under a luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Job {
    /// Which half it belongs to.
    pub half: Half,
    /// The world, by its position.
    pub world: usize,
    /// The position among the lucks of this half and world.
    pub position: u32,
    /// The option, by its position.
    pub option: usize,
}

impl Job {
    /// The number of the luck, for [`Simulation::fork_with_luck`](crate::Simulation::fork_with_luck): another one for each half and
    /// position, the same for every option and world; never 0, the luck of the run itself.
    #[must_use]
    pub const fn luck(&self) -> u64 {
        1 + 2 * self.position as u64 + self.half as u64
    }
}

/// The losses of one option in one half: by world, in the order of the lucks.
type Losses = Vec<Vec<f64>>;

/// A comparison under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    spec: ComparisonSpec,
    /// By half, then by option.
    losses: [Vec<Losses>; 2],
    /// By option: whether it is still in question.
    open: Vec<bool>,
    rounds: u32,
}

impl Comparison {
    /// A comparison of which nothing is known yet.
    ///
    /// # Errors
    /// When what is to be compared makes no sense.
    pub fn new(spec: ComparisonSpec) -> Result<Self, ComparisonError> {
        let ComparisonSpec { options, taken, worlds, does_not_matter, lucks, rounds } = &spec;
        if taken >= options {
            return Err(ComparisonError::Options);
        }
        let sum: f64 = worlds.iter().sum();
        if worlds.iter().any(|share| !(0.0..=1.0).contains(share)) || (sum - 1.0).abs() > 1e-9 {
            return Err(ComparisonError::Worlds);
        }
        if !(*does_not_matter > 0.0 && does_not_matter.is_finite()) {
            return Err(ComparisonError::Number("a difference that does not matter must be above 0"));
        }
        if *lucks < 2 || *rounds < 1 {
            return Err(ComparisonError::Number("a round has at least 2 lucks, and there is at least 1 round"));
        }
        let nothing = || vec![vec![Vec::new(); worlds.len()]; *options];
        Ok(Self { losses: [nothing(), nothing()], open: vec![true; *options], rounds: 0, spec })
    }

    /// What is compared.
    #[must_use]
    pub const fn spec(&self) -> &ComparisonSpec {
        &self.spec
    }

    /// How many rounds have been folded in.
    #[must_use]
    pub const fn rounds(&self) -> u32 {
        self.rounds
    }

    /// How many forks have been folded in.
    #[must_use]
    pub fn forks(&self) -> usize {
        self.losses.iter().flatten().flatten().map(Vec::len).sum()
    }

    /// Whether an option is still in question.
    #[must_use]
    pub fn is_open(&self, option: usize) -> bool {
        self.open[option]
    }

    /// The forks of the next round, in order; empty when enough is known, or when all rounds have been made.
    #[must_use]
    pub fn next_round(&self) -> Vec<Job> {
        if self.rounds >= self.spec.rounds || self.rounds > 0 && self.is_enough() {
            return Vec::new();
        }
        let mut jobs = Vec::new();
        for (world, more) in self.lucks_by_world().into_iter().enumerate() {
            for half in Half::BOTH {
                let from = self.made(half, world);
                for position in from..from + more {
                    let options = (0..self.spec.options).filter(|option| self.open[*option]);
                    jobs.extend(options.map(|option| Job { half, world, position, option }));
                }
            }
        }
        jobs
    }

    /// Folds in what came of the round that [`Comparison::next_round`] asked for: the loss of each of its forks, in its order.
    ///
    /// # Panics
    /// When there are not as many losses as forks were asked for.
    pub fn fold(&mut self, losses: &[f64]) {
        let jobs = self.next_round();
        assert_eq!(jobs.len(), losses.len(), "one loss for each fork that was asked for");
        for (job, loss) in jobs.iter().zip(losses) {
            self.losses[job.half as usize][job.option][job.world].push(*loss);
        }
        self.rounds += 1;
        self.close();
    }

    /// The option that loses the least over the worlds, by the half that chooses.
    #[must_use]
    pub fn best(&self) -> usize {
        let mean = |option: &usize| self.mean(Half::Chooses, *option);
        let open = (0..self.spec.options).filter(|option| self.open[*option]);
        open.min_by(|one, other| mean(one).total_cmp(&mean(other))).unwrap_or(self.spec.taken)
    }

    /// What an option loses over the worlds, by the half that judges.
    #[must_use]
    pub fn loss(&self, option: usize) -> Estimate {
        let of = |world: usize| self.losses[Half::Judges as usize][option][world].as_slice();
        let worlds: Vec<(f64, &[f64])> = self.spec.worlds.iter().copied().zip((0..).map(of)).collect();
        Estimate::stratified(&worlds)
    }

    /// What one option loses more than another over the worlds, by the half that judges, on the lucks that both were tried under.
    #[must_use]
    pub fn difference(&self, one: usize, other: usize) -> Estimate {
        self.difference_of(Half::Judges, one, other)
    }

    /// What an option loses over the worlds if each is led by the option that is best in it: the best that could be done by whoever knew
    /// the world, by both halves as [`Comparison::best`] and [`Comparison::loss`] use them.
    #[must_use]
    pub fn informed_loss(&self) -> Estimate {
        let best = |world: usize| {
            let mean = |option: &usize| moments(&self.losses[Half::Chooses as usize][*option][world]).0;
            (0..self.spec.options).min_by(|one, other| mean(one).total_cmp(&mean(other))).unwrap_or(self.spec.taken)
        };
        let of = |world: usize| self.losses[Half::Judges as usize][best(world)][world].as_slice();
        let worlds: Vec<(f64, &[f64])> =
            self.spec.worlds.iter().copied().enumerate().map(|(world, share)| (share, of(world))).collect();
        Estimate::stratified(&worlds)
    }

    fn difference_of(&self, half: Half, one: usize, other: usize) -> Estimate {
        let losses = &self.losses[half as usize];
        let pairs = losses[one].iter().zip(&losses[other]);
        let differences: Vec<Vec<f64>> =
            pairs.map(|(one, other)| one.iter().zip(other).map(|(one, other)| one - other).collect()).collect();
        let worlds: Vec<(f64, &[f64])> =
            self.spec.worlds.iter().copied().zip(differences.iter().map(Vec::as_slice)).collect();
        Estimate::stratified(&worlds)
    }

    fn mean(&self, half: Half, option: usize) -> f64 {
        let worlds = self.spec.worlds.iter().zip(&self.losses[half as usize][option]);
        worlds.filter(|(share, _)| **share > 0.0).map(|(share, losses)| share * moments(losses).0).sum()
    }

    /// How many lucks a half has had in a world: those of the option that was taken, which is always tried.
    fn made(&self, half: Half, world: usize) -> u32 {
        let made = self.losses[half as usize][self.spec.taken][world].len();
        u32::try_from(made).expect("fewer than 2^32 lucks")
    }

    /// How many lucks each world gets in the next round, in each half: evenly at first, then where the differences that are still open
    /// vary most (Neyman's allocation, by the half that chooses).
    fn lucks_by_world(&self) -> Vec<u32> {
        let possible = |share: &f64| *share > 0.0;
        let count = self.spec.worlds.iter().filter(|share| possible(share)).count() as u32;
        if self.rounds == 0 {
            return self.spec.worlds.iter().map(|share| if possible(share) { self.spec.lucks } else { 0 }).collect();
        }
        let needs: Vec<f64> = (0..self.spec.worlds.len()).map(|world| self.spread(world)).collect();
        let all: f64 = needs.iter().sum();
        let total = f64::from(self.spec.lucks * count);
        let share = |need: &f64| if all > 0.0 { libm::round(total * need / all) as u32 } else { 0 };
        let mut lucks: Vec<u32> = needs.iter().map(share).collect();
        if lucks.iter().all(|count| *count == 0) {
            lucks = self.spec.worlds.iter().map(|share| u32::from(possible(share))).collect();
        }
        lucks
    }

    /// How far the open differences vary in a world, as much as it counts.
    fn spread(&self, world: usize) -> f64 {
        let losses = &self.losses[Half::Chooses as usize];
        let best = self.best();
        let against_best = |option: usize| {
            let pairs = losses[option][world].iter().zip(&losses[best][world]);
            let differences: Vec<f64> = pairs.map(|(one, other)| one - other).collect();
            if differences.len() > 1 { libm::sqrt(moments(&differences).1) } else { 0.0 }
        };
        let open = (0..self.spec.options).filter(|option| self.open[*option] && *option != best);
        self.spec.worlds[world] * open.map(against_best).fold(0.0, f64::max)
    }

    /// Whether every difference that is still open is known finely enough, by the half that chooses.
    fn is_enough(&self) -> bool {
        let best = self.best();
        let fine = |option: usize| {
            let difference = self.difference_of(Half::Chooses, option, best);
            difference.half_width <= self.spec.does_not_matter
        };
        (0..self.spec.options).filter(|option| self.open[*option] && *option != best).all(fine)
    }

    /// Options that are clearly worse, by the half that chooses, are out of the question; not the one that was taken.
    fn close(&mut self) {
        let best = self.best();
        for option in (0..self.spec.options).filter(|option| *option != best && *option != self.spec.taken) {
            let difference = self.difference_of(Half::Chooses, option, best);
            if difference.mean > self.spec.does_not_matter + CLEARLY * difference.half_width {
                self.open[option] = false;
            }
        }
    }
}
