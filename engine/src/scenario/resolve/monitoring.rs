//! Monitoring: what is instrumented, what raises an alert, and who is told.

use std::ops::RangeInclusive;

use crate::ids::Table;
use crate::observe::{
    AlertSpec, BurnRule, BurnWindow, Dashboards, GroupLabel, GroupSpec, MonitoringSpec, NotifySpec, Rule, Severity,
    TelemetryHost, Threshold,
};
use crate::scenario::document::{self, Amount, Entries, Metrics, SignalName};
use crate::text::{Span, Spanned};
use crate::traffic::PopulationSpec;
use crate::units::SimDuration;

use super::names::check_name;
use super::{Resolver, limits};

/// What a span may be that is at least a second.
const FROM_A_SECOND: RangeInclusive<SimDuration> = SimDuration::SECOND..=limits::DURATION;
/// What a span may be that may be nothing.
const FROM_NOTHING: RangeInclusive<SimDuration> = SimDuration::ZERO..=limits::DURATION;

impl Resolver<'_, '_> {
    /// How the system is watched.
    pub(super) fn monitoring(&mut self, populations: &Table<PopulationSpec>) -> MonitoringSpec {
        let doc = self.doc;
        let Some(doc) = doc.monitoring.written() else { return MonitoringSpec::default() };
        let default = MonitoringSpec::default();
        let intervals = SimDuration::SECOND..=limits::INTERVAL;
        let scrape_interval = doc.scrape_interval.as_ref().map_or(default.scrape_interval, |span| {
            self.seconds(span, intervals.clone(), "the interval at which metrics are read")
        });
        let delay = doc.delay.as_ref().map_or(default.delay, |span| {
            self.seconds(span, SimDuration::ZERO..=limits::INTERVAL, "the delay of dashboards")
        });
        let evaluation_interval = doc.evaluation_interval.written().map_or(scrape_interval, |span| {
            self.seconds(span, intervals, "the interval at which alert rules are looked at")
        });
        let dashboards = doc.dashboards.written().map(|dashboards| self.dashboards(dashboards, populations.len()));
        let depends_on = doc.depends_on.written().and_then(|host| self.telemetry_host(host));
        let alerts = self.alerts(&doc.alerts, scrape_interval, populations);
        self.check_looks(&doc.alerts.head, &alerts, evaluation_interval);
        let notify = self.notify(doc.notify.written(), &alerts);
        MonitoringSpec { scrape_interval, delay, evaluation_interval, dashboards, depends_on, alerts, notify }
    }

    /// A span within a range, in whole seconds: monitoring works by the second.
    fn seconds(
        &mut self,
        span: &Spanned<SimDuration>,
        allowed: RangeInclusive<SimDuration>,
        what: &str,
    ) -> SimDuration {
        let inside = allowed.contains(span);
        let value = self.within(span, allowed, what);
        let second = SimDuration::SECOND.as_nanos();
        if inside && !value.as_nanos().is_multiple_of(second) {
            let message = format!("{what} is {value}");
            let whole = SimDuration::from_secs(value.as_nanos().div_ceil(second));
            let help = format!("whole seconds, such as {whole}: measures are taken every second");
            self.error("out-of-range", &span.span, message, help);
        }
        value
    }

    fn dashboards(&mut self, docs: &Entries<Metrics>, populations: usize) -> Dashboards {
        let (services, endpoints) = (self.doc.services.len(), self.names.endpoint_count());
        let mut dashboards = Dashboards::empty(services, endpoints, self.dependencies.list.len(), populations);
        let mut shown = Vec::new();
        for (name, metrics) in docs.readable() {
            let bare = Spanned::new(name.value.clone(), name.span.start + 1..name.span.end.saturating_sub(1));
            let Some(subject) = self.subject(&bare) else { continue };
            match metrics {
                Metrics::All => shown.push((subject, subject.metrics().to_vec())),
                Metrics::Listed(names) => {
                    let metrics = names.iter().filter_map(|name| {
                        let metric = self.metric(name)?;
                        self.metric_of(subject, metric, &name.span)
                    });
                    let metrics = metrics.collect();
                    shown.push((subject, metrics));
                }
            }
        }
        if !self.diagnostics.has_errors() {
            shown.iter().for_each(|(subject, metrics)| dashboards.add(*subject, metrics));
        }
        dashboards
    }

    fn telemetry_host(&mut self, doc: &document::DependsOn) -> Option<TelemetryHost> {
        let max_utilisation = doc.max_utilisation.as_ref().map(|limit| self.share(limit, "the highest utilisation"));
        let max_error_ratio =
            doc.max_error_ratio.as_ref().map(|limit| self.share(limit, "the highest share of errors"));
        let service = self.names.service(&doc.service, self.diagnostics)?;
        Some(TelemetryHost { service, max_utilisation, max_error_ratio })
    }

    fn alerts(
        &mut self,
        docs: &Entries<document::Alert>,
        interval: SimDuration,
        populations: &Table<PopulationSpec>,
    ) -> Table<AlertSpec> {
        if docs.len() > limits::ALERTS {
            let message = format!("{} alerts are too many", docs.len());
            self.error("too-many", &docs.head, message, format!("at most {}", limits::ALERTS));
        }
        for (name, _) in docs.iter() {
            check_name(name, "an alert", self.diagnostics);
        }
        let readable: Vec<_> = docs.readable().collect();
        readable.into_iter().filter_map(|(name, doc)| self.alert(name, doc, interval, populations)).collect()
    }

