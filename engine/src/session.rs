//! A session: somebody leads a simulation, a policy or a person, through one door.

mod hearing;
pub mod probes;

use std::sync::Arc;

use crate::coach::{self, Had, Hint, NoHint};
use crate::observe::Subject;
use crate::policy::{Cue, Names, Policy, Runbook};
use crate::record::{Branch, Header, Mode, Origin, Record, ReplayError, Replayed};
use crate::response::{Actor, Command, Logged, Refusal};
use crate::scenario::{Findings, Scenario};
use crate::simulation::Simulation;
use crate::text::Source;
use crate::units::{SimDuration, SimTime};

use hearing::Hearing;
use probes::Probe;

/// Why there is no hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HintError {
    /// Only [`Mode::Coach`] has a coach.
    NoCoach(Mode),
    /// The coach has none now.
    None(NoHint),
}

impl std::fmt::Display for HintError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCoach(mode) => write!(f, "there are no hints in {mode} mode, only in coach mode"),
            Self::None(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for HintError {}

/// Why a session cannot go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RewindError {
    /// Only [`Mode::Coach`] goes back.
    NoCoach(Mode),
    /// It is not that late yet; it is this late.
    NotBefore(SimTime),
    /// It began in a fork with other luck, or the model was given orders past the log: what was cannot be played again.
    Untold,
}

impl std::fmt::Display for RewindError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCoach(mode) => write!(f, "there is no way back in {mode} mode, only in coach mode"),
            Self::NotBefore(now) => write!(f, "it is {now} now; name an earlier time"),
            Self::Untold => {
                write!(f, "there is no way back: this did not begin at the start, or not all of it is in the log")
            }
        }
    }
}

impl std::error::Error for RewindError {}

/// A simulation that is led.
#[derive(Debug)]
pub struct Session {
    simulation: Simulation,
    mode: Mode,
    branched_from: Option<Branch>,
    /// What whoever leads has taken notice of.
    hearing: Hearing,
}

impl Session {
    /// A session that goes on from where the simulation is, to rehearse.
    #[must_use]
    pub fn new(simulation: Simulation) -> Self {
        Self::start(simulation, Mode::Rehearse)
    }

    /// A session that goes on from where the simulation is, in a mode.
    #[must_use]
    pub fn start(simulation: Simulation, mode: Mode) -> Self {
        let hearing = Hearing::of(&simulation);
        Self { simulation, mode, branched_from: None, hearing }
    }

    /// The session of a record without an end, replayed as far as it tells, to go on from there. [`Record::writer`] writes
    /// what follows.
    ///
    /// # Errors
    /// When the session had come to its end, or the record does not replay with this scenario.
    pub fn resume(record: &Record, scenario: Arc<Scenario>) -> Result<Self, ReplayError> {
        if record.end.is_some() {
            return Err(ReplayError::Ended);
        }
        let Replayed { simulation, .. } = record.replay(scenario)?;
        let branched_from = record.header.branched_from.clone();
        Ok(Self { branched_from, ..Self::start(simulation, record.header.mode) })
    }

    /// How it is played.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The first line of its record: what a shell writes when the session begins, with a
    /// [`Writer`](crate::record::Writer) for the lines that follow.
    ///
    /// A record repeats a session that began with its simulation at the start and in which everything went through
    /// [`Session::command`] or a policy.
    #[must_use]
    pub fn header(&self, origin: Origin, led_by: impl Into<String>) -> Header {
        let branched_from = self.branched_from.clone();
        Header { branched_from, ..Header::of(&self.simulation, origin, self.mode, led_by) }
    }

    /// Its whole record, if it ends now.
    #[must_use]
    pub fn record(&self, origin: Origin, led_by: impl Into<String>) -> Record {
        Record::ended(self.header(origin, led_by), &self.simulation)
    }

