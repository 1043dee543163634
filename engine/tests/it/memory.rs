//! Memory does not grow with simulated time beyond what is recorded: the state apart from the recording, as a snapshot
//! writes it, stays as large as it was.
//!
//! A snapshot holds everything that is kept for later: living and freed places of arenas and lists, armed and cancelled timers,
//! queues, windows, connections. It does not show spare room that a collection has for more.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    Backoff, BreakerScope, BreakerSpec, BulkheadSpec, Capacity, Discipline, Jitter, Layer, PoolSpec, QueueSpec,
    RateLimitSpec, RetryBudgetSpec, RetrySpec, SlidingWindowType, Step,
};
use brownout::rng::Distribution;
use brownout::traffic::{Arrivals, Profile};
use brownout::units::SimDuration;

use crate::systems::{Builder, at, at_once, call, exponential, ms};

/// How much larger a state may be for the numbers in it alone: instants and counters are written with fewer bytes while they are
/// small.
const LONGER_NUMBERS: f64 = 1.2;
/// Bytes that chance alone may add to a part: what was the largest number of waiters may be surpassed.
const FEW: f64 = 1_024.0;
/// How much larger a state may be on average: numbers are written with fewer bytes while they are small, and chance makes
/// queues longer. Whatever is kept for ever would make it about five times as large.
const CHANCE: f64 = 1.5;
/// Bytes of a free place of a call, a job, a waiter or a user, in its list and in the list of the free ones. There are as many
/// as were ever taken at one time.
const FREE_PLACE: f64 = 16.0;

/// The bytes of the recorded seconds.
fn recorded(simulation: &Simulation) -> usize {
    postcard::to_allocvec(&simulation.recording().seconds).expect("plain data").len()
}

