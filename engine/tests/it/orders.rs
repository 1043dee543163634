//! Orders at run time: new settings of a dependency's layers, and requests turned away at the door.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    BreakerScope, BreakerSpec, Capacity, DependencySpec, ErrorKind, Layer, Origin, PoolSpec, RateLimitSpec, Rejection,
    Selector, ServiceSpec, Setting, Step, Verb, VerbError,
};
use brownout::observe::Second;
use brownout::rng::Distribution;
use brownout::traffic::{Arrivals, MixEntry, Profile};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, ms};
use crate::theory::{Family, replicate};

const SERVER: Id<ServiceSpec> = Id::new(0);
const ASK: Id<DependencySpec> = Id::new(0);

/// A service of which a share fails, asked evenly through layers.
fn server(work: Distribution, failing: f64, rate: f64, layers: Vec<Layer>) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    builder.failing(service, failing);
    let serve = builder.endpoint(service, "serve", &[Step::Work(work)]);
    let ask = builder.dependency(None, service, layers);
    builder.population(Arrivals::Constant(Profile::constant(rate)), call(ask, serve));
    builder.simulate(1)
}

fn set(simulation: &mut Simulation, secs: f64, setting: Setting) {
    simulation.run_until(at(secs));
    simulation.order(Verb::Set { dependency: ASK, setting }).expect("a sensible order");
}

/// A number of the population in each of the seconds from one to before another.
fn each(simulation: &Simulation, from: usize, to: usize, read: impl Fn(&Second) -> u32) -> Vec<u32> {
    simulation.recording().seconds[from..to].iter().map(|second| read(second)).collect()
}

/// Everything fails: each request makes as many attempts as the settings in force allow.
#[test]
fn a_new_retry_setting_changes_the_number_of_attempts() {
    let mut simulation = server(constant(0.0), 1.0, 100.0, vec![Layer::Retry(at_once(1))]);
    set(&mut simulation, 10.0, Setting::Retry(at_once(4)));
    set(&mut simulation, 20.0, Setting::Retry(at_once(2)));
    simulation.run_until(at(30.0));
    let attempts = |from, to| each(&simulation, from, to, |second| second.populations[0].flow.attempts);
    assert_eq!(attempts(1, 10), [100; 9]);
    assert_eq!(attempts(10, 20), [400; 10]);
    assert_eq!(attempts(20, 30), [200; 10]);
}

/// Work takes 100 ms: attempts that start under a limit of 50 ms time out, those under 200 ms do not.
#[test]
fn a_new_time_limit_is_for_attempts_from_then_on() {
    let mut simulation = server(constant(100.0), 0.0, 100.0, vec![Layer::Timeout(ms(200.0))]);
    set(&mut simulation, 10.0, Setting::Timeout(ms(50.0)));
    set(&mut simulation, 20.0, Setting::Timeout(ms(101.0)));
    simulation.run_until(at(30.0));
    let late = |second: &Second| second.populations[0].flow.errors[ErrorKind::Timeout as usize];
    assert_eq!(each(&simulation, 0, 10, late), [0; 10]);
    assert_eq!(each(&simulation, 21, 30, late), [0; 9]);
    let sum: u32 = each(&simulation, 10, 21, late).iter().sum();
    assert!(sum.abs_diff(1_000) <= 1, "{sum} time out");
}

/// The overall limit, likewise: without retries it is one more time limit, with an error of its own.
#[test]
fn a_new_deadline_is_for_calls_from_then_on() {
    let mut simulation = server(constant(100.0), 0.0, 100.0, vec![Layer::Deadline(ms(200.0))]);
    set(&mut simulation, 10.0, Setting::Deadline(ms(50.0)));
    simulation.run_until(at(20.0));
    let late = |second: &Second| second.populations[0].flow.errors[ErrorKind::DeadlineExceeded as usize];
    assert_eq!(each(&simulation, 0, 10, late), [0; 10]);
    assert_eq!(each(&simulation, 11, 20, late), [100; 9]);
}

