//! Profiles, checks of the settings, and changes at run time.

use super::super::{CloseReason, PoolEffect, PoolSpec, Shrink};
use super::rig::{Note, Rig, at, ms};
use crate::units::{SimDuration, SimTime};

/// What the setters of `HikariConfig` 6.0.0 throw at, each missed by one step.
#[test]
fn what_hikaricp_refuses_is_refused() {
    let good = PoolSpec::hikaricp;
    assert_eq!(good().validate(), []);
    assert_eq!(PoolSpec::hikaricp_after_6_0().validate(), []);
    assert_eq!(PoolSpec::fixed(1, SimDuration::ZERO).validate(), []);
    assert_eq!(PoolSpec { connection_timeout: ms(250), validation_timeout: ms(250), ..good() }.validate(), []);
    let bad = [
        ("maximumPoolSize", PoolSpec { maximum_pool_size: 0, ..good() }),
        ("maximumPoolSize", PoolSpec { maximum_pool_size: 1_000_000_000, ..good() }),
        ("connectionTimeout", PoolSpec { connection_timeout: ms(249), ..good() }),
        ("validationTimeout", PoolSpec { validation_timeout: ms(249), ..good() }),
        ("lifeTimeVarianceFactor", PoolSpec { life_time_variance_factor: 0, ..good() }),
        ("maxLifetime", PoolSpec { max_lifetime: ms(1_800_000), ..PoolSpec::fixed(5, ms(100)) }),
    ];
    for (field, spec) in bad {
        let fields: Vec<_> = spec.validate().iter().map(|issue| issue.field).collect();
        assert_eq!(fields, [field]);
    }
    let spec = PoolSpec { maximum_pool_size: 0, connection_timeout: ms(1), validation_timeout: ms(1), ..good() };
    let fields: Vec<_> = spec.validate().iter().map(|issue| issue.field).collect();
    assert_eq!(fields, ["maximumPoolSize", "connectionTimeout", "validationTimeout"], "every one at once");
}

/// `HikariConfig.validateNumerics` 6.0.0: what it puts in the place of what, each missed by one step.
#[test]
fn what_hikaricp_replaces_is_replaced() {
    let good = PoolSpec::hikaricp;
    let elastic = || PoolSpec { minimum_idle: Some(2), ..good() };
    let secs = SimDuration::from_secs;
    let cases = [
        ("maxLifetime", PoolSpec { max_lifetime: ms(29_999), ..good() }, good()),
        ("keepaliveTime", PoolSpec { keepalive_time: ms(29_999), ..good() }, good()),
        ("keepaliveTime", PoolSpec { keepalive_time: secs(1_800), ..good() }, good()),
        ("leakDetectionThreshold", PoolSpec { leak_detection_threshold: ms(1_999), ..good() }, good()),
        ("leakDetectionThreshold", PoolSpec { leak_detection_threshold: ms(1_800_001), ..good() }, good()),
        ("minimumIdle", PoolSpec { minimum_idle: Some(11), ..good() }, good()),
        ("idleTimeout", PoolSpec { idle_timeout: ms(9_999), ..elastic() }, elastic()),
        (
            "idleTimeout",
            PoolSpec { max_lifetime: secs(300), ..elastic() },
            PoolSpec { max_lifetime: secs(300), idle_timeout: SimDuration::ZERO, ..elastic() },
        ),
        (
            "idleTimeout",
            PoolSpec { idle_timeout: ms(1_799_001), ..elastic() },
            PoolSpec { idle_timeout: SimDuration::ZERO, ..elastic() },
        ),
    ];
    for (field, written, used) in cases {
        let mut spec = written;
        let fields: Vec<_> = spec.settle(&good()).iter().map(|issue| issue.field).collect();
        assert_eq!((fields.as_slice(), &spec), (&[field][..], &used));
        assert_eq!(spec.settle(&good()), [], "settled once, it stays");
    }
    let mut fixed = PoolSpec { idle_timeout: secs(60), ..good() };
    assert_eq!(fixed.settle(&good())[0].field, "idleTimeout", "without effect in a pool of fixed size");
    assert_eq!(fixed.idle_timeout, secs(60));
    let mut sound = PoolSpec { idle_timeout: ms(1_799_000), ..elastic() };
    assert_eq!(sound.settle(&good()), []);
}

