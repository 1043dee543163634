//! The network: messages that are lost, sent again, or kept by a partition.

use brownout::Simulation;
use brownout::fault::{FaultKind, FaultSpec, Trigger, VariantSpec};
use brownout::ids::Id;
use brownout::model::{Capacity, DependencySpec, ErrorKind, Layer, LinkSpec, OnLoss, Partition, PoolSpec, Step};
use brownout::traffic::{Arrivals, Profile, TraceEntry};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, constant, ms};
use crate::theory::{Family, replicate};

const RUNS: u64 = 32;

/// A thousand calls a second for 10 s over a network with loss to a service that takes no time, and the time until the
/// last one has ended.
fn lossy(loss: f64, on_loss: OnLoss, layers: Vec<Layer>, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(0.0))]);
    let ask = builder.dependency(None, service, layers);
    builder.system.dependencies[ask].link = LinkSpec { latency: constant(5.0), loss, on_loss };
    let ends = vec![(at(0.0), 1_000.0), (at(10.0), 1_000.0), (at(10.0), 0.0)];
    builder.population(Arrivals::Poisson(Profile::new(ends).expect("a valid profile")), call(ask, serve));
    let mut simulation = builder.simulate(seed);
    simulation.run_until(at(600.0));
    assert_eq!(simulation.under_way(), 0);
    simulation
}

/// Request and answer must both arrive: an attempt succeeds with (1 - p)^2, a call with R retries with
/// 1 - (1 - (1 - p)^2)^(R + 1). The server sees 1 - p of the attempts.
fn loss(actual: f64) -> Family {
    let mut family = Family::new("loss");
    for (p, retries) in [(0.1, 0), (0.3, 0), (0.3, 2)] {
        let runs = replicate(RUNS, |seed| {
            let layers = vec![Layer::Retry(at_once(retries + 1)), Layer::Timeout(ms(50.0))];
            let simulation = lossy(p * actual, OnLoss::Drop, layers, seed);
            let totals = &simulation.recording().totals;
            let flow = &totals.populations[0];
            let succeeded = flow.succeeded as f64 / flow.finished() as f64;
            (succeeded, totals.services[0].offered as f64 / flow.attempts as f64)
        });
        let (succeeded, arrived) = runs.into_iter().unzip();
        let failed = 1.0 - (1.0 - p) * (1.0 - p);
        let expected = 1.0 - libm::pow(failed, f64::from(retries + 1));
        family.check(format!("success at {p}, {retries} retries"), expected, 0.01, succeeded);
        family.check(format!("requests that arrive at {p}, {retries} retries"), 1.0 - p, 0.01, arrived);
    }
    family
}

#[test]
fn a_call_succeeds_when_both_its_messages_arrive() {
    loss(1.0).verify();
}

#[test]
fn loss_off_by_a_tenth_is_noticed() {
    loss(1.1).must_fail();
}

/// What is lost with probability p is sent again after RTO, 2 RTO, 4 RTO ..: after k losses it is late by RTO (2^k - 1),
/// on average by RTO p / (1 - 2 p). Request and answer both.
fn retransmission(actual: f64) -> Family {
    let (p, rto) = (0.05, 200.0);
    let mut family = Family::new("retransmission");
    let delays = replicate(RUNS, |seed| {
        let simulation = lossy(p * actual, OnLoss::Retransmit { timeout: ms(rto) }, Vec::new(), seed);
        let flow = &simulation.recording().totals.populations[0];
        assert_eq!(flow.failed(), 0, "nothing is lost for good");
        flow.latency.mean().as_secs_f64() * 1e3 - 10.0
    });
    family.check("delay".to_owned(), 2.0 * rto * p / (1.0 - 2.0 * p), 0.045, delays);
    family
}

#[test]
fn retransmission_delays_as_its_doubling_timeouts_say() {
    retransmission(1.0).verify();
}

#[test]
fn retransmission_of_a_tenth_more_is_noticed() {
    retransmission(1.1).must_fail();
}

/// A service that takes 10 ms, 5 ms away, with a partition from 10 s to 20 s.
fn partitioned(partition: Partition, layers: Vec<Layer>, arrivals: Arrivals) -> Simulation {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(10.0))]);
    let dependency = builder.dependency(None, service, layers);
    builder.system.dependencies[dependency].link =
        LinkSpec { latency: constant(5.0), loss: 0.0, on_loss: OnLoss::Drop };
    builder.population(arrivals, call(dependency, serve));
    let cut = FaultSpec {
        name: "cut".to_owned(),
        kind: FaultKind::Partition { dependency, instance: None, partition },
        start: Trigger::At(at(10.0)),
        changes: Vec::new(),
        heal: Some(Trigger::At(at(20.0))),
    };
    let name = "cut".to_owned();
    builder.variant = Some(VariantSpec { name, weight: 1.0, faults: vec![cut], deploys: Vec::new() });
    builder.simulate(1)
}

fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect())
}

