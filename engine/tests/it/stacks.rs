//! Every kind of layer around every other, with outcomes counted by hand.
//!
//! A service fails every request after 1 s, however many there are. Four come: at 1 s, and 50 ms, 600 ms and 2.5 s after
//! that. Each kind of layer has settings of its own under which it alone decides about some of them:
//!
//! | layer | settings | outcome |
//! |---|---|---|
//! | D, deadline | 500 ms | `d` |
//! | T, timeout | 300 ms | `t` |
//! | R, retry | two attempts, for every error, at once | that of the last attempt |
//! | K, breaker | the first failure opens it for a minute | `k` |
//! | L, rate limit | one permit each 10 s; whoever gets none learns of it after 200 ms | `l` |
//! | H, bulkhead | one call; others wait for 100 ms | `h` |
//! | P, pool | one connection, always open; others wait for 150 ms | `p` |
//!
//! A request that nothing stops ends with `i`, after 1 s an attempt.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{
    BreakerScope, BreakerSpec, BulkheadSpec, Capacity, DependencySpec, ErrorKind, Layer, PoolSpec, RateLimitSpec,
    Rejection, Step,
};
use brownout::traffic::{Arrivals, TraceEntry};
use brownout::units::{SimDuration, SimTime};

use crate::systems::{Builder, at, at_once, call, constant, ms};

/// After how many milliseconds from 1 s on each request comes.
const COMES: [u64; 4] = [0, 50, 600, 2_500];

/// By the layers, the outer one first: how each of the four requests ends, and after how many milliseconds.
const OUTCOMES: [&str; 42] = [
    // The shorter limit ends everything.
    "DT t300 t300 t300 t300",
    "TD t300 t300 t300 t300",
    // Outside, a limit is for both attempts together; inside, for each.
    "DR d500 d500 d500 d500",
    "RD d1000 d1000 d1000 d1000",
    "TR t300 t300 t300 t300",
    "RT t600 t600 t600 t600",
    // What ran out of time opens the breaker on either side.
    "DK d500 d500 k0 k0",
    "KD d500 d500 k0 k0",
    "TK t300 t300 k0 k0",
    "KT t300 t300 k0 k0",
    // The wait for a permit is shorter than the limits.
    "DL d500 l200 l200 l200",
    "LD d500 l200 l200 l200",
    "TL t300 l200 l200 l200",
    "LT t300 l200 l200 l200",
    // Nor does the wait in line last that long; the third finds the place free that the first had to leave.
    "DH d500 h100 d500 d500",
    "HD d500 h100 d500 d500",
    "TH t300 h100 t300 t300",
    "HT t300 h100 t300 t300",
    "DP d500 p150 d500 d500",
    "PD d500 p150 d500 d500",
    "TP t300 p150 t300 t300",
    "PT t300 p150 t300 t300",
    // The first to fail, at 1 s, opens the breaker for all further attempts.
    "RK k1000 k1000 k1000 k0",
    // The breaker takes two attempts for one call: it opens at 2 s.
    "KR i2000 i2000 i2000 k0",
    // Every attempt needs a permit of its own.
    "RL l1200 l400 l400 l400",
    "LR i2000 l200 l200 l200",
    // Every attempt waits in line; the second of the first request finds nobody waiting.
    "RH i2000 h200 h200 i2000",
    "HR i2000 h100 h100 i2000",
    "RP i2000 p300 p300 i2000",
    "PR i2000 p150 p150 i2000",
    // A rejection further in is the first failure that the breaker sees, at 250, 150 and 200 ms.
    "KL i1000 l200 k0 k0",
    "KH i1000 h100 k0 k0",
    "KP i1000 p150 k0 k0",
    "LK i1000 l200 l200 l200",
    "HK i1000 h100 h100 k0",
    "PK i1000 p150 p150 k0",
    // Who waits for the outer layer never comes to the inner one; the last comes when the first has left both.
    "LH i1000 l200 l200 l200",
    "HL i1000 h100 h100 l200",
    "LP i1000 l200 l200 l200",
    "PL i1000 p150 p150 l200",
    "HP i1000 h100 h100 i1000",
    "PH i1000 p150 p150 i1000",
];

