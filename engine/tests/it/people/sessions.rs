//! Sessions in which anything is said to anybody: nothing panics, each command is accepted or refused with a reason, what people
//! do adds up, and the log replays to the same digest.
//!
//! `SESSIONS=10000` runs so many.

use std::collections::BTreeMap;
use std::sync::Arc;

use brownout::Simulation;
use brownout::response::comms::{Audience, Cause, Extent, Statement};
use brownout::response::people::{Owner, Part, Presence, Severity, Stage, Task, Tone};
use brownout::response::{Actor, Command, Order, Trigger};
use brownout::rng::{Key, KeyedRng};
use brownout::scenario::Scenario;
use brownout::units::{SimDuration, SimTime};

use super::{scenario, shop_with_audiences};
use crate::theory::replicate;

const SESSIONS: u64 = 1_000;
/// How long each lasts, in seconds, and how many commands it has.
const LASTS: u64 = 1_800;
const COMMANDS: usize = 24;

const NAMES: [&str; 10] =
    ["mira", "jonas", "ines", "shop", "lead", "", "Mira", "\u{0}\u{1b}[31m", "nobody at all", "9"];

pub(super) struct Dice(KeyedRng);

impl Dice {
    pub(super) fn of(rng: KeyedRng) -> Self {
        Self(rng)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        ((self.0.uniform() * limit as f64) as usize).min(limit - 1)
    }

    fn name(&mut self) -> String {
        if self.below(40) == 0 { "9".repeat(1 << self.below(12)) } else { NAMES[self.below(NAMES.len())].to_owned() }
    }

    fn span(&mut self) -> Option<SimDuration> {
        let spans = [SimDuration::ZERO, SimDuration::from_nanos(1), SimDuration::from_secs(600), SimDuration::MAX];
        let which = self.below(5);
        spans.get(which).copied()
    }

    fn told(&mut self) -> Vec<Part> {
        (0..self.below(7)).map(|_| Part::ALL[self.below(5)]).collect()
    }

    fn statement(&mut self) -> Statement {
        let extents = [None, Some(Extent::None), Some(Extent::Few), Some(Extent::Some), Some(Extent::Most)];
        let causes = [None, Some(Cause::Unknown), Some(Cause::Known(self.name())), Some(Cause::Suspected(self.name()))];
        Statement {
            impact: extents[self.below(5)],
            scope: (0..self.below(3)).map(|_| self.name()).collect(),
            cause: causes[self.below(4)].clone(),
            action: self.name(),
            next_update: self.span(),
            resolved: self.below(4) == 0,
        }
    }

    fn trigger(&mut self, simulation: &Simulation) -> Trigger {
        let menu = simulation.menu();
        let option = menu.options[self.below(menu.options.len())].name.clone();
        let signals =
            ["error-ratio of api", "queue of db", "request-rate of api", "burn-rate of api", "", "error-ratio of"];
        let amounts = [None, Some("5%"), Some("3"), Some("1/s"), Some("-1"), Some("0")];
        let mut amount = || amounts[self.below(6)].map(str::to_owned);
        let (above, below) = (amount(), amount().filter(|_| self.below(4) == 0));
        let owner = (self.below(2) == 0).then(|| self.name());
        let (holds, signal) = (self.span(), signals[self.below(6)].to_owned());
        let at = SimTime::from_secs(self.below(LASTS as usize + 60) as u64);
        let then = Order { option, owner, time_box: self.span(), ..Order::default() };
        Trigger { signal, above, below, at, holds, then }
    }

    pub(super) fn command(&mut self, simulation: &Simulation) -> Command {
        let somebody = |dice: &mut Self| (dice.below(3) > 0).then(|| dice.name());
        let task = self.below(12) as u32;
        match self.below(20) {
            0..=2 => {
                let menu = simulation.menu();
                let option = menu.options[self.below(menu.options.len())].name.clone();
                let (owner, time_box) = (somebody(self), self.span());
                Command::Act {
                    option,
                    arguments: BTreeMap::new(),
                    reason: String::new(),
                    owner,
                    time_box,
                    belief: None,
                }
            }
            3 | 4 => Command::Page { whom: self.name() },
            5 | 6 => Command::CheckIn { task },
            7 => Command::Reassign { task, to: self.name(), told: self.told() },
            8 => Command::Cancel { task },
            9 => Command::Release { whom: self.name() },
            11 => Command::Trigger(self.trigger(simulation)),
            12 => Command::Withdraw { trigger: self.below(4) as u32 },
            13 => Command::HandOver { to: self.name(), told: self.told() },
            14 => {
                let news = &simulation.people().expect("people").news;
                let any = self.below(news.len() + 2) as u32;
                // Mostly bad news, or nothing is ever answered.
                let bad = news.iter().rfind(|news| news.bad).filter(|_| self.below(4) > 0);
                Command::Answer { news: bad.map_or(any, |news| news.number), tone: Tone::ALL[self.below(3)] }
            }
            10 => Command::Declare { severity: Severity::new(1 + self.below(5) as u8).expect("1 to 5") },
            _ => {
                let (to, statement) = (Audience::ALL[self.below(4)], self.statement());
                Command::Say { to, statement, by: somebody(self) }
            }
        }
    }
}

