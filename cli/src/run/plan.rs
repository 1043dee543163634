//! A run as it will be made: names looked up, files found writable, everything wrong with the command line said before
//! anything is simulated.

use std::path::Path;
use std::sync::Arc;

use brownout::policy::BuiltIn;
use brownout::scenario::{Findings, Scenario};
use brownout::units::{SimDuration, SimTime};
use brownout::{Simulation, draw_variant};
use brownout_lab::{SeriesFormat, Target};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::input::{Loaded, ScenarioText};

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
        let Loaded { scenario, warnings, hash } = ScenarioText::find(&args.scenario)?.load(&args.overrides)?;
        let chosen = args.variant.as_deref().map(|name| variant(&scenario, name)).transpose()?;
        Ok(Self {
            variant: chosen.unwrap_or_else(|| draw_variant(&scenario, args.seed)),
            variant_drawn: chosen.is_none(),
            until: SimTime::ZERO + until(&scenario, args.until)?,
            series: args.series.as_deref().map(series).transpose()?,
            record: args.record.as_deref().map(Target::new).transpose()?,
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

fn until(scenario: &Scenario, wanted: Option<SimDuration>) -> Result<SimDuration, Failure> {
    let Some(wanted) = wanted else { return Ok(scenario.duration) };
    let nanos = wanted.as_nanos();
    if nanos == 0 || !nanos.is_multiple_of(SimDuration::SECOND.as_nanos()) {
        let message =
            format!("--until {wanted} is not a whole number of seconds above 0; measures are taken every second");
        return Err(Failure::Input(message));
    }
    if wanted > scenario.duration {
        let longest = scenario.duration;
        return Err(Failure::Input(format!(
            "--until {wanted} is beyond the end of {}, which lasts {longest}\n  use --until {longest} or less, or make the \
             scenario longer with --set duration={wanted}",
            scenario.name
        )));
    }
    Ok(wanted)
}

fn series(path: &Path) -> Result<(Target, SeriesFormat), Failure> {
    let format = SeriesFormat::of(path).ok_or_else(|| {
        let path = path.display();
        Failure::Input(format!("--series {path}: the file's ending decides its format; use .csv or .parquet"))
    })?;
    Ok((Target::new(path)?, format))
}