    fn alert(
        &mut self,
        name: &Spanned<String>,
        doc: &document::Alert,
        interval: SimDuration,
        populations: &Table<PopulationSpec>,
    ) -> Option<AlertSpec> {
        let severity = match doc.severity {
            document::Severity::Page => Severity::Page,
            document::Severity::Ticket => Severity::Ticket,
        };
        let holds = self.seconds(&doc.holds, FROM_NOTHING, "the time for which a condition must hold");
        let keep = self.seconds(&doc.keep_firing_for, FROM_NOTHING, "the time for which an alert goes on firing");
        check_name(&doc.pages, "who is told", self.diagnostics);
        let rule = doc.rule.as_ref()?;
        let rule = match &rule.value {
            document::Rule::Threshold { signal, above, below, over } => {
                let help = "write Threshold(signal: \"error-ratio of api\", above: \"5%\") or below";
                let side = self.side(&rule.span, (above.as_ref(), below.as_ref()), help);
                let over = over.as_ref().map_or(interval, |over| {
                    self.seconds(over, SimDuration::SECOND..=limits::WINDOW, "the window of an alert")
                });
                Rule::Threshold(self.threshold_rule(signal, side?, over)?)
            }
            document::Rule::BurnRate { population, windows } => {
                let windows = self.burn_windows(windows.as_deref(), severity, &rule.span);
                let population = self.names.population(population, self.diagnostics)?;
                let availability = populations.get(population)?.objective.availability;
                // To twelve decimals: `1 - 0.999` is not quite 0.001.
                let allowed = libm::round((1.0 - availability) * 1e12) / 1e12;
                Rule::BurnRate(BurnRule { population, allowed, windows })
            }
        };
        let service = match &rule {
            Rule::Threshold(rule) => self.service_of(rule.signal.subject),
            Rule::BurnRate(_) => None,
        };
        let (pages, summary) = (doc.pages.value.clone(), doc.summary.clone());
        Some(AlertSpec {
            name: name.value.clone(),
            summary,
            rule,
            holds,
            keep_firing_for: keep,
            severity,
            pages,
            service,
        })
    }

    fn threshold_rule(&mut self, signal: &SignalName, side: (bool, &Amount), over: SimDuration) -> Option<Threshold> {
        let signal = self.signal(signal)?;
        let threshold = self.amount(side.1, signal.metric.unit())?;
        Some(Threshold { signal, above: side.0, threshold, over })
    }

    fn burn_windows(
        &mut self,
        docs: Option<&[document::BurnWindow]>,
        severity: Severity,
        span: &Span,
    ) -> Vec<BurnWindow> {
        let Some(docs) = docs else {
            return match severity {
                Severity::Page => BurnWindow::PAGES.to_vec(),
                Severity::Ticket => BurnWindow::TICKETS.to_vec(),
            };
        };
        if docs.is_empty() {
            let help = "write windows: [(rate: 14.4, long: \"1h\", short: \"5m\")], or leave them out";
            self.error("nothing", span, "a burn rate without windows is never too high", help);
        }
        docs.iter().map(|doc| self.burn_window(doc)).collect()
    }

    fn burn_window(&mut self, doc: &document::BurnWindow) -> BurnWindow {
        let rate = self.above_zero(&doc.rate, 1e9, "a burn rate");
        let long = self.seconds(&doc.long, SimDuration::SECOND..=limits::SPAN, "the long window of a burn rate");
        let short = self.seconds(&doc.short, SimDuration::SECOND..=limits::SPAN, "the short window of a burn rate");
        if short >= long {
            let message = format!("the short window, {short}, is not shorter than the long one, {long}");
            self.error("out-of-order", &doc.short.span, message, "the workbook takes a twelfth of the long window");
        }
        BurnWindow { rate, long, short }
    }

    /// Reports rules that take more time to look at than the simulation itself.
    fn check_looks(&mut self, span: &Span, alerts: &Table<AlertSpec>, interval: SimDuration) {
        let Some(end) = self.end() else { return };
        let looks = end.as_secs_f64() / interval.as_secs_f64().max(1.0);
        let window = |alert: &AlertSpec| match &alert.rule {
            Rule::Threshold(rule) => rule.over.as_secs_f64(),
            Rule::BurnRate(rule) => 2.0 * rule.windows.len() as f64,
        };
        let seconds = looks * alerts.iter().map(window).sum::<f64>();
        if seconds > limits::LOOKED_AT {
            let message = format!("{looks:.0} looks at {} alerts read {seconds:.0} recorded seconds", alerts.len());
            let help =
                format!("at most {:.0}: shorten `over`, or look less often, `evaluation_interval`", limits::LOOKED_AT);
            self.error("too-much-load", span, message, help);
        }
    }

    fn notify(&mut self, doc: Option<&document::Notify>, alerts: &Table<AlertSpec>) -> NotifySpec {
        let Some(doc) = doc else {
            return NotifySpec { groups: GroupSpec::by(&[], alerts), ..NotifySpec::default() };
        };
        let label = |label: &document::GroupLabel| match label {
            document::GroupLabel::Alert => GroupLabel::Alert,
            document::GroupLabel::Service => GroupLabel::Service,
        };
        let labels: Vec<GroupLabel> = doc.group_by.iter().map(label).collect();
        NotifySpec {
            group_wait: self.seconds(&doc.group_wait, FROM_NOTHING, "the time that a new group waits"),
            group_interval: self.seconds(&doc.group_interval, FROM_A_SECOND, "the interval of a group"),
            repeat_interval: self.seconds(&doc.repeat_interval, FROM_A_SECOND, "the interval of repetition"),
            send_resolved: doc.send_resolved,
            paging_delay: self.seconds(&doc.paging_delay, FROM_NOTHING, "the delay of a page"),
            groups: GroupSpec::by(&labels, alerts),
        }
    }
}