/// Fifty calls a second: the 500 of the ten seconds are lost on their way there, and the one of 9.99 s, whose work is done
/// at 10.005 s, on its way back.
#[test]
fn a_partition_that_drops_times_everything_out() {
    let layers = vec![Layer::Timeout(ms(200.0))];
    let mut simulation = partitioned(Partition::Drop, layers, Arrivals::Constant(Profile::constant(50.0)));
    simulation.run_until(at(30.0));
    let totals = &simulation.recording().totals;
    let flow = &totals.populations[0];
    assert_eq!(flow.errors[ErrorKind::Timeout as usize], flow.failed());
    assert!(flow.failed().abs_diff(500) <= 1, "{} lost", flow.failed());
    assert!(totals.services[0].offered.abs_diff(1_000) <= 1, "{} arrived", totals.services[0].offered);
    let failed: Vec<u32> =
        simulation.recording().seconds.iter().map(|second| second.populations[0].flow.failed()).collect();
    assert_eq!(failed[..10].iter().chain(&failed[21..]).sum::<u32>(), 0, "before, or long after it has healed");
    assert!(simulation.audit().is_empty());
}

/// The answer to the request of 9.99 s is kept until 20 s and arrives at 20.005 s, 10.015 s after the request. Those of
/// 12 s and 13 s reach the server at 20.005 s, one after the other: 8.02 s and, 10 ms of waiting more, 7.03 s.
#[test]
fn a_partition_that_delays_delivers_when_it_heals() {
    let mut simulation = partitioned(Partition::Delay, Vec::new(), trace(&[5.0, 9.99, 12.0, 13.0]));
    let mut seen = |until: f64| {
        simulation.run_until(at(until));
        let flow = &simulation.recording().totals.populations[0];
        (flow.succeeded, flow.latency.max().as_nanos(), flow.latency.mean().as_nanos())
    };
    assert_eq!(seen(10.0), (1, 20_000_000, 20_000_000));
    assert_eq!(seen(20.0).0, 1);
    let sum = 20_000_000 + 10_015_000_000 + 8_020_000_000 + 7_030_000_000_u64;
    assert_eq!(seen(21.0), (4, 10_015_000_000, sum / 4));
    assert!(simulation.audit().is_empty());
}

/// A caller that has given up meanwhile does not keep its request from being delivered and worked on.
#[test]
fn what_a_partition_has_kept_is_worked_on_though_nobody_waits() {
    let layers = vec![Layer::Timeout(ms(100.0))];
    let mut simulation = partitioned(Partition::Delay, layers, trace(&[12.0, 13.0]));
    simulation.run_until(at(21.0));
    let totals = &simulation.recording().totals;
    assert_eq!((totals.populations[0].failed(), totals.services[0].succeeded), (2, 2));
}

/// A service that takes 10 ms, 5 ms away over a network that sends again after 200 ms, cut off from 10 s on, until it heals.
fn cut_off(times: &[f64], heal: Option<f64>, link: LinkSpec) -> (Simulation, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(10.0))]);
    let dependency = builder.dependency(None, service, Vec::new());
    builder.system.dependencies[dependency].link = link;
    builder.population(trace(times), call(dependency, serve));
    let cut = FaultSpec {
        name: "cut".to_owned(),
        kind: FaultKind::Partition { dependency, instance: None, partition: Partition::Drop },
        start: Trigger::At(at(10.0)),
        changes: Vec::new(),
        heal: heal.map(|time| Trigger::At(at(time))),
    };
    let name = "cut".to_owned();
    builder.variant = Some(VariantSpec { name, weight: 1.0, faults: vec![cut], deploys: Vec::new() });
    (builder.simulate(1), dependency)
}

fn resent(latency: f64, loss: f64) -> LinkSpec {
    LinkSpec { latency: constant(latency), loss, on_loss: OnLoss::Retransmit { timeout: ms(200.0) } }
}

/// A call is under way until this instant, and one fewer right after it.
#[track_caller]
fn one_ends_at(simulation: &mut Simulation, dependency: Id<DependencySpec>, end: f64, before: usize) {
    for (until, inside) in [(at(end), before), (at(end) + SimDuration::from_nanos(1), before - 1)] {
        simulation.run_until(until);
        assert_eq!(simulation.inspect(|model| model.calls_under_way(dependency)), inside, "at {until:?}");
        assert!(simulation.audit().is_empty(), "{:?}", simulation.audit());
    }
}

/// TCP sends again 0.2, 0.6, 1.4, 3.0 s .. after the first time. The cut lasts from 10 s to 13 s; the first transmission
/// after it goes through. The request of 12.9 s: at 13.1 s, answered 20 ms later. The answer to that of 9.99 s, sent at
/// 10.005 s: at 13.005 s, there at 13.01 s. The request of 10 s: at 13 s, when the cut has just healed. That of 10.5 s: at
/// 13.5 s. That of 11.5 s: at 14.5 s.
#[test]
fn what_a_partition_drops_is_sent_again() {
    let times = [9.99, 10.0, 10.5, 11.5, 12.9];
    let (mut simulation, dependency) = cut_off(&times, Some(13.0), resent(5.0, 0.0));
    for (end, before) in [(13.01, 5), (13.02, 4), (13.12, 3), (13.52, 2), (14.52, 1)] {
        one_ends_at(&mut simulation, dependency, end, before);
    }
    simulation.run_until(at(20.0));
    let totals = &simulation.recording().totals;
    assert_eq!((totals.populations[0].succeeded, totals.services[0].succeeded), (5, 5), "each once");
    assert_eq!(simulation.under_way(), 0);
}

