//! How a system is watched: what is instrumented, when it is read and seen, and what raises an alert.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Amount, Entries, Items, Lenient};
use crate::document;
use crate::observe::{Metric, SCRAPE_INTERVAL};
use crate::text::{Decode, Diagnostics, Kind, Node, Spanned};
use crate::units::{Ratio, SimDuration};

document! {
    /// How the system is watched.
    pub struct Monitoring {
        /// How often metrics are read, in whole seconds. Without it, every 15s; 15 to 30s is usual with Prometheus.
        scrape_interval: Lenient<Spanned<SimDuration>> = Lenient(Some(Spanned::implied(SCRAPE_INTERVAL))),
        /// How much later dashboards show what was read; without it, at once. Alert rules are looked at where metrics are kept, and do not wait for it.
        delay: Lenient<Spanned<SimDuration>> = Lenient(Some(Spanned::implied(SimDuration::ZERO))),
        /// How often alert rules are looked at, in whole seconds; without it, as often as metrics are read.
        evaluation_interval: Lenient<Option<Spanned<SimDuration>>> = Lenient::default(),
        /// What is instrumented, by the name of what is measured: a service `registry`, an endpoint `registry.lookup`, a dependency
        /// `registry->db` (or `dependency cache`, by a name of its own), what clients see `population web`. What is not listed is not
        /// seen: the figures of a service hide those of its endpoints. Without it, all of every service and of its calls.
        dashboards: Lenient<Option<Entries<Metrics>>> = Lenient::default(),
        /// What the telemetry itself runs on; without it, it never fails.
        depends_on: Lenient<Option<DependsOn>> = Lenient::default(),
        /// The alerts by name.
        alerts: Entries<Alert> = Entries::default(),
        /// How those who are paged are told.
        notify: Lenient<Option<Notify>> = Lenient::default(),
    }
}

document! {
    /// Telemetry that runs on production. It fails while no instance of the service serves: dashboards stay as they were, and alert
    /// rules find no data.
    pub struct DependsOn {
        /// The service.
        service: Spanned<String>,
        /// It also fails while the share of the service's busy workers or cores is above this; without it, never.
        max_utilisation: Option<Spanned<Ratio>>,
        /// It also fails while the share of errors among the service's answers is above this; without it, never.
        max_error_ratio: Option<Spanned<Ratio>>,
    }
}

document! {
    /// Something that raises an alert. As in Prometheus, it is pending while its condition holds, fires once that has been so at every
    /// look for long enough, and is resolved when it is not any more; to find no data is to find that it does not hold.
    pub struct Alert {
        /// The condition.
        rule: Lenient<Spanned<Rule>>,
        /// For how long the condition must hold (in Prometheus: `for`).
        holds: Spanned<SimDuration> = Spanned::implied(SimDuration::ZERO),
        /// For how long it goes on firing when the condition does not hold any more.
        keep_firing_for: Spanned<SimDuration> = Spanned::implied(SimDuration::ZERO),
        /// How urgent it is; a page unless given.
        severity: Severity = Severity::Page,
        /// Who is told; without it, `on-call`.
        pages: Spanned<String> = Spanned::implied("on-call".to_owned()),
        /// What it says to a person.
        summary: String = String::new(),
    }
}

document! {
    /// The condition of an alert.
    pub enum Rule {
        /// A signal is on one side of a number.
        Threshold {
            /// The signal.
            signal: SignalName,
            /// It must be above this.
            above: Option<Amount>,
            /// It must be below this.
            below: Option<Amount>,
            /// Over how long it is taken, in whole seconds up to an hour; without it, over one reading.
            over: Option<Spanned<SimDuration>>,
        },
        /// The error budget of a population burns too fast, by its objective (Google, The Site Reliability Workbook, 2018, ch. 5). What
        /// was before the start of the run is taken as healthy, with the traffic seen since; that is an assumption.
        BurnRate {
            /// The population.
            population: Spanned<String>,
            /// The measures, one of which is enough; without them those of the workbook: 14.4 over 1h and 5m or 6 over 6h and 30m for
            /// a page, 1 over 3d and 6h for a ticket. For a run of an hour, write shorter ones.
            windows: Option<Vec<BurnWindow>>,
        },
    }
}

