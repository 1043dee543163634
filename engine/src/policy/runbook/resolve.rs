//! From what a rule file says to rules: every name looked up in what can be seen and done at the start, everything that is wrong
//! reported.

use crate::observe::Observation;
use crate::policy::staffing::Staffing;
use crate::response::Menu;
use crate::response::comms::{Audience, Cause, Extent, Statement};
use crate::response::people::Severity;
use crate::text::{Diagnostic, Diagnostics, NameMap, Span, Spanned, suggest};
use crate::units::SimDuration;

use super::condition::{Test, Watch};
use super::document::{self, Condition, WORDS, When};
use super::step::{How, Matrix, Owner, Saying, Step};
use super::{Rule, Runbook};

/// The version of the format.
const FORMAT: u32 = 1;

/// What the names in a rule file can refer to.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// What can be seen at the start.
    pub observation: &'a Observation,
    /// What can be done at the start.
    pub menu: &'a Menu,
    /// Everything of which something could be measured, whether a dashboard shows it or not, as signals name it.
    pub subjects: &'a [String],
}

/// Looks names up and reports.
#[derive(Debug)]
pub(super) struct Resolver<'a> {
    pub(super) names: Names<'a>,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) watches: Vec<Watch>,
    matrices: Vec<Matrix>,
    rules: Vec<String>,
    /// Whether these are all that the file has.
    rules_complete: bool,
}

pub(super) fn resolve(doc: &document::Runbook, names: &Names<'_>, diagnostics: &mut Diagnostics) -> Runbook {
    diagnostics.speak(WORDS);
    let rules: Vec<String> = doc.rules.readable.iter().map(|rule| rule.name.value.clone()).collect();
    let rules_complete = doc.rules.complete;
    let (watches, matrices) = (Vec::new(), Vec::new());
    let mut resolver = Resolver { names: *names, diagnostics, watches, matrices, rules, rules_complete };
    resolver.check_head(doc);
    let rules: Vec<Rule> = doc.rules.readable.iter().filter_map(|rule| resolver.rule(rule)).collect();
    let (watches, matrices) = (resolver.watches, resolver.matrices);
    Runbook {
        acted: vec![None; rules.len()],
        rules,
        watches,
        matrices,
        under_way: Vec::new(),
        staffing: Staffing::default(),
    }
}

/// The nearest of the names, as a help.
fn meant(name: &str, candidates: &[&str]) -> String {
    const LISTED: usize = 12;
    match suggest(name, candidates.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if candidates.is_empty() => "there is none".to_owned(),
        None => {
            let shown: Vec<String> = candidates.iter().take(LISTED).map(|name| format!("\"{name}\"")).collect();
            let more = candidates.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("there are {}{more}", shown.join(", "))
        }
    }
}

