//! Scenario files: parse -> resolve -> spawn.
//!
//! A scenario is a RON document ([`document`], read through [`crate::text`]), and perhaps overrides and recorded traces
//! beside it. [`Scenario::parse`] reads it, looks up every name, fills in defaults and [`presets`], checks every number
//! and reports everything there is to report at once, each with its place, what is wrong and what would be right. What it
//! returns cannot fail any more. Besides errors there are warnings: settings that are allowed, and that teach
//! something because they go wrong in production.
//!
//! This is the only room that knows names as strings. It reads no files: what a scenario names is asked of a function.

pub mod document;
mod findings;
mod lint;
mod overrides;
pub mod preset;
mod reference;
mod resolve;
mod wording;

pub use findings::Findings;
pub use preset::{PresetInfo, Setting, SettingKind, presets};
pub use reference::reference;
pub use resolve::MAX_TRACE_BYTES;

use crate::fault::{FaultKind, FaultSpec, VariantSpec};
use crate::ids::{Id, Table};
use crate::model::{Hotfix, SystemSpec};
use crate::observe::{EvidenceSpec, MonitoringSpec};
use crate::response::people::PeopleSpec;
use crate::response::{HotfixOffer, MenuSpec, Testing};
use crate::text::{Decode, Diagnostics, Node, Source, read_tree};
use crate::traffic::PopulationSpec;
use crate::units::SimDuration;

use findings::Sources;

/// The version of the file format that is read.
pub const FORMAT: u32 = 1;

/// How the files that a scenario names are read: the bytes of a file by its name as written, `None` if there is no such
/// file or it may not be read.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// For scenarios that name no other files.
#[must_use]
pub fn no_files(_: &str) -> Option<Vec<u8>> {
    None
}

/// A scenario after every name has become an id and every number has been checked. Nothing in it can fail any more.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name by which it is called: `one-slash`.
    pub name: String,
    /// The title a person reads.
    pub title: String,
    /// The story, as Markdown.
    pub story: String,
    /// What else a person wants to know before choosing it.
    pub about: About,
    /// How long a run is.
    pub duration: SimDuration,
    /// The system.
    pub system: SystemSpec,
    /// The populations, in file order.
    pub populations: Table<PopulationSpec>,
    /// The hidden variants, in file order, at least one.
    pub variants: Vec<VariantSpec>,
    /// What happens in every variant, in addition to the variant's own faults and deploys.
    pub always: VariantSpec,
    /// The hotfixes that the team could write, offered to whoever leads.
    pub hotfixes: Vec<HotfixSpec>,
    /// Who takes part besides the lead; without anybody, what is ordered happens at once.
    pub people: Option<PeopleSpec>,
    /// What else there is to say of the menu of whoever leads.
    pub menu: MenuSpec,
    /// What is instrumented, and what raises an alert.
    pub monitoring: MonitoringSpec,
    /// What can be asked, and how long that takes.
    pub evidence: EvidenceSpec,
}

/// What a person wants to know about a scenario; nothing of it changes a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// How hard it is for whoever leads.
    pub difficulty: Option<Difficulty>,
    /// How long a session with a person takes, roughly.
    pub length: Option<SimDuration>,
    /// The mechanisms it shows, in words.
    pub mechanisms: Vec<String>,
    /// The skills it trains, in words.
    pub skills: Vec<String>,
    /// The public sources it is built from.
    pub sources: Vec<SourceNote>,
    /// What no source says and the author chose.
    pub designer_choices: Vec<String>,
}

impl From<&document::Scenario> for About {
    fn from(doc: &document::Scenario) -> Self {
        Self {
            difficulty: doc.difficulty.written().map(Difficulty::from),
            length: doc.length.written().copied(),
            mechanisms: doc.mechanisms.0.clone().unwrap_or_default(),
            skills: doc.skills.0.clone().unwrap_or_default(),
            sources: doc.sources.iter().map(SourceNote::from).collect(),
            designer_choices: doc.designer_choices.0.clone().unwrap_or_default(),
        }
    }
}

/// A hotfix that the team could write. Whether it helps depends on the hidden variant.
#[derive(Clone, Debug, PartialEq)]
pub struct HotfixSpec {
    /// The name by which it is ordered.
    pub name: String,
    /// What the team says it would do.
    pub title: String,
    /// The hotfix, tested as is usual: as the first of `testing`, if there are several ways.
    pub hotfix: Hotfix,
    /// The ways to test it before it is rolled out, the usual one first; empty where there is no choice.
    pub testing: Vec<Testing>,
}

impl HotfixSpec {
    /// The hotfix as the menu takes it.
    #[must_use]
    pub fn offer(&self) -> HotfixOffer<'_> {
        HotfixOffer { name: &self.name, title: &self.title, hotfix: &self.hotfix, testing: &self.testing }
    }
}

