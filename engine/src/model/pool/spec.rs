//! The settings of a pool, under their production names, and the named profiles.

use serde::{Deserialize, Serialize};

use crate::units::SimDuration;

/// The settings of a pool. The first ten fields are `HikariCP` properties of the same name in snake case; zero means
/// what it means there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSpec {
    /// How many connections there may be, idle and in use together (`maximumPoolSize`).
    pub maximum_pool_size: u32,
    /// How many idle connections the pool tries to keep (`minimumIdle`); `None` for as many as the maximum.
    pub minimum_idle: Option<u32>,
    /// How long an acquirer waits (`connectionTimeout`); zero waits for ever.
    pub connection_timeout: SimDuration,
    /// How long a liveness check may take (`validationTimeout`); see [`PoolSpec::driver_validation_timeout`].
    pub validation_timeout: SimDuration,
    /// How long a connection beyond `minimumIdle` may sit idle (`idleTimeout`); zero for ever.
    pub idle_timeout: SimDuration,
    /// How old a connection may get (`maxLifetime`); zero has no limit.
    pub max_lifetime: SimDuration,
    /// How often an idle connection is pinged (`keepaliveTime`); zero never.
    pub keepalive_time: SimDuration,
    /// From when on a held connection is suspected of being leaked (`leakDetectionThreshold`); zero is off.
    pub leak_detection_threshold: SimDuration,
    /// A connection idle for no longer than this is handed out unchecked (`com.zaxxer.hikari.aliveBypassWindowMs`).
    pub alive_bypass_window: SimDuration,
    /// The pause between runs of the housekeeper (`com.zaxxer.hikari.housekeeping.periodMs`); zero has none.
    pub housekeeping_period: SimDuration,
    /// A lifetime is shortened by up to `max_lifetime` over this (`com.zaxxer.hikari.lifeTimeVarianceFactor`).
    pub life_time_variance_factor: u32,
    /// A keepalive period is shortened by up to `keepalive_time` over this; a constant inside `HikariCP`.
    pub keepalive_variance_factor: u32,
    /// How many may wait; one more is rejected at once. `HikariCP` has no such limit: `None`.
    pub maximum_waiters: Option<u32>,
    /// Which idle connection is handed out.
    pub idle_choice: IdleChoice,
    /// How connections come into being. Must not change during the life of a pool.
    pub establishment: Establishment,
    /// What happens to connections beyond a lowered maximum.
    pub shrink: Shrink,
}

/// Which of several idle connections is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdleChoice {
    /// The one used last, so that surplus ones stay idle and time out.
    MostRecentlyUsed,
    /// The one that has been idle for longest, so that all stay in use.
    LeastRecentlyUsed,
}

/// How connections come into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Establishment {
    /// The pool is always full: a connection costs nothing to open, never grows old and is replaced on the spot.
    Instant,
    /// One adder opens one connection after the other, while they are needed (`HikariPool.PoolEntryCreator`).
    OneAtATime,
}

/// What happens to connections beyond a maximum that was lowered at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shrink {
    /// They stay until they leave for another reason, as in `HikariCP`, where setting the size closes nothing.
    ByAttrition,
    /// Idle ones are closed at once, those in use when they are returned.
    AtOnce,
}

impl PoolSpec {
    /// `HikariCP` 6.0.0 as it comes (`HikariConfig`, README).
    #[must_use]
    pub const fn hikaricp() -> Self {
        Self {
            maximum_pool_size: 10,
            minimum_idle: None,
            connection_timeout: SimDuration::from_secs(30),
            validation_timeout: SimDuration::from_secs(5),
            idle_timeout: SimDuration::from_secs(600),
            max_lifetime: SimDuration::from_secs(1_800),
            keepalive_time: SimDuration::ZERO,
            leak_detection_threshold: SimDuration::ZERO,
            alive_bypass_window: SimDuration::from_millis(500),
            housekeeping_period: SimDuration::from_secs(30),
            life_time_variance_factor: 40,
            keepalive_variance_factor: 10,
            maximum_waiters: None,
            idle_choice: IdleChoice::MostRecentlyUsed,
            establishment: Establishment::OneAtATime,
            shrink: Shrink::ByAttrition,
        }
    }

    /// `HikariCP` after 6.0.0: keepalive every 2 minutes, lifetimes shortened by up to 25 % (pull request 2035, November
    /// 2024), keepalive periods by up to 20 %.
    #[must_use]
    pub const fn hikaricp_after_6_0() -> Self {
        Self {
            keepalive_time: SimDuration::from_secs(120),
            life_time_variance_factor: 4,
            keepalive_variance_factor: 5,
            ..Self::hikaricp()
        }
    }

    /// The pool of queueing theory: `size` connections that are always there, and one strict FIFO queue in which nobody
    /// waits longer than `acquire_timeout` (zero: for ever).
    #[must_use]
    pub const fn fixed(size: u32, acquire_timeout: SimDuration) -> Self {
        Self {
            maximum_pool_size: size,
            minimum_idle: None,
            connection_timeout: acquire_timeout,
            validation_timeout: SimDuration::ZERO,
            idle_timeout: SimDuration::ZERO,
            max_lifetime: SimDuration::ZERO,
            keepalive_time: SimDuration::ZERO,
            leak_detection_threshold: SimDuration::ZERO,
            alive_bypass_window: SimDuration::MAX,
            housekeeping_period: SimDuration::ZERO,
            life_time_variance_factor: 40,
            keepalive_variance_factor: 10,
            maximum_waiters: None,
            idle_choice: IdleChoice::MostRecentlyUsed,
            establishment: Establishment::Instant,
            shrink: Shrink::AtOnce,
        }
    }

    /// The number of idle connections to keep: the whole pool if it is unset or too large (`HikariConfig`).
    #[must_use]
    pub fn resolved_minimum_idle(&self) -> u32 {
        self.minimum_idle.unwrap_or(self.maximum_pool_size).min(self.maximum_pool_size)
    }

    /// After how long the driver gives a connect attempt up: the acquire timeout rounded to seconds, at least one
    /// (`PoolBase.setLoginTimeout`); `None` for never. Such an attempt blocks the adder all the while.
    #[must_use]
    pub fn login_timeout(&self) -> Option<SimDuration> {
        let rounded = (self.connection_timeout.as_nanos() / 1_000_000).saturating_add(500) / 1_000;
        (!self.connection_timeout.is_zero()).then(|| SimDuration::from_secs(rounded.max(1)))
    }

    /// After how long the driver gives a liveness check up: `validationTimeout` in whole seconds, at least one.
    ///
    /// `PoolBase.isConnectionDead` first sets the connection's network timeout to `validationTimeout` in milliseconds and then
    /// calls `isValid` with `max(1000, validationTimeout) / 1000` seconds. The second counts where the driver replaces the
    /// first by it while the check lasts: pgjdbc 42 (`PgConnection.isValid`: `setNetworkTimeout(null, timeout * 1000)`) and
    /// Connector/J 8 (`NativeProtocol.sendCommand`: `setSoTimeout(timeoutMillis)`). With a driver that keeps the network
    /// timeout, or a `connectionTestQuery`, 250 ms would be 250 ms; such are not modelled.
    #[must_use]
    pub fn driver_validation_timeout(&self) -> SimDuration {
        SimDuration::from_secs((self.validation_timeout.as_nanos() / 1_000_000_000).max(1))
    }
}
