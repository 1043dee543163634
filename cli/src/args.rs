//! What the user may type, as typed: checked for form, not for meaning.

use std::path::PathBuf;

use brownout::policy::BuiltIn;
use brownout::record::Mode;
use brownout::units::{SimDuration, SimTime, UnitError};
use clap::{Parser, Subcommand};

/// The seed of a run that names none. Fixed, so that a run without options can be repeated.
pub(crate) const DEFAULT_SEED: u64 = 2;

/// How long a program that leads has for each answer, where nothing is said.
pub(crate) const DEFAULT_POLICY_TIME_LIMIT: SimDuration = SimDuration::from_secs(10);

/// A flight simulator for the person who leads an incident.
///
/// Without a command it starts at once: in a window where there is a display, else by terminal play where there is a terminal, else
/// with a demonstration.
#[derive(Debug, Parser)]
#[command(name = "brownout", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the built-in scenarios
    List(ListArgs),
    /// Check scenario files and report everything wrong with them at once
    Check(CheckArgs),
    /// Run a scenario once and print what came of it
    Run(RunArgs),
    /// Lead an incident yourself, in the terminal
    Play(PlayArgs),
    /// Play a recorded session again and print what came of it, or whether it comes to the same
    Replay(ReplayArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Scenario files, scenario folders, names of built-in scenarios, or - for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["schema", "reference"])]
    pub(crate) files: Vec<String>,
    /// Print the JSON Schema of the file format instead, for editors and generators
    #[arg(long, conflicts_with = "files")]
    pub(crate) schema: bool,
    /// Print the reference of the file format instead, as Markdown: an example, every type, every preset
    #[arg(long, conflicts_with_all = ["files", "schema"])]
    pub(crate) reference: bool,
    /// Check again whenever a file, or a trace that it names, changes, until interrupted (Ctrl-C)
    ///
    /// An empty line on standard output separates the verdicts of one round from those of the next.
    #[arg(long, conflicts_with_all = ["schema", "reference"])]
    pub(crate) watch: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = policies_help())]
pub(crate) struct RunArgs {
    /// The name of a built-in scenario, or a path to a .ron file
    pub(crate) scenario: String,
    /// Decides all luck of the run, the hidden variant included
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, allow_hyphen_values = true, value_parser = seed)]
    pub(crate) seed: u64,
    /// Who leads: a policy of the list below, runbook:FILE, or exec:COMMAND
    #[arg(long, value_name = "P", default_value = "none")]
    pub(crate) policy: String,
    /// How long a policy that is a program has for each answer, in real time
    #[arg(long, value_name = "TIME", default_value_t = DEFAULT_POLICY_TIME_LIMIT, value_parser = time_limit)]
    pub(crate) policy_time_limit: SimDuration,
    /// Stop at this time of the simulation, such as 30m or 12:30 (minutes and seconds); whole seconds
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = instant)]
    pub(crate) until: Option<SimTime>,
    /// Make this hidden variant true instead of drawing one by weight
    #[arg(long, value_name = "V")]
    pub(crate) variant: Option<String>,
    /// Replace a value of the scenario file, such as services.api.instances=8; may be given more than once
    #[arg(long = "set", value_name = "K=V", value_parser = key_and_value)]
    pub(crate) overrides: Vec<(String, String)>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write everything measured, second by second, as CSV or Parquet by the file's ending
    #[arg(long, value_name = "FILE")]
    pub(crate) series: Option<PathBuf>,
    /// Write what it takes to repeat the run (scenario, seed, commands) as JSON lines, for `brownout replay`
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = PLAY_HELP)]
pub(crate) struct PlayArgs {
    /// The name of a built-in scenario, or a path to a .ron file; with --resume only for a file
    #[arg(required_unless_present = "resume")]
    pub(crate) scenario: Option<String>,
    /// Decides all luck of the session, the hidden variant included [default: another one each time, told at the end]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// How it is played [default: rehearse]
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) mode: Option<PlayMode>,
    /// Write the session as it goes on, as JSON lines; the file must not exist yet
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Go on with a session that was left or broken off, in its record
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "mode", "record"])]
    pub(crate) resume: Option<PathBuf>,
}

/// The modes of a session, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PlayMode {
    /// To try things out
    Rehearse,
    /// To learn
    Coach,
    /// To be measured: the clock cannot be stopped
    Assess,
}

