//! What comes up, in words: what people say, alerts, changes, and readings that differ from those before.

use std::collections::BTreeSet;

use brownout::observe::{AlertView, ChangeEntry, NewsKind, Observation, Reason, ServiceView, Severity, Stage};
use brownout::response::comms::Extent;
use brownout::text::shown;
use brownout::units::SimTime;

use super::figures::{percent, rate};
use super::show::trigger_line;

/// A reading with this many times the requests of the one last told is told, and one with as many times fewer.
const TOLD_FACTOR: f64 = 1.75;
/// Fewer requests than this between two readings are luck.
const TOLD_REQUESTS: f64 = 30.0;

/// How far what is compared with follows each reading that is not told, so that it is no single one.
const FOLLOWS: f64 = 0.2;

/// From whom it is what the lead has done.
const LEAD: &str = "lead";

/// What kind of thing came up; told by a letter as well as by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something got worse.
    Bad,
    /// Something got better.
    Good,
    /// Somebody said something.
    Said,
    /// The system was changed.
    Change,
    /// Dashboards show other figures, and nothing that is bad.
    Reading,
    /// What has taken its course: what the lead has announced, whom they call.
    Course,
    /// What the lead did.
    Own,
}

/// Something that came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) at: SimTime,
    pub(super) kind: Kind,
    pub(super) from: String,
    pub(super) text: String,
}

impl Item {
    /// Whether somebody who waits is to look at it: not at what was to be expected.
    const fn is_to_be_looked_at(&self) -> bool {
        matches!(self.kind, Kind::Bad | Kind::Good | Kind::Said)
    }
}

/// What of a service was last told.
#[derive(Clone, Debug, Default)]
struct Told {
    extent: Option<Extent>,
    /// How many readings in a row were better.
    better: u32,
    rate: Option<f64>,
}

/// Everything that came up, and what it takes to tell the new from the old.
#[derive(Clone, Debug, Default)]
pub(super) struct Feed {
    pub(super) items: Vec<Item>,
    /// The number of the next news.
    news: u32,
    notifications: usize,
    said: usize,
    /// What instruments have shown, by when and which.
    evidence: BTreeSet<(SimTime, String, Option<String>)>,
    alerts: Vec<Stage>,
    changes: Vec<(ChangeEntry, bool)>,
    told: Vec<Told>,
    /// How many triggers were told to have been decided.
    decided: usize,
    scraped: Option<SimTime>,
    stale: bool,
}

impl Feed {
    /// Takes in an observation. Says whether anything came up that somebody who waits is to look at.
    pub(super) fn look(&mut self, seen: &Observation) -> bool {
        let before = self.items.len();
        self.alerts(seen);
        self.notifications(seen);
        self.changes(seen);
        self.readings(seen);
        self.evidence(seen);
        self.people(seen);
        let new = self.items[before..].iter().any(Item::is_to_be_looked_at);
        self.items[before..].sort_by_key(|item| item.at);
        new
    }

    /// What came up last for which somebody who waits is told.
    pub(super) fn last_to_look_at(&self) -> Option<&Item> {
        self.items.iter().rev().find(|item| item.is_to_be_looked_at())
    }

    /// Puts down what the lead did.
    pub(super) fn own(&mut self, at: SimTime, text: String) {
        self.push(at, Kind::Own, "you", text);
    }

    fn push(&mut self, at: SimTime, kind: Kind, from: &str, text: String) {
        let (from, text) = (shown(from).into_owned(), shown(&text).into_owned());
        self.items.push(Item { at, kind, from, text });
    }

    fn evidence(&mut self, seen: &Observation) {
        for one in &seen.evidence {
            // What was lost in a hand-over may come back.
            let key = (one.at, one.instrument.clone(), one.subject.clone());
            if !self.evidence.insert(key) {
                continue;
            }
            let of = one.subject.as_deref().map(|subject| format!(" {subject}")).unwrap_or_default();
            let (question, shows) = (format!("{}{of}", one.instrument), one.text.trim().replace('\n', "; "));
            // What was measured names the question; what an author wrote does not.
            let text = if shows.starts_with(&question) { shows } else { format!("{question}: {shows}") };
            self.push(one.at, Kind::Said, one.by.as_deref().unwrap_or("you see"), text);
        }
    }

