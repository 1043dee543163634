//! What users felt, and what that cost.

use serde::Serialize;

use crate::observe::{Impact, Recording};
use crate::scenario::Scenario;
use crate::traffic::{Objective, PopulationSpec};
use crate::units::SimDuration;

use super::ByName;

/// What users felt, scaled to real ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImpactSummary {
    /// Minutes of real users in which their requests were bad: failed, never sent, or not answered in the time promised.
    pub affected_user_minutes: f64,
    /// The most real users that had a bad request within one minute, all populations together, about.
    pub affected_users_max: f64,
    /// What the affected minutes cost, of all populations for which the scenario says so; `None` when it does for none.
    pub cost: Option<Cost>,
    /// The share of the error budget of the objective's whole window that was spent: that of the population that is worst
    /// off. Above 1 the objective is lost for the window.
    pub error_budget_burn: f64,
    /// That population; `None` where nothing was spent.
    pub error_budget_burn_population: Option<String>,
    /// By population.
    pub by_population: ByName<PopulationImpact>,
}

/// What the users of one population felt, scaled to real ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PopulationImpact {
    /// Minutes of real users in which their requests were bad.
    pub affected_user_minutes: f64,
    /// The most real users that had a bad request within one minute, about.
    pub affected_users_max: f64,
    /// What the affected minutes cost; `None` when the scenario does not say.
    pub cost: Option<Cost>,
    /// The share of the error budget of the objective's whole window that was spent.
    pub error_budget_burn: f64,
    /// What the users have been promised.
    pub objective: ObjectiveSummary,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// In units of the currency, to a hundredth.
    pub amount: f64,
    /// The currency's code, three capitals.
    pub currency: String,
}

/// What the users of a population have been promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct ObjectiveSummary {
    /// The share of requests that must be good.
    pub availability: f64,
    /// A request that takes longer is bad.
    pub latency_ms: f64,
    /// The period over which the error budget is spent.
    pub window_seconds: f64,
    /// Whether the scenario says so; otherwise it is what holds for all that say nothing.
    pub declared: bool,
}

impl ImpactSummary {
    pub(super) fn of(scenario: &Scenario, recording: &Recording) -> Self {
        let by_population: ByName<PopulationImpact> = scenario
            .populations
            .enumerate()
            .map(|(id, spec)| {
                let users = recording.seconds.iter().map(|second| second.populations[id.index()].affected_users);
                let felt = PopulationImpact::of(spec, &recording.totals.impact[id.index()], users.fold(0.0, f64::max));
                (spec.name.clone(), felt)
            })
            .collect();
        let all = recording.seconds.iter().map(|second| second.populations.iter().map(|one| one.affected_users).sum());
        let felt = || by_population.iter().map(|(_, felt)| felt);
        let spent = worst_off(&by_population).filter(|(_, felt)| felt.error_budget_burn > 0.0);
        Self {
            affected_user_minutes: felt().map(|felt| felt.affected_user_minutes).fold(0.0, |sum, more| sum + more),
            affected_users_max: all.fold(0.0, f64::max),
            cost: felt().filter_map(|felt| felt.cost.clone()).reduce(Cost::plus),
            error_budget_burn: spent.map_or(0.0, |(_, felt)| felt.error_budget_burn),
            error_budget_burn_population: spent.map(|(name, _)| name.to_owned()),
            by_population,
        }
    }

    /// The population that has spent most of its error budget.
    pub(super) fn worst_off(&self) -> Option<(&str, &PopulationImpact)> {
        worst_off(&self.by_population)
    }
}

fn worst_off(populations: &ByName<PopulationImpact>) -> Option<(&str, &PopulationImpact)> {
    let worse = |one: &PopulationImpact, other: &PopulationImpact| one.error_budget_burn > other.error_budget_burn;
    populations.iter().reduce(|worst, one| if worse(one.1, worst.1) { one } else { worst })
}

impl PopulationImpact {
    fn of(spec: &PopulationSpec, impact: &Impact, affected_users_max: f64) -> Self {
        let currency = spec.cost_per_user_minute.map(|cost| cost.currency().to_owned());
        let cost =
            |currency| impact.cost_cents(spec).map(|cents| Cost { amount: libm::round(cents) / 100.0, currency });
        Self {
            affected_user_minutes: impact.user_minutes(spec),
            affected_users_max,
            cost: currency.and_then(cost),
            error_budget_burn: impact.budget_spent(spec),
            objective: ObjectiveSummary::of(&spec.objective),
        }
    }
}

impl Cost {
    /// The sum of two amounts in one currency, which is all that a scenario has.
    fn plus(self, other: Self) -> Self {
        Self { amount: libm::round((self.amount + other.amount) * 100.0) / 100.0, ..self }
    }
}

impl ObjectiveSummary {
    fn of(objective: &Objective) -> Self {
        Self {
            availability: objective.availability,
            latency_ms: objective.patience().as_millis_f64(),
            window_seconds: objective.window.as_secs_f64(),
            declared: *objective != Objective::UNDECLARED,
        }
    }
}

impl std::fmt::Display for ObjectiveSummary {
    /// `99.9% over 30d, each within 10s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = format!("{:.6}", self.availability * 100.0);
        let share = share.trim_end_matches('0').trim_end_matches('.');
        let (window, latency) = (self.window_seconds, self.latency_ms / 1e3);
        let (window, latency) = (SimDuration::from_secs_f64(window), SimDuration::from_secs_f64(latency));
        write!(f, "{share}% over {window}, each within {latency}")?;
        if self.declared { Ok(()) } else { write!(f, ", the default") }
    }
}
