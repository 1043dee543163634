//! Connection pools.

use super::settings::SettingKind;
use super::{Doubt, Mechanism, Pool, Preset, Settings};
use crate::model::{Establishment, IdleChoice, PoolSpec, SpecIssue};
use crate::units::SimDuration;

impl Mechanism for Pool {
    type Spec = PoolSpec;
    const NAME: &'static str = "Pool";
    const PRESETS: &'static [Preset<PoolSpec>] = &[
        Preset { name: "fixed", source: "queueing theory: c connections, one FIFO queue", read: fixed },
        Preset { name: "hikaricp", source: "HikariCP 6.0.0, HikariConfig and README", read: hikaricp },
        Preset {
            name: "hikaricp-after-6.0",
            source: "HikariCP after 6.0.0: keepalive on, lifetime variance 25 % (pull request 2035, November 2024)",
            read: hikaricp_after_6_0,
        },
    ];

    fn validate(spec: &PoolSpec) -> Vec<(&'static str, String, String)> {
        spec.validate().into_iter().map(|issue| (issue.field, issue.message, issue.help)).collect()
    }

    fn settle(preset: &str, spec: &mut PoolSpec) -> Vec<Doubt> {
        let later = preset == "hikaricp-after-6.0";
        let defaults = if later { PoolSpec::hikaricp_after_6_0() } else { PoolSpec::hikaricp() };
        let mut doubts: Vec<Doubt> =
            spec.settle(&defaults).into_iter().map(|issue| doubt("replaced-setting", issue)).collect();
        doubts.extend(spec.doubts().map(|issue| doubt("validation-outlasts-wait", issue)));
        doubts
    }
}

fn doubt(code: &'static str, issue: SpecIssue) -> Doubt {
    // Where the setting itself is the default, the one that it does not go with was written.
    let fields: &[&str] = match issue.field {
        "validationTimeout" => &["validationTimeout", "connectionTimeout"],
        "idleTimeout" => &["idleTimeout", "maxLifetime"],
        "keepaliveTime" => &["keepaliveTime", "maxLifetime"],
        "maxLifetime" => &["maxLifetime"],
        "minimumIdle" => &["minimumIdle"],
        _ => &["leakDetectionThreshold"],
    };
    Doubt { code, fields, message: format!("{}: {}", issue.field, issue.message), help: issue.help }
}

const CHOICES: [(&str, IdleChoice); 2] =
    [("MostRecentlyUsed", IdleChoice::MostRecentlyUsed), ("LeastRecentlyUsed", IdleChoice::LeastRecentlyUsed)];

/// Properties of `HikariConfig` that a configuration may hold and that nothing simulated depends on.
const WITHOUT_EFFECT: [(&str, SettingKind, &str, &str); 8] = [
    ("poolName", SettingKind::Text, "unset", "it names the pool in logs and metrics"),
    ("connectionTestQuery", SettingKind::Text, "unset", "every liveness check is one round trip"),
    ("connectionInitSql", SettingKind::Text, "unset", "it is part of the time that connecting takes"),
    (
        "initializationFailTimeout",
        SettingKind::DurationOrMillis,
        "1ms",
        "an instance starts whether or not its pool can connect",
    ),
    ("autoCommit", SettingKind::Flag, "true", "transactions are not simulated"),
    ("readOnly", SettingKind::Flag, "false", "transactions are not simulated"),
    ("transactionIsolation", SettingKind::Text, "unset", "transactions are not simulated"),
    ("registerMbeans", SettingKind::Flag, "false", "it publishes the settings to a console"),
];

fn fixed(settings: &mut Settings<'_>) -> PoolSpec {
    let (mut size, mut timeout) = (1, SimDuration::ZERO);
    settings.required_count("size", &mut size, "how many connections there are");
    settings.span("acquire_timeout", &mut timeout, "how long a caller waits for one; 0s is for ever");
    let mut spec = PoolSpec::fixed(size, timeout);
    settings.optional_count("maximum_waiters", &mut spec.maximum_waiters, "how many may wait; unset is any number");
    spec
}

fn hikaricp(settings: &mut Settings<'_>) -> PoolSpec {
    overridden(PoolSpec::hikaricp(), settings)
}

fn hikaricp_after_6_0(settings: &mut Settings<'_>) -> PoolSpec {
    overridden(PoolSpec::hikaricp_after_6_0(), settings)
}

fn overridden(mut spec: PoolSpec, settings: &mut Settings<'_>) -> PoolSpec {
    debug_assert_eq!(spec.establishment, Establishment::OneAtATime);
    settings.count("maximumPoolSize", &mut spec.maximum_pool_size, "connections at most, idle and in use together");
    settings.optional_count("minimumIdle", &mut spec.minimum_idle, "idle connections to keep; unset is the maximum");
    settings.millis("connectionTimeout", &mut spec.connection_timeout, "how long an acquirer waits; 0 is for ever");
    settings.millis("validationTimeout", &mut spec.validation_timeout, "how long a liveness check may take");
    settings.millis("idleTimeout", &mut spec.idle_timeout, "how long a surplus connection may idle; 0 is for ever");
    settings.millis("maxLifetime", &mut spec.max_lifetime, "how old a connection may get; 0 is no limit");
    settings.millis("keepaliveTime", &mut spec.keepalive_time, "how often an idle connection is pinged; 0 is never");
    settings.millis(
        "leakDetectionThreshold",
        &mut spec.leak_detection_threshold,
        "from when on a held connection is suspected of being leaked; 0 is off",
    );
    settings.millis(
        "aliveBypassWindowMs",
        &mut spec.alive_bypass_window,
        "idle for no longer, it is handed out unchecked",
    );
    settings.millis("housekeepingPeriodMs", &mut spec.housekeeping_period, "the pause between runs of the housekeeper");
    settings.count(
        "lifeTimeVarianceFactor",
        &mut spec.life_time_variance_factor,
        "a lifetime is shortened by up to maxLifetime over this",
    );
    settings.optional_count(
        "maximumWaiters",
        &mut spec.maximum_waiters,
        "how many may wait; unset, as in the product, any number",
    );
    settings.choice("idleChoice", &mut spec.idle_choice, &CHOICES, "which idle connection is handed out");
    for (name, kind, default, why) in WITHOUT_EFFECT {
        settings.without_effect(name, kind, default, why);
    }
    spec
}
