//! A session that a person has led, led again by a policy that does the same when it sees the same instant: the same run. So a policy is
//! asked whenever somebody could have had something to react to, and what it says goes through the same door.

use std::collections::VecDeque;
use std::sync::Arc;

use brownout::observe::Observation;
use brownout::policy::Policy;
use brownout::response::{Actor, Command, Logged, Menu};
use brownout::rng::Key;
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use super::sessions::Dice;
use super::{scenario, shop_with_audiences};

const LASTS: u64 = 1_500;

/// Says what was said then.
#[derive(Debug)]
struct Again {
    commands: VecDeque<Logged>,
    asked: usize,
}

impl Policy for Again {
    fn decide(&mut self, seen: &Observation, _: &Menu) -> Vec<Command> {
        self.asked += 1;
        let mut said = Vec::new();
        while self.commands.front().is_some_and(|logged| logged.at <= seen.now) {
            let logged = self.commands.pop_front().expect("it is there");
            assert_eq!(logged.at, seen.now, "nobody was asked then");
            said.push(logged.command);
        }
        said
    }
}

/// Somebody who now and then reacts to a reading, or to what has just been said.
fn played(simulation: Simulation, seed: u64) -> Session {
    let mut dice = Dice::of(Key::new(seed).rng(7));
    let mut session = Session::new(simulation);
    let mut heard = 0;
    for second in 1..=LASTS {
        session.run_until(SimTime::from_secs(second));
        let news = session.simulation().observe().people.expect("people").news.len();
        let new = std::mem::replace(&mut heard, news) < news;
        if (new && dice.below(2) == 0) || (second % 15 == 0 && dice.below(8) == 0) {
            let command = dice.command(session.simulation());
            // Refused ones are in the log as well.
            let _ = session.command(Actor::Lead, command);
        }
    }
    session
}

#[test]
fn a_policy_that_says_the_same_at_the_same_instants_leads_to_the_same_digest() {
    let text = shop_with_audiences("()").replace("HABITS", "(blocked: \"60%\")").replace("4h", "1h");
    let scenario = scenario(&text, "()", &[]);
    let mut between_scrapes = 0;
    for seed in 0..8 {
        let start = || Simulation::new(Arc::clone(&scenario), seed);
        let person = played(start(), seed);
        assert!(person.commands().len() > 5, "seed {seed}: too little to repeat");
        between_scrapes += person.commands().iter().filter(|logged| logged.at.whole_secs() % 15 != 0).count();
        let mut again = Again { commands: person.commands().iter().cloned().collect(), asked: 0 };
        let mut led = Session::new(start());
        led.lead_until(&mut again, SimTime::from_secs(LASTS));
        assert!(again.commands.is_empty() && again.asked > 100, "seed {seed}: {:?}", again.commands);
        assert_eq!(led.commands(), person.commands(), "seed {seed}");
        assert_eq!(led.simulation().digest(), person.simulation().digest(), "seed {seed}");
    }
    assert!(between_scrapes >= 16, "{between_scrapes} of what was said followed something else than a reading");
}
