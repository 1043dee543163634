//! An audience: what it was told, for how long it waits, and how much it trusts.

use serde::{Deserialize, Serialize};

use crate::units::{SimDuration, SimTime};

use super::spec::{AudienceSpec, CommsHabits};
use super::statement::Statement;

/// The state of an audience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AudienceState {
    /// How much it trusts what it is told, 0 to 1.
    pub trust: f64,
    /// Whether it waits for word too long.
    pub overdue: bool,
    /// Everything that was said to it, whether it got there or not.
    pub said: Vec<Said>,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// When.
    pub at: SimTime,
    /// Whether it reached the audience.
    pub reached: bool,
    /// What of it the lead could see to be wrong, in words.
    pub contradicts_seen: Option<String>,
    /// What of it the audience's own experience contradicted then, in words; of what was said to be over, also later.
    pub contradicts_felt: Option<String>,
    /// What it lacked.
    pub missing: Vec<String>,
    /// When there was to be more.
    pub promised: Option<SimTime>,
    /// Whether it was said to be over.
    pub resolved: bool,
}

impl AudienceState {
    pub(super) fn new(spec: &AudienceSpec) -> Self {
        Self { trust: spec.trust, overdue: false, said: Vec::new() }
    }

    /// The last thing that reached it.
    fn heard(&self) -> Option<&Said> {
        self.said.iter().rev().find(|said| said.reached)
    }

    /// Whether it knows what is the matter: it was told something that is not over, and does not wait too long.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !self.overdue && self.heard().is_some_and(|said| !said.resolved)
    }

    /// When it wants to hear something: the first word, or the next one.
    fn wants_word(&self, spec: &AudienceSpec, felt_since: SimTime) -> SimTime {
        let first = felt_since.saturating_add(spec.first);
        // What was said long before users felt anything was about something else.
        match self.heard().filter(|said| said.at.saturating_add(spec.cadence) >= felt_since && !said.resolved) {
            Some(said) => said.promised.unwrap_or(said.at.saturating_add(spec.cadence)),
            None => first,
        }
    }

    /// A second passes.
    pub(super) fn wait(
        &mut self,
        spec: &AudienceSpec,
        habits: &CommsHabits,
        felt_since: Option<SimTime>,
        now: SimTime,
    ) {
        let Some(felt_since) = felt_since else {
            self.overdue = false;
            return;
        };
        self.notice_relapse(habits, felt_since);
        let was_overdue = self.overdue;
        self.overdue = now > self.wants_word(spec, felt_since);
        if self.overdue {
            self.trust *= 1.0 - habits.silence_costs / 60.0;
        }
        let broken = self.overdue && !was_overdue && self.heard().is_some_and(|said| said.promised.is_some());
        if broken {
            self.trust *= 1.0 - habits.broken_promise_costs;
        }
    }

    /// It was said to be over, and is not.
    fn notice_relapse(&mut self, habits: &CommsHabits, felt_since: SimTime) {
        let Some(last) = self.said.iter_mut().rev().find(|said| said.reached) else { return };
        if last.resolved && last.contradicts_felt.is_none() && last.at < felt_since {
            last.contradicts_felt = Some("it was said to be over, and came back".to_owned());
            self.trust *= 1.0 - habits.falsehood_costs;
        }
    }

    /// Something is said to it. `seen` is the share of failing requests that the lead could see, and the one that it feels.
    pub(super) fn hear(
        &mut self,
        spec: &AudienceSpec,
        habits: &CommsHabits,
        statement: Statement,
        (seen, felt): (Option<f64>, f64),
        now: SimTime,
    ) {
        let elapsed = now.since(SimTime::ZERO);
        let reached = spec.silently_fails.is_none_or(|(from, to)| elapsed < from || elapsed >= to);
        let missing: Vec<String> = statement.missing().into_iter().map(str::to_owned).collect();
        let contradicts_seen = seen.and_then(|share| statement.contradicted_by(share));
        let contradicts_felt = statement.contradicted_by(felt).filter(|_| reached);
        if reached {
            let soon = self.heard().is_some_and(|last| now.since(last.at) < habits.not_before);
            if contradicts_felt.is_some() {
                self.trust *= 1.0 - habits.falsehood_costs;
            } else if missing.is_empty() && !soon {
                self.trust += (1.0 - self.trust) * habits.repairs;
            }
        }
        let promised = statement.next_update.map(|span: SimDuration| now.saturating_add(span));
        let resolved = statement.resolved;
        self.said.push(Said { at: now, reached, contradicts_seen, contradicts_felt, missing, promised, resolved });
    }
}