    fn people(&mut self, seen: &Observation) {
        let Some(people) = &seen.people else { return self.triggers(seen) };
        let next = self.news;
        for news in people.news.iter().filter(|news| news.number >= next) {
            // What was found is told as evidence, and what the pager says as notifications.
            if matches!(news.kind, NewsKind::Found | NewsKind::Alerted | NewsKind::Resolved) {
                continue;
            }
            let kind = match news.kind {
                _ if news.bad => Kind::Bad,
                NewsKind::Failed | NewsKind::Unanswered => Kind::Bad,
                NewsKind::Done => Kind::Good,
                // What the lead has said and done themselves is no news to them.
                NewsKind::Announced if news.from == LEAD => Kind::Course,
                NewsKind::Paged => Kind::Course,
                _ => Kind::Said,
            };
            let task = news.task.map(|task| format!("#{task} ")).unwrap_or_default();
            let answer = if news.bad { format!(" [answer {}]", news.number) } else { String::new() };
            self.push(news.at, kind, &news.from, format!("{task}{}{answer}", news.text));
        }
        self.news = people.news.last().map_or(self.news, |news| self.news.max(news.number + 1));
        if let Some(comms) = &people.comms {
            for said in comms.said.iter().skip(self.said) {
                let over = if said.resolved { ", that it is over" } else { "" };
                self.push(said.at, Kind::Said, &said.to, format!("the word is out{over}"));
            }
            self.said = comms.said.len();
        }
    }

    /// Tells of triggers where nobody else does.
    fn triggers(&mut self, seen: &Observation) {
        let mut decided: Vec<_> = seen.triggers.iter().filter(|trigger| trigger.decided.is_some()).collect();
        decided.sort_by_key(|trigger| trigger.decided);
        for trigger in decided.iter().skip(self.decided) {
            self.push(trigger.decided.unwrap_or(seen.now), Kind::Said, "notes", trigger_line(trigger));
        }
        self.decided = decided.len();
    }

    fn alerts(&mut self, seen: &Observation) {
        self.alerts.resize(seen.alerts.len(), Stage::Inactive);
        for (at, alert) in seen.alerts.iter().enumerate() {
            let before = std::mem::replace(&mut self.alerts[at], alert.stage);
            if before == alert.stage {
                continue;
            }
            match alert.stage {
                Stage::Firing => self.push(alert.fired_at.unwrap_or(seen.now), Kind::Bad, "alert", fires(alert)),
                Stage::Resolved => {
                    let since = alert.resolved_at.unwrap_or(seen.now);
                    self.push(since, Kind::Good, "alert", format!("{} is resolved", alert.name));
                }
                Stage::Pending | Stage::Inactive => {}
            }
        }
    }

    fn notifications(&mut self, seen: &Observation) {
        for told in seen.notifications.iter().skip(self.notifications) {
            let (kind, names) = match told.reason {
                Reason::Resolved | Reason::SomeResolved => {
                    (Kind::Good, format!("resolved: {}", told.resolved.join(", ")))
                }
                Reason::Firing | Reason::Repeat => (Kind::Bad, told.firing.join(", ")),
            };
            let from = if told.severity == Severity::Page { "page" } else { "ticket" };
            self.push(told.at, kind, from, format!("to {}: {names}", told.to));
        }
        self.notifications = seen.notifications.len();
    }

