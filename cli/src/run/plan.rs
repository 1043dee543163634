//! A run as it will be made: names looked up, files found writable, everything wrong with the command line said before
//! anything is simulated.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use brownout::policy::BuiltIn;
use brownout::record::Origin;
use brownout::scenario::{Findings, Scenario};
use brownout::units::{SimDuration, SimTime};
use brownout::{Simulation, draw_variant};
use brownout_lab::{SeriesFormat, Target};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::input::{Loaded, ScenarioText};
use crate::stamp::Seen;

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
    pub(crate) policy: &'static BuiltIn,
    pub(crate) until: SimTime,
    pub(crate) overrides: Vec<(String, String)>,
    pub(crate) series: Option<(Target, SeriesFormat)>,
    pub(crate) record: Option<Target>,
}

impl Plan {
    pub(crate) fn resolve(args: &RunArgs) -> Result<Self, Failure> {
        let policy = policy(&args.policy)?;
        let text = ScenarioText::find(&args.scenario)?;
        let Loaded { scenario, warnings, hash } = text.load(&args.overrides)?;
        let chosen = args.variant.as_deref().map(|name| variant(&scenario, name)).transpose()?;
        let series = args.series.as_deref().map(series).transpose()?;
        let record = args.record.as_deref().map(record).transpose()?;
        refuse_overwriting(&text.seen(), series.as_ref().map(|(target, _)| target), record.as_ref())?;
        Ok(Self {
            variant: chosen.unwrap_or_else(|| draw_variant(&scenario, args.seed)),
            variant_drawn: chosen.is_none(),
            until: until(&scenario, args.until)?,
            series,
            record,
            scenario: Arc::new(scenario),
            warnings,
            hash,
            seed: args.seed,
            policy,
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

fn policy(name: &str) -> Result<&'static BuiltIn, Failure> {
    let known = BuiltIn::ALL.map(|policy| policy.name);
    BuiltIn::find(name).ok_or_else(|| Failure::unknown("policy", name, &known))
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
fn refuse_overwriting(read: &[Seen], series: Option<&Target>, record: Option<&Target>) -> Result<(), Failure> {
    for (option, target) in [("--series", series), ("--record", record)] {
        let Some(target) = target.filter(|target| !target.is_special()) else { continue };
        let is_it = |seen: &Seen| fs::canonicalize(&seen.path).is_ok_and(|path| path == target.location());
        if let Some(at) = read.iter().position(is_it) {
            let what = if at == 0 { "the scenario" } else { "a file that the scenario reads" };
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
