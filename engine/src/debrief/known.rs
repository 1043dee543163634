//! What was known: how likely each variant was, given what had been seen by then.
//!
//! What is seen is summarised as somebody takes it in: how much fails of what dashboards show, and which symptoms an instrument that was
//! asked has shown. Each variant is replayed with the commands of the record under fresh lucks, and how often it shows the same says how
//! likely the finding is there, smoothed after Krichevsky and Trofimov (1981): half a count for each thing that was ever seen in its
//! place, so that nothing is ever certain. Series are never compared number by number.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::observe::{Evidence, Observation};
use crate::response::Logged;
use crate::response::comms::Extent;
use crate::response::people::{FULL, MUCH_MORE};
use crate::scenario::Scenario;
use crate::simulation::Simulation;
use crate::units::SimTime;

/// What is counted for each thing that could have been seen.
const SMOOTHING: f64 = 0.5;

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// Where: `dashboards`, or the instrument with what it was pointed at and which time it was asked: `errors links, 2`.
    pub place: String,
    /// What: the symptoms in words; empty where there were none.
    pub symptoms: String,
}

/// A replay of a variant that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReplayJob {
    /// The variant, by its dense index.
    pub variant: usize,
    /// The luck; 0 is that of the session.
    pub luck: u64,
}

/// What was found by each of the instants that are asked about, in their order.
pub type Findings = Vec<Vec<Finding>>;

/// What was known at an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// How likely each variant was, by its dense index; they add up to 1.
    pub worlds: Vec<f64>,
    /// What had been found, each with how likely it is in each variant.
    pub findings: Vec<(Finding, Vec<f64>)>,
}

/// Asks what was known at some instants of a session.
#[derive(Clone, Debug)]
pub struct Inquiry {
    scenario: Arc<Scenario>,
    seed: u64,
    log: Vec<Logged>,
    instants: Vec<SimTime>,
    replays: u64,
}

impl Inquiry {
    /// About these instants, in time order, with so many replays of each variant.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, seed: u64, log: &[Logged], instants: Vec<SimTime>, replays: u64) -> Self {
        Self { scenario, seed, log: log.to_vec(), instants, replays }
    }

    /// The replays that are needed.
    #[must_use]
    pub fn jobs(&self) -> Vec<ReplayJob> {
        let lucks = |variant: usize| (1..=self.replays).map(move |luck| ReplayJob { variant, luck });
        (0..self.scenario.variants.len()).flat_map(lucks).collect()
    }

    /// What whoever led would have found in one replay; with the true variant and luck 0, what they found.
    ///
    /// # Panics
    /// When the scenario has no such variant.
    #[must_use]
    pub fn replay(&self, job: ReplayJob) -> Findings {
        let start = Simulation::with_variant(Arc::clone(&self.scenario), self.seed, job.variant);
        let mut simulation = start.fork_with_luck(job.luck);
        let mut log = self.log.iter().peekable();
        let found = |instant: &SimTime| {
            while let Some(logged) = log.next_if(|logged| logged.at < *instant) {
                simulation.run_until(logged.at);
                // What was refused then may be possible in another world, and the other way round.
                let _ = simulation.command(logged.by, logged.command.clone());
            }
            simulation.run_until(*instant);
            findings(&simulation.observe())
        };
        self.instants.iter().map(found).collect()
    }

    /// What was known at each instant, from what was found and from what came of [`Inquiry::jobs`], in their order.
    ///
    /// # Panics
    /// When there are not as many replays as were asked for.
    #[must_use]
    pub fn known(&self, found: &Findings, replays: &[Findings]) -> Vec<Known> {
        let jobs = self.jobs();
        assert_eq!(jobs.len(), replays.len(), "one replay for each that was asked for");
        let variants = self.scenario.variants.len();
        let by_variant = |variant: usize| {
            let of = jobs.iter().zip(replays).filter(move |(job, _)| job.variant == variant);
            of.map(|(_, findings)| findings)
        };
        let known = |(instant, found): (usize, &Vec<Finding>)| {
            let likelihoods = |finding: &Finding| -> Vec<f64> {
                let seen = |findings: &Findings| symptoms(&findings[instant], &finding.place).map(str::to_owned);
                let kinds: BTreeSet<Option<String>> =
                    replays.iter().map(seen).chain([Some(finding.symptoms.clone())]).collect();
                let likely = |variant: usize| {
                    let same = by_variant(variant).filter(|one| seen(one).as_ref() == Some(&finding.symptoms)).count();
                    (same as f64 + SMOOTHING) / (self.replays as f64 + SMOOTHING * kinds.len() as f64)
                };
                (0..variants).map(likely).collect()
            };
            let findings: Vec<(Finding, Vec<f64>)> =
                found.iter().map(|finding| (finding.clone(), likelihoods(finding))).collect();
            let weigh = |(variant, spec): (usize, &crate::fault::VariantSpec)| {
                findings.iter().fold(spec.weight, |weight, (_, likely)| weight * likely[variant])
            };
            let weights: Vec<f64> = self.scenario.variants.iter().enumerate().map(weigh).collect();
            let sum: f64 = weights.iter().sum();
            Known { worlds: weights.iter().map(|weight| weight / sum).collect(), findings }
        };
        found.iter().enumerate().map(known).collect()
    }
}

