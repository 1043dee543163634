//! A session: somebody leads a simulation, a policy or a person, through one door.

mod hearing;

use std::sync::Arc;

use crate::observe::Subject;
use crate::policy::{Cue, Names, Policy, Runbook};
use crate::record::{Header, Mode, Origin, Record, ReplayError, Replayed};
use crate::response::{Actor, Command, Logged, Refusal};
use crate::scenario::{Findings, Scenario};
use crate::simulation::Simulation;
use crate::text::Source;
use crate::units::{SimDuration, SimTime};

use hearing::Hearing;

/// A simulation that is led.
#[derive(Debug)]
pub struct Session {
    simulation: Simulation,
    mode: Mode,
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
        Self { simulation, mode, hearing }
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
        Ok(Self::start(simulation, record.header.mode))
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
        Header::of(&self.simulation, origin, self.mode, led_by)
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
    pub fn command(&mut self, by: Actor, command: Command) -> Result<(), Refusal> {
        self.simulation.command(by, command)
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
            let _ = self.simulation.command(Actor::Lead, command);
        }
    }
}