/// 924.6 s after the first time the request of 20 s is given up (`tcp_retries2`). Nobody waits for an acknowledgement of the
/// request of 9.99 s any more: its answer is given up at 934.605 s, and the call without limits waits on.
#[test]
fn a_partition_that_stays_loses_the_connection() {
    let (mut simulation, dependency) = cut_off(&[9.99, 20.0], None, resent(5.0, 0.0));
    one_ends_at(&mut simulation, dependency, 944.6, 2);
    simulation.run_until(at(950.0));
    let flow = &simulation.recording().totals.populations[0];
    assert_eq!((flow.errors[ErrorKind::ConnectionLost as usize], flow.finished()), (1, 1));
    assert_eq!(simulation.under_way(), 1);
}

/// After the cut a transmission is lost with the link's probability: of the requests sent into it, each first one thereafter
/// gets through with 1 - p. All were sent at 10.5 s: the next is at 13.5 s, the one after it at 16.7 s. Those that arrive at
/// 13.5 s have been answered by 13.6 s if their answer is not lost: (1 - p)^2 of 2,000, 1,280 +- 21.
#[test]
fn after_a_partition_the_link_loses_what_it_loses() {
    let (mut simulation, dependency) = cut_off(&[10.5; 2_000], Some(13.0), resent(0.0, 0.2));
    simulation.run_until(at(13.6));
    let answered = 2_000 - simulation.inspect(|model| model.calls_under_way(dependency));
    simulation.run_until(at(1_000.0));
    assert_eq!(simulation.recording().totals.populations[0].succeeded, 2_000);
    assert!((1_175..=1_385).contains(&answered), "{answered} answered at once");
}

/// A pool without idle connections, whose every call breaks its connection, so that each waits for a new one: a round trip
/// and what was lost of it. 40 callers, a call every 5 s each.
fn connects(actual: f64) -> Family {
    let (p, rto) = (0.05, 200.0);
    let mut family = Family::new("connects");
    let delays = replicate(RUNS, |seed| {
        let mut builder = Builder::default();
        let service = builder.service("server", Capacity::Unlimited);
        let serve = builder.endpoint(service, "serve", &[Step::Work(constant(1.0))]);
        for _ in 0..40 {
            let pool = PoolSpec { maximum_pool_size: 1, minimum_idle: Some(0), ..PoolSpec::hikaricp() };
            let dependency = builder.dependency(None, service, vec![Layer::Pool(pool), Layer::Timeout(ms(1.0))]);
            builder.system.dependencies[dependency].link = resent(5.0, p * actual);
            builder.population(Arrivals::Constant(Profile::constant(0.2)), call(dependency, serve));
        }
        let mut simulation = builder.simulate(seed);
        simulation.run_until(at(200.0));
        assert!(simulation.audit().is_empty(), "{:?}", simulation.audit());
        let waits = &simulation.recording().totals.pool_waits;
        let sum: f64 = waits.iter().map(|wait| wait.mean().as_secs_f64() * wait.count() as f64).sum();
        sum / waits.iter().map(|wait| wait.count() as f64).sum::<f64>() * 1e3 - 10.0
    });
    family.check("delay".to_owned(), 2.0 * rto * p / (1.0 - 2.0 * p), 0.1, delays);
    family
}

#[test]
fn what_a_pool_asks_is_sent_again_too() {
    connects(1.0).verify();
}

#[test]
fn connects_that_lose_a_fifth_more_are_noticed() {
    connects(1.2).must_fail();
}

/// Where 99 % of all messages are lost, a call succeeds with 0.01^2, and an attempt to connect as rarely. The ten first
/// connections break with their first calls; the adder tries once a second, the login timeout, and of 300 attempts about
/// 0.03 succeed. All the other calls find no connection.
#[test]
fn a_lost_attempt_to_connect_ends_with_the_login_timeout() {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Unlimited);
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(1.0))]);
    let pool = PoolSpec { connection_timeout: ms(1_000.0), validation_timeout: ms(500.0), ..PoolSpec::hikaricp() };
    let dependency = builder.dependency(None, service, vec![Layer::Pool(pool), Layer::Timeout(ms(100.0))]);
    builder.system.dependencies[dependency].link =
        LinkSpec { latency: constant(1.0), loss: 0.99, on_loss: OnLoss::Drop };
    builder.population(Arrivals::Constant(Profile::constant(20.0)), call(dependency, serve));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(300.0));
    assert!(simulation.audit().is_empty(), "{:?}", simulation.audit());
    let flow = &simulation.recording().totals.populations[0];
    let (broken, without) = (flow.errors[ErrorKind::Timeout as usize], flow.errors[ErrorKind::PoolTimeout as usize]);
    assert!((10..=12).contains(&broken), "{broken} calls had a connection");
    assert_eq!(flow.finished() - flow.succeeded - broken, without);
    assert!(without > 5_900, "{without} found none");
}
