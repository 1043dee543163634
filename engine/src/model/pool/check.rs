//! What `HikariCP` would refuse or silently replace in a pool's settings.
//!
//! The floors are those of `HikariConfig.validateNumerics` and the setters of `HikariCP` 6.0.0. A value that would not be
//! the one in force is reported, because a reader of the file would be misled by it. That `validationTimeout` must be less
//! than `connectionTimeout` is the README's demand; the code does not enforce it.

use std::fmt::Display;

use super::spec::{Establishment, PoolSpec};
use crate::units::SimDuration;

/// One setting that cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolIssue {
    /// The setting, by its production name.
    pub field: &'static str,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl PoolIssue {
    fn new(field: &'static str, message: impl Display, help: impl Display) -> Self {
        Self { field, message: message.to_string(), help: help.to_string() }
    }
}

/// The most connections one pool may have; far beyond any database, and small enough to lay out.
const LARGEST_POOL: u32 = 100_000;
/// `HikariConfig.SOFT_TIMEOUT_FLOOR`, of both timeouts: with `connectionTimeout` at the floor, `validationTimeout` cannot be
/// less.
const TIMEOUT_FLOOR: SimDuration = SimDuration::from_millis(250);
/// The least `maxLifetime` and `keepaliveTime`.
const LIFETIME_FLOOR: SimDuration = SimDuration::from_secs(30);
/// The least `idleTimeout`.
const IDLE_FLOOR: SimDuration = SimDuration::from_secs(10);
/// The least `leakDetectionThreshold`.
const LEAK_FLOOR: SimDuration = SimDuration::from_secs(2);

impl PoolSpec {
    /// Everything that is wrong with the settings, in the order of the fields; empty if they can be used.
    #[must_use]
    pub fn validate(&self) -> Vec<PoolIssue> {
        let mut issues = Vec::new();
        self.check_sizes(&mut issues);
        match self.establishment {
            Establishment::OneAtATime => {
                self.check_timeouts(&mut issues);
                self.check_idle_timeout(&mut issues);
                self.check_lifetimes(&mut issues);
                self.check_leak_threshold(&mut issues);
                self.check_variances(&mut issues);
            }
            Establishment::Instant => self.check_absent(&mut issues),
        }
        issues
    }

    fn check_sizes(&self, issues: &mut Vec<PoolIssue>) {
        let size = self.maximum_pool_size;
        if size == 0 || size > LARGEST_POOL {
            issues.push(PoolIssue::new(
                "maximumPoolSize",
                format_args!("{size} connections"),
                format_args!("between 1 and {LARGEST_POOL}"),
            ));
        }
        if let Some(idle) = self.minimum_idle.filter(|idle| *idle > size) {
            issues.push(PoolIssue::new(
                "minimumIdle",
                format_args!("{idle} is more than maximumPoolSize ({size})"),
                format_args!("at most {size}, or leave it out for a pool of fixed size"),
            ));
        }
    }

    fn check_timeouts(&self, issues: &mut Vec<PoolIssue>) {
        let (connection, validation) = (self.connection_timeout, self.validation_timeout);
        if !connection.is_zero() && connection < TIMEOUT_FLOOR {
            let help = "at least 250ms, or 0 to wait for ever";
            issues.push(PoolIssue::new("connectionTimeout", below(connection, TIMEOUT_FLOOR), help));
        }
        if validation < TIMEOUT_FLOOR {
            let help = "at least 250ms, and less than connectionTimeout";
            issues.push(PoolIssue::new("validationTimeout", below(validation, TIMEOUT_FLOOR), help));
        } else if !connection.is_zero() && validation >= connection && validation > TIMEOUT_FLOOR {
            let message = format_args!("{validation} is not less than connectionTimeout ({connection})");
            issues.push(PoolIssue::new("validationTimeout", message, "less than connectionTimeout"));
        }
    }

    fn check_idle_timeout(&self, issues: &mut Vec<PoolIssue>) {
        if self.idle_timeout.is_zero() || self.resolved_minimum_idle() >= self.maximum_pool_size {
            return;
        }
        let latest = self.idle_timeout.saturating_add(SimDuration::SECOND);
        if !self.max_lifetime.is_zero() && latest > self.max_lifetime {
            let message = format_args!("{} would never act before maxLifetime does", self.idle_timeout);
            issues.push(PoolIssue::new("idleTimeout", message, "at least 1s less than maxLifetime, or 0 for off"));
        } else if self.idle_timeout < IDLE_FLOOR {
            let message = below(self.idle_timeout, IDLE_FLOOR);
            issues.push(PoolIssue::new("idleTimeout", message, "at least 10s, or 0 for off"));
        }
    }

    fn check_lifetimes(&self, issues: &mut Vec<PoolIssue>) {
        let (life, keepalive) = (self.max_lifetime, self.keepalive_time);
        if !life.is_zero() && life < LIFETIME_FLOOR {
            let help = "at least 30s, or 0 for no limit";
            issues.push(PoolIssue::new("maxLifetime", below(life, LIFETIME_FLOOR), help));
        }
        if keepalive.is_zero() {
            return;
        }
        if keepalive < LIFETIME_FLOOR {
            let help = "at least 30s, or 0 for off";
            issues.push(PoolIssue::new("keepaliveTime", below(keepalive, LIFETIME_FLOOR), help));
        } else if !life.is_zero() && keepalive >= life {
            let message = format_args!("{keepalive} is not less than maxLifetime ({life})");
            issues.push(PoolIssue::new("keepaliveTime", message, "less than maxLifetime, or 0 for off"));
        }
    }

    fn check_leak_threshold(&self, issues: &mut Vec<PoolIssue>) {
        let threshold = self.leak_detection_threshold;
        if threshold.is_zero() {
            return;
        }
        if threshold < LEAK_FLOOR {
            let help = "at least 2s, or 0 for off";
            issues.push(PoolIssue::new("leakDetectionThreshold", below(threshold, LEAK_FLOOR), help));
        } else if !self.max_lifetime.is_zero() && threshold > self.max_lifetime {
            let message = format_args!("{} is more than maxLifetime ({})", threshold, self.max_lifetime);
            issues.push(PoolIssue::new("leakDetectionThreshold", message, "at most maxLifetime, or 0 for off"));
        }
    }

    fn check_variances(&self, issues: &mut Vec<PoolIssue>) {
        let factors = [
            ("lifeTimeVarianceFactor", self.life_time_variance_factor),
            ("keepaliveVarianceFactor", self.keepalive_variance_factor),
        ];
        for (field, factor) in factors {
            if !(2..=40).contains(&factor) {
                issues.push(PoolIssue::new(field, factor, "between 2 (up to a half) and 40 (up to 2.5 %)"));
            }
        }
    }

    fn check_absent(&self, issues: &mut Vec<PoolIssue>) {
        let spans = [
            ("idleTimeout", self.idle_timeout),
            ("maxLifetime", self.max_lifetime),
            ("keepaliveTime", self.keepalive_time),
        ];
        for (field, span) in spans {
            if !span.is_zero() {
                let message = "a pool of instant connections does not retire them";
                issues.push(PoolIssue::new(field, message, "0, or start from the hikaricp profile"));
            }
        }
    }
}

fn below(span: SimDuration, floor: SimDuration) -> String {
    format!("{span} is below the floor of {floor}")
}
