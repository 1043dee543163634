//! What `HikariCP` refuses in a pool's settings, and what it replaces.
//!
//! Refused is what the setters of `HikariConfig` throw at (6.0.0, commit 604d7d5): sizes and time-outs below their floors.
//! Replaced is what its `validateNumerics` puts right when the pool starts, with no more than a line in the log; whoever
//! reads the file would be misled, so that each is reported. That `validationTimeout` be less than `connectionTimeout` is a
//! demand of the README alone: no code enforces it, and it is reported likewise.

use std::fmt::Display;

use super::spec::{Establishment, PoolSpec};
use crate::model::SpecIssue;
use crate::units::SimDuration;

/// The most connections one pool may have; far beyond any database, and small enough to lay out.
const LARGEST_POOL: u32 = 100_000;
/// `HikariConfig.SOFT_TIMEOUT_FLOOR`, of both timeouts.
const TIMEOUT_FLOOR: SimDuration = SimDuration::from_millis(250);
/// The least `maxLifetime` and `keepaliveTime`.
const LIFETIME_FLOOR: SimDuration = SimDuration::from_secs(30);
/// The least `idleTimeout`.
const IDLE_FLOOR: SimDuration = SimDuration::from_secs(10);
/// The least `leakDetectionThreshold`.
const LEAK_FLOOR: SimDuration = SimDuration::from_secs(2);

impl PoolSpec {
    /// Everything that is refused, in the order of the fields; empty if the settings can be used.
    #[must_use]
    pub fn validate(&self) -> Vec<SpecIssue> {
        let mut issues = Vec::new();
        self.check_size(&mut issues);
        match self.establishment {
            Establishment::OneAtATime => {
                self.check_timeouts(&mut issues);
                self.check_variances(&mut issues);
            }
            Establishment::Instant => self.check_absent(&mut issues),
        }
        issues
    }

    /// Replaces what `HikariCP` replaces when a pool starts (`HikariConfig.validateNumerics`), by `defaults` where it does,
    /// and says what was replaced and what has no effect. Settings that have been settled once stay as they are.
    pub fn settle(&mut self, defaults: &Self) -> Vec<SpecIssue> {
        let mut replaced = Vec::new();
        if self.establishment == Establishment::OneAtATime {
            self.settle_lifetimes(defaults, &mut replaced);
            self.settle_leak_threshold(&mut replaced);
            self.settle_minimum_idle(&mut replaced);
            self.settle_idle_timeout(defaults, &mut replaced);
        }
        replaced
    }

    /// What the README demands of the two time-outs and the code does not enforce.
    #[must_use]
    pub fn doubts(&self) -> Option<SpecIssue> {
        let (connection, validation) = (self.connection_timeout, self.validation_timeout);
        if self.establishment == Establishment::Instant || connection.is_zero() || validation < connection {
            return None;
        }
        let message = format_args!(
            "{validation} is not less than connectionTimeout ({connection}): one lost liveness check takes the whole wait"
        );
        Some(issue("validationTimeout", message, "less than connectionTimeout"))
    }

    fn check_size(&self, issues: &mut Vec<SpecIssue>) {
        let size = self.maximum_pool_size;
        if size == 0 || size > LARGEST_POOL {
            issues.push(issue(
                "maximumPoolSize",
                format_args!("{size} connections"),
                format_args!("between 1 and {LARGEST_POOL}"),
            ));
        }
    }

    fn check_timeouts(&self, issues: &mut Vec<SpecIssue>) {
        let (connection, validation) = (self.connection_timeout, self.validation_timeout);
        if !connection.is_zero() && connection < TIMEOUT_FLOOR {
            let help = "at least 250ms, or 0 to wait for ever";
            issues.push(issue("connectionTimeout", below(connection, TIMEOUT_FLOOR), help));
        }
        if validation < TIMEOUT_FLOOR {
            let help = "at least 250ms, and less than connectionTimeout";
            issues.push(issue("validationTimeout", below(validation, TIMEOUT_FLOOR), help));
        }
    }