document! {
    /// A burn rate that must be exceeded over two windows: the long one so that it matters, the short one so that it is still going on.
    pub struct BurnWindow {
        /// The share of bad requests over the share that the objective allows.
        rate: Spanned<f64>,
        /// The long window, in whole seconds.
        long: Spanned<SimDuration>,
        /// The short window, in whole seconds.
        short: Spanned<SimDuration>,
    }
}

document! {
    /// How urgent an alert is.
    pub enum Severity {
        /// Somebody is called at once.
        Page,
        /// It waits in a list until somebody looks.
        Ticket,
    }
}

document! {
    /// How those who are paged are told, as Alertmanager does it, with its defaults. Spans are whole seconds.
    pub struct Notify {
        /// What alerts have in common that are told together, besides whom they page and how urgently; without it, nothing more.
        group_by: Items<GroupLabel> = Items::default(),
        /// How long a new group of alerts waits for more before the first notification; 30s unless given.
        group_wait: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(30)),
        /// How long after a notification the group is looked at again, and then each time, for what has changed; 5m
        /// unless given.
        group_interval: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(300)),
        /// After how long the group is told again although nothing has changed; looked at every `group_interval`; 4h unless
        /// given.
        repeat_interval: Spanned<SimDuration> = Spanned::implied(SimDuration::from_secs(4 * 3_600)),
        /// Whether it is told when alerts are resolved; true unless given.
        send_resolved: bool = true,
        /// How long a page takes until it reaches somebody. The default, none, is an assumption.
        paging_delay: Spanned<SimDuration> = Spanned::implied(SimDuration::ZERO),
    }
}

document! {
    /// What alerts must have in common to be told together.
    pub enum GroupLabel {
        /// The alert itself: each is told alone.
        Alert,
        /// The service that they are about: of a dependency, the service that calls.
        Service,
    }
}

/// The name of a signal: `"error-ratio of registry"`.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalName(pub Spanned<String>);

impl Decode for SignalName {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Spanned::decode(node, diagnostics).map(Self)
    }
}

impl JsonSchema for SignalName {
    fn schema_name() -> Cow<'static, str> {
        "SignalName".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::SignalName").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A metric of a service, an endpoint, a dependency or a population: \"error-ratio of registry\", \
                            \"p99-latency of registry.lookup\", \"pool-waiting of registry->db\" (or \"pool-waiting of \
                            dependency cache\", by a name of its own), \"burn-rate of population web\". For the metrics see \
                            Metrics.",
            "type": "string",
            "pattern": "^[a-z0-9-]+ of .+$",
        })
    }
}

/// The metrics that are instrumented of something: `All`, or a list of their names.
#[derive(Clone, Debug, PartialEq)]
pub enum Metrics {
    /// All that there are of it.
    All,
    /// These, by name.
    Listed(Items<Spanned<String>>),
}

impl Decode for Metrics {
    fn decode(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Ident(name) if name == "All" => Some(Self::All),
            Kind::List(_) => Items::decode(node, diagnostics).map(Self::Listed),
            _ => {
                let help = "write All, or [\"request-rate\", \"error-ratio\"]";
                diagnostics.wrong_type(node, "All or a list of metrics", help);
                None
            }
        }
    }
}

impl JsonSchema for Metrics {
    fn schema_name() -> Cow<'static, str> {
        "Metrics".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Metrics").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Metric::ALL.into_iter().map(Metric::name).collect();
        json_schema!({
            "description": "The metrics that are instrumented: All, or a list. Of everything: request-rate (of a dependency, calls), \
                            error-ratio, goodput (what ends well, a second), mean-latency and p99-latency (the highest 99th \
                            percentile of any second) of what ends well. Of a service: utilisation, queue, instances. Of a \
                            dependency: amplification (attempts for each call), pool-in-use, pool-waiting, breakers-open. Of a \
                            population: amplification, burn-rate (the share of bad requests over the share that the objective \
                            allows), affected-users.",
            "anyOf": [
                { "type": "string", "const": "All" },
                { "type": "array", "items": { "type": "string", "enum": names } },
            ],
        })
    }
}
