//! When a policy is asked: at each whole second at which there is something new, once, and it is told why.

use brownout::Session;
use brownout::observe::Observation;
use brownout::policy::{Cue, Policy};
use brownout::response::{Actor, Command, Menu};
use brownout::units::{SimDuration, SimTime};

use super::{SHOP, act, page, scenario};

/// Notes when and why it is asked, and how much news there was; does something on the way.
#[derive(Debug, Default)]
struct Listener {
    because: Vec<Cue>,
    asked: Vec<(u64, Vec<Cue>)>,
    does: Vec<(u64, Command)>,
}

impl Policy for Listener {
    fn attend(&mut self, because: &[Cue]) {
        self.because = because.to_vec();
    }

    fn decide(&mut self, seen: &Observation, _: &Menu) -> Vec<Command> {
        let now = seen.now.whole_secs();
        self.asked.push((now, self.because.clone()));
        let due = self.does.iter().filter(|(at, _)| *at == now);
        due.map(|(_, command)| command.clone()).collect()
    }
}

fn led(text: &str, does: Vec<(u64, Command)>, until: u64) -> (Listener, Session) {
    let simulation = brownout::Simulation::new(scenario(text, "()", &[]), 1);
    let mut session = Session::new(simulation);
    let mut listener = Listener { does, ..Listener::default() };
    session.lead_until(&mut listener, SimTime::from_secs(until));
    (listener, session)
}

fn beside_scrapes(listener: &Listener) -> Vec<(u64, Vec<Cue>)> {
    listener.asked.iter().filter(|(_, because)| **because != [Cue::Scrape]).cloned().collect()
}

#[test]
fn somebody_who_says_something_is_heard_in_that_second() {
    let (listener, session) =
        led(SHOP, vec![(120, page("jonas")), (150, act("roll-back api", Some("mira"), None))], 900);
    let people = session.simulation().observe().people.expect("people");
    let said: Vec<u64> = people.news.iter().map(|news| news.at.whole_secs()).collect();
    assert!(said.len() >= 4, "{:?}", people.news);
    for second in &said {
        let (_, because) = listener.asked.iter().find(|(at, _)| at == second).expect("it is asked then");
        assert!(because.contains(&Cue::Report), "{second}: {because:?}");
    }
    let seconds: Vec<u64> = listener.asked.iter().map(|(at, _)| *at).collect();
    assert!(seconds.windows(2).all(|pair| pair[0] < pair[1]), "once an instant: {seconds:?}");
    let expected = said.iter().filter(|second| *second % 15 != 0).count();
    let extra = seconds.iter().filter(|second| *second % 15 != 0).count();
    assert!(extra > 0 && extra <= expected, "no more than there is to hear: {extra} of {expected}");
    for (second, because) in beside_scrapes(&listener) {
        assert_eq!(because.contains(&Cue::Scrape), second % 15 == 0, "{second}: {because:?}");
    }
}

#[test]
fn alerts_and_interruptions_are_told_apart() {
    let monitoring = r#"monitoring: (evaluation_interval: "7s", alerts: {"errors": (
        rule: Threshold(signal: "error-ratio of api", above: "20%", over: "30s"), pages: "jonas",
    )}), people: ("#;
    let injects = r#"injects: {"boss": (when: At("200s"), from: "boss", text: "How long?")}, habits: HABITS"#;
    let text = SHOP.replace("people: (", monitoring).replace("habits: HABITS", injects);
    let (listener, session) = led(&text, Vec::new(), 600);
    let simulation = session.simulation();
    let fired = simulation.monitor().alerts()[0].fired_at.expect("it fires").whole_secs();
    assert!(fired % 15 != 0, "not at a scrape: {fired}");
    let because = |second: u64| listener.asked.iter().find(|(at, _)| *at == second).map(|(_, because)| because.clone());
    assert!(because(fired).expect("asked").contains(&Cue::Alert));
    let arrived = simulation.monitor().notifications()[0].at.whole_secs();
    assert!(because(arrived).expect("asked").contains(&Cue::Alert));
    let all: Vec<Cue> = listener.asked.iter().flat_map(|(_, because)| because.clone()).collect();
    assert!(all.contains(&Cue::Inject), "the boss is heard");
}

#[test]
fn what_comes_up_while_nobody_is_asked_is_no_news_later() {
    let mut session = Session::new(brownout::Simulation::new(scenario(SHOP, "()", &[]), 1));
    let mut listener = Listener::default();
    session.lead_until(&mut listener, SimTime::from_secs(61));
    let inject = Command::Inject { from: "boss".to_owned(), text: "?".to_owned(), takes: Some(SimDuration::SECOND) };
    session.command(Actor::Facilitator, inject).unwrap();
    session.lead_until(&mut listener, SimTime::from_secs(70));
    assert!(beside_scrapes(&listener).iter().any(|(_, because)| *because == [Cue::Inject]), "{:?}", listener.asked);
    let asked = listener.asked.len();
    session.command(Actor::Lead, page("jonas")).unwrap();
    session.run_until(SimTime::from_secs(301));
    session.lead_until(&mut listener, SimTime::from_secs(303));
    assert_eq!(listener.asked.len(), asked, "{:?}", listener.asked);
}
