//! What can be seen, heard and done says nothing of the variant or of the future until there is an effect to see: in worlds with people,
//! alerts, instruments and whatever the lead says meanwhile, the whole observation and the whole menu are the same to the byte. So those
//! who look for a cause conclude the same while what is shown is the same.

use std::sync::Arc;

use brownout::Simulation;
use brownout::response::{Actor, Command, Order, Trigger};
use brownout::rng::{Key, KeyedRng};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};

/// A world of which all numbers in capitals are drawn. In every variant a version comes at 2:00 and serves from 3:01 on; in one it is
/// bad, in one a disk slows down at DISK, in one nothing is wrong with anything.
const WORLD: &str = r#"Scenario(
    format: 1, name: "family", duration: "8m",
    services: {
        "api": (
            instances: 2, capacity: Workers(16), rollout: (preparation: "1m"), start_time: "1s", versions: {"v1": (), "v2": ()},
            endpoints: {"get": [Work(Exponential(mean: "5ms")), Call("db.read")]},
            calls: [(to: "db", layers: [
                Retry(max_attempts: 2, backoff: Fixed("10ms"), jitter: NoJitter),
                Pool(preset: "fixed", size: POOL, acquire_timeout: "1s"),
            ])],
        ),
        "db": (capacity: ProcessorSharing(cores: 4), endpoints: {"read": [Work(Lognormal(mean: "8ms", cv: 1))]}),
    },
    populations: {"web": (arrivals: Poisson("RATE/s"), mix: {"api.get": 1}, represents: 100, requests_per_user_minute: 4)},
    variants: {
        "guilty": (weight: 1, deploys: [
            (at: "2m", service: "api", version: "v2", effects: {"bug": Errors(ratio: "RATIO%")}),
        ]),
        "slow-disk": (
            weight: 1,
            deploys: [(at: "2m", service: "api", version: "v2")],
            faults: {"disk": (does: Slowdown(service: "db", factor: FACTOR), start: At("DISKs"))},
        ),
        "harmless": (weight: 1, deploys: [(at: "2m", service: "api", version: "v2")]),
    },
    hotfixes: {"fix": (service: "api", removes: "bug", duration: "3m", wrong: "10%")},
    monitoring: (scrape_interval: "10s", evaluation_interval: "5s", alerts: {
        "errors": (rule: Threshold(signal: "error-ratio of api", above: "5%", over: "20s"), pages: "shop"),
        "busy": (rule: Threshold(signal: "request-rate of api", above: "1/s", over: "20s"), pages: "shop"),
    }),
    evidence: {
        "changes": (takes: "5s"), "errors": (takes: "5s"), "traces": (takes: "5s"), "capacity": (takes: "5s"), "pool": (takes: "5s"),
        "vendor-status": (shows: [(text: "All systems operational."), (after: "disk", text: "Elevated latency.")]),
    },
    people: (
        starts_at: "14:00",
        teams: {"shop": (services: ["api", "db"], on_call: ["jonas", "ines"])},
        responders: {
            "mira": (role: "shop", skills: {"api": "100%", "db": "50%"}, present: true),
            "jonas": (role: "on call", skills: {"api": "100%"}, present: true),
            "ines": (role: "on call", skills: {"db": "80%"}),
        },
        audiences: (),
        injects: {"boss": (when: At("40s"), from: "boss", text: "How bad is it?")},
    ),
)"#;

/// A bad version shows from here on, in seconds: nothing serves it before.
const SERVES: u64 = 181;

struct World {
    rng: KeyedRng,
    seed: u64,
    rate: u64,
    ratio: u64,
    factor: u64,
    pool: u64,
}

impl World {
    fn draw(seed: u64) -> Self {
        let mut rng = Key::new(seed).rng(11);
        let mut below = |limit: u64| ((rng.uniform() * limit as f64) as u64).min(limit - 1);
        let (rate, ratio, factor, pool) = (5 + below(40), 10 + below(80), 3 + below(20), 2 + below(12));
        Self { rng, seed, rate, ratio, factor, pool }
    }

    fn below(&mut self, limit: u64) -> u64 {
        ((self.rng.uniform() * limit as f64) as u64).min(limit - 1)
    }