/// Who is sent home or away has nothing to do, and nobody has two things in hand at once.
fn adds_up(simulation: &Simulation, seed: u64) {
    let people = simulation.people().expect("people");
    for (id, responder) in people.responders.enumerate() {
        let own = people.tasks.iter().filter(|task| task.owner == Owner::Responder(id));
        let at_work = own.clone().filter(|task| matches!(task.stage, Stage::Working | Stage::Blocked { .. })).count();
        let most = usize::from(responder.presence == Presence::Here);
        assert!(at_work <= most, "seed {seed}: {at_work} in hand, {:?}", responder.presence);
    }
    assert!(people.responders.iter().all(|one| (0.0..=1.0).contains(&one.candour)), "seed {seed}");
    if let Some(leading) = people.leading {
        assert_eq!(people.responders[leading].presence, Presence::Here, "seed {seed}: who leads is there");
        let own = |task: &&Task| task.owner == Owner::Responder(leading);
        let waits = |task: &Task| matches!(task.stage, Stage::Waiting | Stage::Working | Stage::Blocked { .. });
        assert!(!people.tasks.iter().filter(own).any(waits), "seed {seed}: who leads has a task");
    }
    let known = simulation.observe().people.expect("people").news;
    assert!(known.iter().all(|news| people.news[news.number as usize] == *news), "seed {seed}: news changed");
    assert!(people.news.is_sorted_by_key(|news| news.at), "seed {seed}: news out of order");
    let comms = simulation.comms().expect("audiences");
    assert!(comms.audiences.iter().all(|audience| (0.0..=1.0).contains(&audience.trust)), "seed {seed}");
}

/// Plays a session, and says how many commands were accepted and refused.
fn play(scenario: &Arc<Scenario>, seed: u64) -> [usize; 2] {
    let mut dice = Dice(Key::new(seed).rng(2));
    let new = || Simulation::new(Arc::clone(scenario), seed);
    let mut simulation = new();
    let mut instants: Vec<u64> = (0..COMMANDS).map(|_| dice.below(LASTS as usize) as u64).collect();
    instants.sort_unstable();
    for instant in instants {
        // Often between two seconds, where nobody acts.
        let nanos = if dice.below(2) == 0 { dice.below(1_000_000_000) as u64 } else { 0 };
        simulation.run_until(SimTime::from_nanos(instant * 1_000_000_000 + nanos));
        let command = dice.command(&simulation);
        let done = simulation.command(Actor::Lead, command.clone()).map_err(|why| why.to_string());
        if let Err(why) = done {
            assert!(why.len() > 10 && why.len() < 300 && !why.contains('\u{1b}'), "seed {seed}: {command:?}: {why}");
        }
        adds_up(&simulation, seed);
    }
    simulation.run_until(SimTime::from_secs(LASTS));
    adds_up(&simulation, seed);
    assert!(simulation.audit().is_empty(), "seed {seed}: {:?}", simulation.audit());
    let mut replay = new();
    for logged in simulation.commands() {
        replay.run_until(logged.at);
        let refused = replay.command(logged.by, logged.command.clone()).err().map(|why| why.to_string());
        assert_eq!(refused, logged.refused, "seed {seed}");
    }
    replay.run_until(SimTime::from_secs(LASTS));
    assert_eq!(replay.digest(), simulation.digest(), "seed {seed}");
    let refused = simulation.commands().iter().filter(|logged| logged.refused.is_some()).count();
    [simulation.commands().len() - refused, refused]
}

#[test]
fn anything_said_to_anybody_is_accepted_or_refused_and_replays() {
    let text = shop_with_audiences("()").replace("HABITS", "(blocked: \"60%\")").replace("4h", "1h");
    let text = text.replace("local_time: \"03:00\"", "local_time: \"03:00\", leaves: \"20m\"");
    let text = text.replace("speaks_up: \"0%\"", "speaks_up: \"60%\"");
    let scenario = scenario(&text, "()", &[]);
    let sessions = std::env::var("SESSIONS").map_or(SESSIONS, |text| text.parse().expect("SESSIONS is a number"));
    let counts = replicate(sessions, |seed| play(&scenario, seed));
    let [accepted, refused] = counts.iter().fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
    // Neither is rare, or the sessions try nothing.
    let all = (accepted + refused) as f64;
    assert!((0.2..0.8).contains(&(accepted as f64 / all)), "{accepted} accepted, {refused} refused");
}
