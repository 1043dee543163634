//! Notifications: alerts that fire are put together in groups, and somebody is told.
//!
//! The semantics are those of Alertmanager (configuration of routes; `dispatch/dispatch.go`, `notify/notify.go`). Alerts for the
//! same receiver that agree in the labels of `group_by` form a group. A new group waits `group_wait` for more alerts before the
//! first notification; then it is looked at every `group_interval`, and a notification is sent if an alert has begun to fire or been
//! resolved since the last one, or if `repeat_interval` has passed since then. What was resolved before anybody was told is never
//! told. A group in which nothing fires any more is given up, and begins again with `group_wait`.
//!
//! Here, pages and tickets are different receivers, and a page takes a delay until it reaches whoever carries the pager.

use serde::{Deserialize, Serialize};

use crate::ids::{Id, Table};
use crate::units::{SimDuration, SimTime};

use super::alert::{AlertSpec, AlertState, Severity, Stage};

/// How notifications are sent. All spans are whole seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct NotifySpec {
    /// How long a new group waits for more alerts.
    pub group_wait: SimDuration,
    /// How often a group is looked at afterwards, above 0.
    pub group_interval: SimDuration,
    /// After how long it is told again that nothing has changed, looked at every `group_interval`.
    pub repeat_interval: SimDuration,
    /// Whether it is told that alerts have been resolved.
    pub send_resolved: bool,
    /// How long a page takes from its sending until it reaches somebody.
    pub paging_delay: SimDuration,
    /// The groups that there can be, each alert being of exactly one.
    pub groups: Vec<GroupSpec>,
}

impl Default for NotifySpec {
    /// Alertmanager's defaults: 30 s, 5 min, 4 h.
    fn default() -> Self {
        Self {
            group_wait: SimDuration::from_secs(30),
            group_interval: SimDuration::from_secs(300),
            repeat_interval: SimDuration::from_secs(4 * 3_600),
            send_resolved: true,
            paging_delay: SimDuration::ZERO,
            groups: Vec::new(),
        }
    }
}

/// Alerts that are told together.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSpec {
    /// Who is told.
    pub to: String,
    /// How urgently.
    pub severity: Severity,
    /// The alerts, in order.
    pub alerts: Vec<Id<AlertSpec>>,
}

/// What alerts must have in common to be told together, besides whom they page and how urgently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupLabel {
    /// The alert itself: each is told alone.
    Alert,
    /// The service that they are about.
    Service,
}

impl GroupSpec {
    /// Puts alerts into groups by labels, the groups in the order of their first alerts.
    #[must_use]
    pub fn by(labels: &[GroupLabel], alerts: &Table<AlertSpec>) -> Vec<Self> {
        let same = |one: Id<AlertSpec>, other: Id<AlertSpec>| {
            let label = |label: &GroupLabel| match label {
                GroupLabel::Alert => one == other,
                GroupLabel::Service => alerts[one].service == alerts[other].service,
            };
            let receiver = |id: Id<AlertSpec>| (&alerts[id].pages, alerts[id].severity);
            receiver(one) == receiver(other) && labels.iter().all(label)
        };
        let mut groups: Vec<Self> = Vec::new();
        for (id, spec) in alerts.enumerate() {
            match groups.iter_mut().find(|group| same(group.alerts[0], id)) {
                Some(group) => group.alerts.push(id),
                None => groups.push(Self { to: spec.pages.clone(), severity: spec.severity, alerts: vec![id] }),
            }
        }
        groups
    }
}

/// Somebody was told something about a group of alerts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// When it reached whom it was for.
    pub at: SimTime,
    /// When it was sent.
    pub sent: SimTime,
    /// Whom it was for.
    pub to: String,
    /// How urgent it was.
    pub severity: Severity,
    /// Why it was sent.
    pub reason: Reason,
    /// The alerts that fired, by name.
    pub firing: Vec<String>,
    /// Those that had been resolved since the last one.
    pub resolved: Vec<String>,
}

/// Why a notification is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Alerts fire of which nobody has been told.
    Firing,
    /// Some of the alerts have been resolved.
    SomeResolved,
    /// Nothing fires any more.
    Resolved,
    /// Nothing has changed for a long time.
    Repeat,
}

/// The state of a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    /// When it is looked at next; `None` when nothing fires.
    due: Option<SimTime>,
    /// The alerts in it, and whether each has been resolved, in order.
    members: Vec<(Id<AlertSpec>, bool)>,
    /// What was told last.
    told: Option<Told>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    at: SimTime,
    firing: Vec<Id<AlertSpec>>,
    resolved: Vec<Id<AlertSpec>>,
}

