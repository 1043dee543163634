//! What options do, seen in what is measured afterwards.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{ErrorKind, Layer, Verb};
use brownout::observe::Second;
use brownout::response::{Action, MenuOption};

use super::{SHOP, act, parse, shop, take};
use crate::systems::at;

const API: usize = 0;
const MAIL: usize = 2;
const WEB: usize = 0;
const JOBS: usize = 1;

/// A number summed over the seconds from one to before another.
fn sum(simulation: &Simulation, from: usize, to: usize, read: impl Fn(&Second) -> u32) -> u32 {
    simulation.recording().seconds[from..to].iter().map(|second| read(second)).sum()
}

fn shed(second: &Second, service: usize) -> u32 {
    second.services[service].flow.errors[ErrorKind::Shed as usize]
}

fn names(simulation: &Simulation, action: Action) -> Vec<String> {
    simulation.menu().of_kind(action).map(|option| option.name.clone()).collect()
}

fn option(simulation: &Simulation, name: &str) -> MenuOption {
    simulation.menu().find(name).unwrap_or_else(|| panic!("{name} is on the menu")).clone()
}

#[test]
fn kinds_stand_in_their_order_and_only_what_makes_sense_is_offered() {
    let simulation = shop(1, 1.0);
    let menu = simulation.menu();
    assert!(menu.options.is_sorted_by_key(|option| option.action));
    let mut names: Vec<&str> = menu.options.iter().map(|option| option.name.as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    let of = |action| super::options::names(&simulation, action);
    // Nothing was rolled out yet; db has one instance; nobody is paused or blocked; only api calls through a pool.
    assert_eq!(of(Action::RollBack), Vec::<String>::new());
    assert_eq!(of(Action::RestartOne), ["restart-one api", "restart-one mail"]);
    assert_eq!((of(Action::Pause), of(Action::Resume)), (vec!["pause jobs".to_owned()], vec![]));
    assert_eq!((of(Action::Block), of(Action::ReAdmit)), (vec!["block web".to_owned()], vec![]));
    assert_eq!(of(Action::SetPoolSize), ["set-pool-size api->db"]);
    assert_eq!(of(Action::SetTimeout), ["set-timeout api->db", "set-timeout api->mail"]);
    assert_eq!(of(Action::Custom), ["do no-mail", "do mail-again"]);
}

#[test]
fn what_a_scenario_leaves_out_is_not_offered() {
    let text = SHOP.replace("    actions:", "    menu: (without: [\"restart\", \"scale-out\"]),\n    actions:");
    let simulation = Simulation::with_variant(parse(&text), 1, 0);
    assert_eq!(names(&simulation, Action::Restart).len() + names(&simulation, Action::ScaleOut).len(), 0);
    assert_eq!(names(&simulation, Action::RestartOne).len(), 2);
}

#[test]
fn nothing_is_offered_at_what_is_somebody_elses_but_how_it_is_called() {
    let text = SHOP.replace("    actions:", "    menu: (others: [\"db\"]),\n    actions:");
    let simulation = Simulation::with_variant(parse(&text), 1, 0);
    let menu = simulation.menu();
    let at_db = |option: &&MenuOption| option.target.service.as_ref().is_some_and(|service| service.name == "db");
    assert_eq!(menu.options.iter().filter(at_db).map(|option| option.name.as_str()).collect::<Vec<_>>(), [""; 0]);
    assert!(menu.find("restart api").is_some() && menu.find("set-timeout api->db").is_some());
    assert!(simulation.fork().take("restart db").is_err());
}

#[test]
fn a_roll_back_ends_what_a_version_does_and_says_whether_it_was_tested() {
    let mut simulation = shop(3, 90.0);
    let bugs = |second: &Second| second.services[API].flow.errors[ErrorKind::Internal as usize];
    assert!(sum(&simulation, 80, 90, bugs) > 20);
    assert_eq!(option(&simulation, "roll-back api").estimate.compat_tested, Some(true));
    assert_eq!(option(&simulation, "hotfix patch").estimate.compat_tested, None);
    take(&mut simulation, "roll-back api", &[]);
    simulation.run_until(at(200.0));
    assert_eq!(sum(&simulation, 190, 200, bugs), 0);
    assert!(simulation.menu().find("roll-back api").is_none(), "there is nothing left to go back to");
}

#[test]
fn a_hotfix_is_written_as_tested_as_was_said_and_ordered_once() {
    for (testing, wrong) in [("none", 0.5), ("staging", 0.01)] {
        let mut simulation = shop(1, 60.0);
        take(&mut simulation, "hotfix patch", &[&format!("testing={testing}")]);
        let [(_, Verb::Hotfix(hotfix))] = simulation.orders() else { panic!("{:?}", simulation.orders()) };
        assert_eq!(hotfix.wrong, wrong);
        assert!(simulation.menu().find("hotfix patch").is_none());
    }
    let mut usual = shop(1, 60.0);
    take(&mut usual, "hotfix patch", &[]);
    assert!(matches!(&usual.orders()[0].1, Verb::Hotfix(hotfix) if hotfix.wrong == 0.5), "the first is the usual one");
}

#[test]
fn one_instance_or_all_are_restarted() {
    let serving = |simulation: &Simulation| {
        let seconds = simulation.recording().seconds[60..90].iter();
        let serving: Vec<u32> = seconds.map(|second| second.services[API].instances).collect();
        let full = serving.windows(2).filter(|pair| pair[0] < 4 && pair[1] == 4).count();
        (serving.iter().min().copied(), serving.last().copied(), full)
    };
    let mut one = shop(1, 60.0);
    take(&mut one, "restart-one api", &["instance=3"]);
    let Verb::Restart { instance: Some(instance), .. } = one.orders()[0].1 else { panic!("one") };
    assert_eq!(instance.raw(), 2);
    one.run_until(at(90.0));
    assert_eq!(serving(&one), (Some(3), Some(4), 1));
    let mut all = shop(1, 60.0);
    take(&mut all, "restart api", &[]);
    all.run_until(at(90.0));
    assert_eq!(serving(&all), (Some(2), Some(4), 2), "two at a time, twice");
}

#[test]
fn what_is_added_serves_and_there_is_an_end_to_it() {
    let mut simulation = Simulation::with_variant(parse(SHOP), 1, 1);
    take(&mut simulation, "scale-out api", &["add=36"]);
    assert!(simulation.menu().find("scale-out api").is_none(), "ten times what is configured");
    take(&mut simulation, "scale-out db", &[]);
    simulation.run_until(at(80.0));
    let last = simulation.recording().seconds.last().unwrap();
    assert_eq!((last.services[API].instances, last.services[1].instances), (40, 2));
}

#[test]
fn shedding_is_by_share_population_and_endpoint_and_ends() {
    let mut simulation = shop(2, 10.0);
    take(&mut simulation, "shed api", &["share=100%", "endpoint=look"]);
    simulation.run_until(at(40.0));
    let looked = sum(&simulation, 10, 40, |second| shed(second, API));
    let offered = sum(&simulation, 10, 40, |second| second.services[API].flow.offered);
    // A quarter of what web asks for: 600 a quarter, +- 4 sd.
    assert!((f64::from(looked) / f64::from(offered) - 0.25).abs() < 0.08, "{looked} of {offered}");
    take(&mut simulation, "shed api", &["share=0%", "endpoint=look"]);
    take(&mut simulation, "shed mail", &["share=100%", "population=web"]);
    simulation.run_until(at(70.0));
    assert_eq!(sum(&simulation, 41, 70, |second| shed(second, API)), 0);
    let (jobs, mails) =
        (|second: &Second| second.populations[JOBS].flow.failed(), |second: &Second| shed(second, MAIL));
    assert!(sum(&simulation, 41, 70, mails) > 100 && sum(&simulation, 41, 70, jobs) == 0);
}

#[test]
fn a_rate_limit_lets_a_rate_in_until_it_is_lifted() {
    let mut simulation = shop(2, 10.0);
    take(&mut simulation, "rate-limit api", &["rate=5/s"]);
    simulation.run_until(at(70.0));
    let limited = |second: &Second| second.services[API].flow.errors[ErrorKind::RateLimited as usize];
    let let_in = |second: &Second| second.services[API].flow.offered - limited(second);
    assert!(sum(&simulation, 20, 70, let_in).abs_diff(250) <= 5, "{}", sum(&simulation, 20, 70, let_in));
    take(&mut simulation, "rate-limit api", &["rate=none"]);
    simulation.run_until(at(90.0));
    assert_eq!(sum(&simulation, 71, 90, limited), 0);
}

#[test]
fn users_are_blocked_where_they_come_in_and_let_in_again_in_steps() {
    let mut simulation = shop(2, 10.0);
    take(&mut simulation, "block web", &[]);
    simulation.run_until(at(30.0));
    let good = |second: &Second| second.populations[WEB].flow.succeeded;
    assert_eq!(sum(&simulation, 12, 30, good), 0);
    let again = option(&simulation, "re-admit web");
    assert_eq!(again.parameters[0].now.as_deref(), Some("0%"));
    take(&mut simulation, "re-admit web", &["share=30%"]);
    assert_eq!(option(&simulation, "re-admit web").parameters[0].now.as_deref(), Some("30%"));
    assert!(simulation.command(brownout::response::Actor::Lead, act("re-admit web", &["share=20%"])).is_err());
    simulation.run_until(at(90.0));
    let offered = sum(&simulation, 30, 90, |second| second.populations[WEB].flow.offered);
    let shed = sum(&simulation, 30, 90, |second| shed(second, API));
    assert!((f64::from(shed) / f64::from(offered) - 0.7).abs() < 0.06, "{shed} of {offered}");
    take(&mut simulation, "re-admit web", &[]);
    assert!(simulation.menu().find("re-admit web").is_none());
    simulation.run_until(at(100.0));
    assert_eq!(sum(&simulation, 91, 100, |second| super::options::shed(second, API)), 0);
}

#[test]
fn background_work_is_paused_and_resumed() {
    let mut simulation = shop(2, 10.0);
    take(&mut simulation, "pause jobs", &[]);
    assert_eq!(
        (names(&simulation, Action::Pause).len(), names(&simulation, Action::Resume)),
        (0, vec!["resume jobs".into()])
    );
    simulation.run_until(at(20.0));
    let good = |second: &Second| second.populations[JOBS].flow.succeeded;
    assert_eq!(sum(&simulation, 11, 20, good), 0);
    take(&mut simulation, "resume jobs", &[]);
    simulation.run_until(at(30.0));
    assert!(sum(&simulation, 21, 30, good) > 20);
}

/// The layers of api's calls to db, as they are in force.
fn layers(simulation: &mut Simulation) -> Vec<Layer> {
    let scenario = std::sync::Arc::clone(simulation.scenario());
    let id = scenario.system.dependencies.enumerate().find(|(_, spec)| spec.name == "api->db").expect("it calls").0;
    simulation.inspect(|model| model.layers(id).to_vec())
}

#[test]
fn one_setting_changes_and_everything_else_stays() {
    let settings = [
        ("set-pool-size", "7"),
        ("set-acquire-timeout", "750ms"),
        ("set-timeout", "123ms"),
        ("set-deadline", "1.5s"),
        ("set-attempts", "5"),
        ("set-breaker-threshold", "20%"),
        ("set-breaker-wait", "9s"),
    ];
    let mut simulation = shop(1, 10.0);
    for (action, value) in settings {
        let name = format!("{action} api->db");
        let old = option(&simulation, &name).parameters[0].now.clone().expect("what it is now");
        let before = layers(&mut simulation);
        take(&mut simulation, &name, &[&format!("value={value}")]);
        assert_eq!(option(&simulation, &name).parameters[0].now.as_deref(), Some(value), "{action}");
        let changed = layers(&mut simulation);
        assert_eq!(before.iter().zip(&changed).filter(|(old, new)| old != new).count(), 1, "{action}: one layer");
        // Setting the one value back gives what was there: nothing else had changed.
        take(&mut simulation, &name, &[&format!("value={old}")]);
        assert_eq!(layers(&mut simulation), before, "{action}");
        take(&mut simulation, &name, &[&format!("value={value}")]);
    }
    simulation.run_until(at(20.0));
    assert!(simulation.audit().is_empty());
    let spec = &simulation.scenario().system.dependencies[Id::new(0)];
    assert!(spec.layers.iter().any(|layer| matches!(layer, Layer::Pool(pool) if pool.maximum_pool_size == 4)));
}

#[test]
fn a_prepared_action_takes_its_time_and_then_does_it_all() {
    let mut simulation = shop(1, 10.0);
    let no_mail = option(&simulation, "do no-mail");
    assert_eq!(
        (no_mail.title.as_str(), no_mail.estimate.risk.as_str()),
        ("Send no mail, and wait less for the database", "mail is lost")
    );
    take(&mut simulation, "do no-mail", &[]);
    assert!(simulation.menu().find("do no-mail").is_none(), "it is under way");
    simulation.run_until(at(19.0));
    assert_eq!(option(&simulation, "set-timeout api->db").parameters[0].now.as_deref(), Some("500ms"));
    simulation.run_until(at(40.0));
    assert_eq!(option(&simulation, "set-timeout api->db").parameters[0].now.as_deref(), Some("100ms"));
    assert_eq!(option(&simulation, "set-pool-size api->db").parameters[0].now.as_deref(), Some("2"));
    let good = |second: &Second| second.services[MAIL].flow.succeeded;
    assert_eq!(sum(&simulation, 21, 40, good), 0);
    take(&mut simulation, "do mail-again", &[]);
    simulation.run_until(at(60.0));
    assert!(sum(&simulation, 41, 60, good) > 50);
}

/// What is under way goes on in a branch and in a reloaded snapshot; with fresh luck it may end at another time, but not now.
#[test]
fn work_under_way_is_part_of_the_state() {
    let text = SHOP.replace("takes: \"10s\"", "takes: Lognormal(mean: \"10s\", cv: 0.5)");
    let mut simulation = Simulation::with_variant(parse(&text), 1, 0);
    simulation.run_until(at(10.0));
    take(&mut simulation, "do no-mail", &[]);
    simulation.run_until(at(11.0));
    let timeout = |simulation: &Simulation| option(simulation, "set-timeout api->db").parameters[0].now.clone();
    assert_eq!(timeout(&simulation).as_deref(), Some("500ms"), "it is not done after a second");
    let bytes = simulation.snapshot();
    let mut restored = Simulation::from_snapshot(parse(&text), &bytes).expect("its own snapshot");
    let mut branch = simulation.fork();
    let ends = |mut simulation: Simulation| {
        (12..200).find(|second| {
            simulation.run_until(at(f64::from(*second)));
            timeout(&simulation).as_deref() == Some("100ms")
        })
    };
    let mut other: Vec<_> = (1..6).map(|luck| ends(simulation.fork_with_luck(luck))).collect();
    assert!(other.iter().all(Option::is_some));
    other.dedup();
    assert!(other.len() > 1, "fresh luck redraws what is left: {other:?}");
    for simulation in [&mut simulation, &mut restored, &mut branch] {
        simulation.run_until(at(60.0));
    }
    assert_eq!((restored.digest(), branch.digest()), (simulation.digest(), simulation.digest()));
}

#[test]
fn orders_for_later_do_not_hold_orders_for_later_still() {
    let mut simulation = shop(1, 1.0);
    let later = |verbs| Verb::Later { name: "x".to_owned(), takes: crate::systems::constant(1.0), verbs };
    let before = simulation.digest();
    let refused = simulation.order(later(vec![later(Vec::new())])).expect_err("one is enough");
    assert_eq!(refused.to_string(), "an order for later must be one for then");
    assert_eq!(simulation.digest(), before);
}