/// Thirty per cent fail: a threshold of 50 % of a hundred calls is out of reach (30 +- 4.6), one of 15 % is exceeded.
#[test]
fn a_new_threshold_opens_a_breaker() {
    let spec = BreakerSpec { failure_rate_threshold: 50.0, ..BreakerSpec::default() };
    let layers = vec![Layer::Breaker { spec: spec.clone(), scope: BreakerScope::Service }];
    let mut simulation = server(constant(0.0), 0.3, 100.0, layers);
    let refused =
        |simulation: &Simulation| simulation.recording().totals.dependencies[0].errors[ErrorKind::BreakerOpen as usize];
    simulation.run_until(at(10.0));
    assert_eq!(refused(&simulation), 0);
    set(&mut simulation, 10.0, Setting::Breaker(BreakerSpec { failure_rate_threshold: 15.0, ..spec }));
    simulation.run_until(at(20.0));
    assert!(refused(&simulation) >= 990, "{} refused", refused(&simulation));
}

/// Two connections and 100 ms of work carry 20 calls a second, five carry 50, and three, once the others have been given
/// back, 30.
#[test]
fn a_pool_carries_what_its_size_says() {
    let pool = |size| PoolSpec::fixed(size, SimDuration::from_secs(3_600));
    let mut simulation = server(constant(100.0), 0.0, 60.0, vec![Layer::Pool(pool(2))]);
    set(&mut simulation, 10.0, Setting::Pool(pool(5)));
    set(&mut simulation, 20.0, Setting::Pool(pool(3)));
    simulation.run_until(at(30.0));
    for (from, to, goodput) in [(1, 10, 20), (12, 20, 50), (22, 30, 30)] {
        let seen = each(&simulation, from, to, |second| second.populations[0].flow.succeeded);
        assert!(seen.iter().all(|count| *count == goodput), "{seen:?} instead of {goodput} a second");
    }
    assert!(simulation.audit().is_empty());
}

#[test]
fn a_setting_for_a_layer_that_is_not_there_is_refused() {
    let mut simulation = server(constant(1.0), 0.0, 1.0, vec![Layer::Timeout(ms(200.0))]);
    let order = Verb::Set { dependency: ASK, setting: Setting::Retry(at_once(3)) };
    assert_eq!(simulation.order(order), Err(VerbError::NoSuchLayer("retry")));
    assert!(simulation.orders().is_empty());
}

/// Two populations, each with a hundred requests a second, half to `read` and half to `write`.
fn shop(seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let [read, write] = ["read", "write"].map(|name| builder.endpoint(service, name, &[Step::Work(constant(1.0))]));
    for _ in 0..2 {
        let ask = builder.dependency(None, service, Vec::new());
        let population = builder.population(Arrivals::Constant(Profile::constant(100.0)), call(ask, read));
        builder.populations[population].mix.push(MixEntry { weight: 1.0, call: call(ask, write) });
    }
    builder.simulate(seed)
}

const FIRST: Option<Origin> = Some(Origin(0));

/// How many requests of each population failed so far, with `kind`.
fn turned_away(simulation: &Simulation, kind: ErrorKind) -> [u64; 2] {
    [0, 1].map(|population| {
        let flow = &simulation.recording().totals.populations[population];
        assert_eq!(flow.failed(), flow.errors[kind as usize], "nothing else goes wrong");
        flow.failed()
    })
}

#[test]
fn a_population_is_shed_until_the_order_is_taken_back() {
    let mut simulation = shop(1);
    let shed = |ratio| Verb::Shed { service: SERVER, selector: Selector { origin: FIRST, endpoint: None }, ratio };
    simulation.run_until(at(10.0));
    simulation.order(shed(1.0)).unwrap();
    simulation.run_until(at(20.0));
    simulation.order(shed(0.0)).unwrap();
    simulation.run_until(at(30.0));
    let [first, second] = turned_away(&simulation, ErrorKind::Shed);
    assert!(first.abs_diff(1_000) <= 1 && second == 0, "{first} and {second}");
}