impl Resolver<'_> {
    pub(super) fn error(
        &mut self,
        code: &'static str,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::error(code, span.clone(), message).help(help));
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::warning(code, span.clone(), message).help(help));
    }

    pub(super) fn unknown(&mut self, what: &str, name: &Spanned<String>, candidates: &[&str]) {
        let shown: String = name.chars().take(40).collect();
        self.error(
            "unknown-name",
            &name.span,
            format!("there is no {what} called \"{shown}\""),
            meant(name, candidates),
        );
    }

    /// Whether it is one of the names; reports it if not.
    fn is_known<'n>(&mut self, what: &str, name: &Spanned<String>, names: impl Iterator<Item = &'n str>) -> bool {
        let candidates: Vec<&str> = names.collect();
        let known = candidates.contains(&name.as_str());
        if !known {
            self.unknown(what, name, &candidates);
        }
        known
    }

    fn check_head(&mut self, doc: &document::Runbook) {
        if *doc.format != FORMAT {
            let message = format!("format {} is not known here", *doc.format);
            self.error("format", &doc.format.span, message, format!("write format: {FORMAT}"));
        }
        if doc.rules.readable.is_empty() && doc.rules.complete {
            self.error("no-rules", &doc.rules.span, "there are no rules", "add (name: \"..\", when: .., then: [..])");
        }
        for (at, rule) in doc.rules.readable.iter().enumerate() {
            if let Some(first) = doc.rules.readable[..at].iter().find(|other| *other.name == *rule.name) {
                let message = format!("there are two rules called \"{}\"", rule.name.value);
                let diagnostic = Diagnostic::error("duplicate-name", rule.name.span.clone(), message);
                let diagnostic = diagnostic.label(first.name.span.clone(), "first here").help("rename one of the two");
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn rule(&mut self, doc: &document::Rule) -> Option<Rule> {
        if doc.then.is_empty() {
            self.error(
                "no-steps",
                &doc.then.span,
                "the rule does nothing",
                "add something, such as Act(option: \"..\")",
            );
        }
        if let Some(pause) = doc.again_after.as_ref().filter(|pause| pause.is_zero()) {
            let help = "write a span, such as 10m; without again_after the rule acts once";
            self.error("out-of-range", &pause.span, "a rule cannot act again after no time at all", help);
        }
        let when = self.test(&doc.when);
        let then = self.steps(&doc.then);
        let again_after = doc.again_after.as_ref().map(|pause| pause.value);
        Some(Rule { name: doc.name.value.clone(), when: when?, then: then?, again_after })
    }

    fn test(&mut self, When(doc): &When) -> Option<Test> {
        Some(match doc {
            Condition::Signal(signal) => self.watch(signal)?,
            Condition::Firing(alert) => {
                let alerts = &self.names.observation.alerts;
                self.is_known("alert", alert, alerts.iter().map(|alert| alert.name.as_str()))
                    .then(|| Test::Firing(alert.value.clone()))?
            }
            Condition::Paging => Test::Paging,
            Condition::After(span) => Test::After(*span),
            Condition::Acted { rule, ago } => Test::Acted(self.other_rule(rule)?, *ago),
            Condition::Deployed { service, within } => {
                self.is_service(service).then(|| Test::Deployed(service.value.clone(), *within))?
            }
            Condition::All(list) => Test::All(self.tests(list)?),
            Condition::Any(list) => Test::Any(self.tests(list)?),
            Condition::Not(one) => Test::Not(Box::new(self.test(one)?)),
        })
    }

    fn tests(&mut self, list: &Spanned<Vec<When>>) -> Option<Vec<Test>> {
        if list.is_empty() {
            self.error("condition", &list.span, "there is no condition in this list", "add one, or leave the list out");
        }
        let tests: Vec<Option<Test>> = list.iter().map(|one| self.test(one)).collect();
        tests.into_iter().collect()
    }

    fn other_rule(&mut self, name: &Spanned<String>) -> Option<usize> {
        let at = self.rules.iter().position(|rule| *rule == name.value);
        if at.is_none() && self.rules_complete {
            let rules = self.rules.clone();
            let names: Vec<&str> = rules.iter().map(String::as_str).collect();
            self.unknown("rule", name, &names);
        }
        at
    }

    fn is_service(&mut self, name: &Spanned<String>) -> bool {
        let services = &self.names.observation.services;
        self.is_known("service", name, services.iter().map(|view| view.name.as_str()))
    }

    fn steps(&mut self, docs: &[document::Step]) -> Option<Vec<Step>> {
        let steps: Vec<Option<Option<Step>>> = docs.iter().map(|doc| self.step(doc)).collect();
        // Steps that have no place in this scenario are left out, with a warning.
        steps.into_iter().collect::<Option<Vec<_>>>().map(|steps| steps.into_iter().flatten().collect())
    }

    /// The step; `Some(None)` for one that has no place in this scenario, `None` after an error.
    fn step(&mut self, doc: &document::Step) -> Option<Option<Step>> {
        use document::Step as Doc;
        Some(Some(match doc {
            Doc::Act { option, arguments, owner, time_box } => {
                let taken = self.option(option, arguments);
                let how = self.how(owner, *time_box);
                let (option, arguments) = taken?;
                Step::Act(option, arguments, how?)
            }
            Doc::Matrix { criteria, options, owner, time_box } => {
                let matrix = self.matrix(criteria, options);
                let how = self.how(owner, *time_box);
                self.matrices.push(matrix?);
                Step::Choose(self.matrices.len() - 1, how?)
            }
            Doc::If { when, then, otherwise } => {
                let (when, then, otherwise) = (self.test(when), self.steps(then), self.steps(otherwise));
                Step::If(when?, then?, otherwise?)
            }
            Doc::Page(whom) => return self.page(whom),
            Doc::CheckIn(option) => Step::CheckIn(self.option_name(option)?),
            Doc::Declare(number) => return self.declare(number),
            Doc::Say { .. } => return self.say(doc),
            Doc::Wait(span) => Step::Wait(*span),
        }))
    }

    /// The name of an option that somebody may work at, whatever was said for its parameters.
    fn option_name(&mut self, name: &Spanned<String>) -> Option<String> {
        if self.names.menu.find(name).is_some() {
            return Some(name.value.clone());
        }
        self.option(name, &NameMap::default()).map(|(name, _)| name)
    }

    fn how(&mut self, owner: &document::Owner, time_box: Option<SimDuration>) -> Option<How> {
        let owner = match owner {
            document::Owner::Best => Owner::Best,
            document::Owner::Lead => Owner::Lead,
            document::Owner::Person(name) => match &self.names.observation.people {
                None => {
                    self.nobody_else(&name.span, "the lead does it");
                    Owner::Lead
                }
                Some(people) => {
                    let names = people.responders.iter().map(|who| who.name.as_str());
                    self.is_known("person", name, names).then(|| Owner::Person(name.value.clone()))?
                }
            },
        };
        Some(How { owner, time_box })
    }

    fn nobody_else(&mut self, span: &Span, instead: &str) {
        let message = format!("there is nobody but the lead in this scenario: {instead}");
        self.warning("nobody-else", span, message, "a scenario has others in its section `people`");
    }

    fn page(&mut self, whom: &Spanned<String>) -> Option<Option<Step>> {
        let Some(people) = &self.names.observation.people else {
            self.nobody_else(&whom.span, "nobody is paged");
            return Some(None);
        };
        let teams = people.teams.iter().map(|team| team.name.as_str());
        let names = teams.chain(people.responders.iter().map(|who| who.name.as_str()));
        self.is_known("person or team", whom, names).then(|| Some(Step::Page(whom.value.clone())))
    }

    fn declare(&mut self, number: &Spanned<u8>) -> Option<Option<Step>> {
        let Some(severity) = Severity::new(**number) else {
            let message = format!("there is no severity {}", **number);
            self.error("out-of-range", &number.span, message, "write 1, the worst, to 5");
            return None;
        };
        if self.names.observation.people.is_none() {
            self.nobody_else(&number.span, "nothing is declared");
            return Some(None);
        }
        Some(Some(Step::Declare(severity)))
    }

    fn say(&mut self, doc: &document::Step) -> Option<Option<Step>> {
        let document::Step::Say { to, impact, scope, cause, action, next_update, resolved, by } = doc else {
            return Some(None);
        };
        let audience = self.is_known("audience", to, Audience::ALL.into_iter().map(Audience::name));
        let audience =
            audience.then(|| Audience::ALL.into_iter().find(|audience| audience.name() == to.value)).flatten();
        let impact = impact.as_ref().map_or(Some((None, false)), |word| self.impact(word));
        let named: Vec<bool> = scope.iter().map(|name| self.is_in_scope(name)).collect();
        let cause = cause.as_ref().map_or(Some(None), |cause| self.cause(cause).map(Some));
        let by = by.as_ref().map_or(Some(None), |name| self.writer(name));
        let (to_whom, (impact, impact_as_seen), cause, by) = (audience?, impact?, cause?, by?);
        if !named.into_iter().all(|known| known) {
            return None;
        }
        if self.names.observation.people.as_ref().and_then(|people| people.comms.as_ref()).is_none() {
            let message = "nobody waits for word in this scenario: it is not said";
            self.warning("nobody-listens", &to.span, message, "a scenario has audiences in its section `people`");
            return Some(None);
        }
        let scope = scope.iter().map(|name| name.value.clone()).collect();
        let (action, next_update, resolved) = (action.clone(), *next_update, *resolved);
        let statement = Statement { impact, scope, cause, action, next_update, resolved };
        Some(Some(Step::Say(Box::new(Saying { to: to_whom, statement, impact_as_seen, by }))))
    }

    /// The extent that is said, and whether it is to be what is seen.
    fn impact(&mut self, word: &Spanned<String>) -> Option<(Option<Extent>, bool)> {
        const WORDS: [(&str, Option<Extent>); 5] = [
            ("seen", None),
            ("none", Some(Extent::None)),
            ("few", Some(Extent::Few)),
            ("some", Some(Extent::Some)),
            ("most", Some(Extent::Most)),
        ];
        self.is_known("impact", word, WORDS.iter().map(|(name, _)| *name));
        let (_, extent) = WORDS.iter().find(|(name, _)| *name == word.value)?;
        Some((*extent, extent.is_none()))
    }

    fn is_in_scope(&mut self, name: &Spanned<String>) -> bool {
        let services = self.names.observation.services.iter().map(|view| view.name.as_str());
        let populations = self.names.subjects.iter().filter_map(|subject| subject.strip_prefix("population "));
        self.is_known("service or population", name, services.chain(populations))
    }

    fn cause(&mut self, cause: &document::Cause) -> Option<Cause> {
        match cause {
            document::Cause::Unknown => Some(Cause::Unknown),
            document::Cause::Suspected(name) => self.is_service(name).then(|| Cause::Suspected(name.value.clone())),
            document::Cause::Known(name) => self.is_service(name).then(|| Cause::Known(name.value.clone())),
        }
    }

    /// Who writes; where there is nobody else, nobody is asked.
    fn writer(&mut self, name: &Spanned<String>) -> Option<Option<String>> {
        let Some(people) = &self.names.observation.people else { return Some(None) };
        let names = people.responders.iter().map(|who| who.name.as_str());
        self.is_known("person", name, names).then(|| Some(name.value.clone()))
    }

    fn matrix(
        &mut self,
        criteria: &Spanned<NameMap<Spanned<f64>>>,
        options: &Spanned<NameMap<Spanned<NameMap<f64>>>>,
    ) -> Option<Matrix> {
        let mut sound = true;
        for (_, weight) in criteria.iter().filter(|(_, weight)| weight.value < 0.0) {
            self.error("out-of-range", &weight.span, "a weight is negative", "write a number from 0 on");
            sound = false;
        }
        let total: f64 = criteria.iter().map(|(_, weight)| weight.value).sum();
        if sound && total <= 0.0 {
            self.error(
                "out-of-range",
                &criteria.span,
                "no criterion has any weight",
                "write {\"speed\": 0.6, \"safety\": 0.4}",
            );
            sound = false;
        }
        if options.is_empty() {
            self.error("no-options", &options.span, "there is nothing to choose from", "add options with their scores");
            sound = false;
        }
        let mut list = Vec::new();
        for (name, scores) in options.iter() {
            let taken = self.option(name, &NameMap::default());
            sound &= self.are_complete(name, scores, criteria) && taken.is_some();
            let of = |(criterion, weight): &(Spanned<String>, Spanned<f64>)| {
                scores.find(criterion).map_or(0.0, |score| weight.value * score)
            };
            list.push((name.value.clone(), criteria.iter().map(of).sum::<f64>() / total));
        }
        list.sort_by(|a, b| b.1.total_cmp(&a.1));
        sound.then(|| Matrix { taken: vec![false; list.len()], options: list })
    }

    /// Whether an option has a score for each criterion and no others.
    fn are_complete(
        &mut self,
        option: &Spanned<String>,
        scores: &Spanned<NameMap<f64>>,
        criteria: &NameMap<Spanned<f64>>,
    ) -> bool {
        let mut complete = true;
        for (criterion, _) in scores.iter() {
            complete &= self.is_known("criterion", criterion, criteria.names());
        }
        let missing: Vec<&str> = criteria.names().filter(|name| scores.find(name).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("{} has no score for {}", option.value, missing.join(", "));
            self.error("missing-score", &scores.span, message, format!("add \"{}\": ..", missing[0]));
            complete = false;
        }
        complete
    }
}
