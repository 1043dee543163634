//! Probes of assess mode: when they come, what is asked, and what was true.

use brownout::probes::{AHEAD, Probe, truth};
use brownout::record::Mode;
use brownout::response::{Actor, Command, Refusal};
use brownout::units::SimTime;
use brownout::{Session, Simulation};

use super::{SHOP, scenario};

fn session(mode: Mode, seed: u64) -> Session {
    Session::start(Simulation::new(scenario(SHOP, "()", &[]), seed), mode)
}

fn reply(probe: u32, begins: Option<&str>) -> Command {
    Command::Reply { probe, errors: Some(0.4), begins: begins.map(str::to_owned), likely: None }
}

/// Of a scenario that says no length, the first comes between 12:00 and 19:30, and each of the others four to eight minutes later.
#[test]
fn when_they_come_is_drawn_and_nothing_else() {
    let mut firsts = Vec::new();
    for seed in 0..200 {
        let probes = session(Mode::Assess, seed).probes();
        assert_eq!(probes.len(), 4, "seed {seed}: {probes:?}");
        let secs: Vec<f64> = probes.iter().map(|probe| probe.at.as_secs_f64()).collect();
        assert!((719.0..=1_171.0).contains(&secs[0]), "seed {seed}: {secs:?}");
        assert!(secs.windows(2).all(|pair| (239.0..=481.0).contains(&(pair[1] - pair[0]))), "seed {seed}: {secs:?}");
        assert!(probes.iter().enumerate().all(|(at, probe)| probe.number as usize == at && probe.service == "api"));
        let mut later = session(Mode::Assess, seed);
        later.run_until(SimTime::from_secs(300));
        let _ = later.command(Actor::Lead, Command::Page { whom: "shop".to_owned() });
        assert_eq!(later.probes(), probes, "what is done changes nothing");
        firsts.push(secs[0]);
    }
    let mean = firsts.iter().sum::<f64>() / 200.0;
    // Uniform on 450 s: a standard error of 9.2 s.
    assert!((mean - 945.0).abs() < 37.0, "the first comes at {mean} s on average");
}

#[test]
fn one_is_open_from_its_instant_until_it_is_answered_or_declined() {
    let mut assessed = session(Mode::Assess, 3);
    let probes = assessed.probes();
    let before = SimTime::from_nanos(probes[0].at.as_nanos() - 1);
    assessed.run_until(before);
    assert_eq!(assessed.probe(), None);
    assessed.run_until(probes[0].at);
    assert_eq!(assessed.probe().as_ref(), Some(&probes[0]));
    let refused = assessed.command(Actor::Lead, reply(0, Some("apu"))).unwrap_err();
    assert_eq!(refused.to_string(), "there is no service called \"apu\"; did you mean `api`?");
    assert_eq!(assessed.probe().as_ref(), Some(&probes[0]), "what was refused is no answer");
    assessed.command(Actor::Lead, reply(0, Some("none"))).unwrap();
    assert_eq!(assessed.probe(), None);
    assessed.run_until(probes[1].at);
    assessed.command(Actor::Lead, reply(1, None)).unwrap();
    assert_eq!(assessed.probe(), None);
    for unasked in [reply(1, None), reply(2, None), Command::Hint { about: "x".to_owned(), question: "y".to_owned() }] {
        assert_eq!(assessed.command(Actor::Lead, unasked), Err(Refusal::NotAsked));
    }
    assert_eq!(assessed.commands().len(), 3, "what nobody asked for is not in the log");
    // Elsewhere nobody is asked, and answers are in no state.
    for mode in [Mode::Rehearse, Mode::Coach] {
        let mut other = session(mode, 3);
        other.run_until(probes[1].at);
        assert_eq!(other.probe(), None);
        assert_eq!(other.simulation().digest(), assessed.simulation().digest());
    }
}

/// Six of ten requests to the second version of the API fail by themselves, all the time.
#[test]
fn the_truth_is_what_was_measured() {
    let mut session = session(Mode::Assess, 1);
    let at = |secs: u64| Probe { number: 0, at: SimTime::from_secs(secs), service: "api".to_owned() };
    session.run_until(SimTime::from_secs(900));
    let well = truth(session.simulation(), &at(60));
    assert_eq!((well.errors, well.begins.as_slice(), well.came), (Some(0.0), [].as_slice(), Some(true)));
    let ill = truth(session.simulation(), &at(600));
    // 120 requests: a standard error of 4.5 points.
    assert!((ill.errors.expect("it answers") - 0.6).abs() < 0.16, "{ill:?}");
    assert_eq!(
        (ill.begins.as_slice(), ill.came),
        (["api".to_owned()].as_slice(), None),
        "in ten minutes it is too early"
    );
    session.run_until(SimTime::from_secs(600).saturating_add(AHEAD));
    assert_eq!(truth(session.simulation(), &at(600)).came, Some(true));
}