/// The largest that each part but the recording is at 20 instants of a stretch.
fn largest(simulation: &mut Simulation, from: f64, to: f64) -> Vec<(&'static str, usize)> {
    let mut largest: Vec<(&'static str, usize)> = Vec::new();
    for step in 1..=20 {
        simulation.run_until(at(from + (to - from) * f64::from(step) / 20.0));
        let mut now = simulation.state_sizes();
        now.retain(|(name, _)| *name != "recording");
        for (part, before) in now.iter_mut().zip(&largest) {
            part.1 = part.1.max(before.1);
        }
        largest = now;
    }
    largest
}

/// No part is larger than it was, but for longer numbers and so many bytes.
#[track_caller]
fn assert_no_larger(early: &[(&str, usize)], late: &[(&str, usize)], more: f64, what: &str) {
    for ((name, early), (_, late)) in early.iter().zip(late) {
        let allowed = LONGER_NUMBERS * *early as f64 + more;
        assert!(*late as f64 <= allowed, "{what}: {early} bytes of {name}, later {late}");
    }
}

/// The mean of each part but the recording over the seconds of a stretch; `most` is raised to the most requests under way.
fn means(simulation: &mut Simulation, from: f64, to: f64, most: &mut usize) -> Vec<(&'static str, f64)> {
    let seconds = (to - from) as u32;
    let mut sums: Vec<(&'static str, f64)> = Vec::new();
    for second in 1..=seconds {
        simulation.run_until(at(from + f64::from(second)));
        *most = simulation.under_way().max(*most);
        let mut now = simulation.state_sizes();
        now.retain(|(name, _)| *name != "recording");
        sums.resize(now.len(), ("", 0.0));
        for (sum, (name, bytes)) in sums.iter_mut().zip(now) {
            *sum = (name, sum.1 + bytes as f64 / f64::from(seconds));
        }
    }
    sums
}

/// On average as large after four times the time as before.
#[track_caller]
fn assert_does_not_grow(simulation: &mut Simulation, time: f64, what: &str) {
    let mut most = 0;
    let early = means(simulation, time / 2.0, time, &mut most);
    let recorded_early = recorded(simulation);
    let late = means(simulation, 3.5 * time, 4.0 * time, &mut most);
    for ((name, early), (_, late)) in early.iter().zip(&late) {
        let allowed = CHANCE * early + FREE_PLACE * most as f64;
        assert!(*late <= allowed, "{what}: {early:.0} bytes of {name}, later {late:.0}, {most} requests at most");
    }
    assert!(recorded(simulation) > 3 * recorded_early, "{what}: what does grow is seen to grow");
    assert_eq!(simulation.audit(), Vec::<String>::new(), "{what}");
}

fn lognormal() -> Distribution {
    Distribution::lognormal(10e6, 1.0).expect("valid")
}

fn patient_retry() -> RetrySpec {
    RetrySpec {
        backoff: Backoff::Exponential { base: ms(100.0), multiplier: 2.0, cap: ms(400.0) },
        jitter: Jitter::Full,
        ..at_once(3)
    }
}

/// Two tiers behind a bounded queue, with `layers` between them, and the users of `arrivals` with retries and a timeout.
fn tiers(layers: Vec<Layer>, arrivals: Arrivals) -> Builder {
    let mut builder = Builder::default();
    let api = builder.service("api", Capacity::Workers(32));
    builder.system.services[api].queue = QueueSpec { capacity: Some(1_000), discipline: Discipline::Fifo };
    let db = builder.service("db", Capacity::ProcessorSharing { cores: 8 });
    builder.system.services[db].connect_time = exponential(5.0);
    let query = builder.endpoint(db, "query", &[Step::Work(lognormal())]);
    let to_db = builder.dependency(Some(api), db, layers);
    builder.system.dependencies[to_db].link.latency = exponential(0.5);
    let twice = Step::Parallel(vec![vec![Step::Call(call(to_db, query))]; 2]);
    let get = builder.endpoint(api, "get", &[Step::Work(exponential(2.0)), twice, Step::Spawn(call(to_db, query))]);
    let users = vec![Layer::Deadline(ms(20_000.0)), Layer::Retry(patient_retry()), Layer::Timeout(ms(500.0))];
    let to_api = builder.dependency(None, api, users);
    builder.population(arrivals, call(to_api, get));
    builder
}

/// Every layer there is, with settings that all come into play.
fn every_layer() -> Vec<Layer> {
    let breaker = BreakerSpec {
        sliding_window_type: SlidingWindowType::TimeBased,
        slow_call_duration_threshold: ms(60.0),
        slow_call_rate_threshold: 20.0,
        wait_duration_in_open_state: ms(500.0),
        ..BreakerSpec::default()
    };
    let pool = PoolSpec {
        maximum_pool_size: 8,
        minimum_idle: Some(2),
        idle_timeout: SimDuration::from_secs(10),
        max_lifetime: SimDuration::from_secs(30),
        ..PoolSpec::hikaricp()
    };
    vec![
        Layer::Retry(RetrySpec { budget: Some(RetryBudgetSpec::finagle()), ..patient_retry() }),
        Layer::Breaker { spec: breaker, scope: BreakerScope::Service },
        Layer::RateLimit(RateLimitSpec::per_second(1_000, 50)),
        Layer::Bulkhead(BulkheadSpec { max_concurrent_calls: 12, max_wait_duration: ms(50.0) }),
        Layer::Timeout(ms(100.0)),
        Layer::Pool(pool),
    ]
}

#[test]
fn a_steady_system_with_every_layer_and_kind_of_traffic_stays_as_large_as_it_is() {
    let mut builder = tiers(every_layer(), Arrivals::Poisson(Profile::constant(150.0)));
    let call = builder.populations[Id::new(0)].mix[0].call;
    builder.population(Arrivals::Closed { users: 50, think: exponential(1_000.0) }, call);
    let starts = Profile::constant(4.0);
    builder.population(Arrivals::Sessions { starts, continues: 0.9, think: exponential(500.0) }, call);
    let simulation = &mut builder.simulate(1);
    assert_does_not_grow(simulation, 240.0, "steady");
    let totals = &simulation.recording().totals;
    let errors = totals.dependencies[0].errors;
    assert!(
        errors.iter().sum::<u64>() > 1_000 && totals.dependencies[0].retries > 1_000,
        "all come into play: {errors:?}"
    );
}

/// Half as much traffic again as can be served, for ever, whoever gives up taking the request back: what waits is bounded by
/// the callers' patience in every discipline, also where those who wait longest are never served.
#[test]
fn queues_forget_those_who_gave_up_though_they_are_never_empty() {
    for discipline in [Discipline::Fifo, Discipline::Lifo, Discipline::Priority] {
        let mut builder = Builder::default();
        let server = builder.service("server", Capacity::Workers(4));
        builder.system.services[server].queue = QueueSpec { capacity: Some(10_000), discipline };
        let serve = builder.endpoint(server, "serve", &[Step::Work(exponential(10.0))]);
        for (priority, rate) in [(0, 450.0), (1, 150.0)] {
            let ask = builder.dependency(None, server, vec![Layer::Timeout(ms(200.0))]);
            builder.system.dependencies[ask].cancels = true;
            let population = builder.poisson(rate, call(ask, serve));
            builder.populations[population].priority = priority;
        }
        assert_does_not_grow(&mut builder.simulate(1), 40.0, &format!("{discipline:?}"));
    }
}

/// A rate with a spike of five seconds in every minute.
fn storms(rate: f64, high: f64, count: u32) -> Arrivals {
    let mut points = vec![(at(0.0), rate)];
    for storm in 0..count {
        let start = 60.0 * f64::from(storm) + 30.0;
        points
            .extend([(start, rate), (start, high), (start + 5.0, high), (start + 5.0, rate)].map(|(s, r)| (at(s), r)));
    }
    Arrivals::Poisson(Profile::new(points).expect("a valid profile"))
}

/// What a storm leaves behind are free places, as many as there were requests at its height, and no more with every storm.
#[test]
fn storms_of_retries_leave_nothing_behind_but_free_places() {
    let simulation = &mut tiers(every_layer(), storms(140.0, 1_500.0, 8)).simulate(1);
    let before = largest(simulation, 10.0, 30.0);
    let mut most = 0;
    for half_second in 60..=80 {
        simulation.run_until(at(f64::from(half_second) / 2.0));
        most = most.max(simulation.under_way());
    }
    assert!(most > 1_000, "a storm of {most} requests under way");
    let first = largest(simulation, 75.0, 90.0);
    assert_no_larger(&before, &first, FREE_PLACE * most as f64, "after a storm");
    let last = largest(simulation, 495.0, 510.0);
    assert_no_larger(&first, &last, FEW, "after eight storms");
}