fn layer(letter: char) -> Layer {
    match letter {
        'D' => Layer::Deadline(ms(500.0)),
        'T' => Layer::Timeout(ms(300.0)),
        'R' => Layer::Retry(at_once(2)),
        'K' => {
            let spec = BreakerSpec { sliding_window_size: 1, minimum_number_of_calls: 1, ..BreakerSpec::default() };
            Layer::Breaker { spec, scope: BreakerScope::Service }
        }
        'L' => Layer::RateLimit(RateLimitSpec::Cycles {
            limit_for_period: 1,
            limit_refresh_period: SimDuration::from_secs(10),
            timeout_duration: ms(200.0),
            rejection: Rejection::AfterTimeout,
        }),
        'H' => Layer::Bulkhead(BulkheadSpec { max_concurrent_calls: 1, max_wait_duration: ms(100.0) }),
        'P' => Layer::Pool(PoolSpec::fixed(1, ms(150.0))),
        other => unreachable!("no layer is called {other}"),
    }
}

fn kind(letter: &str) -> ErrorKind {
    match letter {
        "d" => ErrorKind::DeadlineExceeded,
        "t" => ErrorKind::Timeout,
        "k" => ErrorKind::BreakerOpen,
        "l" => ErrorKind::RateLimited,
        "h" => ErrorKind::BulkheadFull,
        "p" => ErrorKind::PoolTimeout,
        "i" => ErrorKind::Internal,
        other => unreachable!("no error is called {other}"),
    }
}

fn instant(millis: u64) -> SimTime {
    at(1.0) + SimDuration::from_millis(millis)
}

fn simulation(layers: &str) -> (Simulation, Id<DependencySpec>) {
    let mut builder = Builder::default();
    let service = builder.service("failing", Capacity::Unlimited);
    let fail = builder.endpoint(service, "fail", &[Step::Work(constant(1_000.0)), Step::Fail(ErrorKind::Internal)]);
    let dependency = builder.dependency(None, service, layers.chars().map(layer).collect());
    let trace = COMES.iter().map(|millis| TraceEntry { at: instant(*millis), entry: None }).collect();
    builder.population(Arrivals::Trace(trace), call(dependency, fail));
    (builder.simulate(1), dependency)
}

/// Runs a stack, and checks right before and after each end how many calls are under way, and in the end all errors and
/// that everything has come back.
fn check(layers: &str, ends: &[(ErrorKind, u64)]) {
    let (mut simulation, dependency) = simulation(layers);
    let lives: Vec<_> = COMES.iter().zip(ends).map(|(comes, (_, lasts))| (*comes, comes + lasts)).collect();
    let mut instants: Vec<_> = lives.iter().map(|(_, end)| *end).collect();
    instants.sort_unstable();
    instants.dedup();
    for end in instants {
        let before = instant(end);
        for (until, inside) in [
            (before, lives.iter().filter(|(from, to)| *from < end && end <= *to).count()),
            (before + SimDuration::from_nanos(1), lives.iter().filter(|(from, to)| *from <= end && end < *to).count()),
        ] {
            simulation.run_until(until);
            let found = simulation.inspect(|model| model.calls_under_way(dependency));
            assert_eq!(found, inside, "{layers}: under way at {until:?}");
            assert!(simulation.audit().is_empty(), "{layers} at {until:?}: {:?}", simulation.audit());
        }
    }
    simulation.run_until(at(10.0));
    assert!(simulation.audit().is_empty(), "{layers}: {:?}", simulation.audit());
    assert_eq!(simulation.under_way(), 0, "{layers}");
    assert_eq!(simulation.inspect(|model| model.pool_gauges(dependency)).active, 0, "{layers}");
    let flow = &simulation.recording().totals.dependencies[dependency.index()];
    let mut errors = [0; ErrorKind::COUNT];
    ends.iter().for_each(|(kind, _)| errors[*kind as usize] += 1);
    assert_eq!((flow.offered, flow.succeeded, flow.errors), (COMES.len() as u64, 0, errors), "{layers}");
}

#[test]
fn every_layer_does_its_part_inside_every_other() {
    for row in OUTCOMES {
        let (layers, ends) = row.split_once(' ').expect("layers and outcomes");
        let ends: Vec<_> = ends
            .split(' ')
            .map(|end| end.split_at(1))
            .map(|(letter, millis)| (kind(letter), millis.parse().expect("milliseconds")))
            .collect();
        check(layers, &ends);
    }
}

#[test]
fn the_table_has_every_ordered_pair() {
    let letters = ["D", "T", "R", "K", "L", "H", "P"];
    for outer in letters {
        for inner in letters.into_iter().filter(|inner| *inner != outer) {
            let pair = format!("{outer}{inner} ");
            assert_eq!(OUTCOMES.iter().filter(|row| row.starts_with(&pair)).count(), 1, "{pair}");
        }
    }
}