impl Group {
    /// Takes in the states of its alerts.
    pub(super) fn take(&mut self, spec: &GroupSpec, notify: &NotifySpec, states: &[AlertState], now: SimTime) {
        for &alert in &spec.alerts {
            let fires = states[alert.index()].stage == Stage::Firing;
            match self.members.binary_search_by_key(&alert, |member| member.0) {
                Ok(at) => self.members[at].1 = !fires,
                Err(at) if fires => self.members.insert(at, (alert, false)),
                Err(_) => {}
            }
        }
        if self.due.is_none() && !self.members.is_empty() {
            self.due = Some(now.saturating_add(notify.group_wait));
        }
    }

    /// Looks at the group if it is time to, and says what to tell.
    pub(super) fn flush(
        &mut self,
        spec: &GroupSpec,
        notify: &NotifySpec,
        alerts: &Table<AlertSpec>,
        now: SimTime,
    ) -> Option<Notification> {
        if self.due.is_none_or(|due| due > now) {
            return None;
        }
        let of = |resolved: bool| self.members.iter().filter(move |member| member.1 == resolved).map(|member| member.0);
        let (firing, resolved): (Vec<_>, Vec<_>) = (of(false).collect(), of(true).collect());
        let reason = self.reason(notify, &firing, &resolved, now);
        self.members.retain(|member| !member.1);
        self.due = (!self.members.is_empty()).then(|| now.saturating_add(notify.group_interval));
        let reason = reason?;
        let names = |ids: &[Id<AlertSpec>]| ids.iter().map(|id| alerts[*id].name.clone()).collect();
        let delay = if spec.severity == Severity::Page { notify.paging_delay } else { SimDuration::ZERO };
        let notification = Notification {
            at: now.saturating_add(delay),
            sent: now,
            to: spec.to.clone(),
            severity: spec.severity,
            reason,
            firing: names(&firing),
            resolved: if notify.send_resolved { names(&resolved) } else { Vec::new() },
        };
        self.told = Some(Told { at: now, firing, resolved });
        (reason != Reason::Resolved || notify.send_resolved).then_some(notification)
    }