/// A share of one endpoint's requests, of both populations: 0.3 x 1/2 of each one's.
#[test]
fn a_share_of_an_endpoint_is_shed() {
    let write = Some(Id::new(1));
    let runs = replicate(32, |seed| {
        let mut simulation = shop(seed);
        let selector = Selector { origin: None, endpoint: write };
        simulation.order(Verb::Shed { service: SERVER, selector, ratio: 0.3 }).unwrap();
        simulation.run_until(at(50.0));
        assert_eq!(simulation.recording().totals.endpoints[0].failed(), 0, "the other endpoint is left alone");
        let flow = &simulation.recording().totals.endpoints[1];
        let [first, second] = turned_away(&simulation, ErrorKind::Shed).map(|count| count as f64 / 5_000.0);
        [flow.failed() as f64 / flow.finished() as f64, first, second]
    });
    let family = |share: f64| {
        let mut family = Family::new("shed");
        for (index, expected) in [share, share / 2.0, share / 2.0].into_iter().enumerate() {
            family.check(format!("{index}"), expected, 0.04, runs.iter().map(|run| run[index]).collect());
        }
        family
    };
    family(0.3).verify();
    family(0.33).must_fail();
}

/// Twenty requests a second of the first population are let through, of its hundred; the second is not concerned.
#[test]
fn a_population_is_held_to_a_rate() {
    let mut simulation = shop(1);
    simulation.run_until(at(10.0));
    let limit = Some(RateLimitSpec::per_second(20, 1));
    let selector = Selector { origin: FIRST, endpoint: None };
    simulation.order(Verb::RateLimit { service: SERVER, selector, limit }).unwrap();
    simulation.run_until(at(20.0));
    let [first, second] = turned_away(&simulation, ErrorKind::RateLimited);
    assert!(first.abs_diff(800) <= 2 && second == 0, "{first} and {second}");
    simulation.order(Verb::RateLimit { service: SERVER, selector, limit: None }).unwrap();
    simulation.run_until(at(30.0));
    assert_eq!(turned_away(&simulation, ErrorKind::RateLimited), [first, 0], "no more after the limit is lifted");
}

/// A hundred a second of 150, each second, however long the limit would let a caller wait: nobody waits at the door, and who
/// is refused takes no permit.
#[test]
fn a_limit_with_a_wait_lets_its_rate_through_at_the_door() {
    let cycles = RateLimitSpec::Cycles {
        limit_for_period: 100,
        limit_refresh_period: SimDuration::SECOND,
        timeout_duration: SimDuration::from_secs(5),
        rejection: Rejection::AfterTimeout,
    };
    let max_wait = SimDuration::from_secs(5);
    let bucket = RateLimitSpec::TokenBucket { permits: 100, period: SimDuration::SECOND, burst: 2, max_wait };
    for limit in [cycles, bucket] {
        let mut simulation = server(constant(0.0), 0.0, 150.0, Vec::new());
        let selector = Selector { origin: None, endpoint: None };
        simulation.order(Verb::RateLimit { service: SERVER, selector, limit: Some(limit) }).unwrap();
        simulation.run_until(at(30.0));
        let admitted = each(&simulation, 1, 30, |second| second.populations[0].flow.succeeded);
        assert!(admitted.iter().all(|count| count.abs_diff(100) <= 1), "{admitted:?}");
    }
}

/// One endpoint, both populations together.
#[test]
fn an_endpoint_is_held_to_a_rate() {
    let mut simulation = shop(1);
    let limit = Some(RateLimitSpec::per_second(20, 1));
    let selector = Selector { origin: None, endpoint: Some(Id::new(1)) };
    simulation.order(Verb::RateLimit { service: SERVER, selector, limit }).unwrap();
    simulation.run_until(at(20.0));
    let [read, write] = [0, 1].map(|endpoint| &simulation.recording().totals.endpoints[endpoint]);
    assert_eq!(read.failed(), 0);
    // About a hundred a second come; a permit lies idle for as long as the next request lets it wait, 10 ms each.
    let passed = write.succeeded;
    assert!((300..=401).contains(&passed), "{passed} in 20 s");
    assert_eq!(write.failed(), write.errors[ErrorKind::RateLimited as usize]);
}
