//! Sessions in which anything is said: valid options, names that do not exist, absurd arguments. Nothing panics, each command
//! is accepted or refused with a reason, the books balance at the end, and the log replays to the same digest.
//!
//! `SESSIONS=10000` runs so many, `SESSIONS_FIRST=n` begins with seed n.

use std::sync::Arc;

use brownout::Simulation;
use brownout::response::{Actor, Command, Menu, Order, ParameterKind, Trigger};
use brownout::rng::{Key, KeyedRng};
use brownout::scenario::Scenario;
use brownout::units::{Rate, Ratio, SimDuration};

use super::{SHOP, parse};
use crate::systems::at;
use crate::theory::replicate;

/// How many sessions an ordinary test run takes.
const SESSIONS: u64 = 1_000;
/// How long each lasts, in seconds, and how many commands it has.
const LASTS: f64 = 24.0;
const COMMANDS: u32 = 10;

/// What nobody should say.
const ABSURD: [&str; 18] = [
    "",
    " ",
    "-1",
    "0",
    "none",
    "all",
    "NaN",
    "inf",
    "1e999",
    "100%",
    "250%",
    "-5%",
    "99999999999999999999",
    "1ns",
    "10000000000d",
    "3 parsecs",
    "\u{0}\u{1b}[31m",
    "%",
];

struct Dice(KeyedRng);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        ((self.0.uniform() * limit as f64) as usize).min(limit.saturating_sub(1))
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.0.uniform() < probability
    }

    fn real(&mut self, low: f64, high: f64) -> f64 {
        low + self.0.uniform() * (high - low)
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// What may be said, its bounds often.
    fn sensible(&mut self, kind: &ParameterKind) -> String {
        let bound = self.below(4);
        match kind {
            ParameterKind::Share { low, high } => match bound {
                0 => low.to_string(),
                1 => high.to_string(),
                _ => Ratio::new(self.real(low.as_fraction(), high.as_fraction())).to_string(),
            },
            ParameterKind::Count { low, high } => match bound {
                0 => low.to_string(),
                1 => high.to_string(),
                _ => (low + self.below((high - low) as usize + 1) as u32).to_string(),
            },
            ParameterKind::Span { low, high } => match bound {
                0 => low.to_string(),
                1 => high.to_string(),
                _ => SimDuration::from_millis(self.below(2_000) as u64).clamp(*low, *high).to_string(),
            },
            ParameterKind::Limit { low, high } => match bound {
                0 => "none".to_owned(),
                1 => high.to_string(),
                _ => Rate::per_second(self.real(low.as_per_second(), 30.0)).to_string(),
            },
            ParameterKind::Choice(choices) => choices[self.below(choices.len())].value.clone(),
        }
    }

    fn absurd(&mut self) -> String {
        if self.chance(0.1) { "9".repeat(1 << self.below(12)) } else { self.one_of(&ABSURD).to_owned() }
    }

    /// A command, and whether it makes sense.
    fn command(&mut self, menu: &Menu) -> (Command, bool) {
        let option = &menu.options[self.below(menu.options.len())];
        if self.chance(0.1) {
            let name = match self.below(3) {
                0 => option.name.chars().rev().collect(),
                1 => format!("{} ", option.name),
                _ => self.absurd(),
            };
            return (Command::act(name, ""), false);
        }
        let (mut command, mut sensible) = (Command::act(option.name.clone(), "who knows"), true);
        for parameter in &option.parameters {
            if self.chance(0.15) {
                (command, sensible) = (command.with(parameter.name.clone(), self.absurd()), false);
            } else if parameter.default.is_none() || self.chance(0.7) {
                command = command.with(parameter.name.clone(), self.sensible(&parameter.kind));
            }
        }
        if self.chance(0.05) {
            (command, sensible) = (command.with(self.absurd(), self.absurd()), false);
        }
        if self.chance(0.1) {
            (command, sensible) = (self.later(command), false);
        }
        (command, sensible)
    }

    /// The same, if a dashboard shows something then: it may make sense or not.
    fn later(&mut self, command: Command) -> Command {
        let Command::Act { option, arguments, .. } = command else { return command };
        let signal = ["error-ratio of api", "request-rate of api", "queue of nothing"][self.below(3)].to_owned();
        let amount = ["0", "0%", "1/s", "1%"][self.below(4)].to_owned();
        let (above, below) = if self.chance(0.5) { (Some(amount), None) } else { (None, Some(amount)) };
        let holds = self.chance(0.5).then(|| SimDuration::from_secs(self.below(3) as u64));
        let (at, then) = (at(self.real(0.0, LASTS)), Order { option, arguments, ..Order::default() });
        Command::Trigger(Trigger { signal, above, below, at, holds, then })
    }
}

/// Plays a session, and says how many commands were accepted and refused.
fn play(scenario: &Arc<Scenario>, seed: u64) -> [usize; 2] {
    let mut dice = Dice(Key::new(seed).rng(1));
    let variant = dice.below(scenario.variants.len());
    let new = || Simulation::with_variant(Arc::clone(scenario), seed, variant);
    let mut simulation = new();
    let mut instants: Vec<f64> = (0..COMMANDS).map(|_| dice.real(0.0, LASTS - 2.0)).collect();
    instants.sort_by(f64::total_cmp);
    for instant in instants {
        // Often at a whole second, where conditions are looked at.
        let instant = if dice.chance(0.5) { libm::floor(instant) } else { instant };
        if simulation.now() < at(instant) {
            simulation.run_until(at(instant));
        }
        let (command, sensible) = dice.command(&simulation.menu());
        let by = if dice.chance(0.9) { Actor::Lead } else { Actor::Facilitator };
        let done = simulation.command(by, command.clone());
        let said = done.as_ref().err().map(ToString::to_string);
        let logged = simulation.commands().last().expect("it is in the log");
        assert_eq!((&logged.refused, &logged.command), (&said, &command), "seed {seed}");
        assert!(!sensible || said.is_none(), "seed {seed}: {command:?} is refused: {said:?}");
        assert!(said.is_none_or(|said| said.len() > 10 && !said.contains('\u{1b}')), "seed {seed}: {command:?}");
    }
    simulation.run_until(at(LASTS));
    let errors = simulation.audit();
    assert!(errors.is_empty(), "seed {seed}:\n{}", errors.join("\n"));
    let mut replay = new();
    for logged in simulation.commands() {
        replay.run_until(logged.at);
        let said = replay.command(logged.by, logged.command.clone()).err().map(|why| why.to_string());
        assert_eq!(said, logged.refused, "seed {seed}: {logged:?}");
    }
    replay.run_until(at(LASTS));
    assert_eq!(replay.digest(), simulation.digest(), "seed {seed}: the replay went another way");
    let refused = simulation.commands().iter().filter(|logged| logged.refused.is_some()).count();
    [simulation.commands().len() - refused, refused]
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn sessions_of_random_commands_hold_together_and_replay() {
    let scenario = parse(SHOP);
    let (first, sessions) = (number_from("SESSIONS_FIRST").unwrap_or(0), number_from("SESSIONS").unwrap_or(SESSIONS));
    let counts = replicate(sessions, |number| play(&scenario, first + number));
    let [accepted, refused] = counts.iter().fold([0, 0], |sum, counts| [sum[0] + counts[0], sum[1] + counts[1]]);
    let all = accepted + refused;
    assert!(accepted > all / 3 && refused > all / 10, "{accepted} accepted, {refused} refused");
}