/// Later versions have a keepalive by default (2 min), which is what they fall back to.
#[test]
fn a_bad_keepalive_falls_back_to_the_default_of_its_version() {
    let later = PoolSpec::hikaricp_after_6_0;
    let mut short = PoolSpec { keepalive_time: ms(1), ..later() };
    assert_eq!((short.settle(&later()).len(), short.keepalive_time), (1, SimDuration::from_secs(120)));
    let mut never_reached = PoolSpec { max_lifetime: SimDuration::from_secs(60), ..later() };
    assert_eq!((never_reached.settle(&later()).len(), never_reached.keepalive_time), (1, SimDuration::ZERO));
}

/// The README demands that the one be less than the other; `validateNumerics` does not look at it.
#[test]
fn a_validation_as_long_as_the_wait_is_doubtful() {
    let spec = |connection, validation| PoolSpec {
        connection_timeout: ms(connection),
        validation_timeout: ms(validation),
        ..PoolSpec::hikaricp()
    };
    for (doubtful, spec) in [(true, spec(5_000, 5_000)), (false, spec(5_001, 5_000)), (false, spec(0, 5_000))] {
        assert_eq!((spec.validate(), spec.doubts().is_some()), (Vec::new(), doubtful));
    }
    assert_eq!(PoolSpec::fixed(1, ms(100)).doubts(), None);
}

/// `PoolBase`: `max(1, (500 + connectionTimeout) / 1000)` seconds, and `max(1000, validationTimeout) / 1000`, which pgjdbc and
/// Connector/J put in the place of the network timeout of `validationTimeout` that was set before.
#[test]
fn driver_timeouts_are_whole_seconds() {
    let spec = |connection, validation| PoolSpec {
        connection_timeout: ms(connection),
        validation_timeout: ms(validation),
        ..PoolSpec::hikaricp()
    };
    let logins = [250, 1_499, 1_500, 30_000].map(|millis| spec(millis, 250).login_timeout());
    assert_eq!(logins, [1, 1, 2, 30].map(|secs| Some(SimDuration::from_secs(secs))));
    let validations = [250, 1_999, 5_000].map(|millis| spec(30_000, millis).driver_validation_timeout());
    assert_eq!(validations, [1, 1, 5].map(SimDuration::from_secs));
}

#[test]
fn a_raised_maximum_is_used_from_the_next_arrival_on_and_an_unset_minimum_idle_does_not_follow_it() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 2, ..PoolSpec::hikaricp() }, 2);
    rig.hold = None;
    rig.arrive(at(200), 0..3);
    rig.run_until(at(1_000));
    rig.reconfigure(PoolSpec { maximum_pool_size: 8, ..PoolSpec::hikaricp() });
    rig.run_until(at(2_000));
    assert_eq!(rig.gauges().connecting, 0, "nobody asked");
    rig.arrive(at(2_000), 3..4);
    rig.run_until(at(10_000));
    assert_eq!(rig.served()[2..], [(at(2_150), 2)], "one arrival, one request, one connection");
    rig.run_until(at(100_000));
    assert_eq!((rig.gauges().idle, rig.gauges().minimum, rig.gauges().total), (2, 2, 6));
}

#[test]
fn a_lowered_maximum_closes_nothing_but_nothing_is_replaced() {
    let mut rig = Rig::new(PoolSpec::hikaricp(), 10);
    rig.run_until(at(1_000));
    rig.reconfigure(PoolSpec { maximum_pool_size: 4, ..PoolSpec::hikaricp() });
    rig.run_until(SimTime::from_secs(1_700));
    assert_eq!(rig.gauges().total, 10);
    rig.run_until(SimTime::from_secs(1_900));
    assert_eq!(rig.gauges().total, 4, "the lifetimes of the ten ended");
}