impl From<PlayMode> for Mode {
    fn from(mode: PlayMode) -> Self {
        match mode {
            PlayMode::Rehearse => Self::Rehearse,
            PlayMode::Coach => Self::Coach,
            PlayMode::Assess => Self::Assess,
        }
    }
}

const PLAY_HELP: &str = "\
On a terminal it draws the situation and takes commands by number (Enter opens the menu) and by text (Tab completes, `help`
lists them). Where standard input or output is no terminal, or TERM is dumb, it reads commands from standard input, one a line,
and prints plain lines; time passes with `wait 5m` then.

The summary at the end is that of `brownout run`. A session that was left (`leave`, Ctrl-C) or killed goes on with --resume.

Exit codes: 0 the session was ended or left; 2 bad input; 130 told to end by a signal.

Examples:
  brownout play one-slash
  brownout play one-slash --mode assess --record mine.jsonl
  brownout play --resume mine.jsonl
  printf 'wait 10m\\nroll-back registry\\nwait 5m\\n' | brownout play one-slash";

#[derive(Debug, clap::Args)]
#[command(after_help = REPLAY_HELP)]
pub(crate) struct ReplayArgs {
    /// A file that --record has written, or - for standard input
    pub(crate) record: String,
    /// Print one line, whether the replay comes to the same digest, instead of the summary
    #[arg(long)]
    pub(crate) verify: bool,
    /// Where the scenario is, if it is not a built-in one: a path to its file, or to its folder
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<String>,
    /// Print the summary as JSON
    #[arg(long, conflicts_with = "verify")]
    pub(crate) json: bool,
}

const REPLAY_HELP: &str = "\
The scenario must be the one that was played, to the letter, and the engine of the version that played it: digests can be
compared within one version only.

Exit codes: 0 the replay is the same; 1 it is not, or the record was altered or cut off (said by --verify; without it such
a record is refused with 2); 2 bad input.

Examples:
  brownout run one-slash --policy rollback-first --record run.jsonl
  brownout replay run.jsonl
  brownout replay run.jsonl --verify
  brownout replay mine.jsonl --scenario mine.ron";

/// Policies that are not built in.
const OTHER_POLICIES: [(&str, &str); 3] = [
    ("runbook:FILE", "does what a rule file says; the file is checked against the scenario first (docs/runbook.md)"),
    ("exec:COMMAND", "asks a program over JSON lines; if that fails, so does the run (docs/external-policies.md)"),
    (
        "oracle",
        "for bounds only: forks the true world, tries every option, takes the one after which users lose the least",
    ),
];

fn policies_help() -> String {
    let mut help = "Policies:\n".to_owned();
    for policy in BuiltIn::ALL {
        help.push_str(&format!("  {:<18} {}\n", policy.name, policy.summary));
    }
    for (name, summary) in OTHER_POLICIES {
        help.push_str(&format!("  {name:<18} {summary}\n"));
    }
    help.push_str("\nExamples:\n  brownout run one-slash --policy rollback-first\n  ");
    help.push_str("brownout run one-slash --policy hotfix-first --seed 7 --json");
    help.push_str("\n  brownout run one-slash --policy runbook:on-call.ron");
    help.push_str("\n  brownout run one-slash --policy 'exec:python3 lead.py' --record run.jsonl");
    help.push_str("\n  brownout run one-slash --set services.registry.calls.links.latency=5ms");
    help.push_str(
        "\n  brownout run one-slash --set services.registry.calls.0.latency=5ms --set services.links.instances=8",
    );
    help
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_not_a_seed| format!("a seed is a whole number from 0 to {}, in base ten", u64::MAX))
}

fn instant(text: &str) -> Result<SimTime, String> {
    text.parse().map_err(|error: UnitError| format!("{error}; {}", error.help()))
}

fn time_limit(text: &str) -> Result<SimDuration, String> {
    let span: SimDuration = text.parse().map_err(|error: UnitError| format!("{error}; {}", error.help()))?;
    if span.is_zero() { Err("no program answers in no time; write a span such as 10s".to_owned()) } else { Ok(span) }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write PATH=VALUE, such as services.api.instances=8")?;
    if key.is_empty() || value.is_empty() {
        return Err("both sides of = must be given, such as services.api.instances=8".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}