    /// Why something is to be told now; `None` when nothing is.
    fn reason(
        &self,
        notify: &NotifySpec,
        firing: &[Id<AlertSpec>],
        resolved: &[Id<AlertSpec>],
        now: SimTime,
    ) -> Option<Reason> {
        let Some(told) = &self.told else { return (!firing.is_empty()).then_some(Reason::Firing) };
        if firing.iter().any(|alert| !told.firing.contains(alert)) {
            return Some(Reason::Firing);
        }
        if firing.is_empty() {
            return (!told.firing.is_empty()).then_some(Reason::Resolved);
        }
        if notify.send_resolved && resolved.iter().any(|alert| !told.resolved.contains(alert)) {
            return Some(Reason::SomeResolved);
        }
        (now.since(told.at) >= notify.repeat_interval).then_some(Reason::Repeat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::alert::{Rule, Threshold};
    use crate::observe::signal::{Metric, Signal, Subject};

    fn alert(name: &str, service: u32) -> AlertSpec {
        let signal = Signal { metric: Metric::ErrorRatio, subject: Subject::Service(Id::new(service)) };
        AlertSpec {
            name: name.to_owned(),
            summary: String::new(),
            rule: Rule::Threshold(Threshold { signal, above: true, threshold: 0.5, over: SimDuration::SECOND }),
            holds: SimDuration::ZERO,
            keep_firing_for: SimDuration::ZERO,
            severity: Severity::Page,
            pages: "on-call".to_owned(),
            service: Some(Id::new(service)),
        }
    }

    fn secs(secs: u64) -> SimDuration {
        SimDuration::from_secs(secs)
    }

    /// What is told, and when, while two alerts of one group fire in these spans of seconds; a look every second.
    fn told(notify: &NotifySpec, spans: [&[(u64, u64)]; 2], until: u64) -> Vec<(u64, Reason, String, String)> {
        let alerts: Table<AlertSpec> = [alert("a", 0), alert("b", 0)].into_iter().collect();
        let spec = GroupSpec::by(&[], &alerts).remove(0);
        let (mut group, mut said) = (Group::default(), Vec::new());
        for now in 1..=until {
            let state = |spans: &[(u64, u64)]| {
                let fires = spans.iter().any(|(from, to)| (*from..*to).contains(&now));
                AlertState { stage: if fires { Stage::Firing } else { Stage::Inactive }, ..Default::default() }
            };
            let now = SimTime::from_secs(now);
            group.take(&spec, notify, &spans.map(state), now);
            let notification = group.flush(&spec, notify, &alerts, now);
            said.extend(
                notification.map(|one| (now.whole_secs(), one.reason, one.firing.join(""), one.resolved.join(""))),
            );
        }
        said
    }

    fn line(at: u64, reason: Reason, firing: &str, resolved: &str) -> (u64, Reason, String, String) {
        (at, reason, firing.to_owned(), resolved.to_owned())
    }

    #[test]
    fn a_group_waits_for_more_and_is_told_at_once_then() {
        let said = told(&NotifySpec::default(), [&[(100, 900)], &[(130, 900)]], 800);
        assert_eq!(said, [line(130, Reason::Firing, "ab", "")], "the second one is still in time");
        let said = told(&NotifySpec::default(), [&[(100, 900)], &[(131, 900)]], 800);
        assert_eq!(said, [line(130, Reason::Firing, "a", ""), line(430, Reason::Firing, "ab", "")]);
    }

    #[test]
    fn what_is_resolved_is_told_at_the_next_look() {
        let said = told(&NotifySpec::default(), [&[(100, 200)], &[(100, 500)]], 1_000);
        let expected = [
            line(130, Reason::Firing, "ab", ""),
            line(430, Reason::SomeResolved, "b", "a"),
            line(730, Reason::Resolved, "", "b"),
        ];
        assert_eq!(said, expected);
        let quiet = NotifySpec { send_resolved: false, ..Default::default() };
        assert_eq!(told(&quiet, [&[(100, 200)], &[(100, 500)]], 1_000), expected[..1]);
    }

    #[test]
    fn what_was_resolved_before_anybody_was_told_is_never_told() {
        assert_eq!(told(&NotifySpec::default(), [&[(100, 129)], &[]], 1_000), []);
        // It flaps within an interval, and is as it was: nothing to tell.
        let said = told(&NotifySpec::default(), [&[(100, 200), (300, 800)], &[]], 800);
        assert_eq!(said, [line(130, Reason::Firing, "a", "")]);
    }

    #[test]
    fn a_group_that_was_given_up_begins_again() {
        let said = told(&NotifySpec::default(), [&[(100, 200), (1_000, 2_000)], &[]], 1_100);
        let expected = [
            line(130, Reason::Firing, "a", ""),
            line(430, Reason::Resolved, "", "a"),
            line(1_030, Reason::Firing, "a", ""),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn it_is_repeated_at_the_first_look_after_the_interval() {
        let notify = NotifySpec { repeat_interval: secs(600), ..Default::default() };
        let times = |notify: &NotifySpec| -> Vec<u64> {
            told(notify, [&[(100, 9_000)], &[]], 2_000).iter().map(|one| one.0).collect()
        };
        assert_eq!(times(&notify), [130, 730, 1_330, 1_930]);
        let odd = NotifySpec { repeat_interval: secs(601), ..Default::default() };
        assert_eq!(times(&odd), [130, 1_030, 1_930]);
        assert_eq!(NotifySpec::default().repeat_interval, secs(14_400));
    }

    #[test]
    fn groups_are_of_one_receiver_and_agree_in_their_labels() {
        let ticket = AlertSpec { severity: Severity::Ticket, ..alert("c", 0) };
        let other = AlertSpec { pages: "db-on-call".to_owned(), ..alert("d", 0) };
        let alerts: Table<AlertSpec> =
            [alert("a", 0), alert("b", 1), ticket, other, alert("e", 0)].into_iter().collect();
        let groups = |labels: &[GroupLabel]| -> Vec<Vec<usize>> {
            let groups = GroupSpec::by(labels, &alerts);
            groups.iter().map(|group| group.alerts.iter().map(|id| id.index()).collect()).collect()
        };
        assert_eq!(groups(&[]), [vec![0, 1, 4], vec![2], vec![3]]);
        assert_eq!(groups(&[GroupLabel::Service]), [vec![0, 4], vec![1], vec![2], vec![3]]);
        assert_eq!(groups(&[GroupLabel::Alert]).len(), 5);
    }

    #[test]
    fn a_page_takes_its_delay_and_a_ticket_none() {
        let notify = NotifySpec { paging_delay: secs(20), group_wait: SimDuration::ZERO, ..Default::default() };
        let at = |severity| {
            let alerts: Table<AlertSpec> = [AlertSpec { severity, ..alert("a", 0) }].into_iter().collect();
            let spec = GroupSpec::by(&[], &alerts).remove(0);
            let states = [AlertState { stage: Stage::Firing, ..Default::default() }];
            let (mut group, now) = (Group::default(), SimTime::from_secs(60));
            group.take(&spec, &notify, &states, now);
            group.flush(&spec, &notify, &alerts, now).expect("it fires").at.whole_secs()
        };
        assert_eq!((at(Severity::Page), at(Severity::Ticket)), (80, 60));
    }
}