#[test]
fn a_pool_that_shrinks_at_once_closes_idle_connections_now_and_others_on_return() {
    let shrink = Shrink::AtOnce;
    let mut rig = Rig::new(PoolSpec { shrink, ..PoolSpec::hikaricp() }, 10);
    rig.hold = Some(ms(1_000));
    rig.arrive(at(200), 0..6);
    rig.run_until(at(300));
    rig.reconfigure(PoolSpec { shrink, maximum_pool_size: 4, ..PoolSpec::hikaricp() });
    assert_eq!((rig.gauges().idle, rig.gauges().active), (0, 6));
    rig.run_until(at(1_300));
    assert_eq!((rig.gauges().idle, rig.gauges().active), (4, 0));
    assert_eq!(rig.pool.counters().closed[CloseReason::Surplus as usize], 6);
}

/// `HikariPool.HouseKeeper` copies connectionTimeout from the configuration when it runs.
#[test]
fn a_new_connection_timeout_counts_from_the_next_run_of_the_housekeeper_on() {
    let mut rig = Rig::new(PoolSpec { maximum_pool_size: 1, ..PoolSpec::hikaricp() }, 1);
    rig.hold = None;
    rig.arrive(at(200), 0..1);
    rig.run_until(at(40_000));
    rig.reconfigure(PoolSpec { connection_timeout: ms(10_000), ..rig.spec.clone() });
    rig.arrive(at(41_000), 1..2);
    rig.arrive(at(61_000), 2..3);
    rig.run_until(at(80_000));
    assert_eq!(rig.times_of(|note| note == Note::TimedOut(2)), [at(71_000)], "after the housekeeper's run at 60.1 s");
    assert_eq!(rig.times_of(|note| note == Note::TimedOut(1)), [at(71_000)], "the old timeout of 30 s");
}

#[test]
fn a_fixed_pool_grows_and_shrinks_on_the_spot() {
    let spec = PoolSpec::fixed(2, SimDuration::ZERO);
    let mut rig = Rig::new(spec, 0);
    rig.hold = None;
    rig.arrive(at(1), 0..5);
    rig.run_until(at(10));
    rig.reconfigure(PoolSpec::fixed(4, SimDuration::ZERO));
    assert_eq!(rig.served(), [(at(1), 0), (at(1), 1), (at(10), 2), (at(10), 3)]);
    rig.reconfigure(PoolSpec::fixed(3, SimDuration::ZERO));
    let (first, _) = rig.pool.connections().next().expect("there are four");
    assert_eq!(rig.pool.release(&rig.spec, at(11), first, false), None, "one too many");
    assert_eq!(rig.pool.next_effect(), Some(PoolEffect::Closed(first, CloseReason::Surplus)));
    assert_eq!((rig.gauges().total, rig.gauges().active, rig.gauges().pending), (3, 3, 1));
}

#[test]
fn a_broken_connection_of_a_fixed_pool_is_replaced_on_the_spot_for_the_first_waiter() {
    let mut rig = Rig::new(PoolSpec::fixed(1, SimDuration::ZERO), 0);
    rig.hold = None;
    rig.arrive(at(1), 0..2);
    rig.run_until(at(10));
    let (broken, _) = rig.pool.connections().next().expect("there is one");
    assert_eq!(rig.pool.release(&rig.spec, at(10), broken, true), None);
    let effects: Vec<_> = std::iter::from_fn(|| rig.pool.next_effect()).collect();
    let [PoolEffect::Closed(closed, CloseReason::Broken), PoolEffect::Opened(new), PoolEffect::Granted(grant)] =
        effects[..]
    else {
        panic!("closed, opened, granted: {effects:?}")
    };
    assert_eq!((closed, grant.waiter, grant.connection), (broken, 1, new));
    assert_ne!(new, broken);
}
