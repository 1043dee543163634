//! Forks at decision points: what was decided in a small world with two causes that look alike, and what else could have been.

use std::sync::Arc;

use brownout::debrief::{
    Alternative, Comparison, ComparisonSpec, Counterfactual, DecisionPoint, Half, Job, Onwards, Taken,
};
use brownout::policy::BuiltIn;
use brownout::response::{Actor, Command, Logged};
use brownout::scenario::{Scenario, no_files};
use brownout::text::Source;
use brownout::units::{SimDuration, SimTime};
use brownout::{Session, Simulation};

use super::compared;

/// At one minute a version comes, and half of the requests fail: because of it, or of the database, which the version does not touch.
pub(super) const WORLD: &str = r#"Scenario(
    format: 1, name: "two-causes", duration: "30m",
    services: {
        "api": (
            instances: 2, capacity: Workers(16), start_time: "5s", rollout: (preparation: "30s", drain: "0s"),
            versions: {"v1": (), "v2": (effects: {"bug": Errors(ratio: "50%")}), "v3": ()},
            endpoints: {"buy": [Work("5ms"), Call("db.query")]},
        ),
        "db": (capacity: Workers(8), start_time: "5s", endpoints: {"query": [Work("2ms")]}),
    },
    populations: {"web": (arrivals: Poisson("2/s"), mix: {"api.buy": 1}, represents: 100, requests_per_user_minute: 2)},
    variants: {
        "version": (weight: 3, deploys: [(at: "1m", service: "api", version: "v2")]),
        "database": (weight: 1, deploys: [(at: "1m", service: "api", version: "v3")],
            faults: {"disk": (does: Errors(service: "db", ratio: "50%"), start: At("90s"), heal: After("10m"))}),
    },
    menu: (without: ["block", "rate-limit", "shed", "hotfix", "scale-out"]),
)"#;

pub(super) fn parsed(text: &str) -> Arc<Scenario> {
    let parsed = Scenario::parse(&Source::new("causes.ron", text.to_owned()), &no_files);
    Arc::new(parsed.unwrap_or_else(|findings| panic!("{}", findings.render())).0)
}

fn scenario() -> Arc<Scenario> {
    parsed(WORLD)
}

/// A session in which something is done at three minutes.
fn led(option: &str) -> Vec<Logged> {
    let mut session = Session::new(Simulation::with_variant(scenario(), 7, 0));
    session.run_until(SimTime::from_secs(180));
    session.command(Actor::Lead, Command::act(option, "a guess")).expect("it is on the menu");
    session.commands().to_vec()
}

fn at_the_choice(log: &[Logged]) -> Counterfactual {
    let (begin, end) = (SimTime::from_secs(90), SimTime::from_secs(600));
    let points = DecisionPoint::of(log, (begin, end));
    let choice = points.into_iter().find(|point| matches!(point.taken, Taken::Command(_))).expect("a choice");
    let reference = BuiltIn::find("rollback-first").expect("built in");
    let onwards = Onwards { reference, horizon: SimDuration::from_secs(900) };
    Counterfactual::new(&scenario(), (7, 0), log, choice, onwards)
}

fn option(counterfactual: &Counterfactual, name: &str) -> usize {
    let found = counterfactual.options().iter().position(|option| option.name() == name);
    found.unwrap_or_else(|| panic!("{name} is not among {:?}", counterfactual.options()))
}

fn comparison(counterfactual: &Counterfactual, worlds: &[f64]) -> Comparison {
    let spec = ComparisonSpec {
        options: counterfactual.options().len(),
        taken: counterfactual.taken(),
        worlds: worlds.to_vec(),
        does_not_matter: 300.0,
        lucks: 3,
        rounds: 4,
    };
    compared(&spec, |job| counterfactual.loss(job))
}

#[test]
fn every_option_of_the_menu_and_waiting_could_have_been_taken() {
    let counterfactual = at_the_choice(&led("restart db"));
    let names: Vec<&str> = counterfactual.options().iter().map(Alternative::name).collect();
    assert_eq!(names[..2], ["wait", "restart db"]);
    assert_eq!((counterfactual.taken(), counterfactual.point().at), (1, SimTime::from_secs(180)));
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert!(once.len() == names.len() && names.contains(&"roll-back api"), "{names:?}");
}

#[test]
fn a_fork_comes_to_the_same_every_time_and_to_something_else_under_another_luck() {
    let counterfactual = at_the_choice(&led("restart db"));
    let job = |position: u32, option: usize| Job { half: Half::Judges, world: 0, position, option };
    let loss = |position: u32| counterfactual.loss(&job(position, 0));
    assert!(loss(0) > 1_000.0);
    assert_eq!(loss(0).to_bits(), loss(0).to_bits());
    assert_ne!(loss(0).to_bits(), loss(1).to_bits());
    assert_eq!(at_the_choice(&led("restart db")).loss(&job(0, 0)).to_bits(), loss(0).to_bits());
}

#[test]
fn the_right_decision_by_what_was_known_is_right_whatever_was_true() {
    let counterfactual = at_the_choice(&led("roll-back api"));
    let (wait, back) = (option(&counterfactual, "wait"), option(&counterfactual, "roll-back api"));
    // Three to one for the version: rolling back is right.
    let likely = comparison(&counterfactual, &[0.75, 0.25]);
    assert_eq!(likely.best(), back);
    let cost_of_waiting = likely.difference(wait, back);
    assert!(cost_of_waiting.mean - cost_of_waiting.half_width > 0.0, "{cost_of_waiting:?}");
    // In the world of the database, what is rolled back does not matter, so the same decision is no better than waiting there: whoever
    // meets that world had bad luck.
    let database = comparison(&counterfactual, &[0.0, 1.0]);
    let there = database.difference(back, wait);
    assert!(there.mean.abs() <= there.half_width + 30.0, "{there:?}");
    assert!(
        database.loss(back).mean > 2.0 * likely.loss(back).mean,
        "{:?} and {:?}",
        database.loss(back),
        likely.loss(back)
    );
}

#[test]
fn a_wrong_decision_costs_what_the_right_one_would_have_saved() {
    let counterfactual = at_the_choice(&led("restart db"));
    let comparison = comparison(&counterfactual, &[0.75, 0.25]);
    assert_eq!(comparison.best(), option(&counterfactual, "roll-back api"));
    let regret = comparison.difference(counterfactual.taken(), comparison.best());
    // Half of 200 requests a second fail in three worlds of four, two of them a user's minute: 2,250 a minute. For five minutes nothing is
    // done, and then the reference policy has to notice, which takes it a reading or two.
    assert!((5.0 * 2_250.0..6.0 * 2_250.0).contains(&regret.mean), "{regret:?}");
}
