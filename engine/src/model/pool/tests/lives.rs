//! Lifetimes, idle timeouts, keepalives (`HikariCP` 6.0.0: `HikariPool`, README).

use super::super::slots::Life;
use super::super::{CloseReason, PoolEffect, PoolSpec};
use super::rig::{Note, Rig, at, ms};
use crate::rng::Key;
use crate::units::{SimDuration, SimTime};

fn closures(rig: &Rig, why: CloseReason) -> Vec<SimTime> {
    rig.times_of(|note| matches!(note, Note::Closed(_, reason) if reason == why))
}

fn lifetimes(spec: &PoolSpec) -> Vec<f64> {
    let draw = |n| Life::drawn(spec, SimTime::ZERO, Key::named(3, 0, "life", n)).ends_at;
    (0..4_000).map(|n| draw(n).as_secs_f64() / spec.max_lifetime.as_secs_f64()).collect()
}

/// Uniform on (1 - v, 1]: mean 1 - v/2, and both ends of the range are reached. The standard error of the mean of 4,000
/// draws is v / sqrt(12 * 4000), so five of them are 2.3 % of v.
#[test]
fn lifetimes_are_shortened_by_up_to_2_5_percent_or_25_percent_later() {
    for (spec, variance) in [(PoolSpec::hikaricp(), 0.025), (PoolSpec::hikaricp_after_6_0(), 0.25)] {
        let drawn = lifetimes(&spec);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        assert!(drawn.iter().all(|life| *life > 1.0 - variance - 1e-9 && *life <= 1.0));
        assert!((mean - (1.0 - variance / 2.0)).abs() < 0.023 * variance, "mean {mean}");
        assert!(
            drawn.iter().any(|life| *life < 1.0 - 0.99 * variance)
                && drawn.iter().any(|life| *life > 1.0 - 0.01 * variance)
        );
    }
}

#[test]
fn old_connections_are_closed_one_by_one_and_replaced() {
    let mut rig = Rig::new(PoolSpec::hikaricp(), 10);
    rig.run_until(SimTime::from_secs(1_801));
    let closed = closures(&rig, CloseReason::MaxLifetime);
    assert_eq!(closed.len(), 10);
    assert!(closed.iter().all(|when| *when > SimTime::from_secs(1_755) && *when <= SimTime::from_secs(1_800)));
    rig.run_until(SimTime::from_secs(1_810));
    assert_eq!((rig.gauges().idle, rig.pool.counters().created), (10, 10));
}

#[test]
fn a_connection_in_use_is_marked_and_closed_when_it_comes_back() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 1, ..PoolSpec::hikaricp() }, 1);
    rig.hold = None;
    rig.arrive(at(400), 0..2);
    rig.run_until(SimTime::from_secs(2_000));
    assert_eq!(closures(&rig, CloseReason::MaxLifetime), []);
    let (connection, _) = rig.pool.connections().next().expect("one connection");
    rig.arrive(rig.now, 7..8);
    rig.release_at(rig.now, connection);
    rig.run_until(rig.now + ms(150));
    assert_eq!(closures(&rig, CloseReason::MaxLifetime), [SimTime::from_secs(2_000)]);
    assert_eq!(rig.served().last(), Some(&(SimTime::from_secs(2_000) + ms(150), 7)), "served by the replacement");
}

#[test]
fn without_a_maximum_lifetime_connections_stay() {
    let mut rig = Rig::new(PoolSpec { max_lifetime: SimDuration::ZERO, ..PoolSpec::hikaricp() }, 10);
    rig.run_until(SimTime::from_secs(100_000));
    assert_eq!(rig.notes, []);
}

/// README: "subject to a maximum variation of +30 seconds"; never before the timeout.
#[test]
fn idle_connections_are_closed_after_the_idle_timeout_by_the_next_run_of_the_housekeeper() {
    let spec = PoolSpec { minimum_idle: Some(0), idle_timeout: SimDuration::from_secs(60), ..PoolSpec::hikaricp() };
    let mut rig = Rig::new(spec, 6);
    rig.arrive(at(30_097), 0..6);
    rig.run_until(SimTime::from_secs(1_000));
    assert_eq!(rig.served()[5], (at(30_098), 5), "after validation; returned at 30.1 s");
    let closed = closures(&rig, CloseReason::IdleTimeout);
    assert_eq!(closed, [at(120_100); 6], "at 90.1 s it is exactly 60 s, which is not more than 60 s");
    assert_eq!(rig.gauges().total, 0);
}

#[test]
fn the_connection_opened_last_is_the_first_to_time_out() {
    let spec = PoolSpec { minimum_idle: Some(1), idle_timeout: SimDuration::from_secs(60), ..PoolSpec::hikaricp() };
    let mut rig = Rig::new(spec, 3);
    let all: Vec<_> = rig.pool.connections().map(|(id, _)| id).collect();
    rig.run_until(SimTime::from_secs(100));
    let closed = rig.noted(|note| if let Note::Closed(id, _) = note { Some(id) } else { None });
    assert_eq!(closed, [(at(60_100), all[2]), (at(60_100), all[1])]);
}