    /// The simulation.
    #[must_use]
    pub const fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// The simulation, as it is when nobody leads it any more.
    #[must_use]
    pub fn into_simulation(self) -> Simulation {
        self.simulation
    }

    /// What has been done so far, in time order; refused commands included.
    #[must_use]
    pub fn commands(&self) -> &[Logged] {
        self.simulation.commands()
    }

    /// Does something now, and puts it in the log.
    ///
    /// # Errors
    /// When it makes no sense now. Nothing has changed then; the log has it with the refusal.
    ///
    /// A hint comes from [`Session::hint`] alone, and a reply is one to the probe that is open; anything else of these kinds is refused
    /// and is not in the log.
    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), Refusal> {
        match &command {
            Command::Hint { .. } => return Err(Refusal::NotAsked),
            Command::Reply { probe, .. } if self.probe().is_none_or(|open| open.number != *probe) => {
                return Err(Refusal::NotAsked);
            }
            _ => {}
        }
        self.simulation.command(by, command)
    }

    /// Asks the coach: a question from nothing but what can be seen now. It is in the log, and takes no time.
    ///
    /// # Errors
    /// When it is no session with a coach, when the last question was a short while ago, or when there is nothing to ask.
    pub fn hint(&mut self) -> Result<Hint, HintError> {
        if self.mode != Mode::Coach {
            return Err(HintError::NoCoach(self.mode));
        }
        let had = self.commands().iter().filter_map(|logged| match &logged.command {
            Command::Hint { about, .. } => Some(Had { at: logged.at, about }),
            _ => None,
        });
        let hint = coach::hint(&self.simulation.observe(), &had.collect::<Vec<_>>()).map_err(HintError::None)?;
        let Hint { about, question } = hint.clone();
        self.simulation.command(Actor::Lead, Command::Hint { about, question }).expect("a question changes nothing");
        Ok(hint)
    }

    /// The probe that is open: in assess mode, the first that is due and was neither answered nor declined. A shell in which a person
    /// leads covers what is shown, lets no time pass and takes no other command while one is open; policies are not asked.
    #[must_use]
    pub fn probe(&self) -> Option<Probe> {
        if self.mode != Mode::Assess {
            return None;
        }
        let reply = |logged: &&Logged| logged.refused.is_none() && matches!(logged.command, Command::Reply { .. });
        let replied = self.commands().iter().filter(reply).count();
        let due = |probe: &Probe| probe.at <= self.simulation.now();
        self.probes().into_iter().nth(replied).filter(due)
    }

    /// Every probe of this scenario under this seed, in time order; whoever leads must not see it.
    #[must_use]
    pub fn probes(&self) -> Vec<Probe> {
        probes::schedule(self.simulation.scenario(), self.simulation.seed())
    }

    /// A session of the same scenario, seed and variant at its very start.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        let (scenario, seed) = (Arc::clone(self.simulation.scenario()), self.simulation.seed());
        Self::start(Simulation::with_variant(scenario, seed, self.simulation.variant_index()), self.mode)
    }

    /// A session that goes on from an earlier instant of this one, as everything was then; what was done later is left to this one,
    /// whose record can be kept beside the other's.
    ///
    /// # Errors
    /// When it is no session with a coach, the instant is not before now, or what was cannot be played again.
    pub fn rewind(&self, to: SimTime) -> Result<Self, RewindError> {
        if self.mode != Mode::Coach {
            return Err(RewindError::NoCoach(self.mode));
        }
        if to >= self.simulation.now() {
            return Err(RewindError::NotBefore(self.simulation.now()));
        }
        if !self.simulation.is_told_by_its_log() {
            return Err(RewindError::Untold);
        }
        let mut earlier = self.from_the_start().into_simulation();
        for logged in self.commands().iter().take_while(|logged| logged.at < to) {
            earlier.run_until(logged.at);
            // It is refused again if it was then.
            let _ = earlier.command(logged.by, logged.command.clone());
        }
        earlier.run_until(to);
        let left_digest = self.simulation.digest().to_string();
        let (at_nanos, left_nanos) = (to.as_nanos(), self.simulation.now().as_nanos());
        let branched_from = Some(Branch { at_nanos, left_nanos, left_digest });
        Ok(Self { branched_from, ..Self::start(earlier, self.mode) })
    }

    /// Runs until an instant; nobody is asked on the way.
    pub fn run_until(&mut self, until: SimTime) {
        self.simulation.run_until(until);
        self.hearing = Hearing::of(&self.simulation);
    }

    /// Runs until an instant. The policy is asked at each whole second at which there is something new for it, once, and what it
    /// decides is done: dashboards show a new reading, an alert changed, a notification arrived, somebody said something or
    /// interrupted.
    pub fn lead_until(&mut self, policy: &mut dyn Policy, until: SimTime) {
        while self.simulation.now() < until {
            let since = self.simulation.now();
            let second = SimTime::from_secs(since.whole_secs()).saturating_add(SimDuration::SECOND);
            self.simulation.run_until(second.min(until));
            let cues = self.hearing.catch_up(&self.simulation, since);
            if !cues.is_empty() {
                self.decide(policy, &cues);
            }
        }
    }

    /// Runs until an instant, led by somebody who is asked at whole multiples of a spacing and sees everything, the truth included: for
    /// bounds and for tools. What they decide is done.
    pub fn lead_seeing_until(
        &mut self,
        spacing: SimDuration,
        mut decide: impl FnMut(&Simulation) -> Vec<Command>,
        until: SimTime,
    ) {
        let spacing = spacing.max(SimDuration::SECOND).as_nanos();
        while self.simulation.now() < until {
            let next = SimTime::from_nanos((self.simulation.now().as_nanos() / spacing + 1).saturating_mul(spacing));
            self.run_until(next.min(until));
            if next <= until {
                self.give(decide(&self.simulation));
            }
        }
    }

    /// Runs to the end of the scenario, led by a policy.
    pub fn lead_to_end(&mut self, policy: &mut dyn Policy) {
        self.lead_until(policy, SimTime::ZERO + self.simulation.scenario().duration);
    }

    /// Reads the rule file of a policy that is to lead this session. Its names are looked up in what can be seen and done now, and
    /// nothing else; with it come warnings, such as about a signal that no dashboard shows.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    pub fn runbook(&self, source: &Source) -> Result<(Runbook, Findings), Findings> {
        let (observation, menu, subjects) = (self.simulation.observe(), self.simulation.menu(), self.subjects());
        let names = Names { observation: &observation, menu: &menu, subjects: &subjects };
        match Runbook::read(source, &names) {
            Ok((runbook, warnings)) => Ok((runbook, Findings::of(source, warnings))),
            Err(diagnostics) => Err(Findings::of(source, diagnostics)),
        }
    }

    /// The names of everything that signals can be of.
    fn subjects(&self) -> Vec<String> {
        let scenario = self.simulation.scenario();
        let (system, populations) = (&scenario.system, &scenario.populations);
        let services = system.services.ids().map(Subject::Service);
        let endpoints = system.endpoints.ids().map(Subject::Endpoint);
        let dependencies = system.dependencies.ids().map(Subject::Dependency);
        let all = services.chain(endpoints).chain(dependencies).chain(populations.ids().map(Subject::Population));
        all.map(|subject| subject.name(system, populations)).collect()
    }

    fn decide(&mut self, policy: &mut dyn Policy, cues: &[Cue]) {
        policy.attend(cues);
        let observation = self.simulation.observe();
        let menu = self.simulation.menu();
        self.give(policy.decide(&observation, &menu));
    }

    fn give(&mut self, commands: Vec<Command>) {
        for command in commands {
            // A refusal is in the log; whoever decides sees that nothing has changed.
            let _ = self.command(Actor::Lead, command);
        }
    }
}
