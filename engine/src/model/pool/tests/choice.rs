//! Which idle connection is handed out, and when it must be validated first.

use super::super::{Acquire, IdleChoice, PoolSpec};
use super::rig::{Note, Rig, at, ms};
use crate::units::{SimDuration, SimTime};

fn distinct_connections_used(choice: IdleChoice) -> usize {
    let mut rig = Rig::new(PoolSpec { idle_choice: choice, ..PoolSpec::hikaricp() }, 10);
    for caller in 0..40 {
        rig.arrive(at(u64::from(caller) * 10), caller..caller + 1);
    }
    rig.run_until(at(1_000));
    let mut used: Vec<_> = rig.noted(|note| if let Note::Served(_, id) = note { Some(id) } else { None });
    used.sort_by_key(|(_, id)| *id);
    used.dedup_by_key(|(_, id)| *id);
    used.len()
}

#[test]
fn the_most_recently_used_choice_stays_with_one_connection_and_the_least_recently_used_takes_turns() {
    assert_eq!(distinct_connections_used(IdleChoice::MostRecentlyUsed), 1);
    assert_eq!(distinct_connections_used(IdleChoice::LeastRecentlyUsed), 10);
}

/// One request at a time: with the most recently used first, the surplus sits idle and is closed; taking turns, nine
/// surplus connections each used every 10 s never reach an idle timeout of 60 s.
#[test]
fn the_choice_decides_whether_surplus_connections_time_out() {
    for (idle_choice, expected) in [(IdleChoice::MostRecentlyUsed, 1), (IdleChoice::LeastRecentlyUsed, 10)] {
        let idle_timeout = SimDuration::from_secs(60);
        let spec = PoolSpec { idle_choice, idle_timeout, minimum_idle: Some(1), ..PoolSpec::hikaricp() };
        let mut rig = Rig::new(spec, 10);
        for caller in 0..300 {
            rig.arrive(SimTime::from_secs(u64::from(caller)), caller..caller + 1);
        }
        rig.run_until(SimTime::from_secs(300));
        assert_eq!(rig.gauges().total, expected, "{idle_choice:?}");
    }
}

/// aliveBypassWindowMs = 500: validated when idle for more than that, not at exactly that.
#[test]
fn a_connection_idle_for_more_than_the_bypass_window_is_validated() {
    for (gap, validated) in [(ms(500), 0), (ms(500).saturating_add(SimDuration::from_nanos(1)), 1)] {
        let mut rig = Rig::new(PoolSpec { maximum_pool_size: 1, ..PoolSpec::hikaricp() }, 1);
        rig.arrive(SimTime::ZERO + gap, 0..1);
        rig.run_until(at(1_000));
        assert_eq!(rig.times_of(|note| matches!(note, Note::Validating(_))).len(), validated);
        assert_eq!(rig.served().len(), 1);
    }
}

/// Each dead connection costs a validation, the next is tried, and all of it counts against connectionTimeout.
#[test]
fn dead_connections_are_closed_one_after_the_other_within_the_acquire_timeout() {
    let spec = PoolSpec {
        maximum_pool_size: 5,
        minimum_idle: Some(0),
        connection_timeout: ms(1_000),
        validation_timeout: ms(300),
        ..PoolSpec::hikaricp()
    };
    let mut rig = Rig::new(spec, 5);
    rig.server_up = false;
    rig.validation_time = ms(300);
    rig.arrive(at(5_000), 0..1);
    rig.run_until(at(10_000));
    let validations = rig.times_of(|note| matches!(note, Note::Validating(_)));
    assert_eq!(validations, [at(5_000), at(5_300), at(5_600), at(5_900)]);
    assert_eq!(
        rig.times_of(|note| note == Note::TimedOut(0)),
        [at(6_200)],
        "the last validation runs past the timeout"
    );
    assert_eq!((rig.gauges().idle, rig.pool.counters().validations_failed), (1, 4));
    assert_eq!(rig.pool.counters().timeouts, 1);
}

#[test]
fn an_acquirer_whose_connection_was_dead_waits_with_what_is_left_of_its_timeout() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 1, ..PoolSpec::hikaricp() }, 1);
    let Acquire::Validate(connection) = rig.pool.acquire(&rig.spec, at(10_000), 0) else { panic!("it was idle") };
    let answer = rig.pool.validated(&rig.spec, at(12_000), connection, false);
    let Acquire::Parked { timeout_at, .. } = answer else { panic!("the only connection was dead: {answer:?}") };
    assert_eq!(timeout_at, Some(at(40_000)));
}

#[test]
fn a_connection_that_was_just_returned_or_opened_is_not_validated() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 2, ..PoolSpec::hikaricp() }, 1);
    rig.hold = Some(ms(5_000));
    rig.arrive(at(50), 0..3);
    rig.run_until(at(20_000));
    assert_eq!(rig.served().len(), 3);
    assert_eq!(rig.times_of(|note| matches!(note, Note::Validating(_))), []);
}
