//! Waiting: order, timeouts, cancellation, limits, leaks.

use super::super::{Acquire, Departure, Pool, PoolSpec};
use super::rig::{Note, Rig, at, ms};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

fn fixed(size: u32) -> (PoolSpec, Pool<u32>) {
    let spec = PoolSpec::fixed(size, ms(1_000));
    let pool = Pool::new(&spec, SimTime::ZERO, 0, Key::new(0));
    (spec, pool)
}

#[test]
fn waiters_are_served_in_the_order_of_their_arrival_without_those_who_left() {
    let (spec, mut pool) = fixed(1);
    let Acquire::Ready(mut connection) = pool.acquire(&spec, at(0), 0) else { panic!("a connection is free") };
    let mut tickets = Vec::new();
    for waiter in 1..=6 {
        let Acquire::Parked { ticket, timeout_at } = pool.acquire(&spec, at(1), waiter) else { panic!("none is free") };
        assert_eq!(timeout_at, Some(at(1_001)));
        tickets.push(ticket);
    }
    for left in [0, 2, 5] {
        assert!(pool.abandon(at(2), tickets[left], Departure::Cancelled));
        assert!(!pool.abandon(at(2), tickets[left], Departure::Cancelled), "nobody leaves twice");
    }
    for expected in [2, 4, 5] {
        let grant = pool.release(&spec, at(10), connection, false).expect("somebody waits");
        assert_eq!((grant.waiter, grant.validate, grant.waited), (expected, false, ms(9)));
        connection = grant.connection;
    }
    assert!(!pool.abandon(at(11), tickets[1], Departure::TimedOut), "it has been served");
    assert_eq!(pool.release(&spec, at(11), connection, false), None);
    assert_eq!((pool.counters().cancelled, pool.counters().timeouts), (3, 0));
}

#[test]
fn an_old_ticket_does_not_remove_the_next_waiter_in_its_place() {
    let (spec, mut pool) = fixed(1);
    let _ = pool.acquire(&spec, at(0), 0);
    let Acquire::Parked { ticket, .. } = pool.acquire(&spec, at(0), 1) else { panic!("none is free") };
    assert!(pool.abandon(at(1), ticket, Departure::TimedOut));
    let _ = pool.acquire(&spec, at(1), 2);
    assert!(!pool.abandon(at(1), ticket, Departure::TimedOut));
    assert_eq!(pool.gauges(&spec).pending, 1);
}

#[test]
fn a_waiter_times_out_after_connection_timeout_and_zero_waits_for_ever() {
    for (connection_timeout, expected) in [(ms(250), vec![at(1_250)]), (SimDuration::ZERO, vec![])] {
        let spec = PoolSpec { connection_timeout, validation_timeout: ms(250), ..PoolSpec::hikaricp() };
        assert_eq!(spec.login_timeout().is_none(), connection_timeout.is_zero());
        let mut rig = Rig::new(spec, 0);
        rig.server_up = false;
        rig.arrive(at(1_000), 0..1);
        rig.run_until(SimTime::from_secs(3_000));
        assert_eq!(rig.times_of(|note| note == Note::TimedOut(0)), expected);
    }
}

#[test]
fn one_waiter_too_many_is_rejected_at_once() {
    let mut rig = Rig::new(PoolSpec { maximum_waiters: Some(2), ..PoolSpec::fixed(1, ms(50)) }, 0);
    rig.hold = Some(ms(10));
    rig.arrive(at(5), 0..4);
    rig.run_until(at(100));
    assert_eq!(rig.times_of(|note| note == Note::Rejected(3)), [at(5)]);
    assert_eq!(rig.served(), [(at(5), 0), (at(15), 1), (at(25), 2)]);
    assert_eq!(rig.pool.counters().rejected, 1);
}

#[test]
fn leaks_exhaust_the_pool_until_everybody_times_out() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 3, ..PoolSpec::hikaricp() }, 3);
    rig.hold = None;
    rig.arrive(at(100), 0..3);
    rig.run_until(at(200));
    let all: Vec<_> = rig.pool.connections().map(|(id, _)| id).collect();
    for connection in &all {
        rig.pool.leak(*connection);
    }
    rig.arrive(at(300), 3..9);
    rig.run_until(SimTime::from_secs(4_000));
    assert_eq!(rig.times_of(|note| matches!(note, Note::TimedOut(_))), [at(30_300); 6]);
    let gauges = rig.gauges();
    assert_eq!(
        (gauges.active, gauges.leaked, gauges.idle, gauges.total),
        (3, 3, 0, 3),
        "not even maxLifetime frees them"
    );
    assert_eq!(rig.pool.release(&rig.spec, rig.now, all[0], false), None);
    assert_eq!((rig.gauges().leaked, rig.gauges().total, rig.pool.counters().leaks), (2, 2, 3));
}

#[test]
fn held_connections_are_suspected_of_being_leaked_from_the_threshold_on() {
    let leak_detection_threshold = SimDuration::from_secs(2);
    let mut rig = Rig::new(PoolSpec { leak_detection_threshold, ..PoolSpec::hikaricp() }, 10);
    rig.hold = Some(ms(2_500));
    rig.arrive(at(100), 0..2);
    rig.arrive(at(2_500), 2..3);
    let mut warnings = Vec::new();
    for millis in [2_099, 2_100, 2_600, 4_400, 4_501, 9_000] {
        rig.run_until(at(millis));
        warnings.push(rig.pool.leak_warnings(rig.now));
    }
    assert_eq!(
        warnings,
        [0, 2, 2, 2, 3, 3],
        "the third was validated first, and is held from 2501 ms on at the latest"
    );
}

#[test]
#[should_panic(expected = "the connection has been closed")]
fn a_connection_that_was_closed_cannot_be_returned() {
    let (spec, mut pool) = fixed(1);
    let Acquire::Ready(connection) = pool.acquire(&spec, at(0), 0) else { panic!("a connection is free") };
    let _ = pool.release(&spec, at(1), connection, true);
    let _ = pool.release(&spec, at(1), connection, false);
}
