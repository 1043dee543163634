//! One adder: ramp, elision, back-off (`HikariPool.PoolEntryCreator`, `HikariCP` 6.0.0).

use super::super::PoolSpec;
use super::rig::{Note, Rig, at, ms};
use crate::units::{SimDuration, SimTime};

fn spec(maximum: u32, minimum_idle: u32) -> PoolSpec {
    PoolSpec { maximum_pool_size: maximum, minimum_idle: Some(minimum_idle), ..PoolSpec::hikaricp() }
}

fn openings(rig: &Rig) -> Vec<SimTime> {
    rig.times_of(|note| note == Note::Opening)
}

fn opened(rig: &Rig) -> Vec<SimTime> {
    rig.times_of(|note| matches!(note, Note::Opened(_)))
}

/// HikariCP documents/Welcome-To-The-Jungle.md: 50 callers at once, connect 150 ms, query 2 ms, maximum 50, minimumIdle 5:
/// "ended the run with 5 (technically six)"; all are served by five connections within 50 * 2 ms / 5.
#[test]
fn a_spike_is_served_by_the_connections_that_are_there() {
    let mut rig = Rig::new(spec(50, 5), 5);
    rig.arrive(at(1_000), 0..50);
    rig.validation_time = SimDuration::ZERO;
    rig.run_until(at(1_020));
    assert_eq!(rig.served().len(), 50);
    assert_eq!(rig.gauges().total, 5);
    rig.run_until(at(20_000));
    assert_eq!(rig.gauges().total, 6);
    assert_eq!(openings(&rig), [at(1_000)], "every later request came to nothing");
}

#[test]
fn under_sustained_demand_the_pool_grows_by_one_connection_per_connect_time_and_pause() {
    let mut rig = Rig::new(spec(8, 0), 0);
    rig.hold = None;
    rig.arrive(at(1_000), 0..20);
    rig.run_until(at(29_000));
    let expected: Vec<SimTime> = (0..8).map(|n| at(1_000 + 150 + n * 180)).collect();
    assert_eq!(opened(&rig), expected);
    let served: Vec<(SimTime, u32)> = expected.into_iter().zip(0..).collect();
    assert_eq!(rig.served(), served, "first come, first served");
}

#[test]
fn the_pool_is_filled_to_minimum_idle_from_the_first_run_of_the_housekeeper_on() {
    let mut rig = Rig::new(spec(10, 4), 1);
    rig.run_until(at(25_000));
    assert_eq!(opened(&rig), [at(250), at(430), at(610)]);
    assert_eq!(rig.gauges().idle, 4);
}

#[test]
fn a_borrowed_connection_is_not_replaced_before_the_housekeeper_comes() {
    let mut rig = Rig::new(spec(10, 4), 4);
    rig.hold = None;
    rig.arrive(at(200), 0..2);
    rig.run_until(at(30_099));
    assert_eq!(openings(&rig), []);
    rig.run_until(at(40_000));
    assert_eq!(openings(&rig), [at(30_100), at(30_280)]);
    assert_eq!((rig.gauges().idle, rig.gauges().total), (4, 6));
}

#[test]
fn failures_back_off_from_10_ms_doubling_to_5_s_and_the_next_task_starts_afresh() {
    let mut rig = Rig::new(PoolSpec { connection_timeout: SimDuration::ZERO, ..spec(10, 0) }, 0);
    rig.connect_time = ms(1);
    rig.server_up = false;
    rig.hold = None;
    rig.arrive(at(1_000), 0..2);
    rig.run_until(at(22_000));
    let sleeps: Vec<u64> =
        openings(&rig).windows(2).map(|pair| pair[1].since(pair[0]).as_nanos() / 1_000_000).collect();
    assert_eq!(sleeps, [11, 21, 41, 81, 161, 321, 641, 1_281, 2_561, 5_001, 5_001, 5_001]);
    rig.server_up = true;
    rig.run_until(at(26_200));
    assert_eq!(rig.served().len(), 2);
    let times = openings(&rig);
    assert_eq!(times[times.len() - 1].since(times[times.len() - 2]), ms(31), "a success is followed by 30 ms");
}

#[test]
fn a_task_gives_up_when_nobody_waits_any_longer() {
    let mut rig = Rig::new(spec(10, 0), 0);
    rig.server_up = false;
    rig.arrive(at(1_000), 0..1);
    rig.run_until(at(100_000));
    assert_eq!(rig.times_of(|note| note == Note::TimedOut(0)), [at(31_000)]);
    let last = openings(&rig).pop().expect("it was tried");
    assert!(last < at(31_000), "tried until the last waiter left, not after: {last}");
    assert_eq!(rig.pool.counters().timeouts, 1);
}

#[test]
fn a_full_pool_opens_nothing_however_many_wait() {
    let mut rig = Rig::new(spec(3, 3), 3);
    rig.hold = None;
    rig.arrive(at(200), 0..30);
    rig.run_until(at(30_000));
    assert_eq!((openings(&rig).len(), rig.gauges().active, rig.gauges().pending), (0, 3, 27));
}

/// `HikariPool.fillPool` only looks at `minimumIdle`: with 0, a connection that breaks is replaced on the next arrival.
#[test]
fn a_broken_connection_is_replaced_at_once_only_for_the_sake_of_minimum_idle() {
    for (minimum_idle, expected) in [(0, 0), (1, 1)] {
        let mut rig = Rig::new(spec(1, minimum_idle), 1);
        rig.hold = None;
        rig.arrive(at(200), 0..2);
        rig.run_until(at(1_000));
        let (connection, _) = rig.pool.connections().next().expect("one connection");
        assert_eq!(rig.pool.release(&rig.spec, rig.now, connection, true), None);
        assert_eq!(rig.gauges().connecting, expected);
    }
}

/// `HikariPool.addBagItem` adds a task only if more wait than tasks are queued.
#[test]
fn no_more_requests_are_queued_than_callers_wait() {
    let mut rig = Rig::new(spec(50, 10), 10);
    rig.hold = None;
    rig.arrive(at(200), 0..8);
    rig.run_until(at(200));
    rig.hold = Some(ms(20));
    rig.arrive(at(201), 8..10);
    rig.arrive(at(205), 10..12);
    rig.arrive(at(225), 12..13);
    rig.run_until(at(29_000));
    assert_eq!(openings(&rig), [at(205), at(385)], "one request was still queued when the last caller came to wait");
}

/// `addConnectionExecutor` has room for `maximumPoolSize` tasks, as it was when the pool was made.
#[test]
fn the_queue_of_requests_is_bounded_by_the_maximum_at_the_start() {
    let mut rig = Rig::new(spec(2, 0), 2);
    rig.run_until(at(150));
    rig.reconfigure(spec(50, 0));
    rig.hold = None;
    rig.arrive(at(200), 0..42);
    rig.run_until(at(29_000));
    assert_eq!(openings(&rig).len(), 3, "one under way and two queued");
}