    fn scenario(&self, disk: u64) -> Arc<Scenario> {
        let numbers =
            [("RATE", self.rate), ("RATIO", self.ratio), ("FACTOR", self.factor), ("POOL", self.pool), ("DISK", disk)];
        let text = numbers.iter().fold(WORLD.to_owned(), |text, (name, value)| text.replace(name, &value.to_string()));
        let parsed = Scenario::parse(&Source::new("family.ron", text), &no_files);
        Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
    }

    /// What the lead says, and when; the same in every variant.
    fn script(&mut self) -> Vec<(u64, Command)> {
        let mut script: Vec<(u64, Command)> = (0..12).map(|_| (1 + self.below(200), self.command())).collect();
        let owner = "mira".to_owned();
        script.push((2, Command::Investigate { service: "api".to_owned(), owner, time_box: None }));
        script.sort_by_key(|(at, _)| *at);
        script
    }

    fn command(&mut self) -> Command {
        let (service, person) =
            (["api", "db"][self.below(2) as usize], ["mira", "jonas", "ines"][self.below(3) as usize]);
        match self.below(8) {
            0 => Command::Page { whom: person.to_owned() },
            1 => Command::Investigate { service: service.to_owned(), owner: person.to_owned(), time_box: None },
            2 => Command::look(["errors", "capacity", "traces"][self.below(3) as usize], Some(service)),
            3 => Command::look(["changes", "vendor-status"][self.below(2) as usize], None),
            4 => Command::look("pool", Some("api->db")),
            5 => Command::CheckIn { task: self.below(4) as u32 },
            6 => Command::Trigger(Trigger {
                signal: format!("error-ratio of {service}"),
                above: Some(format!("{}%", self.below(30))),
                below: None,
                at: SimTime::from_secs(60 + self.below(200)),
                holds: (self.below(2) == 0).then(|| SimDuration::from_secs(20)),
                then: Order { option: format!("restart {service}"), ..Order::default() },
            }),
            _ => Command::Declare { severity: brownout::response::people::Severity::new(2).expect("1 to 5") },
        }
    }
}

/// By second, all that whoever leads can see and do, and how many conclusions there were in the end.
fn led(scenario: &Arc<Scenario>, seed: u64, variant: usize, script: &[(u64, Command)]) -> (Vec<blake3::Hash>, usize) {
    let mut simulation = Simulation::with_variant(Arc::clone(scenario), seed, variant);
    let mut shown = Vec::new();
    for second in 1..=240 {
        simulation.run_until(SimTime::from_secs(second));
        for (_, command) in script.iter().filter(|(at, _)| *at == second) {
            let _ = simulation.command(Actor::Lead, command.clone());
        }
        let all = serde_json::to_vec(&(simulation.observe(), simulation.menu())).expect("plain data");
        shown.push(blake3::hash(&all));
    }
    (shown, simulation.observe().conclusions.iter().filter(|one| one.at.whole_secs() < SERVES).count())
}

#[test]
fn nothing_that_can_be_seen_or_done_differs_before_the_first_effect() {
    let (mut differed, mut concluded) = (0, 0);
    for seed in 0..6 {
        let mut world = World::draw(seed);
        let (early, late) = (130 + world.below(80), 215 + world.below(200));
        let (scenario, other) = (world.scenario(early), world.scenario(late));
        let script = world.script();
        let seed = world.seed;
        let [guilty, disk, harmless] = [0, 1, 2].map(|variant| led(&scenario, seed, variant, &script));
        let (elsewhere, _) = led(&other, seed, 1, &script);
        let same = |one: &[blake3::Hash], until: u64, what: &str| {
            let first = one.iter().zip(&harmless.0).position(|(one, other)| one != other);
            assert!(first.is_none_or(|at| at as u64 + 1 >= until), "seed {seed}: {what} shows at {first:?} of {until}");
            usize::from(first.is_some())
        };
        differed += same(&guilty.0, SERVES, "the bad version");
        differed += same(&disk.0, early, "the disk");
        same(&elsewhere, late, "the disk of later");
        concluded += harmless.1;
    }
    assert!(differed >= 9, "the effects are there to see, {differed} of 12");
    assert!(concluded > 0, "somebody concludes something before it");
}
