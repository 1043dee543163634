//! A run as it will be made: names looked up, files found writable, everything wrong with the command line said before
//! anything is simulated.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use brownout::record::Origin;
use brownout::scenario::{Findings, Scenario};
use brownout::units::{SimDuration, SimTime};
use brownout::{Session, Simulation, draw_variant};
use brownout_lab::{SeriesFormat, Target};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::input::{Loaded, ScenarioText};
use crate::stamp::Seen;

use super::lead::{Named, Prepared};

/// Everything that determines a run.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) warnings: Findings,
    pub(crate) hash: String,
    pub(crate) seed: u64,
    /// The dense index of the variant.
    pub(crate) variant: usize,
    /// Whether the seed drew the variant.
    pub(crate) variant_drawn: bool,
    pub(crate) policy: Prepared,
    /// The policy as it was named.
    pub(crate) led_by: String,
    /// How long a policy that is a program has for each answer.
    pub(crate) policy_time_limit: Duration,
    pub(crate) until: SimTime,
    pub(crate) overrides: Vec<(String, String)>,
    pub(crate) series: Option<(Target, SeriesFormat)>,
    pub(crate) record: Option<Target>,
}

impl Plan {
    pub(crate) fn resolve(args: &RunArgs) -> Result<Self, Failure> {
        let policy = Named::find(&args.policy)?;
        let text = ScenarioText::find(&args.scenario)?;
        let Loaded { scenario, warnings, hash } = text.load(&args.overrides)?;
        let chosen = args.variant.as_deref().map(|name| variant(&scenario, name)).transpose()?;
        let series = args.series.as_deref().map(series).transpose()?;
        let record = args.record.as_deref().map(record).transpose()?;
        let rules = policy.file().map(Seen::now);
        refuse_overwriting(&text.seen(), rules.as_ref(), series.as_ref().map(|(target, _)| target), record.as_ref())?;
        let variant = chosen.unwrap_or_else(|| draw_variant(&scenario, args.seed));
        let (until, scenario) = (until(&scenario, args.until)?, Arc::new(scenario));
        let start = Session::new(Simulation::with_variant(Arc::clone(&scenario), args.seed, variant));
        let policy = policy.prepare(&start)?;
        Ok(Self {
            variant,
            variant_drawn: chosen.is_none(),
            until,
            series,
            record,
            scenario,
            warnings,
            hash,
            seed: args.seed,
            policy,
            led_by: args.policy.clone(),
            policy_time_limit: Duration::from_nanos(args.policy_time_limit.as_nanos()),
            overrides: args.overrides.clone(),
        })
    }

    /// The simulation at its start.
    pub(crate) fn simulation(&self) -> Simulation {
        Simulation::with_variant(Arc::clone(&self.scenario), self.seed, self.variant)
    }

    /// Where it comes from, for its record.
    pub(crate) fn origin(&self) -> Origin {
        let (scenario_hash, overrides) = (self.hash.clone(), self.overrides.clone());
        Origin { scenario_hash, overrides, variant_chosen: !self.variant_drawn }
    }
}

fn variant(scenario: &Scenario, name: &str) -> Result<usize, Failure> {
    let known: Vec<&str> = scenario.variants.iter().map(|variant| variant.name.as_str()).collect();
    let what = format!("variant of {}", scenario.name);
    known.iter().position(|variant| *variant == name).ok_or_else(|| Failure::unknown(&what, name, &known))
}

fn until(scenario: &Scenario, wanted: Option<SimTime>) -> Result<SimTime, Failure> {
    let end = SimTime::ZERO + scenario.duration;
    let Some(until) = wanted else { return Ok(end) };
    let (wanted, longest) = (until.since(SimTime::ZERO), scenario.duration);
    if wanted.is_zero() || !wanted.as_nanos().is_multiple_of(SimDuration::SECOND.as_nanos()) {
        let message =
            format!("--until {wanted} is not a whole number of seconds above 0; measures are taken every second");
        return Err(Failure::Input(message));
    }
    if until > end {
        return Err(Failure::Input(format!(
            "--until {wanted} is beyond the end of {}, which lasts {longest}\n  use --until {longest} or less, or make the \
             scenario longer with --set duration={wanted}",
            scenario.name
        )));
    }
    Ok(until)
}

fn series(path: &Path) -> Result<(Target, SeriesFormat), Failure> {
    let format = SeriesFormat::of(path).ok_or_else(|| {
        let path = path.display();
        Failure::Input(format!("--series {path}: the file's ending decides its format; use .csv or .parquet"))
    })?;
    Ok((Target::new(path)?, format))
}

fn record(path: &Path) -> Result<Target, Failure> {
    if path == Path::new("-") {
        let message = "--record -: standard output is for the summary\n  name a file, such as run.jsonl";
        return Err(Failure::Input(message.to_owned()));
    }
    Ok(Target::new(path)?)
}

/// Refuses to replace what is read by what is written, or one of two files that are written by the other.
fn refuse_overwriting(
    read: &[Seen],
    rules: Option<&Seen>,
    series: Option<&Target>,
    record: Option<&Target>,
) -> Result<(), Failure> {
    for (option, target) in [("--series", series), ("--record", record)] {
        let Some(target) = target.filter(|target| !target.is_special()) else { continue };
        let is_it = |seen: &Seen| fs::canonicalize(&seen.path).is_ok_and(|path| path == target.location());
        let of_scenario = read.iter().position(is_it).map(|at| match at {
            0 => "the scenario",
            _ => "a file that the scenario reads",
        });
        if let Some(what) = of_scenario.or_else(|| rules.is_some_and(is_it).then_some("the policy's rule file")) {
            let path = target.path().display();
            let message = format!("{option} {path}: this is {what} and would be lost\n  name another file");
            return Err(Failure::Input(message));
        }
    }
    match (series, record) {
        (Some(series), Some(record)) if series.location() == record.location() && !record.is_special() => {
            let path = record.path().display();
            let message = format!("--series and --record are the same file, {path}\n  name two files");
            Err(Failure::Input(message))
        }
        _ => Ok(()),
    }
}