    fn changes(&mut self, seen: &Observation) {
        for entry in &seen.changes {
            let same = |known: &ChangeEntry| {
                (known.at, known.service, &known.version, known.back)
                    == (entry.at, entry.service, &entry.version, entry.back)
            };
            let known = self.changes.iter_mut().find(|(known, _)| same(known));
            let was_done = known.as_ref().map(|(_, done)| *done);
            match known {
                Some((_, done)) => *done = entry.done,
                None => self.changes.push((entry.clone(), entry.done)),
            }
            if was_done.is_none() {
                self.push(entry.at, Kind::Change, &entry.name, begun(entry));
            }
            if entry.done && was_done != Some(true) {
                self.push(seen.now, Kind::Change, &entry.name, format!("every instance runs {}", entry.version));
            }
        }
    }

    fn readings(&mut self, seen: &Observation) {
        if seen.is_stale() != self.stale {
            self.stale = seen.is_stale();
            let (kind, text) = match self.stale {
                true => (Kind::Bad, "readings fail: dashboards show what was before"),
                false => (Kind::Good, "readings succeed again"),
            };
            self.push(seen.now, kind, "monitor", text.to_owned());
        }
        if seen.scraped_at == self.scraped {
            return;
        }
        self.scraped = seen.scraped_at;
        self.told.resize(seen.services.len(), Told::default());
        for (at, view) in seen.services.iter().enumerate() {
            if let Some((kind, text)) = self.told[at].read(view, seen.scrape_interval.as_secs_f64()) {
                self.push(seen.now, kind, &view.name, text);
            }
        }
    }
}

impl Told {
    /// What is worth telling of a reading.
    fn read(&mut self, view: &ServiceView, interval: f64) -> Option<(Kind, String)> {
        let errors = self.read_errors(view);
        let rate = self.read_rate(view, interval);
        match (errors, rate) {
            (Some((kind, errors)), Some(rate)) => Some((kind, format!("{errors}; {rate}"))),
            (Some(errors), None) => Some(errors),
            (None, Some(rate)) => Some((Kind::Reading, rate)),
            (None, None) => None,
        }
    }

    /// Worse is told at once, better when two readings in a row are.
    fn read_errors(&mut self, view: &ServiceView) -> Option<(Kind, String)> {
        let ratio = view.error_ratio?;
        let (now, before) = (Extent::of(ratio), self.extent.unwrap_or(Extent::None));
        self.better = if now < before { self.better + 1 } else { 0 };
        let kind = match now.cmp(&before) {
            std::cmp::Ordering::Greater => Kind::Bad,
            std::cmp::Ordering::Less if self.better >= 2 => Kind::Good,
            _ => return None,
        };
        (self.extent, self.better) = (Some(now), 0);
        let error = view.top_error.filter(|_| kind == Kind::Bad).map(|(error, _)| format!(", mostly {}", error.name()));
        Some((kind, format!("errors {}{}", percent(ratio), error.unwrap_or_default())))
    }

    fn read_rate(&mut self, view: &ServiceView, interval: f64) -> Option<String> {
        let now = view.request_rate?;
        let Some(before) = self.rate else {
            self.rate = Some(now);
            return None;
        };
        let far = now > before * TOLD_FACTOR || now * TOLD_FACTOR < before;
        if !far || (now - before).abs() * interval < TOLD_REQUESTS {
            self.rate = Some(before + (now - before) * FOLLOWS);
            return None;
        }
        self.rate = Some(now);
        let where_to = if now > before { "up" } else { "down" };
        Some(format!("requests {where_to} to {} a second, from {}", rate(now), rate(before)))
    }
}

fn fires(alert: &AlertView) -> String {
    let urgent = if alert.severity == Severity::Page { "PAGE" } else { "ticket" };
    let summary = if alert.summary.is_empty() { String::new() } else { format!(": {}", alert.summary) };
    format!("{} fires ({urgent}){summary}", alert.name)
}

fn begun(entry: &ChangeEntry) -> String {
    let version = &entry.version;
    match (entry.dropped, entry.back) {
        (true, _) => format!("{version} is ready and not needed any more"),
        (false, true) => format!("back to {version}, or restart on it: begun"),
        (false, false) => format!("deploy of {version} begun"),
    }
}
