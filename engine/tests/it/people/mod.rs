//! People: the lead's attention, pages, tasks, interruptions. Small worlds in which habits are made certain, so that every time
//! can be worked out by hand.

mod alerts;
mod asking;
mod attention;
mod bad_news;
mod barrier;
mod coach;
mod comms;
mod curves;
mod hand_over;
mod injects;
mod interruptions;
mod luck;
mod pages;
mod probes;
mod rehearsal;
mod sessions;
mod talking;
mod tasks;
mod triage;
mod triggers;

use std::sync::Arc;

use brownout::Simulation;
use brownout::observe::{NewsKind, PeopleView};
use brownout::response::{Actor, Command, Refusal};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};

/// A shop whose second version fails six requests of ten, with three people around it.
///
/// mira knows the shop and is there; jonas is on call and away; ines is on call after him.
pub(crate) const SHOP: &str = r#"Scenario(
    format: 1, name: "shop", duration: "4h",
    services: {
        "api": (
            instances: 2, capacity: Workers(8), start_time: "5s", rollout: (preparation: "60s", drain: "0s"),
            versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "60%")})},
            endpoints: {"buy": [Work("5ms")]},
        ),
        "db": (capacity: Workers(8), endpoints: {"query": [Work("1ms")]}),
    },
    populations: {"web": (arrivals: Constant("2/s"), mix: {"api.buy": 1})},
    always: (deploys: [(at: "1m", service: "api", version: "v2")]),
    hotfixes: {"fix": (service: "api", removes: "bug", duration: "30m", wrong: "0%")},
    people: (
        starts_at: "14:00",
        lead: LEAD,
        teams: {"shop": (services: ["api", "db"], on_call: ["jonas", "ines"])},
        responders: {
            "mira": (role: "shop", skills: {"api": "100%"}, present: true, optimism: "50%", speaks_up: "0%"),
            "jonas": (role: "on call", skills: {"api": "100%"}, local_time: "14:00"),
            "ines": (role: "on call", local_time: "03:00", sleeps: ("23:00", "07:00")),
        },
        habits: HABITS,
    ),
)"#;

/// Everything happens as expected, at the expected time.
const CERTAIN: &str = r#"(
    acknowledges: "2m", acknowledges_asleep: "4m", misses: "0%", briefing: "1m", joining: "0s", hands_on: "1m",
    resumes_writing: "8m", blocked: "0%", hesitates: "3m", alone: "30m", help: "2m",
)"#;

/// The shop with people who wait for word. Every request stands for a thousand.
pub(crate) fn shop_with_audiences(audiences: &str) -> String {
    let text = SHOP.replace("habits: HABITS,", &format!("habits: HABITS, audiences: {audiences},"));
    text.replace("mix: {\"api.buy\": 1})", "mix: {\"api.buy\": 1}, represents: 1000, requests_per_user_minute: 4)")
}

/// A simulation of the shop, and shorthands.
pub(crate) struct Shop {
    pub(crate) simulation: Simulation,
}

impl Shop {
    /// The shop with certain habits, some of which are replaced.
    pub(crate) fn with(lead: &str, habits: &[(&str, &str)]) -> Self {
        Self { simulation: Simulation::new(scenario(SHOP, lead, habits), 1) }
    }

    /// The shop as it usually is.
    pub(crate) fn usual() -> Self {
        Self::with("()", &[])
    }

    pub(crate) fn pass(&mut self, until: u64) -> &mut Self {
        self.simulation.run_until(SimTime::from_secs(until));
        self
    }

    pub(crate) fn say(&mut self, command: Command) -> Result<(), Refusal> {
        self.simulation.command(Actor::Lead, command)
    }

    #[track_caller]
    pub(crate) fn accepted(&mut self, command: Command) -> &mut Self {
        self.say(command).unwrap();
        self
    }

    #[track_caller]
    pub(crate) fn refused(&mut self, command: Command) -> String {
        let digest = self.simulation.digest();
        let refusal = self.say(command).expect_err("it makes no sense");
        assert_eq!(self.simulation.digest(), digest, "a refused command changes nothing");
        refusal.to_string()
    }

    pub(crate) fn view(&self) -> PeopleView {
        self.simulation.observe().people.expect("there are people")
    }

    /// What was said of some kind: when, by whom, what.
    pub(crate) fn news(&self, kind: NewsKind) -> Vec<(u64, String, String)> {
        let of_kind = self.view().news.into_iter().filter(move |news| news.kind == kind);
        of_kind.map(|news| (news.at.whole_secs(), news.from, news.text)).collect()
    }
}

/// A text like [`SHOP`], with what the lead is like and habits replaced.
pub(crate) fn scenario(text: &str, lead: &str, habits: &[(&str, &str)]) -> Arc<Scenario> {
    let text = text.replace("HABITS", CERTAIN).replace("LEAD", lead);
    let paths: Vec<String> = habits.iter().map(|(habit, _)| format!("people.habits.{habit}")).collect();
    let overrides: Vec<(&str, &str)> =
        paths.iter().map(String::as_str).zip(habits.iter().map(|(_, value)| *value)).collect();
    let parsed = Scenario::with_overrides(&Source::new("shop.ron", text), &overrides, &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

pub(crate) fn act(option: &str, owner: Option<&str>, time_box: Option<u64>) -> Command {
    let time_box = time_box.map(|minutes| SimDuration::from_secs(60 * minutes));
    let (option, owner) = (option.to_owned(), owner.map(str::to_owned));
    Command::Act { option, arguments: Default::default(), reason: String::new(), owner, time_box, belief: None }
}

pub(crate) fn page(whom: &str) -> Command {
    Command::Page { whom: whom.to_owned() }
}