    fn settle_lifetimes(&mut self, defaults: &Self, replaced: &mut Vec<SpecIssue>) {
        let life = self.max_lifetime;
        if !life.is_zero() && life < LIFETIME_FLOOR {
            self.max_lifetime = defaults.max_lifetime;
            let message = instead(below(life, LIFETIME_FLOOR), self.max_lifetime);
            replaced.push(issue("maxLifetime", message, "at least 30s, or 0 for no limit"));
        }
        let (life, keepalive) = (self.max_lifetime, self.keepalive_time);
        let outlives = |keepalive: SimDuration| !life.is_zero() && keepalive >= life;
        let (message, help) = if keepalive.is_zero() {
            return;
        } else if keepalive < LIFETIME_FLOOR {
            (below(keepalive, LIFETIME_FLOOR), "at least 30s, or 0 for off")
        } else if outlives(keepalive) {
            let message = format!("{keepalive} is not less than maxLifetime ({life})");
            (message, "less than maxLifetime, or 0 for off")
        } else {
            return;
        };
        // A default that no connection lives to see is as good as none.
        let default = defaults.keepalive_time;
        self.keepalive_time = if outlives(default) { SimDuration::ZERO } else { default };
        replaced.push(issue("keepaliveTime", instead(message, self.keepalive_time), help));
    }

    fn settle_leak_threshold(&mut self, replaced: &mut Vec<SpecIssue>) {
        let (threshold, life) = (self.leak_detection_threshold, self.max_lifetime);
        let (message, help) = if threshold.is_zero() {
            return;
        } else if threshold < LEAK_FLOOR {
            (below(threshold, LEAK_FLOOR), "at least 2s, or 0 for off")
        } else if !life.is_zero() && threshold > life {
            (format!("{threshold} is more than maxLifetime ({life})"), "at most maxLifetime, or 0 for off")
        } else {
            return;
        };
        self.leak_detection_threshold = SimDuration::ZERO;
        replaced.push(issue("leakDetectionThreshold", instead(message, SimDuration::ZERO), help));
    }

    fn settle_minimum_idle(&mut self, replaced: &mut Vec<SpecIssue>) {
        let size = self.maximum_pool_size;
        if let Some(idle) = self.minimum_idle.filter(|idle| *idle > size) {
            self.minimum_idle = None;
            let message = format_args!("{idle} is more than maximumPoolSize ({size}): the pool has a fixed size");
            let help = format_args!("at most {size}, or leave it out for a pool of fixed size");
            replaced.push(issue("minimumIdle", message, help));
        }
    }

    fn settle_idle_timeout(&mut self, defaults: &Self, replaced: &mut Vec<SpecIssue>) {
        let (idle, life) = (self.idle_timeout, self.max_lifetime);
        let (message, help) = if self.resolved_minimum_idle() >= self.maximum_pool_size {
            if idle.is_zero() || idle == defaults.idle_timeout {
                return;
            }
            let message = "no connection of a pool of fixed size times out".to_owned();
            (message, "set minimumIdle below maximumPoolSize, or remove it")
        } else if !life.is_zero() && idle.saturating_add(SimDuration::SECOND) > life {
            self.idle_timeout = SimDuration::ZERO;
            let message = format!("{idle} is not 1s less than maxLifetime ({life})");
            (instead(message, SimDuration::ZERO), "at least 1s less than maxLifetime, or 0 for off")
        } else if !idle.is_zero() && idle < IDLE_FLOOR {
            self.idle_timeout = defaults.idle_timeout;
            (instead(below(idle, IDLE_FLOOR), self.idle_timeout), "at least 10s, or 0 for off")
        } else {
            return;
        };
        replaced.push(issue("idleTimeout", message, help));
    }

    fn check_variances(&self, issues: &mut Vec<SpecIssue>) {
        let factors = [
            ("lifeTimeVarianceFactor", self.life_time_variance_factor),
            ("keepaliveVarianceFactor", self.keepalive_variance_factor),
        ];
        for (field, factor) in factors {
            if !(2..=40).contains(&factor) {
                issues.push(issue(field, factor, "between 2 (up to a half) and 40 (up to 2.5 %)"));
            }
        }
    }

    fn check_absent(&self, issues: &mut Vec<SpecIssue>) {
        let spans = [
            ("idleTimeout", self.idle_timeout),
            ("maxLifetime", self.max_lifetime),
            ("keepaliveTime", self.keepalive_time),
        ];
        for (field, span) in spans {
            if !span.is_zero() {
                let message = "a pool of instant connections does not retire them";
                issues.push(issue(field, message, "0, or start from the hikaricp profile"));
            }
        }
    }
}

fn issue(field: &'static str, message: impl Display, help: impl Display) -> SpecIssue {
    SpecIssue::new(field, message.to_string(), help.to_string())
}

fn below(span: SimDuration, floor: SimDuration) -> String {
    format!("{span} is below the floor of {floor}")
}

/// What is wrong, and what the product uses.
fn instead(problem: String, used: SimDuration) -> String {
    let used = if used.is_zero() { "0, off,".to_owned() } else { used.to_string() };
    format!("{problem}: HikariCP uses {used} instead")
}