/// A public source of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceNote {
    /// Its title, with its date or version.
    pub title: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// What the scenario takes from it.
    pub says: String,
}

impl From<&document::SourceNote> for SourceNote {
    fn from(doc: &document::SourceNote) -> Self {
        Self { title: doc.title.clone(), url: doc.url.clone(), says: doc.says.clone() }
    }
}

/// How hard a scenario is for whoever leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difficulty {
    /// One cause, plain symptoms.
    Introductory,
    /// Misleading symptoms, or a choice with a price.
    Intermediate,
    /// Several causes, or a remedy that makes it worse.
    Advanced,
    /// All of it at once.
    Expert,
}

impl From<&document::Difficulty> for Difficulty {
    fn from(doc: &document::Difficulty) -> Self {
        match doc {
            document::Difficulty::Introductory => Self::Introductory,
            document::Difficulty::Intermediate => Self::Intermediate,
            document::Difficulty::Advanced => Self::Advanced,
            document::Difficulty::Expert => Self::Expert,
        }
    }
}

impl Scenario {
    /// Reads a scenario. Returns it with the warnings about it.
    ///
    /// # Errors
    /// When anything is wrong: everything that is, warnings included.
    pub fn parse(source: &Source, files: Files<'_>) -> Result<(Self, Findings), Findings> {
        Self::with_overrides(source, &[], files)
    }

    /// Reads a scenario in which values are replaced before anything is looked up.
    ///
    /// Each override is a path and a value. A path is made of field names and names, with dots in between:
    /// `services.api.instances`, `populations.web.arrivals`, `services.api.calls.db.layers.Timeout`; a dependency is found
    /// by its target or its name, a layer by its kind, any item of a list by its number from 0. The value is written as
    /// in the file; a quantity needs no quotes (`250ms`). Where the value of a variant such as `Timeout("1s")` or
    /// `Poisson("80/s")` is a bare quantity, it can be replaced alone.
    ///
    /// # Errors
    /// As [`Scenario::parse`]; what is wrong with an override is located in a text named `--set`.
    pub fn with_overrides(
        source: &Source,
        overrides: &[(&str, &str)],
        files: Files<'_>,
    ) -> Result<(Self, Findings), Findings> {
        let mut sources = Sources::default();
        sources.add(source.clone());
        let read = read_tree(source);
        let mut diagnostics = read.diagnostics;
        diagnostics.speak(wording::WORDS);
        let scenario = read.value.and_then(|mut tree| {
            overrides::apply(&mut tree, overrides, &mut sources, &mut diagnostics);
            check_format(&tree, &mut diagnostics)?;
            let doc = document::Scenario::decode(&tree, &mut diagnostics)?;
            let resolved = resolve::resolve(&doc, &mut sources, files, &mut diagnostics)?;
            lint::lint(&resolved, &mut diagnostics);
            Some(resolved.scenario)
        });
        let findings = Findings::new(sources, diagnostics);
        match scenario {
            Some(scenario) if !findings.has_errors() => Ok((scenario, findings)),
            _ => Err(findings),
        }
    }

    /// The traffic spikes that may hit a population, in any variant.
    fn spikes(&self, population: Id<PopulationSpec>) -> impl Iterator<Item = &FaultSpec> {
        let variants = self.variants.iter().chain(std::iter::once(&self.always));
        variants.flat_map(|variant| &variant.faults).filter(
            move |fault| matches!(fault.kind, FaultKind::TrafficSpike { population: hit, .. } if hit == population),
        )
    }
}

/// A file of another format is not judged by this one.
fn check_format(tree: &Node, diagnostics: &mut Diagnostics) -> Option<()> {
    use crate::text::{Diagnostic, Kind};
    let body = match &tree.kind {
        Kind::Named { body, .. } => body,
        _ => tree,
    };
    let Kind::Struct(fields) = &body.kind else { return Some(()) };
    let Some(format) = fields.iter().find(|field| field.name.value == "format") else { return Some(()) };
    match &format.value.kind {
        Kind::Number(number) if *number != FORMAT.to_string() => {
            let message = format!("format {number} is not known here");
            let diagnostic = Diagnostic::error("unknown-format", format.value.span.clone(), message);
            diagnostics.push(diagnostic.help(format!("this version reads format {FORMAT}")));
            None
        }
        _ => Some(()),
    }
}

/// The JSON Schema (draft 2020-12) of the file format, for editors and generators.
///
/// A RON struct is an object, a map is an object, a variant without values is its name as a string and any other an object
/// with the variant's name as its only key.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    crate::text::json_schema::<document::Scenario>().into()
}
