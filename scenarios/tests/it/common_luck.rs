//! Common random numbers on shipped scenarios: what thirty seconds of hesitation cost stands out of the luck of a run, because
//! both leads of a pair meet the same users, the same service times and the same faults.
//!
//! The measured quantity is the requests of users that failed, all populations together. With common random numbers both leads
//! of a pair play one seed. With seeds of their own their difference has the sum of both variances. The ratio of the two variances
//! of the difference is bounded at 99 % by the jackknife over seeds.
//!
//! On one-slash it is measured on the system alone, without the people around it and with everything seen at once. Nobody is there
//! when it begins, and with people half a minute is not half a minute any more: it decides who comes first, or who is there at the
//! next reading. Measured so over the same pairs, watched for 24 minutes: 4.8 times, and at 99 % at least 3.0.

use std::collections::VecDeque;

use brownout::Session;
use brownout::observe::Observation;
use brownout::policy::{BuiltIn, Policy};
use brownout::response::{Command, Menu};
use brownout::units::{SimDuration, SimTime};

use crate::play::{Play, Stage, at};

/// How much later the second lead acts: two scrapes, so that its orders too fall on instants at which a lead may act.
const HESITATION: SimDuration = SimDuration::from_secs(30);
/// The 99 % quantile of the normal distribution.
const QUANTILE: f64 = 2.326;

/// A lead that decides as another one does, on what that one sees and when it sees it, and acts later.
#[derive(Debug)]
struct Late {
    lead: Box<dyn Policy>,
    held: VecDeque<(SimTime, Command)>,
}

impl Policy for Late {
    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        let due = observation.now + HESITATION;
        self.held.extend(self.lead.decide(observation, menu).into_iter().map(|command| (due, command)));
        let ready = self.held.iter().take_while(|(due, _)| *due <= observation.now).count();
        self.held.drain(..ready).map(|(_, command)| command).collect()
    }
}

/// An incident, and how long it is watched.
struct Incident {
    stage: Stage,
    variant: &'static str,
    /// Seconds; whoever recovers from the roll-back of either lead has done so by then.
    end: u64,
    pairs: u64,
}

impl Incident {
    /// How many requests failed under a lead, and what was ordered when.
    fn play(&self, seed: u64, late: bool) -> (f64, Vec<(SimTime, Command)>) {
        let lead = BuiltIn::find("rollback-first").expect("a built-in policy").start(seed);
        let mut lead = if late { Box::new(Late { lead, held: VecDeque::new() }) } else { lead };
        let mut session = Session::new(self.stage.until(self.variant, seed, 0).simulation);
        session.lead_until(&mut *lead, at(self.end));
        assert!(session.commands().iter().all(|one| one.refused.is_none()), "{:?}", session.commands());
        let orders = session.commands().iter().map(|one| (one.at, one.command.clone())).collect();
        (Play { simulation: session.into_simulation() }.failed() as f64, orders)
    }

    /// How many requests failed under both leads with the luck of one seed. The late one did the same first, and later.
    fn pair(&self, seed: u64) -> (f64, f64) {
        let (prompt, orders) = self.play(seed, false);
        let (late, late_orders) = self.play(seed, true);
        assert!(prompt.to_bits() != late.to_bits(), "seed {seed}: both recover while they are watched, one later");
        let (at, first) = orders.first().expect("the incident is noticed");
        assert_eq!(late_orders.first(), Some(&(*at + HESITATION, first.clone())), "seed {seed}");
        (prompt, late)
    }

    /// The variance with common random numbers is at most a fifth of the one with independent seeds.
    #[track_caller]
    fn assert_five_times(&self) {
        let pairs: Vec<(f64, f64)> = (1..=self.pairs).map(|seed| self.pair(seed)).collect();
        let (common, independent) = variances(&pairs);
        let (factor, bound) = (independent / common, 1.0 / upper_bound(&pairs));
        assert!(
            bound >= 5.0,
            "{}: variances {common:.0} and {independent:.0}, {factor:.1} times, at least {bound:.1}, of {pairs:?}",
            self.variant
        );
    }
}

/// The variance of the difference with common random numbers and with independent seeds.
fn variances(pairs: &[(f64, f64)]) -> (f64, f64) {
    let of = |figure: fn(&(f64, f64)) -> f64| variance(&pairs.iter().map(figure).collect::<Vec<_>>());
    (of(|(prompt, late)| late - prompt), of(|(prompt, _)| *prompt) + of(|(_, late)| *late))
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

/// The jackknife's upper bound of the smaller variance's share of the larger one (Miller, Jackknifing variances, 1968).
fn upper_bound(pairs: &[(f64, f64)]) -> f64 {
    let share = |pairs: &[(f64, f64)]| {
        let (common, independent) = variances(pairs);
        common / independent
    };
    let (n, all) = (pairs.len() as f64, share(pairs));
    let without = |left_out: usize| share(&[&pairs[..left_out], &pairs[left_out + 1..]].concat());
    let pseudo: Vec<f64> = (0..pairs.len()).map(|left_out| n * all - (n - 1.0) * without(left_out)).collect();
    pseudo.iter().sum::<f64>() / n + QUANTILE * (variance(&pseudo) / n).sqrt()
}

/// Measured over 120 pairs: a variance of 1,523 where luck is common and of 16,379 where it is not, 10.8 times as much and at
/// 99 % at least 7.9 times. What is left is chance: who asks in those thirty seconds.
#[test]
fn the_price_of_hesitation_stands_out_of_the_luck_of_one_slash() {
    Incident { stage: Stage::alone("one-slash"), variant: "bad-release", end: 14 * 60, pairs: 120 }.assert_five_times();
}

/// With its people, and as its dashboards show it. Measured over 40 pairs: variances of 6,133 and 159,302, 26.0 times as much and at
/// 99 % at least 12.5 times; of the system alone 19.2 times, and at least 10.9.
#[test]
fn the_price_of_hesitation_stands_out_of_the_luck_of_pool_exhaustion() {
    Incident { stage: Stage::of("pool-exhaustion"), variant: "release", end: 35 * 60, pairs: 40 }.assert_five_times();
}
