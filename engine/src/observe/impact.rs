//! What users felt: affected users and user-minutes, and the error budget.
//!
//! A bad request is one that failed, was never sent, or has taken longer than promised, be it answered or not. A real user who
//! makes r requests a minute loses 1/r of a minute with each bad one, so a bad simulated request, standing for w real ones,
//! costs w/r affected user-minutes. A minute in which every request is bad then costs exactly one minute for each user in it.
//! A user who does nothing but wait, in a closed population or a session, misses r requests a minute, which cost the same.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::traffic::PopulationSpec;

/// What has been done to the users of a population since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// Bad requests, simulated ones.
    pub bad: u64,
    /// Requests that users could not make because they were waiting, simulated ones.
    pub missed: u64,
    /// Requests that have ended, were never sent, or have taken longer than promised, simulated ones.
    pub finished: u64,
    seconds: u64,
    /// The bad and the missed requests of each of the last 60 seconds.
    last_minute: VecDeque<u64>,
}

impl Impact {
    pub(crate) fn add_second(&mut self, finished: u64, bad: u64, missed: u64) {
        self.bad += bad;
        self.missed += missed;
        self.finished += finished;
        self.seconds += 1;
        self.last_minute.push_back(bad + missed);
        if self.last_minute.len() > 60 {
            self.last_minute.pop_front();
        }
    }

    /// How many real users had a bad request in the last minute, taking each to have had one at most.
    #[must_use]
    pub fn affected_now(&self, spec: &PopulationSpec) -> f64 {
        let bad: u64 = self.last_minute.iter().sum();
        bad as f64 * spec.represents / spec.requests_per_user_minute
    }

    /// Affected user-minutes of real users since the start.
    #[must_use]
    pub fn user_minutes(&self, spec: &PopulationSpec) -> f64 {
        (self.bad + self.missed) as f64 * spec.represents / spec.requests_per_user_minute
    }

    /// What that costs, in hundredths of the population's currency unit; `None` where the scenario does not say.
    #[must_use]
    pub fn cost_cents(&self, spec: &PopulationSpec) -> Option<f64> {
        spec.cost_per_user_minute.map(|cost| cost.cents() as f64 * self.user_minutes(spec))
    }

    /// The share of the whole window's error budget that has been spent, if the window goes on at the mean rate so far;
    /// above 1 the objective is lost.
    #[must_use]
    pub fn budget_spent(&self, spec: &PopulationSpec) -> f64 {
        if self.finished == 0 {
            return 0.0;
        }
        let rate = self.finished as f64 / self.seconds as f64;
        let allowed = (1.0 - spec.objective.availability) * rate * spec.objective.window.as_secs_f64();
        self.bad as f64 / allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Arrivals, Objective, Profile};

    fn spec() -> PopulationSpec {
        PopulationSpec {
            name: "web".to_owned(),
            arrivals: Arrivals::Poisson(Profile::constant(10.0)),
            mix: Vec::new(),
            priority: 0,
            represents: 100.0,
            requests_per_user_minute: 2.0,
            objective: Objective::UNDECLARED,
            cost_per_user_minute: None,
            max_in_flight: None,
        }
    }

    #[test]
    fn a_minute_of_total_outage_costs_every_user_one_minute() {
        let mut impact = Impact::default();
        (0..60).for_each(|_| impact.add_second(10, 10, 0));
        // 10 simulated requests a second stand for 60,000 real ones a minute, made by 30,000 users.
        assert!((impact.user_minutes(&spec()) - 30_000.0).abs() < 1e-6);
        assert!((impact.affected_now(&spec()) - 30_000.0).abs() < 1e-6);
        (0..60).for_each(|_| impact.add_second(10, 0, 0));
        assert!(impact.affected_now(&spec()).abs() < 1e-6);
    }

    #[test]
    fn who_waits_misses_requests_that_cost_the_same_and_spend_no_budget() {
        let mut impact = Impact::default();
        impact.add_second(10, 10, 0);
        // 2 requests a minute, each standing for 100: waiting for a minute costs 100 users a minute each.
        impact.add_second(0, 0, 2);
        assert!((impact.user_minutes(&spec()) - 500.0 - 100.0).abs() < 1e-9);
        assert!((impact.affected_now(&spec()) - 600.0).abs() < 1e-9);
        assert_eq!((impact.bad, impact.finished), (10, 10));
    }

    #[test]
    fn affected_minutes_have_a_price_where_the_scenario_names_one() {
        let mut impact = Impact::default();
        impact.add_second(12, 12, 0);
        let priced = PopulationSpec { cost_per_user_minute: Some("0.25 EUR".parse().unwrap()), ..spec() };
        // 600 user-minutes.
        assert_eq!((impact.cost_cents(&spec()), impact.cost_cents(&priced)), (None, Some(15_000.0)));
    }

    #[test]
    fn the_budget_of_a_month_at_three_nines_is_43_minutes_of_outage() {
        let mut impact = Impact::default();
        (0..2_592).for_each(|_| impact.add_second(10, 10, 0));
        assert!((impact.budget_spent(&spec()) - 1.0).abs() < 1e-9);
    }
}