#[test]
fn a_pool_of_fixed_size_has_no_idle_timeout() {
    let mut rig = Rig::new(PoolSpec { max_lifetime: SimDuration::ZERO, ..PoolSpec::hikaricp() }, 10);
    rig.run_until(SimTime::from_secs(5_000));
    assert_eq!(rig.gauges().idle, 10);
}

fn keepalive_spec() -> PoolSpec {
    let keepalive_time = SimDuration::from_secs(60);
    PoolSpec { maximum_pool_size: 1, keepalive_time, max_lifetime: SimDuration::ZERO, ..PoolSpec::hikaricp() }
}

#[test]
fn an_idle_connection_is_pinged_with_a_constant_pause_shortened_by_up_to_a_tenth() {
    let mut rig = Rig::new(keepalive_spec(), 1);
    rig.run_until(SimTime::from_secs(1_000));
    let pings = rig.times_of(|note| matches!(note, Note::Pinging(_)));
    let heartbeat = pings[0].since(SimTime::ZERO);
    assert!(heartbeat > SimDuration::from_secs(54) && heartbeat <= SimDuration::from_secs(60));
    assert!(pings.len() >= 16);
    assert!(pings.windows(2).all(|pair| pair[1].since(pair[0]) == heartbeat + rig.validation_time));
}

#[test]
fn a_busy_connection_is_not_pinged_and_a_dead_one_is_replaced() {
    let mut rig = Rig::new(keepalive_spec(), 1);
    rig.hold = Some(SimDuration::from_secs(70));
    rig.arrive(at(100), 0..1);
    rig.run_until(SimTime::from_secs(71));
    assert_eq!(rig.times_of(|note| matches!(note, Note::Pinging(_))), []);
    rig.server_up = false;
    rig.run_until(SimTime::from_secs(125));
    assert_eq!(closures(&rig, CloseReason::Dead).len(), 1);
    rig.server_up = true;
    rig.run_until(SimTime::from_secs(140));
    assert_eq!((rig.gauges().idle, rig.pool.counters().validations_failed), (1, 1));
}

/// A ping is no use: `lastAccessed` stays, so the waiter that gets the connection after its ping validates it.
#[test]
fn a_waiter_gets_the_connection_after_its_ping_and_validates_it() {
    let mut rig = Rig::new(keepalive_spec(), 1);
    rig.run_until(SimTime::from_secs(30));
    rig.validation_time = ms(100);
    while rig.gauges().reserved == 0 {
        rig.run_until(rig.now + ms(10));
    }
    rig.arrive(rig.now, 5..6);
    rig.run_until(rig.now);
    assert_eq!(rig.gauges().pending, 1);
    rig.run_until(rig.now + ms(201));
    let pinged = rig.times_of(|note| matches!(note, Note::Pinging(_)))[0];
    assert_eq!(rig.times_of(|note| matches!(note, Note::Validating(_))), [pinged + ms(100)]);
    assert_eq!(rig.served(), [(pinged + ms(200), 5)]);
}

#[test]
fn a_ping_does_not_change_which_connection_was_used_last() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 3, ..keepalive_spec() }, 3);
    for round in 0..8 {
        rig.arrive(at(1_000 + u64::from(round) * 70_000), round..round + 1);
    }
    rig.run_until(SimTime::from_secs(600));
    assert!(rig.times_of(|note| matches!(note, Note::Pinging(_))).len() > 3 * 7);
    let used = rig.noted(|note| if let Note::Served(_, id) = note { Some(id) } else { None });
    assert!(used.len() == 8 && used.iter().all(|(_, id)| *id == used[0].1), "{used:?}");
}

/// `HikariPool.KeepaliveTask` asks for a replacement on behalf of those who wait, whatever `minimumIdle` is.
#[test]
fn whoever_waits_for_a_connection_that_dies_under_its_ping_gets_a_new_one() {
    let mut rig = Rig::new(PoolSpec { minimum_idle: Some(0), ..keepalive_spec() }, 1);
    rig.spec.idle_timeout = SimDuration::ZERO;
    rig.validation_time = ms(100);
    while rig.gauges().reserved == 0 {
        rig.run_until(rig.now + ms(10));
    }
    rig.arrive(rig.now, 0..1);
    rig.server_up = false;
    rig.run_until(rig.now + ms(100));
    rig.server_up = true;
    let opening = rig.times_of(|note| note == Note::Opening)[0];
    assert_eq!(closures(&rig, CloseReason::Dead), [opening]);
    rig.run_until(rig.now + ms(150));
    assert_eq!(rig.served(), [(opening + ms(150), 0)]);
}

#[test]
fn evicting_closes_the_idle_ones_now_and_the_others_on_return() {
    let mut rig = Rig::new(PoolSpec::hikaricp(), 10);
    rig.hold = Some(ms(1_000));
    rig.arrive(at(400), 0..4);
    rig.run_until(at(500));
    rig.pool.evict_all(&rig.spec, rig.now);
    assert_eq!((rig.gauges().idle, rig.gauges().active), (0, 4));
    while let Some(effect) = rig.pool.next_effect() {
        assert!(matches!(effect, PoolEffect::Closed(_, CloseReason::Evicted) | PoolEffect::OpenConnection));
    }
    rig.run_until(at(1_400));
    assert_eq!((rig.gauges().total, rig.pool.counters().closed[CloseReason::Evicted as usize]), (0, 10));
}
