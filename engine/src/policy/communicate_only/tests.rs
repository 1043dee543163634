use super::*;
use crate::observe::{SCRAPE_INTERVAL, SaidView};
use crate::policy::views::{menu, observation, view};

/// A lead whose words appear 30 seconds after they were begun.
struct Room {
    lead: CommunicateOnly,
    comms: Option<CommsView>,
    declared: Option<(SimTime, u8)>,
    now: SimTime,
    said: Vec<(u64, String)>,
}

impl Room {
    fn new() -> Self {
        let comms = Some(CommsView::default());
        Self { lead: CommunicateOnly::default(), comms, declared: None, now: SimTime::ZERO, said: Vec::new() }
    }

    /// Lets time pass while this share of answers are errors.
    fn pass(&mut self, until: u64, errors: f64) -> &mut Self {
        while self.now < SimTime::from_secs(until) {
            self.now = self.now.saturating_add(SCRAPE_INTERVAL);
            let mut seen = observation(vec![view("api", 10.0, Some(errors)), view("db", 10.0, Some(0.0))]);
            let mut comms = self.comms.clone();
            if let Some(comms) = &mut comms {
                comms.said.retain(|said| said.at <= self.now);
            }
            seen.now = self.now;
            seen.people = Some(PeopleView { comms, declared: self.declared, ..PeopleView::default() });
            for command in self.lead.decide(&seen, &menu(&[])) {
                self.hear(command);
            }
        }
        self
    }

    fn hear(&mut self, command: Command) {
        let text = match command {
            Command::Declare { severity } => {
                self.declared = Some((self.now, u8::from(severity)));
                format!("declare {severity}")
            }
            Command::Say { to, statement, by: None } => {
                let at = self.now.saturating_add(SimDuration::from_secs(30));
                let promised = statement.next_update.map(|span| at.saturating_add(span));
                let said = SaidView { at, to: to.name().to_owned(), promised, resolved: statement.resolved };
                self.comms.as_mut().expect("somebody listens").said.push(said);
                let what = statement.impact.map_or("over", Extent::words);
                assert!(statement.missing().is_empty(), "{statement:?}");
                format!("{} {what} {}", to.name(), statement.scope.join(","))
            }
            other => panic!("it takes no option: {other:?}"),
        };
        self.said.push((self.now.whole_secs(), text));
    }

    /// When an audience was told something from an instant on, and what.
    fn told(&self, to: Audience, from: u64) -> Vec<(u64, &str)> {
        let of = self.said.iter().filter(|(at, text)| *at >= from && text.starts_with(to.name()));
        of.map(|(at, text)| (*at, text[to.name().len()..].trim())).collect()
    }
}

#[test]
fn it_declares_once_and_tells_everybody_what_is_seen() {
    let mut room = Room::new();
    room.pass(300, 0.0);
    assert_eq!(room.said, []);
    room.pass(330, 0.6);
    let expected = [
        "declare SEV1",
        "status-page most requests api",
        "engineering most requests api",
        "support most requests api",
        "executives most requests api",
    ];
    assert_eq!(room.said, expected.map(|text| (330, text.to_owned())));
}

#[test]
fn every_promise_is_kept_and_nobody_hears_more_than_that() {
    let mut room = Room::new();
    room.pass(2 * 3_600, 0.6);
    for to in Audience::ALL {
        let said: Vec<&SaidView> =
            room.comms.as_ref().unwrap().said.iter().filter(|said| said.to == to.name()).collect();
        assert!(said.len() > 3, "{to:?}");
        for pair in said.windows(2) {
            assert!(pair[1].at <= pair[0].promised.unwrap(), "{to:?}: {pair:?}");
            assert!(pair[1].at.since(pair[0].at).saturating_add(AHEAD).saturating_add(SCRAPE_INTERVAL) >= cadence(to));
        }
    }
}

#[test]
fn a_change_of_extent_is_said_but_not_within_five_minutes() {
    let mut room = Room::new();
    room.pass(330, 0.6).pass(600, 0.2);
    assert_eq!(room.told(Audience::StatusPage, 0), [(30, "most requests api"), (345, "some requests api")]);
}

#[test]
fn after_ten_well_minutes_it_is_over_and_a_relapse_begins_again() {
    let mut room = Room::new();
    room.pass(330, 0.6).pass(600, 0.0).pass(630, 0.6).pass(640, 0.0);
    room.pass(1_230, 0.0);
    assert!(room.said.iter().all(|(_, text)| !text.contains("over")), "it was well from 645 on: {:?}", room.said);
    room.pass(1_245, 0.0);
    assert_eq!(room.told(Audience::Support, 1_245), [(1_245, "over")]);
    room.pass(2_000, 0.0);
    assert_eq!(room.told(Audience::Support, 1_246), []);
    room.pass(2_100, 0.05).pass(2_200, 0.08);
    assert_eq!(room.told(Audience::Support, 1_246), [(2_130, "a few requests api")]);
    assert_eq!(room.said.iter().filter(|(_, text)| text.starts_with("declare")).count(), 1);
}

#[test]
fn where_nobody_listens_it_says_nothing() {
    let mut room = Room::new();
    room.comms = None;
    room.pass(900, 0.9);
    assert_eq!(room.said, []);
}
