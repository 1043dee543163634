//! Teams, responders and their habits.

use std::collections::BTreeMap;

use crate::ids::{Id, Table};
use crate::model::ServiceSpec;
use crate::response::people::{Habits, LEAD, LeadSpec, Misroute, PeopleSpec, ResponderSpec, TeamSpec, TimeOfDay};
use crate::rng::Distribution;
use crate::scenario::document::{self, Drawn};
use crate::text::{Diagnostic, Spanned};
use crate::units::{Ratio, SimDuration, SimTime};

use super::names::{check_name, unknown};
use super::{Resolver, limits};

/// When somebody sleeps of whom the file does not say it.
const SLEEPS: (TimeOfDay, TimeOfDay) = (TimeOfDay::new(23, 0), TimeOfDay::new(7, 0));

impl<'d> Resolver<'d, '_> {
    /// Who takes part besides the lead; `None` where the file names nobody.
    pub(super) fn people(&mut self) -> Option<PeopleSpec> {
        let doc = self.doc.people.written()?;
        if doc.responders.len() > limits::RESPONDERS {
            let message = format!("{} responders are too many", doc.responders.len());
            let diagnostic = Diagnostic::error("too-many", doc.responders.head.clone(), message);
            self.diagnostics.push(diagnostic.help(format!("at most {}", limits::RESPONDERS)));
            return None;
        }
        let starts_at = self.time_of_day(&doc.starts_at);
        let by_name: BTreeMap<&str, Id<ResponderSpec>> =
            doc.responders.names().enumerate().map(|(at, name)| (name, Id::from_usize(at))).collect();
        let mut responders = Table::default();
        for (name, responder) in doc.responders.iter() {
            check_name(name, "a responder", self.diagnostics);
            if let Some(responder) = responder.as_ref() {
                let spec = self.responder(name, responder, starts_at);
                responders.push(spec);
            }
        }
        let team_ids: BTreeMap<&str, Id<TeamSpec>> =
            doc.teams.names().enumerate().map(|(at, name)| (name, Id::from_usize(at))).collect();
        let (mut teams, complete) = (Table::default(), doc.teams.complete);
        for (name, team) in doc.teams.iter() {
            check_name(name, "a team", self.diagnostics);
            if by_name.contains_key(name.as_str()) {
                let message = format!("\"{}\" is a team and a responder", name.value);
                self.error("duplicate-name", &name.span, message, "pages go to names: give one of them another");
            }
            if let Some(team) = team.as_ref() {
                let misroutes = team.misroutes.written();
                let misroutes = misroutes.and_then(|doc| self.misroute(name, doc, &team_ids, complete));
                let spec = self.team(name, team, &by_name, doc.responders.complete);
                teams.push(TeamSpec { misroutes, ..spec });
            }
        }
        self.check_pages(doc);
        let lead = doc.lead.as_ref().map_or_else(LeadSpec::default, |lead| self.lead(lead));
        let habits = doc.habits.as_ref().map_or_else(Habits::default, |habits| self.habits(habits));
        let comms = doc.audiences.written().map(|audiences| self.audiences(audiences));
        let injects = self.injects(doc, comms.is_some());
        Some(PeopleSpec { starts_at, lead, teams, responders, habits, comms, injects })
    }

    /// Where there are people, alerts page some of them, or tell the lead.
    fn check_pages(&mut self, people: &document::People) {
        if !(people.responders.complete && people.teams.complete) {
            return;
        }
        let known: Vec<&str> = people.teams.names().chain(people.responders.names()).chain([LEAD]).collect();
        let doc = self.doc;
        for (name, alert) in doc.monitoring.written().iter().flat_map(|doc| doc.alerts.readable()) {
            if known.contains(&alert.pages.as_str()) {
                continue;
            }
            if alert.pages.span.is_empty() {
                let pages = &alert.pages.value;
                let message = format!("the alert \"{}\" pages \"{pages}\", and nobody is called that", name.value);
                let help = format!("add pages: \"{}\", or who else is to be told", known[0]);
                self.error("unknown-receiver", &name.span, message, help);
            } else {
                unknown("team or responder", &alert.pages, &known, self.diagnostics);
            }
        }
    }

    fn team(
        &mut self,
        name: &Spanned<String>,
        doc: &'d document::Team,
        people: &BTreeMap<&str, Id<ResponderSpec>>,
        complete: bool,
    ) -> TeamSpec {
        let services: Vec<Id<ServiceSpec>> =
            doc.services.iter().filter_map(|service| self.names.service(service, self.diagnostics)).collect();
        let mut on_call = Vec::new();
        for who in &doc.on_call {
            match people.get(who.as_str()) {
                Some(id) if on_call.contains(id) => {
                    let message = format!("\"{}\" is on call twice for \"{}\"", who.value, name.value);
                    self.error("duplicate-name", &who.span, message, "remove one of the two");
                }
                Some(id) => on_call.push(*id),
                None if complete => {
                    let known: Vec<&str> = people.keys().copied().collect();
                    unknown("responder", who, &known, self.diagnostics);
                }
                None => {}
            }
        }
        if doc.on_call.is_empty() {
            let message = format!("nobody is on call for \"{}\"", name.value);
            self.error("nothing", &name.span, message, "name a responder in on_call");
        }
        TeamSpec { name: name.value.clone(), services, on_call, misroutes: None }
    }

    /// Where the pages for a team go instead; `None` where that cannot be.
    fn misroute(
        &mut self,
        name: &Spanned<String>,
        doc: &document::Misroute,
        teams: &BTreeMap<&str, Id<TeamSpec>>,
        complete: bool,
    ) -> Option<Misroute> {
        let chance = self.share(&doc.chance, "the chance to go to the wrong team");
        match teams.get(doc.to.as_str()) {
            Some(_) if doc.to.value == name.value => {
                let message = format!("pages for \"{}\" go to \"{}\" anyway", name.value, doc.to.value);
                self.error("same-team", &doc.to.span, message, "name the wrong team that is paged instead");
                None
            }
            Some(to) => Some(Misroute { chance, to: *to }),
            None if complete => {
                let known: Vec<&str> = teams.keys().copied().collect();
                unknown("team", &doc.to, &known, self.diagnostics);
                None
            }
            None => None,
        }
    }

    fn responder(&mut self, name: &Spanned<String>, doc: &document::Responder, starts_at: TimeOfDay) -> ResponderSpec {
        let mut skills = Vec::new();
        for (service, skill) in doc.skills.iter() {
            let id = self.names.service(service, self.diagnostics);
            let skill = skill.as_ref().map_or(0.0, |skill| self.share(skill, "a skill"));
            skills.extend(id.map(|id| (id, skill)));
        }
        let local = doc.local_time.written().map_or(starts_at, |time| self.time_of_day(time));
        let (ahead, day) = (i64::from(local.secs) - i64::from(starts_at.secs), 86_400);
        let sleeps = doc.sleeps.written();
        let sleeps = sleeps.map_or(SLEEPS, |(from, to)| (self.time_of_day(from), self.time_of_day(to)));
        let most = Ratio::new(limits::LOAD);
        let load = doc.load.as_ref().map_or(Ratio::ZERO, |load| self.within(load, Ratio::ZERO..=most, "other work"));
        let optimism = doc
            .optimism
            .as_ref()
            .map_or(Ratio::ONE, |optimism| self.within(optimism, Ratio::new(0.1)..=Ratio::new(10.0), "optimism"));
        let speaks_up = doc.speaks_up.as_ref();
        ResponderSpec {
            name: name.value.clone(),
            role: doc.role.0.clone().unwrap_or_default(),
            skills,
            east: ahead.rem_euclid(day) as i32,
            sleeps,
            present: doc.present,
            leaves: doc.leaves.written().map(|span| {
                let end = self.within(span, SimDuration::ZERO..=limits::SPAN, "the end of a shift");
                SimTime::ZERO.saturating_add(end)
            }),
            load: load.as_fraction(),
            optimism: optimism.as_fraction(),
            speaks_up: speaks_up.map_or(0.0, |chance| self.share(chance, "the chance to speak up")),
        }
    }

    fn lead(&mut self, doc: &document::Lead) -> LeadSpec {
        let usual = LeadSpec::default();
        let most = Ratio::new(10.0);
        LeadSpec {
            skill: self.or_share(doc.skill.as_ref(), usual.skill, "the lead's skill"),
            assigning: self.or_span(doc.assigning.as_ref(), usual.assigning, "assigning"),
            checking_in: self.or_span(doc.checking_in.as_ref(), usual.checking_in, "checking in"),
            paging: self.or_span(doc.paging.as_ref(), usual.paging, "paging"),
            telling: self.or_span(doc.telling.as_ref(), usual.telling, "telling"),
            answering: self.or_span(doc.answering.as_ref(), usual.answering, "answering"),
            handing_over: self.or_span(doc.handing_over.as_ref(), usual.handing_over, "handing over"),
            explaining: self.or_span(doc.explaining.as_ref(), usual.explaining, "explaining"),
            span_of_control: doc
                .span_of_control
                .as_ref()
                .map_or(usual.span_of_control, |count| self.count(count, 1..=1_000, "the span of control")),
            overload: doc
                .overload
                .as_ref()
                .map_or(usual.overload, |ratio| self.within(ratio, Ratio::ZERO..=most, "the overload").as_fraction()),
        }
    }

    fn habits(&mut self, doc: &document::Habits) -> Habits {
        let usual = Habits::default();
        Habits {
            acknowledges: self.or_drawn(doc.acknowledges.as_ref(), usual.acknowledges),
            acknowledges_asleep: self.or_drawn(doc.acknowledges_asleep.as_ref(), usual.acknowledges_asleep),
            misses: self.or_share(doc.misses.as_ref(), usual.misses, "the chance to miss a page"),
            escalates_after: self.or_span(doc.escalates_after.as_ref(), usual.escalates_after, "the escalation"),
            briefing: self.or_span(doc.briefing.as_ref(), usual.briefing, "the briefing"),
            joining: self.or_span(doc.joining.as_ref(), usual.joining, "what somebody who joins costs"),
            inertia: self.or_share(doc.inertia.as_ref(), usual.inertia, "sleep inertia"),
            inertia_fades: match &doc.inertia_fades {
                Some(span) => self.positive(span, "what sleep inertia takes to fade"),
                None => usual.inertia_fades,
            },
            tiring: self.or_share(doc.tiring.as_ref(), usual.tiring, "tiring"),
            stranger_speed: match &doc.stranger_speed {
                Some(ratio) => self.within(ratio, Ratio::new(0.01)..=Ratio::ONE, "a stranger's speed").as_fraction(),
                None => usual.stranger_speed,
            },
            stranger_errors: self.or_factor(doc.stranger_errors.as_ref(), usual.stranger_errors, "a stranger's errors"),
            hands_on: self.or_drawn(doc.hands_on.as_ref(), usual.hands_on),
            resumes_writing: self.or_drawn(doc.resumes_writing.as_ref(), usual.resumes_writing),
            resumes_looking: self.or_drawn(doc.resumes_looking.as_ref(), usual.resumes_looking),
            resumes_at_most: self.or_span(doc.resumes_at_most.as_ref(), usual.resumes_at_most, "an interruption"),
            natural_break: self.or_span(doc.natural_break.as_ref(), usual.natural_break, "the natural break"),
            blocked: self.or_share(doc.blocked.as_ref(), usual.blocked, "the chance to be blocked"),
            hesitates: self.or_drawn(doc.hesitates.as_ref(), usual.hesitates),
            alone: self.or_drawn(doc.alone.as_ref(), usual.alone),
            help: self.or_span(doc.help.as_ref(), usual.help, "the help"),
            haste_saves: match &doc.haste_saves {
                Some(ratio) => self.within(ratio, Ratio::ZERO..=Ratio::new(0.9), "what haste saves").as_fraction(),
                None => usual.haste_saves,
            },
            haste_errors: self.or_factor(doc.haste_errors.as_ref(), usual.haste_errors, "the errors of haste"),
            watches: self.or_span(doc.watches.as_ref(), usual.watches, "watching a fix"),
            candour: match &doc.candour {
                Some(ratio) => self.within(ratio, Ratio::new(0.01)..=Ratio::ONE, "candour").as_fraction(),
                None => usual.candour,
            },
            thanks_raise: self.or_share(doc.thanks_raise.as_ref(), usual.thanks_raise, "what thanks raise"),
            blame_costs: self.or_share(doc.blame_costs.as_ref(), usual.blame_costs, "what blame costs"),
            overhears: self.or_share(doc.overhears.as_ref(), usual.overhears, "what others overhear"),
            arrives_told: self.or_share(doc.arrives_told.as_ref(), usual.arrives_told, "what arrives of what is told"),
            arrives_read_back: self.or_share(
                doc.arrives_read_back.as_ref(),
                usual.arrives_read_back,
                "what arrives of what is read back",
            ),
            arrives_untold: self.or_share(
                doc.arrives_untold.as_ref(),
                usual.arrives_untold,
                "what arrives of what is not told",
            ),
            explained_keeps: self.or_share(
                doc.explained_keeps.as_ref(),
                usual.explained_keeps,
                "what explaining keeps",
            ),
            triage: self.or_drawn(doc.triage.as_ref(), usual.triage),
        }
    }

    pub(super) fn or_span(
        &mut self,
        doc: Option<&Spanned<SimDuration>>,
        usual: SimDuration,
        what: &str,
    ) -> SimDuration {
        doc.map_or(usual, |span| self.within(span, SimDuration::ZERO..=limits::SPAN, what))
    }

    pub(super) fn or_share(&mut self, doc: Option<&Spanned<Ratio>>, usual: f64, what: &str) -> f64 {
        doc.map_or(usual, |share| self.share(share, what))
    }

    fn or_factor(&mut self, doc: Option<&Spanned<f64>>, usual: f64, what: &str) -> f64 {
        doc.map_or(usual, |factor| self.number(factor, 1.0..=100.0, what))
    }

    fn or_drawn(&mut self, doc: Option<&Drawn>, usual: Distribution) -> Distribution {
        doc.map_or(usual, |drawn| self.drawn(Some(drawn)))
    }

    /// A time of day. One that is none is reported, and midnight returned.
    fn time_of_day(&mut self, text: &Spanned<String>) -> TimeOfDay {
        let parsed = text.split_once(':').and_then(|(hours, minutes)| {
            let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            let (hours, minutes) = (two_digits(hours).then_some(hours)?, two_digits(minutes).then_some(minutes)?);
            Some((hours.parse().ok()?, minutes.parse().ok()?))
        });
        match parsed {
            Some((hours, minutes)) if hours < 24 && minutes < 60 => TimeOfDay::new(hours, minutes),
            _ => {
                let message = format!("\"{}\" is no time of day", text.value);
                self.error("bad-time-of-day", &text.span, message, "from \"00:00\" to \"23:59\"");
                TimeOfDay::new(0, 0)
            }
        }
    }
}