/// What was seen in a place; `None` where it had not been looked at.
fn symptoms<'a>(findings: &'a [Finding], place: &str) -> Option<&'a str> {
    findings.iter().find(|finding| finding.place == place).map(|finding| finding.symptoms.as_str())
}

/// What an observation tells.
fn findings(seen: &Observation) -> Vec<Finding> {
    let failing = |name: &str, ratio: Option<f64>| {
        let extent = Extent::of(ratio?);
        (extent != Extent::None).then(|| format!("{name} fails ({extent:?})"))
    };
    let services = seen.services.iter().filter_map(|view| failing(&view.name, view.error_ratio));
    let dependencies = seen.dependencies.iter().filter_map(|view| failing(&view.name, view.error_ratio));
    let symptoms: Vec<String> = services.chain(dependencies).collect();
    let mut findings = vec![Finding { place: "dashboards".to_owned(), symptoms: symptoms.join(", ") }];
    for one in &seen.evidence {
        let asked = match &one.subject {
            Some(subject) => format!("{} {subject}", one.instrument),
            None => one.instrument.clone(),
        };
        let times =
            findings.iter().filter(|finding| finding.place.rsplit_once(", ").is_some_and(|(of, _)| of == asked));
        let place = format!("{asked}, {}", 1 + times.count());
        findings.push(Finding { place, symptoms: shown(one) });
    }
    findings
}

/// The symptoms that an instrument shows; where an author wrote what it says, that.
fn shown(evidence: &Evidence) -> String {
    if evidence.rows.is_empty() {
        return evidence.text.trim().to_owned();
    }
    let symptom = |row: &crate::observe::Row| {
        let before = || evidence.value(&row.of, &format!("{}-before", row.measure)).filter(|before| *before > 0.0);
        let of = &row.of;
        match row.measure.as_str() {
            "error-ratio" => match Extent::of(row.value) {
                Extent::None => None,
                extent => Some(format!("{of} fails ({extent:?})")),
            },
            "utilisation" if row.value >= FULL => Some(format!("{of} is full")),
            "queue" | "pool-waiting" if row.value >= 1.0 => Some(format!("{of} waits")),
            measure if before().is_some_and(|before| row.value >= MUCH_MORE * before) => {
                Some(format!("{of} {measure} rose"))
            }
            _ => None,
        }
    };
    let symptoms: Vec<String> = evidence.rows.iter().filter_map(symptom).collect();
    symptoms.join(", ")
}