#[cfg(test)]
mod tests {
    use super::super::statement::Extent;
    use super::super::{Audience, CommsSpec};
    use super::*;

    struct Public {
        spec: CommsSpec,
        state: AudienceState,
        now: u64,
    }

    impl Public {
        fn new() -> Self {
            let spec = CommsSpec::default();
            let state = AudienceState::new(&spec.audiences[Audience::StatusPage as usize]);
            Self { spec, state, now: 0 }
        }

        /// Time passes with users feeling it since the start, or not.
        fn pass(&mut self, until: u64, felt: bool) -> &mut Self {
            while self.now < until {
                self.now += 1;
                let (audience, habits) = (&self.spec.audiences[0], &self.spec.habits);
                self.state.wait(audience, habits, felt.then_some(SimTime::ZERO), SimTime::from_secs(self.now));
            }
            self
        }

        fn say(&mut self, statement: Statement, felt: f64) -> &mut Self {
            let now = SimTime::from_secs(self.now);
            self.state.hear(&self.spec.audiences[0], &self.spec.habits, statement, (Some(felt), felt), now);
            self
        }
    }

    fn whole(impact: Extent, next_minutes: u64) -> Statement {
        Statement {
            impact: Some(impact),
            scope: vec!["api".to_owned()],
            action: "rolling back".to_owned(),
            next_update: Some(SimDuration::from_secs(next_minutes * 60)),
            ..Statement::default()
        }
    }

    #[test]
    fn silence_costs_trust_once_patience_is_over() {
        let mut public = Public::new();
        public.pass(300, true);
        assert_eq!((public.state.trust.to_bits(), public.state.overdue), (0.8f64.to_bits(), false));
        public.pass(300 + 600, true);
        // A hundredth a minute for ten minutes.
        assert!((public.state.trust - 0.8 * (1.0 - 0.01f64 / 60.0).powi(600)).abs() < 1e-12);
        assert!(public.state.overdue && !public.state.is_told());
        public.pass(901, false);
        assert!(!public.state.overdue);
    }

    #[test]
    fn a_complete_and_true_statement_repairs_and_a_broken_promise_costs() {
        let mut public = Public::new();
        public.pass(200, true).say(whole(Extent::Most, 10), 0.8);
        assert!((public.state.trust - 0.82).abs() < 1e-12 && public.state.is_told());
        public.pass(800, true);
        assert!((public.state.trust - 0.82).abs() < 1e-12);
        public.pass(801, true);
        assert!((public.state.trust - 0.82 * 0.95 * (1.0 - 0.01 / 60.0)).abs() < 1e-12, "{}", public.state.trust);
    }

    #[test]
    fn a_falsehood_costs_more_than_ten_minutes_of_silence() {
        let (mut silent, mut false_one) = (Public::new(), Public::new());
        silent.pass(900, true);
        false_one.pass(200, true).say(whole(Extent::None, 20), 0.8).pass(900, true);
        assert!(false_one.state.trust < silent.state.trust, "{} {}", false_one.state.trust, silent.state.trust);
        let said = &false_one.state.said[0];
        assert_eq!(said.contradicts_felt.as_deref(), Some("nothing was said to fail while 80% did"));
    }

    #[test]
    fn over_and_back_again_is_a_falsehood_too() {
        let mut public = Public::new();
        public.pass(100, false).say(Statement { resolved: true, ..Statement::default() }, 0.0);
        let before = public.state.trust;
        let (audience, habits) = (&public.spec.audiences[0], &public.spec.habits);
        for secs in 101..110 {
            public.state.wait(audience, habits, Some(SimTime::from_secs(101)), SimTime::from_secs(secs));
        }
        assert!((public.state.trust - before * 0.75).abs() < 1e-12);
        assert!(public.state.said[0].contradicts_felt.is_some());
    }

    #[test]
    fn what_does_not_get_there_neither_repairs_nor_ends_the_wait() {
        let mut public = Public::new();
        public.spec.audiences[0].silently_fails = Some((SimDuration::ZERO, SimDuration::from_secs(1_000)));
        public.pass(200, true).say(whole(Extent::Most, 10), 0.8).pass(301, true);
        assert!(public.state.overdue && !public.state.said[0].reached);
    }

    #[test]
    fn too_often_without_a_change_repairs_nothing() {
        let mut public = Public::new();
        public.pass(100, true).say(whole(Extent::Most, 20), 0.8);
        let trust = public.state.trust;
        public.pass(200, true).say(whole(Extent::Most, 20), 0.8);
        assert_eq!(public.state.trust.to_bits(), trust.to_bits());
    }
}
